//! The form of an entry: from what was typed to what can be kept.

use super::draft::{Document, Extra};
use crate::entries::Kind;
use crate::entries::item::Source;
use crate::error::FieldError;
use crate::vietnamese::nfc;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::Deserialize;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 300;
/// Longest lead, in characters.
const LONGEST_LEAD: usize = 1_000;
/// Longest body, in bytes of what was typed.
const LONGEST_BODY: usize = 400 * 1024;
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
    /// [`Kind`] by name.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: String,
    /// Body, Markdown.
    pub body: String,
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
    /// Body, Markdown.
    pub body: String,
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
        let title = check.line("title", &self.title, LONGEST_TITLE);
        if title.is_empty() {
            check.say("title", "Hãy nhập tiêu đề.");
        }
        let body = paragraphs(&self.body);
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
                document: (kind == Kind::Document).then(|| self.document(&mut check)),
                expires: (kind == Kind::Notice)
                    .then(|| check.date("expires", &self.expires))
                    .flatten()
                    .map(end_of_day),
                featured: !self.featured.is_empty(),
                files: Vec::new(),
            },
            kind,
            title,
            body,
        };
        check.done(input)
    }

    fn document(&self, check: &mut Check) -> Document {
        let document = Document {
            number: check.line("document_number", &self.document_number, 100),
            form: check.line("document_type", &self.document_type, 100),
            issuer: check.line("issuer", &self.issuer, LONGEST_LINE),
            signer: check.optional("signer", &self.signer),
            field: check.optional("field", &self.field),
            issued_on: check.date("issued_on", &self.issued_on),
            effective_on: check.date("effective_on", &self.effective_on),
        };
        if let (Some(issued), Some(effective)) = (document.issued_on, document.effective_on)
            && effective < issued
        {
            check.say(
                "effective_on",
                "Ngày có hiệu lực không thể trước ngày ban hành.",
            );
        }
        document
    }

    /// Notes one field of a form that was sent in parts.
    pub fn put(&mut self, name: &str, value: String) {
        let field = match name {
            "csrf" => &mut self.csrf,
            "action" => &mut self.action,
            "revision" => &mut self.revision,
            "kind" => &mut self.kind,
            "title" => &mut self.title,
            "lead" => &mut self.lead,
            "body" => &mut self.body,
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
            "document_number" => &mut self.document_number,
            "document_type" => &mut self.document_type,
            "issuer" => &mut self.issuer,
            "signer" => &mut self.signer,
            "field" => &mut self.field,
            "issued_on" => &mut self.issued_on,
            "effective_on" => &mut self.effective_on,
            "note" => &mut self.note,
            "file_kept" => return self.file_kept.push(value),
            "drop_file" => return self.drop_file.push(value),
            // Of a later version of the page, or of nobody's: not ours to keep.
            _ => return,
        };
        *field = value;
    }
}

/// Gathers what there is to mend.
#[derive(Default)]
struct Check(Vec<FieldError>);

impl Check {
    fn say(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    fn line(&mut self, field: &str, typed: &str, longest: usize) -> String {
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

    fn optional(&mut self, field: &str, typed: &str) -> Option<String> {
        Some(self.line(field, typed, LONGEST_LINE)).filter(|line| !line.is_empty())
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

    fn date(&mut self, field: &str, typed: &str) -> Option<NaiveDate> {
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

    fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
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
        assert_eq!(input.extra.document, None, "articles have no number");
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
