//! The body of a file: what stands after what, and what it is.

mod table;

use super::DocxError;
use super::numbering::{Mark, Numbering};
use super::relations::{Relations, Target};
use super::styles::{Part, Styles};
use super::xml::{Step, Tag, walk};
use table::Table;

/// Most different pictures of one file.
const MOST_PICTURES: usize = 60;
/// Most fields within fields: looked through for every word, so that there must not be many.
const MOST_FIELDS: usize = 32;
/// Deepest list the editor makes something of.
const DEEPEST_LIST: usize = 8;

/// A block of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading; level 0 is the title of the whole.
    Heading {
        /// 0 to 9.
        level: u8,
        /// Its words.
        inlines: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph {
        /// How it is set.
        align: Align,
        /// Its words.
        inlines: Vec<Inline>,
    },
    /// An item of a list.
    Item {
        /// How deep, from 0.
        level: usize,
        /// Whether it has a number.
        numbered: bool,
        /// Its words.
        inlines: Vec<Inline>,
    },
    /// A quotation.
    Quote(Vec<Inline>),
    /// The line under a picture or over a table.
    Caption(Vec<Inline>),
    /// A table, row by row.
    Table(Vec<Vec<Cell>>),
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// As usual.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// At the right.
    End,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Whether it heads a column.
    pub heads: bool,
    /// Columns it spans.
    pub columns: usize,
    /// Rows it spans.
    pub rows: usize,
    /// What is in it.
    pub blocks: Vec<Block>,
}

/// A stretch of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Words {
        /// Themselves.
        text: String,
        /// How they look.
        look: Look,
        /// Where they lead.
        link: Option<String>,
    },
    /// A new line within the paragraph.
    Break,
    /// A picture.
    Picture {
        /// Its place among the pictures of the file.
        number: usize,
        /// What it shows, if the author said so.
        alt: String,
    },
}

/// How words look, as far as we keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, missing_docs)]
pub struct Look {
    pub bold: bool,
    pub italic: bool,
    pub underlined: bool,
    pub struck: bool,
    pub raised: bool,
    pub lowered: bool,
}

/// A picture by its name in the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PictureAt(pub(super) String);

pub(super) struct Told {
    pub(super) blocks: Vec<Block>,
    pub(super) pictures: Vec<PictureAt>,
}

/// Reads the part with the body.
pub(super) fn read(
    xml: &str,
    styles: &Styles,
    numbering: &Numbering,
    relations: &Relations,
) -> Result<Told, DocxError> {
    let mut teller = Teller {
        styles,
        numbering,
        relations,
        open: vec![Open::Blocks(Vec::new())],
        pictures: Vec::new(),
        runs: Vec::new(),
        links: Vec::new(),
        fields: Vec::new(),
        alt: String::new(),
        in_paragraph_properties: 0,
        in_run_properties: 0,
        in_text: 0,
        skipped: 0,
    };
    walk(xml, |step| {
        match step {
            Step::Start(tag) => teller.start(&tag),
            Step::Text(words) => teller.text(words),
            Step::End(name) => teller.end(name),
        }
        Ok(())
    })?;
    Ok(Told {
        blocks: teller.all(),
        pictures: teller.pictures,
    })
}

impl Block {
    /// The words of a block, on one line.
    pub fn words(&self) -> String {
        let mut words = String::new();
        match self {
            Self::Heading { inlines, .. }
            | Self::Paragraph { inlines, .. }
            | Self::Item { inlines, .. }
            | Self::Quote(inlines)
            | Self::Caption(inlines) => {
                for inline in inlines {
                    match inline {
                        Inline::Words { text, .. } => words.push_str(text),
                        Inline::Break => words.push(' '),
                        Inline::Picture { .. } => {}
                    }
                }
            }
            Self::Table(rows) => {
                for cell in rows.iter().flatten() {
                    for block in &cell.blocks {
                        words.push_str(&block.words());
                        words.push(' ');
                    }
                }
            }
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// What is open around the place the walk has come to.
enum Open {
    Blocks(Vec<Block>),
    Paragraph(Paragraph),
    Table(Table),
    Cell(table::Raw),
}

#[derive(Default)]
struct Paragraph {
    style: String,
    align: Align,
    list: (Option<String>, Option<usize>),
    outline: Option<u8>,
    inlines: Vec<Inline>,
    /// Text boxes that hang on it.
    after: Vec<Block>,
}

/// The look of a run, and whether it is hidden.
#[derive(Clone, Copy, Default)]
struct Run {
    look: Look,
    is_hidden: bool,
}

/// A field: what it is told to do, and whether the walk is in what came of that.
#[derive(Default)]
struct Field {
    told: String,
    has_begun: bool,
}

struct Teller<'a> {
    styles: &'a Styles,
    numbering: &'a Numbering,
    relations: &'a Relations,
    open: Vec<Open>,
    pictures: Vec<PictureAt>,
    runs: Vec<Run>,
    links: Vec<Option<String>>,
    fields: Vec<Field>,
    alt: String,
    in_paragraph_properties: usize,
    in_run_properties: usize,
    in_text: usize,
    skipped: usize,
}

/// What was deleted, moved away, or stands there twice for older programs.
fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "del"
            | "moveFrom"
            | "Fallback"
            | "pPrChange"
            | "rPrChange"
            | "tblPrChange"
            | "tcPrChange"
            | "trPrChange"
            | "sectPr"
            | "annotation"
            | "annotationRef"
    )
}

/// Whether a break ends a line, and not a page or a column.
fn is_of_a_line(tag: &Tag<'_>) -> bool {
    !matches!(tag.get("type").as_deref(), Some("page" | "column"))
}

impl Teller<'_> {
    fn start(&mut self, tag: &Tag<'_>) {
        let name = tag.name();
        if self.skipped > 0 || is_skipped(name) {
            self.skipped += 1;
            return;
        }
        match name {
            "p" => self.open.push(Open::Paragraph(Paragraph::default())),
            "tbl" => self.open.push(Open::Table(Table::default())),
            "tr" => {
                if let Some(Open::Table(table)) = self.open.last_mut() {
                    table.row();
                }
            }
            "tblHeader" if tag.is_on() => {
                if let Some(Open::Table(table)) = self.open.last_mut() {
                    table.heads();
                }
            }
            "tc" => self.open.push(Open::Cell(table::Raw::default())),
            "gridSpan" | "vMerge" => {
                if let Some(Open::Cell(cell)) = self.open.last_mut() {
                    cell.note(name, tag.value().as_deref());
                }
            }
            "txbxContent" => self.open.push(Open::Blocks(Vec::new())),
            "pPr" => self.in_paragraph_properties += 1,
            "rPr" => self.in_run_properties += 1,
            "r" => self.runs.push(Run::default()),
            "t" => self.in_text += 1,
            "tab" if self.in_paragraph_properties == 0 => self.words(" "),
            "noBreakHyphen" => self.words("\u{2011}"),
            "br" | "cr" if is_of_a_line(tag) => self.add(Inline::Break),
            "hyperlink" => {
                let link = tag.get("id").and_then(|id| self.outside(&id));
                self.links.push(link);
            }
            "fldSimple" => {
                let told = tag.get("instr").unwrap_or_default();
                self.links.push(link_of(&told));
            }
            "fldChar" => self.field(tag.get("fldCharType").as_deref().unwrap_or_default()),
            "docPr" => self.alt = tag.get("descr").unwrap_or_default(),
            "blip" => self.picture(tag.get("embed")),
            "imagedata" => {
                self.alt = tag.get("title").unwrap_or_default();
                self.picture(tag.get("id"));
            }
            _ if self.in_paragraph_properties > 0 => self.paragraph_property(tag),
            _ if self.in_run_properties > 0 => self.run_property(tag),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        if self.in_text > 0 {
            self.words(text);
        } else if let Some(field) = self.fields.last_mut().filter(|field| !field.has_begun) {
            // What a field is told stands outside of text.
            field.told.push_str(text);
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "p" | "tbl" | "tc" | "txbxContent" => self.close(),
            "pPr" => self.in_paragraph_properties = self.in_paragraph_properties.saturating_sub(1),
            "rPr" => self.in_run_properties = self.in_run_properties.saturating_sub(1),
            "r" => {
                self.runs.pop();
            }
            "t" => self.in_text = self.in_text.saturating_sub(1),
            "hyperlink" | "fldSimple" => {
                self.links.pop();
            }
            _ => {}
        }
    }

    fn paragraph_property(&mut self, tag: &Tag<'_>) {
        let Some(Open::Paragraph(paragraph)) = self.open.last_mut() else {
            return;
        };
        let value = tag.value();
        match tag.name() {
            "pStyle" => paragraph.style = value.unwrap_or_default(),
            "jc" => {
                paragraph.align = match value.as_deref() {
                    Some("center") => Align::Center,
                    Some("right" | "end") => Align::End,
                    _ => Align::Start,
                }
            }
            "numId" => paragraph.list.0 = value,
            "ilvl" => paragraph.list.1 = value.and_then(|level| level.parse().ok()),
            "outlineLvl" => {
                let level: Option<u8> = value.and_then(|level| level.parse().ok());
                paragraph.outline = level.filter(|level| *level < 9);
            }
            _ => {}
        }
    }

    fn run_property(&mut self, tag: &Tag<'_>) {
        let Some(run) = self.runs.last_mut() else {
            return;
        };
        let look = &mut run.look;
        match tag.name() {
            "b" => look.bold = tag.is_on(),
            "i" => look.italic = tag.is_on(),
            "u" => look.underlined = tag.is_on(),
            "strike" | "dstrike" => look.struck = tag.is_on(),
            "vertAlign" => {
                look.raised = tag.value().as_deref() == Some("superscript");
                look.lowered = tag.value().as_deref() == Some("subscript");
            }
            "rStyle" => {
                let (bold, italic) = self.styles.look(tag.value().as_deref().unwrap_or_default());
                look.bold |= bold;
                look.italic |= italic;
            }
            "vanish" | "webHidden" => run.is_hidden = tag.is_on(),
            _ => {}
        }
    }

    fn field(&mut self, what: &str) {
        match what {
            "begin" if self.fields.len() < MOST_FIELDS => self.fields.push(Field::default()),
            "separate" => {
                if let Some(field) = self.fields.last_mut() {
                    field.has_begun = true;
                }
            }
            "end" => {
                self.fields.pop();
            }
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        let run = self.runs.last().copied().unwrap_or_default();
        let is_list_of_contents = |field: &Field| field.told.trim_start().starts_with("TOC");
        if run.is_hidden || self.fields.iter().any(is_list_of_contents) {
            return;
        }
        let link = self.link();
        let look = run.look;
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            // Word cuts words into runs at every spelling mark: what looks alike belongs together.
            if let Some(Inline::Words {
                text: before,
                look: its_look,
                link: its_link,
            }) = paragraph.inlines.last_mut()
                && (*its_look, &*its_link) == (look, &link)
            {
                before.push_str(text);
                return;
            }
            paragraph.inlines.push(Inline::Words {
                text: text.to_owned(),
                look,
                link,
            });
        }
    }

    fn link(&self) -> Option<String> {
        if let Some(link) = self.links.last() {
            return link.clone();
        }
        let fields = self.fields.iter().rev();
        fields
            .filter(|field| field.has_begun)
            .find_map(|field| link_of(&field.told))
    }

    fn outside(&self, id: &str) -> Option<String> {
        match self.relations.get(id)? {
            Target::Outside(address) => Some(address.clone()),
            Target::Inside(_) => None,
        }
    }

    fn picture(&mut self, id: Option<String>) {
        let alt = std::mem::take(&mut self.alt);
        let target = id.and_then(|id| self.relations.get(&id));
        // What lies elsewhere is not fetched.
        let Some(Target::Inside(name)) = target else {
            return;
        };
        let wanted = PictureAt(name.clone());
        let known = self.pictures.iter().position(|known| *known == wanted);
        let number = match known {
            Some(number) => number,
            None if self.pictures.len() < MOST_PICTURES => {
                self.pictures.push(wanted);
                self.pictures.len() - 1
            }
            None => return,
        };
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        self.add(Inline::Picture { number, alt });
    }

    fn add(&mut self, inline: Inline) {
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            paragraph.inlines.push(inline);
        }
    }

    /// Closes what was opened last, and puts it where it belongs.
    fn close(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let blocks = match self.open.pop() {
            Some(Open::Paragraph(paragraph)) => self.settle(paragraph),
            Some(Open::Table(table)) => table.settle().into_iter().collect(),
            Some(Open::Cell(cell)) => {
                if let Some(Open::Table(table)) = self.open.last_mut() {
                    table.add(cell);
                }
                return;
            }
            Some(Open::Blocks(blocks)) => blocks,
            None => return,
        };
        match self.open.last_mut() {
            Some(Open::Blocks(around)) => around.extend(blocks),
            Some(Open::Cell(cell)) => cell.blocks.extend(blocks),
            Some(Open::Paragraph(paragraph)) => paragraph.after.extend(blocks),
            Some(Open::Table(_)) | None => {}
        }
    }

    fn all(&mut self) -> Vec<Block> {
        while self.open.len() > 1 {
            self.close();
        }
        match self.open.pop() {
            Some(Open::Blocks(blocks)) => blocks,
            _ => Vec::new(),
        }
    }

    fn settle(&self, paragraph: Paragraph) -> Vec<Block> {
        let Paragraph {
            style,
            align,
            list,
            outline,
            inlines,
            after,
        } = paragraph;
        let part = match outline {
            Some(level) => Part::Heading(level + 1),
            None => self.styles.part(&style),
        };
        let inlines = trimmed(inlines);
        let mut blocks = Vec::new();
        if !inlines.is_empty() {
            blocks.push(match part {
                Part::Heading(level) => Block::Heading { level, inlines },
                Part::Caption => Block::Caption(inlines),
                Part::Quote => Block::Quote(inlines),
                Part::Text => match self.item(&style, list) {
                    Some((level, numbered)) => Block::Item {
                        level,
                        numbered,
                        inlines,
                    },
                    None => Block::Paragraph { align, inlines },
                },
            });
        }
        blocks.extend(after);
        blocks
    }

    /// How deep in which kind of list a paragraph stands.
    fn item(&self, style: &str, own: (Option<String>, Option<usize>)) -> Option<(usize, bool)> {
        let of_style = self.styles.list(style);
        let (number, level) = match own {
            (Some(number), level) => (number, level.unwrap_or_default()),
            (None, level) => {
                let (number, its_level) = of_style?;
                (number, level.unwrap_or(its_level))
            }
        };
        match self.numbering.mark(&number, level) {
            Mark::Nothing => None,
            mark => Some((level.min(DEEPEST_LIST), mark == Mark::Number)),
        }
    }
}

/// The address a field leads to.
fn link_of(told: &str) -> Option<String> {
    let rest = told.trim_start().strip_prefix("HYPERLINK")?.trim_start();
    // With a switch in front it leads to a place within the file.
    let address = rest.strip_prefix('"')?.split('"').next()?;
    (!address.is_empty()).then(|| address.to_owned())
}

/// Without blanks and line ends around it; nothing if that is all there is.
fn trimmed(mut inlines: Vec<Inline>) -> Vec<Inline> {
    let is_blank = |inline: &Inline| match inline {
        Inline::Words { text, .. } => text.trim().is_empty(),
        Inline::Break => true,
        Inline::Picture { .. } => false,
    };
    let begin = inlines.iter().position(|inline| !is_blank(inline));
    let Some(begin) = begin else {
        return Vec::new();
    };
    let end = inlines.iter().rposition(|inline| !is_blank(inline));
    inlines.truncate(end.unwrap_or(begin) + 1);
    inlines.drain(..begin);
    if let Some(Inline::Words { text, .. }) = inlines.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Words { text, .. }) = inlines.last_mut() {
        *text = text.trim_end().to_owned();
    }
    inlines
}
