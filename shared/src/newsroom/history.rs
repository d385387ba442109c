//! What was done to a draft, by whom and when, and what they said.

use super::workflow::{Act, State};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};

/// One step of a draft.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_history")]
pub struct Model {
    /// Step id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The draft.
    pub draft_id: Uuid,
    /// [`Act`] by name.
    pub act: String,
    /// [`State`] by name, before.
    pub from_state: String,
    /// And after.
    pub to_state: String,
    /// The version it was done to.
    pub version: i64,
    /// Who; none for what the site did by itself.
    pub account_id: Option<Uuid>,
    /// What they said.
    pub comment: Option<String>,
    /// When; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What was done.
    pub fn act(&self) -> Option<Act> {
        Act::parse(&self.act)
    }

    /// Where the draft was afterwards.
    pub fn to_state(&self) -> Option<State> {
        State::parse(&self.to_state)
    }
}

/// A step to be noted.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The draft.
    pub draft_id: Uuid,
    /// What is done.
    pub act: Act,
    /// From where.
    pub from: State,
    /// To where.
    pub to: State,
    /// To which version.
    pub version: i64,
    /// By whom.
    pub by: Option<Uuid>,
    /// With which words.
    pub comment: Option<&'a str>,
    /// When; milliseconds.
    pub at: i64,
}

/// Notes a step.
pub async fn note(tx: &DatabaseTransaction, step: Step<'_>) -> Result<()> {
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        draft_id: Set(step.draft_id),
        act: Set(step.act.as_str().to_owned()),
        from_state: Set(step.from.as_str().to_owned()),
        to_state: Set(step.to.as_str().to_owned()),
        version: Set(step.version),
        account_id: Set(step.by),
        comment: Set(step.comment.map(str::to_owned)),
        at: Set(step.at),
    };
    row.insert(tx).await?;
    Ok(())
}

/// The latest `limit` steps of a draft, the newest first.
pub async fn of_draft<C: ConnectionTrait>(
    db: &C,
    draft_id: Uuid,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Leaves of the steps of a draft what was done, and nothing that was said.
pub async fn erase(tx: &DatabaseTransaction, draft_id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Comment, Expr::value(None::<String>))
        .filter(Column::DraftId.eq(draft_id))
        .exec(tx)
        .await?;
    Ok(())
}
