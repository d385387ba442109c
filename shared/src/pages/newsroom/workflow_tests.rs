use super::tests::{ARTICLE, NEW, newsroom, only_draft, send, with};
use crate::accounts::Role;
use crate::entries::record;
use crate::log::event;
use crate::newsroom::workflow::State;
use crate::newsroom::{draft, lock, notes, versions};
use crate::testing::{self, Answer, SignedIn, TestSite, get, post, press};
use axum::Router;
use axum::http::StatusCode;
use sea_orm::{EntityTrait, PaginatorTrait};
use std::time::Duration;

const SAVE_NEW: &str = "/quan-tri/bai-viet/tu-luu";

async fn published(site: &TestSite) -> u64 {
    let all = event::Entity::find().count(site.db.reader()).await;
    all.expect("counts")
}

async fn found(site: &TestSite, id: uuid::Uuid) -> draft::Model {
    let found = draft::find(site.db.reader(), id).await.expect("reads");
    found.expect("is there")
}

/// An article handed in by a contributor.
async fn handed_in(site: &TestSite, routes: &Router, writer: &SignedIn) -> draft::Model {
    let fields = with(&ARTICLE, &[("action", "submit")]);
    let answer = send(routes, NEW, writer, &fields, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    only_draft(site).await
}

async fn press(
    routes: &Router,
    who: &SignedIn,
    draft: &draft::Model,
    last: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let version = draft.version().to_string();
    let fields = with(&[("revision", version.as_str())], fields);
    let path = format!("/quan-tri/bai-viet/{}/{last}", draft.id);
    post(routes, &path, Some(who), &fields).await
}

#[tokio::test]
async fn nobody_gets_their_own_text_or_an_unread_one_out_by_any_address() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let answer = send(&routes, NEW, &approver, &ARTICLE, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let own = only_draft(&site).await;
    for last in ["dang", "hen-gio"] {
        let answer = press(&routes, &approver, &own, last, &[]).await;
        assert!(answer.status.is_client_error(), "{last}: {}", answer.status);
        let answer = press(&routes, &approver, &own, last, &[("action", "approve")]).await;
        assert!(answer.status.is_client_error(), "{last}: {}", answer.status);
    }
    // Handing it in oneself changes nothing.
    let path = format!("/quan-tri/bai-viet/{}", own.id);
    let version = own.version().to_string();
    let fields = with(&ARTICLE, &[("action", "submit"), ("revision", &version)]);
    send(&routes, &path, &approver, &fields, None).await;
    let own = only_draft(&site).await;
    assert_eq!(own.state(), State::Submitted);
    let answer = press(&routes, &approver, &own, "dang", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("phải do người khác duyệt"));
    let answer = press(&routes, &writer, &own, "dang", &[]).await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "nobody without the right comes so far"
    );
    assert_eq!(published(&site).await, 0);
}

#[tokio::test]
async fn what_is_changed_after_its_approval_has_to_be_approved_again() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let draft = handed_in(&site, &routes, &writer).await;
    let answer = press(&routes, &approver, &draft, "dang", &[("action", "approve")]).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=duyet");
    let approved = only_draft(&site).await;
    assert_eq!(approved.state(), State::Approved);
    assert_eq!(published(&site).await, 0);

    // What is saved by itself does not undo an approval; what a person saves does.
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let version = approved.version().to_string();
    let changed = with(&ARTICLE, &[("body", "Chữ khác."), ("revision", &version)]);
    let answer =
        testing::post_by_script(&routes, &format!("{path}/tu-luu"), &writer, &changed).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.body.contains("\"reason\":\"approved\""),
        "{}",
        answer.body
    );
    send(&routes, &path, &writer, &changed, None).await;
    let edited = only_draft(&site).await;
    assert_eq!(
        (edited.state(), edited.approved_digest.is_none()),
        (State::InEdit, true)
    );
    let answer = press(&routes, &approver, &approved, "dang", &[]).await;
    assert_eq!(
        answer.status,
        StatusCode::CONFLICT,
        "the approved page is an old one"
    );
    assert_eq!(published(&site).await, 0);

    // Approved as it is now, it is published as it is now.
    let answer = press(&routes, &approver, &edited, "dang", &[]).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=dang");
    assert_eq!(only_draft(&site).await.state(), State::Published);
    assert_eq!(published(&site).await, 1);
}

#[tokio::test]
async fn a_time_is_set_changed_and_taken_back() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let draft = handed_in(&site, &routes, &writer).await;
    let question = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let page = get(&routes, &question, Some(&approver)).await;
    assert!(page.body.contains("Duyệt và đăng") && page.body.contains("Hẹn giờ đăng"));
    for (day, time) in [
        ("31/2/2026", "7:00"),
        ("24/11/2026", ""),
        ("22/11/2026", "7:00"),
    ] {
        let fields = [("publish_on", day), ("publish_time", time)];
        let answer = press(&routes, &approver, &draft, "dang", &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{day} {time}"
        );
    }
    let fields = [("publish_on", "24/11/2026"), ("publish_time", "7:00")];
    let answer = press(&routes, &approver, &draft, "dang", &fields).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=hen-gio");
    let set = only_draft(&site).await;
    assert_eq!(set.state(), State::Scheduled);
    let desk = get(&routes, "/quan-tri", Some(&approver)).await;
    assert!(desk.body.contains("Sắp tự đăng") && desk.body.contains("24/11/2026"));
    let fields = [("publish_on", "25/11/2026"), ("publish_time", "7h30")];
    let answer = press(&routes, &approver, &set, "hen-gio", &fields).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=hen-gio");
    let set = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", set.id);
    let version = set.version().to_string();
    let fields = with(
        &ARTICLE,
        &[("revision", &version), ("action", "unschedule")],
    );
    let answer = send(&routes, &path, &approver, &fields, None).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=bo-hen-gio");
    let kept = only_draft(&site).await;
    assert_eq!((kept.state(), kept.publish_at), (State::Approved, None));
    assert_eq!(published(&site).await, 0);
}

#[tokio::test]
async fn a_clock_in_doubt_is_told_and_confirmed_at_the_desk() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    site.timetable.begin(true, 0, Duration::ZERO);
    let page = get(&routes, "/quan-tri", Some(&writer)).await;
    assert!(page.body.contains("Đang chờ xác nhận đồng hồ"));
    assert!(!page.body.contains("Giờ đúng, đăng theo hẹn"));
    let answer = post(&routes, "/quan-tri/dong-ho", Some(&writer), &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let page = get(&routes, "/quan-tri", Some(&approver)).await;
    assert!(page.body.contains("Giờ đúng, đăng theo hẹn"));
    let answer = post(&routes, "/quan-tri/dong-ho", Some(&approver), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(!site.timetable.is_in_doubt());
}

#[tokio::test]
async fn what_is_typed_is_saved_by_itself_once_however_often_it_is_sent() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let id = uuid::Uuid::now_v7().to_string();
    let typing = [
        ("draft", id.as_str()),
        ("kind", "article"),
        ("title", ""),
        ("body", "Sáng nay"),
        ("section", ""),
    ];
    let first = post(&routes, SAVE_NEW, Some(&who), &typing).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let told: serde_json::Value = serde_json::from_str(&first.body).expect("JSON");
    assert_eq!(told["id"], id.as_str());
    assert_eq!(told["address"], format!("/quan-tri/bai-viet/{id}"));
    // The answer was lost on a weak line.
    let typing = with(&typing, &[("body", "Sáng nay, bà con")]);
    let again = post(&routes, SAVE_NEW, Some(&who), &typing).await;
    assert_eq!(again.status, StatusCode::OK);
    let draft = only_draft(&site).await;
    assert_eq!(draft.body, "Sáng nay, bà con");
    let list = get(&routes, "/quan-tri/bai-viet", Some(&who)).await;
    assert!(list.body.contains("(chưa có tiêu đề)"));

    // Typing for a while is one version; the same text is none.
    let address = format!("/quan-tri/bai-viet/{id}/tu-luu");
    let mut version = draft.version().to_string();
    for body in [
        "Sáng nay, bà con ra",
        "Sáng nay, bà con ra đồng",
        "Sáng nay, bà con ra đồng",
    ] {
        site.clock.advance(Duration::from_secs(5));
        let fields = with(&typing, &[("body", body), ("revision", &version)]);
        let answer = post(&routes, &address, Some(&who), &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let told: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        version = told["version"].to_string();
    }
    let kept = versions::of_draft(site.db.reader(), draft.id, 10)
        .await
        .expect("reads");
    assert_eq!(kept.len(), 1);
    assert!(kept[0].autosaved);
    // From an older page nothing is written over.
    let fields = with(&typing, &[("body", "Chữ cũ"), ("revision", "1")]);
    let answer = testing::post_by_script(&routes, &address, &who, &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("\"reason\":\"changed\""));
    let other = testing::sign_in(&site, Role::Auditor).await;
    let answer = post(&routes, &address, Some(&other), &fields).await;
    assert!(answer.status.is_client_error());
    let fields = with(&typing, &[("csrf", "x")]);
    let answer = post(&routes, &address, Some(&who), &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_edits_is_shown_and_a_text_is_taken_over_without_losing_a_word() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let editor = testing::sign_in(&site, Role::Editor).await;
    send(&routes, NEW, &writer, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    get(&routes, &path, Some(&writer)).await;
    let page = get(&routes, &path, Some(&editor)).await;
    assert!(page.body.contains("đang sửa bài này"));
    let version = draft.version().to_string();
    let mine = with(
        &ARTICLE,
        &[("revision", &version), ("body", "Chữ của biên tập viên.")],
    );
    let answer = send(&routes, &path, &editor, &mine, None).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Chữ của biên tập viên."));
    assert!(answer.body.contains("Lấy quyền sửa và lưu"));
    let take = with(&mine, &[("action", "take_over")]);
    let answer = send(&routes, &path, &editor, &take, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    // The other is told when they save, and finds their words again.
    let late = with(
        &ARTICLE,
        &[("revision", &version), ("body", "Chữ của người viết.")],
    );
    let answer = send(&routes, &path, &writer, &late, None).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Chữ của người viết."));
    // A lock ends by itself.
    site.clock.advance(Duration::from_secs(200));
    let held = lock::find(site.db.reader(), draft.id).await.expect("reads");
    let now = site.clock.now().timestamp_millis();
    assert!(!held.expect("is there").bars(writer.account.id, now));
}

#[tokio::test]
async fn versions_are_kept_compared_and_restored() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    send(&routes, NEW, &writer, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let version = draft.version().to_string();
    let second = with(
        &ARTICLE,
        &[("revision", &version), ("title", "Vào vụ cà phê")],
    );
    send(&routes, &path, &writer, &second, None).await;
    let page = get(&routes, &format!("{path}/lich-su"), Some(&writer)).await;
    assert!(page.body.contains("Bản 2") && page.body.contains("Khôi phục bản 1"));
    let page = get(
        &routes,
        &format!("{path}/so-sanh?tu=1&den=2"),
        Some(&writer),
    )
    .await;
    assert!(
        page.body.contains("<del>") && page.body.contains("<ins>"),
        "{}",
        page.body
    );
    let page = get(
        &routes,
        &format!("{path}/so-sanh?tu=1&den=9"),
        Some(&writer),
    )
    .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let now = found(&site, draft.id).await;
    let answer = press(&routes, &writer, &now, "khoi-phuc", &[("number", "1")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let restored = found(&site, draft.id).await;
    assert_eq!(restored.title, "Vào mùa cà phê");
    let kept = versions::of_draft(site.db.reader(), draft.id, 10)
        .await
        .expect("reads");
    assert_eq!(kept.len(), 3, "restored as a new one");
    // Who may not see the draft sees nothing of what it said either.
    let other = testing::sign_in(&site, Role::Admin).await;
    for last in ["lich-su", "so-sanh?tu=1&den=2", "ghi-chu", "xem-thu"] {
        let page = get(&routes, &format!("{path}/{last}"), Some(&other)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{last}");
    }
}

#[tokio::test]
async fn notes_stand_beside_the_text_until_they_are_settled() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let editor = testing::sign_in(&site, Role::Editor).await;
    let draft = handed_in(&site, &routes, &writer).await;
    let answer = press(&routes, &editor, &draft, "ghi-chu", &[("words", " ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("quote", "được mùa"), ("words", "Được bao nhiêu tấn?")];
    let answer = press(&routes, &editor, &draft, "ghi-chu", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let page = get(&routes, &path, Some(&writer)).await;
    assert!(page.body.contains("Được bao nhiêu tấn?"));
    let note = notes::of_draft(site.db.reader(), draft.id)
        .await
        .expect("reads")
        .remove(0);
    let id = note.id.to_string();
    let fields = [("action", "resolve"), ("note", id.as_str())];
    press(&routes, &writer, &draft, "ghi-chu", &fields).await;
    let page = get(&routes, &path, Some(&writer)).await;
    assert!(!page.body.contains("Được bao nhiêu tấn?"));
    let page = get(&routes, &format!("{path}/ghi-chu"), Some(&editor)).await;
    assert!(page.body.contains("Được bao nhiêu tấn?") && page.body.contains("đã xong"));
}

#[tokio::test]
async fn a_preview_is_the_public_page_for_staff_alone() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    send(&routes, NEW, &writer, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}/xem-thu", draft.id);
    let page = get(&routes, &path, Some(&writer)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<strong>được mùa</strong>"));
    assert!(page.body.contains("noindex"));
    assert!(page.body.contains("data-element=\"preview\""), "it says so");
    assert_eq!(page.headers["cache-control"], "no-store");
    let page = get(&routes, &path, None).await;
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "who is not signed in is asked to"
    );
    let entry = record::find(site.db.reader(), draft.entry_id)
        .await
        .expect("reads");
    assert!(entry.is_none(), "looking at it publishes nothing");
}

#[tokio::test]
async fn who_is_alone_publishes_and_the_province_looks_at_it() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Approver).await;
    send(&routes, NEW, &who, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let question = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let page = get(&routes, &question, Some(&who)).await;
    assert!(page.body.contains("tỉnh hậu kiểm trong vòng 24 giờ"));
    press(&routes, &who, &draft, "dang", &[]).await;
    let published = only_draft(&site).await;
    assert!(published.self_approved);
    let desk = get(&routes, "/quan-tri", Some(&who)).await;
    assert!(desk.body.contains("Tỉnh hậu kiểm") && desk.body.contains("Chờ hậu kiểm"));
    let entry = record::find(site.db.reader(), draft.entry_id)
        .await
        .expect("reads");
    let content = record::content_of(site.db.reader(), &entry.expect("is there")).await;
    let content = content.expect("reads").expect("is there");
    assert_eq!(content["_entry"]["self_approved"], true);
}

#[tokio::test]
async fn what_is_put_away_is_in_no_list_but_its_own_and_comes_back() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    send(&routes, NEW, &writer, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let version = draft.version().to_string();
    let fields = with(&ARTICLE, &[("revision", &version), ("action", "archive")]);
    let answer = send(&routes, &path, &writer, &fields, None).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=luu-tru");
    let list = get(&routes, "/quan-tri/bai-viet", Some(&writer)).await;
    assert!(!list.body.contains("Vào mùa cà phê"));
    let list = get(
        &routes,
        "/quan-tri/bai-viet?trang-thai=luu-tru",
        Some(&writer),
    )
    .await;
    assert!(list.body.contains("Vào mùa cà phê"));
    let away = only_draft(&site).await;
    let version = away.version().to_string();
    let fields = with(&ARTICLE, &[("revision", &version), ("action", "unarchive")]);
    send(&routes, &path, &writer, &fields, None).await;
    assert_eq!(only_draft(&site).await.state(), State::Draft);
}

#[tokio::test]
async fn what_is_urgent_goes_ahead_of_all_else_and_does_not_wait_for_an_hour() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let submitted = with(&ARTICLE, &[("action", "submit")]);
    let sent = send(&routes, NEW, &writer, &submitted, None).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let page = get(&routes, &path, Some(&approver)).await;
    assert!(page.body.contains("name=\"urgent\""), "{}", page.body);
    let version = draft.version().to_string();
    let fields = [("revision", version.as_str()), ("urgent", "1")];
    let waits = with(
        &fields,
        &[("publish_on", "24/11/2026"), ("publish_time", "7:30")],
    );
    let refused = post(&routes, &path, Some(&approver), &waits).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("Tin khẩn thì đăng ngay"),
        "{}",
        refused.body
    );
    let done = post(&routes, &path, Some(&approver), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let events = event::Entity::find()
        .all(site.db.reader())
        .await
        .expect("reads");
    let lanes: Vec<&str> = events.iter().map(|event| event.lane.as_str()).collect();
    assert_eq!(lanes, ["urgent"]);
}

#[tokio::test]
async fn the_desk_counts_against_what_the_unit_means_to_publish() {
    let (site, routes) = newsroom().await;
    let chief = testing::sign_in(&site, Role::ChiefEditor).await;
    press::article("Vào mùa cà phê").publish(&site).await;
    let path = "/quan-tri/chi-tieu";
    let refused = post(&routes, path, Some(&chief), &[("article", "nhiều")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("href=\"#article\""),
        "{}",
        refused.body
    );
    let set = post(
        &routes,
        path,
        Some(&chief),
        &[("article", "12"), ("notice", "")],
    )
    .await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    let desk = get(&routes, "/quan-tri", Some(&chief)).await.body;
    for part in ["1 / 12", "tin, bài đã đăng tháng này", "còn thiếu 11"] {
        assert!(desk.contains(part), "{part}: {desk}");
    }
    assert!(
        !desk.contains("thông báo đã đăng"),
        "no goal was set for it"
    );
}
