//! A second look at native members: does their public feed show anything that push has not brought?

use super::items;
use super::source::{self, CHECK_SCHEDULE, Outcome, Purpose, Report};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect, Set,
};
use shared::directory::site_record;
use shared::error::Result;
use shared::feeds::json_feed::EXTENSION;
use shared::feeds::read::ReadFeed;
use shared::log::{Header, event};
use shared::site::Site;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What we first missed less than this ago may still be on its way.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(2);

/// Sees to it that the feed of every active native member is looked at, at its present address.
pub async fn cover_members(site: &Site) -> Result<()> {
    let wanted = wanting(site.db.reader(), site.id).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (site_id, url, known) in wanted {
                    match known {
                        None => {
                            source::add(tx, site_id, Purpose::Check, &url, CHECK_SCHEDULE).await?;
                        }
                        Some(known) => {
                            let mut change = known.into_active_model();
                            change.url = Set(url);
                            change.etag = Set(None);
                            change.last_modified = Set(None);
                            change.polled_at = Set(None);
                            change.update(tx).await?;
                        }
                    }
                }
                Ok(())
            })
        })
        .await
}

/// The members to be looked at whose feed is not, or at another address.
async fn wanting<C: ConnectionTrait>(
    db: &C,
    ourselves: Uuid,
) -> Result<Vec<(Uuid, String, Option<source::Model>)>> {
    let checks = source::Entity::find()
        .filter(source::Column::Purpose.eq(Purpose::Check.as_str()))
        .all(db)
        .await?;
    let mut checks: HashMap<Uuid, source::Model> = checks
        .into_iter()
        .map(|check| (check.site_id, check))
        .collect();
    let wanting = site_record::all(db)
        .await?
        .into_iter()
        .filter(|member| member.id != ourselves && member.is_active() && !member.is_feed())
        .filter_map(|member| {
            let url = format!("{}/feed.json", member.base_url);
            let known = checks.remove(&member.id);
            let is_covered = known.as_ref().is_some_and(|known| known.url == url);
            (!is_covered).then_some((member.id, url, known))
        });
    Ok(wanting.collect())
}

/// Compares what `feed` shows of its own log with what we hold, and notes the result. Nothing is taken
/// in on this way: what is missing comes by push, or an operator looks why it does not.
pub(super) async fn compare(
    site: &Site,
    source: &source::Model,
    feed: &ReadFeed,
    mut report: Report,
) -> Result<Report> {
    let (source, now) = (source.clone(), site.clock.now());
    let shown: Vec<Header> = feed
        .entries
        .iter()
        .filter_map(|entry| header_of(entry.native.as_ref()?))
        .filter(|header| header.site == source.site_id)
        .collect();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(seen) = &mut report.seen {
                    let absent = absent(tx, &shown).await?;
                    if !absent.is_empty() {
                        // "Nothing new" would not tell whether it has come meanwhile.
                        seen.validators = None;
                    }
                    seen.missed = absent_for_long(tx, source.id, &absent, now).await?;
                    if seen.missed > 0 {
                        report.outcome = Outcome::Missing;
                        report.detail = Some(format!(
                            "{} mục có trên trang nhưng chưa về cổng",
                            seen.missed
                        ));
                    }
                    tell(&source, seen.missed);
                }
                source::note(tx, source.id, &report, now).await?;
                Ok(report)
            })
        })
        .await
}

/// One line when something begins to be missing, and one when nothing is any more.
fn tell(source: &source::Model, missed: usize) {
    match (source.missed > 0, missed > 0) {
        (false, true) => tracing::warn!(
            site.id = %source.site_id,
            source.url,
            missed,
            "a member shows entries that push has not brought"
        ),
        (true, false) => tracing::info!(
            site.id = %source.site_id,
            source.url,
            "push has brought what was missing"
        ),
        _ => {}
    }
}

/// How many of `absent` were so already a while ago. When we first missed each is kept by our own
/// clock: what was published a moment ago is still on its way, and the member's clock proves nothing.
async fn absent_for_long(
    tx: &DatabaseTransaction,
    source_id: Uuid,
    absent: &[&Header],
    now: DateTime<Utc>,
) -> Result<usize> {
    let known = items::of_source(tx, source_id).await?;
    items::forget_source(tx, source_id).await?;
    let long_ago = (now - ON_ITS_WAY).timestamp_millis();
    let mut count = 0;
    for header in absent {
        let Some(entry_id) = header.entry else {
            continue;
        };
        let since = known
            .iter()
            .find(|known| known.entry_id == entry_id && known.rev == header.rev)
            .map_or(now.timestamp_millis(), |known| known.first_seen_at);
        count += usize::from(since <= long_ago);
        items::ActiveModel {
            source_id: Set(source_id),
            identity: Set(entry_id.to_string()),
            entry_id: Set(entry_id),
            rev: Set(header.rev),
            content_hash: Set(None),
            hash_only_updates: Set(0),
            first_seen_at: Set(since),
            last_changed_at: Set(since),
        }
        .insert(tx)
        .await?;
    }
    Ok(count)
}

fn header_of(item: &serde_json::Value) -> Option<Header> {
    serde_json::from_value(item.get(EXTENSION)?.get("header")?.clone()).ok()
}

/// Those of `shown` that our log does not hold in this or a later revision; each entry once.
async fn absent<'a>(tx: &DatabaseTransaction, shown: &'a [Header]) -> Result<Vec<&'a Header>> {
    let entries: HashSet<Uuid> = shown.iter().filter_map(|header| header.entry).collect();
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let held: Vec<(Uuid, i64)> = event::Entity::find()
        .select_only()
        .column(event::Column::EntryId)
        .column_as(event::Column::Rev.max(), "rev")
        .filter(event::Column::EntryId.is_in(entries))
        .group_by(event::Column::EntryId)
        .into_tuple()
        .all(tx)
        .await?;
    let held: HashMap<Uuid, i64> = held.into_iter().collect();
    let mut met = HashSet::new();
    let is_absent = |header: &&Header| {
        header.entry.is_some_and(|entry| {
            held.get(&entry).is_none_or(|&rev| rev < header.rev) && met.insert(entry)
        })
    };
    Ok(shown.iter().filter(is_absent).collect())
}
