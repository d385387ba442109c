//! Fetching what is missing, by hash: from the hub, from its origin, from any other site that may have it.
//!
//! A transfer goes to the disk as it comes, into a file of its own that outlives cuts and restarts; the next
//! attempt, perhaps at another source, asks for the rest. It gets its name only when all of it has the hash
//! it was asked for by, so that who serves it does not matter. Transfers share one rate, a few run at once,
//! and none outlasts its deadline or hangs.

use super::record::{self, MediaState, NewMedium};
use crate::directory::site_record;
use crate::error::Result;
use crate::folder::UpkeepSettings;
use crate::http_client::{Allow, FetchError, Opened};
use crate::log::Digest;
use crate::room::Level;
use crate::screening::arrivals;
use crate::server::Shutdown;
use crate::site::Site;
use crate::sync::peer;
use axum::http::{StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

/// How many are looked at in one round.
const ROUND: u64 = 32;
/// Largest medium that is fetched.
pub const LARGEST: u64 = 25 * 1024 * 1024;
/// Longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// How long one attempt at one source may take; the next goes on where it stopped.
const DEADLINE: Duration = Duration::from_secs(600);
/// How long nothing at all may come.
const IDLE: Duration = Duration::from_secs(20);
/// Other members asked by a hub for one medium in one attempt.
const MEMBERS_ASKED: usize = 4;
/// Parts nothing came to for this long are removed.
const STALE: TimeDelta = TimeDelta::days(7);
/// How often it is looked for such parts.
const CLEANING: TimeDelta = TimeDelta::hours(1);

/// What all transfers of a site share.
#[derive(Clone, Debug)]
pub struct Bounds {
    at_once: usize,
    rate: Arc<Rate>,
}

impl Bounds {
    /// As set by the operator.
    pub fn of(settings: &UpkeepSettings) -> Self {
        Self {
            at_once: settings.media_at_once.max(1),
            rate: Arc::new(Rate::new(settings.media_rate.max(1))),
        }
    }

    /// As fast as it goes, for somebody who waits for it.
    pub fn unbounded() -> Self {
        Self {
            at_once: 4,
            rate: Arc::new(Rate::new(u64::MAX)),
        }
    }
}

/// So many bytes a second, for all who share it.
#[derive(Debug)]
struct Rate {
    per_second: u64,
    free_at: Mutex<Option<Instant>>,
}

impl Rate {
    fn new(per_second: u64) -> Self {
        Self {
            per_second,
            free_at: Mutex::new(None),
        }
    }

    /// Books `bytes` and says how long to wait before the next.
    fn book(&self, bytes: usize, now: Instant) -> Duration {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = free_at.map_or(now, |at| at.max(now));
        let takes = Duration::from_secs_f64(bytes as f64 / self.per_second as f64);
        *free_at = Some(begin + takes);
        begin + takes - now
    }
}

/// Fetches what is missing as it falls due, and cleans up after transfers nobody waits for, until
/// `shutdown`.
pub async fn keep_fetching(site: Arc<Site>, bounds: Bounds, shutdown: Shutdown) {
    let mut cleaned_at: Option<DateTime<Utc>> = None;
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        let now = site.clock.now();
        if cleaned_at.is_none_or(|at| now - at >= CLEANING) {
            cleaned_at = Some(now);
            if let Err(error) = clean(&site).await {
                tracing::warn!(
                    error = crate::error::chain(&error),
                    "old parts of media not removed"
                );
            }
        }
        while site.room.level() == Level::Ample {
            let arrived = tokio::select! {
                () = shutdown.wait() => return,
                arrived = round(&site, &bounds) => arrived,
            };
            match arrived {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = crate::error::chain(&error), "media not fetched");
                    break;
                }
            }
        }
    }
}

/// Removes parts of what is here by now, of what nobody wants, and of what nothing came to for long.
pub async fn clean(site: &Site) -> Result<usize> {
    let mut removed = 0;
    for (digest, _, last) in site.media.partials().await? {
        let is_wanted = record::find(site.db.reader(), digest)
            .await?
            .is_some_and(|medium| medium.state == MediaState::Missing.as_str());
        let is_stale = site.clock.now() - DateTime::<Utc>::from(last) > STALE;
        if is_wanted && !is_stale {
            continue;
        }
        tokio::fs::remove_file(site.media.partial(digest)).await?;
        removed += 1;
    }
    Ok(removed)
}

/// Fetches what is due, up to one round, and returns how many arrived.
pub async fn round(site: &Site, bounds: &Bounds) -> Result<usize> {
    let now = site.clock.now().timestamp_millis();
    let due = record::due(site.db.reader(), now, ROUND).await?;
    let transfers = due
        .into_iter()
        .map(|medium| fetch_or_put_off(site, medium, bounds));
    let mut under_way = futures_util::stream::iter(transfers).buffer_unordered(bounds.at_once);
    let mut arrived = 0;
    while let Some(done) = under_way.next().await {
        arrived += usize::from(done?);
    }
    Ok(arrived)
}

async fn fetch_or_put_off(site: &Site, medium: record::Model, bounds: &Bounds) -> Result<bool> {
    if fetch_one(site, &medium, bounds).await? {
        metrics::counter!("media_fetched_total").increment(1);
        return Ok(true);
    }
    let tries = medium.tries + 1;
    let wait = Duration::from_secs(1 << tries.clamp(0, 12)).min(LONGEST_WAIT);
    let next =
        site.clock.now().timestamp_millis() + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let hash = medium.hash;
    site.db
        .write(move |tx| Box::pin(async move { record::put_off(tx, &hash, tries, next).await }))
        .await?;
    Ok(false)
}

/// Where a medium may be had, and whom this may be asked of on a private network.
type Source = (String, Allow);

async fn sources(site: &Site, medium: &record::Model, digest: Digest) -> Result<Vec<Source>> {
    let path = format!("/media/sha256/{}", digest.hex());
    let at = |base: &str| -> Option<Source> {
        let base = Url::parse(base).ok()?;
        let address = format!("{}{path}", base.origin().ascii_serialization());
        Some((address, Allow::origin(&base)))
    };
    let db = site.db.reader();
    let mut sources: Vec<Source> = peer::active_addresses(db)
        .await?
        .iter()
        .filter_map(|base| at(base))
        .collect();
    if let Some(address) = &medium.fetch_from {
        sources.push((address.clone(), allow_for_origin(site, address).await?));
    }
    // A hub asks its members in turn: those who show the entry have it.
    let members: Vec<Uuid> = peer::all(db)
        .await?
        .into_iter()
        .filter(|peer| peer.is_active() && !peer.is_upstream() && !peer.is_pull())
        .map(|peer| peer.site_id)
        .collect();
    let turn = usize::try_from(medium.tries).unwrap_or(0) * MEMBERS_ASKED;
    let asked: Vec<Uuid> = members
        .iter()
        .cycle()
        .skip(turn.checked_rem(members.len()).unwrap_or(0))
        .take(MEMBERS_ASKED.min(members.len()))
        .copied()
        .collect();
    for member in site_record::find_many(db, &asked).await? {
        sources.extend(at(&member.base_url));
    }
    let mut seen = std::collections::HashSet::new();
    sources.retain(|(address, _)| seen.insert(address.clone()));
    // The first answers most of the time; one that answers wrongly must not be the first every time.
    if !sources.is_empty() {
        let first = usize::try_from(medium.tries / 2).unwrap_or(0) % sources.len();
        sources.rotate_left(first);
    }
    Ok(sources)
}

/// Where an entry says its pictures are is its author's word. A site of the province is reached even
/// on a private network; any other host only if it is public.
async fn allow_for_origin(site: &Site, address: &str) -> Result<Allow> {
    let Ok(url) = Url::parse(address) else {
        return Ok(Allow::none());
    };
    let is_ours =
        site_record::is_known_origin(site.db.reader(), &url.origin().ascii_serialization()).await?;
    Ok(if is_ours {
        Allow::origin(&url)
    } else {
        Allow::none()
    })
}

async fn fetch_one(site: &Site, medium: &record::Model, bounds: &Bounds) -> Result<bool> {
    let digest = Digest::from_slice(&medium.hash).map_err(anyhow::Error::new)?;
    for source in sources(site, medium, digest).await? {
        match transfer(site, &source, digest, bounds).await? {
            Transfer::Whole => {}
            Transfer::Cut(error) => {
                tracing::debug!(media = %digest, source = source.0, %error, "media not fetched");
                continue;
            }
            Transfer::Wrong => {
                tracing::warn!(media = %digest, source = source.0, "media of another hash was served");
                continue;
            }
        }
        // Under its name but not in the table: nobody is served it yet.
        let Some(found) = arrivals::allow_medium(site, digest, &medium.mime).await? else {
            return Ok(true);
        };
        let size = tokio::fs::metadata(site.media.path(digest)).await?.len();
        let arrived = NewMedium {
            digest,
            mime: medium.mime.clone(),
            size,
            dimensions: None,
        };
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(found) = found.words {
                        found.keep(tx, digest, now).await?;
                    }
                    record::put_here(tx, &arrived, now).await
                })
            })
            .await?;
        return Ok(true);
    }
    Ok(false)
}

/// How a transfer ended.
enum Transfer {
    /// All of it is here, under its name.
    Whole,
    /// Not all came; what did is kept.
    Cut(FetchError),
    /// What came is something else.
    Wrong,
}

async fn transfer(
    site: &Site,
    (address, allow): &Source,
    digest: Digest,
    bounds: &Bounds,
) -> Result<Transfer> {
    let partial = site.media.partial(digest);
    let mut file = tokio::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&partial)
        .await?;
    let held = file.seek(std::io::SeekFrom::End(0)).await?;
    let mut call = site
        .http
        .get(address)
        .allow(allow)
        .deadline(DEADLINE)
        .header(header::ACCEPT_ENCODING, "identity");
    if held > 0 {
        call = call
            .header(header::RANGE, format!("bytes={held}-"))
            .header(header::IF_RANGE, format!("\"{}\"", digest.hex()));
    }
    let opened = match call.open(IDLE).await {
        Ok(opened) => opened,
        // Nothing follows what is here: it is all there is, right or wrong.
        Err(FetchError::Status(answer)) if held > 0 && answer.status == 416 => {
            return Ok(if site.media.finish(digest).await? {
                Transfer::Whole
            } else {
                Transfer::Wrong
            });
        }
        Err(error) => return Ok(Transfer::Cut(error)),
    };
    let begins_at = first_byte(&opened);
    match begins_at {
        Some(first) if first == held => {}
        Some(0) => file.set_len(0).await?,
        _ => {
            // What it would send does not fit what is here.
            file.set_len(0).await?;
            return Ok(Transfer::Wrong);
        }
    }
    let held = if begins_at == Some(0) { 0 } else { held };
    match take(opened, &mut file, held, &bounds.rate).await? {
        Some(error) => {
            file.sync_data().await?;
            if matches!(error, FetchError::TooLarge { .. }) {
                tokio::fs::remove_file(&partial).await?;
            }
            return Ok(Transfer::Cut(error));
        }
        None => drop(file),
    }
    Ok(if site.media.finish(digest).await? {
        Transfer::Whole
    } else {
        Transfer::Wrong
    })
}

/// The place in the whole where an answer begins; none if it does not say.
fn first_byte(opened: &Opened) -> Option<u64> {
    if opened.status != StatusCode::PARTIAL_CONTENT {
        return Some(0);
    }
    let range = opened.headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (first, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    first.trim().parse().ok()
}

/// Writes what comes to the file; the error that ended it before its time, if any.
async fn take(
    mut opened: Opened,
    file: &mut tokio::fs::File,
    mut held: u64,
    rate: &Rate,
) -> Result<Option<FetchError>> {
    loop {
        let piece = match opened.piece().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(error) => return Ok(Some(error)),
        };
        held += piece.len() as u64;
        if held > LARGEST {
            let cap = usize::try_from(LARGEST).unwrap_or(usize::MAX);
            return Ok(Some(FetchError::TooLarge { cap }));
        }
        file.write_all(&piece).await?;
        let pause = rate.book(piece.len(), Instant::now());
        if pause > Duration::from_millis(1) {
            tokio::time::sleep(pause).await;
        }
    }
    file.flush().await?;
    Ok(None)
}

#[cfg(test)]
mod tests;
