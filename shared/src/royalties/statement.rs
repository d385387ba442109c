//! A month's statement on its way: counted anew by every look, approved, locked. What was approved is what is
//! locked: if anything of it changed meanwhile, it has to be approved again.

use super::month::Month;
use super::open::Open;
use super::sum::Sum;
use super::versions::{self, InForce};
use super::{grade, snapshot};
use crate::entries::kinds::{day_number, day_of};
use crate::error::{Error, Result};
use chrono::{Days, NaiveDate};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};

/// A statement somebody approved.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "royalty_statements")]
pub struct Model {
    /// Its month, as 202611.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: i64,
    /// [`State`] by name.
    pub state: String,
    /// The day it is paid on, as 20261130.
    pub pay_on: i64,
    /// The version of the rates it is counted by.
    pub rates: i64,
    /// What stands for all it says.
    pub digest: Vec<u8>,
    /// Who approved it.
    pub approved_by: Uuid,
    /// When; milliseconds.
    pub approved_at: i64,
    /// Who locked it.
    pub locked_by: Option<Uuid>,
    /// When; milliseconds.
    pub locked_at: Option<i64>,
    /// How many works it pays.
    pub works: i64,
    /// Đồng of all works before the ceiling.
    pub uncut: i64,
    /// The ceiling, if there was one.
    pub ceiling: Option<i64>,
    /// Đồng before tax.
    pub gross: i64,
    /// Đồng withheld.
    pub tax: i64,
    /// Đồng paid out.
    pub net: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How far a month's statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody approved it: it is what its entries come to now.
    Draft,
    /// Somebody did.
    Approved,
    /// It never changes again.
    Locked,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Locked => "locked",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Đang tính",
            Self::Approved => "Đã duyệt",
            Self::Locked => "Đã khóa",
        }
    }
}

impl Model {
    /// How far it is.
    pub fn state(&self) -> State {
        [State::Locked, State::Approved]
            .into_iter()
            .find(|state| state.as_str() == self.state)
            .unwrap_or(State::Draft)
    }

    /// Whether it never changes again.
    pub fn is_locked(&self) -> bool {
        self.state() == State::Locked
    }

    /// The day it is paid on.
    pub fn pay_on(&self) -> Option<NaiveDate> {
        day_of(self.pay_on)
    }

    /// Its month.
    pub fn month(&self) -> Option<Month> {
        Month::of_number(self.month)
    }
}

/// How far before or after today a day of payment may lie.
const MOST_DAYS: u64 = 400;

/// The statement of `month`, if somebody approved it.
pub async fn find<C: ConnectionTrait>(db: &C, month: Month) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(month.number()).one(db).await?)
}

/// Statements somebody approved, the newest first.
pub async fn list<C: ConnectionTrait>(db: &C, offset: u64, most: u64) -> Result<Vec<Model>> {
    let all = Entity::find().order_by_desc(Column::Month);
    Ok(all.offset(offset).limit(most).all(db).await?)
}

/// How many somebody approved.
pub async fn count<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}

/// The last locked month: everything up to it is settled.
pub async fn last_locked<C: ConnectionTrait>(db: &C) -> Result<Option<Month>> {
    let last = Entity::find()
        .filter(Column::State.eq(State::Locked.as_str()))
        .order_by_desc(Column::Month)
        .one(db)
        .await?;
    Ok(last.and_then(|statement| statement.month()))
}

/// Refuses what would change a month that is locked, or that lies before one that is.
pub async fn must_be_open(tx: &DatabaseTransaction, month: Month) -> Result<()> {
    match last_locked(tx).await? {
        Some(locked) if month <= locked => Err(Error::Conflict(format!(
            "Bảng kê tháng {month} đã khóa, không sửa được nữa. Sai sót thì ghi một dòng điều chỉnh ở bảng kê sau."
        ))),
        _ => Ok(()),
    }
}

/// A month that is not locked, as it stands now.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it comes to.
    pub sum: Sum,
    /// The day it would be paid on.
    pub pay_on: NaiveDate,
    /// The rates it is counted by.
    pub rates: InForce,
    /// What somebody approved of it.
    pub approved: Option<Model>,
    /// An earlier month that has to be locked first.
    pub earlier: Option<Month>,
}

impl Draft {
    /// The month as it stands, paid on the day that was approved, or else on `today`.
    pub async fn load<C: ConnectionTrait>(
        db: &C,
        site: Uuid,
        month: Month,
        today: NaiveDate,
    ) -> Result<Self> {
        let approved = find(db, month).await?;
        let pay_on = approved.as_ref().and_then(Model::pay_on).unwrap_or(today);
        Self::paid_on(db, site, month, pay_on).await
    }

    async fn paid_on<C: ConnectionTrait>(
        db: &C,
        site: Uuid,
        month: Month,
        pay_on: NaiveDate,
    ) -> Result<Self> {
        let open = Open::load(db, site).await?;
        let rates = versions::in_force(db).await?;
        let earlier = open.months().next().filter(|first| *first < month);
        Ok(Self {
            sum: open.sum(month, &rates.rates, pay_on),
            pay_on,
            rates,
            approved: find(db, month).await?,
            earlier,
        })
    }

    /// Whether it is still what was approved.
    pub fn is_as_approved(&self) -> Result<bool> {
        let digest = self.sum.digest()?;
        let approved = self.approved.as_ref().map(|one| one.digest.as_slice());
        Ok(approved == Some(digest.as_bytes().as_slice()))
    }

    /// Why it cannot be approved yet, if it cannot.
    pub fn obstacle(&self) -> Option<String> {
        if let Some(earlier) = self.earlier {
            return Some(format!("Hãy khóa bảng kê tháng {earlier} trước."));
        }
        if self.sum.is_empty() {
            return Some("Tháng này chưa có gì để trả.".to_owned());
        }
        if !self.sum.unpriced.is_empty() {
            return Some("Có bài chưa tính được tiền; lý do ghi ở từng bài.".to_owned());
        }
        if self.sum.threshold.is_none() {
            return Some("Biểu nhuận bút chưa ghi mức thuế của ngày chi trả.".to_owned());
        }
        None
    }
}

/// Approves what `month` comes to, to be paid on `pay_on`. `seen` stands for what whoever approves looked at.
pub async fn approve(
    tx: &DatabaseTransaction,
    site: Uuid,
    month: Month,
    seen: &str,
    pay_on: NaiveDate,
    by: Uuid,
    now: i64,
) -> Result<Model> {
    must_be_open(tx, month).await?;
    let today = super::open::day_of(now);
    if month > Month::of(today) {
        let words = "Tháng này chưa tới.";
        return Err(Error::Conflict(words.to_owned()));
    }
    let near =
        |a: NaiveDate, b: NaiveDate| a <= b.checked_add_days(Days::new(MOST_DAYS)).unwrap_or(b);
    if !near(pay_on, today) || !near(today, pay_on) {
        let words = "Ngày chi trả phải trong vòng 400 ngày trước hoặc sau hôm nay.";
        return Err(Error::invalid("pay_on", words));
    }
    let draft = Draft::paid_on(tx, site, month, pay_on).await?;
    if self::seen(&draft.sum)? != seen {
        let words = "Bảng kê vừa thay đổi. Hãy xem lại rồi duyệt.";
        return Err(Error::invalid("", words));
    }
    if let Some(words) = draft.obstacle() {
        return Err(Error::invalid("", words));
    }
    if draft.approved.is_some() {
        Entity::delete_by_id(month.number()).exec(tx).await?;
    }
    let sum = &draft.sum;
    let row = ActiveModel {
        month: Set(month.number()),
        state: Set(State::Approved.as_str().to_owned()),
        pay_on: Set(day_number(pay_on)),
        rates: Set(draft.rates.number),
        digest: Set(sum.digest()?.as_bytes().to_vec()),
        approved_by: Set(by),
        approved_at: Set(now),
        locked_by: Set(None),
        locked_at: Set(None),
        works: Set(i64::try_from(sum.works.len()).unwrap_or(i64::MAX)),
        uncut: Set(sum.uncut),
        ceiling: Set(sum.ceiling),
        gross: Set(sum.gross()),
        tax: Set(sum.tax()),
        net: Set(sum.net()),
    };
    Ok(row.insert(tx).await?)
}

/// Takes an approval back.
pub async fn reopen(tx: &DatabaseTransaction, month: Month) -> Result<()> {
    must_be_open(tx, month).await?;
    let gone = Entity::delete_by_id(month.number()).exec(tx).await?;
    match gone.rows_affected {
        0 => Err(Error::Conflict("Bảng kê này chưa duyệt.".to_owned())),
        _ => Ok(()),
    }
}

/// Locks `month` as it was approved: its rows are written down, and nothing changes them any more.
pub async fn lock(
    tx: &DatabaseTransaction,
    site: Uuid,
    month: Month,
    by: Uuid,
    now: i64,
) -> Result<Model> {
    must_be_open(tx, month).await?;
    let approved = find(tx, month).await?.ok_or_else(|| {
        Error::Conflict("Bảng kê này chưa duyệt. Hãy duyệt trước khi khóa.".to_owned())
    })?;
    let pay_on = approved
        .pay_on()
        .ok_or_else(|| anyhow::anyhow!("the statement of {month} has no day of payment"))?;
    let draft = Draft::paid_on(tx, site, month, pay_on).await?;
    if !draft.is_as_approved()? || draft.obstacle().is_some() {
        return Err(Error::Conflict(
            "Bảng kê đã khác với lúc duyệt nên chưa khóa. Hãy xem lại và duyệt lần nữa.".to_owned(),
        ));
    }
    snapshot::write(tx, month, &draft.sum).await?;
    let paid: Vec<Uuid> = draft
        .sum
        .works
        .iter()
        .map(|one| one.work.entry_id)
        .collect();
    grade::settle(tx, &paid, month.number()).await?;
    // Approved once, and empty since: it is never locked any more.
    Entity::delete_many()
        .filter(Column::Month.lt(month.number()))
        .filter(Column::State.eq(State::Approved.as_str()))
        .exec(tx)
        .await?;
    let dropped: Vec<Uuid> = draft.sum.dropped.iter().map(|one| one.entry_id).collect();
    grade::forget(tx, &dropped).await?;
    let mut change = ActiveModel::from(approved);
    change.state = Set(State::Locked.as_str().to_owned());
    change.locked_by = Set(Some(by));
    change.locked_at = Set(Some(now));
    Ok(change.update(tx).await?)
}

/// What stands for what `sum` pays, as a form sends it back.
pub fn seen(sum: &Sum) -> Result<String> {
    Ok(sum.digest_of_contents()?.hex())
}
