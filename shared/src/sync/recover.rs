//! A site whose database went back in time gets back what it said, from those who heard it.
//!
//! The hub's answer to a greeting tells how far it holds our logs. If it holds more than we do, or
//! something else, our database is an older copy: what we lost is fetched, each event proved by our
//! own signature; what we said since the copy was made is said again in a new log; and the stream
//! gets a new id, so that nobody's cursor points at what no longer is.

use super::batch::{self, Batch};
use super::greeting::HeldLog;
use super::peer;
use super::verify::{self, Meaning};
use super::wire::{Answer, Correspondent, Exchange};
use crate::directory::Directory;
use crate::entries::{apply, placement, record};
use crate::error::Result;
use crate::log::{EventKind, NewEvent, append, content, event, ledger};
use crate::site::Site;
use axum::http::Method;
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, QueryOrder};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Compares what the hub holds of our logs with what we do, and recovers what we lost.
pub async fn if_rolled_back(site: &Arc<Site>, hub: &peer::Model, held: &[HeldLog]) -> Result<()> {
    let mut is_rolled_back = false;
    for theirs in held {
        let ours = ledger::Entity::find_by_id(theirs.log)
            .one(site.db.reader())
            .await?;
        let Some(ours) = ours.filter(|log| log.site_id == site.id && log.closed_at.is_none())
        else {
            continue;
        };
        let is_ahead = theirs.held > ours.head_seq;
        let is_other = theirs.held > 0 && theirs.agrees < theirs.held.min(ours.head_seq);
        if !is_ahead && !is_other {
            continue;
        }
        is_rolled_back = true;
        tracing::warn!(
            log.id = %ours.id,
            ours = ours.head_seq,
            theirs = theirs.held,
            agreed = theirs.agrees,
            "our database is an older copy; recovering from the hub"
        );
        recover_log(site, hub, ours.id, theirs.agrees).await?;
    }
    if is_rolled_back {
        site.begin_new_stream().await?;
        site.wake();
    }
    Ok(())
}

async fn recover_log(site: &Arc<Site>, hub: &peer::Model, log_id: Uuid, agreed: i64) -> Result<()> {
    let correspondent = Correspondent::load(site, hub.site_id).await?;
    let mut lost = Vec::new();
    let mut after = agreed;
    loop {
        let path = format!("/v1/logs/{log_id}?after={after}");
        let exchange = Exchange {
            method: Method::GET,
            path: &path,
            content: None,
            deadline: PATIENCE,
        };
        let bytes = match correspondent.exchange(site, exchange).await? {
            Answer::Told(bytes) => bytes,
            other => {
                return Err(
                    anyhow::anyhow!("nhật ký của ta không lấy lại được từ hub: {other:?}").into(),
                );
            }
        };
        let batch = Batch::parse(&bytes).map_err(anyhow::Error::new)?;
        if batch.items.is_empty() {
            break;
        }
        after = batch.through;
        lost.extend(batch.items);
    }
    let proved = prove(site, lost).await?;
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move { take_back(tx, &inner, log_id, agreed, proved).await })
        })
        .await
}

/// What comes back must be ours by our own signature; nothing else is believed.
async fn prove(site: &Site, items: Vec<serde_json::Value>) -> Result<Vec<verify::Verified>> {
    let mut proved = Vec::with_capacity(items.len());
    for item in items {
        let parts = batch::from_item(item).map_err(anyhow::Error::new)?;
        let directory = Directory::load(
            site.db.reader(),
            std::slice::from_ref(&parts.signed.header.key),
        )
        .await?;
        let verified = verify::verify(parts, &directory, site.clock.now()).map_err(|refusal| {
            anyhow::anyhow!("sự kiện lấy lại không hợp lệ: {}", refusal.detail)
        })?;
        if verified.header().site != site.id {
            return Err(anyhow::anyhow!("hub trả về sự kiện của trang khác").into());
        }
        proved.push(verified);
    }
    Ok(proved)
}

async fn take_back(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    log_id: Uuid,
    agreed: i64,
    lost: Vec<verify::Verified>,
) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let since_the_copy = event::Entity::find()
        .filter(event::Column::LogId.eq(log_id))
        .filter(event::Column::Seq.gt(agreed))
        .order_by_asc(event::Column::Seq)
        .all(tx)
        .await?;
    for event in &since_the_copy {
        crate::sync::outgoing::Entity::delete_many()
            .filter(crate::sync::outgoing::Column::EventId.eq(event.id))
            .exec(tx)
            .await?;
        event::Entity::delete_by_id(event.id).exec(tx).await?;
    }
    set_head_back(tx, log_id, agreed).await?;
    for verified in &lost {
        insert(tx, site, verified, now).await?;
    }
    ledger::close_own(tx, site.id, now).await?;
    for event in since_the_copy {
        say_again(tx, site, event).await?;
    }
    Ok(())
}

async fn set_head_back(tx: &DatabaseTransaction, log_id: Uuid, agreed: i64) -> Result<()> {
    let hash = ledger::event_at(tx, log_id, agreed)
        .await?
        .map(|event| event.hash);
    ledger::Entity::update_many()
        .col_expr(ledger::Column::HeadSeq, Expr::value(agreed))
        .col_expr(ledger::Column::VerifiedSeq, Expr::value(agreed))
        .col_expr(ledger::Column::HeadHash, Expr::value(hash))
        .filter(ledger::Column::Id.eq(log_id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn insert(
    tx: &DatabaseTransaction,
    site: &Site,
    lost: &verify::Verified,
    now: i64,
) -> Result<()> {
    let header = lost.header();
    let log = ledger::find_locked(tx, header.log)
        .await?
        .ok_or_else(|| anyhow::anyhow!("our log {} vanished", header.log))?;
    if let (Some(digest), Some(body)) = (header.content, lost.content()) {
        content::keep(tx, digest, body.bytes.clone()).await?;
    }
    let stored = event::insert(tx, lost.signed(), now, None).await?;
    ledger::note_held(tx, &log, header.seq, lost.digest()).await?;
    let item = match lost.content().map(|content| &content.meaning) {
        Some(Meaning::Entry(item)) => Some(item.as_ref()),
        _ => None,
    };
    if header.to.is_none() && header.kind.concerns_entry() {
        let effect = apply::apply(tx, &stored, item).await?;
        if let (apply::Effect::Current, Some(item), Some(entry)) = (effect, item, header.entry) {
            placement::arrive(tx, entry, &item.fields.section, placement::Mode::Own, now).await?;
        }
    }
    let audience = site.role.recipients(tx, site, &stored).await?;
    crate::sync::outgoing::enqueue(tx, site, &stored, header.lane, &audience).await
}

/// What was said after the copy was made and before the loss was noticed is said again, in the new
/// log. Where the lost log had revised the same entry, this becomes the revision after it.
async fn say_again(tx: &DatabaseTransaction, site: &Site, event: event::Model) -> Result<()> {
    let content = match &event.content_hash {
        Some(hash) => content::read(tx, hash).await?,
        None => None,
    };
    let content = content
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()
        .map_err(anyhow::Error::new)?;
    let header = event.signed_header()?.header;
    let known_rev = match header.entry {
        Some(entry) => record::find(tx, entry).await?.map_or(0, |entry| entry.rev),
        None => 0,
    };
    let is_entry = header.to.is_none() && header.kind.concerns_entry();
    let rev = if is_entry && header.rev <= known_rev {
        known_rev + 1
    } else {
        header.rev
    };
    let kind = match header.kind {
        EventKind::EntryPublished if rev > 1 => EventKind::EntryRevised,
        other => other,
    };
    let again = append(
        tx,
        site,
        NewEvent {
            kind,
            lane: header.lane,
            unit: header.unit,
            entry: header.entry,
            rev,
            content: content.clone(),
            to: header.to,
        },
    )
    .await?;
    if is_entry {
        let item = match (&content, header.entry) {
            (Some(content), Some(entry)) => {
                Some(crate::entries::Item::read(content, entry).map_err(anyhow::Error::new)?)
            }
            _ => None,
        };
        apply::apply(tx, &again, item.as_ref()).await?;
    }
    Ok(())
}
