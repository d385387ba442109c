use super::*;
use proptest::prelude::*;

fn mark(log: u128, seq: i64, word: &str) -> Mark {
    let at = Place {
        log: Uuid::from_u128(log),
        seq,
    };
    Mark {
        at,
        digest: Digest::of(format!("{at}{word}")),
    }
}

/// A sheet with its blocks closed, and what is in them.
struct Stored {
    sheet: Sheet,
    marks: Vec<Mark>,
    opened: usize,
}

impl Stored {
    fn of(marks: impl IntoIterator<Item = Mark>) -> Self {
        let mut marks: Vec<Mark> = marks.into_iter().collect();
        marks.sort_unstable();
        let mut sheet = Sheet::default();
        for block in marks.chunk_by(|a, b| a.at.block() == b.at.block()) {
            sheet.insert(block[0].at.block(), block.iter().copied().collect());
        }
        Self {
            sheet,
            marks,
            opened: 0,
        }
    }

    fn open(&mut self, Closed(blocks): Closed) {
        for id in blocks {
            self.opened += 1;
            let inside = self.marks.iter().filter(|mark| mark.at.block() == id);
            self.sheet.open(id, inside.copied().collect());
        }
    }

    fn with<T>(&mut self, mut work: impl FnMut(&Sheet) -> Result<T, Closed>) -> T {
        loop {
            match work(&self.sheet) {
                Ok(done) => return done,
                Err(closed) => self.open(closed),
            }
        }
    }
}

/// What a search cost.
#[derive(Debug, Default)]
struct Cost {
    rounds: u32,
    bytes: usize,
}

fn compare(ours: &mut Stored, theirs: &mut Stored) -> (Differences, Cost) {
    let mut search = Search::default();
    let mut cost = Cost::default();
    while !search.is_done() {
        let questions = loop {
            match search.questions(&ours.sheet, MOST_RANGES) {
                Ok(questions) => break questions,
                Err(closed) => ours.open(closed),
            }
        };
        cost.rounds += 1;
        cost.bytes += serde_json::to_vec(&questions).expect("JSON").len();
        for question in questions {
            let answer = theirs.with(|sheet| sheet.answer(&question));
            cost.bytes += serde_json::to_vec(&answer).expect("JSON").len();
            loop {
                match search.hear(&answer, &ours.sheet).expect("fits") {
                    Ok(()) => break,
                    Err(closed) => ours.open(closed),
                }
            }
        }
    }
    (search.into_found(), cost)
}

#[test]
fn equal_sets_cost_one_question_and_three_differences_a_few() {
    let all: Vec<Mark> = (0..20_000)
        .map(|n| mark(n % 20, i64::try_from(n / 20 + 1).expect("small"), ""))
        .collect();
    let (same, cost) = compare(
        &mut Stored::of(all.iter().copied()),
        &mut Stored::of(all.iter().copied()),
    );
    assert_eq!(same, Differences::default());
    println!(
        "20,000 events, 0 differences: {} round trip, {} bytes",
        cost.rounds, cost.bytes
    );
    assert_eq!(cost.rounds, 1);
    assert!(cost.bytes < 200, "{cost:?}");

    let gone = [all[17], all[9_999], all[19_998]];
    let mut ours = Stored::of(all.iter().copied().filter(|mark| !gone.contains(mark)));
    let mut theirs = Stored::of(all.iter().copied());
    let (found, cost) = compare(&mut ours, &mut theirs);
    println!(
        "20,000 events, 3 differences: {} round trips, {} bytes",
        cost.rounds, cost.bytes
    );
    let found: BTreeSet<Mark> = found.lacking_here.into_iter().collect();
    assert_eq!(found, BTreeSet::from(gone));
    assert!(cost.rounds <= 5 && cost.bytes < 40_000, "{cost:?}");
    assert!(
        ours.opened <= 6 && theirs.opened <= 6,
        "only the blocks that differ are opened"
    );
}

#[test]
fn one_long_log_is_searched_as_well() {
    let all: Vec<Mark> = (1..=20_000).map(|seq| mark(1, seq, "")).collect();
    let without = |gone: &[i64]| {
        let kept = all.iter().filter(|mark| !gone.contains(&mark.at.seq));
        Stored::of(kept.copied())
    };
    let (found, cost) = compare(&mut without(&[1, 1_024, 20_000]), &mut without(&[7_777]));
    assert_eq!(found.lacking_here.len(), 3);
    assert_eq!(found.lacking_there, [all[7_776]]);
    assert!(cost.rounds <= 6, "{cost:?}");
}

#[test]
fn what_is_left_out_or_counted_in_needs_no_block_opened() {
    let all: Vec<Mark> = (1..=3_000).map(|seq| mark(1, seq, "")).collect();
    let mut ours = Stored::of(all.iter().copied());
    let extra = mark(2, 5, "refused");
    ours.sheet.leave_out(all[1_500]);
    ours.sheet.count_in(extra);
    let kept = all.iter().copied().filter(|mark| *mark != all[1_500]);
    let mut theirs = Stored::of(kept.chain([extra]));
    let (found, cost) = compare(&mut ours, &mut theirs);
    assert_eq!(found, Differences::default());
    assert_eq!((cost.rounds, ours.opened, theirs.opened), (1, 0, 0));
    assert_eq!(ours.sheet.events(), 3_000);
}

#[test]
fn another_event_at_the_same_place_differs_on_both_sides() {
    let common = || {
        (1..=100)
            .filter(|seq| *seq != 50)
            .map(|seq| mark(1, seq, ""))
    };
    let (mine, yours) = (mark(1, 50, "mine"), mark(1, 50, "yours"));
    let (found, _) = compare(
        &mut Stored::of(common().chain([mine])),
        &mut Stored::of(common().chain([yours])),
    );
    assert_eq!(
        (found.lacking_here, found.lacking_there),
        (vec![yours], vec![mine])
    );
}

#[test]
fn answers_that_do_not_fit_are_not_taken() {
    let sheet = {
        let mut sheet = Sheet::default();
        sheet.open(mark(1, 1, "").at.block(), vec![mark(1, 1, "")]);
        sheet
    };
    let part = |from: Option<Place>| Part {
        from,
        digest: String::new(),
    };
    let place = |seq| mark(1, seq, "").at;
    let many = (0..100).map(|seq| mark(1, seq, "")).collect();
    for answer in [
        Answer::Parts(Vec::new()),
        Answer::Parts(vec![part(None)]),
        Answer::Parts(vec![part(Some(place(1))), part(Some(place(2)))]),
        Answer::Parts(vec![part(None), part(None)]),
        Answer::Parts(vec![part(None), part(Some(place(9))), part(Some(place(9)))]),
        Answer::Parts(
            (0..100)
                .map(|seq| part((seq > 0).then(|| place(seq))))
                .collect(),
        ),
        Answer::Events(many),
    ] {
        let mut search = Search::default();
        assert_eq!(search.hear(&answer, &sheet), Err(Misfit), "{answer:?}");
        assert!(!search.is_done());
    }
}

#[test]
fn places_and_sums_read_back_as_written() {
    let at = mark(7, 12, "").at;
    assert_eq!(at.to_string().parse(), Ok(at));
    for wrong in ["", "1", "x/1", "00000000-0000-0000-0000-000000000007/"] {
        assert_eq!(wrong.parse::<Place>(), Err(PlaceSyntaxError), "{wrong}");
    }
    let sum: Sum = (1..=9).map(|seq| mark(1, seq, "")).collect();
    assert_eq!(Sum::stored(9, &sum.bytes()), Some(sum));
    assert_eq!(Sum::stored(9, b"short"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever two sides hold, the search finds exactly what differs, in bounded rounds.
    #[test]
    fn exactly_the_differences_are_found(
        events in proptest::collection::btree_map((0_u128..6, 1_i64..5_000), 0_u8..16, 0..600),
    ) {
        let held = |side: u8| events.iter().filter_map(move |(&(log, seq), &whose)| match (whose, side) {
            (0, 0) | (1, 1) => None,
            (2, side) => Some(mark(log, seq, if side == 0 { "a" } else { "b" })),
            _ => Some(mark(log, seq, "")),
        });
        let (ours, theirs): (BTreeSet<Mark>, BTreeSet<Mark>) = (held(0).collect(), held(1).collect());
        let (found, cost) = compare(&mut Stored::of(ours.clone()), &mut Stored::of(theirs.clone()));
        let here: BTreeSet<Mark> = found.lacking_here.iter().copied().collect();
        let there: BTreeSet<Mark> = found.lacking_there.iter().copied().collect();
        prop_assert_eq!(here.len(), found.lacking_here.len());
        prop_assert_eq!(here, theirs.difference(&ours).copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(there, ours.difference(&theirs).copied().collect::<BTreeSet<_>>());
        prop_assert!(cost.rounds <= MOST_ROUNDS);
    }

    /// Sums know no order, and what was added can be taken away.
    #[test]
    fn sums_are_of_sets(seqs in proptest::collection::btree_set(1_i64..1_000, 2..40)) {
        let marks: Vec<Mark> = seqs.iter().map(|seq| mark(1, *seq, "")).collect();
        let forth: Sum = marks.iter().copied().collect();
        let back: Sum = marks.iter().rev().copied().collect();
        prop_assert_eq!(forth, back);
        let mut less = forth;
        less.remove(marks[0].digest);
        prop_assert_eq!(less, marks[1..].iter().copied().collect::<Sum>());
        prop_assert_ne!(less.fingerprint(), forth.fingerprint());
    }
}
