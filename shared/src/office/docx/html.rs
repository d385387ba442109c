//! A body as HTML, of elements on the allow-list alone.

use super::Placed;
use super::story::{Align, Block, Cell, Inline, Look};

/// Deepest table within tables that stays one; what is deeper becomes paragraphs.
const DEEPEST_TABLE: usize = 3;

pub(super) fn write<'a>(
    blocks: impl Iterator<Item = &'a Block>,
    placed: &dyn Fn(usize) -> Option<Placed>,
) -> String {
    let mut writer = Writer {
        out: String::new(),
        placed,
        lists: Vec::new(),
        tables: 0,
    };
    writer.blocks(&blocks.collect::<Vec<_>>());
    writer.out
}

struct Writer<'a> {
    out: String,
    placed: &'a dyn Fn(usize) -> Option<Placed>,
    /// The lists that are open, and whether they are numbered. Each has an item open in it.
    lists: Vec<bool>,
    tables: usize,
}

impl Writer<'_> {
    fn blocks(&mut self, blocks: &[&Block]) {
        let mut rest = blocks.iter().peekable();
        while let Some(block) = rest.next() {
            // The line under a picture belongs to it.
            let caption = match rest.peek() {
                Some(Block::Caption(inlines)) if has_picture(block) => Some(inlines.as_slice()),
                _ => None,
            };
            if caption.is_some() {
                rest.next();
            }
            self.block(block, caption);
        }
        self.close_lists(0);
    }

    fn block(&mut self, block: &Block, caption: Option<&[Inline]>) {
        if !matches!(block, Block::Item { .. }) {
            self.close_lists(0);
        }
        match block {
            Block::Heading { level, inlines } => {
                let name = match level {
                    0 | 1 => "h2",
                    2 => "h3",
                    _ => "h4",
                };
                self.element(name, "", inlines);
            }
            Block::Paragraph { align, inlines } => {
                let class = match align {
                    Align::Start => "",
                    Align::Center => " class=\"can-giua\"",
                    Align::End => " class=\"can-phai\"",
                };
                self.element("p", class, inlines);
            }
            Block::Item {
                level,
                numbered,
                inlines,
            } => self.item(*level, *numbered, inlines),
            Block::Quote(inlines) => {
                self.out.push_str("<blockquote>");
                self.element("p", "", inlines);
                self.out.push_str("</blockquote>");
            }
            Block::Caption(inlines) => {
                self.element("p", "", inlines);
            }
            Block::Table(rows) => self.table(rows),
        }
        self.figures(block, caption);
    }

    fn element(&mut self, name: &str, attributes: &str, inlines: &[Inline]) {
        let has_words = inlines
            .iter()
            .any(|inline| matches!(inline, Inline::Words { .. }));
        if has_words {
            self.out.push_str(&format!("<{name}{attributes}>"));
            self.inlines(inlines);
            self.out.push_str(&format!("</{name}>"));
        }
    }

    fn item(&mut self, level: usize, numbered: bool, inlines: &[Inline]) {
        // A level that was left out is none.
        let level = level.min(self.lists.len());
        self.close_lists(level + 1);
        if self.lists.len() == level + 1 && self.lists.last() != Some(&numbered) {
            self.close_lists(level);
        }
        if self.lists.len() == level + 1 {
            self.out.push_str("</li>");
        } else {
            self.out.push_str(if numbered { "<ol>" } else { "<ul>" });
            self.lists.push(numbered);
        }
        self.out.push_str("<li>");
        self.inlines(inlines);
    }

    fn close_lists(&mut self, depth: usize) {
        while self.lists.len() > depth {
            let numbered = self.lists.pop().unwrap_or_default();
            self.out
                .push_str(if numbered { "</li></ol>" } else { "</li></ul>" });
        }
    }

    fn table(&mut self, rows: &[Vec<Cell>]) {
        let lists = std::mem::take(&mut self.lists);
        self.tables += 1;
        if self.tables > DEEPEST_TABLE {
            for cell in rows.iter().flatten() {
                self.blocks(&cell.blocks.iter().collect::<Vec<_>>());
            }
        } else {
            self.out.push_str("<table><tbody>");
            for row in rows {
                self.out.push_str("<tr>");
                for cell in row {
                    self.cell(cell);
                }
                self.out.push_str("</tr>");
            }
            self.out.push_str("</tbody></table>");
        }
        self.tables -= 1;
        self.lists = lists;
    }

    fn cell(&mut self, cell: &Cell) {
        let name = if cell.heads { "th" } else { "td" };
        self.out.push_str(&format!("<{name}"));
        if cell.heads {
            self.out.push_str(" scope=\"col\"");
        }
        for (attribute, span) in [("colspan", cell.columns), ("rowspan", cell.rows)] {
            if span > 1 {
                self.out.push_str(&format!(" {attribute}=\"{span}\""));
            }
        }
        self.out.push('>');
        match cell.blocks.as_slice() {
            [Block::Paragraph { inlines, .. }] => self.inlines(inlines),
            blocks => self.blocks(&blocks.iter().collect::<Vec<_>>()),
        }
        for block in &cell.blocks {
            if let ([_], Block::Paragraph { .. }) = (cell.blocks.as_slice(), block) {
                self.figures(block, None);
            }
        }
        self.out.push_str(&format!("</{name}>"));
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Words { text, look, link } => {
                    let marks = marks(*look);
                    let link = link.as_deref().map(escaped);
                    if let Some(address) = &link {
                        self.out.push_str(&format!("<a href=\"{address}\">"));
                    }
                    for mark in &marks {
                        self.out.push_str(&format!("<{mark}>"));
                    }
                    self.out.push_str(&escaped(text));
                    for mark in marks.iter().rev() {
                        self.out.push_str(&format!("</{mark}>"));
                    }
                    if link.is_some() {
                        self.out.push_str("</a>");
                    }
                }
                Inline::Break => self.out.push_str("<br>"),
                Inline::Picture { .. } => {}
            }
        }
    }

    /// The pictures of a block, below it.
    fn figures(&mut self, block: &Block, caption: Option<&[Inline]>) {
        let pictures: Vec<(usize, &str)> = pictures(block).collect();
        for (place, (number, alt)) in pictures.iter().enumerate() {
            let Some(at) = (self.placed)(*number) else {
                continue;
            };
            self.out.push_str(&format!(
                "<figure><img src=\"{}\" alt=\"{}\" width=\"{}\" height=\"{}\">",
                escaped(&at.url),
                escaped(alt),
                at.width,
                at.height
            ));
            if let Some(caption) = caption.filter(|_| place + 1 == pictures.len()) {
                self.out.push_str("<figcaption>");
                self.inlines(caption);
                self.out.push_str("</figcaption>");
            }
            self.out.push_str("</figure>");
        }
    }
}

fn has_picture(block: &Block) -> bool {
    pictures(block).next().is_some()
}

fn pictures(block: &Block) -> impl Iterator<Item = (usize, &str)> {
    let inlines = match block {
        Block::Heading { inlines, .. }
        | Block::Paragraph { inlines, .. }
        | Block::Item { inlines, .. }
        | Block::Quote(inlines)
        | Block::Caption(inlines) => inlines.as_slice(),
        Block::Table(_) => &[],
    };
    inlines.iter().filter_map(|inline| match inline {
        Inline::Picture { number, alt } => Some((*number, alt.as_str())),
        _ => None,
    })
}

fn marks(look: Look) -> Vec<&'static str> {
    [
        (look.bold, "strong"),
        (look.italic, "em"),
        (look.underlined, "u"),
        (look.struck, "s"),
        (look.raised, "sup"),
        (look.lowered, "sub"),
    ]
    .into_iter()
    .filter_map(|(is_so, mark)| is_so.then_some(mark))
    .collect()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
