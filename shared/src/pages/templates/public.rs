//! Pages for citizens.

use crate::pages::kind_parts::{Kinship, Part};
use crate::pages::language::{Language, filters};
use crate::pages::view::*;
use askama::Template;

/// `/`: the front page of a site.
#[derive(Clone, Debug, Template)]
#[template(path = "front_page.html")]
pub struct FrontPage {
    /// Around the page.
    pub frame: Frame,
    /// The entry at the head of the page.
    pub featured: Option<EntryCard>,
    /// The newest entries, the featured one left out.
    pub newest: Vec<EntryCard>,
    /// All of them.
    pub newest_url: String,
    /// Notices in force.
    pub notices: Vec<NoticeLine>,
    /// All of them.
    pub notices_url: String,
    /// The newest legal documents.
    pub documents: Vec<DocumentLine>,
    /// All of them.
    pub documents_url: String,
    /// What came from other sites.
    pub shared: Option<SharedBlock>,
    /// What was read most in the last days; nothing while nothing is counted.
    pub most_read: Vec<NoticeLine>,
    /// Questions that were answered last.
    pub questions: Vec<NoticeLine>,
    /// Pictures that lead somewhere.
    pub banners: Vec<BannerCard>,
    /// Web links chosen by the unit.
    pub links: Vec<LinkGroup>,
    /// What of all this is shown, from top to bottom.
    pub rows: Vec<FrontRow>,
}

/// A stretch of the front page.
#[derive(Clone, Debug)]
pub enum FrontRow {
    /// Two columns, the broad one first; on a phone one below the other.
    Columns {
        /// [`FrontBlock::Newest`] and sections.
        main: Vec<FrontBlock>,
        /// Narrow lists.
        side: Vec<FrontBlock>,
    },
    /// One block across the page.
    Across(FrontBlock),
}

/// A part of the front page; what it shows is in the page, but for sections.
#[derive(Clone, Debug)]
pub enum FrontBlock {
    /// `featured` and `newest`.
    Newest,
    /// The newest of one section, and the code of that.
    Section(SharedBlock, String),
    /// `notices`
    Notices,
    /// `documents`
    Documents,
    /// `most_read`
    MostRead,
    /// `questions`
    Questions,
    /// `shared`
    FromOthers,
    /// `banners`
    Banners,
    /// `links`
    Links,
}

/// `/chuyen-muc/{section}`, `/tin-tuc`: entries of one section, newest first.
#[derive(Clone, Debug, Template)]
#[template(path = "section.html")]
pub struct SectionPage {
    /// Around the page.
    pub frame: Frame,
    /// Name of the section.
    pub heading: String,
    /// What belongs in it.
    pub description: Option<String>,
    /// Entries of this page; empty when it lists documents.
    pub entries: Vec<EntryCard>,
    /// Documents of this page; empty when it lists entries.
    pub documents: Vec<DocumentLine>,
    /// Sections within this one.
    pub subsections: Vec<FilterLink>,
    /// RSS, Atom and JSON Feed of this section.
    pub feeds: Vec<Link>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/bai-viet/…`, `/thong-bao/…`, `/trang/…`: one entry to be read.
#[derive(Clone, Debug, Template)]
#[template(path = "article.html")]
pub struct ArticlePage {
    /// Around the page.
    pub frame: Frame,
    /// Title.
    pub title: String,
    /// Section it stands in.
    pub section: Option<Link>,
    /// Lead (sapo).
    pub lead: Option<String>,
    /// The picture above the body.
    pub picture: Option<Picture>,
    /// The body.
    pub body: CleanHtml,
    /// Author printed under the body.
    pub author: Option<String>,
    /// The unit it comes from, if another.
    pub origin: Option<Origin>,
    /// The language of its text, BCP 47.
    pub language: String,
    /// When it was published; none for standing pages.
    pub published: Option<Stamp>,
    /// When it was last changed, if after that.
    pub updated: Option<Stamp>,
    /// Until when a notice holds.
    pub expires: Option<Stamp>,
    /// When a standing page was last read through.
    pub reviewed: Option<Stamp>,
    /// What its kind adds.
    pub own: Part,
    /// It was corrected.
    pub correction: Option<Correction>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// How to verify it; none before it is published.
    pub proof: Option<Proof>,
    /// Absolute address to share.
    pub share_url: String,
    /// How to say whether it was useful.
    pub useful: Option<Useful>,
    /// Related entries.
    pub related: Vec<EntryCard>,
    /// The entry before it in its section.
    pub previous: Option<Link>,
    /// The entry after it.
    pub next: Option<Link>,
}

/// `/van-ban/…`: one legal document.
#[derive(Clone, Debug, Template)]
#[template(path = "document.html")]
pub struct DocumentPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is about (trích yếu).
    pub title: String,
    /// `Quyết định số 184/QĐ-UBND`.
    pub kicker: String,
    /// In force, not yet, no longer.
    pub validity: Option<Badge>,
    /// What it says, shortly.
    pub lead: Option<String>,
    /// Its fields, in order.
    pub facts: Vec<Fact>,
    /// What it has to do with others.
    pub kin: Vec<Kinship>,
    /// Its files, the signed one first.
    pub attachments: Vec<Attachment>,
    /// Summary or full text.
    pub body: Option<CleanHtml>,
    /// The unit it comes from, if another.
    pub origin: Option<Origin>,
    /// The language of its text, BCP 47.
    pub language: String,
    /// When it was put here.
    pub published: Stamp,
    /// It was corrected.
    pub correction: Option<Correction>,
    /// How to verify it; none before it is published.
    pub proof: Option<Proof>,
    /// Absolute address to share.
    pub share_url: String,
    /// How to say whether it was useful.
    pub useful: Option<Useful>,
    /// The newest others of its section.
    pub related: Vec<DocumentLine>,
}

/// `/tim-kiem`: what was found.
#[derive(Clone, Debug, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// Around the page; `frame.query` holds the words asked for.
    pub frame: Frame,
    /// Nothing was found as it was typed.
    pub is_empty: bool,
    /// How many were found, formatted: `250`, `hơn 1.000`.
    pub total: String,
    /// Results of this page.
    pub hits: Vec<SearchHit>,
    /// Kinds to narrow them to.
    pub filters: Vec<FilterLink>,
    /// Here or in the whole province; empty where there is no choice.
    pub scopes: Vec<FilterLink>,
    /// Sections to narrow them to.
    pub sections: Vec<Choice>,
    /// Units to narrow them to; empty where there is one only.
    pub units: Vec<Choice>,
    /// The kind they are narrowed to, as addresses name it.
    pub kind: String,
    /// The first day they are narrowed to, as typed.
    pub from: String,
    /// The last.
    pub until: String,
    /// They are narrowed by section, unit or day.
    pub is_narrowed: bool,
    /// The address of the same words without anything that narrows.
    pub widened: String,
    /// A spelling that finds more; its results are shown where there are no others.
    pub meant: Option<Link>,
    /// Fewer words to try when nothing was found.
    pub suggestion: Option<Link>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// 410: an entry taken back.
#[derive(Clone, Debug, Template)]
#[template(path = "recalled.html")]
pub struct RecalledPage {
    /// Around the page.
    pub frame: Frame,
    /// What is known about it.
    pub recall: Recall,
}

/// `/xac-minh`: which entry is to be verified.
#[derive(Clone, Debug, Template)]
#[template(path = "verify_form.html")]
pub struct VerifyFormPage {
    /// Around the page.
    pub frame: Frame,
    /// What was typed.
    pub typed: String,
    /// Why nothing could be done with it.
    pub problem: Option<String>,
}

/// `/xac-minh/{id}`: whether an entry is as it was signed.
#[derive(Clone, Debug, Template)]
#[template(path = "verify.html")]
pub struct VerifyPage {
    /// Around the page.
    pub frame: Frame,
    /// How the verdict feels.
    pub tone: Tone,
    /// The verdict.
    pub heading: String,
    /// The same in a few sentences.
    pub text: String,
    /// What a reader should know besides.
    pub notes: Vec<String>,
    /// The entry, while it may be read.
    pub entry: Option<Link>,
    /// What was signed, and what was found out.
    pub signed: Vec<SignedFacts>,
    /// When that was.
    pub checked: Stamp,
    /// Where the signed original can be had; none while it is not whole.
    pub download: Option<String>,
    /// The same page at the site that signed, if that is another.
    pub origin: Option<Link>,
}

/// Any page that cannot be shown, within the site's own frame.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Around the page.
    pub frame: Frame,
    /// Why, and a way on.
    pub explanation: Explanation,
}

/// The same when even the frame cannot be loaded: needs nothing from the database.
#[derive(Clone, Debug, Template)]
#[template(path = "bare_error.html")]
pub struct BareErrorPage {
    /// What it speaks.
    pub language: Language,
    /// Base address of assets, without the last slash.
    pub assets: String,
    /// Why, and a way on.
    pub explanation: Explanation,
}

/// `/hien-thi`: text size and contrast, without script.
#[derive(Clone, Debug, Template)]
#[template(path = "display.html")]
pub struct DisplayPage {
    /// Around the page; `frame.display` is what holds now.
    pub frame: Frame,
    /// Where the reader came from, as a path of this site.
    pub return_to: String,
}

/// `/ngoai-tuyen`: shown where there is neither a line nor a kept copy.
#[derive(Clone, Debug, Template)]
#[template(path = "offline.html")]
pub struct OfflinePage {
    /// Around the page.
    pub frame: Frame,
}

/// `/don-vi`: the hub's public list of units.
#[derive(Clone, Debug, Template)]
#[template(path = "units.html")]
pub struct UnitsPage {
    /// Around the page.
    pub frame: Frame,
    /// How many there are, in words: `96 đơn vị`.
    pub summary: String,
    /// Where they are ranked, if the province published that.
    pub ranking: Option<String>,
    /// Units by kind.
    pub groups: Vec<UnitGroup>,
    /// Units that are no more.
    pub former: Vec<FormerUnit>,
}
