//! Looking for ourselves whether a bulletin stands above the pages of each member, as any reader would.
//!
//! A member's receipt says that it has a bulletin. What citizens see is another matter: a cache in front of it, an
//! older copy of the site. So the front page is opened at each member until it says what it should, at growing
//! intervals, and no longer than the bulletin stands.

use super::progress::{self, Model, order};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use shared::background;
use shared::bulletins::record;
use shared::directory::site_record;
use shared::error::Result;
use shared::http_client::{Allow, FetchError};
use shared::server::Shutdown;
use shared::site::Site;
use shared::sync::core::back_off;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;
use uuid::Uuid;

/// How often it is seen who is due.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many members are looked at in one round, and how many at the same time.
const ROUND: u64 = 256;
const AT_ONCE: usize = 32;
/// Largest front page that is read.
const LARGEST_PAGE: usize = 2 * 1024 * 1024;
/// How long it is looked for whether a lifted bulletin is gone; milliseconds.
const GONE_WITHIN: i64 = 24 * 3_600_000;

/// Keeps looking until `shutdown`.
pub async fn keep_watching(site: Arc<Site>, shutdown: Shutdown) {
    background::every(PAUSE, shutdown, move || {
        let site = Arc::clone(&site);
        async move { round(&site).await }
    })
    .await;
}

/// Notes what was received, and looks at every member that is due.
pub async fn round(site: &Arc<Site>) -> Result<()> {
    progress::note_received(site).await?;
    let now = site.clock.now().timestamp_millis();
    let due = progress::Entity::find()
        .filter(progress::Column::NextLookAt.lte(now))
        .order_by_asc(progress::Column::NextLookAt)
        .limit(ROUND)
        .all(site.db.reader())
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let events: Vec<i64> = due.iter().map(|one| one.event_id).collect();
    let orders = progress::of_events(site.db.reader(), &events).await?;
    let (mut over, mut looks) = (Vec::new(), JoinSet::new());
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    for one in due {
        let order = orders.get(&one.event_id);
        let Some(order) = order.filter(|order| now < looked_for_until(order)).cloned() else {
            over.push((one.event_id, one.site_id));
            continue;
        };
        let (site, gate) = (Arc::clone(site), Arc::clone(&gate));
        looks.spawn(async move {
            let _turn = gate.acquire().await.map_err(anyhow::Error::new)?;
            let trouble = look(&site, &order, one.site_id).await?;
            note(&site, one, trouble).await
        });
    }
    while let Some(looked) = looks.join_next().await {
        looked.map_err(anyhow::Error::new)??;
    }
    give_up(site, over).await
}

fn looked_for_until(order: &order::Model) -> i64 {
    match order.lifts {
        true => order.ordered_at + GONE_WITHIN,
        false => order.until_at,
    }
}

/// What is wrong with what a reader sees at `member`; none if its front page says what it should.
async fn look(site: &Site, order: &order::Model, member: Uuid) -> Result<Option<String>> {
    let Some(member) = site_record::find(site.db.reader(), member).await? else {
        return Ok(Some("trang không còn".to_owned()));
    };
    let Ok(base) = Url::parse(&member.base_url) else {
        return Ok(Some("địa chỉ của trang không đọc được".to_owned()));
    };
    let allow = Allow::origin(&base);
    let address = format!("{}/", base.origin().ascii_serialization());
    let call = site.http.get(&address).allow(&allow).deadline(PATIENCE);
    let page = match call.cap(LARGEST_PAGE).send().await {
        Ok(page) => page.body,
        Err(FetchError::Status(answer)) => {
            return Ok(Some(format!("trang chủ trả lời mã {}", answer.status)));
        }
        Err(error) => return Ok(Some(error.to_string())),
    };
    Ok(judge(&String::from_utf8_lossy(&page), order))
}

/// What is wrong with a page, after the version `order`.
pub fn judge(page: &str, order: &order::Model) -> Option<String> {
    let says = |token: &str| page.contains(&format!("data-bulletin=\"{token}"));
    let (id, rev) = (order.bulletin_id, order.rev);
    let is_right = match order.lifts {
        true => !says(&format!("{}-", id.simple())),
        false => says(&format!("{}\"", record::token(id, rev))),
    };
    let trouble = match order.lifts {
        true => "trang chủ còn hiện",
        false => "trang chủ chưa hiện",
    };
    (!is_right).then(|| trouble.to_owned())
}

async fn note(site: &Site, one: Model, trouble: Option<String>) -> Result<()> {
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
                // A later version came while we looked: this one is no longer looked for.
                let is_wanted = current.next_look_at.is_some();
                let mut change: progress::ActiveModel = current.into();
                change.looked_at = Set(Some(now));
                change.looks = Set(looks);
                change.next_look_at = Set(match trouble {
                    Some(_) if is_wanted => Some(next.timestamp_millis()),
                    _ => None,
                });
                if trouble.is_none() {
                    change.seen_at = Set(Some(now));
                }
                change.trouble = Set(trouble);
                change.update(tx).await?;
                Ok(())
            })
        })
        .await
}

/// What is over is looked for no longer.
async fn give_up(site: &Site, over: Vec<(i64, Uuid)>) -> Result<()> {
    if over.is_empty() {
        return Ok(());
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (event, member) in over {
                    progress::Entity::update_many()
                        .col_expr(progress::Column::NextLookAt, Expr::value(None::<i64>))
                        .filter(progress::Column::EventId.eq(event))
                        .filter(progress::Column::SiteId.eq(member))
                        .exec(tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await
}
