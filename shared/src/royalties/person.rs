//! Who is paid: accounts of the site, and contributors without one. Of them no more is kept than a name and
//! until when a commitment waives their tax.

use crate::accounts::account;
use crate::entries::kinds::{day_number, day_of};
use crate::error::{Error, Result};
use crate::newsroom::form;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use std::collections::{HashMap, HashSet};

/// Somebody who is or was paid.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "royalty_people")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Their account; none for contributors without one.
    pub account_id: Option<Uuid>,
    /// Their name; of who has an account, the account's counts.
    pub name: String,
    /// The first day of a commitment not to be taxed, as 20261130.
    pub committed_from: Option<i64>,
    /// Its last day.
    pub committed_until: Option<i64>,
    /// When they were first named; milliseconds.
    pub created_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Longest name, in characters.
const LONGEST_NAME: usize = 120;

/// A commitment not to be taxed, with the days it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// The first day.
    pub from: NaiveDate,
    /// The last.
    pub until: NaiveDate,
}

impl Model {
    /// Their commitment, if they ever gave one.
    pub fn commitment(&self) -> Option<Commitment> {
        Some(Commitment {
            from: day_of(self.committed_from?)?,
            until: day_of(self.committed_until?)?,
        })
    }

    /// Whether a commitment waives their tax on `day`.
    pub fn is_committed_on(&self, day: NaiveDate) -> bool {
        let holds = |commitment: Commitment| commitment.from <= day && day <= commitment.until;
        self.commitment().is_some_and(holds)
    }
}

/// Everybody who was ever named, with the names that count, by name.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    let mut people = Entity::find().order_by_asc(Column::Id).all(db).await?;
    let accounts = account::list(db).await?;
    let names: HashMap<Uuid, String> = accounts
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    for person in &mut people {
        let of_account = person.account_id.and_then(|id| names.get(&id));
        if let Some(name) = of_account {
            person.name.clone_from(name);
        }
    }
    people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(people)
}

/// The same, by id.
pub async fn by_id<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, Model>> {
    let people = all(db).await?.into_iter();
    Ok(people.map(|person| (person.id, person)).collect())
}

/// Whose tax is waived on `day`.
pub fn committed_on(people: &HashMap<Uuid, Model>, day: NaiveDate) -> HashSet<Uuid> {
    let committed = people.values().filter(|person| person.is_committed_on(day));
    committed.map(|person| person.id).collect()
}

/// The person behind an account, if they were ever named.
pub async fn of_account<C: ConnectionTrait>(db: &C, account: Uuid) -> Result<Option<Model>> {
    let found = Entity::find().filter(Column::AccountId.eq(account));
    Ok(found.one(db).await?)
}

/// The person behind the account `id`, named now if they never were.
pub async fn for_account(tx: &DatabaseTransaction, id: Uuid, now: i64) -> Result<Option<Model>> {
    if let Some(found) = of_account(tx, id).await? {
        return Ok(Some(found));
    }
    match account::find(tx, id).await? {
        Some(account) => Ok(Some(add(tx, Some(id), account.name, now).await?)),
        None => Ok(None),
    }
}

/// The contributor without an account of that name, named now if they never were.
pub async fn named(tx: &DatabaseTransaction, name: &str, now: i64) -> Result<Model> {
    let name = checked(name)?;
    let known = Entity::find()
        .filter(Column::AccountId.is_null())
        .filter(Column::Name.eq(name.as_str()))
        .order_by_asc(Column::Id);
    match known.one(tx).await? {
        Some(found) => Ok(found),
        None => add(tx, None, name, now).await,
    }
}

fn checked(name: &str) -> Result<String> {
    let name = form::line(name);
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let words = "Hãy ghi họ và tên, tối đa 120 ký tự.";
        return Err(Error::invalid("name", words));
    }
    Ok(name)
}

async fn add(
    tx: &DatabaseTransaction,
    account: Option<Uuid>,
    name: String,
    now: i64,
) -> Result<Model> {
    let new = ActiveModel {
        id: Set(Uuid::now_v7()),
        account_id: Set(account),
        name: Set(name),
        committed_from: Set(None),
        committed_until: Set(None),
        created_at: Set(now),
    };
    Ok(new.insert(tx).await?)
}

/// Whoever `id` is.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Changes the name of somebody without an account. Statements that are locked keep the old one.
pub async fn rename(tx: &DatabaseTransaction, id: Uuid, name: &str) -> Result<()> {
    let name = checked(name)?;
    let found = find(tx, id).await?.ok_or(Error::NotFound)?;
    if found.account_id.is_some() {
        let words = "Tên của người có tài khoản sửa ở trang Người dùng.";
        return Err(Error::Conflict(words.to_owned()));
    }
    let mut change = ActiveModel::from(found);
    change.name = Set(name);
    change.update(tx).await?;
    Ok(())
}

/// Notes the commitment of `id`, or that there is none.
pub async fn commit(
    tx: &DatabaseTransaction,
    id: Uuid,
    commitment: Option<Commitment>,
) -> Result<()> {
    if commitment.is_some_and(|one| one.until < one.from) {
        let words = "Ngày cuối không được trước ngày đầu.";
        return Err(Error::invalid("until", words));
    }
    let found = find(tx, id).await?.ok_or(Error::NotFound)?;
    let mut change = ActiveModel::from(found);
    change.committed_from = Set(commitment.map(|one| day_number(one.from)));
    change.committed_until = Set(commitment.map(|one| day_number(one.until)));
    change.update(tx).await?;
    Ok(())
}
