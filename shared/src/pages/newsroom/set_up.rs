//! `/quan-tri/khoi-tao`: opening the first account with the one-time code.

use super::sign_in::{Peer, address_of, begin_session, with_cookie};
use super::{DESK_PATH, around};
use crate::accounts::account::NewAccount;
use crate::accounts::first_code::{self, SET_UP_PATH};
use crate::accounts::{Grant, account, session};
use crate::audit::{Action, Connection};
use crate::error::{Error, FieldError, Result};
use crate::pages::templates::SetUpPage;
use crate::pages::visit::Visit;
use crate::site::Site;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SetUpForm {
    code: String,
    login: String,
    name: String,
    password: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    while_there_is_no_account(&site).await?;
    let page = page(&site, &visit, SetUpForm::default(), Vec::new());
    visit.answer_uncached(StatusCode::OK, &page)
}

pub(super) async fn open(
    State(site): State<Arc<Site>>,
    peer: Peer,
    connection: Connection,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<SetUpForm>,
) -> Result<Response> {
    while_there_is_no_account(&site).await?;
    let peer = address_of(&peer);
    // The code is guessed no faster than a password; its path is nobody's login.
    if let Err(soon) = site.sign_in.admit(SET_UP_PATH, peer, site.clock.now()) {
        let wait = format!("Đã thử quá nhiều lần. Xin đợi {} giây.", soon.seconds());
        let page = page(&site, &visit, form, vec![FieldError::new("code", wait)]);
        return visit.answer_uncached(StatusCode::TOO_MANY_REQUESTS, &page);
    }
    match first_account(&site, &form).await {
        Ok(account) => {
            site.sign_in.succeeded(SET_UP_PATH, peer);
            tracing::info!(
                account.login = account.login,
                "the first account was opened"
            );
            let start = session::Start::whole(account.id).seen_as(&headers, peer);
            let entered = Some((Action::SetUp, connection));
            let cookie = begin_session(&site, start, &headers, entered).await?;
            with_cookie(&cookie, Redirect::to(DESK_PATH))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&site, &visit, form, errors);
            visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error),
    }
}

async fn first_account(site: &Site, form: &SetUpForm) -> Result<account::Model> {
    let first = site.role.first_roles().iter().copied();
    let first = NewAccount {
        login: form.login.clone(),
        name: form.name.clone(),
        grants: first.map(Grant::from).collect(),
        password: form.password.clone(),
    };
    let first = first.prepare(site).await?;
    let code = form.code.clone();
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { first_code::redeem(tx, &code, first, now).await }))
        .await
}

async fn while_there_is_no_account(site: &Site) -> Result<()> {
    if account::any(site.db.reader()).await? {
        return Err(Error::NotFound);
    }
    Ok(())
}

fn page(site: &Site, visit: &Visit, form: SetUpForm, errors: Vec<FieldError>) -> SetUpPage {
    SetUpPage {
        desk: around::outside(site, visit, "Khởi tạo"),
        code: form.code,
        login: form.login,
        name: form.name,
        errors: errors.into(),
    }
}
