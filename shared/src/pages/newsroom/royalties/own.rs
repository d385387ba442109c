//! `/quan-tri/nhuan-but-cua-toi`: what whoever is signed in was paid, and what is being counted for them.

use super::{money, works};
use crate::error::Result;
use crate::pages::newsroom::around::AtDesk;
use crate::pages::newsroom::my_account;
use crate::pages::templates::{OwnRoyaltiesPage, OwnRoyaltyLine, OwnRoyaltyMonth};
use crate::pages::view::Link;
use crate::royalties::open::Open;
use crate::royalties::snapshot::{self, Kind};
use crate::royalties::statement::{self, State};
use crate::royalties::{Month, person, versions};
use crate::vietnamese;
use axum::response::Response;
use uuid::Uuid;

pub(in crate::pages::newsroom) const OWN: &str = "/quan-tri/nhuan-but-cua-toi";
/// What it is called.
pub(in crate::pages::newsroom) const NAME: &str = "Nhuận bút của tôi";

/// Months shown.
const MOST: u64 = 24;

pub(in crate::pages::newsroom) async fn show(at: AtDesk) -> Result<Response> {
    let person = person::of_account(at.site.db.reader(), at.user.id()).await?;
    let months = match person {
        Some(person) => {
            let mut months = open(&at, person.id).await?;
            months.extend(locked(&at, person.id).await?);
            months
        }
        None => Vec::new(),
    };
    let mut desk = at.desk(NAME, my_account::PATH).await?;
    desk.breadcrumb = vec![Link::new("Tài khoản", my_account::PATH)];
    at.answer(&OwnRoyaltiesPage { desk, months })
}

/// What is not locked yet, as it stands now, the newest first.
async fn open(at: &AtDesk, person: Uuid) -> Result<Vec<OwnRoyaltyMonth>> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let open = Open::load(db, at.site.id).await?;
    let rates = versions::in_force(db).await?.rates;
    let mut months = Vec::new();
    for month in open.months().rev() {
        let approved = statement::find(db, month).await?;
        let pay_on = approved.and_then(|one| one.pay_on()).unwrap_or(today);
        let sum = open.sum(month, &rates, pay_on);
        let mut lines = snapshot::rows(month, &sum);
        lines.retain(|line| line.person_id == Some(person));
        let payments = snapshot::payment_rows(month, &sum);
        if let Some(payment) = payments.iter().find(|one| one.person_id == person) {
            months.push(shown(month, State::Draft, payment, &lines));
        }
    }
    Ok(months)
}

async fn locked(at: &AtDesk, person: Uuid) -> Result<Vec<OwnRoyaltyMonth>> {
    let db = at.site.db.reader();
    let payments = snapshot::payments_to(db, person, MOST).await?;
    let since = payments.last().map_or(i64::MAX, |oldest| oldest.month);
    let lines = snapshot::lines_of(db, person, since).await?;
    let months = payments.iter().filter_map(|payment| {
        let of_month = lines.iter().filter(|line| line.month == payment.month);
        let own: Vec<snapshot::Model> = of_month.cloned().collect();
        let month = Month::of_number(payment.month)?;
        Some(shown(month, State::Locked, payment, &own))
    });
    Ok(months.collect())
}

fn shown(
    month: Month,
    state: State,
    payment: &snapshot::payment::Model,
    lines: &[snapshot::Model],
) -> OwnRoyaltyMonth {
    OwnRoyaltyMonth {
        id: month.name(),
        label: format!("Tháng {month}"),
        state: super::badge(state),
        gross: money(payment.gross),
        tax: money(payment.tax),
        net: money(payment.net),
        lines: lines.iter().map(line).collect(),
    }
}

fn line(line: &snapshot::Model) -> OwnRoyaltyLine {
    let parts = line
        .parts
        .zip(line.of_parts)
        .filter(|(parts, of)| parts != of);
    let parts = parts.map_or_else(String::new, |(parts, of)| format!("; phần {parts}/{of}"));
    match line.kind() {
        Kind::Adjustment => {
            let about = line.about.and_then(Month::of_number);
            let about = about.map_or_else(String::new, |month| format!(" cho tháng {month}"));
            OwnRoyaltyLine {
                title: format!("Điều chỉnh{about}"),
                how: line.reason.clone().unwrap_or_default(),
                amount: money(line.share),
            }
        }
        Kind::Work | Kind::Dropped => OwnRoyaltyLine {
            title: works::title(line),
            how: format!("{}{parts}", works::how(line)),
            amount: money(line.share),
        },
    }
}
