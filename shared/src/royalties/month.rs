//! A month of a year, as statements are made for.

use crate::vietnamese;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::fmt::{self, Display};

/// A month: `202611` in the database, `2026-11` in addresses, `11/2026` for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The month of `day`.
    pub fn of(day: NaiveDate) -> Self {
        Self {
            year: day.year(),
            month: day.month(),
        }
    }

    /// The month it is in Vietnam at `time`.
    pub fn at(time: DateTime<Utc>) -> Self {
        Self::of(vietnamese::local(time).date_naive())
    }

    /// The month an address names.
    pub fn parse(name: &str) -> Option<Self> {
        let (year, month) = name.split_once('-')?;
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).map(Self::of)
    }

    /// The month a row names.
    pub fn of_number(number: i64) -> Option<Self> {
        let year = i32::try_from(number / 100).ok()?;
        let month = u32::try_from(number % 100).ok()?;
        NaiveDate::from_ymd_opt(year, month, 1).map(Self::of)
    }

    /// As rows name it.
    pub fn number(self) -> i64 {
        i64::from(self.year) * 100 + i64::from(self.month)
    }

    /// As addresses name it.
    pub fn name(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self.month {
            12 => Self {
                year: self.year + 1,
                month: 1,
            },
            month => Self {
                year: self.year,
                month: month + 1,
            },
        }
    }

    /// When it begins in Vietnam, in milliseconds.
    pub fn begins(self) -> i64 {
        let first = NaiveDate::from_ymd_opt(self.year, self.month, 1);
        let begin = first.and_then(|day| day.and_hms_opt(0, 0, 0));
        begin
            .and_then(vietnamese::from_local)
            .map_or(0, |begin| begin.timestamp_millis())
    }
}

impl Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.month, self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_month_is_named_three_ways_and_means_one() {
        let month = Month::parse("2026-12").expect("a month");
        assert_eq!(month.number(), 202_612);
        assert_eq!(Month::of_number(202_612), Some(month));
        assert_eq!(
            (month.name(), month.to_string()),
            ("2026-12".to_owned(), "12/2026".to_owned())
        );
        assert_eq!(month.next().name(), "2027-01");
        assert!(month < month.next());
        for name in [
            "", "2026", "2026-13", "2026-00", "26-11", "2026-1", "bang-gia",
        ] {
            assert_eq!(Month::parse(name), None, "{name}");
        }
    }

    #[test]
    fn it_begins_at_midnight_in_vietnam() {
        let month = Month::parse("2026-09").expect("a month");
        let begin = Utc
            .with_ymd_and_hms(2026, 8, 31, 17, 0, 0)
            .single()
            .expect("a time");
        assert_eq!(month.begins(), begin.timestamp_millis());
        assert_eq!(Month::at(begin), month);
        assert_eq!(
            Month::at(begin - chrono::TimeDelta::seconds(1)).name(),
            "2026-08"
        );
    }
}
