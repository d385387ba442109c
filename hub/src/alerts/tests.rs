//! Alerts from a look at the members to a message that somebody takes.

use super::alert::{self, Changes, Model as Alert, Seen};
use super::recipient::{APART, Channel, Due, GATHERED, Model as Recipient, Told};
use super::trouble::{self, FromOutside, Kind};
use crate::members::overview::{Backup, Content, Member, Way};
use crate::members::silence::Silence;
use crate::probes::{self, record::Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use shared::pages::view::LinkState;
use shared::testing;
use shared::vietnamese;
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    vietnamese::parse_local(text).expect("a time")
}

fn kinds(member: &Member, recalls: u64) -> Vec<Kind> {
    seen(
        member,
        FromOutside {
            recalls,
            probes: &[],
        },
    )
}

fn seen(member: &Member, outside: FromOutside<'_>) -> Vec<Kind> {
    let found = trouble::of(member, outside).into_iter();
    found.map(|(kind, _)| kind).collect()
}

#[test]
fn what_is_seen_from_outside_is_told_where_somebody_has_to_act() {
    let probe = |kind: probes::record::Kind, outcome: Outcome| probes::record::Model {
        site_id: Uuid::nil(),
        kind: kind.as_str().to_owned(),
        at: 0,
        outcome: outcome.as_str().to_owned(),
        since: 0,
        detail: String::new(),
        value: None,
    };
    use probes::record::Kind as Seen;
    let well = Member {
        state: LinkState::Online,
        way: Way::Native(None),
        backup: Some(Backup::default()),
        ..Member::default()
    };
    for (story, probe, expected) in [
        (
            "its page was changed",
            probe(Seen::Content, Outcome::Forged),
            vec![Kind::Forged],
        ),
        (
            "its page is late",
            probe(Seen::Content, Outcome::Bad),
            vec![],
        ),
        (
            "its certificate ends soon",
            probe(Seen::Certificate, Outcome::Fading),
            vec![Kind::Certificate],
        ),
        (
            "its certificate is over",
            probe(Seen::Certificate, Outcome::Bad),
            vec![Kind::Certificate],
        ),
        ("it is slow", probe(Seen::Speed, Outcome::Fading), vec![]),
    ] {
        let outside = FromOutside {
            recalls: 0,
            probes: &[probe],
        };
        assert_eq!(seen(&well, outside), expected, "{story}");
        let paused = Member {
            state: LinkState::Paused,
            ..well.clone()
        };
        assert_eq!(seen(&paused, outside), vec![], "{story}, on purpose");
    }
}

#[test]
fn what_is_wrong_is_found_where_something_is_expected() {
    let well = Member {
        state: LinkState::Online,
        way: Way::Native(None),
        backup: Some(Backup::default()),
        ..Member::default()
    };
    let lost = Member {
        state: LinkState::Lost,
        ..well.clone()
    };
    for (story, member, recalls, expected) in [
        ("well", well.clone(), 0, vec![]),
        (
            "out of service as was announced",
            Member {
                back_at: Some(1),
                refused: 3,
                ..lost.clone()
            },
            2,
            vec![],
        ),
        (
            "the same, but two machines run it",
            Member {
                back_at: Some(1),
                doubled: Some("hai máy".to_owned()),
                ..lost.clone()
            },
            0,
            vec![Kind::Doubled],
        ),
        ("lost", lost.clone(), 0, vec![Kind::Lost]),
        (
            "lost, and shows what was recalled",
            lost.clone(),
            2,
            vec![Kind::Recall, Kind::Lost],
        ),
        (
            "everything at once",
            Member {
                doubled: Some("hai máy".to_owned()),
                state: LinkState::Late,
                skew: Some(-45_000),
                backup: Some(Backup {
                    is_red: true,
                    ..Backup::default()
                }),
                refused: 3,
                missing: 1,
                content: Content {
                    silence: Silence::TooLong,
                    ..Content::default()
                },
                ..well.clone()
            },
            0,
            vec![
                Kind::Doubled,
                Kind::Late,
                Kind::Clock,
                Kind::Backup,
                Kind::Refused,
                Kind::Missing,
                Kind::Silent,
            ],
        ),
        (
            "silent for longer than usual, within what is allowed",
            Member {
                content: Content {
                    silence: Silence::Unusual,
                    ..Content::default()
                },
                ..well.clone()
            },
            0,
            vec![],
        ),
        (
            "on purpose",
            Member {
                state: LinkState::Paused,
                refused: 1,
                ..well.clone()
            },
            1,
            vec![],
        ),
        (
            "expected, and has not come yet",
            Member {
                state: LinkState::New,
                backup: Some(Backup {
                    is_red: true,
                    ..Backup::default()
                }),
                ..well
            },
            0,
            vec![],
        ),
    ] {
        assert_eq!(kinds(&member, recalls), expected, "{story}");
    }
}

#[test]
fn a_kind_has_a_name_and_a_name_a_kind() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Kind::parse("gone"), None);
}

fn alert(id: i64, kind: Kind, due: DateTime<Utc>) -> Alert {
    Alert {
        id,
        site_id: Uuid::from_u128(1),
        kind: kind.as_str().to_owned(),
        detail: String::new(),
        seen_at: due.timestamp_millis(),
        due_at: due.timestamp_millis(),
        closed_at: None,
        acknowledged_by: None,
        acknowledged_at: None,
    }
}

fn recipient() -> Recipient {
    Recipient {
        id: Uuid::from_u128(7),
        name: "Trực cổng tỉnh".to_owned(),
        channel: Channel::Email.as_str().to_owned(),
        address: "truc@quangngai.example".to_owned(),
        secret: None,
        quiet_from: None,
        quiet_to: None,
        after_minutes: 0,
        active: true,
        made_at: 0,
        reached_at: None,
        failure: None,
    }
}

fn ids(due: &Due) -> (Vec<i64>, Vec<i64>) {
    let of = |alerts: &[Alert]| alerts.iter().map(|alert| alert.id).collect();
    (of(&due.began), of(&due.over))
}

#[test]
fn a_storm_is_one_message_and_a_flicker_none() {
    let noon = at("2026-11-29T12:00");
    let nothing = |_| Told::default();
    let storm: Vec<Alert> = (1..=12)
        .map(|id| alert(id, Kind::Lost, noon + TimeDelta::seconds(id)))
        .collect();
    let one = recipient();
    let due = |told: &dyn Fn(i64) -> Told, last: Option<DateTime<Utc>>, now| {
        let last = last.map(|last| last.timestamp_millis());
        ids(&one.due(&storm, told, last, now))
    };
    let first = noon + TimeDelta::seconds(1);
    assert_eq!(
        due(&nothing, None, first + GATHERED - TimeDelta::seconds(1)),
        (vec![], vec![])
    );
    let gathered = first + GATHERED;
    assert_eq!(
        due(&nothing, None, gathered).0.len(),
        12,
        "all twelve in one"
    );
    // Eleven are told of; the twelfth waits until the last message is long enough ago.
    let all_but_one = |id| Told {
        began: id < 12,
        over: false,
    };
    let later = gathered + TimeDelta::minutes(5);
    assert_eq!(due(&all_but_one, Some(gathered), later), (vec![], vec![]));
    assert_eq!(
        due(&all_but_one, Some(gathered), gathered + APART),
        (vec![12], vec![])
    );

    // What was over before anybody was told of it is told to nobody; the rest is said to be over.
    let mut flicker = alert(20, Kind::Lost, noon);
    flicker.closed_at = Some((noon + TimeDelta::seconds(30)).timestamp_millis());
    let later = noon + TimeDelta::minutes(30);
    assert_eq!(
        ids(&one.due(&[flicker.clone()], nothing, None, later)),
        (vec![], vec![])
    );
    let began = |_| Told {
        began: true,
        over: false,
    };
    assert_eq!(
        ids(&one.due(&[flicker.clone()], began, None, later)),
        (vec![], vec![20])
    );
    let off = Recipient {
        active: false,
        ..recipient()
    };
    assert!(off.due(&[flicker], began, None, later).is_empty());
}

#[test]
fn at_night_only_what_is_urgent_wakes_somebody() {
    let sleeper = Recipient {
        quiet_from: Some(22 * 60),
        quiet_to: Some(6 * 60),
        ..recipient()
    };
    for (time, is_quiet) in [
        ("2026-11-29T21:59", false),
        ("2026-11-29T22:00", true),
        ("2026-11-30T00:00", true),
        ("2026-11-30T05:59", true),
        ("2026-11-30T06:00", false),
        ("2026-11-30T12:00", false),
    ] {
        assert_eq!(sleeper.is_quiet(at(time)), is_quiet, "{time}");
    }
    let evening = at("2026-11-29T22:30");
    let alerts = [
        alert(1, Kind::Lost, evening),
        alert(2, Kind::Doubled, evening),
    ];
    let night = evening + TimeDelta::hours(1);
    let just_now = Some(night.timestamp_millis() - 1);
    let nothing = |_| Told::default();
    assert_eq!(
        ids(&sleeper.due(&alerts, nothing, just_now, night)),
        (vec![2], vec![])
    );
    let told = |id| Told {
        began: id == 2,
        over: false,
    };
    assert!(sleeper.due(&alerts, told, None, night).is_empty());
    let morning = at("2026-11-30T06:00");
    assert_eq!(
        ids(&sleeper.due(&alerts, told, None, morning)),
        (vec![1], vec![])
    );
    // A quiet time of nothing is none.
    let never = Recipient {
        quiet_from: Some(60),
        quiet_to: Some(60),
        ..recipient()
    };
    assert!(!never.is_quiet(at("2026-11-29T01:00")));
}

#[test]
fn who_comes_later_is_told_of_what_nobody_knows() {
    let noon = at("2026-11-29T12:00");
    let second = Recipient {
        after_minutes: 60,
        ..recipient()
    };
    let nothing = |_| Told::default();
    let lost = alert(1, Kind::Lost, noon);
    let due = |alert: &Alert, minutes| {
        let now = noon + TimeDelta::minutes(minutes);
        ids(&second.due(std::slice::from_ref(alert), nothing, None, now)).0
    };
    assert!(due(&lost, 30).is_empty());
    assert!(due(&lost, 60).is_empty(), "it is gathered as well");
    assert_eq!(due(&lost, 61), [1]);
    let known = Alert {
        acknowledged_at: Some(noon.timestamp_millis()),
        ..lost
    };
    assert!(due(&known, 61).is_empty());
}

#[tokio::test]
async fn what_lasts_becomes_an_alert_and_what_does_not_is_forgotten() {
    let site = testing::Setup::default()
        .site_of::<migrations::HubSchema>()
        .await;
    let member = Uuid::from_u128(5);
    let take = async |seen: &[(Kind, &str)], now: i64| -> Changes {
        let seen: Seen = seen
            .iter()
            .map(|(kind, detail)| ((member, *kind), (*detail).to_owned()))
            .collect();
        let taken = site
            .db
            .write(move |tx| Box::pin(async move { alert::take(tx, &seen, now).await }));
        taken.await.expect("taken")
    };
    let open = async |now: i64| -> Vec<(String, String)> {
        let open = alert::open(site.db.reader(), now).await.expect("alerts");
        open.into_iter()
            .map(|alert| (alert.kind, alert.detail))
            .collect()
    };
    let minute = 60_000;
    // Lost at once; late only after an hour.
    let both = [(Kind::Lost, "mất"), (Kind::Late, "2 mục chờ gửi tới")];
    assert_eq!(take(&both, 0).await, Changes { began: 2, ended: 0 });
    assert_eq!(take(&both, minute).await, Changes::default());
    assert_eq!(open(minute).await, [("lost".to_owned(), "mất".to_owned())]);
    assert_eq!(open(60 * minute).await.len(), 2);
    // As it is told now; and known by somebody.
    take(&[(Kind::Lost, "mất hẳn")], 2 * minute).await;
    assert_eq!(
        open(2 * minute).await,
        [("lost".to_owned(), "mất hẳn".to_owned())]
    );
    assert_eq!(
        open(90 * minute).await.len(),
        1,
        "what passed by itself is no alert"
    );
    assert_eq!(
        alert::count_unknown(site.db.reader(), minute)
            .await
            .expect("a count"),
        1
    );
    let known = site
        .db
        .write(move |tx| Box::pin(alert::acknowledge(tx, None, "Y Thảo", 3 * minute)));
    assert_eq!(known.await.expect("known"), 1);
    assert_eq!(
        alert::count_unknown(site.db.reader(), 4 * minute)
            .await
            .expect("a count"),
        0
    );
    assert_eq!(take(&[], 5 * minute).await, Changes { began: 0, ended: 1 });
    assert!(open(5 * minute).await.is_empty());
    let over = alert::over(site.db.reader(), 10).await.expect("alerts");
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].closed_at, Some(5 * minute));
    assert_eq!(over[0].acknowledged_by.as_deref(), Some("Y Thảo"));
}
