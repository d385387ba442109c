//! What one site has on its disk, and the units of work that change it.
//!
//! This is the servers' glue in small: what `receive`, `apply`, `placement`, `outgoing`, `recover` and the two
//! roles do to a database is done here to maps. Whatever is *decided* on the way is decided by the code the
//! servers run: `judge_batch`, `judge_item`, `history`, `Audience`, `targets`, `arrival`, `placed_as`.

use super::Sabotage;
use super::checks::buries;
use super::world::{Place, Rules};
use chrono::{DateTime, Utc};
use hub::relay::is_relayed;
use hub::routing::{Moment, Subject, targets};
use member_site::inbox::placed_as;
use shared::directory::{Directory, SiteDescription};
use shared::entries::apply::Effect;
use shared::entries::order::{Arriving, Change, Outcome, Standing, judge_revision};
use shared::entries::recall::Recall;
use shared::entries::{Mode, Placing, placement};
use shared::log::keys::{KeyId, SigningKey};
use shared::log::{Digest, EventKind, Header, Lane, SignedHeader, canonical};
use shared::sync::audience::Membership;
use shared::sync::core::history::{self, LogPlace};
use shared::sync::core::runs::Runs;
use shared::sync::core::{
    Held, ItemVerdict, Known, StreamPlace, Surroundings, is_of_our_stream, judge_item,
};
use shared::sync::receipt::Reason;
use shared::sync::{Audience, Selector};
use shared::units::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

/// An event as stored.
#[derive(Debug)]
pub struct Event {
    /// Header and signature.
    pub signed: SignedHeader,
    /// Digest of the header.
    pub digest: Digest,
    /// The content, as JSON.
    pub content: Option<Rc<serde_json::Value>>,
    /// The site that brought it; none for our own.
    pub from: Option<Uuid>,
}

impl Event {
    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.signed.header
    }
}

/// A log as held.
#[derive(Clone, Debug)]
pub struct Log {
    /// Whose.
    pub site: Uuid,
    /// The one unit that may read it.
    pub to: Option<Uuid>,
    /// The highest place held.
    pub head: i64,
    /// Whether its site writes to it no more.
    pub is_closed: bool,
}

/// The current view of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it was born.
    pub site: Uuid,
    /// What is known of it.
    pub standing: Standing,
    /// The event that made it so.
    pub event: (Uuid, i64),
}

impl Entry {
    /// Whether it is shown.
    pub fn is_live(&self) -> bool {
        self.standing.outcome() == Outcome::Live
    }
}

/// A place of the outgoing stream.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The position.
    pub position: i64,
    /// The lane.
    pub lane: Lane,
    /// What.
    pub event: (Uuid, i64),
    /// For whom.
    pub audience: Rc<Audience>,
    /// Whose words.
    pub origin: Uuid,
    /// When it was given away, in milliseconds.
    pub given_at: i64,
}

/// Who a site is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its place in the world.
    pub place: Place,
    /// Site id.
    pub site: Uuid,
    /// Unit id.
    pub unit: Uuid,
    /// Its key.
    pub key: Rc<SigningKey>,
}

/// An event about to happen.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// What happens.
    pub kind: EventKind,
    /// Of which entry.
    pub entry: Option<Uuid>,
    /// Its revision.
    pub rev: i64,
    /// What it says.
    pub content: Option<Rc<serde_json::Value>>,
    /// To whom alone.
    pub to: Option<Uuid>,
}

/// An item after signature and authority.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The event.
    pub event: Rc<Event>,
    /// How it was sent.
    pub mode: Option<Mode>,
}

/// What a unit of work did, for those who check it.
#[derive(Clone, Debug)]
pub enum Trace {
    /// An event was stored.
    Stored(Rc<Event>),
    /// An event of the site's own was made.
    Said(Rc<Event>),
    /// An event of the site's own was taken out of its place, to be said again.
    SetAside(Rc<Event>),
    /// An event of the site's own stays in its place and is said again besides.
    Repeated(Digest),
    /// An entry changed.
    Changed(Uuid),
    /// An event went into the outgoing stream.
    Enqueued(Digest, Rc<Audience>),
}

/// A disk.
#[derive(Clone, Debug)]
pub struct Store {
    /// Events by log and place.
    pub events: BTreeMap<(Uuid, i64), Rc<Event>>,
    /// Logs by id.
    pub logs: BTreeMap<Uuid, Log>,
    /// Entries by id.
    pub entries: BTreeMap<Uuid, Entry>,
    /// Where they stand here.
    pub placements: BTreeMap<Uuid, (Mode, Placing)>,
    /// Letters received: what a site said of an entry.
    pub letters: BTreeSet<(Uuid, Uuid)>,
    /// The outgoing stream.
    pub stream: Vec<Sent>,
    /// Its id.
    pub stream_id: Uuid,
    /// The last position given away.
    pub last: i64,
    /// How far we hold our peers' streams.
    pub held: BTreeMap<(Place, Lane), Held>,
    /// How far our peers hold ours.
    pub acknowledged: BTreeMap<(Place, Lane), Held>,
    /// Nonces used up.
    pub nonces: BTreeSet<(KeyId, u64)>,
    /// Who may speak.
    pub directory: Directory,
    /// What the directory was told.
    pub described: BTreeMap<Uuid, (SiteDescription, DateTime<Utc>)>,
    /// Peers at rest.
    pub suspended: BTreeSet<Place>,
    /// Words of ours that were said again in another log.
    pub said_again: BTreeSet<(Uuid, i64, Digest)>,
    /// Which processes spoke for each peer.
    pub runs: BTreeMap<Place, Runs>,
    /// What the unit of work under way did.
    pub trace: Vec<Trace>,
}

impl Store {
    /// An empty disk.
    pub fn empty(stream_id: Uuid) -> Self {
        Self {
            events: BTreeMap::new(),
            logs: BTreeMap::new(),
            entries: BTreeMap::new(),
            placements: BTreeMap::new(),
            letters: BTreeSet::new(),
            stream: Vec::new(),
            stream_id,
            last: 0,
            held: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            nonces: BTreeSet::new(),
            directory: Directory::default(),
            described: BTreeMap::new(),
            suspended: BTreeSet::new(),
            said_again: BTreeSet::new(),
            runs: BTreeMap::new(),
            trace: Vec::new(),
        }
    }

    /// Takes in what the hub says of a site.
    pub fn learn(&mut self, told: &SiteDescription, at: DateTime<Utc>) {
        self.directory.learn(told);
        self.described.insert(told.site, (told.clone(), at));
    }

    /// Where a peer stands in our stream, as last heard.
    pub fn place_of(&self, peer: Place, lane: Lane) -> i64 {
        let held = self.acknowledged.get(&(peer, lane));
        held.map_or(0, |held| held.position_in(self.stream_id))
    }

    /// Whether a peer that says to stand at `places` of our stream stands where we sent it.
    pub fn has_given(&self, places: [StreamPlace; 2]) -> bool {
        places.into_iter().all(|told| {
            let at = |sent: &Sent| sent.position;
            let found = self.stream.binary_search_by_key(&told.position, at).ok();
            let given_at = found.map(|found| self.stream[found].given_at);
            is_of_our_stream(told, self.last, given_at)
        })
    }

    /// Notes where a peer stands in `stream`.
    pub fn set_place_of(&mut self, peer: Place, lane: Lane, stream: Uuid, position: i64) {
        let held = Held {
            stream: Some(stream),
            place: StreamPlace::at(position),
        };
        self.acknowledged.insert((peer, lane), held);
    }

    // ---- our own words ----

    /// Signs `new` into our log and puts it into the stream, in the unit of work that makes it true.
    pub fn append(&mut self, who: &Identity, new: NewEvent, rules: &mut Rules) -> Rc<Event> {
        let open =
            |(_, log): &(&Uuid, &Log)| log.site == who.site && log.to == new.to && !log.is_closed;
        let log_id = match self.logs.iter().find(open) {
            Some((id, _)) => *id,
            None => {
                let id = rules.mint();
                self.begin_log(id, who.site, new.to);
                id
            }
        };
        let head = self.logs[&log_id].head;
        let content = new.content.as_deref().map(|content| {
            Digest::of(canonical::to_canonical(content).expect("a content of ours is canonical"))
        });
        let signed = Header {
            v: shared::log::header::VERSION,
            log: log_id,
            seq: head + 1,
            prev: self.events.get(&(log_id, head)).map(|event| event.digest),
            site: who.site,
            unit: who.unit,
            key: who.key.id(),
            lane: new.kind.lane(),
            kind: new.kind,
            entry: new.entry,
            rev: new.rev,
            content,
            time: rules.clock,
            to: new.to,
        }
        .sign(&who.key)
        .expect("a header of ours is canonical");
        let event = Rc::new(Event {
            digest: signed.digest(),
            signed,
            content: new.content,
            from: None,
        });
        self.insert(&event);
        self.trace.push(Trace::Said(Rc::clone(&event)));
        self.own_effect(who, &event, true, rules);
        event
    }

    /// What our own event changes here, and for whom it is.
    fn own_effect(&mut self, who: &Identity, event: &Rc<Event>, is_new: bool, rules: &Rules) {
        let header = event.header();
        if header.kind == EventKind::SiteDescribed
            && let Some(told) = description(event)
        {
            let known = self.described.get(&told.site);
            if is_new || known.is_none_or(|known| known.1 <= header.time) {
                self.learn(&told, header.time);
            }
        }
        if is_of_entry(header)
            && self.apply(event, rules.sabotage) == Effect::Current
            && says(header.kind)
            && let Some(entry) = header.entry
        {
            self.arrive(entry, Mode::Own);
        }
        let audience = self.recipients(who, event, rules);
        self.enqueue(event, header.lane, audience, rules);
    }

    fn recipients(&self, who: &Identity, event: &Event, rules: &Rules) -> Audience {
        if who.place != Place::HUB {
            return Audience::of(Selector::Upstream, Mode::Suggested);
        }
        match (event.header().to, event.header().kind) {
            (Some(unit), _) => Audience::of(Selector::Unit(unit), Mode::Suggested),
            (None, EventKind::SiteDescribed) => Audience::of(Selector::Everyone, Mode::Mandatory),
            (None, EventKind::EntryRecalled) => {
                let mut audience = self.so_far(event.header().entry);
                let known = event
                    .header()
                    .entry
                    .and_then(|entry| self.entries.get(&entry));
                if let Some(unit) = known.and_then(|known| {
                    let site = self.directory.site(known.site);
                    site.map(|site| site.unit_id)
                }) {
                    audience.add(Selector::Unit(unit), Mode::Suggested);
                }
                if self.went_back(rules) {
                    audience.add(Selector::Everyone, Mode::Suggested);
                }
                audience
            }
            (None, _) => self.routed(event, Moment::Arrival, rules).audience,
        }
    }

    fn routed(&self, event: &Event, moment: Moment, rules: &Rules) -> hub::routing::Routed {
        let header = event.header();
        let routed = match &event.content {
            Some(content) => {
                let field = |name: &str| content["_entry"][name].as_str().unwrap_or_default();
                let subject = Subject {
                    unit: header.unit,
                    section: field("section"),
                    kind: field("kind"),
                };
                targets(&subject, moment, &rules.routes, &rules.tree, rules.province)
            }
            None => hub::routing::Routed::default(),
        };
        let routed = routed.following(header.rev, &self.so_far(header.entry));
        if header.kind == EventKind::EntryWithdrawn && self.went_back(rules) {
            return routed.reaching_all();
        }
        routed
    }

    /// All who were ever to receive what an entry says.
    fn so_far(&self, entry: Option<Uuid>) -> Audience {
        self.stream
            .iter()
            .filter(|sent| {
                let header = self.events.get(&sent.event).map(|event| event.header());
                header.is_some_and(|header| header.entry == entry && says(header.kind))
            })
            .fold(Audience::nobody(), |all, sent| all.union(&sent.audience))
    }

    /// Whether the hub's database was ever found to be an older copy.
    fn went_back(&self, rules: &Rules) -> bool {
        self.logs
            .values()
            .any(|log| log.is_closed && log.site == rules.hub)
    }

    fn enqueue(&mut self, event: &Rc<Event>, lane: Lane, audience: Audience, rules: &Rules) {
        if audience.is_empty() {
            return;
        }
        self.last += 1;
        let audience = Rc::new(audience);
        self.trace
            .push(Trace::Enqueued(event.digest, Rc::clone(&audience)));
        self.stream.push(Sent {
            position: self.last,
            lane,
            event: (event.header().log, event.header().seq),
            audience,
            origin: event.header().site,
            given_at: rules.clock.timestamp_millis(),
        });
    }

    /// What people here accept goes where the routes for acceptance say.
    pub fn accept(&mut self, who: &Identity, entry: Uuid, rules: &Rules) -> bool {
        let Some((mode, Placing::Inbox | Placing::Returned)) = self.placements.get(&entry).copied()
        else {
            return false;
        };
        let Some(known) = self.entries.get(&entry).filter(|known| known.is_live()) else {
            return false;
        };
        let event = Rc::clone(&self.events[&known.event]);
        self.placements.insert(entry, (mode, Placing::Shown));
        if who.place == Place::HUB {
            let routed = self.routed(&event, Moment::Acceptance, rules);
            let lane = routed.lane_beside(event.header().lane);
            self.enqueue(&event, lane, routed.audience, rules);
        }
        true
    }

    // ---- others' words ----

    /// Stores an item that may be stored; the effects follow in the same unit of work.
    pub fn take(&mut self, who: &Identity, item: &Judged, rules: &Rules) -> Result<bool, Reason> {
        let event = &item.event;
        let header = event.header();
        let at = |seq| self.events.get(&(header.log, seq));
        let around = Surroundings {
            log: self.logs.get(&header.log).map(|log| (log.site, log.to)),
            place: Known {
                here: at(header.seq).map(|event| event.digest),
                before: at(header.seq - 1).map(|event| event.digest),
                named_by_next: at(header.seq + 1).and_then(|event| event.header().prev),
            },
            entry_origin: header
                .entry
                .and_then(|entry| self.entries.get(&entry))
                .map(|entry| entry.site),
        };
        match judge_item(header, event.digest, &around) {
            ItemVerdict::Store => {}
            ItemVerdict::Duplicate if rules.sabotage == Some(Sabotage::NoDeduplication) => {}
            ItemVerdict::Duplicate => {
                let known = Rc::clone(&self.events[&(header.log, header.seq)]);
                self.take_in(who, &known, item.mode, Effect::Known, rules);
                return Ok(false);
            }
            ItemVerdict::Refuse(_) if rules.sabotage == Some(Sabotage::NoAuthority) => {}
            ItemVerdict::Refuse(reason) => return Err(reason),
        }
        if !self.logs.contains_key(&header.log) {
            self.begin_log(header.log, header.site, header.to);
        }
        self.insert(event);
        let effect = match header.kind {
            EventKind::SiteDescribed => {
                if let Some(told) = description(event) {
                    self.learn(&told, rules.clock);
                }
                Effect::Current
            }
            EventKind::LetterReview => {
                self.letters
                    .insert((header.entry.unwrap_or_default(), header.site));
                Effect::Current
            }
            _ if rules.sabotage == Some(Sabotage::NoDeduplication) => {
                self.apply(event, rules.sabotage);
                Effect::Current
            }
            _ => self.apply(event, rules.sabotage),
        };
        if effect == Effect::Current
            && event.content.is_some()
            && let Some(entry) = header.entry
            && let Some((_, placing)) = self.placements.get_mut(&entry)
            && *placing == Placing::Returned
        {
            *placing = Placing::Inbox;
        }
        self.take_in(who, event, item.mode, effect, rules);
        Ok(true)
    }

    fn take_in(
        &mut self,
        who: &Identity,
        event: &Rc<Event>,
        mode: Option<Mode>,
        effect: Effect,
        rules: &Rules,
    ) {
        let header = event.header();
        if who.place != Place::HUB {
            if let (Some(entry), Some(mode)) = (header.entry, placed_as(header.kind, mode, effect))
            {
                self.arrive(entry, mode);
            }
            return;
        }
        if !is_relayed(header.kind, effect) {
            return;
        }
        let routed = self.routed(event, Moment::Arrival, rules);
        let ourselves = Membership {
            unit: who.unit,
            is_upstream: false,
        };
        let here = routed.audience.only_unit(who.unit);
        if let (Some(entry), Some(_), Some(mode)) = (
            header.entry,
            &event.content,
            here.mode_for(&ourselves, &Tree::default()),
        ) {
            self.arrive(entry, mode);
        }
        let lane = routed.lane_beside(header.lane);
        self.enqueue(event, lane, routed.audience, rules);
    }

    fn arrive(&mut self, entry: Uuid, mode: Mode) {
        let known = self.placements.get(&entry).copied();
        if let Some(arrived) = placement::arrival(known, mode) {
            self.placements.insert(entry, arrived);
            self.trace.push(Trace::Changed(entry));
        }
    }

    fn begin_log(&mut self, id: Uuid, site: Uuid, to: Option<Uuid>) {
        let log = Log {
            site,
            to,
            head: 0,
            is_closed: false,
        };
        self.logs.insert(id, log);
    }

    fn insert(&mut self, event: &Rc<Event>) {
        let header = event.header();
        self.events
            .insert((header.log, header.seq), Rc::clone(event));
        if let Some(log) = self.logs.get_mut(&header.log) {
            log.head = log.head.max(header.seq);
        }
        self.trace.push(Trace::Stored(Rc::clone(event)));
    }

    /// What an event changes in the current view of its entry.
    fn apply(&mut self, event: &Event, sabotage: Option<Sabotage>) -> Effect {
        let header = event.header();
        let Some(entry) = header.entry else {
            return Effect::Stale;
        };
        let Some(arriving) = Arriving::of(header.kind, header.rev, header.content) else {
            return Effect::Stale;
        };
        let known = self.entries.get(&entry);
        let before = known.map_or_else(Standing::default, |known| known.standing);
        let (mut effect, mut standing) = judge_revision(before, arriving);
        if let (Some(Sabotage::WithdrawalForgotten), Change::Said(content)) =
            (sabotage, arriving.change)
            && known.is_some_and(|known| !known.is_live())
        {
            standing = Standing {
                rev: header.rev,
                content: Some(content),
                recalled_through: 0,
            };
            effect = Effect::Current;
        }
        if standing == before {
            return effect;
        }
        let recalled = || {
            let recall = Recall::from_content(event.content.as_deref()?).ok()?;
            Some(recall.site)
        };
        let current = Entry {
            site: match known {
                Some(known) => known.site,
                None => recalled().unwrap_or(header.site),
            },
            standing,
            event: match known {
                Some(known) if arriving.change == Change::Recalled => known.event,
                _ => (header.log, header.seq),
            },
        };
        self.entries.insert(entry, current);
        self.trace.push(Trace::Changed(entry));
        effect
    }

    // ---- recovery ----

    /// Puts our logs back together after the database went back in time. Returns whether the stream is
    /// another one now.
    pub fn take_back(
        &mut self,
        who: &Identity,
        fetched: &[(Uuid, i64, Vec<Rc<Event>>)],
        is_our_stream: bool,
        rules: &mut Rules,
    ) -> bool {
        let mut unplaced: Vec<(Rc<Event>, bool)> = Vec::new();
        let mut described = BTreeSet::new();
        let mut went_back = !is_our_stream;
        for (log, after, events) in fetched {
            let held: Vec<Rc<Event>> = self
                .events
                .range((*log, *after)..=(*log, i64::MAX))
                .map(|(_, event)| Rc::clone(event))
                .collect();
            let places = |events: &[Rc<Event>]| -> Vec<LogPlace> {
                events
                    .iter()
                    .map(|event| LogPlace::of(event.header(), event.digest))
                    .collect()
            };
            let ours = places(&held);
            let mut theirs = places(events);
            theirs.extend(ours.first().filter(|place| place.seq == *after));
            let is_open = self.logs.get(log).is_none_or(|log| !log.is_closed);
            let plan = history::recover(&ours, &theirs);
            for event in events {
                let place = (*log, event.header().seq, event.digest);
                if plan.say_theirs.contains(&place.1) && !self.said_again.contains(&place) {
                    self.trace.push(Trace::SetAside(Rc::clone(event)));
                    if self.is_overtaken(event) {
                        self.said_again.insert(place);
                    } else {
                        unplaced.push((Rc::clone(event), true));
                    }
                }
            }
            if plan.take_back.is_empty() {
                continue;
            }
            went_back |= is_open;
            if !self.logs.contains_key(log) {
                self.begin_log(
                    *log,
                    who.site,
                    events.first().and_then(|event| event.header().to),
                );
            }
            for event in held {
                if plan.say_again.contains(&event.header().seq) {
                    let place = (*log, event.header().seq);
                    self.stream.retain(|sent| sent.event != place);
                    self.events.remove(&place);
                    self.trace.push(Trace::SetAside(Rc::clone(&event)));
                    unplaced.push((event, false));
                }
            }
            if let Some(log) = self.logs.get_mut(log) {
                log.head = ours
                    .iter()
                    .map(|place| place.seq)
                    .filter(|seq| !plan.say_again.contains(seq))
                    .max()
                    .unwrap_or(*after);
            }
            for event in events {
                if plan.take_back.contains(&event.header().seq) {
                    self.insert(event);
                    self.own_effect(who, event, false, rules);
                    described.extend(description(event).map(|told| told.site));
                }
            }
        }
        if went_back {
            self.goes_on_elsewhere(who, rules);
        }
        for (event, is_held_elsewhere) in unplaced {
            self.say_again(who, &event, is_held_elsewhere, &mut described, rules);
        }
        self.describe_anew(who, described, rules);
        went_back
    }

    /// Whether what an event says of an entry was said otherwise later.
    fn is_overtaken(&self, event: &Event) -> bool {
        let header = event.header();
        let known = header.entry.and_then(|entry| self.entries.get(&entry));
        let stands = known.and_then(|known| self.events.get(&known.event));
        says(header.kind) && stands.is_some_and(|stands| stands.header().time > header.time)
    }

    fn say_again(
        &mut self,
        who: &Identity,
        event: &Event,
        is_held_elsewhere: bool,
        described: &mut BTreeSet<Uuid>,
        rules: &mut Rules,
    ) {
        let header = event.header();
        self.said_again
            .insert((header.log, header.seq, event.digest));
        if let Some(told) = description(event) {
            described.insert(told.site);
            return;
        }
        let known = header.entry.and_then(|entry| self.entries.get(&entry));
        let (kind, rev) = if is_of_entry(header) {
            let known = known.map_or(0, |known| known.standing.rev);
            let known = match is_held_elsewhere {
                true => known.max(header.rev),
                false => known,
            };
            history::said_again(header.kind, header.rev, known)
        } else {
            (header.kind, header.rev)
        };
        let again = NewEvent {
            kind,
            entry: header.entry,
            rev,
            content: event.content.clone(),
            to: header.to,
        };
        self.append(who, again, rules);
    }

    fn describe_anew(&mut self, who: &Identity, sites: BTreeSet<Uuid>, rules: &mut Rules) {
        for site in sites {
            let Some((told, _)) = self.described.get(&site) else {
                continue;
            };
            let anew = NewEvent {
                kind: EventKind::SiteDescribed,
                entry: None,
                rev: 0,
                content: told.to_content().ok().map(Rc::new),
                to: None,
            };
            self.append(who, anew, rules);
        }
    }

    /// Says again what a peer could not take because it holds other words of ours in their places.
    pub fn after_refusals(
        &mut self,
        who: &Identity,
        refused: &[(Uuid, i64, Digest)],
        rules: &mut Rules,
    ) {
        let mut described = BTreeSet::new();
        for place in refused {
            let is_left = self
                .logs
                .get(&place.0)
                .is_some_and(|log| log.site == who.site && log.is_closed);
            if !is_left || self.said_again.contains(place) {
                continue;
            }
            let Some(event) = self.events.get(&(place.0, place.1)).map(Rc::clone) else {
                continue;
            };
            let header = event.header();
            let known = header.entry.and_then(|entry| self.entries.get(&entry));
            let stands = !says(header.kind)
                || known.is_some_and(|known| known.event == (header.log, header.seq));
            if stands && event.digest == place.2 {
                self.trace.push(Trace::Repeated(event.digest));
                self.say_again(who, &event, false, &mut described, rules);
            }
        }
        self.describe_anew(who, described, rules);
    }

    /// Up to where nothing of a log is missing.
    pub fn whole(&self, log: Uuid) -> i64 {
        let places = self.events.range((log, 1)..=(log, i64::MAX));
        let whole = (1..)
            .zip(places)
            .take_while(|(seq, ((_, at), _))| seq == at);
        whole.last().map_or(0, |(seq, _)| seq)
    }

    /// What is said next goes into new logs and a new stream.
    pub fn goes_on_elsewhere(&mut self, who: &Identity, rules: &mut Rules) {
        for log in self.logs.values_mut() {
            log.is_closed |= log.site == who.site;
        }
        if who.place == Place::HUB {
            self.tell_everyone_what_was_taken_back(rules);
        }
        self.stream_id = rules.mint();
    }
}

impl Store {
    /// As the hub does when it may have forgotten to whom it sent an entry.
    fn tell_everyone_what_was_taken_back(&mut self, rules: &Rules) {
        let told: BTreeSet<(Uuid, i64)> = self
            .stream
            .iter()
            .filter(|sent| sent.audience.names(&Selector::Everyone))
            .map(|sent| sent.event)
            .collect();
        let untold: Vec<Rc<Event>> = self
            .events
            .iter()
            .filter(|(place, event)| buries(event.header().kind) && !told.contains(place))
            .map(|(_, event)| Rc::clone(event))
            .collect();
        for event in untold {
            let everyone = Audience::of(Selector::Everyone, Mode::Suggested);
            self.enqueue(&event, event.header().lane, everyone, rules);
        }
    }
}

/// Whether an event is about an entry itself, and not a letter.
pub(super) fn is_of_entry(header: &Header) -> bool {
    header.kind.concerns_entry() && header.to.is_none()
}

/// Whether an event says how an entry is.
pub(super) fn says(kind: EventKind) -> bool {
    matches!(kind, EventKind::EntryPublished | EventKind::EntryRevised)
}

/// What `site.described` says.
pub(super) fn description(event: &Event) -> Option<SiteDescription> {
    SiteDescription::from_content(event.content.as_deref()?).ok()
}
