//! A face as it is typed: rows of words, which may be moved, added and dropped before anything is kept.

use super::{
    Banner, Block, Face, Hotline, MenuEntry, Palette, Target, WebLink, page_label, shown::Shown,
};
use crate::entries::section;
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use chrono::NaiveDate;

/// What of the form a button is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The menu.
    Menu,
    /// The blocks of the front page.
    Blocks,
    /// The banners.
    Banners,
    /// The links.
    Links,
    /// The hotlines.
    Hotlines,
}

impl Part {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "menu" => Self::Menu,
            "blocks" => Self::Blocks,
            "banners" => Self::Banners,
            "links" => Self::Links,
            "hotlines" => Self::Hotlines,
            _ => return None,
        })
    }
}

/// What a button of the form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Keeps the face, so that it counts.
    Save,
    /// Goes back to the one before.
    Undo,
    /// A row more.
    Add(Part),
    /// A row one place up.
    Up(Part, usize),
    /// A row one place down.
    Down(Part, usize),
    /// A row less.
    Drop(Part, usize),
    /// The menu as it is now, to be changed.
    FillMenu,
}

impl Act {
    /// Reads `save`, `add:links`, `up:menu:2`; rows are counted from 1.
    pub fn parse(name: &str) -> Option<Self> {
        let mut words = name.split(':');
        let verb = words.next()?;
        match verb {
            "save" => return Some(Self::Save),
            "undo" => return Some(Self::Undo),
            "fill" => return Some(Self::FillMenu),
            _ => {}
        }
        let part = Part::parse(words.next()?)?;
        if verb == "add" {
            return Some(Self::Add(part));
        }
        let row = words.next()?.parse::<usize>().ok()?.checked_sub(1)?;
        match verb {
            "up" => Some(Self::Up(part, row)),
            "down" => Some(Self::Down(part, row)),
            "drop" => Some(Self::Drop(part, row)),
            _ => None,
        }
    }
}

/// A step of the menu as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepRow {
    /// What it is called.
    pub label: String,
    /// What was chosen: `muc:` and a section, or the path of a page; nothing for another address.
    pub target: String,
    /// The other address.
    pub address: String,
}

/// A block as it is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockRow {
    /// Its name.
    pub code: String,
    /// The section, of a block that shows one.
    pub section: String,
    /// Whether the front page shows it.
    pub is_on: bool,
}

/// A banner as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BannerRow {
    /// The picture, 64 hexadecimal digits.
    pub picture: String,
    /// What it says.
    pub alt: String,
    /// Where it leads.
    pub link: String,
    /// The last day it is shown, as browsers send days.
    pub until: String,
}

/// A link as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkRow {
    /// What stands above it.
    pub group: String,
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub address: String,
}

/// A hotline as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HotlineRow {
    /// For what.
    pub label: String,
    /// The number.
    pub phone: String,
}

/// A whole face as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The revision that was seen.
    pub revision: u64,
    /// The emblem, 64 hexadecimal digits; nothing for the one we drew.
    pub emblem: String,
    /// The palette by name.
    pub palette: String,
    /// The menu.
    pub menu: Vec<StepRow>,
    /// The blocks.
    pub blocks: Vec<BlockRow>,
    /// The banners.
    pub banners: Vec<BannerRow>,
    /// The links.
    pub links: Vec<LinkRow>,
    /// The hotlines.
    pub hotlines: Vec<HotlineRow>,
}

/// What goes before the code of a section where a menu's aim is chosen.
pub const SECTION: &str = "muc:";

impl Typed {
    /// `face` as it would be typed.
    pub fn of(face: &Face, revision: u64) -> Self {
        let step = |entry: &MenuEntry| {
            let (target, address) = match &entry.target {
                Target::Section(code) => (format!("{SECTION}{code}"), String::new()),
                Target::Address(path) if page_label(path).is_some() => {
                    (path.clone(), String::new())
                }
                Target::Address(address) => (String::new(), address.clone()),
            };
            StepRow {
                label: entry.label.clone(),
                target,
                address,
            }
        };
        let banner = |banner: &Banner| BannerRow {
            picture: banner.picture.hex(),
            alt: banner.alt.clone(),
            link: banner.link.clone().unwrap_or_default(),
            until: banner.until.map(|day| day.to_string()).unwrap_or_default(),
        };
        let link = |link: &WebLink| LinkRow {
            group: link.group.clone(),
            label: link.label.clone(),
            address: link.address.clone(),
        };
        let hotline = |hotline: &Hotline| HotlineRow {
            label: hotline.label.clone(),
            phone: hotline.phone.clone(),
        };
        Self {
            revision,
            emblem: face.emblem.map(|one| one.hex()).unwrap_or_default(),
            palette: face.palette.code().to_owned(),
            menu: face.menu.iter().map(step).collect(),
            blocks: block_rows(&face.blocks),
            banners: face.banners.iter().map(banner).collect(),
            links: face.links.iter().map(link).collect(),
            hotlines: face.hotlines.iter().map(hotline).collect(),
        }
    }

    /// What a form sent, field by field in its order. Each row begins with the field its rows are known by.
    pub fn put(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let text = || value.to_owned();
        match name {
            "revision" => self.revision = value.parse().unwrap_or(u64::MAX),
            "emblem" => self.emblem = text(),
            "emblem_none" => self.emblem.clear(),
            "palette" => self.palette = text(),
            "menu_label" => self.menu.push(StepRow {
                label: text(),
                ..StepRow::default()
            }),
            "menu_target" => with_last(&mut self.menu, |row| row.target = text()),
            "menu_address" => with_last(&mut self.menu, |row| row.address = text()),
            "block" => self.blocks.push(BlockRow {
                code: text(),
                ..BlockRow::default()
            }),
            "block_section" => with_last(&mut self.blocks, |row| row.section = text()),
            "block_on" => with_last(&mut self.blocks, |row| row.is_on = true),
            "banner" => self.banners.push(BannerRow {
                picture: text(),
                ..BannerRow::default()
            }),
            "banner_alt" => with_last(&mut self.banners, |row| row.alt = text()),
            "banner_link" => with_last(&mut self.banners, |row| row.link = text()),
            "banner_until" => with_last(&mut self.banners, |row| row.until = text()),
            "link_label" => self.links.push(LinkRow {
                label: text(),
                ..LinkRow::default()
            }),
            "link_address" => with_last(&mut self.links, |row| row.address = text()),
            "link_group" => with_last(&mut self.links, |row| row.group = text()),
            "hotline_label" => self.hotlines.push(HotlineRow {
                label: text(),
                ..HotlineRow::default()
            }),
            "hotline_phone" => with_last(&mut self.hotlines, |row| row.phone = text()),
            _ => {}
        }
    }

    /// Forgets the rows in which nothing was typed. Called before errors are named by their rows.
    pub fn drop_blank(&mut self) {
        self.menu.retain(|row| *row != StepRow::default());
        self.banners.retain(|row| *row != BannerRow::default());
        self.links.retain(|row| *row != LinkRow::default());
        self.hotlines.retain(|row| *row != HotlineRow::default());
    }

    /// Moves, adds or drops a row; `shown` and `sections` tell what the menu is now.
    pub fn arrange(&mut self, act: Act, shown: &Shown, sections: &section::Tree) {
        match act {
            Act::Save | Act::Undo => {}
            Act::FillMenu => {
                let now = shown.menu(sections).into_iter();
                let section = |url: &str| {
                    let code = url.strip_prefix("/chuyen-muc/");
                    code.map(|code| format!("{SECTION}{code}"))
                };
                self.menu = now
                    .map(|item| StepRow {
                        target: section(&item.url).unwrap_or(item.url),
                        label: item.label,
                        address: String::new(),
                    })
                    .collect();
            }
            Act::Add(Part::Menu) => self.menu.push(StepRow::default()),
            Act::Add(Part::Banners) => self.banners.push(BannerRow::default()),
            Act::Add(Part::Links) => self.links.push(LinkRow::default()),
            Act::Add(Part::Hotlines) => self.hotlines.push(HotlineRow::default()),
            Act::Add(Part::Blocks) => self.blocks.push(BlockRow {
                code: Block::Section(String::new()).code().to_owned(),
                section: String::new(),
                is_on: true,
            }),
            Act::Up(part, row) => self.swap(part, row.wrapping_sub(1), row),
            Act::Down(part, row) => self.swap(part, row, row + 1),
            Act::Drop(part, row) => match part {
                Part::Menu => drop_row(&mut self.menu, row),
                Part::Blocks => drop_row(&mut self.blocks, row),
                Part::Banners => drop_row(&mut self.banners, row),
                Part::Links => drop_row(&mut self.links, row),
                Part::Hotlines => drop_row(&mut self.hotlines, row),
            },
        }
    }

    fn swap(&mut self, part: Part, one: usize, other: usize) {
        match part {
            Part::Menu => swap(&mut self.menu, one, other),
            Part::Blocks => swap(&mut self.blocks, one, other),
            Part::Banners => swap(&mut self.banners, one, other),
            Part::Links => swap(&mut self.links, one, other),
            Part::Hotlines => swap(&mut self.hotlines, one, other),
        }
    }

    /// The face that is meant. [`Error::Invalid`] names the fields to mend.
    pub fn read(&self) -> Result<Face> {
        let mut wrong = Vec::new();
        let emblem = match self.emblem.as_str() {
            "" => None,
            hex => Digest::from_hex(hex).ok(),
        };
        let palette = Palette::parse(&self.palette).unwrap_or_else(|| {
            wrong.push(FieldError::new("palette", "Hãy chọn một bảng màu."));
            Palette::default()
        });
        let face = Face {
            emblem,
            palette,
            menu: self.menu.iter().map(step_of).collect(),
            blocks: self.blocks_of(&mut wrong),
            banners: self.banners_of(&mut wrong),
            links: self.links.iter().map(link_of).collect(),
            hotlines: self.hotlines.iter().map(hotline_of).collect(),
        };
        match face.checked() {
            Ok(face) if wrong.is_empty() => Ok(face),
            Ok(_) => Err(Error::Invalid(wrong)),
            Err(Error::Invalid(more)) => {
                wrong.extend(more);
                Err(Error::Invalid(wrong))
            }
            Err(other) => Err(other),
        }
    }

    fn blocks_of(&self, wrong: &mut Vec<FieldError>) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (row, typed) in self.blocks.iter().enumerate().filter(|(_, row)| row.is_on) {
            let mut single = Block::SINGLE.into_iter();
            match single.find(|block| block.code() == typed.code) {
                Some(block) => blocks.push(block),
                None if typed.section.is_empty() => {
                    let field = format!("block_section-{}", row + 1);
                    wrong.push(FieldError::new(field, "Hãy chọn chuyên mục."));
                }
                None => blocks.push(Block::Section(typed.section.clone())),
            }
        }
        blocks
    }

    fn banners_of(&self, wrong: &mut Vec<FieldError>) -> Vec<Banner> {
        let mut banners = Vec::new();
        for (row, typed) in self.banners.iter().enumerate() {
            let mut add = |field: &str, words: &str| {
                let field = format!("{field}-{}", row + 1);
                wrong.push(FieldError::new(field, words));
            };
            let until = match typed.until.as_str() {
                "" => None,
                day => day.parse::<NaiveDate>().ok().or_else(|| {
                    add("banner_until", "Hãy ghi ngày theo dạng năm-tháng-ngày.");
                    None
                }),
            };
            let picture = Digest::from_hex(&typed.picture).ok();
            let picture = picture.unwrap_or_else(|| {
                add("banner_file", "Hãy chọn ảnh cho băng này.");
                Digest::of(b"")
            });
            banners.push(Banner {
                picture,
                alt: typed.alt.clone(),
                link: Some(typed.link.clone()).filter(|link| !link.is_empty()),
                until,
            });
        }
        banners
    }
}

/// Those the front page shows, in order, and then those it does not.
fn block_rows(blocks: &[Block]) -> Vec<BlockRow> {
    let row = |block: &Block, is_on| BlockRow {
        code: block.code().to_owned(),
        section: match block {
            Block::Section(code) => code.clone(),
            _ => String::new(),
        },
        is_on,
    };
    let others = Block::SINGLE.into_iter();
    let others = others.filter(|block| !blocks.contains(block));
    let shown = blocks.iter().map(|block| row(block, true));
    shown
        .chain(others.map(|block| row(&block, false)))
        .collect()
}

fn step_of(typed: &StepRow) -> MenuEntry {
    let target = match typed.target.strip_prefix(SECTION) {
        Some(code) => Target::Section(code.to_owned()),
        None if typed.target.is_empty() => Target::Address(typed.address.clone()),
        None => Target::Address(typed.target.clone()),
    };
    MenuEntry {
        label: typed.label.clone(),
        target,
    }
}

fn link_of(typed: &LinkRow) -> WebLink {
    WebLink {
        group: typed.group.clone(),
        label: typed.label.clone(),
        address: typed.address.clone(),
    }
}

fn hotline_of(typed: &HotlineRow) -> Hotline {
    Hotline {
        label: typed.label.clone(),
        phone: typed.phone.clone(),
    }
}

fn with_last<T>(rows: &mut [T], change: impl FnOnce(&mut T)) {
    if let Some(row) = rows.last_mut() {
        change(row);
    }
}

fn swap<T>(rows: &mut [T], one: usize, other: usize) {
    if one < rows.len() && other < rows.len() {
        rows.swap(one, other);
    }
}

fn drop_row<T>(rows: &mut Vec<T>, row: usize) {
    if row < rows.len() {
        rows.remove(row);
    }
}

#[cfg(test)]
mod tests;
