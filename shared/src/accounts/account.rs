//! The accounts of a site.

use super::grant::{self, Grant};
use super::role::Role;
use super::{password, session};
use crate::error::{Error, FieldError, Result};
use crate::site::Site;
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
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was opened; milliseconds.
    pub created_at: i64,
    /// When it last signed in; milliseconds.
    pub last_seen_at: Option<i64>,
    /// [`OffReason`] by name, if it is off for another reason than that somebody switched it off.
    pub off_reason: Option<String>,
    /// How long it has not signed in, of the time the site was up; milliseconds.
    pub idle_ms: i64,
}

/// Why an account is off that nobody switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffReason {
    /// Nobody used it for long.
    Idle,
}

impl OffReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
        }
    }
}

impl Model {
    /// Why it is off, if not because somebody switched it off.
    pub fn off_reason(&self) -> Option<OffReason> {
        match self.off_reason.as_deref() {
            Some("idle") if !self.active => Some(OffReason::Idle),
            _ => None,
        }
    }
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
            .field("active", &self.active)
            .finish_non_exhaustive()
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
    pub grants: Vec<Grant>,
    /// The password.
    pub password: String,
}

/// An account to be opened whose fields are in order and whose password is hashed: what is left to
/// do fits a transaction.
#[derive(Clone)]
pub struct Prepared {
    login: String,
    name: String,
    grants: Vec<Grant>,
    password_hash: String,
}

/// Longest login, in characters.
const LONGEST_LOGIN: usize = 64;
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;

impl NewAccount {
    /// Checks the fields and hashes the password. The name of the site's unit is no password.
    pub async fn prepare(self, site: &Site) -> Result<Prepared> {
        let (login, name, mut errors) = check_names(&self.login, &self.name);
        if let Some(weakness) =
            password::weakness(&self.password, &[&login, &name, &site.profile.unit_name])
        {
            errors.push(FieldError::new("password", weakness));
        }
        if let Err(error) = grant::check(site.db.reader(), site, &self.grants).await {
            match error {
                Error::Invalid(more) => errors.extend(more),
                other => return Err(other),
            }
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(Prepared {
            password_hash: password::hash(&self.password).await?,
            grants: self.grants,
            login,
            name,
        })
    }
}

#[cfg(any(test, feature = "testing"))]
impl Prepared {
    /// An account for tests, which do not wait for a hash each.
    pub fn with_hash(login: &str, name: &str, grants: Vec<Grant>, password_hash: String) -> Self {
        Self {
            login: login.to_owned(),
            name: name.to_owned(),
            grants,
            password_hash,
        }
    }
}

/// A login and a name as they are kept, and what is wrong with them.
pub(super) fn check_names(login: &str, name: &str) -> (String, String, Vec<FieldError>) {
    let login = login_of(login);
    let name = nfc(name.trim());
    let mut errors = Vec::new();
    if !is_login(&login) {
        errors.push(FieldError::new(
            "login",
            "Tên đăng nhập gồm 3 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới.",
        ));
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        errors.push(FieldError::new(
            "name",
            "Hãy nhập họ và tên, tối đa 120 ký tự.",
        ));
    }
    (login, name, errors)
}

/// What is wrong with a login somebody has.
pub(super) fn taken() -> FieldError {
    FieldError::new("login", "Tên đăng nhập này đã có người dùng.")
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
        return Err(Error::Invalid(vec![taken()]));
    }
    let id = Uuid::now_v7();
    grant::replace(tx, id, &new.grants).await?;
    Ok(ActiveModel {
        id: Set(id),
        login: Set(new.login),
        name: Set(new.name),
        password_hash: Set(new.password_hash),
        active: Set(true),
        created_at: Set(now),
        last_seen_at: Set(None),
        off_reason: Set(None),
        idle_ms: Set(0),
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

/// Gives an account exactly `grants` and ends its sessions: with other rights goes another session.
pub async fn set_grants(tx: &DatabaseTransaction, id: Uuid, grants: &[Grant]) -> Result<Model> {
    let account = find(tx, id).await?.ok_or(Error::NotFound)?;
    let before = grant::of(tx, id).await?;
    let mut wanted = grants.to_vec();
    wanted.sort();
    wanted.dedup();
    if before == wanted {
        return Ok(account);
    }
    if !administers(&wanted) {
        keep_an_admin(tx, &account).await?;
    }
    session::end_all(tx, id).await?;
    grant::replace(tx, id, &wanted).await?;
    Ok(account)
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
    change.off_reason = Set(None);
    change.idle_ms = Set(0);
    Ok(change.update(tx).await?)
}

/// Switches an account off for a reason of its own; what guards the last administrator is the
/// caller's.
pub(super) async fn switch_off(
    tx: &DatabaseTransaction,
    account: &Model,
    why: OffReason,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Active, Expr::value(false))
        .col_expr(Column::OffReason, Expr::value(why.as_str()))
        .filter(Column::Id.eq(account.id))
        .exec(tx)
        .await?;
    Ok(())
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
        .col_expr(Column::IdleMs, Expr::value(0_i64))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A site without an administrator could never get one again.
async fn keep_an_admin(tx: &DatabaseTransaction, leaving: &Model) -> Result<()> {
    let admins = admins(tx).await?;
    if admins == [leaving.id] {
        return Err(Error::Conflict(
            "Đây là quản trị viên duy nhất. Hãy giao quyền quản trị cho người khác trước."
                .to_owned(),
        ));
    }
    Ok(())
}

/// Who may give others their rights: active accounts that administer the whole site.
pub async fn admins<C: ConnectionTrait>(db: &C) -> Result<Vec<Uuid>> {
    let holders: Vec<Uuid> = grant::Entity::find()
        .filter(grant::Column::Role.eq(Role::Admin.as_str()))
        .filter(grant::Column::Section.eq(""))
        .all(db)
        .await?
        .into_iter()
        .map(|grant| grant.account_id)
        .collect();
    let active = Entity::find()
        .filter(Column::Id.is_in(holders))
        .filter(Column::Active.eq(true))
        .all(db)
        .await?;
    Ok(active.into_iter().map(|account| account.id).collect())
}

fn administers(grants: &[Grant]) -> bool {
    grants.contains(&Grant::from(Role::Admin))
}
