//! When members are looked at from outside: each as often as every other, spread over the time, a few at once.

use super::look::{self, Target};
use super::record::{self, Found};
use super::verdict;
use chrono::{DateTime, Utc};
use shared::background;
use shared::error::Result;
use shared::http_client::Allow;
use shared::server::Shutdown;
use shared::site::Site;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often it is seen whose turn it is.
const TICK: Duration = Duration::from_secs(20);
/// How often each member is looked at, in seconds.
const PERIOD: i64 = 1_800;
/// How many are looked at at the same time.
const AT_ONCE: usize = 16;
/// So many members in a row that nobody can reach: it is our own line.
const OUR_OWN_LINE: u32 = 8;
/// What is said then.
const OUR_OWN_LINE_WORDS: &str =
    "không kết luận: lúc đó cổng tỉnh không ra được đơn vị nào, có thể do đường truyền của tỉnh";

/// Who looks, and what operators let be reached besides the public Internet.
#[derive(Clone)]
pub struct Prober {
    site: Arc<Site>,
    allow: Allow,
    course: Arc<Mutex<Course>>,
}

/// What is remembered from one look to the next.
#[derive(Default)]
struct Course {
    looked_until: Option<DateTime<Utc>>,
    unreached: u32,
}

impl Prober {
    /// Looks at the members of `site`.
    pub fn new(site: Arc<Site>, allow: Allow) -> Self {
        Self {
            site,
            allow,
            course: Arc::default(),
        }
    }

    /// Looks at each in its turn, until `shutdown`.
    pub async fn keep(self, shutdown: Shutdown) {
        background::every(TICK, shutdown, move || {
            let prober = self.clone();
            async move { prober.round().await }
        })
        .await;
    }

    /// Looks at those whose turn came since the last round.
    async fn round(&self) -> Result<()> {
        let now = self.site.clock.now();
        let since = self.course.lock().await.looked_until.replace(now);
        let Some(since) = since else {
            return Ok(());
        };
        let mut targets = Target::all(&self.site).await?;
        targets.retain(|target| is_due(target.site, since.timestamp(), now.timestamp()));
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let mut looks = JoinSet::new();
        for target in targets {
            let (prober, gate) = (self.clone(), Arc::clone(&gate));
            looks.spawn(async move {
                let _turn = gate.acquire().await.map_err(anyhow::Error::new)?;
                prober.look(&target).await.map(drop)
            });
        }
        while let Some(looked) = looks.join_next().await {
            looked.map_err(anyhow::Error::new)??;
        }
        Ok(())
    }

    /// Looks at the member `id` now; none if it takes no part.
    pub async fn look_at(&self, id: Uuid) -> Result<Option<Vec<Found>>> {
        match Target::find(&self.site, id).await? {
            Some(target) => self.look(&target).await.map(Some),
            None => Ok(None),
        }
    }

    async fn look(&self, target: &Target) -> Result<Vec<Found>> {
        let seen = look::look(&self.site, target, &self.allow).await?;
        let now = self.site.clock.now();
        let mut found = verdict::of(&seen, now);
        // Who said that nobody can call it says nothing about our line.
        if seen.is_reached() || !target.is_pull {
            let mut course = self.course.lock().await;
            course.unreached = match seen.is_reached() {
                true => 0,
                false => course.unreached.saturating_add(1),
            };
            if course.unreached >= OUR_OWN_LINE {
                found = verdict::excused(found, OUR_OWN_LINE_WORDS);
            }
        }
        let (member, kept) = (target.site, found.clone());
        self.site
            .db
            .write(move |tx| Box::pin(async move { record::keep(tx, member, &kept, now).await }))
            .await?;
        Ok(found)
    }
}

/// Whether the turn of `site` comes after `since` and not after `now`, both in seconds: each has a moment of
/// its own, once in a period, that follows from its id.
fn is_due(site: Uuid, since: i64, now: i64) -> bool {
    let place = i64::try_from(site.as_u128() % PERIOD as u128).unwrap_or_default();
    let first = since + 1;
    first + (place - first).rem_euclid(PERIOD) <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_one_turn_in_a_period_however_rounds_fall() {
        let sites: Vec<Uuid> = (0..500)
            .map(|number| Uuid::from_u128(number * 0x9e37_79b9_7f4a_7c15))
            .collect();
        let begin = 1_795_386_793;
        let mut turns = vec![0; sites.len()];
        let mut at_once = 0;
        let mut since = begin;
        for (number, step) in [20, 23, 20, 61, 20].into_iter().cycle().enumerate() {
            let now = (since + step).min(begin + PERIOD);
            let due: Vec<usize> = (0..sites.len())
                .filter(|place| is_due(sites[*place], since, now))
                .collect();
            at_once = at_once.max(due.len());
            for place in due {
                turns[place] += 1;
            }
            since = now;
            if now == begin + PERIOD {
                break;
            }
            assert!(number < 1_000);
        }
        assert!(turns.iter().all(|turns| *turns == 1));
        assert!(at_once < 60, "{at_once} of 500 in one round");
        // A machine that slept for hours looks at each once.
        assert!(is_due(sites[0], begin, begin + 10 * PERIOD));
    }
}
