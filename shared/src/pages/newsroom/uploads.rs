//! `/quan-tri/tai-len`: files sent in pieces, by the core of tus 1.0 (tus.io) with creation,
//! expiration and termination. A line that breaks costs the piece that was on its way.

use crate::accounts::{CurrentUser, Right};
use crate::error::{Error, Result};
use crate::media::incoming::{self, About, Upload};
use crate::media::{intake, kind::Class};
use crate::site::Site;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use uuid::Uuid;

/// Where uploads begin.
pub(super) const PATH: &str = "/quan-tri/tai-len";
/// The version of the protocol.
const VERSION: &str = "1.0.0";
/// What of its extensions is spoken here.
const EXTENSIONS: &str = "creation,expiration,termination";
/// The type of a piece.
const PIECE: &str = "application/offset+octet-stream";

/// What the server can do.
pub(super) async fn options(State(site): State<Arc<Site>>) -> Result<Response> {
    let largest = intake::limit(&site, Class::Video);
    Ok(spoken(
        StatusCode::NO_CONTENT,
        [
            ("tus-version", VERSION.to_owned()),
            ("tus-extension", EXTENSIONS.to_owned()),
            ("tus-max-size", largest.to_string()),
        ],
    ))
}

/// Begins an upload: its length, its name, and whether it is for the library.
pub(super) async fn begin(
    State(site): State<Arc<Site>>,
    user: CurrentUser,
    headers: HeaderMap,
) -> Result<Response> {
    may(&user, &headers)?;
    let size = number(&headers, "upload-length")
        .ok_or_else(|| Error::invalid("file", "Thiếu kích thước của tệp (Upload-Length)."))?;
    let said = metadata(&headers);
    let about = About {
        name: said("filename").unwrap_or_default(),
        size,
        by: user.id(),
        is_kept: said("kept").is_some(),
        began_at: site.clock.now().timestamp_millis(),
        done: None,
    };
    let id = incoming::begin(&site, about).await?;
    let upload = incoming::find(&site, id, user.id()).await?;
    Ok(spoken(
        StatusCode::CREATED,
        [
            ("location", format!("{PATH}/{id}")),
            ("upload-expires", expires(&upload)),
        ],
    ))
}

/// How far an upload has come.
pub(super) async fn offset(
    State(site): State<Arc<Site>>,
    user: CurrentUser,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    user.require(Right::WriteDraft)?;
    let upload = incoming::find(&site, id, user.id()).await?;
    Ok(spoken(
        StatusCode::OK,
        [
            ("upload-offset", upload.offset.to_string()),
            ("upload-length", upload.about.size.to_string()),
            ("upload-expires", expires(&upload)),
            ("cache-control", "no-store".to_owned()),
        ],
    ))
}

/// The next piece. With the last one the file is looked at, and taken in or refused.
pub(super) async fn append(
    State(site): State<Arc<Site>>,
    user: CurrentUser,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    may(&user, &headers)?;
    let is_piece = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == PIECE.as_bytes());
    let Some(from) = number(&headers, "upload-offset").filter(|_| is_piece) else {
        return Err(Error::invalid(
            "file",
            "Thiếu Upload-Offset hoặc Content-Type của một phần tệp.",
        ));
    };
    let upload = incoming::find(&site, id, user.id()).await?;
    let until = expires(&upload);
    let offset = incoming::append(&site, upload, from, body).await?;
    Ok(spoken(
        StatusCode::NO_CONTENT,
        [
            ("upload-offset", offset.to_string()),
            ("upload-expires", until),
        ],
    ))
}

/// What an upload became.
pub(super) async fn result(
    State(site): State<Arc<Site>>,
    user: CurrentUser,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    user.require(Right::WriteDraft)?;
    let upload = incoming::find(&site, id, user.id()).await?;
    let done = upload.about.done.ok_or(Error::NotFound)?;
    Ok(Json(done).into_response())
}

/// Gives an upload up.
pub(super) async fn end(
    State(site): State<Arc<Site>>,
    user: CurrentUser,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    may(&user, &headers)?;
    incoming::find(&site, id, user.id()).await?;
    incoming::remove(&site, id).await?;
    Ok(spoken(StatusCode::NO_CONTENT, []))
}

/// Whoever may write may upload; and only a page of this session knows its token.
fn may(user: &CurrentUser, headers: &HeaderMap) -> Result<()> {
    user.require(Right::WriteDraft)?;
    user.check_form(text(headers, "x-csrf-token").unwrap_or_default())
}

fn spoken<const N: usize>(status: StatusCode, said: [(&'static str, String); N]) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert("tus-resumable", HeaderValue::from_static(VERSION));
    for (name, value) in said {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

fn expires(upload: &Upload) -> String {
    let at = upload.expires_at();
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

/// `Upload-Metadata`: names, each with a blank and its value in base64, separated by commas.
fn metadata(headers: &HeaderMap) -> impl Fn(&str) -> Option<String> {
    let said = text(headers, "upload-metadata").unwrap_or_default();
    let said: Vec<(String, String)> = said
        .split(',')
        .filter_map(|pair| {
            let mut pair = pair.trim().splitn(2, ' ');
            let name = pair.next()?.to_owned();
            let value = STANDARD
                .decode(pair.next().unwrap_or_default().trim())
                .ok()?;
            Some((name, String::from_utf8(value).ok()?))
        })
        .collect();
    move |name| {
        let found = said.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }
}
