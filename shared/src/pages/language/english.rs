//! Dates and numbers in English, from how Vietnamese pages write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};

/// Friday, 3 July 2026.
pub(super) fn long_date(day: NaiveDate) -> String {
    day.format("%A, %-d %B %Y").to_string()
}

/// 3 July 2026.
fn date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// 12 July 2026, 08:30.
fn date_time(time: NaiveDateTime) -> String {
    time.format("%-d %B %Y, %H:%M").to_string()
}

/// A day or a moment as programs read it; a moment with its hour where the page shows that.
pub(super) fn stamp(iso: &str, with_hour: bool) -> Option<String> {
    if let Some(day) = day_of(iso) {
        return Some(date(day));
    }
    let time: DateTime<FixedOffset> = DateTime::parse_from_rfc3339(iso).ok()?;
    Some(match with_hour {
        true => date_time(time.naive_local()),
        false => date(time.date_naive()),
    })
}

/// The day that programs read in `iso`.
pub(super) fn day_of(iso: &str) -> Option<NaiveDate> {
    iso.parse().ok()
}

/// A date or a number, if `text` is nothing else.
pub(super) fn value(text: &str) -> Option<String> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || !text.is_ascii() {
        return None;
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%d/%m/%Y") {
        return Some(date(day));
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M") {
        return Some(date_time(time));
    }
    day_and_month(text).or_else(|| is_grouped(text).then(|| number(text)))
}

/// `06/9`, as weeks name their days.
fn day_and_month(text: &str) -> Option<String> {
    let (day, month) = text.split_once('/')?;
    if day.len() != 2 || month.len() > 2 {
        return None;
    }
    // A leap year: the 29th of February is a day too.
    let day = NaiveDate::from_ymd_opt(2024, month.parse().ok()?, day.parse().ok()?)?;
    Some(day.format("%-d %B").to_string())
}

/// Whether `text` is a whole number with points between its thousands.
fn is_grouped(text: &str) -> bool {
    let mut groups = text.split('.');
    let leads = |group: &str| (1..=3).contains(&group.len()) && !group.starts_with('0');
    let is_digits = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let first = groups.next().is_some_and(leads);
    is_digits && text.contains('.') && first && groups.all(|group| group.len() == 3)
}

/// A number written as in Vietnam: 1.250 becomes 1,250 and 1,2 MB becomes 1.2 MB.
pub(super) fn number(text: &str) -> String {
    let swapped = |sign: char| match sign {
        '.' => ',',
        ',' => '.',
        other => other,
    };
    text.chars().map(swapped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_out() {
        let moment = "2026-07-12T08:30:00+07:00";
        assert_eq!(stamp(moment, true).as_deref(), Some("12 July 2026, 08:30"));
        assert_eq!(stamp(moment, false).as_deref(), Some("12 July 2026"));
        assert_eq!(stamp("2026-07-03", true).as_deref(), Some("3 July 2026"));
        assert_eq!(stamp("", true), None);
        let day = day_of("2026-07-03").expect("a day");
        assert_eq!(long_date(day), "Friday, 3 July 2026");
    }

    #[test]
    fn values_within_sentences_are_recognised_and_nothing_else_is() {
        for (text, english) in [
            ("03/07/2026", "3 July 2026"),
            ("12/07/2026 08:30", "12 July 2026, 08:30"),
            ("06/9", "6 September"),
            ("1.250", "1,250"),
            ("1.512.004", "1,512,004"),
        ] {
            assert_eq!(value(text).as_deref(), Some(english));
        }
        for other in [
            "184/QĐ-UBND",
            "12",
            "0260.382.400",
            "12/2026",
            "7K2M",
            "31/02/2026",
            "08:30",
            "",
        ] {
            assert_eq!(value(other), None, "{other}");
        }
    }

    #[test]
    fn points_and_commas_change_places() {
        assert_eq!(number("1,2 MB"), "1.2 MB");
        assert_eq!(number("32.480"), "32,480");
    }
}
