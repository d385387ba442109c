//! What a number of a member was counted from, row by row, looked up anew: the rows add up to the number as long as
//! nothing was taken back since it was counted.

mod entries;
mod facts;

use super::collect::Bounds;
use super::input::{Evidence, Input};
use super::scheme::Scheme;
use super::snapshot::Entry;
use super::span::Span;
use shared::directory::site_record;
use shared::error::Result;
use shared::site::Site;

/// Most rows that are shown.
pub const MOST: u64 = 5_000;

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub title: String,
    /// Where it can be seen.
    pub url: Option<String>,
    /// What matters about it.
    pub note: String,
    /// How much of the number it is; 0 for what explains and does not count.
    pub amount: i64,
}

/// Whose number, of which period.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The site of the province.
    pub site: &'a Site,
    /// The scheme.
    pub scheme: &'a Scheme,
    /// The period.
    pub span: &'a Span,
    /// The member.
    pub member: &'a Entry,
}

/// The rows behind `input`.
pub async fn of(asked: Asked<'_>, input: Input) -> Result<Vec<Piece>> {
    let bounds = Bounds::of(asked.span, asked.site);
    let db = asked.site.db.reader();
    let record = site_record::find(db, asked.member.site).await?;
    let is_feed = record.is_some_and(|record| record.is_feed());
    match input.evidence() {
        Evidence::Entries => entries::of(&asked, &bounds, is_feed, input).await,
        Evidence::Verdicts => entries::verdicts(&asked, &bounds, is_feed, input).await,
        Evidence::Calendar => facts::calendar(&asked, &bounds, input).await,
        Evidence::Days => facts::days(&asked, &bounds, input).await,
        Evidence::Fact => facts::fact(&asked, &bounds, input).await,
    }
}
