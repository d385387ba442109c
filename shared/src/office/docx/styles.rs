//! What the styles of a file mean: headings, captions, quotations, list items.

use super::DocxError;
use super::package::Package;
use super::xml::{Step, walk};
use std::collections::HashMap;

/// Longest chain of styles that build upon each other.
const LONGEST_CHAIN: usize = 16;

/// What a paragraph's style makes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    #[default]
    Text,
    /// 0 is the title.
    Heading(u8),
    Caption,
    Quote,
}

#[derive(Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<(String, usize)>,
    bold: bool,
    italic: bool,
}

#[derive(Default)]
pub(super) struct Styles(HashMap<String, Style>);

pub(super) fn read(package: &Package) -> Result<Styles, DocxError> {
    let mut styles = Styles::default();
    let Some(xml) = package.optional_xml("word/styles.xml")? else {
        return Ok(styles);
    };
    let mut current: Option<(String, Style)> = None;
    walk(&xml, |step| {
        match step {
            Step::Start(tag) if tag.name() == "style" => {
                current = tag.get("styleId").map(|id| (id, Style::default()));
            }
            Step::Start(tag) => {
                if let Some((_, style)) = &mut current {
                    note(style, &tag);
                }
            }
            Step::End("style") => styles.0.extend(current.take()),
            _ => {}
        }
        Ok(())
    })?;
    Ok(styles)
}

fn note(style: &mut Style, tag: &super::xml::Tag<'_>) {
    let value = || tag.value().unwrap_or_default();
    match tag.name() {
        "name" => style.name = value().to_lowercase(),
        "basedOn" => style.based_on = tag.value(),
        "outlineLvl" => style.outline = value().parse().ok(),
        "numId" => style.list.get_or_insert_default().0 = value(),
        "ilvl" => style.list.get_or_insert_default().1 = value().parse().unwrap_or_default(),
        "b" => style.bold = tag.is_on(),
        "i" => style.italic = tag.is_on(),
        _ => {}
    }
}

impl Styles {
    /// What a paragraph of style `id` is.
    pub(super) fn part(&self, id: &str) -> Part {
        self.chain(id).find_map(part_of).unwrap_or_default()
    }

    /// The list a paragraph of style `id` belongs to, and how deep.
    pub(super) fn list(&self, id: &str) -> Option<(String, usize)> {
        self.chain(id)
            .find_map(|style| style.list.clone())
            .filter(|(number, _)| !number.is_empty())
    }

    /// Whether words of the character style `id` are bold, and whether they are italic.
    pub(super) fn look(&self, id: &str) -> (bool, bool) {
        let mut look = (false, false);
        for style in self.chain(id) {
            look = (look.0 || style.bold, look.1 || style.italic);
        }
        look
    }

    fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let first = self.0.get(id);
        std::iter::successors(first, |style| self.0.get(style.based_on.as_deref()?))
            .take(LONGEST_CHAIN)
    }
}

fn part_of(style: &Style) -> Option<Part> {
    if let Some(level) = style.name.strip_prefix("heading ") {
        return level.trim().parse().ok().map(Part::Heading);
    }
    match style.name.as_str() {
        "title" => Some(Part::Heading(0)),
        "caption" => Some(Part::Caption),
        "quote" | "intense quote" => Some(Part::Quote),
        // Nine means body text.
        _ => style
            .outline
            .filter(|level| *level < 9)
            .map(|level| Part::Heading(level + 1)),
    }
}
