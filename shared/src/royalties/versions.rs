//! The rates of a site: those that come with the program, or the newest it was given. Earlier ones stay, since
//! locked statements name them.

use super::rates::Rates;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};

/// Rates a site was given.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "royalty_rates")]
pub struct Model {
    /// 1, 2, 3 …
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// [`Rates`] as JSON.
    pub body: String,
    /// Who gave them.
    pub given_by: Uuid,
    /// When; milliseconds.
    pub given_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The rates a site counts by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Which version; 0 is what comes with the program.
    pub number: i64,
    /// Since when; milliseconds, none for what comes with the program.
    pub since: Option<i64>,
    /// The rates.
    pub rates: Rates,
}

impl InForce {
    /// The version, in words.
    pub fn label(&self) -> String {
        label(self.number)
    }
}

/// What people call the version `number`.
pub fn label(number: i64) -> String {
    match number {
        0 => "bản kèm phần mềm".to_owned(),
        number => format!("bản số {number}"),
    }
}

/// The rates in force.
pub async fn in_force<C: ConnectionTrait>(db: &C) -> Result<InForce> {
    let newest = Entity::find().order_by_desc(Column::Number).one(db).await?;
    Ok(match newest {
        None => InForce {
            number: 0,
            since: None,
            rates: Rates::built_in(),
        },
        Some(found) => InForce {
            number: found.number,
            since: Some(found.given_at),
            rates: serde_json::from_str(&found.body).map_err(anyhow::Error::new)?,
        },
    })
}

/// Gives the site other rates, made of version `after`. What is locked keeps its own.
pub async fn give(
    tx: &DatabaseTransaction,
    after: i64,
    rates: &Rates,
    by: Uuid,
    now: i64,
) -> Result<i64> {
    let wrong = rates.mend();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let before = in_force(tx).await?;
    if before.number != after {
        return Err(Error::Conflict(
            "Người khác vừa sửa biểu nhuận bút. Hãy mở lại trang để sửa trên bản mới.".to_owned(),
        ));
    }
    let number = before.number + 1;
    let new = ActiveModel {
        number: Set(number),
        body: Set(serde_json::to_string(rates).map_err(anyhow::Error::new)?),
        given_by: Set(by),
        given_at: Set(now),
    };
    new.insert(tx).await?;
    Ok(number)
}
