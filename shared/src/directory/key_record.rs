//! The public keys of sites, with the time each counts.

use super::cover::{self, Cut};
use super::description::KeyDescription;
use crate::error::Result;
use crate::log::keys::{KeyId, PublicKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, ConnectionTrait, DatabaseTransaction, QueryOrder, QueryTrait, Set};
use serde::{Deserialize, Serialize};

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
    /// [`Purpose`] by name.
    pub purpose: String,
    /// Since when it is not believed, as the people who revoked it said; milliseconds.
    pub revoked_since: Option<i64>,
    /// When it was last decided how far it is believed; milliseconds.
    pub judged_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a key is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Everything its site says.
    #[default]
    Site,
    /// Kept away from the machine; says only who its own site is.
    Emergency,
    /// What a later version gave it; it counts for nothing here.
    #[serde(other)]
    Unknown,
}

impl Purpose {
    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Emergency => "emergency",
            Self::Unknown => "unknown",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Self {
        [Self::Site, Self::Emergency]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
            .unwrap_or(Self::Unknown)
    }

    /// Whether it is the usual one.
    pub fn is_site(&self) -> bool {
        *self == Self::Site
    }
}

impl Model {
    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        Purpose::parse(&self.purpose)
    }

    /// The key itself.
    pub fn public(&self) -> anyhow::Result<PublicKey> {
        Ok(PublicKey::from_slice(&self.public_key)?)
    }

    /// Whether it signs for its site for as long as nothing else is said.
    pub fn is_current(&self) -> bool {
        self.purpose() == Purpose::Site && self.revoked_at.is_none() && self.valid_to.is_none()
    }
}

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
        purpose: Set(Purpose::Site.as_str().to_owned()),
        revoked_since: Set(None),
        judged_at: Set(0),
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

/// Stores what the hub says of a key of `site_id`. What was taken out of use stays so, whatever an
/// older description says; of two words about how far it is believed the later one counts.
pub async fn put_described(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    told: &KeyDescription,
) -> Result<()> {
    let id = told.key.id().to_string();
    let Some(known) = Entity::find_by_id(&id).one(tx).await? else {
        Entity::insert(ActiveModel {
            key_id: Set(id.clone()),
            site_id: Set(site_id),
            public_key: Set(told.key.as_bytes().to_vec()),
            valid_from: Set(told.valid_from),
            valid_to: Set(told.valid_to),
            revoked_at: Set(told.revoked_at),
            purpose: Set(told.purpose.as_str().to_owned()),
            revoked_since: Set(told.cut.as_ref().map(|cut| cut.since)),
            judged_at: Set(told.cut.as_ref().map_or(0, |cut| cut.judged_at)),
        })
        .exec_without_returning(tx)
        .await?;
        return match &told.cut {
            Some(cut) => cover::put(tx, &id, cut).await,
            None => Ok(()),
        };
    };
    if known.site_id != site_id {
        tracing::warn!(key = id, site.id = %site_id, "a description claims another site's key");
        return Ok(());
    }
    let judged_before = known.judged_at;
    let mut change: ActiveModel = known.clone().into();
    change.valid_to = Set(told.valid_to.or(known.valid_to));
    change.revoked_at = Set(known.revoked_at.or(told.revoked_at));
    let cut = told
        .cut
        .as_ref()
        .filter(|cut| cut.judged_at > judged_before);
    if let Some(cut) = cut {
        change.revoked_since = Set(Some(cut.since));
        change.judged_at = Set(cut.judged_at);
    }
    change.update(tx).await?;
    match cut {
        Some(cut) => cover::put(tx, &id, cut).await,
        None => Ok(()),
    }
}

/// Takes a key out of use at `now`: `cut` says what it signed is still believed.
pub async fn revoke(tx: &DatabaseTransaction, id: &str, cut: &Cut, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::KeyId.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::RevokedSince, Expr::value(cut.since))
        .col_expr(Column::JudgedAt, Expr::value(cut.judged_at))
        .filter(Column::KeyId.eq(id))
        .exec(tx)
        .await?;
    cover::put(tx, id, cut).await
}

/// Lets the keys of `site_id` other than `but` end at `until`, unless they end before.
pub async fn retire_others(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    but: &KeyId,
    until: i64,
) -> Result<()> {
    retire(tx, site_id, Some(but), until).await
}

/// Puts every key `site_id` signs with out of use from `until` on. What was signed before stays proved.
pub async fn retire_all(tx: &DatabaseTransaction, site_id: Uuid, until: i64) -> Result<()> {
    retire(tx, site_id, None, until).await
}

async fn retire(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    but: Option<&KeyId>,
    until: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ValidTo, Expr::value(until))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Purpose.eq(Purpose::Site.as_str()))
        .apply_if(but, |query, but| {
            query.filter(Column::KeyId.ne(but.to_string()))
        })
        .filter(Column::RevokedAt.is_null())
        .filter(
            Condition::any()
                .add(Column::ValidTo.is_null())
                .add(Column::ValidTo.gt(until)),
        )
        .exec(tx)
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

/// All keys of `site_id`, in the order in which they came into use.
pub async fn of_site<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .order_by_asc(Column::ValidFrom)
        .order_by_asc(Column::KeyId)
        .all(db)
        .await?)
}
