//! `/quan-tri/xac-nhan`: the password or a code once more, before accounts and keys are touched.

use super::around::{AtDesk, NewcomerAt};
use super::sign_in::{Peer, address_of, own_path};
use crate::accounts::{password, second_factor, session};
use crate::audit::{self, Action, Subject};
use crate::error::{FieldError, Result};
use crate::pages::templates::ConfirmSelfPage;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Where to go on afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    tiep: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Proof {
    csrf: String,
    proof: String,
    return_to: String,
}

pub(super) async fn show(
    NewcomerAt(at): NewcomerAt,
    Query(onward): Query<Onward>,
) -> Result<Response> {
    let page = page(&at, &onward.tiep, Vec::new()).await?;
    at.answer(&page)
}

pub(super) async fn confirm(
    NewcomerAt(at): NewcomerAt,
    peer: Peer,
    Form(form): Form<Proof>,
) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    let peer = address_of(&peer);
    let login = &at.user.account.login;
    if let Err(soon) = at.site.sign_in.admit(login, peer, at.site.clock.now()) {
        let wait = format!("Đã thử quá nhiều lần. Xin đợi {} giây.", soon.seconds());
        let page = page(&at, &form.return_to, vec![FieldError::new("proof", wait)]).await?;
        return at
            .visit
            .answer_uncached(StatusCode::TOO_MANY_REQUESTS, &page);
    }
    if !is_right(&at, &form.proof).await? {
        tracing::warn!(account.login = login, "confirmation refused");
        let subject = Subject::account(&at.user.account);
        audit::refused(&at.site, &at.user.actor(), Action::Reconfirmed, subject).await?;
        let error = FieldError::new("proof", "Chưa đúng. Xin nhập lại.");
        let page = page(&at, &form.return_to, vec![error]).await?;
        return at.answer_again(&page);
    }
    at.site.sign_in.succeeded(login, peer);
    let (session, by) = (at.user.session.clone(), at.user.actor());
    let subject = Subject::account(&at.user.account);
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                session::note_confirmed(tx, &session, now).await?;
                audit::record(tx, &by, Action::Reconfirmed, subject, now).await
            })
        })
        .await?;
    Ok(Redirect::to(own_path(&form.return_to)).into_response())
}

/// Six digits are a code; anything else is the password.
async fn is_right(at: &AtDesk, proof: &str) -> Result<bool> {
    let digits: String = proof.chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
    if is_code {
        let id = at.user.id();
        let now = at.site.clock.now().timestamp_millis();
        return at
            .site
            .db
            .write(move |tx| {
                Box::pin(async move { second_factor::accepts(tx, id, &digits, now).await })
            })
            .await;
    }
    password::is_right(proof, Some(&at.user.account.password_hash)).await
}

async fn page(at: &AtDesk, return_to: &str, errors: Vec<FieldError>) -> Result<ConfirmSelfPage> {
    let factor = second_factor::find(at.site.db.reader(), at.user.id()).await?;
    Ok(ConfirmSelfPage {
        desk: at.desk("Xác nhận là bạn", "").await?,
        return_to: own_path(return_to).to_owned(),
        has_factor: factor.is_some(),
        errors: errors.into(),
    })
}
