//! Which media this site has, and which it still needs.

use crate::entries::Attachment;
use crate::error::Result;
use crate::log::Digest;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};
use std::collections::HashMap;

/// A stored medium.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// SHA-256 of its bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// [`MediaState`] by name.
    pub state: String,
    /// How often it was asked for in vain.
    pub tries: i64,
    /// When to ask again; milliseconds.
    pub next_try_at: i64,
    /// Where its origin serves it.
    pub fetch_from: Option<String>,
    /// When we first heard of it; milliseconds.
    pub added_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Whether the bytes are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaState {
    /// In the store.
    Here,
    /// To be fetched.
    Missing,
    /// In the store, for those who wrote what was recalled; not public.
    Withheld,
    /// To be removed from the store; not public.
    Leaving,
    /// Removed with all that showed it.
    Gone,
    /// Bears a secrecy mark: it came, was read, and is not kept, whoever names it again.
    Refused,
}

impl MediaState {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Missing => "missing",
            Self::Withheld => "withheld",
            Self::Leaving => "leaving",
            Self::Gone => "gone",
            Self::Refused => "refused",
        }
    }
}

impl Model {
    /// Whether the bytes are in the store.
    pub fn is_here(&self) -> bool {
        self.state == MediaState::Here.as_str()
    }

    /// Whether it was public and was taken back.
    pub fn is_taken_back(&self) -> bool {
        [MediaState::Withheld, MediaState::Leaving, MediaState::Gone]
            .iter()
            .any(|state| state.as_str() == self.state)
    }

    /// Width and height in pixels, if both are known.
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        let pixels = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
        Some((pixels(self.width)?, pixels(self.height)?))
    }
}

/// Which media an entry shows.
pub mod of_entry {
    use super::*;

    /// A stored link.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_media")]
    pub struct Model {
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        /// The medium.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes that `entry` shows `attachment`, and that it must be fetched if it is not here.
pub async fn want(
    tx: &DatabaseTransaction,
    entry: Uuid,
    attachment: &Attachment,
    now: i64,
) -> Result<()> {
    // What is larger than anybody fetches, such as a long video, stays where it was published.
    let first_try = match attachment.size_in_bytes > super::fetch::LARGEST {
        true => i64::MAX,
        false => now,
    };
    Entity::insert(ActiveModel {
        hash: Set(attachment.sha256.as_bytes().to_vec()),
        mime: Set(attachment.mime_type.clone()),
        size: Set(i64::try_from(attachment.size_in_bytes).unwrap_or(i64::MAX)),
        width: Set(attachment.width.map(i64::from)),
        height: Set(attachment.height.map(i64::from)),
        state: Set(MediaState::Missing.as_str().to_owned()),
        tries: Set(0),
        next_try_at: Set(first_try),
        fetch_from: Set(Some(attachment.url.clone())),
        added_at: Set(now),
    })
    .on_conflict(OnConflict::column(Column::Hash).do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    // Taken back with something else, and public again with this.
    for (from, to) in [
        (MediaState::Withheld, MediaState::Here),
        (MediaState::Leaving, MediaState::Missing),
        (MediaState::Gone, MediaState::Missing),
    ] {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(to.as_str()))
            .col_expr(Column::Tries, Expr::value(0_i64))
            .col_expr(Column::NextTryAt, Expr::value(now))
            .filter(Column::Hash.eq(attachment.sha256.as_bytes().to_vec()))
            .filter(Column::State.eq(from.as_str()))
            .exec(tx)
            .await?;
    }
    of_entry::Entity::insert(of_entry::ActiveModel {
        entry_id: Set(entry),
        hash: Set(attachment.sha256.as_bytes().to_vec()),
    })
    .on_conflict(
        OnConflict::columns([of_entry::Column::EntryId, of_entry::Column::Hash])
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// A medium whose bytes are in the store.
#[derive(Clone, Debug)]
pub struct NewMedium {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    pub dimensions: Option<(u32, u32)>,
}

/// Notes that the bytes of `medium` are in the store.
pub async fn put_here<C: ConnectionTrait>(db: &C, medium: &NewMedium, now: i64) -> Result<()> {
    let (width, height) = medium.dimensions.unzip();
    Entity::insert(ActiveModel {
        hash: Set(medium.digest.as_bytes().to_vec()),
        mime: Set(medium.mime.clone()),
        size: Set(i64::try_from(medium.size).unwrap_or(i64::MAX)),
        width: Set(width.map(i64::from)),
        height: Set(height.map(i64::from)),
        state: Set(MediaState::Here.as_str().to_owned()),
        tries: Set(0),
        next_try_at: Set(0),
        fetch_from: Set(None),
        added_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::Hash)
            .update_columns([Column::State])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// The medium `digest`, if ever heard of.
pub async fn find<C: ConnectionTrait>(db: &C, digest: Digest) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(digest.as_bytes().to_vec())
        .one(db)
        .await?)
}

/// Those of `hashes` ever heard of, by hash.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    hashes: Vec<Vec<u8>>,
) -> Result<HashMap<Vec<u8>, Model>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let found = Entity::find()
        .filter(Column::Hash.is_in(hashes))
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|medium| (medium.hash.clone(), medium))
        .collect())
}

/// Up to `limit` media that are due to be fetched, longest waiting first.
pub async fn due<C: ConnectionTrait>(db: &C, now: i64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(MediaState::Missing.as_str()))
        .filter(Column::NextTryAt.lte(now))
        .order_by_asc(Column::NextTryAt)
        .limit(limit)
        .all(db)
        .await?)
}

/// When the next missing medium is due.
pub async fn next_due<C: ConnectionTrait>(db: &C) -> Result<Option<i64>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::NextTryAt)
        .filter(Column::State.eq(MediaState::Missing.as_str()))
        .order_by_asc(Column::NextTryAt)
        .into_tuple()
        .one(db)
        .await?)
}

/// Notes that the bytes are not here, or not whole, and have to be fetched.
pub async fn put_missing<C: ConnectionTrait>(db: &C, hash: &[u8], now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(MediaState::Missing.as_str()))
        .col_expr(Column::Tries, Expr::value(0_i64))
        .col_expr(Column::NextTryAt, Expr::value(now))
        .filter(Column::Hash.eq(hash.to_vec()))
        .filter(Column::State.eq(MediaState::Here.as_str()))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes a vain attempt and when to try again.
pub async fn put_off<C: ConnectionTrait>(
    db: &C,
    hash: &[u8],
    tries: i64,
    next_try_at: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Tries, Expr::value(tries))
        .col_expr(Column::NextTryAt, Expr::value(next_try_at))
        .filter(Column::Hash.eq(hash.to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// The media that revisions of the entry `entry_id` named.
pub async fn of_entry<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Vec<Vec<u8>>> {
    let links = of_entry::Entity::find()
        .filter(of_entry::Column::EntryId.eq(entry_id))
        .all(db)
        .await?;
    Ok(links.into_iter().map(|link| link.hash).collect())
}

/// The entries that name the medium `hash`, the latest first.
pub async fn entries_with<C: ConnectionTrait>(db: &C, hash: &[u8]) -> Result<Vec<Uuid>> {
    let links = of_entry::Entity::find()
        .filter(of_entry::Column::Hash.eq(hash.to_vec()))
        .order_by_desc(of_entry::Column::EntryId)
        .all(db)
        .await?;
    Ok(links.into_iter().map(|link| link.entry_id).collect())
}

/// Whether an entry names the medium `hash`, or ever did: one that was published here, or came from elsewhere.
pub async fn is_in_an_entry<C: ConnectionTrait>(db: &C, hash: &[u8]) -> Result<bool> {
    let link = of_entry::Entity::find()
        .filter(of_entry::Column::Hash.eq(hash.to_vec()))
        .limit(1)
        .one(db)
        .await?;
    Ok(link.is_some())
}

/// Moves a medium to `state`.
pub async fn set_state<C: ConnectionTrait>(db: &C, hash: &[u8], state: MediaState) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .filter(Column::Hash.eq(hash.to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Up to `limit` media that are to be removed from the store.
pub async fn leaving<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Vec<u8>>> {
    let leaving = Entity::find()
        .filter(Column::State.eq(MediaState::Leaving.as_str()))
        .limit(limit)
        .all(db)
        .await?;
    Ok(leaving.into_iter().map(|medium| medium.hash).collect())
}

/// Whether a medium is still to be removed; it stays so until the transaction ends.
pub async fn is_leaving_locked(tx: &DatabaseTransaction, hash: &[u8]) -> Result<bool> {
    let found = Entity::find_by_id(hash.to_vec())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(found.is_some_and(|medium| medium.state == MediaState::Leaving.as_str()))
}
