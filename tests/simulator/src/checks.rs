//! What must never happen, looked at after every unit of work; and what must be at the end.

use super::model::Best;
use super::node::Receipt;
use super::store::{Trace, is_of_entry};
use super::world::{Place, World};
use shared::entries::Placing;
use shared::log::keys::KeyId;
use shared::log::{Digest, EventKind, Lane};
use shared::sync::core::Held;
use shared::sync::core::runs::Ticket;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the checks remember.
#[derive(Debug, Default)]
pub struct Checks {
    /// What took effect, and on which life of which disk.
    effects: BTreeSet<(Place, u32, Digest)>,
    /// What went into a stream, and for whom.
    sent: BTreeSet<(Place, Uuid, Digest, String)>,
    /// Requests that did something.
    requests: BTreeSet<(Place, u32, KeyId, u64)>,
    /// The latest revision a disk ever showed.
    highest: BTreeMap<(Place, u32, Uuid), i64>,
    /// The highest withdrawal a disk holds.
    withdrawn: BTreeMap<(Place, u32, Uuid), i64>,
    /// What was promised: by whom, on which life of its disk.
    promises: BTreeMap<Place, Vec<(u32, Uuid, i64, Digest)>>,
    /// The stream of a sender that a receiver, on this life of its disk, left last for another one, and where it
    /// stood in it.
    left: BTreeMap<(Place, u32, Place, &'static str), (Uuid, i64)>,
}

impl World {
    /// Looks at what a unit of work did.
    pub(super) fn check_work(&mut self, place: Place, done: &[Trace]) {
        let life = self.nodes[place.0].disk_life;
        for trace in done {
            match trace {
                Trace::Said(event) => {
                    self.model.says(place, event);
                    self.say(|| told(place, "says", event));
                }
                Trace::SetAside(event) => {
                    self.model.supersedes(event.digest);
                    self.checks.effects.remove(&(place, life, event.digest));
                    self.say(|| told(place, "sets aside", event));
                }
                Trace::Repeated(digest) => self.model.repeats(*digest),
                Trace::Stored(event) => self.check_stored(place, life, event),
                Trace::Enqueued(digest, audience) => {
                    let stream = self.nodes[place.0].disk.stream_id;
                    let whom = format!("{audience:?}");
                    if !self.checks.sent.insert((place, stream, *digest, whom)) {
                        self.fails(format!("{place} sends the same to the same twice"));
                    }
                }
                Trace::Changed(_) => {}
            }
        }
        for trace in done {
            let entry = match trace {
                Trace::Changed(entry) => *entry,
                _ => continue,
            };
            self.check_entry(place, life, entry);
        }
    }

    fn check_stored(&mut self, place: Place, life: u32, event: &std::rc::Rc<super::store::Event>) {
        let header = event.header();
        self.say(|| told(place, "stores", event));
        if !self.checks.effects.insert((place, life, event.digest)) {
            self.fails(format!("{place} takes {} in a second time", name(event)));
        }
        if event.from.is_some() && !self.model.was_said(event.digest) {
            self.fails(format!("{place} stores what nobody said: {}", name(event)));
        }
        if self.model.forged.contains(&event.digest) {
            self.fails(format!("{place} stores a forgery: {}", name(event)));
        }
        if let Some(from) = event.from
            && place == Place::HUB
            && from != header.site
        {
            self.fails(format!("the hub took {} from a stranger", name(event)));
        }
        let disk = &self.nodes[place.0].disk;
        let before = disk.events.get(&(header.log, header.seq - 1));
        let after = disk.events.get(&(header.log, header.seq + 1));
        if before.is_some_and(|before| header.prev != Some(before.digest))
            || after.is_some_and(|after| after.header().prev != Some(event.digest))
        {
            self.fails(format!(
                "{place} holds a log that does not hang together: {}",
                name(event)
            ));
        }
        if buries(header.kind) {
            let entry = header.entry.unwrap_or_default();
            let highest = self
                .checks
                .withdrawn
                .entry((place, life, entry))
                .or_insert(0);
            *highest = (*highest).max(header.rev);
            self.check_entry(place, life, entry);
        }
        // Neighbours have what the province took over, and nothing else.
        let by = self.place_of(header.site).unwrap_or(Place::HUB);
        let is_neighbours = place != Place::HUB && by != Place::HUB && by != place;
        if is_neighbours && is_of_entry(header) && !buries(header.kind) {
            let known = header
                .entry
                .and_then(|entry| self.model.entries.get(&entry));
            if !known.is_some_and(|known| known.is_accepted) {
                self.fails(format!(
                    "{place} has what the province did not accept: {}",
                    name(event)
                ));
            }
        }
    }

    fn check_entry(&mut self, place: Place, life: u32, entry: Uuid) {
        let Some(shown) = self.nodes[place.0].disk.entries.get(&entry).cloned() else {
            return;
        };
        let key = (place, life, entry);
        let highest = self.checks.highest.entry(key).or_insert(0);
        let rev = shown.standing.rev;
        if rev < *highest {
            let highest = *highest;
            self.fails(format!(
                "{place}: entry {entry} went back from revision {highest} to {rev}"
            ));
            return;
        }
        *highest = rev;
        let withdrawn = self.checks.withdrawn.get(&key).copied().unwrap_or(0);
        if shown.is_live() && rev <= withdrawn {
            self.fails(format!(
                "{place} shows revision {rev} of {entry}, taken back with {withdrawn}"
            ));
        }
    }

    /// A request does something; it may only do so once.
    pub(super) fn check_request(&mut self, place: Place, key: KeyId, nonce: u64) {
        let life = self.nodes[place.0].disk_life;
        if !self.checks.requests.insert((place, life, key, nonce)) {
            self.fails(format!("{place} obeys a recorded request"));
        }
    }

    /// Two processes of one site never run in these worlds, however often it is killed and started and
    /// however late something comes: nobody is to be held for it.
    pub(super) fn check_run(
        &mut self,
        place: Place,
        peer: Place,
        run: Uuid,
        given_back: Option<Ticket>,
    ) -> Ticket {
        let now = self.clock(place);
        let ours = self.run_of(place);
        let runs = &mut self.nodes[place.0].disk.runs;
        let known = runs.remove(&peer).unwrap_or_default();
        let known = known.hear(run, given_back, ours, now);
        let (is_doubled, ticket) = (known.doubled_since().is_some(), known.ticket(ours));
        runs.insert(peer, known);
        if is_doubled {
            self.fails(format!("{place} believes that two machines are {peer}"));
        }
        ticket
    }

    /// `promisor` gave its receipt for these places.
    pub(super) fn promised(&mut self, promisor: Place, receipt: &Receipt) {
        let promises = self.checks.promises.entry(promisor).or_default();
        promises.extend(
            receipt
                .held
                .iter()
                .map(|(log, seq, digest)| (receipt.life, *log, *seq, *digest)),
        );
    }

    /// `place` takes a batch of `stream` from `peer`; until now it `stood` elsewhere, or in another place of it.
    pub(super) fn note_left(
        &mut self,
        (place, peer, lane): (Place, Place, Lane),
        stood: Held,
        stream: Uuid,
    ) {
        if let Some(former) = stood.stream.filter(|former| *former != stream) {
            let key = (place, self.nodes[place.0].disk_life, peer, lane.as_str());
            self.checks.left.insert(key, (former, stood.place.position));
        }
    }

    /// `place` believes that `peer` stands at a place of its stream: it has to, at once and on its disk, unless
    /// that disk was replaced since the batch was sent, or a batch came late that was sent in a stream from before
    /// the database of `place` went back. A greeting would set it right in time, which is no excuse.
    pub(super) fn check_acknowledged(
        &mut self,
        place: Place,
        peer: Place,
        life: u32,
        (lane, stream, position): (Lane, Uuid, i64),
    ) {
        let node = &self.nodes[peer.0];
        let held = node.disk.held.get(&(place, lane)).copied();
        let stands = held.map_or(0, |held| held.position_in(stream));
        let left = self.checks.left.get(&(peer, life, place, lane.as_str()));
        let stood = left.filter(|(left, _)| *left == stream);
        let stands = stood.map_or(stands, |(_, stood)| stands.max(*stood));
        if node.disk_life == life && stands < position {
            self.fails(format!(
                "{place} believes {peer} to stand at {position}, and it stands at {stands}"
            ));
        }
    }

    /// Looks whether a disk holds what its site promised.
    pub(super) fn check_promises(&mut self, place: Place) {
        let node = &self.nodes[place.0];
        let broken = self.checks.promises.get(&place).and_then(|promises| {
            promises.iter().find(|(life, log, seq, digest)| {
                *life == node.disk_life
                    && node
                        .disk
                        .events
                        .get(&(*log, *seq))
                        .is_none_or(|event| event.digest != *digest)
            })
        });
        if let Some((_, log, seq, _)) = broken.copied() {
            self.fails(format!(
                "{place} acknowledged {log} #{seq} and does not hold it"
            ));
        }
    }

    /// A disk was replaced: what it knew begins anew, and what was on it alone is gone.
    pub(super) fn disk_replaced(&mut self, place: Place) {
        let node = &mut self.nodes[place.0];
        node.disk_life += 1;
        let life = node.disk_life;
        for event in node.disk.events.values() {
            self.checks.effects.insert((place, life, event.digest));
            if buries(event.header().kind)
                && let Some(entry) = event.header().entry
            {
                let highest = self
                    .checks
                    .withdrawn
                    .entry((place, life, entry))
                    .or_insert(0);
                *highest = (*highest).max(event.header().rev);
            }
        }
        self.checks.sent.retain(|(whose, ..)| *whose != place);
        self.note_losses();
    }

    /// What is on no disk it could come back from is gone: a disk was replaced, or a key revoked. Who is no
    /// longer heard gives nothing back, and gets nothing back either, until it has another key.
    pub(super) fn note_losses(&mut self) {
        let nodes = &self.nodes;
        let revoked = self.model.revoked;
        self.model.loses(|digest, said| {
            nodes.iter().any(|node| {
                let place = node.who.place;
                let is_heard = place == said.by || ![Some(place), Some(said.by)].contains(&revoked);
                // The hub asks whom it can call; a member asks the hub.
                let is_asked = [said.by, Place::HUB].contains(&place)
                    || (said.by == Place::HUB && !node.is_pull);
                let held = node.disk.events.get(&said.place);
                is_heard && is_asked && held.is_some_and(|event| event.digest == *digest)
            })
        });
    }

    /// What somebody does not hold, or holds and should not; none if all agree with the model.
    pub(super) fn disagreement(&mut self) -> Option<String> {
        for place in 0..self.nodes.len() {
            self.check_promises(Place(place));
        }
        let best = self.model.best();
        let revoked = self.model.revoked;
        for (digest, said) in self.model.standing() {
            let holds = |place: Place| {
                let event = self.nodes[place.0].disk.events.get(&said.place);
                event.is_some_and(|event| event.digest == *digest)
            };
            if !holds(said.by) {
                return Some(format!("{} lost its own {:?}", said.by, said.place));
            }
            // Whoever had other words in its place has it from where it was said again.
            let is_repeated = self.model.was_repeated(digest);
            if Some(said.by) != revoked && !is_repeated && !holds(Place::HUB) {
                return Some(format!("the hub lacks {:?} of {}", said.place, said.by));
            }
            let addressee = said.to.filter(|_| !is_repeated);
            let reader = addressee.and_then(|unit| {
                self.nodes
                    .iter()
                    .find(|node| node.who.unit == unit)
                    .map(|node| node.who.place)
            });
            if let Some(reader) = reader
                && Some(reader) != revoked
                && !holds(reader)
            {
                return Some(format!("{reader} lacks a letter, {:?}", said.place));
            }
        }
        for node in &self.nodes {
            let place = node.who.place;
            if Some(place) == revoked {
                continue;
            }
            for (entry, known) in &self.model.entries {
                let held = node.disk.entries.get(entry);
                let said = || format!("{place}, entry {entry} of {}", known.origin);
                let is_everywhere = match (known.origin, known.kind) {
                    (_, "page") => false,
                    (Place::HUB, _) => true,
                    _ => known.is_accepted,
                };
                let is_mine = known.origin == place;
                let is_due = place == Place::HUB || is_mine || is_everywhere;
                if !is_due {
                    // That something is gone may be told to anybody.
                    if held.is_some_and(|held| held.is_live()) {
                        return Some(format!("{}: is there and is not for it", said()));
                    }
                    continue;
                }
                let best = &best[entry];
                if Some(known.origin) == revoked || *best == Best::Uncertain {
                    continue;
                }
                let found = held.map(|held| {
                    let content = held.standing.content.filter(|_| held.is_live());
                    (held.standing.rev, content)
                });
                let is_right = match (best, found) {
                    (Best::Gone, None) | (Best::Recalled, None | Some((_, None))) => true,
                    (Best::Revision(rev, content), Some(found)) => found == (*rev, *content),
                    // Who never had it need not hear that it is gone.
                    (Best::Revision(_, None), None) => !is_mine && place != Place::HUB,
                    _ => false,
                };
                if !is_right {
                    return Some(format!("{}: should be {best:?}, is {found:?}", said()));
                }
                let is_notice = known.origin == Place::HUB && known.kind == "notice";
                let placing = node.disk.placements.get(entry).map(|placed| placed.1);
                if is_notice
                    && matches!(best, Best::Revision(_, Some(_)))
                    && placing != Some(Placing::Shown)
                {
                    return Some(format!("{}: a notice is not shown", said()));
                }
            }
        }
        None
    }
}

/// Whether what comes before such an event is not shown any more.
pub(super) fn buries(kind: EventKind) -> bool {
    matches!(kind, EventKind::EntryWithdrawn | EventKind::EntryRecalled)
}

fn name(event: &super::store::Event) -> String {
    let header = event.header();
    format!(
        "{} r{} of {:?} at {} #{}",
        header.kind.as_str(),
        header.rev,
        header.entry.map(|entry| entry.as_u128()),
        header.log.as_u128(),
        header.seq
    )
}

fn told(place: Place, verb: &str, event: &super::store::Event) -> String {
    format!("{place} {verb} {}", name(event))
}
