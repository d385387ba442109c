//! From what a foreign portal shows to entries of its unit, attested by the hub.

use super::entry::{self, Met, Origin};
use super::quarantine;
use super::source::{self, Report};
use crate::relay;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, IntoActiveModel, PaginatorTrait, Set};
use shared::clock::from_millis;
use shared::directory::site_record;
use shared::entries::{Item, apply, record};
use shared::error::{self, Result};
use shared::feeds::read::{ForeignEntry, Quarantined, ReadFeed};
use shared::log::{self, Digest, EventKind, NewEvent};
use shared::site::Site;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How many entries are stored in one transaction: others write in between.
const AT_ONCE: usize = 25;
/// How many articles a source may show for the first time in a day, as many as one document holds: some
/// give their articles other names each time they are asked.
const MOST_NEW: u64 = 1_000;
/// How often an entry may be revised at once; after that, once an hour. Some sources change their
/// text each time they are asked.
const MOST_REVISIONS: i64 = 24;
const HOUR: i64 = 60 * 60 * 1_000;

/// What is known of an item of a source. Its row stays for ever, whatever becomes of the entry: an
/// item that was forgotten would be imported again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_items")]
pub struct Model {
    /// Where it was read.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: Uuid,
    /// What it is recognised by there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub identity: String,
    /// The entry it became.
    pub entry_id: Uuid,
    /// The entry's revision that says what it says.
    pub rev: i64,
    /// Digest of what it said last.
    pub content_hash: Option<Vec<u8>>,
    /// Revisions not yet forgiven; one is each hour.
    pub hash_only_updates: i64,
    /// When it was first met; milliseconds.
    pub first_seen_at: i64,
    /// When it last became a revision; milliseconds.
    pub last_changed_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Revisions not yet forgiven at `now`.
    fn revisions_at(&self, now: DateTime<Utc>) -> i64 {
        let hours = (now.timestamp_millis() - self.last_changed_at) / HOUR;
        (self.hash_only_updates - hours).max(0)
    }
}

/// What is known of the items of the source `source_id`.
pub async fn of_source<C: ConnectionTrait>(db: &C, source_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SourceId.eq(source_id))
        .all(db)
        .await?)
}

/// Forgets the items of a source that only compares; never those of one that imports.
pub(super) async fn forget_source<C: ConnectionTrait>(db: &C, source_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::SourceId.eq(source_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Takes in what `feed` shows that is new or has changed, sets aside what cannot be, and notes the
/// result with the last of it. What the feed no longer shows stays as it is.
pub(super) async fn import(
    site: &Arc<Site>,
    source: &source::Model,
    feed: ReadFeed,
    mut report: Report,
) -> Result<Report> {
    let Some(member) = site_record::find(site.db.reader(), source.site_id).await? else {
        return Err(anyhow::anyhow!("source {} is of no site we know", source.id).into());
    };
    let origin = Origin {
        title: member.title,
        url: member.base_url,
        sections: source.sections()?,
    };
    let now = site.clock.now();
    let changed = changed(site, source, feed.entries, now).await?;
    let (ready, refused) = prepare(changed, origin).await?;
    let mut quarantined = feed.quarantined;
    quarantined.extend(refused);
    let left = store_all(site, source.id, member.unit_id, ready, now).await;
    if let (false, Some(seen)) = (left.is_empty(), &mut report.seen) {
        // What the database would not take today it may take tomorrow.
        seen.validators = None;
    }
    quarantined.extend(left);
    if !quarantined.is_empty() {
        let held_back = format!("{} mục không đọc được", quarantined.len());
        report.detail = Some(match report.detail {
            Some(detail) => format!("{detail}; {held_back}"),
            None => held_back,
        });
    }

    let source = source.clone();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for entry in &quarantined {
                    if quarantine::keep(tx, source.id, entry, now).await? {
                        tracing::warn!(
                            source.id = %source.id,
                            source.url,
                            reason = entry.reason,
                            head = entry.head,
                            "an entry of a feed was set aside"
                        );
                    }
                }
                source::note(tx, source.id, &report, now).await?;
                Ok(report)
            })
        })
        .await
}

/// A foreign entry that is new or says something else than before.
struct Changed {
    entry: ForeignEntry,
    digest: Digest,
    entry_id: Uuid,
    met: Met,
}

/// What of `entries` is to become an entry or a revision of one.
async fn changed(
    site: &Site,
    source: &source::Model,
    entries: Vec<ForeignEntry>,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>> {
    let db = site.db.reader();
    let ours = origins_of_ours(db).await?;
    let identities: Vec<String> = entries
        .iter()
        .map(|entry| entry.identity.to_string())
        .collect();
    let known: HashMap<String, Model> = Entity::find()
        .filter(Column::SourceId.eq(source.id))
        .filter(Column::Identity.is_in(identities))
        .all(db)
        .await?
        .into_iter()
        .map(|known| (known.identity.clone(), known))
        .collect();
    let mut room = room_for_new(db, source.id, now).await?;
    let mut changed = Vec::new();
    for entry in entries {
        // What went out from here comes back in no other way.
        if entry.native.is_some() || is_ours(&entry, &ours) {
            continue;
        }
        let digest = entry::fingerprint(&entry);
        let known = known.get(&entry.identity.to_string());
        let is_new = known.is_none();
        match known {
            Some(known) if known.content_hash.as_deref() == Some(digest.as_bytes()) => {}
            Some(known) if known.revisions_at(now) >= MOST_REVISIONS => {
                tracing::debug!(
                    identity = known.identity,
                    "changes too often; left for later"
                );
            }
            None if room == 0 => {
                tracing::debug!(
                    source.url,
                    "shows more new articles a day than are taken; left for later"
                );
            }
            _ => changed.push(Changed {
                digest,
                entry_id: known.map_or_else(Uuid::now_v7, |known| known.entry_id),
                met: Met {
                    first: known.map_or(now, |known| from_millis(known.first_seen_at)),
                    now,
                },
                entry,
            }),
        }
        if is_new {
            room = room.saturating_sub(1);
        }
    }
    // The oldest first, so that the order of the stream is that of the pages.
    changed.sort_by_key(|one| one.entry.published.or(one.entry.updated));
    Ok(changed)
}

/// How many articles that were never seen before `source_id` may still show today.
async fn room_for_new<C: ConnectionTrait>(
    db: &C,
    source_id: Uuid,
    now: DateTime<Utc>,
) -> Result<u64> {
    let yesterday = (now - TimeDelta::days(1)).timestamp_millis();
    let seen = Entity::find()
        .filter(Column::SourceId.eq(source_id))
        .filter(Column::FirstSeenAt.gt(yesterday))
        .count(db)
        .await?;
    Ok(MOST_NEW.saturating_sub(seen))
}

/// Where the hub and its native members answer.
async fn origins_of_ours<C: ConnectionTrait>(db: &C) -> Result<HashSet<String>> {
    let sites = site_record::all(db).await?.into_iter();
    Ok(sites
        .filter(|site| !site.is_feed())
        .map(|site| site.base_url)
        .collect())
}

fn is_ours(entry: &ForeignEntry, ours: &HashSet<String>) -> bool {
    [&entry.link, &entry.source]
        .into_iter()
        .flatten()
        .filter_map(|address| url::Url::parse(address).ok())
        .any(|address| ours.contains(&address.origin().ascii_serialization()))
}

/// An entry ready to be stored.
#[derive(Clone)]
struct Ready {
    identity: String,
    digest: Digest,
    entry_id: Uuid,
    item: Item,
}

/// Makes entries of what changed, away from the threads that serve people. One that cannot be made is
/// set aside, and so is one that makes our code fail.
async fn prepare(changed: Vec<Changed>, origin: Origin) -> Result<(Vec<Ready>, Vec<Quarantined>)> {
    let work = move || {
        let mut ready = Vec::new();
        let mut refused = Vec::new();
        for (position, one) in changed.into_iter().enumerate() {
            let item = catch_unwind(AssertUnwindSafe(|| {
                entry::to_item(&one.entry, one.entry_id, &origin, one.met)
            }));
            match item.unwrap_or_else(|_| Err("making an entry of it failed".to_owned())) {
                Ok(item) => ready.push(Ready {
                    identity: one.entry.identity.to_string(),
                    digest: one.digest,
                    entry_id: one.entry_id,
                    item,
                }),
                Err(reason) => refused.push(Quarantined {
                    position,
                    reason,
                    head: head_of(&one.entry),
                }),
            }
        }
        (ready, refused)
    };
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(anyhow::Error::new)?)
}

fn head_of(entry: &ForeignEntry) -> String {
    let called = entry.title.as_ref().or(entry.link.as_ref());
    let identity = entry.identity.to_string();
    called.unwrap_or(&identity).chars().take(200).collect()
}

/// Stores what is ready, some at a time; one that the database does not take is left, with the reason.
async fn store_all(
    site: &Arc<Site>,
    source_id: Uuid,
    unit: Uuid,
    ready: Vec<Ready>,
    now: DateTime<Utc>,
) -> Vec<Quarantined> {
    let mut left = Vec::new();
    for some in ready.chunks(AT_ONCE) {
        if store_some(site, source_id, unit, some, now).await.is_ok() {
            continue;
        }
        for (position, one) in some.iter().enumerate() {
            let alone = std::slice::from_ref(one);
            if let Err(error) = store_some(site, source_id, unit, alone, now).await {
                left.push(Quarantined {
                    position,
                    reason: error::chain(&error),
                    head: one.item.title.clone(),
                });
            }
        }
    }
    left
}

/// Stores all of `some` or nothing.
async fn store_some(
    site: &Arc<Site>,
    source_id: Uuid,
    unit: Uuid,
    some: &[Ready],
    now: DateTime<Utc>,
) -> Result<()> {
    let (inner, some) = (Arc::clone(site), some.to_vec());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for one in some {
                    store(tx, &inner, source_id, unit, one, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Stores one entry or revision with the event that makes it known.
async fn store(
    tx: &DatabaseTransaction,
    site: &Site,
    source_id: Uuid,
    unit: Uuid,
    ready: Ready,
    now: DateTime<Utc>,
) -> Result<()> {
    let key = (source_id, ready.identity.clone());
    let known = Entity::find_by_id(key).one(tx).await?;
    if let Some(known) = known {
        let digest = ready.digest.as_bytes().to_vec();
        if known.entry_id != ready.entry_id || known.content_hash.as_ref() == Some(&digest) {
            // Another poll was faster.
            return Ok(());
        }
        let revisions = known.revisions_at(now);
        let mut rev = known.rev;
        // What was taken back here does not return because its source mends a word.
        if let Some(entry) = record::find_locked(tx, known.entry_id).await?
            && entry.is_live()
        {
            rev = entry.rev + 1;
            publish(tx, site, unit, &ready, rev).await?;
        }
        let mut change = known.into_active_model();
        change.rev = Set(rev);
        change.content_hash = Set(Some(digest));
        change.hash_only_updates = Set(revisions + 1);
        change.last_changed_at = Set(now.timestamp_millis());
        change.update(tx).await?;
        return Ok(());
    }
    publish(tx, site, unit, &ready, 1).await?;
    ActiveModel {
        source_id: Set(source_id),
        identity: Set(ready.identity),
        entry_id: Set(ready.entry_id),
        rev: Set(1),
        content_hash: Set(Some(ready.digest.as_bytes().to_vec())),
        hash_only_updates: Set(0),
        first_seen_at: Set(now.timestamp_millis()),
        last_changed_at: Set(now.timestamp_millis()),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Records the revision in our log for `unit`, makes it current, and places it as the routes say.
async fn publish(
    tx: &DatabaseTransaction,
    site: &Site,
    unit: Uuid,
    ready: &Ready,
    rev: i64,
) -> Result<()> {
    let kind = match rev {
        1 => EventKind::EntryPublished,
        _ => EventKind::EntryRevised,
    };
    let content = serde_json::to_value(&ready.item).map_err(anyhow::Error::new)?;
    let new = NewEvent {
        kind,
        lane: kind.lane(),
        unit,
        entry: Some(ready.entry_id),
        rev,
        content: Some(content),
        to: None,
    };
    let event = log::append(tx, site, new).await?;
    apply::apply(tx, &event, Some(&ready.item)).await?;
    let audience = site.role.recipients(tx, site, &event).await?;
    relay::place(tx, site, &event, &audience).await
}
