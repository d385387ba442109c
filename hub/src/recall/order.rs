//! The order to take an entry back everywhere.

use super::progress;
use crate::members::recipients;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::directory::site_record;
use shared::entries::order::{LAST_REVISION, Outcome};
use shared::entries::recall::{LONGEST_REASON, Recall};
use shared::entries::{Mode, apply, purge, record};
use shared::error::{Error, Result};
use shared::log::{self, Digest, EventKind, NewEvent, event};
use shared::media;
use shared::screening;
use shared::site::Site;
use shared::sync::{Audience, Selector, outgoing};
use std::sync::Arc;
use uuid::Uuid;

/// What is to be taken back, and why.
#[derive(Clone, Debug)]
pub struct Order {
    /// The entry.
    pub entry: Uuid,
    /// Why, in words to the public.
    pub reason: String,
    /// The legal act it rests on.
    pub basis: Option<String>,
    /// Whether its origin is to keep nothing of it either.
    pub erase: bool,
    /// The entry that says what is right instead.
    pub replacement: Option<Uuid>,
    /// The name of who orders it.
    pub by: String,
    /// Who that is.
    pub actor: Actor,
}

/// Takes an entry back everywhere: the event, its effect here, and the list of those who are to
/// follow, all in one transaction. [`Error::Invalid`] says what the order lacks.
pub async fn order(site: &Arc<Site>, order: Order) -> Result<event::Model> {
    let inner = Arc::clone(site);
    let event = site
        .db
        .write(move |tx| Box::pin(async move { carry_out(tx, &inner, order).await }))
        .await?;
    site.wake();
    tracing::info!(
        entry.id = event.entry_id.map(tracing::field::display),
        "recalled"
    );
    Ok(event)
}

/// The same as a piece of a transaction; [`Site::wake`] is for after its commit.
pub(super) async fn carry_out(
    tx: &DatabaseTransaction,
    site: &Site,
    order: Order,
) -> Result<event::Model> {
    let order = checked(tx, order).await?;
    let entry = record::find_locked(tx, order.entry)
        .await?
        .ok_or(Error::NotFound)?;
    let recall = Recall {
        site: entry.site_id,
        unit: entry.unit_id,
        reason: order.reason.clone(),
        erase: order.erase,
        basis: order.basis.clone(),
        replacement: order.replacement,
    };
    let new = NewEvent {
        kind: EventKind::EntryRecalled,
        lane: EventKind::EntryRecalled.lane(),
        unit: site.unit_id,
        entry: Some(order.entry),
        rev: recall.through(entry.rev),
        content: Some(recall.to_content(order.entry)?),
        to: None,
    };
    let case = case_of(tx, site, &entry, &order).await?;
    let event = log::append(tx, site, new).await?;
    apply::apply(tx, &event, None).await?;
    purge::purge(tx, site, order.entry).await?;
    let followers = recipients::of_event(tx, site, &event).await?;
    let followers = followers.into_iter().map(|(member, _)| member).collect();
    progress::begin(tx, site, case, &event, followers).await?;
    let subject = Subject::of(Kind::Entry, order.entry);
    let subject = match order.erase {
        true => subject.now("xóa hẳn"),
        false => subject,
    };
    let now = site.clock.now().timestamp_millis();
    audit::record(tx, &order.actor, Action::Recalled, subject, now).await?;
    Ok(event)
}

/// `order` with its words in one line, if it can be carried out. [`Error::Invalid`] says what it lacks.
pub(super) async fn checked(tx: &DatabaseTransaction, order: Order) -> Result<Order> {
    let reason = line(&order.reason);
    let basis = order.basis.as_deref().map(line);
    let basis = basis.filter(|basis| !basis.is_empty());
    check(&reason, basis.as_deref())?;
    screening::allow_text(tx, "reason", &reason).await?;
    screening::allow_text(tx, "basis", basis.as_deref().unwrap_or_default()).await?;
    check_replacement(tx, &order).await?;
    let entry = record::find_locked(tx, order.entry)
        .await?
        .ok_or(Error::NotFound)?;
    let standing = entry.standing()?;
    let is_done = standing.outcome() == Outcome::Recalled && !order.erase;
    if is_done || standing.recalled_through == LAST_REVISION {
        return Err(Error::Conflict("Bài này đã được thu hồi rồi.".to_owned()));
    }
    Ok(Order {
        reason,
        basis,
        ..order
    })
}

/// What is to be read instead is another entry that can be read.
async fn check_replacement(tx: &DatabaseTransaction, order: &Order) -> Result<()> {
    let Some(instead) = order.replacement else {
        return Ok(());
    };
    if instead == order.entry {
        let words = "Bài thay thế phải là một bài khác.";
        return Err(Error::invalid("replacement", words));
    }
    match record::find(tx, instead).await? {
        Some(instead) if instead.is_live() => Ok(()),
        _ => Err(Error::invalid(
            "replacement",
            "Bài thay thế không còn trên cổng tỉnh. Hãy chọn bài đang đăng.",
        )),
    }
}

fn line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(reason: &str, basis: Option<&str>) -> Result<()> {
    if reason.is_empty() {
        return Err(Error::invalid(
            "reason",
            "Hãy ghi lý do; bạn đọc sẽ thấy lý do này.",
        ));
    }
    for (field, words) in [("reason", reason), ("basis", basis.unwrap_or_default())] {
        if words.chars().count() > LONGEST_REASON {
            return Err(Error::invalid(field, "Dài tối đa 500 ký tự."));
        }
    }
    Ok(())
}

/// What is kept to find the entry elsewhere by, read before it is forgotten here.
async fn case_of(
    tx: &DatabaseTransaction,
    site: &Site,
    entry: &record::Model,
    order: &Order,
) -> Result<progress::NewCase> {
    let speaker = site_record::ever_of_unit(tx, entry.unit_id).await?;
    let is_foreign = speaker.as_ref().is_some_and(site_record::Model::is_feed);
    let mut media = Vec::new();
    for hash in media::record::of_entry(tx, entry.entry_id).await? {
        media.push(Digest::from_slice(&hash).map_err(anyhow::Error::new)?.hex());
    }
    Ok(progress::NewCase {
        entry_id: entry.entry_id,
        site_id: speaker.map_or(entry.site_id, |speaker| speaker.id),
        unit_id: entry.unit_id,
        title: (!order.erase && !entry.title.is_empty()).then(|| entry.title.clone()),
        path: format!("/{}/{}", entry.kind().path(), entry.entry_id.simple()),
        foreign_url: (is_foreign && !entry.url.is_empty()).then(|| entry.url.clone()),
        media,
        ordered_by: order.by.clone(),
        ordered_at: site.clock.now().timestamp_millis(),
    })
}

/// All who are to follow a recall of the entry `entry_id`: whoever was ever to receive anything of it,
/// whatever the routes say today, and its origin.
pub async fn audience(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<Audience> {
    let mut audience = outgoing::audience_so_far(tx, entry_id).await?;
    if let Some(entry) = record::find(tx, entry_id).await? {
        audience.add(Selector::Unit(entry.unit_id), Mode::Suggested);
    }
    Ok(audience)
}

/// The entry somebody means by its id, by the address of its page on any site, or by the address of
/// its page at a portal that is not ours.
pub async fn find_entry(site: &Site, meant: &str) -> Result<Option<record::Model>> {
    let meant = meant.trim();
    let db = site.db.reader();
    let last = meant
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let id = Uuid::try_parse(meant)
        .ok()
        .or_else(|| record::id_from_slug(last));
    if let Some(id) = id
        && let Some(found) = record::find(db, id).await?
    {
        return Ok(Some(found));
    }
    if meant.is_empty() {
        return Ok(None);
    }
    use sea_orm::ColumnTrait;
    Ok(record::Entity::find()
        .filter(record::Column::Url.eq(meant))
        .order_by_desc(record::Column::Id)
        .one(db)
        .await?)
}

/// Whether the recall `event` leaves nothing at the origin either.
pub(super) async fn erases(event: &event::Model, tx: &DatabaseTransaction) -> Result<bool> {
    let recall = shared::entries::recall::Entity::find_by_id(event.id)
        .one(tx)
        .await?;
    Ok(recall.is_some_and(|recall| recall.erase))
}
