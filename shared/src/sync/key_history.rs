//! The keys of everybody, present and past, for everybody: whoever holds an old article can find out
//! which key counted when, also after its unit was merged into another and its site is gone.
//!
//! A hub adds how it introduced its own keys, each event signed with a key that was known before. By
//! these a member that was away for long finds out with which key its hub speaks now.

use super::greeting;
use super::outgoing;
use super::peer;
use super::receive;
use crate::directory::{SiteDescription, site_record};
use crate::error::Result;
use crate::http_client::Allow;
use crate::log::event;
use crate::settings;
use crate::site::Site;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Where it is.
pub const PATH: &str = "/.well-known/lien-cong/keys";
/// The setting with the events by which this site said who it is.
const ANNOUNCED: &str = "announcements";
/// More changes of key than any site has in a member's absence.
const MOST: usize = 100;
/// Largest history taken from a hub, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

/// The document.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeyHistory {
    /// Version, 1.
    pub v: u32,
    /// The site that answers.
    pub site: Uuid,
    /// Every site it knows, with its unit and its keys: from when to when each counts, and how far
    /// what a revoked one signed is believed.
    #[schema(value_type = Vec<Object>)]
    pub sites: Vec<SiteDescription>,
    /// Items, as in a batch, by which the site that answers introduced its own keys, oldest first.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub announcements: Vec<Value>,
}

/// The route.
pub fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The description of the route alone.
#[derive(OpenApi, Debug)]
#[openapi(paths(show))]
pub struct Description;

/// Tells which key counts, and counted, for what.
#[utoipa::path(
    get, path = "/.well-known/lien-cong/keys", tag = "sync",
    responses((status = 200, body = KeyHistory, description = "Khóa của mọi trang, hiện nay và trước kia"))
)]
async fn show(State(site): State<Arc<Site>>) -> Result<Response> {
    let db = site.db.reader();
    let mut history = KeyHistory {
        v: 1,
        site: site.id,
        sites: Vec::new(),
        announcements: Vec::new(),
    };
    for record in site_record::all(db).await? {
        let described = SiteDescription::load(db, &record).await?;
        if !described.keys.is_empty() {
            history.sites.push(described);
        }
    }
    for said in announcements(db).await? {
        history
            .announcements
            .push(outgoing::item_of(db, &said, None).await?.0);
    }
    let body = serde_json::to_vec(&history).map_err(anyhow::Error::new)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, body).into_response())
}

/// Keeps that with `said` this site introduced keys of its own.
pub async fn announce(tx: &DatabaseTransaction, said: &event::Model) -> Result<()> {
    let mut known: Vec<i64> = settings::get(tx, ANNOUNCED).await?.unwrap_or_default();
    known.push(said.id);
    let excess = known.len().saturating_sub(MOST);
    known.drain(..excess);
    settings::set(tx, ANNOUNCED, &known).await
}

/// The events by which this site introduced keys of its own, oldest first.
pub async fn announcements<C: ConnectionTrait>(db: &C) -> Result<Vec<event::Model>> {
    let known: Vec<i64> = settings::get(db, ANNOUNCED).await?.unwrap_or_default();
    let mut events = event::find_many(db, known).await?;
    events.sort_by_key(|event| event.id);
    Ok(events)
}

/// If somebody asked us with an unknown key, finds out whether it is our hub with a new one, and greets
/// it, so that it tries again at once. Called every few seconds, it asks no more often than that.
pub async fn look_after(site: &Arc<Site>) -> Result<()> {
    if !site.links.take_unknown_key() {
        return Ok(());
    }
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        return Ok(());
    };
    if refresh(site, &hub).await? {
        tracing::info!("the hub has a new key");
        greeting::greet(site, &hub).await?;
    }
    Ok(())
}

/// Asks `hub` publicly how it introduced its keys, and believes what is signed with a key known here.
/// Whether anything new was learnt.
pub async fn refresh(site: &Arc<Site>, hub: &peer::Model) -> Result<bool> {
    if !hub.is_upstream() {
        return Ok(false);
    }
    let known = site_record::find(site.db.reader(), hub.site_id).await?;
    let Some(base) = known.and_then(|known| Url::parse(&known.base_url).ok()) else {
        return Ok(false);
    };
    let target = base.join(PATH).map_err(anyhow::Error::new)?;
    let fetched = site
        .http
        .get(target.as_str())
        .allow(&Allow::origin(&base))
        .cap(LARGEST)
        .hops(0)
        .deadline(PATIENCE)
        .send()
        .await
        .map_err(anyhow::Error::new)?;
    let history: KeyHistory = serde_json::from_slice(&fetched.body).map_err(anyhow::Error::new)?;
    let mut learnt = false;
    for said in history.announcements {
        learnt |= receive::believe(site, hub, said).await?;
    }
    Ok(learnt)
}
