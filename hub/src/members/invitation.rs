//! Invitations: a one-time code that lets one site introduce itself.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, Set};
use shared::error::Result;
use shared::log::Digest;
use shared::log::keys::KeyId;
use shared::problem::ProblemKind;

/// A stored invitation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    /// Invitation id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the code.
    pub code_hash: Vec<u8>,
    /// For which site.
    pub site_id: Uuid,
    /// When it was made; milliseconds.
    pub created_at: i64,
    /// Until when it counts; milliseconds.
    pub expires_at: i64,
    /// When it was used; milliseconds.
    pub used_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How long a code counts.
pub const LIFETIME: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// A code as people copy it: sixteen random signs, then the fingerprint of the hub's key, by which
/// the member knows that it is talking to the hub that invited it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

/// Signs that are not taken for one another.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Code {
    /// A new code of the hub with `key`.
    pub fn mint(key: &KeyId) -> Self {
        let random: [u8; 16] = rand::random();
        let mut text = String::new();
        for (place, byte) in random.iter().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(SIGNS[usize::from(byte % 32)]));
        }
        text.push('-');
        text.push_str(&shared::sync::enrol::fingerprint(key));
        Self(text)
    }

    /// As shown to people.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is kept of a code, however it was typed.
fn hash(code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|sign| sign.to_ascii_uppercase())
        .collect();
    Digest::of(plain).as_bytes().to_vec()
}

/// Keeps an invitation of `site_id` by `code`; an earlier one of the same site stops counting.
pub async fn keep(tx: &DatabaseTransaction, site_id: Uuid, code: &Code, now: i64) -> Result<()> {
    take_back(tx, site_id).await?;
    ActiveModel {
        id: Set(Uuid::now_v7()),
        code_hash: Set(hash(code.as_str())),
        site_id: Set(site_id),
        created_at: Set(now),
        expires_at: Set(now + LIFETIME.num_milliseconds()),
        used_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Takes back whatever `site_id` was invited by and did not use.
pub async fn take_back(tx: &DatabaseTransaction, site_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// How long an invitation that no longer counts is kept, to be asked about.
const KEPT: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// Forgets invitations that stopped counting long ago; how many.
pub async fn forget_old<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    let forgotten = Entity::delete_many()
        .filter(Column::ExpiresAt.lt(now - KEPT.num_milliseconds()))
        .exec(db)
        .await?;
    Ok(forgotten.rows_affected)
}

/// Whose the invitation by `code` was, if it was used up and its time has not passed.
pub async fn used(tx: &DatabaseTransaction, code: &str, now: i64) -> Result<Option<Uuid>> {
    let used = Entity::find()
        .filter(Column::CodeHash.eq(hash(code)))
        .filter(Column::UsedAt.is_not_null())
        .filter(Column::ExpiresAt.gt(now))
        .one(tx)
        .await?;
    Ok(used.map(|used| used.site_id))
}

/// Uses the invitation by `code` up and returns whose it was.
pub async fn use_up(tx: &DatabaseTransaction, code: &str, now: i64) -> Result<Uuid> {
    let changed = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::CodeHash.eq(hash(code)))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    if changed.rows_affected != 1 {
        return Err(ProblemKind::CodeInvalid.into());
    }
    let used = Entity::find()
        .filter(Column::CodeHash.eq(hash(code)))
        .one(tx)
        .await?;
    Ok(used.ok_or(ProblemKind::CodeInvalid)?.site_id)
}
