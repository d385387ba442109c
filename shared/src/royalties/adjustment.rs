//! Lines that mend a locked statement in a later one: the locked one stays as it is.

use super::month::Month;
use super::person;
use super::rates::HIGHEST_AMOUNT;
use super::statement;
use crate::error::{Error, Result};
use crate::newsroom::form;
use crate::screening;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};

/// A stored adjustment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "royalty_adjustments")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The month it is settled with, as 202611.
    pub month: i64,
    /// The locked month it mends.
    pub about: i64,
    /// Whom it is about.
    pub person_id: Uuid,
    /// Đồng; below zero takes back.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Who entered it.
    pub entered_by: Uuid,
    /// When; milliseconds.
    pub entered_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Longest reason, in characters.
const LONGEST_REASON: usize = 300;
/// Most adjustments of a month.
const MOST: u64 = 500;

/// An adjustment to be entered.
#[derive(Clone, Debug)]
pub struct New {
    /// The month it is settled with.
    pub month: Month,
    /// The locked month it mends.
    pub about: Month,
    /// Whom it is about.
    pub person: Uuid,
    /// Đồng.
    pub amount: i64,
    /// Why.
    pub reason: String,
}

/// The adjustments settled with months after `after`.
pub async fn after<C: ConnectionTrait>(db: &C, after: i64) -> Result<Vec<Model>> {
    let all = Entity::find().filter(Column::Month.gt(after));
    Ok(all.order_by_asc(Column::Id).all(db).await?)
}

/// Enters an adjustment.
pub async fn enter(tx: &DatabaseTransaction, new: New, by: Uuid, now: i64) -> Result<Model> {
    statement::must_be_open(tx, new.month).await?;
    let about = statement::find(tx, new.about).await?;
    if !about.is_some_and(|found| found.is_locked()) {
        let words = "Chỉ điều chỉnh cho tháng đã khóa bảng kê.";
        return Err(Error::invalid("about", words));
    }
    if new.amount == 0 || new.amount.unsigned_abs() > HIGHEST_AMOUNT.unsigned_abs() {
        let words = "Ghi số tiền đồng khác 0; ghi dấu trừ nếu thu lại.";
        return Err(Error::invalid("amount", words));
    }
    let reason = form::line(&new.reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let words = "Hãy ghi lý do, tối đa 300 ký tự.";
        return Err(Error::invalid("reason", words));
    }
    screening::allow_text(tx, "reason", &reason).await?;
    if person::find(tx, new.person).await?.is_none() {
        return Err(Error::invalid("person", "Hãy chọn người trong danh sách."));
    }
    let of_month = Entity::find().filter(Column::Month.eq(new.month.number()));
    if of_month.count(tx).await? >= MOST {
        let words = "Bảng kê này đã có quá nhiều dòng điều chỉnh.";
        return Err(Error::Conflict(words.to_owned()));
    }
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        month: Set(new.month.number()),
        about: Set(new.about.number()),
        person_id: Set(new.person),
        amount: Set(new.amount),
        reason: Set(reason),
        entered_by: Set(by),
        entered_at: Set(now),
    };
    Ok(row.insert(tx).await?)
}

/// Removes an adjustment whose month is not locked.
pub async fn remove(tx: &DatabaseTransaction, month: Month, id: Uuid) -> Result<()> {
    statement::must_be_open(tx, month).await?;
    let gone = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Month.eq(month.number()))
        .exec(tx)
        .await?;
    match gone.rows_affected {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}
