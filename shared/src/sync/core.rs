//! The decisions of the protocol, without sockets, clocks, databases or tasks.
//!
//! Two pure parts. [`judge_batch`] and [`judge_event`] say what a receiver does with what arrives.
//! [`step`] says what a sender or asker does next: given the state of the link to one peer, what
//! just happened, the time and a source of randomness, it returns the new state and what to do. The
//! drivers in [`link`](super::link) do it and report back; a simulator can do the same for a thousand
//! peers in one thread.

pub mod history;
pub mod runs;

use super::receipt::Reason;
use crate::log::{Digest, EventKind, Header, Lane};
use crate::problem::{Problem, ProblemKind};
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::RngExt;
use uuid::Uuid;

/// Shortest wait after a vain attempt.
pub const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(1);
/// Longest wait: a peer that was away for a month is served within ten minutes of its return.
pub const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(10);
/// A sender with nothing to send greets its peer this often, so that both know the other is there.
pub const HEARTBEAT: TimeDelta = TimeDelta::seconds(60);
/// After so many rewinds without progress the peer is treated as out of reach for a while.
const MOST_GAPS: u32 = 3;
/// A peer that shows itself is tried ahead of time this often at most. Where requests arrive and answers do
/// not, each vain greeting of the one would otherwise call forth a vain greeting of the other, without end.
const CALM: TimeDelta = TimeDelta::seconds(10);

// ---- receiving -------------------------------------------------------------------------------

/// A place in a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamPlace {
    /// The position; 0 is the very beginning.
    pub position: i64,
    /// When the sender gave it away, in milliseconds, as it said itself: two databases that grew out of one
    /// copy give the same position away, and not at the same moment. None at the beginning, and where sites
    /// of an earlier version do not say.
    pub given_at: Option<i64>,
}

impl StreamPlace {
    /// A place of which the position alone is known.
    pub fn at(position: i64) -> Self {
        Self {
            position,
            given_at: None,
        }
    }
}

/// What a receiver holds of a sender's lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The stream it is a place in, if anything was ever received.
    pub stream: Option<Uuid>,
    /// The cursor.
    pub place: StreamPlace,
}

impl Held {
    /// The place in `stream`: at the very beginning of any but the one that is held.
    pub fn place_in(self, stream: Uuid) -> StreamPlace {
        if self.stream == Some(stream) {
            self.place
        } else {
            StreamPlace::default()
        }
    }

    /// The position of [`Held::place_in`].
    pub fn position_in(self, stream: Uuid) -> i64 {
        self.place_in(stream).position
    }

    /// Where this lane stands once something of `stream` was taken in the other. A stream is both its
    /// lanes: an asker names one stream for both of its cursors.
    #[must_use]
    pub fn beside(self, stream: Uuid) -> Self {
        Self {
            stream: Some(stream),
            place: self.place_in(stream),
        }
    }
}

/// Whether the place at which a peer says to stand in our stream is one that we gave away: `last` is our
/// last position, `given_at` when we gave that position away, if it is still known. If it is not, our
/// database is older than the peer's words, and the stream is another one now.
pub fn is_of_our_stream(told: StreamPlace, last: i64, given_at: Option<i64>) -> bool {
    let is_another =
        matches!((told.given_at, given_at), (Some(theirs), Some(ours)) if theirs != ours);
    told.position <= last && !is_another
}

/// What the receiver does with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchVerdict {
    /// Takes it, and stands at `cursor` afterwards.
    Take {
        /// The cursor after it; never behind the one before.
        cursor: StreamPlace,
    },
    /// Something between is missing: the sender is to go on from `expected`.
    Gap {
        /// The cursor the receiver stands at.
        expected: i64,
    },
}

/// Whether a batch after `after` and through `through` continues what is held. Overlap is welcome: a
/// lost receipt costs a repetition, never a hole. Another stream means that the sender's database was
/// created anew or restored, and its count begins again.
pub fn judge_batch(held: Held, stream: Uuid, after: i64, through: StreamPlace) -> BatchVerdict {
    let stands = held.place_in(stream);
    if after > stands.position {
        return BatchVerdict::Gap {
            expected: stands.position,
        };
    }
    let cursor = if through.position > stands.position {
        through
    } else {
        stands
    };
    BatchVerdict::Take { cursor }
}

/// Whether a batch of the hub comes before the directory: who is who travels in the urgent lane, and all that
/// is regular rests on it. Who stands at the very beginning there takes nothing regular yet: a batch that was
/// sent to the database this one replaces would be refused for good. `urgent` is where the receiver stands.
pub fn precedes_directory(lane: Lane, stream: Uuid, urgent: Held) -> bool {
    lane == Lane::Regular && urgent.position_in(stream) == 0
}

/// What is known of a place in a log and its neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The digest of the event held at this place.
    pub here: Option<Digest>,
    /// The digest of the event held at the place before.
    pub before: Option<Digest>,
    /// What the event held at the place after names as the one before it.
    pub named_by_next: Option<Digest>,
}

/// What the receiver does with an event whose signature and authority are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventVerdict {
    /// Stores it.
    Store,
    /// Has it.
    Duplicate,
    /// Refuses it: another event has its place.
    Forked,
    /// Refuses it: it does not fit its neighbours.
    ChainBroken,
}

/// Whether an event with `digest`, naming `prev`, fits what is known of its place.
pub fn judge_event(known: Known, digest: Digest, prev: Option<Digest>) -> EventVerdict {
    match known.here {
        Some(here) if here == digest => return EventVerdict::Duplicate,
        Some(_) => return EventVerdict::Forked,
        None => {}
    }
    let follows = known.before.is_none_or(|before| prev == Some(before));
    let is_followed = known.named_by_next.is_none_or(|named| named == digest);
    if follows && is_followed {
        EventVerdict::Store
    } else {
        EventVerdict::ChainBroken
    }
}

/// What is known here of what an event touches, beside its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The site and the addressee of the log of that id, if it is held.
    pub log: Option<(Uuid, Option<Uuid>)>,
    /// The place and its neighbours.
    pub place: Known,
    /// The site the entry was born at, if it is known.
    pub entry_origin: Option<Uuid>,
}

/// What becomes of an event whose signature and authority are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemVerdict {
    /// Stored.
    Store,
    /// Held already.
    Duplicate,
    /// Refused.
    Refuse(Reason),
}

/// Whether an event fits the log, the place and the entry it claims, as the transaction sees them:
/// another item of the same batch may just have changed them.
pub fn judge_item(header: &Header, digest: Digest, around: &Surroundings) -> ItemVerdict {
    if around
        .log
        .is_some_and(|log| log != (header.site, header.to))
    {
        return ItemVerdict::Refuse(Reason::LogForked);
    }
    match judge_event(around.place, digest, header.prev) {
        EventVerdict::Store => {}
        EventVerdict::Duplicate => return ItemVerdict::Duplicate,
        EventVerdict::Forked => return ItemVerdict::Refuse(Reason::LogForked),
        EventVerdict::ChainBroken => return ItemVerdict::Refuse(Reason::ChainBroken),
    }
    let is_of_entry = header.kind.concerns_entry() && header.to.is_none();
    // Who may recall was decided with its authority.
    let is_recall = header.kind == EventKind::EntryRecalled;
    if is_of_entry
        && !is_recall
        && around
            .entry_origin
            .is_some_and(|origin| origin != header.site)
    {
        return ItemVerdict::Refuse(Reason::NotOrigin);
    }
    ItemVerdict::Store
}

// ---- sending and asking ----------------------------------------------------------------------

/// What a link does. A hub sends to members it can call and lets the others ask; a member sends to
/// its hub, and asks if it cannot be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duties {
    /// Whether this side sends what it has.
    pub sends: bool,
    /// Whether this side asks for what the other has.
    pub asks: bool,
}

/// One of a link's two activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// Sending ours.
    Send,
    /// Asking for theirs.
    Ask,
}

/// What a leg is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not one of this link's duties.
    Off,
    /// Everything is delivered; waits to be woken.
    Idle,
    /// A request is under way.
    Busy,
    /// Waits until then before the next attempt.
    Waiting(DateTime<Utc>),
}

/// A leg: what it is doing and how often it failed in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegState {
    /// What it is doing.
    pub phase: Phase,
    /// Vain attempts since the last success, but for those made ahead of time.
    pub failures: u32,
    /// Whether the peer rejected us since the last success.
    is_rejected: bool,
    /// Rewinds since the last progress.
    gaps: u32,
    /// Whether something was added while a request was under way.
    is_woken: bool,
    /// When to greet the peer again though there is nothing to send.
    greet_at: Option<DateTime<Utc>>,
    /// When it was last tried ahead of time, as the peer had shown itself, since anything got through.
    hurried_at: Option<DateTime<Utc>>,
    /// When it would have been tried anyway, while it is tried, or about to be, ahead of time.
    own_turn: Option<DateTime<Utc>>,
}

impl LegState {
    fn succeeded(&mut self) {
        self.failures = 0;
        self.is_rejected = false;
        self.own_turn = None;
    }

    /// More than a greeting got through: the road carries.
    fn got_through(&mut self) {
        self.succeeded();
        self.hurried_at = None;
    }
}

/// The link to one peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Sending ours.
    pub send: LegState,
    /// Asking for theirs.
    pub ask: LegState,
}

impl Link {
    /// A link that has not begun; [`Input::Start`] begins it.
    pub fn new(duties: Duties) -> Self {
        let leg = |on| LegState {
            phase: if on { Phase::Idle } else { Phase::Off },
            failures: 0,
            is_rejected: false,
            gaps: 0,
            is_woken: false,
            greet_at: None,
            hurried_at: None,
            own_turn: None,
        };
        Self {
            send: leg(duties.sends),
            ask: leg(duties.asks),
        }
    }

    fn leg(&mut self, leg: Leg) -> &mut LegState {
        match leg {
            Leg::Send => &mut self.send,
            Leg::Ask => &mut self.ask,
        }
    }
}

/// Why an attempt was in vain. None of these says anything about what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Out of reach, out of time, out of order, or no receipt in the answer.
    Distance,
    /// The peer does not accept us at all: wrong key, wrong clock, suspended. Nothing is dropped; a
    /// person has to look, so it is said aloud. A bit that tipped over on the way looks the same as a
    /// wrong key, so it is tried again like any other.
    Rejected,
    /// The peer asks us to come back later.
    Busy {
        /// When.
        retry_after: TimeDelta,
    },
}

impl Failure {
    /// What a problem the peer answered with says about the next attempt.
    pub fn from_problem(problem: &Problem) -> Self {
        let status = problem.status_code().as_u16();
        match (status, problem.retry_after) {
            (429 | 503 | 507, Some(seconds)) => Self::Busy {
                retry_after: TimeDelta::seconds(i64::try_from(seconds).unwrap_or(600)),
            },
            // Who suspended us says when to ask whether that still holds.
            (403, Some(seconds)) if is_held(problem.kind) => Self::Busy {
                retry_after: TimeDelta::seconds(i64::try_from(seconds).unwrap_or(600)),
            },
            (400..=499, _) if !problem.should_retry() => Self::Rejected,
            _ => Self::Distance,
        }
    }
}

/// Whether a problem of this kind ends when somebody there decides so, or switches something off.
fn is_held(kind: ProblemKind) -> bool {
    matches!(kind, ProblemKind::SiteSuspended | ProblemKind::SiteDoubled)
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The link begins.
    Start,
    /// Something was added to our stream.
    Added,
    /// The peer showed that it is there.
    PeerAppeared,
    /// Time passed.
    Tick,
    /// The peer answered our greeting.
    Greeted,
    /// There is nothing of this lane left to send.
    NothingToSend(Lane),
    /// The peer acknowledged a batch of this lane.
    Acknowledged(Lane),
    /// The peer misses something and named the place to go on from; our cursor was set to it.
    Rewound(Lane),
    /// An answer to our question came and is stored, or there was nothing new in time.
    Received,
    /// An attempt was in vain.
    Failed(Leg, Failure),
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Greet the peer: compare clocks and cursors before anything is sent.
    Greet,
    /// Send the next batch of this lane, or report [`Input::NothingToSend`].
    Send(Lane),
    /// Ask for what comes after our cursors, both lanes, and wait for an answer.
    Ask,
    /// Report [`Input::Tick`] then.
    Wake(DateTime<Utc>),
    /// Tell the people of this site that the peer rejects us.
    Alarm,
}

/// The next state of a link, and what to do.
pub fn step(
    mut link: Link,
    input: Input,
    now: DateTime<Utc>,
    rng: &mut impl Rng,
) -> (Link, Vec<Action>) {
    let mut actions = Vec::new();
    match input {
        Input::Start => {
            begin(&mut link, Leg::Send, now, &mut actions);
            begin(&mut link, Leg::Ask, now, &mut actions);
        }
        Input::Added => match link.send.phase {
            Phase::Idle => {
                link.send.phase = Phase::Busy;
                actions.push(Action::Send(Lane::Urgent));
            }
            Phase::Busy => link.send.is_woken = true,
            Phase::Off | Phase::Waiting(_) => {}
        },
        Input::PeerAppeared => {
            for leg in [Leg::Send, Leg::Ask] {
                hurry(&mut link, leg, now, &mut actions);
            }
        }
        Input::Tick => {
            for leg in [Leg::Send, Leg::Ask] {
                match link.leg(leg).phase {
                    Phase::Waiting(until) if is_due(until, LONGEST_WAIT, now) => {
                        begin(&mut link, leg, now, &mut actions);
                    }
                    Phase::Waiting(until) => actions.push(Action::Wake(until)),
                    Phase::Idle => match link.leg(leg).greet_at {
                        Some(at) if is_due(at, HEARTBEAT, now) => {
                            begin(&mut link, leg, now, &mut actions);
                        }
                        Some(at) => actions.push(Action::Wake(at)),
                        None => {}
                    },
                    Phase::Off | Phase::Busy => {}
                }
            }
        }
        Input::Greeted => {
            link.send.succeeded();
            actions.push(Action::Send(Lane::Urgent));
        }
        Input::Acknowledged(_) => {
            link.send.got_through();
            link.send.gaps = 0;
            // Whatever is left of a backlog, what is urgent goes first.
            actions.push(Action::Send(Lane::Urgent));
        }
        Input::NothingToSend(Lane::Urgent) => actions.push(Action::Send(Lane::Regular)),
        Input::NothingToSend(Lane::Regular) => {
            if link.send.is_woken {
                link.send.is_woken = false;
                actions.push(Action::Send(Lane::Urgent));
            } else {
                link.send.got_through();
                link.send.phase = Phase::Idle;
                link.send.greet_at = Some(now + HEARTBEAT);
                actions.push(Action::Wake(now + HEARTBEAT));
            }
        }
        Input::Rewound(_) => {
            link.send.gaps += 1;
            if link.send.gaps > MOST_GAPS {
                fail(
                    &mut link,
                    Leg::Send,
                    &Failure::Distance,
                    now,
                    rng,
                    &mut actions,
                );
            } else {
                // A peer that lost its place in one lane may have lost it in both, and what is urgent,
                // the directory above all, goes before the rest: it is asked where it stands.
                actions.push(Action::Greet);
            }
        }
        Input::Received => {
            link.ask.got_through();
            actions.push(Action::Ask);
        }
        Input::Failed(leg, failure) => fail(&mut link, leg, &failure, now, rng, &mut actions),
    }
    (link, actions)
}

/// Whether `at` has come. What lies further ahead than anything is ever put off was fixed by a clock
/// that has been turned back since, and would not come for as long as that clock was wrong.
fn is_due(at: DateTime<Utc>, furthest: TimeDelta, now: DateTime<Utc>) -> bool {
    at <= now || at - now > furthest
}

/// If it waits: tries ahead of time, or as soon as it was calm for [`CALM`].
fn hurry(link: &mut Link, leg: Leg, now: DateTime<Utc>, actions: &mut Vec<Action>) {
    let state = link.leg(leg);
    let Phase::Waiting(until) = state.phase else {
        return;
    };
    state.own_turn.get_or_insert(until);
    match state.hurried_at.map(|at| at + CALM) {
        Some(at) if !is_due(at, CALM, now) => {
            let until = until.min(at);
            state.phase = Phase::Waiting(until);
            actions.push(Action::Wake(until));
        }
        _ => begin(link, leg, now, actions),
    }
}

fn begin(link: &mut Link, leg: Leg, now: DateTime<Utc>, actions: &mut Vec<Action>) {
    let state = link.leg(leg);
    if state.phase == Phase::Off {
        return;
    }
    // Its own turn may have come meanwhile: then this is it.
    state.own_turn = state.own_turn.filter(|at| !is_due(*at, LONGEST_WAIT, now));
    if state.own_turn.is_some() {
        state.hurried_at = Some(now);
    }
    state.phase = Phase::Busy;
    state.gaps = 0;
    actions.push(match leg {
        Leg::Send => Action::Greet,
        Leg::Ask => Action::Ask,
    });
}

fn fail(
    link: &mut Link,
    leg: Leg,
    failure: &Failure,
    now: DateTime<Utc>,
    rng: &mut impl Rng,
    actions: &mut Vec<Action>,
) {
    let state = link.leg(leg);
    if *failure == Failure::Rejected && !state.is_rejected {
        state.is_rejected = true;
        actions.push(Action::Alarm);
    }
    // What was tried ahead of time and in vain counts for nothing and puts nothing off.
    let own_turn = state.own_turn.take();
    let own_turn = own_turn.filter(|at| !is_due(*at, LONGEST_WAIT, now));
    if own_turn.is_none() {
        state.failures = state.failures.saturating_add(1);
    }
    let until = match (failure, own_turn) {
        (Failure::Busy { retry_after }, _) => {
            now + (*retry_after).clamp(SHORTEST_WAIT, LONGEST_WAIT)
        }
        (Failure::Distance | Failure::Rejected, Some(at)) => at,
        (Failure::Distance | Failure::Rejected, None) => now + back_off(state.failures, rng),
    };
    state.phase = Phase::Waiting(until);
    actions.push(Action::Wake(until));
}

/// Full jitter: anything between the shortest wait and a bound that doubles with each failure, so
/// that members cut off together do not come back together.
pub fn back_off(failures: u32, rng: &mut impl Rng) -> TimeDelta {
    let shortest = SHORTEST_WAIT.num_milliseconds();
    let doubled = shortest.saturating_mul(1_i64 << failures.min(20));
    let longest = doubled.min(LONGEST_WAIT.num_milliseconds());
    TimeDelta::milliseconds(rng.random_range(shortest..=longest))
}

#[cfg(test)]
mod tests;
