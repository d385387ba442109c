//! A site whose database went back in time gets back what it said, from those who heard it.
//!
//! A peer's answer to a greeting tells how far it holds our logs. If it holds something of ours that we
//! do not, our database is an older copy: what we lost is fetched, each event proved by our own
//! signature; what we said since the copy was made is said again in a new log; and the stream gets a new
//! id, so that nobody's cursor points at what no longer is. All of that is one transaction.

use super::batch::{self, Batch};
use super::core::history::{self, Here, LogPlace, LogVerdict};
use super::enrol::OwnLog;
use super::greeting::HeldLog;
use super::peer;
use super::receipt::{Reason, Receipt};
use super::said_again;
use super::verify::{self, Meaning};
use super::wire::{Answer, Correspondent, Exchange};
use crate::bulletins::{self, Bulletin};
use crate::directory::{Directory, SiteDescription, site_record};
use crate::entries::{apply, placement, record};
use crate::error::Result;
use crate::log::{Digest, EventKind, Header, NewEvent, append, content, event, ledger};
use crate::settings;
use crate::site::Site;
use axum::http::Method;
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, QueryOrder};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A log of ours as a peer holds it, after the last place known to be the same.
#[derive(Clone)]
struct Fetched {
    log: Uuid,
    after: i64,
    events: Vec<verify::Verified>,
}

/// Compares what `peer` holds of our logs with what we do, and recovers what we lost. `is_our_stream`
/// is false if it stands at a place of our stream that we never gave away.
pub async fn if_rolled_back(
    site: &Arc<Site>,
    peer: &peer::Model,
    held: &[HeldLog],
    is_our_stream: bool,
) -> Result<()> {
    let db = site.db.reader();
    let mut fetched = Vec::new();
    let mut asked = Vec::new();
    for theirs in held {
        let log = ledger::Entity::find_by_id(theirs.log).one(db).await?;
        if log.as_ref().is_some_and(|log| log.site_id != site.id) {
            continue;
        }
        let ours = match ledger::event_at(db, theirs.log, theirs.held).await? {
            Some(event) => Some(Digest::from_slice(&event.hash).map_err(anyhow::Error::new)?),
            None => None,
        };
        let (head, whole) = log.map_or((0, 0), |log| (log.head_seq, log.verified_seq));
        let is_said_again = match theirs.digest {
            Some(digest) if ours != theirs.digest => {
                said_again::contains(db, theirs.log, theirs.held, digest).await?
            }
            _ => false,
        };
        let ends = (whole, theirs.held);
        let here = Here {
            head,
            whole,
            digest: ours,
            is_said_again,
            was_asked: site.was_asked(peer.site_id, theirs.log, ends),
        };
        let LogVerdict::WentBack { after } = history::judge_log(here, theirs.elsewhere()) else {
            continue;
        };
        tracing::warn!(
            peer = %peer.site_id,
            log.id = %theirs.log,
            ours = head,
            theirs = theirs.held,
            agreed = after,
            "our database is an older copy; recovering from the peer"
        );
        fetched.push(fetch(site, peer, theirs.log, after).await?);
        asked.push((theirs.log, ends));
    }
    let is_our_stream = is_our_stream || !site.doubts_its_stream();
    if fetched.is_empty() && is_our_stream {
        return Ok(());
    }
    let inner = Arc::clone(site);
    let new_stream = site
        .db
        .write(move |tx| {
            Box::pin(async move { take_back(tx, &inner, fetched, is_our_stream).await })
        })
        .await?;
    for (log, ends) in asked {
        site.has_asked(peer.site_id, log, ends);
    }
    if let Some(stream) = new_stream {
        site.goes_on_in(stream);
    }
    site.wake();
    Ok(())
}

/// Takes in words of ours that a peer gives back unasked, `after` the last place known to be the same.
pub(super) async fn take_in_lost(
    site: &Arc<Site>,
    log: Uuid,
    after: i64,
    events: Vec<verify::Verified>,
) -> Result<()> {
    let fetched = vec![Fetched { log, after, events }];
    let inner = Arc::clone(site);
    let new_stream = site
        .db
        .write(move |tx| Box::pin(async move { take_back(tx, &inner, fetched, true).await }))
        .await?;
    if let Some(stream) = new_stream {
        site.goes_on_in(stream);
    }
    site.wake();
    Ok(())
}

async fn fetch(site: &Arc<Site>, peer: &peer::Model, log: Uuid, after: i64) -> Result<Fetched> {
    let correspondent = Correspondent::load(site, peer.site_id).await?;
    let mut items = Vec::new();
    let mut place = after;
    loop {
        let batch = stretch(site, &correspondent, log, place).await?;
        if batch.items.is_empty() || batch.through <= place {
            break;
        }
        place = batch.through;
        items.extend(batch.items);
    }
    Ok(Fetched {
        log,
        after,
        events: prove(site, Some(log), items).await?,
    })
}

/// What the hub holds of our log after a place, as far as one batch goes.
async fn stretch(
    site: &Site,
    correspondent: &Correspondent,
    log_id: Uuid,
    after: i64,
) -> Result<Batch> {
    let path = format!("/v1/logs/{log_id}?after={after}");
    let exchange = Exchange {
        method: Method::GET,
        path: &path,
        content: None,
        deadline: PATIENCE,
    };
    match correspondent.exchange(site, exchange).await? {
        Answer::Told(bytes) => Ok(Batch::parse(&bytes).map_err(anyhow::Error::new)?),
        other => Err(anyhow::anyhow!("nhật ký của ta không lấy lại được từ hub: {other:?}").into()),
    }
}

/// Takes the next stretch of one of our own logs back from the hub, after what we hold of it; the place
/// it goes to now. For a site that has lost the log, or all of it. Each stretch is kept by itself, so
/// that who is interrupted goes on where he was.
pub async fn bring_back(site: &Arc<Site>, hub: &peer::Model, log: &OwnLog) -> Result<i64> {
    let held = ledger::Entity::find_by_id(log.log)
        .one(site.db.reader())
        .await?
        .map_or(0, |held| held.head_seq);
    let correspondent = Correspondent::load(site, hub.site_id).await?;
    let batch = stretch(site, &correspondent, log.log, held).await?;
    let proved = prove(site, Some(log.log), batch.items).await?;
    let inner = Arc::clone(site);
    let log = log.clone();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now().timestamp_millis();
                if ledger::find_locked(tx, log.log).await?.is_none() {
                    ledger::begin_holding(tx, log.log, inner.id, log.addressee, now).await?;
                }
                for verified in &proved {
                    insert(tx, &inner, verified, now).await?;
                }
                let held = ledger::find_locked(tx, log.log).await?;
                Ok(held.map_or(0, |held| held.head_seq))
            })
        })
        .await
}

/// What comes back must be ours by our own signature, and of the log that was asked for; nothing else
/// is believed.
pub(super) async fn prove(
    site: &Site,
    log: Option<Uuid>,
    items: Vec<serde_json::Value>,
) -> Result<Vec<verify::Verified>> {
    let mut proved = Vec::with_capacity(items.len());
    for item in items {
        let parts = batch::from_item(item).map_err(anyhow::Error::new)?;
        let directory = Directory::load(
            site.db.reader(),
            std::slice::from_ref(&parts.signed.header.key),
        )
        .await?;
        let verified = match verify::verify(parts, &directory) {
            Ok(verified) => verified,
            // Somebody said this with a key that was stolen from us.
            Err(refusal) if refusal.reason == Reason::KeyRevoked => continue,
            Err(refusal) => {
                let why = refusal.detail;
                return Err(anyhow::anyhow!("sự kiện lấy lại không hợp lệ: {why}").into());
            }
        };
        let is_other = log.is_some_and(|log| verified.header().log != log);
        if verified.header().site != site.id || is_other {
            return Err(anyhow::anyhow!("bên kia trả về sự kiện của nhật ký khác").into());
        }
        proved.push(verified);
    }
    Ok(proved)
}

/// Puts every log back together, as the core plans it; returns the stream to go on in, if it is another.
async fn take_back(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    fetched: Vec<Fetched>,
    is_our_stream: bool,
) -> Result<Option<Uuid>> {
    let now = site.clock.now().timestamp_millis();
    let mut unplaced = Vec::new();
    let mut described = BTreeSet::new();
    let mut went_back = !is_our_stream;
    for lost in fetched {
        let (words, has_changed) = restore(tx, site, lost, now, &mut described).await?;
        unplaced.extend(words);
        went_back |= has_changed;
    }
    let new_stream = match went_back {
        true => Some(go_on_elsewhere(tx, site).await?),
        false => None,
    };
    for words in unplaced {
        say_again(tx, site, words, &mut described).await?;
    }
    for id in described {
        describe_anew(tx, site, id).await?;
    }
    Ok(new_stream)
}

/// What a site does once it knows that its database is an older copy: what it says next goes into new logs
/// and a new stream. Returns the stream.
pub(super) async fn go_on_elsewhere(tx: &DatabaseTransaction, site: &Site) -> Result<Uuid> {
    let now = site.clock.now().timestamp_millis();
    ledger::close_own(tx, site.id, now).await?;
    site.role.went_back(tx, site).await?;
    settings::renew_stream_id(tx).await
}

/// Descriptions have no revisions: the last one heard counts. What comes back is heard late by those who
/// lacked it, so after all of it we say once more how things stand.
async fn describe_anew(tx: &DatabaseTransaction, site: &Site, id: Uuid) -> Result<()> {
    let Some(known) = site_record::find(tx, id).await? else {
        return Ok(());
    };
    let description = SiteDescription::load(tx, &known).await?;
    let new = NewEvent {
        kind: EventKind::SiteDescribed,
        lane: EventKind::SiteDescribed.lane(),
        unit: site.unit_id,
        entry: None,
        rev: 0,
        content: Some(description.to_content()?),
        to: None,
    };
    append(tx, site, new).await?;
    Ok(())
}

/// Words of ours that have no place in their log.
struct Words {
    header: Header,
    digest: Digest,
    content: Option<serde_json::Value>,
    /// Whether somebody holds them where they stood: what is said again is another revision than theirs.
    is_held_elsewhere: bool,
}

impl Words {
    async fn held(tx: &DatabaseTransaction, event: &event::Model) -> Result<Self> {
        let content = match &event.content_hash {
            Some(hash) => content::read(tx, hash).await?,
            None => None,
        };
        Self::of(event.signed_header()?.header, digest_of(event)?, content)
    }

    fn fetched(event: &verify::Verified) -> Result<Self> {
        let content = event.content().map(|content| content.bytes.clone());
        let words = Self::of(event.header().clone(), event.digest(), content)?;
        Ok(Self {
            is_held_elsewhere: true,
            ..words
        })
    }

    fn of(header: Header, digest: Digest, content: Option<Vec<u8>>) -> Result<Self> {
        let content = content
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose()
            .map_err(anyhow::Error::new)?;
        Ok(Self {
            header,
            digest,
            content,
            is_held_elsewhere: false,
        })
    }

    /// Whether they say how an entry is, and are not a letter about it or its end.
    fn revise(&self) -> bool {
        matches!(
            self.header.kind,
            EventKind::EntryPublished | EventKind::EntryRevised
        )
    }
}

fn digest_of(event: &event::Model) -> Result<Digest> {
    Ok(Digest::from_slice(&event.hash).map_err(anyhow::Error::new)?)
}

/// Puts one log back together. Returns the words that find no place in it, and whether the log was one we
/// still wrote to.
async fn restore(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    lost: Fetched,
    now: i64,
    described: &mut BTreeSet<Uuid>,
) -> Result<(Vec<Words>, bool)> {
    let held = event::Entity::find()
        .filter(event::Column::LogId.eq(lost.log))
        .filter(event::Column::Seq.gte(lost.after))
        .order_by_asc(event::Column::Seq)
        .all(tx)
        .await?;
    let ours = held
        .iter()
        .map(|event| {
            Ok(LogPlace::of(
                &event.signed_header()?.header,
                digest_of(event)?,
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut theirs: Vec<LogPlace> = lost
        .events
        .iter()
        .map(|event| LogPlace::of(event.header(), event.digest()))
        .collect();
    // The place both agree about is the one from which they part.
    theirs.extend(ours.first().filter(|place| place.seq == lost.after));
    let log = ledger::find_locked(tx, lost.log).await?;
    let was_open = log.as_ref().is_none_or(|log| log.closed_at.is_none());
    let plan = history::recover(&ours, &theirs);
    let mut unplaced = Vec::new();
    for event in &lost.events {
        let (seq, digest) = (event.header().seq, event.digest());
        if plan.say_theirs.contains(&seq)
            && !said_again::contains(tx, lost.log, seq, digest).await?
        {
            let words = Words::fetched(event)?;
            if is_overtaken(tx, &words).await? {
                said_again::note(tx, lost.log, seq, digest).await?;
            } else {
                unplaced.push(words);
            }
        }
    }
    if plan.take_back.is_empty() {
        return Ok((unplaced, false));
    }
    let whole = match log {
        Some(log) => log.verified_seq,
        None => {
            let addressee = lost.events.first().and_then(|event| event.header().to);
            ledger::begin_holding(tx, lost.log, site.id, addressee, now).await?;
            0
        }
    };
    let (set_aside, kept): (Vec<_>, Vec<_>) = held
        .into_iter()
        .partition(|event| plan.say_again.contains(&event.seq));
    for event in &set_aside {
        unplaced.push(Words::held(tx, event).await?);
        crate::sync::outgoing::Entity::delete_many()
            .filter(crate::sync::outgoing::Column::EventId.eq(event.id))
            .exec(tx)
            .await?;
        event::Entity::delete_by_id(event.id).exec(tx).await?;
    }
    if !set_aside.is_empty() {
        let agreed = kept.last().map_or(lost.after, |event| event.seq);
        set_head_back(tx, lost.log, agreed, whole).await?;
    }
    for event in &lost.events {
        if plan.take_back.contains(&event.header().seq) {
            put_back(tx, site, event, now, described).await?;
        }
    }
    Ok((unplaced, was_open))
}

/// Whether what words say of an entry was said otherwise later.
async fn is_overtaken(tx: &DatabaseTransaction, words: &Words) -> Result<bool> {
    let Some(entry) = words.header.entry.filter(|_| words.revise()) else {
        return Ok(false);
    };
    let Some(entry) = record::find(tx, entry).await? else {
        return Ok(false);
    };
    let stands = event::Entity::find_by_id(entry.event_id).one(tx).await?;
    Ok(stands.is_some_and(|event| event.time > words.header.time.timestamp_millis()))
}

async fn set_head_back(
    tx: &DatabaseTransaction,
    log_id: Uuid,
    agreed: i64,
    whole: i64,
) -> Result<()> {
    let hash = ledger::event_at(tx, log_id, agreed)
        .await?
        .map(|event| event.hash);
    ledger::Entity::update_many()
        .col_expr(ledger::Column::HeadSeq, Expr::value(agreed))
        .col_expr(ledger::Column::VerifiedSeq, Expr::value(whole.min(agreed)))
        .col_expr(ledger::Column::HeadHash, Expr::value(hash))
        .filter(ledger::Column::Id.eq(log_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts an event of ours back into its place; who is described in it is described anew.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    site: &Site,
    lost: &verify::Verified,
    now: i64,
) -> Result<event::Model> {
    let mut described = BTreeSet::new();
    let stored = put_back(tx, site, lost, now, &mut described).await?;
    for id in described {
        describe_anew(tx, site, id).await?;
    }
    Ok(stored)
}

async fn put_back(
    tx: &DatabaseTransaction,
    site: &Site,
    lost: &verify::Verified,
    now: i64,
    described: &mut BTreeSet<Uuid>,
) -> Result<event::Model> {
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
    if let Some(Meaning::Site(description)) = lost.content().map(|content| &content.meaning) {
        let told_at = header.time.timestamp_millis();
        let known = site_record::find(tx, description.site).await?;
        if known.is_none_or(|known| known.described_at <= told_at) {
            description.store(tx, told_at).await?;
        }
        described.insert(description.site);
    }
    if let Some(Meaning::Bulletin(bulletin)) = lost.content().map(|content| &content.meaning) {
        bulletins::record::store(tx, &stored, bulletin).await?;
    }
    if header.to.is_none() && header.kind.concerns_entry() {
        let effect = apply::apply(tx, &stored, item).await?;
        if let (apply::Effect::Current, Some(item), Some(entry)) = (effect, item, header.entry) {
            placement::arrive(tx, entry, &item.fields.section, placement::Mode::Own, now).await?;
        }
    }
    let audience = site.role.recipients(tx, site, &stored).await?;
    crate::sync::outgoing::enqueue(tx, site, &stored, header.lane, &audience).await?;
    Ok(stored)
}

/// What was said after the copy was made and before the loss was noticed is said again, in the new
/// log. Where the lost log had revised the same entry, this becomes the revision after it.
async fn say_again(
    tx: &DatabaseTransaction,
    site: &Site,
    words: Words,
    described: &mut BTreeSet<Uuid>,
) -> Result<()> {
    let is_entrys = words.revise();
    let Words {
        header,
        digest,
        content,
        is_held_elsewhere,
    } = words;
    said_again::note(tx, header.log, header.seq, digest).await?;
    // What was revised since has no text any more; its revision is said again after it.
    if is_entrys && content.is_none() {
        return Ok(());
    }
    if let (EventKind::SiteDescribed, Some(content)) = (header.kind, &content) {
        let description = SiteDescription::from_content(content).map_err(anyhow::Error::new)?;
        described.insert(description.site);
        return Ok(());
    }
    let known_rev = match header.entry {
        Some(entry) => record::find(tx, entry).await?.map_or(0, |entry| entry.rev),
        None => 0,
    };
    let known_rev = match is_held_elsewhere {
        true => known_rev.max(header.rev),
        false => known_rev,
    };
    let is_entry = header.to.is_none() && header.kind.concerns_entry();
    let (kind, rev) = if is_entry {
        history::said_again(header.kind, header.rev, known_rev)
    } else {
        (header.kind, header.rev)
    };
    let new = NewEvent {
        kind,
        lane: header.lane,
        unit: header.unit,
        entry: header.entry,
        rev,
        content: content.clone(),
        to: header.to,
    };
    let again = append(tx, site, new).await?;
    if let (EventKind::BulletinSaid, Some(content)) = (kind, &content) {
        let bulletin = Bulletin::from_content(content).map_err(anyhow::Error::msg)?;
        bulletins::record::store(tx, &again, &bulletin).await?;
    }
    if is_entry {
        let item = match (&content, header.entry) {
            (Some(content), Some(entry)) if is_entrys => {
                Some(crate::entries::Item::read(content, entry).map_err(anyhow::Error::new)?)
            }
            _ => None,
        };
        let effect = apply::apply(tx, &again, item.as_ref()).await?;
        if let (apply::Effect::Current, Some(item), Some(entry)) = (effect, item, header.entry) {
            let now = site.clock.now().timestamp_millis();
            placement::arrive(tx, entry, &item.fields.section, placement::Mode::Own, now).await?;
        }
    }
    Ok(())
}

/// Says again what a peer could not take, because it holds other words of ours in their places: those we
/// said before we knew that our database was an older copy, and left. Returns whether anything was said.
pub(super) async fn after_refusals(
    tx: &DatabaseTransaction,
    site: &Site,
    receipt: &Receipt,
) -> Result<bool> {
    let mut described = BTreeSet::new();
    let mut has_said = false;
    for outcome in &receipt.outcomes {
        let has_fork = matches!(
            outcome.reason,
            Some(Reason::LogForked | Reason::ChainBroken)
        );
        let (true, Some(log), Some(seq)) = (has_fork, outcome.log, outcome.seq) else {
            continue;
        };
        let is_left = ledger::find_locked(tx, log)
            .await?
            .is_some_and(|log| log.site_id == site.id && log.closed_at.is_some());
        // A refusal names the place alone; what stood there when it was sent may have left it since.
        let Some(event) = ledger::event_at(tx, log, seq).await?.filter(|_| is_left) else {
            continue;
        };
        if said_again::contains(tx, log, seq, digest_of(&event)?).await? {
            continue;
        }
        let words = Words::held(tx, &event).await?;
        // What was revised since comes with its revision.
        let stands = match words.header.entry.filter(|_| words.revise()) {
            Some(entry) => record::find(tx, entry)
                .await?
                .is_some_and(|entry| entry.event_id == event.id),
            None => true,
        };
        if stands {
            say_again(tx, site, words, &mut described).await?;
            has_said = true;
        }
    }
    for id in described {
        describe_anew(tx, site, id).await?;
    }
    Ok(has_said)
}
