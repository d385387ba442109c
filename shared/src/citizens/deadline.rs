//! By when somebody is owed an answer: so many working days, holidays left out, the clock stopped while the
//! office waits for who asked.
//!
//! Fifteen working days to answer or to say how far it is (Decree 43/2011/NĐ-CP, articles 15 and 17, whose
//! successors name no number); what is not the office's business is passed on within five.

use super::thread::{Act, Message};
use crate::vietnamese;
use chrono::{DateTime, Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Working days until an answer, or until it is said how far it is.
pub const TO_ANSWER: u32 = 15;
/// Working days until what belongs elsewhere is passed on.
pub const TO_PASS_ON: u32 = 5;

/// When offices are closed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DaysOff {
    /// Days they are closed though it is no weekend.
    off: BTreeSet<NaiveDate>,
    /// Weekend days they work.
    works: BTreeSet<NaiveDate>,
}

/// The days as far as they are known; later years have their weekends.
pub static KNOWN: LazyLock<DaysOff> = LazyLock::new(|| {
    // A test reads the same file; what cannot be read leaves the weekends.
    toml::from_str(include_str!("days_off.toml")).unwrap_or_default()
});

impl DaysOff {
    /// Whether offices are open on `day`.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        match is_weekend {
            true => self.works.contains(&day),
            false => !self.off.contains(&day),
        }
    }

    /// The day `count` working days after `day`, which is not counted itself.
    pub fn after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let mut day = day;
        let mut left = count;
        while left > 0 {
            day = next(day);
            if self.is_working(day) {
                left -= 1;
            }
        }
        day
    }

    /// Working days from `from`, not counted, to `to`, counted. None if that is no later.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        let days = from.iter_days().skip(1).take_while(|day| *day <= to);
        days.filter(|day| self.is_working(*day))
            .fold(0, |count, _| count + 1)
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// The last day to answer what `thread` asks, in its order. Being passed on and a word about how far it is
/// begin the time anew; while who asked has to add something it stands still.
pub fn due_on(thread: &[Message], days_off: &DaysOff) -> NaiveDate {
    let mut due = NaiveDate::default();
    let mut waits_since: Option<NaiveDate> = None;
    for message in thread {
        let day = day_of(message.at);
        match message.act {
            Act::Asked | Act::PassedOn | Act::Progress => {
                due = days_off.after(day, TO_ANSWER);
                waits_since = None;
            }
            Act::AskedBack => waits_since = waits_since.or(Some(day)),
            Act::Added => {
                if let Some(since) = waits_since.take() {
                    due = days_off.after(due, days_off.between(since, day));
                } else if due < day {
                    due = days_off.after(day, TO_ANSWER);
                }
            }
            Act::Answered | Act::Declined | Act::Rated => {}
        }
    }
    due
}

/// The day of a moment, in Vietnam.
pub fn day_of(millis: i64) -> NaiveDate {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    vietnamese::local(time).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        let days: DaysOff = toml::from_str(include_str!("days_off.toml")).expect("the file reads");
        for (from, count, expected) in [
            ("2026-11-27", 1, "2026-11-30"),
            ("2026-11-30", 15, "2026-12-21"),
            ("2026-12-25", 5, "2027-01-04"),
            ("2026-02-13", 1, "2026-02-23"),
            ("2026-04-24", 1, "2026-04-28"),
            ("2026-08-21", 1, "2026-08-22"),
            ("2026-11-29", 0, "2026-11-29"),
        ] {
            assert_eq!(
                days.after(day(from), count),
                day(expected),
                "{from} {count}"
            );
        }
    }

    #[test]
    fn the_clock_stops_while_who_asked_has_to_add_something() {
        let said = |number: i64, on: &str, act: Act| Message {
            id: Uuid::from_u128(u128::from(number.unsigned_abs())),
            number,
            unit: Uuid::nil(),
            act,
            words: String::new(),
            sealed: None,
            to: None,
            rating: None,
            at: format!("{on}T03:00:00Z")
                .parse::<DateTime<chrono::Utc>>()
                .expect("a moment")
                .timestamp_millis(),
            pictures: Vec::new(),
        };
        let asked = said(1, "2026-11-02", Act::Asked);
        for (then, expected) in [
            (vec![], "2026-11-23"),
            // A week of waiting is given back.
            (
                vec![
                    said(2, "2026-11-09", Act::AskedBack),
                    said(3, "2026-11-16", Act::Added),
                ],
                "2026-11-30",
            ),
            (vec![said(2, "2026-11-05", Act::PassedOn)], "2026-11-26"),
            (vec![said(2, "2026-11-20", Act::Progress)], "2026-12-11"),
            (vec![said(2, "2026-11-04", Act::Added)], "2026-11-23"),
            // Somebody asks on after the answer.
            (
                vec![
                    said(2, "2026-11-20", Act::Answered),
                    said(3, "2026-11-30", Act::Added),
                ],
                "2026-12-21",
            ),
        ] {
            let thread: Vec<Message> = std::iter::once(asked.clone()).chain(then).collect();
            assert_eq!(due_on(&thread, &KNOWN), day(expected), "{thread:?}");
        }
    }
}
