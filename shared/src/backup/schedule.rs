//! When something is done for the backups.

use super::keeper::Keeper;
use super::run::{self, Work};
use crate::background;
use crate::error::Result;
use crate::server::Shutdown;
use crate::vietnamese;
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// How often it is asked whether something is due.
const PAUSE: Duration = Duration::from_secs(60);
/// The hours of the night, in Vietnam.
const NIGHT: std::ops::Range<u32> = 1..5;

/// Looks after the backups of a site until `shutdown`.
pub async fn keep_watch(keeper: Keeper, shutdown: Shutdown) {
    let keeper = Arc::new(keeper);
    // Once at the start: how things stand is told even if nothing is due for hours.
    keeper.tell().await;
    // Looking whether anything changed reads the whole database: as often as a backup may be due.
    let looked = Arc::new(AtomicI64::new(i64::MIN));
    background::every(PAUSE, shutdown, move || {
        let (keeper, looked) = (Arc::clone(&keeper), Arc::clone(&looked));
        async move { round(&keeper, &looked).await }
    })
    .await;
}

/// Does what is due now.
async fn round(keeper: &Keeper, looked: &AtomicI64) -> Result<()> {
    let targets = keeper.targets().await?;
    // Without a key there is nothing to encrypt with; `status` and the province's table say so.
    if targets.is_empty() || !keeper.has_key() {
        return Ok(());
    }
    let site = keeper.site();
    let now = site.clock.now();
    let db = site.db.reader();
    let ended = |run: Option<run::Model>| run.map(|run| crate::clock::from_millis(run.ended_at));
    let last = ended(run::last(db, Work::Backup).await?);
    let last_look = match looked.load(Ordering::Relaxed) {
        i64::MIN => None,
        at => Some(crate::clock::from_millis(at)),
    };
    let every = TimeDelta::minutes(i64::from(keeper.settings().every_minutes.max(1)));
    if is_due(last.max(last_look), every, now) {
        looked.store(now.timestamp_millis(), Ordering::Relaxed);
        for (target, outcome) in keeper.backup(true).await? {
            match outcome {
                Ok(Some(kept)) => {
                    tracing::info!(%target, snapshot = kept.short_id(), added = kept.added, "backed up");
                }
                Ok(None) => {}
                Err(error) => alarm("backup", &target.to_string(), &error),
            }
        }
    }
    if !keeper.settings().drill || !is_hour_of(site.id, now) {
        return Ok(());
    }
    let tonight = TimeDelta::hours(12);
    let day = vietnamese::local(now).num_days_from_ce().unsigned_abs();
    if is_due(ended(run::last(db, Work::Forget).await?), tonight, now) {
        for (target, outcome) in keeper.forget().await? {
            match outcome {
                Ok(forgotten) => tracing::info!(%target, forgotten, "old backups forgotten"),
                Err(error) => alarm("forget", &target.to_string(), &error),
            }
        }
    }
    if is_due(ended(run::last(db, Work::Check).await?), tonight, now) {
        // In a week everything was read.
        for (target, outcome) in keeper.check(Some((day % 7, 7))).await? {
            match outcome {
                Ok(()) => tracing::info!(%target, "backups checked"),
                Err(error) => alarm("check", &target.to_string(), &error),
            }
        }
    }
    if is_due(ended(run::last(db, Work::Drill).await?), tonight, now) {
        let sixteenth = u8::try_from(day % 16).unwrap_or_default();
        for (target, outcome) in keeper.drill(Some(sixteenth)).await? {
            match outcome {
                Ok(drilled) => {
                    tracing::info!(%target, snapshot = drilled.snapshot.short_id(), "restored for practice, equal");
                }
                Err(error) => alarm("drill", &target.to_string(), &error),
            }
        }
    }
    Ok(())
}

fn alarm(work: &'static str, target: &str, error: &anyhow::Error) {
    metrics::counter!("backup_failures_total", "work" => work).increment(1);
    tracing::error!(
        work,
        target,
        error = crate::error::chain(error.as_ref()),
        "the backups of this site need somebody to look"
    );
}

/// Whether `every` has passed since `last`. A clock that went back makes nothing wait.
fn is_due(last: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| now - last >= every || now < last)
}

/// Whether this is the site's time of the night. Members take turns, so that a hub with hundreds of them
/// is not asked by all at once.
fn is_hour_of(site: Uuid, now: DateTime<Utc>) -> bool {
    let local = vietnamese::local(now);
    let minutes = (NIGHT.end - NIGHT.start) * 60;
    let turn = u32::from(site.as_bytes()[15]) * minutes / 256;
    let begins = NIGHT.start * 60 + turn;
    let minute = local.hour() * 60 + local.minute();
    // From its turn to the end of the night: a machine that was busy or away still has its drill.
    (begins..NIGHT.end * 60 + 60).contains(&minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn work_is_due_when_its_time_has_passed_and_when_the_clock_went_back() {
        let now = crate::testing::noon();
        let quarter = TimeDelta::minutes(15);
        assert!(is_due(None, quarter, now));
        assert!(!is_due(Some(now - TimeDelta::minutes(14)), quarter, now));
        assert!(is_due(Some(now - quarter), quarter, now));
        assert!(is_due(Some(now + TimeDelta::days(1)), quarter, now));
    }

    #[test]
    fn every_site_has_its_time_between_one_and_six_at_night() {
        let at = |hour: u32, minute: u32| {
            Utc.with_ymd_and_hms(2026, 11, 23, hour, minute, 0)
                .single()
                .expect("a time")
        };
        for last in [0_u8, 1, 100, 255] {
            let mut bytes = [7; 16];
            bytes[15] = last;
            let site = Uuid::from_bytes(bytes);
            // 05:30 in Vietnam is 22:30 in UTC.
            assert!(is_hour_of(site, at(22, 30)), "{last}");
            assert!(!is_hour_of(site, at(5, 0)), "noon");
            assert!(!is_hour_of(site, at(17, 30)), "half past midnight");
        }
        let early = Uuid::from_bytes([0; 16]);
        assert!(is_hour_of(early, at(18, 5)), "five past one");
        let late = Uuid::from_bytes([255; 16]);
        assert!(!is_hour_of(late, at(18, 5)));
    }
}
