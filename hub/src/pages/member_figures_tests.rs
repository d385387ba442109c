//! Every figure of the table of members, above it, and on the page of one is counted once more, row by row, by plain
//! questions that share nothing with how the table is read.

use super::desk_testing::Province;
use super::member_columns::Column;
use super::{member, members};
use crate::members::note;
use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use shared::accounts::told as told_accounts;
use shared::backup::run::Report;
use shared::citizens::told::{self, Owed};
use shared::clock::from_millis;
use shared::directory::contact_record::{self, Contact};
use shared::directory::site_record;
use shared::entries::kinds::day_number;
use shared::log::Lane;
use shared::pages::cards;
use shared::pages::view::LinkState;
use shared::sync::cursor::{self, Direction};
use shared::sync::outgoing::Share;
use shared::testing::press;
use shared::vietnamese::{self, grouped};
use uuid::Uuid;

const NAMES: [&str; 7] = [
    "xã Kon Braih",
    "xã Đăk Kôi",
    "xã Măng Bút",
    "xã Măng Đen",
    "xã Đăk Rve",
    "phường Kon Tum",
    "xã Ya Ly",
];
/// States of a refusal, and whether somebody has to look at it.
const REFUSALS: [(&str, bool); 5] = [
    ("open", true),
    ("wanted", true),
    ("dismissed", false),
    ("settled", false),
    ("untold", false),
];

/// A member, and what was put down about it.
struct Subject {
    site: Uuid,
    unit: Uuid,
    name: &'static str,
}

/// `id` as SQLite writes it.
fn blob(id: Uuid) -> String {
    format!("X'{}'", id.simple())
}

async fn run(tx: &DatabaseTransaction, statement: String) {
    let done = tx.execute_unprepared(&statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Puts down a lot about each of some members, each time something else.
async fn furnish(province: &Province, chance: &mut StdRng) -> Vec<Subject> {
    let site = &province.site;
    let now = site.clock.now();
    let mut subjects = Vec::new();
    for (number, name) in (0..).zip(NAMES) {
        let heard = [5, 200, 3_600][number % 3];
        let id = province.member(name, &format!("m{number}"), heard).await;
        if chance.random_bool(0.5) {
            province.acknowledges(id).await;
        }
        let record = site_record::find(site.db.reader(), id).await;
        let unit = record.expect("reads").expect("the member").unit_id;
        subjects.push(Subject {
            site: id,
            unit,
            name,
        });
        for entry in 0..chance.random_range(0..5) {
            let entry = press::article(&format!("Bài {entry} của {name}"))
                .publish(site)
                .await;
            let age = TimeDelta::hours(chance.random_range(0..24 * 60));
            let at = (now - age).timestamp_millis();
            let state = ["live", "live", "withdrawn"][chance.random_range(0..3)];
            let moved = format!(
                "UPDATE entries SET unit_id = {}, published_at = {at}, state = '{state}' WHERE entry_id = {}",
                blob(unit),
                blob(entry)
            );
            write(province, vec![moved]).await;
        }
        let open = chance.random_range(0..40);
        let owed = Owed {
            open,
            late: chance.random_range(0..=open),
        };
        let says_cases = chance.random_bool(0.8);
        let contact = Contact {
            responsible: Some(format!("Y Mẫu {number}")),
            phone: Some(format!("0900 000 00{number}")),
            ..Contact::default()
        };
        let kept = note::Model {
            site_id: id,
            note: Some(format!("Ghi chú {number}")),
            ..note::Model::default()
        };
        let mut inward = Vec::new();
        for lane in Lane::ALL {
            let position = chance.random_range(0..50);
            inward.push(cursor::Model {
                site_id: id,
                direction: Direction::In.as_str().to_owned(),
                lane: lane.as_str().to_owned(),
                stream_id: Uuid::from_u128(7),
                position,
                given_at: None,
                head: position + chance.random_range(0..3),
                updated_at: (now - TimeDelta::hours(3)).timestamp_millis(),
            });
        }
        let mut plain = vec![format!(
            "UPDATE peers SET clock_skew_ms = {} WHERE site_id = {}",
            chance.random_range(-120_000..120_000),
            blob(id)
        )];
        let today = vietnamese::local(now).date_naive();
        for day in 0..chance.random_range(0..45) {
            let day = day_number(today - Days::new(day));
            let views = chance.random_range(1..5_000);
            plain.push(format!(
                "INSERT INTO view_days (site_id, day, views) VALUES ({}, {day}, {views})",
                blob(id)
            ));
        }
        for _ in 0..chance.random_range(0..6) {
            let (state, _) = REFUSALS[chance.random_range(0..REFUSALS.len())];
            plain.push(format!(
                "INSERT INTO refusals (site_id, direction, seq, reason, detail, head, at, state, software, tries) \
                 VALUES ({}, 'in', 1, 'malformed', 'x', '{{', 1, '{state}', '', 0)",
                blob(id)
            ));
        }
        if chance.random_bool(0.7) {
            let at = (now - TimeDelta::hours(chance.random_range(1..90))).timestamp_millis();
            plain.push(format!(
                "INSERT INTO vaults (site_id, snapshot_at) VALUES ({}, {at})",
                blob(id)
            ));
        }
        if chance.random_bool(0.7) {
            let at = (now - TimeDelta::hours(chance.random_range(1..90))).timestamp_millis();
            plain.push(format!(
                "INSERT INTO comparisons (site_id, agreed_at, compared_at, rounds, missed_in, missed_out, damaged) \
                 VALUES ({}, {at}, {at}, 1, {}, {}, {})",
                blob(id),
                chance.random_range(0..3),
                chance.random_range(0..3),
                chance.random_range(0..2),
            ));
        }
        let done = site.db.write(move |tx| {
            Box::pin(async move {
                if says_cases {
                    told::put(tx, id, owed, 1).await?;
                }
                contact_record::put(tx, id, &contact, 1).await?;
                note::put(tx, kept).await?;
                for cursor in inward {
                    cursor::set(tx, cursor).await?;
                }
                for statement in plain {
                    run(tx, statement).await;
                }
                Ok(())
            })
        });
        done.await.expect("put down");
    }
    subjects
}

async fn write(province: &Province, statements: Vec<String>) {
    let done = province.site.db.write(move |tx| {
        Box::pin(async move {
            for statement in statements {
                run(tx, statement).await;
            }
            Ok(())
        })
    });
    done.await.expect("written");
}

/// The numbers of the first row of an answer; none where there is no row or nothing in it.
async fn asked(province: &Province, question: &str) -> Vec<Option<i64>> {
    let db = province.site.db.reader();
    let statement = Statement::from_string(db.get_database_backend(), question);
    let rows = db.query_all_raw(statement).await;
    let rows = rows.unwrap_or_else(|error| panic!("{question}: {error}"));
    let Some(row) = rows.first() else {
        return vec![None; 4];
    };
    let columns = 0..row.column_names().len();
    columns
        .map(|column| row.try_get_by_index(column).expect("a number"))
        .collect()
}

async fn number(province: &Province, question: &str) -> Option<i64> {
    asked(province, question).await[0]
}

/// The first moment of the month in Vietnam.
fn begin_of_month(now: DateTime<Utc>) -> i64 {
    let today = vietnamese::local(now).date_naive();
    let first = today.with_day(1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let first = first.and_then(vietnamese::from_local);
    first.expect("a first day").timestamp_millis()
}

fn moment(at: Option<i64>, none: &str) -> String {
    at.map_or(none.to_owned(), |at| cards::moment(at).text)
}

/// What `column` is to say of `subject`, counted row by row.
async fn expected(province: &Province, subject: &Subject, column: Column) -> String {
    let (site, unit) = (blob(subject.site), blob(subject.unit));
    let now = province.site.clock.now();
    let ask = async |question: String| number(province, &question).await;
    match column {
        Column::ToMember => match waiting(province, subject).await {
            0 => "đã đủ".to_owned(),
            items => format!("còn {} mục", grouped(items)),
        },
        Column::FromMember => {
            let question = format!(
                "SELECT SUM(head - position) FROM cursors WHERE direction = 'in' AND site_id = {site}"
            );
            match ask(question).await.unwrap_or_default() {
                0 => "đã đủ".to_owned(),
                behind => format!("còn {} mục", grouped(behind)),
            }
        }
        Column::Contact => {
            let question = format!("SELECT last_contact_at FROM peers WHERE site_id = {site}");
            moment(ask(question).await, "chưa lần nào")
        }
        Column::Silence => {
            let question = format!(
                "SELECT MAX(published_at) FROM entries WHERE state = 'live' AND unit_id = {unit}"
            );
            let newest = ask(question).await;
            newest.map_or("chưa có".to_owned(), |at| {
                vietnamese::date(from_millis(at))
            })
        }
        Column::Month => grouped(month(province, subject).await),
        Column::Quota => {
            let written = format!(
                "SELECT COUNT(*) FROM entries WHERE state = 'live' AND unit_id = {unit} AND published_at >= {} \
                 AND kind IN ('article', 'notice') AND source IS NULL",
                begin_of_month(now)
            );
            let written = ask(written).await.expect("a count");
            // As hub/data/ranking.toml expects of a ward and of a commune.
            let quota = if subject.name.starts_with("phường") {
                20
            } else {
                12
            };
            format!("{}/{quota}", grouped(written))
        }
        Column::Cases => {
            let question = format!("SELECT open FROM told_cases WHERE site_id = {site}");
            let open = ask(question).await;
            open.map_or("chưa báo".to_owned(), |open| {
                format!("{} chờ trả lời", grouped(open))
            })
        }
        Column::Views => {
            let today = vietnamese::local(now).date_naive();
            let first = day_number(today.with_day(1).expect("a first day"));
            let today = day_number(today);
            let question = format!(
                "SELECT SUM(CASE day WHEN {today} THEN views ELSE 0 END) FROM view_days \
                 WHERE site_id = {site} AND day BETWEEN {first} AND {today}"
            );
            let views = ask(question).await;
            views.map_or("chưa có".to_owned(), |views| {
                format!("hôm nay {}", grouped(views))
            })
        }
        Column::Compared => {
            let rows = format!("SELECT COUNT(*) FROM comparisons WHERE site_id = {site}");
            let none = match ask(rows).await {
                Some(0) => "chưa lần nào",
                _ => "chưa khớp",
            };
            let question = format!("SELECT agreed_at FROM comparisons WHERE site_id = {site}");
            moment(ask(question).await, none)
        }
        Column::Backup => {
            let question = format!("SELECT snapshot_at FROM vaults WHERE site_id = {site}");
            moment(ask(question).await, "chưa lần nào")
        }
        Column::Drill => "chưa lần nào".to_owned(),
        Column::Version => "lien-cong/0.1.0".to_owned(),
        Column::Clock => {
            let question = format!("SELECT clock_skew_ms FROM peers WHERE site_id = {site}");
            let skew = ask(question).await.expect("it was put down");
            match skew.abs() {
                ..=30_000 => "đúng".to_owned(),
                _ => {
                    let way = if skew > 0 { "nhanh" } else { "chậm" };
                    let by = TimeDelta::milliseconds(skew.abs());
                    let by = match by.num_seconds() {
                        seconds @ ..60 => format!("{seconds} giây"),
                        _ => vietnamese::ago(by),
                    };
                    format!("{way} {by}")
                }
            }
        }
        Column::Refused => {
            let standing = REFUSALS.iter().filter(|(_, stands)| *stands);
            let standing: Vec<String> = standing.map(|(name, _)| format!("'{name}'")).collect();
            let question = format!(
                "SELECT COUNT(*) FROM refusals WHERE site_id = {site} AND state IN ({})",
                standing.join(", ")
            );
            grouped(ask(question).await.expect("a count"))
        }
        Column::Owner => format!("Y Mẫu {}", place_of(subject)),
        Column::Note => format!("Ghi chú {}", place_of(subject)),
    }
}

fn place_of(subject: &Subject) -> usize {
    let place = NAMES.iter().position(|name| *name == subject.name);
    place.expect("one of them")
}

/// What of ours waits for it, as its own link counts it.
async fn waiting(province: &Province, subject: &Subject) -> i64 {
    let (db, site) = (province.site.db.reader(), &province.site);
    let share = Share::of(site, subject.site, false).await;
    let share = share.expect("its share");
    let mut items = 0;
    for lane in Lane::ALL {
        let cursor = cursor::get(db, subject.site, Direction::Out, lane).await;
        let after = cursor.expect("reads").position_in(site.stream_id());
        let lag = share.lag(db, lane, after).await.expect("reads");
        items += i64::try_from(lag.waiting).expect("a count");
    }
    items
}

async fn month(province: &Province, subject: &Subject) -> i64 {
    let question = format!(
        "SELECT COUNT(*) FROM entries WHERE state = 'live' AND unit_id = {} AND published_at >= {}",
        blob(subject.unit),
        begin_of_month(province.site.clock.now())
    );
    number(province, &question).await.expect("a count")
}

/// What the cell of `column` says in the row of `member`, without what stands smaller below it.
fn cell(page: &str, member: Uuid, column: Column) -> &str {
    let link = format!("<a href=\"{}\"", member::path_of(member));
    let row = &page[page.find(&link).expect("its row")..];
    let row = &row[..row.find("<tr>").or(row.find("</tbody>")).expect("its end")];
    let class = format!("<td class=\"c-{}", column.code());
    let cell = &row[row.find(&class).expect("its cell")..];
    let text = &cell[cell.find('>').expect("a tag") + 1..];
    let end = text.find(['<', '\n']).unwrap_or(text.len());
    text[..end].trim()
}

#[tokio::test]
async fn every_figure_of_the_table_is_counted_again_row_by_row() {
    for seed in [1, 2, 3] {
        let mut chance = StdRng::seed_from_u64(seed);
        let province = Province::found().await;
        let subjects = furnish(&province, &mut chance).await;
        province.looks().await;
        let all: Vec<String> = Column::ALL
            .iter()
            .map(|column| format!("cot={}", column.code()))
            .collect();
        let page = province
            .page(&format!("{}?{}", members::PATH, all.join("&")))
            .await;
        for subject in &subjects {
            let own = province.page(&member::path_of(subject.site)).await;
            let question = format!(
                "SELECT COUNT(*) FROM cursors WHERE direction = 'in' AND head > position AND site_id = {}",
                blob(subject.site)
            );
            let lanes_behind = number(&province, &question).await.expect("a count");
            let told = own.matches("mục cũ nhất chờ ít nhất 3 giờ").count();
            let expected_lines = match lanes_behind {
                0 => 0,
                lanes => 1 + usize::try_from(lanes).expect("few"),
            };
            assert_eq!(told, expected_lines, "each lane, and both together");
            for column in Column::ALL {
                let wanted = expected(&province, subject, column).await;
                let said = cell(&page, subject.site, column);
                assert_eq!(said, wanted, "{column:?} of {}, seed {seed}", subject.name);
                assert!(own.contains(&wanted), "{column:?} of {}", subject.name);
            }
        }
        above(&province, &subjects, &page).await;
    }
}

/// What stands above the table: sums over all members, and how many are in which state.
async fn above(province: &Province, subjects: &[Subject], page: &str) {
    let seen = province.watch.seen(&province.site).await.expect("seen");
    let mut waits = 0;
    let mut this_month = 0;
    for subject in subjects {
        waits += waiting(province, subject).await;
        this_month += month(province, subject).await;
    }
    let cases = asked(province, "SELECT SUM(open), SUM(late) FROM told_cases").await;
    let in_state = |state: LinkState| {
        let members = seen.members.iter().filter(|member| member.state == state);
        i64::try_from(members.count()).expect("a count")
    };
    // Who was heard of within the usual time and lacks nothing for long is in touch: by what was put down alone.
    let heard = "SELECT COUNT(*) FROM peers WHERE role = 'member' AND last_contact_at < ";
    let lost_before = (province.site.clock.now() - TimeDelta::minutes(15)).timestamp_millis();
    let lost = number(province, &format!("{heard}{lost_before}")).await;
    assert_eq!(Some(in_state(LinkState::Lost)), lost);
    for (value, label) in [
        (i64::try_from(subjects.len()).expect("few"), "đơn vị"),
        (in_state(LinkState::Online), "đang trực tuyến"),
        (waits, "mục đang chờ các đơn vị nhận"),
        (this_month, "tin, bài, văn bản trong tháng"),
        (
            cases[0].unwrap_or_default(),
            "câu hỏi, phản ánh chờ trả lời",
        ),
        (cases[1].unwrap_or_default(), "câu hỏi, phản ánh quá hạn"),
    ] {
        let figure = format!(
            "<strong data-live-figure>{}</strong> {label}",
            grouped(value)
        );
        assert!(page.contains(&figure), "{figure}");
    }
}

#[tokio::test]
async fn no_figure_is_older_than_it_says() {
    let province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 5).await;
    province.looks().await;
    let looked = province.site.clock.now();
    let said = |at: DateTime<Utc>| {
        let at = vietnamese::local(at).format("%H:%M:%S");
        format!(">{at}</time>")
    };
    // Nobody looks for a while: the pages go on saying when that was.
    province.site.clock.set(looked + TimeDelta::minutes(3));
    for path in [members::PATH.to_owned(), member::path_of(member)] {
        let page = province.page(&path).await;
        let head = &page[page.find("Số liệu lúc").expect("it says when")..];
        let head = &head[..head.find("</p>").expect("its end")];
        assert!(head.contains(&said(looked)), "{path}: {head}");
        assert!(head.contains("tin, bài đếm lại mỗi phút"), "{path}: {head}");
    }
    province.looks().await;
    let page = province.page(members::PATH).await;
    assert!(page.contains(&said(looked + TimeDelta::minutes(3))));
}

/// What a member says of its backups is shown with the times it says.
#[tokio::test]
async fn a_proved_restore_is_the_one_the_member_told_of() {
    let province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 5).await;
    let now = province.site.clock.now();
    let mut report = Report::default();
    report.drill.good_at = Some(now - TimeDelta::days(3));
    report.backup.good_at = Some(now - TimeDelta::hours(7));
    let report = serde_json::to_string(&report)
        .expect("JSON")
        .replace('\'', "''");
    let put = format!(
        "INSERT INTO vaults (site_id, report) VALUES ({}, '{report}')",
        blob(member)
    );
    write(&province, vec![put]).await;
    province.looks().await;
    let page = province
        .page(&format!("{}?cot=sao-luu&cot=dien-tap", members::PATH))
        .await;
    for (column, at) in [
        (Column::Backup, now - TimeDelta::hours(7)),
        (Column::Drill, now - TimeDelta::days(3)),
    ] {
        let wanted = cards::moment(at.timestamp_millis()).text;
        assert_eq!(cell(&page, member, column), wanted, "{column:?}");
    }
}

#[tokio::test]
async fn how_many_may_work_at_a_member_is_what_it_told() {
    let province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 5).await;
    let path = member::path_of(member);
    province.looks().await;
    assert!(
        !province.page(&path).await.contains("người duyệt"),
        "it told nothing yet"
    );
    let at = province.site.clock.now() - TimeDelta::hours(2);
    for (approvers, class) in [(1, "1 người duyệt"), (0, "0 người duyệt")] {
        let told = told_accounts::Standing {
            active: 3,
            approvers,
            admins: 1,
            last_sign_in: Some(at),
        };
        let done = province.site.db.write(move |tx| {
            Box::pin(async move { told_accounts::put(tx, member, told, 1).await })
        });
        done.await.expect("told");
        let page = province.page(&path).await;
        let said = format!("3 đang dùng, {class}, 1 người quản trị");
        assert!(page.contains(&said), "{page}");
        let signed_in = cards::moment(at.timestamp_millis()).text;
        assert!(page.contains(&format!("đăng nhập gần nhất {signed_in}")));
    }
}
