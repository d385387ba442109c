//! Time, chance, and who is in the world.

use super::checks::Checks;
use super::model::Model;
use super::network::Network;
use super::node::{Answer, Node, Request};
use super::store::{Identity, NewEvent, Store};
use super::{Life, Sabotage, chaos};
use chrono::{DateTime, TimeDelta, Utc};
use hub::routing::Route;
use hub::routing::route::defaults;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use shared::directory::SiteDescription;
use shared::log::EventKind;
use shared::log::keys::{KeyId, SigningKey};
use shared::sync::core::Input;
use shared::units::Tree;
use shared::units::attribute::{Model as Attribute, Name};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use uuid::Uuid;

/// A site's place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub usize);

impl Place {
    /// The hub's.
    pub const HUB: Self = Self(0);
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::HUB => f.write_str("hub"),
            Self(member) => write!(f, "member {member}"),
        }
    }
}

/// What a world is made from.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The seed.
    pub seed: u64,
    /// How many members; none: the seed decides.
    pub members: Option<usize>,
    /// What is broken on purpose.
    pub sabotage: Option<Sabotage>,
    /// Whether to tell what happens.
    pub is_told: bool,
}

impl Config {
    /// The world of `seed`, as it is.
    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            members: None,
            sabotage: None,
            is_told: false,
        }
    }
}

/// What is the same for everybody in this world.
pub struct Rules {
    /// When it began.
    pub start: DateTime<Utc>,
    /// What the clock shows of whoever is at work.
    pub clock: DateTime<Utc>,
    /// The province's routes.
    pub routes: Vec<Route>,
    /// Its units.
    pub tree: Tree,
    /// Its own unit.
    pub province: Uuid,
    /// Its own site.
    pub hub: Uuid,
    /// What is broken on purpose.
    pub sabotage: Option<Sabotage>,
    minted: u128,
}

impl Rules {
    /// A new id.
    pub fn mint(&mut self) -> Uuid {
        self.minted += 1;
        Uuid::from_u128(self.minted)
    }
}

/// The end of a unit of work, told whether the disk had room for it.
pub(super) type Work = Box<dyn FnOnce(&mut World, bool)>;
/// What is done with an answer.
pub(super) type Then = Box<dyn FnOnce(&mut World, Answer)>;

/// Something that is going to happen.
pub(super) enum Happening {
    /// A write has reached the disk, if the process is still the one that began it.
    Commit(Place, u64, Work),
    /// A request arrives.
    Request {
        call: u64,
        from: Place,
        to: Place,
        envelope: Envelope,
        request: Rc<Request>,
    },
    /// An answer arrives.
    Answer(u64, Envelope, Answer),
    /// Nobody waits for an answer any more.
    Timeout(u64),
    /// A link wanted to be woken.
    Tick(Place, u64, Place, u64),
    /// A link is told something.
    Tell(Place, u64, Place, Input),
    /// A question was held open long enough.
    HeldLongEnough(Place, u64, u64),
    /// People and faults.
    Act,
    /// Anything else.
    Do(Box<dyn FnOnce(&mut World)>),
}

/// The signature around a message, as far as a world needs it: whose key, when, and the nonce.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    pub key: KeyId,
    pub nonce: u64,
    pub created: DateTime<Utc>,
}

pub(super) struct Call {
    pub from: Place,
    pub to: Place,
    pub epoch: u64,
    pub then: Then,
}

struct Due {
    at: i64,
    order: u64,
    what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

/// A province.
pub struct World {
    /// What it was made from.
    pub config: Config,
    /// What is the same for everybody.
    pub rules: Rules,
    /// Milliseconds since it began.
    pub now: i64,
    /// Who is in it; the hub first.
    pub nodes: Vec<Node>,
    pub(super) rng: StdRng,
    pub(super) network: Network,
    pub(super) calls: BTreeMap<u64, Call>,
    pub(super) model: Model,
    pub(super) checks: Checks,
    pub(super) chaos: chaos::Chaos,
    pub(super) life: Life,
    pub(super) numbered: u64,
    /// Most items in a batch: small, so that there are many.
    pub(super) batch: usize,
    queue: BinaryHeap<Reverse<Due>>,
}

thread_local! {
    static KEYS: Vec<Rc<SigningKey>> = (0..64)
        .map(|number| Rc::new(SigningKey::from_seed(&[number; 32])))
        .collect();
}

/// From healing until everybody must agree: the longest a link waits, twice over for a recovery on the
/// way, and the greetings after it.
const BOUND: i64 = 25 * 60_000;

impl World {
    /// A province on its first day: everybody enrolled, nothing said.
    pub fn new(config: Config) -> Self {
        let mut rng = StdRng::seed_from_u64(config.seed);
        let members = config.members.unwrap_or_else(|| match config.seed % 100 {
            0 => 50,
            1..=9 => rng.random_range(6..=12),
            _ => rng.random_range(2..=5),
        });
        let mut rules = Rules {
            start: DateTime::from_timestamp(1_795_386_793, 0).unwrap_or_default(),
            clock: DateTime::default(),
            routes: Vec::new(),
            tree: Tree::default(),
            province: Uuid::nil(),
            hub: Uuid::nil(),
            sabotage: config.sabotage,
            minted: 0,
        };
        let identities: Vec<Identity> = (0..=members)
            .map(|place| Identity {
                place: Place(place),
                site: rules.mint(),
                unit: rules.mint(),
                key: KEYS.with(|keys| Rc::clone(&keys[place])),
            })
            .collect();
        rules.province = identities[0].unit;
        rules.hub = identities[0].site;
        rules.routes = defaults(rules.province);
        rules.tree = tree(&identities);
        let descriptions: Vec<SiteDescription> = identities
            .iter()
            .map(|who| describe(who, "active", None))
            .collect();
        let chaos = chaos::Chaos::new(&mut rng, members);
        // A hub that went back in time asks those it can call. What only somebody behind a NAT has heard
        // it cannot get back, and may say something else in its place: see docs/decisions/0019.
        let all_can_be_called = chaos.restores_hub();
        let nodes = identities
            .into_iter()
            .map(|who| {
                // What enrolment leaves behind: oneself, and the hub.
                let mut disk = Store::empty(rules.mint());
                if who.place == Place::HUB {
                    descriptions
                        .iter()
                        .for_each(|told| disk.learn(told, rules.start));
                } else {
                    disk.learn(&descriptions[0], rules.start);
                    disk.learn(&descriptions[who.place.0], rules.start);
                }
                let is_pull = rng.random_bool(0.25) && !all_can_be_called;
                Node::new(who, is_pull, disk)
            })
            .collect();
        let mut world = Self {
            config,
            rules,
            now: 0,
            nodes,
            network: Network::healthy(),
            calls: BTreeMap::new(),
            model: Model::default(),
            checks: Checks::default(),
            chaos,
            life: Life::default(),
            numbered: 0,
            batch: rng.random_range(1..=6),
            rng,
            queue: BinaryHeap::new(),
        };
        for told in descriptions {
            world.write_at_once(Place::HUB, move |disk, who, rules| {
                let content = told.to_content().ok().map(Rc::new);
                disk.append(
                    who,
                    NewEvent {
                        kind: EventKind::SiteDescribed,
                        entry: None,
                        rev: 0,
                        content,
                        to: None,
                    },
                    rules,
                );
            });
        }
        world
    }

    /// Lives through chaos and healing.
    pub fn live(&mut self) -> Life {
        for place in 0..self.nodes.len() {
            let soon = self.rng.random_range(0..1_000);
            self.after(
                soon,
                Happening::Do(Box::new(move |world| world.start(Place(place)))),
            );
        }
        self.after(1_500, Happening::Act);
        self.run_until(self.chaos.ends_at);
        self.heal();
        let healed = self.now;
        let mut last = None;
        while self.life.violation.is_none() && self.now < healed + BOUND {
            let next = self.now + 30_000;
            self.run_until(next);
            last = self.disagreement();
            if last.is_none() {
                break;
            }
        }
        self.life.converged_after = self.now - healed;
        if let (None, Some(disagreement)) = (&self.life.violation, last) {
            self.fails(format!(
                "{} min after healing: {disagreement}",
                BOUND / 60_000
            ));
        }
        // What agrees stays so.
        if self.life.violation.is_none() {
            let next = self.now + 150_000;
            self.run_until(next);
            if let Some(disagreement) = self.disagreement() {
                self.fails(format!("they had agreed, then: {disagreement}"));
            }
        }
        self.life.said = self.model.count();
        self.life.clone()
    }

    fn run_until(&mut self, end: i64) {
        while self.life.violation.is_none() {
            match self.queue.peek() {
                Some(Reverse(due)) if due.at <= end => {}
                _ => break,
            }
            let Some(Reverse(due)) = self.queue.pop() else {
                break;
            };
            self.now = due.at;
            self.happen(due.what);
        }
        self.now = self.now.max(end);
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Commit(place, epoch, work) => {
                let node = &self.nodes[place.0];
                if node.process.is_none() || node.epoch != epoch {
                    return;
                }
                let has_room = !node.is_full;
                self.life.commits += 1;
                work(self, has_room);
                self.after_work(place);
            }
            Happening::Request {
                call,
                from,
                to,
                envelope,
                request,
            } => self.receive_request(call, from, to, envelope, &request),
            Happening::Answer(call, envelope, answer) => {
                self.receive_answer(call, envelope, answer)
            }
            Happening::Timeout(call) => {
                if let Some(call) = self.calls.remove(&call)
                    && self.is_running(call.from, call.epoch)
                {
                    (call.then)(self, Answer::Nothing);
                }
            }
            Happening::Tick(place, epoch, peer, token) => self.tick(place, epoch, peer, token),
            Happening::Tell(place, epoch, peer, input) => {
                if self.is_running(place, epoch) {
                    self.tell(place, peer, input);
                }
            }
            Happening::HeldLongEnough(place, epoch, waiter) => {
                if self.is_running(place, epoch) {
                    self.held_long_enough(place, waiter);
                }
            }
            Happening::Act => chaos::act(self),
            Happening::Do(work) => work(self),
        }
    }

    /// Something happens in `wait` milliseconds.
    pub(super) fn after(&mut self, wait: i64, what: Happening) {
        self.numbered += 1;
        self.queue.push(Reverse(Due {
            at: self.now + wait.max(0),
            order: self.numbered,
            what,
        }));
    }

    /// What the clock of `place` shows.
    pub(super) fn clock(&self, place: Place) -> DateTime<Utc> {
        self.rules.start + TimeDelta::milliseconds(self.now + self.nodes[place.0].clock)
    }

    pub(super) fn is_running(&self, place: Place, epoch: u64) -> bool {
        let node = &self.nodes[place.0];
        node.process.is_some() && node.epoch == epoch
    }

    /// A number nobody had before.
    pub(super) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// Tells what happens, if somebody wants to know.
    pub(super) fn say(&self, what: impl FnOnce() -> String) {
        if self.config.is_told {
            let seconds = self.now / 1_000;
            println!(
                "{:>3}:{:02}.{:03} {}",
                seconds / 60,
                seconds % 60,
                self.now % 1_000,
                what()
            );
        }
    }

    /// Something happened that must not.
    pub(super) fn fails(&mut self, what: String) {
        self.say(|| format!("!! {what}"));
        if self.life.violation.is_none() {
            self.life.violation = Some(what);
        }
    }

    /// The place of a site.
    pub(super) fn place_of(&self, site: Uuid) -> Option<Place> {
        let found = self.nodes.iter().find(|node| node.who.site == site);
        found.map(|node| node.who.place)
    }
}

/// What the hub says of a site; of a key that was taken out of use, how far it is still believed.
pub(super) fn describe(
    who: &Identity,
    state: &str,
    cut: Option<Vec<(Uuid, i64)>>,
) -> SiteDescription {
    let mut key = json!({ "key": who.key.public_key(), "valid_from": 0 });
    if let Some(logs) = cut {
        let through = |(log, seq): (Uuid, i64)| json!({ "log": log, "seq": seq });
        let logs: Vec<_> = logs.into_iter().map(through).collect();
        key["revoked_at"] = json!(1);
        key["cut"] = json!({ "since": 1, "judged_at": 1, "logs": logs });
    }
    let content = json!({ "_site": {
        "site": who.site,
        "mode": "native",
        "state": state,
        "base_url": format!("https://{}.example", who.site),
        "title": who.place.to_string(),
        "unit": { "id": who.unit, "attributes": [] },
        "keys": [key],
    }});
    match SiteDescription::from_content(&content) {
        Ok(description) => description,
        Err(error) => panic!("a description of ours is none: {error}"),
    }
}

fn tree(identities: &[Identity]) -> Tree {
    let attribute = |unit, name: Name, value: String| Attribute {
        id: 0,
        unit_id: unit,
        name: name.as_str().to_owned(),
        value,
        valid_from: None,
        valid_to: None,
        basis: None,
    };
    let province = identities[0].unit;
    let attributes: Vec<Attribute> = identities
        .iter()
        .flat_map(|who| {
            let is_hub = who.place == Place::HUB;
            let kind = if is_hub { "tinh" } else { "xa" };
            let parent = (!is_hub).then(|| attribute(who.unit, Name::Parent, province.to_string()));
            parent
                .into_iter()
                .chain([attribute(who.unit, Name::Kind, kind.to_owned())])
        })
        .collect();
    Tree::on("2026-11-23".parse().unwrap_or_default(), &attributes)
}
