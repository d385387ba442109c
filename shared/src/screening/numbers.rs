//! Numbers in a text, with whatever people put between their digits.

use std::collections::HashSet;
use std::ops::Range;

/// What a number looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Số định danh cá nhân: twelve digits of a known structure.
    Citizen,
    /// A telephone of a person or an office.
    Phone,
    /// So many digits, from least to most.
    Count(usize, usize),
}

/// A number: its digits, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) digits: String,
    pub(super) range: Range<usize>,
}

/// Digits that stand together, and what joins them to those before.
#[derive(Debug)]
struct Group {
    range: Range<usize>,
    /// The one character between this group and the one before, if they are joined.
    joined_by: Option<char>,
    /// Whether letters or lines make it part of a longer code.
    is_code: bool,
    /// Whether a stroke stands beside it, as in dates, numbers of documents and pairs of telephones.
    by_stroke: bool,
}

/// Groups of digits of a text; made once for all rules.
#[derive(Debug)]
pub(super) struct Numbers<'a> {
    text: &'a str,
    groups: Vec<Group>,
}

/// More groups than any number of a person is written in.
const MOST_GROUPS: usize = 6;

impl<'a> Numbers<'a> {
    /// Finds the digits of `text`.
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut groups: Vec<Group> = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if !bytes[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            let before = text[..start].chars().next_back();
            let after = text[at..].chars().next();
            let joined_by = groups
                .last()
                .filter(|last| !last.is_code)
                .and_then(|last| joint(&text[last.range.end..start]));
            let is_inside = |c: Option<char>| {
                c.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '=' | '#' | '&' | '%'))
            };
            groups.push(Group {
                range: start..at,
                joined_by,
                is_code: is_inside(before)
                    || after.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '=')),
                by_stroke: before == Some('/') || after == Some('/'),
            });
        }
        Self { text, groups }
    }

    /// The numbers of a form.
    pub(super) fn find(&self, form: Form, provinces: &HashSet<String>) -> Vec<Number> {
        let mut found = Vec::new();
        let mut index = 0;
        while index < self.groups.len() {
            match self.number_at(index, form, provinces) {
                Some((number, groups)) => {
                    found.push(number);
                    index += groups;
                }
                None => index += 1,
            }
        }
        found
    }

    /// The number that begins with group `first`, and of how many groups it is.
    fn number_at(
        &self,
        first: usize,
        form: Form,
        provinces: &HashSet<String>,
    ) -> Option<(Number, usize)> {
        let begins = &self.groups[first];
        // 000.00.12.H48, 12-345-678: what goes on from before is a code of something else.
        if begins.is_code || matches!(begins.joined_by, Some('.' | '-')) && form != Form::Phone {
            return None;
        }
        let mut digits = String::new();
        let mut joint = None;
        for (count, group) in self.groups[first..].iter().take(MOST_GROUPS).enumerate() {
            if count > 0 {
                // Brackets and pluses stand once, around a prefix; the rest is joined by one kind.
                match (group.joined_by, joint) {
                    (None, _) => return None,
                    (Some(')'), _) => {}
                    (Some(by), None) => joint = Some(by),
                    (Some(by), Some(known)) if by != known => return None,
                    _ => {}
                }
            }
            if group.is_code || group.by_stroke && form != Form::Phone {
                return None;
            }
            digits.push_str(&self.text[group.range.clone()]);
            if digits.len() > 19 {
                return None;
            }
            let next = self.groups.get(first + count + 1);
            let goes_on = next.is_some_and(|next| {
                matches!(next.joined_by, Some(by) if by != ' ' && joint.is_none_or(|joint| joint == by))
            });
            let range = begins.range.start..group.range.end;
            let sizes = || {
                self.groups[first..=first + count]
                    .iter()
                    .map(|group| group.range.len())
                    .collect::<Vec<_>>()
            };
            if !goes_on
                && let Some(digits) = fits(self.text, &digits, &range, form, &sizes(), provinces)
            {
                return Some((Number { digits, range }, count + 1));
            }
        }
        None
    }
}

/// What joins two groups of digits, if it is one thing.
fn joint(between: &str) -> Option<char> {
    match between {
        " " | "." | "-" => between.chars().next(),
        " - " | "–" => Some('-'),
        ". " => Some('.'),
        ")" | ") " | ")." | ")-" | ") (" | " (" | "(" => Some(')'),
        _ => None,
    }
}

fn fits(
    text: &str,
    digits: &str,
    range: &Range<usize>,
    form: Form,
    sizes: &[usize],
    provinces: &HashSet<String>,
) -> Option<String> {
    match form {
        Form::Citizen => {
            let is_split = matches!(
                sizes,
                [12] | [3, 3, 3, 3]
                    | [4, 4, 4]
                    | [3, 3, 6]
                    | [6, 6]
                    | [3, 9]
                    | [3, 1, 2, 6]
                    | [4, 2, 6]
                    | [6, 3, 3]
                    | [2, 2, 2, 2, 2, 2]
            );
            let is_one = is_split
                && digits.len() == 12
                && digits.starts_with('0')
                && provinces.contains(&digits[1..3])
                && matches!(digits.as_bytes()[3], b'0'..=b'3');
            is_one.then(|| digits.to_owned())
        }
        Form::Phone => phone(text, digits, range, sizes),
        Form::Count(least, most) => {
            // Dates, years and the like are written with other joints or in twos.
            let is_split = sizes.iter().all(|size| (2..=10).contains(size))
                || sizes.iter().any(|size| *size >= 6);
            ((least..=most).contains(&digits.len()) && is_split).then(|| digits.to_owned())
        }
    }
}

fn phone(text: &str, digits: &str, range: &Range<usize>, sizes: &[usize]) -> Option<String> {
    let before = &text[..range.start];
    let has_plus = before.ends_with('+');
    let national = match digits.strip_prefix("84") {
        Some(rest) if has_plus || digits.len() == 11 && sizes.len() <= 2 => {
            let rest = rest.strip_prefix('0').unwrap_or(rest);
            format!("0{rest}")
        }
        _ if has_plus => return None,
        _ => digits.to_owned(),
    };
    let is_long_enough =
        sizes.len() == 1 || sizes[0] >= 3 || sizes.iter().all(|size| *size == 2) || has_plus;
    let is_mobile =
        national.len() == 10 && matches!(national.as_bytes()[1], b'3' | b'5' | b'7' | b'8' | b'9');
    let is_landline = national.len() == 11 && national.as_bytes()[1] == b'2';
    let is_one = national.starts_with('0')
        && (is_mobile || is_landline)
        && is_long_enough
        && sizes.len() <= 5;
    is_one.then_some(national)
}

/// A telephone number as it is compared with others: its digits, from the 0 on.
pub(super) fn national(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("84") {
        Some(rest) if digits.len() >= 11 => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        _ => digits,
    }
}
