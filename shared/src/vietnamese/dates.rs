use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, TimeZone, Utc};

/// Vietnam's time: seven hours ahead all year.
const OFFSET_SECONDS: i32 = 7 * 3600;

/// `time` as a clock in Vietnam shows it.
pub fn local(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(OFFSET_SECONDS)
        .unwrap_or_else(|| unreachable!("seven hours is an offset"));
    time.with_timezone(&offset)
}

/// The moment that a clock in Vietnam shows as `text`, such as 2026-11-09T14:05.
pub fn parse_local(text: &str) -> Option<DateTime<Utc>> {
    let shown = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok())?;
    from_local(shown)
}

/// The moment at which a clock in Vietnam shows `shown`.
pub fn from_local(shown: NaiveDateTime) -> Option<DateTime<Utc>> {
    let here = local(DateTime::UNIX_EPOCH).timezone();
    let moment = here.from_local_datetime(&shown).single()?;
    Some(moment.with_timezone(&Utc))
}

/// 09/11/2026.
pub fn date(time: DateTime<Utc>) -> String {
    local(time).format("%d/%m/%Y").to_string()
}

/// 09/11/2026 14:05.
pub fn date_time(time: DateTime<Utc>) -> String {
    local(time).format("%d/%m/%Y %H:%M").to_string()
}

/// Thứ Hai, ngày 9 tháng 11 năm 2026.
pub fn long_date(time: DateTime<Utc>) -> String {
    use chrono::Datelike;
    let local = local(time);
    let weekday = match local.weekday() {
        chrono::Weekday::Mon => "Thứ Hai",
        chrono::Weekday::Tue => "Thứ Ba",
        chrono::Weekday::Wed => "Thứ Tư",
        chrono::Weekday::Thu => "Thứ Năm",
        chrono::Weekday::Fri => "Thứ Sáu",
        chrono::Weekday::Sat => "Thứ Bảy",
        chrono::Weekday::Sun => "Chủ nhật",
    };
    format!(
        "{weekday}, ngày {} tháng {} năm {}",
        local.day(),
        local.month(),
        local.year()
    )
}

/// A span of time in its two largest units: 3 giờ 10 phút. Under a minute: vừa xong.
pub fn ago(span: TimeDelta) -> String {
    let minutes = span.num_minutes();
    match minutes {
        ..1 => "vừa xong".to_owned(),
        1..60 => format!("{minutes} phút"),
        60..1_440 => join(minutes / 60, "giờ", minutes % 60, "phút"),
        _ => join(minutes / 1_440, "ngày", minutes % 1_440 / 60, "giờ"),
    }
}

fn join(first: i64, first_unit: &str, second: i64, second_unit: &str) -> String {
    match second {
        0 => format!("{first} {first_unit}"),
        _ => format!("{first} {first_unit} {second} {second_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_in_vietnam() {
        let time = DateTime::from_timestamp(1_794_245_100, 0).expect("a time");
        assert_eq!(date_time(time), "10/11/2026 00:25");
        assert_eq!(long_date(time), "Thứ Ba, ngày 10 tháng 11 năm 2026");
        for (seconds, text) in [
            (30, "vừa xong"),
            (300, "5 phút"),
            (11_400, "3 giờ 10 phút"),
            (7_200, "2 giờ"),
            (90_000, "1 ngày 1 giờ"),
        ] {
            assert_eq!(ago(TimeDelta::seconds(seconds)), text);
        }
    }
}
