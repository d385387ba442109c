//! The calendar of what is to be made public: when each falls due, and whether it was made in time.

use super::scheme::{Disclosure, Scheme};
use super::span::Span;
use chrono::{Days, NaiveDate};
use shared::citizens::deadline::DaysOff;
use shared::vietnamese::fold;

/// One disclosure that falls due once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion<'a> {
    /// What is to be made public.
    pub what: &'a Disclosure,
    /// About the span that ends on this day.
    pub about: NaiveDate,
    /// From when on it counts.
    pub opens: NaiveDate,
    /// The last day it is in time.
    pub due: NaiveDate,
    /// The last day it counts, late.
    pub closes: NaiveDate,
}

/// Something that was published where disclosures are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Where.
    pub section: String,
    /// Its title.
    pub title: String,
    /// When.
    pub day: NaiveDate,
}

/// How a disclosure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was made in time, on that day.
    OnTime(NaiveDate),
    /// It was made late, on that day.
    Late(NaiveDate),
    /// It was not made and is overdue.
    Missing,
    /// It is not made and not due yet.
    Open,
}

/// What of the calendar of `scheme` a unit of the group `group` has to make public and falls due in `span`, by due day.
pub fn occasions<'a>(
    scheme: &'a Scheme,
    group: &str,
    span: &Span,
    days_off: &DaysOff,
) -> Vec<Occasion<'a>> {
    let mut found: Vec<Occasion<'a>> = scheme
        .disclosures
        .iter()
        .filter(|what| what.groups.is_empty() || what.groups.iter().any(|code| code == group))
        .flat_map(|what| of_one(what, span, days_off))
        .collect();
    found.sort_by(|one, other| (one.due, &one.what.code).cmp(&(other.due, &other.what.code)));
    found
}

fn of_one<'a>(what: &'a Disclosure, span: &Span, days_off: &DaysOff) -> Vec<Occasion<'a>> {
    // What falls due in the period is about a span that ended before, at most so many days.
    let reach = Days::new(u64::from(what.days) * 3 + 30);
    let from = span.from.checked_sub_days(reach).unwrap_or(span.from);
    let until = span.to.checked_add_days(Days::new(400)).unwrap_or(span.to);
    let ends = what.every.ends(from, until);
    let opening = |end: NaiveDate| {
        let after = end.succ_opt().unwrap_or(end);
        let before = Days::new(u64::from(what.opens_before));
        after.checked_sub_days(before).unwrap_or(after)
    };
    ends.iter()
        .enumerate()
        .map(|(number, end)| {
            let due = match what.working_days {
                true => days_off.after(*end, what.days),
                false => end
                    .checked_add_days(Days::new(u64::from(what.days)))
                    .unwrap_or(*end),
            };
            let next = ends.get(number + 1).map(|next| opening(*next));
            let closes = next.and_then(|next| next.pred_opt()).unwrap_or(until);
            Occasion {
                what,
                about: *end,
                opens: opening(*end),
                due,
                closes: closes.max(due),
            }
        })
        .filter(|occasion| (span.from..=span.to).contains(&occasion.due))
        .collect()
}

impl Occasion<'_> {
    /// Whether `published` is it; `sections` are those it may stand in.
    pub fn is_met_by(&self, published: &Published, sections: &[String]) -> bool {
        let title = fold(&published.title);
        let words = &self.what.words;
        sections.contains(&published.section)
            && (self.opens..=self.closes).contains(&published.day)
            && (words.is_empty() || words.iter().any(|word| title.contains(&fold(word))))
    }

    /// How it stands on `today` if the first that meets it was published on `first`.
    pub fn standing(&self, first: Option<NaiveDate>, today: NaiveDate) -> Standing {
        match first {
            Some(day) if day <= self.due => Standing::OnTime(day),
            Some(day) => Standing::Late(day),
            None if today > self.due => Standing::Missing,
            None => Standing::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::span::Kind;
    use shared::citizens::deadline::KNOWN;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn what_falls_due_in_a_period_is_known() {
        let (scheme, _) = Scheme::built_in().expect("it reads");
        let due = |kind, number, group: &str| -> Vec<(String, String)> {
            let span = Span::of(kind, 2026, number).expect("a span");
            occasions(&scheme, group, &span, &KNOWN)
                .into_iter()
                .map(|one| (one.what.code.clone(), one.due.to_string()))
                .collect()
        };
        let told = |code: &str, day: &str| (code.to_owned(), day.to_owned());
        assert_eq!(
            due(Kind::Quarter, 1, "xa"),
            [
                told("DC-QUY", "2026-01-08"),
                told("KH-NAM", "2026-01-08"),
                told("NS-QUY", "2026-01-15"),
                told("NS-DT", "2026-01-30"),
            ]
        );
        assert_eq!(
            due(Kind::Quarter, 1, "so"),
            [told("NS-QUY", "2026-01-15"), told("NS-DT", "2026-01-30")]
        );
        assert_eq!(
            due(Kind::Month, 10, "xa"),
            [told("DC-QUY", "2026-10-07"), told("NS-QUY", "2026-10-15")]
        );
        assert_eq!(due(Kind::Month, 11, "xa"), []);
        assert_eq!(due(Kind::Year, 1, "so").len(), 5);
    }

    #[test]
    fn what_was_published_meets_a_disclosure_or_does_not() {
        let (scheme, _) = Scheme::built_in().expect("it reads");
        let span = Span::of(Kind::Month, 2026, 10).expect("a span");
        let all = occasions(&scheme, "so", &span, &KNOWN);
        let quarter = &all[0];
        let sections = ["ngan-sach".to_owned()];
        for (section, title, on, meets) in [
            (
                "ngan-sach",
                "Công khai ngân sách Quý III năm 2026",
                "2026-10-14",
                true,
            ),
            ("ngan-sach", "CÔNG KHAI NGÂN SÁCH QUY 3", "2026-10-20", true),
            ("ngan-sach", "Công khai dự toán", "2026-10-14", false),
            (
                "cong-khai",
                "Công khai ngân sách Quý III",
                "2026-10-14",
                false,
            ),
            (
                "ngan-sach",
                "Công khai ngân sách Quý III",
                "2026-09-30",
                false,
            ),
            (
                "ngan-sach",
                "Công khai ngân sách Quý IV",
                "2027-01-01",
                false,
            ),
        ] {
            let published = Published {
                section: section.to_owned(),
                title: title.to_owned(),
                day: day(on),
            };
            assert_eq!(
                quarter.is_met_by(&published, &sections),
                meets,
                "{title} {on}"
            );
        }
        let today = day("2026-10-16");
        let on = |text| Some(day(text));
        assert_eq!(
            quarter.standing(on("2026-10-15"), today),
            Standing::OnTime(day("2026-10-15"))
        );
        assert_eq!(
            quarter.standing(on("2026-10-16"), today),
            Standing::Late(today)
        );
        assert_eq!(quarter.standing(None, today), Standing::Missing);
        assert_eq!(quarter.standing(None, day("2026-10-15")), Standing::Open);
    }
}
