//! How a site looks, as its unit set it up: emblem, colours, menu, front page, banners, links, hotlines.
//!
//! All of it is chosen from what is known to work, or is short text: there is no HTML in it and no style.

mod check;
pub mod form;
pub mod palette;
pub mod shown;
pub mod stored;

pub use palette::Palette;
pub use shown::{Kept, Shown};

use crate::log::Digest;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How a site looks. What a version before this one did not know is as it always was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Face {
    /// The picture beside the name; none shows the one we drew.
    pub emblem: Option<Digest>,
    /// Its colours.
    pub palette: Palette,
    /// Its menu; nothing follows the sections.
    pub menu: Vec<MenuEntry>,
    /// What the front page shows, in order.
    pub blocks: Vec<Block>,
    /// Pictures on the front page that lead somewhere.
    pub banners: Vec<Banner>,
    /// Other portals, on the front page.
    pub links: Vec<WebLink>,
    /// Numbers to call, at the foot of every page.
    pub hotlines: Vec<Hotline>,
}

impl Default for Face {
    fn default() -> Self {
        Self {
            emblem: None,
            palette: Palette::default(),
            menu: Vec::new(),
            blocks: Block::USUAL.to_vec(),
            banners: Vec::new(),
            links: Vec::new(),
            hotlines: Vec::new(),
        }
    }
}

impl Face {
    /// The pictures it shows.
    pub fn pictures(&self) -> impl Iterator<Item = Digest> {
        let banners = self.banners.iter().map(|banner| banner.picture);
        self.emblem.into_iter().chain(banners)
    }

    /// The sections it names.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        let of_menu = self.menu.iter().filter_map(|entry| match &entry.target {
            Target::Section(code) => Some(code.as_str()),
            Target::Address(_) => None,
        });
        let of_blocks = self.blocks.iter().filter_map(|block| match block {
            Block::Section(code) => Some(code.as_str()),
            _ => None,
        });
        of_menu.chain(of_blocks)
    }

    /// Everything people typed into it, a line each.
    pub fn words(&self) -> String {
        let steps = self.menu.iter().map(|entry| &entry.label);
        let banners = self.banners.iter().map(|banner| &banner.alt);
        let links = self
            .links
            .iter()
            .flat_map(|link| [&link.group, &link.label]);
        let hotlines = self.hotlines.iter().map(|hotline| &hotline.label);
        let all = steps.chain(banners).chain(links).chain(hotlines);
        all.map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Whether the front page shows `block`.
    pub fn has(&self, block: &Block) -> bool {
        self.blocks.contains(block)
    }
}

/// One step of the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuEntry {
    /// What it is called; nothing means as what it leads to.
    pub label: String,
    /// Where it leads.
    pub target: Target,
}

/// Where something leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A section, by its code.
    Section(String),
    /// A path of this site, or an address elsewhere that begins with `https://`.
    Address(String),
}

/// The pages every site has that a menu may lead to, with what they are called.
pub const PAGES: [(&str, &str); 10] = [
    ("/", "Trang chủ"),
    ("/gioi-thieu", "Giới thiệu"),
    ("/tin-tuc", "Tin tức"),
    ("/thong-bao", "Thông báo"),
    ("/van-ban", "Văn bản"),
    ("/du-thao", "Lấy ý kiến dự thảo"),
    ("/hoi-dap", "Hỏi – Đáp"),
    ("/lich-cong-tac", "Lịch công tác"),
    ("/thu-vien", "Thư viện ảnh, video"),
    ("/tra-cuu", "Tra cứu câu hỏi, phản ánh"),
];

/// What the page at `path` is called, if it is one of [`PAGES`].
pub fn page_label(path: &str) -> Option<&'static str> {
    let page = PAGES.iter().find(|(known, _)| *known == path);
    page.map(|(_, label)| *label)
}

/// A part of the front page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The article that leads and the newest under it.
    Newest,
    /// The newest of one section, by its code.
    Section(String),
    /// Notices in force.
    Notices,
    /// The newest documents.
    Documents,
    /// What was read most.
    MostRead,
    /// Questions that were answered.
    Questions,
    /// What other sites wrote.
    FromOthers,
    /// The banners.
    Banners,
    /// The links.
    Links,
}

/// Where a block stands on a wide screen; on a phone all stand one below the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The broad column.
    Main,
    /// The narrow one beside it.
    Side,
    /// Across both.
    Across,
}

impl Block {
    /// The front page of a site that chose nothing. Banners and links take no room while there are none.
    pub const USUAL: [Self; 7] = [
        Self::Banners,
        Self::Newest,
        Self::Notices,
        Self::Documents,
        Self::MostRead,
        Self::FromOthers,
        Self::Links,
    ];

    /// The blocks there is one of.
    pub const SINGLE: [Self; 8] = [
        Self::Banners,
        Self::Newest,
        Self::Notices,
        Self::Documents,
        Self::MostRead,
        Self::Questions,
        Self::FromOthers,
        Self::Links,
    ];

    /// Its name in a form.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Section(_) => "section",
            Self::Notices => "notices",
            Self::Documents => "documents",
            Self::MostRead => "most_read",
            Self::Questions => "questions",
            Self::FromOthers => "from_others",
            Self::Banners => "banners",
            Self::Links => "links",
        }
    }

    /// What people call the block of that name.
    pub fn label(code: &str) -> &'static str {
        match code {
            "newest" => "Tin mới và bài nổi bật",
            "notices" => "Thông báo",
            "documents" => "Văn bản mới",
            "most_read" => "Đọc nhiều nhất",
            "questions" => "Hỏi – Đáp",
            "from_others" => "Tin từ các đơn vị khác",
            "banners" => "Băng ảnh",
            "links" => "Liên kết",
            _ => "Tin của một chuyên mục",
        }
    }

    /// Where it stands.
    pub fn column(&self) -> Column {
        match self {
            Self::Newest | Self::Section(_) => Column::Main,
            Self::Notices | Self::Documents | Self::MostRead | Self::Questions => Column::Side,
            Self::FromOthers | Self::Banners | Self::Links => Column::Across,
        }
    }
}

/// A picture on the front page that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// The picture.
    pub picture: Digest,
    /// What it says, for who does not see it.
    pub alt: String,
    /// Where it leads: a path of this site, or an address that begins with `https://`.
    pub link: Option<String>,
    /// The last day it is shown.
    pub until: Option<NaiveDate>,
}

impl Banner {
    /// Whether it is shown on `day`.
    pub fn is_shown_on(&self, day: NaiveDate) -> bool {
        self.until.is_none_or(|last| day <= last)
    }
}

/// A link to another portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebLink {
    /// What stands above it and its like; nothing for those by themselves.
    #[serde(default)]
    pub group: String,
    /// What it is called.
    pub label: String,
    /// Where it leads, beginning with `https://`.
    pub address: String,
}

/// A number to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hotline {
    /// For what.
    pub label: String,
    /// The number, as it is written.
    pub phone: String,
}
