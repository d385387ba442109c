//! What addresses of these pages ask for: a period by kind, number and year; a member of a period.

use crate::ranking::span::{Kind, Span};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::pages::view::Choice;
use uuid::Uuid;

/// A period, as a form asks for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) kind: String,
    pub(crate) year: String,
    pub(crate) number: String,
    /// The group to narrow to.
    pub(crate) nhom: String,
    /// The table.
    pub(crate) bang: String,
    /// How many pages on.
    pub(crate) trang: u32,
}

impl Asked {
    /// The period that is asked for; what is not said is taken from the latest of its kind. None if there is none such.
    pub(crate) fn span(&self, usual: Kind, today: NaiveDate) -> Option<Span> {
        let kind = Kind::parse(&self.kind).unwrap_or(usual);
        let latest = Span::latest(kind, today)?;
        if self.year.trim().is_empty() {
            return Some(latest);
        }
        let year = self.year.trim().parse().ok()?;
        let number = match kind.most() {
            1 => 1,
            _ => self.number.trim().parse().ok()?,
        };
        Span::of(kind, year, number)
    }
}

/// The kinds of periods to choose from.
pub(crate) fn kinds(chosen: Kind) -> Vec<Choice> {
    Kind::ALL
        .into_iter()
        .map(|kind| Choice::new(kind.as_str(), kind.label(), kind == chosen))
        .collect()
}

/// What names the sheet of `unit` in `period` in addresses.
pub(super) fn sheet_name(period: Uuid, unit: Uuid) -> String {
    format!("{period}.{unit}")
}

/// The period and unit a name of a sheet says.
pub(super) fn of_sheet(name: &str) -> Option<(Uuid, Uuid)> {
    let (period, unit) = name.split_once('.')?;
    Some((period.parse().ok()?, unit.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_asked_for_in_whole_or_is_the_latest() {
        let today: NaiveDate = "2026-11-23".parse().expect("a day");
        for (kind, year, number, label) in [
            ("", "", "", Some("Tháng 10/2026")),
            ("quy", "", "9", Some("Quý III/2026")),
            ("quy", "2025", "1", Some("Quý I/2025")),
            ("quy", "2025", "7", None),
            ("thang", "2025", "", None),
            ("9-thang", "2021", "", Some("9 tháng năm 2021")),
            ("nam", "MMXX", "", None),
        ] {
            let asked = Asked {
                kind: kind.to_owned(),
                year: year.to_owned(),
                number: number.to_owned(),
                ..Asked::default()
            };
            let span = asked.span(Kind::Month, today);
            assert_eq!(
                span.map(|span| span.label()).as_deref(),
                label,
                "{kind} {year} {number}"
            );
        }
    }

    #[test]
    fn a_sheet_is_named_by_period_and_unit() {
        let (period, unit) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(of_sheet(&sheet_name(period, unit)), Some((period, unit)));
        assert_eq!(of_sheet(&period.to_string()), None);
    }
}
