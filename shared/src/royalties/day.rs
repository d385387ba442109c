//! Days as rows name them: 20261130.

use crate::entries::kinds::day_number;
use chrono::NaiveDate;

/// The number of `day`.
pub fn number(day: NaiveDate) -> i64 {
    day_number(day)
}

/// The day of that number.
pub fn of_number(number: i64) -> Option<NaiveDate> {
    let year = i32::try_from(number / 10_000).ok()?;
    let month = u32::try_from(number / 100 % 100).ok()?;
    let day = u32::try_from(number % 100).ok()?;
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_comes_back_as_it_went() {
        let day: NaiveDate = "2026-02-28".parse().expect("a day");
        assert_eq!(number(day), 20_260_228);
        assert_eq!(of_number(20_260_228), Some(day));
        assert_eq!(of_number(20_260_230), None);
        assert_eq!(of_number(0), None);
    }
}
