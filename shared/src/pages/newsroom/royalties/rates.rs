//! `/quan-tri/nhuan-but/bieu`: the rates royalties are counted by, with their legal basis.

use super::{NAME, PATH as LIST};
use crate::accounts::Right;
use crate::audit::{self, Action, Kind, Subject};
use crate::error::{Error, Result};
use crate::newsroom::form::show_date;
use crate::pages::cards;
use crate::pages::newsroom::around::{AtDesk, Done};
use crate::pages::templates::{RatesGenreRow, RatesPage, RatesRange, RatesRow, RegimeTable};
use crate::pages::view::{FormErrors, Link};
use crate::royalties::rates::Regime;
use crate::royalties::rates::form::{GENRE, SALARY, TAX, Typed};
use crate::royalties::versions::{self, InForce};
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;

pub(in crate::pages::newsroom) const PATH: &str = "/quan-tri/nhuan-but/bieu";

/// Empty rows behind those of a table.
const MORE_GENRES: usize = 3;
const MORE_ROWS: usize = 1;

/// Bonuses and translation: label, and the fields of the least and the most.
const RANGES: [(&str, &str, &str); 4] = [
    (
        "Tăng cho tin, bài về trẻ em, dân tộc thiểu số",
        "children_least",
        "children_most",
    ),
    (
        "Tăng cho bài viết bằng tiếng dân tộc, tiếng nước ngoài",
        "language_least",
        "language_most",
    ),
    (
        "Tăng cho bài làm trong khó khăn, nguy hiểm",
        "hardship_least",
        "hardship_most",
    ),
    (
        "Dịch, so với bài gốc",
        "translation_least",
        "translation_most",
    ),
];

/// The form.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::newsroom) struct Answer {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    after: String,
    #[serde(flatten)]
    typed: Typed,
}

pub(in crate::pages::newsroom) async fn show(at: AtDesk) -> Result<Response> {
    let in_force = versions::in_force(at.site.db.reader()).await?;
    let typed = Typed::of(&in_force.rates);
    let page = page(&at, &in_force, &typed, FormErrors::default()).await?;
    at.answer(&page)
}

pub(in crate::pages::newsroom) async fn change(
    at: AtDesk,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    at.user.check_form(&answer.csrf)?;
    let in_force = versions::in_force(at.site.db.reader()).await?;
    let typed = answer.typed.closed_up();
    let rates = match typed.read(&in_force.rates) {
        Ok(rates) => rates,
        Err(wrong) => {
            let page = page(&at, &in_force, &typed, wrong.into()).await?;
            return at.answer_again(&page);
        }
    };
    let after = answer.after.parse().map_err(|_| Error::NotFound)?;
    let (id, by) = (at.user.id(), at.user.actor());
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let number = versions::give(tx, after, &rates, id, now).await?;
                let subject = Subject::of(Kind::Setting, "royalty_rates").change(after, number);
                audit::record(tx, &by, Action::RoyaltyRatesChanged, subject, now).await
            })
        })
        .await?;
    Ok(Done::Saved.then(PATH))
}

async fn page(
    at: &AtDesk,
    in_force: &InForce,
    typed: &Typed,
    errors: FormErrors,
) -> Result<RatesPage> {
    let text = |field: &str| typed.get(field).to_owned();
    let genres = typed.rows(&GENRE).len() + MORE_GENRES;
    let genres = (0..genres).map(|row| RatesGenreRow {
        number: row,
        code: typed.in_row("genre_code", row).to_owned(),
        name: typed.in_row("genre_name", row).to_owned(),
        least: typed.in_row("genre_least", row).to_owned(),
        most: typed.in_row("genre_most", row).to_owned(),
    });
    let rows = |fields: [&str; 4], count: usize| {
        let rows = (0..count + MORE_ROWS).map(|row| RatesRow {
            number: row,
            from: typed.in_row(fields[0], row).to_owned(),
            amount: typed.in_row(fields[1], row).to_owned(),
            rate: typed.in_row(fields[2], row).to_owned(),
            basis: typed.in_row(fields[3], row).to_owned(),
        });
        rows.collect()
    };
    let salaries = rows(
        ["salary_from", "salary_amount", "", "salary_basis"],
        typed.rows(&SALARY).len(),
    );
    let taxes = rows(
        ["tax_from", "tax_threshold", "tax_rate", "tax_basis"],
        typed.rows(&TAX).len(),
    );
    let regimes = &in_force.rates.regimes;
    let since = in_force.since.map(cards::moment);
    let mut desk = at.desk("Biểu nhuận bút", LIST).await?;
    desk.breadcrumb = vec![Link::new(NAME, LIST)];
    Ok(RatesPage {
        desk,
        action: PATH.to_owned(),
        after: in_force.number,
        version: match since {
            Some(since) => format!("{}, áp dụng từ {}", in_force.label(), since.text),
            None => in_force.label(),
        },
        is_preset: regimes.last().is_some_and(|last| last.preset),
        regimes: regimes.iter().rev().map(table).collect(),
        may_change: at.user.may(Right::ApproveRoyalties),
        factor: text("factor"),
        ceiling: text("ceiling"),
        name: text("name"),
        basis: text("basis"),
        from: text("from"),
        unit: text("unit"),
        ranges: RANGES
            .map(|(label, least_field, most_field)| RatesRange {
                label,
                least_field,
                least: text(least_field),
                most_field,
                most: text(most_field),
            })
            .to_vec(),
        genres: genres.collect(),
        salaries,
        taxes,
        errors,
    })
}

fn table(regime: &Regime) -> RegimeTable {
    RegimeTable {
        name: regime.name.clone(),
        basis: regime.basis.clone(),
        from: show_date(regime.from),
        unit: regime.unit.to_string(),
        bonuses: [
            ("trẻ em, dân tộc thiểu số", regime.children),
            ("tiếng dân tộc, tiếng nước ngoài", regime.language),
            ("khó khăn, nguy hiểm", regime.hardship),
            ("dịch, so với bài gốc", regime.translation),
        ]
        .map(|(what, range)| format!("{what}: {} – {} %", range.least, range.most))
        .to_vec(),
        genres: regime
            .genres
            .iter()
            .map(|genre| {
                let range = format!("{} – {}", genre.least, genre.most);
                (genre.name.clone(), range)
            })
            .collect(),
    }
}
