//! What a face may hold: bounds, and what is wrong with it, field by field.

use super::{Banner, Block, Face, Hotline, MenuEntry, Target, WebLink, page_label};
use crate::error::{Error, FieldError, Result};
use std::collections::HashSet;
use url::Url;

/// Most steps of a menu.
const MOST_STEPS: usize = 10;
/// Most banners.
const MOST_BANNERS: usize = 6;
/// Most links.
const MOST_LINKS: usize = 20;
/// Most hotlines.
const MOST_HOTLINES: usize = 8;
/// Most sections whose newest the front page shows.
const MOST_SECTIONS: usize = 3;

const LONGEST_STEP: usize = 40;
const LONGEST_ALT: usize = 200;
const LONGEST_LABEL: usize = 80;
const LONGEST_GROUP: usize = 40;
const LONGEST_ADDRESS: usize = 500;
/// Digits of a number: from a short emergency number to the longest there are.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;

impl Face {
    /// The same, if it may be; [`Error::Invalid`] names what to mend as the form does: `menu_label-2`.
    pub fn checked(self) -> Result<Self> {
        let mut wrong = Wrong::default();
        wrong.menu(&self.menu);
        wrong.blocks(&self.blocks);
        wrong.banners(&self.banners);
        wrong.links(&self.links);
        wrong.hotlines(&self.hotlines);
        match wrong.0.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(wrong.0)),
        }
    }
}

#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn add(&mut self, field: &str, row: usize, words: impl Into<String>) {
        self.0
            .push(FieldError::new(format!("{field}-{}", row + 1), words));
    }

    fn many(&mut self, part: &str, count: usize, most: usize, what: &str) {
        if count > most {
            let words = format!("Nhiều nhất {most} {what}; đang có {count}.");
            self.0.push(FieldError::new(part, words));
        }
    }

    /// Text that must be there and has a longest length.
    fn text(&mut self, field: &str, row: usize, text: &str, longest: usize, missing: &str) {
        if text.is_empty() {
            self.add(field, row, missing);
        } else if text.chars().count() > longest {
            self.add(field, row, format!("Dài quá {longest} ký tự."));
        }
    }

    fn menu(&mut self, menu: &[MenuEntry]) {
        self.many("menu", menu.len(), MOST_STEPS, "mục trong trình đơn");
        for (row, entry) in menu.iter().enumerate() {
            let named = match &entry.target {
                Target::Section(_) => true,
                Target::Address(address) => page_label(address).is_some(),
            };
            if !named || !entry.label.is_empty() {
                let missing = "Hãy đặt tên cho mục này.";
                self.text("menu_label", row, &entry.label, LONGEST_STEP, missing);
            }
            if let Target::Address(address) = &entry.target
                && !is_address(address)
            {
                self.add("menu_address", row, ADDRESS);
            }
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        if blocks.is_empty() {
            let words = "Hãy để lại ít nhất một khối trên trang chủ.";
            self.0.push(FieldError::new("blocks", words));
        }
        let is_section = |block: &&Block| matches!(block, Block::Section(_));
        let sections = blocks.iter().filter(is_section).count();
        self.many("blocks", sections, MOST_SECTIONS, "khối chuyên mục");
        let mut seen = Vec::new();
        for block in blocks {
            if seen.contains(&block) {
                let label = Block::label(block.code());
                let words = format!("Khối “{label}” có hai lần; hãy bỏ bớt một.");
                self.0.push(FieldError::new("blocks", words));
            }
            seen.push(block);
        }
    }

    fn banners(&mut self, banners: &[Banner]) {
        self.many("banners", banners.len(), MOST_BANNERS, "băng ảnh");
        for (row, banner) in banners.iter().enumerate() {
            let missing = "Hãy ghi băng ảnh này nói gì, cho người không nhìn thấy ảnh.";
            self.text("banner_alt", row, &banner.alt, LONGEST_ALT, missing);
            if banner.link.as_ref().is_some_and(|link| !is_address(link)) {
                self.add("banner_link", row, ADDRESS);
            }
        }
    }

    fn links(&mut self, links: &[WebLink]) {
        self.many("links", links.len(), MOST_LINKS, "liên kết");
        let mut seen = HashSet::new();
        for (row, link) in links.iter().enumerate() {
            let missing = "Hãy ghi tên trang được liên kết.";
            self.text("link_label", row, &link.label, LONGEST_LABEL, missing);
            if link.group.chars().count() > LONGEST_GROUP {
                self.add("link_group", row, format!("Dài quá {LONGEST_GROUP} ký tự."));
            }
            if !is_outside(&link.address) {
                self.add("link_address", row, OUTSIDE);
            } else if !seen.insert(&link.address) {
                self.add("link_address", row, "Địa chỉ này đã có ở dòng trên.");
            }
        }
    }

    fn hotlines(&mut self, hotlines: &[Hotline]) {
        self.many("hotlines", hotlines.len(), MOST_HOTLINES, "đường dây nóng");
        for (row, hotline) in hotlines.iter().enumerate() {
            let missing = "Hãy ghi số này để gọi về việc gì.";
            self.text("hotline_label", row, &hotline.label, LONGEST_LABEL, missing);
            if !is_phone(&hotline.phone) {
                let words = "Hãy ghi số điện thoại, từ 3 đến 15 chữ số, ví dụ 0260 3824 000.";
                self.add("hotline_phone", row, words);
            }
        }
    }
}

const ADDRESS: &str =
    "Hãy ghi đường dẫn trong trang, bắt đầu bằng “/”, hoặc địa chỉ bắt đầu bằng “https://”.";
const OUTSIDE: &str = "Hãy ghi địa chỉ bắt đầu bằng “https://”.";

/// A path of this site for readers, or an address elsewhere.
fn is_address(text: &str) -> bool {
    is_path(text) || is_outside(text)
}

/// A path that a browser cannot take for another host, and that is not the back office.
fn is_path(text: &str) -> bool {
    let may_be = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    let is_plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let is_of_staff = text == "/quan-tri" || text.starts_with("/quan-tri/");
    may_be && is_plain && !is_of_staff && text.len() <= LONGEST_ADDRESS
}

fn is_outside(text: &str) -> bool {
    let is_plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let parsed = Url::parse(text).ok().filter(|url| url.scheme() == "https");
    let is_open = parsed.is_some_and(|url| {
        // A name before the host is there to deceive.
        url.username().is_empty() && url.password().is_none() && url.host_str().is_some()
    });
    is_plain && is_open && text.len() <= LONGEST_ADDRESS
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_written = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +().-".contains(c));
    is_written && DIGITS.contains(&digits)
}

#[cfg(test)]
mod tests;
