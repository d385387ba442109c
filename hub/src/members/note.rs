//! What the province settled and noted about a member, for its own eyes.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use shared::error::Result;
use std::collections::HashMap;

/// Longest note, in letters.
pub const LONGEST_NOTE: usize = 2_000;
/// Shortest and longest time a member may be silent before it counts as late, in minutes.
pub const GRACE_MINUTES: std::ops::RangeInclusive<i64> = 1..=1_440;
/// Fewest and most days without an article.
pub const SILENT_DAYS: std::ops::RangeInclusive<i64> = 1..=365;

/// What is kept about a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_notes")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// How long nothing may be heard of it before it counts as late; none for the usual time.
    pub grace_seconds: Option<i64>,
    /// How many days it may publish nothing; none for the usual limit.
    pub silent_days: Option<i64>,
    /// A note of the province.
    pub note: Option<String>,
    /// Who changed this last.
    pub changed_by: Option<String>,
    /// When; milliseconds.
    pub changed_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps `note` instead of what was kept.
pub async fn put<C: ConnectionTrait>(db: &C, note: Model) -> Result<()> {
    Entity::insert(ActiveModel {
        site_id: Set(note.site_id),
        grace_seconds: Set(note.grace_seconds),
        silent_days: Set(note.silent_days),
        note: Set(note.note),
        changed_by: Set(note.changed_by),
        changed_at: Set(note.changed_at),
    })
    .on_conflict(
        OnConflict::column(Column::SiteId)
            .update_columns([
                Column::GraceSeconds,
                Column::SilentDays,
                Column::Note,
                Column::ChangedBy,
                Column::ChangedAt,
            ])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// What is kept about `site_id`.
pub async fn find<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}

/// What is kept about all members.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, Model>> {
    let all = Entity::find().all(db).await?;
    Ok(all.into_iter().map(|note| (note.site_id, note)).collect())
}
