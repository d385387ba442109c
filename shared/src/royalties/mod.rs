//! Royalties: what the authors of this site's own entries are paid, month by month.
//!
//! An approver gives an entry a [`grade`](mod@grade) and says whose it is. The [`rates`] of the day it was
//! published make a [`price`](mod@price) of it; a month's works, adjustments and tax are a [`sum`]. What is
//! [`open`] is counted anew whenever somebody looks. A [`statement`] is approved, and locked: from then on its
//! rows are the [`snapshot`], which nothing changes, and which [`sheet`] makes files of. What was wrong is mended
//! by an [`adjustment`] in a later month. An entry is paid once, however often it is revised, withdrawn and
//! published again; copies of others' entries are not paid at all.

pub mod adjustment;
pub mod amount;
pub mod grade;
pub mod month;
pub mod open;
pub mod person;
pub mod price;
pub mod rates;
pub mod sheet;
pub mod snapshot;
pub mod statement;
pub mod sum;
#[cfg(test)]
mod tests;
pub mod versions;

pub use month::Month;

use crate::entries::Kind;

/// Whether entries of `kind` are works somebody is paid for.
pub fn is_paid(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Article | Kind::Notice | Kind::Question | Kind::Album | Kind::Video
    )
}
