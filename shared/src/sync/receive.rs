//! The one way in for what others say: parse → signature → authority → store → receipt.
//!
//! Pushed or pulled, by a member or by the hub, a batch takes this road. Everything up to the store
//! reads only; the store is one transaction with the cursor and the nonce in it; the receipt is given
//! after the commit.

use super::batch::{Batch, BatchError};
use super::core::{
    BatchVerdict, ItemVerdict, Known, Surroundings, judge_batch, judge_item, precedes_directory,
};
use super::cursor::{self, Direction};
use super::message_signature;
use super::nonce;
use super::peer;
use super::receipt::{ItemOutcome, Outcome, Reason, Receipt};
use super::refusal::{self, NewRefusal};
use super::review::{self, ReviewDecision};
use super::verify::{self, Authorized, Circumstances, Meaning, Refusal};
use crate::bulletins;
use crate::citizens::case;
use crate::directory::{Directory, key_record, revocation};
use crate::entries::{apply, placement, purge, record};
use crate::error::{Error, Result};
use crate::log::keys::KeyId;
use crate::log::{Digest, Header, Lane, content, event, ledger};
use crate::newsroom::reinstate;
use crate::problem::{Problem, ProblemKind};
use crate::ranking;
use crate::room::Want;
use crate::screening::{RuleSet, Secret, Way, arrivals, rule_sets};
use crate::scrub::mend;
use crate::site::Site;
use sea_orm::DatabaseTransaction;
use sea_orm::entity::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// How much a byte of a batch may take on the disk: log, content, index, write-ahead log.
const ROOM_FOR_A_BYTE: u64 = 4;

/// Takes in a batch that `peer` brought or was asked for. `request` is the signature it came with,
/// whose nonce is used up in the same transaction; a pulled batch is the answer to a request of ours
/// and has none.
pub async fn receive(
    site: &Arc<Site>,
    peer: &peer::Model,
    bytes: &[u8],
    request: Option<message_signature::Verified>,
) -> Result<Receipt> {
    let batch = Batch::parse(bytes).map_err(problem)?;
    if batch.to != site.id || batch.from != peer.site_id {
        let problem = Problem::new(ProblemKind::Malformed)
            .detail("Gói tin ghi người gửi hoặc người nhận khác với kết nối này.");
        return Err(problem.into());
    }
    let want = match batch.lane {
        Lane::Urgent => Want::Relief,
        Lane::Regular => Want::Growth,
    };
    site.room
        .admit(ROOM_FOR_A_BYTE * bytes.len() as u64, want)?;
    let judged = judge_items(site, peer, batch.items.clone()).await?;
    let receipt = store(site, peer.clone(), &batch, judged, request).await?;
    site.wake();
    Ok(receipt)
}

fn problem(error: BatchError) -> Error {
    let kind = match error {
        BatchError::Malformed(_) => ProblemKind::Malformed,
        BatchError::Version(_) => ProblemKind::VersionUnsupported,
    };
    Problem::new(kind).detail(error.to_string()).into()
}

/// An item after parse, signature and authority, with what could be seen of it.
type Judged = (Result<Authorized, Refusal>, Seen);

/// What is seen of an item that may not be readable as one.
#[derive(Clone)]
struct Seen {
    /// How it began.
    head: String,
    /// Its log and its place in it, where it names them.
    place: (Option<Uuid>, Option<i64>),
    /// The mark it bears, if that is why it is refused.
    secret: Option<Box<Secret>>,
}

impl Seen {
    fn of(item: &serde_json::Value) -> Self {
        Self {
            head: item.to_string().chars().take(HEAD).collect(),
            place: place_of(item),
            secret: None,
        }
    }
}

/// The log and the place in it that an item names, also if nothing else of it can be read: by these
/// both sides know which event it was.
pub(super) fn place_of(item: &serde_json::Value) -> (Option<Uuid>, Option<i64>) {
    let header = &item[super::batch::EXTENSION]["header"];
    let log = header["log"].as_str().and_then(|log| log.parse().ok());
    let seq = header["seq"].as_i64().filter(|seq| *seq > 0);
    (log, seq)
}

/// How much of a refused item is kept for those who look into it.
const HEAD: usize = 600;

async fn judge_items(
    site: &Site,
    peer: &peer::Model,
    items: Vec<serde_json::Value>,
) -> Result<Vec<Judged>> {
    let db = site.db.reader();
    let parsed: Vec<_> = items
        .into_iter()
        .map(|item| {
            let seen = Seen::of(&item);
            (verify::parse(item), seen)
        })
        .collect();
    let headers = || {
        parsed
            .iter()
            .filter_map(|(parts, _)| parts.as_ref().ok())
            .map(|parts| &parts.signed.header)
    };
    let keys: Vec<KeyId> = headers().map(|header| header.key).collect();
    let mut directory = Directory::load(db, &keys).await?;
    let origins = origins_of(db, headers().filter_map(|header| header.entry)).await?;
    let mut judged = Vec::with_capacity(parsed.len());
    let rules = rule_sets::current(db).await?;
    for (parts, mut seen) in parsed {
        let outcome = parts
            .and_then(|parts| verify::verify(parts, &directory))
            .and_then(|verified| {
                let entry = verified.header().entry;
                let circumstances = Circumstances {
                    our_unit: site.unit_id,
                    peer: peer.site_id,
                    from_upstream: peer.is_upstream(),
                    entry_origin: entry.and_then(|entry| origins.get(&entry).copied()),
                };
                verify::authorize(verified, &directory, &circumstances)
            });
        let outcome = match outcome {
            Ok(authorized) => screened(site, &rules, authorized, &mut seen),
            refused => refused,
        };
        if let Ok(authorized) = &outcome
            && let Some(Meaning::Site(told)) = authorized.content().map(|content| &content.meaning)
        {
            directory.learn(told);
        }
        judged.push((outcome, seen));
    }
    Ok(judged)
}

/// Refuses an entry of another site with a secrecy mark; nothing of it is kept. What was ours comes back
/// as it was.
fn screened(
    site: &Site,
    rules: &RuleSet,
    authorized: Authorized,
    seen: &mut Seen,
) -> Result<Authorized, Refusal> {
    let Some(Meaning::Entry(item)) = authorized.content().map(|content| &content.meaning) else {
        return Ok(authorized);
    };
    let header = authorized.header();
    if header.site == site.id {
        return Ok(authorized);
    }
    let Err(secret) = arrivals::allow(rules, item) else {
        return Ok(authorized);
    };
    seen.head.clear();
    seen.secret = Some(secret);
    Err(Refusal::of(header, Reason::Secrecy))
}

/// Believes one description that was found publicly instead of in a stream, if `hub` says in it who it
/// is itself, with a key known here. Whether it says anything that was not known.
pub(super) async fn believe(
    site: &Arc<Site>,
    hub: &peer::Model,
    item: serde_json::Value,
) -> Result<bool> {
    let (judged, _) = judge_items(site, hub, vec![item]).await?.remove(0);
    let Ok(said) = judged else {
        return Ok(false);
    };
    let Some(Meaning::Site(told)) = said.content().map(|content| &content.meaning) else {
        return Ok(false);
    };
    if told.site != hub.site_id {
        return Ok(false);
    }
    let (told, header) = ((**told).clone(), said.header().clone());
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                if !revocation::still_proves(tx, &header).await? {
                    return Ok(false);
                }
                let before = key_record::of_site(tx, told.site).await?;
                told.store_keys(tx, now).await?;
                Ok(key_record::of_site(tx, told.site).await? != before)
            })
        })
        .await
}

/// Takes in one item that was refused before and is fetched again, past stream and cursor. What became
/// of it, and the lane it travels in.
pub(super) async fn take_again(
    site: &Arc<Site>,
    from: &peer::Model,
    item: serde_json::Value,
) -> Result<(ItemOutcome, Lane)> {
    let (judged, seen) = judge_items(site, from, vec![item]).await?.remove(0);
    let lane = judged
        .as_ref()
        .map_or(Lane::Regular, |event| event.header().lane);
    let (inner, from) = (Arc::clone(site), from.clone());
    let outcome = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now().timestamp_millis();
                let judged = still_proved(tx, judged).await?;
                let outcome = store_item(tx, &inner, &from, judged, seen, now).await?;
                let outcomes = std::slice::from_ref(&outcome);
                refusal::settle(tx, from.site_id, Direction::In, outcomes, now).await?;
                Ok(outcome)
            })
        })
        .await?;
    Ok((outcome, lane))
}

async fn origins_of<C: ConnectionTrait>(
    db: &C,
    entries: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Uuid>> {
    let ids: Vec<Uuid> = entries.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let known = record::Entity::find()
        .filter(record::Column::EntryId.is_in(ids))
        .all(db)
        .await?;
    Ok(known
        .into_iter()
        .map(|entry| (entry.entry_id, entry.site_id))
        .collect())
}

async fn store(
    site: &Arc<Site>,
    peer: peer::Model,
    batch: &Batch,
    judged: Vec<Judged>,
    request: Option<message_signature::Verified>,
) -> Result<Receipt> {
    let site_in = Arc::clone(site);
    let (stream, lane, after, through, head) = (
        batch.stream,
        batch.lane,
        batch.after,
        batch.end(),
        batch.head,
    );
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let site = site_in;
                let now = site.clock.now().timestamp_millis();
                if let Some(request) = &request {
                    nonce::use_up(tx, request).await?;
                }
                let held = cursor::get_locked(tx, peer.site_id, Direction::In, lane).await?;
                if peer.is_upstream() {
                    let urgent =
                        cursor::get_locked(tx, peer.site_id, Direction::In, Lane::Urgent).await?;
                    if precedes_directory(lane, stream, urgent) {
                        return Err(gap(held.position_in(stream)));
                    }
                }
                let cursor = match judge_batch(held, stream, after, through) {
                    BatchVerdict::Take { cursor } => cursor,
                    BatchVerdict::Gap { expected } => return Err(gap(expected)),
                };
                let mut outcomes = Vec::with_capacity(judged.len());
                for (item, seen) in judged {
                    let item = still_proved(tx, item).await?;
                    outcomes.push(store_item(tx, &site, &peer, item, seen, now).await?);
                }
                refusal::settle(tx, peer.site_id, Direction::In, &outcomes, now).await?;
                cursor::set(
                    tx,
                    cursor::Model {
                        site_id: peer.site_id,
                        direction: Direction::In.as_str().to_owned(),
                        lane: lane.to_string(),
                        stream_id: stream,
                        position: cursor.position,
                        given_at: cursor.given_at,
                        head: head.max(cursor.position),
                        updated_at: now,
                    },
                )
                .await?;
                keep_beside(tx, peer.site_id, stream, lane, now).await?;
                peer::note_contact(tx, peer.site_id, peer::Contact::default(), now).await?;
                Ok(Receipt {
                    v: 1,
                    stream,
                    lane,
                    cursor: cursor.position,
                    outcomes,
                })
            })
        })
        .await
}

/// The other lane counts in the same stream from now on.
async fn keep_beside(
    tx: &DatabaseTransaction,
    peer_id: Uuid,
    stream: Uuid,
    lane: Lane,
    now: i64,
) -> Result<()> {
    for other in Lane::ALL.into_iter().filter(|other| *other != lane) {
        let held = cursor::get_locked(tx, peer_id, Direction::In, other).await?;
        let beside = held.beside(stream);
        if beside != held {
            let cursor = cursor::Model {
                site_id: peer_id,
                direction: Direction::In.as_str().to_owned(),
                lane: other.to_string(),
                stream_id: stream,
                position: beside.place.position,
                given_at: beside.place.given_at,
                head: beside.place.position,
                updated_at: now,
            };
            cursor::set(tx, cursor).await?;
        }
    }
    Ok(())
}

/// A key may have been revoked since its signature was verified.
async fn still_proved(
    tx: &DatabaseTransaction,
    item: Result<Authorized, Refusal>,
) -> Result<Result<Authorized, Refusal>> {
    match item {
        Ok(event) if !revocation::still_proves(tx, event.header()).await? => {
            Ok(Err(Refusal::of(event.header(), Reason::KeyRevoked)))
        }
        item => Ok(item),
    }
}

fn gap(expected: i64) -> Error {
    Problem::new(ProblemKind::CursorGap)
        .detail(format!(
            "Bên nhận đang ở vị trí {expected}; hãy gửi tiếp từ đó."
        ))
        .with("expected", expected)
        .into()
}

async fn store_item(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    peer: &peer::Model,
    item: Result<Authorized, Refusal>,
    seen: Seen,
    now: i64,
) -> Result<ItemOutcome> {
    let outcome = match item {
        Ok(event) => store_event(tx, site, peer, &event, now).await?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok((header, digest, outcome)) => Ok(ItemOutcome {
            log: Some(header.log),
            seq: Some(header.seq),
            digest: Some(digest),
            outcome,
            reason: None,
            detail: None,
        }),
        Err(refused) => {
            let header = refused.header.as_ref();
            let (log, seq) = match header {
                Some(header) => (Some(header.log), Some(header.seq)),
                None => seen.place,
            };
            tracing::warn!(
                peer = %peer.site_id,
                log.id = log.map(tracing::field::display),
                log.seq = seq,
                reason = refused.reason.slug(),
                detail = refused.detail,
                "item refused"
            );
            let noted = NewRefusal {
                site_id: peer.site_id,
                direction: Direction::In,
                log_id: log,
                seq: seq.unwrap_or(0),
                entry_id: header.and_then(|header| header.entry),
                reason: refused.reason,
                detail: refused.detail.clone(),
                head: seen.head.clone(),
            };
            if let Some(secret) = &seen.secret {
                secret
                    .record_arrival(tx, site, Way::Arrival, peer.site_id, noted.entry_id)
                    .await?;
            }
            refusal::note(tx, noted, now).await?;
            Ok(ItemOutcome {
                log,
                seq,
                digest: None,
                outcome: Outcome::Refused,
                reason: Some(refused.reason),
                detail: Some(refused.detail),
            })
        }
    }
}

type Stored = std::result::Result<(Header, Digest, Outcome), Refusal>;

async fn store_event(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    peer: &peer::Model,
    incoming: &Authorized,
    now: i64,
) -> Result<Stored> {
    let header = incoming.header();
    let log = ledger::find_locked(tx, header.log).await?;
    let entry = match header.entry {
        Some(entry) => record::find(tx, entry).await?,
        None => None,
    };
    let around = Surroundings {
        log: log.as_ref().map(|log| (log.site_id, log.addressee)),
        place: known_around(tx, header).await?,
        entry_origin: entry.map(|entry| entry.site_id),
    };
    match judge_item(header, incoming.digest(), &around) {
        ItemVerdict::Store => {}
        ItemVerdict::Duplicate => {
            // Sent again, it may be sent in a stronger mode than before.
            if let Some(event) = ledger::event_at(tx, header.log, header.seq).await? {
                site.role
                    .take_in(tx, site, &event, incoming.mode(), apply::Effect::Known)
                    .await?;
            }
            return Ok(Ok((header.clone(), incoming.digest(), Outcome::Duplicate)));
        }
        ItemVerdict::Refuse(reason) => return Ok(Err(Refusal::of(header, reason))),
    }
    let log = match log {
        Some(log) => log,
        None => ledger::begin_holding(tx, header.log, header.site, header.to, now).await?,
    };
    let event = insert(tx, peer, incoming, now).await?;
    mend::relink(tx, &event).await?;
    ledger::note_held(tx, &log, header.seq, incoming.digest()).await?;
    let was_recalled = match header.entry {
        Some(entry) => record::is_recalled(tx, entry).await?,
        None => false,
    };
    let effect = take_effect(tx, site, incoming, &event).await?;
    if let (apply::Effect::Current, Some(Meaning::Entry(_)), Some(entry)) = (
        effect,
        incoming.content().map(|content| &content.meaning),
        header.entry,
    ) {
        // Sent back and mended: somebody here is to look at it again.
        placement::wait_again(tx, entry).await?;
        if was_recalled {
            placement::reconsider(tx, entry).await?;
        }
    }
    if let (Some(entry), None) = (header.entry, header.to) {
        purge::purge(tx, site, entry).await?;
    }
    site.role
        .take_in(tx, site, &event, incoming.mode(), effect)
        .await?;
    Ok(Ok((header.clone(), incoming.digest(), Outcome::Accepted)))
}

async fn known_around(tx: &DatabaseTransaction, header: &Header) -> Result<Known> {
    let around = event::Entity::find()
        .filter(event::Column::LogId.eq(header.log))
        .filter(event::Column::Seq.between(header.seq - 1, header.seq + 1))
        .all(tx)
        .await?;
    let mut known = Known::default();
    for event in around {
        let digest = Digest::from_slice(&event.hash).map_err(anyhow::Error::new)?;
        match event.seq - header.seq {
            -1 => known.before = Some(digest),
            0 => known.here = Some(digest),
            _ => known.named_by_next = event.signed_header()?.header.prev,
        }
    }
    Ok(known)
}

async fn insert(
    tx: &DatabaseTransaction,
    peer: &peer::Model,
    incoming: &Authorized,
    now: i64,
) -> Result<event::Model> {
    let header = incoming.header();
    if let (Some(digest), Some(body)) = (header.content, incoming.content()) {
        content::keep(tx, digest, body.bytes.clone()).await?;
    }
    event::insert(tx, incoming.signed(), now, Some(peer.site_id)).await
}

/// What an event changes here, by its kind. To add a kind of event: a variant, its module, an arm.
async fn take_effect(
    tx: &DatabaseTransaction,
    site: &Site,
    incoming: &Authorized,
    event: &event::Model,
) -> Result<apply::Effect> {
    match incoming.content().map(|content| &content.meaning) {
        Some(Meaning::Entry(item)) => apply::apply(tx, event, Some(item)).await,
        Some(Meaning::Site(description)) => {
            description.store(tx, event.received_at).await?;
            Ok(apply::Effect::Current)
        }
        Some(Meaning::Review(letter)) => {
            review::Review::store(letter, tx, event.site_id, event.time).await?;
            if letter.decision == ReviewDecision::Reinstated {
                reinstate::hear(tx, site, event.site_id, letter).await?;
            }
            Ok(apply::Effect::Current)
        }
        Some(Meaning::Withdrawal(_) | Meaning::Recall(_)) => apply::apply(tx, event, None).await,
        Some(Meaning::Case(letter)) => case::hear(tx, site, event, letter).await,
        Some(Meaning::Bulletin(bulletin)) => bulletins::record::store(tx, event, bulletin).await,
        Some(Meaning::Ranking(letter)) => match letter.as_ref() {
            ranking::Letter::Told(sheet) => ranking::told::store(tx, event, sheet).await,
            ranking::Letter::Said(_) => Ok(apply::Effect::Current),
        },
        // What follows from it is the business of the role.
        Some(Meaning::Applied(_) | Meaning::Acknowledged(_)) => Ok(apply::Effect::Current),
        None if event.entry_id.is_some() && incoming.header().to.is_none() => {
            apply::apply(tx, event, None).await
        }
        None => Ok(apply::Effect::Stale),
    }
}

pub mod apart;
#[cfg(test)]
mod tests;
