//! What one work comes to, by the rates of the day it was published. Pure, in whole đồng:
//!
//! ```text
//! unit value = base salary × unit percent, rounded
//! royalty    = coefficient × unit value × (100 % + bonuses) × translation × factor, rounded once
//! ```
//!
//! A coefficient or bonus above what the table allows counts as what it allows: the table may have become
//! lower since the work was graded.

use super::amount::{Hundredths, percent_of, rounded};
use super::rates::Rates;
use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

/// What somebody gave a work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Grade {
    /// Code of its genre.
    pub genre: String,
    /// Coefficient.
    pub coefficient: Hundredths,
    /// Bonuses.
    pub bonuses: Bonuses,
    /// What it is worth of an original, in percent, if it is a translation.
    pub translation: Option<Hundredths>,
}

/// What is paid more for a work, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bonuses {
    /// It is for children or ethnic minorities.
    pub children: Hundredths,
    /// It is written in the language of a minority or a foreign one.
    pub language: Hundredths,
    /// It was done in hardship or danger.
    pub hardship: Hundredths,
}

/// Somebody's part of a work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Who.
    pub person: Uuid,
    /// Their name.
    pub name: String,
    /// How many parts of all.
    pub parts: i64,
}

/// A work that is to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// The entry.
    pub entry_id: Uuid,
    /// Its title.
    pub title: String,
    /// The day it was first published.
    pub published_on: NaiveDate,
    /// What it was given.
    pub grade: Grade,
    /// Whose it is.
    pub shares: Vec<Share>,
}

/// What a work comes to, and all that it was counted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Code of the regime.
    pub regime: String,
    /// What the genre is called in it.
    pub genre: String,
    /// The coefficient that counts.
    pub coefficient: Hundredths,
    /// Đồng a month.
    pub base_salary: i64,
    /// What a unit is of that.
    pub unit_percent: Hundredths,
    /// What a coefficient of 1 is worth, đồng.
    pub unit_value: i64,
    /// The bonuses that count.
    pub bonuses: Bonuses,
    /// What it is worth of an original; the whole unless it is a translation.
    pub translation: Hundredths,
    /// What the unit pays of it.
    pub factor: Hundredths,
    /// Đồng, before anything is cut by a ceiling.
    pub uncut: i64,
}

/// Why a work cannot be counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Unpriced {
    /// No rates reach back to the day.
    NoRegime,
    /// The regime of the day does not have the genre.
    NoGenre {
        /// The code it was given.
        genre: String,
        /// What the regime is called.
        regime: String,
    },
    /// No base salary is known of the day.
    NoBaseSalary,
    /// Nobody has a part in it.
    Nobody,
}

impl Unpriced {
    /// What is to be done about it.
    pub fn in_words(&self) -> String {
        match self {
            Self::NoRegime => "Biểu nhuận bút không có chế độ nào cho ngày đăng này.".to_owned(),
            Self::NoGenre { genre, regime } => format!(
                "Bảng “{regime}” không có thể loại “{genre}”: hãy chấm lại bài, hoặc thêm thể loại vào biểu."
            ),
            Self::NoBaseSalary => {
                "Biểu nhuận bút chưa ghi lương cơ sở của ngày đăng này.".to_owned()
            }
            Self::Nobody => "Chưa ghi ai là tác giả.".to_owned(),
        }
    }
}

/// Counts what `work` comes to.
pub fn price(work: &Work, rates: &Rates) -> Result<Price, Unpriced> {
    let day = work.published_on;
    let regime = rates.regime_on(day).ok_or(Unpriced::NoRegime)?;
    let grade = &work.grade;
    let genre = regime.genres.iter().find(|genre| genre.code == grade.genre);
    let genre = genre.ok_or_else(|| Unpriced::NoGenre {
        genre: grade.genre.clone(),
        regime: regime.name.clone(),
    })?;
    let base = rates.base_salary_on(day).ok_or(Unpriced::NoBaseSalary)?;
    if work.shares.iter().all(|share| share.parts <= 0) {
        return Err(Unpriced::Nobody);
    }
    let bonuses = Bonuses {
        children: grade.bonuses.children.min(regime.children.most),
        language: grade.bonuses.language.min(regime.language.most),
        hardship: grade.bonuses.hardship.min(regime.hardship.most),
    };
    let translation = grade.translation.map_or(Hundredths::HUNDRED, |percent| {
        percent.min(regime.translation.most)
    });
    let coefficient = grade.coefficient.min(genre.most);
    let unit_value = percent_of(regime.unit, base.amount);
    let with_bonuses = Hundredths::HUNDRED.raw()
        + bonuses.children.raw()
        + bonuses.language.raw()
        + bonuses.hardship.raw();
    let numerator = [
        coefficient.raw(),
        unit_value,
        with_bonuses,
        translation.raw(),
        rates.factor.raw(),
    ]
    .into_iter()
    .map(i128::from)
    .product();
    let whole = i128::from(Hundredths::HUNDRED.raw());
    let uncut = rounded(numerator, 100 * whole * whole * whole);
    Ok(Price {
        regime: regime.code.clone(),
        genre: genre.name.clone(),
        coefficient,
        base_salary: base.amount,
        unit_percent: regime.unit,
        unit_value,
        bonuses,
        translation,
        factor: rates.factor,
        uncut,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Hundredths {
        Hundredths::parse(text).expect(text)
    }

    fn work(on: &str, genre: &str, coefficient: &str) -> Work {
        Work {
            entry_id: Uuid::nil(),
            title: "Vào mùa cà phê".to_owned(),
            published_on: on.parse().expect("a day"),
            grade: Grade {
                genre: genre.to_owned(),
                coefficient: number(coefficient),
                ..Grade::default()
            },
            shares: vec![Share {
                person: Uuid::nil(),
                name: "A Mẫu".to_owned(),
                parts: 1,
            }],
        }
    }

    #[test]
    fn a_work_is_paid_by_the_rates_of_the_day_it_was_published() {
        let rates = Rates::built_in();
        for (on, genre, coefficient, regime, unit_value, amount) in [
            ("2026-06-30", "tin", "1", "ND18_2014", 234_000, 234_000),
            ("2026-07-01", "tin", "1", "ND18_2014", 253_000, 253_000),
            ("2026-08-31", "tin", "2,5", "ND18_2014", 253_000, 632_500),
            ("2026-09-01", "tin", "1,25", "LOCAL", 253_000, 316_250),
            // Above what the table of the day allows.
            ("2026-08-31", "tin", "12", "ND18_2014", 253_000, 2_530_000),
            ("2026-09-01", "tin", "12", "LOCAL", 253_000, 506_000),
            (
                "2026-08-31",
                "da-phuong-tien",
                "50",
                "ND18_2014",
                253_000,
                12_650_000,
            ),
            (
                "2026-09-01",
                "nghien-cuu",
                "3,33",
                "LOCAL",
                253_000,
                842_490,
            ),
        ] {
            let price = price(&work(on, genre, coefficient), &rates).expect("a price");
            assert_eq!(
                (price.regime.as_str(), price.unit_value, price.uncut),
                (regime, unit_value, amount),
                "{on} {genre} {coefficient}"
            );
        }
    }

    #[test]
    fn bonuses_translation_and_factor_multiply_and_are_rounded_once() {
        let mut rates = Rates::built_in();
        for (children, language, hardship, translation, factor, amount) in [
            ("0", "0", "0", None, "100", 253_000),
            ("10", "0", "0", None, "100", 278_300),
            ("20", "50", "100", None, "100", 683_100),
            // Above what is allowed.
            ("25", "60", "150", None, "100", 683_100),
            ("0", "0", "0", Some("40"), "100", 101_200),
            ("0", "0", "0", Some("65"), "100", 164_450),
            ("0", "0", "0", Some("80"), "100", 164_450),
            ("0", "0", "0", None, "87,5", 221_375),
            // 253,000 × 1.33 × 0.55 × 0.7777 = 143,928.55…
            ("0", "33", "0", Some("55"), "77,77", 143_929),
        ] {
            rates.factor = number(factor);
            let mut work = work("2026-11-02", "tin", "1");
            work.grade.bonuses = Bonuses {
                children: number(children),
                language: number(language),
                hardship: number(hardship),
            };
            work.grade.translation = translation.map(number);
            let price = price(&work, &rates).expect("a price");
            let case = (children, language, hardship, translation, factor);
            assert_eq!(price.uncut, amount, "{case:?}");
        }
    }

    #[test]
    fn what_cannot_be_counted_is_said_and_not_guessed() {
        let rates = Rates::built_in();
        let told = |work: &Work| price(work, &rates).expect_err("no price");
        assert_eq!(told(&work("2014-05-31", "tin", "1")), Unpriced::NoRegime);
        assert_eq!(
            told(&work("2024-06-30", "tin", "1")),
            Unpriced::NoBaseSalary
        );
        assert!(matches!(
            told(&work("2026-11-02", "tho", "1")),
            Unpriced::NoGenre { .. }
        ));
        let mut nobodys = work("2026-11-02", "tin", "1");
        nobodys.shares.clear();
        assert_eq!(told(&nobodys), Unpriced::Nobody);
    }
}
