//! Which lists are numbered and which have dots.

use super::DocxError;
use super::package::Package;
use super::xml::{Step, walk};
use std::collections::HashMap;

/// How the items of one level of a list begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Dot,
    Number,
    /// Set in like a list, but without anything before it.
    Nothing,
}

#[derive(Default)]
pub(super) struct Numbering {
    marks: HashMap<(String, usize), Mark>,
    kinds: HashMap<String, String>,
}

pub(super) fn read(package: &Package) -> Result<Numbering, DocxError> {
    let mut numbering = Numbering::default();
    let Some(xml) = package.optional_xml("word/numbering.xml")? else {
        return Ok(numbering);
    };
    let (mut kind, mut level, mut number) = (None, None, None);
    walk(&xml, |step| {
        match step {
            Step::Start(tag) => match tag.name() {
                "abstractNum" => kind = tag.get("abstractNumId"),
                "lvl" => level = tag.get("ilvl").and_then(|level| level.parse().ok()),
                "num" => number = tag.get("numId"),
                "numFmt" => {
                    if let (Some(kind), Some(level)) = (&kind, level) {
                        let mark = mark(tag.value().as_deref().unwrap_or_default());
                        numbering.marks.insert((kind.clone(), level), mark);
                    }
                }
                "abstractNumId" => {
                    if let (Some(number), Some(kind)) = (&number, tag.value()) {
                        numbering.kinds.insert(number.clone(), kind);
                    }
                }
                _ => {}
            },
            Step::End("abstractNum") => kind = None,
            Step::End("lvl") => level = None,
            Step::End("num") => number = None,
            _ => {}
        }
        Ok(())
    })?;
    Ok(numbering)
}

fn mark(format: &str) -> Mark {
    match format {
        "bullet" => Mark::Dot,
        "none" => Mark::Nothing,
        _ => Mark::Number,
    }
}

impl Numbering {
    /// How items of list `number` begin at `level`.
    pub(super) fn mark(&self, number: &str, level: usize) -> Mark {
        // Word's way to say that a paragraph has left the list its style puts it into.
        if number == "0" {
            return Mark::Nothing;
        }
        let known = self
            .kinds
            .get(number)
            .and_then(|kind| self.marks.get(&(kind.clone(), level)));
        known.copied().unwrap_or(Mark::Dot)
    }
}
