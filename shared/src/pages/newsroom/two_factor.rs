//! `/quan-tri/tai-khoan/hai-lop`: setting up a second factor, changing and ending it.

use super::DESK_PATH;
use super::around::{AtDesk, Done, NewcomerAt};
use super::my_account;
use super::sign_in::{Peer, address_of, begin_session, with_cookie};
use crate::accounts::{recovery_code, second_factor, session};
use crate::audit::{self, Action, Subject};
use crate::error::{Error, FieldError, Result, SIGN_IN_PATH};
use crate::pages::cards;
use crate::pages::templates::{FactorToSetUp, SecondFactorPage, ShownOncePage};
use crate::pages::view::Link;
use axum::extract::Form;
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use serde::Deserialize;

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct FactorForm {
    csrf: String,
    action: String,
    code: String,
}

pub(super) async fn show(NewcomerAt(at): NewcomerAt) -> Result<Response> {
    let page = page(&at, Vec::new()).await?;
    at.answer(&page)
}

pub(super) async fn change(
    NewcomerAt(at): NewcomerAt,
    peer: Peer,
    headers: HeaderMap,
    Form(form): Form<FactorForm>,
) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    at.user.require_confirmed(at.site.clock.now())?;
    match form.action.as_str() {
        "on" => switch_on(&at, peer, &headers, form.code).await,
        "codes" => renew_codes(&at).await,
        "off" => switch_off(&at).await,
        _ => Err(Error::NotFound),
    }
}

async fn switch_on(at: &AtDesk, peer: Peer, headers: &HeaderMap, code: String) -> Result<Response> {
    let peer = address_of(&peer);
    let counted = format!("{} ma", at.user.account.login);
    if let Err(soon) = at.site.sign_in.admit(&counted, peer, at.site.clock.now()) {
        let wait = format!("Đã thử quá nhiều lần. Xin đợi {} giây.", soon.seconds());
        let page = page(at, vec![FieldError::new("code", wait)]).await?;
        return at.answer_again(&page);
    }
    let id = at.user.id();
    let now = at.site.clock.now().timestamp_millis();
    let (by, subject) = (at.user.actor(), Subject::account(&at.user.account));
    let confirmed = at.site.db.write(move |tx| {
        Box::pin(async move {
            let codes = second_factor::confirm(tx, id, &code, now).await?;
            audit::record(tx, &by, Action::SecondFactorOn, subject, now).await?;
            Ok(codes)
        })
    });
    let codes = match confirmed.await {
        Ok(codes) => codes,
        Err(Error::Invalid(errors)) => {
            let subject = Subject::account(&at.user.account);
            audit::refused(&at.site, &at.user.actor(), Action::SecondFactorOn, subject).await?;
            let page = page(at, errors).await?;
            return at.answer_again(&page);
        }
        Err(error) => return Err(error),
    };
    at.site.sign_in.succeeded(&counted, peer);
    tracing::info!(
        account.login = at.user.account.login,
        "second factor set up"
    );
    // With more to lose goes another session.
    let start = session::Start::whole(id).seen_as(headers, peer);
    let cookie = begin_session(&at.site, start, headers, None).await?;
    let shown = at.answer(&codes_page(at, codes, DESK_PATH).await?)?;
    let (mut parts, body) = shown.into_parts();
    let with_cookie = with_cookie(&cookie, Redirect::to(DESK_PATH))?;
    parts.headers.extend(
        with_cookie
            .headers()
            .get(axum::http::header::SET_COOKIE)
            .cloned()
            .map(|value| (axum::http::header::SET_COOKIE, value)),
    );
    Ok(Response::from_parts(parts, body))
}

async fn renew_codes(at: &AtDesk) -> Result<Response> {
    let id = at.user.id();
    if second_factor::find(at.site.db.reader(), id)
        .await?
        .is_none()
    {
        return Err(Error::NotFound);
    }
    let (by, subject) = (at.user.actor(), Subject::account(&at.user.account));
    let now = at.site.clock.now().timestamp_millis();
    let codes = at
        .site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let codes = recovery_code::renew(tx, id).await?;
                audit::record(tx, &by, Action::RecoveryCodesMade, subject, now).await?;
                Ok(codes)
            })
        })
        .await?;
    tracing::info!(
        account.login = at.user.account.login,
        "recovery codes renewed"
    );
    at.answer(&codes_page(at, codes, my_account::PATH).await?)
}

async fn switch_off(at: &AtDesk) -> Result<Response> {
    let id = at.user.id();
    let (by, subject) = (at.user.actor(), Subject::account(&at.user.account));
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                second_factor::reset(tx, id).await?;
                audit::record(tx, &by, Action::SecondFactorOff, subject, now).await
            })
        })
        .await?;
    tracing::info!(
        account.login = at.user.account.login,
        "second factor taken away"
    );
    Ok(Done::FactorReset.then(SIGN_IN_PATH))
}

async fn codes_page(at: &AtDesk, codes: Vec<String>, next: &str) -> Result<ShownOncePage> {
    Ok(ShownOncePage {
        desk: at.desk("Mã dự phòng", "").await?,
        intro: "Đã bật xác thực hai lớp. Hãy in hoặc chép 10 mã dự phòng này ra giấy và cất kỹ: mỗi mã dùng được một lần, khi không có điện thoại bên mình.".to_owned(),
        lines: codes,
        warning: "Các mã chỉ hiện lần này. Tạo mã mới thì mã cũ không dùng được nữa.".to_owned(),
        next: Link::new("Tôi đã cất mã, đi tiếp", next),
    })
}

async fn page(at: &AtDesk, errors: Vec<FieldError>) -> Result<SecondFactorPage> {
    let db = at.site.db.reader();
    let id = at.user.id();
    let factor = second_factor::find(db, id).await?;
    let set_up = match &factor {
        Some(_) => None,
        None => Some(to_set_up(at).await?),
    };
    Ok(SecondFactorPage {
        desk: at.desk("Xác thực hai lớp", "").await?,
        required: second_factor::is_required(&at.site, &at.user.rights),
        set_up,
        since: factor
            .and_then(|factor| factor.confirmed_at)
            .map(cards::moment),
        codes_left: recovery_code::left(db, id).await?,
        errors: errors.into(),
    })
}

async fn to_set_up(at: &AtDesk) -> Result<FactorToSetUp> {
    let id = at.user.id();
    let begun = at
        .site
        .db
        .write(move |tx| Box::pin(async move { second_factor::begin(tx, id).await }))
        .await?;
    Ok(FactorToSetUp {
        picture: begun.picture(&at.site, &at.user.account.login)?,
        secret: begun.secret_text(),
    })
}
