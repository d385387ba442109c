use super::*;

fn content(name: &str) -> Digest {
    Digest::of(name)
}

fn said(rev: i64, name: &str) -> Arriving {
    Arriving {
        change: Change::Said(content(name)),
        rev,
    }
}

fn withdrawn(rev: i64) -> Arriving {
    Arriving {
        change: Change::Withdrawn,
        rev,
    }
}

fn recalled(through: i64) -> Arriving {
    Arriving {
        change: Change::Recalled,
        rev: through,
    }
}

fn after(events: &[Arriving]) -> Standing {
    let step = |known, event: &Arriving| judge_revision(known, *event).1;
    events.iter().fold(Standing::default(), step)
}

#[test]
fn each_event_has_its_effect() {
    use Effect::{Conflict, Current, Recalled, Stale};
    use Outcome::{Live, Withdrawn};
    let [first, second] = {
        let mut two = ["một", "hai"].map(|name| (content(name), name));
        two.sort();
        two.map(|(_, name)| name)
    };
    let cases: [(&str, Vec<Arriving>, Arriving, Effect, Outcome); 15] = [
        ("the first revision", vec![], said(1, "a"), Current, Live),
        (
            "a later one",
            vec![said(1, "a")],
            said(2, "b"),
            Current,
            Live,
        ),
        (
            "a late earlier one",
            vec![said(2, "b")],
            said(1, "a"),
            Stale,
            Live,
        ),
        (
            "the same again",
            vec![said(1, "a")],
            said(1, "a"),
            Stale,
            Live,
        ),
        (
            "another content that loses",
            vec![said(1, first)],
            said(1, second),
            Conflict,
            Live,
        ),
        (
            "another content that wins",
            vec![said(1, second)],
            said(1, first),
            Current,
            Live,
        ),
        (
            "a withdrawal",
            vec![said(1, "a")],
            withdrawn(2),
            Current,
            Withdrawn,
        ),
        (
            "an entry after its withdrawal",
            vec![withdrawn(2)],
            said(1, "a"),
            Stale,
            Withdrawn,
        ),
        (
            "a withdrawal against a content",
            vec![said(2, "a")],
            withdrawn(2),
            Current,
            Withdrawn,
        ),
        (
            "a content against a withdrawal",
            vec![withdrawn(2)],
            said(2, "a"),
            Conflict,
            Withdrawn,
        ),
        (
            "a recall",
            vec![said(1, "a")],
            recalled(1),
            Current,
            Outcome::Recalled,
        ),
        (
            "a recall before its entry",
            vec![],
            recalled(3),
            Current,
            Outcome::Recalled,
        ),
        (
            "an entry after its recall",
            vec![recalled(3)],
            said(3, "a"),
            Recalled,
            Outcome::Recalled,
        ),
        (
            "a corrected revision",
            vec![recalled(3)],
            said(4, "b"),
            Current,
            Live,
        ),
        (
            "a weaker recall",
            vec![recalled(3)],
            recalled(2),
            Stale,
            Outcome::Recalled,
        ),
    ];
    for (story, before, event, effect, outcome) in cases {
        let (found, standing) = judge_revision(after(&before), event);
        assert_eq!((found, standing.outcome()), (effect, outcome), "{story}");
    }
}

#[test]
fn the_next_revision_is_beyond_every_recall_and_none_is_beyond_the_last() {
    assert_eq!(Standing::default().next_revision(), Some(1));
    assert_eq!(after(&[said(2, "a"), recalled(5)]).next_revision(), Some(6));
    assert_eq!(after(&[said(2, "a"), recalled(2)]).next_revision(), Some(3));
    assert_eq!(
        after(&[said(2, "a"), recalled(LAST_REVISION)]).next_revision(),
        None
    );
}

/// What the entry must be when all of `heard` was heard, said without any order.
fn reference(heard: &[Arriving]) -> (Outcome, Option<Digest>) {
    let through = heard
        .iter()
        .filter(|event| event.change == Change::Recalled)
        .map(|event| event.rev)
        .max();
    let words = || {
        heard
            .iter()
            .filter(|event| event.change != Change::Recalled)
    };
    let Some(top) = words().map(|event| event.rev).max() else {
        let outcome = through.map_or(Outcome::Unknown, |_| Outcome::Recalled);
        return (outcome, None);
    };
    if through.is_some_and(|through| top <= through) {
        return (Outcome::Recalled, None);
    }
    let claims = || words().filter(|event| event.rev == top);
    if claims().any(|event| event.change == Change::Withdrawn) {
        return (Outcome::Withdrawn, None);
    }
    let winner = claims()
        .filter_map(|event| match event.change {
            Change::Said(content) => Some(content),
            _ => None,
        })
        .min();
    (Outcome::Live, winner)
}

fn shown(standing: Standing) -> (Outcome, Option<Digest>) {
    let content = standing
        .content
        .filter(|_| standing.outcome() == Outcome::Live);
    (standing.outcome(), content)
}

/// Every order of `events`, by Heap's algorithm.
fn orders(events: &mut Vec<Arriving>, length: usize, seen: &mut impl FnMut(&[Arriving])) {
    if length <= 1 {
        return seen(events);
    }
    for place in 0..length {
        orders(events, length - 1, seen);
        let other = if length.is_multiple_of(2) { place } else { 0 };
        events.swap(other, length - 1);
    }
}

#[test]
fn all_orders_of_six_messages_end_alike_and_show_nothing_recalled_on_the_way() {
    let stories: [(&str, [Arriving; 6]); 5] = [
        (
            "recalled and then corrected",
            [
                said(1, "a"),
                said(2, "b"),
                said(3, "c"),
                recalled(3),
                said(4, "d"),
                recalled(2),
            ],
        ),
        (
            "recalled to the end",
            [
                said(1, "a"),
                said(2, "b"),
                said(3, "c"),
                withdrawn(4),
                recalled(3),
                recalled(4),
            ],
        ),
        (
            "taken back by its origin, put back, recalled",
            [
                said(1, "a"),
                withdrawn(2),
                said(3, "b"),
                recalled(3),
                said(1, "a"),
                recalled(3),
            ],
        ),
        (
            "two contents of one revision, and a recall below them",
            [
                said(1, "a"),
                said(2, "b"),
                said(2, "c"),
                recalled(1),
                said(2, "d"),
                said(1, "e"),
            ],
        ),
        (
            "recalled for good",
            [
                said(1, "a"),
                said(2, "b"),
                recalled(LAST_REVISION),
                said(3, "c"),
                withdrawn(4),
                said(5, "d"),
            ],
        ),
    ];
    for (story, events) in stories {
        let expected = reference(&events);
        let mut count = 0;
        let mut wrong = 0;
        orders(&mut events.to_vec(), 6, &mut |order| {
            count += 1;
            let mut standing = Standing::default();
            for (place, event) in order.iter().enumerate() {
                let heard = &order[..=place];
                standing = judge_revision(standing, *event).1;
                wrong += usize::from(shown(standing) != reference(heard));
                let again = judge_revision(standing, *event).1;
                wrong += usize::from(again != standing);
            }
            wrong += usize::from(shown(standing) != expected);
        });
        assert_eq!((count, wrong), (720, 0), "{story}");
    }
}
