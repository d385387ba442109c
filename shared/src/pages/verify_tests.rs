//! What somebody learns who asks whether an entry is as it was signed.

use super::tests::{HOST, Reader, neighbour, reader};
use crate::directory::cover::Through;
use crate::directory::{Cut, key_record, revocation, site_record};
use crate::entries::{Mode, Placing, placement, record};
use crate::log::{content, event};
use crate::testing::press::{self, article, document};
use axum::http::{StatusCode, header};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

const GOOD: &str = "<h2>Đúng từng chữ</h2>";

/// A site that knows its own key, as every site does that was founded or joined.
async fn known_reader() -> Reader {
    let reader = reader().await;
    press::introduce(&reader.site, &reader.site).await;
    reader
}

async fn verified(reader: &Reader, id: Uuid) -> String {
    let answer = reader.open(&super::verify::path_of(id)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .body
            .contains("<meta name=\"robots\" content=\"noindex\">")
    );
    answer.body
}

fn file_of(id: Uuid) -> String {
    format!("{}/ban-ky.json", super::verify::path_of(id))
}

/// Shows a copy here that waits in the inbox.
async fn accept(reader: &Reader, id: Uuid, title: Option<&str>) {
    let decision = placement::Decision {
        placing: Placing::Shown,
        by: Uuid::now_v7(),
        section: None,
        title: title.map(str::to_owned),
        lead: None,
        featured: false,
        reason: None,
    };
    let db = &reader.site.db;
    db.write(move |tx| Box::pin(async move { placement::decide(tx, id, decision, 0).await }))
        .await
        .expect("decided");
}

#[tokio::test]
async fn whoever_reads_can_verify_and_keep_the_signed_original() {
    let reader = known_reader().await;
    let id = article("Vụ cà phê mới").publish(&reader.site).await;
    reader.later();
    article("Vụ cà phê mới, đã sửa")
        .revise(&reader.site, id, 2)
        .await;
    let path = super::verify::path_of(id);

    let page = reader.open(&reader.path_of(id).await).await.body;
    assert!(page.contains(&format!(
        "href=\"{path}\" data-element=\"verify-link\">Xác minh</a>"
    )));
    assert!(page.contains("<strong>Xã Kon Braih</strong>"));
    assert!(page.contains(&format!("hoặc mở https://{HOST}{path}<")));
    assert!(page.contains("aria-hidden=\"true\"><path stroke=\"#000\" d=\"M4 4.5h7"));

    let page = verified(&reader, id).await;
    let key = reader.site.key.id().to_string();
    for part in [
        GOOD,
        "Bài này do Xã Kon Braih ký và đăng",
        "<dd>Sửa bài đã đăng</dd>",
        "<dt>Bản thứ</dt><dd>2</dd>",
        "<dd>23/11/2026 12:01 (theo đồng hồ của trang ký)</dd>",
        "Khóa của trang ký, dùng từ 23/11/2026",
        &key,
        "Kiểm tra lúc",
        &file_of(id),
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    assert_eq!(
        reader.open(&format!("/xac-minh/{id}")).await.status,
        StatusCode::OK,
        "an id with hyphens is the same id"
    );

    let file = reader.open(&file_of(id)).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/feed+json");
    let tag = file.headers[header::ETAG].to_str().expect("ASCII");
    let again = reader
        .open_with(&file_of(id), &[(header::IF_NONE_MATCH, tag)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let file: Value = serde_json::from_str(&file.body).expect("JSON");
    assert_eq!(file["items"][0]["title"], "Vụ cà phê mới, đã sửa");
    assert_eq!(file["items"][0]["_lien_cong"]["header"]["key"], key);
    assert_eq!(
        file["_lien_cong"]["sites"][0]["base_url"],
        format!("https://{HOST}")
    );

    let id = document("184/QĐ-UBND", "Quy chế")
        .publish(&reader.site)
        .await;
    assert!(verified(&reader, id).await.contains(GOOD));
    let page = reader.open(&reader.path_of(id).await).await.body;
    assert!(
        page.contains("data-element=\"verify-link\"") && page.contains("data-element=\"imprint\"")
    );
}

#[tokio::test]
async fn the_form_takes_whatever_people_paste() {
    let reader = known_reader().await;
    let id = article("Làm đường").publish(&reader.site).await;
    let path = reader.path_of(id).await;
    let empty = reader.open("/xac-minh").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.body.contains("name=\"dia-chi\""));
    for typed in [format!("https://{HOST}{path}"), path, id.to_string()] {
        let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let answer = reader.open(&format!("/xac-minh?dia-chi={query}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{typed}");
        assert_eq!(answer.location(), super::verify::path_of(id));
    }
    let answer = reader.open("/xac-minh?dia-chi=%3Cscript%3E").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("Không thấy mã bài") && !answer.body.contains("<script>\""));
    let unknown = Uuid::now_v7();
    let answer = reader.open(&format!("/xac-minh?dia-chi={unknown}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(
        answer
            .body
            .contains("Trang này không đăng bài nào có địa chỉ đó")
    );
    for path in [
        super::verify::path_of(unknown),
        file_of(unknown),
        "/xac-minh/abc".to_owned(),
    ] {
        assert_eq!(
            reader.open(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_not_shown_here_is_not_known_here() {
    let reader = known_reader().await;
    let origin = neighbour().await;
    press::introduce(&origin, &reader.site).await;
    let id = article("Lễ hội hoa anh đào").publish(&origin).await;
    press::carry(&origin, &reader.site, id, Mode::Suggested).await;
    for path in [super::verify::path_of(id), file_of(id)] {
        assert_eq!(
            reader.open(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    accept(&reader, id, Some("Mời bà con xem hội")).await;

    let page = verified(&reader, id).await;
    assert!(page.contains(GOOD));
    assert!(page.contains("Mời bà con xem hội</a>"));
    assert!(page.contains("Tiêu đề đã ký là: “Lễ hội hoa anh đào”."));
    let at_origin = format!("https://mangden.quangngai.example/xac-minh/{}", id.simple());
    assert!(page.contains(&format!("href=\"{at_origin}\">Xác minh tại trang ký</a>")));
    let page = reader.open(&reader.path_of(id).await).await.body;
    assert!(
        page.contains(&format!("hoặc mở {at_origin}<")),
        "paper leads to the origin"
    );
}

#[tokio::test]
async fn what_was_taken_back_says_so_and_shows_no_word_of_it() {
    let reader = known_reader().await;
    let withdrawn = article("Danh sách có số điện thoại")
        .publish(&reader.site)
        .await;
    press::withdraw(&reader.site, withdrawn, 2).await;
    let recalled = article("Chuyện không nên kể").publish(&reader.site).await;
    press::recall(&reader.site, recalled, 1, "Lộ thông tin cá nhân.").await;
    let cases = [
        (withdrawn, "Bài đã được gỡ", "Đơn vị gỡ bài của mình"),
        (recalled, "Bài đã bị tỉnh thu hồi", "Tỉnh thu hồi bài"),
    ];
    for (id, heading, kind) in cases {
        let page = verified(&reader, id).await;
        let file = reader.open(&file_of(id)).await;
        assert_eq!(file.status, StatusCode::OK);
        for part in [heading, kind, "Đăng lần đầu", "chỉ còn phần đầu có chữ ký"]
        {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        for word in [
            "Danh sách có số",
            "Chuyện không nên",
            "danh-sach",
            "chuyen-khong",
        ] {
            assert!(!page.contains(word) && !file.body.contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn whatever_is_changed_on_the_disk_is_seen() {
    type Change = fn(&Reader, record::Model) -> futures_util::future::BoxFuture<'_, ()>;
    let changes: [(&str, Change); 5] = [
        ("a letter of the words", |reader, entry| {
            Box::pin(async move {
                let hash = entry.content_hash.expect("a content");
                let bytes = content::read(reader.site.db.reader(), &hash)
                    .await
                    .expect("reads");
                let text = String::from_utf8(bytes.expect("words")).expect("UTF-8");
                let bytes = text.replace("làng", "lảng").into_bytes();
                let update = content::Entity::update_many()
                    .col_expr(content::Column::Bytes, Expr::value(Some(bytes)))
                    .filter(content::Column::Hash.eq(hash));
                reader
                    .site
                    .db
                    .write(move |tx| Box::pin(async move { Ok(update.exec(tx).await?) }))
                    .await
                    .expect("changed");
            })
        }),
        ("the header", |reader, entry| {
            Box::pin(async move {
                let events = event::find_many(reader.site.db.reader(), vec![entry.event_id]).await;
                let header = events.expect("reads").remove(0).header;
                let header = header.replace("2026-11-23", "2026-11-22");
                change_header(reader, entry.event_id, header).await;
            })
        }),
        ("the header, beyond reading", |reader, entry| {
            Box::pin(async move { change_header(reader, entry.event_id, "{".to_owned()).await })
        }),
        ("the title pages show", |reader, entry| {
            Box::pin(async move {
                let update = record::Entity::update_many()
                    .col_expr(record::Column::Title, Expr::value("Đường lảng"))
                    .filter(record::Column::Id.eq(entry.id));
                reader
                    .site
                    .db
                    .write(move |tx| Box::pin(async move { Ok(update.exec(tx).await?) }))
                    .await
                    .expect("changed");
            })
        }),
        ("which event it rests on", |reader, entry| {
            Box::pin(async move {
                let other = article("Đường làng khác").publish(&reader.site).await;
                let other = record::find(reader.site.db.reader(), other)
                    .await
                    .expect("reads");
                let event = other.expect("held").event_id;
                let update = record::Entity::update_many()
                    .col_expr(record::Column::EventId, Expr::value(event))
                    .filter(record::Column::Id.eq(entry.id));
                reader
                    .site
                    .db
                    .write(move |tx| Box::pin(async move { Ok(update.exec(tx).await?) }))
                    .await
                    .expect("changed");
            })
        }),
    ];
    for (name, change) in changes {
        let reader = known_reader().await;
        let id = article("Đường làng").publish(&reader.site).await;
        assert!(verified(&reader, id).await.contains(GOOD), "{name}");
        let entry = record::find(reader.site.db.reader(), id)
            .await
            .expect("reads");
        change(&reader, entry.expect("held")).await;
        let page = verified(&reader, id).await;
        assert!(page.contains("Bài không còn như khi ký"), "{name}: {page}");
        assert!(!page.contains("ban-ky.json"), "{name}");
        assert_eq!(
            reader.open(&file_of(id)).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
    }
}

async fn change_header(reader: &Reader, event: i64, header: String) {
    let update = event::Entity::update_many()
        .col_expr(event::Column::Header, Expr::value(header))
        .filter(event::Column::Id.eq(event));
    reader
        .site
        .db
        .write(move |tx| Box::pin(async move { Ok(update.exec(tx).await?) }))
        .await
        .expect("changed");
}

#[tokio::test]
async fn a_revoked_key_is_believed_as_far_as_the_hub_says_and_no_further() {
    let reader = known_reader().await;
    let before = article("Bài trước khi lộ khóa").publish(&reader.site).await;
    let after = article("Bài của kẻ trộm khóa").publish(&reader.site).await;
    let entry = record::find(reader.site.db.reader(), before)
        .await
        .expect("reads");
    let event = entry.expect("held").event_id;
    let event = event::find_many(reader.site.db.reader(), vec![event]).await;
    let event = event.expect("reads").remove(0);
    let cut = Cut {
        since: 1,
        judged_at: 2,
        logs: vec![Through {
            log: event.log_id,
            seq: event.seq,
        }],
        released: Vec::new(),
    };
    let key = reader.site.key.id().to_string();
    let now = reader.site.clock.now().timestamp_millis();
    let db = &reader.site.db;
    db.write(move |tx| {
        Box::pin(async move {
            key_record::revoke(tx, &key, &cut, now).await?;
            revocation::take_effect(tx, &key, now).await
        })
    })
    .await
    .expect("revoked");

    let page = verified(&reader, before).await;
    assert!(page.contains(GOOD), "{page}");
    assert!(page.contains("đã bị thu hồi ngày 23/11/2026; bài này được ký trước khi khóa bị lộ"));
    let page = verified(&reader, after).await;
    assert!(page.contains("<h2>Khóa ký đã bị thu hồi</h2>"), "{page}");
    assert!(page.contains("bài này không còn được tin") && !page.contains("kẻ trộm"));
}

#[tokio::test]
async fn what_a_feed_brought_in_says_who_signed_in_whose_stead() {
    let reader = known_reader().await;
    let hub = neighbour().await;
    press::introduce(&hub, &reader.site).await;
    // The hub's own unit is another than the one it speaks for.
    let mut record = site_record::find(reader.site.db.reader(), hub.id)
        .await
        .expect("reads")
        .expect("known");
    record.unit_id = Uuid::now_v7();
    record.title = "Cổng tỉnh".to_owned();
    let db = &reader.site.db;
    db.write(move |tx| Box::pin(async move { site_record::put(tx, record).await }))
        .await
        .expect("stored");
    let id = article("Tin của trang không ký").publish(&hub).await;
    press::carry(&hub, &reader.site, id, Mode::Mandatory).await;
    let page = verified(&reader, id).await;
    assert!(page.contains("<h2>Đúng từng chữ như đã ký</h2>"), "{page}");
    assert!(page.contains("Cổng tỉnh đã ký bài này thay cho"));
    assert!(page.contains("dùng phần mềm khác và không tự ký bài"));
}
