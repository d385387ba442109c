//! `/quan-tri/tai-khoan`: one's own password, second factor and browsers.

use super::around::{AtDesk, Done};
use super::sign_in::{Peer, address_of, begin_session, with_cookie};
use super::single_sign_on;
use crate::accounts::{account, browser, grant, password, second_factor, session};
use crate::audit::{self, Action, Subject};
use crate::entries::section::Tree;
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use crate::pages::cards;
use crate::pages::templates::{MyAccountPage, SessionRow};
use axum::extract::Form;
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/tai-khoan";

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AccountForm {
    csrf: String,
    action: String,
    session: String,
    current: String,
    password: String,
}

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let page = page(&at, Vec::new()).await?;
    at.answer(&page)
}

pub(super) async fn change(
    at: AtDesk,
    peer: Peer,
    headers: HeaderMap,
    Form(form): Form<AccountForm>,
) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    match form.action.as_str() {
        "end" => {
            let hash = session_of(&form.session)?;
            end_sessions(&at, Ended::One(hash)).await
        }
        "end_others" => {
            let own = at.user.session.token_hash.clone();
            end_sessions(&at, Ended::AllBut(own)).await
        }
        "password" => change_password(&at, peer, &headers, form).await,
        _ => Err(Error::NotFound),
    }
}

/// Which of one's own sessions end.
#[derive(Clone)]
enum Ended {
    One(Vec<u8>),
    AllBut(Vec<u8>),
}

async fn end_sessions(at: &AtDesk, ended: Ended) -> Result<Response> {
    let (id, by) = (at.user.id(), at.user.actor());
    let subject = Subject::account(&at.user.account);
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let action = match ended {
                    Ended::One(hash) => {
                        session::end_one(tx, id, hash).await?;
                        Action::SessionEnded
                    }
                    Ended::AllBut(own) => {
                        session::end_others(tx, id, own).await?;
                        Action::SessionsEnded
                    }
                };
                audit::record(tx, &by, action, subject, now).await
            })
        })
        .await?;
    Ok(Done::SessionsEnded.then(PATH))
}

/// A session by what a form sends.
fn session_of(sent: &str) -> Result<Vec<u8>> {
    let digest = Digest::from_hex(sent).map_err(|_| Error::NotFound)?;
    Ok(digest.as_bytes().to_vec())
}

async fn change_password(
    at: &AtDesk,
    peer: Peer,
    headers: &HeaderMap,
    form: AccountForm,
) -> Result<Response> {
    let peer = address_of(&peer);
    let account = &at.user.account;
    let errors = match at
        .site
        .sign_in
        .admit(&account.login, peer, at.site.clock.now())
    {
        Err(soon) => {
            let wait = format!("Đã thử quá nhiều lần. Xin đợi {} giây.", soon.seconds());
            vec![FieldError::new("current", wait)]
        }
        Ok(()) if password::is_right(&form.current, Some(&account.password_hash)).await? => {
            at.site.sign_in.succeeded(&account.login, peer);
            let names = [&*account.login, &account.name, &at.site.profile.unit_name];
            let weakness = password::weakness(&form.password, &names);
            let weakness = weakness.map(|words| FieldError::new("password", words));
            weakness.into_iter().collect()
        }
        Ok(()) => {
            let subject = Subject::account(account);
            audit::refused(&at.site, &at.user.actor(), Action::PasswordChanged, subject).await?;
            vec![FieldError::new("current", "Mật khẩu hiện nay chưa đúng.")]
        }
    };
    if !errors.is_empty() {
        let page = page(at, errors).await?;
        return at.answer_again(&page);
    }
    let hash = password::hash(&form.password).await?;
    let id = account.id;
    let (by, subject) = (at.user.actor(), Subject::account(account));
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                account::set_password(tx, id, hash).await?;
                audit::record(tx, &by, Action::PasswordChanged, subject, now).await
            })
        })
        .await?;
    tracing::info!(account.login = account.login, "password changed");
    let start = session::Start::whole(id).seen_as(headers, peer);
    let cookie = begin_session(&at.site, start, headers, None).await?;
    with_cookie(&cookie, Redirect::to(&Done::PasswordChanged.path(PATH)))
}

/// The browsers in which `account` is signed in.
pub(super) async fn sessions(at: &AtDesk, account: Uuid) -> Result<Vec<SessionRow>> {
    let now = at.site.clock.now().timestamp_millis();
    let all = session::list(at.site.db.reader(), account, now).await?;
    let rows = all.into_iter().map(|session| SessionRow {
        id: Digest::from_slice(&session.token_hash)
            .map(|digest| digest.hex())
            .unwrap_or_default(),
        browser: browser::in_words(session.browser.as_deref().unwrap_or_default()),
        address: session.address.clone().unwrap_or_default(),
        since: cards::moment(session.created_at),
        seen: cards::moment(session.seen_at),
        is_this: session.token_hash == at.user.session.token_hash,
    });
    Ok(rows.collect())
}

async fn page(at: &AtDesk, errors: Vec<FieldError>) -> Result<MyAccountPage> {
    let db = at.site.db.reader();
    let id = at.user.id();
    let sections = Tree::load(db).await?;
    let grants = grant::of(db, id).await?;
    let factor = second_factor::find(db, id).await?;
    Ok(MyAccountPage {
        desk: at.desk("Tài khoản của tôi", PATH).await?,
        login: at.user.account.login.clone(),
        name: at.user.account.name.clone(),
        grants: grants.iter().map(|grant| grant.label(&sections)).collect(),
        factor_since: factor
            .and_then(|factor| factor.confirmed_at)
            .map(cards::moment),
        sessions: sessions(at, id).await?,
        single_sign_on: single_sign_on::link_of_account(&at.site),
        errors: errors.into(),
    })
}
