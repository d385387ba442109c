//! `/quan-tri/bai-viet/tu-luu`, `/quan-tri/bai-viet/{id}/tu-luu`: what is being typed, kept by itself.
//!
//! The contract with the editor's script:
//! - `POST` with the fields of the form as `multipart/form-data` or urlencoded, without files, and
//!   `Accept: application/json`. `csrf` and `revision` as in the form; for a text that has no draft yet also
//!   `draft`, an id the page made: sent twice, because an answer was lost, it is one draft.
//! - 200 `{"id", "address", "version", "saved_at", "state"}`: `version` is the next `revision` (a number),
//!   `address` is where the form goes from now on. What changed nothing answers the same version, and tells
//!   that its writer is still there: send it every 30 seconds at least while the form is open.
//! - 409, a problem document with `reason`: `locked` (`locked_by`: a name), `changed` (saved elsewhere
//!   meanwhile), `approved` (saving by itself would undo an approval). Nothing is kept; the text stays in
//!   the browser, and whoever types decides.
//! - 422: a title, lead or body too long, by `errors`. A date that is half typed is left out and no error.
//! - 401: the session is over; 507: no room on the disk.

use super::around::AtDesk;
use super::drafts::path_of;
use super::write::{belongs_to_this_form, foreign_section};
use crate::accounts::account;
use crate::error::{Error, Result};
use crate::newsroom::draft::{self, Contents};
use crate::newsroom::form::DraftForm;
use crate::newsroom::moves::{self, Saving};
use crate::newsroom::workflow::State;
use crate::newsroom::{lock, upload};
use crate::problem::{Problem, ProblemKind};
use crate::screening;
use crate::vietnamese;
use axum::Json;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Multipart, Path, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

/// Largest form without files, in bytes.
const LARGEST: usize = 2 * 1024 * 1024;

pub(super) async fn begin(at: AtDesk, request: Request) -> Result<Response> {
    let form = read(request).await?;
    at.user.check_form(&form.csrf)?;
    if let Some(draft) = belongs_to_this_form(&at, &form).await? {
        let version = draft.version();
        return keep(&at, draft, version, &form).await;
    }
    let contents = contents(&at, &form)?;
    let (person, by) = (at.person(&contents.input.section), at.user.id());
    let now = at.site.clock.now().timestamp_millis();
    let id = form.draft.parse().unwrap_or_else(|_| Uuid::now_v7());
    let begun = at
        .site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let draft = moves::begin_as(tx, id, contents, &person, true, now).await?;
                lock::take_over(tx, id, by, now).await?;
                Ok(draft)
            })
        })
        .await;
    let draft = screening::noted(&at.site, by, begun).await?;
    Ok(told(&at, &draft))
}

pub(super) async fn go_on(at: AtDesk, Path(id): Path<Uuid>, request: Request) -> Result<Response> {
    let draft = at.draft_to_change(id).await?;
    let form = read(request).await?;
    at.user.check_form(&form.csrf)?;
    let version = form.revision.parse().unwrap_or_default();
    keep(&at, draft, version, &form).await
}

/// What became of it, besides an error.
enum Kept {
    Yes(Box<draft::Model>),
    LockedBy(Uuid),
}

async fn keep(
    at: &AtDesk,
    draft: draft::Model,
    version: i64,
    form: &DraftForm,
) -> Result<Response> {
    let would_undo = matches!(
        draft.state(),
        State::Approved | State::Scheduled | State::Archived
    );
    if would_undo && draft.version() == version {
        return Ok(refused(
            "approved",
            "Bài đã được duyệt nên không tự lưu. Bấm “Lưu” nếu muốn sửa và duyệt lại.",
        )
        .into_response());
    }
    let contents = contents(at, form)?;
    let by = at.person(&draft.section);
    let (id, account) = (draft.id, at.user.id());
    let now = at.site.clock.now().timestamp_millis();
    let kept = at.site.db.write(move |tx| {
        Box::pin(async move {
            if let Some(held) = lock::take(tx, id, account, now).await? {
                return Ok(Kept::LockedBy(held.account_id));
            }
            let saving = Saving::ByItself;
            let draft = moves::save(tx, id, version, contents, &by, saving, now).await?;
            Ok::<_, Error>(Kept::Yes(Box::new(draft)))
        })
    });
    match screening::noted(&at.site, account, kept.await).await {
        Ok(Kept::Yes(draft)) => Ok(told(at, &draft)),
        Ok(Kept::LockedBy(other)) => {
            let name = account::find(at.site.db.reader(), other).await?;
            let name = name.map_or_else(|| "Người khác".to_owned(), |account| account.name);
            let words = format!("{name} đang sửa bài này. Chữ bạn vừa gõ còn trong trình duyệt.");
            Ok(refused("locked", words)
                .with("locked_by", name)
                .into_response())
        }
        Err(Error::Conflict(words)) => Ok(refused("changed", words).into_response()),
        Err(error) => Err(error),
    }
}

fn refused(reason: &str, words: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Conflict)
        .detail(words)
        .with("reason", reason)
}

fn contents(at: &AtDesk, form: &DraftForm) -> Result<Contents> {
    let contents = Contents::of_unfinished(form).map_err(Error::Invalid)?;
    match foreign_section(at, &contents.input.section) {
        Some(error) => Err(Error::Invalid(vec![error])),
        None => Ok(contents),
    }
}

fn told(at: &AtDesk, draft: &draft::Model) -> Response {
    let now = vietnamese::local(at.site.clock.now());
    Json(json!({
        "id": draft.id,
        "address": path_of(draft.id),
        "version": draft.version(),
        "saved_at": now.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
        "state": draft.state().as_str(),
    }))
    .into_response()
}

/// The form, however it was sent.
async fn read(request: Request) -> Result<DraftForm> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_in_parts = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if is_in_parts {
        let parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| Problem::new(ProblemKind::Malformed))?;
        let (form, _) = upload::read(parts).await?;
        return Ok(form);
    }
    let body = to_bytes(request.into_body(), LARGEST)
        .await
        .map_err(|_| Problem::new(ProblemKind::TooLarge))?;
    let mut form = DraftForm::default();
    for (name, value) in form_urlencoded::parse(&body) {
        form.put(&name, value.into_owned());
    }
    Ok(form)
}
