//! The public keys of sites, with the time each counts.

use crate::error::Result;
use crate::log::keys::{KeyId, PublicKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};

/// A stored key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "site_keys")]
pub struct Model {
    /// Thumbprint.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: String,
    /// Whose.
    pub site_id: Uuid,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// First moment; milliseconds.
    pub valid_from: i64,
    /// Last moment; milliseconds.
    pub valid_to: Option<i64>,
    /// When it was taken out of use; milliseconds.
    pub revoked_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Stores a key of `site_id`. A key once known never changes hands.
pub async fn put<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    key: &PublicKey,
    valid_from: i64,
    valid_to: Option<i64>,
    revoked_at: Option<i64>,
) -> Result<()> {
    Entity::insert(ActiveModel {
        key_id: Set(key.id().to_string()),
        site_id: Set(site_id),
        public_key: Set(key.as_bytes().to_vec()),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        revoked_at: Set(revoked_at),
    })
    .on_conflict(
        OnConflict::column(Column::KeyId)
            .update_columns([Column::ValidTo, Column::RevokedAt])
            .action_and_where(Column::SiteId.eq(site_id))
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// The keys in `ids`.
pub async fn find<C: ConnectionTrait>(db: &C, ids: &[KeyId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::KeyId.is_in(ids.iter().map(ToString::to_string)))
        .all(db)
        .await?)
}

/// All keys of `site_id`.
pub async fn of_site<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .all(db)
        .await?)
}
