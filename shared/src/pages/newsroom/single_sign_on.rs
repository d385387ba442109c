//! `/quan-tri/dang-nhap/mot-lan…`: signing in through the province's single sign-on, and linking an
//! account with it.
//!
//! The way out is a link and not a form: browsers hold a form's target to our own pages, redirects
//! included.

use super::around::{self, AtDesk, address};
use super::sign_in::{Peer, address_of, begin_session, own_path, with_cookie};
use super::{DESK_PATH, second_step};
use crate::accounts::openid::attempt::{self, Binding};
use crate::accounts::openid::{Identity, Provider, link};
use crate::accounts::{account, second_factor, session};
use crate::audit::{self, Action, Actor, Connection, Subject};
use crate::error::{Error, Result, SIGN_IN_PATH};
use crate::pages::templates::{SignInPage, SingleSignOnPage};
use crate::pages::view::FormErrors;
use crate::pages::visit::Visit;
use crate::site::Site;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// Where somebody sets out.
pub(super) const BEGIN: &str = "/quan-tri/dang-nhap/mot-lan";
/// Where the provider sends people back to.
pub const BACK: &str = "/quan-tri/dang-nhap/mot-lan/tra-ve";
/// Where somebody signs out of the provider as well.
pub(super) const SIGN_OUT: &str = "/quan-tri/dang-xuat/mot-lan";
/// Where somebody links an account of his own.
pub(super) const LINK: &str = "/quan-tri/tai-khoan/mot-lan";
/// The place of all attempts from one address among those that are slowed down.
const THROTTLED_AS: &str = "openid";

/// Where to go on afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    tiep: String,
}

pub(super) async fn begin(
    State(site): State<Arc<Site>>,
    peer: Peer,
    Query(next): Query<Next>,
    visit: Visit,
) -> Result<Response> {
    let provider = provider(&site)?;
    let key = format!("{THROTTLED_AS}-{:?}", address_of(&peer));
    if let Err(soon) = site
        .sign_in
        .admit(&key, address_of(&peer), site.clock.now())
    {
        let words = format!(
            "Đã thử quá nhiều lần. Xin đợi {} giây rồi đăng nhập lại.",
            soon.seconds()
        );
        return told(&site, &visit, StatusCode::TOO_MANY_REQUESTS, &words);
    }
    let return_to = own_path(&next.tiep).to_owned();
    match set_out(&site, provider, return_to, None).await? {
        Ok((url, binding)) => bound(&site, &binding, Redirect::to(&url).into_response()),
        Err(words) => told(&site, &visit, StatusCode::BAD_GATEWAY, words),
    }
}

/// Where the browser is to go, and what it keeps meanwhile; or why not, in words.
async fn set_out(
    site: &Arc<Site>,
    provider: &Provider,
    return_to: String,
    links: Option<Uuid>,
) -> Result<std::result::Result<(String, Binding), &'static str>> {
    let (url, attempt) = match provider.begin().await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::warn!(%error, "the single sign-on could not be asked");
            return Ok(Err(error.in_words()));
        }
    };
    let binding = Binding::mint()?;
    let (kept, now) = (binding.clone(), site.clock.now().timestamp_millis());
    site.db
        .write(move |tx| {
            Box::pin(
                async move { attempt::keep(tx, attempt, &kept, (return_to, links), now).await },
            )
        })
        .await?;
    Ok(Ok((url.to_string(), binding)))
}

fn bound(site: &Site, binding: &Binding, mut response: Response) -> Result<Response> {
    let cookie = binding.cookie(site).to_string();
    let cookie = HeaderValue::from_str(&cookie).map_err(anyhow::Error::new)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// What the provider sends back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    code: String,
    state: String,
    error: String,
}

const AGAIN: &str =
    "Lượt đăng nhập này không còn hiệu lực, hoặc được mở ở trình duyệt khác. Hãy đăng nhập lại.";
const CANCELLED: &str =
    "Hệ thống đăng nhập một lần không cho đăng nhập. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.";
const UNKNOWN: &str = "Tài khoản đăng nhập một lần này chưa được gắn với tài khoản nào ở trang. Hãy nhờ quản trị viên của đơn vị gắn, hoặc đăng nhập bằng mật khẩu rồi tự gắn.";

pub(super) async fn back(
    State(site): State<Arc<Site>>,
    peer: Peer,
    connection: Connection,
    visit: Visit,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response> {
    let provider = provider(&site)?;
    let visitor = Actor::Visitor(connection);
    let Some(known) = attempt_of(&site, &headers, &back.state).await? else {
        refuse(&site, &visitor, Subject::none()).await?;
        return told(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, AGAIN);
    };
    if !back.error.is_empty() || back.code.is_empty() {
        return told(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, CANCELLED);
    }
    let identity = match provider.finish(known.attempt(), back.code).await {
        Ok(identity) => identity,
        Err(error) => {
            tracing::warn!(%error, "sign-in through the single sign-on refused");
            refuse(&site, &visitor, Subject::none()).await?;
            return told(
                &site,
                &visit,
                StatusCode::UNPROCESSABLE_ENTITY,
                error.in_words(),
            );
        }
    };
    if let Some(account) = known.links {
        return finish_linking(&site, &visit, &headers, connection, (account, identity)).await;
    }
    let Some(account) = account_of(&site, &visitor, &identity).await? else {
        refuse(&site, &visitor, Subject::none()).await?;
        return told(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, UNKNOWN);
    };
    if !account.active {
        refuse(&site, &visitor, Subject::account(&account)).await?;
        let words = "Tài khoản này đã tắt. Hãy gọi quản trị viên của đơn vị.";
        return told(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, words);
    }
    let asks_for_code = !identity.has_second_factor
        && second_factor::find(site.db.reader(), account.id)
            .await?
            .is_some();
    let onward = own_path(&known.return_to);
    let (start, onward) = match asks_for_code {
        true => (
            session::Start::halfway(account.id),
            address(second_step::PATH, [("tiep", onward)]),
        ),
        false => (session::Start::whole(account.id), onward.to_owned()),
    };
    tracing::info!(
        account.login = account.login,
        "signed in through the single sign-on"
    );
    let entered = start
        .is_whole()
        .then_some((Action::SignedInBySso, connection));
    let start = start.seen_as(&headers, address_of(&peer));
    let cookie = begin_session(&site, start, &headers, entered).await?;
    with_cookie(&cookie, Redirect::to(&onward))
}

async fn attempt_of(
    site: &Arc<Site>,
    headers: &HeaderMap,
    state: &str,
) -> Result<Option<attempt::Model>> {
    let Some(binding) = Binding::of_request(site, headers) else {
        return Ok(None);
    };
    let (state, now) = (state.to_owned(), site.clock.now().timestamp_millis());
    site.db
        .write(move |tx| Box::pin(async move { attempt::use_up(tx, &state, &binding, now).await }))
        .await
}

async fn account_of(
    site: &Arc<Site>,
    visitor: &Actor,
    identity: &Identity,
) -> Result<Option<account::Model>> {
    let (identity, by) = (identity.clone(), visitor.clone());
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let Some((account, is_new)) = link::account_of(tx, &identity, now).await? else {
                    return Ok(None);
                };
                if is_new {
                    let subject = Subject::account(&account);
                    audit::record(tx, &by, Action::SsoLinked, subject, now).await?;
                }
                Ok(Some(account))
            })
        })
        .await
}

/// Links the account of whoever set out, if it is still he who came back.
async fn finish_linking(
    site: &Arc<Site>,
    visit: &Visit,
    headers: &HeaderMap,
    connection: Connection,
    (account, identity): (Uuid, Identity),
) -> Result<Response> {
    let now = site.clock.now().timestamp_millis();
    let signed_in = match session::Token::of_request(site, headers) {
        Some(token) => session::find(site.db.reader(), &token, now).await?,
        None => None,
    };
    let Some((session, account)) = signed_in.filter(|(_, signed_in)| signed_in.id == account)
    else {
        return told(site, visit, StatusCode::UNPROCESSABLE_ENTITY, AGAIN);
    };
    let person = Actor::person(&account, Some(&session), connection);
    let linked = site.db.write(move |tx| {
        Box::pin(async move {
            link::link(tx, account.id, &identity, now).await?;
            let subject = Subject::account(&account);
            audit::record(tx, &person, Action::SsoLinked, subject, now).await
        })
    });
    linked.await?;
    Ok(Redirect::to(LINK).into_response())
}

/// What a form of the page sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    csrf: String,
    action: String,
}

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let page = page(&at, None).await?;
    at.answer(&page)
}

pub(super) async fn change(at: AtDesk, Form(change): Form<Change>) -> Result<Response> {
    at.user.check_form(&change.csrf)?;
    let provider = provider(&at.site)?;
    if change.action == "unlink" {
        let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
        let account = at.user.account.clone();
        at.site
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if link::unlink(tx, account.id).await? {
                        let subject = Subject::account(&account);
                        audit::record(tx, &by, Action::SsoUnlinked, subject, now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        return Ok(Redirect::to(LINK).into_response());
    }
    if change.action != "link" {
        return Err(Error::NotFound);
    }
    match set_out(&at.site, provider, LINK.to_owned(), Some(at.user.id())).await? {
        Ok((url, binding)) => {
            let page = page(&at, Some(url)).await?;
            bound(&at.site, &binding, at.answer(&page)?)
        }
        Err(words) => Err(Error::Conflict(words.to_owned())),
    }
}

async fn page(at: &AtDesk, onward: Option<String>) -> Result<SingleSignOnPage> {
    let provider = provider(&at.site)?;
    let link = link::of_account(at.site.db.reader(), at.user.id()).await?;
    Ok(SingleSignOnPage {
        desk: at.desk(provider.label(), LINK).await?,
        action: LINK.to_owned(),
        label: provider.label().to_owned(),
        is_linked: link.as_ref().is_some_and(|link| link.subject.is_some()),
        expected: link.and_then(|link| link.expected),
        onward,
    })
}

pub(super) async fn sign_out(State(site): State<Arc<Site>>) -> Result<Response> {
    let provider = provider(&site)?;
    let onward = match provider.sign_out().await {
        Ok(Some(url)) => url.to_string(),
        Ok(None) | Err(_) => SIGN_IN_PATH.to_owned(),
    };
    Ok(Redirect::to(&onward).into_response())
}

fn provider(site: &Site) -> Result<&Provider> {
    site.openid.get().ok_or(Error::NotFound)
}

async fn refuse(site: &Site, visitor: &Actor, subject: Subject) -> Result<()> {
    audit::refused(site, visitor, Action::SignedInBySso, subject).await
}

/// The sign-in page with what there is to say.
fn told(site: &Site, visit: &Visit, status: StatusCode, words: &str) -> Result<Response> {
    let mut errors = FormErrors::default();
    errors.add("", words);
    let page = SignInPage {
        desk: around::outside(site, visit, "Đăng nhập"),
        username: String::new(),
        return_to: DESK_PATH.to_owned(),
        single_sign_on: link_of(site, DESK_PATH),
        errors,
    };
    visit.answer_uncached(status, &page)
}

/// The way to link one's own account with the single sign-on, where there is one.
pub(super) fn link_of_account(site: &Site) -> Option<crate::pages::view::Link> {
    let provider = site.openid.get()?;
    Some(crate::pages::view::Link::new(provider.label(), LINK))
}

/// The way to the single sign-on, where there is one: what it says, and where it leads.
pub(super) fn link_of(site: &Site, return_to: &str) -> Option<crate::pages::view::Link> {
    let provider = site.openid.get()?;
    let url = address(BEGIN, [("tiep", return_to)]);
    Some(crate::pages::view::Link::new(provider.label(), url))
}
