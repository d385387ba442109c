//! Making whole what was damaged: rows from headers, headers and contents from those who have them.

use crate::entries::{publication, record};
use crate::error::Result;
use crate::log::{content, event};
use crate::sync::outgoing;
use crate::sync::verify::Verified;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, IntoActiveModel, QuerySelect, Set};

/// An event that was lost and came back has another row number: what pointed at the old one follows.
pub async fn relink(tx: &DatabaseTransaction, event: &event::Model) -> Result<()> {
    let Some(entry_id) = event.entry_id else {
        return Ok(());
    };
    let Some(entry) = record::find(tx, entry_id).await? else {
        return Ok(());
    };
    if entry.rev != event.rev || entry.event_id == event.id {
        return Ok(());
    }
    let old = entry.event_id;
    if event::Entity::find_by_id(old).one(tx).await?.is_some() {
        return Ok(());
    }
    let mut entry = entry.into_active_model();
    entry.event_id = Set(event.id);
    entry.update(tx).await?;
    publication::Entity::update_many()
        .col_expr(publication::Column::EventId, Expr::value(event.id))
        .filter(publication::Column::EventId.eq(old))
        .exec(tx)
        .await?;
    outgoing::Entity::update_many()
        .col_expr(outgoing::Column::EventId, Expr::value(event.id))
        .filter(outgoing::Column::EventId.eq(old))
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts right what is held of an event that a peer showed us whole: header and signature as they were
/// signed, the content as it is named. Whether anything had to be.
pub async fn put_right(tx: &DatabaseTransaction, shown: &Verified) -> Result<bool> {
    let header = shown.header();
    let Some(held) = held_at(tx, header.log, header.seq).await? else {
        return Ok(false);
    };
    // Another event that is sound itself is a fork and no damage, unless it is of another place.
    if let Some(event) = &held.event
        && event.hash != shown.digest().as_bytes()
        && event.is_sound()
        && is_in_its_place(event)
    {
        return Ok(false);
    }
    let mut mended = false;
    let whole = event::Model {
        id: held.id,
        received_at: held.received_at,
        received_from: held.received_from,
        ..event::of(shown.signed())
    };
    if held.event.as_ref() != Some(&whole) {
        whole.into_active_model().reset_all().update(tx).await?;
        mended = true;
    }
    if let (Some(digest), Some(body)) = (header.content, shown.content())
        && !is_whole(tx, digest.as_bytes()).await?
    {
        content::restore(tx, digest, body.bytes.clone()).await?;
        mended = true;
    }
    Ok(mended)
}

fn is_in_its_place(event: &event::Model) -> bool {
    event
        .signed_header()
        .is_ok_and(|signed| (signed.header.log, signed.header.seq) == (event.log_id, event.seq))
}

/// What is held at a place, readable or not.
struct Held {
    id: i64,
    received_at: i64,
    received_from: Option<Uuid>,
    event: Option<event::Model>,
}

async fn held_at<C: ConnectionTrait>(db: &C, log: Uuid, seq: i64) -> Result<Option<Held>> {
    let found: Option<(i64, i64, Option<Uuid>)> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .column(event::Column::ReceivedAt)
        .column(event::Column::ReceivedFrom)
        .filter(event::Column::LogId.eq(log))
        .filter(event::Column::Seq.eq(seq))
        .into_tuple()
        .one(db)
        .await?;
    let Some((id, received_at, received_from)) = found else {
        return Ok(None);
    };
    let (readable, _) = event::find_readable(db, vec![id]).await?;
    Ok(Some(Held {
        id,
        received_at,
        received_from,
        event: readable.into_iter().next(),
    }))
}

/// The event at a place, if it is held and can be read.
pub async fn readable_at<C: ConnectionTrait>(
    db: &C,
    log: Uuid,
    seq: i64,
) -> Result<Option<event::Model>> {
    Ok(held_at(db, log, seq).await?.and_then(|held| held.event))
}

/// Whether the content `hash` is held whole, or was erased on purpose.
pub async fn is_whole<C: ConnectionTrait>(db: &C, hash: &[u8]) -> Result<bool> {
    let found = content::Entity::find_by_id(hash.to_vec()).one(db).await?;
    Ok(match found {
        None => false,
        Some(content) => match &content.bytes {
            Some(bytes) => crate::log::Digest::of(bytes).as_bytes()[..] == *hash,
            None => content.erased_at.is_some(),
        },
    })
}

/// The places of events that name the content `hash`.
pub async fn places_of<C: ConnectionTrait>(
    db: &C,
    hash: &[u8],
) -> Result<Vec<(Uuid, crate::sync::digest::Place)>> {
    let rows: Vec<(Uuid, Uuid, i64)> = event::Entity::find()
        .select_only()
        .column(event::Column::SiteId)
        .column(event::Column::LogId)
        .column(event::Column::Seq)
        .filter(event::Column::ContentHash.eq(hash.to_vec()))
        .limit(4)
        .into_tuple()
        .all(db)
        .await?;
    let place = |(site, log, seq)| (site, crate::sync::digest::Place { log, seq });
    Ok(rows.into_iter().map(place).collect())
}
