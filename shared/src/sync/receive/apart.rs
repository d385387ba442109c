//! Events that come apart from the stream: asked for one by one after a comparison, or given back by those
//! who still have what this site has forgotten. They are judged and stored like those of any batch; only
//! no cursor moves.

use super::{Judged, Seen, judge_items, problem, still_proved, store_item};
use crate::directory::Directory;
use crate::entries::record;
use crate::error::Result;
use crate::log::ledger;
use crate::problem::{Problem, ProblemKind};
use crate::scrub::mend;
use crate::site::Site;
use crate::sync::batch::{self, Batch};
use crate::sync::cursor::Direction;
use crate::sync::message_signature::Verified as SignedRequest;
use crate::sync::receipt::{ItemOutcome, Outcome};
use crate::sync::verify::{self, Returned};
use crate::sync::{nonce, peer, recover, refusal};
use sea_orm::entity::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Takes in events that `peer` was asked for: others' like any that come from it, our own on the word of
/// our own signature.
pub async fn take(site: &Arc<Site>, peer: &peer::Model, batch: Batch) -> Result<Vec<ItemOutcome>> {
    let items = batch.items;
    put_right(site, &items).await?;
    let (own, others): (Vec<_>, Vec<_>) = items
        .iter()
        .cloned()
        .partition(|item| speaker(item) == Some(site.id));
    let mut outcomes = own_back_in_place(site, own).await?;
    let judged = judge_items(site, peer, others).await?;
    outcomes.extend(store(site, peer, judged, None).await?);
    put_right(site, &items).await?;
    if outcomes
        .iter()
        .any(|item| item.outcome == Outcome::Accepted)
    {
        site.wake();
    }
    Ok(outcomes)
}

/// Takes in events that a member gives back: what this site itself once said, and what others said and it
/// once passed on. Everything counts by the signature of who said it; that a member brings another's words
/// is the exception, and no way for it to say anything.
pub async fn take_returned(
    site: &Arc<Site>,
    peer: &peer::Model,
    bytes: &[u8],
    request: SignedRequest,
) -> Result<Vec<ItemOutcome>> {
    let batch = Batch::parse(bytes).map_err(problem)?;
    if batch.to != site.id || batch.from != peer.site_id {
        let problem = Problem::new(ProblemKind::Malformed)
            .detail("Gói tin ghi người gửi hoặc người nhận khác với kết nối này.");
        return Err(problem.into());
    }
    let (own, others): (Vec<_>, Vec<_>) = batch
        .items
        .iter()
        .cloned()
        .partition(|item| speaker(item) == Some(site.id));
    let judged = judge_returned(site, others).await?;
    let mut outcomes = store(site, peer, judged, Some(request)).await?;
    outcomes.extend(own_given_back(site, own).await?);
    put_right(site, &batch.items).await?;
    site.wake();
    Ok(outcomes)
}

fn speaker(item: &serde_json::Value) -> Option<Uuid> {
    item.get(batch::EXTENSION)?
        .get("header")?
        .get("site")?
        .as_str()?
        .parse()
        .ok()
}

/// Mends what is held damaged of events that came whole, whatever else becomes of them.
async fn put_right(site: &Arc<Site>, items: &[serde_json::Value]) -> Result<()> {
    let mut shown = Vec::new();
    for item in items {
        let Ok(parts) = verify::parse(item.clone()) else {
            continue;
        };
        let key = parts.signed.header.key;
        let directory = Directory::load(site.db.reader(), std::slice::from_ref(&key)).await?;
        if let Ok(verified) = verify::verify(parts, &directory) {
            shown.push(verified);
        }
    }
    if shown.is_empty() {
        return Ok(());
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for verified in &shown {
                    if mend::put_right(tx, verified).await? {
                        let header = verified.header();
                        tracing::info!(log.id = %header.log, log.seq = header.seq, "mended from a peer");
                    }
                }
                Ok(())
            })
        })
        .await
}

async fn judge_returned(site: &Site, items: Vec<serde_json::Value>) -> Result<Vec<Judged>> {
    let mut judged = Vec::with_capacity(items.len());
    for item in items {
        let seen = Seen::of(&item);
        let outcome = match verify::parse(item) {
            Err(refusal) => Err(refusal),
            Ok(parts) => {
                let key = parts.signed.header.key;
                let directory =
                    Directory::load(site.db.reader(), std::slice::from_ref(&key)).await?;
                let entry = match parts.signed.header.entry {
                    Some(entry) => record::find(site.db.reader(), entry).await?,
                    None => None,
                };
                let returned = Returned {
                    our_unit: site.unit_id,
                    entry_origin: entry.map(|entry| entry.site_id),
                };
                verify::verify(parts, &directory).and_then(|verified| {
                    verify::authorize_returned(verified, &directory, &returned)
                })
            }
        };
        judged.push((outcome, seen));
    }
    Ok(judged)
}

async fn store(
    site: &Arc<Site>,
    peer: &peer::Model,
    judged: Vec<Judged>,
    request: Option<SignedRequest>,
) -> Result<Vec<ItemOutcome>> {
    if judged.is_empty() && request.is_none() {
        return Ok(Vec::new());
    }
    let (site_in, peer) = (Arc::clone(site), peer.clone());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let now = site_in.clock.now().timestamp_millis();
                if let Some(request) = &request {
                    nonce::use_up(tx, request).await?;
                }
                let mut outcomes = Vec::with_capacity(judged.len());
                for (item, seen) in judged {
                    let item = still_proved(tx, item).await?;
                    let outcome = store_item(tx, &site_in, &peer, item, seen, now).await?;
                    outcomes.push(outcome);
                }
                refusal::settle(tx, peer.site_id, Direction::In, &outcomes, now).await?;
                Ok(outcomes)
            })
        })
        .await
}

/// Those of our own events whose place is free and whose neighbour after them names them.
async fn part_holes(
    site: &Site,
    log: Uuid,
    lost: Vec<verify::Verified>,
) -> Result<(Vec<verify::Verified>, Vec<verify::Verified>)> {
    let db = site.db.reader();
    let head = ledger::Entity::find_by_id(log)
        .one(db)
        .await?
        .map_or(0, |log| log.head_seq);
    let (mut holes, mut rest) = (Vec::new(), Vec::new());
    for event in lost {
        let seq = event.header().seq;
        let is_free = seq <= head && ledger::event_at(db, log, seq).await?.is_none();
        let next = ledger::event_at(db, log, seq + 1).await?;
        let named = match next {
            Some(next) => next.signed_header()?.header.prev,
            None => None,
        };
        if is_free && named.is_none_or(|named| named == event.digest()) {
            holes.push(event);
        } else {
            rest.push(event);
        }
    }
    Ok((holes, rest))
}

/// Puts our own events back into holes of our own logs.
async fn own_back_in_place(
    site: &Arc<Site>,
    items: Vec<serde_json::Value>,
) -> Result<Vec<ItemOutcome>> {
    let proved = recover::prove(site, None, items).await?;
    own_into_holes(site, proved).await
}

async fn own_into_holes(
    site: &Arc<Site>,
    proved: Vec<verify::Verified>,
) -> Result<Vec<ItemOutcome>> {
    if proved.is_empty() {
        return Ok(Vec::new());
    }
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now().timestamp_millis();
                let mut outcomes = Vec::with_capacity(proved.len());
                for verified in &proved {
                    let header = verified.header();
                    let log = ledger::find_locked(tx, header.log).await?;
                    let is_hole = log.is_some_and(|log| header.seq <= log.head_seq)
                        && ledger::event_at(tx, header.log, header.seq)
                            .await?
                            .is_none();
                    if is_hole {
                        let event = recover::insert(tx, &inner, verified, now).await?;
                        mend::relink(tx, &event).await?;
                    }
                    outcomes.push(outcome_of(verified, is_hole));
                }
                Ok(outcomes)
            })
        })
        .await
}

fn outcome_of(verified: &verify::Verified, is_new: bool) -> ItemOutcome {
    ItemOutcome {
        log: Some(verified.header().log),
        seq: Some(verified.header().seq),
        digest: Some(verified.digest()),
        outcome: if is_new {
            Outcome::Accepted
        } else {
            Outcome::Duplicate
        },
        reason: None,
        detail: None,
    }
}

/// Our own words that we do not have: they prove that this database is an older copy. They go back into
/// their places, their logs are closed, and what was said meanwhile is said again in new ones.
async fn own_given_back(
    site: &Arc<Site>,
    items: Vec<serde_json::Value>,
) -> Result<Vec<ItemOutcome>> {
    let proved = match recover::prove(site, None, items).await {
        Ok(proved) => proved,
        Err(error) => {
            tracing::warn!(
                error = crate::error::chain(&error),
                "what was given back as our own words is not ours"
            );
            return Err(Problem::new(ProblemKind::SignatureInvalid).into());
        }
    };
    let mut by_log: BTreeMap<Uuid, Vec<verify::Verified>> = BTreeMap::new();
    for verified in proved {
        by_log
            .entry(verified.header().log)
            .or_default()
            .push(verified);
    }
    let mut outcomes = Vec::new();
    for (log, mut events) in by_log {
        events.sort_by_key(|event| event.header().seq);
        let mut lost = Vec::new();
        let mut agreed = 0;
        for event in events {
            let header = event.header();
            let held = ledger::event_at(site.db.reader(), log, header.seq).await?;
            let is_known = held.is_some_and(|held| held.hash == event.digest().as_bytes());
            outcomes.push(outcome_of(&event, !is_known));
            if !is_known {
                lost.push(event);
                continue;
            }
            if lost.is_empty() {
                agreed = header.seq;
            }
        }
        // A hole between events that fit is a lost row, and no lost time.
        let (holes, lost) = part_holes(site, log, lost).await?;
        own_into_holes(site, holes).await?;
        let Some(first) = lost.first() else { continue };
        if let Some(before) =
            ledger::event_at(site.db.reader(), log, first.header().seq - 1).await?
            && first.header().prev.map(|prev| prev.as_bytes().to_vec()) == Some(before.hash)
        {
            agreed = before.seq;
        }
        tracing::warn!(
            log.id = %log,
            events = lost.len(),
            agreed,
            "a member holds words of ours that we have forgotten: our database is an older copy"
        );
        recover::take_in_lost(site, log, agreed, lost).await?;
    }
    Ok(outcomes)
}
