//! The form rates are changed with; pure.

use super::{BaseSalary, Genre, Range, Rates, Regime, Tax};
use crate::error::FieldError;
use crate::newsroom::form::{line, parse_date, show_date};
use crate::royalties::amount::Hundredths;
use crate::vietnamese::slug;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;

/// Rows of each table that are read.
const ROWS: usize = 41;
/// Longest legal basis, in characters.
const LONGEST: usize = 300;

/// The fields as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Typed(HashMap<String, String>);

/// What is wrong so far.
struct Reading<'a> {
    typed: &'a Typed,
    wrong: Vec<FieldError>,
}

impl Typed {
    /// The form filled in with `rates`; of the regimes only the last can be changed.
    pub fn of(rates: &Rates) -> Self {
        let mut typed = Self::default();
        typed.put("factor", rates.factor);
        typed.put(
            "ceiling",
            rates.ceiling.map(|one| one.to_string()).unwrap_or_default(),
        );
        if let Some(regime) = rates.regimes.last() {
            typed.put("name", &regime.name);
            typed.put("basis", &regime.basis);
            typed.put("from", show_date(regime.from));
            typed.put("unit", regime.unit);
            for (field, range) in ranges(regime) {
                typed.put(format!("{field}_least"), range.least);
                typed.put(format!("{field}_most"), range.most);
            }
            for (at, genre) in regime.genres.iter().enumerate() {
                typed.put(format!("genre_code-{at}"), &genre.code);
                typed.put(format!("genre_name-{at}"), &genre.name);
                typed.put(format!("genre_least-{at}"), genre.least);
                typed.put(format!("genre_most-{at}"), genre.most);
            }
        }
        for (at, one) in rates.base_salaries.iter().enumerate() {
            typed.put(format!("salary_from-{at}"), show_date(one.from));
            typed.put(format!("salary_amount-{at}"), one.amount);
            typed.put(format!("salary_basis-{at}"), &one.basis);
        }
        for (at, tax) in rates.taxes.iter().enumerate() {
            typed.put(format!("tax_from-{at}"), show_date(tax.from));
            typed.put(format!("tax_threshold-{at}"), tax.threshold);
            typed.put(format!("tax_rate-{at}"), tax.rate);
            typed.put(format!("tax_basis-{at}"), &tax.basis);
        }
        typed
    }

    fn put(&mut self, name: impl Into<String>, value: impl ToString) {
        self.0.insert(name.into(), value.to_string());
    }

    /// Every field with what was typed into it, for tests that send it.
    #[cfg(test)]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let fields = self.0.iter();
        fields.map(|(name, value)| (name.clone(), value.clone()))
    }

    /// What was typed into `name`.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// What was typed into `name` of row `at`.
    pub fn in_row(&self, name: &str, at: usize) -> &str {
        self.get(&format!("{name}-{at}"))
    }

    /// The rows of a table that have something in `fields`.
    pub fn rows(&self, fields: &[&str]) -> Vec<usize> {
        let is_blank = |at: usize| fields.iter().all(|field| self.in_row(field, at).is_empty());
        (0..ROWS).filter(|at| !is_blank(*at)).collect()
    }

    /// The same with the rows of each table closed up, so that every row stands where it is shown.
    #[must_use]
    pub fn closed_up(self) -> Self {
        let mut closed = Self(self.0.clone());
        for (fields, extra) in [
            (&GENRE[..], Some("genre_code")),
            (&SALARY[..], None),
            (&TAX[..], None),
        ] {
            let kept = self.rows(fields);
            for field in fields.iter().copied().chain(extra) {
                closed.0.retain(|name, _| {
                    let row = name
                        .strip_prefix(field)
                        .and_then(|rest| rest.strip_prefix('-'));
                    row.is_none()
                });
                for (to, from) in kept.iter().enumerate() {
                    let value = self.in_row(field, *from).to_owned();
                    closed.0.insert(format!("{field}-{to}"), value);
                }
            }
        }
        closed
    }

    /// Reads it: `before` with what was changed. A table that begins on a later day than the last one follows
    /// it; otherwise it takes its place.
    pub fn read(&self, before: &Rates) -> Result<Rates, Vec<FieldError>> {
        let mut reading = Reading {
            typed: self,
            wrong: Vec::new(),
        };
        let rates = reading.rates(before);
        let mut wrong = reading.wrong;
        if let Some(rates) = &rates
            && wrong.is_empty()
        {
            wrong = rates.mend();
            for one in &mut wrong {
                if one.field.starts_with("regime_from") {
                    one.field = "from".to_owned();
                }
            }
        }
        match rates {
            Some(rates) if wrong.is_empty() => Ok(rates),
            _ => Err(wrong),
        }
    }
}

fn ranges(regime: &Regime) -> [(&'static str, Range); 4] {
    [
        ("children", regime.children),
        ("language", regime.language),
        ("hardship", regime.hardship),
        ("translation", regime.translation),
    ]
}

impl Reading<'_> {
    fn say(&mut self, field: impl Into<String>, words: &str) {
        self.wrong.push(FieldError::new(field, words));
    }

    fn number(&mut self, field: &str) -> Hundredths {
        let number = Hundredths::parse(self.typed.get(field));
        if number.is_none() {
            self.say(field, "Hãy ghi một số, nhiều nhất hai chữ số thập phân.");
        }
        number.unwrap_or_default()
    }

    fn amount(&mut self, field: &str) -> i64 {
        let amount = amount(self.typed.get(field));
        if amount.is_none() {
            self.say(field, "Hãy ghi số tiền bằng chữ số, ví dụ 2.530.000.");
        }
        amount.unwrap_or_default()
    }

    fn day(&mut self, field: &str) -> NaiveDate {
        let day = parse_date(self.typed.get(field));
        if day.is_none() {
            let words = "Ngày chưa đúng. Hãy gõ ngày/tháng/năm, ví dụ 1/9/2026.";
            self.say(field, words);
        }
        day.unwrap_or_default()
    }

    fn text(&mut self, field: &str) -> String {
        let text = line(self.typed.get(field));
        if text.is_empty() || text.chars().count() > LONGEST {
            self.say(field, "Hãy ghi, tối đa 300 ký tự.");
        }
        text
    }

    fn range(&mut self, field: &str) -> Range {
        Range {
            least: self.number(&format!("{field}_least")),
            most: self.number(&format!("{field}_most")),
        }
    }

    fn rates(&mut self, before: &Rates) -> Option<Rates> {
        let ceiling = match self.typed.get("ceiling") {
            "" => None,
            _ => Some(self.amount("ceiling")),
        };
        let mut regimes = before.regimes.clone();
        let last = regimes.pop()?;
        let regime = self.regime(&last);
        if regime.from > last.from {
            regimes.push(Regime {
                preset: false,
                ..last
            });
        }
        regimes.push(regime);
        let (salaries, taxes) = (self.typed.rows(&SALARY), self.typed.rows(&TAX));
        Some(Rates {
            factor: self.number("factor"),
            ceiling,
            regimes,
            base_salaries: salaries
                .into_iter()
                .map(|at| BaseSalary {
                    from: self.day(&format!("salary_from-{at}")),
                    amount: self.amount(&format!("salary_amount-{at}")),
                    basis: self.text(&format!("salary_basis-{at}")),
                })
                .collect(),
            taxes: taxes
                .into_iter()
                .map(|at| Tax {
                    from: self.day(&format!("tax_from-{at}")),
                    threshold: self.amount(&format!("tax_threshold-{at}")),
                    rate: self.number(&format!("tax_rate-{at}")),
                    basis: self.text(&format!("tax_basis-{at}")),
                })
                .collect(),
        })
    }

    fn regime(&mut self, last: &Regime) -> Regime {
        let from = self.day("from");
        let code = match from > last.from {
            true => format!("LOCAL_{}", from.format("%Y%m%d")),
            false => last.code.clone(),
        };
        let genres = self.typed.rows(&GENRE).into_iter().map(|at| {
            let name = self.text(&format!("genre_name-{at}"));
            let code = match self.typed.in_row("genre_code", at) {
                "" => slug(&name),
                code => code.to_owned(),
            };
            Genre {
                code,
                least: self.number(&format!("genre_least-{at}")),
                most: self.number(&format!("genre_most-{at}")),
                name,
            }
        });
        let genres = genres.collect();
        Regime {
            code,
            name: self.text("name"),
            basis: self.text("basis"),
            from,
            preset: false,
            unit: self.number("unit"),
            children: self.range("children"),
            language: self.range("language"),
            hardship: self.range("hardship"),
            translation: self.range("translation"),
            genres,
        }
    }
}

/// The fields of a row of base salaries.
pub const SALARY: [&str; 3] = ["salary_from", "salary_amount", "salary_basis"];
/// The fields of a row of taxes.
pub const TAX: [&str; 4] = ["tax_from", "tax_threshold", "tax_rate", "tax_basis"];
/// The fields of a row of genres.
pub const GENRE: [&str; 3] = ["genre_name", "genre_least", "genre_most"];

/// Đồng as people type them: `2530000`, `2.530.000`, `2 530 000`, `-50.000`.
pub fn amount(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let (sign, digits) = match typed.strip_prefix(['-', '−']) {
        Some(digits) => (-1, digits),
        None => (1, typed),
    };
    let digits: String = digits.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let amount: i64 = digits.parse().ok().filter(|_| is_number)?;
    Some(sign * amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_people_type_it() {
        for (typed, read) in [
            ("2530000", Some(2_530_000)),
            (" 2.530.000 ", Some(2_530_000)),
            ("2 530 000", Some(2_530_000)),
            ("-50.000", Some(-50_000)),
            ("0", Some(0)),
            ("", None),
            ("-", None),
            ("2,5", None),
            ("hai triệu", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(amount(typed), read, "{typed}");
        }
    }

    #[test]
    fn a_form_sent_back_unchanged_changes_nothing_but_that_it_is_in_force_here() {
        let mut rates = Rates::built_in();
        let read = Typed::of(&rates).read(&rates).expect("in order");
        rates.regimes[1].preset = false;
        assert_eq!(read, rates);
    }

    #[test]
    fn a_table_of_a_later_day_follows_and_what_was_paid_by_the_old_one_stays() {
        let rates = Rates::built_in();
        let mut typed = Typed::of(&rates);
        typed.put("from", "1/1/2027");
        typed.put("genre_most-0", "4");
        typed.put("genre_name-9", "Thơ");
        typed.put("genre_least-9", "1");
        typed.put("genre_most-9", "3");
        let read = typed.read(&rates).expect("in order");
        let on = |day: &str| {
            read.regime_on(day.parse().expect("a day"))
                .expect("a regime")
        };
        assert_eq!(on("2026-12-31").code, "LOCAL");
        assert_eq!(on("2026-12-31").genres[0].most.to_string(), "2");
        assert_eq!(on("2027-01-01").code, "LOCAL_20270101");
        assert_eq!(on("2027-01-01").genres[0].most.to_string(), "4");
        assert_eq!(on("2027-01-01").genres[9].code, "tho");
    }

    #[test]
    fn a_row_that_is_emptied_is_gone_and_what_is_wrong_is_named() {
        let rates = Rates::built_in();
        let mut typed = Typed::of(&rates);
        for field in GENRE {
            typed.put(format!("{field}-2"), "");
        }
        let closed = typed.clone().closed_up();
        assert_eq!(closed.in_row("genre_name", 2), "Ảnh");
        assert_eq!(closed.rows(&GENRE), (0..8).collect::<Vec<usize>>());
        let read = closed.read(&rates).expect("in order");
        assert_eq!(read.regimes[1].genres.len(), 8);
        for (field, value) in [
            ("factor", "nhiều"),
            ("ceiling", "5,5"),
            ("genre_most-0", "0,1"),
            ("salary_from-1", "32/1/2026"),
            ("tax_rate-0", "101"),
            ("from", "1/1/2010"),
        ] {
            let mut typed = Typed::of(&rates);
            typed.put(field, value);
            let wrong = typed.read(&rates).expect_err("wrong");
            assert_eq!(wrong[0].field, field, "{wrong:?}");
        }
    }
}
