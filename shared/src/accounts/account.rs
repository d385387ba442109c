//! The accounts of a site.

use super::role::Role;
use super::{password, session};
use crate::error::{Error, FieldError, Result};
use crate::vietnamese::nfc;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, Set};

/// A stored account.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// Account id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is typed to sign in; lower case.
    #[sea_orm(unique)]
    pub login: String,
    /// The person's name, as shown.
    pub name: String,
    /// [`Role`] by name.
    pub role: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was opened; milliseconds.
    pub created_at: i64,
    /// When it last signed in; milliseconds.
    pub last_seen_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without the hash: accounts end up in logs and error messages.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("login", &self.login)
            .field("role", &self.role)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

impl Model {
    /// What it may do. A role of a later version may do the least.
    pub fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Contributor)
    }
}

/// An account to be opened.
#[derive(Clone)]
pub struct NewAccount {
    /// What will be typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The password.
    pub password: String,
}

/// An account to be opened whose fields are in order and whose password is hashed: what is left to
/// do fits a transaction.
#[derive(Clone)]
pub struct Prepared {
    login: String,
    name: String,
    role: Role,
    password_hash: String,
}

/// Longest login, in characters.
const LONGEST_LOGIN: usize = 64;
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;

impl NewAccount {
    /// Checks the fields and hashes the password. `unit` is the name of the site's unit, which is no
    /// password.
    pub async fn prepare(self, unit: &str) -> Result<Prepared> {
        let login = login_of(&self.login);
        let name = nfc(self.name.trim());
        let mut errors = Vec::new();
        if !is_login(&login) {
            errors.push(FieldError::new(
                "login",
                "Tên đăng nhập gồm 3 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới.",
            ));
        }
        if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
        {
            errors.push(FieldError::new(
                "name",
                "Hãy nhập họ và tên, tối đa 120 ký tự.",
            ));
        }
        if let Some(weakness) = password::weakness(&self.password, &[&login, &name, unit]) {
            errors.push(FieldError::new("password", weakness));
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(Prepared {
            password_hash: password::hash(&self.password).await?,
            role: self.role,
            login,
            name,
        })
    }
}

#[cfg(any(test, feature = "testing"))]
impl Prepared {
    /// An account for tests, which do not wait for a hash each.
    pub fn with_hash(login: &str, name: &str, role: Role, password_hash: String) -> Self {
        Self {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            password_hash,
        }
    }
}

/// The form logins are kept and compared in.
pub fn login_of(typed: &str) -> String {
    nfc(typed.trim()).to_lowercase()
}

fn is_login(login: &str) -> bool {
    (3..=LONGEST_LOGIN).contains(&login.len())
        && login
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@".contains(&b))
}

/// Opens an account.
pub async fn create(tx: &DatabaseTransaction, new: Prepared, now: i64) -> Result<Model> {
    if find_by_login(tx, &new.login).await?.is_some() {
        return Err(Error::invalid(
            "login",
            "Tên đăng nhập này đã có người dùng.",
        ));
    }
    Ok(ActiveModel {
        id: Set(Uuid::now_v7()),
        login: Set(new.login),
        name: Set(new.name),
        role: Set(new.role.as_str().to_owned()),
        password_hash: Set(new.password_hash),
        active: Set(true),
        created_at: Set(now),
        last_seen_at: Set(None),
    }
    .insert(tx)
    .await?)
}

/// The account `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The account of that login, however it was typed.
pub async fn find_by_login<C: ConnectionTrait>(db: &C, login: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Login.eq(login_of(login)))
        .one(db)
        .await?)
}

/// All accounts, by login.
pub async fn list<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Login).all(db).await?)
}

/// Whether there is any account.
pub async fn any<C: ConnectionTrait>(db: &C) -> Result<bool> {
    Ok(Entity::find().count(db).await? > 0)
}

/// Gives an account another role and ends its sessions: with other rights goes another session.
pub async fn set_role(tx: &DatabaseTransaction, id: Uuid, role: Role) -> Result<Model> {
    let account = find(tx, id).await?.ok_or(Error::NotFound)?;
    if account.role() == role {
        return Ok(account);
    }
    if role != Role::Admin {
        keep_an_admin(tx, &account).await?;
    }
    session::end_all(tx, id).await?;
    let mut change: ActiveModel = account.into();
    change.role = Set(role.as_str().to_owned());
    Ok(change.update(tx).await?)
}

/// Closes an account, which ends its sessions, or opens it again. What it wrote stays.
pub async fn set_active(tx: &DatabaseTransaction, id: Uuid, active: bool) -> Result<Model> {
    let account = find(tx, id).await?.ok_or(Error::NotFound)?;
    if !active {
        keep_an_admin(tx, &account).await?;
        session::end_all(tx, id).await?;
    }
    let mut change: ActiveModel = account.into();
    change.active = Set(active);
    Ok(change.update(tx).await?)
}

/// Gives an account the password hashed as `password_hash` and ends its sessions, so that whoever
/// knew the old one is out.
pub async fn set_password(
    tx: &DatabaseTransaction,
    id: Uuid,
    password_hash: String,
) -> Result<Model> {
    let account = find(tx, id).await?.ok_or(Error::NotFound)?;
    session::end_all(tx, id).await?;
    let mut change: ActiveModel = account.into();
    change.password_hash = Set(password_hash);
    Ok(change.update(tx).await?)
}

/// Notes that the account signed in.
pub async fn note_seen(tx: &DatabaseTransaction, id: Uuid, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A site without an administrator could never get one again.
async fn keep_an_admin(tx: &DatabaseTransaction, leaving: &Model) -> Result<()> {
    if leaving.role() != Role::Admin || !leaving.active {
        return Ok(());
    }
    let others = Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .filter(Column::Active.eq(true))
        .filter(Column::Id.ne(leaving.id))
        .count(tx)
        .await?;
    if others == 0 {
        return Err(Error::Conflict(
            "Đây là quản trị viên duy nhất. Hãy giao quyền quản trị cho người khác trước."
                .to_owned(),
        ));
    }
    Ok(())
}
