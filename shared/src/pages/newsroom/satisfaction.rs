//! How content people are with what this unit answers: the figures above the list of cases.

use super::around::AtDesk;
use crate::citizens::Rating;
use crate::citizens::case::{self, Filter};
use crate::error::Result;
use crate::pages::templates::SatisfactionRow;
use crate::vietnamese;
use chrono::{Datelike, Months, NaiveDate};

/// How many were answered, and what people said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    answered: i64,
    satisfied: i64,
    neutral: i64,
    dissatisfied: i64,
}

impl Figures {
    fn of(counted: &[(Option<Rating>, i64)]) -> Self {
        let mut figures = Self::default();
        for (rating, count) in counted {
            figures.answered += count;
            match rating {
                Some(Rating::Satisfied) => figures.satisfied += count,
                Some(Rating::Neutral) => figures.neutral += count,
                Some(Rating::Dissatisfied) => figures.dissatisfied += count,
                None => {}
            }
        }
        figures
    }

    /// How many of a hundred who said anything are satisfied; none while nobody did.
    fn percent(self) -> Option<i64> {
        let said = self.satisfied + self.neutral + self.dissatisfied;
        (said > 0).then(|| (self.satisfied * 100 + said / 2) / said)
    }
}

/// The figures of `answered` cases, period by period.
pub(super) async fn rows(at: &AtDesk, answered: &Filter) -> Result<Vec<SatisfactionRow>> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let mut rows = Vec::new();
    for (period, from, to) in periods(today) {
        let counted = case::closed_between(db, answered, begins(from), begins(to)).await?;
        let figures = Figures::of(&counted);
        rows.push(SatisfactionRow {
            period,
            answered: vietnamese::grouped(figures.answered),
            satisfied: vietnamese::grouped(figures.satisfied),
            neutral: vietnamese::grouped(figures.neutral),
            dissatisfied: vietnamese::grouped(figures.dissatisfied),
            percent: figures.percent().map(|percent| format!("{percent}%")),
        });
    }
    Ok(rows)
}

/// What the figures go over: their name, the first day, the day after the last.
fn periods(today: NaiveDate) -> [(&'static str, NaiveDate, NaiveDate); 3] {
    let month = today.with_day(1).unwrap_or(today);
    let year = month.with_month(1).unwrap_or(month);
    let next = month.checked_add_months(Months::new(1)).unwrap_or(today);
    let last = month.checked_sub_months(Months::new(1)).unwrap_or(month);
    [
        ("Tháng này", month, next),
        ("Tháng trước", last, month),
        ("Từ đầu năm", year, next),
    ]
}

/// The moment at which `day` begins in Vietnam; milliseconds.
fn begins(day: NaiveDate) -> i64 {
    let midnight = vietnamese::from_local(day.and_hms_opt(0, 0, 0).unwrap_or_default());
    midnight.unwrap_or_default().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_whole_months_also_at_the_turn_of_a_year() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (today, month, next, last, year) in [
            (
                "2026-11-29",
                "2026-11-01",
                "2026-12-01",
                "2026-10-01",
                "2026-01-01",
            ),
            (
                "2027-01-31",
                "2027-01-01",
                "2027-02-01",
                "2026-12-01",
                "2027-01-01",
            ),
        ] {
            let expected = [
                ("Tháng này", day(month), day(next)),
                ("Tháng trước", day(last), day(month)),
                ("Từ đầu năm", day(year), day(next)),
            ];
            assert_eq!(periods(day(today)), expected, "{today}");
        }
        // Seven hours before it begins at Greenwich.
        assert_eq!(begins(day("1970-01-02")), 17 * 3_600_000);
    }

    #[test]
    fn whoever_said_nothing_is_neither_content_nor_discontent() {
        let figures = Figures::of(&[
            (None, 5),
            (Some(Rating::Satisfied), 2),
            (Some(Rating::Dissatisfied), 1),
        ]);
        assert_eq!(figures.answered, 8);
        assert_eq!(figures.percent(), Some(67));
        assert_eq!(Figures::of(&[(None, 5)]).percent(), None);
    }
}
