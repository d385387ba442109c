//! Text as the rules read it, whatever way its letters were put down.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text with its letters in one form: composed, of normal width, without what cannot be seen. It
/// knows where in the original each letter stood.
#[derive(Clone, Debug, Default)]
pub(super) struct Plain {
    /// The text, in its own case.
    pub(super) text: String,
    /// The same in small letters, at the same places.
    pub(super) lower: String,
    /// Where letters begin in `text`, and where they stood.
    places: Vec<(u32, u32)>,
    original: u32,
}

impl Plain {
    /// Reads `original`.
    pub(super) fn of(original: &str) -> Self {
        let mut plain = Self {
            text: String::with_capacity(original.len()),
            places: Vec::with_capacity(original.len()),
            original: place(original.len()),
            ..Self::default()
        };
        // A letter and the marks that belong to it, and where it stood.
        let mut cluster = String::new();
        let mut start = 0;
        for (at, c) in original.char_indices().filter(|(_, c)| !is_unseen(*c)) {
            if !cluster.is_empty() && is_combining_mark(c) {
                cluster.push(c);
                continue;
            }
            plain.push_cluster(&cluster, start);
            cluster.clear();
            start = at;
            // A letter may yet get marks.
            if c.is_ascii() && !c.is_ascii_alphabetic() {
                plain.push(c, at);
            } else {
                cluster.push(c);
            }
        }
        plain.push_cluster(&cluster, start);
        plain.lower = plain.text.chars().map(small).collect();
        plain
    }

    fn push_cluster(&mut self, cluster: &str, at: usize) {
        let mut chars = cluster.chars();
        match (chars.next(), chars.next()) {
            (None, _) => {}
            // Latin as people here type it is composed already.
            (Some(c), None) if c.is_ascii() || ('\u{c0}'..='\u{1eff}').contains(&c) => {
                self.push(look_alike(c), at);
            }
            _ => {
                for c in cluster.nfkc() {
                    self.push(look_alike(c), at);
                }
            }
        }
    }

    fn push(&mut self, c: char, at: usize) {
        self.places.push((place(self.text.len()), place(at)));
        self.text.push(match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            '\t' => '\t',
            c if c.is_whitespace() => ' ',
            c => c,
        });
    }

    /// Where in the original `range` of the text stood.
    pub(super) fn in_original(&self, range: &Range<usize>) -> Range<usize> {
        let find = |at: usize| {
            let index = self.places.partition_point(|(own, _)| (*own as usize) < at);
            self.places
                .get(index)
                .map_or(self.original, |(_, original)| *original) as usize
        };
        find(range.start)..find(range.end)
    }
}

/// Longer texts than four gigabytes are never read.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Small, if that takes as many bytes: the two texts have the same places.
fn small(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(small), None) if small.len_utf8() == c.len_utf8() => small,
        _ => c,
    }
}

/// What stands between letters without being seen.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{ad}' | '\u{34f}' | '\u{61c}'
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Letters of other alphabets that look like capitals of ours.
fn look_alike(c: char) -> char {
    match c {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'Е' | 'Ε' => 'E',
        'І' | 'Ι' => 'I',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Н' | 'Η' => 'H',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'С' => 'C',
        'Т' | 'Τ' => 'T',
        'У' | 'Υ' => 'Y',
        'Х' | 'Χ' => 'X',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_the_same_however_they_were_put_down() {
        for (written, read) in [
            ("MẬT", "MẬT"),
            ("MA\u{302}\u{323}T", "MẬT"),
            ("MÂ\u{323}T", "MẬT"),
            ("M\u{200b}Ậ\u{ad}T", "MẬT"),
            ("MA\u{200d}\u{302}\u{323}T", "MẬT"),
            ("ＭẬＴ", "MẬT"),
            ("МẬТ", "MẬT"),
            ("TỐI\u{a0}MẬT", "TỐI MẬT"),
            ("a\r\nb", "a\n\nb"),
            ("０９１２", "0912"),
        ] {
            assert_eq!(Plain::of(written).text, read, "{written:?}");
        }
    }

    #[test]
    fn what_was_read_is_found_again_in_the_original() {
        let original = "Số ｘ: M\u{200b}A\u{302}\u{323}T.";
        let plain = Plain::of(original);
        let at = plain.text.find("MẬT").expect("is there");
        let found = plain.in_original(&(at..at + "MẬT".len()));
        assert_eq!(&original[found], "M\u{200b}A\u{302}\u{323}T");
        assert_eq!(plain.in_original(&(0..plain.text.len())), 0..original.len());
        assert_eq!(plain.lower.len(), plain.text.len());
    }
}
