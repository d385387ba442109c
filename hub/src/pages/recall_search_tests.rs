//! What leaked is found by what leaked, and taken back by one order.

use super::desk_testing::Province;
use super::recall_search::PATH;
use crate::recall::progress;
use axum::http::StatusCode;
use shared::entries::record;
use shared::testing::{self, Answer, press};
use uuid::Uuid;

const NUMBER: &str = "0912 345 678";

impl Province {
    async fn asks(&self, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<(&str, &str)> = std::iter::once(("q", "0912345678"))
            .chain(fields.iter().copied())
            .collect();
        testing::post(&self.routes, PATH, Some(&self.admin), &fields).await
    }

    async fn is_live(&self, entry: Uuid) -> bool {
        let found = record::find(self.site.db.reader(), entry).await;
        found
            .expect("a search")
            .is_some_and(|entry| entry.is_live())
    }
}

#[tokio::test]
async fn everything_that_says_it_is_taken_back_once_somebody_is_sure() {
    let province = Province::found().await;
    let mut leaked = Vec::new();
    for place in ["Kon Braih", "Đăk Kôi", "Măng Bút"] {
        let article = press::article(&format!("Danh sách ở {place}"))
            .body(&format!("<p>Ông A Mẫu, điện thoại {NUMBER}.</p>"));
        leaked.push(article.publish(&province.site).await);
    }
    let other = press::article("Không liên quan")
        .publish(&province.site)
        .await;

    let found = province.asks(&[("action", "find")]).await;
    assert_eq!(found.status, StatusCode::OK);
    for expected in [
        "Tìm thấy 3 bài",
        "Danh sách ở Đăk Kôi",
        "điện thoại 0912 345 678",
    ] {
        assert!(found.body.contains(expected), "{expected}: {}", found.body);
    }
    assert!(!found.body.contains("Không liên quan"));

    let ids: Vec<String> = leaked.iter().map(Uuid::to_string).collect();
    let stranger = other.to_string();
    let order = async |entries: &[&str], reason: &str, count: &str| -> Answer {
        let mut fields = vec![("action", "recall"), ("reason", reason), ("count", count)];
        fields.extend(entries.iter().map(|entry| ("entry", *entry)));
        province.asks(&fields).await
    };
    let two = [ids[0].as_str(), ids[1].as_str()];
    let good = "Lộ thông tin cá nhân của người dân.";
    for (entries, reason, count, expected) in [
        (&[][..], good, "0", "ít nhất một bài"),
        (&two, good, "3", "Đang đánh dấu 2 bài"),
        (&two, good, "", "Đang đánh dấu 2 bài"),
        (&two, " ", "2", "Hãy ghi lý do"),
        (
            &two,
            "Có số 0912.345.678",
            "2",
            "nhắc lại chính điều cần thu hồi",
        ),
        (
            &[ids[0].as_str(), stranger.as_str()],
            good,
            "2",
            "Danh sách đã đổi",
        ),
    ] {
        let answer = order(entries, reason, count).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{expected}"
        );
        assert!(
            answer.body.contains(expected),
            "{expected}: {}",
            answer.body
        );
    }
    for entry in &leaked {
        assert!(
            province.is_live(*entry).await,
            "nothing is taken back by accident"
        );
    }

    let done = order(&two, good, "2").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    for (entry, is_live) in [
        (leaked[0], false),
        (leaked[1], false),
        (leaked[2], true),
        (other, true),
    ] {
        assert_eq!(province.is_live(entry).await, is_live);
    }
    let cases = progress::count_cases(province.site.db.reader()).await;
    assert_eq!(cases.expect("cases"), 2);
    // The rest is still to be found, and nothing else.
    let again = province.asks(&[("action", "find")]).await;
    assert!(again.body.contains("Tìm thấy 1 bài"), "{}", again.body);
}
