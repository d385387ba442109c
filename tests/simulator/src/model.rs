//! What everybody should hold, by another way than the protocol: what was said, and who is to have it.
//!
//! The model knows no cursors, logs or batches. It notes every event when it is said, every acceptance, and
//! every word that went down with the only disk it was on.

use super::store::{Event, is_of_entry};
use super::world::Place;
use shared::log::{Digest, EventKind};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An event as it was said.
#[derive(Clone, Debug)]
pub struct Said {
    /// By whom.
    pub by: Place,
    /// Where.
    pub place: (Uuid, i64),
    /// Of which entry, if it is about one.
    pub entry: Option<Uuid>,
    /// Which revision.
    pub rev: i64,
    /// Its content; none if it withdraws.
    pub content: Option<Digest>,
    /// Whether it recalls every revision up to this one.
    pub recalls: bool,
    /// To which unit alone.
    pub to: Option<Uuid>,
}

/// What happened to an entry, whoever knows of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Where it was born.
    pub origin: Place,
    /// Its kind.
    pub kind: &'static str,
    /// Whether the province took it over.
    pub is_accepted: bool,
}

/// The truth.
#[derive(Clone, Debug, Default)]
pub struct Model {
    said: BTreeMap<Digest, Said>,
    /// Said again in another log.
    superseded: BTreeSet<Digest>,
    /// Said again in another log besides.
    repeated: BTreeSet<Digest>,
    /// Gone with the only disk it was on.
    lost: BTreeSet<Digest>,
    /// Made up by somebody who may not.
    pub(super) forged: BTreeSet<Digest>,
    /// Entries.
    pub(super) entries: BTreeMap<Uuid, Known>,
    /// Whose key counts no more.
    pub(super) revoked: Option<Place>,
    /// Whether the hub's database was ever replaced by an older copy.
    pub(super) hub_went_back: bool,
}

/// What an entry should be at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Best {
    /// Nothing that was said of it is left.
    Gone,
    /// Some of what was said of it is lost for good: what is shown may differ.
    Uncertain,
    /// Taken back by the province: not shown, whatever else is known.
    Recalled,
    /// This revision, with this content; none: withdrawn.
    Revision(i64, Option<Digest>),
}

impl Model {
    /// How much was said.
    pub fn count(&self) -> u64 {
        self.said.len() as u64
    }

    /// Notes an event that was said.
    pub fn says(&mut self, by: Place, event: &Event) {
        let header = event.header();
        let said = Said {
            by,
            place: (header.log, header.seq),
            entry: header.entry.filter(|_| is_of_entry(header)),
            rev: header.rev,
            content: header
                .content
                .filter(|_| header.kind != EventKind::EntryWithdrawn),
            recalls: header.kind == EventKind::EntryRecalled,
            to: header.to,
        };
        self.said.insert(event.digest, said);
    }

    /// Notes that an event left its place and is said again elsewhere.
    pub fn supersedes(&mut self, digest: Digest) {
        self.superseded.insert(digest);
    }

    /// Notes that an event is said again elsewhere and stays where it is.
    pub fn repeats(&mut self, digest: Digest) {
        self.repeated.insert(digest);
    }

    /// Whether it was.
    pub fn was_repeated(&self, digest: &Digest) -> bool {
        self.repeated.contains(digest)
    }

    /// Whether this was ever said by who may say it.
    pub fn was_said(&self, digest: Digest) -> bool {
        self.said.contains_key(&digest)
    }

    /// Notes what is on no disk it could come back from.
    pub fn loses(&mut self, is_safe: impl Fn(&Digest, &Said) -> bool) {
        for (digest, said) in &self.said {
            if !self.superseded.contains(digest) && !is_safe(digest, said) {
                self.lost.insert(*digest);
            }
        }
    }

    /// Everything that must still be somewhere.
    pub fn standing(&self) -> impl Iterator<Item = (&Digest, &Said)> {
        let shaken = self.shaken();
        self.said.iter().filter(move |(digest, said)| {
            !self.superseded.contains(*digest)
                && !self.lost.contains(*digest)
                && !is_shaken(&shaken, said)
        })
    }

    /// Logs of which something is lost, from there on. Where both the origin and the hub have forgotten a
    /// place, the origin may say something else in it, and whoever has kept the first refuses the second.
    fn shaken(&self) -> BTreeMap<Uuid, i64> {
        let mut from: BTreeMap<Uuid, i64> = BTreeMap::new();
        for said in self.lost.iter().filter_map(|digest| self.said.get(digest)) {
            let (log, seq) = said.place;
            let first = from.entry(log).or_insert(seq);
            *first = (*first).min(seq);
        }
        from
    }

    /// What each entry should be.
    pub fn best(&self) -> BTreeMap<Uuid, Best> {
        let mut best: BTreeMap<Uuid, Best> = self
            .entries
            .keys()
            .map(|entry| (*entry, Best::Gone))
            .collect();
        let mut recalled: BTreeMap<Uuid, i64> = BTreeMap::new();
        let shaken = self.shaken();
        for (digest, said) in &self.said {
            let Some(entry) = said.entry.filter(|_| !self.superseded.contains(digest)) else {
                continue;
            };
            if said.recalls {
                if self.lost.contains(digest) || is_shaken(&shaken, said) {
                    best.insert(entry, Best::Uncertain);
                }
                let through = recalled.entry(entry).or_insert(0);
                *through = (*through).max(said.rev);
                continue;
            }
            let known = best.entry(entry).or_insert(Best::Gone);
            if self.lost.contains(digest) || is_shaken(&shaken, said) {
                *known = Best::Uncertain;
            }
            match known {
                Best::Uncertain => {}
                // Where two claim one revision a withdrawal wins, or the content with the smaller digest.
                Best::Revision(rev, content) if (*rev, &said.content) > (said.rev, &*content) => {}
                _ => *known = Best::Revision(said.rev, said.content),
            }
        }
        for (entry, through) in recalled {
            if let Some(known) = best.get_mut(&entry)
                && matches!(known, Best::Revision(rev, _) if *rev <= through)
            {
                *known = Best::Recalled;
            }
        }
        best
    }
}

fn is_shaken(shaken: &BTreeMap<Uuid, i64>, said: &Said) -> bool {
    let (log, seq) = said.place;
    shaken.get(&log).is_some_and(|from| seq >= *from)
}
