//! Coming in at a newsroom: the password, and the second factor of those who need one.

use crate::browser::Browser;
use crate::newsroom::PASSWORD;
use crate::server::Server;
use crate::visitor::{Page, Visitor};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use totp_rs::{Builder, Secret};

/// The codes on paper of everybody who set up a second factor, by login. Tests sign in with these,
/// because the code of a telephone counts once in half a minute.
static PAPERS: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

/// Signs in with [`PASSWORD`]; where a second factor is needed, it is set up the first time and used
/// from then on. The desk.
///
/// # Panics
/// When the newsroom does not let them in.
pub async fn comes_in(visitor: &Visitor, login: &str) -> Page {
    let page = gives_password(visitor, login).await;
    let desk = match page.body.as_str() {
        body if body.contains("data-element=\"second-step\"") => {
            let form = page.form("second-step").with("code", &paper(login));
            visitor.submit(form, "").await
        }
        body if body.contains("data-element=\"set-up-factor\"") => {
            sets_up(visitor, login, page).await;
            visitor.get("/quan-tri").await
        }
        _ => page,
    };
    desk.must_say("Đăng xuất");
    desk
}

/// Signs in, in a real browser, with an account that may never have signed in before.
///
/// # Panics
/// When the newsroom does not let them in.
pub async fn comes_in_by(browser: &Browser, site: &Server, login: &str) {
    if !has_paper(login) {
        comes_in(&site.visitor(), login).await;
    }
    browser.goes_to(&site.address("/quan-tri")).await;
    browser.types("username", login).await;
    browser.types("password", PASSWORD).await;
    browser.presses("[data-element=sign-in] button").await;
    let asks = "return document.querySelector('[data-element=second-step]') !== null";
    if browser.ask(asks).await == false {
        return;
    }
    browser.types("code", &paper(login)).await;
    browser.presses("[data-element=second-step] button").await;
}

fn has_paper(login: &str) -> bool {
    let papers = PAPERS.lock().unwrap_or_else(PoisonError::into_inner);
    papers.contains_key(login)
}

/// Gives the password, and no more; what is shown then.
pub async fn gives_password(visitor: &Visitor, login: &str) -> Page {
    let page = visitor.get("/quan-tri").await;
    let form = page
        .form("sign-in")
        .with("username", login)
        .with("password", PASSWORD);
    visitor.submit(form, "").await
}

/// Sets a second factor up on the page for that, and keeps the codes on paper.
///
/// # Panics
/// When it cannot be set up.
pub async fn sets_up(visitor: &Visitor, login: &str, page: Page) {
    let form = page.form("set-up-factor").with("code", &telephone(&page));
    let shown = visitor.submit(form, "on").await;
    let codes = element(&shown, "once");
    let codes = codes.lines().map(str::to_owned).collect();
    let mut papers = PAPERS.lock().unwrap_or_else(PoisonError::into_inner);
    papers.insert(login.to_owned(), codes);
}

/// What a telephone shows that has read the secret on `page`, by the clock of the server.
///
/// # Panics
/// When the page shows no secret.
pub fn telephone(page: &Page) -> String {
    let secret = Secret::try_from_base32(secret(page)).expect("a secret");
    let (_, rest) = page.body.split_once("Số liệu lúc").expect("a time");
    let (_, rest) = rest.split_once("datetime=\"").expect("a time");
    let (at, _) = rest.split_once('"').expect("a time");
    let at = chrono::DateTime::parse_from_rfc3339(at).expect("a time");
    let totp = Builder::new()
        .with_secret(secret)
        .build()
        .expect("a secret");
    let seconds = u64::try_from(at.timestamp()).expect("after 1970");
    totp.generate(seconds).to_string()
}

/// A code on paper of `login` that was not used yet.
///
/// # Panics
/// When there is none.
pub fn paper(login: &str) -> String {
    let mut papers = PAPERS.lock().unwrap_or_else(PoisonError::into_inner);
    let left = papers.get_mut(login).expect("codes on paper");
    left.pop().expect("a code that was not used")
}

/// The secret that a telephone reads from `page`, as it can be typed.
///
/// # Panics
/// When the page shows none.
pub fn secret(page: &Page) -> String {
    element(page, "secret").split_whitespace().collect()
}

/// The text of the element called `name`.
///
/// # Panics
/// When the page has none.
pub fn element(page: &Page, name: &str) -> String {
    let mark = format!("data-element=\"{name}\">");
    let (_, rest) = page
        .body
        .split_once(&mark)
        .unwrap_or_else(|| panic!("no {name} on {}", page.body));
    let (text, _) = rest.split_once("</").expect("an end");
    text.trim().to_owned()
}
