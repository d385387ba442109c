//! A server: what it does with requests, and the drivers of its links.
//!
//! The shape is that of `sync::api`, `sync::link`, `sync::greeting` and `sync::recover`: read, ask the core,
//! write in one unit of work, answer after it. A unit of work takes its time; if the process ends before, it
//! never happened.

use super::Sabotage;
use super::store::{Event, Identity, Judged, NewEvent, Store};
use super::world::{Call, Envelope, Happening, Place, Rules, Then, World};
use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;
use shared::entries::Mode;
use shared::log::{Digest, Lane};
use shared::problem::{Problem, ProblemKind};
use shared::sync::audience::Membership;
use shared::sync::batch::{self, Batch, ItemParts};
use shared::sync::core::history::{self, Elsewhere, Here, LogVerdict};
use shared::sync::core::runs::Ticket;
use shared::sync::core::{
    Action, BatchVerdict, Duties, Failure, Held, Input, LONGEST_WAIT, Leg, Link, StreamPlace,
    judge_batch, precedes_directory, step,
};
use shared::sync::message_signature::{MAX_AGE, check_times};
use shared::sync::receipt::Reason;
use shared::sync::verify::{self, Circumstances};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use uuid::Uuid;

/// How long a question is held open.
const LONG_POLL: i64 = 25_000;
/// How long the asker, the pusher and the greeter wait.
const ASK_PATIENCE: i64 = 45_000;
const PUSH_PATIENCE: i64 = 60_000;
const GREET_PATIENCE: i64 = 20_000;
/// When a suspended site is to ask again.
const WHILE_SUSPENDED: Duration = Duration::from_secs(15);

/// A site and the machine it runs on.
pub struct Node {
    /// Who it is.
    pub who: Identity,
    /// Whether it asks for what the hub has.
    pub is_pull: bool,
    /// What is on its disk.
    pub disk: Store,
    /// How often the disk was replaced.
    pub disk_life: u32,
    /// What is in its memory; none while it is not running.
    pub(super) process: Option<Process>,
    /// How often it was started.
    pub epoch: u64,
    /// How far its clock is off, in milliseconds.
    pub clock: i64,
    /// Whether the disk has no room.
    pub is_full: bool,
    /// How long a write takes at most, in milliseconds.
    pub slowness: i64,
    /// Copies of its disk.
    pub copies: Vec<Store>,
    busy_until: i64,
}

/// What is gone when the process ends.
#[derive(Default)]
pub(super) struct Process {
    links: BTreeMap<Place, Driver>,
    waiting: Vec<Waiter>,
    has_doubted: bool,
    tickets: BTreeMap<Place, Ticket>,
    asked: BTreeMap<(Place, Uuid), (i64, i64)>,
}

struct Driver {
    link: Link,
    wake_at: Option<DateTime<Utc>>,
    token: u64,
    under_way: [bool; 2],
}

/// A question that is held open.
struct Waiter {
    number: u64,
    peer: Place,
    call: u64,
    stream: Uuid,
    places: [(Lane, i64); 2],
}

/// What is asked of a server.
#[derive(Debug)]
pub(super) enum Request {
    Hello {
        stream: Uuid,
        run: Uuid,
        ticket: Option<Ticket>,
        logs: Vec<(Uuid, Vec<(i64, Digest)>)>,
        holds: (Uuid, [StreamPlace; 2]),
    },
    Inbox(Pack),
    Outbox {
        stream: Uuid,
        places: [StreamPlace; 2],
    },
    Receipts(Receipt),
    Log {
        log: Uuid,
        after: i64,
    },
}

/// A batch.
#[derive(Clone, Debug)]
pub(super) struct Pack {
    pub stream: Uuid,
    pub lane: Lane,
    pub from: Uuid,
    pub to: Uuid,
    pub after: i64,
    pub through: StreamPlace,
    pub items: Vec<(Rc<Event>, Option<Mode>)>,
}

/// A receipt.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub stream: Uuid,
    pub lane: Lane,
    pub cursor: i64,
    pub held: Vec<(Uuid, i64, Digest)>,
    /// What finds other words in its place.
    pub forked: Vec<(Uuid, i64, Digest)>,
    /// On which life of the disk of who gave it; for those who check promises.
    pub life: u32,
}

/// What comes back.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Hello {
        run: Uuid,
        ticket: Ticket,
        cursors: [StreamPlace; 2],
        logs: Vec<(Uuid, Elsewhere)>,
    },
    Receipt(Receipt),
    Batch(Pack),
    Done,
    Problem(Problem),
    Nothing,
}

impl Answer {
    fn problem(kind: ProblemKind) -> Self {
        let problem = Problem::new(kind);
        Self::Problem(match kind {
            ProblemKind::SiteSuspended => problem.retry_after(WHILE_SUSPENDED),
            _ => problem,
        })
    }

    fn failure(&self) -> Failure {
        match self {
            Self::Problem(problem) => Failure::from_problem(problem),
            _ => Failure::Distance,
        }
    }
}

impl Node {
    /// A machine that has not been started.
    pub fn new(who: Identity, is_pull: bool, disk: Store) -> Self {
        let is_pull = is_pull && who.place != Place::HUB;
        Self {
            who,
            is_pull,
            disk,
            disk_life: 0,
            process: None,
            epoch: 0,
            clock: 0,
            is_full: false,
            slowness: 12,
            copies: Vec::new(),
            busy_until: 0,
        }
    }
}

// ---- the life of a process -----------------------------------------------------------------------

/// What is to be done with a log once it was fetched.
type Done = Box<dyn FnOnce(&mut World, Vec<Rc<Event>>)>;

impl World {
    /// Starts a server: its links begin.
    pub(super) fn start(&mut self, place: Place) {
        if self.nodes[place.0].process.is_some() {
            return;
        }
        self.say(|| format!("{place} starts"));
        let epoch = self.number();
        let peers: Vec<(Place, Duties)> = if place == Place::HUB {
            self.nodes[1..]
                .iter()
                .filter(|member| !member.is_pull)
                .map(|member| (member.who.place, duties(true, false)))
                .collect()
        } else {
            vec![(Place::HUB, duties(true, self.nodes[place.0].is_pull))]
        };
        let node = &mut self.nodes[place.0];
        node.epoch = epoch;
        node.busy_until = self.now;
        let mut process = Process::default();
        for (peer, duties) in &peers {
            let driver = Driver {
                link: Link::new(*duties),
                wake_at: None,
                token: 0,
                under_way: [false; 2],
            };
            process.links.insert(*peer, driver);
        }
        node.process = Some(process);
        self.check_promises(place);
        for (peer, _) in peers {
            self.tell(place, peer, Input::Start);
        }
    }

    /// Ends a server in the middle of whatever it does.
    pub(super) fn stop(&mut self, place: Place) {
        if self.nodes[place.0].process.take().is_some() {
            self.say(|| format!("{place} stops"));
        }
    }

    /// Begins a unit of work. It is done when it is on the disk, and never if the process ends before.
    pub(super) fn write(&mut self, place: Place, work: impl FnOnce(&mut Self, bool) + 'static) {
        let node = &self.nodes[place.0];
        let takes = self.rng.random_range(1..=node.slowness);
        let node = &mut self.nodes[place.0];
        let at = node.busy_until.max(self.now) + takes;
        node.busy_until = at;
        let epoch = node.epoch;
        self.after(
            at - self.now,
            Happening::Commit(place, epoch, Box::new(work)),
        );
    }

    /// A unit of work of a world that has not begun.
    pub(super) fn write_at_once(
        &mut self,
        place: Place,
        work: impl FnOnce(&mut Store, &Identity, &mut Rules),
    ) {
        self.with_disk(place, work);
        self.after_work(place);
    }

    pub(super) fn with_disk<T>(
        &mut self,
        place: Place,
        work: impl FnOnce(&mut Store, &Identity, &mut Rules) -> T,
    ) -> T {
        self.rules.clock = self.clock(place);
        let node = &mut self.nodes[place.0];
        work(&mut node.disk, &node.who, &mut self.rules)
    }

    /// After every unit of work: looks at what it did, and wakes what waits for the stream.
    pub(super) fn after_work(&mut self, place: Place) {
        let done = std::mem::take(&mut self.nodes[place.0].disk.trace);
        if done.is_empty() {
            return;
        }
        self.check_work(place, &done);
        self.wake(place);
    }

    fn wake(&mut self, place: Place) {
        let Some(process) = &mut self.nodes[place.0].process else {
            return;
        };
        let peers: Vec<Place> = process.links.keys().copied().collect();
        for peer in peers {
            self.tell_soon(place, peer, Input::Added);
        }
        let waiters = self
            .process(place)
            .map(|process| std::mem::take(&mut process.waiting))
            .unwrap_or_default();
        for waiter in waiters {
            self.hold_open(place, waiter);
        }
    }

    /// The id a process took when it started.
    pub(super) fn run_of(&self, place: Place) -> Uuid {
        Uuid::from_u128(u128::from(self.nodes[place.0].epoch))
    }

    fn process(&mut self, place: Place) -> Option<&mut Process> {
        self.nodes[place.0].process.as_mut()
    }
}

fn duties(sends: bool, asks: bool) -> Duties {
    Duties { sends, asks }
}

// ---- messages --------------------------------------------------------------------------------------

impl World {
    /// Sends a signed request; `then` is given the answer, or nothing after `patience`.
    pub(super) fn request(
        &mut self,
        from: Place,
        to: Place,
        request: Request,
        patience: i64,
        then: Then,
    ) {
        let call = self.number();
        let epoch = self.nodes[from.0].epoch;
        let waiting = Call {
            from,
            to,
            epoch,
            then,
        };
        self.calls.insert(call, waiting);
        self.after(patience, Happening::Timeout(call));
        let envelope = Envelope {
            key: self.nodes[from.0].who.key.id(),
            nonce: call,
            created: whole_seconds(self.clock(from)),
        };
        self.dispatch(call, from, to, envelope, Rc::new(request));
    }

    pub(super) fn dispatch(
        &mut self,
        call: u64,
        from: Place,
        to: Place,
        envelope: Envelope,
        request: Rc<Request>,
    ) {
        self.life.messages += 1;
        let arrivals = self.network.request(from, to, &mut self.rng);
        // What swallows a request may answer it: who does not look whose answer it is takes that for the peer's.
        let is_swallowed = arrivals.is_empty() && self.network.strangers > 0;
        if is_swallowed && self.rules.sabotage == Some(Sabotage::ReceiptNotVerified) {
            let envelope = Envelope {
                key: self.nodes[to.0].who.key.id(),
                nonce: call,
                created: whole_seconds(self.clock(to)),
            };
            self.after(1, Happening::Answer(call, envelope, Answer::Done));
        }
        for wait in arrivals {
            let arrival = Happening::Request {
                call,
                from,
                to,
                envelope,
                request: Rc::clone(&request),
            };
            self.after(wait, arrival);
        }
    }

    fn answer(&mut self, from: Place, to: Place, call: u64, answer: Answer) {
        let Some(wait) = self.network.answer(from, to, &mut self.rng) else {
            return;
        };
        let mut answer = answer;
        if self.network.is_stranger(&mut self.rng) {
            answer = match (self.rules.sabotage, self.calls.get(&call)) {
                // Who does not look whose answer it is takes any 200 for what it hoped for.
                (Some(Sabotage::ReceiptNotVerified), Some(_)) => Answer::Done,
                _ => Answer::Nothing,
            };
        }
        let envelope = Envelope {
            key: self.nodes[from.0].who.key.id(),
            nonce: call,
            created: whole_seconds(self.clock(from)),
        };
        self.after(wait, Happening::Answer(call, envelope, answer));
    }

    pub(super) fn receive_answer(&mut self, call: u64, envelope: Envelope, answer: Answer) {
        let Some(waiting) = self.calls.remove(&call) else {
            return;
        };
        if !self.is_running(waiting.from, waiting.epoch) {
            return;
        }
        // Problems are not signed; everything else is, with a key pinned for that peer.
        let is_proved = matches!(answer, Answer::Problem(_) | Answer::Nothing) || {
            let now = self.clock(waiting.from);
            let peer = self.nodes[waiting.to.0].who.site;
            let key = self.nodes[waiting.from.0].disk.directory.key(&envelope.key);
            key.is_some_and(|key| key.site_id == peer && key.speaks_at(now))
                && check_times(envelope.created, envelope.created + MAX_AGE, now).is_ok()
        };
        let answer = if is_proved { answer } else { Answer::Nothing };
        (waiting.then)(self, answer);
    }

    /// Who sent a request, and whether it may be heard at all.
    fn authenticate(&self, place: Place, envelope: &Envelope) -> Result<Place, ProblemKind> {
        let disk = &self.nodes[place.0].disk;
        let now = self.clock(place);
        let key = disk
            .directory
            .key(&envelope.key)
            .ok_or(ProblemKind::UnknownSite)?;
        if !key.speaks_at(now) {
            return Err(ProblemKind::KeyRevoked);
        }
        check_times(envelope.created, envelope.created + MAX_AGE, now)
            .map_err(|_| ProblemKind::ClockSkew)?;
        let peer = self.place_of(key.site_id).ok_or(ProblemKind::UnknownSite)?;
        if place != Place::HUB && peer != Place::HUB {
            return Err(ProblemKind::UnknownSite);
        }
        let is_active = disk
            .directory
            .site(key.site_id)
            .is_some_and(|site| site.is_active());
        if disk.suspended.contains(&peer) || !is_active {
            return Err(ProblemKind::SiteSuspended);
        }
        Ok(peer)
    }

    /// Uses a nonce up in the unit of work of what its request does; false if it was seen before.
    fn use_up(&mut self, place: Place, envelope: &Envelope) -> bool {
        let is_new = self.nodes[place.0]
            .disk
            .nonces
            .insert((envelope.key, envelope.nonce));
        if !is_new && self.rules.sabotage != Some(Sabotage::NonceNotUsedUp) {
            return false;
        }
        self.check_request(place, envelope.key, envelope.nonce);
        true
    }

    pub(super) fn receive_request(
        &mut self,
        call: u64,
        from: Place,
        to: Place,
        envelope: Envelope,
        request: &Rc<Request>,
    ) {
        if self.nodes[to.0].process.is_none() {
            // Refused by the machine, as often as not; otherwise there is silence.
            if self.rng.random_bool(0.5) {
                self.answer(to, from, call, Answer::Nothing);
            }
            return;
        }
        let peer = match self.authenticate(to, &envelope) {
            Ok(peer) => peer,
            Err(kind) => return self.answer(to, from, call, Answer::problem(kind)),
        };
        let request = Rc::clone(request);
        match &*request {
            Request::Inbox(pack) => {
                let judged = self.judge(to, peer, pack);
                self.take_pack(to, peer, pack.clone(), judged, Some(envelope), call);
            }
            Request::Hello { .. } => self.write(to, move |world, has_room| {
                world.hear_hello(to, peer, envelope, call, &request, has_room);
            }),
            Request::Outbox { .. } => self.write(to, move |world, has_room| {
                world.hear_question(to, peer, envelope, call, &request, has_room);
            }),
            Request::Receipts(_) => self.write(to, move |world, has_room| {
                world.hear_receipt(to, peer, envelope, call, &request, has_room);
            }),
            Request::Log { .. } => self.write(to, move |world, has_room| {
                world.hear_log(to, peer, envelope, call, &request, has_room);
            }),
        }
    }
}

fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time)
}

// ---- taking in ---------------------------------------------------------------------------------------

impl World {
    /// Signature and authority of every item; nothing is written.
    fn judge(&self, place: Place, peer: Place, pack: &Pack) -> Vec<Result<Judged, Reason>> {
        let node = &self.nodes[place.0];
        let peer = &self.nodes[peer.0].who;
        let mut directory = std::borrow::Cow::Borrowed(&node.disk.directory);
        let mut judged = Vec::with_capacity(pack.items.len());
        for (event, mode) in &pack.items {
            let header = event.header();
            let parts = ItemParts {
                signed: event.signed.clone(),
                content: event.content.as_deref().cloned(),
                mode: *mode,
            };
            let circumstances = Circumstances {
                our_unit: node.who.unit,
                peer: peer.site,
                from_upstream: peer.place == Place::HUB,
                entry_origin: header
                    .entry
                    .and_then(|entry| node.disk.entries.get(&entry))
                    .map(|entry| entry.site),
            };
            let verified = verify::verify(parts, &directory);
            let outcome = if self.rules.sabotage == Some(Sabotage::NoAuthority) {
                verified.map(drop)
            } else {
                verified
                    .and_then(|verified| verify::authorize(verified, &directory, &circumstances))
                    .map(drop)
            };
            if outcome.is_ok()
                && let Some(told) = super::store::description(event)
            {
                directory.to_mut().learn(&told);
            }
            let taken = || Judged {
                event: Rc::new(Event {
                    signed: event.signed.clone(),
                    digest: event.digest,
                    content: event.content.clone(),
                    from: Some(peer.site),
                }),
                mode: *mode,
            };
            judged.push(outcome.map(|()| taken()).map_err(|refused| refused.reason));
        }
        judged
    }

    /// Stores a batch in one unit of work and gives the receipt after it: as an answer to a push, or with a
    /// request of its own after a question.
    fn take_pack(
        &mut self,
        place: Place,
        peer: Place,
        pack: Pack,
        judged: Vec<Result<Judged, Reason>>,
        pushed: Option<Envelope>,
        call: u64,
    ) {
        match self.rules.sabotage {
            Some(Sabotage::AcknowledgedBeforeSync) if pushed.is_some() => {
                let receipt = Receipt {
                    stream: pack.stream,
                    lane: pack.lane,
                    cursor: pack.through.position,
                    held: judged
                        .iter()
                        .flatten()
                        .map(|item| place_of(&item.event))
                        .collect(),
                    forked: Vec::new(),
                    life: self.nodes[place.0].disk_life,
                };
                self.answer(place, peer, call, Answer::Receipt(receipt));
            }
            Some(Sabotage::CursorBeforeEffect) => {
                let pack = pack.clone();
                self.write(place, move |world, has_room| {
                    if has_room {
                        let held = Held {
                            stream: Some(pack.stream),
                            place: pack.through,
                        };
                        let disk = &mut world.nodes[place.0].disk;
                        disk.held.insert((peer, pack.lane), held);
                    }
                });
            }
            _ => {}
        }
        self.write(place, move |world, has_room| {
            let outcome = world.store_pack(place, peer, &pack, &judged, pushed, has_room);
            match (pushed, outcome) {
                (Some(_), Ok(receipt)) => {
                    world.after_work(place);
                    world.answer(place, peer, call, Answer::Receipt(receipt));
                }
                (Some(_), Err(problem)) => {
                    world.answer(place, peer, call, Answer::Problem(problem));
                }
                (None, Ok(receipt)) => {
                    world.after_work(place);
                    world.send_receipt(place, peer, receipt);
                }
                (None, Err(_)) => world.finish(place, peer, failed(Leg::Ask, Failure::Distance)),
            }
        });
    }

    fn store_pack(
        &mut self,
        place: Place,
        peer: Place,
        pack: &Pack,
        judged: &[Result<Judged, Reason>],
        pushed: Option<Envelope>,
        has_room: bool,
    ) -> Result<Receipt, Problem> {
        if !has_room {
            return Err(Problem::new(ProblemKind::StorageFull));
        }
        let held = self.held(place, peer, pack.lane);
        let is_early = self.rules.sabotage == Some(Sabotage::CursorBeforeEffect);
        let urgent = self.held(place, peer, Lane::Urgent);
        if peer == Place::HUB && precedes_directory(pack.lane, pack.stream, urgent) {
            let expected = held.position_in(pack.stream);
            return Err(Problem::new(ProblemKind::CursorGap).with("expected", expected));
        }
        let cursor = match judge_batch(held, pack.stream, pack.after, pack.through) {
            BatchVerdict::Take { cursor } => cursor,
            BatchVerdict::Gap { expected } => {
                let problem = Problem::new(ProblemKind::CursorGap).with("expected", expected);
                return Err(problem);
            }
        };
        if let Some(envelope) = &pushed
            && !self.use_up(place, envelope)
        {
            return Err(Problem::new(ProblemKind::NonceReplayed));
        }
        let mut receipt = Receipt {
            stream: pack.stream,
            lane: pack.lane,
            cursor: cursor.position,
            held: Vec::new(),
            forked: Vec::new(),
            life: self.nodes[place.0].disk_life,
        };
        for (item, (sent, _)) in judged.iter().zip(&pack.items) {
            let outcome = match item {
                Ok(item) => self.with_disk(place, |disk, who, rules| disk.take(who, item, rules)),
                Err(reason) => Err(*reason),
            };
            match outcome {
                Ok(_) => receipt.held.push(place_of(sent)),
                Err(reason) => {
                    if matches!(reason, Reason::LogForked | Reason::ChainBroken) {
                        receipt.forked.push(place_of(sent));
                    }
                    self.say(|| {
                        let header = sent.header();
                        format!(
                            "{place} refuses {} #{} from {peer}: {}",
                            header.log.as_u128(),
                            header.seq,
                            reason.slug()
                        )
                    });
                }
            }
        }
        let taken = Held {
            stream: Some(pack.stream),
            place: cursor,
        };
        for lane in Lane::ALL {
            let stood = self.held(place, peer, lane);
            let stands = match lane == pack.lane {
                true if is_early => continue,
                true => taken,
                false => stood.beside(pack.stream),
            };
            self.note_left((place, peer, lane), stood, pack.stream);
            let disk = &mut self.nodes[place.0].disk;
            disk.held.insert((peer, lane), stands);
        }
        Ok(receipt)
    }

    fn held(&self, place: Place, peer: Place, lane: Lane) -> Held {
        let held = self.nodes[place.0].disk.held.get(&(peer, lane));
        held.copied().unwrap_or_default()
    }
}

fn place_of(event: &Event) -> (Uuid, i64, Digest) {
    (event.header().log, event.header().seq, event.digest)
}

// ---- the addresses --------------------------------------------------------------------------------------

impl World {
    fn hear_hello(
        &mut self,
        place: Place,
        peer: Place,
        envelope: Envelope,
        call: u64,
        request: &Request,
        has_room: bool,
    ) {
        let Request::Hello {
            stream,
            run,
            ticket,
            logs,
            holds,
        } = request
        else {
            return;
        };
        if let Err(kind) = self.admit(place, &envelope, has_room) {
            return self.answer(place, peer, call, Answer::problem(kind));
        }
        let ticket = self.check_run(place, peer, *run, *ticket);
        if self.rules.sabotage != Some(Sabotage::HistoryNotCompared) {
            self.stands_in_our_stream(place, holds.0, holds.1);
            let disk = &mut self.nodes[place.0].disk;
            let (ours, last) = (disk.stream_id, disk.last);
            for (lane, place) in Lane::ALL.into_iter().zip(holds.1) {
                let stands = Held {
                    stream: Some(holds.0),
                    place,
                };
                let position = stands.position_in(ours);
                if position <= last {
                    disk.set_place_of(peer, lane, ours, position);
                }
            }
        }
        self.tell_soon(place, peer, Input::PeerAppeared);
        let cursors = Lane::ALL.map(|lane| self.held(place, peer, lane).place_in(*stream));
        let site = self.nodes[peer.0].who.site;
        let disk = &self.nodes[place.0].disk;
        let mut held = Vec::new();
        for (id, log) in disk.logs.iter().filter(|(_, log)| log.site == site) {
            let at = |seq| disk.events.get(&(*id, seq)).map(|event| event.digest);
            let named = logs.iter().find(|(named, _)| named == id);
            let marks = named.map(|(_, marks)| marks.as_slice()).unwrap_or_default();
            let elsewhere = Elsewhere {
                held: log.head,
                digest: at(log.head),
                agrees: history::agreement(marks.iter().copied(), at),
            };
            held.push((*id, elsewhere));
        }
        let answer = Answer::Hello {
            run: self.run_of(place),
            ticket,
            cursors,
            logs: held,
        };
        self.answer(place, peer, call, answer);
    }

    fn admit(
        &mut self,
        place: Place,
        envelope: &Envelope,
        has_room: bool,
    ) -> Result<(), ProblemKind> {
        if !has_room {
            return Err(ProblemKind::StorageFull);
        }
        if !self.use_up(place, envelope) {
            return Err(ProblemKind::NonceReplayed);
        }
        Ok(())
    }

    fn hear_question(
        &mut self,
        place: Place,
        peer: Place,
        envelope: Envelope,
        call: u64,
        request: &Request,
        has_room: bool,
    ) {
        let Request::Outbox { stream, places } = request else {
            return;
        };
        if let Err(kind) = self.admit(place, &envelope, has_room) {
            return self.answer(place, peer, call, Answer::problem(kind));
        }
        let is_current = self.stands_in_our_stream(place, *stream, *places);
        let last = self.nodes[place.0].disk.last;
        let stand = |place: StreamPlace| if is_current { place.position.max(0) } else { 0 };
        let [urgent, regular] = *places;
        let places = [
            (Lane::Urgent, stand(urgent)),
            (Lane::Regular, stand(regular)),
        ];
        let disk = &mut self.nodes[place.0].disk;
        let stream = disk.stream_id;
        for (lane, position) in places {
            disk.set_place_of(peer, lane, stream, position.min(last));
        }
        let number = self.number();
        let epoch = self.nodes[place.0].epoch;
        let patience = LONG_POLL;
        self.after(patience, Happening::HeldLongEnough(place, epoch, number));
        let waiter = Waiter {
            number,
            peer,
            call,
            stream,
            places,
        };
        self.hold_open(place, waiter);
    }

    /// Whether who says to stand at `places` of `stream` stands in ours. If it stands where nobody was
    /// ever sent, our database is an older copy.
    fn stands_in_our_stream(
        &mut self,
        place: Place,
        stream: Uuid,
        places: [StreamPlace; 2],
    ) -> bool {
        let disk = &self.nodes[place.0].disk;
        if stream != disk.stream_id {
            return false;
        }
        if disk.has_given(places) || !self.doubts_its_stream(place) {
            return true;
        }
        self.with_disk(place, |disk, who, rules| disk.goes_on_elsewhere(who, rules));
        self.wake(place);
        false
    }

    fn doubts_its_stream(&mut self, place: Place) -> bool {
        if self.rules.sabotage == Some(Sabotage::HistoryNotCompared) {
            return false;
        }
        self.process(place)
            .is_some_and(|process| !std::mem::replace(&mut process.has_doubted, true))
    }

    fn hold_open(&mut self, place: Place, waiter: Waiter) {
        for (lane, after) in waiter.places {
            if let Some(pack) = self.next_pack(place, waiter.peer, lane, after) {
                return self.answer(place, waiter.peer, waiter.call, Answer::Batch(pack));
            }
        }
        if let Some(process) = self.process(place) {
            process.waiting.push(waiter);
        }
    }

    pub(super) fn held_long_enough(&mut self, place: Place, number: u64) {
        let Some(process) = self.process(place) else {
            return;
        };
        let Some(found) = process
            .waiting
            .iter()
            .position(|waiter| waiter.number == number)
        else {
            return;
        };
        let waiter = process.waiting.remove(found);
        let [_, (lane, after)] = waiter.places;
        let pack = Pack {
            stream: waiter.stream,
            lane,
            from: self.nodes[place.0].who.site,
            to: self.nodes[waiter.peer.0].who.site,
            after,
            through: StreamPlace::at(after),
            items: Vec::new(),
        };
        self.answer(place, waiter.peer, waiter.call, Answer::Batch(pack));
    }

    fn hear_receipt(
        &mut self,
        place: Place,
        peer: Place,
        envelope: Envelope,
        call: u64,
        request: &Request,
        has_room: bool,
    ) {
        let Request::Receipts(receipt) = request else {
            return;
        };
        if receipt.stream != self.nodes[place.0].disk.stream_id {
            return self.answer(
                place,
                peer,
                call,
                Answer::problem(ProblemKind::StreamUnknown),
            );
        }
        if receipt.cursor > self.nodes[place.0].disk.last {
            return self.answer(place, peer, call, Answer::problem(ProblemKind::Malformed));
        }
        if let Err(kind) = self.admit(place, &envelope, has_room) {
            return self.answer(place, peer, call, Answer::problem(kind));
        }
        self.promised(peer, receipt);
        let disk = &mut self.nodes[place.0].disk;
        disk.set_place_of(peer, receipt.lane, receipt.stream, receipt.cursor);
        let forked = receipt.forked.clone();
        self.with_disk(place, |disk, who, rules| {
            disk.after_refusals(who, &forked, rules)
        });
        self.after_work(place);
        self.answer(place, peer, call, Answer::Done);
    }

    fn hear_log(
        &mut self,
        place: Place,
        peer: Place,
        envelope: Envelope,
        call: u64,
        request: &Request,
        has_room: bool,
    ) {
        let Request::Log { log, after } = request else {
            return;
        };
        if let Err(kind) = self.admit(place, &envelope, has_room) {
            return self.answer(place, peer, call, Answer::problem(kind));
        }
        let site = self.nodes[peer.0].who.site;
        let disk = &self.nodes[place.0].disk;
        if disk.logs.get(log).is_none_or(|log| log.site != site) {
            return self.answer(place, peer, call, Answer::problem(ProblemKind::NotFound));
        }
        let items: Vec<(Rc<Event>, Option<Mode>)> = disk
            .events
            .range((*log, after + 1)..=(*log, i64::MAX))
            .take(self.batch)
            .map(|(_, event)| (Rc::clone(event), None))
            .collect();
        let through = items.last().map_or(*after, |(event, _)| event.header().seq);
        let pack = Pack {
            stream: *log,
            lane: Lane::Regular,
            from: self.nodes[place.0].who.site,
            to: site,
            after: *after,
            through: StreamPlace::at(through),
            items,
        };
        self.answer(place, peer, call, Answer::Batch(pack));
    }

    /// The next batch of a peer's share, if anything is left.
    fn next_pack(&mut self, place: Place, peer: Place, lane: Lane, after: i64) -> Option<Pack> {
        let node = &self.nodes[place.0];
        let to = &self.nodes[peer.0].who;
        let membership = Membership {
            unit: to.unit,
            is_upstream: peer == Place::HUB,
        };
        let begin = node
            .disk
            .stream
            .partition_point(|sent| sent.position <= after);
        let mut items = Vec::new();
        let mut through = StreamPlace::at(after);
        for sent in &node.disk.stream[begin..] {
            if sent.lane != lane || sent.origin == to.site {
                continue;
            }
            let mode = sent.audience.mode_for(&membership, &self.rules.tree);
            if let Some(mode) = mode.filter(|mode| mode.first_placing().is_some()) {
                items.push((Rc::clone(&node.disk.events[&sent.event]), Some(mode)));
                through = StreamPlace {
                    position: sent.position,
                    given_at: Some(sent.given_at),
                };
                if items.len() == self.batch {
                    break;
                }
            }
        }
        if items.is_empty() {
            return None;
        }
        let pack = Pack {
            stream: node.disk.stream_id,
            lane,
            from: node.who.site,
            to: to.site,
            after,
            through,
            items,
        };
        // Now and then as it really travels: written, read and taken apart.
        Some(if self.rng.random_bool(0.05) {
            over_the_wire(&pack)
        } else {
            pack
        })
    }
}

/// What arrives of a batch that was written and read.
fn over_the_wire(pack: &Pack) -> Pack {
    let items = pack.items.iter().map(|(event, mode)| {
        let header = serde_json::from_str(&event.signed.bytes).expect("headers are JSON");
        let content = event.content.as_deref().cloned();
        batch::to_item(
            header,
            &event.signed.signature,
            event.header().entry,
            content,
            *mode,
            false,
        )
    });
    let written = Batch {
        stream: pack.stream,
        lane: pack.lane,
        from: pack.from,
        to: pack.to,
        after: pack.after,
        through: pack.through.position,
        given_at: pack.through.given_at,
        head: pack.through.position,
        items: items.collect(),
    };
    let bytes = written
        .to_bytes("Trang", "https://trang.example")
        .expect("a batch is written");
    let read = Batch::parse(&bytes).expect("what was written is read");
    let end = read.end();
    let items = read.items.into_iter().map(|item| {
        let parts = verify::parse(item).expect("what was written is read");
        let event = Event {
            digest: parts.signed.digest(),
            signed: parts.signed,
            content: parts.content.map(Rc::new),
            from: None,
        };
        (Rc::new(event), parts.mode)
    });
    Pack {
        stream: read.stream,
        lane: read.lane,
        from: read.from,
        to: read.to,
        after: read.after,
        through: end,
        items: items.collect(),
    }
}

// ---- the links ------------------------------------------------------------------------------------------

fn failed(leg: Leg, failure: Failure) -> Input {
    Input::Failed(leg, failure)
}

impl World {
    /// Tells a link what happened, and does what it decides.
    pub(super) fn tell(&mut self, place: Place, peer: Place, input: Input) {
        let now = self.clock(place);
        let Some(process) = self.nodes[place.0].process.as_mut() else {
            return;
        };
        let Some(driver) = process.links.get_mut(&peer) else {
            return;
        };
        if input == Input::Tick {
            driver.wake_at = None;
        }
        let (link, actions) = step(driver.link, input, now, &mut self.rng);
        driver.link = link;
        let mut to_do = Vec::new();
        let mut is_hasty = false;
        for action in actions {
            match action {
                Action::Wake(at) => {
                    driver.wake_at = Some(driver.wake_at.map_or(at, |earlier| earlier.min(at)));
                }
                Action::Alarm => {}
                action => {
                    let leg = usize::from(action == Action::Ask);
                    is_hasty |= std::mem::replace(&mut driver.under_way[leg], true);
                    to_do.push(action);
                }
            }
        }
        driver.token += 1;
        let token = driver.token;
        let wake_at = driver.wake_at;
        if is_hasty {
            self.fails(format!(
                "{place} does two things at once on one leg to {peer}"
            ));
        }
        if let Some(at) = wake_at {
            let pause = (at - now).clamp(TimeDelta::zero(), LONGEST_WAIT);
            let epoch = self.nodes[place.0].epoch;
            self.after(
                pause.num_milliseconds(),
                Happening::Tick(place, epoch, peer, token),
            );
        }
        for action in to_do {
            self.perform(place, peer, &action);
        }
    }

    pub(super) fn tick(&mut self, place: Place, epoch: u64, peer: Place, token: u64) {
        if !self.is_running(place, epoch) {
            return;
        }
        let driver = self
            .process(place)
            .and_then(|process| process.links.get(&peer));
        if driver.is_some_and(|driver| driver.token == token) {
            self.tell(place, peer, Input::Tick);
        }
    }

    fn tell_soon(&mut self, place: Place, peer: Place, input: Input) {
        let epoch = self.nodes[place.0].epoch;
        self.after(0, Happening::Tell(place, epoch, peer, input));
    }

    /// An action of a link came to its end.
    fn finish(&mut self, place: Place, peer: Place, input: Input) {
        let leg = match &input {
            Input::Received | Input::Failed(Leg::Ask, _) => 1,
            _ => 0,
        };
        if let Some(driver) = self
            .process(place)
            .and_then(|process| process.links.get_mut(&peer))
        {
            driver.under_way[leg] = false;
        }
        self.tell_soon(place, peer, input);
    }

    fn perform(&mut self, place: Place, peer: Place, action: &Action) {
        let leg = if *action == Action::Ask {
            Leg::Ask
        } else {
            Leg::Send
        };
        if self.nodes[place.0].disk.suspended.contains(&peer) {
            let retry_after = TimeDelta::seconds(3);
            return self.finish(place, peer, failed(leg, Failure::Busy { retry_after }));
        }
        match action {
            Action::Greet => self.greet(place, peer),
            Action::Send(lane) => self.send(place, peer, *lane),
            Action::Ask => self.ask(place, peer),
            Action::Wake(_) | Action::Alarm => {}
        }
    }

    fn greet(&mut self, place: Place, peer: Place) {
        let node = &self.nodes[place.0];
        let stream = node.disk.stream_id;
        let unit = self.nodes[peer.0].who.unit;
        let logs = node
            .disk
            .logs
            .iter()
            .filter(|(_, log)| log.site == node.who.site)
            .filter(|(_, log)| peer == Place::HUB || log.to.is_none_or(|to| to == unit))
            .map(|(id, log)| {
                let places = match log.is_closed {
                    true => vec![log.head],
                    false => history::marked_places(log.head),
                };
                let marks = places
                    .into_iter()
                    .filter_map(|seq| Some((seq, node.disk.events.get(&(*id, seq))?.digest)));
                (*id, marks.collect())
            })
            .collect();
        let run = self.run_of(place);
        let asked_after = node.disk.runs.get(&peer).map(|runs| runs.ticket(run));
        let ticket = self
            .process(place)
            .and_then(|process| process.tickets.get(&peer).copied());
        let then = move |world: &mut Self, answer: Answer| match answer {
            Answer::Hello {
                run: theirs,
                ticket,
                cursors,
                logs,
            } => world.write(place, move |world, has_room| {
                if !has_room {
                    return world.finish(place, peer, failed(Leg::Send, Failure::Distance));
                }
                world.check_run(place, peer, theirs, asked_after);
                if let Some(process) = world.process(place) {
                    process.tickets.insert(peer, ticket);
                }
                let disk = &mut world.nodes[place.0].disk;
                for (lane, told) in Lane::ALL.into_iter().zip(cursors) {
                    disk.set_place_of(peer, lane, stream, told.position);
                }
                let is_our_stream = disk.has_given(cursors);
                world.compare(place, peer, &logs, is_our_stream);
            }),
            other => world.finish(place, peer, failed(Leg::Send, other.failure())),
        };
        self.request(
            place,
            peer,
            Request::Hello {
                stream,
                run,
                ticket,
                logs,
                holds: self.holding(place, peer),
            },
            GREET_PATIENCE,
            Box::new(then),
        );
    }

    /// Whether our database is an older copy, by what a peer holds of our logs.
    fn compare(
        &mut self,
        place: Place,
        peer: Place,
        logs: &[(Uuid, Elsewhere)],
        is_our_stream: bool,
    ) {
        if self.rules.sabotage == Some(Sabotage::HistoryNotCompared) {
            return self.finish(place, peer, Input::Greeted);
        }
        let (mut missing, mut asked) = (Vec::new(), Vec::new());
        for (id, elsewhere) in logs {
            let disk = &self.nodes[place.0].disk;
            let head = disk.logs.get(id).map_or(0, |log| log.head);
            let whole = disk.whole(*id);
            let digest = disk
                .events
                .get(&(*id, elsewhere.held))
                .map(|event| event.digest);
            let is_said_again = elsewhere.digest.is_some_and(|theirs| {
                digest != Some(theirs) && disk.said_again.contains(&(*id, elsewhere.held, theirs))
            });
            let ends = (whole, elsewhere.held);
            let was_asked = self
                .process(place)
                .is_some_and(|process| process.asked.get(&(peer, *id)) == Some(&ends));
            let here = Here {
                head,
                whole,
                digest,
                is_said_again,
                was_asked,
            };
            if let LogVerdict::WentBack { after } = history::judge_log(here, *elsewhere) {
                missing.push((*id, after));
                asked.push((*id, ends));
            }
        }
        let is_our_stream = is_our_stream || !self.doubts_its_stream(place);
        if missing.is_empty() && is_our_stream {
            return self.finish(place, peer, Input::Greeted);
        }
        self.say(|| format!("{place} finds that its database is an older copy"));
        let done = move |world: &mut Self| {
            if let Some(process) = world.process(place) {
                let asked = asked.into_iter().map(|(log, ends)| ((peer, log), ends));
                process.asked.extend(asked);
            }
        };
        self.fetch(
            place,
            peer,
            missing,
            Vec::new(),
            is_our_stream,
            Box::new(done),
        );
    }

    /// Fetches what is missing of one log after another, then puts everything in its place.
    fn fetch(
        &mut self,
        place: Place,
        peer: Place,
        mut missing: Vec<(Uuid, i64)>,
        fetched: Vec<(Uuid, i64, Vec<Rc<Event>>)>,
        is_our_stream: bool,
        done: Box<dyn FnOnce(&mut Self)>,
    ) {
        match missing.pop() {
            Some((log, after)) => self.fetch_log(
                place,
                peer,
                (log, after, Vec::new()),
                Box::new(move |world, events| {
                    let mut fetched = fetched;
                    fetched.push((log, after, events));
                    world.fetch(place, peer, missing, fetched, is_our_stream, done);
                }),
            ),
            None => self.write(place, move |world, has_room| {
                if !has_room {
                    return world.finish(place, peer, failed(Leg::Send, Failure::Distance));
                }
                world.with_disk(place, |disk, who, rules| {
                    disk.take_back(who, &fetched, is_our_stream, rules)
                });
                done(world);
                world.after_work(place);
                world.finish(place, peer, Input::Greeted);
            }),
        }
    }

    fn fetch_log(
        &mut self,
        place: Place,
        peer: Place,
        so_far: (Uuid, i64, Vec<Rc<Event>>),
        done: Done,
    ) {
        let (log, after, mut events) = so_far;
        let then = move |world: &mut Self, answer: Answer| match answer {
            Answer::Batch(pack) if pack.items.is_empty() || pack.through.position <= after => {
                done(world, events);
            }
            Answer::Batch(pack) => {
                for (event, _) in &pack.items {
                    match world.prove(place, log, event) {
                        Some(event) => events.push(event),
                        None => {
                            return world.finish(place, peer, failed(Leg::Send, Failure::Distance));
                        }
                    }
                }
                world.fetch_log(place, peer, (log, pack.through.position, events), done);
            }
            other => {
                let _ = other;
                world.finish(place, peer, failed(Leg::Send, Failure::Distance));
            }
        };
        self.request(
            place,
            peer,
            Request::Log { log, after },
            PUSH_PATIENCE,
            Box::new(then),
        );
    }

    /// An event of our own that came back, if it is that.
    fn prove(&self, place: Place, log: Uuid, event: &Rc<Event>) -> Option<Rc<Event>> {
        let node = &self.nodes[place.0];
        let parts = ItemParts {
            signed: event.signed.clone(),
            content: event.content.as_deref().cloned(),
            mode: None,
        };
        verify::verify(parts, &node.disk.directory).ok()?;
        let is_ours = event.header().site == node.who.site && event.header().log == log;
        is_ours.then(|| {
            Rc::new(Event {
                signed: event.signed.clone(),
                digest: event.digest,
                content: event.content.clone(),
                from: None,
            })
        })
    }

    fn send(&mut self, place: Place, peer: Place, lane: Lane) {
        let after = self.nodes[place.0].disk.place_of(peer, lane);
        let next = self.next_pack(place, peer, lane, after);
        let Some(pack) = next else {
            return self.finish(place, peer, Input::NothingToSend(lane));
        };
        let stream = pack.stream;
        let through = pack.through.position;
        let life = self.nodes[peer.0].disk_life;
        let then = move |world: &mut Self, answer: Answer| match answer {
            Answer::Receipt(receipt) if receipt.stream == stream && receipt.lane == lane => {
                world.promised(peer, &receipt);
                world.check_acknowledged(place, peer, life, (lane, stream, receipt.cursor));
                world.move_out(
                    place,
                    peer,
                    (lane, stream, receipt.cursor),
                    receipt.forked,
                    Input::Acknowledged(lane),
                );
            }
            Answer::Done if world.rules.sabotage == Some(Sabotage::ReceiptNotVerified) => {
                world.check_acknowledged(place, peer, life, (lane, stream, through));
                world.move_out(
                    place,
                    peer,
                    (lane, stream, through),
                    Vec::new(),
                    Input::Acknowledged(lane),
                );
            }
            Answer::Problem(problem) if problem.kind == ProblemKind::CursorGap => {
                let expected = problem.extra.get("expected");
                let expected = expected.and_then(serde_json::Value::as_i64).unwrap_or(0);
                let to = (lane, stream, expected);
                world.move_out(place, peer, to, Vec::new(), Input::Rewound(lane));
            }
            other => world.finish(place, peer, failed(Leg::Send, other.failure())),
        };
        self.request(
            place,
            peer,
            Request::Inbox(pack),
            PUSH_PATIENCE,
            Box::new(then),
        );
    }

    fn move_out(
        &mut self,
        place: Place,
        peer: Place,
        (lane, stream, position): (Lane, Uuid, i64),
        forked: Vec<(Uuid, i64, Digest)>,
        input: Input,
    ) {
        self.write(place, move |world, has_room| {
            if !has_room {
                return world.finish(place, peer, failed(Leg::Send, Failure::Distance));
            }
            world.with_disk(place, |disk, who, rules| {
                disk.set_place_of(peer, lane, stream, position);
                disk.after_refusals(who, &forked, rules);
            });
            world.after_work(place);
            world.finish(place, peer, input);
        });
    }

    /// How far `place` holds the stream of `peer`.
    fn holding(&self, place: Place, peer: Place) -> (Uuid, [StreamPlace; 2]) {
        let held = Lane::ALL.map(|lane| self.held(place, peer, lane));
        let stream = held[0].stream.or(held[1].stream).unwrap_or_default();
        (stream, held.map(|held| held.place_in(stream)))
    }

    fn ask(&mut self, place: Place, peer: Place) {
        let (stream, places) = self.holding(place, peer);
        let question = Request::Outbox { stream, places };
        let then = move |world: &mut Self, answer: Answer| match answer {
            Answer::Batch(pack) if pack.items.is_empty() => {
                world.finish(place, peer, Input::Received);
            }
            Answer::Batch(pack) => {
                let judged = world.judge(place, peer, &pack);
                world.take_pack(place, peer, pack, judged, None, 0);
            }
            other => world.finish(place, peer, failed(Leg::Ask, other.failure())),
        };
        self.request(place, peer, question, ASK_PATIENCE, Box::new(then));
    }

    fn send_receipt(&mut self, place: Place, peer: Place, receipt: Receipt) {
        let then = move |world: &mut Self, answer: Answer| match answer {
            Answer::Done => world.finish(place, peer, Input::Received),
            other => world.finish(place, peer, failed(Leg::Ask, other.failure())),
        };
        self.request(
            place,
            peer,
            Request::Receipts(receipt),
            PUSH_PATIENCE,
            Box::new(then),
        );
    }

    /// People of `place` do something, if their server runs; it counts once it is on the disk.
    pub(super) fn do_work(
        &mut self,
        place: Place,
        work: impl FnOnce(&mut Store, &Identity, &mut Rules) + 'static,
    ) {
        if self.nodes[place.0].process.is_none() {
            return;
        }
        self.write(place, move |world, has_room| {
            if has_room {
                world.with_disk(place, work);
            }
        });
    }

    /// An event of our own.
    pub(super) fn append(&mut self, place: Place, new: NewEvent) {
        self.do_work(place, move |disk, who, rules| {
            disk.append(who, new, rules);
        });
    }
}
