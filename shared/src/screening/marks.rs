//! Secrecy marks: the words MẬT, TỐI MẬT, TUYỆT MẬT where they stand as a mark, and not in "bí mật",
//! "mật ong" or a sentence about marks.

use super::plain::Plain;
use anyhow::Context;
use regex::Regex;
use serde::Deserialize;
use std::collections::HashSet;
use std::ops::Range;

/// How a mark stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stands {
    /// As a mark: alone on its line or in its box, as a label, in the head of a document.
    Alone,
    /// In capitals within a sentence.
    Inline,
}

/// The words of marks and those that stand around them, as data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marks {
    words: Vec<String>,
    compound_before: HashSet<String>,
    compound_after: HashSet<String>,
    described_before: HashSet<String>,
    headers: Vec<String>,
    file_names: Vec<String>,
    #[serde(skip)]
    pattern: Option<Regex>,
    /// The words without blanks, the longest first.
    #[serde(skip)]
    solid: Vec<String>,
}

impl Marks {
    /// Ready to be looked for; the longest word first, for it contains the shorter.
    pub(super) fn prepared(mut self) -> anyhow::Result<Self> {
        self.words
            .sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let spread = |word: &String| {
            let letters = |part: &str| {
                let letters: Vec<String> = part
                    .chars()
                    .map(|c| regex::escape(&c.to_string()))
                    .collect();
                letters.join(r"[ .·_*\-]{0,3}")
            };
            let parts: Vec<String> = word.split(' ').map(letters).collect();
            parts.join(r"[ .·_*\-]{0,6}")
        };
        let any: Vec<String> = self.words.iter().map(spread).collect();
        self.pattern = Some(Regex::new(&any.join("|")).context("dấu chỉ độ mật")?);
        self.solid = self
            .words
            .iter()
            .map(|word| word.replace(' ', ""))
            .collect();
        Ok(self)
    }

    /// The marks of a text, and how each stands.
    pub(super) fn find(&self, plain: &Plain) -> Vec<(Range<usize>, Stands)> {
        let mut found = Vec::new();
        // Nearly every text is done here.
        if !plain.text.contains('Ậ') {
            return found;
        }
        let mut start = 0;
        for line in plain.text.split('\n') {
            if line.contains('Ậ') {
                self.find_in_line(line, start, &mut found);
            }
            start += line.len() + 1;
        }
        found
    }

    fn find_in_line(&self, line: &str, start: usize, found: &mut Vec<(Range<usize>, Stands)>) {
        let at = |range: Range<usize>| start + range.start..start + range.end;
        if self.is_nothing_else(line) {
            found.push((at(0..line.len()), Stands::Alone));
            return;
        }
        // B Í  M Ậ T: letters set apart make one word, or none of ours.
        if is_set_apart(line) {
            return;
        }
        for cell in boxes(line) {
            let text = &line[cell.clone()];
            if self.is_nothing_else(text) {
                found.push((at(cell), Stands::Alone));
                continue;
            }
            let Some(pattern) = &self.pattern else {
                return;
            };
            for hit in pattern.find_iter(text) {
                let range = cell.start + hit.start()..cell.start + hit.end();
                if let Some(stands) = self.judge(line, text, hit.range()) {
                    found.push((at(range), stands));
                }
            }
        }
    }

    /// Whether letters and digits of `text` are one of the marks, once or repeated.
    fn is_nothing_else(&self, text: &str) -> bool {
        let letters: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let mut rest = letters.as_str();
        while let Some(after) = self
            .solid
            .iter()
            .find_map(|word| rest.strip_prefix(word.as_str()))
        {
            if after.is_empty() {
                return true;
            }
            rest = after;
        }
        false
    }

    /// How the mark at `range` of a box stands, if it is one.
    fn judge(&self, line: &str, text: &str, range: Range<usize>) -> Option<Stands> {
        let (before, after) = (&text[..range.start], &text[range.end..]);
        if ends_in_word(before) || begins_in_word(after) {
            return None;
        }
        let last = last_word(before).to_uppercase();
        let next = first_word(after).to_uppercase();
        let is_joined = |gap: &str| gap.chars().all(|c| c == ' ') || matches!(gap, "_" | "-");
        let gap_before = &before[before
            .trim_end_matches(|c: char| !c.is_alphanumeric())
            .len()..];
        let gap_after = &after[..after.len()
            - after
                .trim_start_matches(|c: char| !c.is_alphanumeric())
                .len()];
        if is_joined(gap_before) && self.compound_before.contains(&last) {
            return None;
        }
        if is_joined(gap_after) && self.compound_after.contains(&next) {
            return None;
        }
        // A single letter before letters set apart belongs to the same word.
        let is_spread = text[range.clone()].contains(' ')
            && !self.words.iter().any(|word| *word == text[range.clone()]);
        if is_spread && last.chars().count() == 1 {
            return None;
        }
        if self.described_before.contains(&last) {
            return Some(Stands::Inline);
        }
        let is_label = is_label(before, after);
        let is_heading = self
            .headers
            .iter()
            .any(|words| line.contains(words.as_str()))
            && line.chars().count() <= 200
            && is_capitals(&last)
            && (before.trim().is_empty()
                || is_upper(last_word(before))
                || last_word(before).chars().all(|c| c.is_ascii_digit()));
        Some(if is_label || is_heading {
            Stands::Alone
        } else {
            Stands::Inline
        })
    }

    /// Where a mark stands in the name of a file.
    pub(super) fn find_in_name(&self, plain: &Plain) -> Option<Range<usize>> {
        let name = plain.text.as_str();
        let upper = name.to_uppercase();
        for safe in &self.file_names {
            let is_bracketed = safe.starts_with(['[', '(']);
            let found = upper.find(safe.as_str()).filter(|at| {
                let whole =
                    is_bracketed || super::rules::is_whole_word(&upper, *at, at + safe.len());
                whole && upper.len() == name.len()
            });
            if let Some(at) = found {
                return Some(at..at + safe.len());
            }
        }
        let parts = parts_of_name(name);
        for (index, part) in parts.iter().enumerate() {
            let word = &name[part.clone()];
            let is_mark = is_upper(word) && self.is_nothing_else(word)
                || (self.is_nothing_else(&word.to_uppercase()) && stands_apart(name, part));
            if !is_mark {
                continue;
            }
            let neighbour = |index: Option<usize>| {
                index
                    .and_then(|index| parts.get(index))
                    .map(|part| name[part.clone()].to_uppercase())
                    .unwrap_or_default()
            };
            let before = neighbour(index.checked_sub(1));
            let after = neighbour(Some(index + 1));
            let is_bracketed = name[..part.start].ends_with(['[', '(', '{'])
                && name[part.end..].starts_with([']', ')', '}']);
            if is_bracketed
                || !self.compound_before.contains(&before) && !self.compound_after.contains(&after)
            {
                return Some(part.clone());
            }
        }
        None
    }
}

/// The words of a file's name: between blanks, dots, lines and brackets.
fn parts_of_name(name: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = None;
    for (at, c) in name.char_indices().chain([(name.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                parts.push(begun..at);
                start = None;
            }
            _ => {}
        }
    }
    parts
}

/// Whether a part of a name is set between lines or brackets, as people mark files.
fn stands_apart(name: &str, part: &Range<usize>) -> bool {
    let before = name[..part.start].chars().next_back();
    let after = name[part.end..].chars().next();
    let sets_apart = |c: char| matches!(c, '_' | '[' | ']' | '(' | ')' | '{' | '}');
    before.is_none_or(sets_apart)
        && after.is_some_and(|c| sets_apart(c) || c == '.')
        && (before.is_some() || after.is_some_and(sets_apart))
}

/// Whether all words of a line are single letters.
fn is_set_apart(line: &str) -> bool {
    let mut words = line.split_whitespace().peekable();
    words.peek().is_some() && words.all(|word| word.chars().count() == 1)
}

/// The boxes of a line: what wide gaps, tabs and bars part.
fn boxes(line: &str) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = 0;
    let mut gap = 0;
    for (at, c) in line.char_indices() {
        let is_bar = matches!(c, '\t' | '|' | '│' | '┃' | '║');
        gap = if c == ' ' { gap + 1 } else { 0 };
        if is_bar || gap == 3 {
            cells.push(start..at);
            start = at + c.len_utf8();
        }
    }
    cells.push(start..line.len());
    cells.retain(|cell| !line[cell.clone()].trim().is_empty());
    cells
}

/// Whether a mark that stands between `before` and `after` labels what follows or ends it.
fn is_label(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim_end(), after.trim_start());
    let opens = before
        .trim_start()
        .trim_start_matches(['*', '#', '_', '>', ' ']);
    let is_first =
        opens.is_empty() || matches!(opens, "[" | "(" | "“" | "\"" | "<" | "«" | "{" | "【");
    let is_bracketed = before.ends_with(['[', '【', '{']) && after.starts_with([']', '】', '}']);
    let begins = is_first
        && (after.starts_with([
            ']', ')', '-', '–', '—', ':', '|', '/', '»', '>', '}', '_', '*', '】',
        ]) || after.starts_with("Số"));
    let ends = after
        .trim_end_matches(['.', ')', ']', '*', '_', ' '])
        .is_empty()
        && before.ends_with(['-', '–', '—', '|', '[', '(', '_']);
    is_bracketed || begins || ends
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn begins_in_word(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}

fn last_word(text: &str) -> &str {
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    end.rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    let start = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    start
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

fn is_upper(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| !c.is_lowercase())
}

fn is_capitals(word: &str) -> bool {
    word.chars().all(|c| !c.is_lowercase())
}
