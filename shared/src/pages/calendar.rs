//! `/lich-cong-tac`: the appointments of a week, this one if none is asked for.

use super::cards::Cards;
use super::frame::Around;
use super::kind_parts;
use super::templates::{CalendarPage, UnitWeek};
use super::view::Link;
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::kinds::{calendar, day_number, day_of};
use crate::entries::listing::{self, Filter};
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Most units whose weeks stand on one page.
const MOST: u64 = 40;
/// How many other weeks are offered.
const OTHERS: u64 = 12;
/// The years there are pages of.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Any day of the week, as 2026-11-23.
    tuan: Option<String>,
}

/// The page.
pub async fn week(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let day = match &asked.tuan {
        None => today,
        Some(told) => told.parse::<NaiveDate>().map_err(|_| Error::NotFound)?,
    };
    if !YEARS.contains(&day.year()) {
        return Err(Error::NotFound);
    }
    let (monday, sunday) = calendar::week_of(day);
    let words = calendar::week_in_words(monday.iso_week().week(), monday, sunday);
    let filter = Filter {
        holds_within: Some((day_number(monday), day_number(sunday))),
        ..Filter::of_kind(Kind::Calendar)
    };
    let db = site.db.reader();
    let mut listed = listing::newest(db, &filter, 0, MOST).await?;
    // Our own first.
    listed.sort_by_key(|one| (one.is_copy(site.id), one.entry.unit_id));
    let mut around = Around::load(&site, &visit).await?;
    let path = match day == today {
        true => "/lich-cong-tac".to_owned(),
        false => address(monday),
    };
    let language = visit.display.language;
    let name = language.say("Lịch công tác {}", &[&language.told(&words)]);
    around.is_page(&name, &path);
    "Lịch công tác".clone_into(&mut around.frame.here);
    let cards = Cards::of(&site, &around.sections, &listed).await?;
    let weeks = listed.iter().filter_map(|one| {
        let calendar = one.entry.fields()?.calendar?;
        Some(UnitWeek {
            origin: cards.origin(one),
            entry: Link::new(one.title(), one.entry.path()),
            week: kind_parts::week(&calendar, today),
        })
    });
    let (first, last) = offered(&site, today).await?;
    let previous = monday.checked_sub_days(Days::new(7));
    let next = monday.checked_add_days(Days::new(7));
    let page = CalendarPage {
        words,
        is_now: (monday..=sunday).contains(&today),
        weeks: weeks.collect(),
        previous: previous
            .map(|monday| monday.min(last))
            .filter(|monday| *monday >= first)
            .map(address),
        next: next
            .map(|monday| monday.max(first))
            .filter(|monday| *monday <= last)
            .map(address),
        others: others(&site, monday).await?,
        frame: around.frame,
    };
    visit.answer(&page)
}

/// The Mondays of the first and the last week that one is led to: as far as there is anything, and this week and the
/// next. Without an end, a robot would follow the weeks for as long as there are any.
async fn offered(site: &Site, today: NaiveDate) -> Result<(NaiveDate, NaiveDate)> {
    let (this, _) = calendar::week_of(today);
    let mut first = this;
    let mut last = this.checked_add_days(Days::new(7)).unwrap_or(this);
    let filter = Filter::of_kind(Kind::Calendar);
    if let Some((from, to)) = listing::span(site.db.reader(), &filter).await? {
        let days = [from, to].into_iter().filter_map(day_of);
        for day in days.filter(|day| YEARS.contains(&day.year())) {
            let (monday, _) = calendar::week_of(day);
            first = first.min(monday);
            last = last.max(monday);
        }
    }
    Ok((first, last))
}

/// The newest weeks there are, each once, but for the one that is shown.
async fn others(site: &Site, shown: NaiveDate) -> Result<Vec<Link>> {
    let filter = Filter::of_kind(Kind::Calendar);
    let listed = listing::latest_end(site.db.reader(), &filter, 0, OTHERS).await?;
    let mut links: Vec<Link> = Vec::new();
    for one in listed {
        let Some(calendar) = one.entry.fields().and_then(|fields| fields.calendar) else {
            continue;
        };
        let (monday, _) = calendar::week_of(calendar.from);
        let link = Link::new(
            super::cards::capitalised(&calendar.in_words()),
            address(monday),
        );
        if monday != shown && !links.iter().any(|known| known.url == link.url) {
            links.push(link);
        }
    }
    Ok(links)
}

fn address(monday: NaiveDate) -> String {
    format!("/lich-cong-tac?tuan={monday}")
}
