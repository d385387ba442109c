//! What this site holds of an entry, looked at again: from the rows on the disk, not from what was thought
//! of them when they came in.

use super::judge::{Findings, Words, WordsFound, judge};
use crate::directory::{Directory, KnownKey};
use crate::entries::{Item, record};
use crate::error::Result;
use crate::log::{EventKind, Header, SignedHeader, content, event};
use crate::scrub::notice;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

/// An event about an entry, and what was found out about it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The row it lies in, if that can be read.
    pub event: Option<event::Model>,
    /// Its header and signature, if they can be read.
    pub signed: Option<SignedHeader>,
    /// The key it names, as far as that is known.
    pub key: Option<KnownKey>,
    /// What was found out.
    pub findings: Findings,
}

impl Checked {
    fn unreadable(event: Option<event::Model>) -> Self {
        Self {
            event,
            signed: None,
            key: None,
            findings: Findings::UNREADABLE,
        }
    }
}

/// The event that makes `entry` what it is, its words, and whether pages show what they say.
pub async fn current<C: ConnectionTrait>(db: &C, entry: &record::Model) -> Result<Checked> {
    look(db, entry.event_id, entry).await
}

/// The last revision of `entry` that was published before it was taken back, as far as its header is held.
pub async fn last_published<C: ConnectionTrait>(
    db: &C,
    entry: &record::Model,
) -> Result<Option<Checked>> {
    let kinds = [EventKind::EntryPublished, EventKind::EntryRevised].map(EventKind::as_str);
    let last: Option<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::EntryId.eq(entry.entry_id))
        .filter(event::Column::SiteId.eq(entry.site_id))
        .filter(event::Column::Kind.is_in(kinds))
        .filter(event::Column::Id.ne(entry.event_id))
        .order_by_desc(event::Column::Rev)
        .order_by_desc(event::Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    match last {
        Some(id) => look(db, id, entry).await.map(Some),
        None => Ok(None),
    }
}

async fn look<C: ConnectionTrait>(db: &C, id: i64, entry: &record::Model) -> Result<Checked> {
    let (found, _) = event::find_readable(db, vec![id]).await?;
    let Some(event) = found.into_iter().next() else {
        return Ok(Checked::unreadable(None));
    };
    // Noticed here, it is fetched whole again from whoever has it.
    if !event.is_sound() {
        notice::event(event.log_id, event.seq);
    }
    let Ok(signed) = event.signed_header() else {
        return Ok(Checked::unreadable(Some(event)));
    };
    let directory = Directory::load(db, &[signed.header.key]).await?;
    let key = directory.key(&signed.header.key).cloned();
    let words = words_of(db, entry, &signed.header).await?;
    let mut findings = judge(&signed, key.as_ref(), &words);
    if !is_in_its_place(entry, &signed.header, &words) {
        findings.words = WordsFound::Changed;
    }
    Ok(Checked {
        event: Some(event),
        signed: Some(signed),
        key,
        findings,
    })
}

/// The words held of an event. Of an entry that was taken back they are not even read: they may be kept
/// for those who wrote them, and for nobody else.
async fn words_of<C: ConnectionTrait>(
    db: &C,
    entry: &record::Model,
    header: &Header,
) -> Result<Words> {
    let Some(named) = header.content else {
        return Ok(Words::Absent);
    };
    if publishes(header.kind) && !entry.is_live() {
        return Ok(Words::Absent);
    }
    match content::read(db, named.as_bytes()).await {
        Ok(Some(bytes)) => Ok(Words::Held(bytes)),
        Ok(None) => Ok(Words::Absent),
        Err(error) if content::Damaged::is_cause_of(&error) => Ok(Words::Altered),
        Err(error) => Err(error),
    }
}

/// Whether the event is about this entry and, where that is shown, pages say what it says: a sound event
/// in the place of another deceives readers like a changed one.
fn is_in_its_place(entry: &record::Model, header: &Header, words: &Words) -> bool {
    if header.entry != Some(entry.entry_id) {
        return false;
    }
    if !entry.is_live() {
        return true;
    }
    let named = header.content.map(|digest| digest.as_bytes().to_vec());
    let is_shown = publishes(header.kind)
        && (header.site, header.unit, header.rev) == (entry.site_id, entry.unit_id, entry.rev)
        && named == entry.content_hash;
    is_shown
        && match words {
            Words::Held(bytes) => says_what_is_listed(entry, bytes),
            // Found out already.
            Words::Absent | Words::Altered => true,
        }
}

/// Pages show title and lead from columns of their own.
fn says_what_is_listed(entry: &record::Model, bytes: &[u8]) -> bool {
    let item = serde_json::from_slice(bytes)
        .ok()
        .and_then(|value| Item::read(&value, entry.entry_id).ok());
    item.is_some_and(|item| {
        (&item.title, &item.summary, &item.url) == (&entry.title, &entry.lead, &entry.url)
    })
}

fn publishes(kind: EventKind) -> bool {
    matches!(kind, EventKind::EntryPublished | EventKind::EntryRevised)
}
