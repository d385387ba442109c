//! Refused items tried again: fetched from the peer and taken through the same gate, or sent anew.

use super::audience::{Audience, Membership, Selector};
use super::batch::Batch;
use super::cursor::{self, Direction};
use super::message_signature::Content;
use super::outgoing;
use super::peer;
use super::receipt::{ItemOutcome, Outcome, Receipt};
use super::refusal::{self, State};
use super::wire::{Answer, Correspondent, Exchange, JSON};
use super::{api, receive};
use crate::directory::site_record;
use crate::entries::Mode;
use crate::error::{Error, Result};
use crate::log::{Digest, Lane, event, ledger};
use crate::site::Site;
use crate::units;
use axum::http::Method;
use sea_orm::DatabaseTransaction;
use sea_orm::entity::prelude::*;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// What trying again came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It was taken.
    Taken,
    /// It is refused still; the list says why.
    RefusedStill,
    /// The peer cannot be called: it is asked to send the item again when it greets.
    Asked,
    /// The peer did not give it; nothing has changed.
    NotReached {
        /// Why, in words.
        why: String,
    },
    /// It is not known which event it was: nobody can be asked for it.
    Unplaced,
}

/// Fetches an item that was refused here from the peer that brought it, and takes it through parse,
/// signature, authority and store like any other.
pub async fn retry(site: &Arc<Site>, id: i64) -> Result<Retried> {
    let db = site.db.reader();
    let refused = refusal::find(db, id).await?.ok_or(Error::NotFound)?;
    let (Some(log), true) = (refused.log_id, refused.is_placed()) else {
        return Ok(Retried::Unplaced);
    };
    let peer = peer::find(db, refused.site_id).await?;
    let peer = peer.ok_or(Error::NotFound)?;
    if !peer.is_upstream() && peer.is_pull() {
        note_try(site, id, State::Wanted).await?;
        return Ok(Retried::Asked);
    }
    let item = match fetch(site, &peer, log, refused.seq).await? {
        Ok(item) => item,
        Err(why) => return Ok(Retried::NotReached { why }),
    };
    note_try(site, id, State::Open).await?;
    let (outcome, lane) = receive::take_again(site, &peer, item).await?;
    let is_taken = outcome.outcome != Outcome::Refused;
    if is_taken {
        if !tell(site, &peer, lane, outcome).await {
            note_state(site, id, State::Untold).await?;
        }
        site.wake();
        return Ok(Retried::Taken);
    }
    Ok(Retried::RefusedStill)
}

async fn note_try(site: &Site, id: i64, state: State) -> Result<()> {
    site.db
        .write(move |tx| Box::pin(async move { refusal::note_try(tx, id, state).await }))
        .await
}

/// The item at one place of a log, as the peer has it.
async fn fetch(
    site: &Site,
    peer: &peer::Model,
    log: Uuid,
    seq: i64,
) -> Result<std::result::Result<serde_json::Value, String>> {
    let correspondent = Correspondent::load(site, peer.site_id).await?;
    let path = format!("/v1/logs/{log}?after={}", seq - 1);
    let exchange = Exchange {
        method: Method::GET,
        path: &path,
        content: None,
        deadline: PATIENCE,
    };
    let bytes = match correspondent.exchange(site, exchange).await? {
        Answer::Told(bytes) => bytes,
        Answer::Problem(problem) => return Ok(Err(problem.detail.unwrap_or(problem.title))),
        Answer::Nothing { detail, .. } => return Ok(Err(detail)),
    };
    let batch = Batch::parse(&bytes).map_err(anyhow::Error::new)?;
    let item = batch
        .items
        .into_iter()
        .find(|item| receive::place_of(item) == (Some(log), Some(seq)));
    Ok(item.ok_or_else(|| "bên gửi không còn mục này".to_owned()))
}

async fn note_state(site: &Site, id: i64, state: State) -> Result<()> {
    site.db
        .write(move |tx| Box::pin(async move { refusal::set_state(tx, id, state).await }))
        .await
}

/// Tells the sender that what it knows as refused was taken, so that it closes its side. Whether there
/// is nothing more to tell.
async fn tell(site: &Site, peer: &peer::Model, lane: Lane, outcome: ItemOutcome) -> bool {
    match try_to_tell(site, peer, lane, outcome).await {
        Ok(Answer::Told(_)) => true,
        Ok(Answer::Problem(problem)) => {
            let slug = problem.kind.slug();
            tracing::info!(peer = %peer.site_id, slug, "the sender did not want to know");
            !problem.should_retry()
        }
        Ok(Answer::Nothing { detail, .. }) => {
            tracing::info!(peer = %peer.site_id, detail, "the sender was not told yet");
            false
        }
        Err(error) => {
            let error = crate::error::chain(&error);
            tracing::warn!(peer = %peer.site_id, error, "the sender was not told yet");
            false
        }
    }
}

async fn try_to_tell(
    site: &Site,
    peer: &peer::Model,
    lane: Lane,
    outcome: ItemOutcome,
) -> Result<Answer> {
    let held = cursor::get(site.db.reader(), peer.site_id, Direction::In, lane).await?;
    // Of a sender that never sent anything in this lane no stream is known; it says so.
    let stream = held.stream.unwrap_or_default();
    let receipt = Receipt {
        v: 1,
        stream,
        lane,
        cursor: held.place.position,
        outcomes: vec![outcome],
    };
    let body = serde_json::to_vec(&receipt).map_err(anyhow::Error::new)?;
    let exchange = Exchange {
        method: Method::POST,
        path: api::RECEIPTS,
        content: Some(Content {
            content_type: JSON,
            body: &body,
        }),
        deadline: PATIENCE,
    };
    let correspondent = Correspondent::load(site, peer.site_id).await?;
    correspondent.exchange(site, exchange).await
}

/// Tells senders what they could not be told when it happened.
pub async fn tell_late(site: &Site) -> Result<()> {
    let db = site.db.reader();
    for settled in refusal::untold(db).await? {
        let Some(log) = settled.log_id else {
            continue;
        };
        let event = ledger::event_at(db, log, settled.seq).await?;
        let peer = peer::find(db, settled.site_id).await?;
        let (Some(event), Some(peer)) = (event, peer) else {
            continue;
        };
        let outcome = ItemOutcome {
            log: Some(log),
            seq: Some(settled.seq),
            digest: Some(Digest::from_slice(&event.hash).map_err(anyhow::Error::new)?),
            outcome: Outcome::Duplicate,
            reason: None,
            detail: None,
        };
        if tell(site, &peer, event.lane()?, outcome).await {
            note_state(site, settled.id, State::Settled).await?;
        }
    }
    Ok(())
}

/// Sends an item that a peer refused anew, to that peer alone. Whether it is taken, its receipt says.
pub async fn send_again(site: &Arc<Site>, id: i64) -> Result<()> {
    let refused = refusal::find(site.db.reader(), id).await?;
    let refused = refused.ok_or(Error::NotFound)?;
    let (Some(log), true) = (refused.log_id, refused.is_ours()) else {
        return Err(Error::NotFound);
    };
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                refusal::note_try(tx, id, State::Open).await?;
                enqueue_for(tx, &inner, refused.site_id, log, refused.seq).await
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Puts what a peer asked for again into the stream, for that peer alone. What it has no share in is
/// passed over.
pub async fn send_wanted(site: &Arc<Site>, peer_id: Uuid, wanted: Vec<(Uuid, i64)>) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (log, seq) in wanted {
                    if is_on_its_way(tx, peer_id, log, seq).await? {
                        continue;
                    }
                    match enqueue_for(tx, &inner, peer_id, log, seq).await {
                        Ok(()) => {}
                        // Nothing of a transaction stays in which the database failed.
                        Err(error @ Error::Storage(_)) => return Err(error),
                        Err(error) => {
                            let error = crate::error::chain(&error);
                            tracing::info!(log.id = %log, log.seq = seq, error, "not sent again");
                        }
                    }
                }
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Whether the event stands in the stream behind the peer's cursor: it was put there when the peer
/// asked before, and has not been sent yet.
async fn is_on_its_way(
    tx: &DatabaseTransaction,
    peer_id: Uuid,
    log: Uuid,
    seq: i64,
) -> Result<bool> {
    let Some(event) = ledger::event_at(tx, log, seq).await? else {
        return Ok(false);
    };
    let acknowledged = cursor::get(tx, peer_id, Direction::Out, event.lane()?).await?;
    let waiting = outgoing::Entity::find()
        .filter(outgoing::Column::EventId.eq(event.id))
        .filter(outgoing::Column::Position.gt(acknowledged.place.position))
        .count(tx)
        .await?;
    Ok(waiting > 0)
}

async fn enqueue_for(
    tx: &DatabaseTransaction,
    site: &Site,
    peer_id: Uuid,
    log: Uuid,
    seq: i64,
) -> Result<()> {
    let event = ledger::event_at(tx, log, seq).await?;
    let event = event.ok_or(Error::NotFound)?;
    let peer = peer::find(tx, peer_id).await?.ok_or(Error::NotFound)?;
    let known = site_record::find(tx, peer_id)
        .await?
        .ok_or(Error::NotFound)?;
    let to = match peer.is_upstream() {
        true => Selector::Upstream,
        false => Selector::Unit(known.unit_id),
    };
    let membership = Membership {
        unit: known.unit_id,
        is_upstream: peer.is_upstream(),
    };
    let mode = mode_so_far(tx, site, &event, &membership).await?;
    let mode = mode.ok_or(Error::NotFound)?;
    outgoing::enqueue(tx, site, &event, event.lane()?, &Audience::of(to, mode)).await
}

/// How the peer was to receive the event, if it was.
async fn mode_so_far(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
    membership: &Membership,
) -> Result<Option<Mode>> {
    let today = crate::vietnamese::local(site.clock.now()).date_naive();
    let tree = units::chain_on(tx, today, membership.unit).await?;
    let audience = outgoing::audience_of(tx, event.id).await?;
    Ok(audience.mode_for(membership, &tree))
}

/// Tries again, once, what an earlier version of this software did not know.
pub async fn after_upgrade(site: &Arc<Site>) -> Result<()> {
    for refused in refusal::of_earlier_software(site.db.reader()).await? {
        let outcome = retry(site, refused.id).await?;
        tracing::info!(
            log.seq = refused.seq,
            ?outcome,
            "tried again with newer software"
        );
        if matches!(outcome, Retried::NotReached { .. }) {
            // Later: the peer is away, and nothing was learnt.
            break;
        }
    }
    Ok(())
}
