//! The content of an entry: a JSON Feed 1.1 item with one extension object.
//!
//! What is signed is what a feed reader reads: there is one document, not a wire form and a
//! public form that could drift apart. Pictures are named by absolute addresses for readers and by
//! SHA-256 for sites, which fetch by hash and show their own copy.

use super::kinds;
use crate::log::Digest;
use crate::media::Focus;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::kinds::Kind;
pub use super::kinds::calendar::CalendarFields;
pub use super::kinds::consultation::ConsultationFields;
pub use super::kinds::document::DocumentFields;
pub use super::kinds::poll::PollFields;
pub use super::kinds::question::QuestionFields;
pub use super::kinds::video::VideoFields;

/// An entry's content, as it travels. Members of later versions are kept in the stored bytes and ignored here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `urn:uuid:` and the entry's id.
    pub id: String,
    /// Its page at its origin.
    pub url: String,
    /// Title, plain text.
    pub title: String,
    /// Lead paragraph, plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Body; cleaned where it is written and again where it is shown.
    pub content_html: String,
    /// When its first revision was published.
    pub date_published: DateTime<Utc>,
    /// When this revision was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<DateTime<Utc>>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// BCP 47.
    pub language: String,
    /// Address of the lead picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Pictures and files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What JSON Feed has no member for.
    #[serde(rename = "_entry")]
    pub fields: Fields,
}

/// An author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Byline.
    pub name: String,
}

/// The extension object `_entry`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    /// Its kind.
    pub kind: Kind,
    /// The province's code of its section at its origin; the unit's own, where it stands for none of them.
    pub section: String,
    /// What the unit calls a section of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
    /// Where it was taken from, for reposts and for portals read by feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// A document's own fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentFields>,
    /// A video's own fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoFields>,
    /// A week's appointments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarFields>,
    /// A draft's own fields, while and after it is open to comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<ConsultationFields>,
    /// What a citizen asked, and who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionFields>,
    /// What can be chosen in a poll, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollFields>,
    /// When a standing page was last read through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_on: Option<NaiveDate>,
    /// When a notice ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
    /// What was mended since the revision before, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<String>,
    /// Its author approved it, since nobody else at its unit could: the province looks at it afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub self_approved: bool,
}

/// Where an item comes from when its unit is not the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Name to show.
    pub name: String,
    /// Its page there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A picture or file of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Where its origin serves it.
    pub url: String,
    /// Media type.
    pub mime_type: String,
    /// Caption of a picture, name of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Bytes.
    pub size_in_bytes: u64,
    /// SHA-256 of the bytes.
    #[serde(rename = "_sha256")]
    pub sha256: Digest,
    /// What it is for.
    #[serde(rename = "_role")]
    pub role: MediaRole,
    /// What it shows, for those who cannot see it; empty if it only decorates.
    #[serde(rename = "_alt", default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Pixels.
    #[serde(rename = "_width", default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(rename = "_height", default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Who made a picture, or where it was taken from.
    #[serde(rename = "_credit", default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// What lists must not cut off a picture.
    #[serde(
        rename = "_focus",
        default,
        deserialize_with = "crate::media::focus::lenient",
        skip_serializing_if = "Focus::is_centre"
    )]
    pub focus: Focus,
}

/// What an attachment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaRole {
    /// The picture on top and in lists.
    Lead,
    /// A picture inside the body.
    Inline,
    /// A file to download.
    File,
    /// A picture of an album; they are shown in the order in which they stand.
    Album,
    /// A video that plays on the page.
    Video,
    /// What is shown of a video before it plays.
    Poster,
    /// What is said in a video, WebVTT.
    Captions,
    /// What a later version knows.
    #[serde(other)]
    Other,
}

/// Longest title, in characters.
const LONGEST_TITLE: usize = 300;
/// Longest lead, in characters.
const LONGEST_LEAD: usize = 2_000;
/// Largest body, in bytes.
pub const LARGEST_BODY: usize = 512 * 1024;
/// Most attachments.
const MOST_ATTACHMENTS: usize = 100;

/// Why a content is not an entry.
#[derive(Debug, thiserror::Error)]
pub enum ItemError {
    /// Not of the shape above.
    #[error("nội dung không đọc được: {0}")]
    Shape(#[from] serde_json::Error),
    /// Of a kind this version does not know.
    #[error("loại nội dung {0} chưa được hỗ trợ; cần nâng cấp")]
    Kind(String),
    /// A member breaks its bound.
    #[error("{member}: {rule}")]
    Bound {
        /// Which.
        member: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}

impl Item {
    /// Reads the content of the entry `entry` and checks what every site relies on.
    pub fn read(content: &serde_json::Value, entry: Uuid) -> Result<Self, ItemError> {
        if let Some(kind) = content["_entry"]["kind"].as_str()
            && Kind::parse(kind).is_none()
        {
            return Err(ItemError::Kind(kind.chars().take(40).collect()));
        }
        let item = Self::deserialize(content)?;
        item.check(entry)?;
        Ok(item)
    }

    /// The id an item must have to be the content of `entry`.
    pub fn id_of(entry: Uuid) -> String {
        format!("urn:uuid:{entry}")
    }

    /// The lead picture, if it has one; an album is led by its first.
    pub fn lead_picture(&self) -> Option<&Attachment> {
        let of_role = |role| {
            let mut all = self.attachments.iter();
            all.find(|attachment: &&Attachment| attachment.role == role)
        };
        of_role(MediaRole::Lead)
            .or_else(|| of_role(MediaRole::Poster))
            .or_else(|| of_role(MediaRole::Album))
    }

    /// All there is to read of it in one clean text: what was asked stands before what is answered.
    pub fn reading(&self) -> String {
        let body = super::body::sanitise(&self.content_html).to_string();
        match &self.fields.question {
            Some(question) => question.before(&body),
            None => body,
        }
    }

    /// The authors in one line.
    pub fn byline(&self) -> Option<String> {
        let names: Vec<_> = self
            .authors
            .iter()
            .map(|author| author.name.as_str())
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn check(&self, entry: Uuid) -> Result<(), ItemError> {
        bound(
            self.id == Self::id_of(entry),
            "id",
            "phải là urn:uuid của mục trong phần đầu sự kiện",
        )?;
        bound(
            !self.title.trim().is_empty(),
            "title",
            "không được để trống",
        )?;
        bound(
            self.title.chars().count() <= LONGEST_TITLE,
            "title",
            "dài tối đa 300 ký tự",
        )?;
        bound(
            is_plain(&self.title),
            "title",
            "không được chứa ký tự điều khiển",
        )?;
        let lead = self.summary.as_deref().unwrap_or_default();
        bound(
            lead.chars().count() <= LONGEST_LEAD,
            "summary",
            "dài tối đa 2.000 ký tự",
        )?;
        bound(
            self.content_html.len() <= LARGEST_BODY,
            "content_html",
            "lớn tối đa 512 kB",
        )?;
        bound(
            self.attachments.len() <= MOST_ATTACHMENTS,
            "attachments",
            "tối đa 100 tệp",
        )?;
        bound(is_web(&self.url), "url", "phải là địa chỉ http hoặc https")?;
        bound(
            self.attachments
                .iter()
                .all(|attachment| is_web(&attachment.url)),
            "attachments",
            "địa chỉ phải là http hoặc https",
        )?;
        bound(
            is_code(&self.fields.section),
            "_entry.section",
            "phải là mã chuyên mục (a-z, 0-9, gạch nối)",
        )?;
        bound(
            (2..=35).contains(&self.language.len())
                && self
                    .language
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "language",
            "phải là mã ngôn ngữ như vi, en, bdq",
        )?;
        kinds::check(self)
    }
}

/// Whether a member keeps to its rule.
pub fn bound(holds: bool, member: &'static str, rule: &'static str) -> Result<(), ItemError> {
    if holds {
        Ok(())
    } else {
        Err(ItemError::Bound { member, rule })
    }
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn is_web(url: &str) -> bool {
    url.len() <= 2_048
        && url::Url::parse(url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ENTRY: Uuid = Uuid::from_u128(7);

    fn content() -> Value {
        json!({
            "id": Item::id_of(ENTRY),
            "url": "https://konbraih.quangngai.example/bai-viet/mua-ca-phe-7",
            "title": "Vào mùa cà phê",
            "content_html": "<p>Bà con vào vụ.</p>",
            "date_published": "2026-11-20T01:00:00Z",
            "language": "vi",
            "_entry": {"kind": "article", "section": "kinh-te", "mood": "of a later version"},
        })
    }

    #[test]
    fn an_item_is_read_and_later_members_are_ignored() {
        let item = Item::read(&content(), ENTRY).expect("reads");
        assert_eq!(item.fields.kind, Kind::Article);
        assert_eq!(item.byline(), None);
    }

    #[test]
    fn what_breaks_a_bound_is_named() {
        let cases = [
            (
                "id",
                json!("urn:uuid:00000000-0000-0000-0000-000000000008"),
                "id",
            ),
            ("title", json!("  "), "title"),
            ("title", json!("a\u{0}b"), "title"),
            ("title", json!("ồ".repeat(301)), "title"),
            (
                "content_html",
                json!("x".repeat(LARGEST_BODY + 1)),
                "content_html",
            ),
            ("url", json!("javascript:alert(1)"), "url"),
            ("language", json!("<b>"), "language"),
            (
                "_entry",
                json!({"kind": "article", "section": "../x"}),
                "section",
            ),
            (
                "_entry",
                json!({"kind": "document", "section": "van-ban"}),
                "document",
            ),
            (
                "_entry",
                json!({"kind": "album", "section": "thu-vien"}),
                "ít nhất một ảnh",
            ),
            (
                "_entry",
                json!({"kind": "video", "section": "thu-vien", "video": {}}),
                "video",
            ),
            (
                "_entry",
                json!({"kind": "video", "section": "thu-vien", "video": {"youtube": "\"><script>"}}),
                "youtube",
            ),
            (
                "_entry",
                json!({"kind": "article", "section": "x", "calendar":
                    {"week": 36, "from": "2021-09-06", "to": "2021-09-12"}}),
                "calendar",
            ),
            (
                "_entry",
                json!({"kind": "calendar", "section": "x", "calendar":
                    {"week": 36, "from": "2021-09-06", "to": "2022-09-12"}}),
                "calendar.to",
            ),
            (
                "_entry",
                json!({"kind": "consultation", "section": "x", "consultation":
                    {"opens_on": "2026-12-01", "closes_on": "2026-11-01"}}),
                "closes_on",
            ),
            (
                "_entry",
                json!({"kind": "question", "section": "x"}),
                "_entry.question",
            ),
            (
                "_entry",
                json!({"kind": "article", "section": "x", "question": {"asked": "Ở đâu?"}}),
                "chỉ hỏi đáp",
            ),
            (
                "_entry",
                json!({"kind": "question", "section": "x", "question": {"asked": " "}}),
                "asked",
            ),
            (
                "_entry",
                json!({"kind": "poll", "section": "x", "poll":
                    {"options": ["Sáng"], "closes_on": "2026-12-10"}}),
                "từ 2 đến 10",
            ),
            (
                "_entry",
                json!({"kind": "song", "section": "x"}),
                "song chưa được hỗ trợ",
            ),
        ];
        for (member, value, expected) in cases {
            let mut bad = content();
            bad[member] = value;
            let error = Item::read(&bad, ENTRY).expect_err(member).to_string();
            assert!(error.contains(expected), "{member}: {error}");
        }
    }
}
