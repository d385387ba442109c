//! Votes through the routes of a real site.

use super::votes;
use crate::entries::{Mode, record};
use crate::portal;
use crate::testing::press;
use crate::testing::{self, Answer, TestSite, ask, get};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const OTHER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
const ROBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

struct Place {
    site: TestSite,
    routes: Router,
}

async fn place() -> Place {
    let site = testing::site().await;
    let routes = portal::routes(&site, OpenApiRouter::new(), portal::Own::default());
    Place { site, routes }
}

impl Place {
    fn day(&self, days: i64) -> String {
        let today = crate::vietnamese::local(self.site.clock.now()).date_naive();
        (today + TimeDelta::days(days)).to_string()
    }

    async fn choose(&self, id: Uuid, choice: &str, browser: &str) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("lua-chon", choice)
            .finish();
        let request = Request::post(format!("/lua-chon/{id}"))
            .header(header::HOST, "konbraih.quangngai.example")
            .header(header::USER_AGENT, browser)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        ask(&self.routes, request.expect("a request")).await
    }

    async fn page(&self, id: Uuid) -> String {
        let entry = record::find(self.site.db.reader(), id).await;
        let path = entry.expect("reads").expect("held").path();
        get(&self.routes, &path, None).await.body
    }

    async fn votes(&self, id: Uuid) -> Vec<(String, i64)> {
        let found = votes::of(self.site.db.reader(), id).await.expect("reads");
        let mut found: Vec<_> = found
            .into_iter()
            .map(|one| (one.choice, one.votes))
            .collect();
        found.sort();
        found
    }
}

#[tokio::test]
async fn a_browser_votes_once_a_day_until_the_last_day_and_then_all_see_the_result() {
    let here = place().await;
    let poll = press::poll("Chợ họp ngày nào?", &["Thứ Bảy", "Chủ nhật"], &here.day(1))
        .publish(&here.site)
        .await;
    let open = here.page(poll).await;
    assert!(open.contains("value=\"Chủ nhật\""), "{open}");
    assert!(open.contains("không phải cuộc bỏ phiếu"), "{open}");
    assert!(!open.contains("poll-results"), "{open}");
    for browser in [FIREFOX, FIREFOX, ROBOT, OTHER] {
        let said = here.choose(poll, "Chủ nhật", browser).await;
        assert_eq!(said.status, StatusCode::SEE_OTHER, "{browser}");
    }
    let strange = here.choose(poll, "Thứ Hai", "Mozilla/5.0 Firefox/1").await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(here.votes(poll).await, [("Chủ nhật".to_owned(), 2)]);

    here.site.clock.advance(Duration::from_secs(2 * 24 * 3_600));
    let late = here.choose(poll, "Thứ Bảy", FIREFOX).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let over = here.page(poll).await;
    assert!(
        over.contains("poll-results") && over.contains("100%"),
        "{over}"
    );
    assert!(!over.contains("/lua-chon/"), "{over}");
    let list = get(&here.routes, "/binh-chon", None).await.body;
    assert!(list.contains("Chợ họp ngày nào?"), "{list}");
}

#[tokio::test]
async fn a_copy_leads_to_the_site_that_counts() {
    let here = place().await;
    let neighbour = testing::Setup::default()
        .base_url("https://mangden.quangngai.example")
        .site()
        .await;
    let theirs = press::poll("Chợ họp ngày nào?", &["Thứ Bảy", "Chủ nhật"], &here.day(1))
        .publish(&neighbour)
        .await;
    press::carry(&neighbour, &here.site, theirs, Mode::Mandatory).await;
    let page = here.page(theirs).await;
    assert!(page.contains("poll-original"), "{page}");
    assert!(page.contains("https://mangden.quangngai.example/binh-chon/"));
    let said = here.choose(theirs, "Thứ Bảy", FIREFOX).await;
    assert_eq!(said.status, StatusCode::NOT_FOUND);
    assert!(here.votes(theirs).await.is_empty());
}
