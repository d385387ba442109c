//! Whether a database went back in time, and what its site does about it.
//!
//! A site marks its logs in every greeting; who holds them answers how far, and what stands at the end of
//! what it holds. Headers name the header before them, so two that agree about one place agree about
//! everything before it.

use crate::log::{Digest, EventKind};

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

/// Whether our copy of a log is an older one. `head` is our last place, `ours` what we hold at the place
/// the other names.
pub fn judge_log(head: i64, ours: Option<Digest>, elsewhere: Elsewhere) -> LogVerdict {
    let is_ours = match (elsewhere.digest, ours) {
        _ if elsewhere.held == 0 => true,
        (Some(theirs), Some(ours)) => theirs == ours,
        (Some(_), None) => false,
        (None, _) => elsewhere.held <= head,
    };
    if is_ours {
        LogVerdict::Ours
    } else {
        LogVerdict::WentBack {
            after: elsewhere.agrees,
        }
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
}

/// Compares what both sides hold of a log after the last place known to be the same. What both hold
/// stays where it is and is not said twice.
pub fn recover(ours: &[(i64, Digest)], theirs: &[(i64, Digest)]) -> Recovery {
    let lacks = |side: &[(i64, Digest)], place: &(i64, Digest)| !side.contains(place);
    let take_back: Vec<i64> = theirs
        .iter()
        .filter(|place| lacks(ours, place))
        .map(|(seq, _)| *seq)
        .collect();
    let shared = ours.iter().filter(|place| !lacks(theirs, place));
    let parted = shared.map(|(seq, _)| *seq).max().unwrap_or(0);
    let goes_on_elsewhere = take_back.iter().any(|seq| *seq > parted);
    let say_again = ours
        .iter()
        .map(|(seq, _)| *seq)
        .filter(|seq| goes_on_elsewhere && *seq > parted)
        .collect();
    Recovery {
        take_back,
        say_again,
    }
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

    fn log(text: &str) -> Vec<(i64, Digest)> {
        text.split(' ')
            .filter(|event| !event.is_empty())
            .enumerate()
            .map(|(before, event)| (before as i64 + 1, Digest::of(event)))
            .collect()
    }

    #[test]
    fn only_what_is_missing_here_says_that_we_went_back() {
        let at = |place: &str| Some(Digest::of(place));
        let elsewhere = |held, digest, agrees| Elsewhere {
            held,
            digest,
            agrees,
        };
        let back = |after| LogVerdict::WentBack { after };
        let cases = [
            (
                "nothing was sent yet",
                3,
                None,
                elsewhere(0, None, 0),
                LogVerdict::Ours,
            ),
            (
                "all was sent",
                3,
                at("c"),
                elsewhere(3, at("c"), 3),
                LogVerdict::Ours,
            ),
            (
                "a backlog between two marks",
                100,
                at("e"),
                elsewhere(50, at("e"), 36),
                LogVerdict::Ours,
            ),
            (
                "more is held there",
                3,
                None,
                elsewhere(5, at("e"), 3),
                back(3),
            ),
            (
                "something else is held there",
                6,
                at("x"),
                elsewhere(5, at("e"), 3),
                back(3),
            ),
            (
                "an earlier version holds less",
                6,
                at("e"),
                elsewhere(5, None, 4),
                LogVerdict::Ours,
            ),
            (
                "an earlier version holds more",
                3,
                None,
                elsewhere(5, None, 3),
                back(3),
            ),
        ];
        for (story, head, ours, theirs, expected) in cases {
            assert_eq!(judge_log(head, ours, theirs), expected, "{story}");
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
        let cases: [Case; 5] = [
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
        ];
        for (story, ours, theirs, take_back, say_again) in cases {
            let recovery = recover(&log(ours), &log(theirs));
            assert_eq!(recovery.take_back, take_back, "{story}");
            assert_eq!(recovery.say_again, say_again, "{story}");
        }
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
