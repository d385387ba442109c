//! The words of a PDF: pages line by line, and also stamps, watermarks, forms, remarks, bookmarks and
//! what its author entered about it.

use super::letters::Letters;
use super::{FileWords, MOST_TEXT, Unread, markup, runs};
use lopdf::content::Content;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use std::collections::{BTreeMap, HashSet};

/// What one stream may become when it is unpacked.
const LARGEST_STREAM: usize = 32 * 1024 * 1024;
/// Most pages that are read.
const MOST_PAGES: usize = 3_000;
/// Most steps of drawing that are followed, over all pages.
const MOST_STEPS: usize = 6_000_000;
/// Most bytes of drawing, over all pages.
const MOST_DRAWING: usize = 256 * 1024 * 1024;
/// How deep drawings stand in drawings.
const DEEPEST: usize = 6;

/// The words of a PDF.
pub(super) fn words(bytes: &[u8]) -> FileWords {
    let options = LoadOptions::with_max_decompressed_size(LARGEST_STREAM);
    let document = match Document::load_mem_with_options(bytes, options) {
        Ok(document) => document,
        Err(lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_)) => {
            return unread(Unread::Locked);
        }
        Err(_) => return unread(Unread::Unknown),
    };
    // Most locked files open with no password: only printing them was forbidden.
    if document.is_encrypted() && !document.was_encrypted() {
        return unread(Unread::Locked);
    }
    let mut reader = Reader {
        document: &document,
        text: String::new(),
        steps: MOST_STEPS,
        drawing: MOST_DRAWING,
        read: 0,
        unknown: 0,
        unread: None,
    };
    let pages: Vec<ObjectId> = document.page_iter().take(MOST_PAGES + 1).collect();
    if pages.is_empty() {
        reader.unread = Some(Unread::Unknown);
    }
    if pages.len() > MOST_PAGES {
        reader.unread = Some(Unread::TooLarge);
    }
    for page in pages.into_iter().take(MOST_PAGES) {
        reader.page(page);
    }
    reader.beside_the_pages();
    // A few ornaments are no words; more than that is for eyes.
    if reader.unknown * 50 > reader.read {
        reader.note(Unread::Unknown);
    }
    FileWords {
        text: reader.text,
        names: Vec::new(),
        unread: reader.unread,
    }
}

fn unread(why: Unread) -> FileWords {
    FileWords {
        unread: Some(why),
        ..FileWords::default()
    }
}

/// A document while it is read.
struct Reader<'a> {
    document: &'a Document,
    text: String,
    steps: usize,
    drawing: usize,
    /// Letters that were read, and those no font knows.
    read: usize,
    unknown: usize,
    unread: Option<Unread>,
}

/// Fonts by their names in a drawing; none where a font cannot be read.
type Fonts<'a> = BTreeMap<Vec<u8>, Option<Letters<'a>>>;

impl<'a> Reader<'a> {
    fn page(&mut self, page: ObjectId) {
        let before = self.text.len();
        let limit = LARGEST_STREAM.min(self.drawing);
        let mut has_picture = false;
        match self.document.get_page_content_with_limit(page, limit) {
            Ok(content) => {
                let resources = self.resources_of(page);
                has_picture = self.draw(&content, &resources, DEEPEST);
            }
            Err(_) => self.note(Unread::Unknown),
        }
        let has_words = self.text[before..].chars().any(char::is_alphanumeric);
        if has_picture && !has_words {
            self.note(Unread::Scanned);
        }
        for annotation in self.document.get_page_annotations(page).unwrap_or_default() {
            self.annotation(annotation);
        }
        self.text.push('\n');
    }

    fn note(&mut self, unread: Unread) {
        self.unread.get_or_insert(unread);
    }

    fn resources_of(&self, page: ObjectId) -> Vec<&'a Dictionary> {
        let Ok((own, ids)) = self.document.get_page_resources(page) else {
            return Vec::new();
        };
        let shared = ids
            .into_iter()
            .filter_map(|id| self.document.get_dictionary(id).ok());
        own.into_iter().chain(shared).collect()
    }

    /// Follows a drawing and writes down its words. Whether there is a picture in it.
    fn draw(&mut self, content: &[u8], resources: &[&'a Dictionary], depth: usize) -> bool {
        self.drawing = self.drawing.saturating_sub(content.len());
        let Ok(content) = Content::decode(content) else {
            self.note(Unread::Unknown);
            return false;
        };
        let fonts = self.fonts(resources);
        let mut font: Option<&Letters<'_>> = None;
        let mut size = 12.0_f32;
        let mut line: Option<f32> = None;
        let mut has_picture = false;
        for step in &content.operations {
            if self.steps == 0 || self.text.len() > MOST_TEXT || self.drawing == 0 {
                self.note(Unread::TooLarge);
                return has_picture;
            }
            self.steps -= 1;
            let number = |index: usize| {
                step.operands
                    .get(index)
                    .and_then(|n| n.as_float().ok())
                    .unwrap_or(0.0)
            };
            match step.operator.as_str() {
                "Tf" => {
                    let name = step.operands.first().and_then(|name| name.as_name().ok());
                    font = name.and_then(|name| fonts.get(name)?.as_ref());
                    size = number(1).abs().max(1.0);
                    if name.is_some() && font.is_none() {
                        self.note(Unread::Unknown);
                    }
                }
                "BT" => line = None,
                "ET" => self.text.push('\n'),
                "Tm" => {
                    // The same height is the same line, which goes on further to the right.
                    let height = number(5);
                    let goes_on = line.is_some_and(|line| (line - height).abs() < 0.5);
                    self.text.push_str(if goes_on { " " } else { "\n" });
                    line = Some(height);
                }
                "Td" | "TD" => {
                    let down = number(1);
                    if down.abs() > 0.5 {
                        self.text.push('\n');
                        line = line.map(|line| line + down);
                    } else {
                        // A wide step to the side begins a box.
                        self.text
                            .push_str(if number(0) > size * 3.0 { "\t" } else { " " });
                    }
                }
                "T*" => self.text.push('\n'),
                "Tj" => self.show(step.operands.first(), font),
                "'" => {
                    self.text.push('\n');
                    self.show(step.operands.first(), font);
                }
                "\"" => {
                    self.text.push('\n');
                    self.show(step.operands.get(2), font);
                }
                "TJ" => {
                    for part in step
                        .operands
                        .first()
                        .and_then(|parts| parts.as_array().ok())
                        .into_iter()
                        .flatten()
                    {
                        match part.as_float() {
                            // In thousandths of the letter's size, to the left: a gap as wide as a blank or a box.
                            Ok(gap) if gap < -3_000.0 => self.text.push('\t'),
                            Ok(gap) if gap < -180.0 => self.text.push(' '),
                            Ok(_) => {}
                            Err(_) => self.show(Some(part), font),
                        }
                    }
                }
                "BI" | "EI" => has_picture = true,
                "Do" => {
                    let name = step.operands.first().and_then(|name| name.as_name().ok());
                    has_picture |=
                        name.is_some_and(|name| self.drawn_object(name, resources, depth));
                }
                _ => {}
            }
        }
        has_picture
    }

    /// A drawing used by name. Whether it is a picture, or has one.
    fn drawn_object(&mut self, name: &[u8], resources: &[&'a Dictionary], depth: usize) -> bool {
        let document = self.document;
        let stream = resources.iter().find_map(|resources| {
            let objects = resources
                .get_deref(b"XObject", document)
                .ok()?
                .as_dict()
                .ok()?;
            objects.get_deref(name, document).ok()?.as_stream().ok()
        });
        let Some(stream) = stream else {
            return false;
        };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => true,
            Ok(b"Form") if depth > 0 => self.form(stream, resources, depth - 1),
            _ => false,
        }
    }

    fn form(&mut self, stream: &'a lopdf::Stream, around: &[&'a Dictionary], depth: usize) -> bool {
        let Ok(content) = stream.get_plain_content_with_limit(LARGEST_STREAM.min(self.drawing))
        else {
            self.note(Unread::Unknown);
            return false;
        };
        let own = stream
            .dict
            .get_deref(b"Resources", self.document)
            .and_then(Object::as_dict);
        self.text.push('\n');
        let has_picture = match own {
            Ok(own) => self.draw(&content, &[own], depth),
            Err(_) => self.draw(&content, around, depth),
        };
        self.text.push('\n');
        has_picture
    }

    fn fonts(&self, resources: &[&'a Dictionary]) -> Fonts<'a> {
        let mut fonts = Fonts::new();
        let document = self.document;
        for resources in resources {
            let Ok(named) = resources
                .get_deref(b"Font", document)
                .and_then(Object::as_dict)
            else {
                continue;
            };
            for (name, font) in named {
                let font = document
                    .dereference(font)
                    .ok()
                    .and_then(|(_, font)| font.as_dict().ok());
                let letters = font.and_then(|font| Letters::of(font, document, LARGEST_STREAM));
                fonts.entry(name.clone()).or_insert(letters);
            }
        }
        fonts
    }

    fn show(&mut self, shown: Option<&Object>, font: Option<&Letters<'_>>) {
        let Some(bytes) = shown.and_then(|shown| shown.as_str().ok()) else {
            return;
        };
        let Some(font) = font else {
            return self.note(Unread::Unknown);
        };
        let shown = self.text.len();
        let unknown = font.read(bytes, &mut self.text);
        self.read += self.text[shown..].chars().count();
        self.unknown += unknown;
    }

    /// Stamps, remarks and filled-in fields: what they say, and how they are drawn.
    fn annotation(&mut self, annotation: &'a Dictionary) {
        for key in [&b"Contents"[..], b"RC", b"V", b"T", b"Subj", b"Name"] {
            if let Ok(said) = annotation.get_deref(key, self.document) {
                self.string(said);
            }
        }
        let appearance = annotation
            .get_deref(b"AP", self.document)
            .and_then(Object::as_dict);
        if let Ok(normal) = appearance.and_then(|drawn| drawn.get_deref(b"N", self.document)) {
            match normal {
                Object::Stream(stream) => {
                    self.form(stream, &[], DEEPEST - 1);
                }
                Object::Dictionary(states) => {
                    for (_, state) in states.iter().take(16) {
                        if let Ok((_, Object::Stream(stream))) = self.document.dereference(state) {
                            self.form(stream, &[], DEEPEST - 1);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn string(&mut self, object: &Object) {
        match object {
            Object::String(..) => {
                if let Ok(text) = lopdf::decode_text_string(object) {
                    self.text.push_str(&text);
                    self.text.push('\n');
                }
            }
            Object::Name(name) => {
                self.text.push_str(&String::from_utf8_lossy(name));
                self.text.push('\n');
            }
            _ => {}
        }
    }

    /// What was entered about the document, its bookmarks, its notes: every string of any object that is
    /// called as such strings are.
    fn beside_the_pages(&mut self) {
        let document = self.document;
        if let Ok(info) = document
            .trailer
            .get_deref(b"Info", document)
            .and_then(Object::as_dict)
        {
            for (_, value) in info {
                if let Ok((_, value)) = document.dereference(value) {
                    self.string(value);
                }
            }
        }
        let mut seen = HashSet::new();
        for (id, object) in &document.objects {
            if self.text.len() > MOST_TEXT || !seen.insert(*id) {
                return;
            }
            match object {
                // Bookmarks have titles, files that are attached have names.
                Object::Dictionary(named) => {
                    for key in [&b"Title"[..], b"UF", b"F", b"Desc"] {
                        if let Ok(text @ Object::String(..)) = named.get(key) {
                            self.string(text);
                        }
                    }
                }
                Object::Stream(stream) if stream.dict.has_type(b"Metadata") => {
                    if let Ok(bytes) = stream.get_plain_content_with_limit(LARGEST_STREAM) {
                        self.text.push_str(&markup::words(&runs::words(&bytes)));
                    }
                }
                // What lies in the document as a file of its own is for eyes.
                Object::Stream(stream) if stream.dict.has_type(b"EmbeddedFile") => {
                    self.note(Unread::Unknown)
                }
                _ => {}
            }
        }
    }
}
