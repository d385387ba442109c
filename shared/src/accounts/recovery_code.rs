//! Codes on paper, for the day the telephone is lost: ten, each good once, kept as hashes.

use super::one_time_code;
use crate::error::Result;
use crate::log::Digest;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, Set};

/// A stored code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// SHA-256 of the code, which has enough bits of its own to need no more.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: Vec<u8>,
    /// When it was used; milliseconds.
    pub used_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How many an account gets.
pub const HOW_MANY: usize = 10;
/// Groups of five characters in each.
const GROUPS: usize = 3;

/// New codes in place of those before, shown once.
pub async fn renew(tx: &DatabaseTransaction, account_id: Uuid) -> Result<Vec<String>> {
    forget(tx, account_id).await?;
    let mut codes = Vec::with_capacity(HOW_MANY);
    for _ in 0..HOW_MANY {
        let code = one_time_code::mint(GROUPS)?;
        Entity::insert(ActiveModel {
            account_id: Set(account_id),
            code_hash: Set(hash(&code)),
            used_at: Set(None),
        })
        .exec_without_returning(tx)
        .await?;
        codes.push(code);
    }
    Ok(codes)
}

/// Whether `code` is one of the account's that was not used; it is now.
pub(super) async fn use_up(
    tx: &DatabaseTransaction,
    account_id: Uuid,
    code: &str,
    now: i64,
) -> Result<bool> {
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::CodeHash.eq(hash(code)))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(used.rows_affected > 0)
}

/// How many are left.
pub async fn left<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::UsedAt.is_null())
        .count(db)
        .await?)
}

/// Takes all of an account's away.
pub(super) async fn forget(tx: &DatabaseTransaction, account_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .exec(tx)
        .await?;
    Ok(())
}

fn hash(code: &str) -> Vec<u8> {
    Digest::of(one_time_code::plain(code).as_bytes())
        .as_bytes()
        .to_vec()
}
