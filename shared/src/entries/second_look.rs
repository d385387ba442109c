//! An entry judged again, because events about it lost their effect or got it back.

use super::item::Item;
use super::record::{self, EntryState};
use super::{apply, publication, search};
use crate::directory::revocation;
use crate::error::Result;
use crate::log::{EventKind, content, event};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, QueryOrder, Set};

/// Makes `entry_id` what the events about it that still count say it is. If there are none it is
/// hidden, and stays ready for whatever its origin says next. What people decided about it is not
/// touched: the placement stands, and shows what is left to be shown.
pub async fn judge_again(tx: &DatabaseTransaction, entry_id: Uuid, now: i64) -> Result<()> {
    let Some(known) = record::find_locked(tx, entry_id).await? else {
        return Ok(());
    };
    let Some(event) = last_that_counts(tx, entry_id).await? else {
        return hide(tx, known, now).await;
    };
    if event.id == known.event_id && event.rev == known.rev {
        return Ok(());
    }
    // Why it was withdrawn is read where that is applied.
    let content = match &event.content_hash {
        Some(hash) if event.kind()? != EventKind::EntryWithdrawn => content::read(tx, hash).await?,
        _ => None,
    };
    let item = content
        .map(|bytes| -> Result<Item> {
            let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
            Ok(Item::read(&value, entry_id).map_err(anyhow::Error::new)?)
        })
        .transpose()?;
    let mut change: record::ActiveModel = known.into();
    change.rev = Set(event.rev - 1);
    change.update(tx).await?;
    apply::apply(tx, &event, item.as_ref()).await?;
    Ok(())
}

/// The event that makes the entry what it is: the highest revision, and of two that claim the same
/// the one that came first.
async fn last_that_counts(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
) -> Result<Option<event::Model>> {
    let kinds = [
        EventKind::EntryPublished,
        EventKind::EntryRevised,
        EventKind::EntryWithdrawn,
    ];
    Ok(event::Entity::find()
        .filter(event::Column::EntryId.eq(entry_id))
        .filter(event::Column::Kind.is_in(kinds.map(EventKind::as_str)))
        .filter(event::Column::Id.not_in_subquery(revocation::without_effect(entry_id)))
        .order_by_desc(event::Column::Rev)
        .order_by_asc(event::Column::Id)
        .one(tx)
        .await?)
}

async fn hide(tx: &DatabaseTransaction, known: record::Model, now: i64) -> Result<()> {
    search::remove(tx, known.id).await?;
    let entry_id = known.entry_id;
    let state = match known.recalled_through {
        0 => EntryState::Withdrawn,
        _ => EntryState::Recalled,
    };
    let mut change: record::ActiveModel = known.into();
    change.state = Set(state.as_str().to_owned());
    change.rev = Set(0);
    change.content_hash = Set(None);
    change.title = Set(String::new());
    change.lead = Set(None);
    change.authors = Set(None);
    change.picture = Set(None);
    change.picture_alt = Set(None);
    change.fields = Set(None);
    change.source = Set(None);
    change.reason = Set(None);
    change.revised_at = Set(now);
    change.update(tx).await?;
    publication::keep_up(tx, entry_id, now).await
}
