//! What was found to be other than it should be, until it is whole again.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set,
};

/// A stored damage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "damages")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// [`What`] by name.
    pub what: String,
    /// Which: `<log>/<seq>` of an event, the hash of a content or a file, the id of an entry.
    pub name: String,
    /// What is wrong with it, in words.
    pub detail: String,
    /// When it was found; milliseconds.
    pub found_at: i64,
    /// How often mending was tried in vain.
    pub tries: i64,
    /// When to try again; milliseconds.
    pub next_try_at: i64,
    /// When it was whole again; milliseconds.
    pub healed_at: Option<i64>,
    /// How: `here`, or from whom.
    pub healed_from: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What can be damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The header or signature of an event, or its whole row.
    Event,
    /// The content of an event.
    Content,
    /// A picture or file.
    Medium,
    /// The current view of an entry, or its words in the index.
    Entry,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Event, Self::Content, Self::Medium, Self::Entry];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Content => "content",
            Self::Medium => "medium",
            Self::Entry => "entry",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == name)
    }

    /// In words, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Event => "sự kiện",
            Self::Content => "nội dung",
            Self::Medium => "ảnh hoặc tệp",
            Self::Entry => "mục",
        }
    }
}

/// Healed damages kept for people to see; the oldest go first.
const KEPT: u64 = 1_000;

/// Notes a damage; one that is known and not mended yet is noted once. Whether it is new.
pub async fn note(
    tx: &DatabaseTransaction,
    what: What,
    name: &str,
    detail: &str,
    now: i64,
) -> Result<bool> {
    let known = Entity::find()
        .filter(Column::What.eq(what.as_str()))
        .filter(Column::Name.eq(name))
        .filter(Column::HealedAt.is_null())
        .count(tx)
        .await?;
    if known > 0 {
        return Ok(false);
    }
    tracing::error!(what = what.as_str(), name, detail, "found damaged");
    metrics::counter!("scrub_found_total", "what" => what.as_str()).increment(1);
    ActiveModel {
        id: NotSet,
        what: Set(what.as_str().to_owned()),
        name: Set(name.to_owned()),
        detail: Set(detail.to_owned()),
        found_at: Set(now),
        tries: Set(0),
        next_try_at: Set(now),
        healed_at: Set(None),
        healed_from: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(true)
}

/// Notes that a damage is mended.
pub async fn heal(tx: &DatabaseTransaction, id: i64, from: &str, now: i64) -> Result<()> {
    let Some(damage) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(());
    };
    tracing::info!(what = damage.what, name = damage.name, from, "whole again");
    metrics::counter!("scrub_healed_total", "what" => damage.what.clone()).increment(1);
    Entity::update_many()
        .col_expr(Column::HealedAt, Expr::value(now))
        .col_expr(Column::HealedFrom, Expr::value(from))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    let oldest_kept = Entity::find()
        .filter(Column::HealedAt.is_not_null())
        .order_by_desc(Column::Id)
        .offset(KEPT)
        .limit(1)
        .one(tx)
        .await?;
    if let Some(oldest_kept) = oldest_kept {
        Entity::delete_many()
            .filter(Column::HealedAt.is_not_null())
            .filter(Column::Id.lte(oldest_kept.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Puts off the next attempt.
pub async fn put_off(tx: &DatabaseTransaction, id: i64, tries: i64, next: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Tries, Expr::value(tries))
        .col_expr(Column::NextTryAt, Expr::value(next))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What is damaged now, longest known first.
pub async fn open<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::HealedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// What is damaged and due to be tried.
pub async fn due<C: ConnectionTrait>(db: &C, now: i64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::HealedAt.is_null())
        .filter(Column::NextTryAt.lte(now))
        .order_by_asc(Column::NextTryAt)
        .limit(limit)
        .all(db)
        .await?)
}

/// How much is damaged now.
pub async fn count_open<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::HealedAt.is_null())
        .count(db)
        .await?)
}
