//! `/quan-tri/dang-nhap`, `/quan-tri/dang-xuat`: coming and going.

use super::{DESK_PATH, around, second_step, single_sign_on};
use crate::accounts::account::OffReason;
use crate::accounts::{CurrentUser, account, idle, password, second_factor, session};
use crate::audit::{self, Action, Actor, Connection, Subject};
use crate::error::{Error, Result, SIGN_IN_PATH};
use crate::pages::templates::SignInPage;
use crate::pages::view::FormErrors;
use crate::pages::visit::Visit;
use crate::server::ClientIp;
use crate::site::Site;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::Cookie;
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::Arc;

/// The client's address, where the server told it.
pub(super) type Peer = Option<Extension<ClientIp>>;

pub(super) fn address_of(peer: &Peer) -> Option<IpAddr> {
    peer.as_ref().map(|Extension(ClientIp(address))| *address)
}

/// Where to go on afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    tiep: String,
}

/// The form.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    return_to: String,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    user: Option<CurrentUser>,
    Query(next): Query<Next>,
    visit: Visit,
) -> Result<Response> {
    if user.is_some() {
        return Ok(Redirect::to(own_path(&next.tiep)).into_response());
    }
    let form = SignInForm {
        username: String::new(),
        password: String::new(),
        return_to: next.tiep,
    };
    let page = page(&site, &visit, form, FormErrors::default());
    visit.answer_uncached(StatusCode::OK, &page)
}

pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    peer: Peer,
    connection: Connection,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response> {
    let login = account::login_of(&form.username);
    let peer = address_of(&peer);
    if let Err(soon) = site.sign_in.admit(&login, peer, site.clock.now()) {
        return too_soon(&site, &visit, form, soon.seconds());
    }
    let account = account::find_by_login(site.db.reader(), &login).await?;
    // Whose account is off for being idle is told so, but only with the right password.
    let account =
        account.filter(|account| account.active || account.off_reason() == Some(OffReason::Idle));
    let kept = account
        .as_ref()
        .map(|account| account.password_hash.as_str());
    let is_right = password::is_right(&form.password, kept).await?;
    let tried = account
        .as_ref()
        .map_or_else(Subject::none, Subject::account);
    let visitor = Actor::Visitor(connection);
    let Some(account) = account.filter(|_| is_right) else {
        // The name is not logged: people type their password into the wrong field.
        tracing::warn!(
            client = peer.map(tracing::field::display),
            "sign-in refused"
        );
        metrics::counter!("sign_ins_total", "outcome" => "refused").increment(1);
        audit::refused(&site, &visitor, Action::SignedIn, tried).await?;
        let mut errors = FormErrors::default();
        errors.add("username", "Tên đăng nhập hoặc mật khẩu chưa đúng.");
        let page = page(&site, &visit, form, errors);
        return visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    site.sign_in.succeeded(&login, peer);
    if !account.active {
        tracing::info!(
            account.login = account.login,
            "sign-in refused: switched off for being idle"
        );
        audit::refused(&site, &visitor, Action::SignedIn, tried).await?;
        let mut errors = FormErrors::default();
        let words = format!(
            "Tài khoản này đã tự tắt vì {} ngày không đăng nhập. Hãy gọi quản trị viên của đơn vị để bật lại.",
            idle::DAYS
        );
        errors.add("", words);
        let page = page(&site, &visit, form, errors);
        return visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let onward = own_path(&form.return_to);
    let has_factor = second_factor::find(site.db.reader(), account.id)
        .await?
        .is_some();
    let (start, onward) = match has_factor {
        true => {
            let code = around::address(second_step::PATH, [("tiep", onward)]);
            (session::Start::halfway(account.id), code)
        }
        false => {
            metrics::counter!("sign_ins_total", "outcome" => "done").increment(1);
            tracing::info!(account.login = account.login, "signed in");
            (session::Start::whole(account.id), onward.to_owned())
        }
    };
    let entered = start.is_whole().then_some((Action::SignedIn, connection));
    let start = start.seen_as(&headers, peer);
    let cookie = begin_session(&site, start, &headers, entered).await?;
    with_cookie(&cookie, Redirect::to(&onward))
}

/// Begins a session with a new id; the one this browser had before is over. How somebody came in stands
/// in the audit record, unless they were in before.
pub(super) async fn begin_session(
    site: &Arc<Site>,
    start: session::Start,
    headers: &HeaderMap,
    entered: Option<(Action, Connection)>,
) -> Result<Cookie<'static>> {
    let before = session::Token::of_request(site, headers);
    let now = site.clock.now().timestamp_millis();
    let token = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(before) = before {
                    session::end(tx, &before).await?;
                }
                if start.is_whole() {
                    account::note_seen(tx, start.account_id(), now).await?;
                }
                let id = start.account_id();
                let token = session::begin(tx, start, now).await?;
                if let Some((action, connection)) = entered {
                    let account = account::find(tx, id).await?.ok_or(Error::NotFound)?;
                    let person = Actor::person(&account, None, connection);
                    let subject = Subject::account(&account);
                    audit::record(tx, &person, action, subject, now).await?;
                }
                Ok(token)
            })
        })
        .await?;
    Ok(token.cookie(site))
}

pub(super) fn with_cookie(cookie: &Cookie<'static>, onward: Redirect) -> Result<Response> {
    let cookie = HeaderValue::from_str(&cookie.to_string()).map_err(anyhow::Error::new)?;
    Ok(([(header::SET_COOKIE, cookie)], onward).into_response())
}

/// The form token, sent back.
#[derive(Deserialize)]
pub(super) struct SignOutForm {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn sign_out(
    State(site): State<Arc<Site>>,
    user: Option<CurrentUser>,
    headers: HeaderMap,
    Form(form): Form<SignOutForm>,
) -> Result<Response> {
    // Whose session is over already wants nothing else.
    if let Some(user) = user {
        user.check_form(&form.csrf)?;
        if let Some(token) = session::Token::of_request(&site, &headers) {
            let (by, now) = (user.actor(), site.clock.now().timestamp_millis());
            let subject = Subject::account(&user.account);
            site.db
                .write(move |tx| {
                    Box::pin(async move {
                        session::end(tx, &token).await?;
                        audit::record(tx, &by, Action::SignedOut, subject, now).await
                    })
                })
                .await?;
        }
    }
    with_cookie(&session::removal_cookie(&site), Redirect::to(SIGN_IN_PATH))
}

fn too_soon(site: &Site, visit: &Visit, form: SignInForm, seconds: i64) -> Result<Response> {
    metrics::counter!("sign_ins_total", "outcome" => "too_soon").increment(1);
    let mut errors = FormErrors::default();
    errors.add(
        "",
        format!("Đã thử quá nhiều lần. Xin đợi {seconds} giây rồi đăng nhập lại."),
    );
    let page = page(site, visit, form, errors);
    let mut response = visit.answer_uncached(StatusCode::TOO_MANY_REQUESTS, &page)?;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

fn page(site: &Site, visit: &Visit, form: SignInForm, errors: FormErrors) -> SignInPage {
    SignInPage {
        desk: around::outside(site, visit, "Đăng nhập"),
        username: form.username.chars().take(64).collect(),
        return_to: own_path(&form.return_to).to_owned(),
        single_sign_on: single_sign_on::link_of(site, own_path(&form.return_to)),
        errors,
    }
}

/// `wanted` if it is a path of the back office; its front page otherwise. Nobody is sent to another
/// site for having signed in to this one.
pub(super) fn own_path(wanted: &str) -> &str {
    let rest = wanted.strip_prefix(DESK_PATH);
    let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let is_plain = wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let is_elsewhere = !wanted.starts_with(SIGN_IN_PATH);
    if is_below && is_plain && is_elsewhere {
        wanted
    } else {
        DESK_PATH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_for_having_signed_in() {
        for own in [
            "/quan-tri",
            "/quan-tri/bai-viet?q=kon%20ray",
            "/quan-tri?trang=2",
        ] {
            assert_eq!(own_path(own), own);
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example/quan-tri",
            "/quan-tri\\..\\evil",
            "/quan-tri/\r\nSet-Cookie: x=y",
            "/quan-tri.evil.example",
            "/quan-tri/dang-nhap",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_path(other), DESK_PATH, "{other:?}");
        }
    }
}
