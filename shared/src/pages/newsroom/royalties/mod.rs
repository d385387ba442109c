//! `/quan-tri/nhuan-but`: what authors are paid, month by month; and the pages around it.

pub(super) mod adjust;
pub(super) mod fields;
pub(super) mod files;
pub(super) mod grade;
pub(super) mod lock;
pub(super) mod month;
pub(super) mod own;
pub(super) mod payees;
pub(super) mod rates;
#[cfg(test)]
mod tests;
mod works;

use super::around::{AtDesk, PAGE, offset, pagination};
use crate::accounts::Right;
use crate::error::{Error, Result};
use crate::pages::cards;
use crate::pages::templates::{RoyaltiesPage, RoyaltyMonthRow};
use crate::pages::view::{Badge, Link, Tone};
use crate::royalties::open::Open;
use crate::royalties::statement::{self, State};
use crate::royalties::{Month, versions};
use crate::vietnamese::{self, grouped};
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeSet;

/// All months.
pub(super) const PATH: &str = "/quan-tri/nhuan-but";
/// What it is called in the menu.
pub(super) const NAME: &str = "Nhuận bút";

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let now = at.site.clock.now();
    let total = statement::count(db).await?;
    let approved = statement::list(db, offset(asked.trang), PAGE).await?;
    let mut rows = Vec::new();
    if asked.trang <= 1 {
        rows.extend(open_months(&at, &approved).await?);
    }
    let locked = approved.iter().filter(|statement| statement.is_locked());
    rows.extend(locked.filter_map(|statement| Some(locked_row(statement.month()?, statement))));
    let page = RoyaltiesPage {
        is_empty: rows.is_empty(),
        rows,
        this_month: Link::new(
            format!("Bảng kê tháng {}", Month::at(now)),
            path_of(Month::at(now)),
        ),
        rates: Link::new("Biểu nhuận bút", rates::PATH),
        payees: at
            .user
            .may(Right::ManageRoyalties)
            .then(|| Link::new("Người nhận, bản cam kết", payees::PATH)),
        pagination: pagination(PATH, &[], asked.trang.max(1), total),
        desk: at.desk(NAME, PATH).await?,
    };
    at.answer(&page)
}

/// Months that are not locked and have something to settle, the newest first.
async fn open_months(at: &AtDesk, approved: &[statement::Model]) -> Result<Vec<RoyaltyMonthRow>> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let open = Open::load(db, at.site.id).await?;
    let rates = versions::in_force(db).await?;
    let is_open = |statement: &&statement::Model| !statement.is_locked();
    let mut months: BTreeSet<Month> = open.months().collect();
    months.extend(
        approved
            .iter()
            .filter(is_open)
            .filter_map(statement::Model::month),
    );
    let rows = months.into_iter().rev().map(|month| {
        let of_month = approved.iter().find(|one| one.month == month.number());
        let state = of_month.map_or(State::Draft, statement::Model::state);
        let pay_on = of_month.and_then(statement::Model::pay_on).unwrap_or(today);
        let sum = open.sum(month, &rates.rates, pay_on);
        RoyaltyMonthRow {
            label: format!("Tháng {month}"),
            url: path_of(month),
            state: badge(state),
            works: sum.works.len().to_string(),
            gross: grouped(sum.gross()),
            tax: grouped(sum.tax()),
            net: grouped(sum.net()),
            note: match state {
                State::Approved => format!("chi trả ngày {}", cards::day(pay_on).text),
                _ => "tính đến lúc này".to_owned(),
            },
        }
    });
    Ok(rows.collect())
}

fn locked_row(month: Month, statement: &statement::Model) -> RoyaltyMonthRow {
    let pay_on = statement.pay_on().map(|day| cards::day(day).text);
    RoyaltyMonthRow {
        label: format!("Tháng {month}"),
        url: path_of(month),
        state: badge(State::Locked),
        works: statement.works.to_string(),
        gross: grouped(statement.gross),
        tax: grouped(statement.tax),
        net: grouped(statement.net),
        note: format!("chi trả ngày {}", pay_on.unwrap_or_default()),
    }
}

fn badge(state: State) -> Badge {
    let tone = match state {
        State::Draft => Tone::Quiet,
        State::Approved => Tone::Info,
        State::Locked => Tone::Good,
    };
    Badge::new(state.label(), tone)
}

/// The page of `month`.
pub(super) fn path_of(month: Month) -> String {
    format!("{PATH}/{}", month.name())
}

/// The month an address names; anything else is no page.
fn month_of(name: &str) -> Result<Month> {
    Month::parse(name).ok_or(Error::NotFound)
}

/// Đồng, as people read them.
fn money(amount: i64) -> String {
    format!("{} đ", grouped(amount))
}
