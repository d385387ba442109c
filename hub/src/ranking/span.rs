//! Spans of days: the periods that are ranked, and those something is made public after.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::vietnamese;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A month: to see where one stands.
    Month,
    /// A quarter.
    Quarter,
    /// Six months.
    Half,
    /// Nine months.
    Nine,
    /// Twelve months up to the last of November, so that the report of the year is there before December.
    Year,
}

impl Kind {
    /// All, the shortest first.
    pub const ALL: [Self; 5] = [
        Self::Month,
        Self::Quarter,
        Self::Half,
        Self::Nine,
        Self::Year,
    ];

    /// Its name in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "thang",
            Self::Quarter => "quy",
            Self::Half => "6-thang",
            Self::Nine => "9-thang",
            Self::Year => "nam",
        }
    }

    /// The kind of that name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => "Tháng",
            Self::Quarter => "Quý",
            Self::Half => "6 tháng",
            Self::Nine => "9 tháng",
            Self::Year => "Năm",
        }
    }

    /// How many of it there are in a year.
    pub fn most(self) -> u32 {
        match self {
            Self::Month => 12,
            Self::Quarter => 4,
            Self::Half | Self::Nine | Self::Year => 1,
        }
    }

    fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Nine => 9,
            Self::Year => 12,
        }
    }
}

/// The days of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// How long it is.
    pub kind: Kind,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
}

impl Span {
    /// The `number`th of its kind in `year`.
    pub fn of(kind: Kind, year: i32, number: u32) -> Option<Self> {
        if !(1..=kind.most()).contains(&number) || !(2000..=2200).contains(&year) {
            return None;
        }
        let january = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let from = match kind {
            Kind::Year => january.checked_sub_months(Months::new(1))?,
            _ => january.checked_add_months(Months::new((number - 1) * kind.months()))?,
        };
        let to = from
            .checked_add_months(Months::new(kind.months()))?
            .pred_opt()?;
        Some(Self { kind, from, to })
    }

    /// The one of `kind` whose last day came last before `today`, or is today.
    pub fn latest(kind: Kind, today: NaiveDate) -> Option<Self> {
        [today.year(), today.year() - 1]
            .into_iter()
            .flat_map(|year| {
                (1..=kind.most())
                    .rev()
                    .filter_map(move |n| Self::of(kind, year, n))
            })
            .find(|span| span.to <= today)
    }

    /// Which of its kind in its year.
    pub fn number(&self) -> u32 {
        match self.kind {
            Kind::Month => self.from.month(),
            Kind::Quarter => (self.from.month() - 1) / 3 + 1,
            Kind::Half | Kind::Nine | Kind::Year => 1,
        }
    }

    /// Its year.
    pub fn year(&self) -> i32 {
        self.to.year()
    }

    /// How many months it has.
    pub fn months(&self) -> u32 {
        self.kind.months()
    }

    /// How many weeks, counted from its first day; what is left over is a week.
    pub fn weeks(&self) -> i64 {
        ((self.to - self.from).num_days() + 7) / 7
    }

    /// Its first moment and the first after it; milliseconds.
    pub fn bounds(&self) -> (i64, i64) {
        let next = self.to.checked_add_days(Days::new(1)).unwrap_or(self.to);
        (begin_of(self.from), begin_of(next))
    }

    /// Whether it is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.bounds().1 <= now.timestamp_millis()
    }

    /// `9 tháng năm 2026`.
    pub fn label(&self) -> String {
        let year = self.year();
        match self.kind {
            Kind::Month => format!("Tháng {}/{year}", self.number()),
            Kind::Quarter => format!("Quý {}/{year}", roman(self.number())),
            Kind::Half => format!("6 tháng đầu năm {year}"),
            Kind::Nine => format!("9 tháng năm {year}"),
            Kind::Year => format!("Năm {year} (đến 30/11)"),
        }
    }
}

fn roman(number: u32) -> &'static str {
    match number {
        1 => "I",
        2 => "II",
        3 => "III",
        _ => "IV",
    }
}

/// The first moment of a day in Vietnam; milliseconds.
pub fn begin_of(day: NaiveDate) -> i64 {
    day.and_hms_opt(0, 0, 0)
        .and_then(vietnamese::from_local)
        .map_or(i64::MAX, |begin| begin.timestamp_millis())
}

/// After which spans something is made public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// After each month.
    Month,
    /// After each quarter.
    Quarter,
    /// After each half of the year.
    Half,
    /// After each year.
    Year,
}

impl Every {
    fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }

    /// The last days of its spans, from the last before `from` to `to`.
    pub fn ends(self, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
        let mut ends = Vec::new();
        let mut begin = NaiveDate::from_ymd_opt(from.year() - 1, 1, 1);
        while let Some(first) = begin {
            let next = first.checked_add_months(Months::new(self.months()));
            let Some(last) = next.and_then(|next| next.pred_opt()) else {
                break;
            };
            if last > to {
                break;
            }
            ends.push(last);
            begin = next;
        }
        let before = ends.iter().filter(|end| **end < from).count();
        ends.split_off(before.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn periods_have_their_days() {
        for (kind, year, number, from, to, months, weeks, label) in [
            (
                Kind::Month,
                2026,
                2,
                "2026-02-01",
                "2026-02-28",
                1,
                4,
                "Tháng 2/2026",
            ),
            (
                Kind::Month,
                2026,
                11,
                "2026-11-01",
                "2026-11-30",
                1,
                5,
                "Tháng 11/2026",
            ),
            (
                Kind::Quarter,
                2026,
                4,
                "2026-10-01",
                "2026-12-31",
                3,
                14,
                "Quý IV/2026",
            ),
            (
                Kind::Half,
                2026,
                1,
                "2026-01-01",
                "2026-06-30",
                6,
                26,
                "6 tháng đầu năm 2026",
            ),
            (
                Kind::Nine,
                2021,
                1,
                "2021-01-01",
                "2021-09-30",
                9,
                39,
                "9 tháng năm 2021",
            ),
            (
                Kind::Year,
                2026,
                1,
                "2025-12-01",
                "2026-11-30",
                12,
                53,
                "Năm 2026 (đến 30/11)",
            ),
        ] {
            let span = Span::of(kind, year, number).expect("a span");
            assert_eq!((span.from, span.to), (day(from), day(to)));
            assert_eq!((span.months(), span.weeks()), (months, weeks), "{label}");
            assert_eq!((span.number(), span.year()), (number, year));
            assert_eq!(span.label(), label);
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Span::of(Kind::Quarter, 2026, 5), None);
        assert_eq!(Span::of(Kind::Month, 2026, 0), None);
    }

    #[test]
    fn the_latest_period_is_the_last_that_is_over() {
        for (kind, today, label) in [
            (Kind::Month, "2026-11-23", "Tháng 10/2026"),
            (Kind::Month, "2026-11-30", "Tháng 11/2026"),
            (Kind::Quarter, "2026-02-01", "Quý IV/2025"),
            (Kind::Nine, "2026-09-29", "9 tháng năm 2025"),
            (Kind::Year, "2026-11-30", "Năm 2026 (đến 30/11)"),
        ] {
            let span = Span::latest(kind, day(today)).expect("a span");
            assert_eq!(span.label(), label, "{today}");
        }
    }

    #[test]
    fn spans_end_on_their_last_days() {
        let ends = Every::Quarter.ends(day("2026-05-10"), day("2026-11-30"));
        assert_eq!(
            ends,
            [day("2026-03-31"), day("2026-06-30"), day("2026-09-30")]
        );
        let ends = Every::Year.ends(day("2026-01-01"), day("2026-11-30"));
        assert_eq!(ends, [day("2025-12-31")]);
    }
}
