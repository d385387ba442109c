//! What a draft said at earlier moments. Every save keeps one; what is saved by itself while somebody
//! types is one version until they pause or somebody does something with it.

use super::draft;
use super::text::Text;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set};

/// A kept version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_versions")]
pub struct Model {
    /// Version id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The draft.
    pub draft_id: Uuid,
    /// 1, 2, 3 … of this draft.
    pub number: i64,
    /// [`Text`] as JSON.
    pub content: String,
    /// Saved by itself, and not by anybody's decision.
    pub autosaved: bool,
    /// Whose words.
    pub account_id: Option<Uuid>,
    /// When it was begun; milliseconds.
    pub begun_at: i64,
    /// When it was last changed; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What was said.
    pub fn text(&self) -> Result<Text> {
        Text::from_json(&self.content)
    }
}

/// How long one person's typing is one version.
const ONE_SITTING_MS: i64 = 3 * 60 * 1000;

/// Keeps what `draft` says now; the number of the version. What is there already is not kept twice.
pub async fn keep(
    tx: &DatabaseTransaction,
    draft: &draft::Model,
    by: Option<Uuid>,
    autosaved: bool,
    now: i64,
) -> Result<i64> {
    let content = Text::of(draft).to_json()?;
    let last = last(tx, draft.id).await?;
    let number = last.as_ref().map_or(1, |last| last.number + 1);
    if let Some(last) = last {
        let goes_on = autosaved
            && last.autosaved
            && last.account_id == by
            && (0..ONE_SITTING_MS).contains(&(now - last.begun_at))
            // Whoever deleted half of it by mistake finds it again.
            && content.len() * 2 > last.content.len();
        let is_same = last.content == content;
        if is_same || goes_on {
            let number = last.number;
            if !is_same || (last.autosaved && !autosaved) {
                let mut change: ActiveModel = last.into();
                change.content = Set(content);
                change.at = Set(now);
                change.autosaved = Set(autosaved);
                change.update(tx).await?;
            }
            return Ok(number);
        }
    }
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        draft_id: Set(draft.id),
        number: Set(number),
        content: Set(content),
        autosaved: Set(autosaved),
        account_id: Set(by),
        begun_at: Set(now),
        at: Set(now),
    };
    row.insert(tx).await?;
    Ok(number)
}

/// Whether `by` kept nothing of the draft for an hour, so that going on is worth being told.
pub async fn is_away<C: ConnectionTrait>(
    db: &C,
    draft_id: Uuid,
    by: Option<Uuid>,
    now: i64,
) -> Result<bool> {
    const HOUR_MS: i64 = 3600 * 1000;
    let kept = Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .filter(Column::AccountId.eq(by))
        .filter(Column::At.gt(now - HOUR_MS))
        .count(db)
        .await?;
    Ok(kept == 0)
}

/// Keeps what `draft` says if nothing was ever kept of it: drafts are older than versions.
pub async fn keep_first(tx: &DatabaseTransaction, draft: &draft::Model) -> Result<()> {
    if last(tx, draft.id).await?.is_none() {
        keep(tx, draft, draft.written_by, false, draft.updated_at).await?;
    }
    Ok(())
}

async fn last<C: ConnectionTrait>(db: &C, draft_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .order_by_desc(Column::Number)
        .one(db)
        .await?)
}

/// The latest `limit` versions of a draft, the newest first.
pub async fn of_draft<C: ConnectionTrait>(
    db: &C,
    draft_id: Uuid,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .order_by_desc(Column::Number)
        .limit(limit)
        .all(db)
        .await?)
}

/// Version `number` of a draft.
pub async fn find<C: ConnectionTrait>(db: &C, draft_id: Uuid, number: i64) -> Result<Model> {
    Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .filter(Column::Number.eq(number))
        .one(db)
        .await?
        .ok_or(Error::NotFound)
}

/// Forgets everything that a draft ever said.
pub async fn erase(tx: &DatabaseTransaction, draft_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::DraftId.eq(draft_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How long what was saved by itself is kept, unless it is the last or something was done to it.
const AUTOSAVED_LAST_MS: i64 = 7 * 24 * 3600 * 1000;
/// How many versions of a draft that nothing was done to are kept besides.
const MOST_SAVED: i64 = 200;

/// Forgets versions that were saved by themselves a week ago, and of the others all but the latest two
/// hundred. What something was done to stays, and so does the last of each draft.
pub async fn thin(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    // Both databases say it the same way.
    let old = format!(
        "DELETE FROM draft_versions WHERE number < (SELECT MAX(newest.number) FROM draft_versions newest \
         WHERE newest.draft_id = draft_versions.draft_id) \
         AND NOT EXISTS (SELECT 1 FROM draft_history step WHERE step.draft_id = draft_versions.draft_id \
         AND step.version = draft_versions.number) \
         AND ((autosaved AND at < {}) OR number < (SELECT MAX(newest.number) FROM draft_versions newest \
         WHERE newest.draft_id = draft_versions.draft_id) - {MOST_SAVED})",
        now - AUTOSAVED_LAST_MS
    );
    let forgotten = tx.execute_unprepared(&old).await?;
    Ok(forgotten.rows_affected())
}

/// Versions of any draft, some at a time.
pub async fn page<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

#[cfg(test)]
mod tests;
