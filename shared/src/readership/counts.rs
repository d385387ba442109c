//! What was counted and is not written yet, and what written counts come to.

use super::usefulness::{Verdict, Verdicts};
use crate::entries::kinds::day_number;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Entries counted one by one between two writings. More than any site has opened in half a minute; what is
/// beyond still counts for the site.
pub const MOST_ENTRIES: usize = 4096;

/// Views by day, of the site and of entries, and what readers said of entries. Days are as the database orders them: 20261123.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of all public pages.
    pub days: BTreeMap<i64, i64>,
    /// Of the pages of entries.
    pub entries: BTreeMap<(i64, Uuid), i64>,
    /// Whether entries were found useful.
    pub verdicts: BTreeMap<(i64, Uuid), Verdicts>,
}

impl Counts {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.entries.is_empty() && self.verdicts.is_empty()
    }

    /// Counts a view on `day`, of the page of `entry` if it is one.
    pub fn note(&mut self, day: NaiveDate, entry: Option<Uuid>) {
        let day = day_number(day);
        *self.days.entry(day).or_default() += 1;
        if let Some(entry) = entry {
            self.add_entry((day, entry), 1);
        }
    }

    /// Counts what a reader said of `entry` on `day`.
    pub fn hear(&mut self, day: NaiveDate, entry: Uuid, verdict: Verdict) {
        let mut said = Verdicts::default();
        said.note(verdict);
        self.add_verdicts((day_number(day), entry), said);
    }

    /// Takes in what `other` counted.
    pub fn merge(&mut self, other: Self) {
        for (day, views) in other.days {
            let known = self.days.entry(day).or_default();
            *known = known.saturating_add(views);
        }
        for (place, views) in other.entries {
            self.add_entry(place, views);
        }
        for (place, said) in other.verdicts {
            self.add_verdicts(place, said);
        }
    }

    fn add_verdicts(&mut self, place: (i64, Uuid), said: Verdicts) {
        let is_full = self.verdicts.len() >= MOST_ENTRIES;
        if !is_full || self.verdicts.contains_key(&place) {
            self.verdicts.entry(place).or_default().add(said);
        }
    }

    fn add_entry(&mut self, place: (i64, Uuid), views: i64) {
        let is_full = self.entries.len() >= MOST_ENTRIES;
        if is_full && !self.entries.contains_key(&place) {
            return;
        }
        let known = self.entries.entry(place).or_default();
        *known = known.saturating_add(views);
    }
}

/// What the views of a site come to, seen from a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The day.
    pub day: NaiveDate,
    /// On that day.
    pub today: i64,
    /// In its month.
    pub month: i64,
    /// In its year.
    pub year: i64,
    /// In all.
    pub total: i64,
}

impl Figures {
    /// What `days`, each as the database orders days with its views, come to on `day`.
    pub fn of(days: impl IntoIterator<Item = (i64, i64)>, day: NaiveDate) -> Self {
        let now = day_number(day);
        let mut figures = Self {
            day,
            ..Self::default()
        };
        for (at, views) in days {
            let counted = |is_counted: bool| if is_counted { views } else { 0 };
            let add = |figure: &mut i64, more: i64| *figure = figure.saturating_add(more);
            add(&mut figures.today, counted(at == now));
            add(&mut figures.month, counted(at / 100 == now / 100));
            add(&mut figures.year, counted(at / 10_000 == now / 10_000));
            add(&mut figures.total, views);
        }
        figures
    }

    /// The same seen from another day: at midnight nobody has come yet, whenever they were added up.
    pub fn seen_on(self, day: NaiveDate) -> Self {
        let (then, now) = (day_number(self.day), day_number(day));
        let kept = |figure: i64, is_kept: bool| if is_kept { figure } else { 0 };
        Self {
            day,
            today: kept(self.today, then == now),
            month: kept(self.month, then / 100 == now / 100),
            year: kept(self.year, then / 10_000 == now / 10_000),
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn days_months_and_years_end_where_the_calendar_ends_them() {
        let days = [
            (20_241_231, 1),
            (20_251_231, 10),
            (20_260_101, 100),
            (20_261_031, 1_000),
            (20_261_101, 10_000),
            (20_261_123, 100_000),
        ];
        for (on, today, month, year) in [
            ("2026-11-23", 100_000, 110_000, 111_100),
            ("2026-11-24", 0, 110_000, 111_100),
            ("2026-10-31", 1_000, 1_000, 111_100),
            ("2026-12-01", 0, 0, 111_100),
            ("2025-12-31", 10, 10, 10),
            ("2027-01-01", 0, 0, 0),
        ] {
            let figures = Figures {
                day: day(on),
                today,
                month,
                year,
                total: 111_111,
            };
            assert_eq!(Figures::of(days, day(on)), figures, "{on}");
            let later = Figures::of(days, day("2026-11-23")).seen_on(day(on));
            assert_eq!(later.total, 111_111);
            if day(on) >= day("2026-11-23") {
                assert_eq!(later, figures, "added up before, seen on {on}");
            }
        }
        assert_eq!(
            Figures::of([(20_261_123, i64::MAX); 2], day("2026-11-23")).total,
            i64::MAX
        );
    }

    #[test]
    fn what_is_counted_has_a_bound_and_the_site_counts_all_of_it() {
        let mut counts = Counts::default();
        let today = day("2026-11-23");
        let first = Uuid::from_u128(0);
        for number in 0..MOST_ENTRIES as u128 + 500 {
            counts.note(today, Some(Uuid::from_u128(number)));
        }
        counts.note(today, None);
        assert_eq!(counts.entries.len(), MOST_ENTRIES);
        assert_eq!(counts.days[&20_261_123], MOST_ENTRIES as i64 + 501);

        counts.note(today, Some(first));
        assert_eq!(counts.entries[&(20_261_123, first)], 2, "known ones go on");
        counts.merge(counts.clone());
        assert_eq!(counts.entries.len(), MOST_ENTRIES);
        assert_eq!(counts.entries[&(20_261_123, first)], 4);
        assert_eq!(counts.days[&20_261_123], 2 * (MOST_ENTRIES as i64 + 502));
    }

    #[test]
    fn what_readers_say_is_counted_within_the_same_bound() {
        let mut counts = Counts::default();
        let today = day("2026-11-23");
        for number in 0..MOST_ENTRIES as u128 + 5 {
            counts.hear(today, Uuid::from_u128(number), Verdict::Useless);
        }
        counts.hear(today, Uuid::from_u128(0), Verdict::Useful);
        assert!(!counts.is_empty() && counts.days.is_empty());
        assert_eq!(counts.verdicts.len(), MOST_ENTRIES);
        counts.merge(counts.clone());
        let said = counts.verdicts[&(20_261_123, Uuid::from_u128(0))];
        assert_eq!((said.useful, said.useless), (2, 2));
    }
}
