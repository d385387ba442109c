//! Whether a database went back in time, and what its site does about it.
//!
//! A site marks its logs in every greeting; who holds them answers how far, and what stands at the end of
//! what it holds. Headers name the header before them, so two that agree about one place agree about
//! everything before it.

use crate::log::{Digest, EventKind, Header};
use std::collections::BTreeSet;

/// The places of a log that are marked: the head, and back from it in steps that double.
pub fn marked_places(head: i64) -> Vec<i64> {
    let mut places = Vec::new();
    let mut back = 0;
    while back < head {
        places.push(head - back);
        back = (back * 2).max(1);
    }
    if head > 0 {
        places.push(1);
    }
    places.dedup();
    places
}

/// The highest of `marks` (highest first) that the holder of a log agrees with; 0 if none.
pub fn agreement(
    marks: impl IntoIterator<Item = (i64, Digest)>,
    held_at: impl Fn(i64) -> Option<Digest>,
) -> i64 {
    marks
        .into_iter()
        .find(|(seq, digest)| held_at(*seq) == Some(*digest))
        .map_or(0, |(seq, _)| seq)
}

/// What another site says of one of our logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The highest place it holds; 0 if none.
    pub held: i64,
    /// What stands there. Sites of an earlier version do not say.
    pub digest: Option<Digest>,
    /// The highest of our marks it agrees with; 0 if none.
    pub agrees: i64,
}

/// What becomes of one of our logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogVerdict {
    /// All that is held elsewhere is held here. Whoever holds less has merely not received it yet.
    Ours,
    /// Elsewhere is something that we said and no longer hold: what is after `after` is to be fetched.
    WentBack {
        /// The last place known to be the same on both sides.
        after: i64,
    },
}

/// What we hold of one of our logs, beside what another says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here {
    /// Our last place.
    pub head: i64,
    /// Up to here nothing is missing.
    pub whole: i64,
    /// What stands here at the place the other names.
    pub digest: Option<Digest>,
    /// Whether what the other holds there was ours once, and was said again in another log.
    pub is_said_again: bool,
    /// Whether the other was asked before for what is missing here, and has heard nothing since.
    pub was_asked: bool,
}

/// Whether our copy of a log is an older one, or has holes that the other may fill: a peer holds of a log
/// only what was for it, so what one peer gave back may lack what was for another.
pub fn judge_log(here: Here, elsewhere: Elsewhere) -> LogVerdict {
    // On a branch we left: what stands there is known, and was said again.
    if elsewhere.held == 0 || here.is_said_again {
        return LogVerdict::Ours;
    }
    let is_ours = match (elsewhere.digest, here.digest) {
        (Some(theirs), Some(ours)) => theirs == ours,
        (Some(_), None) => false,
        (None, _) => elsewhere.held <= here.head,
    };
    let may_fill = here.whole < here.head && here.whole < elsewhere.held && !here.was_asked;
    match (is_ours, may_fill) {
        (true, false) => LogVerdict::Ours,
        // Who agrees about the last place agrees about all before it.
        (true, true) => LogVerdict::WentBack { after: here.whole },
        (false, _) => LogVerdict::WentBack {
            after: elsewhere.agrees.min(here.whole),
        },
    }
}

/// How a log that went back in time is made whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Places whose events, held elsewhere, come back.
    pub take_back: Vec<i64>,
    /// Places whose events were said since the copy was made, where others stand elsewhere. They leave
    /// their places and are said again in another log.
    pub say_again: Vec<i64>,
    /// Places whose events, held elsewhere, are of an end of the log that we left, and stand beside what we
    /// hold: they are said again too, and nothing moves.
    pub say_theirs: Vec<i64>,
}

/// A place of a log: what stands there, and what that names as standing before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// The place.
    pub seq: i64,
    /// The digest of the header that stands there.
    pub digest: Digest,
    /// The digest that header names as the one before; none at the first place.
    pub prev: Option<Digest>,
}

impl LogPlace {
    /// What a header stands for.
    pub fn of(header: &Header, digest: Digest) -> Self {
        Self {
            seq: header.seq,
            digest,
            prev: header.prev,
        }
    }
}

/// Compares what both sides hold of a log after the last place known to be the same. What both hold
/// stays where it is and is not said twice.
///
/// Either side may have holes: a peer holds of a log only what was for it, and what was got back from one
/// peer lacks what was for another. A place that one side merely names, as standing before what it holds,
/// is therefore as good as one it holds: an event that the other goes on from was not said since.
///
/// Where the two part, theirs takes the place: it is the first that was said. Whoever holds what leaves its
/// place by that is not asked for it again ([`Here::is_said_again`]), or two peers on two ends would have us
/// turn from one to the other at every greeting.
pub fn recover(ours: &[LogPlace], theirs: &[LogPlace]) -> Recovery {
    let held: BTreeSet<(i64, Digest)> =
        ours.iter().map(|place| (place.seq, place.digest)).collect();
    let named_here = named(ours);
    let named_there = named(theirs);
    // What stands between places we hold, and is not what they name: it is of an end that we left.
    let spoken_for: BTreeSet<i64> = named_here.iter().map(|(seq, _)| *seq).collect();
    let is_taken = |place: &&LogPlace| {
        spoken_for.contains(&place.seq) && !named_here.contains(&(place.seq, place.digest))
    };
    let parted = named_here
        .intersection(&named_there)
        .map(|(seq, _)| *seq)
        .max()
        .unwrap_or(0);
    let lacked: Vec<&LogPlace> = theirs
        .iter()
        .filter(|place| !held.contains(&(place.seq, place.digest)))
        .collect();
    let (before, there): (Vec<&LogPlace>, Vec<&LogPlace>) =
        lacked.into_iter().partition(|place| place.seq <= parted);
    let (left, mut take_back): (Vec<&LogPlace>, Vec<&LogPlace>) =
        before.into_iter().partition(is_taken);
    let goes_on_elsewhere = !there.is_empty();
    take_back.extend(there);
    let say_again = ours
        .iter()
        .filter(|place| goes_on_elsewhere && place.seq > parted)
        .collect();
    let places = |side: Vec<&LogPlace>| side.iter().map(|place| place.seq).collect();
    Recovery {
        take_back: places(take_back),
        say_again: places(say_again),
        say_theirs: places(left),
    }
}

/// The places held, and those they name as the ones before them.
fn named(side: &[LogPlace]) -> BTreeSet<(i64, Digest)> {
    side.iter()
        .flat_map(|place| {
            let before = place.prev.map(|prev| (place.seq - 1, prev));
            [Some((place.seq, place.digest)), before]
        })
        .flatten()
        .collect()
}

/// As what an event is said again, where revision `known` of its entry is the latest here. A recall names
/// the revisions it takes down and goes on naming them.
pub fn said_again(kind: EventKind, rev: i64, known: i64) -> (EventKind, i64) {
    if kind == EventKind::EntryRecalled {
        return (kind, rev);
    }
    let rev = if rev <= known { known + 1 } else { rev };
    let kind = match kind {
        EventKind::EntryPublished if rev > 1 => EventKind::EntryRevised,
        other => other,
    };
    (kind, rev)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dense_at_the_end_and_sparse_before() {
        assert!(marked_places(0).is_empty());
        assert_eq!(marked_places(1), [1]);
        assert_eq!(marked_places(20), [20, 19, 18, 16, 12, 4, 1]);
        assert!(marked_places(10_000_000).len() < 30);
    }

    /// Places of a log from its first on; `_b` is one that the next names and that is not held.
    fn log(text: &str) -> Vec<LogPlace> {
        let mut prev = None;
        let mut places = Vec::new();
        for (before, event) in text.split_whitespace().enumerate() {
            let digest = Digest::of(event.trim_start_matches('_'));
            if !event.starts_with('_') {
                places.push(LogPlace {
                    seq: before as i64 + 1,
                    digest,
                    prev,
                });
            }
            prev = Some(digest);
        }
        places
    }

    #[test]
    fn only_what_is_missing_here_says_that_we_went_back() {
        let at = |place: &str| Some(Digest::of(place));
        let elsewhere = |held, digest, agrees| Elsewhere {
            held,
            digest,
            agrees,
        };
        let here = |head, digest| Here {
            head,
            whole: head,
            digest,
            is_said_again: false,
            was_asked: false,
        };
        let holed = |digest| Here {
            whole: 4,
            ..here(9, digest)
        };
        let asked = Here {
            was_asked: true,
            ..holed(at("e"))
        };
        let left = Here {
            is_said_again: true,
            ..here(6, at("x"))
        };
        let back = |after| LogVerdict::WentBack { after };
        let ours = LogVerdict::Ours;
        let cases = [
            (
                "nothing was sent yet",
                here(3, None),
                elsewhere(0, None, 0),
                ours,
            ),
            (
                "all was sent",
                here(3, at("c")),
                elsewhere(3, at("c"), 3),
                ours,
            ),
            (
                "a backlog between two marks",
                here(100, at("e")),
                elsewhere(50, at("e"), 36),
                ours,
            ),
            (
                "more is held there",
                here(3, None),
                elsewhere(5, at("e"), 3),
                back(3),
            ),
            (
                "something else is held there",
                here(6, at("x")),
                elsewhere(5, at("e"), 3),
                back(3),
            ),
            (
                "what we left is held there",
                left,
                elsewhere(5, at("e"), 3),
                ours,
            ),
            (
                "an earlier version holds less",
                here(6, at("e")),
                elsewhere(5, None, 4),
                ours,
            ),
            (
                "an earlier version holds more",
                here(3, None),
                elsewhere(5, None, 3),
                back(3),
            ),
            (
                "it may hold what is missing here",
                holed(at("e")),
                elsewhere(7, at("e"), 7),
                back(4),
            ),
            (
                "it holds no more than is whole here",
                holed(at("e")),
                elsewhere(4, at("e"), 4),
                ours,
            ),
            (
                "it was asked for what is missing",
                asked,
                elsewhere(7, at("e"), 7),
                ours,
            ),
            (
                "more is held there, beside a hole",
                holed(None),
                elsewhere(12, at("e"), 9),
                back(4),
            ),
        ];
        for (story, here, theirs, expected) in cases {
            assert_eq!(judge_log(here, theirs), expected, "{story}");
        }
    }

    /// What it is about, ours, theirs, what is taken back, what is said again.
    type Case = (
        &'static str,
        &'static str,
        &'static str,
        &'static [i64],
        &'static [i64],
    );

    #[test]
    fn what_both_hold_stays_and_what_took_its_place_is_said_again() {
        let cases: [Case; 10] = [
            ("the end was lost", "a b", "a b c d", &[3, 4], &[]),
            (
                "other things were said since",
                "a b x y",
                "a b c",
                &[3],
                &[3, 4],
            ),
            ("they lag behind", "a b c", "a b", &[], &[]),
            ("nothing is left here", "", "a b", &[1, 2], &[]),
            ("nothing is the same", "x", "a", &[1], &[1]),
            (
                "they go on from what they were not sent",
                "a b",
                "a _b c",
                &[3],
                &[],
            ),
            (
                "what was for another is between",
                "a _b c",
                "a b",
                &[2],
                &[],
            ),
            (
                "each lacks what the other has",
                "a _b c _d e",
                "a b _c d",
                &[2, 4],
                &[],
            ),
            ("said since, beside a hole", "a b y", "a _b c", &[3], &[3]),
            (
                "said since, from within a hole",
                "a x y",
                "a _b c",
                &[3],
                &[2, 3],
            ),
        ];
        for (story, ours, theirs, take_back, say_again) in cases {
            let recovery = recover(&log(ours), &log(theirs));
            assert_eq!(recovery.take_back, take_back, "{story}");
            assert_eq!(recovery.say_again, say_again, "{story}");
            assert!(recovery.say_theirs.is_empty(), "{story}");
        }
    }

    #[test]
    fn what_stands_where_something_else_is_named_fills_no_hole() {
        let recovery = recover(&log("a _b c d"), &log("a x _c d"));
        assert_eq!(recovery.say_theirs, [2]);
        assert!(recovery.take_back.is_empty() && recovery.say_again.is_empty());
    }

    #[test]
    fn what_is_said_again_comes_after_what_is_known() {
        use EventKind::{EntryPublished, EntryRecalled, EntryRevised, EntryWithdrawn};
        assert_eq!(said_again(EntryRecalled, 3, 3), (EntryRecalled, 3));
        assert_eq!(said_again(EntryPublished, 1, 0), (EntryPublished, 1));
        assert_eq!(said_again(EntryPublished, 1, 1), (EntryRevised, 2));
        assert_eq!(said_again(EntryWithdrawn, 2, 4), (EntryWithdrawn, 5));
    }
}
