//! What somebody typed when they graded an entry, read by the rates of its day; pure.

use super::{Model, share};
use crate::error::FieldError;
use crate::newsroom::form::line;
use crate::royalties::amount::Hundredths;
use crate::royalties::person;
use crate::royalties::price::{Bonuses, Grade};
use crate::royalties::rates::{Range, Regime};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Code of the genre; empty: no grade.
pub const GENRE: &str = "royalty_genre";
/// Coefficient.
pub const COEFFICIENT: &str = "royalty_coefficient";
/// Bonus for children or minorities.
pub const CHILDREN: &str = "royalty_children";
/// Bonus for the language.
pub const LANGUAGE: &str = "royalty_language";
/// Bonus for hardship.
pub const HARDSHIP: &str = "royalty_hardship";
/// What a translation is worth.
pub const TRANSLATION: &str = "royalty_translation";
/// Somebody known, by row.
pub const WHO: &str = "royalty_who";
/// Somebody not known yet, by row.
pub const NAME: &str = "royalty_name";
/// Their parts, by row.
pub const PARTS: &str = "royalty_parts";

/// Rows for authors.
pub const ROWS: usize = 5;
/// Most parts of one author.
const MOST_PARTS: i64 = 1_000;
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;

/// The field `name` of row `at`.
pub fn field(name: &str, at: usize) -> String {
    format!("{name}-{at}")
}

/// The fields as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Typed(HashMap<String, String>);

/// Who has a part in an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// An account of the site.
    Account(Uuid),
    /// Somebody without one, known from before.
    Person(Uuid),
    /// Somebody not known yet.
    Named(String),
}

impl Who {
    /// As a form sends it.
    pub fn of_person(person: &person::Model) -> Self {
        match person.account_id {
            Some(account) => Self::Account(account),
            None => Self::Person(person.id),
        }
    }

    /// What a form sends for somebody known.
    pub fn code(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::Person(id) => format!("person:{id}"),
            Self::Named(_) => String::new(),
        }
    }

    fn parse(code: &str) -> Option<Self> {
        let (kind, id) = code.split_once(':')?;
        let id = id.parse().ok()?;
        match kind {
            "account" => Some(Self::Account(id)),
            "person" => Some(Self::Person(id)),
            _ => None,
        }
    }
}

/// A grade in order, and whose the entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The grade.
    pub grade: Grade,
    /// Its authors with their parts, in order.
    pub authors: Vec<(Who, i64)>,
}

impl Typed {
    /// The form of an entry that was not graded, with who wrote it as its author.
    pub fn blank(writer: Option<Uuid>) -> Self {
        let mut typed = Self::default();
        if let Some(writer) = writer {
            typed.put(field(WHO, 0), Who::Account(writer).code());
        }
        typed
    }

    /// The form of an entry that was given `grade`.
    pub fn of(
        grade: &Model,
        shares: &[share::Model],
        people: &HashMap<Uuid, person::Model>,
    ) -> Self {
        let mut typed = Self::default();
        let given = grade.grade();
        typed.put(GENRE, given.genre);
        typed.put(COEFFICIENT, given.coefficient.to_string());
        let percent = |number: Hundredths| match number.is_zero() {
            true => String::new(),
            false => number.to_string(),
        };
        typed.put(CHILDREN, percent(given.bonuses.children));
        typed.put(LANGUAGE, percent(given.bonuses.language));
        typed.put(HARDSHIP, percent(given.bonuses.hardship));
        typed.put(
            TRANSLATION,
            given.translation.map(percent).unwrap_or_default(),
        );
        for (at, share) in shares.iter().enumerate() {
            if let Some(person) = people.get(&share.person_id) {
                typed.put(field(WHO, at), Who::of_person(person).code());
            }
            typed.put(field(PARTS, at), share.parts.to_string());
        }
        typed
    }

    fn put(&mut self, name: impl Into<String>, value: String) {
        self.0.insert(name.into(), value);
    }

    /// What was typed into `name`.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// What was typed into `name` of row `at`.
    pub fn in_row(&self, name: &str, at: usize) -> &str {
        self.get(&field(name, at))
    }

    /// Reads it by the rates of the day: nothing where no genre was chosen, or what is to be mended.
    pub fn read(&self, regime: &Regime) -> Result<Option<Given>, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let genre = self.get(GENRE);
        if genre.is_empty() {
            if self.get(COEFFICIENT).is_empty() {
                return Ok(None);
            }
            let words = "Hãy chọn thể loại, hoặc để trống hệ số nếu chưa chấm.";
            return Err(vec![FieldError::new(GENRE, words)]);
        }
        let known = regime.genres.iter().find(|one| one.code == genre);
        let coefficient = match known {
            Some(genre) => {
                let words = format!(
                    "Hệ số của “{}” từ {} đến {}.",
                    genre.name, genre.least, genre.most
                );
                self.number(COEFFICIENT, genre.range(), words, &mut wrong)
            }
            None => {
                wrong.push(FieldError::new(GENRE, "Hãy chọn thể loại trong danh sách."));
                None
            }
        };
        let mut percent = |name: &'static str, range: Range| match self.get(name) {
            "" | "0" => None,
            _ => {
                let words = format!(
                    "Để trống, hoặc ghi từ {} đến {} phần trăm.",
                    range.least, range.most
                );
                self.number(name, range, words, &mut wrong)
            }
        };
        let bonuses = Bonuses {
            children: percent(CHILDREN, regime.children).unwrap_or_default(),
            language: percent(LANGUAGE, regime.language).unwrap_or_default(),
            hardship: percent(HARDSHIP, regime.hardship).unwrap_or_default(),
        };
        let translation = percent(TRANSLATION, regime.translation);
        let authors = self.authors(&mut wrong);
        match (coefficient, wrong.is_empty()) {
            (Some(coefficient), true) => Ok(Some(Given {
                grade: Grade {
                    genre: genre.to_owned(),
                    coefficient,
                    bonuses,
                    translation,
                },
                authors,
            })),
            _ => Err(wrong),
        }
    }

    fn number(
        &self,
        name: &str,
        range: Range,
        words: String,
        wrong: &mut Vec<FieldError>,
    ) -> Option<Hundredths> {
        let number = Hundredths::parse(self.get(name)).filter(|number| range.holds(*number));
        if number.is_none() {
            wrong.push(FieldError::new(name, words));
        }
        number
    }

    fn authors(&self, wrong: &mut Vec<FieldError>) -> Vec<(Who, i64)> {
        let mut authors = Vec::new();
        let mut seen = HashSet::new();
        for at in 0..ROWS {
            let (code, name) = (self.in_row(WHO, at), line(self.in_row(NAME, at)));
            let who = match (code, name.as_str()) {
                ("", "") => continue,
                ("", _) if name.chars().count() <= LONGEST_NAME => Some(Who::Named(name)),
                ("", _) => None,
                (code, "") => Who::parse(code),
                _ => {
                    let words = "Chọn một người hoặc ghi tên người mới, không cả hai.";
                    wrong.push(FieldError::new(field(NAME, at), words));
                    continue;
                }
            };
            let Some(who) = who else {
                let words =
                    "Hãy chọn một người trong danh sách, hoặc ghi tên dài tối đa 120 ký tự.";
                wrong.push(FieldError::new(field(WHO, at), words));
                continue;
            };
            let parts = match self.in_row(PARTS, at) {
                "" => Some(1),
                typed => typed.parse().ok(),
            };
            let parts = parts.filter(|parts| (1..=MOST_PARTS).contains(parts));
            let Some(parts) = parts else {
                let words = format!("Ghi số phần từ 1 đến {MOST_PARTS}; để trống là 1.");
                wrong.push(FieldError::new(field(PARTS, at), words));
                continue;
            };
            if seen.insert(who.clone()) {
                authors.push((who, parts));
            } else {
                let words = "Người này đã có ở dòng trên.";
                wrong.push(FieldError::new(field(WHO, at), words));
            }
        }
        if authors.is_empty() && wrong.is_empty() {
            let words = "Hãy chọn ít nhất một người được trả.";
            wrong.push(FieldError::new(field(WHO, 0), words));
        }
        authors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::royalties::rates::Rates;

    fn read(fields: &[(&str, &str)]) -> Result<Option<Given>, Vec<String>> {
        let rates = Rates::built_in();
        let regime = rates.regime_on("2026-11-02".parse().expect("a day"));
        let typed = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let read = Typed(typed.collect()).read(regime.expect("a regime"));
        read.map_err(|wrong| wrong.into_iter().map(|one| one.field).collect())
    }

    const ONE: &str = "account:01990000-0000-7000-8000-000000000001";

    #[test]
    fn without_a_genre_nothing_is_graded() {
        assert_eq!(read(&[(&field(WHO, 0), ONE)]), Ok(None));
        let typed = [(COEFFICIENT, "1")];
        assert_eq!(read(&typed), Err(vec![GENRE.to_owned()]));
    }

    #[test]
    fn a_grade_has_what_was_typed() {
        let given = read(&[
            (GENRE, "tin"),
            (COEFFICIENT, "1,5"),
            (CHILDREN, "10"),
            (HARDSHIP, "0"),
            (TRANSLATION, "40"),
            ("royalty_who-0", ONE),
            ("royalty_parts-0", "3"),
            ("royalty_name-2", "  Y   Thử "),
        ]);
        let given = given.expect("in order").expect("a grade");
        assert_eq!(given.grade.coefficient.raw(), 150);
        assert_eq!(given.grade.bonuses.children.raw(), 1_000);
        assert_eq!(given.grade.translation.map(Hundredths::raw), Some(4_000));
        let authors: Vec<(String, i64)> = given
            .authors
            .iter()
            .map(|(who, parts)| (format!("{who:?}"), *parts))
            .collect();
        assert_eq!(authors[0].1, 3);
        assert_eq!(authors[1], ("Named(\"Y Thử\")".to_owned(), 1));
    }

    #[test]
    fn what_is_out_of_the_table_is_named_by_its_field() {
        let whole = [
            (GENRE, "tin"),
            (COEFFICIENT, "1"),
            ("royalty_who-0", ONE),
            ("royalty_parts-0", ""),
        ];
        assert!(read(&whole).is_ok());
        for (name, value) in [
            (GENRE, "tho"),
            (COEFFICIENT, "2,01"),
            (COEFFICIENT, "0,49"),
            (COEFFICIENT, ""),
            (CHILDREN, "9"),
            (CHILDREN, "21"),
            (LANGUAGE, "60"),
            (HARDSHIP, "101"),
            (TRANSLATION, "70"),
            ("royalty_who-0", "account:x"),
            ("royalty_who-0", ""),
            ("royalty_name-0", "A Mẫu"),
            ("royalty_parts-0", "0"),
            ("royalty_parts-0", "1001"),
            ("royalty_who-1", ONE),
        ] {
            let mut fields: Vec<(&str, &str)> = whole.to_vec();
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
            assert_eq!(read(&fields), Err(vec![name.to_owned()]), "{name} {value}");
        }
    }
}
