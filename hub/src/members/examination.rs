//! The last examination of the way to each member, and by whom it was made.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use shared::audit::{self, Action, Actor, Subject};
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::site::Site;
use shared::sync::doctor::{self, Finding};
use std::sync::Arc;

/// A stored examination.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "examinations")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// When; milliseconds.
    pub at: i64,
    /// Who asked for it.
    pub by_whom: String,
    /// [`Finding`]s as JSON.
    pub findings: String,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What was found; nothing that this version can read, if another wrote it.
    pub fn findings(&self) -> Vec<Finding> {
        serde_json::from_str(&self.findings).unwrap_or_default()
    }
}

/// Examines the way to `member` for `by`, and keeps what was found.
pub async fn make(site: &Arc<Site>, member: Uuid, by: &Actor) -> Result<Vec<Finding>> {
    let record = site_record::find(site.db.reader(), member)
        .await?
        .filter(|record| record.is_active() && !record.is_feed() && record.id != site.id)
        .ok_or_else(|| {
            let why = "Chỉ khám được đơn vị dùng phần mềm này và đang hoạt động.";
            Error::Conflict(why.to_owned())
        })?;
    let found = doctor::examine(site, member).await?;
    let now = site.clock.now().timestamp_millis();
    let kept = ActiveModel {
        site_id: Set(member),
        at: Set(now),
        by_whom: Set(by.name().to_owned()),
        findings: Set(serde_json::to_string(&found).map_err(anyhow::Error::new)?),
    };
    let by = by.clone();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                put(tx, kept).await?;
                let subject = Subject::site(&record);
                audit::record(tx, &by, Action::MemberExamined, subject, now).await
            })
        })
        .await?;
    Ok(found)
}

async fn put<C: ConnectionTrait>(db: &C, kept: ActiveModel) -> Result<()> {
    Entity::insert(kept)
        .on_conflict(
            OnConflict::column(Column::SiteId)
                .update_columns([Column::At, Column::ByWhom, Column::Findings])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The last examination of `site_id`.
pub async fn last<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}
