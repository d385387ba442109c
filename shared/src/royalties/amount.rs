//! Numbers with two decimals, and đồng shared out to the last one. Whole numbers only: nothing here is ever
//! a little more or less than it says.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::fmt::{self, Display};

/// A number of at most two decimals: a coefficient, or a percentage.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Hundredths(i64);

/// Most digits before the comma.
const MOST_DIGITS: usize = 7;

impl Hundredths {
    /// A hundred: of percentages, the whole.
    pub const HUNDRED: Self = Self(10_000);

    /// `raw` hundredths.
    pub const fn of_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// How many hundredths.
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// What people type: `1`, `1,5`, `0.25`. Nothing below zero, and no more than two decimals.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim().replace('.', ",");
        let (whole, decimals) = typed.split_once(',').unwrap_or((&typed, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=MOST_DIGITS).contains(&whole.len()) && decimals.len() <= 2;
        if !fits || !is_number(whole) || !is_number(decimals) || typed.ends_with(',') {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let decimals: i64 = format!("{decimals:0<2}").parse().ok()?;
        Some(Self(whole * 100 + decimals))
    }
}

impl Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / 100, self.0 % 100);
        match (decimals, decimals % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole},{}", decimals / 10),
            _ => write!(f, "{whole},{decimals:02}"),
        }
    }
}

impl From<Hundredths> for String {
    fn from(number: Hundredths) -> Self {
        number.to_string()
    }
}

impl TryFrom<String> for Hundredths {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
            .ok_or_else(|| format!("“{text}” không phải số có nhiều nhất hai chữ số thập phân"))
    }
}

/// `numerator` of `denominator`, rounded to the nearest đồng, half a đồng up. Neither is below zero.
pub fn rounded(numerator: i128, denominator: i128) -> i64 {
    let whole = (numerator * 2 + denominator) / (denominator * 2);
    // What rates and grades may say keeps amounts far below this.
    i64::try_from(whole).unwrap_or(i64::MAX)
}

/// `percent` of `whole`, rounded.
pub fn percent_of(percent: Hundredths, whole: i64) -> i64 {
    rounded(
        i128::from(whole) * i128::from(percent.raw()),
        i128::from(Hundredths::HUNDRED.raw()),
    )
}

/// Shares `whole` out by `weights`, so that the parts sum to it exactly. Each gets what it is due, rounded
/// down; what is left goes, one đồng each, to those that lost most by it, of equals to the first.
pub fn apportion(whole: i64, weights: &[i64]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if total <= 0 {
        return vec![0; weights.len()];
    }
    let due = |weight: i64| i128::from(whole) * i128::from(weight);
    let mut parts: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(due(*weight) / total).unwrap_or(i64::MAX))
        .collect();
    let given: i64 = parts.iter().sum();
    let left = usize::try_from(whole - given).unwrap_or_default();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&at| (Reverse(due(weights[at]) % total), at));
    for &at in order.iter().take(left) {
        parts[at] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_as_people_do() {
        for (typed, raw, written) in [
            ("1", 100, "1"),
            (" 1,5 ", 150, "1,5"),
            ("0.25", 25, "0,25"),
            ("0,05", 5, "0,05"),
            ("10,50", 1_050, "10,5"),
            ("100", 10_000, "100"),
        ] {
            let number = Hundredths::parse(typed).expect(typed);
            assert_eq!((number.raw(), number.to_string().as_str()), (raw, written));
        }
        for typed in [
            "", "-1", "1,", ",5", "1,234", "1.250", "12345678", "một", "1,2,3", "1e3", "+1",
        ] {
            assert_eq!(Hundredths::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn half_a_dong_is_rounded_up() {
        for (numerator, denominator, whole) in
            [(0, 3, 0), (1, 3, 0), (1, 2, 1), (3, 2, 2), (2, 3, 1)]
        {
            assert_eq!(rounded(numerator, denominator), whole);
        }
        assert_eq!(percent_of(Hundredths::of_raw(1_000), 4_999_995), 500_000);
        assert_eq!(percent_of(Hundredths::of_raw(1_000), 4_999_994), 499_999);
    }

    #[test]
    fn parts_sum_to_the_whole_exactly() {
        for (whole, weights, parts) in [
            (100, vec![1, 1, 1], vec![34, 33, 33]),
            (101, vec![1, 1, 1], vec![34, 34, 33]),
            (253_001, vec![60, 40], vec![151_801, 101_200]),
            (10, vec![1, 2, 4], vec![1, 3, 6]),
            (7, vec![0, 1], vec![0, 7]),
            (0, vec![3, 4], vec![0, 0]),
            (5, vec![], vec![]),
            (5, vec![0, 0], vec![0, 0]),
        ] {
            assert_eq!(apportion(whole, &weights), parts, "{whole} by {weights:?}");
        }
        for whole in 0..500 {
            for weights in [vec![1, 1, 1, 1, 1, 1, 1], vec![3, 5, 7], vec![1, 999]] {
                assert_eq!(apportion(whole, &weights).iter().sum::<i64>(), whole);
            }
        }
    }
}
