//! Bulletins as stored: of each, what its highest version says.

use super::bulletin::Bulletin;
use crate::directory::revocation;
use crate::entries::apply::Effect;
use crate::error::Result;
use crate::log::{EventKind, content, event};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, IntoActiveModel, QueryOrder, QuerySelect, Set,
};

/// Days a bulletin that is over is remembered.
const KEPT_DAYS: i64 = 400;

/// A stored bulletin.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulletins")]
pub struct Model {
    /// Its id, the same in every version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The version that counts.
    pub rev: i64,
    /// The event that says so.
    pub event_id: i64,
    /// Whose word it is.
    pub site_id: Uuid,
    /// [`Bulletin`] as JSON.
    pub words: String,
    /// From when on it stands; milliseconds, as all times here.
    pub from_at: i64,
    /// When it ends.
    pub until_at: i64,
    /// Whether it was lifted.
    pub lifted: bool,
    /// When it was said, by the clock of who said it.
    pub said_at: i64,
    /// When we heard of it.
    pub received_at: i64,
    /// The latest end any version of it had.
    pub longest_at: i64,
    /// The version people here acknowledged; 0 if none.
    pub acknowledged_rev: i64,
    /// Who did.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it says.
    pub fn bulletin(&self) -> anyhow::Result<Bulletin> {
        Ok(serde_json::from_str(&self.words)?)
    }

    /// Whether people here acknowledged the version that counts.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged_rev >= self.rev
    }

    /// What closes it for a reader: a later version is shown again.
    pub fn token(&self) -> String {
        token(self.id, self.rev)
    }
}

/// What names version `rev` of the bulletin `id` in pages and cookies.
pub fn token(id: Uuid, rev: i64) -> String {
    format!("{}-{rev}", id.simple())
}

/// A bulletin and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// As stored.
    pub row: Model,
    /// What it says.
    pub bulletin: Bulletin,
}

impl Told {
    fn of(row: Model) -> Result<Self> {
        let bulletin = row.bulletin()?;
        Ok(Self { row, bulletin })
    }
}

/// Whether a version takes the place of the one `known`, each by its number and the digest of its content. Two of one
/// number can only be said by a hub that went back in time; all take the same one of them.
pub fn supersedes(new: (i64, &[u8]), known: (i64, &[u8])) -> bool {
    new > known
}

/// Takes in what `event` says.
pub async fn store(
    tx: &DatabaseTransaction,
    event: &event::Model,
    bulletin: &Bulletin,
) -> Result<Effect> {
    let id = event.entry_id.unwrap_or_default();
    let known = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let Some(known) = known else {
        row_of(id, event, bulletin, None)?.insert(tx).await?;
        return Ok(Effect::Current);
    };
    let stands = event::Entity::find_by_id(known.event_id).one(tx).await?;
    let stands = stands.and_then(|event| event.content_hash);
    let new = (event.rev, event.content_hash.as_deref().unwrap_or_default());
    if supersedes(new, (known.rev, stands.as_deref().unwrap_or_default())) {
        row_of(id, event, bulletin, Some(&known))?
            .update(tx)
            .await?;
        return Ok(Effect::Current);
    }
    if bulletin.until > known.longest_at {
        let mut change = known.into_active_model();
        change.longest_at = Set(bulletin.until);
        change.update(tx).await?;
    }
    Ok(Effect::Stale)
}

fn row_of(
    id: Uuid,
    event: &event::Model,
    bulletin: &Bulletin,
    known: Option<&Model>,
) -> Result<ActiveModel> {
    let longest = known.map_or(bulletin.until, |known| known.longest_at);
    Ok(ActiveModel {
        id: Set(id),
        rev: Set(event.rev),
        event_id: Set(event.id),
        site_id: Set(event.site_id),
        words: Set(serde_json::to_string(bulletin).map_err(anyhow::Error::new)?),
        from_at: Set(bulletin.from),
        until_at: Set(bulletin.until),
        lifted: Set(bulletin.lifted.is_some()),
        said_at: Set(event.time),
        received_at: Set(event.received_at),
        longest_at: Set(longest.max(bulletin.until)),
        acknowledged_rev: Set(known.map_or(0, |known| known.acknowledged_rev)),
        acknowledged_by: Set(known.and_then(|known| known.acknowledged_by.clone())),
        acknowledged_at: Set(known.and_then(|known| known.acknowledged_at)),
    })
}

/// Makes the bulletin `id` what the events about it that still count say; forgets it if there are none.
pub async fn judge_again(tx: &DatabaseTransaction, id: Uuid) -> Result<()> {
    let known = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let counting = event::Entity::find()
        .filter(event::Column::EntryId.eq(id))
        .filter(event::Column::Kind.eq(EventKind::BulletinSaid.as_str()))
        .filter(event::Column::Id.not_in_subquery(revocation::without_effect(id)))
        .order_by_desc(event::Column::Rev)
        .order_by_desc(event::Column::ContentHash)
        .one(tx)
        .await?;
    let Some(event) = counting else {
        Entity::delete_by_id(id).exec(tx).await?;
        return Ok(());
    };
    if known
        .as_ref()
        .is_some_and(|known| known.event_id == event.id)
    {
        return Ok(());
    }
    let Some(hash) = &event.content_hash else {
        return Ok(());
    };
    let Some(bytes) = content::read(tx, hash).await? else {
        return Ok(());
    };
    let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    let bulletin = Bulletin::from_content(&value).map_err(anyhow::Error::msg)?;
    let row = row_of(id, &event, &bulletin, known.as_ref())?;
    match known {
        Some(_) => row.update(tx).await?,
        None => row.insert(tx).await?,
    };
    Ok(())
}

/// The bulletin `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Told>> {
    let found = Entity::find_by_id(id).one(db).await?;
    found.map(Told::of).transpose()
}

/// Those that stand at `now` or will.
pub async fn to_come<C: ConnectionTrait>(db: &C, now: i64) -> Result<Vec<Told>> {
    let found = Entity::find()
        .filter(Column::UntilAt.gt(now))
        .filter(Column::Lifted.eq(false))
        .all(db)
        .await?;
    found.into_iter().map(Told::of).collect()
}

/// The newest, `limit` of them after `offset`.
pub async fn newest<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Told>> {
    let found = Entity::find()
        .order_by_desc(Column::SaidAt)
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?;
    found.into_iter().map(Told::of).collect()
}

/// How many there are.
pub async fn count<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}

/// How many of other sites stand at `now` that nobody here acknowledged.
pub async fn count_unacknowledged<C: ConnectionTrait>(db: &C, here: Uuid, now: i64) -> Result<u64> {
    use sea_orm::sea_query::ExprTrait;
    Ok(Entity::find()
        .filter(Column::SiteId.ne(here))
        .filter(Column::Lifted.eq(false))
        .filter(Column::UntilAt.gt(now))
        .filter(Expr::col(Column::AcknowledgedRev).lt(Expr::col(Column::Rev)))
        .count(db)
        .await?)
}

/// Forgets what was over long ago, in every version of it.
pub async fn forget_old(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    let forgotten = Entity::delete_many()
        .filter(Column::LongestAt.lt(now - KEPT_DAYS * 86_400_000))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected)
}
