//! Pages of the kinds that have lists of their own.

use crate::pages::kind_parts::Week;
use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/van-ban`: documents, and ways to narrow them.
#[derive(Clone, Debug, Template)]
#[template(path = "documents.html")]
pub struct DocumentsPage {
    /// Around the page.
    pub frame: Frame,
    /// Documents of this page.
    pub documents: Vec<DocumentLine>,
    /// How many there are, formatted.
    pub total: String,
    /// Whether not all are listed.
    pub is_narrowed: bool,
    /// Words asked for.
    pub words: String,
    /// Forms.
    pub forms: Vec<Choice>,
    /// Fields.
    pub fields: Vec<Choice>,
    /// Who issued them.
    pub issuers: Vec<Choice>,
    /// Years.
    pub years: Vec<Choice>,
    /// Whether they hold.
    pub holding: Vec<Choice>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/thu-vien`: albums and videos.
#[derive(Clone, Debug, Template)]
#[template(path = "gallery.html")]
pub struct GalleryPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub heading: String,
    /// All, albums, videos.
    pub ways: Vec<FilterLink>,
    /// What there is.
    pub shelves: Vec<Shelf>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// Albums, or videos.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// What they are; empty where the page says it.
    pub heading: String,
    /// All of them.
    pub url: Option<String>,
    /// The entries.
    pub entries: Vec<EntryCard>,
}

/// `/lich-cong-tac`: a week.
#[derive(Clone, Debug, Template)]
#[template(path = "calendar.html")]
pub struct CalendarPage {
    /// Around the page.
    pub frame: Frame,
    /// `tuần 36 (từ 06/9 đến 12/9)`.
    pub words: String,
    /// It is this week.
    pub is_now: bool,
    /// Ours first.
    pub weeks: Vec<UnitWeek>,
    /// The week before.
    pub previous: Option<String>,
    /// The week after.
    pub next: Option<String>,
    /// Other weeks there are.
    pub others: Vec<Link>,
}

/// The week of a unit.
#[derive(Clone, Debug, Default)]
pub struct UnitWeek {
    /// Whose it is, if another's.
    pub origin: Option<Origin>,
    /// Its own page.
    pub entry: Link,
    /// Its appointments.
    pub week: Week,
}

/// `/du-thao` and `/binh-chon`: what is open until a day.
#[derive(Clone, Debug, Template)]
#[template(path = "consultations.html")]
pub struct ConsultationsPage {
    /// Around the page.
    pub frame: Frame,
    /// What it says of what it lists.
    pub words: ConsultationWords,
    /// What is or will be open, what closes first on top.
    pub open: Vec<ConsultationLine>,
    /// What is over.
    pub closed: Vec<ConsultationLine>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// What a page of drafts or polls says of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsultationWords {
    /// What it is called.
    pub name: &'static str,
    /// What those are called that are open.
    pub open: &'static str,
    /// That none is.
    pub nothing: &'static str,
    /// The other of the two pages, and where it is.
    pub other: (&'static str, &'static str),
}

/// A draft or a poll in the list.
#[derive(Clone, Debug, Default)]
pub struct ConsultationLine {
    /// The entry.
    pub entry: EntryCard,
    /// Whether it is open.
    pub stage: Badge,
    /// Its last day.
    pub closes: Stamp,
}

/// `/hoi-dap`: what was asked and answered.
#[derive(Clone, Debug, Template)]
#[template(path = "questions.html")]
pub struct QuestionsPage {
    /// Around the page.
    pub frame: Frame,
    /// Where a question is asked, on sites that take any.
    pub ask_url: Option<String>,
    /// Words asked for.
    pub words: String,
    /// How many there are, formatted.
    pub total: String,
    /// Questions of this page.
    pub questions: Vec<QuestionLine>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// A question in the list.
#[derive(Clone, Debug, Default)]
pub struct QuestionLine {
    /// The question.
    pub entry: EntryCard,
    /// How it begins, the words asked for marked.
    pub asked: Vec<Fragment>,
    /// Lĩnh vực.
    pub field: Option<String>,
    /// Who answers.
    pub answerer: Option<String>,
    /// When.
    pub answered_on: Option<Stamp>,
}

/// `/gioi-thieu`: standing pages.
#[derive(Clone, Debug, Template)]
#[template(path = "about.html")]
pub struct AboutPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub heading: String,
    /// By section.
    pub groups: Vec<AboutGroup>,
}

/// The standing pages of a section.
#[derive(Clone, Debug, Default)]
pub struct AboutGroup {
    /// The section; empty for what lies above.
    pub heading: String,
    /// Its pages.
    pub pages: Vec<AboutLine>,
    /// A rule demands that there are some.
    pub is_awaited: bool,
}

/// A standing page in the list.
#[derive(Clone, Debug, Default)]
pub struct AboutLine {
    /// Where it is read.
    pub url: String,
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: Option<String>,
    /// When it was last read through.
    pub reviewed: Option<Stamp>,
}
