//! When which source is asked.

use super::check;
use super::poll::Reader;
use super::source::{self, Model};
use chrono::{DateTime, TimeDelta, Utc};
use cron::Schedule;
use shared::clock::from_millis;
use shared::directory::site_record;
use shared::error::{self, Result};
use shared::room::Level;
use shared::server::Shutdown;
use shared::{background, vietnamese};
use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How often it is looked whether a source is due: one that was added is read almost at once.
const TICK: Duration = Duration::from_secs(1);
/// How many sources are asked at the same time.
const AT_ONCE: usize = 4;
/// The wait after a poll that failed on our side.
const AFTER_OUR_TROUBLE: Duration = Duration::from_secs(60);
/// The wait after the first vain attempt; it doubles with each.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// The longest wait after vain attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// Reads feeds when they are due, until `shutdown`.
pub async fn keep_reading(reader: Reader, shutdown: Shutdown) {
    let rounds = Arc::new(Rounds::new(reader));
    background::every(TICK, shutdown, move || {
        let rounds = Arc::clone(&rounds);
        async move { rounds.round().await }
    })
    .await;
}

/// The polls under way. Each is a task of its own, so that no source waits for another one's trouble.
struct Rounds {
    reader: Reader,
    turns: Arc<Semaphore>,
    under_way: Mutex<HashMap<Uuid, JoinHandle<()>>>,
}

impl Rounds {
    fn new(reader: Reader) -> Self {
        Self {
            reader,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            under_way: Mutex::default(),
        }
    }

    /// Begins a poll of every source that is due and not being polled.
    async fn round(&self) -> Result<()> {
        let site = &self.reader.site;
        if site.room.level() != Level::Ample {
            return Ok(());
        }
        check::cover_members(site).await?;
        let db = site.db.reader();
        let members: HashSet<Uuid> = site_record::all(db)
            .await?
            .into_iter()
            .filter(|member| member.is_active())
            .map(|member| member.id)
            .collect();
        let now = site.clock.now();
        let mut under_way = self.under_way.lock().await;
        under_way.retain(|_, poll| !poll.is_finished());
        for source in source::active(db).await? {
            let is_due = members.contains(&source.site_id)
                && !under_way.contains_key(&source.id)
                && due_at(&source).is_some_and(|due| due <= now);
            if is_due {
                under_way.insert(source.id, self.begin(source));
            }
        }
        Ok(())
    }

    fn begin(&self, source: Model) -> JoinHandle<()> {
        let (reader, turns) = (self.reader.clone(), Arc::clone(&self.turns));
        tokio::spawn(async move {
            // Err: the semaphore was closed, which nobody does.
            let Ok(turn) = turns.acquire().await else {
                return;
            };
            if let Err(error) = reader.poll(&source).await {
                tracing::error!(
                    source.id = %source.id,
                    source.url,
                    error = error::chain(&error),
                    "what a feed brought could not be stored"
                );
                // It counts as under way meanwhile: our trouble is no reason to ask every second.
                drop(turn);
                tokio::time::sleep(AFTER_OUR_TROUBLE).await;
            }
        })
    }
}

/// When `source` is to be asked next: at once if it never was, by its schedule while all is well, and
/// after a growing wait otherwise. `None` if its schedule names no time to come.
pub fn due_at(source: &Model) -> Option<DateTime<Utc>> {
    let Some(polled_at) = source.polled_at.map(from_millis) else {
        return Some(DateTime::<Utc>::MIN_UTC);
    };
    let next = match source.failures {
        0 => {
            let schedule = Schedule::from_str(&source.schedule).ok()?;
            schedule
                .after(&vietnamese::local(polled_at))
                .next()?
                .to_utc()
        }
        failures => polled_at + wait_after(failures),
    };
    Some(match source.not_before.map(from_millis) {
        Some(not_before) => next.max(not_before),
        None => next,
    })
}

/// How long to wait after so many vain attempts.
fn wait_after(failures: i64) -> TimeDelta {
    let doublings = u32::try_from(failures.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(16);
    (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(schedule: &str, polled_at: Option<&str>) -> Model {
        let polled_at = polled_at.map(|at| at.parse::<DateTime<Utc>>().expect("a time"));
        Model {
            id: Uuid::nil(),
            site_id: Uuid::nil(),
            purpose: "import".to_owned(),
            url: "https://so.example/rss".to_owned(),
            schedule: schedule.to_owned(),
            active: true,
            etag: None,
            last_modified: None,
            polled_at: polled_at.map(|at| at.timestamp_millis()),
            succeeded_at: None,
            outcome: None,
            detail: None,
            failures: 0,
            entries_seen: 0,
            missed: 0,
            not_before: None,
            reader_version: 0,
            moved_to: None,
            sections: None,
        }
    }

    fn due(source: &Model) -> String {
        due_at(source).expect("a time").to_rfc3339()
    }

    #[test]
    fn a_source_that_was_never_asked_is_due_at_once() {
        assert_eq!(
            due_at(&source("0 0 5 * * *", None)),
            Some(DateTime::<Utc>::MIN_UTC)
        );
    }

    #[test]
    fn schedules_are_in_the_time_of_the_province() {
        let five_in_the_morning = source("0 0 5 * * *", Some("2026-11-23T00:00:00Z"));
        assert_eq!(due(&five_in_the_morning), "2026-11-23T22:00:00+00:00");
        let every_ten_minutes = source("0 */10 * * * *", Some("2026-11-23T00:03:20Z"));
        assert_eq!(due(&every_ten_minutes), "2026-11-23T00:10:00+00:00");
    }

    #[test]
    fn a_source_in_trouble_is_asked_less_and_less_often() {
        let mut source = source("0 */10 * * * *", Some("2026-11-23T00:00:00Z"));
        let mut waits = Vec::new();
        for failures in [1, 2, 3, 9, 10, i64::MAX] {
            source.failures = failures;
            let wait = due_at(&source).expect("a time") - from_millis(source.polled_at.unwrap());
            waits.push(wait.num_minutes());
        }
        assert_eq!(waits, [1, 2, 4, 256, 360, 360]);
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_it() {
        let mut source = source("0 */10 * * * *", Some("2026-11-23T00:00:00Z"));
        source.failures = 1;
        source.not_before = source.polled_at.map(|at| at + 3_600_000);
        assert_eq!(due(&source), "2026-11-23T01:00:00+00:00");
    }

    #[test]
    fn a_schedule_without_a_time_to_come_is_never_due() {
        assert_eq!(
            due_at(&source("0 0 0 1 1 * 2020", Some("2026-11-23T00:00:00Z"))),
            None
        );
        assert_eq!(
            due_at(&source("nonsense", Some("2026-11-23T00:00:00Z"))),
            None
        );
    }
}
