//! What is known of each member's vault and of its backups.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use shared::backup::run::Report;
use shared::error::Result;

/// One member's vault.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vaults")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// How many bytes it may fill, if that is not what all may.
    pub quota: Option<i64>,
    /// When its last snapshot came; milliseconds.
    pub snapshot_at: Option<i64>,
    /// When it last told how its backups stand; milliseconds.
    pub told_at: Option<i64>,
    /// What it told, JSON.
    pub report: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it told of its backups.
    pub fn report(&self) -> Option<Report> {
        serde_json::from_str(self.report.as_deref()?).ok()
    }
}

async fn put<C: ConnectionTrait>(db: &C, vault: ActiveModel, column: &[Column]) -> Result<()> {
    Entity::insert(vault)
        .on_conflict(
            OnConflict::column(Column::SiteId)
                .update_columns(column.iter().copied())
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Notes that a snapshot of `site_id` came.
pub async fn note_snapshot<C: ConnectionTrait>(db: &C, site_id: Uuid, now: i64) -> Result<()> {
    let vault = ActiveModel {
        site_id: Set(site_id),
        snapshot_at: Set(Some(now)),
        ..Default::default()
    };
    put(db, vault, &[Column::SnapshotAt]).await
}

/// Notes what `site_id` told of its backups.
pub async fn note_report<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    report: &Report,
    now: i64,
) -> Result<()> {
    let report = serde_json::to_string(report).map_err(anyhow::Error::new)?;
    let vault = ActiveModel {
        site_id: Set(site_id),
        told_at: Set(Some(now)),
        report: Set(Some(report)),
        ..Default::default()
    };
    put(db, vault, &[Column::ToldAt, Column::Report]).await
}

/// Lets `site_id` fill `quota` bytes; none: what all may.
pub async fn set_quota<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    quota: Option<i64>,
) -> Result<()> {
    let vault = ActiveModel {
        site_id: Set(site_id),
        quota: Set(quota),
        ..Default::default()
    };
    put(db, vault, &[Column::Quota]).await
}

/// The vault of `site_id`, if anything is known of it.
pub async fn find<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}

/// All of them.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().all(db).await?)
}
