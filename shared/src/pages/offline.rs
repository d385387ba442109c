//! Reading without a line: the service worker, the page it shows where it has nothing, and its question
//! about what it keeps; and the manifest that lets a telephone put the site on its home screen.

use super::assets;
use super::frame;
use super::templates::OfflinePage;
use super::visit::Visit;
use crate::entries::listing::{self, Listed};
use crate::error::{Error, Result};
use crate::log::content;
use crate::site::Site;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// Where the worker is: at the top, so that it may serve all pages.
const WORKER: &str = "/ngoai-tuyen.js";
/// The page for what is not kept.
const PAGE: &str = "/ngoai-tuyen";
/// Which kept entries are still shown.
const STILL_SHOWN: &str = "/ban-luu";
/// The web app manifest (W3C).
const MANIFEST: &str = "/manifest.webmanifest";

/// Entries one question may name; the worker knows the same number.
const MOST_ASKED: usize = 100;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route(WORKER, get(worker))
        .route(PAGE, get(page))
        .route(STILL_SHOWN, get(still_shown))
        .route(MANIFEST, get(manifest))
}

/// The worker. Browsers compare it byte by byte with the one they run, so it is asked for each time.
async fn worker() -> Result<Response> {
    let script = assets::bytes("worker.js").ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, script).into_response())
}

async fn page(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let mut frame = frame::bare(&site, visit.display);
    "Không có kết nối mạng".clone_into(&mut frame.head.title);
    frame.head.noindex = true;
    // It is not on the way to anything, and nobody knows by when it will be read.
    frame.today.clear();
    visit.answer_uncached(StatusCode::OK, &OfflinePage { frame })
}

/// What the worker asks.
#[derive(Debug, Deserialize)]
struct Kept {
    /// Ids of entries, 32 hexadecimal digits each, with full stops between.
    #[serde(default)]
    bai: String,
}

/// `{"shown": [ids]}`: those of the entries asked for that readers may still see here. Nothing is said of the
/// others: what was never shown, was taken back or is unknown is all the same.
async fn still_shown(State(site): State<Arc<Site>>, Query(kept): Query<Kept>) -> Result<Response> {
    let ids: Vec<Uuid> = kept
        .bai
        .split('.')
        .map(|id| Uuid::try_parse(id).map_err(|_| invalid()))
        .collect::<Result<_>>()?;
    if ids.len() > MOST_ASKED {
        return Err(invalid());
    }
    let db = site.db.reader();
    let mut listed = listing::find_many(db, &ids).await?;
    listed.retain(Listed::is_shown);
    // What was erased for good is shown no more, though its origin still stands by it.
    let hashes = listed
        .iter()
        .filter_map(|one| one.entry.content_hash.clone());
    let held = content::held(db, hashes.collect()).await?;
    let is_readable = |one: &&Listed| {
        let hash = one.entry.content_hash.as_ref();
        hash.is_some_and(|hash| held.contains(hash))
    };
    let shown = listed.iter().filter(is_readable);
    let shown = shown.map(|one| one.entry.entry_id.simple().to_string());
    let mut response = Json(json!({ "shown": shown.collect::<Vec<_>>() })).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}

fn invalid() -> Error {
    Error::invalid(
        "bai",
        "Nêu tối đa 100 mã bài, mỗi mã 32 chữ số thập lục phân, cách nhau bằng dấu chấm.",
    )
}

async fn manifest(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let icon =
        |name: &str| json!({ "src": assets::asset(name), "sizes": "any", "type": "image/svg+xml" });
    let shown = site.face.get();
    let mut icons = vec![icon("emblem.svg"), icon("favicon.svg")];
    if let Some(emblem) = shown.emblem() {
        icons.insert(0, json!({ "src": emblem, "type": "image/jpeg" }));
    }
    let manifest = json!({
        "name": site.profile.title,
        "short_name": site.profile.unit_name,
        "lang": "vi",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": shown.face.palette.theme_color(),
        "icons": icons,
    });
    visit.answer_bytes(
        "application/manifest+json",
        manifest.to_string().into_bytes(),
    )
}
