//! What has to be mended before rates can be used, field by field of the form they are changed with.

use super::{Range, Rates, Regime};
use crate::error::FieldError;
use crate::newsroom::form::show_date;
use crate::royalties::amount::Hundredths;
use chrono::NaiveDate;
use std::collections::HashSet;

/// Highest coefficient a table may allow.
const HIGHEST_COEFFICIENT: Hundredths = Hundredths::of_raw(1_000 * 100);
/// Highest factor, and highest bonus, in percent.
const HIGHEST_PERCENT: Hundredths = Hundredths::of_raw(1_000 * 100);
/// The most đồng that rates, or anybody beside them, may name.
pub const HIGHEST_AMOUNT: i64 = 100_000_000_000;
/// Most lines of each table.
const MOST_LINES: usize = 40;

const NO_AMOUNT: &str = "Hãy ghi số tiền từ 1 đến 100.000.000.000 đồng.";
const NO_RANGE: &str = "Mức cao nhất không được nhỏ hơn mức thấp nhất.";

/// What is wrong so far.
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn unless(&mut self, holds: bool, field: impl Into<String>, words: impl Into<String>) {
        if !holds {
            self.0.push(FieldError::new(field, words));
        }
    }
}

impl Rates {
    /// What is to be mended before they can be used; nothing if they can.
    pub fn mend(&self) -> Vec<FieldError> {
        let mut wrong = Wrong(Vec::new());
        wrong.unless(
            !self.factor.is_zero() && self.factor <= HIGHEST_PERCENT,
            "factor",
            "Hãy ghi từ 0,01 đến 1000 phần trăm.",
        );
        let is_amount = |amount: i64| (1..=HIGHEST_AMOUNT).contains(&amount);
        let ceiling = self.ceiling.is_none_or(is_amount);
        wrong.unless(ceiling, "ceiling", NO_AMOUNT);
        for (at, one) in self.base_salaries.iter().enumerate() {
            let field = format!("salary_amount-{at}");
            wrong.unless(is_amount(one.amount), field, NO_AMOUNT);
        }
        for (at, tax) in self.taxes.iter().enumerate() {
            let threshold = (0..=HIGHEST_AMOUNT).contains(&tax.threshold);
            wrong.unless(threshold, format!("tax_threshold-{at}"), NO_AMOUNT);
            wrong.unless(
                tax.rate <= Hundredths::HUNDRED,
                format!("tax_rate-{at}"),
                "Thuế suất từ 0 đến 100 phần trăm.",
            );
        }
        let salaries: Vec<NaiveDate> = self.base_salaries.iter().map(|one| one.from).collect();
        let taxes: Vec<NaiveDate> = self.taxes.iter().map(|one| one.from).collect();
        let regimes: Vec<NaiveDate> = self.regimes.iter().map(|one| one.from).collect();
        for (field, days) in [
            ("salary_from", salaries),
            ("tax_from", taxes),
            ("regime_from", regimes),
        ] {
            one_after_another(&mut wrong, field, &days);
        }
        let mut codes = HashSet::new();
        for regime in &self.regimes {
            let is_new = codes.insert(regime.code.as_str());
            let named = is_new && !regime.code.is_empty();
            wrong.unless(named, "regime", "Mỗi chế độ cần một mã riêng.");
            table(&mut wrong, regime);
        }
        wrong.0
    }
}

fn one_after_another(wrong: &mut Wrong, field: &str, days: &[NaiveDate]) {
    let number = (1..=MOST_LINES).contains(&days.len());
    wrong.unless(number, format!("{field}-0"), "Cần từ 1 đến 40 dòng.");
    for (at, pair) in days.windows(2).enumerate() {
        if let [before, after] = pair {
            let words = format!("Ngày này phải sau ngày {}.", show_date(*before));
            wrong.unless(before < after, format!("{field}-{}", at + 1), words);
        }
    }
}

fn table(wrong: &mut Wrong, regime: &Regime) {
    let named = !regime.name.is_empty() && !regime.basis.is_empty();
    wrong.unless(named, "basis", "Hãy ghi căn cứ pháp lý.");
    let unit = !regime.unit.is_zero() && regime.unit <= Hundredths::HUNDRED;
    wrong.unless(unit, "unit", "Hãy ghi từ 0,01 đến 100 phần trăm.");
    for (field, range, highest) in [
        ("children", regime.children, HIGHEST_PERCENT),
        ("language", regime.language, HIGHEST_PERCENT),
        ("hardship", regime.hardship, HIGHEST_PERCENT),
        ("translation", regime.translation, Hundredths::HUNDRED),
    ] {
        in_bounds(
            wrong,
            [format!("{field}_least"), format!("{field}_most")],
            range,
            highest,
        );
    }
    let number = (1..=MOST_LINES).contains(&regime.genres.len());
    wrong.unless(number, "genre_name-0", "Cần từ 1 đến 40 thể loại.");
    let mut codes = HashSet::new();
    for (at, genre) in regime.genres.iter().enumerate() {
        let named = !genre.name.is_empty() && !genre.code.is_empty();
        let field = format!("genre_name-{at}");
        wrong.unless(named, field.clone(), "Hãy ghi tên thể loại.");
        let is_new = codes.insert(genre.code.as_str());
        wrong.unless(is_new, field, "Thể loại này đã có trong bảng.");
        in_bounds(
            wrong,
            [format!("genre_least-{at}"), format!("genre_most-{at}")],
            genre.range(),
            HIGHEST_COEFFICIENT,
        );
    }
}

fn in_bounds(wrong: &mut Wrong, [least, most]: [String; 2], range: Range, highest: Hundredths) {
    let starts = !range.least.is_zero();
    wrong.unless(starts, least, "Hãy ghi một số lớn hơn 0.");
    wrong.unless(range.least <= range.most, most.clone(), NO_RANGE);
    let words = format!("Cao nhất là {highest}.");
    wrong.unless(range.most <= highest, most, words);
}
