//! The sites this site exchanges with: a member's hub, a hub's members.

use super::core::runs::{Runs, Ticket};
use crate::directory::site_record;
use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};

/// A stored peer.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "peers")]
pub struct Model {
    /// The site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// [`Role`] by name.
    pub role: String,
    /// [`LinkMode`] by name.
    pub link: String,
    /// [`PeerState`] by name.
    pub state: String,
    /// When it last proved itself to us, or answered us; milliseconds.
    pub last_contact_at: Option<i64>,
    /// When something of ours was last acknowledged; milliseconds.
    pub last_delivery_at: Option<i64>,
    /// What went wrong last, by slug; none when all is well.
    pub last_error: Option<String>,
    /// In words.
    pub last_error_detail: Option<String>,
    /// Vain attempts since the last success.
    pub failures: i64,
    /// Its clock minus ours, as last seen.
    pub clock_skew_ms: Option<i64>,
    /// The software it runs.
    pub version: Option<String>,
    /// When it became a peer; milliseconds.
    pub added_at: i64,
    /// Since when nothing succeeds; milliseconds.
    pub failing_since: Option<i64>,
    /// When the next attempt is; milliseconds.
    pub next_try_at: Option<i64>,
    /// The processes that spoke for it, [`Runs`] as JSON; none before the first greeting that names one.
    pub runs: Option<String>,
    /// Since when two of them speak at once; milliseconds.
    pub doubled_since: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a peer is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Our hub.
    Upstream,
    /// One of our members.
    Member,
}

impl Role {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Member => "member",
        }
    }
}

/// How a hub's events reach a member.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LinkMode {
    /// The hub calls the member.
    Push,
    /// The member asks and waits: for machines that cannot be called.
    Pull,
}

impl LinkMode {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Pull => "pull",
        }
    }
}

/// Whether we exchange with a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerState {
    /// Yes.
    Active,
    /// Not for now: it is not heard and not served, and nothing is lost meanwhile.
    Suspended,
}

impl PeerState {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl Model {
    /// Whether it is our hub.
    pub fn is_upstream(&self) -> bool {
        self.role == Role::Upstream.as_str()
    }

    /// Whether we exchange with it.
    pub fn is_active(&self) -> bool {
        self.state == PeerState::Active.as_str()
    }

    /// Whether two processes speak for it at once: it is neither heard nor served until one does.
    pub fn is_doubled(&self) -> bool {
        self.doubled_since.is_some()
    }

    /// Whether the hub's events are asked for rather than sent.
    pub fn is_pull(&self) -> bool {
        self.link == LinkMode::Pull.as_str()
    }
}

/// Makes `site_id` a peer, or changes what it is to us.
pub async fn put<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    role: Role,
    link: LinkMode,
    now: i64,
) -> Result<()> {
    Entity::insert(ActiveModel {
        site_id: Set(site_id),
        role: Set(role.as_str().to_owned()),
        link: Set(link.as_str().to_owned()),
        state: Set(PeerState::Active.as_str().to_owned()),
        failures: Set(0),
        added_at: Set(now),
        ..Default::default()
    })
    .on_conflict(
        OnConflict::column(Column::SiteId)
            .update_columns([Column::Role, Column::Link, Column::State])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// The peer `site_id`.
pub async fn find<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}

/// All peers.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().all(db).await?)
}

/// Our hub, if we have one.
pub async fn upstream<C: ConnectionTrait>(db: &C) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Role.eq(Role::Upstream.as_str()))
        .one(db)
        .await?)
}

/// Suspends or resumes a peer.
pub async fn set_state<C: ConnectionTrait>(db: &C, site_id: Uuid, state: PeerState) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .filter(Column::SiteId.eq(site_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Where our active peers answer, without a slash at the end.
pub async fn active_addresses<C: ConnectionTrait>(db: &C) -> Result<Vec<String>> {
    let ids: Vec<Uuid> = all(db)
        .await?
        .into_iter()
        .filter(Model::is_active)
        .filter(Model::is_upstream)
        .map(|peer| peer.site_id)
        .collect();
    let sites = site_record::find_many(db, &ids).await?;
    Ok(sites.into_iter().map(|site| site.base_url).collect())
}

/// What is noted after hearing from a peer, or trying to.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// The software it runs, if it said so.
    pub version: Option<String>,
    /// Its clock minus ours, if it told the time.
    pub clock_skew_ms: Option<i64>,
    /// Whether something of ours was acknowledged.
    pub delivered: bool,
}

/// Notes that the peer was heard from and all is well.
pub async fn note_contact<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    contact: Contact,
    now: i64,
) -> Result<()> {
    let mut update = Entity::update_many()
        .col_expr(Column::LastContactAt, Expr::value(now))
        .col_expr(Column::Failures, Expr::value(0_i64))
        .col_expr(Column::LastError, Expr::value(None::<String>))
        .col_expr(Column::LastErrorDetail, Expr::value(None::<String>))
        .col_expr(Column::FailingSince, Expr::value(None::<i64>))
        .col_expr(Column::NextTryAt, Expr::value(None::<i64>));
    if let Some(version) = contact.version {
        update = update.col_expr(Column::Version, Expr::value(version));
    }
    if let Some(skew) = contact.clock_skew_ms {
        update = update.col_expr(Column::ClockSkewMs, Expr::value(skew));
    }
    if contact.delivered {
        update = update.col_expr(Column::LastDeliveryAt, Expr::value(now));
    }
    update.filter(Column::SiteId.eq(site_id)).exec(db).await?;
    Ok(())
}

/// Which process spoke for a peer, and what shows until when it was alive.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// The process. Sites of an earlier version do not say.
    pub run: Option<Uuid>,
    /// The ticket of ours it gave back, or after which we asked it.
    pub ticket: Option<Ticket>,
}

/// What is known of the processes that speak for the peer.
pub async fn runs_of<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Runs> {
    let peer = find(db, site_id).await?;
    Ok(peer.as_ref().map(known_runs).unwrap_or_default())
}

fn known_runs(peer: &Model) -> Runs {
    peer.runs
        .as_deref()
        .and_then(|runs| serde_json::from_str(runs).ok())
        .unwrap_or_default()
}

/// Notes that a process spoke for the peer to our process `ours`. The ticket it is given; none if two speak
/// at once.
pub async fn note_run<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    heard: Heard,
    ours: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Ticket>> {
    let Some(peer) = find(db, site_id).await? else {
        return Ok(Some(Runs::default().ticket(ours)));
    };
    let known = known_runs(&peer);
    let Some(run) = heard.run else {
        return Ok((!peer.is_doubled()).then(|| known.ticket(ours)));
    };
    let known = known.hear(run, heard.ticket, ours, now);
    let since = known.doubled_since();
    match (peer.doubled_since, since) {
        (None, Some(_)) => {
            tracing::error!(peer = %site_id, "two machines run this site at once: held")
        }
        (Some(_), None) => {
            tracing::info!(peer = %site_id, "one machine runs this site: heard again")
        }
        _ => {}
    }
    let runs = serde_json::to_string(&known).map_err(anyhow::Error::new)?;
    Entity::update_many()
        .col_expr(Column::Runs, Expr::value(runs))
        .col_expr(Column::DoubledSince, Expr::value(since))
        .filter(Column::SiteId.eq(site_id))
        .exec(db)
        .await?;
    Ok(since.is_none().then(|| known.ticket(ours)))
}

/// Notes a vain attempt.
pub async fn note_failure<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    slug: &str,
    detail: &str,
    failures: u32,
    now: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::FailingSince, Expr::value(now))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::FailingSince.is_null())
        .exec(db)
        .await?;
    Entity::update_many()
        .col_expr(Column::LastError, Expr::value(slug))
        .col_expr(Column::LastErrorDetail, Expr::value(detail))
        .col_expr(Column::Failures, Expr::value(i64::from(failures)))
        .filter(Column::SiteId.eq(site_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes when the next attempt is.
pub async fn note_next_try<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    next: Option<i64>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextTryAt, Expr::value(next))
        .filter(Column::SiteId.eq(site_id))
        .exec(db)
        .await?;
    Ok(())
}
