//! The letters of a font in a PDF: from the codes it draws to what people read.

use lopdf::{Dictionary, Document, Encoding, Object};
use std::collections::HashMap;

/// Most codes a font maps.
const MOST_CODES: usize = 70_000;

/// What the codes of a font mean.
pub(super) struct Letters<'a> {
    /// By length in bytes and code, as the font itself says.
    own: HashMap<(usize, u32), String>,
    /// How many bytes a code takes.
    lengths: Vec<usize>,
    /// What single bytes mean where the font does not say.
    usual: Option<Encoding<'a>>,
}

impl<'a> Letters<'a> {
    /// The letters of `font`; none if nobody can know them.
    pub(super) fn of(font: &'a Dictionary, document: &'a Document, limit: usize) -> Option<Self> {
        let map = font
            .get_deref(b"ToUnicode", document)
            .and_then(Object::as_stream)
            .and_then(|stream| stream.get_plain_content_with_limit(limit));
        let mut letters = Self {
            own: HashMap::new(),
            lengths: Vec::new(),
            usual: None,
        };
        if let Ok(map) = map {
            letters.learn(&String::from_utf8_lossy(&map));
        }
        let is_composite = font.get(b"Subtype").and_then(Object::as_name).ok() == Some(b"Type0");
        if !is_composite {
            letters.usual = font.get_font_encoding_with_limit(document, limit).ok();
        }
        if letters.lengths.is_empty() {
            letters.lengths.push(if is_composite { 2 } else { 1 });
        }
        (!letters.own.is_empty() || letters.usual.is_some()).then_some(letters)
    }

    /// Reads a map of codes, as far as it can be read.
    fn learn(&mut self, map: &str) {
        let mut words = Words(map);
        while let Some(word) = words.next() {
            match word.as_str() {
                "begincodespacerange" => {
                    while let Some(low) = words.next().and_then(code) {
                        if !self.lengths.contains(&low.0) {
                            self.lengths.push(low.0);
                        }
                        words.next();
                    }
                }
                "beginbfchar" => {
                    while let Some(from) = words.next().and_then(code) {
                        let Some(to) = words.next() else { return };
                        self.put(from, text(&to));
                    }
                }
                "beginbfrange" => {
                    while let Some(low) = words.next().and_then(code) {
                        let high = words.next().and_then(code);
                        let (Some(high), Some(to)) = (high, words.next()) else {
                            return;
                        };
                        self.put_range(low, high.1, &to, &mut words);
                    }
                }
                _ => {}
            }
        }
        self.lengths.sort_unstable();
    }

    fn put_range(&mut self, low: (usize, u32), high: u32, to: &str, words: &mut Words<'_>) {
        if to == "[" {
            let mut code = low.1;
            while let Some(word) = words.next().filter(|word| word != "]") {
                self.put((low.0, code), text(&word));
                code = code.saturating_add(1);
            }
            return;
        }
        let mut units = units(to);
        for code in low.1..=high.min(low.1.saturating_add(0xFFFF)) {
            self.put((low.0, code), String::from_utf16_lossy(&units));
            if let Some(last) = units.last_mut() {
                *last = last.wrapping_add(1);
            }
        }
    }

    fn put(&mut self, from: (usize, u32), to: String) {
        if self.own.len() < MOST_CODES {
            self.own.insert(from, to);
        }
    }

    /// Adds what `codes` mean to `text`; how many of them mean nothing.
    pub(super) fn read(&self, codes: &[u8], text: &mut String) -> usize {
        let mut unknown = 0;
        let mut rest = codes;
        while !rest.is_empty() {
            let found = self.lengths.iter().find_map(|length| {
                let bytes = rest.get(..*length)?;
                let code = bytes
                    .iter()
                    .fold(0, |code, byte| code << 8 | u32::from(*byte));
                Some((self.own.get(&(*length, code))?, *length))
            });
            if let Some((letters, length)) = found {
                text.push_str(letters);
                rest = &rest[length..];
                continue;
            }
            let length = self.lengths.first().copied().unwrap_or(1).min(rest.len());
            let usual = self.usual.as_ref().filter(|_| length == 1);
            match usual.and_then(|usual| Document::decode_text(usual, &rest[..1]).ok()) {
                Some(letters) if !letters.contains('\u{fffd}') => text.push_str(&letters),
                _ => {
                    text.push('\u{fffd}');
                    unknown += 1;
                }
            }
            rest = &rest[length..];
        }
        unknown
    }
}

/// The words of a map: codes in brackets, names, brackets of lists.
struct Words<'a>(&'a str);

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let rest = self
            .0
            .trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
        let first = rest.chars().next()?;
        let end = match first {
            '<' if !rest.starts_with("<<") => rest.find('>').map_or(rest.len(), |end| end + 1),
            '[' | ']' | '<' | '>' => 1,
            '%' => {
                self.0 = rest.split_once('\n').map_or("", |(_, after)| after);
                return self.next();
            }
            _ => rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| c.is_whitespace() || matches!(c, '<' | '[' | ']' | '/'))
                .map_or(rest.len(), |(at, _)| at),
        };
        self.0 = &rest[end..];
        Some(rest[..end].to_owned())
    }
}

/// A code as a map writes it, and how many bytes it takes.
fn code(word: String) -> Option<(usize, u32)> {
    let digits: String = word
        .strip_prefix('<')?
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let code = u32::from_str_radix(&digits, 16).ok()?;
    Some((digits.len().div_ceil(2), code))
}

fn units(word: &str) -> Vec<u16> {
    let digits: Vec<char> = word.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .chunks(4)
        .filter_map(|unit| u16::from_str_radix(&unit.iter().collect::<String>(), 16).ok())
        .collect()
}

fn text(word: &str) -> String {
    String::from_utf16_lossy(&units(word))
}
