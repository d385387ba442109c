//! `/quan-tri/loi-moi`: taking up an invitation.

use super::sign_in::{Peer, address_of, begin_session, with_cookie};
use super::{DESK_PATH, around};
use crate::accounts::{invitation, session};
use crate::audit::{Action, Connection};
use crate::entries::section::Tree;
use crate::error::{Error, FieldError, Result};
use crate::pages::templates::InvitationPage;
use crate::pages::visit::Visit;
use crate::site::Site;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// The link.
#[derive(Deserialize)]
pub(super) struct Followed {
    #[serde(default)]
    ma: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TakeUp {
    token: String,
    password: String,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Query(followed): Query<Followed>,
    visit: Visit,
) -> Result<Response> {
    let page = page(&site, &visit, followed.ma, Vec::new()).await?;
    visit.answer_uncached(StatusCode::OK, &page)
}

pub(super) async fn take_up(
    State(site): State<Arc<Site>>,
    peer: Peer,
    connection: Connection,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<TakeUp>,
) -> Result<Response> {
    let peer = address_of(&peer);
    // A hash a try is all a guess may cost; its path is nobody's login.
    if let Err(soon) = site.sign_in.admit(invitation::PATH, peer, site.clock.now()) {
        let wait = format!("Đã thử quá nhiều lần. Xin đợi {} giây.", soon.seconds());
        let errors = vec![FieldError::new("password", wait)];
        let page = page(&site, &visit, form.token, errors).await?;
        return visit.answer_uncached(StatusCode::TOO_MANY_REQUESTS, &page);
    }
    match invitation::take_up(&site, &form.token, &form.password).await {
        Ok(account) => {
            site.sign_in.succeeded(invitation::PATH, peer);
            tracing::info!(account.login = account.login, "an invitation was taken up");
            let start = session::Start::whole(account.id).seen_as(&headers, peer);
            let entered = Some((Action::AccountOpened, connection));
            let cookie = begin_session(&site, start, &headers, entered).await?;
            with_cookie(&cookie, Redirect::to(DESK_PATH))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&site, &visit, form.token, errors).await?;
            visit.answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error),
    }
}

async fn page(
    site: &Site,
    visit: &Visit,
    token: String,
    errors: Vec<FieldError>,
) -> Result<InvitationPage> {
    let db = site.db.reader();
    let now = site.clock.now().timestamp_millis();
    let found = invitation::find(db, &token, now).await?;
    let found = found.ok_or_else(|| {
        Error::Conflict(
            "Lời mời này đã dùng rồi hoặc đã hết hạn. Hãy nhờ quản trị viên mời lại.".to_owned(),
        )
    })?;
    let sections = Tree::load(db).await?;
    let grants = found.grants();
    Ok(InvitationPage {
        desk: around::outside(site, visit, "Mở tài khoản"),
        token,
        grants: grants.iter().map(|grant| grant.label(&sections)).collect(),
        login: found.login,
        name: found.name,
        errors: errors.into(),
    })
}
