//! People, faults and forgers.

use super::model::Known;
use super::node::{Pack, Request};
use super::store::{Event, NewEvent, Store};
use super::world::{Envelope, Happening, Place, World, describe};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::json;
use shared::entries::Placing;
use shared::entries::recall::Recall;
use shared::log::{Digest, EventKind, Header, Lane, SignedHeader};
use shared::sync::core::StreamPlace;
use shared::sync::review::{Review, ReviewDecision};
use std::rc::Rc;
use uuid::Uuid;

use super::network::Network;

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Publish,
    Revise,
    Withdraw,
    Accept,
    Return,
    Recall,
    Weather,
    Cut,
    Crash,
    ClockJump,
    DiskFull,
    SlowDisk,
    Copy,
    Restore,
    RestoreHub,
    Rebuild,
    Revoke,
    Suspend,
    Forge,
}

/// What people do in every world.
const PEOPLE: [(Act, u32); 6] = [
    (Act::Publish, 30),
    (Act::Revise, 14),
    (Act::Withdraw, 6),
    (Act::Accept, 26),
    (Act::Return, 4),
    (Act::Recall, 3),
];
/// What else may happen in a world, and how often.
const FAULTS: [(Act, u32); 13] = [
    (Act::Weather, 8),
    (Act::Cut, 8),
    (Act::Crash, 10),
    (Act::ClockJump, 4),
    (Act::DiskFull, 4),
    (Act::SlowDisk, 4),
    (Act::Copy, 8),
    (Act::Restore, 4),
    (Act::RestoreHub, 2),
    (Act::Rebuild, 2),
    (Act::Revoke, 1),
    (Act::Suspend, 3),
    (Act::Forge, 8),
];

/// What this world is in for.
#[derive(Debug)]
pub(super) struct Chaos {
    acts: Vec<(Act, u32)>,
    /// When it ends.
    pub(super) ends_at: i64,
    /// How long between two acts, at most.
    pause: i64,
    has_revoked: bool,
}

impl Chaos {
    /// Every world has its own share of faults: what is rare together is frequent alone.
    pub(super) fn new(rng: &mut StdRng, members: usize) -> Self {
        let mut acts = PEOPLE.to_vec();
        for fault in FAULTS {
            if rng.random_bool(0.5) {
                acts.push(fault);
            }
        }
        let minutes = rng.random_range(5..=40);
        let most = 40 + 8 * members as i64;
        let count = rng.random_range(most / 3..=most);
        Self {
            acts,
            ends_at: minutes * 60_000,
            pause: (minutes * 60_000 * 2 / count).max(2),
            has_revoked: false,
        }
    }
}

impl Chaos {
    /// Whether the hub may go back in time.
    pub(super) fn restores_hub(&self) -> bool {
        self.acts.iter().any(|act| act.0 == Act::RestoreHub)
    }
}

/// Something happens, and something else after it.
pub(super) fn act(world: &mut World) {
    if world.now >= world.chaos.ends_at {
        return;
    }
    let pause = world.rng.random_range(1..=world.chaos.pause);
    world.after(pause, Happening::Act);
    let acts = &world.chaos.acts;
    let act = acts
        .choose_weighted(&mut world.rng, |act| act.1)
        .map_or(Act::Publish, |act| act.0);
    let members = world.nodes.len() - 1;
    let member = Place(world.rng.random_range(1..=members));
    let anybody = Place(world.rng.random_range(0..=members));
    match act {
        Act::Publish => world.publishes(anybody),
        Act::Revise => world.revises(anybody),
        Act::Withdraw => world.withdraws(anybody),
        Act::Accept => {
            let is_hub = world.rng.random_bool(0.8);
            world.accepts(if is_hub { Place::HUB } else { member });
        }
        Act::Return => world.returns(),
        Act::Recall => world.recalls(),
        Act::Weather => {
            let cut = std::mem::take(&mut world.network.cut);
            world.network = match world.rng.random_bool(0.4) {
                true => Network::healthy(),
                false => Network::bad(&mut world.rng),
            };
            world.network.cut = cut;
        }
        Act::Cut => world.cuts(member),
        Act::Crash => {
            let lasts = world.some_time();
            world.crashes(anybody, lasts);
        }
        Act::ClockJump => {
            let reach = [20_000, 200_000, 600_000, 86_400_000];
            let reach = reach[world.rng.random_range(0..reach.len())];
            let clock = world.rng.random_range(-reach..=reach);
            world.life.faults += 1;
            world.say(|| format!("the clock of {anybody} is {} s off", clock / 1_000));
            world.nodes[anybody.0].clock = clock;
        }
        Act::DiskFull => {
            world.life.faults += 1;
            world.say(|| format!("the disk of {anybody} is full"));
            world.nodes[anybody.0].is_full = true;
            let lasts = world.some_time();
            world.later(lasts, move |world| world.nodes[anybody.0].is_full = false);
        }
        Act::SlowDisk => {
            world.nodes[anybody.0].slowness = 3_000;
            let lasts = world.some_time();
            world.later(lasts, move |world| world.nodes[anybody.0].slowness = 12);
        }
        Act::Copy => {
            world.say(|| format!("{anybody} is copied"));
            let copy = world.nodes[anybody.0].disk.clone();
            world.nodes[anybody.0].copies.push(copy);
        }
        Act::Restore => world.restores(member),
        Act::RestoreHub => world.restores(Place::HUB),
        Act::Rebuild => world.rebuilds(member),
        Act::Revoke => world.revokes(member),
        Act::Suspend => world.suspends(member),
        Act::Forge => world.forges(member),
    }
}

fn entry_of(event: &Event) -> Uuid {
    event.header().entry.unwrap_or_default()
}

impl World {
    fn later(&mut self, wait: i64, what: impl FnOnce(&mut Self) + 'static) {
        self.after(wait, Happening::Do(Box::new(what)));
    }

    fn some_time(&mut self) -> i64 {
        let most = [500, 5_000, 60_000, 600_000];
        let most = most[self.rng.random_range(0..most.len())];
        self.rng.random_range(1..=most)
    }

    // ---- people ----

    fn publishes(&mut self, place: Place) {
        let kind = match self.rng.random_range(0..10) {
            0 => "page",
            1..=3 => "notice",
            _ => "article",
        };
        let entry = self.rules.mint();
        let known = Known {
            origin: place,
            kind,
            is_accepted: false,
        };
        self.model.entries.insert(entry, known);
        let content = Some(self.text(entry, kind));
        self.append(
            place,
            NewEvent {
                kind: EventKind::EntryPublished,
                entry: Some(entry),
                rev: 1,
                content,
                to: None,
            },
        );
    }

    fn text(&mut self, entry: Uuid, kind: &str) -> Rc<serde_json::Value> {
        let number = self.number();
        Rc::new(json!({
            "id": format!("urn:uuid:{entry}"),
            "url": "https://trang.example/bai-viet/1",
            "title": format!("Tin {number}"),
            "content_html": "<p>Bà con vào vụ.</p>",
            "date_published": "2026-11-23T01:00:00Z",
            "language": "vi",
            "_entry": { "kind": kind, "section": "kinh-te" },
        }))
    }

    /// Some entry of `place`'s own that is shown.
    fn own_entry(&mut self, place: Place) -> Option<Uuid> {
        let node = &self.nodes[place.0];
        let own: Vec<Uuid> = node
            .disk
            .entries
            .iter()
            .filter(|(_, entry)| entry.site == node.who.site && entry.is_live())
            .map(|(id, _)| *id)
            .collect();
        own.choose(&mut self.rng).copied()
    }

    fn revises(&mut self, place: Place) {
        let Some(entry) = self.own_entry(place) else {
            return;
        };
        let kind = self
            .model
            .entries
            .get(&entry)
            .map_or("article", |known| known.kind);
        let content = Some(self.text(entry, kind));
        self.do_work(place, move |disk, who, rules| {
            let Some(known) = disk.entries.get(&entry).filter(|known| known.is_live()) else {
                return;
            };
            let Some(rev) = known.standing.next_revision() else {
                return;
            };
            let new = NewEvent {
                kind: EventKind::EntryRevised,
                entry: Some(entry),
                rev,
                content,
                to: None,
            };
            disk.append(who, new, rules);
        });
    }

    fn withdraws(&mut self, place: Place) {
        let Some(entry) = self.own_entry(place) else {
            return;
        };
        self.do_work(place, move |disk, who, rules| {
            let Some(known) = disk.entries.get(&entry).filter(|known| known.is_live()) else {
                return;
            };
            let Some(rev) = known.standing.next_revision() else {
                return;
            };
            let new = NewEvent {
                kind: EventKind::EntryWithdrawn,
                entry: Some(entry),
                rev,
                content: None,
                to: None,
            };
            disk.append(who, new, rules);
        });
    }

    fn accepts(&mut self, place: Place) {
        let node = &self.nodes[place.0];
        let waiting: Vec<Uuid> = node
            .disk
            .placements
            .iter()
            .filter(|(_, (_, placing))| *placing == Placing::Inbox)
            .map(|(entry, _)| *entry)
            .collect();
        if let Some(entry) = waiting.choose(&mut self.rng).copied() {
            self.accepts_one(place, entry);
        }
    }

    fn accepts_one(&mut self, place: Place, entry: Uuid) {
        if self.nodes[place.0].process.is_none() {
            return;
        }
        self.write(place, move |world, has_room| {
            let accepted = has_room
                && world.with_disk(place, |disk, who, rules| disk.accept(who, entry, rules));
            if !accepted {
                return;
            }
            world.say(|| format!("{place} accepts {}", entry.as_u128()));
            if place == Place::HUB {
                if let Some(known) = world.model.entries.get_mut(&entry) {
                    known.is_accepted = true;
                }
                world.writes_letter(entry, ReviewDecision::Accepted);
            }
        });
    }

    fn returns(&mut self) {
        let disk = &self.nodes[0].disk;
        let waiting: Vec<Uuid> = disk
            .placements
            .iter()
            .filter(|(_, (_, placing))| *placing == Placing::Inbox)
            .map(|(entry, _)| *entry)
            .collect();
        let Some(entry) = waiting.choose(&mut self.rng).copied() else {
            return;
        };
        if self.nodes[0].process.is_none() {
            return;
        }
        self.write(Place::HUB, move |world, has_room| {
            if !has_room {
                return;
            }
            if let Some((_, placing)) = world.nodes[0].disk.placements.get_mut(&entry)
                && *placing == Placing::Inbox
            {
                *placing = Placing::Returned;
                world.writes_letter(entry, ReviewDecision::Returned);
            }
        });
    }

    /// The province takes an entry back, wherever it was born.
    fn recalls(&mut self) {
        let disk = &self.nodes[0].disk;
        let live = disk.entries.iter().filter(|(_, entry)| entry.is_live());
        let live: Vec<Uuid> = live.map(|(id, _)| *id).collect();
        let Some(entry) = live.choose(&mut self.rng).copied() else {
            return;
        };
        self.do_work(Place::HUB, move |disk, who, rules| {
            let Some(known) = disk.entries.get(&entry).filter(|known| known.is_live()) else {
                return;
            };
            let recall = Recall {
                site: known.site,
                unit: who.unit,
                reason: "Đăng nhầm.".to_owned(),
                erase: false,
                basis: None,
                replacement: None,
            };
            let new = NewEvent {
                kind: EventKind::EntryRecalled,
                entry: Some(entry),
                rev: recall.through(known.standing.rev),
                content: recall.to_content(entry).ok().map(Rc::new),
                to: None,
            };
            disk.append(who, new, rules);
        });
    }

    /// In the unit of work of the decision.
    fn writes_letter(&mut self, entry: Uuid, decision: ReviewDecision) {
        let Some(known) = self.nodes[0].disk.entries.get(&entry).cloned() else {
            return;
        };
        let Some(origin) = self.place_of(known.site) else {
            return;
        };
        let unit = self.nodes[origin.0].who.unit;
        let review = Review {
            entry,
            rev: known.standing.rev.max(1),
            decision,
            reason: None,
            url: None,
            post_check: None,
            grade: None,
        };
        let content = review.to_content().ok().map(Rc::new);
        self.with_disk(Place::HUB, |disk, who, rules| {
            let new = NewEvent {
                kind: EventKind::LetterReview,
                entry: Some(entry),
                rev: known.standing.rev.max(1),
                content,
                to: Some(unit),
            };
            disk.append(who, new, rules);
        });
    }

    // ---- faults ----

    fn cuts(&mut self, member: Place) {
        self.life.faults += 1;
        let both = [(member, Place::HUB), (Place::HUB, member)];
        let roads = match self.rng.random_range(0..3) {
            0 => vec![both[0]],
            1 => vec![both[1]],
            _ => both.to_vec(),
        };
        self.say(|| format!("cut: {roads:?}"));
        self.network.cut.extend(roads.iter().copied());
        let lasts = self.some_time();
        self.later(lasts, move |world| {
            for road in roads {
                world.network.cut.remove(&road);
            }
        });
    }

    fn crashes(&mut self, place: Place, lasts: i64) {
        self.life.faults += 1;
        self.stop(place);
        self.later(lasts, move |world| world.start(place));
    }

    /// An older copy takes the place of the disk.
    fn restores(&mut self, place: Place) {
        if self.model.revoked == Some(place) {
            return;
        }
        let Some(copy) = self.nodes[place.0].copies.choose(&mut self.rng).cloned() else {
            return;
        };
        self.say(|| format!("{place} is restored from an older copy"));
        self.crashes(place, 2_000);
        self.model.hub_went_back |= place == Place::HUB;
        self.nodes[place.0].disk = copy;
        self.disk_replaced(place);
    }

    /// The machine burns down; a new one knows what enrolment tells, and has a new stream.
    fn rebuilds(&mut self, place: Place) {
        if self.model.revoked == Some(place) {
            return;
        }
        self.say(|| format!("{place} is rebuilt"));
        let mut disk = Store::empty(self.rules.mint());
        for whose in [Place::HUB, place] {
            let site = self.nodes[whose.0].who.site;
            if let Some(told) = self.nodes[place.0].disk.described.get(&site).cloned() {
                disk.learn(&told.0, told.1);
            }
        }
        self.crashes(place, 5_000);
        self.nodes[place.0].copies.clear();
        self.nodes[place.0].disk = disk;
        self.disk_replaced(place);
    }

    fn describes(&mut self, member: Place, state: &'static str, revokes: bool) {
        let whose = self.nodes[member.0].who.clone();
        self.do_work(Place::HUB, move |disk, who, rules| {
            // What the hub holds of a key that is taken out of use is believed, and nothing after it.
            let cut = revokes.then(|| {
                let own = disk.logs.iter().filter(|(_, log)| log.site == whose.site);
                own.map(|(id, log)| (*id, log.head)).collect()
            });
            let content = describe(&whose, state, cut).to_content().ok().map(Rc::new);
            match state {
                "suspended" => disk.suspended.insert(member),
                _ => disk.suspended.remove(&member),
            };
            let new = NewEvent {
                kind: EventKind::SiteDescribed,
                entry: None,
                rev: 0,
                content,
                to: None,
            };
            disk.append(who, new, rules);
        });
    }

    fn revokes(&mut self, member: Place) {
        if std::mem::replace(&mut self.chaos.has_revoked, true)
            || self.nodes[0].process.is_none()
            || self.nodes[0].is_full
        {
            return;
        }
        self.life.faults += 1;
        self.say(|| format!("the key of {member} is revoked"));
        self.model.revoked = Some(member);
        self.note_losses();
        self.describes(member, "active", true);
    }

    fn suspends(&mut self, member: Place) {
        if self.model.revoked == Some(member) || self.nodes[0].process.is_none() {
            return;
        }
        self.life.faults += 1;
        self.say(|| format!("{member} is suspended"));
        self.describes(member, "suspended", false);
        let lasts = self.some_time();
        self.later(lasts, move |world| world.resumes(member));
    }

    fn resumes(&mut self, member: Place) {
        let site = self.nodes[member.0].who.site;
        let disk = &self.nodes[0].disk;
        let is_active = disk
            .directory
            .site(site)
            .is_some_and(|site| site.is_active());
        if self.model.revoked != Some(member) && (!is_active || disk.suspended.contains(&member)) {
            self.describes(member, "active", false);
        }
    }

    // ---- forgers ----

    /// A member with a good key sends what it may not.
    fn forges(&mut self, by: Place) {
        if self.nodes[by.0].process.is_none() {
            return;
        }
        self.life.faults += 1;
        let forger = self.nodes[by.0].who.clone();
        let victims: Vec<Rc<Event>> = self
            .nodes
            .iter()
            .flat_map(|node| node.disk.events.values())
            .filter(|event| event.header().site != forger.site)
            .filter(|event| event.header().entry.is_some() && event.header().to.is_none())
            .cloned()
            .collect();
        let Some(theirs) = victims.choose(&mut self.rng).cloned() else {
            return;
        };
        let log = self.rules.mint();
        let header = Header {
            log,
            seq: 1,
            prev: None,
            site: forger.site,
            unit: forger.unit,
            key: forger.key.id(),
            ..theirs.header().clone()
        };
        let sign = |header: Header| header.sign(&forger.key).ok();
        let altered = |signed: &SignedHeader, old: &SignedHeader| SignedHeader {
            signature: old.signature.clone(),
            ..signed.clone()
        };
        let entry = self.rules.mint();
        let mine = Some(self.text(entry, "article"));
        let mine_digest = mine
            .as_deref()
            .and_then(|text| Digest::of_canonical(text).ok());
        let published = Header {
            kind: EventKind::EntryPublished,
            lane: Lane::Regular,
            entry: Some(entry),
            rev: 1,
            content: mine_digest,
            ..header.clone()
        };
        let forgery = match self.rng.random_range(0..8) {
            // For another unit.
            0 => sign(Header {
                unit: theirs.header().unit,
                ..published
            })
            .map(|signed| (signed, mine)),
            // In another's name, with one's own key.
            1 => sign(Header {
                site: theirs.header().site,
                unit: theirs.header().unit,
                ..published
            })
            .map(|signed| (signed, mine)),
            // Somebody else's entry, revised or withdrawn. Whose an entry is is known to who has it: a hub
            // that forgot it would believe the first who speaks of it.
            2 if !self.chaos.restores_hub()
                && self.nodes[0].disk.entries.contains_key(&entry_of(&theirs)) =>
            {
                sign(Header {
                    rev: theirs.header().rev + 7,
                    ..header
                })
                .map(|signed| (signed, theirs.content.clone()))
            }
            2 => None,
            // Somebody's words with something changed.
            3 => sign(Header {
                rev: theirs.header().rev + 7,
                ..theirs.header().clone()
            })
            .map(|signed| (altered(&signed, &theirs.signed), theirs.content.clone())),
            // Another content under a good header.
            4 if theirs.content.is_some() => Some((theirs.signed.clone(), mine)),
            // What only the hub may say.
            5 => {
                let victim = self.place_of(theirs.header().site).unwrap_or(Place::HUB);
                let told = describe(&self.nodes[victim.0].who, "closed", None);
                let content = told.to_content().ok().map(Rc::new);
                sign(Header {
                    kind: EventKind::SiteDescribed,
                    lane: Lane::Urgent,
                    entry: None,
                    rev: 0,
                    content: content
                        .as_deref()
                        .and_then(|content| Digest::of_canonical(content).ok()),
                    ..published
                })
                .map(|signed| (signed, content))
            }
            // Somebody else's words, as they were.
            6 => Some((theirs.signed.clone(), theirs.content.clone())),
            // A second history of one's own log.
            _ => {
                let own = self.nodes[by.0]
                    .disk
                    .events
                    .values()
                    .find(|event| event.header().site == forger.site)
                    .cloned();
                own.and_then(|own| {
                    sign(Header {
                        log: own.header().log,
                        seq: own.header().seq,
                        prev: own.header().prev,
                        to: own.header().to,
                        ..published
                    })
                })
                .map(|signed| (signed, mine))
            }
        };
        let Some((signed, content)) = forgery else {
            return;
        };
        let event = Event {
            digest: signed.digest(),
            signed,
            content,
            from: None,
        };
        // A second history is one only where the first is known.
        let is_known = self.nodes[0]
            .disk
            .events
            .contains_key(&(event.header().log, event.header().seq));
        let is_second = event.header().site == forger.site && event.header().log != log;
        if is_second && !is_known {
            return;
        }
        if !self.model.was_said(event.digest) {
            self.model.forged.insert(event.digest);
        }
        let disk = &self.nodes[by.0].disk;
        let after = disk.place_of(Place::HUB, Lane::Regular);
        let pack = Pack {
            stream: disk.stream_id,
            lane: Lane::Regular,
            from: forger.site,
            to: self.nodes[0].who.site,
            after,
            through: StreamPlace::at(after),
            items: vec![(Rc::new(event), None)],
        };
        let nonce = self.number();
        let envelope = Envelope {
            key: forger.key.id(),
            nonce,
            created: self.clock(by),
        };
        self.dispatch(
            nonce,
            by,
            Place::HUB,
            envelope,
            Rc::new(Request::Inbox(pack)),
        );
    }

    // ---- healing ----

    /// Everything works again, and people finish what they had begun.
    pub(super) fn heal(&mut self) {
        self.say(|| "the world heals".to_owned());
        self.network = Network::healthy();
        for place in 0..self.nodes.len() {
            let node = &mut self.nodes[place];
            node.clock = 0;
            node.is_full = false;
            node.slowness = 12;
            self.start(Place(place));
        }
        for minute in [0, 5, 12] {
            for member in 1..self.nodes.len() {
                let then = minute * 60_000 + 100;
                self.later(then, move |world| world.resumes(Place(member)));
            }
        }
        if self.model.hub_went_back {
            // What the hub forgot to have accepted waits once more, or was returned meanwhile.
            for minute in [3, 8, 14] {
                self.later(minute * 60_000, Self::accepts_again);
            }
        }
    }

    fn accepts_again(&mut self) {
        let forgotten: Vec<Uuid> = self.nodes[0]
            .disk
            .placements
            .iter()
            .filter(|(_, (_, placing))| matches!(placing, Placing::Inbox | Placing::Returned))
            .map(|(entry, _)| *entry)
            .filter(|entry| {
                let known = self.model.entries.get(entry);
                known.is_some_and(|known| known.is_accepted)
            })
            .collect();
        for entry in forgotten {
            self.accepts_one(Place::HUB, entry);
        }
    }
}
