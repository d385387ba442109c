//! The kinds of entries. What is special to one stays in its module: its members on the wire, their
//! bounds, what its form asks, what is still lacking, and what it is called.
//!
//! A new kind is a module, a variant, and an arm of each `match` here.

pub mod album;
pub mod calendar;
pub mod consultation;
pub mod document;
pub mod links;
pub mod page;
pub mod poll;
pub mod question;
pub mod validity;
pub mod video;

use super::item::{Fields, Item, ItemError, bound};
use crate::newsroom::form::{Check, DraftForm};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// The kinds of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Tin, bài.
    #[default]
    Article,
    /// Văn bản.
    Document,
    /// Thông báo, with an end.
    Notice,
    /// A standing page, such as an introduction.
    Page,
    /// Album ảnh: pictures in their order.
    Album,
    /// Video: a file, or one that is shown elsewhere.
    Video,
    /// Lịch công tác: the appointments of one week.
    Calendar,
    /// Dự thảo lấy ý kiến, until a day.
    Consultation,
    /// Hỏi – Đáp: a citizen's question with its answer.
    Question,
    /// Bình chọn: answers to choose from, until a day.
    Poll,
}

impl Kind {
    /// All kinds, in the order forms offer them.
    pub const ALL: [Self; 10] = [
        Self::Article,
        Self::Notice,
        Self::Document,
        Self::Consultation,
        Self::Question,
        Self::Poll,
        Self::Album,
        Self::Video,
        Self::Calendar,
        Self::Page,
    ];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Document => "document",
            Self::Notice => "notice",
            Self::Page => "page",
            Self::Album => "album",
            Self::Video => "video",
            Self::Calendar => "calendar",
            Self::Consultation => "consultation",
            Self::Question => "question",
            Self::Poll => "poll",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The first part of the path of its pages.
    pub fn path(self) -> &'static str {
        match self {
            Self::Article => "bai-viet",
            Self::Document => "van-ban",
            Self::Notice => "thong-bao",
            Self::Page => "trang",
            Self::Album => "thu-vien/anh",
            Self::Video => "thu-vien/video",
            Self::Calendar => "lich-cong-tac",
            Self::Consultation => "du-thao",
            Self::Question => "hoi-dap",
            Self::Poll => "binh-chon",
        }
    }

    /// What staff and readers call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Article => "Tin, bài",
            Self::Document => "Văn bản",
            Self::Notice => "Thông báo",
            Self::Page => "Trang giới thiệu",
            Self::Album => "Album ảnh",
            Self::Video => "Video",
            Self::Calendar => "Lịch công tác",
            Self::Consultation => "Dự thảo lấy ý kiến",
            Self::Question => "Hỏi – Đáp",
            Self::Poll => "Bình chọn",
        }
    }

    /// Whether it stands for itself, without others before and after it.
    pub fn is_standing(self) -> bool {
        matches!(self, Self::Page | Self::Calendar)
    }
}

/// What an entry is listed and narrowed by besides title, section and time: from its kind's own members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// A document's number, as numbers are compared.
    pub number: Option<String>,
    /// A document's form.
    pub form: Option<String>,
    /// A document's field.
    pub field: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The same, as offices are compared.
    pub issuer_key: Option<String>,
    /// The day it bears.
    pub dated_on: Option<NaiveDate>,
    /// The first day it holds.
    pub starts_on: Option<NaiveDate>,
    /// The last day it holds.
    pub ends_on: Option<NaiveDate>,
    /// What its unit describes it by that stands for nothing of the province's, a line each.
    pub unmapped: Option<String>,
}

impl Facets {
    /// Those of an entry.
    pub fn of(fields: &Fields) -> Self {
        let own = match fields.kind {
            Kind::Document => fields.document.as_ref().map(document::facets),
            Kind::Calendar => fields.calendar.as_ref().map(calendar::facets),
            Kind::Consultation => fields.consultation.as_ref().map(consultation::facets),
            Kind::Question => fields.question.as_ref().map(question::facets),
            Kind::Poll => fields.poll.as_ref().map(poll::facets),
            Kind::Article | Kind::Notice | Kind::Page | Kind::Album | Kind::Video => None,
        };
        Self {
            unmapped: unmapped(fields),
            ..own.unwrap_or_default()
        }
    }
}

fn unmapped(fields: &Fields) -> Option<String> {
    let section = fields.section_name.iter();
    let section = section.map(|name| format!("Chuyên mục: {name}"));
    let document = fields.document.iter();
    let document = document.flat_map(|document| {
        let form = Some(&document.form).filter(|_| document.form_code.is_none());
        let field = document.field.as_ref();
        let field = field.filter(|_| document.field_code.is_none());
        let form = form.map(|name| format!("Hình thức: {name}"));
        let field = field.map(|name| format!("Lĩnh vực: {name}"));
        [form, field].into_iter().flatten()
    });
    let question = fields.question.iter();
    let question = question.filter(|question| question.field_code.is_none());
    let question = question.filter_map(|question| question.field.as_ref());
    let question = question.map(|name| format!("Lĩnh vực: {name}"));
    let lines: Vec<String> = section.chain(document).chain(question).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A day as the database orders it: 20261129.
pub fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// The day a [`day_number`] stands for.
pub fn day_of(number: i64) -> Option<NaiveDate> {
    let part = |of: i64| u32::try_from(of % 100).ok();
    let year = i32::try_from(number / 10_000).ok()?;
    NaiveDate::from_ymd_opt(year, part(number / 100)?, part(number)?)
}

/// Checks what the kind of an item asks of it, and that it has nothing of another kind.
pub fn check(item: &Item) -> Result<(), ItemError> {
    let fields = &item.fields;
    let kind = fields.kind;
    let only = |is_there: bool, owner: Kind, member, rule| {
        bound(is_there == (kind == owner), member, rule)
    };
    only(
        fields.document.is_some(),
        Kind::Document,
        "_entry.document",
        "chỉ văn bản mới có, và phải có",
    )?;
    only(
        fields.video.is_some(),
        Kind::Video,
        "_entry.video",
        "chỉ video mới có, và phải có",
    )?;
    only(
        fields.calendar.is_some(),
        Kind::Calendar,
        "_entry.calendar",
        "chỉ lịch công tác mới có, và phải có",
    )?;
    only(
        fields.consultation.is_some(),
        Kind::Consultation,
        "_entry.consultation",
        "chỉ dự thảo lấy ý kiến mới có, và phải có",
    )?;
    only(
        fields.question.is_some(),
        Kind::Question,
        "_entry.question",
        "chỉ hỏi đáp mới có, và phải có",
    )?;
    only(
        fields.poll.is_some(),
        Kind::Poll,
        "_entry.poll",
        "chỉ bình chọn mới có, và phải có",
    )?;
    match kind {
        Kind::Article | Kind::Notice | Kind::Page => Ok(()),
        Kind::Document => fields.document.as_ref().map_or(Ok(()), document::check),
        Kind::Album => album::check(item),
        Kind::Video => video::check(item),
        Kind::Calendar => fields.calendar.as_ref().map_or(Ok(()), calendar::check),
        Kind::Consultation => fields
            .consultation
            .as_ref()
            .map_or(Ok(()), consultation::check),
        Kind::Question => fields.question.as_ref().map_or(Ok(()), question::check),
        Kind::Poll => fields.poll.as_ref().map_or(Ok(()), poll::check),
    }
}

/// The words of an entry's own members that are searched.
pub fn words_of(item: &Item) -> String {
    let fields = &item.fields;
    match fields.kind {
        Kind::Document => fields.document.as_ref().map(document::words),
        Kind::Calendar => fields.calendar.as_ref().map(calendar::words),
        Kind::Question => fields.question.as_ref().map(question::words),
        Kind::Poll => fields.poll.as_ref().map(poll::words),
        Kind::Album => Some(album::words(item)),
        Kind::Article | Kind::Notice | Kind::Page | Kind::Video | Kind::Consultation => None,
    }
    .unwrap_or_default()
}

/// What a draft has of its kind's own, as far as it is filled in; kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Own {
    /// A document's fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<document::Draft>,
    /// A video's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<video::Draft>,
    /// A week's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<calendar::Draft>,
    /// A draft's that is open to comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consultation: Option<consultation::Draft>,
    /// A question's, with its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<question::Draft>,
    /// A poll's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<poll::Draft>,
    /// When a standing page was last read through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_on: Option<NaiveDate>,
}

impl Own {
    /// What a published item says, to be worked on again.
    pub fn of(item: &Item) -> Self {
        let fields = &item.fields;
        Self {
            document: fields.document.as_ref().map(document::Draft::of),
            video: (fields.kind == Kind::Video).then(|| video::Draft::of(item)),
            calendar: fields.calendar.as_ref().map(calendar::Draft::of),
            consultation: fields.consultation.as_ref().map(consultation::Draft::of),
            question: fields.question.as_ref().map(question::Draft::of),
            poll: fields.poll.as_ref().map(poll::Draft::of),
            reviewed_on: fields.reviewed_on,
        }
    }

    /// What was typed into the fields of `kind`; the rest of the form is not looked at.
    pub fn read(kind: Kind, form: &DraftForm, check: &mut Check) -> Self {
        let mut own = Self::default();
        match kind {
            Kind::Article | Kind::Notice | Kind::Album => {}
            Kind::Document => own.document = Some(document::Draft::read(form, check)),
            Kind::Page => own.reviewed_on = page::read(form, check),
            Kind::Video => own.video = Some(video::Draft::read(form, check)),
            Kind::Calendar => own.calendar = Some(calendar::Draft::read(form, check)),
            Kind::Consultation => {
                own.consultation = Some(consultation::Draft::read(form, check));
            }
            Kind::Question => own.question = Some(question::Draft::read(form, check)),
            Kind::Poll => own.poll = Some(poll::Draft::read(form, check)),
        }
        own
    }

    /// A title for what was given none.
    pub fn title(&self) -> Option<String> {
        self.calendar.as_ref()?.title()
    }

    /// Puts it back into a form.
    pub fn write(&self, form: &mut DraftForm) {
        if let Some(document) = &self.document {
            document.write(form);
        }
        if let Some(video) = &self.video {
            video.write(form);
        }
        if let Some(calendar) = &self.calendar {
            calendar.write(form);
        }
        if let Some(consultation) = &self.consultation {
            consultation.write(form);
        }
        if let Some(question) = &self.question {
            question.write(form);
        }
        if let Some(poll) = &self.poll {
            poll.write(form);
        }
        page::write(self.reviewed_on, form);
    }

    /// Says which field of `kind` is still missing before it can be published.
    pub fn lacking(&self, kind: Kind, need: &mut dyn FnMut(bool, &str, &str)) {
        match kind {
            Kind::Article | Kind::Notice | Kind::Page | Kind::Album => {}
            Kind::Document => self.document.clone().unwrap_or_default().lacking(need),
            Kind::Video => self.video.clone().unwrap_or_default().lacking(need),
            Kind::Calendar => self.calendar.clone().unwrap_or_default().lacking(need),
            Kind::Consultation => self.consultation.clone().unwrap_or_default().lacking(need),
            Kind::Question => self.question.clone().unwrap_or_default().lacking(need),
            Kind::Poll => self.poll.clone().unwrap_or_default().lacking(need),
        }
    }

    /// The members of an item that say it.
    pub fn to_fields(&self, kind: Kind) -> Fields {
        Fields {
            kind,
            document: self.document.as_ref().and_then(document::Draft::to_fields),
            video: self.video.as_ref().map(video::Draft::to_fields),
            calendar: self.calendar.as_ref().and_then(calendar::Draft::to_fields),
            consultation: self
                .consultation
                .as_ref()
                .and_then(consultation::Draft::to_fields),
            question: self.question.as_ref().map(question::Draft::to_fields),
            poll: self.poll.as_ref().and_then(poll::Draft::to_fields),
            reviewed_on: self.reviewed_on,
            ..Fields::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_comes_back_as_it_went() {
        let day: NaiveDate = "2026-02-28".parse().expect("a day");
        assert_eq!(day_number(day), 20_260_228);
        assert_eq!(day_of(20_260_228), Some(day));
        assert_eq!(day_of(20_260_230), None);
        assert_eq!(day_of(0), None);
    }
}
