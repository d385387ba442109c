//! Administrative units and departments: dated attributes and the tree they form.
//!
//! A unit is an id of our own. Its name, kind, parent, official codes and host are attributes with
//! the days on which they held: codes were reused, hosts collide, and how many tiers there are is
//! itself a matter of the date.

pub mod attribute;
mod tree;

pub use attribute::{Attribute, Name};
pub use tree::{Tree, Unit};

use crate::error::Result;
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The tree of all known units as it was on `day`.
pub async fn tree_on<C: ConnectionTrait>(db: &C, day: NaiveDate) -> Result<Tree> {
    Ok(Tree::on(day, &attribute::all(db).await?))
}

/// The units in `units` as they were on `day`, without those above and below them.
pub async fn some_on<C: ConnectionTrait>(db: &C, day: NaiveDate, units: &[Uuid]) -> Result<Tree> {
    Ok(Tree::on(day, &attribute::of_units(db, units).await?))
}
