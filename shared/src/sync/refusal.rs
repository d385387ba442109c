//! Items one side would not take. They never stop the stream; both sides see them and why, and people
//! of either side can have them tried again or set them aside.

use super::cursor::Direction;
use super::greeting::SOFTWARE;
use super::receipt::{ItemOutcome, Outcome, Reason};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, Set};
use std::collections::HashMap;

/// A stored refusal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refusals")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The peer.
    pub site_id: Uuid,
    /// `in`: we refused theirs. `out`: they refused ours.
    pub direction: String,
    /// The log, where it could be read.
    pub log_id: Option<Uuid>,
    /// The place in it; 0 where it could not be read.
    pub seq: i64,
    /// The entry, where it could be read.
    pub entry_id: Option<Uuid>,
    /// [`Reason`] by slug.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// How the item began, for those who look into it.
    pub head: String,
    /// When it was last refused; milliseconds.
    pub at: i64,
    /// [`State`] by name.
    pub state: String,
    /// When it was closed; milliseconds.
    pub closed_at: Option<i64>,
    /// Who closed it, if people did.
    pub closed_by: Option<String>,
    /// The software that refused it, if it was ours.
    pub software: String,
    /// How often it was tried again.
    pub tries: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What became of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It stands, and somebody should look.
    Open,
    /// The peer was asked to send it again, and has not yet.
    Wanted,
    /// People set it aside.
    Dismissed,
    /// It was taken after all.
    Settled,
    /// It was taken after all, and its sender does not know yet.
    Untold,
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Wanted => "wanted",
            Self::Dismissed => "dismissed",
            Self::Settled => "settled",
            Self::Untold => "untold",
        }
    }

    /// The states in which somebody should look.
    const STANDING: [&'static str; 2] = ["open", "wanted"];
    /// The states in which nothing is left to settle.
    const CLOSED: [&'static str; 2] = ["settled", "untold"];
}

impl Model {
    /// Whether they refused ours.
    pub fn is_ours(&self) -> bool {
        self.direction == Direction::Out.as_str()
    }

    /// Whether it is known which event it is about.
    pub fn is_placed(&self) -> bool {
        self.log_id.is_some() && self.seq > 0
    }
}

/// A refusal about to be noted.
#[derive(Clone, Debug)]
pub struct NewRefusal {
    /// The peer.
    pub site_id: Uuid,
    /// Who refused.
    pub direction: Direction,
    /// The log.
    pub log_id: Option<Uuid>,
    /// The place in it.
    pub seq: i64,
    /// The entry.
    pub entry_id: Option<Uuid>,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub detail: String,
    /// How the item began.
    pub head: String,
}

/// Refusals kept for each peer, closed ones among them; the oldest go first.
const KEPT_PER_PEER: u64 = 1_000;

/// Notes a refusal; the same one sent again is noted once. What was set aside stays so; what was
/// settled and is refused again stands again.
pub async fn note<C: ConnectionTrait>(db: &C, new: NewRefusal, now: i64) -> Result<()> {
    let mut known = Entity::find()
        .filter(Column::SiteId.eq(new.site_id))
        .filter(Column::Direction.eq(new.direction.as_str()))
        .filter(Column::Seq.eq(new.seq));
    known = match new.log_id {
        Some(log) if new.seq > 0 => known.filter(Column::LogId.eq(log)),
        _ => known.filter(Column::Head.eq(&new.head)),
    };
    if let Some(known) = known.one(db).await? {
        let is_dismissed = known.state == State::Dismissed.as_str();
        let mut change: ActiveModel = known.into();
        change.reason = Set(new.reason.slug().to_owned());
        change.detail = Set(new.detail);
        change.at = Set(now);
        change.software = Set(SOFTWARE.to_owned());
        if !is_dismissed {
            change.state = Set(State::Open.as_str().to_owned());
            change.closed_at = Set(None);
        }
        change.update(db).await?;
        return Ok(());
    }
    let excess = Entity::find()
        .filter(Column::SiteId.eq(new.site_id))
        .order_by_desc(Column::Id)
        .offset(KEPT_PER_PEER - 1)
        .limit(1)
        .one(db)
        .await?;
    if let Some(oldest_kept) = excess {
        Entity::delete_many()
            .filter(Column::SiteId.eq(new.site_id))
            .filter(Column::Id.lte(oldest_kept.id))
            .exec(db)
            .await?;
    }
    ActiveModel {
        id: NotSet,
        site_id: Set(new.site_id),
        direction: Set(new.direction.as_str().to_owned()),
        log_id: Set(new.log_id),
        seq: Set(new.seq),
        entry_id: Set(new.entry_id),
        reason: Set(new.reason.slug().to_owned()),
        detail: Set(new.detail),
        head: Set(new.head),
        at: Set(now),
        state: Set(State::Open.as_str().to_owned()),
        closed_at: Set(None),
        closed_by: Set(None),
        software: Set(SOFTWARE.to_owned()),
        tries: Set(0),
    }
    .insert(db)
    .await?;
    Ok(())
}

/// Closes what stands about the events that were taken after all, whichever way they came.
pub async fn settle<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    direction: Direction,
    outcomes: &[ItemOutcome],
    now: i64,
) -> Result<()> {
    let standing = Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Direction.eq(direction.as_str()))
        .filter(Column::State.is_not_in(State::CLOSED))
        .count(db)
        .await?;
    if standing == 0 {
        return Ok(());
    }
    for outcome in outcomes {
        let (Outcome::Accepted | Outcome::Duplicate, Some(log), Some(seq)) =
            (outcome.outcome, outcome.log, outcome.seq)
        else {
            continue;
        };
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Settled.as_str()))
            .col_expr(Column::ClosedAt, Expr::value(now))
            .filter(Column::SiteId.eq(site_id))
            .filter(Column::Direction.eq(direction.as_str()))
            .filter(Column::LogId.eq(log))
            .filter(Column::Seq.eq(seq))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// The refusal `id`, if it stands.
pub async fn find<C: ConnectionTrait>(db: &C, id: i64) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::State.is_in(State::STANDING))
        .one(db)
        .await?)
}

/// How many stand.
pub async fn count<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.is_in(State::STANDING))
        .count(db)
        .await?)
}

/// How many stand between us and each peer.
pub async fn count_by_site<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, u64>> {
    let counted: Vec<(Uuid, i64)> = Entity::find()
        .filter(Column::State.is_in(State::STANDING))
        .select_only()
        .column(Column::SiteId)
        .column_as(Column::Id.count(), "refusals")
        .group_by(Column::SiteId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counted
        .into_iter()
        .map(|(site, count)| (site, u64::try_from(count).unwrap_or_default()))
        .collect())
}

/// Those that stand between us and `site_id`, newest first.
pub async fn of_site<C: ConnectionTrait>(db: &C, site_id: Uuid, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::State.is_in(State::STANDING))
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Some of those that stand, newest first.
pub async fn page<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.is_in(State::STANDING))
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// Takes one off the list, once somebody has looked into it. The record stays, with who and when.
pub async fn dismiss<C: ConnectionTrait>(db: &C, id: i64, by: &str, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Dismissed.as_str()))
        .col_expr(Column::ClosedAt, Expr::value(now))
        .col_expr(Column::ClosedBy, Expr::value(by))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in(State::STANDING))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that one was tried again, with this software, and where it stands since.
pub async fn note_try<C: ConnectionTrait>(db: &C, id: i64, state: State) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Software, Expr::value(SOFTWARE))
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Changes where one stands.
pub async fn set_state<C: ConnectionTrait>(db: &C, id: i64, state: State) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// What was taken after all, and its sender does not know yet.
pub async fn untold<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Untold.as_str()))
        .order_by_asc(Column::Id)
        .limit(MOST_WANTED)
        .all(db)
        .await?)
}

/// More than a peer is asked for at a time.
const MOST_WANTED: u64 = 100;

/// What a peer that cannot be called is asked to send again, when it greets.
pub async fn wanted_of<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Direction.eq(Direction::In.as_str()))
        .filter(Column::State.eq(State::Wanted.as_str()))
        .order_by_asc(Column::Id)
        .limit(MOST_WANTED)
        .all(db)
        .await?)
}

/// What was refused because an earlier version of this software did not know it.
pub async fn of_earlier_software<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    let reasons = [Reason::KindUnknown, Reason::VersionUnsupported];
    Ok(Entity::find()
        .filter(Column::Direction.eq(Direction::In.as_str()))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::Reason.is_in(reasons.map(Reason::slug)))
        .filter(Column::Software.ne(SOFTWARE))
        .filter(Column::LogId.is_not_null())
        .order_by_asc(Column::Id)
        .limit(MOST_WANTED)
        .all(db)
        .await?)
}
