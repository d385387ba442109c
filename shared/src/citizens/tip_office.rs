//! The offices that tips go to: who they are, as the province says, and the key each reads with.

use super::code::OfficeCode;
use super::sealed::SealKey;
use crate::error::Result;
use crate::settings;
use crate::units;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An office that the province says is competent for some tips. Travels with the province's lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipOffice {
    /// The unit at whose site the office reads.
    pub unit: Uuid,
    /// What it is called.
    pub name: String,
    /// What it is to be told, in a few words.
    pub about: String,
    /// What tips are sealed to.
    pub key: SealKey,
}

/// The setting that holds the province's offices.
const OFFICES: &str = "tip_offices";
/// The setting that holds the key this site's own office reads with.
const OWN: &str = "tip_key";
/// Most offices.
pub const MOST: usize = 20;
/// Longest name and longest description, in characters.
pub const LONGEST: usize = 200;

/// The offices, in the province's order.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<TipOffice>> {
    Ok(settings::get(db, OFFICES).await?.unwrap_or_default())
}

/// Sets the offices: here, where this is the province, and where its hub says so.
pub async fn set(tx: &DatabaseTransaction, offices: &[TipOffice]) -> Result<()> {
    let kept: Vec<&TipOffice> = offices.iter().take(MOST).collect();
    settings::set(tx, OFFICES, &kept).await
}

/// The office of `unit`, or of what that went into.
pub async fn of_unit<C: ConnectionTrait>(
    db: &C,
    unit: Uuid,
    today: NaiveDate,
) -> Result<Option<TipOffice>> {
    let offices = all(db).await?;
    if let Some(own) = offices.iter().find(|office| office.unit == unit) {
        return Ok(Some(own.clone()));
    }
    let heirs = units::heirs(db, today, unit).await?;
    Ok(heirs
        .iter()
        .find_map(|heir| offices.iter().find(|office| office.unit == heir.unit))
        .cloned())
}

/// The offices once `from` went into `to`: the office goes on there with its key, unless there is one already.
pub fn moved(offices: Vec<TipOffice>, from: Uuid, to: Uuid) -> Vec<TipOffice> {
    let is_there = offices.iter().any(|office| office.unit == to);
    let goes_on = |office: TipOffice| match office.unit == from {
        true if is_there => None,
        true => Some(TipOffice { unit: to, ..office }),
        false => Some(office),
    };
    offices.into_iter().filter_map(goes_on).collect()
}

/// The key of the office at this site, if it has one.
pub async fn own_key<C: ConnectionTrait>(db: &C) -> Result<Option<SealKey>> {
    settings::get(db, OWN).await
}

/// Makes a key for the office at this site in place of the one before; the code that opens what is sealed to
/// it, which is kept nowhere. What was sealed to the key before is opened by the code before.
pub async fn renew(tx: &DatabaseTransaction) -> Result<OfficeCode> {
    let code = OfficeCode::generate()?;
    settings::set(tx, OWN, &code.keys().public()).await?;
    Ok(code)
}
