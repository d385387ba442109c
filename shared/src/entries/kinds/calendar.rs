//! Lịch công tác: the appointments of a unit in one week, "tuần 36 (từ 06/9 đến 12/9)".

use super::Facets;
use crate::entries::item::{ItemError, bound};
use crate::newsroom::form::{self, Check, DraftForm};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

/// Most appointments of a week.
pub const MOST_ROWS: usize = 200;
/// Longest text of an appointment, in characters.
const LONGEST: usize = 500;

/// The appointments of a week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarFields {
    /// The number of the week in its year, ISO 8601.
    pub week: u32,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// What there is to do, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
}

/// An appointment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// On which day.
    pub on: NaiveDate,
    /// At what time, as people say it: `08:00`, `Sáng`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time: String,
    /// What.
    pub content: String,
    /// Who is to be there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// Where.
    #[serde(default, rename = "where", skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// A week in words: `tuần 36 (từ 06/9 đến 12/9)`.
pub fn week_in_words(week: u32, from: NaiveDate, to: NaiveDate) -> String {
    let day = |day: NaiveDate| format!("{:02}/{}", day.day(), day.month());
    format!("tuần {week} (từ {} đến {})", day(from), day(to))
}

impl CalendarFields {
    /// The week in words.
    pub fn in_words(&self) -> String {
        week_in_words(self.week, self.from, self.to)
    }

    /// The days of the week, each with its appointments; days with none are left out.
    pub fn days(&self) -> Vec<(NaiveDate, Vec<&Row>)> {
        let mut days: Vec<(NaiveDate, Vec<&Row>)> = Vec::new();
        for row in &self.rows {
            match days.iter_mut().find(|(day, _)| *day == row.on) {
                Some((_, rows)) => rows.push(row),
                None => days.push((row.on, vec![row])),
            }
        }
        days.sort_by_key(|(day, _)| *day);
        days
    }
}

pub(super) fn facets(calendar: &CalendarFields) -> Facets {
    Facets {
        dated_on: Some(calendar.from),
        starts_on: Some(calendar.from),
        ends_on: Some(calendar.to),
        ..Facets::default()
    }
}

pub(super) fn words(calendar: &CalendarFields) -> String {
    let rows = calendar.rows.iter();
    rows.map(|row| format!("{} {} {}", row.content, row.who, row.place))
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn check(calendar: &CalendarFields) -> Result<(), ItemError> {
    let span = (calendar.to - calendar.from).num_days();
    bound(
        (0..=13).contains(&span),
        "_entry.calendar.to",
        "phải trong hai tuần từ ngày đầu",
    )?;
    bound(
        (1..=53).contains(&calendar.week),
        "_entry.calendar.week",
        "phải từ 1 đến 53",
    )?;
    bound(
        calendar.rows.len() <= MOST_ROWS,
        "_entry.calendar.rows",
        "tối đa 200 dòng",
    )?;
    bound(
        calendar.rows.iter().all(|row| {
            let texts = [&row.time, &row.content, &row.who, &row.place];
            texts
                .into_iter()
                .all(|text| text.chars().count() <= LONGEST)
        }),
        "_entry.calendar.rows",
        "mỗi ô dài tối đa 500 ký tự",
    )
}

/// A week being planned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Its first day.
    pub from: Option<NaiveDate>,
    /// Its last day.
    pub to: Option<NaiveDate>,
    /// Its appointments.
    pub rows: Vec<Row>,
}

/// The days from Monday to Sunday around `day`.
pub fn week_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = day.week(chrono::Weekday::Mon).first_day();
    (monday, monday.checked_add_days(Days::new(6)).unwrap_or(day))
}

impl Draft {
    pub(super) fn of(calendar: &CalendarFields) -> Self {
        Self {
            from: Some(calendar.from),
            to: Some(calendar.to),
            rows: calendar.rows.clone(),
        }
    }

    pub(super) fn read(form: &DraftForm, check: &mut Check) -> Self {
        let from = check.date("week_from", &form.week_from);
        let to = check
            .date("week_to", &form.week_to)
            .or_else(|| from?.checked_add_days(Days::new(6)));
        if let (Some(from), Some(to)) = (from, to)
            && !(0..=13).contains(&(to - from).num_days())
        {
            check.say("week_to", "Ngày cuối phải trong hai tuần từ ngày đầu.");
        }
        let mut rows = typed_rows(form, from, check);
        rows.extend(pasted_rows(&form.calendar_paste, from, check));
        if rows.len() > MOST_ROWS {
            check.say("calendar", "Mỗi tuần có tối đa 200 việc.");
        }
        if let (Some(from), Some(to)) = (from, to)
            && let Some(row) = rows.iter().find(|row| row.on < from || row.on > to)
        {
            check.say(
                "calendar",
                format!("Ngày {} không nằm trong tuần này.", form::show_date(row.on)),
            );
        }
        rows.sort_by_key(|row| (row.on, time_key(&row.time)));
        Self { from, to, rows }
    }

    pub(super) fn write(&self, form: &mut DraftForm) {
        let day = |day: Option<NaiveDate>| day.map(form::show_date).unwrap_or_default();
        form.week_from = day(self.from);
        form.week_to = day(self.to);
        for row in &self.rows {
            form.row_on.push(form::show_date(row.on));
            form.row_time.push(row.time.clone());
            form.row_content.push(row.content.clone());
            form.row_who.push(row.who.clone());
            form.row_where.push(row.place.clone());
        }
    }

    pub(super) fn lacking(&self, need: &mut dyn FnMut(bool, &str, &str)) {
        need(
            self.from.is_some(),
            "week_from",
            "Hãy nhập ngày đầu của tuần.",
        );
        need(
            !self.rows.is_empty(),
            "calendar",
            "Tuần này chưa có việc nào. Hãy ghi ít nhất một việc.",
        );
    }

    pub(super) fn to_fields(&self) -> Option<CalendarFields> {
        let from = self.from?;
        Some(CalendarFields {
            week: from.iso_week().week(),
            from,
            to: self.to?,
            rows: self.rows.clone(),
        })
    }

    /// A title for a week that was given none.
    pub fn title(&self) -> Option<String> {
        let fields = self.to_fields()?;
        Some(format!("Lịch công tác {}", fields.in_words()))
    }
}

/// The rows of the form; those without content are blank lines of it.
fn typed_rows(form: &DraftForm, from: Option<NaiveDate>, check: &mut Check) -> Vec<Row> {
    let text = |all: &[String], number: usize| all.get(number).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for number in 0..form.row_content.len() {
        let cells = [
            text(&form.row_on, number),
            text(&form.row_time, number),
            text(&form.row_content, number),
            text(&form.row_who, number),
            text(&form.row_where, number),
        ];
        // The day alone is what a blank line of the form may bring along.
        if cells.iter().skip(1).all(|cell| cell.trim().is_empty()) {
            continue;
        }
        rows.extend(row_of(&cells, from, None, check));
    }
    rows
}

/// Rows copied from a table of Word or Excel: cells between tabs (or bars), one appointment a line. A
/// line without a day belongs to the day before it.
fn pasted_rows(pasted: &str, from: Option<NaiveDate>, check: &mut Check) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in pasted.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<String> = match line.contains('\t') {
            true => line.split('\t').map(form::line).collect(),
            false => line.split('|').map(form::line).collect(),
        };
        if is_heading(&cells) {
            continue;
        }
        let cells: [String; 5] =
            std::array::from_fn(|number| cells.get(number).cloned().unwrap_or_default());
        let before = rows.last().map(|row| row.on);
        rows.extend(row_of(&cells, from, before, check));
        if rows.len() > MOST_ROWS {
            break;
        }
    }
    rows
}

/// The head of a table names the columns.
fn is_heading(cells: &[String]) -> bool {
    let first = cells.first().map(String::as_str).unwrap_or_default();
    let folded = crate::vietnamese::fold(first);
    ["ngay", "thu, ngay", "thu/ngay", "thu ngay"].contains(&folded.as_str())
}

fn row_of(
    cells: &[String; 5],
    from: Option<NaiveDate>,
    before: Option<NaiveDate>,
    check: &mut Check,
) -> Option<Row> {
    let [on, time, content, who, place] = cells;
    let on = match on.trim().is_empty() {
        true => before,
        false => day_of(on, from),
    };
    let Some(on) = on else {
        check.say(
            "calendar",
            "Mỗi việc cần ngày, ví dụ 23/11 hoặc Thứ Hai 23/11/2026.",
        );
        return None;
    };
    let content = check.line("calendar", content, LONGEST);
    if content.is_empty() {
        check.say(
            "calendar",
            format!("Việc ngày {} chưa ghi nội dung.", form::show_date(on)),
        );
        return None;
    }
    Some(Row {
        on,
        time: check.line("calendar", time, 50),
        content,
        who: check.line("calendar", who, LONGEST),
        place: check.line("calendar", place, LONGEST),
    })
}

/// A day as weeks are planned: `23/11/2026`, `23/11`, `Thứ Hai 23/11`, `Thứ Hai`.
fn day_of(typed: &str, from: Option<NaiveDate>) -> Option<NaiveDate> {
    let date = typed
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()))
        .find(|word| word.contains(['/', '-', '.']));
    if let Some(date) = date {
        if let Some(day) = form::parse_date(date) {
            return Some(day);
        }
        let mut parts = date.split(['/', '-', '.']);
        let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        // A week may reach into the next year.
        let first = from?;
        return [first.year(), first.year() + 1]
            .into_iter()
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
            .find(|day| *day >= first);
    }
    let folded = crate::vietnamese::fold(typed);
    let number = match folded.trim().trim_start_matches("thu").trim() {
        "hai" | "2" => 0,
        "ba" | "3" => 1,
        "tu" | "4" => 2,
        "nam" | "5" => 3,
        "sau" | "6" => 4,
        "bay" | "7" => 5,
        "chu nhat" | "cn" => 6,
        _ => return None,
    };
    let from = from?;
    let ahead = (number + 7 - from.weekday().num_days_from_monday()) % 7;
    from.checked_add_days(Days::new(ahead.into()))
}

impl Row {
    /// The time by the clock at which it begins, if one was written: `08:00`, `7h30`, `14 giờ`.
    pub fn at(&self) -> Option<NaiveTime> {
        let (hours, minutes) = figures(&self.time)?;
        NaiveTime::from_hms_opt(hours, minutes, 0)
    }
}

/// The first hours and minutes of a text.
fn figures(time: &str) -> Option<(u32, u32)> {
    let mut figures = time
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse::<u32>().ok());
    Some((figures.next()?, figures.next().unwrap_or(0)))
}

/// Times in the order of a day: by the clock, and words where people put them.
fn time_key(time: &str) -> u32 {
    if let Some((hours, minutes)) = figures(time) {
        return hours.min(24) * 60 + minutes.min(59);
    }
    match crate::vietnamese::fold(time).as_str() {
        text if text.contains("sang") => 1,
        text if text.contains("trua") => 11 * 60,
        text if text.contains("chieu") => 13 * 60,
        text if text.contains("toi") => 18 * 60,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn read(form: &DraftForm) -> Result<Draft, Vec<String>> {
        let mut check = Check::default();
        let draft = Draft::read(form, &mut check);
        check
            .done(draft)
            .map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn a_week_is_called_as_offices_call_it() {
        let words = week_in_words(36, day("2021-09-06"), day("2021-09-12"));
        assert_eq!(words, "tuần 36 (từ 06/9 đến 12/9)");
        let draft = Draft {
            from: Some(day("2021-09-06")),
            to: Some(day("2021-09-12")),
            rows: Vec::new(),
        };
        let title = draft.title();
        assert_eq!(
            title.as_deref(),
            Some("Lịch công tác tuần 36 (từ 06/9 đến 12/9)")
        );
        let week = week_of(day("2026-11-25"));
        assert_eq!(week, (day("2026-11-23"), day("2026-11-29")));
    }

    #[test]
    fn rows_are_taken_from_a_table_of_word_as_they_are_from_the_form() {
        let form = DraftForm {
            week_from: "23/11/2026".to_owned(),
            row_on: vec!["24/11/2026".to_owned(), "25/11/2026".to_owned()],
            row_time: vec!["14:00".to_owned(), String::new()],
            row_content: vec!["Tiếp công dân".to_owned(), String::new()],
            row_who: vec!["Chủ tịch".to_owned(), String::new()],
            row_where: vec![String::new(), String::new()],
            calendar_paste: "Thứ, ngày\tGiờ\tNội dung\tThành phần\tĐịa điểm\r\n\
                Thứ Hai 23/11\t8h00\tGiao ban\tToàn cơ quan\tHội trường\r\n\
                \tChiều\tHọp xóm\t\tNhà rông\r\n\
                Thứ Ba\t7h30\tKhám nghĩa vụ\r\n"
                .to_owned(),
            ..DraftForm::default()
        };
        let draft = read(&form).expect("in order");
        assert_eq!(draft.to, Some(day("2026-11-29")));
        let rows: Vec<_> = draft
            .rows
            .iter()
            .map(|row| (row.on.day(), row.time.as_str(), row.content.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                (23, "8h00", "Giao ban"),
                (23, "Chiều", "Họp xóm"),
                (24, "7h30", "Khám nghĩa vụ"),
                (24, "14:00", "Tiếp công dân"),
            ]
        );
        let mut again = DraftForm::default();
        draft.write(&mut again);
        assert_eq!(read(&again).expect("in order"), draft);
    }

    #[test]
    fn what_cannot_be_a_week_is_told() {
        let wrong = |form: DraftForm| read(&form).expect_err("wrong");
        let with = |from: &str, to: &str, paste: &str| DraftForm {
            week_from: from.to_owned(),
            week_to: to.to_owned(),
            calendar_paste: paste.to_owned(),
            ..DraftForm::default()
        };
        assert_eq!(wrong(with("23/11/2026", "23/12/2026", "")), ["week_to"]);
        assert_eq!(
            wrong(with("23/11/2026", "", "mai | 8h | Họp")),
            ["calendar"]
        );
        assert_eq!(wrong(with("23/11/2026", "", "23/11 | 8h | ")), ["calendar"]);
        assert_eq!(
            wrong(with("23/11/2026", "", "1/12/2026 | 8h | Họp")),
            ["calendar"]
        );
        let over = with("28/12/2026", "", "2/1 | 8h | Trực Tết");
        assert_eq!(read(&over).expect("fits").rows[0].on, day("2027-01-02"));
    }
}
