//! Looking after what is on the disk: a walk through everything that has a hash or can be made anew, every
//! night and at a gentle pace, and healing of what it finds.
//!
//! SQLite does not see a flipped bit in a text, and neither does anybody who reads it. But a header is
//! signed, a content and a file are named by their hash, and the current view of an entry follows from
//! both. So whatever is altered, by a disk or by a hand behind the application, can be told from what was
//! stored; what follows from something else is made anew here, and what does not is asked for again from
//! those who hold a copy. Nothing altered is sent or served meanwhile: headers, contents and files are
//! checked whenever they are read for that.

pub mod cli;
pub mod heal;
pub mod mend;
pub mod notice;
pub mod record;
pub mod walk;

use self::walk::{Progress, Stage};
use crate::error::Result;
use crate::server::Shutdown;
use crate::settings;
use crate::site::Site;
use crate::sync::compare::record::Condition;
use crate::vietnamese;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The setting that keeps where the walk is, so that it goes on there after a stop.
const SETTING: &str = "scrub";
/// The hours of the night, in the province's time, in which a walk begins.
const NIGHT: std::ops::Range<u32> = 1..5;
/// A walk that did not begin at night begins by day after this long.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(26);
/// No second walk in the same night.
const SHORTEST_WAIT: TimeDelta = TimeDelta::hours(12);
/// How often it is looked whether a walk is due, and whether anything waits to be mended.
const PAUSE: Duration = Duration::from_secs(5);

/// Where the walk is and how the last one ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The walk under way.
    pub running: Option<Progress>,
    /// The last one that came to its end.
    pub last: Option<Finished>,
}

/// A walk that came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// When it began; milliseconds.
    pub started_at: i64,
    /// When it ended; milliseconds.
    pub finished_at: i64,
    /// Rows and files looked at.
    pub checked: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How many of them were damaged.
    pub found: u64,
}

/// Where the walk is and how the last one ended.
pub async fn state(site: &Site) -> Result<State> {
    Ok(settings::get(site.db.reader(), SETTING)
        .await?
        .unwrap_or_default())
}

async fn keep(site: &Site, state: &State) -> Result<()> {
    let state = state.clone();
    site.db
        .write(move |tx| Box::pin(async move { settings::set(tx, SETTING, &state).await }))
        .await
}

/// What this site says of its own disk.
pub async fn condition(site: &Site) -> Result<Condition> {
    let damaged = record::count_open(site.db.reader()).await?;
    Ok(Condition {
        checked_at: state(site).await?.last.map(|last| last.finished_at),
        damaged: i64::try_from(damaged).unwrap_or(i64::MAX),
    })
}

/// Walks at night and mends what is found, until `shutdown`; reads `rate` bytes a second at most.
pub async fn keep_scrubbing(site: Arc<Site>, rate: u64, shutdown: Shutdown) {
    let mut seen = 0;
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        if let Err(error) = turn(&site, rate, &mut seen, &shutdown).await {
            tracing::warn!(
                error = crate::error::chain(&error),
                "looking after the data failed; tried again later"
            );
        }
    }
}

async fn turn(site: &Arc<Site>, rate: u64, seen: &mut u64, shutdown: &Shutdown) -> Result<()> {
    let has_unreadable = heal::take_notices(site, seen).await?;
    heal::round(site).await?;
    let state = state(site).await?;
    if !has_unreadable && !is_due(&state, site.clock.now()) {
        return Ok(());
    }
    let progress = state
        .running
        .clone()
        .unwrap_or_else(|| Progress::new(site.clock.now().timestamp_millis()));
    let mut walk = Walk {
        site,
        state,
        progress,
    };
    while walk.step().await? {
        let pause = Duration::from_secs_f64(walk.last_bytes() as f64 / rate.max(1) as f64);
        tokio::select! {
            () = shutdown.wait() => return Ok(()),
            () = tokio::time::sleep(pause.min(Duration::from_secs(60))) => {}
        }
    }
    heal::round(site).await?;
    Ok(())
}

/// Whether a walk is to begin, or to go on.
fn is_due(state: &State, now: DateTime<Utc>) -> bool {
    if state.running.is_some() {
        return true;
    }
    let Some(last) = state.last else {
        return true;
    };
    let since = now - crate::clock::from_millis(last.finished_at);
    let is_night = NIGHT.contains(&vietnamese::local(now).hour());
    since > LONGEST_WAIT || (is_night && since > SHORTEST_WAIT)
}

struct Walk<'a> {
    site: &'a Arc<Site>,
    state: State,
    progress: Progress,
}

impl Walk<'_> {
    /// One step, and whether there is another.
    async fn step(&mut self) -> Result<bool> {
        walk::step(self.site, &mut self.progress).await?;
        let is_done = self.progress.stage == Stage::Done;
        if is_done {
            let finished = Finished {
                started_at: self.progress.started_at,
                finished_at: self.site.clock.now().timestamp_millis(),
                checked: self.progress.checked,
                bytes: self.progress.bytes,
                found: self.progress.found,
            };
            self.state = State {
                running: None,
                last: Some(finished),
            };
            metrics::gauge!("scrub_last_finished_seconds", "site" => self.site.id.to_string())
                .set(finished.finished_at as f64 / 1_000.0);
            tracing::info!(
                checked = finished.checked,
                bytes = finished.bytes,
                found = finished.found,
                "looked through all that is held"
            );
        } else {
            self.state.running = Some(self.progress.clone());
        }
        keep(self.site, &self.state).await?;
        Ok(!is_done)
    }

    fn last_bytes(&self) -> u64 {
        self.progress.last_bytes
    }
}

/// What a check at a person's request came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows and files looked at.
    pub checked: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How many were damaged.
    pub found: u64,
    /// What is damaged still.
    pub left: Vec<record::Model>,
}

/// Walks in one check: what is left after these does not come back.
const MOST_WALKS: u32 = 3;

/// How many rows and files a walk looks at, for a progress bar.
pub async fn size(site: &Site) -> Result<u64> {
    let db = site.db.reader();
    Ok(crate::log::event::Entity::find().count(db).await?
        + crate::log::content::Entity::find().count(db).await?
        + crate::media::record::Entity::find().count(db).await?
        + crate::entries::record::Entity::find().count(db).await?)
}

/// Walks now and without pausing, then mends what can be mended. `tell` hears how far it is.
pub async fn check_now(site: &Arc<Site>, mut tell: impl FnMut(u64)) -> Result<Report> {
    let mut report = Report::default();
    // What is mended may show what else is damaged: a row that follows from it.
    for walks in 1..=MOST_WALKS {
        let known = match walks {
            1 => 0,
            _ => record::count_open(site.db.reader()).await?,
        };
        let now = site.clock.now().timestamp_millis();
        let mut walk = Walk {
            site,
            state: state(site).await?,
            progress: Progress::new(now),
        };
        while walk.step().await? {
            tell(walk.progress.checked);
        }
        tell(walk.progress.checked);
        report.checked = walk.progress.checked;
        report.bytes += walk.progress.bytes;
        report.found += walk.progress.found.saturating_sub(known);
        heal::all_now(site).await?;
        if walk.progress.found == 0 || walks == MOST_WALKS {
            break;
        }
    }
    report.left = record::open(site.db.reader(), 200).await?;
    Ok(report)
}

#[cfg(test)]
mod tests;
