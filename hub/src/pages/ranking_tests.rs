use super::desk_testing::Province;
use crate::ranking::tests::fixture::{at, entry, hold, lao_cai};
use axum::http::StatusCode;
use chrono::TimeDelta;
use shared::testing;

#[tokio::test]
async fn a_period_is_opened_read_answered_frozen_and_published_at_the_desk() {
    let province = Province::found().await;
    let members = lao_cai(&province.site).await;
    let send = async |path: &str, fields: &[(&str, &str)]| {
        testing::post(&province.routes, path, Some(&province.admin), fields).await
    };
    let page = province.page("/quan-tri/xep-hang").await;
    assert!(page.contains("Chưa có kỳ chấm điểm nào"), "{page}");
    let answer = send(
        "/quan-tri/xep-hang",
        &[("kind", "quy"), ("year", "2021"), ("number", "7")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nine = [("kind", "9-thang"), ("year", "2021"), ("number", "1")];
    let answer = send("/quan-tri/xep-hang", &nine).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let period = answer
        .location()
        .split('?')
        .next()
        .unwrap_or_default()
        .to_owned();

    // The tables, with how many are ranked in each.
    let page = province.page(&format!("{period}?bang=hoi-dap")).await;
    assert!(page.contains("3/37"), "{page}");
    assert!(
        page.contains("Chưa đo, điểm chia cho các chỉ số khác: A2"),
        "{page}"
    );
    let sheet = period.replace("/ky/", "/diem/");
    let sheet = format!("{sheet}.{}", members[0].unit);
    let page = province.page(&sheet).await;
    assert!(page.contains("Tin bài: hạng 1/63 toàn tỉnh"), "{page}");
    assert!(
        page.contains("so-lieu=originals"),
        "each number leads to its rows"
    );
    let rows = sheet.replace("/diem/", "/minh-chung/");
    let page = province
        .page(&format!("{rows}?so-lieu=questions_on_time"))
        .await;
    assert_eq!(page.matches(">1</span>").count(), 9, "{page}");
    assert!(
        page.contains("không tính"),
        "the late one is shown and does not count"
    );

    // The window, an objection, its answer; without the tick nothing goes on.
    let answer = send(&period, &[("action", "window")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = send(&period, &[("action", "window"), ("confirm", "1")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let words = [
        ("action", "object"),
        ("indicator", "I1"),
        ("words", "Đã trả lời trực tiếp."),
    ];
    let answer = send(&sheet, &words).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = province.page(&period).await;
    assert!(
        page.contains("Giải trình chờ trả lời") && page.contains("Còn giải trình chưa trả lời")
    );
    let page = province.page(&sheet).await;
    let objection = page
        .split("name=\"objection\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("an objection to answer")
        .to_owned();
    let fields = [
        ("action", "answer"),
        ("objection", objection.as_str()),
        ("outcome", "granted"),
        ("answer", "Có sổ tiếp dân."),
    ];
    let answer = send(&sheet, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let fields = [
        ("action", "adjust"),
        ("input", "questions_on_time"),
        ("delta", "+1"),
        ("reason", "Theo giải trình."),
    ];
    let answer = send(&sheet, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);

    // Frozen and published; the public sees it, with all that is needed to reckon it again.
    let public = testing::get(&province.routes, "/xep-hang", None).await;
    assert!(
        public.body.contains("Tỉnh chưa công bố kỳ xếp hạng nào"),
        "{}",
        public.body
    );
    let later = province.site.clock.now() + TimeDelta::days(12);
    province.site.clock.set(later);
    let admin = testing::sign_in_as(
        &province.site,
        "xep.hang",
        vec![shared::accounts::Role::HubAdmin.into()],
    )
    .await;
    for action in ["freeze", "publish"] {
        let fields = [("action", action), ("confirm", "1")];
        let answer = testing::post(&province.routes, &period, Some(&admin), &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{action}: {}",
            answer.body
        );
    }
    let public = testing::get(&province.routes, "/xep-hang?bang=hoi-dap", None).await;
    assert!(public.body.contains("9 tháng năm 2021"), "{}", public.body);
    let units = testing::get(&province.routes, "/don-vi", None).await;
    assert!(units.body.contains("href=\"/xep-hang\""), "{}", units.body);
    let name = period.rsplit('/').next().unwrap_or_default();
    let file = format!("/xep-hang/{name}/so-lieu.json");
    let public = testing::get(&province.routes, &file, None).await;
    let document: serde_json::Value = serde_json::from_str(&public.body).expect("JSON");
    assert_eq!(document["members"].as_array().map(Vec::len), Some(63));
    let unknown = format!("/xep-hang/{}/so-lieu.json", uuid::Uuid::nil());
    let public = testing::get(&province.routes, &unknown, None).await;
    assert_eq!(public.status, StatusCode::NOT_FOUND);

    // The report says the same, and is made of what was frozen.
    let page = testing::get(
        &province.routes,
        "/quan-tri/bao-cao?kind=9-thang&year=2021",
        Some(&admin),
    )
    .await
    .body;
    for said in ["1/63", "3/37", "1.250", "624", "Theo kỳ chấm điểm đã chốt"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn the_calendar_and_the_people_are_shown_and_can_be_taken_along() {
    let province = Province::found().await;
    let members = lao_cai(&province.site).await;
    let late = entry(
        members[0],
        "article",
        "Công khai ngân sách quý II",
        at("2021-07-20T08:00"),
    );
    hold(&province.site, vec![late.section("ngan-sach")]).await;
    let page = province
        .page("/quan-tri/xep-hang/cong-khai?kind=quy&year=2021&number=3")
        .await;
    assert!(
        page.contains("Công khai tình hình thực hiện dự toán quý (hạn 15/07/2021)"),
        "{page}"
    );
    assert!(
        page.contains("Chuyên mục bắt buộc") && page.contains("Tổ chức bộ máy"),
        "{page}"
    );
    let page = province
        .page("/quan-tri/xep-hang/ca-nhan?kind=9-thang&year=2021")
        .await;
    assert!(
        page.contains("A Mẫu") && page.contains("90,00"),
        "30 of the best grade: {page}"
    );
    for path in [
        "/quan-tri/xep-hang/cong-khai/bang.xlsx?kind=quy&year=2021&number=3",
        "/quan-tri/xep-hang/ca-nhan/bang.xlsx?kind=9-thang&year=2021",
        "/quan-tri/bao-cao/bang.xlsx?kind=9-thang&year=2021",
    ] {
        let answer = testing::get(&province.routes, path, Some(&province.admin)).await;
        assert!(
            answer.body.starts_with("PK"),
            "{path}: a workbook is a zip archive"
        );
    }
    let page = province.page("/quan-tri/xep-hang/bo-chi-so").await;
    assert!(
        page.contains("lien-cong-2026.1") && page.contains("chưa đo"),
        "{page}"
    );
    let file = province.page("/quan-tri/xep-hang/bo-chi-so/tep").await;
    let changed = file.replace("lien-cong-2026.1", "tinh-2027");
    for (text, status) in [
        (
            changed.replace("points = 12", "points = 13"),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (changed.clone(), StatusCode::SEE_OTHER),
    ] {
        let answer = testing::post(
            &province.routes,
            "/quan-tri/xep-hang/bo-chi-so",
            Some(&province.admin),
            &[("file", &text)],
        )
        .await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let page = province.page("/quan-tri/xep-hang/bo-chi-so").await;
    assert!(page.contains("tinh-2027"), "{page}");
}
