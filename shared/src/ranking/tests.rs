use super::sheet::{Line, Number, Objection, Outcome, SelfScore, Standing, State, TurnedAway};
use super::{Letter, Points, Said, Sheet, said, told};
use crate::directory::revocation;
use crate::error::Error;
use crate::log::{EventKind, NewEvent, append, event};
use crate::site::Site;
use crate::testing::noon;
use crate::testing::pair::{Pair, pair, push};
use chrono::{NaiveDate, TimeDelta};
use sea_orm::{EntityTrait, Set};
use std::sync::Arc;
use uuid::Uuid;

const PERIOD: Uuid = Uuid::from_u128(77);

/// The numbers of a member whose window is open for two days from noon on.
pub(crate) fn sheet() -> Sheet {
    Sheet {
        period: PERIOD,
        label: "Quý III/2026".to_owned(),
        state: State::Window,
        window_until: Some(noon().date_naive() + TimeDelta::days(2)),
        counted_at: noon().timestamp_millis(),
        scheme: "lien-cong-2026.1".to_owned(),
        basis: "Nghị định 224/2026/NĐ-CP, Điều 12".to_owned(),
        group: "Xã".to_owned(),
        class: "Tốt".to_owned(),
        standings: vec![Standing {
            table: "Tổng".to_owned(),
            points: 8_125,
            overall: (3, 37),
            in_group: (1, 20),
        }],
        lines: vec![Line {
            code: "I1".to_owned(),
            name: "Câu hỏi trả lời đúng hạn".to_owned(),
            category: "Hỏi đáp".to_owned(),
            basis: "Nghị định 43/2011/NĐ-CP, Điều 17".to_owned(),
            most: 1_500,
            sum: "9 / 10".to_owned(),
            number: Some("questions_on_time".to_owned()),
            declared: false,
            reached: Some(9_000),
            worth: 1_700,
            points: 1_530,
        }],
        extras: Vec::new(),
        bonus_cap: None,
        numbers: vec![Number {
            code: "questions_on_time".to_owned(),
            label: "Câu hỏi trả lời đúng hạn".to_owned(),
            counted: Some(12),
            adjusted: Some(13),
        }],
        adjustments: Vec::new(),
        self_scores: std::iter::once((
            "I1".to_owned(),
            SelfScore {
                points: 1_500,
                evidence: "Sổ tiếp công dân.".to_owned(),
            },
        ))
        .collect(),
        objections: vec![Objection {
            id: Uuid::from_u128(5),
            indicator: "I1".to_owned(),
            words: "Câu hỏi ngày 3 đã trả lời trực tiếp.".to_owned(),
            outcome: Some(Outcome::Granted),
            answer: Some("Đúng.".to_owned()),
        }],
        turned_away: Vec::new(),
        url: None,
    }
}

/// A period whose numbers were told to `site`.
pub(crate) async fn held(site: &Arc<Site>) -> Uuid {
    let (from, sheet) = (site.id, sheet());
    let row = told::ActiveModel {
        period_id: Set(PERIOD),
        rev: Set(1),
        event_id: Set(0),
        site_id: Set(from),
        sheet: Set(serde_json::to_string(&sheet).expect("JSON")),
        window_until: Set(None),
        counted_at: Set(sheet.counted_at),
        received_at: Set(sheet.counted_at),
    };
    let done = site.db.write(move |tx| {
        Box::pin(async move {
            told::Entity::insert(row).exec_without_returning(tx).await?;
            Ok(())
        })
    });
    done.await.expect("held");
    PERIOD
}

#[test]
fn a_letter_is_read_as_it_was_written_and_only_within_bounds() {
    let said = Said {
        id: Uuid::from_u128(1),
        period: PERIOD,
        indicator: "I1".to_owned(),
        points: None,
        words: "Câu hỏi ngày 3 đã trả lời trực tiếp.".to_owned(),
        by: "Y Thử (lãnh đạo duyệt bài)".to_owned(),
        at: 0,
    };
    let outside = |change: fn(&mut Sheet)| {
        let mut sheet = sheet();
        change(&mut sheet);
        Letter::Told(Box::new(sheet))
    };
    let unfit = |change: fn(&mut Said)| {
        let mut said = said.clone();
        change(&mut said);
        Letter::Said(said)
    };
    for (letter, is_good) in [
        (Letter::Told(Box::new(sheet())), true),
        (Letter::Said(said.clone()), true),
        (unfit(|said| said.points = Some(750)), true),
        (unfit(|said| said.points = Some(-1)), false),
        (unfit(|said| said.words = "  ".to_owned()), false),
        (
            unfit(|said| said.words = "a".repeat(said::LONGEST + 1)),
            false,
        ),
        (unfit(|said| said.by = String::new()), false),
        (unfit(|said| said.indicator = "a".repeat(65)), false),
        (
            outside(|sheet| sheet.url = Some("https://quangngai.example/xep-hang".to_owned())),
            true,
        ),
        (
            outside(|sheet| sheet.url = Some("javascript:alert(1)".to_owned())),
            false,
        ),
        (
            outside(|sheet| sheet.lines = vec![sheet.lines[0].clone(); 1_001]),
            false,
        ),
    ] {
        let content = letter.to_content().expect("content");
        let read = Letter::from_content(&content, letter.subject());
        assert_eq!(read.ok(), is_good.then(|| letter.clone()), "{letter:?}");
        assert!(
            Letter::from_content(&content, Uuid::from_u128(2)).is_err(),
            "it is about what its header names"
        );
    }
}

#[test]
fn something_can_be_said_until_the_end_of_the_last_day() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 10, day).expect("a day");
    let open = Sheet {
        window_until: Some(day(8)),
        ..sheet()
    };
    let frozen = Sheet {
        state: State::Frozen,
        ..open.clone()
    };
    for (sheet, today, expected) in [
        (&open, day(7), true),
        (&open, day(8), true),
        (&open, day(9), false),
        (&frozen, day(7), false),
    ] {
        assert_eq!(
            sheet.is_window_open(today),
            expected,
            "{today} {:?}",
            sheet.state
        );
    }
}

async fn tell(from: &Arc<Site>, to: &Site, rev: i64, sheet: Sheet) -> event::Model {
    write(from, to, rev, Letter::Told(Box::new(sheet))).await
}

async fn write(from: &Arc<Site>, to: &Site, rev: i64, letter: Letter) -> event::Model {
    let (inner, to) = (Arc::clone(from), to.unit_id);
    let done = from.db.write(move |tx| {
        Box::pin(async move {
            let new = NewEvent {
                kind: EventKind::LetterRanking,
                lane: EventKind::LetterRanking.lane(),
                unit: inner.unit_id,
                entry: Some(letter.subject()),
                rev,
                content: Some(letter.to_content()?),
                to: Some(to),
            };
            append(tx, &inner, new).await
        })
    });
    done.await.expect("written")
}

async fn known(site: &Site) -> Option<(i64, Sheet)> {
    let found = told::find(site.db.reader(), PERIOD).await.expect("reads");
    found.map(|told| (told.rev, told.sheet().expect("a sheet")))
}

#[tokio::test]
async fn the_newest_numbers_count_unless_a_stolen_key_told_them() {
    let pair = pair().await;
    let frozen = Sheet {
        state: State::Frozen,
        ..sheet()
    };
    tell(&pair.hub, &pair.member, 2, frozen.clone()).await;
    tell(&pair.hub, &pair.member, 1, sheet()).await;
    assert_eq!(push(&pair.hub, &pair.member).await, 2);
    assert_eq!(known(&pair.member).await, Some((2, frozen)), "in any order");

    let events = event::Entity::find().all(pair.member.db.reader()).await;
    let mut letters = events.expect("reads").into_iter();
    let newest = letters.find(|event| event.entry_id == Some(PERIOD) && event.rev == 2);
    distrust(&pair.member, newest.expect("held").id).await;
    assert_eq!(known(&pair.member).await, Some((1, sheet())));
    let stands = told::find(pair.member.db.reader(), PERIOD).await;
    distrust(
        &pair.member,
        stands.expect("reads").expect("the first").event_id,
    )
    .await;
    assert_eq!(known(&pair.member).await, None);
}

async fn distrust(site: &Arc<Site>, event: i64) {
    let author = site.id;
    let done = site.db.write(move |tx| {
        Box::pin(async move {
            use revocation::{ActiveModel, Entity, State};
            let row = ActiveModel {
                event_id: Set(event),
                key_id: Set("k".to_owned()),
                site_id: Set(author),
                entry_id: Set(Some(PERIOD)),
                state: Set(State::Held.as_str().to_owned()),
                since: Set(0),
                decided_at: Set(None),
                decided_by: Set(None),
            };
            Entity::insert(row).exec_without_returning(tx).await?;
            told::judge_again(tx, PERIOD).await
        })
    });
    done.await.expect("judged");
}

async fn says(pair: &Pair, filled: said::Filled) -> Result<(), Error> {
    let site = Arc::clone(&pair.member);
    let done = pair.member.db.write(move |tx| {
        Box::pin(async move {
            said::say(tx, &site, PERIOD, filled, "Y Thử (lãnh đạo duyệt bài)").await
        })
    });
    done.await
}

#[tokio::test]
async fn what_people_say_is_kept_sent_once_and_answered() {
    let pair = pair().await;
    let object = |indicator: &str, words: &str| said::Filled {
        indicator: indicator.to_owned(),
        points: None,
        words: words.to_owned(),
    };
    let good = object("I1", "Câu hỏi ngày 3\n đã trả lời trực tiếp.");
    let nothing_told = says(&pair, good.clone()).await;
    assert!(
        matches!(nothing_told, Err(Error::NotFound)),
        "{nothing_told:?}"
    );

    tell(&pair.hub, &pair.member, 1, sheet()).await;
    push(&pair.hub, &pair.member).await;
    let open = async || told::count_open(&pair.member).await.expect("counted");
    assert_eq!(open().await, 1, "something can be said");
    let most = said::Filled {
        points: Some(Points(1_501)),
        ..good.clone()
    };
    for (filled, field) in [
        (object("I9", "Vì thế."), "indicator"),
        (object("I1", " \n "), "words"),
        (object("I1", &"a".repeat(said::LONGEST + 1)), "words"),
        (most, "points"),
    ] {
        match says(&pair, filled).await {
            Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    says(&pair, good.clone()).await.expect("said");
    assert_eq!(push(&pair.member, &pair.hub).await, 1);
    let said = said::of_period(pair.member.db.reader(), PERIOD).await;
    let said = said.expect("reads").remove(0);
    let heard = event::Entity::find().all(pair.hub.db.reader()).await;
    let mut heard = heard.expect("reads").into_iter();
    let heard = heard.find(|event| event.entry_id == Some(said.id));
    let letter = told::read(pair.hub.db.reader(), &heard.expect("heard")).await;
    match letter.expect("reads") {
        Some(Letter::Said(letter)) => assert_eq!(
            (letter.indicator.as_str(), letter.words.as_str()),
            ("I1", "Câu hỏi ngày 3 đã trả lời trực tiếp.")
        ),
        other => panic!("{other:?}"),
    }

    // It was too late there, and that is said beside it; and nothing more is said afterwards.
    let over = Sheet {
        state: State::Frozen,
        turned_away: vec![TurnedAway {
            id: said.id,
            why: "Đã hết thời gian giải trình của kỳ này.".to_owned(),
        }],
        ..sheet()
    };
    tell(&pair.hub, &pair.member, 2, over).await;
    push(&pair.hub, &pair.member).await;
    let said = said::of_period(pair.member.db.reader(), PERIOD).await;
    let why = said.expect("reads").remove(0).turned_away;
    assert_eq!(
        why.as_deref(),
        Some("Đã hết thời gian giải trình của kỳ này.")
    );
    assert_eq!(open().await, 0);
    let late = says(&pair, good).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
}

#[tokio::test]
async fn a_member_tells_nobody_numbers() {
    let pair = pair().await;
    tell(&pair.member, &pair.hub, 1, sheet()).await;
    assert_eq!(push(&pair.member, &pair.hub).await, 0, "it is refused");
    assert_eq!(known(&pair.hub).await, None);
}
