//! Looking for ourselves whether what was recalled is gone: as any reader would, at every site.
//!
//! A site's own word says that it has carried a recall out. What citizens see is another matter: a
//! cache in front of it, an older copy of the site, a defect. So the page, the feed and the media of
//! the entry are asked for at each site until all of them are gone, at growing intervals.

use super::progress::{self, Model, case};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use shared::background;
use shared::directory::site_record;
use shared::entries::Item;
use shared::error::Result;
use shared::http_client::{Allow, FetchError};
use shared::server::Shutdown;
use shared::site::Site;
use shared::sync::core::back_off;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

/// How often it is seen who is due.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many sites are looked at in one round, and how many at the same time.
const ROUND: u64 = 256;
const AT_ONCE: usize = 32;
/// How many of its media are asked for.
const MOST_MEDIA: usize = 20;
/// Largest feed that is read.
const LARGEST_FEED: usize = 8 * 1024 * 1024;

/// Keeps looking until `shutdown`.
pub async fn keep_watching(site: Arc<Site>, shutdown: Shutdown) {
    background::every(PAUSE, shutdown, move || {
        let site = Arc::clone(&site);
        async move { round(&site).await }
    })
    .await;
}

/// Notes what was acknowledged, and looks at every site that is due.
pub async fn round(site: &Arc<Site>) -> Result<()> {
    progress::note_received(site).await?;
    progress::note_applied_here(site).await?;
    let db = site.db.reader();
    let now = site.clock.now().timestamp_millis();
    let due = progress::Entity::find()
        .filter(progress::is_open())
        .filter(progress::Column::NextLookAt.lte(now))
        .order_by_asc(progress::Column::NextLookAt)
        .limit(ROUND)
        .all(db)
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let cases: HashMap<i64, case::Model> = case::Entity::find()
        .filter(case::Column::EventId.is_in(due.iter().map(|one| one.event_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|case| (case.event_id, case))
        .collect();
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut looks = JoinSet::new();
    for one in due {
        let Some(case) = cases.get(&one.event_id).cloned() else {
            continue;
        };
        let (site, gate) = (Arc::clone(site), Arc::clone(&gate));
        looks.spawn(async move {
            let _turn = gate.acquire().await.map_err(anyhow::Error::new)?;
            let seen = look(&site, &case, &one).await?;
            note(&site, one, seen).await
        });
    }
    while let Some(looked) = looks.join_next().await {
        looked.map_err(anyhow::Error::new)??;
    }
    Ok(())
}

/// What a reader finds at a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing of it.
    Gone,
    /// Something of it, in words.
    StillThere(String),
    /// Nobody answers, in words.
    Unknown(String),
}

async fn look(site: &Site, case: &case::Model, one: &Model) -> Result<Seen> {
    let Some(member) = site_record::find(site.db.reader(), one.site_id).await? else {
        return Ok(Seen::Gone);
    };
    if member.is_feed() {
        // A portal that is not ours has its own addresses, and hears no recall.
        return Ok(match &case.foreign_url {
            Some(url) => page(site, url, &Allow::none()).await,
            None => Seen::Gone,
        });
    }
    let Ok(base) = Url::parse(&member.base_url) else {
        return Ok(Seen::Unknown("địa chỉ của trang không đọc được".to_owned()));
    };
    let origin = base.origin().ascii_serialization();
    let allow = Allow::origin(&base);
    let seen = page(site, &format!("{origin}{}", case.path), &allow).await;
    if seen != Seen::Gone {
        return Ok(seen);
    }
    let seen = feed(site, &format!("{origin}/feed.json"), &allow, case).await;
    if seen != Seen::Gone {
        return Ok(seen);
    }
    let kept = one.kept();
    let media = case.media().into_iter().filter(|hex| !kept.contains(hex));
    for hex in media.take(MOST_MEDIA) {
        let seen = medium(site, &format!("{origin}/media/sha256/{hex}"), &allow).await;
        if seen != Seen::Gone {
            return Ok(seen);
        }
    }
    Ok(Seen::Gone)
}

async fn page(site: &Site, address: &str, allow: &Allow) -> Seen {
    let call = site.http.get(address).allow(allow).deadline(PATIENCE);
    seen_of(call.send().await, "trang bài vẫn hiện")
}

async fn medium(site: &Site, address: &str, allow: &Allow) -> Seen {
    let call = site.http.get(address).allow(allow).deadline(PATIENCE);
    let first_byte = call.header("range", "bytes=0-0");
    seen_of(first_byte.send().await, "ảnh hoặc tệp vẫn còn")
}

fn seen_of<T>(answer: std::result::Result<T, FetchError>, still: &str) -> Seen {
    match answer {
        Ok(_) | Err(FetchError::TooLarge { .. }) => Seen::StillThere(still.to_owned()),
        Err(FetchError::Status(answer)) if matches!(answer.status, 404 | 410) => Seen::Gone,
        Err(error) => Seen::Unknown(error.to_string()),
    }
}

async fn feed(site: &Site, address: &str, allow: &Allow, case: &case::Model) -> Seen {
    let call = site.http.get(address).allow(allow).deadline(PATIENCE);
    let fetched = match call.cap(LARGEST_FEED).send().await {
        Ok(fetched) => fetched,
        Err(FetchError::Status(answer)) if matches!(answer.status, 404 | 410) => return Seen::Gone,
        Err(error) => return Seen::Unknown(error.to_string()),
    };
    let Ok(feed) = serde_json::from_slice::<serde_json::Value>(&fetched.body) else {
        return Seen::Unknown("nguồn tin không đọc được".to_owned());
    };
    let id = Item::id_of(case.entry_id);
    let items = feed.get("items").and_then(serde_json::Value::as_array);
    let is_told = items
        .into_iter()
        .flatten()
        .any(|item| item.get("id").and_then(serde_json::Value::as_str) == Some(id.as_str()));
    if is_told {
        Seen::StillThere("nguồn tin vẫn còn bài".to_owned())
    } else {
        Seen::Gone
    }
}

async fn note(site: &Site, one: Model, seen: Seen) -> Result<()> {
    let now = site.clock.now();
    let looks = one.looks + 1;
    let failures = u32::try_from(looks).unwrap_or(u32::MAX);
    let next = now + back_off(failures, &mut rand::rng());
    let now = now.timestamp_millis();
    let key = (one.event_id, one.site_id);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let Some(current) = progress::Entity::find_by_id(key).one(tx).await? else {
                    return Ok(());
                };
                // Its letter came while we looked: what we saw may be from before.
                let came = current.applied_at != one.applied_at;
                let mut change: progress::ActiveModel = current.into();
                change.looked_at = Set(Some(now));
                match seen {
                    Seen::Gone => {
                        change.gone_at = Set(Some(now));
                        change.seen = Set(None);
                    }
                    Seen::StillThere(words) | Seen::Unknown(words) => {
                        change.seen = Set(Some(words));
                        if !came {
                            change.looks = Set(looks);
                            change.next_look_at = Set(next.timestamp_millis());
                        }
                    }
                }
                change.update(tx).await?;
                Ok(())
            })
        })
        .await
}
