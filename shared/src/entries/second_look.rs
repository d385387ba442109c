//! An entry judged again, because events about it lost their effect or got it back.

use super::item::Item;
use super::order::{Arriving, Standing, judge_revision};
use super::record::{self, EntryState};
use super::{apply, publication, search};
use crate::directory::revocation;
use crate::error::Result;
use crate::log::{Digest, EventKind, content, event};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, QueryOrder, Set};

/// Makes `entry_id` what the events about it that still count say it is. If none is left it is hidden,
/// and stays ready for whatever its origin says next. What people decided about it is not touched: the
/// placement stands, and shows what is left to be shown.
pub async fn judge_again(tx: &DatabaseTransaction, entry_id: Uuid, now: i64) -> Result<()> {
    let Some(known) = record::find_locked(tx, entry_id).await? else {
        return Ok(());
    };
    let (standing, last) = standing_of(tx, entry_id).await?;
    if standing == known.standing()? {
        return Ok(());
    }
    let Some(event) = last else {
        return hide(tx, known, standing, now).await;
    };
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
    change.content_hash = Set(None);
    change.recalled_through = Set(standing.recalled_through);
    change.update(tx).await?;
    apply::apply(tx, &event, item.as_ref()).await?;
    Ok(())
}

/// What the events that count come to, and the one that made the entry what it is.
async fn standing_of(
    tx: &DatabaseTransaction,
    entry_id: Uuid,
) -> Result<(Standing, Option<event::Model>)> {
    let events = event::Entity::find()
        .filter(event::Column::EntryId.eq(entry_id))
        .filter(event::Column::Id.not_in_subquery(revocation::without_effect(entry_id)))
        .order_by_asc(event::Column::Id)
        .all(tx)
        .await?;
    let mut standing = Standing::default();
    let mut last = None;
    for event in events {
        let content = event.content_hash.as_deref().map(Digest::from_slice);
        let content = content.transpose().map_err(anyhow::Error::new)?;
        let Some(arriving) = Arriving::of(event.kind()?, event.rev, content) else {
            continue;
        };
        let (_, next) = judge_revision(standing, arriving);
        if (next.rev, next.content) != (standing.rev, standing.content) {
            last = Some(event);
        }
        standing = next;
    }
    Ok((standing, last))
}

async fn hide(
    tx: &DatabaseTransaction,
    known: record::Model,
    standing: Standing,
    now: i64,
) -> Result<()> {
    search::remove(tx, known.id).await?;
    let entry_id = known.entry_id;
    let state = match standing.recalled_through {
        0 => EntryState::Withdrawn,
        _ => EntryState::Recalled,
    };
    let mut change: record::ActiveModel = known.into();
    change.state = Set(state.as_str().to_owned());
    change.rev = Set(0);
    change.recalled_through = Set(standing.recalled_through);
    change.content_hash = Set(None);
    change.title = Set(String::new());
    change.lead = Set(None);
    change.authors = Set(None);
    change.picture = Set(None);
    change.picture_alt = Set(None);
    change.picture_focus = Set(None);
    change.fields = Set(None);
    change.source = Set(None);
    change.reason = Set(None);
    change.revised_at = Set(now);
    change.update(tx).await?;
    publication::keep_up(tx, entry_id, now).await
}
