//! `/quan-tri/xep-hang`: the periods there are, and another one opened.

use super::asked::{Asked, kinds};
use super::{calendar, people, period as one, schemes};
use crate::pages::reports;
use crate::ranking::period::{self, State};
use crate::ranking::span::{Kind, Span};
use crate::ranking::version;
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::ranking;
use shared::pages::templates::{RankingLine, RankingsPage};
use shared::pages::view::{FormErrors, Link};
use shared::vietnamese;

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang";

pub(in crate::pages) async fn list(at: AtDesk) -> Result<Response> {
    let page = page(&at, &Asked::default(), FormErrors::default()).await?;
    at.answer(&page)
}

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Sent {
    csrf: String,
    kind: String,
    year: String,
    number: String,
}

pub(in crate::pages) async fn open(at: AtDesk, Form(sent): Form<Sent>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let asked = Asked {
        kind: sent.kind,
        year: sent.year,
        number: sent.number,
        ..Asked::default()
    };
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let opened = match asked.span(Kind::Month, today) {
        Some(span) => period::open(&at.site, span, &at.user.actor()).await,
        None => Err(Error::invalid(
            "number",
            "Không có kỳ này. Hãy chọn kỳ, số và năm.",
        )),
    };
    match opened {
        Ok(id) => Ok(Done::RankingMoved.then(&one::path_of(id))),
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &asked, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

/// The days of a period, in words.
pub(super) fn days(span: &Span) -> String {
    format!(
        "{} – {}",
        cards::day(span.from).text,
        cards::day(span.to).text
    )
}

async fn page(at: &AtDesk, asked: &Asked, errors: FormErrors) -> Result<RankingsPage> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let mut periods = Vec::new();
    for period in period::all(db).await? {
        let span = period.span()?;
        let mut facts = vec![days(&span), format!("bộ chỉ số {}", period.scheme)];
        if let (State::Window, Some(until)) = (period.state(), period.window_until()) {
            facts.push(format!("giải trình đến hết {}", cards::day(until).text));
        }
        if let Some(frozen) = period.frozen_at {
            facts.push(format!("chốt {}", cards::moment(frozen).text));
        }
        periods.push(RankingLine {
            url: one::path_of(period.id),
            label: span.label(),
            state: ranking::badge(period.state()),
            facts,
        });
    }
    let (scheme, _) = version::current(db).await?;
    let kind = Kind::parse(&asked.kind).unwrap_or(Kind::Month);
    let usual = Span::latest(kind, today);
    let shown = |typed: &str, usual: Option<String>| match typed.is_empty() {
        true => usual.unwrap_or_default(),
        false => typed.to_owned(),
    };
    Ok(RankingsPage {
        desk: at.desk("Xếp hạng", PATH).await?,
        links: vec![
            Link::new("Bộ chỉ số", schemes::PATH),
            Link::new("Lịch công khai", calendar::PATH),
            Link::new("Cá nhân", people::PATH),
            Link::new("Báo cáo", reports::PATH),
        ],
        periods,
        may_open: at.user.may(Right::ManageRanking),
        kinds: kinds(kind),
        year: shown(&asked.year, usual.map(|span| span.year().to_string())),
        number: shown(&asked.number, usual.map(|span| span.number().to_string())),
        scheme: format!("bộ chỉ số {} ({})", scheme.version, scheme.name),
        action: PATH.to_owned(),
        errors,
    })
}
