//! Which identity at the provider belongs to which account.

use super::Identity;
use crate::accounts::account;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};

/// A stored link: either to an identity, or to the name by which an administrator expects somebody.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "openid_links")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The provider.
    pub issuer: String,
    /// The identity there; none until its owner came.
    pub subject: Option<String>,
    /// The name there by which an administrator expects the owner.
    pub expected: Option<String>,
    /// When it was made; milliseconds.
    pub linked_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The link of an account.
pub async fn of_account<C: ConnectionTrait>(db: &C, account: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(account).one(db).await?)
}

/// Whose account it is that `identity` may use. Who comes for the first time under the name an
/// administrator expects is linked from then on by the identity, which no renaming changes.
pub async fn account_of(
    tx: &DatabaseTransaction,
    identity: &Identity,
    now: i64,
) -> Result<Option<(account::Model, bool)>> {
    if let Some(link) = of_identity(tx, identity).await? {
        let account = account::find(tx, link.account_id).await?;
        return Ok(account.map(|account| (account, false)));
    }
    let Some(login) = &identity.login else {
        return Ok(None);
    };
    let expected = Entity::find()
        .filter(Column::Issuer.eq(&identity.issuer))
        .filter(Column::Subject.is_null())
        .filter(Column::Expected.eq(login.to_lowercase()))
        .one(tx)
        .await?;
    let Some(expected) = expected else {
        return Ok(None);
    };
    put(tx, expected.account_id, identity, now).await?;
    let account = account::find(tx, expected.account_id).await?;
    Ok(account.map(|account| (account, true)))
}

async fn of_identity<C: ConnectionTrait>(db: &C, identity: &Identity) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Issuer.eq(&identity.issuer))
        .filter(Column::Subject.eq(&identity.subject))
        .one(db)
        .await?)
}

/// Links `account` with `identity`, which no other account may have.
pub async fn link(
    tx: &DatabaseTransaction,
    account: Uuid,
    identity: &Identity,
    now: i64,
) -> Result<()> {
    let known = of_identity(tx, identity).await?;
    if known.is_some_and(|known| known.account_id != account) {
        return Err(Error::Conflict(
            "Tài khoản đăng nhập một lần này đã gắn với một tài khoản khác ở đây.".to_owned(),
        ));
    }
    put(tx, account, identity, now).await
}

async fn put(tx: &DatabaseTransaction, account: Uuid, identity: &Identity, now: i64) -> Result<()> {
    unlink(tx, account).await?;
    let subject = Some(identity.subject.clone());
    insert(tx, account, &identity.issuer, (subject, None), now).await
}

/// Expects the owner of `account` under `name` at `issuer`.
pub async fn expect(
    tx: &DatabaseTransaction,
    account: Uuid,
    issuer: &str,
    name: &str,
    now: i64,
) -> Result<()> {
    let name = name.trim().to_lowercase();
    if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(Error::invalid(
            "name",
            "Hãy nhập tên của người này ở hệ thống đăng nhập một lần.",
        ));
    }
    let other = Entity::find()
        .filter(Column::Issuer.eq(issuer))
        .filter(Column::Expected.eq(&name))
        .filter(Column::AccountId.ne(account))
        .one(tx)
        .await?;
    if other.is_some() {
        return Err(Error::Conflict(
            "Tên này đã được chờ cho một tài khoản khác.".to_owned(),
        ));
    }
    unlink(tx, account).await?;
    insert(tx, account, issuer, (None, Some(name)), now).await
}

async fn insert(
    tx: &DatabaseTransaction,
    account: Uuid,
    issuer: &str,
    (subject, expected): (Option<String>, Option<String>),
    now: i64,
) -> Result<()> {
    Entity::insert(ActiveModel {
        account_id: Set(account),
        issuer: Set(issuer.to_owned()),
        subject: Set(subject),
        expected: Set(expected),
        linked_at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Forgets the link of `account`; whether there was one.
pub async fn unlink(tx: &DatabaseTransaction, account: Uuid) -> Result<bool> {
    let gone = Entity::delete_by_id(account).exec(tx).await?;
    Ok(gone.rows_affected > 0)
}
