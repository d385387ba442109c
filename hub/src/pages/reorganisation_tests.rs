//! A merger as a provincial administrator writes it: looked at, entered as it was looked at, withdrawn.

use super::desk_testing::Province;
use super::{reorganisation_form, reorganisations};
use axum::http::StatusCode;
use shared::directory::site_record;
use shared::testing::{self, Answer};
use uuid::Uuid;

impl Province {
    async fn submits(&self, fields: &[(&str, &str)]) -> Answer {
        testing::post(
            &self.routes,
            reorganisation_form::NEW,
            Some(&self.admin),
            fields,
        )
        .await
    }

    async fn unit_behind(&self, member: Uuid) -> String {
        let site = site_record::find(self.site.db.reader(), member).await;
        site.expect("reads").expect("a member").unit_id.to_string()
    }

    async fn state_of(&self, member: Uuid) -> String {
        let site = site_record::find(self.site.db.reader(), member).await;
        site.expect("reads").expect("a member").state
    }
}

/// The mark of what was looked at.
fn mark(page: &Answer) -> String {
    let (_, rest) = page
        .body
        .split_once("name=\"seen\" value=\"")
        .unwrap_or_else(|| panic!("no mark: {}", page.body));
    rest.split_once('"').expect("its end").0.to_owned()
}

#[tokio::test]
async fn a_merger_is_entered_as_it_was_looked_at() {
    let province = Province::found().await;
    let tan_lap = province.member("xã Tân Lập", "tanlap", 5).await;
    let kon_braih = province.member("xã Kon Braih", "konbraih", 5).await;
    let (from, to) = (
        province.unit_behind(tan_lap).await,
        province.unit_behind(kon_braih).await,
    );
    let minted = Uuid::now_v7().to_string();
    let fields = |day: &'static str, action: &'static str| -> Vec<(&str, &str)> {
        vec![
            ("kind", "merge"),
            ("effective_on", day),
            ("basis", "Nghị quyết 1677/NQ-UBTVQH15"),
            ("to_id", &minted),
            ("to_unit", &to),
            ("to_name", ""),
            ("to_kind", ""),
            ("to_code", ""),
            ("to_parent", ""),
            ("to_host", ""),
            ("end_unit", &from),
            ("end_archive", ""),
            ("into", "1:1"),
            ("action", action),
        ]
    };
    let empty = province.page(reorganisations::PATH).await;
    assert!(empty.contains("Chưa có lần sắp xếp nào"), "{empty}");
    let begun = province.page(reorganisation_form::NEW).await;
    assert!(begun.contains("Đơn vị kết thúc"), "{begun}");

    let lacking = province
        .submits(&[("kind", "merge"), ("action", "preview")])
        .await;
    assert_eq!(lacking.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        lacking.body.contains("Hãy chọn ngày hiệu lực"),
        "{}",
        lacking.body
    );

    let looked = province.submits(&fields("2030-07-01", "preview")).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    for words in [
        "kết thúc",
        "Từ 01/07/2030: nhập vào xã Kon Braih",
        "https://tanlap.example",
        "trước đó còn rút lại được",
    ] {
        assert!(looked.body.contains(words), "{words}: {}", looked.body);
    }
    // Nothing is entered that was not looked at.
    let mut unseen = fields("2030-07-01", "enter");
    unseen.push(("seen", "0"));
    let unseen = province.submits(&unseen).await;
    assert!(
        unseen.body.contains("đã khác lần xem trước"),
        "{}",
        unseen.body
    );
    let seen = mark(&looked);
    let mut entered = fields("2030-07-01", "enter");
    entered.push(("seen", &seen));
    let entered = province.submits(&entered).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    assert_eq!(
        province.state_of(tan_lap).await,
        "active",
        "its day has not come"
    );

    let list = province.page(reorganisations::PATH).await;
    assert!(list.contains("Chờ đến ngày"), "{list}");
    let (_, rest) = list
        .split_once("href=\"/quan-tri/sap-nhap/0")
        .expect("its page");
    let page = format!(
        "/quan-tri/sap-nhap/0{}",
        rest.split_once('"').expect("its end").0
    );
    let shown = province.page(&page).await;
    assert!(
        shown.contains("Rút lại") && shown.contains("xã Tân Lập"),
        "{shown}"
    );
    let sure = [("action", "withdraw"), ("confirm", "1")];
    let withdrawn = testing::post(&province.routes, &page, Some(&province.admin), &sure).await;
    assert_eq!(
        withdrawn.status,
        StatusCode::SEE_OTHER,
        "{}",
        withdrawn.body
    );

    // The same as of a day that is past takes effect at once.
    let looked = province.submits(&fields("2025-07-01", "preview")).await;
    let seen = mark(&looked);
    let mut entered = fields("2025-07-01", "enter");
    entered.push(("seen", &seen));
    let entered = province.submits(&entered).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    assert_eq!(province.state_of(tan_lap).await, "closed");
    let public = province.page("/don-vi").await;
    for words in ["Đơn vị trước sắp xếp", "Xã Tân Lập", "nay thuộc", "1677"] {
        assert!(public.contains(words), "{words}: {public}");
    }
    let again = province.submits(&fields("2026-01-01", "preview")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("đã kết thúc ngày 30/06/2025"),
        "{}",
        again.body
    );
}
