//! How often public pages are opened: counted by the site itself, as numbers, with nothing of who opened them.
//!
//! A view is a public page answered to a person at a browser ([`person`]), whether it was sent or the browser
//! had it already (304): the person looked at it either way, and pages are asked for each time they are looked at.
//! Nobody is recognised, by no cookie and no address, so that a page opened twice counts twice.
//!
//! No request waits for the database. Views gather in memory, within a bound, and are added to the tables in one
//! transaction twice a minute and when the server ends; a server that is killed loses the last half minute.
//! Pages show what stood in the tables at the beginning of the hour: with each hour, and not with each reader, a
//! page becomes another one to browsers and caches.
//!
//! Whether a page was useful, readers say by a button ([`usefulness`]); that is counted on the same way, and no
//! number of it is public. What people choose in a poll ([`votes`]) is held to the same rule against repeats.

pub mod counts;
pub mod person;
pub mod record;
pub mod repeats;
pub mod told;
pub mod usefulness;
pub mod votes;

use crate::background;
use crate::error::Result;
use crate::server::Shutdown;
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use counts::{Counts, Figures};
use repeats::Repeats;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use usefulness::Verdict;
use uuid::Uuid;

/// How often what was counted is written.
const WRITING: Duration = Duration::from_secs(30);
/// Over how many days "most read" goes, today among them.
const MOST_READ_DAYS: u64 = 7;
/// How many of the most read are known: more than a page shows, since some may be taken back within the hour.
const MOST_READ: u64 = 30;

/// Marks an answer as a public page, for [`count`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicPage {
    /// The entry whose own page it is.
    pub entry: Option<Uuid>,
}

/// What a site has counted and not written yet, and what its pages show.
#[derive(Debug, Default)]
pub struct Readership {
    waiting: Mutex<Counts>,
    /// Held while counts are on their way to the tables: who ends a server waits for those as well.
    writing: tokio::sync::Mutex<()>,
    known: RwLock<Option<Known>>,
    repeats: Repeats,
}

/// What stood in the tables at some time.
#[derive(Clone, Debug)]
struct Known {
    at: DateTime<Utc>,
    figures: Figures,
    most_read: Vec<Uuid>,
}

impl Readership {
    /// The figures to show on `day`, and as of when; none where nothing is counted, or nothing was yet.
    pub fn figures(&self, day: NaiveDate) -> Option<(Figures, DateTime<Utc>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref().filter(|known| known.figures.total > 0)?;
        Some((known.figures.seen_on(day), known.at))
    }

    /// When what is shown was read from the tables; none before the first time.
    pub fn known_at(&self) -> Option<DateTime<Utc>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map(|known| known.at)
    }

    /// The entries that were read most, the most read first. Some of them may be shown no longer.
    pub fn most_read(&self) -> Vec<Uuid> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .as_ref()
            .map(|known| known.most_read.clone())
            .unwrap_or_default()
    }

    /// Hears what `browser` at the address `peer` says of `entry`, unless it said so today.
    pub fn hear(
        &self,
        peer: Option<IpAddr>,
        browser: &str,
        entry: Uuid,
        verdict: Verdict,
        now: DateTime<Utc>,
    ) {
        if self.admits(peer, browser, entry, now) {
            let day = vietnamese::local(now).date_naive();
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.hear(day, entry, verdict);
        }
    }

    /// Whether what `browser` at the address `peer` says of `entry` counts: it said nothing of it today.
    pub fn admits(
        &self,
        peer: Option<IpAddr>,
        browser: &str,
        entry: Uuid,
        now: DateTime<Utc>,
    ) -> bool {
        self.repeats.admits(peer, browser, entry, now)
    }

    fn note(&self, day: NaiveDate, entry: Option<Uuid>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.note(day, entry);
    }

    fn take(&self) -> Counts {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut waiting)
    }

    fn give_back(&self, counts: Counts) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.merge(counts);
    }

    /// Whether what is known was read in the hour of `now`.
    fn is_of_the_hour(&self, now: DateTime<Utc>) -> bool {
        let hour = |at: DateTime<Utc>| {
            let at = vietnamese::local(at);
            (at.date_naive(), at.hour())
        };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .as_ref()
            .is_some_and(|known| hour(known.at) == hour(now))
    }
}

/// Counts the public pages among the answers.
pub async fn count(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let is_opened = person::opens(request.method(), request.headers());
    let response = next.run(request).await;
    let is_page = matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    if let Some(page) = response.extensions().get::<PublicPage>()
        && is_opened
        && is_page
    {
        site.readership.note(today(&site), page.entry);
    }
    response
}

/// Writes what is counted and reads what is shown, again and again until `shutdown`.
pub async fn keep(site: Arc<Site>, shutdown: Shutdown) {
    // What earlier runs counted is shown from the start.
    if let Err(error) = round(&site).await {
        tracing::warn!(
            error = crate::error::chain(&error),
            "the views so far are not shown yet; tried again later"
        );
    }
    background::every(WRITING, shutdown, move || {
        let site = Arc::clone(&site);
        async move { round(&site).await }
    })
    .await;
}

/// Writes what is counted; once an hour, reads what is shown.
pub async fn round(site: &Site) -> Result<()> {
    // A disk that takes no more still lets the hour be shown.
    let written = write(site).await;
    refresh(site).await?;
    written
}

/// Writes what was counted since the last time, in one transaction. What could not be written waits for the
/// next time.
pub async fn write(site: &Site) -> Result<()> {
    let _alone = site.readership.writing.lock().await;
    let counts = site.readership.take();
    if counts.is_empty() {
        return Ok(());
    }
    let here = site.id;
    let kept = counts.clone();
    let written = site
        .db
        .write(move |tx| Box::pin(async move { record::add(tx, here, &counts).await }))
        .await;
    if written.is_err() {
        site.readership.give_back(kept);
    }
    written
}

/// Writes the last of it, when nothing is served any more.
pub async fn finish(site: &Site) {
    if let Err(error) = write(site).await {
        tracing::warn!(
            error = crate::error::chain(&error),
            "the last views were not written"
        );
    }
}

async fn refresh(site: &Site) -> Result<()> {
    let now = site.clock.now();
    if site.readership.is_of_the_hour(now) {
        return Ok(());
    }
    let db = site.db.reader();
    let today = today(site);
    let first = today
        .checked_sub_days(Days::new(MOST_READ_DAYS - 1))
        .unwrap_or(today);
    let known = Known {
        at: now,
        figures: record::figures_of(db, site.id, today).await?,
        most_read: record::most_viewed(db, first, today, MOST_READ).await?,
    };
    let mut stands = site
        .readership
        .known
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    *stands = Some(known);
    Ok(())
}

fn today(site: &Site) -> NaiveDate {
    vietnamese::local(site.clock.now()).date_naive()
}

#[cfg(test)]
mod poll_tests;
#[cfg(test)]
mod tests;
