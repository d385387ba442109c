//! Recalls somebody proposed, where the province wants a second person to confirm them.

use super::order::{self, Order};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::error::{Error, Result};
use shared::log::event;
use shared::site::Site;
use std::sync::Arc;

/// A stored proposal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recall_proposals")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is to be recalled.
    pub entry_id: Uuid,
    /// Why, in words to the public.
    pub reason: String,
    /// The legal act it rests on.
    pub basis: Option<String>,
    /// Whether its origin is to keep nothing of it either.
    pub erase: bool,
    /// The entry that says what is right instead.
    pub replacement: Option<Uuid>,
    /// The account of who proposes.
    pub proposed_by: Uuid,
    /// Their name.
    pub proposer: String,
    /// When; milliseconds.
    pub proposed_at: i64,
    /// [`State`] by name.
    pub state: String,
    /// The name of who decided.
    pub decider: Option<String>,
    /// When; milliseconds.
    pub decided_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// For the second person.
    Waiting,
    /// It was confirmed.
    CarriedOut,
    /// Somebody thought better of it.
    Dropped,
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::CarriedOut => "carried_out",
            Self::Dropped => "dropped",
        }
    }
}

/// Somebody who proposes, confirms or drops.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their account.
    pub account: Uuid,
    /// Their name.
    pub name: String,
    /// The same for the record.
    pub actor: Actor,
}

/// Keeps `order` until a second person confirms it. What is wrong with it is said now, not then.
pub async fn propose(site: &Arc<Site>, order: Order, by: Person) -> Result<Model> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let order = order::checked(tx, order).await?;
                if is_waiting(tx, order.entry).await? {
                    let words = "Đã có đề nghị thu hồi bài này, đang chờ người thứ hai.";
                    return Err(Error::Conflict(words.to_owned()));
                }
                let proposal = ActiveModel {
                    id: Set(Uuid::now_v7()),
                    entry_id: Set(order.entry),
                    reason: Set(order.reason),
                    basis: Set(order.basis),
                    erase: Set(order.erase),
                    replacement: Set(order.replacement),
                    proposed_by: Set(by.account),
                    proposer: Set(by.name),
                    proposed_at: Set(now),
                    state: Set(State::Waiting.as_str().to_owned()),
                    decider: Set(None),
                    decided_at: Set(None),
                };
                let proposal = proposal.insert(tx).await?;
                let subject = Subject::of(Kind::Entry, proposal.entry_id);
                audit::record(tx, &by.actor, Action::RecallProposed, subject, now).await?;
                Ok(proposal)
            })
        })
        .await
}

/// Confirms the proposal `id`: the recall is ordered in the same transaction. Nobody confirms what they proposed.
pub async fn confirm(site: &Arc<Site>, id: Uuid, by: Person) -> Result<event::Model> {
    let inner = Arc::clone(site);
    let event = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let proposal = waiting(tx, id).await?;
                if proposal.proposed_by == by.account {
                    return Err(Error::Conflict(
                        "Bạn đã đề nghị thu hồi bài này. Hãy nhờ một người khác xác nhận."
                            .to_owned(),
                    ));
                }
                let order = Order {
                    entry: proposal.entry_id,
                    reason: proposal.reason.clone(),
                    basis: proposal.basis.clone(),
                    erase: proposal.erase,
                    replacement: proposal.replacement,
                    by: format!("{} và {}", proposal.proposer, by.name),
                    actor: by.actor.clone(),
                };
                let event = order::carry_out(tx, &inner, order).await?;
                let now = inner.clock.now().timestamp_millis();
                settle(tx, proposal, State::CarriedOut, by.name, now).await?;
                Ok(event)
            })
        })
        .await?;
    site.wake();
    tracing::info!(
        entry.id = event.entry_id.map(tracing::field::display),
        "recalled by two"
    );
    Ok(event)
}

/// Drops the proposal `id`; who made it may as well.
pub async fn drop(site: &Site, id: Uuid, by: Person) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let proposal = waiting(tx, id).await?;
                let subject = Subject::of(Kind::Entry, proposal.entry_id);
                settle(tx, proposal, State::Dropped, by.name, now).await?;
                audit::record(tx, &by.actor, Action::RecallDropped, subject, now).await
            })
        })
        .await
}

/// The proposal `id`, locked, if it still waits.
async fn waiting(tx: &DatabaseTransaction, id: Uuid) -> Result<Model> {
    let found = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let found = found.ok_or(Error::NotFound)?;
    if found.state != State::Waiting.as_str() {
        let who = found.decider.unwrap_or_default();
        return Err(Error::Conflict(format!("{who} đã quyết định đề nghị này.")));
    }
    Ok(found)
}

/// What was proposed is told by the recall itself from now on, or is nobody's business any more: its reason goes.
async fn settle(
    tx: &DatabaseTransaction,
    proposal: Model,
    state: State,
    decider: String,
    now: i64,
) -> Result<()> {
    let mut change: ActiveModel = proposal.into();
    change.state = Set(state.as_str().to_owned());
    change.reason = Set(String::new());
    change.basis = Set(None);
    change.decider = Set(Some(decider));
    change.decided_at = Set(Some(now));
    change.update(tx).await?;
    Ok(())
}

async fn is_waiting<C: ConnectionTrait>(db: &C, entry: Uuid) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::EntryId.eq(entry))
        .filter(Column::State.eq(State::Waiting.as_str()))
        .count(db)
        .await?;
    Ok(found > 0)
}

/// What waits for a second person, the oldest first; at most `limit`.
pub async fn open<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Waiting.as_str()))
        .order_by_asc(Column::ProposedAt)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many wait.
pub async fn count_open<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Waiting.as_str()))
        .count(db)
        .await?)
}
