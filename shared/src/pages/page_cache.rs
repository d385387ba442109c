//! Public pages drawn once for everybody who asks the same.
//!
//! A page counts for the revision of what it was made of ([`Counter::Page`]), which moves in the transaction that
//! changes anything pages show: what was recalled is gone with the commit, in whatever process that happened. A bulletin
//! begins and ends to the moment; what else only time changes (a notice that ends, yesterday's date) is ten seconds late
//! at most.

use super::view::Display;
use super::visit::Visit;
use crate::bulletins::above;
use crate::error::Error;
use crate::face::Shown;
use crate::feeds::http::is_known;
use crate::readership::PublicPage;
use crate::site::Site;
use crate::storage::{self, Counter};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use quick_cache::Weighter;
use quick_cache::sync::{Cache, EntryAction, EntryResult};
use std::sync::Arc;

/// For how long a page stands that nothing but time changes.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(10);
/// What the pages of one site may take, in bytes: some hundred pages.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// How many pages are expected.
const PAGES: usize = 256;
/// What a remembered answer takes besides its body, in bytes.
const OVERHEAD: u64 = 512;
/// No page of ours is larger, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// The pages of one site.
#[derive(Debug)]
pub struct PageCache(Cache<Key, Drawn, Weight>);

impl Default for PageCache {
    fn default() -> Self {
        Self(Cache::with_weighter(PAGES, MOST_BYTES, Weight))
    }
}

/// Marks an answer as one to be drawn for each who asks: it says what is on the disk at this moment, and a disk that
/// goes bad tells no counter.
#[derive(Clone, Copy, Debug)]
pub struct EachTime;

/// What a page depends on besides what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    path: String,
    display: Display,
    closed_notices: Vec<String>,
}

/// What stood when a page was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Revision {
    stored: i64,
    /// How the site looked: it is taken up after the commit, in other processes some seconds after.
    face: Arc<Shown>,
    /// When the views were counted that pages show.
    views: Option<DateTime<Utc>>,
}

/// An answer, and what it was drawn from.
#[derive(Clone, Debug)]
struct Drawn {
    revision: Revision,
    at: DateTime<Utc>,
    /// When a bulletin begins or ends; milliseconds.
    turns_at: Option<i64>,
    /// None where each has to be answered by itself, so that nobody waits for another's answer in vain.
    page: Option<Arc<Page>>,
}

#[derive(Debug)]
struct Page {
    headers: HeaderMap,
    tag: String,
    body: Bytes,
    counts_as: PublicPage,
}

#[derive(Clone, Copy, Debug)]
struct Weight;

impl Weighter<Key, Drawn> for Weight {
    fn weight(&self, key: &Key, drawn: &Drawn) -> u64 {
        let body = drawn.page.as_ref().map_or(0, |page| page.body.len());
        OVERHEAD + (key.path.len() + body) as u64
    }
}

/// Answers with the page as it was drawn for somebody else, or has it drawn. Of many who ask for the same at once
/// one has it drawn and the others wait for it.
pub async fn drawn_once(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let revision = match Revision::of(&site).await {
        Ok(revision) => revision,
        Err(error) => return error.into_response(),
    };
    let now = site.clock.now();
    let key = Key::of(&request);
    let found = site.pages.0.entry_async(&key, |_, drawn: &mut Drawn| {
        match drawn.revision == revision && drawn.is_fresh(now) {
            true => EntryAction::Retain(drawn.page.clone()),
            false => EntryAction::ReplaceWithGuard,
        }
    });
    let guard = match found.await {
        EntryResult::Retained(Some(page)) => return page.answer(request.headers()),
        EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => guard,
        _ => return next.run(request).await,
    };
    let turns_at = match above::next_turn_of(site.db.reader(), now.timestamp_millis()).await {
        Ok(turns_at) => turns_at,
        Err(error) => return error.into_response(),
    };
    // Whoever asks first may know the page already; the next one does not.
    let asked = request.headers().clone();
    request.headers_mut().remove(header::IF_NONE_MATCH);
    let response = next.run(request).await;
    let drawn = |page| Drawn {
        revision,
        at: now,
        turns_at,
        page,
    };
    match Page::of(response).await {
        Ok(page) => {
            let page = Arc::new(page);
            // That it found no room is no reason not to answer.
            let _kept = guard.insert(drawn(Some(Arc::clone(&page))));
            page.answer(&asked)
        }
        Err(response) => {
            let _kept = guard.insert(drawn(None));
            response
        }
    }
}

impl Revision {
    async fn of(site: &Site) -> Result<Self, Error> {
        Ok(Self {
            stored: storage::last_number(site.db.reader(), Counter::Page).await?,
            face: site.face.get(),
            views: site.readership.known_at(),
        })
    }
}

impl Key {
    fn of(request: &Request) -> Self {
        let path = request.uri().path_and_query();
        let path = path.map_or_else(|| "/".to_owned(), ToString::to_string);
        let visit = Visit::new(path, request.headers().get(header::COOKIE));
        Self {
            path: visit.path,
            display: visit.display,
            closed_notices: visit.closed_notices,
        }
    }
}

impl Drawn {
    /// A clock that was set back makes nothing fresh again.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let has_turned = self
            .turns_at
            .is_some_and(|turns_at| turns_at <= now.timestamp_millis());
        !has_turned && (TimeDelta::zero()..FRESH_FOR).contains(&(now - self.at))
    }
}

impl Page {
    /// The page in an answer, or the answer itself if it is none that everybody may have.
    async fn of(response: Response) -> Result<Self, Response> {
        let counts_as = response.extensions().get::<PublicPage>().copied();
        let tag = response.headers().get(header::ETAG);
        let tag = tag.and_then(|tag| Some(tag.to_str().ok()?.trim_matches('"').to_owned()));
        let is_each_time = response.extensions().get::<EachTime>().is_some();
        let (StatusCode::OK, false, Some(counts_as), Some(tag)) =
            (response.status(), is_each_time, counts_as, tag)
        else {
            return Err(response);
        };
        let (parts, body) = response.into_parts();
        match to_bytes(body, LARGEST).await {
            Ok(body) => Ok(Self {
                headers: parts.headers,
                tag,
                body,
                counts_as,
            }),
            Err(error) => Err(Error::from(anyhow::Error::new(error)).into_response()),
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        self.headers.clone_into(response.headers_mut());
        if is_known(asked, &self.tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(header::CONTENT_TYPE);
        } else {
            *response.body_mut() = Body::from(self.body.clone());
        }
        response.extensions_mut().insert(self.counts_as);
        response
    }
}

#[cfg(test)]
mod tests;
