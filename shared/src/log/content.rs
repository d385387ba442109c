//! Contents by hash: what events are about, apart from their history, so that it can be erased.

use super::canonical::Digest;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, QuerySelect, Set};
use std::collections::{HashMap, HashSet};

/// A stored content.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contents")]
pub struct Model {
    /// SHA-256 of the canonical bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    /// The bytes; none once erased.
    pub bytes: Option<Vec<u8>>,
    /// How many there were.
    pub size: i64,
    /// When they were erased; milliseconds.
    pub erased_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps `bytes` under their digest. Keeping what is there already changes nothing, and what was
/// erased stays erased.
pub async fn keep<C: ConnectionTrait>(db: &C, digest: Digest, bytes: Vec<u8>) -> Result<()> {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    Entity::insert(ActiveModel {
        hash: Set(digest.as_bytes().to_vec()),
        bytes: Set(Some(bytes)),
        size: Set(size),
        erased_at: Set(None),
    })
    .on_conflict(OnConflict::column(Column::Hash).do_nothing().to_owned())
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// Erases the bytes of `digest` and leaves its place in history.
pub async fn erase<C: ConnectionTrait>(db: &C, digest: Digest, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Bytes, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::ErasedAt, Expr::value(now))
        .filter(Column::Hash.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// The bytes of `hash`, checked against it: a flipped bit on the disk is reported, never served.
pub async fn read<C: ConnectionTrait>(db: &C, hash: &[u8]) -> Result<Option<Vec<u8>>> {
    let Some(found) = Entity::find_by_id(hash.to_vec()).one(db).await? else {
        return Ok(None);
    };
    let Some(bytes) = found.bytes else {
        return Ok(None);
    };
    check(hash, &bytes)?;
    Ok(Some(bytes))
}

/// The bytes of those of `hashes` that are held and not erased, each checked against its hash.
pub async fn read_many<C: ConnectionTrait>(
    db: &C,
    hashes: Vec<Vec<u8>>,
) -> Result<HashMap<Vec<u8>, Vec<u8>>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let found = Entity::find()
        .filter(Column::Hash.is_in(hashes))
        .all(db)
        .await?;
    let mut contents = HashMap::with_capacity(found.len());
    for model in found {
        if let Some(bytes) = model.bytes {
            check(&model.hash, &bytes)?;
            contents.insert(model.hash, bytes);
        }
    }
    Ok(contents)
}

/// Those of `hashes` whose content is here, neither missing nor erased.
pub async fn held<C: ConnectionTrait>(db: &C, hashes: Vec<Vec<u8>>) -> Result<HashSet<Vec<u8>>> {
    let found = Entity::find()
        .select_only()
        .column(Column::Hash)
        .filter(Column::Hash.is_in(hashes))
        .filter(Column::Bytes.is_not_null())
        .into_tuple::<Vec<u8>>()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// Puts whole bytes in the place of damaged ones, or of none; what was erased stays erased.
pub async fn restore<C: ConnectionTrait>(db: &C, digest: Digest, bytes: Vec<u8>) -> Result<()> {
    keep(db, digest, bytes.clone()).await?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    Entity::update_many()
        .col_expr(Column::Bytes, Expr::value(Some(bytes)))
        .col_expr(Column::Size, Expr::value(size))
        .filter(Column::Hash.eq(digest.as_bytes().to_vec()))
        .filter(Column::ErasedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// A stored content whose bytes are no longer those of its hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nội dung lưu trữ {0} đã bị hỏng")]
pub struct Damaged(pub String);

impl Damaged {
    /// Whether `error` comes of a damaged content.
    pub fn is_cause_of(error: &crate::error::Error) -> bool {
        match error {
            crate::error::Error::Internal(error) => error.downcast_ref::<Self>().is_some(),
            _ => false,
        }
    }
}

fn check(hash: &[u8], bytes: &[u8]) -> Result<()> {
    if Digest::of(bytes).as_bytes() == hash {
        return Ok(());
    }
    tracing::error!(content = %hex(hash), "stored content does not match its hash");
    crate::scrub::notice::content(hash);
    Err(anyhow::Error::new(Damaged(hex(hash))).into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
