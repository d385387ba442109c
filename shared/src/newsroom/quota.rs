//! How many entries of a kind a unit means to publish in a month, and how far it has come.

use crate::entries::Kind;
use crate::error::{Error, Result};
use crate::settings;
use chrono::{Datelike, NaiveDate};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::collections::BTreeMap;

const QUOTA: &str = "monthly_quota";
/// More than any unit publishes of a kind in a month.
const MOST: u32 = 1_000;

/// The kinds that are counted: what stands for itself is not news.
pub fn counted() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| !kind.is_standing())
}

/// How many entries of each kind are meant for a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota(BTreeMap<String, u32>);

impl Quota {
    /// What was typed, kind by kind; nothing is no quota. [`Error::Invalid`] names the fields to mend.
    pub fn read(typed: impl Fn(Kind) -> String) -> Result<Self> {
        let mut quota = BTreeMap::new();
        for kind in counted() {
            let typed = typed(kind);
            let number = match typed.trim() {
                "" => continue,
                typed => typed.parse().ok().filter(|number| *number <= MOST),
            };
            let Some(number) = number else {
                let words = format!("Hãy gõ một số từ 0 đến {MOST}, hoặc để trống.");
                return Err(Error::invalid(kind.as_str(), words));
            };
            if number > 0 {
                quota.insert(kind.as_str().to_owned(), number);
            }
        }
        Ok(Self(quota))
    }

    /// How many of `kind`; none if nobody set it.
    pub fn of(&self, kind: Kind) -> Option<u32> {
        self.0.get(kind.as_str()).copied()
    }
}

/// The quota of this site.
pub async fn of_site<C: ConnectionTrait>(db: &C) -> Result<Quota> {
    Ok(Quota(settings::get(db, QUOTA).await?.unwrap_or_default()))
}

/// Sets the quota of this site.
pub async fn set(tx: &DatabaseTransaction, quota: &Quota) -> Result<()> {
    settings::set(tx, QUOTA, &quota.0).await
}

/// How far a unit has come with one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All that was meant.
    Reached,
    /// As far as the month has.
    OnTrack,
    /// Less: so many are missing to the whole.
    Behind(u32),
}

/// Judges `published` of a quota on `day`. The day counts as gone only when it is over.
pub fn progress(published: u64, quota: u32, day: NaiveDate) -> Progress {
    let published = u32::try_from(published).unwrap_or(u32::MAX);
    if published >= quota {
        return Progress::Reached;
    }
    let days = u64::from(day.num_days_in_month());
    let gone = u64::from(day.day0());
    match u64::from(published) * days >= u64::from(quota) * gone {
        true => Progress::OnTrack,
        false => Progress::Behind(quota - published),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_is_measured_by_how_much_of_the_month_is_gone() {
        let cases = [
            ("2026-11-01", 0, 12, Progress::OnTrack),
            ("2026-11-04", 1, 12, Progress::Behind(11)),
            ("2026-11-16", 6, 12, Progress::OnTrack),
            ("2026-11-17", 6, 12, Progress::Behind(6)),
            ("2026-11-30", 11, 12, Progress::Behind(1)),
            ("2026-11-30", 12, 12, Progress::Reached),
            ("2026-11-02", 40, 12, Progress::Reached),
            ("2026-02-28", 27, 28, Progress::OnTrack),
        ];
        for (day, published, quota, expected) in cases {
            let day: NaiveDate = day.parse().expect("a day");
            assert_eq!(
                progress(published, quota, day),
                expected,
                "{day} {published}/{quota}"
            );
        }
    }

    #[test]
    fn what_was_typed_is_a_number_or_nothing() {
        let of = |typed: &'static str| {
            Quota::read(move |kind| match kind {
                Kind::Article => typed.to_owned(),
                _ => String::new(),
            })
        };
        for (typed, expected) in [
            ("", None),
            (" 12 ", Some(12)),
            ("0", None),
            ("1000", Some(1_000)),
        ] {
            let quota = of(typed).expect("a quota");
            assert_eq!(quota.of(Kind::Article), expected, "{typed}");
            assert_eq!(quota.of(Kind::Notice), None);
        }
        for typed in ["-1", "1001", "mười", "1,5"] {
            match of(typed) {
                Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, "article"),
                other => panic!("{typed}: {other:?}"),
            }
        }
    }
}
