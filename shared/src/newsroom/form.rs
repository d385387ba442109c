//! The form of an entry: from what was typed to what can be kept.

use super::draft::Extra;
use super::pictures::PictureFields;
use crate::entries::Kind;
use crate::entries::body::{self, Format};
use crate::entries::item::Source;
use crate::entries::kinds::Own;
use crate::error::FieldError;
use crate::media::Focus;
use crate::vietnamese::nfc;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::Deserialize;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 300;
/// Longest lead, in characters.
const LONGEST_LEAD: usize = 1_000;
/// Longest body, in bytes of what was typed.
pub const LONGEST_BODY: usize = 400 * 1024;
/// Longest line of any other field, in characters.
const LONGEST_LINE: usize = 300;
/// Most authors.
const MOST_AUTHORS: usize = 20;
/// Years a date may be in: the oldest document in force, and nothing mistyped.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// The languages entries are written in here, as BCP 47 and as people call them.
pub const LANGUAGES: [(&str, &str); 5] = [
    ("vi", "Tiếng Việt"),
    ("en", "Tiếng Anh"),
    ("bdq", "Tiếng Ba Na"),
    ("sed", "Tiếng Xơ Đăng"),
    ("hre", "Tiếng Hrê"),
];

/// What the form of an entry sends, as typed. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DraftForm {
    /// The session's token.
    pub csrf: String,
    /// The button: `save`, `submit`, `publish`, `send_back`.
    pub action: String,
    /// What was there when the form was opened: [`draft::Model::version`](super::draft::Model::version).
    pub revision: String,
    /// The id that what has no draft yet will have as one: sent twice, it is one draft.
    pub draft: String,
    /// [`Kind`] by name.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: String,
    /// Body, as its format says.
    pub body: String,
    /// `html` if the editor made the body; Markdown otherwise.
    pub body_format: String,
    /// Code of the section.
    pub section: String,
    /// BCP 47; Vietnamese if empty.
    pub language: String,
    /// Authors, separated by commas.
    pub author: String,
    /// Where it was taken from.
    pub source: String,
    /// Its page there.
    pub source_url: String,
    /// Last day of a notice.
    pub expires: String,
    /// Not empty: leads the front page.
    pub featured: String,
    /// Digest of the picture it has: of the draft, or uploaded with a form that had to be mended.
    pub picture_kept: String,
    /// Not empty: without the picture it has.
    pub drop_picture: String,
    /// What the picture shows.
    pub picture_alt: String,
    /// The line under the picture.
    pub picture_caption: String,
    /// Who made the picture.
    pub picture_credit: String,
    /// [`Focus`] of the picture, by name.
    pub picture_focus: String,
    /// Not empty: the picture shows nothing a reader would miss.
    pub picture_decorates: String,
    /// The pictures of an album.
    #[serde(flatten)]
    pub pictures: PictureFields,
    /// Số, ký hiệu.
    pub document_number: String,
    /// Hình thức.
    pub document_type: String,
    /// Cơ quan ban hành.
    pub issuer: String,
    /// Người ký.
    pub signer: String,
    /// Lĩnh vực.
    pub field: String,
    /// Ngày ban hành.
    pub issued_on: String,
    /// Ngày có hiệu lực.
    pub effective_on: String,
    /// Chức vụ người ký.
    pub signer_position: String,
    /// Ngày hết hiệu lực.
    pub expires_on: String,
    /// Thay thế: numbers, one a line.
    pub replaces: String,
    /// Sửa đổi, bổ sung: numbers, one a line.
    pub amends: String,
    /// When a standing page was last read through.
    pub reviewed_on: String,
    /// The address of a video at YouTube.
    pub youtube: String,
    /// The file of a video: address, a blank, name.
    pub video_kept: String,
    /// Not empty: without that file.
    pub video_drop: String,
    /// The captions of a video: address, a blank, name.
    pub captions_kept: String,
    /// Not empty: without them.
    pub captions_drop: String,
    /// First day of a week.
    pub week_from: String,
    /// Last day of a week.
    pub week_to: String,
    /// Appointments copied from a table.
    pub calendar_paste: String,
    /// First day comments are taken.
    pub opens_on: String,
    /// Last day comments are taken.
    pub closes_on: String,
    /// Who asks for comments.
    pub asker: String,
    /// Where comments go.
    pub send_to: String,
    /// What a citizen asked.
    pub asked: String,
    /// When.
    pub asked_on: String,
    /// Who, as they are named in public.
    pub asked_by: String,
    /// Who answers.
    pub answered_by: String,
    /// When.
    pub answered_on: String,
    /// Lĩnh vực of a question.
    pub question_field: String,
    /// What can be chosen in a poll, one a line.
    pub poll_options: String,
    /// The last day of a poll.
    pub poll_closes_on: String,
    /// Not empty: results are shown before the end.
    pub poll_results: String,
    /// The day of each appointment; what follows is of the same one at the same place.
    pub row_on: Vec<String>,
    /// The time of each.
    pub row_time: Vec<String>,
    /// What each is.
    pub row_content: Vec<String>,
    /// Who is to be there.
    pub row_who: Vec<String>,
    /// Where.
    pub row_where: Vec<String>,
    /// Why a draft is sent back, or what was corrected.
    pub note: String,
    /// The files it has: address, a blank, name.
    pub file_kept: Vec<String>,
    /// Addresses of the files to be dropped.
    pub drop_file: Vec<String>,
}

/// A draft that can be kept. Whether it can be published is asked of the draft.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftInput {
    /// Its kind.
    pub kind: Kind,
    /// Title, one line.
    pub title: String,
    /// Lead, one paragraph.
    pub lead: String,
    /// Body, in its format; clean if it is HTML.
    pub body: String,
    /// How it was written.
    pub body_format: Format,
    /// Code of the section.
    pub section: String,
    /// BCP 47.
    pub language: String,
    /// Authors.
    pub authors: Vec<String>,
    /// Where it was taken from.
    pub source: Option<Source>,
    /// What the picture shows.
    pub picture_alt: Option<String>,
    /// The line under the picture.
    pub picture_caption: Option<String>,
    /// What belongs to its kind. Files are not typed and stay empty here.
    pub extra: Extra,
}

impl DraftForm {
    /// What was typed, in the form it is kept in; or all there is to mend.
    pub fn validate(&self) -> Result<DraftInput, Vec<FieldError>> {
        let mut check = Check::default();
        let kind = Kind::parse(&self.kind).unwrap_or_else(|| {
            check.say("kind", "Hãy chọn loại nội dung.");
            Kind::Article
        });
        let own = Own::read(kind, self, &mut check);
        let mut title = check.line("title", &self.title, LONGEST_TITLE);
        if title.is_empty() {
            title = own.title().unwrap_or_default();
        }
        if title.is_empty() {
            check.say("title", "Hãy nhập tiêu đề.");
        }
        let body_format = Format::parse(&self.body_format);
        let body = match body_format {
            // Too much to be looked at, and told below.
            _ if self.body.len() > LONGEST_BODY => self.body.clone(),
            Format::Markdown => paragraphs(&self.body),
            Format::Html => markup(&self.body),
        };
        if body.len() > LONGEST_BODY {
            check.say("body", "Nội dung quá dài. Hãy chia thành nhiều bài.");
        }
        let input = DraftInput {
            lead: check.line("lead", &self.lead, LONGEST_LEAD),
            section: check.section(&self.section),
            language: check.language(&self.language),
            authors: check.authors(&self.author),
            source: check.source(&self.source, &self.source_url),
            picture_alt: check.optional("picture_alt", &self.picture_alt),
            picture_caption: check.optional("picture_caption", &self.picture_caption),
            extra: Extra {
                own,
                expires: (kind == Kind::Notice)
                    .then(|| check.date("expires", &self.expires))
                    .flatten()
                    .map(end_of_day),
                featured: !self.featured.is_empty(),
                files: Vec::new(),
                pictures: self.pictures.read(),
                picture_credit: check.optional("picture_credit", &self.picture_credit),
                picture_focus: Focus::parse(&self.picture_focus),
                picture_decorates: !self.picture_decorates.is_empty(),
            },
            kind,
            title,
            body,
            body_format,
        };
        check.0.extend(self.pictures.check());
        check.done(input)
    }

    /// What was typed so far by somebody who goes on typing: what is missing or half typed is left out
    /// for now. Only what is too long is refused.
    pub fn unfinished(&self) -> Result<DraftInput, Vec<FieldError>> {
        /// Stands where something has to, until it is taken out again.
        const NOTHING_YET: &str = "-";
        let wrong = match self.validate() {
            Ok(input) => return Ok(input),
            Err(wrong) => wrong,
        };
        let has_title = !line(&self.title).is_empty();
        let mut rest = self.clone();
        let mut has_section = true;
        for error in &wrong {
            match error.field.as_str() {
                "kind" => Kind::Article.as_str().clone_into(&mut rest.kind),
                "title" if !has_title => NOTHING_YET.clone_into(&mut rest.title),
                "section" => {
                    has_section = false;
                    NOTHING_YET.clone_into(&mut rest.section);
                }
                "title" | "lead" | "body" | "asked" => return Err(wrong),
                field => rest.put(field, String::new()),
            }
        }
        let mut input = rest.validate()?;
        if !has_title {
            input.title.clear();
        }
        if !has_section {
            input.section.clear();
        }
        Ok(input)
    }

    /// Every text somebody typed that readers will see, to be masked in place.
    pub fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let single = [
            &mut self.title,
            &mut self.lead,
            &mut self.body,
            &mut self.author,
            &mut self.source,
            &mut self.picture_alt,
            &mut self.picture_caption,
            &mut self.picture_credit,
            &mut self.issuer,
            &mut self.signer,
            &mut self.signer_position,
            &mut self.calendar_paste,
            &mut self.asker,
            &mut self.send_to,
            &mut self.asked,
            &mut self.asked_by,
            &mut self.answered_by,
        ];
        let lists = [
            &mut self.row_content,
            &mut self.row_who,
            &mut self.row_where,
            &mut self.pictures.pic_alt,
            &mut self.pictures.pic_caption,
            &mut self.pictures.pic_credit,
        ];
        single.into_iter().chain(lists.into_iter().flatten())
    }

    /// Notes one field of a form that was sent in parts.
    pub fn put(&mut self, name: &str, value: String) {
        let field = match name {
            "csrf" => &mut self.csrf,
            "action" => &mut self.action,
            "revision" => &mut self.revision,
            "draft" => &mut self.draft,
            "kind" => &mut self.kind,
            "title" => &mut self.title,
            "lead" => &mut self.lead,
            "body" => &mut self.body,
            "body_format" => &mut self.body_format,
            "section" => &mut self.section,
            "language" => &mut self.language,
            "author" => &mut self.author,
            "source" => &mut self.source,
            "source_url" => &mut self.source_url,
            "expires" => &mut self.expires,
            "featured" => &mut self.featured,
            "picture_kept" => &mut self.picture_kept,
            "drop_picture" => &mut self.drop_picture,
            "picture_alt" => &mut self.picture_alt,
            "picture_caption" => &mut self.picture_caption,
            "picture_credit" => &mut self.picture_credit,
            "picture_focus" => &mut self.picture_focus,
            "picture_decorates" => &mut self.picture_decorates,
            "document_number" => &mut self.document_number,
            "document_type" => &mut self.document_type,
            "issuer" => &mut self.issuer,
            "signer" => &mut self.signer,
            "field" => &mut self.field,
            "issued_on" => &mut self.issued_on,
            "effective_on" => &mut self.effective_on,
            "signer_position" => &mut self.signer_position,
            "expires_on" => &mut self.expires_on,
            "replaces" => &mut self.replaces,
            "amends" => &mut self.amends,
            "reviewed_on" => &mut self.reviewed_on,
            "youtube" => &mut self.youtube,
            "video_kept" => &mut self.video_kept,
            "video_drop" => &mut self.video_drop,
            "captions_kept" => &mut self.captions_kept,
            "captions_drop" => &mut self.captions_drop,
            "week_from" => &mut self.week_from,
            "week_to" => &mut self.week_to,
            "calendar_paste" => &mut self.calendar_paste,
            "opens_on" => &mut self.opens_on,
            "closes_on" => &mut self.closes_on,
            "asker" => &mut self.asker,
            "send_to" => &mut self.send_to,
            "asked" => &mut self.asked,
            "asked_on" => &mut self.asked_on,
            "asked_by" => &mut self.asked_by,
            "answered_by" => &mut self.answered_by,
            "answered_on" => &mut self.answered_on,
            "question_field" => &mut self.question_field,
            "row_on" => return self.row_on.push(value),
            "row_time" => return self.row_time.push(value),
            "row_content" => return self.row_content.push(value),
            "row_who" => return self.row_who.push(value),
            "row_where" => return self.row_where.push(value),
            "note" => &mut self.note,
            "file_kept" => return self.file_kept.push(value),
            "drop_file" => return self.drop_file.push(value),
            // Of a later version of the page, or of nobody's: not ours to keep.
            _ => {
                self.pictures.put(name, value);
                return;
            }
        };
        *field = value;
    }
}

/// Gathers what there is to mend.
#[derive(Debug, Default)]
pub struct Check(Vec<FieldError>);

impl Check {
    /// Notes that `field` is to be mended.
    pub fn say(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// One line that is not too long.
    pub fn line(&mut self, field: &str, typed: &str, longest: usize) -> String {
        let line = line(typed);
        let length = line.chars().count();
        if length > longest {
            self.say(
                field,
                format!("Dài tối đa {longest} ký tự, hiện có {length}."),
            );
        }
        line
    }

    /// A line that may be missing.
    pub fn optional(&mut self, field: &str, typed: &str) -> Option<String> {
        Some(self.line(field, typed, LONGEST_LINE)).filter(|line| !line.is_empty())
    }

    /// Lines that are not too long together.
    pub fn lines(&mut self, field: &str, typed: &str, longest: usize) -> String {
        let lines = paragraphs(typed);
        let length = lines.chars().count();
        if length > longest {
            self.say(
                field,
                format!("Dài tối đa {longest} ký tự, hiện có {length}."),
            );
        }
        lines
    }

    fn section(&mut self, typed: &str) -> String {
        let is_code = (1..=64).contains(&typed.len())
            && typed
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_code {
            self.say("section", "Hãy chọn chuyên mục.");
        }
        typed.to_owned()
    }

    fn language(&mut self, typed: &str) -> String {
        let code = if typed.is_empty() { "vi" } else { typed };
        if !LANGUAGES.iter().any(|(known, _)| *known == code) {
            self.say("language", "Hãy chọn ngôn ngữ trong danh sách.");
        }
        code.to_owned()
    }

    fn authors(&mut self, typed: &str) -> Vec<String> {
        let names: Vec<String> = self
            .line("author", typed, LONGEST_LINE)
            .split([',', ';'])
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        if names.len() > MOST_AUTHORS {
            self.say("author", "Ghi tối đa 20 tác giả.");
        }
        names
    }

    fn source(&mut self, name: &str, url: &str) -> Option<Source> {
        let name = self.optional("source", name);
        let url = url.trim();
        let is_web = |url: &str| {
            url.len() <= 2_048
                && url::Url::parse(url).is_ok_and(|url| {
                    matches!(url.scheme(), "http" | "https") && url.host().is_some()
                })
        };
        if !url.is_empty() && !is_web(url) {
            self.say(
                "source_url",
                "Địa chỉ nguồn phải bắt đầu bằng http:// hoặc https://",
            );
        }
        if name.is_none() && !url.is_empty() {
            self.say("source", "Hãy ghi tên nguồn.");
        }
        Some(Source {
            name: name?,
            url: (!url.is_empty()).then(|| url.to_owned()),
        })
    }

    /// A day that may be missing.
    pub fn date(&mut self, field: &str, typed: &str) -> Option<NaiveDate> {
        if typed.trim().is_empty() {
            return None;
        }
        let date = parse_date(typed);
        if date.is_none() {
            self.say(
                field,
                "Ngày chưa đúng. Hãy gõ ngày/tháng/năm, ví dụ 5/11/2026.",
            );
        }
        date
    }

    /// `value`, if nothing is to be mended.
    pub fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }
}

/// A day as people here type it: `5/11/2025`, `05-11-2025`, `5.11.2025`, or as programs do.
pub fn parse_date(typed: &str) -> Option<NaiveDate> {
    let typed = typed.trim().replace(['-', '.'], "/");
    ["%d/%m/%Y", "%Y/%m/%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(&typed, form).ok())
        .filter(|date| YEARS.contains(&chrono::Datelike::year(date)))
}

/// The form dates are shown in for mending.
pub fn show_date(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// The moment `day` is over in Vietnam: a notice that ends on a day holds on that day.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day
        .checked_add_days(Days::new(1))
        .unwrap_or(day)
        .and_time(NaiveTime::MIN);
    let vietnam = FixedOffset::east_opt(7 * 3600).unwrap_or_else(|| unreachable!("an offset"));
    vietnam
        .from_local_datetime(&midnight)
        .single()
        .unwrap_or_else(|| unreachable!("a fixed offset has every time once"))
        .to_utc()
}

/// The last day that is over at `end`: what [`end_of_day`] was made of.
pub fn last_day(end: DateTime<Utc>) -> NaiveDate {
    let day = crate::vietnamese::local(end).date_naive();
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

/// One line: composed, without control characters, single blanks.
pub fn line(typed: &str) -> String {
    let plain: String = nfc(typed)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Several lines: composed, line ends of one kind, without other control characters.
pub fn paragraphs(typed: &str) -> String {
    let plain: String = nfc(&typed.replace("\r\n", "\n").replace('\r', "\n"))
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    plain.trim_end().trim_start_matches('\n').to_owned()
}

/// What the editor made: composed, of the allow-list, and nothing at all if it shows nothing.
fn markup(made: &str) -> String {
    let clean = body::sanitise(&paragraphs(made)).to_string();
    let shows = ["<img", "<hr"].iter().any(|tag| clean.contains(tag))
        || !body::plain_text(&clean).is_empty();
    if shows { clean } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> DraftForm {
        DraftForm {
            kind: "article".to_owned(),
            title: "Vào mùa cà phê".to_owned(),
            section: "tin-tuc".to_owned(),
            ..DraftForm::default()
        }
    }

    fn wrong_fields(form: &DraftForm) -> Vec<String> {
        match form.validate() {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|error| error.field).collect(),
        }
    }

    #[test]
    fn what_is_typed_is_composed_and_put_in_order() {
        let typed = DraftForm {
            title: "  Va\u{300}o mu\u{300}a\r\n ca\u{300} phe\u{302} ".to_owned(),
            body: "\r\nMột\u{0}\r\n\r\nHai\r\n".to_owned(),
            author: "A Mẫu, Y Thử ;".to_owned(),
            source: "Báo Quảng Ngãi".to_owned(),
            featured: "1".to_owned(),
            ..form()
        };
        let input = typed.validate().expect("in order");
        assert_eq!(input.title, "Vào mùa cà phê");
        assert_eq!(input.body, "Một\n\nHai");
        assert_eq!(input.authors, ["A Mẫu", "Y Thử"]);
        assert_eq!(input.language, "vi");
        assert_eq!(input.source.expect("a source").url, None);
        assert!(input.extra.featured);
        assert_eq!(input.extra.own.document, None, "articles have no number");
    }

    #[test]
    fn what_the_editor_made_is_cleaned_and_may_be_nothing() {
        for (made, kept) in [
            ("<p>Va\u{300}o</p><script>x</script>", "<p>Vào</p>"),
            ("<p> <br></p><p>&nbsp;</p>", ""),
            ("<hr>", "<hr>"),
        ] {
            let typed = DraftForm {
                body: made.to_owned(),
                body_format: "html".to_owned(),
                ..form()
            };
            let input = typed.validate().expect("in order");
            assert_eq!(
                (input.body.as_str(), input.body_format),
                (kept, Format::Html)
            );
        }
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        type Break = fn(&mut DraftForm);
        let cases: [(&str, Break); 14] = [
            ("title", |form| form.title = " \n ".to_owned()),
            ("title", |form| form.title = "ồ".repeat(301)),
            ("lead", |form| form.lead = "ồ".repeat(1_001)),
            ("body", |form| form.body = "x".repeat(LONGEST_BODY + 1)),
            ("kind", |form| form.kind = "song".to_owned()),
            ("section", |form| form.section = "../x".to_owned()),
            ("section", |form| form.section.clear()),
            ("language", |form| form.language = "<b>".to_owned()),
            ("author", |form| form.author = "a,".repeat(21)),
            ("source", |form| {
                form.source_url = "https://bao.example/1".to_owned()
            }),
            ("source_url", |form| {
                form.source = "Báo".to_owned();
                form.source_url = "javascript:alert(1)".to_owned();
            }),
            ("picture_alt", |form| form.picture_alt = "x".repeat(301)),
            ("expires", |form| {
                form.kind = "notice".to_owned();
                form.expires = "31/02/2026".to_owned();
            }),
            ("effective_on", |form| {
                form.kind = "document".to_owned();
                form.issued_on = "5/11/2026".to_owned();
                form.effective_on = "4/11/2026".to_owned();
            }),
        ];
        assert_eq!(wrong_fields(&form()), [""; 0]);
        for (field, spoil) in cases {
            let mut bad = form();
            spoil(&mut bad);
            assert_eq!(wrong_fields(&bad), [field]);
        }
        assert_eq!(
            wrong_fields(&DraftForm::default()),
            ["kind", "title", "section"]
        );
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        let day = NaiveDate::from_ymd_opt(2025, 11, 5);
        for typed in [
            "5/11/2025",
            "05-11-2025",
            "5.11.2025",
            " 05/11/2025 ",
            "2025-11-05",
        ] {
            assert_eq!(parse_date(typed), day, "{typed}");
        }
        for typed in [
            "",
            "5/11/25",
            "11/2025",
            "31/02/2025",
            "2025",
            "ngày mai",
            "5/11/20250",
        ] {
            assert_eq!(parse_date(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_notice_holds_on_its_last_day_in_vietnam() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
        let end = end_of_day(day);
        assert_eq!(end.to_rfc3339(), "2026-11-30T17:00:00+00:00");
        assert_eq!(last_day(end), day);
        assert_eq!(show_date(day), "30/11/2026");
    }

    #[test]
    fn what_somebody_is_still_typing_is_kept_as_far_as_it_goes() {
        let typing = DraftForm {
            kind: "document".to_owned(),
            body: "Mới viết".to_owned(),
            issued_on: "5/1".to_owned(),
            source_url: "https://".to_owned(),
            ..DraftForm::default()
        };
        let input = typing.unfinished().expect("what there is");
        assert_eq!((input.title.as_str(), input.section.as_str()), ("", ""));
        assert_eq!(input.body, "Mới viết");
        assert_eq!(input.source, None);
        let blank = DraftForm::default().unfinished().expect("nothing yet");
        assert_eq!(blank.kind, Kind::Article);
        let long = DraftForm {
            title: "ồ".repeat(301),
            ..form()
        };
        assert!(long.unfinished().is_err());
        assert_eq!(form().unfinished(), form().validate());
    }

    #[test]
    fn a_form_sent_in_parts_is_the_same_form() {
        let mut sent = DraftForm::default();
        for (name, value) in [
            ("kind", "article"),
            ("title", "Vào mùa cà phê"),
            ("section", "tin-tuc"),
            ("of_a_later_version", "x"),
        ] {
            sent.put(name, value.to_owned());
        }
        assert_eq!(sent, form());
    }
}
