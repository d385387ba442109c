//! A day and a time as people type them, in Vietnam.

use crate::error::FieldError;
use crate::newsroom::form::parse_date;
use crate::{clock, vietnamese};
use chrono::{FixedOffset, NaiveTime, TimeZone};

/// The moment typed, in milliseconds; none when nothing was.
pub fn parse(day: &str, time: &str) -> Result<Option<i64>, Vec<FieldError>> {
    let (day, time) = (day.trim(), time.trim());
    if day.is_empty() && time.is_empty() {
        return Ok(None);
    }
    let mut wrong = Vec::new();
    let date = parse_date(day);
    if date.is_none() {
        let words = "Ngày chưa đúng. Hãy gõ ngày/tháng/năm, ví dụ 5/11/2026.";
        wrong.push(FieldError::new("publish_on", words));
    }
    let clock = parse_time(time);
    if clock.is_none() {
        let words = "Giờ chưa đúng. Hãy gõ giờ:phút, ví dụ 7:30 hoặc 16:05.";
        wrong.push(FieldError::new("publish_time", words));
    }
    let (Some(date), Some(clock)) = (date, clock) else {
        return Err(wrong);
    };
    let vietnam = FixedOffset::east_opt(7 * 3600).unwrap_or_else(|| unreachable!("an offset"));
    let at = vietnam.from_local_datetime(&date.and_time(clock)).single();
    Ok(at.map(|at| at.timestamp_millis()))
}

/// A time of day: `7:30`, `07:30`, `7h30`, `7g30`, `7 giờ 30`, `16h`.
fn parse_time(typed: &str) -> Option<NaiveTime> {
    let plain = typed.to_lowercase().replace("giờ", ":").replace("phút", "");
    let plain: String = plain
        .chars()
        .map(|c| if matches!(c, 'h' | 'g' | '.') { ':' } else { c })
        .filter(|c| !c.is_whitespace())
        .collect();
    let (hour, minute) = plain.split_once(':').unwrap_or((&plain, ""));
    let minute = if minute.is_empty() { "0" } else { minute };
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}

/// A moment as the form shows it: day and time.
pub fn show(at: i64) -> (String, String) {
    let at = vietnamese::local(clock::from_millis(at));
    (
        at.format("%d/%m/%Y").to_string(),
        at.format("%H:%M").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them_and_are_vietnamese() {
        for (day, time, expected) in [
            ("5/11/2026", "7:30", "2026-11-05T00:30:00+00:00"),
            ("05-11-2026", "07h30", "2026-11-05T00:30:00+00:00"),
            ("5/11/2026", "16h", "2026-11-05T09:00:00+00:00"),
            ("2026-11-05", "16 giờ 05 phút", "2026-11-05T09:05:00+00:00"),
            ("5/11/2026", "0:00", "2026-11-04T17:00:00+00:00"),
        ] {
            let at = parse(day, time).expect("in order").expect("a time");
            assert_eq!(
                clock::from_millis(at).to_rfc3339(),
                expected,
                "{day} {time}"
            );
            let (shown, clock) = show(at);
            assert_eq!(parse(&shown, &clock), Ok(Some(at)), "{shown} {clock}");
        }
        assert_eq!(parse(" ", ""), Ok(None));
    }

    #[test]
    fn what_is_no_time_is_named_by_its_field() {
        for (day, time, fields) in [
            ("31/02/2026", "7:30", &["publish_on"][..]),
            ("5/11/2026", "", &["publish_time"]),
            ("5/11/2026", "25:00", &["publish_time"]),
            ("5/11/2026", "sáng", &["publish_time"]),
            ("", "7:30", &["publish_on"]),
            ("mai", "x", &["publish_on", "publish_time"]),
        ] {
            let wrong = parse(day, time).expect_err("wrong");
            let named: Vec<&str> = wrong.iter().map(|one| one.field.as_str()).collect();
            assert_eq!(named, fields, "{day} {time}");
        }
    }
}
