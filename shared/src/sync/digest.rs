//! Comparing two sets of events without sending them: digests of ranges, and a search that goes only
//! where they differ. No sockets, clocks or databases here.
//!
//! Events stand in one order, by log and place. A [`Sheet`] is such a set, in blocks of [`BLOCK`] places
//! whose sums are kept by whoever stores it; a block is opened, event by event, only where a range ends
//! inside it or where the search has come down to single events. The asked side [`answers`](Sheet::answer)
//! each range it is asked about by itself, so it remembers nothing; the asking side's [`Search`] does all
//! the remembering. For n events and d differences a search costs some d · log₃₂ n ranges.
//!
//! The sum of a set is the sum of its events' digests modulo 2²⁵⁶. Sums can be added and subtracted, so a
//! set less a few events needs no counting anew. A digest of an event covers its log, its place, its
//! content and all before it, so two sums agree only if the sets do.

use crate::log::Digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// Places of a log that are summed together.
pub const BLOCK: i64 = 1_024;
/// Into how many parts, about, a range that differs is divided.
const PARTS: u64 = 32;
/// A range with no more events than this is answered with the events themselves.
const FEW: u64 = 32;
/// Ranges asked about in one question.
pub const MOST_RANGES: usize = 64;
/// Parts in an answer to one range: twice [`PARTS`] at most, and one.
const MOST_PARTS: usize = 2 * PARTS as usize + 1;
/// Questions in one search; what is left is found by the next.
pub const MOST_ROUNDS: u32 = 48;

/// A place in the order of all events: by log, then by the place in it. Written `<log>/<seq>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The log.
    pub log: Uuid,
    /// The place in it.
    pub seq: i64,
}

impl Place {
    /// The block it is in.
    pub fn block(self) -> BlockId {
        BlockId {
            log: self.log,
            number: self.seq.div_euclid(BLOCK),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.log, self.seq)
    }
}

/// A text that should have been a [`Place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place of the form <log>/<seq>")]
pub struct PlaceSyntaxError;

impl FromStr for Place {
    type Err = PlaceSyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (log, seq) = text.split_once('/').ok_or(PlaceSyntaxError)?;
        Ok(Self {
            log: log.parse().map_err(|_| PlaceSyntaxError)?,
            seq: seq.parse().map_err(|_| PlaceSyntaxError)?,
        })
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// One event, as far as comparing goes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub struct Mark {
    /// Where it stands, `<log>/<seq>`.
    #[schema(value_type = String)]
    pub at: Place,
    /// The digest of its header.
    #[schema(value_type = String)]
    pub digest: Digest,
}

/// How many events, and the sum of their digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub events: u64,
    total: [u64; 4],
}

impl Sum {
    /// A sum as stored: its events and the 32 bytes of [`Sum::bytes`].
    pub fn stored(events: u64, bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        let mut total = [0; 4];
        for (limb, part) in total.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = u64::from_le_bytes(part.try_into().ok()?);
        }
        Some(Self { events, total })
    }

    /// The total, for storing.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (part, limb) in bytes.chunks_exact_mut(8).zip(self.total) {
            part.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// Adds one event.
    pub fn add(&mut self, digest: Digest) {
        self.add_sum(&Self::of(digest));
    }

    /// Takes one event away.
    pub fn remove(&mut self, digest: Digest) {
        self.remove_sum(&Self::of(digest));
    }

    /// Adds a set that has nothing in common with this one.
    pub fn add_sum(&mut self, other: &Self) {
        let mut carry = false;
        for (limb, more) in self.total.iter_mut().zip(other.total) {
            let (sum, first) = limb.overflowing_add(more);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, first || second);
        }
        self.events = self.events.wrapping_add(other.events);
    }

    fn remove_sum(&mut self, other: &Self) {
        let mut borrow = false;
        for (limb, less) in self.total.iter_mut().zip(other.total) {
            let (rest, first) = limb.overflowing_sub(less);
            let (rest, second) = rest.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (rest, first || second);
        }
        self.events = self.events.wrapping_sub(other.events);
    }

    fn of(digest: Digest) -> Self {
        // A digest is always 32 bytes.
        Self::stored(1, digest.as_bytes()).unwrap_or_default()
    }

    /// What is sent of it: 16 bytes of a digest over count and total, in base64url.
    pub fn fingerprint(&self) -> String {
        let mut bytes = b"lien-cong/range/v1\n".to_vec();
        bytes.extend(self.events.to_be_bytes());
        bytes.extend(self.bytes());
        URL_SAFE_NO_PAD.encode(&Digest::of(bytes).as_bytes()[..16])
    }
}

impl FromIterator<Mark> for Sum {
    fn from_iter<I: IntoIterator<Item = Mark>>(marks: I) -> Self {
        let mut sum = Self::default();
        for mark in marks {
            sum.add(mark.digest);
        }
        sum
    }
}

/// [`BLOCK`] places of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// The log.
    pub log: Uuid,
    /// Its number: the places from `number` · [`BLOCK`].
    pub number: i64,
}

impl BlockId {
    /// The first place in it.
    pub fn first(self) -> Place {
        Place {
            log: self.log,
            seq: self.number * BLOCK,
        }
    }

    fn end(self) -> Place {
        Place {
            log: self.log,
            seq: (self.number + 1) * BLOCK,
        }
    }
}

/// A stretch of the order: from `from` up to and without `until`; where one is missing, without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Range {
    /// The first place, `<log>/<seq>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub from: Option<Place>,
    /// The place after the last, `<log>/<seq>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub until: Option<Place>,
}

impl Range {
    /// Everything.
    pub const ALL: Self = Self {
        from: None,
        until: None,
    };

    fn holds(&self, place: Place) -> bool {
        self.from.is_none_or(|from| from <= place) && self.until.is_none_or(|until| place < until)
    }

    fn holds_block(&self, id: BlockId) -> bool {
        self.from.is_none_or(|from| from <= id.first())
            && self.until.is_none_or(|until| id.end() <= until)
    }

    fn touches(&self, id: BlockId) -> bool {
        self.from.is_none_or(|from| from < id.end())
            && self.until.is_none_or(|until| id.first() < until)
    }
}

/// A range and the asker's digest of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// The range.
    #[serde(flatten)]
    pub range: Range,
    /// [`Sum::fingerprint`] of what the asker has in it.
    pub digest: String,
}

/// A part of a range: from here to where the next begins, or to the end of the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// Its first place, `<log>/<seq>`; for the first part that of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub from: Option<Place>,
    /// [`Sum::fingerprint`] of what the answerer has in it.
    pub digest: String,
}

/// What is said to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The same digest.
    Same,
    /// Another: the range in parts.
    Parts(Vec<Part>),
    /// Another, of few events: these are there.
    Events(Vec<Mark>),
}

/// A set of events to compare.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    blocks: BTreeMap<BlockId, Sum>,
    open: BTreeMap<BlockId, Vec<Mark>>,
    without: BTreeMap<BlockId, HashSet<Mark>>,
    with: BTreeMap<BlockId, BTreeSet<Mark>>,
}

/// The blocks that must be [opened](Sheet::open) before there is an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed(pub Vec<BlockId>);

impl Sheet {
    /// The set whose events in the block `id` have this sum.
    pub fn insert(&mut self, id: BlockId, sum: Sum) {
        self.blocks.insert(id, sum);
    }

    /// Says which events are in the block `id`, in any order.
    pub fn open(&mut self, id: BlockId, mut events: Vec<Mark>) {
        events.sort_unstable();
        self.blocks
            .insert(id, events.iter().copied().collect::<Sum>());
        self.open.insert(id, events);
    }

    /// Leaves an event out that is in the set as stored.
    pub fn leave_out(&mut self, mark: Mark) {
        self.without
            .entry(mark.at.block())
            .or_default()
            .insert(mark);
    }

    /// Counts an event as there that is not in the set as stored.
    pub fn count_in(&mut self, mark: Mark) {
        let id = mark.at.block();
        self.blocks.entry(id).or_default();
        self.with.entry(id).or_default().insert(mark);
    }

    /// How many events it has.
    pub fn events(&self) -> u64 {
        self.blocks
            .keys()
            .map(|id| self.block_sum(*id).events)
            .sum()
    }

    fn block_sum(&self, id: BlockId) -> Sum {
        if let Ok(events) = self.block_events(id) {
            return events.into_iter().collect();
        }
        let mut sum = self.blocks.get(&id).copied().unwrap_or_default();
        for mark in self.without.get(&id).into_iter().flatten() {
            sum.remove(mark.digest);
        }
        for mark in self.with.get(&id).into_iter().flatten() {
            sum.add(mark.digest);
        }
        sum
    }

    fn block_events(&self, id: BlockId) -> Result<Vec<Mark>, BlockId> {
        let open = self.open.get(&id).ok_or(id)?;
        let without = self.without.get(&id);
        let kept = open
            .iter()
            .filter(|mark| without.is_none_or(|without| !without.contains(mark)));
        let mut events: Vec<Mark> = kept.copied().collect();
        events.extend(self.with.get(&id).into_iter().flatten());
        events.sort_unstable();
        events.dedup();
        Ok(events)
    }

    fn blocks_in(&self, range: &Range) -> impl Iterator<Item = BlockId> {
        let range = *range;
        let from = range.from.map(Place::block);
        let blocks = match from {
            Some(from) => self.blocks.range(from..),
            None => self.blocks.range(..),
        };
        blocks
            .map(|(id, _)| *id)
            .take_while(move |id| range.until.is_none_or(|until| id.first() < until))
            .filter(move |id| range.touches(*id))
    }

    /// The sum of what is in `range`.
    pub fn sum(&self, range: &Range) -> Result<Sum, Closed> {
        let mut sum = Sum::default();
        let mut closed = Vec::new();
        for id in self.blocks_in(range) {
            if range.holds_block(id) {
                sum.add_sum(&self.block_sum(id));
                continue;
            }
            match self.block_events(id) {
                Ok(events) => {
                    for mark in events.iter().filter(|mark| range.holds(mark.at)) {
                        sum.add(mark.digest);
                    }
                }
                Err(id) => closed.push(id),
            }
        }
        if closed.is_empty() {
            Ok(sum)
        } else {
            Err(Closed(closed))
        }
    }

    /// The events in `range`, in order.
    pub fn marks(&self, range: &Range) -> Result<Vec<Mark>, Closed> {
        let mut marks = Vec::new();
        let mut closed = Vec::new();
        for id in self.blocks_in(range) {
            match self.block_events(id) {
                Ok(events) => marks.extend(events.into_iter().filter(|mark| range.holds(mark.at))),
                Err(id) => closed.push(id),
            }
        }
        if closed.is_empty() {
            Ok(marks)
        } else {
            Err(Closed(closed))
        }
    }

    /// What this side says to a question.
    pub fn answer(&self, question: &Question) -> Result<Answer, Closed> {
        let range = &question.range;
        let sum = self.sum(range)?;
        if sum.fingerprint() == question.digest {
            return Ok(Answer::Same);
        }
        if sum.events <= FEW {
            return Ok(Answer::Events(self.marks(range)?));
        }
        let mut pieces: Vec<(Place, Sum)> = Vec::new();
        for id in self.blocks_in(range) {
            let inside = Range {
                from: range.from.max(Some(id.first())),
                until: Some(range.until.map_or(id.end(), |until| until.min(id.end()))),
            };
            let piece = self.sum(&inside)?;
            if piece.events > 0 {
                pieces.push((inside.from.unwrap_or(id.first()), piece));
            }
        }
        if pieces.len() == 1 {
            pieces = self
                .marks(range)?
                .into_iter()
                .map(|mark| (mark.at, Sum::from_iter([mark])))
                .collect();
        }
        Ok(Answer::Parts(join(&pieces, sum.events, range.from)))
    }
}

/// Joins neighbours to parts of about equal size, each from where it begins.
fn join(pieces: &[(Place, Sum)], events: u64, from: Option<Place>) -> Vec<Part> {
    let size = events.div_ceil(PARTS);
    let mut parts: Vec<(Option<Place>, Sum)> = Vec::new();
    for (place, sum) in pieces {
        match parts.last_mut() {
            Some((_, part)) if part.events + sum.events <= size => part.add_sum(sum),
            // What is before the first of ours belongs to the first part.
            None => parts.push((from, *sum)),
            Some(_) => parts.push((Some(*place), *sum)),
        }
    }
    parts
        .into_iter()
        .map(|(from, sum)| Part {
            from,
            digest: sum.fingerprint(),
        })
        .collect()
}

/// What a search has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What the asked side has and ours does not.
    pub lacking_here: Vec<Mark>,
    /// What ours has and the asked side does not.
    pub lacking_there: Vec<Mark>,
}

/// A search for the differences between our sheet and another's: questions go out, answers come in.
#[derive(Clone, Debug)]
pub struct Search {
    open: VecDeque<Range>,
    /// What answers to the questions under way have opened.
    parts: Vec<Range>,
    found: Differences,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            open: VecDeque::from([Range::ALL]),
            parts: Vec::new(),
            found: Differences::default(),
        }
    }
}

/// An answer that does not fit its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an answer about ranges does not fit the question")]
pub struct Misfit;

impl Search {
    /// Whether there is nothing left to ask.
    pub fn is_done(&self) -> bool {
        self.open.is_empty() && self.parts.is_empty()
    }

    /// What was found.
    pub fn into_found(self) -> Differences {
        self.found
    }

    /// How many differences were found so far.
    pub fn differences(&self) -> usize {
        self.found.lacking_here.len() + self.found.lacking_there.len()
    }

    /// The next questions, `most` at most. All of them have to be [heard](Self::hear), in their order,
    /// before the next are asked.
    pub fn questions(&mut self, ours: &Sheet, most: usize) -> Result<Vec<Question>, Closed> {
        // Depth first: what is found early is mended even if the search is cut short.
        for range in self.parts.drain(..).rev() {
            self.open.push_front(range);
        }
        let mut questions = Vec::new();
        let mut closed = Vec::new();
        for range in self.open.iter().take(most) {
            match ours.sum(range) {
                Ok(sum) => questions.push(Question {
                    range: *range,
                    digest: sum.fingerprint(),
                }),
                Err(Closed(blocks)) => closed.extend(blocks),
            }
        }
        if closed.is_empty() {
            Ok(questions)
        } else {
            Err(Closed(closed))
        }
    }

    /// Takes the answer to the first open question. Fails without having taken anything in.
    pub fn hear(&mut self, answer: &Answer, ours: &Sheet) -> Result<Result<(), Closed>, Misfit> {
        let range = *self.open.front().ok_or(Misfit)?;
        match answer {
            Answer::Same => {}
            Answer::Parts(parts) => {
                let ranges = ranges_of(&range, parts)?;
                let mut differing = Vec::new();
                for (part, range) in parts.iter().zip(ranges) {
                    match ours.sum(&range) {
                        Ok(sum) if sum.fingerprint() == part.digest => {}
                        Ok(_) => differing.push(range),
                        Err(closed) => return Ok(Err(closed)),
                    }
                }
                self.open.pop_front();
                self.parts.extend(differing);
                return Ok(Ok(()));
            }
            Answer::Events(theirs) => {
                if theirs.len() > FEW as usize || theirs.iter().any(|mark| !range.holds(mark.at)) {
                    return Err(Misfit);
                }
                let ours = match ours.marks(&range) {
                    Ok(ours) => ours,
                    Err(closed) => return Ok(Err(closed)),
                };
                let (here, there): (HashSet<_>, HashSet<_>) =
                    (ours.iter().collect(), theirs.iter().collect());
                let lacking_here = theirs.iter().filter(|mark| !here.contains(mark));
                let lacking_there = ours.iter().filter(|mark| !there.contains(mark));
                self.found.lacking_here.extend(lacking_here);
                self.found.lacking_there.extend(lacking_there);
            }
        }
        self.open.pop_front();
        Ok(Ok(()))
    }
}

/// The ranges of the parts of `whole`: at least two, in order, and together all of it.
fn ranges_of(whole: &Range, parts: &[Part]) -> Result<Vec<Range>, Misfit> {
    if parts.len() < 2 || parts.len() > MOST_PARTS || parts[0].from != whole.from {
        return Err(Misfit);
    }
    let mut ranges = Vec::with_capacity(parts.len());
    for (number, part) in parts.iter().enumerate() {
        let until = match parts.get(number + 1) {
            Some(next) => Some(next.from.ok_or(Misfit)?),
            None => whole.until,
        };
        if let (Some(from), Some(until)) = (part.from, until)
            && from >= until
        {
            return Err(Misfit);
        }
        ranges.push(Range {
            from: part.from,
            until,
        });
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests;
