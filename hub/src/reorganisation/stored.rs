//! Operations as they are kept: what was entered, what was shown of it, and what came of it.

use super::operation::Operation;
use super::plan::Plan;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect};
use shared::error::Result;

/// A stored operation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reorganisations")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// [`Kind`](super::Kind) by name.
    pub kind: String,
    /// The first day it holds, ISO 8601.
    pub effective_on: String,
    /// The legal act it rests on.
    pub basis: String,
    /// [`Operation`] as JSON.
    pub operation: String,
    /// The [`Plan`] that was shown, as JSON.
    pub plan: String,
    /// [`State`] by name.
    pub state: String,
    /// Why it waits for somebody to look.
    pub note: Option<String>,
    /// Who entered it.
    pub entered_by: String,
    /// When; milliseconds.
    pub entered_at: i64,
    /// When it was carried out or withdrawn; milliseconds.
    pub settled_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What came of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its day.
    Planned,
    /// It was carried out.
    Done,
    /// It was withdrawn before its day.
    Withdrawn,
    /// Its day has come, and it would change something else than was shown: somebody has to look.
    Held,
}

impl State {
    const ALL: [Self; 4] = [Self::Planned, Self::Done, Self::Withdrawn, Self::Held];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
            Self::Held => "held",
        }
    }

    /// Whether it can be withdrawn.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Held)
    }
}

impl Model {
    /// What came of it.
    pub fn state(&self) -> State {
        let named = State::ALL
            .into_iter()
            .find(|state| state.as_str() == self.state);
        named.unwrap_or(State::Held)
    }

    /// What was entered.
    pub fn operation(&self) -> Result<Operation> {
        Ok(serde_json::from_str(&self.operation).map_err(anyhow::Error::new)?)
    }

    /// What was shown of it.
    pub fn plan(&self) -> Result<Plan> {
        Ok(serde_json::from_str(&self.plan).map_err(anyhow::Error::new)?)
    }
}

/// The operation `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Operations, the latest day first.
pub async fn list<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::EffectiveOn)
        .order_by_desc(Column::EnteredAt)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many there are.
pub async fn count<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}

/// How many wait for somebody to look.
pub async fn count_held<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Held.as_str()))
        .count(db)
        .await?)
}

/// Those whose day has come, in the order they were entered.
pub async fn due<C: ConnectionTrait>(db: &C, today: NaiveDate) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Planned.as_str()))
        .filter(Column::EffectiveOn.lte(today.to_string()))
        .order_by_asc(Column::EffectiveOn)
        .order_by_asc(Column::EnteredAt)
        .all(db)
        .await?)
}

/// Moves an operation on, if it still stands in one of `from`: whether it did. So each is carried out once, whichever
/// process comes first.
pub async fn settle(
    tx: &DatabaseTransaction,
    id: Uuid,
    from: &[State],
    to: State,
    note: Option<String>,
    now: i64,
) -> Result<bool> {
    let settled_at = (to != State::Held).then_some(now);
    let moved = Entity::update_many()
        .col_expr(Column::State, Expr::value(to.as_str()))
        .col_expr(Column::Note, Expr::value(note))
        .col_expr(Column::SettledAt, Expr::value(settled_at))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in(from.iter().map(|state| state.as_str())))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}
