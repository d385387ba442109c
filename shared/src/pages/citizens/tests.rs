//! Comments on drafts and the rating of answers, as people send them and staff read them.

use crate::accounts::{Grant, Role};
use crate::citizens::case::{self, Said, Words};
use crate::citizens::{Act, Kind, Rating, State};
use crate::entries::{Mode, record};
use crate::pages::newsroom;
use crate::portal;
use crate::testing::press;
use crate::testing::{self, Answer, TestSite, get, post, sign_in_as};
use axum::Router;
use axum::http::StatusCode;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

const WORDS: &str = "Điều 2 nên cho mượn nhà rông không lấy tiền.";

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

    /// Sends the form of `path` after the time it takes to fill it in.
    async fn send(&self, path: &str, words: &str) -> Answer {
        let form = get(&self.routes, path, None).await.body;
        let form = form.split_once("name=\"form\" value=\"");
        let form = form.and_then(|(_, rest)| rest.split('"').next());
        let form = form.expect("a form").to_owned();
        self.site.clock.advance(Duration::from_secs(5));
        post(
            &self.routes,
            path,
            None,
            &[("form", &form), ("words", words)],
        )
        .await
    }

    /// The only case there is.
    async fn case(&self, entry: Uuid) -> case::Model {
        let filter = case::Filter {
            kinds: &[Kind::Comment],
            states: State::ALL.to_vec(),
            holder: case::Holder::Is(self.site.unit_id),
            entry: Some(entry),
        };
        let mut found = case::list(self.site.db.reader(), &filter, 0, 2)
            .await
            .expect("reads");
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    async fn path_of(&self, id: Uuid) -> String {
        let entry = record::find(self.site.db.reader(), id).await;
        entry.expect("reads").expect("held").path()
    }
}

fn code_in(page: &str) -> String {
    let code = page.split_once("data-element=\"receipt-code\">");
    let code = code.and_then(|(_, rest)| rest.split('<').next());
    code.expect("a receipt").to_owned()
}

#[tokio::test]
async fn a_comment_reaches_the_desk_is_answered_and_the_answer_is_rated() {
    let here = place().await;
    let draft = press::consultation("Dự thảo Quy chế nhà rông", &here.day(10))
        .publish(&here.site)
        .await;
    let page = get(&here.routes, &here.path_of(draft).await, None).await;
    let form = format!("/gop-y/{draft}");
    assert!(page.body.contains(&form), "{}", page.body);
    let empty = here.send(&form, " ").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let receipt = here.send(&form, WORDS).await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.body);
    let code = code_in(&receipt.body);

    let case = here.case(draft).await;
    assert_eq!((case.state(), case.entry_id), (State::Waiting, Some(draft)));
    let desk = newsroom::routes()
        .into_router()
        .with_state(Arc::clone(&here.site));
    let editor = vec![Grant {
        role: Role::Editor,
        section: None,
    }];
    let who = sign_in_as(&here.site, "bien.tap", editor).await;
    for (path, words) in [
        ("/quan-tri/gop-y".to_owned(), "Dự thảo Quy chế nhà rông"),
        (format!("/quan-tri/gop-y/{draft}"), WORDS),
        (format!("/quan-tri/gop-y/{draft}/bang.csv"), WORDS),
        (
            format!("/quan-tri/nguoi-dan/{}", case.id),
            "Tiếp thu, giải trình",
        ),
    ] {
        let page = get(&desk, &path, Some(&who)).await;
        assert!(page.body.contains(words), "{path}: {}", page.body);
    }
    let list = get(&desk, "/quan-tri/nguoi-dan", Some(&who)).await;
    assert!(!list.body.contains("case-item"), "it has a list of its own");

    let rate = [("ma", code.as_str()), ("action", "satisfied")];
    let early = post(&here.routes, "/tra-cuu", None, &rate).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = Said {
        act: Act::Answered,
        words: Words::Plain("Đã sửa Điều 2.".to_owned()),
        to: None,
        rating: None,
        by: None,
    };
    let (inner, id) = (Arc::clone(&here.site), case.id);
    let said = here
        .site
        .db
        .write(move |tx| Box::pin(async move { case::say(tx, &inner, id, said).await }));
    said.await.expect("is said");
    for (button, rating) in [
        ("dissatisfied", Rating::Dissatisfied),
        ("satisfied", Rating::Satisfied),
    ] {
        let rate = [("ma", code.as_str()), ("action", button)];
        let page = post(&here.routes, "/tra-cuu", None, &rate).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains("Đã sửa Điều 2."), "{}", page.body);
        assert_eq!(here.case(draft).await.satisfaction(), Some(rating));
    }
    let page = get(
        &desk,
        &format!("/quan-tri/nguoi-dan/{}", case.id),
        Some(&who),
    )
    .await;
    assert!(page.body.contains("Hài lòng"), "{}", page.body);
}

#[tokio::test]
async fn a_late_comment_is_told_so_and_what_was_written_is_not_lost() {
    let here = place().await;
    let draft = press::consultation("Dự thảo sắp hết", &here.day(0))
        .publish(&here.site)
        .await;
    let path = format!("/gop-y/{draft}");
    let form = get(&here.routes, &path, None).await.body;
    let form = form.split_once("name=\"form\" value=\"");
    let form = form.and_then(|(_, rest)| rest.split('"').next());
    let form = form.expect("a form").to_owned();
    here.site.clock.advance(Duration::from_secs(20 * 3_600));
    let fields = [("form", form.as_str()), ("words", WORDS)];
    let late = post(&here.routes, &path, None, &fields).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains("đã đóng nhận ý kiến"), "{}", late.body);
    assert!(late.body.contains(WORDS));
    let page = get(&here.routes, &here.path_of(draft).await, None).await;
    assert!(page.body.contains("đã đóng nhận ý kiến"), "{}", page.body);
    assert!(!page.body.contains(&path));
}

#[tokio::test]
async fn only_drafts_are_commented_on_and_only_where_the_unit_hears_of_it() {
    let here = place().await;
    let article = press::article("Vào mùa cà phê").publish(&here.site).await;
    for id in [article, Uuid::now_v7()] {
        let page = get(&here.routes, &format!("/gop-y/{id}"), None).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    let neighbour = testing::site().await;
    let theirs = press::consultation("Dự thảo của xã bạn", &here.day(10))
        .publish(&neighbour)
        .await;
    press::carry(&neighbour, &here.site, theirs, Mode::Mandatory).await;
    let page = get(&here.routes, &here.path_of(theirs).await, None).await;
    assert!(!page.body.contains("/gop-y/"), "nobody knows the way yet");
    press::introduce(&neighbour, &here.site).await;
    let page = get(&here.routes, &here.path_of(theirs).await, None).await;
    assert!(page.body.contains(&format!("/gop-y/{theirs}")));
}
