//! Letters about an entry: what another unit decided, told to its authors and to nobody else.

use crate::directory::revocation;
use crate::error::Result;
use crate::log::{EventKind, content, event};
use crate::newsroom::post_check::{self, Verdict};
use crate::newsroom::verdict::{self, Grade};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What became of an entry at another site, as last told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Who decided.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// [`ReviewDecision`] by name.
    pub decision: String,
    /// Why.
    pub reason: Option<String>,
    /// Its page there.
    pub url: Option<String>,
    /// When; milliseconds.
    pub at: i64,
    /// [`Grade`] by name.
    pub grade: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A decision about somebody else's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    /// Published there.
    Accepted,
    /// Sent back.
    Returned,
    /// Not used.
    Declined,
    /// The province takes its recall back: it may be published again as it was.
    Reinstated,
}

impl ReviewDecision {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Declined => "declined",
            Self::Reinstated => "reinstated",
        }
    }
}

/// The letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The entry it is about.
    pub entry: Uuid,
    /// The revision that was looked at.
    pub rev: i64,
    /// What was decided.
    pub decision: ReviewDecision,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its page there, once published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What was found when it was looked at after its own author had approved it: then it says nothing of
    /// where it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_check: Option<Verdict>,
    /// How good it is, where the newsroom that accepted it says so.
    #[serde(
        default,
        deserialize_with = "verdict::leniently",
        skip_serializing_if = "Option::is_none"
    )]
    pub grade: Option<Grade>,
}

impl Review {
    /// As the content of an event.
    pub fn to_content(&self) -> Result<Value> {
        Ok(json!({
            "id": format!("urn:uuid:{}", self.entry),
            "content_text": self.reason.clone().unwrap_or_default(),
            "_letter": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of an event.
    pub fn from_content(content: &Value) -> serde_json::Result<Self> {
        Self::deserialize(content.get("_letter").unwrap_or(&Value::Null))
    }

    /// Keeps what `site_id` told us at `at`.
    pub async fn store<C: ConnectionTrait>(&self, db: &C, site_id: Uuid, at: i64) -> Result<()> {
        if let Some(verdict) = self.post_check {
            let reason = self.reason.clone();
            return post_check::hear(db, self.entry, self.rev, verdict, reason, at).await;
        }
        Entity::insert(ActiveModel {
            entry_id: Set(self.entry),
            site_id: Set(site_id),
            decision: Set(self.decision.as_str().to_owned()),
            reason: Set(self.reason.clone()),
            url: Set(self.url.clone()),
            at: Set(at),
            grade: Set(self.grade.map(|grade| grade.as_str().to_owned())),
        })
        .on_conflict(
            OnConflict::columns([Column::EntryId, Column::SiteId])
                .update_columns([
                    Column::Decision,
                    Column::Reason,
                    Column::Url,
                    Column::At,
                    Column::Grade,
                ])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
        Ok(())
    }
}

/// Keeps what `site_id` said last about `entry_id` with a key that still counts, or nothing.
pub async fn judge_again(tx: &DatabaseTransaction, entry_id: Uuid, site_id: Uuid) -> Result<()> {
    Entity::delete_by_id((entry_id, site_id)).exec(tx).await?;
    let said = event::Entity::find()
        .filter(event::Column::EntryId.eq(entry_id))
        .filter(event::Column::SiteId.eq(site_id))
        .filter(event::Column::Kind.eq(EventKind::LetterReview.as_str()))
        .filter(event::Column::Id.not_in_subquery(revocation::without_effect(entry_id)))
        .order_by_desc(event::Column::Id)
        .all(tx)
        .await?;
    for last in said {
        let Some(hash) = &last.content_hash else {
            return Ok(());
        };
        let Some(bytes) = content::read(tx, hash).await? else {
            return Ok(());
        };
        let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
        let letter = Review::from_content(&value).map_err(anyhow::Error::new)?;
        if letter.post_check.is_none() {
            return letter.store(tx, site_id, last.time).await;
        }
    }
    Ok(())
}

/// The latest decisions about our entries, newest first.
pub async fn latest<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::At)
        .limit(limit)
        .all(db)
        .await?)
}

/// The decisions about the entries in `ids`.
pub async fn of_entries<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::EntryId.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}
