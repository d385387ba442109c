use super::*;
use crate::entries::{Kind, placement};
use crate::testing::press::{article, document, withdraw};
use crate::testing::{self, TestSite, deliver, noon};
use chrono::TimeDelta;
use std::time::Duration;

#[test]
fn nothing_a_visitor_types_is_syntax() {
    for typed in [
        "\"a\" OR b*",
        "a AND (b",
        "NEAR(a b)",
        "a:b -c ^d",
        "'; DROP TABLE entries; --",
        "a\u{0}b",
    ] {
        let words = words_of(typed);
        assert!(
            words.chars().all(|c| c.is_alphanumeric() || c == ' '),
            "{words}"
        );
    }
}

async fn titles(site: &TestSite, query: Query) -> Vec<String> {
    let query = Query { limit: 50, ..query };
    let found = find(site.db.reader(), &query).await.expect("finds");
    found.entries.into_iter().map(|entry| entry.title).collect()
}

fn asking(words: &str) -> Query {
    Query {
        words: words.to_owned(),
        ..Query::default()
    }
}

async fn published(titles: &[&str]) -> TestSite {
    let site = testing::site().await;
    for title in titles {
        article(title).publish(&site).await;
        site.clock.advance(Duration::from_secs(60));
    }
    site
}

#[tokio::test]
async fn what_bears_the_marks_as_typed_comes_first() {
    let site = published(&[
        "Hòa giải ở cơ sở",
        "Hoa nở ven đường",
        "Hoà bình",
        "Văn hóa cồng chiêng",
        "Đắk Kôi đón khách",
        "Dak Koi gọi tên",
        "Đăk Kôi vào vụ",
    ])
    .await;
    let cases: [(&str, &[&str]); 7] = [
        (
            "hoa",
            &[
                "Văn hóa cồng chiêng",
                "Hoà bình",
                "Hoa nở ven đường",
                "Hòa giải ở cơ sở",
            ],
        ),
        (
            "hòa",
            &[
                "Hoà bình",
                "Hòa giải ở cơ sở",
                "Văn hóa cồng chiêng",
                "Hoa nở ven đường",
            ],
        ),
        (
            "HOÀ",
            &[
                "Hoà bình",
                "Hòa giải ở cơ sở",
                "Văn hóa cồng chiêng",
                "Hoa nở ven đường",
            ],
        ),
        (
            "ho\u{301}a",
            &[
                "Văn hóa cồng chiêng",
                "Hoà bình",
                "Hoa nở ven đường",
                "Hòa giải ở cơ sở",
            ],
        ),
        (
            "dak koi",
            &["Đăk Kôi vào vụ", "Dak Koi gọi tên", "Đắk Kôi đón khách"],
        ),
        (
            "Đắk Kôi",
            &["Đắk Kôi đón khách", "Đăk Kôi vào vụ", "Dak Koi gọi tên"],
        ),
        // Only what was typed with marks has to bear them.
        (
            "đắk koi",
            &["Đắk Kôi đón khách", "Đăk Kôi vào vụ", "Dak Koi gọi tên"],
        ),
    ];
    for (typed, expected) in cases {
        assert_eq!(titles(&site, asking(typed)).await, expected, "{typed}");
    }
}

#[tokio::test]
async fn what_an_earlier_version_published_gets_its_marks() {
    let site = published(&["Hòa giải ở cơ sở", "Hoa nở ven đường"]).await;
    let forget = "DELETE FROM entry_search_marked";
    site.db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(forget).await?;
                Ok(())
            })
        })
        .await
        .expect("forgets");
    let as_before = ["Hoa nở ven đường", "Hòa giải ở cơ sở"];
    assert_eq!(titles(&site, asking("hòa")).await, as_before);
    assert_eq!(enter_missing(&site).await.expect("enters"), 2);
    assert_eq!(enter_missing(&site).await.expect("enters"), 0);
    let marked_first = ["Hòa giải ở cơ sở", "Hoa nở ven đường"];
    assert_eq!(titles(&site, asking("hòa")).await, marked_first);
}

#[tokio::test]
async fn results_are_narrowed_and_what_is_not_shown_is_not_found() {
    let site = testing::site().await;
    let elsewhere = crate::testing::Setup::default()
        .base_url("https://mangden.quangngai.example")
        .site()
        .await;
    site.clock.set(noon() - TimeDelta::days(30));
    article("Chợ phiên tháng trước").publish(&site).await;
    site.clock.set(noon());
    article("Chợ phiên tuần này").publish(&site).await;
    document("12/KH-UBND", "Kế hoạch chợ phiên")
        .publish(&site)
        .await;
    let gone = article("Chợ phiên bị hoãn").publish(&site).await;
    withdraw(&site, gone, 2).await;
    let copy = article("Chợ phiên xã bạn").publish(&elsewhere).await;
    deliver(&elsewhere, &site, copy).await;

    let all = [
        "Kế hoạch chợ phiên",
        "Chợ phiên tuần này",
        "Chợ phiên tháng trước",
    ];
    assert_eq!(titles(&site, asking("cho phien")).await, all);
    let of_the_neighbour = Query {
        unit: Some(elsewhere.unit_id),
        ..asking("cho phien")
    };
    assert!(titles(&site, of_the_neighbour.clone()).await.is_empty());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                placement::arrive(tx, copy, "tin-tuc", placement::Mode::Mandatory, 0).await
            })
        })
        .await
        .expect("shown");
    assert_eq!(titles(&site, of_the_neighbour).await, ["Chợ phiên xã bạn"]);

    let narrowed: [(Query, &[&str]); 3] = [
        (
            Query {
                sections: vec!["van-ban".to_owned()],
                ..asking("cho phien")
            },
            &["Kế hoạch chợ phiên"],
        ),
        (
            Query {
                kind: Some(Kind::Document.as_str().to_owned()),
                ..asking("chợ phiên")
            },
            &["Kế hoạch chợ phiên"],
        ),
        (
            Query {
                until: Some((noon() - TimeDelta::days(1)).timestamp_millis()),
                ..asking("cho phien")
            },
            &["Chợ phiên tháng trước"],
        ),
    ];
    for (query, expected) in narrowed {
        assert_eq!(titles(&site, query).await, expected);
    }
    let counts = count_by_kind(site.db.reader(), &asking("cho phien")).await;
    let counts = counts.expect("counts").expect("few");
    assert_eq!(counts.get(Kind::Document.as_str()), Some(&1));
    assert_eq!(counts.get(Kind::Article.as_str()), Some(&3));
}

#[tokio::test]
async fn a_slip_of_the_finger_is_undone_where_that_finds_something() {
    let site = published(&[
        "Thông báo lịch tiêm",
        "Thôn 9 vào vụ",
        "Báo cáo tháng",
        "Kon Rẫy mở chợ",
    ])
    .await;
    let elsewhere = crate::testing::Setup::default()
        .base_url("https://mangden.quangngai.example")
        .site()
        .await;
    let waits = article("Bệnh dại").publish(&elsewhere).await;
    deliver(&elsewhere, &site, waits).await;
    let cases = [
        ("thogn bao", Some("thong bao")),
        ("thông bsáo", Some("thông bao")),
        ("konray", Some("kon ray")),
        ("konray choj", Some("kon ray cho")),
        // Known words that stand nowhere together are no slips.
        ("thon cho", None),
        // Nobody learns from a guess what waits to be shown.
        ("bejh", None),
        ("185/QD-UBND", None),
        ("", None),
    ];
    for (typed, expected) in cases {
        let meant = nearest(site.db.reader(), &asking(typed), 0).await;
        assert_eq!(meant.expect("asks").as_deref(), expected, "{typed}");
    }
}
