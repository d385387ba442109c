//! The sites this site knows of, itself included.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};

/// A stored site.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sites")]
pub struct Model {
    /// Site id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The unit whose portal it is.
    pub unit_id: Uuid,
    /// [`Mode`] by name.
    pub mode: String,
    /// [`State`] by name.
    pub state: String,
    /// Where it answers, without a slash at the end.
    pub base_url: String,
    /// What it calls itself.
    pub title: String,
    /// When this was last told; milliseconds.
    pub described_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How a portal takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Speaks the protocol.
    Native,
    /// Is read by RSS or Atom; the hub speaks for it.
    Feed,
}

/// Where a site is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Expected; its key is not known yet.
    Invited,
    /// Takes part.
    Active,
    /// Neither heard nor served for now; nothing of it is lost.
    Suspended,
    /// Its unit is no more. It publishes nothing any longer, and what it published is read as before.
    Closed,
}

impl Mode {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Feed => "feed",
        }
    }
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
}

impl Model {
    /// Whether it takes part.
    pub fn is_active(&self) -> bool {
        self.state == State::Active.as_str()
    }

    /// Whether it has left, or is the archive of a unit that is no more.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed.as_str()
    }

    /// Whether it is heard and served: of one that was closed, what it still had to say comes in, and it is told
    /// what became of it.
    pub fn is_heard(&self) -> bool {
        self.is_active() || self.is_closed()
    }

    /// Host and port it answers at, as browsers name them.
    pub fn authority(&self) -> &str {
        let named = self.base_url.split_once("://");
        named.map_or(self.base_url.as_str(), |(_, authority)| authority)
    }

    /// Whether the hub reads it by feed.
    pub fn is_feed(&self) -> bool {
        self.mode == Mode::Feed.as_str()
    }
}

/// Stores `site`, over what was known of it.
pub async fn put<C: ConnectionTrait>(db: &C, site: Model) -> Result<()> {
    let columns = [
        Column::UnitId,
        Column::Mode,
        Column::State,
        Column::BaseUrl,
        Column::Title,
        Column::DescribedAt,
    ];
    Entity::insert(ActiveModel {
        id: Set(site.id),
        unit_id: Set(site.unit_id),
        mode: Set(site.mode),
        state: Set(site.state),
        base_url: Set(site.base_url),
        title: Set(site.title),
        described_at: Set(site.described_at),
    })
    .on_conflict(
        OnConflict::column(Column::Id)
            .update_columns(columns)
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// The site `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The sites in `ids`.
pub async fn find_many<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The portal of `unit`, if it has one that was not closed.
pub async fn of_unit<C: ConnectionTrait>(db: &C, unit: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::UnitId.eq(unit))
        .filter(Column::State.ne(State::Closed.as_str()))
        .order_by_asc(Column::Id)
        .one(db)
        .await?)
}

/// The portal of `unit`, or what is left of it as an archive.
pub async fn ever_of_unit<C: ConnectionTrait>(db: &C, unit: Uuid) -> Result<Option<Model>> {
    if let Some(open) = of_unit(db, unit).await? {
        return Ok(Some(open));
    }
    Ok(Entity::find()
        .filter(Column::UnitId.eq(unit))
        .order_by_asc(Column::Id)
        .one(db)
        .await?)
}

/// The portals of `units`, archives included.
pub async fn ever_of_units<C: ConnectionTrait>(db: &C, units: &[Uuid]) -> Result<Vec<Model>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::UnitId.is_in(units.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// All sites, by title.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Title).all(db).await?)
}

/// The sites that have left, by title.
pub async fn closed<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Closed.as_str()))
        .order_by_asc(Column::Title)
        .all(db)
        .await?)
}

/// The units whose portals are read by feed, or were until they were closed.
pub async fn units_of_feed_sites<C: ConnectionTrait>(db: &C) -> Result<Vec<Uuid>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::UnitId)
        .filter(Column::Mode.eq(Mode::Feed.as_str()))
        .filter(Column::State.is_in(HEARD))
        .into_tuple()
        .all(db)
        .await?)
}

/// The states in which a site is heard and shown.
const HEARD: [&str; 2] = ["active", "closed"];

/// Whether a site of the province answers at `origin`.
pub async fn is_known_origin<C: ConnectionTrait>(db: &C, origin: &str) -> Result<bool> {
    let known = Entity::find()
        .filter(Column::BaseUrl.eq(origin))
        .filter(Column::State.is_in(HEARD))
        .one(db)
        .await?;
    Ok(known.is_some())
}

/// The native site that answers at one of `origins`: one that takes part before an archive.
pub async fn native_at<C: ConnectionTrait>(db: &C, origins: &[String]) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::BaseUrl.is_in(origins))
        .filter(Column::Mode.eq(Mode::Native.as_str()))
        .filter(Column::State.is_in(HEARD))
        // "active" comes before "closed".
        .order_by_asc(Column::State)
        .order_by_asc(Column::Id)
        .one(db)
        .await?)
}

/// How many sites were invited and have not come yet.
pub async fn count_invited<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Invited.as_str()))
        .count(db)
        .await?)
}
