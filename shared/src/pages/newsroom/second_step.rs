//! `/quan-tri/dang-nhap/ma`: the code after the password.

use super::around;
use super::sign_in::{Peer, address_of, begin_session, own_path, with_cookie};
use crate::accounts::{account, recovery_code, second_factor, session};
use crate::audit::{self, Action, Actor, Connection, Subject};
use crate::error::{Error, FieldError, Result, SIGN_IN_PATH};
use crate::pages::templates::SecondStepPage;
use crate::pages::visit::Visit;
use crate::site::Site;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// The page.
pub(super) const PATH: &str = "/quan-tri/dang-nhap/ma";

/// Where to go on afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    tiep: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CodeForm {
    code: String,
    return_to: String,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Query(onward): Query<Onward>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response> {
    if halfway(&site, &headers).await?.is_none() {
        return Ok(Redirect::to(SIGN_IN_PATH).into_response());
    }
    let page = page(&site, &visit, &onward.tiep, Vec::new());
    visit.answer_uncached(StatusCode::OK, &page)
}

pub(super) async fn check(
    State(site): State<Arc<Site>>,
    peer: Peer,
    connection: Connection,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> Result<Response> {
    // Whoever took too long begins anew.
    let Some(account) = halfway(&site, &headers).await? else {
        return Ok(Redirect::to(SIGN_IN_PATH).into_response());
    };
    let peer = address_of(&peer);
    // A blank is in no login: codes are counted apart from passwords.
    let counted = format!("{} ma", account.login);
    if let Err(soon) = site.sign_in.admit(&counted, peer, site.clock.now()) {
        let wait = format!("Đã thử quá nhiều lần. Xin đợi {} giây.", soon.seconds());
        let errors = vec![FieldError::new("code", wait)];
        let page = page(&site, &visit, &form.return_to, errors);
        return visit.answer_uncached(StatusCode::TOO_MANY_REQUESTS, &page);
    }
    let (id, code) = (account.id, form.code);
    let now = site.clock.now().timestamp_millis();
    let (is_right, is_on_paper) = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let codes = recovery_code::left(tx, id).await?;
                let is_right = second_factor::accepts(tx, id, &code, now).await?;
                Ok::<_, Error>((is_right, recovery_code::left(tx, id).await? < codes))
            })
        })
        .await?;
    if !is_right {
        tracing::warn!(account.login = account.login, "second factor refused");
        metrics::counter!("sign_ins_total", "outcome" => "code_refused").increment(1);
        let visitor = Actor::Visitor(connection);
        let subject = Subject::account(&account);
        audit::refused(&site, &visitor, Action::SecondFactor, subject).await?;
        let Error::Invalid(errors) = second_factor::wrong_code() else {
            return Err(Error::Forbidden);
        };
        let page = page(&site, &visit, &form.return_to, errors);
        return visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    site.sign_in.succeeded(&counted, peer);
    metrics::counter!("sign_ins_total", "outcome" => "done").increment(1);
    tracing::info!(account.login = account.login, "signed in with two factors");
    let start = session::Start::whole(account.id).seen_as(&headers, peer);
    let action = match is_on_paper {
        true => Action::RecoveryCodeUsed,
        false => Action::SecondFactor,
    };
    let entered = Some((action, connection));
    let cookie = begin_session(&site, start, &headers, entered).await?;
    with_cookie(&cookie, Redirect::to(own_path(&form.return_to)))
}

/// Whose password was right a moment ago in this browser.
async fn halfway(site: &Site, headers: &HeaderMap) -> Result<Option<account::Model>> {
    let Some(token) = session::Token::of_request(site, headers) else {
        return Ok(None);
    };
    let now = site.clock.now().timestamp_millis();
    let found = session::find_halfway(site.db.reader(), &token, now).await?;
    Ok(found.map(|(_, account)| account))
}

fn page(site: &Site, visit: &Visit, return_to: &str, errors: Vec<FieldError>) -> SecondStepPage {
    SecondStepPage {
        desk: around::outside(site, visit, "Nhập mã xác thực"),
        return_to: own_path(return_to).to_owned(),
        errors: errors.into(),
    }
}
