//! Whether a document holds on a day.

use chrono::NaiveDate;

/// When a document holds, by its own dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The first day it no longer holds.
    pub until: Option<NaiveDate>,
}

/// Whether a document holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Chưa có hiệu lực.
    NotYet(NaiveDate),
    /// Còn hiệu lực.
    InForce,
    /// Hết hiệu lực.
    Ended(NaiveDate),
}

/// Whether a document with this term holds `today`, when one that replaces it holds from `replaced_on`.
/// Nothing is said of a document that names no day: it may be a report, which never holds.
pub fn on(term: Term, replaced_on: Option<NaiveDate>, today: NaiveDate) -> Option<Validity> {
    let ended = [term.until, replaced_on].into_iter().flatten().min();
    match (term.from, ended) {
        (_, Some(ended)) if ended <= today => Some(Validity::Ended(ended)),
        (Some(from), _) if today < from => Some(Validity::NotYet(from)),
        (Some(_), _) => Some(Validity::InForce),
        (None, _) => None,
    }
}

impl Validity {
    /// In words.
    pub fn in_words(self) -> String {
        match self {
            Self::NotYet(from) => {
                format!("Chưa có hiệu lực (từ {})", from.format("%d/%m/%Y"))
            }
            Self::InForce => "Còn hiệu lực".to_owned(),
            Self::Ended(on) => format!("Hết hiệu lực từ {}", on.format("%d/%m/%Y")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Validity::*;

    #[test]
    fn a_document_holds_between_its_days_and_until_another_takes_its_place() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let today = day("2026-11-23");
        let cases = [
            (None, None, None, None),
            (Some("2026-11-23"), None, None, Some(InForce)),
            (
                Some("2026-12-01"),
                None,
                None,
                Some(NotYet(day("2026-12-01"))),
            ),
            (Some("2026-01-01"), Some("2026-11-24"), None, Some(InForce)),
            (
                Some("2026-01-01"),
                Some("2026-11-23"),
                None,
                Some(Ended(day("2026-11-23"))),
            ),
            (
                Some("2026-01-01"),
                None,
                Some("2026-11-01"),
                Some(Ended(day("2026-11-01"))),
            ),
            (
                Some("2026-01-01"),
                Some("2026-11-20"),
                Some("2026-11-01"),
                Some(Ended(day("2026-11-01"))),
            ),
            (Some("2026-01-01"), None, Some("2027-01-01"), Some(InForce)),
            (
                None,
                Some("2026-11-01"),
                None,
                Some(Ended(day("2026-11-01"))),
            ),
        ];
        for (from, until, replaced, expected) in cases {
            let term = Term {
                from: from.map(day),
                until: until.map(day),
            };
            assert_eq!(on(term, replaced.map(day), today), expected, "{term:?}");
        }
    }
}
