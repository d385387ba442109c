//! What is done behind the application is noticed, and the row is named.

use super::check::{self, Broken};
use super::*;
use crate::accounts::Role;
use crate::testing::{self, TestSite};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

/// A site with `count` records.
async fn recorded(count: usize) -> TestSite {
    let site = testing::site().await;
    for _ in 0..count {
        note(&site).await;
    }
    site
}

async fn note(site: &Site) {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let subject = Subject::of(Kind::Setting, "cover").change(false, true);
                record(tx, &Actor::System, Action::SettingChanged, subject, now).await
            })
        })
        .await
        .expect("recorded");
}

/// Does `sql` as somebody with the database file does, who first takes the guards away.
async fn behind(site: &Site, sql: &str) {
    let sql =
        format!("DROP TRIGGER audit_records_unchanged; DROP TRIGGER audit_records_kept; {sql}");
    site.db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(&sql).await?;
                Ok(())
            })
        })
        .await
        .expect("done behind the application");
}

async fn broken(site: &Site) -> Option<Broken> {
    check::check(site.db.reader())
        .await
        .expect("checked")
        .broken
}

#[tokio::test]
async fn a_whole_chain_is_found_whole() {
    let site = recorded(5).await;
    let verdict = check::check(site.db.reader()).await.expect("checked");
    assert_eq!((verdict.checked, verdict.broken), (5, None));
    let empty = recorded(0).await;
    assert_eq!(broken(&empty).await, None);
}

#[tokio::test]
async fn whatever_is_done_behind_the_application_is_noticed_and_the_row_named() {
    let cases = [
        (
            "UPDATE audit_records SET login = 'ai.do' WHERE seq = 3",
            Broken::Altered { seq: 3 },
        ),
        (
            "UPDATE audit_records SET at = at + 1 WHERE seq = 3",
            Broken::Altered { seq: 3 },
        ),
        (
            "UPDATE audit_records SET words = 'khac' WHERE seq = 3",
            Broken::Altered { seq: 3 },
        ),
        (
            "DELETE FROM audit_records WHERE seq = 3",
            Broken::Missing { seq: 3 },
        ),
        (
            "DELETE FROM audit_records WHERE seq = 1",
            Broken::Missing { seq: 1 },
        ),
        (
            "DELETE FROM audit_records WHERE seq = 5",
            Broken::Missing { seq: 5 },
        ),
        (
            "UPDATE audit_records SET seq = -1 WHERE seq = 2; \
             UPDATE audit_records SET seq = 2 WHERE seq = 4; \
             UPDATE audit_records SET seq = 4 WHERE seq = -1",
            Broken::Altered { seq: 2 },
        ),
        (
            "UPDATE audit_chain SET head_seq = 4",
            Broken::End { seq: 4 },
        ),
        (
            "INSERT INTO audit_records SELECT 9, at, actor, account_id, login, session, address, port, \
             action, kind, subject, title, before, after, outcome, times, words, previous, digest \
             FROM audit_records WHERE seq = 5",
            Broken::Beyond { seq: 9 },
        ),
    ];
    for (sql, expected) in cases {
        let site = recorded(5).await;
        behind(&site, sql).await;
        let found = broken(&site).await.expect(sql);
        assert_eq!(found.seq(), expected.seq(), "{sql}: {found:?}");
        assert!(found.in_words().contains(&expected.seq().to_string()));
    }
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_or_drop_a_record() {
    let site = recorded(2).await;
    for sql in [
        "UPDATE audit_records SET login = 'ai.do' WHERE seq = 1",
        "DELETE FROM audit_records WHERE seq = 1",
    ] {
        let tried = site.db.write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(sql).await?;
                Ok(())
            })
        });
        assert!(tried.await.is_err(), "{sql}");
    }
    assert_eq!(broken(&site).await, None);
}

#[tokio::test]
async fn what_is_over_its_time_goes_and_the_rest_still_proves_itself() {
    let site = recorded(5).await;
    site.clock
        .advance(std::time::Duration::from_secs(300 * 86_400));
    note(&site).await;
    assert_eq!(
        trim(&site).await.expect("trims"),
        0,
        "nothing is old enough"
    );
    site.clock
        .advance(std::time::Duration::from_secs(110 * 86_400));
    assert_eq!(trim(&site).await.expect("trims"), 5);
    let ends = chain::ends(site.db.reader()).await.expect("ends");
    assert_eq!((ends.anchor.seq, ends.head.seq), (5, 7));
    assert_eq!(broken(&site).await, None);
    assert_eq!(trim(&site).await.expect("trims"), 0);
    behind(&site, "DELETE FROM audit_records WHERE seq = 6").await;
    assert_eq!(broken(&site).await, Some(Broken::Missing { seq: 6 }));
}

#[tokio::test]
async fn an_alarm_is_raised_once_for_what_the_nightly_check_finds() {
    let site = recorded(3).await;
    check::nightly(&site).await.expect("checked");
    let last = check::last(site.db.reader()).await.expect("reads");
    assert_eq!(last.expect("checked").verdict.broken, None);
    behind(&site, "UPDATE audit_records SET title = 'x' WHERE seq = 2").await;
    check::nightly(&site).await.expect("not due");
    for _ in 0..2 {
        site.clock.set(site.clock.now() + TimeDelta::hours(25));
        check::nightly(&site).await.expect("checked");
    }
    let last = check::last(site.db.reader()).await.expect("reads");
    let found = last.expect("checked").verdict.broken;
    assert_eq!(found, Some(Broken::Altered { seq: 2 }));
    let rows = chain::Entity::find().count(site.db.reader()).await;
    assert_eq!(rows.expect("reads"), 4, "and one record tells it");
}

#[tokio::test]
async fn nothing_is_recorded_of_what_was_not_done() {
    let site = testing::site().await;
    let undone = site.db.write(|tx| {
        Box::pin(async move {
            record(tx, &Actor::System, Action::Founded, Subject::none(), 1).await?;
            Err::<(), _>(crate::error::Error::NotFound)
        })
    });
    assert!(undone.await.is_err());
    let ends = chain::ends(site.db.reader()).await.expect("ends");
    assert_eq!(ends.head.seq, 0);
}

#[tokio::test]
async fn a_flood_of_refusals_fills_two_rows_a_minute() {
    let site = testing::site().await;
    let account = testing::account(&site, Role::Editor).await;
    let visitor = Actor::Visitor(Connection {
        address: Some("203.0.113.7".parse().expect("an address")),
        port: Some(51_234),
    });
    for _ in 0..500 {
        let subject = Subject::account(&account);
        refused(&site, &visitor, Action::SignedIn, subject)
            .await
            .expect("counted");
    }
    site.clock.advance(std::time::Duration::from_secs(60));
    write_counted(&site).await.expect("written");
    let rows = chain::Entity::find()
        .all(site.db.reader())
        .await
        .expect("reads");
    let times: Vec<i64> = rows.iter().map(|row| row.times).collect();
    assert_eq!(times, [1, 499]);
    assert_eq!(rows[0].address.as_deref(), Some("203.0.113.7"));
    assert_eq!(rows[0].port, Some(51_234));
    assert_eq!(rows[0].title.as_deref(), Some("editor"));
    assert_eq!(broken(&site).await, None);
}

#[tokio::test]
async fn what_is_exported_proves_itself_and_what_was_changed_in_the_file_is_named() {
    use futures_util::TryStreamExt;
    let site = recorded(7).await;
    let run = export::run(&site, None, None).await.expect("a run");
    let of = |format| export::pieces(std::sync::Arc::clone(&site), run, format);
    let written: Vec<String> = of(export::Format::Jsonl)
        .try_collect()
        .await
        .expect("written");
    let written = written.concat();
    let walk = export::verify(written.as_bytes()).expect("whole");
    assert_eq!((walk.checked(), walk.last().seq), (7, 7));

    let lines: Vec<&str> = written.lines().collect();
    let without = |gone: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone);
        kept.map(|(_, line)| format!("{line}\n"))
            .collect::<String>()
    };
    for (changed, seq) in [
        (without(3), 3),
        (
            written.replace("\"seq\":5,", "\"seq\":5,\"note\":\"x\","),
            5,
        ),
        (written.replacen("\"times\":1", "\"times\":2", 1), 1),
    ] {
        match export::verify(changed.as_bytes()) {
            Err(export::FileError::Broken(broken)) => assert_eq!(broken.seq(), seq),
            other => panic!("{other:?}"),
        }
    }
    assert!(export::verify("{}".as_bytes()).is_err());

    let csv: Vec<String> = of(export::Format::Csv)
        .try_collect()
        .await
        .expect("written");
    let csv = csv.concat();
    assert_eq!(csv.lines().count(), 8);
    assert!(csv.contains("Hệ thống") && csv.contains("Đổi cấu hình"));
}

#[tokio::test]
async fn a_search_forgives_accents_and_narrows_by_group_day_and_outcome() {
    use search::Filter;
    let site = testing::site().await;
    let editor = testing::account(&site, Role::Editor).await;
    let visitor = Actor::Visitor(Connection {
        address: Some("203.0.113.7".parse().expect("an address")),
        port: None,
    });
    let subject = Subject::account(&editor);
    refused(&site, &visitor, Action::SignedIn, subject)
        .await
        .expect("recorded");
    note(&site).await;
    let db = site.db.reader();
    let count = async |filter: Filter| search::count(db, &filter).await.expect("counts");
    let words = |words: &str| Filter {
        words: words.to_owned(),
        ..Filter::default()
    };
    assert_eq!(count(Filter::default()).await, 2);
    assert_eq!(count(words("EDITOR")).await, 1);
    assert_eq!(count(words("203.0.113")).await, 1);
    assert_eq!(count(words("editor khong-co")).await, 0);
    let narrowed = Filter {
        group: Some(Group::Access),
        outcome: Some(chain::Outcome::Refused),
        ..Filter::default()
    };
    assert_eq!(count(narrowed).await, 1);
    let noon = testing::noon().timestamp_millis();
    let tomorrow = Filter {
        from: Some(noon + 1),
        ..Filter::default()
    };
    assert_eq!(count(tomorrow).await, 0);
}

fn routes_of(site: &TestSite) -> axum::Router {
    let all = crate::portal::routes(
        site,
        utoipa_axum::router::OpenApiRouter::new(),
        Default::default(),
    );
    let site = std::sync::Arc::clone(site);
    all.layer(axum::middleware::from_fn_with_state(site, trespass::note))
}

#[tokio::test]
async fn the_page_shows_who_did_what_and_only_to_those_who_may_see_it() {
    let site = recorded(1).await;
    let routes = routes_of(&site);
    let auditor = testing::sign_in(&site, Role::Auditor).await;
    let page = testing::get(&routes, "/quan-tri/nhat-ky", Some(&auditor)).await;
    assert!(
        page.body.contains("Đổi cấu hình") && page.body.contains("tắt → bật"),
        "{}",
        page.body
    );
    let file = testing::get(&routes, "/quan-tri/nhat-ky/xuat?dang=jsonl", Some(&auditor)).await;
    assert_eq!(
        export::verify(file.body.as_bytes())
            .expect("whole")
            .checked(),
        1
    );
    let page = testing::get(&routes, "/quan-tri/nhat-ky", Some(&auditor)).await;
    assert!(
        page.body.contains("Xuất nhật ký thao tác"),
        "taking it out is recorded"
    );
    let contributor = testing::sign_in(&site, Role::Contributor).await;
    for path in ["/quan-tri/nhat-ky", "/quan-tri/nhat-ky/xuat?dang=csv"] {
        let refused = testing::get(&routes, path, Some(&contributor)).await;
        assert_eq!(refused.status, axum::http::StatusCode::FORBIDDEN, "{path}");
    }
    write_counted(&site).await.expect("written");
    let page = testing::get(&routes, "/quan-tri/nhat-ky", Some(&auditor)).await;
    assert!(page.body.contains("Dùng chức năng không thuộc quyền"));
}

/// What only its owner may know, as it would look in the record.
const CANARIES: [&str; 6] = [
    "hoàng yến mật khẩu",
    "hoàng yến sai mật khẩu",
    "hoàng yến gõ nhầm ô",
    "hoàng yến tóm tắt chưa đăng",
    "hoàng yến nội dung chưa đăng",
    "hoàng yến tiêu đề chưa đăng",
];

#[tokio::test]
async fn no_password_code_token_or_text_is_ever_in_the_record() {
    let site = testing::site().await;
    let routes = routes_of(&site);
    let editor = testing::sign_in(&site, Role::Editor).await;
    let admin = testing::sign_in(&site, Role::Admin).await;
    let [password, wrong, mistyped, lead, body, title] = CANARIES;
    for (username, password) in [("editor", wrong), (mistyped, password)] {
        let form = [("username", username), ("password", password)];
        testing::post(&routes, "/quan-tri/dang-nhap", None, &form).await;
    }
    let form = [("username", "editor"), ("password", testing::PASSWORD)];
    let signed_in = testing::post(&routes, "/quan-tri/dang-nhap", None, &form).await;
    let cookie = signed_in.headers["set-cookie"].to_str().expect("text");
    let token = cookie.split(['=', ';']).nth(1).expect("a token").to_owned();
    let guest = [
        ("login", "y.thu"),
        ("name", "Y Thử"),
        ("grant", "contributor"),
    ];
    let invited = testing::post(&routes, "/quan-tri/nguoi-dung/moi", Some(&admin), &guest).await;
    let link = invited.body.split("?ma=").nth(1).expect("a link");
    let link = link
        .split(['"', '<', '\n'])
        .next()
        .expect("a token")
        .to_owned();
    let secret = testing::second_factor(&site, admin.account.id).await;
    let admin = testing::sign_in(&site, Role::Admin).await;
    let renewed = [("action", "codes")];
    let path = crate::error::SECOND_FACTOR_PATH;
    let codes = testing::post(&routes, path, Some(&admin), &renewed).await;
    let (_, shown) = codes.body.split_once("\"once\">").expect("codes");
    let (shown, _) = shown.split_once("</code>").expect("an end");
    let codes: Vec<String> = shown.lines().map(str::trim).map(str::to_owned).collect();
    let codes: Vec<String> = codes.into_iter().filter(|code| !code.is_empty()).collect();
    assert!(codes.len() >= 10, "codes for paper are shown");
    let draft = [
        ("kind", "article"),
        ("title", title),
        ("lead", lead),
        ("body", body),
        ("section", "tin-tuc"),
        ("action", "save"),
    ];
    let form = testing::send_in_parts("/quan-tri/bai-viet/moi", Some(&editor), &draft);
    let written = testing::ask(&routes, form).await;
    assert!(written.status.is_redirection(), "{}", written.body);
    site.clock.advance(std::time::Duration::from_secs(60));
    write_counted(&site).await.expect("written");

    let rows = chain::Entity::find().all(site.db.reader()).await;
    let rows = rows.expect("reads");
    let recorded: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    for action in [
        Action::SignedIn,
        Action::AccountInvited,
        Action::RecoveryCodesMade,
        Action::DraftBegun,
    ] {
        assert!(recorded.contains(&action.as_str()), "{recorded:?}");
    }
    let all = rows.iter().map(|row| format!("{row:?}"));
    let all = crate::vietnamese::fold(&all.collect::<String>());
    assert!(all.contains("y.thu"), "what may be there is seen");
    let mut secrets: Vec<String> = CANARIES.map(str::to_owned).to_vec();
    secrets.extend([token, link, editor.csrf.clone(), admin.csrf.clone()]);
    secrets.extend([testing::PASSWORD.to_owned(), format!("{secret:?}")]);
    secrets.extend(codes);
    for secret in secrets {
        let secret = crate::vietnamese::fold(&secret);
        assert!(!all.contains(&secret), "{secret} is in the record");
    }
}
