//! The drivers: one task per peer that does what [`core`](super::core) decides and reports back.

use super::batch::{Batch, MEDIA_TYPE};
use super::core::{Action, Duties, Failure, Input, LONGEST_WAIT, Leg, Link, Phase, step};
use super::cursor::{self, Direction};
use super::greeting::{self, Cursors, Greeted};
use super::message_signature::Content;
use super::outgoing::{self, Share};
use super::peer::{self, LinkMode};
use super::receipt::{Outcome, Receipt};
use super::refusal::{self, NewRefusal};
use super::wire::{self, Answer, Correspondent, Exchange, JSON};
use super::{advice, key_history, quarantine, receive, recover};
use crate::error::Result;
use crate::log::Lane;
use crate::problem::{Problem, ProblemKind};
use crate::server::Shutdown;
use crate::site::Site;
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseTransaction;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How long a push may take.
const PUSH_PATIENCE: Duration = Duration::from_secs(60);
/// How long the peer holds a question open when it has nothing.
pub const LONG_POLL: Duration = Duration::from_secs(25);
/// More than a peer asks for once more at a time.
const MOST_WANTED: usize = 100;
/// Slack for the answer to a question that was held open.
const POLL_SLACK: Duration = Duration::from_secs(20);

/// The links of a site that are running.
#[derive(Debug, Default)]
pub struct Links {
    running: Mutex<HashMap<Uuid, mpsc::Sender<Input>>>,
    heard_unknown_key: AtomicBool,
    /// How many questions of each peer are being held open.
    held: Arc<Mutex<HashMap<Uuid, u32>>>,
}

/// Questions one peer may have held open at a time: the one it waits for, and one whose connection it
/// lost and we have not noticed yet.
const HELD_FOR_A_PEER: u32 = 2;

/// A question of a peer that is being held open.
#[derive(Debug)]
pub struct HeldQuestion {
    peer: Uuid,
    held: Arc<Mutex<HashMap<Uuid, u32>>>,
}

impl Drop for HeldQuestion {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.peer);
            }
        }
    }
}

impl Links {
    /// Starts the links to all peers that have none yet. That of a suspended peer rests until the
    /// peer is resumed.
    pub async fn start(site: &Arc<Site>, shutdown: &Shutdown) -> Result<()> {
        for peer in peer::all(site.db.reader()).await? {
            Self::start_one(site, &peer, shutdown);
        }
        Ok(())
    }

    fn start_one(site: &Arc<Site>, peer: &peer::Model, shutdown: &Shutdown) {
        let duties = duties(peer);
        if !duties.sends && !duties.asks {
            return;
        }
        let mut running = site
            .links
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if running
            .get(&peer.site_id)
            .is_some_and(|link| !link.is_closed())
        {
            return;
        }
        let (tell, told) = mpsc::channel(64);
        running.insert(peer.site_id, tell);
        tokio::spawn(drive(
            Arc::clone(site),
            peer.site_id,
            duties,
            told,
            shutdown.clone(),
        ));
    }

    /// Lets every link try again as if its peer had shown itself: what kept it may have been our own key.
    pub fn try_again(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for link in running.values() {
            // A full channel means the link has plenty to react to already.
            link.try_send(Input::PeerAppeared).ok();
        }
    }

    /// Notes that somebody asked us with a key nobody knows here: it may be our hub with a new one.
    pub fn note_unknown_key(&self) {
        self.heard_unknown_key.store(true, Ordering::Relaxed);
    }

    /// Whether somebody did since this was last asked.
    pub fn take_unknown_key(&self) -> bool {
        self.heard_unknown_key.swap(false, Ordering::Relaxed)
    }

    /// Leave to hold a question of `peer` open; none if it has its fill.
    pub fn hold(&self, peer: Uuid) -> Option<HeldQuestion> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(peer).or_insert(0);
        if *count >= HELD_FOR_A_PEER {
            return None;
        }
        *count += 1;
        Some(HeldQuestion {
            peer,
            held: Arc::clone(&self.held),
        })
    }

    /// Tells the link to `site_id` that its peer showed itself.
    pub fn peer_appeared(&self, site_id: Uuid) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = running.get(&site_id) {
            // A full channel means the link has plenty to react to already.
            link.try_send(Input::PeerAppeared).ok();
        }
    }
}

/// A member sends to its hub and asks if it cannot be called; a hub sends to members it can call.
fn duties(peer: &peer::Model) -> Duties {
    let is_pull = peer.link == LinkMode::Pull.as_str();
    if peer.is_upstream() {
        Duties {
            sends: true,
            asks: is_pull,
        }
    } else {
        Duties {
            sends: !is_pull,
            asks: false,
        }
    }
}

async fn drive(
    site: Arc<Site>,
    peer_id: Uuid,
    duties: Duties,
    mut told: mpsc::Receiver<Input>,
    shutdown: Shutdown,
) {
    let mut link = Link::new(duties);
    let mut woken = site.watch();
    let mut work: JoinSet<Input> = JoinSet::new();
    let mut asking = None;
    let mut wake_at: Option<DateTime<Utc>> = None;
    let mut next = Some(Input::Start);
    loop {
        if let Some(input) = next.take() {
            if matches!(input, Input::Tick) {
                wake_at = None;
            }
            let is_failure = matches!(input, Input::Failed(..));
            let (state, actions) = step(link, input, site.clock.now(), &mut rand::rng());
            link = state;
            if is_failure {
                note_next_try(&site, peer_id, &link).await;
            }
            for action in actions {
                match action {
                    Action::Wake(at) => {
                        wake_at = Some(wake_at.map_or(at, |earlier| earlier.min(at)))
                    }
                    Action::Alarm => {
                        tracing::error!(peer = %peer_id, "the peer rejects us; a person has to look")
                    }
                    action => {
                        let site = Arc::clone(&site);
                        let failures = link.send.failures.max(link.ask.failures);
                        let leg = leg_of(&action);
                        let task = work.spawn(perform(site, peer_id, action, failures));
                        if leg == Leg::Ask {
                            asking = Some(task.id());
                        }
                    }
                }
            }
        }
        let pause = wake_at.map(|at| pause_until(at, site.clock.now()));
        next = tokio::select! {
            () = shutdown.wait() => return,
            input = told.recv() => match input {
                Some(input) => Some(input),
                None => return,
            },
            Some(done) = work.join_next() => match done {
                Ok(input) => Some(input),
                Err(stopped) => {
                    tracing::error!(peer = %peer_id, error = %stopped, "a step of the link stopped");
                    let leg = match Some(stopped.id()) == asking {
                        true => Leg::Ask,
                        false => Leg::Send,
                    };
                    Some(Input::Failed(leg, Failure::Distance))
                }
            },
            Ok(()) = woken.changed() => Some(Input::Added),
            () = sleep_for(pause) => Some(Input::Tick),
        };
    }
}

/// Keeps for people when the next attempt is.
async fn note_next_try(site: &Site, peer_id: Uuid, link: &Link) {
    let next = [link.send.phase, link.ask.phase]
        .into_iter()
        .filter_map(|phase| match phase {
            Phase::Waiting(until) => Some(until.timestamp_millis()),
            Phase::Off | Phase::Idle | Phase::Busy => None,
        })
        .min();
    let noted = site
        .db
        .write(move |tx| Box::pin(async move { peer::note_next_try(tx, peer_id, next).await }))
        .await;
    if let Err(error) = noted {
        tracing::error!(
            error = crate::error::chain(&error),
            "next attempt not noted"
        );
    }
}

/// Never longer than a link ever waits, wherever the clock was when `at` was fixed.
fn pause_until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).min(LONGEST_WAIT).to_std().unwrap_or_default()
}

async fn sleep_for(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

fn leg_of(action: &Action) -> Leg {
    match action {
        Action::Ask => Leg::Ask,
        Action::Greet | Action::Send(_) | Action::Wake(_) | Action::Alarm => Leg::Send,
    }
}

async fn perform(site: Arc<Site>, peer_id: Uuid, action: Action, failures: u32) -> Input {
    let leg = leg_of(&action);
    let outcome = match action {
        Action::Greet => greet(&site, peer_id).await,
        Action::Send(lane) => send(&site, peer_id, lane).await,
        Action::Ask => ask(&site, peer_id).await,
        Action::Wake(_) | Action::Alarm => Ok(Ok(Input::Tick)),
    };
    match outcome {
        Ok(Ok(input)) => input,
        Ok(Err(setback)) => {
            tracing::info!(peer = %peer_id, reason = setback.slug, detail = setback.detail, failures, "peer not served");
            if setback.slug == wire::UNPROVED && learn_keys(&site, peer_id).await {
                let retry_after = TimeDelta::seconds(1);
                return Input::Failed(leg, Failure::Busy { retry_after });
            }
            let noted =
                note_failure(&site, peer_id, &setback.slug, &setback.detail, failures + 1).await;
            if let Err(error) = noted {
                tracing::error!(error = crate::error::chain(&error), "failure not noted");
            }
            Input::Failed(leg, setback.failure)
        }
        Err(error) => {
            // Our own trouble says nothing about the peer; its cursor stays where it is.
            crate::scrub::notice::row(&error);
            tracing::error!(peer = %peer_id, error = crate::error::chain(&error), "link step failed here");
            Input::Failed(leg, Failure::Distance)
        }
    }
}

/// A hub that answers with a key we do not know may have changed its key while we were away.
async fn learn_keys(site: &Arc<Site>, peer_id: Uuid) -> bool {
    let learnt = async {
        let hub = peer_of(site, peer_id).await?;
        key_history::refresh(site, &hub).await
    };
    learnt.await.unwrap_or_else(|error| {
        tracing::warn!(peer = %peer_id, error = crate::error::chain(&error), "the keys of the hub could not be asked for");
        false
    })
}

async fn note_failure(
    site: &Site,
    peer_id: Uuid,
    slug: &str,
    detail: &str,
    failures: u32,
) -> Result<()> {
    let (slug, detail) = (slug.to_owned(), detail.to_owned());
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(
                async move { peer::note_failure(tx, peer_id, &slug, &detail, failures, now).await },
            )
        })
        .await
}

/// An attempt that came to nothing.
struct Setback {
    failure: Failure,
    slug: String,
    detail: String,
}

type Step = std::result::Result<Input, Setback>;

impl Setback {
    /// The peer is two machines: which of them is to be believed, people there have to say.
    fn peer_doubled() -> Self {
        let retry_after = TimeDelta::from_std(wire::WHILE_DOUBLED).unwrap_or(TimeDelta::minutes(1));
        Self {
            failure: Failure::Busy { retry_after },
            slug: advice::PEER_DOUBLED.to_owned(),
            detail: advice::PEER_DOUBLED_WORDS.to_owned(),
        }
    }

    fn from_answer(answer: Answer) -> Self {
        match answer {
            Answer::Problem(problem) => Self::from_problem(&problem),
            Answer::Nothing { slug, detail } => Self {
                failure: Failure::Distance,
                slug: slug.to_owned(),
                detail,
            },
            Answer::Told(_) => Self {
                failure: Failure::Distance,
                slug: "malformed".to_owned(),
                detail: "Câu trả lời không đọc được".to_owned(),
            },
        }
    }

    fn from_problem(problem: &Problem) -> Self {
        Self {
            failure: Failure::from_problem(problem),
            slug: problem.kind.slug().to_owned(),
            detail: problem
                .detail
                .clone()
                .unwrap_or_else(|| problem.title.clone()),
        }
    }
}

async fn peer_of(site: &Site, peer_id: Uuid) -> Result<peer::Model> {
    let peer = peer::find(site.db.reader(), peer_id).await?;
    peer.ok_or_else(|| anyhow::anyhow!("no peer {peer_id}").into())
}

/// A suspended peer is left alone; its cursor waits where it is. That is our own decision, so looking
/// whether it still stands costs one read, and who is resumed is served at once.
fn rest(leg: Leg) -> Input {
    let retry_after = TimeDelta::seconds(3);
    Input::Failed(leg, Failure::Busy { retry_after })
}

async fn greet(site: &Arc<Site>, peer_id: Uuid) -> Result<Step> {
    let peer = peer_of(site, peer_id).await?;
    if !peer.is_active() {
        return Ok(Ok(rest(Leg::Send)));
    }
    match greeting::greet(site, &peer).await? {
        Greeted::Not(answer) => Ok(Err(Setback::from_answer(answer))),
        Greeted::Doubled => Ok(Err(Setback::peer_doubled())),
        Greeted::Welcome {
            wanted,
            logs,
            is_our_stream,
        } => {
            recover::if_rolled_back(site, &peer, &logs, is_our_stream).await?;
            let wanted = wanted.iter().map(|wanted| (wanted.log, wanted.seq));
            quarantine::send_wanted(site, peer_id, wanted.take(MOST_WANTED).collect()).await?;
            Ok(Ok(Input::Greeted))
        }
    }
}

async fn send(site: &Arc<Site>, peer_id: Uuid, lane: Lane) -> Result<Step> {
    let peer = peer_of(site, peer_id).await?;
    if !peer.is_active() {
        return Ok(Ok(rest(Leg::Send)));
    }
    if peer.is_doubled() {
        return Ok(Err(Setback::peer_doubled()));
    }
    let share = Share::of(site, peer_id, peer.is_upstream()).await?;
    let db = site.db.reader();
    let mut after = [0; 2];
    for (after, lane) in after.iter_mut().zip(Lane::ALL) {
        *after = cursor::get(db, peer_id, Direction::Out, lane)
            .await?
            .position_in(site.stream_id());
    }
    let [urgent, regular] = after;
    let next = match lane {
        Lane::Urgent => outgoing::next_batch(site, &share, lane, urgent).await?,
        Lane::Regular => outgoing::next_of_both(site, &share, urgent, regular).await?,
    };
    let Some(batch) = next else {
        return Ok(Ok(Input::NothingToSend(lane)));
    };
    let lane = batch.lane;
    let body = batch
        .to_bytes(&site.profile.title, &site.origin())
        .map_err(anyhow::Error::new)?;
    let correspondent = Correspondent::load(site, peer_id).await?;
    site.role.handed_over(site, peer_id, &batch).await?;
    let exchange = Exchange {
        method: Method::POST,
        path: super::api::INBOX,
        content: Some(Content {
            content_type: MEDIA_TYPE,
            body: &body,
        }),
        deadline: PUSH_PATIENCE,
    };
    match correspondent.exchange(site, exchange).await? {
        Answer::Told(bytes) => match serde_json::from_slice::<Receipt>(&bytes) {
            Ok(receipt) if receipt.stream == batch.stream && receipt.lane == lane => {
                acknowledge(site, peer_id, &receipt, batch.head).await?;
                Ok(Ok(Input::Acknowledged(lane)))
            }
            _ => Ok(Err(Setback::from_answer(Answer::Told(bytes)))),
        },
        Answer::Problem(problem) if problem.kind == ProblemKind::CursorGap => {
            let expected = problem
                .extra
                .get("expected")
                .and_then(serde_json::Value::as_i64)
                .unwrap_or(0);
            rewind(site, peer_id, lane, expected, batch.head).await?;
            Ok(Ok(Input::Rewound(lane)))
        }
        answer => Ok(Err(Setback::from_answer(answer))),
    }
}

async fn rewind(site: &Site, peer_id: Uuid, lane: Lane, expected: i64, head: i64) -> Result<()> {
    let stream = site.stream_id();
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move { move_out(tx, peer_id, lane, stream, expected, head, now).await })
        })
        .await
}

/// Moves our cursor for a peer to where its receipt says it stands, and keeps what it refused.
pub async fn acknowledge(
    site: &Arc<Site>,
    peer_id: Uuid,
    receipt: &Receipt,
    head: i64,
) -> Result<()> {
    let receipt = receipt.clone();
    let inner = Arc::clone(site);
    let now = site.clock.now().timestamp_millis();
    let has_said = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                move_out(
                    tx,
                    peer_id,
                    receipt.lane,
                    receipt.stream,
                    receipt.cursor,
                    head,
                    now,
                )
                .await?;
                note_refused(tx, peer_id, &receipt, now).await?;
                refusal::settle(tx, peer_id, Direction::Out, &receipt.outcomes, now).await?;
                let contact = peer::Contact {
                    delivered: true,
                    ..Default::default()
                };
                peer::note_contact(tx, peer_id, contact, now).await?;
                recover::after_refusals(tx, &inner, &receipt).await
            })
        })
        .await?;
    if has_said {
        site.wake();
    }
    Ok(())
}

async fn move_out(
    tx: &DatabaseTransaction,
    peer_id: Uuid,
    lane: Lane,
    stream: Uuid,
    position: i64,
    head: i64,
    now: i64,
) -> Result<()> {
    let cursor = cursor::Model {
        site_id: peer_id,
        direction: Direction::Out.as_str().to_owned(),
        lane: lane.to_string(),
        stream_id: stream,
        position,
        given_at: None,
        head: head.max(position),
        updated_at: now,
    };
    cursor::set(tx, cursor).await
}

/// Keeps what a peer refused of ours, for the people of this site.
pub async fn note_refused(
    tx: &DatabaseTransaction,
    peer_id: Uuid,
    receipt: &Receipt,
    now: i64,
) -> Result<()> {
    for outcome in &receipt.outcomes {
        let (Outcome::Refused, Some(reason)) = (outcome.outcome, outcome.reason) else {
            continue;
        };
        tracing::warn!(
            peer = %peer_id,
            log.id = outcome.log.map(tracing::field::display),
            log.seq = outcome.seq,
            reason = reason.slug(),
            "the peer refused an item"
        );
        let place = format!(
            "{} #{}",
            outcome.log.unwrap_or_default(),
            outcome.seq.unwrap_or(0)
        );
        let noted = NewRefusal {
            site_id: peer_id,
            direction: Direction::Out,
            log_id: outcome.log,
            seq: outcome.seq.unwrap_or(0),
            entry_id: None,
            reason,
            detail: outcome
                .detail
                .clone()
                .unwrap_or_else(|| reason.in_words().to_owned()),
            head: place,
        };
        refusal::note(tx, noted, now).await?;
    }
    Ok(())
}

/// Takes in what waits in the urgent lane of our hub, before anybody is served: a recall that came
/// while we were off is carried out before its entry is shown again. Ends after `patience` at the
/// latest, whatever was reached: a hub that is away must not keep its members from their readers.
pub async fn catch_up(site: &Arc<Site>, patience: Duration) -> Result<()> {
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        return Ok(());
    };
    if !hub.is_active() {
        return Ok(());
    }
    let urgent = async {
        loop {
            match ask_for(site, &hub, Duration::ZERO).await {
                Ok(Ok(Some(Lane::Urgent))) => {}
                Ok(Ok(_)) => return,
                Ok(Err(setback)) => {
                    tracing::warn!(
                        reason = setback.slug,
                        "the hub was not heard before serving"
                    );
                    return;
                }
                Err(error) => {
                    let error = crate::error::chain(&error);
                    tracing::warn!(error, "urgent events not taken in before serving");
                    return;
                }
            }
        }
    };
    if tokio::time::timeout(patience, urgent).await.is_err() {
        tracing::warn!("urgent events may be missing: the hub did not answer in time");
    }
    Ok(())
}

async fn ask(site: &Arc<Site>, peer_id: Uuid) -> Result<Step> {
    let peer = peer_of(site, peer_id).await?;
    if !peer.is_active() {
        return Ok(Ok(rest(Leg::Ask)));
    }
    if peer.is_doubled() {
        return Ok(Err(Setback::peer_doubled()));
    }
    let asked = ask_for(site, &peer, LONG_POLL).await?;
    Ok(asked.map(|_| Input::Received))
}

/// Asks for the next batch, has it held open for `wait`, and takes in what comes: the lane it came in,
/// none if nothing did.
async fn ask_for(
    site: &Arc<Site>,
    peer: &peer::Model,
    wait: Duration,
) -> Result<std::result::Result<Option<Lane>, Setback>> {
    let peer_id = peer.site_id;
    let db = site.db.reader();
    let holding = greeting::holding(db, peer_id).await?;
    let Cursors {
        urgent,
        regular,
        urgent_given_at,
        regular_given_at,
    } = holding.cursors;
    let mut path = format!(
        "{}?stream={}&urgent={urgent}&regular={regular}&wait={}",
        super::api::OUTBOX,
        holding.stream,
        wait.as_secs()
    );
    for (name, at) in [
        ("urgent_given_at", urgent_given_at),
        ("regular_given_at", regular_given_at),
    ] {
        if let Some(at) = at {
            path.push_str(&format!("&{name}={at}"));
        }
    }
    let correspondent = Correspondent::load(site, peer_id).await?;
    let exchange = Exchange {
        method: Method::GET,
        path: &path,
        content: None,
        deadline: wait + POLL_SLACK,
    };
    let bytes = match correspondent.exchange(site, exchange).await? {
        Answer::Told(bytes) => bytes,
        answer => return Ok(Err(Setback::from_answer(answer))),
    };
    let batch = Batch::parse(&bytes).ok();
    let is_empty = batch.as_ref().is_some_and(|batch| batch.items.is_empty());
    let lane = batch.map(|batch| batch.lane);
    if is_empty {
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    peer::note_contact(tx, peer_id, peer::Contact::default(), now).await
                })
            })
            .await?;
        return Ok(Ok(None));
    }
    let receipt = receive::receive(site, peer, &bytes, None).await?;
    let body = serde_json::to_vec(&receipt).map_err(anyhow::Error::new)?;
    let exchange = Exchange {
        method: Method::POST,
        path: super::api::RECEIPTS,
        content: Some(Content {
            content_type: JSON,
            body: &body,
        }),
        deadline: PUSH_PATIENCE,
    };
    // A receipt that is lost costs nothing: the next question names the same cursors.
    match correspondent.exchange(site, exchange).await? {
        Answer::Told(_) => Ok(Ok(lane)),
        answer => Ok(Err(Setback::from_answer(answer))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_full_or_busy_peer_answers_is_a_pause_and_no_verdict() {
        let in_a_minute = |kind| Problem::new(kind).retry_after(Duration::from_secs(60));
        for kind in [
            ProblemKind::StorageFull,
            ProblemKind::Unavailable,
            ProblemKind::RateLimited,
        ] {
            let busy = Failure::Busy {
                retry_after: TimeDelta::seconds(60),
            };
            assert_eq!(Setback::from_problem(&in_a_minute(kind)).failure, busy);
            let silent = Setback::from_problem(&Problem::new(kind)).failure;
            assert_eq!(silent, Failure::Distance);
        }
    }

    #[test]
    fn a_peer_holds_two_questions_open_and_takes_no_place_of_others() {
        let links = Links::default();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = links.hold(one);
        let second = links.hold(one);
        assert!(first.is_some() && second.is_some());
        assert!(links.hold(one).is_none());
        assert!(links.hold(other).is_some());
        drop(first);
        assert!(links.hold(one).is_some());
        drop(second);
        assert!(links.held.lock().expect("not poisoned").is_empty());
    }
}
