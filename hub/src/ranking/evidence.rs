//! What a number of a member was counted from, row by row, looked up anew: the rows add up to the number as long as
//! nothing was taken back since it was counted.

pub mod api;
mod entries;
mod facts;

use super::collect::Bounds;
use super::input::{Evidence, Input};
use super::period;
use super::scheme::Scheme;
use super::snapshot::Entry;
use super::span::Span;
use shared::directory::site_record;
use shared::error::Result;
use shared::ranking::rows::{Row, Rows};
use shared::site::Site;
use shared::sync::VERSION;

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

/// The rows behind `input` of the member of `sheet` in `period`, with what was counted.
pub async fn rows(
    site: &Site,
    period: &period::Model,
    sheet: period::sheet::Model,
    input: Input,
) -> Result<Rows> {
    let member = Entry::counted(sheet)?;
    let asked = Asked {
        site,
        scheme: &period.scheme(site.db.reader()).await?,
        span: &period.span()?,
        member: &member,
    };
    let rows = of(asked, input).await?;
    let counted = member.inputs.get(&input).copied();
    // Half of what took no longer is no sum; what only people find has no rows.
    let is_sum = input != Input::AnswerDaysMedian
        && !(input.evidence() == Evidence::Fact && counted.is_none());
    Ok(Rows {
        v: VERSION,
        label: input.label().to_owned(),
        counted,
        counted_at: period.collected_at,
        held: is_sum.then(|| rows.iter().map(|row| row.amount).sum()),
        rows,
    })
}

/// The rows behind `input`.
pub async fn of(asked: Asked<'_>, input: Input) -> Result<Vec<Row>> {
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
