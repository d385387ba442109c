//! The rates royalties are counted by: versioned data with its legal basis, never law in code.

pub mod form;
mod mend;
#[cfg(test)]
mod tests;

pub use mend::HIGHEST_AMOUNT;

use super::amount::Hundredths;
use anyhow::Context;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Everything royalties are counted by, but for what an entry was graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// What the unit pays of what the table says, in percent.
    pub factor: Hundredths,
    /// What the works of one month may come to; more is cut evenly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<i64>,
    /// By the day of publication, each until the next begins.
    #[serde(rename = "regime")]
    pub regimes: Vec<Regime>,
    /// By the day of publication.
    #[serde(rename = "base_salary")]
    pub base_salaries: Vec<BaseSalary>,
    /// By the day of payment.
    #[serde(rename = "tax")]
    pub taxes: Vec<Tax>,
}

/// What may be given for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// What names it in statements.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The legal text it stands on.
    pub basis: String,
    /// The first day entries published on are paid by it.
    pub from: NaiveDate,
    /// Whether it is an example nobody has put into force here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preset: bool,
    /// What one unit of a coefficient is of the base salary, in percent.
    pub unit: Hundredths,
    /// For children or ethnic minorities, in percent.
    pub children: Range,
    /// Written in the language of a minority or in a foreign one, in percent.
    pub language: Range,
    /// Done in hardship or danger, in percent.
    pub hardship: Range,
    /// What a translation is worth of an original, in percent.
    pub translation: Range,
    /// What there is to grade.
    #[serde(rename = "genre")]
    pub genres: Vec<Genre>,
}

/// From how much to how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub least: Hundredths,
    /// The most.
    pub most: Hundredths,
}

impl Range {
    /// Whether `number` lies in it.
    pub fn holds(self, number: Hundredths) -> bool {
        self.least <= number && number <= self.most
    }
}

/// One line of a table of rates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genre {
    /// What names it in grades.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The least coefficient.
    pub least: Hundredths,
    /// The most.
    pub most: Hundredths,
}

impl Genre {
    /// The coefficients it allows.
    pub fn range(&self) -> Range {
        Range {
            least: self.least,
            most: self.most,
        }
    }
}

/// The base salary since a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseSalary {
    /// Its first day.
    pub from: NaiveDate,
    /// Đồng a month.
    pub amount: i64,
    /// The legal text it stands on.
    pub basis: String,
}

/// What is withheld since a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Its first day.
    pub from: NaiveDate,
    /// The least payment it is withheld of, đồng.
    pub threshold: i64,
    /// How much of it, in percent.
    pub rate: Hundredths,
    /// The legal text it stands on.
    pub basis: String,
}

impl Rates {
    /// What comes with the program, until a unit sets its own.
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Rates> = LazyLock::new(|| {
            let rates = Rates::parse(include_str!("default.toml"));
            rates.unwrap_or_else(|error| unreachable!("the built-in rates: {error:#}"))
        });
        BUILT_IN.clone()
    }

    /// Rates as people write them.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let rates: Self = toml::from_str(text).context("biểu nhuận bút chưa đúng dạng TOML")?;
        match rates.mend().first() {
            None => Ok(rates),
            Some(wrong) => anyhow::bail!("{}: {}", wrong.field, wrong.message),
        }
    }

    /// What an entry published on `day` is paid by.
    pub fn regime_on(&self, day: NaiveDate) -> Option<&Regime> {
        self.regimes.iter().rev().find(|regime| regime.from <= day)
    }

    /// The base salary on `day`.
    pub fn base_salary_on(&self, day: NaiveDate) -> Option<&BaseSalary> {
        self.base_salaries.iter().rev().find(|one| one.from <= day)
    }

    /// What is withheld of a payment on `day`.
    pub fn tax_on(&self, day: NaiveDate) -> Option<&Tax> {
        self.taxes.iter().rev().find(|tax| tax.from <= day)
    }
}
