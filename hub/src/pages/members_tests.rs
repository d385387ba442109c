//! The table of members and the page of one, as a provincial administrator meets them.

use super::desk_testing::Province;
use super::{member, members};
use crate::members::overview::{Member, Overview};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use futures_util::StreamExt;
use sea_orm::{EntityTrait, Set};
use shared::citizens::told::{self, Owed};
use shared::log::Lane;
use shared::pages::view::LinkState;
use shared::sync::cursor::{self, Direction};
use shared::sync::outgoing::Share;
use shared::testing::{self, press};
use tower::ServiceExt;
use uuid::Uuid;

fn find(seen: &Overview, member: Uuid) -> &Member {
    let mut members = seen.members.iter();
    members.find(|one| one.site == member).expect("a member")
}

fn state_of(seen: &Overview, member: Uuid) -> LinkState {
    find(seen, member).state
}

/// The row of `member` on `page`.
fn row_of(page: &str, member: Uuid) -> &str {
    let link = format!("<a href=\"{}\"", member::path_of(member));
    let row = &page[page.find(&link).expect("its row")..];
    let end = row.find("<tr>").or(row.find("</tbody>"));
    &row[..end.expect("its end")]
}

#[tokio::test]
async fn the_table_says_of_each_member_how_it_is_and_the_troubled_ones_come_first() {
    let province = Province::found().await;
    let well = province.member("xã Kon Braih", "konbraih", 5).await;
    let lost = province.member("xã Đăk Kôi", "dakkoi", 3_600).await;
    for member in [well, lost] {
        province.acknowledges(member).await;
    }
    let page = province.page(members::PATH).await;
    assert!(row_of(&page, well).contains("Trực tuyến"), "{page}");
    assert!(row_of(&page, well).contains("đã đủ"));
    assert!(row_of(&page, lost).contains("Mất kết nối"));
    let places = [lost, well].map(|member| page.find(&member.to_string()));
    assert!(places[0] < places[1], "the lost one comes first");

    // What waits, and what people wait for.
    let behind = province.member("xã Măng Bút", "mangbut", 5).await;
    province
        .site
        .db
        .write(move |tx| Box::pin(told::put(tx, behind, Owed { open: 5, late: 2 }, 1)))
        .await
        .expect("told");
    province.looks().await;
    let page = province.page(members::PATH).await;
    let row = row_of(&page, behind);
    assert!(row.contains("còn ") && row.contains("mục vừa tới"), "{row}");
    assert!(
        row.contains("5 chờ trả lời") && row.contains("2 quá hạn"),
        "{row}"
    );
    assert!(
        !row_of(&page, well).contains("còn "),
        "what it acknowledged does not wait"
    );

    // One look at all says what a look at each does.
    let seen = province.watch.seen(&province.site).await.expect("seen");
    assert!(seen.members.iter().all(|member| member.since.is_some()));
    for member in [well, lost, behind] {
        let share = Share::of(&province.site, member, false)
            .await
            .expect("its share");
        for (number, lane) in Lane::ALL.into_iter().enumerate() {
            let cursor = cursor::get(province.site.db.reader(), member, Direction::Out, lane).await;
            let after = cursor
                .expect("reads")
                .position_in(province.site.stream_id());
            let lag = share
                .lag(province.site.db.reader(), lane, after)
                .await
                .expect("reads");
            let waiting = find(&seen, member).to_member[number];
            assert_eq!(
                (waiting.items, waiting.oldest),
                (lag.waiting, lag.oldest),
                "{lane}"
            );
        }
    }

    // Narrowed, sorted, with other columns; and the columns are remembered.
    let page = province
        .page("/quan-tri/don-vi?trang-thai=mat-ket-noi")
        .await;
    assert!(page.contains(&lost.to_string()) && !page.contains(&well.to_string()));
    let page = province.page("/quan-tri/don-vi?q=mang+but").await;
    let kept = page.matches("name=\"q\" value=\"mang but\"").count();
    assert_eq!(
        kept, 2,
        "choosing columns leaves the table as narrow as it is"
    );
    assert!(page.contains(&behind.to_string()) && !page.contains(&lost.to_string()));
    let page = province.page("/quan-tri/don-vi?sap-xep=ten").await;
    let order = [lost, well, behind].map(|member| page.find(&member.to_string()));
    assert!(order.is_sorted(), "Đăk Kôi, Kon Braih, Măng Bút");
    let chosen = "/quan-tri/don-vi?cot=gio&cot=phien-ban";
    let answer = testing::get(&province.routes, chosen, Some(&province.admin)).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("ASCII");
    assert!(cookie.starts_with("cot-don-vi=gio.phien-ban; "), "{cookie}");
    let row = row_of(&answer.body, well);
    assert!(row.contains("đúng") && row.contains("lien-cong/0.1.0") && !row.contains("đã đủ"));

    // As files.
    let csv = province
        .page("/quan-tri/don-vi/bang.csv?trang-thai=mat-ket-noi")
        .await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "{csv}");
    assert!(
        lines[0].starts_with("\u{feff}Đơn vị,Địa chỉ,Trạng thái,Nhận về"),
        "{csv}"
    );
    assert!(
        lines[1].starts_with("Xã Đăk Kôi,https://dakkoi.example,Mất kết nối,"),
        "{csv}"
    );
    let request = Request::get("/quan-tri/don-vi/bang.xlsx")
        .header(header::COOKIE, province.admin.cookie.clone())
        .body(Body::empty())
        .expect("a request");
    let answer = province
        .routes
        .clone()
        .oneshot(request)
        .await
        .expect("an answer");
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .expect("a file");
    assert!(bytes.starts_with(b"PK"), "a workbook is a zip archive");
}

#[tokio::test]
async fn two_hundred_members_are_light_and_more_are_paged() {
    let province = Province::found().await;
    for number in 0..=200 {
        province
            .member(&format!("xã Đăk Kôi {number}"), &format!("xa-{number}"), 5)
            .await;
    }
    let page = province.page(members::PATH).await;
    assert_eq!(
        page.matches("<tr><th scope=\"row\">").count(),
        members::ROWS
    );
    assert!(page.len() <= 150 * 1024, "{} bytes", page.len());
    let rest = province.page("/quan-tri/don-vi?trang=2").await;
    assert_eq!(rest.matches("<tr><th scope=\"row\">").count(), 1);
}

#[tokio::test]
async fn the_table_is_kept_up_to_date_and_says_who_is_in_another_state() {
    let province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 5).await;
    province.acknowledges(member).await;
    province.looks().await;
    let mut events = province.follows().await;
    let later = province.site.clock.now() + TimeDelta::minutes(4);
    province.site.clock.set(later);
    province.looks().await;
    let event = events.next().await.expect("an event").expect("bytes");
    let event = String::from_utf8(event.to_vec()).expect("text");
    assert!(event.starts_with("event: rows\n"), "{event}");
    let data = event
        .lines()
        .find_map(|line| line.strip_prefix("data: "))
        .expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["said"], "Xã Kon Braih: Trễ.");
    let rows = data["rows"].as_array().expect("rows");
    let path = member::path_of(member);
    let row = rows.iter().find(|row| row[0] == path.as_str());
    let html = row.and_then(|row| row[1].as_str()).expect("its row");
    assert!(html.starts_with("<tr>") && html.contains("Trễ"), "{html}");
    // A member more is another table.
    province.member("xã Đăk Kôi", "dakkoi", 5).await;
    province.looks().await;
    let event = events.next().await.expect("an event").expect("bytes");
    assert!(event.starts_with(b"event: again\n"), "{event:?}");
    assert!(events.next().await.is_none(), "and the stream ends");
    // So it does when the hub stops, which waits for nobody who only looks.
    let mut events = province.follows().await;
    province.shutdown.trigger();
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_member_has_a_page_with_its_course_and_what_the_province_settles() {
    let province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 5).await;
    province.acknowledges(member).await;
    province.looks().await;
    let now = province.site.clock.now();
    province.site.clock.set(now + TimeDelta::minutes(20));
    province.looks().await;
    let path = member::path_of(member);
    let page = province.page(&path).await;
    for said in [
        "Mất kết nối",
        "Chạy lien-cong/0.1.0",
        "Tỉnh gửi đơn vị",
        "90 ngày qua",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(page.matches("<li class=\"day-").count(), 90);
    assert!(
        page.contains("class=\"day-online\""),
        "today it was in touch for twenty minutes"
    );

    // It may be silent longer from now on, and is then in touch again.
    let fields = |action: &'static str, grace: &'static str| {
        [
            ("action", action),
            ("grace", grace),
            ("silent_days", ""),
            ("note", "Hay mất điện."),
        ]
    };
    let answer = testing::post(
        &province.routes,
        &path,
        Some(&province.admin),
        &fields("note", "x"),
    )
    .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("Hãy nhập một số từ 1 đến 1.440"),
        "{}",
        answer.body
    );
    let answer = testing::post(
        &province.routes,
        &path,
        Some(&province.admin),
        &fields("note", "60"),
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = province.page(&path).await;
    assert!(
        page.contains("Hay mất điện.") && page.contains("Trực tuyến"),
        "{page}"
    );

    for (action, state) in [
        ("suspend", LinkState::Paused),
        ("resume", LinkState::Online),
    ] {
        let answer = testing::post(
            &province.routes,
            &path,
            Some(&province.admin),
            &fields(action, ""),
        )
        .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let seen = province.watch.seen(&province.site).await.expect("seen");
        assert_eq!(state_of(&seen, member), state, "{action}");
    }
    let unknown = member::path_of(Uuid::from_u128(9));
    let answer = testing::get(&province.routes, &unknown, Some(&province.admin)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn figures_are_those_of_the_rows_they_count() {
    let province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 5).await;
    let record = shared::directory::site_record::find(province.site.db.reader(), member).await;
    let unit = record.expect("reads").expect("the member").unit_id;
    for number in 0..3 {
        let entry = press::article(&format!("Bài số {number}"))
            .publish(&province.site)
            .await;
        use sea_orm::{ColumnTrait, QueryFilter};
        use shared::entries::record::{ActiveModel, Column, Entity};
        let age = TimeDelta::days(20 * number);
        let moved = ActiveModel {
            unit_id: Set(unit),
            published_at: Set((province.site.clock.now() - age).timestamp_millis()),
            ..Default::default()
        };
        province
            .site
            .db
            .write(move |tx| {
                Box::pin(async move {
                    Entity::update_many()
                        .set(moved)
                        .filter(Column::EntryId.eq(entry))
                        .exec(tx)
                        .await?;
                    Ok(())
                })
            })
            .await
            .expect("moved");
    }
    let seen = province.watch.look(&province.site).await.expect("a look");
    let content = &find(&seen, member).content;
    // Today, twenty days ago (on the 3rd of the month), and forty days ago.
    assert_eq!((content.month, content.learned), (2, 3));
    assert_eq!(
        content.newest.as_ref().map(|(title, ..)| title.as_str()),
        Some("Bài số 0")
    );
    assert_eq!(content.silent_days, Some(0));
    let page = province.page(members::PATH).await;
    assert!(
        page.contains("<strong data-live-figure>2</strong> tin, bài, văn bản trong tháng"),
        "{page}"
    );
}
