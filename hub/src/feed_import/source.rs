//! A feed the hub reads, and how reading it goes.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, Set};
use shared::error::{Error, Result};
use shared::site::Site;
use std::str::FromStr;
use url::Url;

/// A stored source.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_sources")]
pub struct Model {
    /// Source id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose feed.
    pub site_id: Uuid,
    /// [`Purpose`] by name.
    pub purpose: String,
    /// Where it is.
    pub url: String,
    /// Cron, seconds first, in the province's time.
    pub schedule: String,
    /// Whether it is read.
    pub active: bool,
    /// The validator last answered with.
    pub etag: Option<String>,
    /// The date last answered with, verbatim.
    pub last_modified: Option<String>,
    /// When it was last asked; milliseconds.
    pub polled_at: Option<i64>,
    /// When it last answered well; milliseconds.
    pub succeeded_at: Option<i64>,
    /// What came of it, by slug.
    pub outcome: Option<String>,
    /// In words.
    pub detail: Option<String>,
    /// Vain attempts since the last success.
    pub failures: i64,
    /// How many entries it showed last.
    pub entries_seen: i64,
    /// How many of them push had not brought, for a source that is compared.
    pub missed: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a feed is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What it shows becomes entries of its unit, attested by the hub.
    Import,
    /// What it shows is compared with what push brought.
    Check,
}

impl Purpose {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Check => "check",
        }
    }
}

/// How often the feeds of native members are compared with what push brought.
pub const CHECK_SCHEDULE: &str = "0 */15 * * * *";

/// Adds the feed of a portal that is not ours.
pub async fn add_import(site: &Site, site_id: Uuid, url: &Url, schedule: &str) -> Result<Uuid> {
    let (url, schedule) = (url.to_string(), schedule.to_owned());
    site.db
        .write(move |tx| {
            Box::pin(async move { add(tx, site_id, Purpose::Import, &url, &schedule).await })
        })
        .await
}

/// Adds a source. Its schedule must be a cron expression with seconds.
pub async fn add<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    purpose: Purpose,
    url: &str,
    schedule: &str,
) -> Result<Uuid> {
    cron::Schedule::from_str(schedule).map_err(|_| {
        Error::invalid(
            "schedule",
            "Lịch đọc phải là dạng cron có giây, ví dụ 0 */10 * * * *",
        )
    })?;
    let id = Uuid::now_v7();
    ActiveModel {
        id: Set(id),
        site_id: Set(site_id),
        purpose: Set(purpose.as_str().to_owned()),
        url: Set(url.to_owned()),
        schedule: Set(schedule.to_owned()),
        active: Set(true),
        failures: Set(0),
        entries_seen: Set(0),
        missed: Set(0),
        ..Default::default()
    }
    .insert(db)
    .await?;
    Ok(id)
}

/// All sources that are read.
pub async fn active<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Active.eq(true))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}
