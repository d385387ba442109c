//! The recall console: where it is, that somebody is sure, a second person, what follows, and the way back.

use super::desk_testing::Province;
use super::{recall_form, recalls};
use crate::recall::progress;
use crate::routing::{Moment, Route, Source, route};
use axum::http::StatusCode;
use sea_orm::EntityTrait;
use shared::accounts::Role;
use shared::entries::{Mode, record};
use shared::newsroom::draft::Contents;
use shared::newsroom::form::DraftForm;
use shared::newsroom::moves::{self, Person};
use shared::newsroom::workflow::Act;
use shared::newsroom::{publish, schedule};
use shared::pages::newsroom::around::Done;
use shared::sync::Selector;
use shared::testing::{self, Answer, SignedIn, press};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const REASON: &str = "Đăng nhầm bản chưa duyệt.";

impl Province {
    async fn orders(&self, by: &SignedIn, entry: Uuid, more: &[(&str, &str)]) -> Answer {
        let entry = entry.to_string();
        let fields: Vec<(&str, &str)> = [("entry", entry.as_str()), ("reason", REASON)]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        testing::post(&self.routes, recall_form::PATH, Some(by), &fields).await
    }

    async fn decides(&self, by: &SignedIn, fields: &[(&str, &str)]) -> Answer {
        testing::post(&self.routes, recalls::PATH, Some(by), fields).await
    }

    /// What the province writes goes to every member.
    async fn sends_its_own_to_everyone(&self) {
        let source = Source {
            from: Some(Selector::Unit(self.site.unit_id)),
            ..Source::default()
        };
        let (to, mode) = (Selector::Everyone, Mode::Suggested);
        let route = Route::new("Tin của tỉnh", source, to, mode, Moment::Arrival);
        self.site
            .db
            .write(move |tx| Box::pin(async move { route::add(tx, &route).await }))
            .await
            .expect("a route");
    }

    /// Somebody of the province writes an article, and somebody else approves it.
    async fn approves(&self, title: &str) -> Uuid {
        let form = DraftForm {
            kind: "article".to_owned(),
            title: title.to_owned(),
            body: "Toàn văn.".to_owned(),
            section: "tin-tuc".to_owned(),
            ..DraftForm::default()
        };
        let contents = Contents::of(&form).expect("in order");
        let site = Arc::clone(&self.site);
        let now = site.clock.now().timestamp_millis();
        let event = self.site.db.write(move |tx| {
            Box::pin(async move {
                let writer = Uuid::now_v7();
                let draft = moves::begin(tx, contents, writer, now).await?;
                let by = Person::writer(writer);
                let draft = moves::go(tx, draft, Act::Submit, &by, None, now).await?;
                let by = Person::approver(Uuid::now_v7());
                publish::put_out(tx, &site, draft, &by, None).await
            })
        });
        let event = event.await.expect("published");
        event.entry_id.expect("an entry")
    }

    async fn live(&self, entry: Uuid) -> bool {
        let found = record::find(self.site.db.reader(), entry).await;
        found.expect("reads").is_some_and(|entry| entry.is_live())
    }

    async fn only_case(&self) -> i64 {
        let cases = progress::cases(self.site.db.reader(), 0, 2).await;
        let cases = cases.expect("reads");
        assert_eq!(cases.len(), 1);
        cases[0].event_id
    }
}

fn leads_to(answer: &Answer, done: Done, path: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), done.path(path));
}

#[tokio::test]
async fn it_is_seen_where_it_is_and_its_first_word_is_typed() {
    let province = Province::found().await;
    let near = province.member("xã Đăk Kôi", "dakkoi", 1).await;
    province.member("xã Kon Braih", "konbraih", 1).await;
    province.sends_its_own_to_everyone().await;
    let entry = press::article("Đăk Rve: cảnh báo lũ")
        .publish(&province.site)
        .await;
    province.acknowledges(near).await;

    let page = province
        .page(&format!("{}?bai={entry}", recall_form::PATH))
        .await;
    for expected in [
        "Đã tới 1 trong 2 trang thành viên; 1 trang chưa nhận.",
        "<li>Xã Kon Braih</li>",
        "gõ chữ “<strong>Đăk</strong>”",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    for word in ["", "lũ", "Đăk Rve"] {
        let answer = province
            .orders(&province.admin, entry, &[("word", word)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{word}");
        assert!(answer.body.contains("Hãy gõ chữ “Đăk”"), "{}", answer.body);
        assert!(province.live(entry).await, "nobody recalls by accident");
    }
    let done = province
        .orders(&province.admin, entry, &[("word", "dak")])
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(!province.live(entry).await);

    let nothing = province
        .page(&format!("{}?bai={entry}", recall_form::PATH))
        .await;
    assert!(nothing.contains("bài không còn đăng"), "{nothing}");
}

#[tokio::test]
async fn readers_are_led_to_what_is_right_as_long_as_it_stands() {
    let province = Province::found().await;
    let wrong = press::article("Lịch tiêm chủng")
        .publish(&province.site)
        .await;
    let right = press::article("Lịch tiêm chủng đã sửa")
        .publish(&province.site)
        .await;
    for (instead, expected) in [
        (wrong, "phải là một bài khác"),
        (Uuid::from_u128(9), "Không tìm thấy bài thay thế"),
    ] {
        let instead = instead.to_string();
        let fields = [("word", "lịch"), ("replacement", instead.as_str())];
        let answer = province.orders(&province.admin, wrong, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(expected), "{}", answer.body);
    }
    let instead = right.to_string();
    let fields = [("word", "lịch"), ("replacement", instead.as_str())];
    let done = province.orders(&province.admin, wrong, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let old = format!("/bai-viet/{}", wrong.simple());
    let gone = testing::get(&province.routes, &old, None).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(
        gone.body.contains("Lịch tiêm chủng đã sửa"),
        "{}",
        gone.body
    );
    press::withdraw(&province.site, right, 2).await;
    let gone = testing::get(&province.routes, &old, None).await;
    assert!(
        !gone.body.contains("Lịch tiêm chủng đã sửa"),
        "{}",
        gone.body
    );
}

#[tokio::test]
async fn where_two_are_needed_another_person_confirms_or_drops() {
    let province = Province::found().await;
    let entry = press::article("Danh sách hộ nghèo")
        .publish(&province.site)
        .await;
    let policy = [("action", "policy"), ("policy", "always")];
    let alone = province.decides(&province.admin, &policy).await;
    assert_eq!(alone.status, StatusCode::CONFLICT, "{}", alone.body);
    let second = testing::sign_in(&province.site, Role::HubEditor).await;
    let no_right = province.decides(&second, &policy).await;
    assert_eq!(no_right.status, StatusCode::FORBIDDEN);
    let set = province.decides(&province.admin, &policy).await;
    leads_to(&set, Done::Saved, recalls::PATH);

    let propose = async || {
        province
            .orders(&province.admin, entry, &[("word", "danh")])
            .await
    };
    leads_to(&propose().await, Done::RecallProposed, recalls::PATH);
    assert!(province.live(entry).await, "it waits");
    assert_eq!(propose().await.status, StatusCode::CONFLICT, "once");
    let id = |page: &str| {
        let at = page.find("name=\"id\" value=\"").expect("a proposal") + 17;
        page[at..at + 36].to_owned()
    };
    let page = province.page(recalls::PATH).await;
    assert!(page.contains("cần một người khác xác nhận"), "{page}");
    let first = id(&page);
    let confirm = [("action", "confirm"), ("id", first.as_str())];
    let own = province.decides(&province.admin, &confirm).await;
    assert_eq!(
        own.status,
        StatusCode::CONFLICT,
        "nobody confirms their own"
    );
    assert!(province.live(entry).await);

    let dropped = [("action", "drop"), ("id", first.as_str())];
    leads_to(
        &province.decides(&second, &dropped).await,
        Done::RecallDropped,
        recalls::PATH,
    );
    let late = province.decides(&second, &confirm).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "it was decided");

    leads_to(&propose().await, Done::RecallProposed, recalls::PATH);
    let again = id(&province.page(recalls::PATH).await);
    let confirm = [("action", "confirm"), ("id", again.as_str())];
    let done = province.decides(&second, &confirm).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(!province.live(entry).await);
    let page = province.page(recalls::PATH).await;
    assert!(page.contains(" và "), "both are named: {page}");
    assert!(!page.contains("recall-proposal\""), "{page}");
}

#[tokio::test]
async fn a_recall_that_was_a_mistake_is_taken_back_and_stands_as_it_did() {
    let province = Province::found().await;
    let entry = province.approves("Lịch tiếp công dân").await;
    let done = province
        .orders(&province.admin, entry, &[("word", "lich")])
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let case = super::recall::path_of(province.only_case().await);

    let report = testing::get(
        &province.routes,
        &format!("{case}/bao-cao.csv"),
        Some(&province.admin),
    )
    .await;
    assert_eq!(report.status, StatusCode::OK);
    assert!(
        report.body.contains("Giây từ lệnh đến sạch"),
        "{}",
        report.body
    );

    let lift = async |why: &str| {
        testing::post(
            &province.routes,
            &case,
            Some(&province.admin),
            &[("why", why)],
        )
        .await
    };
    let unsaid = lift(" ").await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    leads_to(&lift("Thu hồi nhầm bài.").await, Done::RecallLifted, &case);
    assert_eq!(lift("Lần nữa.").await.status, StatusCode::CONFLICT, "once");
    let published = schedule::round(&province.site, Duration::from_secs(1)).await;
    assert_eq!(published.expect("a round"), 1);
    assert!(province.live(entry).await);
    let page = province.page(recalls::PATH).await;
    assert!(page.contains("Đã rút lệnh, bài đã trở lại"), "{page}");
    let open = progress::count_open(province.site.db.reader()).await;
    assert_eq!(open.expect("counts"), 0, "nobody looks for it any more");
    let again = record::Entity::find().all(province.site.db.reader()).await;
    assert_eq!(again.expect("reads")[0].title, "Lịch tiếp công dân");
}

#[tokio::test]
async fn what_was_erased_or_written_in_since_does_not_come_back_by_itself() {
    let province = Province::found().await;
    let erased = province.approves("Thông tin cá nhân").await;
    let fields = [("word", "thong"), ("erase", "1")];
    province.orders(&province.admin, erased, &fields).await;
    let case = super::recall::path_of(province.only_case().await);
    let page = province.page(&case).await;
    assert!(!page.contains("recall-lift"), "{page}");
    let fields = [("why", "Nhầm.")];
    let refused = testing::post(&province.routes, &case, Some(&province.admin), &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("xóa hẳn"), "{}", refused.body);
}
