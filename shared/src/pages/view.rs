//! What templates are filled with: plain values, already worded and formatted for the eye.
//!
//! Nothing here knows a database. Handlers turn records into these, so that a template never
//! formats a date, builds an address or decides who may do what.

use super::language::Language;
use crate::bulletins::Level;
use crate::face::Palette;
use crate::media::Focus;
use std::fmt;

// ---------------------------------------------------------------- small parts

/// A moment, as programs read it and as people do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// RFC 3339 with +07:00, or a plain date (`2026-11-22`).
    pub iso: String,
    /// `22/11/2026 14:05`, or `22/11/2026`.
    pub text: String,
}

/// A named way to somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What the reader sees.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl Link {
    /// A link saying `label` and leading to `url`.
    pub fn new(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            url: url.into(),
        }
    }
}

/// One item of a menu.
#[derive(Clone, Debug, Default)]
pub struct MenuItem {
    /// What the reader sees.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// The page shown lies here.
    pub current: bool,
}

/// A picture with its size, so that nothing jumps while it loads.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Address of the file.
    pub src: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What it shows, for those who cannot see it; empty when decorative.
    pub alt: String,
    /// The line printed under it.
    pub caption: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
    /// What lists do not cut off.
    pub focus: Focus,
    /// The sizes it is offered in; none for what cannot be made smaller.
    pub sizes: Option<Sizes>,
}

/// The sizes of a picture, as `srcset` names them.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    /// WebP.
    pub webp: String,
    /// JPEG.
    pub jpeg: String,
}

impl Picture {
    /// A small one, for lists where width does not matter.
    pub fn small(&self) -> String {
        self.at(320)
    }

    /// One as wide as a column.
    pub fn medium(&self) -> String {
        self.at(640)
    }

    fn at(&self, width: u32) -> String {
        match self.sizes {
            Some(_) => format!("{}/{width}.jpg", self.src),
            None => self.src.clone(),
        }
    }

    /// The class that keeps its focus in sight; empty for the middle.
    pub fn focus_class(&self) -> String {
        match self.focus {
            Focus::Centre => String::new(),
            focus => format!("focus-{}", focus.as_str()),
        }
    }
}

/// A picture of an album being put together.
#[derive(Clone, Debug, Default)]
pub struct PictureRow {
    /// Its digest.
    pub hex: String,
    /// A small one.
    pub src: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What it shows.
    pub alt: String,
    /// Whether it only decorates.
    pub decorates: bool,
    /// The line under it.
    pub caption: String,
    /// Who made it.
    pub credit: String,
    /// What lists must not cut off.
    pub focus: Vec<Choice>,
}

/// A file offered for download.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    /// The name its author gave it.
    pub name: String,
    /// Where to download it.
    pub url: String,
    /// `PDF`, `DOCX`…
    pub format: String,
    /// `1,2 MB`.
    pub size: String,
}

/// The unit an entry comes from, when it is not the site's own.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Name of the unit: `xã Măng Đen`.
    pub unit: String,
    /// Address of the original; none while the source has no public page.
    pub url: Option<String>,
}

/// A QR code as one path of strokes, a module wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QrCode {
    /// Modules from edge to edge, with the blank ones around.
    pub size: usize,
    /// The dark ones, as the `d` of a path.
    pub path: String,
}

/// How an entry being read can be verified, here and from a printed page.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The page that verifies what is held here; a path.
    pub here: String,
    /// Who published it, as printed: `Xã Măng Đen`.
    pub unit: String,
    /// The absolute address that a printed page leads to.
    pub address: String,
    /// The same, to be pointed a telephone at.
    pub code: QrCode,
}

/// A signed event about an entry, laid open.
#[derive(Clone, Debug, Default)]
pub struct SignedFacts {
    /// What it is to the entry: `Bản đã đăng`.
    pub heading: String,
    /// What it says and what was found out about it.
    pub facts: Vec<Fact>,
}

/// How a short label feels. The words carry the meaning, the colour only helps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Info,
    /// Done, healthy.
    Good,
    /// Wants attention soon.
    Warning,
    /// Wrong, or refused.
    Bad,
    /// Said in passing.
    #[default]
    Quiet,
}

impl Tone {
    /// The class of the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Info => "tone-info",
            Self::Good => "tone-good",
            Self::Warning => "tone-warning",
            Self::Bad => "tone-bad",
            Self::Quiet => "tone-quiet",
        }
    }

    /// The icon shown beside a message of this tone.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Info | Self::Quiet => "info-circle",
            Self::Good => "circle-check",
            Self::Warning | Self::Bad => "alert-triangle",
        }
    }
}

/// A short label: `Nổi bật`, `Hỏa tốc`, `Nháp`.
#[derive(Clone, Debug, Default)]
pub struct Badge {
    /// The word.
    pub text: String,
    /// How it feels.
    pub tone: Tone,
}

impl Badge {
    /// A label saying `text`.
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }
}

/// HTML that has been through `entries::body::sanitise` and may stand in a page as it is.
#[derive(Clone, Debug, Default)]
pub struct CleanHtml(String);

impl CleanHtml {
    /// Takes the sanitiser's own output; anything else must never come here.
    pub fn from_sanitised(html: impl Into<String>) -> Self {
        Self(html.into())
    }
}

impl fmt::Display for CleanHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Structured data for search engines, safe inside a `<script type="application/ld+json">`.
#[derive(Clone, Debug)]
pub struct JsonLd(String);

impl JsonLd {
    /// Writes `value` so that no text in it can end the element early.
    pub fn new(value: &serde_json::Value) -> Self {
        let text = value.to_string();
        Self(
            text.replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
        )
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// ---------------------------------------------------------------- around a public page

/// How the reader wants pages shown, remembered in cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Display {
    /// Text size, 1 to 5; 2 is the usual one.
    pub size: u8,
    /// White on black.
    pub high_contrast: bool,
    /// What the interface speaks.
    pub language: Language,
}

impl Display {
    /// The size a new reader sees.
    pub const USUAL_SIZE: u8 = 2;
    /// The largest size.
    pub const LARGEST_SIZE: u8 = 5;

    /// One step smaller, or the smallest.
    pub fn smaller(&self) -> u8 {
        self.size.saturating_sub(1).max(1)
    }

    /// Whether the interface speaks English.
    pub fn is_english(&self) -> bool {
        self.language == Language::English
    }

    /// One step larger, or the largest.
    pub fn larger(&self) -> u8 {
        self.size.saturating_add(1).min(Self::LARGEST_SIZE)
    }
}

impl Default for Display {
    fn default() -> Self {
        Self {
            size: Self::USUAL_SIZE,
            high_contrast: false,
            language: Language::default(),
        }
    }
}

/// Who stands behind a site: its name, its emblem, and whom to call.
#[derive(Clone, Debug, Default)]
pub struct SiteFace {
    /// `Trang thông tin điện tử xã Kon Braih`.
    pub name: String,
    /// The body answering for it: `Ủy ban nhân dân xã Kon Braih`.
    pub owner: String,
    /// Address of the emblem; none shows the one we drew.
    pub emblem: Option<String>,
    /// Person and post responsible for the contents.
    pub responsible: String,
    /// Postal address.
    pub address: String,
    /// Telephone as written: `0260 3824 000`.
    pub phone: String,
    /// The same for a `tel:` link: `+842603824000`.
    pub phone_link: String,
    /// E-mail address.
    pub email: String,
    /// The provincial portal a member belongs to.
    pub parent: Option<Link>,
    /// The site shows invented contents and must say so.
    pub demo: bool,
    /// Its colours.
    pub palette: Palette,
    /// Numbers to call.
    pub hotlines: Vec<CallLine>,
}

/// A number to call, and for what.
#[derive(Clone, Debug, Default)]
pub struct CallLine {
    /// For what.
    pub label: String,
    /// The number as written.
    pub phone: String,
    /// The same for a `tel:` link.
    pub phone_link: String,
}

/// What the head of a page tells browsers, search engines and link previews.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Name of this page alone; the site's name is added. Empty on the front page.
    pub title: String,
    /// One or two sentences.
    pub description: Option<String>,
    /// Absolute address of this page, or of the original when it is a copy.
    pub canonical: Option<String>,
    /// `article` or `website`, for previews.
    pub kind: String,
    /// Picture for previews, with an absolute address.
    pub image: Option<Picture>,
    /// Keep out of search engines.
    pub noindex: bool,
    /// Structured data.
    pub json_ld: Option<JsonLd>,
    /// Metadata of an entry, as Dublin Core names it.
    pub dublin_core: Vec<Fact>,
}

/// The urgent line above everything else.
#[derive(Clone, Debug, Default)]
pub struct UrgentLine {
    /// What is happening, in one sentence.
    pub text: String,
    /// Where to read more.
    pub url: Option<String>,
    /// Since when.
    pub at: Stamp,
    /// Which revision of which notice: who closes the line closes it for this one.
    pub token: String,
}

/// A bulletin of the province, above everything else.
#[derive(Clone, Debug, Default)]
pub struct BulletinLine {
    /// How much it presses.
    pub level: Level,
    /// What is the matter, in a sentence or two; of an outage, what is out of service.
    pub text: String,
    /// Who issues it.
    pub issuer: String,
    /// When it was said.
    pub at: Stamp,
    /// When it ends by itself.
    pub until: Stamp,
    /// Where to read more.
    pub more: Option<String>,
    /// Which version of which bulletin: who closes the line closes it for this one.
    pub token: String,
    /// That the portal is out of service for a while, if that is what it says.
    pub outage: Option<OutageSpan>,
}

/// From when to when a portal is out of service.
#[derive(Clone, Debug, Default)]
pub struct OutageSpan {
    /// From when on.
    pub from: Stamp,
    /// When it is expected back.
    pub until: Stamp,
    /// Whether that is now.
    pub is_on: bool,
}

/// A portal that is or will be out of service, as it was announced.
#[derive(Clone, Debug, Default)]
pub struct OutageNotice {
    /// The portal, by the name of its unit.
    pub unit: String,
    /// When.
    pub span: OutageSpan,
    /// What is out of service.
    pub text: String,
    /// Why.
    pub reason: String,
    /// Where to turn meanwhile.
    pub instead: String,
    /// When the public was first told.
    pub announced: Stamp,
    /// Why it could not be announced in time.
    pub urgency: Option<String>,
}

/// The line that says that another portal shows this one for the time being.
#[derive(Clone, Debug, Default)]
pub struct StandInLine {
    /// The portal that shows it.
    pub by: Link,
    /// How far it knows what was published here.
    pub as_of: Option<Stamp>,
    /// When this one is expected back, if its outage was announced.
    pub back_at: Option<Stamp>,
}

/// The line that says that the unit of this site is no more, and what took its place.
#[derive(Clone, Debug, Default)]
pub struct ClosedLine {
    /// What the unit was called.
    pub unit: String,
    /// The units it went into, with the way to their portals where they have one.
    pub heirs: Vec<Link>,
    /// Since when.
    pub since: Option<Stamp>,
    /// The legal act that rests on.
    pub basis: Option<String>,
}

/// What every public page shows around its own contents.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Base address of assets, without the last slash: `/tai-nguyen/3f9a1c`.
    pub assets: String,
    /// Who stands behind the site.
    pub site: SiteFace,
    /// What the head says.
    pub head: Head,
    /// How the reader wants it shown.
    pub display: Display,
    /// Sections, in order.
    pub menu: Vec<MenuItem>,
    /// From the front page down to the parent of this page; the page itself is `here`.
    pub breadcrumb: Vec<Link>,
    /// Last step of the breadcrumb; empty on the front page, which shows none.
    pub here: String,
    /// Path and query of this page, to come back to after changing the display.
    pub path: String,
    /// `Thứ Hai, 23/11/2026`.
    pub today: String,
    /// Words already in the search field.
    pub query: String,
    /// What the province says above every page.
    pub bulletins: Vec<BulletinLine>,
    /// An urgent line, if one is in force.
    pub urgent: Option<UrgentLine>,
    /// That another portal shows this one, while it does.
    pub stand_in: Option<StandInLine>,
    /// That its unit is no more and this is its archive.
    pub closed: Option<ClosedLine>,
    /// The archives of the units that went into this one.
    pub archives: Vec<Link>,
    /// Only its writers see it, before it is published.
    pub is_preview: bool,
    /// How often the site's pages were opened; none where that is not counted.
    pub views: Option<ViewsLine>,
}

impl Frame {
    /// Whether the site takes anything in.
    pub fn only_reads(&self) -> bool {
        self.stand_in.is_some() || self.closed.is_some()
    }
}

/// How often a site's public pages were opened.
#[derive(Clone, Debug, Default)]
pub struct ViewsLine {
    /// Today: `1.250`.
    pub today: String,
    /// This month.
    pub month: String,
    /// This year.
    pub year: String,
    /// Ever since it counts.
    pub total: String,
    /// When these figures were added up.
    pub as_of: Stamp,
}

// ---------------------------------------------------------------- entries in lists

/// An entry as announced in a list.
#[derive(Clone, Debug, Default)]
pub struct EntryCard {
    /// Where it is read.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The language it is written in, BCP 47; Vietnamese where nothing is said.
    pub language: String,
    /// Its lead, shortened by the style sheet.
    pub lead: Option<String>,
    /// Its picture.
    pub picture: Option<Picture>,
    /// Section it stands in.
    pub section: Option<Link>,
    /// When it was published.
    pub published: Stamp,
    /// The unit it comes from, if another.
    pub origin: Option<Origin>,
    /// A label beside the title.
    pub badge: Option<Badge>,
}

/// A notice in a narrow list.
#[derive(Clone, Debug, Default)]
pub struct NoticeLine {
    /// Where it is read.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The language it is written in, BCP 47; Vietnamese where nothing is said.
    pub language: String,
    /// When it was published.
    pub published: Stamp,
    /// A label, such as `Khẩn`.
    pub badge: Option<Badge>,
}

/// A legal document in a list.
#[derive(Clone, Debug, Default)]
pub struct DocumentLine {
    /// Where it is read.
    pub url: String,
    /// `184/QĐ-UBND`.
    pub number: String,
    /// What it is about (trích yếu).
    pub title: String,
    /// The language it is written in, BCP 47; Vietnamese where nothing is said.
    pub language: String,
    /// `Quyết định`.
    pub kind: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued: Stamp,
    /// Whether it holds, where that is known.
    pub validity: Option<Badge>,
}

/// Entries that reached the site from elsewhere: members' on the hub, the province's on a member.
#[derive(Clone, Debug, Default)]
pub struct SharedBlock {
    /// `Tin từ các xã, phường`, `Tin của tỉnh`.
    pub heading: String,
    /// All of them.
    pub url: String,
    /// The newest; four fit a row.
    pub entries: Vec<EntryCard>,
}

/// Links to other portals under one heading.
#[derive(Clone, Debug, Default)]
pub struct LinkGroup {
    /// What stands above them; nothing for those by themselves.
    pub heading: String,
    /// The links.
    pub links: Vec<Link>,
}

/// A picture on the front page that leads somewhere.
#[derive(Clone, Debug, Default)]
pub struct BannerCard {
    /// The picture, with what it says.
    pub picture: Picture,
    /// Where it leads.
    pub url: Option<String>,
}

/// A piece of a search hit's text.
#[derive(Clone, Debug, Default)]
pub struct Fragment {
    /// The words.
    pub text: String,
    /// They are what was asked for.
    pub hit: bool,
}

/// One search result.
#[derive(Clone, Debug, Default)]
pub struct SearchHit {
    /// Where it is read.
    pub url: String,
    /// Its title, in pieces.
    pub title: Vec<Fragment>,
    /// The language it is written in, BCP 47; Vietnamese where nothing is said.
    pub language: String,
    /// Text around the words found.
    pub excerpt: Vec<Fragment>,
    /// `Tin, bài`, `Văn bản`…
    pub kind: String,
    /// Section it stands in.
    pub section: Option<Link>,
    /// When it was published.
    pub published: Stamp,
    /// The unit it comes from, if another.
    pub origin: Option<Origin>,
}

/// One of several ways to narrow a list, with how many it would leave.
#[derive(Clone, Debug, Default)]
pub struct FilterLink {
    /// `Văn bản`.
    pub label: String,
    /// The list narrowed to it.
    pub url: String,
    /// How many, already formatted: `1.250`. Empty hides it.
    pub count: String,
    /// In force now.
    pub current: bool,
}

/// A step of a pagination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageStep {
    /// A page one can go to.
    Page {
        /// Its number.
        number: u32,
        /// Its address.
        url: String,
        /// It is the page shown.
        current: bool,
    },
    /// Pages left out.
    Gap,
}

/// The way through a long list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pagination {
    /// Page shown, from 1.
    pub current: u32,
    /// Number of pages.
    pub last: u32,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// First, last and the neighbours of the current page.
    pub steps: Vec<PageStep>,
}

impl Pagination {
    /// Steps for page `current` of `last`, with addresses from `url_of`.
    pub fn new(current: u32, last: u32, url_of: impl Fn(u32) -> String) -> Self {
        let last = last.max(1);
        let current = current.clamp(1, last);
        let mut steps = Vec::new();
        let mut shown = 0;
        for number in 1..=last {
            let near = number.abs_diff(current) <= 1;
            if !(number == 1 || number == last || near) {
                continue;
            }
            if number - shown > 1 {
                steps.push(PageStep::Gap);
            }
            shown = number;
            steps.push(PageStep::Page {
                number,
                url: url_of(number),
                current: number == current,
            });
        }
        Self {
            current,
            last,
            previous: (current > 1).then(|| url_of(current - 1)),
            next: (current < last).then(|| url_of(current + 1)),
            steps,
        }
    }

    /// Everything fits one page, so nothing need be shown.
    pub fn is_single(&self) -> bool {
        self.last <= 1
    }
}

/// One page of a list that is too long for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its number, from 1.
    pub number: u32,
    /// How many pages there are; one even of nothing.
    pub last: u32,
    /// How many of the list stand before it.
    pub offset: u64,
}

impl Leaf {
    /// The page asked for by its number, the first if by none, of a list of `count`; none if there is no
    /// such page.
    pub fn of(asked: Option<u32>, count: u64, per_page: u64) -> Option<Self> {
        let asked = asked.unwrap_or(1);
        let nearest = Self::nearest(asked, count, per_page);
        (nearest.number == asked).then_some(nearest)
    }

    /// The page asked for, or the nearest there is.
    pub fn nearest(asked: u32, count: u64, per_page: u64) -> Self {
        let last = u32::try_from(count.div_ceil(per_page)).unwrap_or(u32::MAX);
        let last = last.max(1);
        let number = asked.clamp(1, last);
        Self {
            number,
            last,
            offset: u64::from(number - 1) * per_page,
        }
    }

    /// What of `rows` stands on it.
    pub fn of_rows<T>(self, rows: Vec<T>, per_page: u64) -> Vec<T> {
        let few = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let rows = rows.into_iter().skip(few(self.offset));
        rows.take(few(per_page)).collect()
    }

    /// The way to the others, with addresses from `url_of`.
    pub fn pagination(self, url_of: impl Fn(u32) -> String) -> Pagination {
        Pagination::new(self.number, self.last, url_of)
    }
}

/// A visible note that an entry was corrected.
#[derive(Clone, Debug, Default)]
pub struct Correction {
    /// When.
    pub at: Stamp,
    /// What was wrong and what is right.
    pub text: String,
}

/// A question to the reader: was this page useful?
#[derive(Clone, Debug, Default)]
pub struct Useful {
    /// Where the answer is sent.
    pub action: String,
    /// It was given, and is thanked for.
    pub thanks: bool,
}

/// A document's fields, as shown; those left empty are not printed.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    /// `Số ký hiệu`.
    pub name: String,
    /// `184/QĐ-UBND`.
    pub value: String,
}

impl Fact {
    /// A field called `name`.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// A unit on the hub's public list.
#[derive(Clone, Debug, Default)]
pub struct UnitCard {
    /// `Xã Kon Braih`.
    pub name: String,
    /// Address of its site; none while it has none.
    pub url: Option<String>,
    /// The same without `https://`, to be read.
    pub host: String,
    /// Where its office is.
    pub address: String,
    /// Its newest entry on the hub.
    pub newest: Option<Link>,
}

/// A unit that is no more.
#[derive(Clone, Debug, Default)]
pub struct FormerUnit {
    /// `Xã Tân Lập`.
    pub name: String,
    /// What it went into, with the way to their portals; without one the address is empty.
    pub heirs: Vec<Link>,
    /// Since when.
    pub since: Option<Stamp>,
    /// The legal act that rests on.
    pub basis: Option<String>,
    /// Its archive.
    pub archive: Option<String>,
}

/// Units of one kind.
#[derive(Clone, Debug, Default)]
pub struct UnitGroup {
    /// `Phường`, `Xã`, `Đặc khu`, `Sở, ban, ngành`.
    pub heading: String,
    /// Sorted the Vietnamese way.
    pub units: Vec<UnitCard>,
}

// ---------------------------------------------------------------- when a page cannot be shown

/// Why the page asked for cannot be shown, and a way on.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    pub heading: String,
    /// What it means for the reader and what to do now.
    pub text: String,
    /// Ways on, the best one first.
    pub ways_on: Vec<Link>,
}

impl Explanation {
    /// The usual words for `status`; a handler that knows better may change `text`.
    pub fn of(status: u16) -> Self {
        let (heading, text) = match status {
            400 => (
                "Yêu cầu chưa đúng",
                "Địa chỉ hoặc nội dung gửi lên bị thiếu hoặc sai. Hãy quay lại trang trước, kiểm tra và gửi lại.",
            ),
            401 => (
                "Cần đăng nhập",
                "Trang này dành cho cán bộ của đơn vị. Hãy đăng nhập rồi mở lại.",
            ),
            403 => (
                "Bạn không có quyền mở trang này",
                "Tài khoản của bạn chưa được giao việc này. Hãy liên hệ quản trị viên của đơn vị nếu cần.",
            ),
            404 => (
                "Không tìm thấy trang",
                "Địa chỉ có thể đã gõ sai, hoặc trang đã được chuyển đi. Bạn có thể tìm theo từ khóa hoặc bắt đầu lại từ trang chủ.",
            ),
            405 => (
                "Không mở được trang theo cách này",
                "Địa chỉ này chỉ nhận biểu mẫu gửi từ trang của nó. Hãy bắt đầu lại từ trang chủ.",
            ),
            408 | 504 => (
                "Máy chủ trả lời quá chậm",
                "Đường truyền hoặc máy chủ đang bận. Hãy thử lại sau ít phút.",
            ),
            410 => (
                "Nội dung không còn nữa",
                "Nội dung này đã được gỡ khỏi trang.",
            ),
            413 => (
                "Tệp gửi lên quá lớn",
                "Hãy chọn tệp nhỏ hơn hoặc giảm kích thước ảnh rồi gửi lại.",
            ),
            429 => (
                "Bạn thao tác quá nhanh",
                "Máy chủ đang nhận quá nhiều yêu cầu từ kết nối của bạn. Hãy đợi một phút rồi thử lại.",
            ),
            507 => (
                "Máy chủ sắp hết chỗ lưu",
                "Nội dung vừa gửi chưa được nhận; những gì đã lưu vẫn còn nguyên. Hãy giữ lại bài viết, báo người quản trị máy chủ dọn chỗ, rồi gửi lại.",
            ),
            503 => (
                "Trang đang tạm nghỉ",
                "Máy chủ đang được bảo trì hoặc quá tải. Hãy quay lại sau ít phút.",
            ),
            _ => (
                "Máy chủ gặp lỗi",
                "Lỗi này thuộc về chúng tôi và đã được ghi lại để khắc phục. Hãy thử lại sau ít phút.",
            ),
        };
        let mut ways_on = vec![Link::new("Về trang chủ", "/")];
        if status == 401 {
            ways_on.insert(0, Link::new("Đăng nhập", "/quan-tri/dang-nhap"));
        }
        Self {
            status,
            heading: heading.to_owned(),
            text: text.to_owned(),
            ways_on,
        }
    }
}

/// An entry taken back from its readers.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    /// Its title, when the title itself may still be shown.
    pub title: Option<String>,
    /// When it was taken back.
    pub at: Stamp,
    /// Who took it back.
    pub unit: String,
    /// Why, in a sentence for the public.
    pub reason: Option<String>,
    /// What to read instead.
    pub replacement: Option<Link>,
}

// ---------------------------------------------------------------- forms

/// What is wrong with one field.
#[derive(Clone, Debug, Default)]
pub struct FieldError {
    /// Name and id of the field; empty when it concerns the form as a whole.
    pub field: String,
    /// What to do about it.
    pub text: String,
}

/// What is wrong with a form.
#[derive(Clone, Debug, Default)]
pub struct FormErrors(pub Vec<FieldError>);

impl From<Vec<crate::error::FieldError>> for FormErrors {
    fn from(errors: Vec<crate::error::FieldError>) -> Self {
        let shown = errors.into_iter().map(|error| FieldError {
            field: error.field,
            text: error.message,
        });
        Self(shown.collect())
    }
}

impl FormErrors {
    /// Notes that `field` needs attention.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            text: text.into(),
        });
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with the parts of a field, whose names begin alike.
    pub fn within<'a>(&'a self, begin: &'a str) -> impl Iterator<Item = &'a FieldError> {
        self.0
            .iter()
            .filter(move |error| error.field.starts_with(begin))
    }

    /// What is wrong with the field `name` of row `row` of a list.
    pub fn in_row(&self, name: &str, row: impl fmt::Display) -> Option<&str> {
        self.of(&format!("{name}-{row}"))
    }

    /// What is wrong with `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        let error = self.0.iter().find(|error| error.field == field)?;
        Some(&error.text)
    }
}

/// One thing to choose in a list.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Chosen now.
    pub chosen: bool,
}

impl Choice {
    /// A choice sending `value`.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            chosen,
        }
    }
}

/// One button at the foot of a form, sent as `action=<name>`.
#[derive(Clone, Debug, Default)]
pub struct FormAction {
    /// What is sent: `save`, `submit`, `approve`, `return`, `publish`.
    pub name: String,
    /// A verb: `Gửi duyệt`.
    pub label: String,
    /// The one thing most people will want now.
    pub main: bool,
}

impl FormAction {
    /// A button sending `name`.
    pub fn new(name: impl Into<String>, label: impl Into<String>, main: bool) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            main,
        }
    }
}

// ---------------------------------------------------------------- around a back-office page

/// Who is signed in.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// `Y Thử`.
    pub name: String,
    /// `Biên tập viên`.
    pub role: String,
}

/// What the items of the back office's menu are about, in the order they stand in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeskGroup {
    /// What is written and published here: what everybody comes for, without a heading.
    #[default]
    Writing,
    /// What citizens say and read.
    Citizens,
    /// What goes to the province and comes from it, at a member.
    Province,
    /// The members of a province.
    Members,
    /// What the province tells and takes back.
    Direction,
    /// How members are ranked.
    Ranking,
    /// The site itself.
    Site,
}

impl DeskGroup {
    /// Its heading; empty for what needs none.
    pub fn label(self) -> &'static str {
        match self {
            Self::Writing => "",
            Self::Citizens => "Người dân",
            Self::Province => "Với tỉnh",
            Self::Members => "Đơn vị",
            Self::Direction => "Chỉ đạo",
            Self::Ranking => "Xếp hạng, báo cáo",
            Self::Site => "Quản trị trang",
        }
    }
}

/// One item of the back office's menu.
#[derive(Clone, Debug, Default)]
pub struct DeskItem {
    /// What it is about.
    pub group: DeskGroup,
    /// What is read.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Name of an icon in `newsroom/icons.html`.
    pub icon: String,
    /// The page shown lies here.
    pub current: bool,
    /// Things waiting there; 0 shows nothing.
    pub count: u32,
}

impl DeskItem {
    /// An item of `group` that leads to `url`, where `count` things wait.
    pub fn new(group: DeskGroup, label: &str, url: &str, icon: &str, count: u64) -> Self {
        Self {
            group,
            label: label.to_owned(),
            url: url.to_owned(),
            icon: icon.to_owned(),
            current: false,
            count: u32::try_from(count).unwrap_or(u32::MAX),
        }
    }
}

/// What was just done.
#[derive(Clone, Debug, Default)]
pub struct Flash {
    /// Good or bad.
    pub tone: Tone,
    /// `Đã gửi bài lên tỉnh.`
    pub text: String,
}

/// What every back-office page shows around its own contents.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Base address of assets, without the last slash.
    pub assets: String,
    /// Whose back office this is.
    pub site: SiteFace,
    /// How the reader wants it shown.
    pub display: Display,
    /// Name of this page alone.
    pub title: String,
    /// Who is signed in; none on the sign-in page.
    pub person: Option<Person>,
    /// What this person may open, group by group.
    pub menu: Vec<DeskItem>,
    /// From the desk's first page down to the parent of this page.
    pub breadcrumb: Vec<Link>,
    /// Hidden field of every form.
    pub csrf: String,
    /// What was just done.
    pub flash: Option<Flash>,
    /// What is wrong with the machine, as long as it is.
    pub alarm: Option<String>,
    /// When this page was made: `14:05:10`.
    pub made_at: Stamp,
}

impl Desk {
    /// The groups of the menu.
    pub fn groups(&self) -> Vec<&[DeskItem]> {
        self.menu
            .chunk_by(|one, next| one.group == next.group)
            .collect()
    }
}

/// One thing to do, with how many wait.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// `Bài chờ duyệt`.
    pub label: String,
    /// How many.
    pub count: u32,
    /// Where to do it.
    pub url: String,
}

/// How the link to another server is, in words and colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkState {
    /// Never heard from yet.
    #[default]
    New,
    /// In touch.
    Online,
    /// Behind, within its grace time.
    Late,
    /// Silent for too long.
    Lost,
    /// Paused on purpose.
    Paused,
}

impl LinkState {
    /// The state in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "Mới",
            Self::Online => "Trực tuyến",
            Self::Late => "Trễ",
            Self::Lost => "Mất kết nối",
            Self::Paused => "Tạm dừng",
        }
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::New => "sparkles",
            Self::Online => "circle-check",
            Self::Late => "clock",
            Self::Lost => "circle-x",
            Self::Paused => "player-pause",
        }
    }

    /// Its colour.
    pub fn tone(self) -> Tone {
        match self {
            Self::New => Tone::Info,
            Self::Online => Tone::Good,
            Self::Late => Tone::Warning,
            Self::Lost => Tone::Bad,
            Self::Paused => Tone::Quiet,
        }
    }
}

/// How far one side is behind the other.
#[derive(Clone, Debug, Default)]
pub struct Lag {
    /// Items not yet received; 0 means nothing is missing.
    pub items: u64,
    /// `còn 12 mục`, `đã đủ`.
    pub text: String,
    /// `mục cũ nhất chờ 3 giờ 10 phút`.
    pub oldest: Option<String>,
}

/// The link between a site and another server, for the desk.
#[derive(Clone, Debug, Default)]
pub struct LinkHealth {
    /// Name of the other side: `Cổng thông tin điện tử tỉnh Quảng Ngãi`.
    pub peer: String,
    /// How it is.
    pub state: LinkState,
    /// Last time anything was heard.
    pub last_contact: Option<Stamp>,
    /// What we still have to send.
    pub sending: Lag,
    /// What we still have to receive.
    pub receiving: Lag,
    /// What went wrong last, in words.
    pub trouble: Option<String>,
}

// ---------------------------------------------------------------- the newsroom

/// An entry in the newsroom's list.
#[derive(Clone, Debug, Default)]
pub struct DeskEntry {
    /// Where it is edited.
    pub url: String,
    /// Its title.
    pub title: String,
    /// `Nháp`, `Chờ duyệt`, `Đã đăng`…
    pub state: Badge,
    /// `Tin, bài`, `Văn bản`…
    pub kind: String,
    /// Section it is meant for.
    pub section: String,
    /// Who wrote it.
    pub author: String,
    /// Last change.
    pub changed: Stamp,
    /// Where the public reads it.
    pub public_url: Option<String>,
    /// How often it was opened there: `1.250 lượt xem`.
    pub views: Option<String>,
    /// What the approver asked for when it was sent back, or why the province recalled it.
    pub note: Option<DeskNote>,
}

/// What an author is told about a draft, and by whom.
#[derive(Clone, Debug, Default)]
pub struct DeskNote {
    /// Words above it.
    pub label: String,
    /// What is told.
    pub text: String,
}

impl DeskNote {
    /// `text` under `label`.
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            text: text.into(),
        }
    }
}

/// The fields of an entry being written. Values are what was typed, good or bad.
#[derive(Clone, Debug, Default)]
pub struct EntryFields {
    /// Title.
    pub title: String,
    /// Lead (sapo).
    pub lead: String,
    /// Body: light formatting as the hint explains, or HTML.
    pub body: String,
    /// Which of the two: `markdown` or `html`.
    pub body_format: String,
    /// A body of light formatting as HTML, for the editor to begin with.
    pub body_html: Option<String>,
    /// Kinds; the chosen one decides which fields are asked.
    pub kinds: Vec<Choice>,
    /// Sections.
    pub sections: Vec<Choice>,
    /// Author or pen name printed under the body.
    pub author: String,
    /// Languages.
    pub languages: Vec<Choice>,
    /// Source, when text is taken from elsewhere.
    pub source: String,
    /// Address of the page it was taken from.
    pub source_url: String,
    /// The picture it has now.
    pub picture: Option<Picture>,
    /// Digest of that picture, sent back with the form; empty when it has none.
    pub picture_kept: String,
    /// What the picture shows.
    pub picture_alt: String,
    /// The line printed under the picture.
    pub picture_caption: String,
    /// Who made the picture.
    pub picture_credit: String,
    /// Whether the picture only decorates.
    pub picture_decorates: bool,
    /// What lists must not cut off the picture.
    pub picture_focus: Vec<Choice>,
    /// The pictures of an album.
    pub pictures: Vec<PictureRow>,
    /// Files it has now, sent back with the form; it can drop each by `drop_file=<url>`.
    pub files: Vec<Attachment>,
    /// The fields of its kind.
    pub own: KindFields,
    /// Put at the head of the front page.
    pub featured: bool,
}

/// An entry that arrived from another server and waits for a decision.
#[derive(Clone, Debug, Default)]
pub struct InboxItem {
    /// Where it is read and decided.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its lead.
    pub lead: Option<String>,
    /// Its picture.
    pub picture: Option<Picture>,
    /// Who sent it.
    pub origin: Origin,
    /// The section it had there.
    pub section: String,
    /// When it arrived.
    pub arrived: Stamp,
    /// `Khẩn`, or how it was decided.
    pub badge: Option<Badge>,
}

/// How far a step on the way up has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Happening.
    Now,
    /// Not yet.
    #[default]
    Ahead,
    /// Ended here, against our wish.
    Failed,
}

impl StepState {
    /// The class of the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Ahead => "ahead",
            Self::Failed => "failed",
        }
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Done => "circle-check",
            Self::Now | Self::Ahead => "clock",
            Self::Failed => "arrow-back-up",
        }
    }
}

/// One step on an entry's way: `Đã gửi`, `Tỉnh đã nhận`, `Tỉnh đã đăng`, `Tỉnh trả lại`.
#[derive(Clone, Debug, Default)]
pub struct WayStep {
    /// The step in words.
    pub label: String,
    /// How far it has come.
    pub state: StepState,
    /// When.
    pub at: Option<Stamp>,
}

/// An entry sent to the province.
#[derive(Clone, Debug, Default)]
pub struct SentItem {
    /// Where it is edited here.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The revision sent: `bản 3`.
    pub revision: String,
    /// Its way so far.
    pub steps: Vec<WayStep>,
    /// Why it came back.
    pub reason: Option<String>,
    /// Where the province shows it.
    pub published_url: Option<String>,
}

// ---------------------------------------------------------------- the hub's own desk

/// A member in the province's table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberRow {
    /// The member's own page on the desk; its row is known by it.
    pub url: String,
    /// `Xã Kon Braih`.
    pub name: String,
    /// `konbraih.quangngai.example`.
    pub host: String,
    /// How the link is.
    pub state: LinkState,
    /// Since when, if that is known.
    pub since: Option<Stamp>,
    /// Two machines run it at once: `Hai máy đang cùng chạy cổng bên kia (từ 23/11/2026 02:10)`.
    pub doubled: Option<String>,
    /// When it is expected back, while it is out of service as was announced.
    pub back_at: Option<Stamp>,
    /// The columns somebody chose, in their order.
    pub cells: Vec<MemberCell>,
}

/// What one column shows of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberCell {
    /// The column's name in the style sheet.
    pub column: String,
    /// The column's head.
    pub label: String,
    /// What is read: `còn 12 mục`, a time.
    pub text: String,
    /// What it is about, where a page has room for that: its name and its address.
    pub about: Option<Link>,
    /// What is to be said besides: `mục cũ nhất chờ 3 giờ 10 phút`.
    pub sub: String,
    /// Whether somebody has to look.
    pub is_bad: bool,
    /// Whether it only says that there is nothing.
    pub is_muted: bool,
}

/// The head of a column.
#[derive(Clone, Debug, Default)]
pub struct ColumnHead {
    /// What is read.
    pub label: String,
    /// The table sorted by it.
    pub url: String,
    /// `ascending` or `descending`, if the table is sorted by it now.
    pub sorted: Option<&'static str>,
}

/// A day of a member's course.
#[derive(Clone, Debug, Default)]
pub struct DayBar {
    /// The day.
    pub day: Stamp,
    /// Its name in the style sheet: `online`, `late`, `lost`, `paused`, `none`.
    pub code: &'static str,
    /// `mất kết nối 2 giờ, trễ 10 phút`.
    pub words: String,
}

/// Something known of a member.
#[derive(Clone, Debug, Default)]
pub struct MemberFact {
    /// What.
    pub name: String,
    /// What is read.
    pub text: String,
    /// Where it leads.
    pub url: Option<String>,
    /// What is to be said besides.
    pub sub: String,
    /// Whether somebody has to look.
    pub is_bad: bool,
}

/// How far one lane in one direction is.
#[derive(Clone, Debug, Default)]
pub struct LaneRow {
    /// `Tỉnh gửi đơn vị`.
    pub direction: String,
    /// `khẩn`, `thường`.
    pub lane: String,
    /// The place acknowledged: `1.250`.
    pub position: String,
    /// When it last moved.
    pub moved: Option<Stamp>,
    /// `còn 12 mục`, `đã đủ`.
    pub items: String,
    /// `mục cũ nhất chờ 3 giờ 10 phút`.
    pub oldest: String,
    /// Whether anything is missing.
    pub is_behind: bool,
}

/// An item that one side would not take.
#[derive(Clone, Debug, Default)]
pub struct RefusedLine {
    /// Who would not take whose.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Stamp,
}

/// Something that happened to a member.
#[derive(Clone, Debug, Default)]
pub struct MemberEvent {
    /// The state it came into, if it is one.
    pub state: Option<LinkState>,
    /// When.
    pub at: Stamp,
    /// What.
    pub text: String,
}

/// What was found of a member by looking at it from outside.
#[derive(Clone, Debug, Default)]
pub struct ProbeLine {
    /// What was looked at.
    pub label: String,
    /// How it went, in a word.
    pub badge: Badge,
    /// How, in words.
    pub detail: String,
    /// When that was.
    pub at: Stamp,
    /// How often it was good in the last days: `98,50 % của 96 lần`.
    pub share: String,
}

/// An examination of the way to a member.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// When.
    pub at: Stamp,
    /// Who asked for it.
    pub by: String,
    /// What was found, step by step.
    pub steps: Vec<ExaminedStep>,
}

/// A step of an examination.
#[derive(Clone, Debug, Default)]
pub struct ExaminedStep {
    /// Which.
    pub label: String,
    /// How it is, in a word.
    pub badge: Badge,
    /// What was found.
    pub found: String,
    /// What to do.
    pub advice: Option<String>,
}

/// How full a member's vault is.
#[derive(Clone, Debug, Default)]
pub struct VaultRoom {
    /// Bytes.
    pub used: u64,
    /// Bytes it may fill.
    pub limit: u64,
    /// From where on there is little room.
    pub warn_at: u64,
    /// `1,2 GB trên 20 GB`.
    pub text: String,
    /// What may be filled by who has no limit of its own.
    pub usual: String,
}

/// What the province settles about a member, as filled in.
#[derive(Clone, Debug, Default)]
pub struct MemberForm {
    /// Minutes it may be silent.
    pub grace: String,
    /// Days without an article.
    pub silent_days: String,
    /// A note.
    pub note: String,
    /// How many gigabytes its vault may hold.
    pub quota: String,
    /// The name of its unit, to be typed by who closes it.
    pub closing: String,
}

/// One recall in the province's list.
#[derive(Clone, Debug, Default)]
pub struct RecallRow {
    /// Its own page.
    pub url: String,
    /// The title of what was recalled; none where everything is erased.
    pub title: Option<String>,
    /// Who published it.
    pub unit: String,
    /// Why.
    pub reason: String,
    /// The legal act it rests on.
    pub basis: Option<String>,
    /// Whether its origin keeps nothing either.
    pub erase: bool,
    /// When it was ordered.
    pub at: Stamp,
    /// By whom.
    pub by: String,
    /// How far it has come: `Đã sạch ở 12/12 trang`.
    pub progress: Badge,
    /// What is to be read instead.
    pub replacement: Option<Link>,
    /// That it was taken back itself: when, by whom and why.
    pub lifted: Option<RecallLifted>,
}

/// A recall that was taken back itself.
#[derive(Clone, Debug, Default)]
pub struct RecallLifted {
    /// When.
    pub at: Stamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
    /// Whether what was recalled is public again at its origin.
    pub is_back: bool,
}

/// A recall that waits for a second person.
#[derive(Clone, Debug, Default)]
pub struct RecallProposal {
    /// Its id, sent as `id`.
    pub id: String,
    /// What is to be recalled.
    pub found: RecallFound,
    /// Why.
    pub reason: String,
    /// The legal act it rests on.
    pub basis: Option<String>,
    /// Whether its origin is to keep nothing either.
    pub erase: bool,
    /// Who proposes it.
    pub by: String,
    /// When.
    pub at: Stamp,
    /// Whether this person may confirm it: whoever proposed it may only drop it.
    pub may_confirm: bool,
}

/// How far one site has come with a recall.
#[derive(Clone, Debug, Default)]
pub struct RecallSiteRow {
    /// `Xã Kon Braih`.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Handed over, acknowledged, carried out, gone, in this order.
    pub steps: Vec<RecallStep>,
    /// What was seen when it was last looked.
    pub seen: Option<String>,
    /// When that was.
    pub looked: Option<Stamp>,
    /// Whether something of it may still be there.
    pub is_open: bool,
    /// Who answers for the site, while something may still be there.
    pub responsible: Option<String>,
    /// Their telephone.
    pub phone: Option<String>,
}

/// One step of a site on the way to having nothing left.
#[derive(Clone, Debug, Default)]
pub struct RecallStep {
    /// `Đã gửi`, `Đã nhận`…
    pub label: String,
    /// Since when it is done.
    pub at: Option<Stamp>,
    /// What stands there while it is not: `chưa, đã 12 phút`.
    pub missing: String,
}

/// Where an entry is.
#[derive(Clone, Debug, Default)]
pub struct RecallWhere {
    /// `Đã tới 41 trong 45 trang thành viên; 4 trang chưa nhận.`
    pub summary: String,
    /// The members that have nothing of it yet, or an earlier revision; the first of them.
    pub behind: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// What somebody is about to recall.
#[derive(Clone, Debug, Default)]
pub struct RecallFound {
    /// Its title.
    pub title: String,
    /// Who published it.
    pub unit: String,
    /// Its page.
    pub url: String,
}

/// A bulletin in the list of the province.
#[derive(Clone, Debug, Default)]
pub struct BulletinRow {
    /// Its own page.
    pub url: String,
    /// `Khẩn cấp`, `Tạm ngừng cung cấp`.
    pub label: Badge,
    /// What is the matter.
    pub text: String,
    /// Whom it is for, in words.
    pub receivers: String,
    /// `đang hiện`, `đã gỡ`, `đã hết hạn`, `chưa đến giờ`.
    pub state: Badge,
    /// From when on.
    pub from: Stamp,
    /// Until when.
    pub until: Stamp,
    /// When this version was said.
    pub at: Stamp,
    /// By whom.
    pub by: String,
    /// Why it was lifted.
    pub lifted: Option<String>,
    /// How far it has come: `40/42 đơn vị đã nhận, 38 đã xác nhận`.
    pub progress: Badge,
}

/// One version of a bulletin.
#[derive(Clone, Debug, Default)]
pub struct BulletinVersion {
    /// `bản 2`, or what was done.
    pub label: String,
    /// How far the members have come with it.
    pub url: String,
    /// Whether that is looked at.
    pub current: bool,
    /// When it was said.
    pub at: Stamp,
    /// By whom.
    pub by: String,
}

/// How far one member has come with a bulletin.
#[derive(Clone, Debug, Default)]
pub struct BulletinMember {
    /// `Xã Kon Braih`.
    pub name: String,
    /// Its page on the desk.
    pub url: String,
    /// Handed over, received, on its pages, acknowledged by its people, in this order.
    pub steps: Vec<RecallStep>,
    /// Who acknowledged it.
    pub by: String,
    /// What was wrong when its pages were last looked at.
    pub trouble: Option<String>,
    /// Who answers for it.
    pub contact: String,
    /// The telephone.
    pub phone: String,
    /// The same for a `tel:` link.
    pub phone_link: String,
}

/// What a bulletin would do.
#[derive(Clone, Debug, Default)]
pub struct BulletinPreview {
    /// `Sẽ tới 42 đơn vị`.
    pub title: String,
    /// As it stands above pages.
    pub line: BulletinLine,
    /// What to think of before.
    pub warnings: Vec<String>,
    /// The members it reaches.
    pub receivers: Vec<RouteReceiver>,
    /// Something changed since it was looked at.
    pub is_other: bool,
    /// What names what was looked at, sent as `seen`.
    pub mark: String,
}

/// A bulletin at the desk of a member.
#[derive(Clone, Debug, Default)]
pub struct BulletinHere {
    /// What names it, sent as `bulletin`.
    pub id: String,
    /// `Khẩn cấp`, `Tạm ngừng cung cấp`.
    pub label: Badge,
    /// What is the matter.
    pub text: String,
    /// Who issues it.
    pub issuer: String,
    /// When it was said.
    pub at: Stamp,
    /// From when on it stands.
    pub from: Stamp,
    /// Until when.
    pub until: Stamp,
    /// `đang hiện`, `đã gỡ`.
    pub state: Badge,
    /// Why it was lifted.
    pub lifted: Option<String>,
    /// Where to read more.
    pub more: Option<String>,
    /// More about an outage.
    pub facts: Vec<Fact>,
    /// Who acknowledged it here, and when.
    pub acknowledged: Option<(String, Stamp)>,
    /// Whether there is something to acknowledge.
    pub waits: bool,
}

/// One figure above a table.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Already formatted: `1.250`.
    pub value: String,
    /// What it counts.
    pub label: String,
}

/// How far the unit has come with what it means to publish of one kind this month.
#[derive(Clone, Debug)]
pub struct Goal {
    /// So many of so many: `7 / 12`.
    pub value: String,
    /// The kind, in words.
    pub label: String,
    /// How that is.
    pub state: Badge,
}

/// One rule by which entries travel between members.
#[derive(Clone, Debug, Default)]
pub struct RouteRow {
    /// Id sent when it is switched.
    pub id: String,
    /// Where it is changed.
    pub url: String,
    /// Where it is asked whether to remove it.
    pub removal_url: String,
    /// From whom: `Mọi đơn vị`, `Tỉnh`.
    pub from: String,
    /// What: `Thông báo khẩn`, `Chuyên mục Phòng chống thiên tai`.
    pub what: String,
    /// To whom.
    pub to: String,
    /// How it is shown there: `đăng ngay`, `vào hộp đến`.
    pub placement: String,
    /// In force.
    pub active: bool,
    /// That units it names are no more, and what they went into.
    pub warnings: Vec<String>,
}

/// An entry that says what is to be taken back.
#[derive(Clone, Debug, Default)]
pub struct RecallHit {
    /// Its id, sent as `entry`.
    pub id: String,
    /// Whether it is meant.
    pub chosen: bool,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Who wrote it.
    pub unit: String,
    /// When it was published.
    pub at: Stamp,
    /// Where it says so; none for a medium.
    pub context: Option<String>,
}

/// Something wrong at a member.
#[derive(Clone, Debug, Default)]
pub struct AlertRow {
    /// Id sent when somebody knows.
    pub id: String,
    /// The member.
    pub unit: Link,
    /// What is wrong.
    pub badge: Badge,
    /// How.
    pub detail: String,
    /// Since when.
    pub since: Stamp,
    /// Until when; none while it lasts.
    pub until: Option<Stamp>,
    /// How long.
    pub lasted: String,
    /// Who said they know.
    pub known_by: Option<String>,
    /// Since when they do.
    pub known_at: Option<Stamp>,
}

/// A message about alerts.
#[derive(Clone, Debug, Default)]
pub struct SentRow {
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// When it was written.
    pub at: Stamp,
    /// Whether it was taken.
    pub state: Badge,
}

/// Somebody who is told of alerts.
#[derive(Clone, Debug, Default)]
pub struct RecipientRow {
    /// Id sent with the buttons.
    pub id: String,
    /// What people call them.
    pub name: String,
    /// How they are told.
    pub how: String,
    /// Where.
    pub address: String,
    /// When they are told, and when not.
    pub rules: String,
    /// How it goes.
    pub state: Badge,
    /// Why the last message was not taken.
    pub failure: Option<String>,
    /// When a message was last taken.
    pub reached: Option<Stamp>,
    /// Whether they are told anything.
    pub active: bool,
}

/// What is filled in of a recipient.
#[derive(Clone, Debug, Default)]
pub struct RecipientFields {
    /// What people call them.
    pub name: String,
    /// Where they are told.
    pub address: String,
    /// From when on only what is urgent is told.
    pub quiet_from: String,
    /// And until when.
    pub quiet_to: String,
}

/// What a route would do.
#[derive(Clone, Debug, Default)]
pub struct RoutePreview {
    /// Sent back as `seen`: what is saved is what was looked at.
    pub mark: String,
    /// It was to be saved, and is another than what was looked at.
    pub is_other: bool,
    /// How many receive: `45 đơn vị nhận`.
    pub title: String,
    /// Who.
    pub receivers: Vec<RouteReceiver>,
    /// Who does not.
    pub others: Vec<String>,
    /// What deserves a second look.
    pub warnings: Vec<String>,
    /// How much of late it would have carried.
    pub carried: String,
    /// Some of that.
    pub examples: Vec<String>,
}

/// A member a route would reach.
#[derive(Clone, Debug, Default)]
pub struct RouteReceiver {
    /// Its name.
    pub name: String,
    /// Why it does not receive at once.
    pub badge: Option<Badge>,
}

/// A key of a member.
#[derive(Clone, Debug, Default)]
pub struct KeyRow {
    /// Its name.
    pub id: String,
    /// `đang dùng`, `đã thay`, `đã thu hồi`, `khẩn cấp`.
    pub state: String,
    /// Since when.
    pub from: Stamp,
    /// Until when, if it ends.
    pub to: Option<Stamp>,
    /// Since when it is not believed.
    pub cut: Option<Stamp>,
}

/// An event without effect, because the key that signed it was revoked.
#[derive(Clone, Debug, Default)]
pub struct QuarantineRow {
    /// Id sent when it is decided upon.
    pub id: String,
    /// Who signed it.
    pub unit: String,
    /// What it is about.
    pub title: String,
    /// `đăng bài`, `sửa bài`, `gỡ bài`.
    pub kind: String,
    /// When it came in.
    pub at: Stamp,
}

/// What the audit record is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Words searched for.
    pub words: String,
    /// Groups of actions.
    pub groups: Vec<Choice>,
    /// Done or refused.
    pub outcomes: Vec<Choice>,
    /// First day: `2026-11-01`.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// One line of the audit record.
#[derive(Clone, Debug, Default)]
pub struct AuditRow {
    /// Its place: `1.204`.
    pub seq: String,
    /// When.
    pub at: Stamp,
    /// Login, or what kind of actor.
    pub who: String,
    /// Which session.
    pub session: Option<String>,
    /// What was done.
    pub action: String,
    /// What it was done to: `Tài khoản: y.thu`.
    pub subject: Option<String>,
    /// Where that is to be seen.
    pub url: Option<String>,
    /// `Biên tập viên → Người duyệt`.
    pub change: Option<String>,
    /// `203.0.113.7, cổng 51234`.
    pub origin: Option<String>,
    /// It was refused.
    pub refused: bool,
    /// How many times, where it was more than once.
    pub times: Option<String>,
}

/// What the last check of the audit record came to.
#[derive(Clone, Debug, Default)]
pub struct AuditVerdict {
    /// When; none before the first.
    pub at: Option<Stamp>,
    /// In words, if all is well.
    pub text: String,
    /// In words, if not.
    pub broken: Option<String>,
}

/// How the audit record of a member stands.
#[derive(Clone, Debug, Default)]
pub struct AuditHeadRow {
    /// Id sent when a mismatch is settled.
    pub id: String,
    /// The unit.
    pub name: String,
    /// `dòng 1.204, 5f70bf18a086`.
    pub head: Option<String>,
    /// When it told of it.
    pub told: Option<Stamp>,
    /// What does not fit.
    pub mismatch: Option<AuditMismatch>,
}

/// An audit record that is not the one told of before.
#[derive(Clone, Debug, Default)]
pub struct AuditMismatch {
    /// In words.
    pub what: String,
    /// When it was noticed.
    pub at: Stamp,
}

/// Something screening found in a draft, waiting for somebody who may let it pass.
#[derive(Clone, Debug, Default)]
pub struct HeldRow {
    /// Id sent when it is let pass.
    pub id: String,
    /// Title of the draft.
    pub title: String,
    /// Where the draft is worked on.
    pub url: String,
    /// Who wrote it.
    pub author: String,
    /// Code and name of the rule.
    pub rule: String,
    /// Where it was found.
    pub place: String,
    /// What was found, masked.
    pub excerpt: String,
    /// Why it holds.
    pub reason: String,
    /// When it was found.
    pub at: Stamp,
    /// Who may let it pass.
    pub who: String,
    /// Whether the person who looks may.
    pub may_release: bool,
    /// The reason typed before.
    pub why: String,
    /// Who let it pass, when and why.
    pub decided: Option<String>,
}

/// That something with a secrecy mark was not stored.
#[derive(Clone, Debug, Default)]
pub struct SecretRow {
    /// When.
    pub at: Stamp,
    /// Who tried, or which site sent it.
    pub who: String,
    /// How it came.
    pub way: String,
    /// The rule, and of which set.
    pub rule: String,
    /// By which the same thing is known again.
    pub hash: String,
    /// Where the province takes it back everywhere, if it is an entry of another site.
    pub recall_url: Option<String>,
}

/// An event the hub or a member would not take.
#[derive(Clone, Debug, Default)]
pub struct RefusedRow {
    /// Id sent when it is tried again or set aside.
    pub id: String,
    /// Who sent it.
    pub sender: String,
    /// `luồng thường, số 1.204`.
    pub place: String,
    /// Title, when one could be read.
    pub title: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Short name of the problem, for the operator: `bad-signature`.
    pub problem: String,
    /// When.
    pub at: Stamp,
    /// It was refused here and can be fetched again.
    pub retryable: bool,
    /// It is ours and can be sent again.
    pub resendable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_is_none() {
        let cases = [
            (None, 0, Some((1, 1, 0))),
            (Some(1), 20, Some((1, 1, 0))),
            (Some(2), 21, Some((2, 2, 20))),
            (Some(2), 20, None),
            (Some(0), 20, None),
        ];
        for (asked, count, expected) in cases {
            let leaf = Leaf::of(asked, count, 20);
            let found = leaf.map(|leaf| (leaf.number, leaf.last, leaf.offset));
            assert_eq!(found, expected, "{asked:?} of {count}");
        }
    }

    fn numbers(pagination: &Pagination) -> String {
        let words: Vec<String> = pagination
            .steps
            .iter()
            .map(|step| match step {
                PageStep::Page {
                    number,
                    current: true,
                    ..
                } => format!("[{number}]"),
                PageStep::Page { number, .. } => number.to_string(),
                PageStep::Gap => "…".to_owned(),
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn a_long_list_shows_its_ends_and_where_we_are() {
        let at =
            |current, last| numbers(&Pagination::new(current, last, |n| format!("?trang={n}")));
        assert_eq!(at(1, 1), "[1]");
        assert_eq!(at(1, 9), "[1] 2 … 9");
        assert_eq!(at(5, 9), "1 … 4 [5] 6 … 9");
        assert_eq!(at(9, 9), "1 … 8 [9]");
        assert_eq!(at(40, 9), "1 … 8 [9]");
        assert_eq!(at(0, 0), "[1]");
    }

    #[test]
    fn a_pagination_leads_to_its_neighbours() {
        let pagination = Pagination::new(2, 3, |n| format!("?trang={n}"));
        assert_eq!(pagination.previous.as_deref(), Some("?trang=1"));
        assert_eq!(pagination.next.as_deref(), Some("?trang=3"));
        assert!(Pagination::new(1, 1, |n| n.to_string()).is_single());
    }

    #[test]
    fn text_sizes_stop_at_their_ends() {
        let smallest = Display {
            size: 1,
            ..Display::default()
        };
        let largest = Display {
            size: 5,
            ..Display::default()
        };
        assert_eq!((smallest.smaller(), smallest.larger()), (1, 2));
        assert_eq!((largest.smaller(), largest.larger()), (4, 5));
    }

    #[test]
    fn a_title_cannot_end_the_structured_data() {
        let data = JsonLd::new(&serde_json::json!({ "headline": "</script><b>&" }));
        assert!(!data.to_string().contains(['<', '>', '&']));
    }
}

// ---------------------------------------------------------------- fields of kinds

/// The fields of an entry's kind being filled in. Values are what was typed, good or bad.
#[derive(Clone, Debug, Default)]
pub struct KindFields {
    /// The kind whose fields are shown.
    pub kind: String,
    /// `184/QĐ-UBND`.
    pub number: String,
    /// Forms of documents.
    pub forms: Vec<Choice>,
    /// Who issued it.
    pub issuer: String,
    /// Who signed it.
    pub signer: String,
    /// As what.
    pub signer_position: String,
    /// Fields of administration (lĩnh vực).
    pub fields: Vec<Choice>,
    /// `dd/MM/yyyy`.
    pub issued_on: String,
    /// `dd/MM/yyyy`.
    pub effective_on: String,
    /// `dd/MM/yyyy`.
    pub expires_on: String,
    /// Numbers it replaces, one a line.
    pub replaces: String,
    /// Numbers it amends, one a line.
    pub amends: String,
    /// `dd/MM/yyyy`; after it a notice leaves the lists.
    pub expires: String,
    /// `dd/MM/yyyy`: when a standing page was last read through.
    pub reviewed_on: String,
    /// Address of a video at YouTube.
    pub youtube: String,
    /// The file of a video, sent back with the form.
    pub video: String,
    /// What it is called.
    pub video_name: String,
    /// How large the file of a video may be, in words.
    pub video_limit: String,
    /// The captions of a video, sent back with the form.
    pub captions: String,
    /// What they are called.
    pub captions_name: String,
    /// First day of a week.
    pub week_from: String,
    /// Last day of a week.
    pub week_to: String,
    /// Appointments, and blank lines for more.
    pub rows: Vec<RowFields>,
    /// Appointments copied from a table.
    pub paste: String,
    /// First day comments are taken.
    pub opens_on: String,
    /// Last day comments are taken.
    pub closes_on: String,
    /// Who asks.
    pub asker: String,
    /// Where comments go.
    pub send_to: String,
    /// What a citizen asked.
    pub asked: String,
    /// `dd/MM/yyyy`.
    pub asked_on: String,
    /// Who asked, as they are named in public.
    pub asked_by: String,
    /// Who answers.
    pub answered_by: String,
    /// `dd/MM/yyyy`.
    pub answered_on: String,
    /// Fields of administration, for a question.
    pub question_fields: Vec<Choice>,
    /// What can be chosen in a poll, one a line.
    pub poll_options: String,
    /// `dd/MM/yyyy`.
    pub poll_closes_on: String,
    /// Whether results are shown before the end.
    pub poll_results: bool,
}

/// An appointment being typed.
#[derive(Clone, Debug, Default)]
pub struct RowFields {
    /// Its place, from 1.
    pub number: usize,
    /// Day.
    pub on: String,
    /// Time.
    pub time: String,
    /// What.
    pub content: String,
    /// Who.
    pub who: String,
    /// Where.
    pub place: String,
}

// ---------------------------------------------------------------- lists

/// A section or a term on the page of lists.
#[derive(Clone, Debug, Default)]
pub struct ListRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many others it lies in.
    pub depth: usize,
    /// It is offered no longer.
    pub hidden: bool,
    /// It can be renamed and removed here.
    pub is_ours: bool,
    /// Whose it is, what it stands for.
    pub note: String,
    /// What it may stand for; empty for the province's.
    pub stands_for: Vec<Choice>,
}

/// What units describe entries by that stands for nothing of the province's.
#[derive(Clone, Debug, Default)]
pub struct UnmappedRow {
    /// The unit.
    pub unit: String,
    /// `Lĩnh vực: Lễ hội làng`.
    pub what: String,
    /// How many entries bear it.
    pub count: String,
}

/// A section whose arrivals are taken without asking.
#[derive(Clone, Debug, Default)]
pub struct AutoTakeRow {
    /// Code of the section at the origin.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where they stand here.
    pub placed_in: String,
    /// Since when, and by whom.
    pub since: String,
}
