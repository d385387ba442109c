//! Forgetting what was taken back: every place of a site where something of an entry stands.
//!
//! What a withdrawal or a recall is about is not shown from its own transaction on. Here the words go
//! as well: the contents of the revisions taken back, the row they are listed by, what this site wrote
//! about them, and the media nothing else shows. Headers stay for ever. A site where an entry was born
//! keeps its text for those who wrote it, unless the recall says to erase it there as well.

use super::order::Outcome;
use super::record;
use super::{Item, placement, recall};
use crate::error::{Error, Result};
use crate::log::{self, Digest, EventKind, NewEvent, content, event};
use crate::media::{self, record::MediaState};
use crate::newsroom::draft;
use crate::newsroom::moves::{self, Person};
use crate::newsroom::post_check;
use crate::newsroom::workflow::Act;
use crate::readership::votes;
use crate::royalties::snapshot;
use crate::site::Site;
use crate::sync::{peer, refusal, review};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Set, Statement};
use std::collections::HashSet;

/// How many recalls and media are looked after in one round.
const ROUND: u64 = 32;

/// Forgets what is over of the entry `entry_id`, in the transaction in which it became so.
pub async fn purge(tx: &DatabaseTransaction, site: &Site, entry_id: Uuid) -> Result<()> {
    let Some(entry) = record::find_locked(tx, entry_id).await? else {
        return Ok(());
    };
    let standing = entry.standing()?;
    let over = standing.over_through();
    if over == 0 {
        return Ok(());
    }
    let now = site.clock.now().timestamp_millis();
    let is_over = standing.outcome() != Outcome::Live;
    let is_erased = recall::erases(tx, entry_id).await?;
    let keeps = entry.site_id == site.id && !is_erased;
    if is_over {
        forget_placement(tx, entry_id).await?;
    } else {
        keep_only_current_media(tx, &entry).await?;
    }
    release_media(tx, entry_id, is_over, keeps).await?;
    forget_refusals(tx, entry_id).await?;
    if entry.site_id == site.id && entry.recalled_through > 0 {
        tell_the_author(tx, &entry, is_over, is_erased, now).await?;
    }
    if keeps {
        return Ok(());
    }
    erase_contents(tx, entry_id, over, now).await?;
    if is_over {
        scrub(tx, entry).await?;
    }
    if is_erased {
        erase_letters(tx, entry_id, now).await?;
        snapshot::erase_title(tx, entry_id).await?;
    }
    Ok(())
}

/// The contents of all revisions up to `over`, but for what a later one says in the same words.
async fn erase_contents(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
    over: i64,
    now: i64,
) -> Result<()> {
    let kinds = [EventKind::EntryPublished, EventKind::EntryRevised];
    let events = event::Entity::find()
        .filter(event::Column::EntryId.eq(entry_id))
        .filter(event::Column::Kind.is_in(kinds.map(EventKind::as_str)))
        .all(tx)
        .await?;
    let (over, standing): (Vec<_>, Vec<_>) = events.into_iter().partition(|one| one.rev <= over);
    let standing: HashSet<Vec<u8>> = standing
        .into_iter()
        .filter_map(|event| event.content_hash)
        .collect();
    for hash in over.into_iter().filter_map(|event| event.content_hash) {
        if !standing.contains(&hash) {
            let digest = Digest::from_slice(&hash).map_err(anyhow::Error::new)?;
            content::erase(tx, digest, now).await?;
        }
    }
    Ok(())
}

/// What was written about an entry to or by others quotes its address, and that its title.
async fn erase_letters(tx: &DatabaseTransaction, entry_id: Uuid, now: i64) -> Result<()> {
    let letters = event::Entity::find()
        .filter(event::Column::EntryId.eq(entry_id))
        .filter(event::Column::Kind.eq(EventKind::LetterReview.as_str()))
        .all(tx)
        .await?;
    for hash in letters.into_iter().filter_map(|letter| letter.content_hash) {
        let digest = Digest::from_slice(&hash).map_err(anyhow::Error::new)?;
        content::erase(tx, digest, now).await?;
    }
    review::Entity::update_many()
        .col_expr(review::Column::Reason, Expr::value(None::<String>))
        .col_expr(review::Column::Url, Expr::value(None::<String>))
        .filter(review::Column::EntryId.eq(entry_id))
        .exec(tx)
        .await?;
    post_check::erase(tx, entry_id).await
}

/// Leaves of the row what says that it was, and why it is no more.
async fn scrub(tx: &DatabaseTransaction, entry: record::Model) -> Result<()> {
    super::kinds::links::forget(tx, entry.entry_id).await?;
    votes::forget(tx, entry.entry_id).await?;
    let mut row: record::ActiveModel = entry.into();
    row.url = Set(String::new());
    row.title = Set(String::new());
    row.lead = Set(None);
    row.authors = Set(None);
    row.picture = Set(None);
    row.picture_alt = Set(None);
    row.picture_focus = Set(None);
    row.fields = Set(None);
    row.source = Set(None);
    row.expires_at = Set(None);
    row.number = Set(None);
    row.form = Set(None);
    row.field = Set(None);
    row.issuer = Set(None);
    row.issuer_key = Set(None);
    row.dated_on = Set(None);
    row.starts_on = Set(None);
    row.ends_on = Set(None);
    row.unmapped = Set(None);
    row.update(tx).await?;
    Ok(())
}

/// Our own words about it.
async fn forget_placement(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<()> {
    placement::Entity::update_many()
        .col_expr(placement::Column::Title, Expr::value(None::<String>))
        .col_expr(placement::Column::Lead, Expr::value(None::<String>))
        .col_expr(placement::Column::Featured, Expr::value(false))
        .filter(placement::Column::EntryId.eq(entry_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How a refused item about it began.
async fn forget_refusals(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<()> {
    refusal::Entity::update_many()
        .col_expr(refusal::Column::Head, Expr::value(""))
        .filter(refusal::Column::EntryId.eq(entry_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Media of revisions that were taken back are no longer the entry's.
async fn keep_only_current_media(tx: &DatabaseTransaction, entry: &record::Model) -> Result<()> {
    let Some(content) = record::content_of(tx, entry).await? else {
        return Ok(());
    };
    let item = Item::read(&content, entry.entry_id).map_err(anyhow::Error::new)?;
    let named: HashSet<&[u8]> = item
        .attachments
        .iter()
        .map(|attachment| attachment.sha256.as_bytes().as_slice())
        .collect();
    for hash in media::record::of_entry(tx, entry.entry_id).await? {
        if !named.contains(hash.as_slice()) && !is_used(tx, &hash, entry.entry_id).await? {
            media::record::set_state(tx, &hash, MediaState::Leaving).await?;
        }
    }
    Ok(())
}

/// Media that nothing else here shows leave with the entry. Where its authors keep their text, the
/// bytes stay for them and are public no more.
async fn release_media(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
    is_over: bool,
    keeps: bool,
) -> Result<()> {
    if !is_over {
        return Ok(());
    }
    let state = match keeps {
        true => MediaState::Withheld,
        false => MediaState::Leaving,
    };
    for hash in media::record::of_entry(tx, entry_id).await? {
        if !is_used(tx, &hash, entry_id).await? {
            media::record::set_state(tx, &hash, state).await?;
        }
    }
    Ok(())
}

/// Whether a medium is shown by a live entry or wanted by a draft, other than those of `except`.
async fn is_used(tx: &DatabaseTransaction, hash: &[u8], except: Uuid) -> Result<bool> {
    let backend = tx.get_database_backend();
    let shown = tx
        .query_one_raw(Statement::from_sql_and_values(
            backend,
            "SELECT 1 FROM entry_media m JOIN entries e ON e.entry_id = m.entry_id \
             WHERE m.hash = $1 AND e.state = 'live' AND e.entry_id <> $2 LIMIT 1",
            [hash.to_vec().into(), except.into()],
        ))
        .await?;
    if shown.is_some() {
        return Ok(true);
    }
    let hex = Digest::from_slice(hash).map_err(anyhow::Error::new)?.hex();
    let named = draft::Entity::find()
        .filter(draft::Column::EntryId.ne(except))
        .filter(
            draft::Column::Picture
                .eq(hash.to_vec())
                .or(draft::Column::Body.contains(&hex))
                .or(draft::Column::Fields.contains(&hex)),
        )
        .count(tx)
        .await?;
    Ok(named > 0)
}

/// Tells those who wrote it what the province did, and leaves them their text unless it is erased.
async fn tell_the_author(
    tx: &DatabaseTransaction,
    entry: &record::Model,
    is_over: bool,
    is_erased: bool,
    now: i64,
) -> Result<()> {
    let reason = recall::strongest(tx, entry.entry_id).await?;
    let reason = reason.map(|recall| recall.reason).unwrap_or_default();
    let drafts = draft::Entity::find()
        .filter(draft::Column::EntryId.eq(entry.entry_id))
        .all(tx)
        .await?;
    for draft in drafts {
        if is_erased {
            moves::erase(tx, draft, &reason, now).await?;
        } else if is_over {
            let note = format!("Tỉnh đã thu hồi bài này. Lý do: {reason}");
            let is_told = draft.note.as_deref() == Some(&note) && !draft.state().is_public();
            if is_told {
                continue;
            }
            moves::go(tx, draft, Act::Recall, &Person::site(), Some(&note), now).await?;
        }
    }
    Ok(())
}

/// Carries recalls out to the end: files leave the disk, the index forgets its words, and our hub is
/// told that nothing is left. Does nothing when nothing waits. Returns how many recalls it finished.
pub async fn round(site: &std::sync::Arc<Site>) -> Result<usize> {
    remove_files(site).await?;
    let waiting = recall::to_purge(site.db.reader(), ROUND).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let finished = waiting.len();
    let inner = std::sync::Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                merge_index(tx).await?;
                for recall in waiting {
                    finish(tx, &inner, &recall).await?;
                }
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(finished)
}

async fn remove_files(site: &Site) -> Result<()> {
    loop {
        let leaving = media::record::leaving(site.db.reader(), ROUND).await?;
        if leaving.is_empty() {
            return Ok(());
        }
        let store = site.media.clone();
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    for hash in leaving {
                        // Wanted again meanwhile, it stays.
                        if media::record::is_leaving_locked(tx, &hash).await? {
                            let digest = Digest::from_slice(&hash).map_err(anyhow::Error::new)?;
                            store.remove(digest).await?;
                            media::record::set_state(tx, &hash, MediaState::Gone).await?;
                            media::library::forget(tx, &hash).await?;
                        }
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
}

/// FTS5 marks the words of a removed row as gone and drops them when it merges.
async fn merge_index(tx: &DatabaseTransaction) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Sqlite {
        for index in ["entry_search", "entry_search_marked"] {
            tx.execute_unprepared(&format!("INSERT INTO {index}({index}) VALUES ('optimize')"))
                .await?;
        }
    }
    Ok(())
}

async fn finish(tx: &DatabaseTransaction, site: &Site, recall: &recall::Model) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    recall::set_purged(tx, recall, now).await?;
    let by = peer::find(tx, recall.site_id).await?;
    let Some(hub) = by.filter(peer::Model::is_upstream) else {
        return Ok(());
    };
    let Some(hub) = crate::directory::site_record::find(tx, hub.site_id).await? else {
        return Ok(());
    };
    let Some(event) = event::Entity::find_by_id(recall.event_id).one(tx).await? else {
        return Ok(());
    };
    let mut kept = Vec::new();
    for hash in media::record::of_entry(tx, recall.entry_id).await? {
        if is_used(tx, &hash, recall.entry_id).await? {
            kept.push(Digest::from_slice(&hash).map_err(anyhow::Error::new)?);
        }
    }
    let applied = recall::Applied {
        entry: recall.entry_id,
        through: recall.through,
        log: event.log_id,
        seq: event.seq,
        kept,
    };
    let letter = NewEvent {
        kind: EventKind::LetterRecall,
        lane: EventKind::LetterRecall.lane(),
        unit: site.unit_id,
        entry: Some(recall.entry_id),
        rev: recall.through,
        content: Some(applied.to_content()?),
        to: Some(hub.unit_id),
    };
    log::append(tx, site, letter).await?;
    Ok(())
}
