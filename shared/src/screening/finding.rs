//! From a text to what the rules find in it. Pure: text in, findings out.

use super::numbers::{Form, Number, Numbers, national};
use super::plain::Plain;
use super::rules::{Action, Finder, Near, Rule, RuleSet};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The title.
    Title,
    /// The lead.
    Lead,
    /// The body.
    Body,
    /// What a picture shows, or the line under it.
    PictureText,
    /// Authors, sources and the fields of a document.
    Field(&'static str),
    /// The name of a file.
    FileName(String),
    /// What stands in a file.
    File(String),
}

impl Place {
    /// The field of the form people mend it in.
    pub fn field(&self) -> &str {
        match self {
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Body => "body",
            Self::PictureText => "picture_caption",
            Self::Field(name) => name,
            Self::FileName(_) | Self::File(_) => "file",
        }
    }

    /// What people call it.
    pub fn label(&self) -> String {
        match self {
            Self::Title => "tiêu đề".to_owned(),
            Self::Lead => "đoạn mở đầu".to_owned(),
            Self::Body => "nội dung".to_owned(),
            Self::PictureText => "lời tả hoặc chú thích ảnh".to_owned(),
            Self::Field(_) => "thông tin kèm theo".to_owned(),
            Self::FileName(name) => format!("tên tệp {name}"),
            Self::File(name) => format!("tệp {name}"),
        }
    }
}

/// A text to be screened, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where from.
    pub place: Place,
    /// The text.
    pub text: String,
}

impl Piece {
    /// `text`, from `place`.
    pub fn new(place: Place, text: impl Into<String>) -> Self {
        Self {
            place,
            text: text.into(),
        }
    }
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The code of the rule.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// What follows.
    pub action: Action,
    /// Why, in words for its author.
    pub reason: String,
    /// Where.
    pub place: Place,
    /// On which line of the text, from 1.
    pub line: usize,
    /// Where in the text, in bytes.
    pub range: Range<usize>,
    /// What was found, masked, with the words around it. None of a secret's own words are among them.
    pub excerpt: String,
    /// What to put in its place, where masking leaves something of use.
    pub masked: Option<String>,
    /// What makes it the same finding when the text around it changes; never shown, never kept in clear.
    pub(super) subject: String,
}

/// What the rules depend on besides the text.
#[derive(Clone, Debug, Default)]
pub struct Known {
    numbers: HashSet<String>,
}

impl Known {
    /// The telephones that the public is meant to call.
    pub fn with_numbers<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Self {
        let numbers = numbers
            .into_iter()
            .flat_map(|written| written.split([';', ',', '/', '\n']));
        Self {
            numbers: numbers
                .map(national)
                .filter(|number| number.len() >= 8)
                .collect(),
        }
    }
}

/// More findings of one rule in one text than anybody reads.
const MOST_OF_A_RULE: usize = 200;

/// What `rules` find in `pieces`, the gravest first.
pub fn screen<'a>(
    rules: &RuleSet,
    known: &Known,
    pieces: impl IntoIterator<Item = &'a Piece>,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = pieces
        .into_iter()
        .flat_map(|piece| screen_piece(rules, known, piece))
        .collect();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.action));
    found
}

fn screen_piece(rules: &RuleSet, known: &Known, piece: &Piece) -> Vec<Finding> {
    let plain = Plain::of(&piece.text);
    let text = Text {
        marks: rules.marks.find(&plain),
        words: rules.words_in(&plain.lower),
        numbers: Numbers::of(&plain.text),
        plain: &plain,
        rules,
        known,
    };
    let lines = Lines::of(&piece.text);
    let mut found = Vec::new();
    for rule in &rules.rules {
        let mut ranges: Vec<(Range<usize>, String)> = Vec::new();
        for finder in &rule.finders {
            text.find(finder, &mut ranges);
        }
        if rule.action == Action::Block
            && matches!(piece.place, Place::FileName(_))
            && let Some(range) = rules.marks.find_in_name(&plain)
        {
            let subject = plain.text[range.clone()].to_owned();
            ranges.push((range, subject));
        }
        ranges.sort_by_key(|(range, _)| range.start);
        ranges.dedup_by(|later, earlier| later.0.start < earlier.0.end);
        for (range, subject) in ranges.into_iter().take(MOST_OF_A_RULE) {
            let original = plain.in_original(&range);
            found.push(Finding {
                rule: rule.code.clone(),
                name: rule.name.clone(),
                action: rule.action,
                reason: rule.reason.clone(),
                place: piece.place.clone(),
                line: lines.number_of(original.start),
                excerpt: excerpt(rule, &plain.text, &range),
                masked: rule.masks.then(|| mask(&plain.text[range.clone()])),
                range: original,
                subject,
            });
        }
    }
    // What is a mark already need not be held for being one.
    let marks: Vec<Range<usize>> = found
        .iter()
        .filter(|finding| finding.action == Action::Block)
        .map(|finding| finding.range.clone())
        .collect();
    let is_marked = |range: &Range<usize>| {
        marks
            .iter()
            .any(|mark| mark.start < range.end && range.start < mark.end)
    };
    found.retain(|finding| finding.action == Action::Block || !is_marked(&finding.range));
    found
}

/// A text with all that was found in it once for all rules.
struct Text<'a> {
    plain: &'a Plain,
    marks: Vec<(Range<usize>, super::marks::Stands)>,
    words: Vec<Vec<Range<usize>>>,
    numbers: Numbers<'a>,
    rules: &'a RuleSet,
    known: &'a Known,
}

impl Text<'_> {
    fn find(&self, finder: &Finder, ranges: &mut Vec<(Range<usize>, String)>) {
        let text = self.plain.text.as_str();
        let own = |range: Range<usize>| {
            let subject = self.plain.lower[range.clone()].to_owned();
            (range, subject)
        };
        match finder {
            Finder::Mark(stands) => {
                let marks = self.marks.iter().filter(|(_, found)| found == stands);
                ranges.extend(marks.map(|(range, _)| own(range.clone())));
            }
            Finder::Line(regex) => {
                let mut start = 0;
                for line in text.split('\n') {
                    let bare = line.trim_matches(is_around);
                    // No mark is longer, and few lines of a text are as short.
                    if !bare.is_empty() && bare.len() <= LONGEST_LINE_MARK && regex.is_match(bare) {
                        let begins =
                            start + (line.len() - line.trim_start_matches(is_around).len());
                        ranges.push(own(begins..begins + bare.len()));
                    }
                    start += line.len() + 1;
                }
            }
            Finder::Phrase {
                words,
                unless_before,
            } => {
                let hits = self.words[*words].iter().filter(|range| {
                    let before = self.plain.lower[..range.start].trim_end();
                    !unless_before
                        .iter()
                        .any(|word| before.ends_with(word.as_str()))
                });
                ranges.extend(hits.map(|range| own(range.clone())));
            }
            Finder::Pattern { regex, near } => {
                if near.is_some_and(|near| self.words[near.words].is_empty()) {
                    return;
                }
                let hits = regex.find_iter(text).map(|hit| hit.range());
                ranges.extend(hits.filter(|range| self.has_near(*near, range)).map(own));
            }
            Finder::Digits {
                form,
                near,
                unless_after,
            } => {
                if near.is_some_and(|near| self.words[near.words].is_empty()) {
                    return;
                }
                let hits = self.numbers.find(*form, &self.rules.provinces).into_iter();
                let hits = hits.filter(|number| {
                    self.has_near(*near, &number.range)
                        && !self.is_counted(number, unless_after)
                        && !(*form == Form::Phone && self.known.numbers.contains(&number.digits))
                });
                ranges.extend(hits.map(|number| (number.range, number.digits)));
            }
        }
    }

    fn has_near(&self, near: Option<Near>, range: &Range<usize>) -> bool {
        let Some(near) = near else {
            return true;
        };
        self.words[near.words].iter().any(|word| {
            let gap = if word.end <= range.start {
                range.start - word.end
            } else {
                word.start.saturating_sub(range.end)
            };
            gap <= near.within
        })
    }

    /// Whether a unit follows, such as "đồng": then it is an amount.
    fn is_counted(&self, number: &Number, units: &[String]) -> bool {
        let after = self.plain.lower[number.range.end..].trim_start();
        units.iter().any(|unit| {
            after
                .strip_prefix(unit.as_str())
                .is_some_and(|rest| !rest.chars().next().is_some_and(char::is_alphanumeric))
        })
    }
}

/// Longest line that is all of a mark, in bytes.
const LONGEST_LINE_MARK: usize = 160;

/// What may stand around a mark on its line.
fn is_around(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '*' | '#'
                | '_'
                | '>'
                | '|'
                | '['
                | ']'
                | '('
                | ')'
                | '"'
                | '“'
                | '”'
                | '-'
                | '–'
                | '='
                | '~'
                | '•'
                | '<'
                | '/'
        )
}

/// Where lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn number_of(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }
}

/// Letters shown on each side of what was found.
const AROUND: usize = 24;

fn excerpt(rule: &Rule, text: &str, range: &Range<usize>) -> String {
    let found = &text[range.clone()];
    // Of what blocks, the mark alone is shown: its surroundings may be the secret.
    if rule.action == Action::Block {
        return found.chars().take(60).collect();
    }
    let shown = if rule.masks {
        mask(found)
    } else {
        found.chars().take(120).collect()
    };
    let before: String = text[..range.start]
        .chars()
        .rev()
        .take_while(|c| *c != '\n')
        .take(AROUND)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let after: String = text[range.end..]
        .chars()
        .take_while(|c| *c != '\n')
        .take(AROUND)
        .collect();
    format!(
        "{}{shown}{}",
        without_digits(&before),
        without_digits(&after)
    )
}

/// Other numbers may stand beside the one that was found.
fn without_digits(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_digit() { 'x' } else { c })
        .collect()
}

/// What is put in place of what was found: the first digit and the last three stay, as people know it;
/// of other things their first letter, and where an address is.
fn mask(found: &str) -> String {
    if let Some((person, host)) = found.split_once('@') {
        let first: String = person.chars().take(1).collect();
        return format!("{first}xxx@{host}");
    }
    let digits = found.chars().filter(char::is_ascii_digit).count();
    if digits < 4 {
        return "xxx".to_owned();
    }
    let mut seen = 0;
    let keep_last = if digits > 6 { 3 } else { 2 };
    let mut masked = String::new();
    for c in found.chars() {
        if !c.is_ascii_digit() {
            // Joints tell nothing and would only make the mask longer.
            if c.is_alphabetic() || c == '+' {
                masked.push(c);
            }
            continue;
        }
        seen += 1;
        masked.push(if seen == 1 || seen > digits - keep_last {
            c
        } else {
            'x'
        });
    }
    masked
}

/// `text` with all that can be masked masked, and how many places that were.
pub fn masked(rules: &RuleSet, known: &Known, text: &str) -> (String, usize) {
    let piece = Piece::new(Place::Body, text);
    let mut changes: HashMap<usize, (Range<usize>, String)> = HashMap::new();
    for finding in screen_piece(rules, known, &piece) {
        if let Some(masked) = finding.masked
            && !is_in_address(text, &finding.range)
        {
            changes.insert(finding.range.start, (finding.range, masked));
        }
    }
    let mut changes: Vec<_> = changes.into_values().collect();
    changes.sort_by_key(|(range, _)| range.start);
    let (mut out, mut done, mut count) = (String::with_capacity(text.len()), 0, 0);
    for (range, masked) in changes {
        if range.start < done {
            continue;
        }
        out.push_str(&text[done..range.start]);
        out.push_str(&masked);
        done = range.end;
        count += 1;
    }
    out.push_str(&text[done..]);
    (out, count)
}

/// Whether a place of a text lies in an address, which masking would break.
fn is_in_address(text: &str, range: &Range<usize>) -> bool {
    let start = text[..range.start]
        .rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | '<' | '>' | '\''))
        .map_or(0, |at| at + 1);
    let word = text.get(start..range.start).unwrap_or_default();
    word.starts_with("/media/") || word.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        let piece = Piece::new(Place::Body, text);
        screen(&RuleSet::built_in(), &Known::default(), [&piece])
    }

    #[test]
    fn numbers_are_masked_where_they_stand_and_nothing_else_changes() {
        let rules = RuleSet::built_in();
        let known = Known::with_numbers(["(0260) 3862 123; 0905.000.111"]);
        let typed = "Ông A Mẫu, CCCD 062 085 001 234, gọi 0912.345.678 hoặc 02603862123, [thư](https://x.example/0912345678), y.thu@gmail.com.\n";
        let (text, count) = masked(&rules, &known, typed);
        assert_eq!(
            text,
            "Ông A Mẫu, CCCD 0xxxxxxxx234, gọi 0xxxxxx678 hoặc 02603862123, [thư](https://x.example/0912345678), yxxx@gmail.com.\n"
        );
        assert_eq!(count, 3);
        assert_eq!(
            masked(&rules, &known, &text).1,
            1,
            "only the address of letters is found again"
        );
    }

    #[test]
    fn a_finding_says_where_and_shows_nothing_it_should_not() {
        let all = found("Dòng một\nGọi bà Y Thử 0987 654 321 hoặc 0912345678 nhé");
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].rule.as_str(), all[0].line), ("G5", 2));
        for finding in &all {
            assert!(
                !finding.excerpt.contains("654") && !finding.excerpt.contains("345"),
                "{}",
                finding.excerpt
            );
        }
        let all = found("Kế hoạch phòng thủ\nMẬT\nkhu vực 3");
        assert_eq!(all[0].excerpt, "MẬT");
        assert_eq!(all[0].line, 2);
    }
}
