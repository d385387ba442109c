//! How far along a stream a peer is: one cursor per peer, direction and lane.

use super::core::{Held, StreamPlace};
use crate::error::Result;
use crate::log::Lane;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QuerySelect, Set};

/// A stored cursor.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cursors")]
pub struct Model {
    /// The peer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// [`Direction`] by name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub direction: String,
    /// [`Lane`] by name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub lane: String,
    /// The stream it is a place in; another stream, another count.
    pub stream_id: Uuid,
    /// The place: everything up to here is durable on the receiving side.
    pub position: i64,
    /// When the peer gave that place away, as it said: [`StreamPlace::given_at`]. None of our own stream.
    pub given_at: Option<i64>,
    /// The end of the lane as last heard.
    pub head: i64,
    /// When it last moved; milliseconds.
    pub updated_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Whose stream a cursor is a place in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer's: how far we hold it.
    In,
    /// Ours: how far the peer has acknowledged it.
    Out,
}

impl Direction {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Where the cursor stands; at the very beginning if it never moved.
pub async fn get<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    direction: Direction,
    lane: Lane,
) -> Result<Held> {
    Ok(held(by_key(site_id, direction, lane).one(db).await?))
}

/// Where the cursor stands; it stays locked until the transaction ends.
pub async fn get_locked(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    direction: Direction,
    lane: Lane,
) -> Result<Held> {
    Ok(held(
        by_key(site_id, direction, lane)
            .lock_exclusive()
            .one(tx)
            .await?,
    ))
}

fn by_key(site_id: Uuid, direction: Direction, lane: Lane) -> Select<Entity> {
    Entity::find_by_id((
        site_id,
        direction.as_str().to_owned(),
        lane.as_str().to_owned(),
    ))
}

fn held(found: Option<Model>) -> Held {
    Held {
        stream: found.as_ref().map(|cursor| cursor.stream_id),
        place: found.map_or_else(StreamPlace::default, |cursor| StreamPlace {
            position: cursor.position,
            given_at: cursor.given_at,
        }),
    }
}

/// All cursors of one peer.
pub async fn of_peer<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .all(db)
        .await?)
}

/// All cursors of one direction.
pub async fn all<C: ConnectionTrait>(db: &C, direction: Direction) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Direction.eq(direction.as_str()))
        .all(db)
        .await?)
}

/// Moves the cursor. The only place where one moves.
pub async fn set<C: ConnectionTrait>(db: &C, cursor: Model) -> Result<()> {
    Entity::insert(ActiveModel {
        site_id: Set(cursor.site_id),
        direction: Set(cursor.direction),
        lane: Set(cursor.lane),
        stream_id: Set(cursor.stream_id),
        position: Set(cursor.position),
        given_at: Set(cursor.given_at),
        head: Set(cursor.head),
        updated_at: Set(cursor.updated_at),
    })
    .on_conflict(
        OnConflict::columns([Column::SiteId, Column::Direction, Column::Lane])
            .update_columns([
                Column::StreamId,
                Column::Position,
                Column::GivenAt,
                Column::Head,
                Column::UpdatedAt,
            ])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}
