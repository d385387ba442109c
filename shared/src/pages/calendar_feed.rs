//! `/lich-cong-tac.ics`: the appointments from four weeks ago on, for the calendars of telephones (RFC 5545).

use super::visit::Visit;
use crate::clock::from_millis;
use crate::entries::Kind;
use crate::entries::kinds::calendar::Row;
use crate::entries::kinds::day_number;
use crate::entries::listing::{self, Filter, Listed};
use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use crate::units::{self, Tree};
use crate::vietnamese;
use axum::extract::State;
use axum::response::Response;
use chrono::Days;
use icalendar::{Calendar, Component, Event, EventLike};
use std::collections::HashMap;
use std::sync::Arc;

/// The path.
pub const PATH: &str = "/lich-cong-tac.ics";
/// The media type.
pub const ICALENDAR: &str = "text/calendar; charset=utf-8";
/// How far back it goes.
const WEEKS_BACK: u64 = 4;
/// Most weeks of all units together.
const MOST: u64 = 200;
/// As far ahead as anybody plans: 31/12/9999, as the database orders days.
const LAST_DAY: i64 = 99_991_231;

/// The calendar. What is taken back is not in it at the next look.
pub async fn show(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let first = today.checked_sub_days(Days::new(7 * WEEKS_BACK));
    let filter = Filter {
        holds_within: Some((day_number(first.unwrap_or(today)), LAST_DAY)),
        ..Filter::of_kind(Kind::Calendar)
    };
    let listed = listing::newest(db, &filter, 0, MOST).await?;
    let units: Vec<_> = listed.iter().map(|one| one.entry.unit_id).collect();
    let tree = units::some_on(db, today, &units).await?;
    let mut calendar = Calendar::new();
    calendar.name(&format!("Lịch công tác – {}", site.profile.title));
    for one in &listed {
        for event in events(&site, &tree, one) {
            calendar.push(event);
        }
    }
    let calendar = calendar.done();
    visit.answer_bytes(ICALENDAR, calendar.to_string().into_bytes())
}

/// The appointments of one unit in one week.
fn events(site: &Site, tree: &Tree, listed: &Listed) -> Vec<Event> {
    let Some(week) = listed.entry.fields().and_then(|fields| fields.calendar) else {
        return Vec::new();
    };
    let of = match listed.is_copy(site.id) {
        true => tree
            .get(listed.entry.unit_id)
            .map(|unit| unit.name.as_str()),
        false => None,
    };
    let mut said: HashMap<Digest, usize> = HashMap::new();
    let rows = week.rows.iter().map(|row| {
        // A revision that leaves a row as it is leaves its id: phones then know it again.
        let words = Digest::of(format!("{}\n{}\n{}", row.on, row.time, row.content));
        let times = said.entry(words).or_default();
        *times += 1;
        let id = format!(
            "{}-{}-{times}@{}",
            listed.entry.entry_id.simple(),
            &words.hex()[..16],
            site.profile.base_url.host_str().unwrap_or("localhost")
        );
        event(row, of)
            .uid(&id)
            .timestamp(from_millis(listed.entry.revised_at))
            .url(&site.address(&listed.entry.path()))
            .done()
    });
    rows.collect()
}

/// One appointment: at its time, or all day under the words it has instead of one. How long it takes nobody
/// wrote down, so nothing is said of it.
fn event(row: &Row, of: Option<&str>) -> Event {
    let mut event = Event::new();
    let mut summary = row.content.clone();
    // Vietnam has one time and keeps it all year: as UTC it needs no table of zones.
    let at = row
        .at()
        .and_then(|time| vietnamese::from_local(row.on.and_time(time)));
    match at {
        Some(at) => event.starts(at),
        None => {
            if !row.time.is_empty() {
                summary = format!("{}: {summary}", row.time);
            }
            event.starts(row.on)
        }
    };
    if let Some(unit) = of {
        summary = format!("{summary} ({unit})");
    }
    event.summary(&summary);
    if !row.place.is_empty() {
        event.location(&row.place);
    }
    if !row.who.is_empty() {
        event.description(&format!("Thành phần: {}", row.who));
    }
    event.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn an_appointment_has_its_time_or_the_words_for_it() {
        let row = |time: &str| Row {
            on: NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day"),
            time: time.to_owned(),
            content: "Họp giao ban; bàn việc phòng, chống lũ".to_owned(),
            who: "Lãnh đạo UBND".to_owned(),
            place: "Hội trường".to_owned(),
        };
        let cases = [
            (
                "08:00",
                "DTSTART:20261124T010000Z",
                "SUMMARY:Họp giao ban\\; bàn",
            ),
            ("7h30", "DTSTART:20261124T003000Z", "SUMMARY:Họp"),
            ("Sáng", "DTSTART;VALUE=DATE:20261124", "SUMMARY:Sáng: Họp"),
            ("", "DTSTART;VALUE=DATE:20261124", "SUMMARY:Họp"),
        ];
        for (time, start, summary) in cases {
            let mut calendar = Calendar::new();
            calendar.push(event(&row(time), None));
            let written = calendar.to_string();
            // Long lines are folded.
            let unfolded = written.replace("\r\n ", "");
            assert!(unfolded.contains(start), "{time}: {written}");
            assert!(unfolded.contains(summary), "{time}: {written}");
            assert!(unfolded.contains("LOCATION:Hội trường"), "{written}");
            assert!(
                !unfolded.contains("DTEND") && !unfolded.contains("DURATION"),
                "{written}"
            );
        }
        let mut calendar = Calendar::new();
        calendar.push(event(&row("Sáng"), Some("xã Măng Đen")));
        let written = calendar.to_string().replace("\r\n ", "");
        assert!(
            written.contains("phòng\\, chống lũ (xã Măng Đen)\r\n"),
            "{written}"
        );
    }
}
