//! Publishing at a set time: once, on time, and not because a clock went wrong.
//!
//! The wall clock says when something is due. That it does not run ahead is seen by comparing it with
//! the machine's steady clock, which nobody sets: when the wall gained minutes on it between two looks,
//! it was set or it lies. Then what is due waits until the hub's clock agrees, or somebody says that the
//! time is right, or an hour has passed steadily.

pub mod moment;
pub mod watch;

use super::draft;
use super::moves::{self, Person};
use super::publish;
use super::workflow::{Act, State};
use crate::background;
use crate::error::{Error, Result};
use crate::server::Shutdown;
use crate::settings;
use crate::site::Site;
use crate::sync::greeting::{self, Greeted};
use crate::sync::peer;
use crate::sync::wire::Answer;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use std::sync::Arc;
use std::time::Duration;
pub use watch::Timetable;
use watch::Word;

/// How often is looked whether something is due.
const LOOK: Duration = Duration::from_secs(1);
/// Most drafts published in one round.
const MOST: u64 = 20;
/// The setting that a doubt about the clock is kept as, so that a restart does not end it.
const DOUBT: &str = "clock_doubt";

/// Publishes what is due until `shutdown`.
pub async fn keep(site: Arc<Site>, shutdown: Shutdown) {
    let start = tokio::time::Instant::now();
    background::every(LOOK, shutdown, move || {
        let site = Arc::clone(&site);
        async move { round(&site, start.elapsed()).await.map(|_| ()) }
    })
    .await;
}

/// Looks at the clocks, `steady` being how long this process has run, and publishes what is due; how
/// many.
pub async fn round(site: &Arc<Site>, steady: Duration) -> Result<usize> {
    round_asking(site, steady, async || ask_the_hub(site).await).await
}

/// The same, with a way of its own to ask another clock.
async fn round_asking(
    site: &Arc<Site>,
    steady: Duration,
    ask: impl AsyncFnOnce() -> Result<Word>,
) -> Result<usize> {
    let now = site.clock.now().timestamp_millis();
    if site.timetable.is_new() {
        let doubt = settings::get::<Option<i64>, _>(site.db.reader(), DOUBT).await?;
        site.timetable.begin(doubt.flatten().is_some(), now, steady);
    }
    let was_in_doubt = site.timetable.is_in_doubt();
    site.timetable.look(now, steady);
    let due = due(site.db.reader(), now).await?;
    if !due.is_empty() && site.timetable.wants_to_ask(steady) {
        let word = ask().await?;
        site.timetable.hear(word, now, steady);
    }
    let is_in_doubt = site.timetable.is_in_doubt();
    if was_in_doubt != is_in_doubt {
        note_doubt(site, is_in_doubt).await?;
    }
    if is_in_doubt {
        return Ok(0);
    }
    let mut published = 0;
    for id in due {
        published += usize::from(publish_one(site, id).await?);
    }
    if published > 0 {
        site.wake();
    }
    Ok(published)
}

/// Somebody who may says that the time is right.
pub async fn confirm_clock(site: &Arc<Site>) -> Result<()> {
    site.timetable.trust();
    note_doubt(site, false).await
}

async fn note_doubt(site: &Arc<Site>, is_in_doubt: bool) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    if is_in_doubt {
        tracing::warn!("the clock jumped ahead; what is due waits until it is confirmed");
    } else {
        tracing::info!("the clock is trusted again");
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let since = is_in_doubt.then_some(now);
                settings::set(tx, DOUBT, &since).await
            })
        })
        .await
}

/// The drafts whose time has come, the earliest first.
async fn due<C: ConnectionTrait>(db: &C, now: i64) -> Result<Vec<Uuid>> {
    Ok(draft::Entity::find()
        .select_only()
        .column(draft::Column::Id)
        .filter(draft::Column::State.eq(State::Scheduled.as_str()))
        .filter(draft::Column::PublishAt.lte(now))
        .order_by_asc(draft::Column::PublishAt)
        .order_by_asc(draft::Column::Id)
        .limit(MOST)
        .into_tuple()
        .all(db)
        .await?)
}

/// Publishes one draft, if it is still due when its row is locked. What can no longer be published goes
/// back to its author with the reason, so that it neither waits for ever nor appears as something else.
async fn publish_one(site: &Arc<Site>, id: Uuid) -> Result<bool> {
    let ours = Arc::clone(site);
    let published = site.db.write(move |tx| {
        Box::pin(async move {
            let Some(draft) = still_due(tx, &ours, id).await? else {
                return Ok(None);
            };
            let event = publish::publish(tx, &ours, draft, &Person::site()).await?;
            Ok::<_, Error>(Some(event))
        })
    });
    let why = match published.await {
        Ok(event) => {
            if let Some(event) = &event {
                tracing::info!(
                    entry.id = event.entry_id.map(tracing::field::display),
                    "published on time"
                );
            }
            return Ok(event.is_some());
        }
        Err(Error::Invalid(lacking)) => lacking
            .into_iter()
            .map(|one| one.message)
            .collect::<Vec<_>>()
            .join(" "),
        Err(Error::Conflict(words)) => words,
        Err(error) => return Err(error),
    };
    let ours = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(draft) = still_due(tx, &ours, id).await? {
                    let note = format!("Đến giờ đã hẹn nhưng không đăng được. {why}");
                    let now = ours.clock.now().timestamp_millis();
                    let by = Person::site();
                    moves::go(tx, draft, Act::Return, &by, Some(&note), now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(false)
}

async fn still_due(
    tx: &sea_orm::DatabaseTransaction,
    site: &Site,
    id: Uuid,
) -> Result<Option<draft::Model>> {
    let now = site.clock.now().timestamp_millis();
    let draft = draft::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(draft.filter(|draft| {
        draft.state() == State::Scheduled && draft.publish_at.is_some_and(|at| at <= now)
    }))
}

/// What the hub's clock says of ours.
async fn ask_the_hub(site: &Site) -> Result<Word> {
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        return Ok(Word::Silent);
    };
    let greeted = match greeting::greet(site, &hub).await {
        Ok(greeted) => greeted,
        Err(error) => {
            tracing::debug!(
                error = crate::error::chain(&error),
                "the hub's clock is not to be seen"
            );
            return Ok(Word::Silent);
        }
    };
    let word = match greeted {
        Greeted::Welcome { .. } => {
            let known = peer::find(site.db.reader(), hub.site_id).await?;
            let skew = known.and_then(|hub| hub.clock_skew_ms);
            skew.map_or(Word::Silent, Word::of_skew)
        }
        Greeted::Not(Answer::Nothing {
            slug: "clock-skew", ..
        }) => Word::Differs,
        Greeted::Not(Answer::Problem(problem)) if problem.kind.slug() == "clock-skew" => {
            Word::Differs
        }
        // Of two machines that answer by turns neither is believed.
        Greeted::Not(_) | Greeted::Doubled => Word::Silent,
    };
    Ok(word)
}

#[cfg(test)]
mod tests;
