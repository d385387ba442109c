mod again;
pub(crate) mod fixture;

use super::collect;
use super::evidence::{self, Asked};
use super::input::Input;
use super::letters;
use super::objection::{self, Outcome, Said};
use super::period::{self, Act};
use super::scheme::Scheme;
use super::score::Table;
use super::snapshot::{self, Board};
use super::span::{Kind, Span};
use super::version;
use crate::members::history::{self, News, watch_time};
use crate::relay::Relay;
use crate::reports::{self, Source};
use chrono::TimeDelta;
use fixture::{Member, at, day, decide, entry, hold, lao_cai, member, viewed};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use shared::audit::Actor;
use shared::citizens::told::{self, Owed};
use shared::directory::contact_record::{self, Contact};
use shared::entries::record;
use shared::error::Error;
use shared::log::event;
use shared::newsroom::verdict::Grade;
use shared::site::Site;
use shared::sync::peer;
use shared::testing::{self, TestSite};
use std::sync::Arc;
use uuid::Uuid;

async fn hub() -> TestSite {
    testing::Setup::default()
        .role(Relay)
        .on_top()
        .site_of::<migrations::HubSchema>()
        .await
}

fn nine_months() -> Span {
    Span::of(Kind::Nine, 2021, 1).expect("a span")
}

#[tokio::test]
async fn nine_months_of_sa_pa_are_reported_as_they_were() {
    let site = hub().await;
    let members = lao_cai(&site).await;
    let report = reports::of(&site, nine_months()).await.expect("a report");
    assert!(matches!(report.source, Source::Now(_)));
    let rows = report.rows();
    let (_, figures, score) = rows
        .iter()
        .find(|(member, ..)| member.unit == members[0].unit)
        .expect("its row");
    assert_eq!((figures.news, figures.documents), (1250, 624));
    assert_eq!(figures.views, Some(221_857));
    assert_eq!(
        (figures.questions_on_time, figures.questions_dated),
        (9, 10)
    );
    let place = |code: &str| {
        let table = Table::parse(code).expect("a table");
        let standing = score.standing(table).expect("ranked");
        (standing.overall.place, standing.overall.of)
    };
    assert_eq!(place("tin-bai"), (1, 63), "information");
    assert_eq!(place("hoi-dap"), (3, 37), "questions and answers");
    assert_eq!(rows.len(), 63);
}

#[tokio::test]
async fn every_score_follows_from_what_is_exported() {
    let site = hub().await;
    let members = lao_cai(&site).await;
    // Of some there is more: what is given, lost and adjusted.
    let when = at("2021-05-05T08:00");
    let mut held = Vec::new();
    for (number, one) in (0..).zip(&members[1..8]) {
        for item in 0..number {
            let minutes = TimeDelta::minutes(item);
            held.push(entry(*one, "video", "Lễ hội", when + minutes).language("hmn"));
            held.push(entry(*one, "article", "Tin lấy lại", when + minutes).reposted());
            held.push(entry(*one, "article", "Tin sửa", when + minutes).corrected("Sai ngày"));
        }
    }
    hold(&site, held).await;
    let id = opened(&site, nine_months()).await;
    for (number, (input, delta)) in [
        (Input::SecretsPublished, 1),
        (Input::DataLeaks, 2),
        (Input::Originals, -3),
        (Input::QuestionsOnTime, 1),
    ]
    .into_iter()
    .enumerate()
    {
        let said = Said::Adjustment {
            input,
            delta,
            reason: "Theo biên bản.".to_owned(),
            objection: None,
        };
        say(&site, id, members[number + 1], said)
            .await
            .expect("adjusted");
    }
    let board = board(&site, id).await;
    let text = serde_json::to_string(&board).expect("JSON");
    let document: Value = serde_json::from_str(&text).expect("reads");
    let (told, reckoned) = (again::as_told(&document), again::reckoned(&document));
    assert_eq!(told.len(), 63);
    for ((told, reckoned), member) in told.iter().zip(&reckoned).zip(&board.members) {
        assert_eq!(told, reckoned, "{}", member.name);
    }
    assert!(told.iter().any(|one| one.is_void));
}

#[tokio::test]
async fn every_number_is_the_sum_of_rows_that_can_be_opened() {
    let site = hub().await;
    let span = Span::of(Kind::Month, 2026, 10).expect("a span");
    let busy = member(&site, "xã Kon Braih", "xa", 18_912).await;
    let quiet = member(&site, "phường Kon Tum", "phuong", 0).await;
    much_of(&site, busy).await;
    let scheme = Scheme::built_in().expect("it reads").0;
    let board = snapshot::now(&site, scheme, span).await.expect("a board");
    for one in [busy, quiet] {
        let (entry, _) = board.of_unit(one.unit).expect("counted");
        for (input, label, _) in Input::ALL {
            let asked = Asked {
                site: &site,
                scheme: &board.scheme,
                span: &board.span,
                member: entry,
            };
            let pieces = evidence::of(asked, input).await.expect("rows");
            let counted = entry.inputs.get(&input).copied();
            if input == Input::AnswerDaysMedian {
                assert_eq!(counted.is_some(), !pieces.is_empty());
                continue;
            }
            let sum: i64 = pieces.iter().map(|piece| piece.amount).sum();
            assert_eq!(
                counted.unwrap_or_default(),
                sum,
                "{label} of {}: {pieces:?}",
                entry.name
            );
        }
    }
    let (busy, _) = board.of_unit(busy.unit).expect("counted");
    let of = |input: Input| busy.inputs.get(&input).copied();
    for (input, expected) in [
        (Input::Items, 9),
        (Input::Originals, 3),
        (Input::Reposts, 1),
        (Input::WeeksWithOriginals, 3),
        (Input::Videos, 1),
        (Input::EthnicItems, 1),
        (Input::Corrections, 1),
        (Input::Documents, 2),
        (Input::DocumentsComplete, 0),
        (Input::DocumentsOnTime, 1),
        // One of them by a section below it.
        (Input::SectionsFilled, 5),
        (Input::ContactsDue, 4),
        (Input::ContactsGiven, 2),
        (Input::DisclosuresDue, 2),
        (Input::DisclosuresMade, 1),
        (Input::DisclosuresOnTime, 0),
        (Input::AcceptedA, 1),
        (Input::AcceptedUngraded, 0),
        (Input::Returned, 1),
        (Input::Questions, 1),
        (Input::QuestionsOnTime, 1),
        (Input::AnswerDaysMedian, 500),
        (Input::CasesLate, 2),
        (Input::MinutesReached, 600),
        (Input::MinutesExpected, 660),
        (Input::DrillsMissed, 1),
        (Input::Views, 350),
        (Input::Population, 18_912),
    ] {
        assert_eq!(of(input), Some(expected), "{input:?}");
    }
}

/// A month of a commune, with something of everything that is counted.
async fn much_of(site: &Site, of: Member) {
    let article = entry(of, "article", "Mùa cà phê", at("2026-10-01T08:00"));
    let accepted = article.entry;
    let came_back = entry(of, "article", "Lễ hội", at("2026-10-12T08:00")).corrected("Sai ngày");
    let returned = came_back.entry;
    hold(
        site,
        vec![
            article.section("bo-may-to-chuc"),
            came_back,
            entry(of, "article", "Từ báo", at("2026-10-12T09:00")).reposted(),
            entry(of, "notice", "Cúp điện", at("2026-10-12T10:00")).language("bdq"),
            entry(of, "video", "Cồng chiêng", at("2026-10-30T10:00")),
            entry(of, "page", "Lịch sử", at("2026-10-02T10:00")).section("dia-ly-lich-su"),
            entry(of, "document", "Kế hoạch", at("2026-10-05T09:00")).issued(day("2026-10-01")),
            entry(of, "document", "Quyết định", at("2026-10-30T09:00")).issued(day("2026-10-01")),
            // The budget of a quarter, five days late.
            entry(
                of,
                "consultation",
                "Công khai ngân sách quý III",
                at("2026-10-20T09:00"),
            )
            .section("ngan-sach"),
            entry(of, "question", "Bao giờ sửa đường?", at("2026-10-09T09:00"))
                .answered(day("2026-10-02"), day("2026-10-09")),
            // The last moment before the period, and the first after it.
            entry(of, "article", "Tháng trước", at("2026-09-30T23:59")),
            entry(of, "article", "Tháng sau", at("2026-11-01T00:00")),
        ],
    )
    .await;
    decide(
        site,
        of,
        vec![
            (returned, "returned", None),
            // Accepted without a grade, and again with one: once.
            (accepted, "accepted", None),
            (accepted, "accepted", Some(Grade::A)),
        ],
        at("2026-10-13T08:00"),
    )
    .await;
    viewed(
        site,
        of,
        vec![(day("2026-10-01"), 200), (day("2026-10-31"), 150)],
    )
    .await;
    viewed(site, of, vec![(day("2026-09-30"), 9_000)]).await;
    let contact = Contact {
        responsible: Some("A Mẫu".to_owned()),
        phone: Some("0260 3824 000".to_owned()),
        ..Contact::default()
    };
    let owed = Owed { open: 5, late: 2 };
    let state = |value: &str| News {
        site: of.site,
        kind: history::Kind::State,
        value: value.to_owned(),
        detail: None,
    };
    let states = [
        (state("online"), at("2026-10-10T08:00")),
        (state("lost"), at("2026-10-10T18:00")),
    ];
    site.db
        .write(move |tx| {
            Box::pin(async move {
                contact_record::put(tx, of.site, &contact, 1).await?;
                told::put(tx, of.site, owed, 1).await?;
                for (news, when) in states {
                    history::note(tx, &[news], when.timestamp_millis()).await?;
                }
                // Somebody watched for eleven hours: ten of them it was there.
                let span = watch_time::begin(tx, at("2026-10-10T08:00").timestamp_millis());
                let until = at("2026-10-10T19:00").timestamp_millis();
                watch_time::go_on(tx, span.await?, until).await
            })
        })
        .await
        .expect("told");
}

/// A period of `span`, opened and with its window open.
async fn opened(site: &Arc<Site>, span: Span) -> Uuid {
    let actor = Actor::CommandLine;
    let id = period::open(site, span, &actor).await.expect("opened");
    period::count(site, id, Act::OpenWindow, &actor)
        .await
        .expect("a window");
    id
}

async fn say(site: &Arc<Site>, period: Uuid, of: Member, said: Said) -> shared::error::Result<()> {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let of = (period, of.unit);
                objection::say(tx, &inner, of, said, "Y Thử", &Actor::CommandLine).await
            })
        })
        .await
}

async fn board(site: &Site, id: Uuid) -> Board {
    let db = site.db.reader();
    let period = period::find(db, id)
        .await
        .expect("reads")
        .expect("it is there");
    snapshot::board(db, site, &period).await.expect("a board")
}

#[tokio::test]
async fn who_speaks_the_protocol_is_told_every_version_it_is_owed() {
    let site = hub().await;
    let span = Span::of(Kind::Month, 2026, 10).expect("a span");
    let one = member(&site, "xã Kon Braih", "xa", 18_912).await;
    member(&site, "xã Đăk Kôi", "xa", 9_000).await;
    let native = one.site;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                peer::put(tx, native, peer::Role::Member, peer::LinkMode::Push, 0).await
            })
        })
        .await
        .expect("a peer");
    let id = opened(&site, span).await;
    let progress = async || {
        let progress = letters::progress(site.db.reader(), id).await;
        progress.expect("reads")
    };
    assert_eq!(progress().await, (0, 1), "the other is read by feed");
    assert!(letters::tell_some(&site).await.expect("told"));
    assert!(!letters::tell_some(&site).await.expect("nothing is left"));
    assert_eq!(progress().await, (1, 1));

    let objection = Uuid::now_v7();
    let object = Said::Objection {
        id: objection,
        indicator: "I1".to_owned(),
        words: "Hai câu hỏi đã trả lời trực tiếp.".to_owned(),
    };
    say(&site, id, one, object).await.expect("filed");
    assert_eq!(progress().await, (0, 1));
    assert!(letters::tell_some(&site).await.expect("told"));
    let written = event::Entity::find()
        .filter(event::Column::EntryId.eq(id))
        .all(site.db.reader())
        .await
        .expect("reads");
    let mut told = Vec::new();
    for event in &written {
        let letter = shared::ranking::told::read(site.db.reader(), event).await;
        if let Some(shared::ranking::Letter::Told(sheet)) = letter.expect("reads") {
            let open: Vec<Uuid> = sheet.objections.iter().map(|one| one.id).collect();
            told.push((event.rev, sheet.label.clone(), open));
        }
    }
    let label = span.label();
    assert_eq!(
        told,
        [(1, label.clone(), vec![]), (2, label, vec![objection])]
    );
}

#[tokio::test]
async fn what_was_frozen_never_changes() {
    let site = hub().await;
    let span = Span::of(Kind::Month, 2026, 10).expect("a span");
    let one = member(&site, "xã Kon Braih", "xa", 18_912).await;
    let other = member(&site, "xã Đăk Kôi", "xa", 9_000).await;
    much_of(&site, one).await;
    let id = opened(&site, span).await;
    let before = board(&site, id).await;

    // It objects, is answered, and its number is adjusted beside what was counted.
    let words = "Hai câu hỏi đã trả lời trực tiếp.".to_owned();
    let object = Said::Objection {
        id: Uuid::now_v7(),
        indicator: "I1".to_owned(),
        words,
    };
    say(&site, id, one, object).await.expect("filed");
    let own = Said::SelfScore {
        indicator: "E1".to_owned(),
        points: shared::ranking::Points(900),
        evidence: "https://konbraih.example/".to_owned(),
    };
    say(&site, id, one, own).await.expect("said");
    let waits = period::freeze(&site, id, &Actor::CommandLine).await;
    assert!(matches!(waits, Err(Error::Conflict(_))), "{waits:?}");
    let filed = board(&site, id)
        .await
        .of_unit(one.unit)
        .expect("there")
        .0
        .objections[0]
        .id;
    let answer = Said::Answer {
        objection: filed,
        outcome: Outcome::Granted,
        answer: "Đúng, có sổ tiếp dân.".to_owned(),
    };
    say(&site, id, one, answer).await.expect("answered");
    let adjust = Said::Adjustment {
        input: Input::CasesLate,
        delta: -2,
        reason: "Đã trả lời trực tiếp.".to_owned(),
        objection: Some(filed),
    };
    say(&site, id, one, adjust).await.expect("adjusted");
    let adjusted = board(&site, id).await;
    let (entry, score) = adjusted.of_unit(one.unit).expect("there");
    assert_eq!(
        entry.inputs,
        before.of_unit(one.unit).expect("there").0.inputs
    );
    assert_eq!(entry.adjusted()[&Input::CasesLate], 0);
    assert!(score.penalties.iter().all(|extra| extra.code != "P4"));

    // Nobody freezes while members may still object.
    let early = period::freeze(&site, id, &Actor::CommandLine).await;
    assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");
    site.clock.set(site.clock.now() + TimeDelta::days(10));
    period::freeze(&site, id, &Actor::CommandLine)
        .await
        .expect("frozen");
    let frozen = board(&site, id).await;
    assert_eq!(frozen, adjusted);

    // Whatever happens to what it was counted from, and whatever scheme comes.
    let text = Scheme::built_in().expect("it reads").1;
    let text = text
        .replace("lien-cong-2026.1", "tinh-2027")
        .replace("from = 90", "from = 95");
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                record::Entity::delete_many()
                    .filter(record::Column::UnitId.eq(one.unit))
                    .exec(tx)
                    .await?;
                version::add(tx, &text, "Y Thử", &Actor::CommandLine, now).await?;
                Ok(())
            })
        })
        .await
        .expect("changed");
    assert_eq!(board(&site, id).await, frozen);
    let report = reports::of(&site, span).await.expect("a report");
    assert!(matches!(report.source, Source::Frozen(_)));
    assert_eq!(report.board, frozen);
    for act in [Act::Collect, Act::OpenWindow] {
        let again = period::count(&site, id, act, &Actor::CommandLine).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{act:?}");
    }
    let late = Said::Adjustment {
        input: Input::Originals,
        delta: 9,
        reason: "Quên.".to_owned(),
        objection: None,
    };
    let late = say(&site, id, other, late).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    for sql in [
        "UPDATE ranking_snapshots SET body = '{}'",
        "DELETE FROM ranking_snapshots",
        "UPDATE ranking_adjustments SET delta = 5",
        "DELETE FROM ranking_adjustments",
    ] {
        let tried = site.db.write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(sql).await?;
                Ok(())
            })
        });
        assert!(tried.await.is_err(), "{sql}");
    }
    // The signature is the site's own, and of these bytes alone.
    let stored = snapshot::find(site.db.reader(), id)
        .await
        .expect("reads")
        .expect("kept");
    let key = site.key.public_key();
    assert!(key.verify(&stored.signed_bytes(), &stored.signature));
    let mut forged = stored.clone();
    forged.body = forged.body.replace("xã Kon Braih", "xã Khác");
    assert!(forged.board().is_err());

    // The next period stands on the new scheme, the old one on its own.
    let next = Span::of(Kind::Month, 2026, 11).expect("a span");
    let next = period::open(&site, next, &Actor::CommandLine)
        .await
        .expect("opened");
    assert_eq!(board(&site, next).await.scheme.version, "tinh-2027");
    assert_eq!(board(&site, id).await.scheme.version, "lien-cong-2026.1");
    period::publish(&site, id, &Actor::CommandLine)
        .await
        .expect("published");
}

#[tokio::test]
async fn what_is_due_in_these_days_is_reminded_of_until_it_is_made() {
    let site = hub().await;
    let one = member(&site, "xã Kon Braih", "xa", 18_912).await;
    let reminders = async || {
        collect::calendar::reminders(&site)
            .await
            .expect("reminders")
    };
    for (today, due) in [
        (
            "2026-10-08T08:00",
            vec!["Danh mục đã công khai trong quý, hạn 07/10/2026"],
        ),
        (
            "2026-10-12T08:00",
            vec![
                "Danh mục đã công khai trong quý, hạn 07/10/2026",
                "Công khai tình hình thực hiện dự toán quý, hạn 15/10/2026",
            ],
        ),
        ("2026-11-23T08:00", vec![]),
    ] {
        site.clock.set(at(today));
        let found = reminders().await.remove(&one.unit).unwrap_or_default();
        assert_eq!(found, due, "{today}");
    }
    site.clock.set(at("2026-10-12T08:00"));
    let made = entry(
        one,
        "article",
        "Công khai ngân sách quý III",
        at("2026-10-11T08:00"),
    );
    hold(&site, vec![made.section("ngan-sach")]).await;
    let found = reminders().await.remove(&one.unit).unwrap_or_default();
    assert_eq!(found, ["Danh mục đã công khai trong quý, hạn 07/10/2026"]);
}

#[tokio::test]
async fn a_version_is_never_loaded_over_another() {
    let site = hub().await;
    let text = Scheme::built_in().expect("it reads").1.to_owned();
    let add = |text: String| {
        site.db.write(move |tx| {
            Box::pin(async move { version::add(tx, &text, "Y Thử", &Actor::CommandLine, 1).await })
        })
    };
    add(text.clone()).await.expect("loaded");
    for again in [text.clone(), text.replace("from = 90", "from = 95")] {
        match add(again).await {
            Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, "file"),
            other => panic!("{other:?}"),
        }
    }
}
