use super::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

const STREAM: Uuid = Uuid::from_u128(1);
const RESTORED: Uuid = Uuid::from_u128(2);

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_386_793 + second, 0).expect("a time")
}

fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

/// A place whose moment follows from its position and from who gave it away.
fn place(position: i64, sender: i64) -> StreamPlace {
    StreamPlace {
        position,
        given_at: Some(1000 * sender + position),
    }
}

#[test]
fn a_batch_continues_overlaps_or_leaves_a_gap() {
    let held = Held {
        stream: Some(STREAM),
        place: place(40, 1),
    };
    let take = |cursor| BatchVerdict::Take { cursor };
    let gap = |expected| BatchVerdict::Gap { expected };
    let cases = [
        ("continues", STREAM, 40, 60, take(place(60, 1))),
        ("overlaps", STREAM, 30, 60, take(place(60, 1))),
        ("is all known", STREAM, 10, 30, take(place(40, 1))),
        ("leaves a gap", STREAM, 41, 60, gap(40)),
        (
            "begins a restored stream",
            RESTORED,
            0,
            5,
            take(place(5, 1)),
        ),
        ("goes on in an unknown stream", RESTORED, 3, 5, gap(0)),
    ];
    for (story, stream, after, through, expected) in cases {
        assert_eq!(
            judge_batch(held, stream, after, place(through, 1)),
            expected,
            "{story}"
        );
    }
    assert_eq!(
        judge_batch(Held::default(), STREAM, 0, place(9, 1)),
        take(place(9, 1))
    );
}

#[test]
fn a_place_given_away_twice_is_told_from_the_first() {
    let ours = place(7, 1).given_at;
    let cases = [
        ("the very beginning", StreamPlace::default(), 0, None, true),
        ("where it was sent", place(7, 1), 9, ours, true),
        ("further than we ever gave", place(10, 1), 9, None, false),
        (
            "where the lost database sent it",
            place(7, 2),
            9,
            ours,
            false,
        ),
        (
            "an earlier version does not say",
            StreamPlace::at(7),
            9,
            ours,
            true,
        ),
        ("what stood there was taken out", place(7, 1), 9, None, true),
    ];
    for (story, told, last, given_at, expected) in cases {
        assert_eq!(is_of_our_stream(told, last, given_at), expected, "{story}");
    }
}

#[test]
fn nothing_regular_is_taken_before_the_directory() {
    let stands = |stream, position| Held {
        stream: Some(stream),
        place: StreamPlace::at(position),
    };
    let nothing = Held::default();
    let cases = [
        ("a new database", Lane::Regular, nothing, true),
        ("the directory itself", Lane::Urgent, nothing, false),
        (
            "a stream that begins anew",
            Lane::Regular,
            stands(RESTORED, 7),
            true,
        ),
        (
            "the directory is there",
            Lane::Regular,
            stands(STREAM, 7),
            false,
        ),
    ];
    for (story, lane, urgent, expected) in cases {
        assert_eq!(
            precedes_directory(lane, STREAM, urgent),
            expected,
            "{story}"
        );
    }
}

#[test]
fn an_event_fits_its_place_or_is_refused() {
    let [event, other, before, stranger] = [b"e", b"o", b"b", b"s"].map(Digest::of);
    let known = Known::default();
    let cases = [
        ("alone", known, Some(before), EventVerdict::Store),
        (
            "held already",
            Known {
                here: Some(event),
                ..known
            },
            Some(before),
            EventVerdict::Duplicate,
        ),
        (
            "its place is taken",
            Known {
                here: Some(other),
                ..known
            },
            Some(before),
            EventVerdict::Forked,
        ),
        (
            "follows",
            Known {
                before: Some(before),
                ..known
            },
            Some(before),
            EventVerdict::Store,
        ),
        (
            "follows another",
            Known {
                before: Some(stranger),
                ..known
            },
            Some(before),
            EventVerdict::ChainBroken,
        ),
        (
            "is followed",
            Known {
                named_by_next: Some(event),
                ..known
            },
            Some(before),
            EventVerdict::Store,
        ),
        (
            "next names another",
            Known {
                named_by_next: Some(other),
                ..known
            },
            Some(before),
            EventVerdict::ChainBroken,
        ),
    ];
    for (story, known, prev, expected) in cases {
        assert_eq!(judge_event(known, event, prev), expected, "{story}");
    }
}

/// Feeds inputs one after another and returns the actions of the last.
fn after(duties: Duties, inputs: &[Input]) -> (Link, Vec<Action>) {
    let mut rng = rng();
    inputs
        .iter()
        .fold((Link::new(duties), Vec::new()), |(link, _), input| {
            step(link, input.clone(), at(0), &mut rng)
        })
}

const SENDER: Duties = Duties {
    sends: true,
    asks: false,
};
const MEMBER: Duties = Duties {
    sends: true,
    asks: true,
};

#[test]
fn a_link_greets_first_then_sends_what_is_urgent_then_the_rest_then_rests() {
    let mut inputs = vec![Input::Start];
    assert_eq!(after(SENDER, &inputs).1, [Action::Greet]);
    inputs.push(Input::Greeted);
    assert_eq!(after(SENDER, &inputs).1, [Action::Send(Lane::Urgent)]);
    inputs.push(Input::NothingToSend(Lane::Urgent));
    assert_eq!(after(SENDER, &inputs).1, [Action::Send(Lane::Regular)]);
    inputs.push(Input::Acknowledged(Lane::Regular));
    assert_eq!(
        after(SENDER, &inputs).1,
        [Action::Send(Lane::Urgent)],
        "urgent again, ahead of any backlog"
    );
    inputs.extend([
        Input::NothingToSend(Lane::Urgent),
        Input::NothingToSend(Lane::Regular),
    ]);
    let (link, actions) = after(SENDER, &inputs);
    let heartbeat = at(0) + HEARTBEAT;
    assert_eq!(
        (link.send.phase, actions),
        (Phase::Idle, vec![Action::Wake(heartbeat)])
    );
    let (_, early) = step(link, Input::Tick, at(1), &mut rng());
    assert_eq!(early, [Action::Wake(heartbeat)]);
    let (_, due) = step(link, Input::Tick, heartbeat, &mut rng());
    assert_eq!(
        due,
        [Action::Greet],
        "an idle sender shows that it is there"
    );
    inputs.push(Input::Added);
    assert_eq!(after(SENDER, &inputs).1, [Action::Send(Lane::Urgent)]);
}

#[test]
fn what_is_added_during_a_request_is_not_forgotten() {
    let inputs = [
        Input::Start,
        Input::Greeted,
        Input::Added,
        Input::NothingToSend(Lane::Urgent),
        Input::NothingToSend(Lane::Regular),
    ];
    assert_eq!(after(SENDER, &inputs).1, [Action::Send(Lane::Urgent)]);
}

#[test]
fn distance_waits_longer_each_time_and_never_gives_up() {
    let mut rng = rng();
    let mut link = Link::new(SENDER);
    let mut longest = TimeDelta::zero();
    for attempt in 0..10_000 {
        let (next, actions) = step(
            link,
            Input::Failed(Leg::Send, Failure::Distance),
            at(0),
            &mut rng,
        );
        let [Action::Wake(until)] = actions[..] else {
            panic!("{actions:?}")
        };
        let wait = until - at(0);
        assert!(
            (SHORTEST_WAIT..=LONGEST_WAIT).contains(&wait),
            "attempt {attempt}: {wait}"
        );
        let (early, _) = step(
            next,
            Input::Tick,
            until - TimeDelta::milliseconds(1),
            &mut rng,
        );
        assert_eq!(
            early.send.phase,
            Phase::Waiting(until),
            "does not start early"
        );
        let (again, actions) = step(next, Input::Tick, until, &mut rng);
        assert_eq!(actions, [Action::Greet]);
        longest = longest.max(wait);
        link = again;
    }
    assert!(
        longest > TimeDelta::minutes(9),
        "the whole range is used: {longest}"
    );
}

#[test]
fn a_peer_that_appears_ends_the_wait_at_once() {
    let inputs = [
        Input::Start,
        Input::Failed(Leg::Send, Failure::Distance),
        Input::PeerAppeared,
    ];
    assert_eq!(after(SENDER, &inputs).1, [Action::Greet]);
    let local = [
        Input::Start,
        Input::Failed(Leg::Send, Failure::Distance),
        Input::Added,
    ];
    assert_eq!(
        after(SENDER, &local).1,
        [],
        "our own news does not hammer a peer that is away"
    );
}

#[test]
fn rejection_is_said_once_and_nothing_is_given_up() {
    let rejected = Input::Failed(Leg::Send, Failure::Rejected);
    let (_, first) = after(SENDER, &[Input::Start, rejected.clone()]);
    assert!(first.contains(&Action::Alarm));
    let (link, second) = after(SENDER, &[Input::Start, rejected.clone(), rejected]);
    assert!(!second.contains(&Action::Alarm));
    assert!(matches!(link.send.phase, Phase::Waiting(_)));
}

#[test]
fn a_rejection_is_said_after_other_failures_too() {
    let inputs = [
        Input::Start,
        Input::Failed(Leg::Send, Failure::Distance),
        Input::Failed(Leg::Send, Failure::Rejected),
    ];
    assert!(after(SENDER, &inputs).1.contains(&Action::Alarm));
}

#[test]
fn a_rejection_may_be_the_road_and_is_tried_again_like_any_failure() {
    let mut inputs = vec![Input::Start];
    for times in 1..=10 {
        inputs.push(Input::Failed(Leg::Send, Failure::Rejected));
        let Phase::Waiting(until) = after(SENDER, &inputs).0.send.phase else {
            panic!("it waits");
        };
        let longest = LONGEST_WAIT.min(SHORTEST_WAIT * (1 << times));
        assert!(until - at(0) <= longest, "{times}");
    }
}

/// Two links that hear each other's greetings and none of the answers.
#[test]
fn two_that_hear_greetings_and_no_answers_do_not_drive_each_other_on() {
    const SECONDS: i64 = 60;
    let mut rng = rng();
    let lost = Input::Failed(Leg::Send, Failure::Distance);
    let mut links = [Link::new(SENDER); 2];
    let mut greetings = [0; 2];
    let in_its_own_time = 10;
    let most = SECONDS / CALM.num_seconds() + in_its_own_time;
    // In tenths of a second; each hears the other in the tenth in which it greets.
    for tenth in 0..SECONDS * 10 {
        let now = at(0) + TimeDelta::milliseconds(100 * tenth);
        let mut inputs = [Input::Tick, Input::Tick];
        if tenth == 0 {
            inputs = [Input::Start, Input::Start];
        }
        for (me, input) in inputs.into_iter().enumerate() {
            let (link, actions) = step(links[me], input, now, &mut rng);
            links[me] = link;
            let mut is_greeting = actions.contains(&Action::Greet);
            let mut greets = me;
            while is_greeting {
                greetings[greets] += 1;
                assert!(greetings[greets] <= most, "in {tenth} tenths of a second");
                links[greets] = step(links[greets], lost.clone(), now, &mut rng).0;
                greets = 1 - greets;
                let (link, actions) = step(links[greets], Input::PeerAppeared, now, &mut rng);
                links[greets] = link;
                is_greeting = actions.contains(&Action::Greet);
            }
        }
    }
    for link in links {
        assert!(i64::from(link.send.failures) <= in_its_own_time);
        let Phase::Waiting(until) = link.send.phase else {
            panic!("it waits");
        };
        assert!(until <= at(SECONDS) + TimeDelta::minutes(2), "{until}");
    }
}

#[test]
fn a_peer_that_appears_again_and_again_is_heeded_each_time_it_was_calm() {
    let mut rng = rng();
    let mut tell = |link, input, second| step(link, input, at(second), &mut rng);
    let lost = Input::Failed(Leg::Send, Failure::Distance);
    let mut link = Link::new(SENDER);
    link.send.phase = Phase::Waiting(at(500));
    link.send.failures = 9;
    let (link, first) = tell(link, Input::PeerAppeared, 100);
    assert_eq!(first, [Action::Greet]);
    let (link, resumed) = tell(link, lost.clone(), 101);
    assert_eq!(resumed, [Action::Wake(at(500))], "nothing is put off by it");
    assert_eq!(link.send.failures, 9);
    let calm = at(100) + CALM;
    let (link, second) = tell(link, Input::PeerAppeared, 102);
    assert_eq!(second, [Action::Wake(calm)]);
    let (link, again) = tell(link, Input::PeerAppeared, 103);
    assert_eq!(again, [Action::Wake(calm)]);
    let (link, tried) = tell(link, Input::Tick, 110);
    assert_eq!(tried, [Action::Greet]);
    let busy = Failure::Busy {
        retry_after: TimeDelta::seconds(60),
    };
    let (told, later) = tell(link, Input::Failed(Leg::Send, busy), 111);
    assert_eq!(later, [Action::Wake(at(171))], "it named a time");
    assert_eq!(told.send.failures, 9);
    let (link, resumed) = tell(link, lost.clone(), 111);
    assert_eq!(resumed, [Action::Wake(at(500))]);
    let (link, _) = tell(link, Input::Tick, 500);
    let (link, counted) = tell(link, lost, 501);
    assert!(matches!(counted[..], [Action::Wake(until)] if until > at(501)));
    assert_eq!(link.send.failures, 10);
    let (link, _) = tell(link, Input::PeerAppeared, 502);
    let (link, _) = tell(link, Input::Greeted, 503);
    assert_eq!(link.send.failures, 0);
    assert!(
        link.send.hurried_at.is_some(),
        "a greeting alone gets through"
    );
    let (link, _) = tell(link, Input::Acknowledged(Lane::Regular), 504);
    assert_eq!(link.send.hurried_at, None);
}

#[test]
fn a_peer_that_keeps_rewinding_does_not_spin_the_link() {
    let mut inputs = vec![Input::Start, Input::Greeted];
    for _ in 0..MOST_GAPS {
        inputs.push(Input::Rewound(Lane::Regular));
        assert_eq!(after(SENDER, &inputs).1, [Action::Greet]);
        inputs.push(Input::Greeted);
    }
    inputs.push(Input::Rewound(Lane::Regular));
    assert!(matches!(after(SENDER, &inputs).1[..], [Action::Wake(_)]));
}

#[test]
fn sending_and_asking_fail_apart() {
    let inputs = [
        Input::Start,
        Input::Failed(Leg::Send, Failure::Distance),
        Input::Received,
    ];
    let (link, actions) = after(MEMBER, &inputs);
    assert_eq!(actions, [Action::Ask]);
    assert!(matches!(link.send.phase, Phase::Waiting(_)));
    assert_eq!(link.ask.phase, Phase::Busy);
}

#[test]
fn a_clock_turned_back_holds_nobody_up() {
    let day = 86_400;
    let waits = |until| {
        let mut link = Link::new(SENDER);
        link.send.phase = Phase::Waiting(until);
        link
    };
    let tick = |link, now| step(link, Input::Tick, now, &mut rng()).1;
    assert_eq!(tick(waits(at(5)), at(4)), [Action::Wake(at(5))]);
    // The wait was fixed while the clock was a day ahead.
    assert_eq!(tick(waits(at(day + 5)), at(0)), [Action::Greet]);
    // So was the next greeting of a link that has nothing to send.
    let mut link = Link::new(SENDER);
    link.send.greet_at = Some(at(day));
    assert_eq!(tick(link, at(0)), [Action::Greet]);
}
