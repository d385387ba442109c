//! A set of rules: what is looked for, what follows, and on which legal basis. It is data with a version;
//! the set built in is `default.toml`, and a site may be given a newer one.

use super::marks::{Marks, Stands};
use super::numbers::Form;
use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::{Context, bail, ensure};
use chrono::NaiveDate;
use regex::Regex;
use serde::Deserialize;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Largest set of rules, in bytes.
const LARGEST: usize = 1024 * 1024;
/// How many bytes one pattern may take once it is compiled.
const LARGEST_PATTERN: usize = 4 * 1024 * 1024;

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// People are told, and go on.
    Warn,
    /// The text is kept and goes no further until it is mended, or somebody who may lets it pass.
    Hold,
    /// Nothing of it is stored.
    Block,
}

impl Action {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Warn => "Nhắc",
            Self::Hold => "Giữ lại",
            Self::Block => "Không nhận",
        }
    }

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hold => "hold",
            Self::Block => "block",
        }
    }
}

/// Who may let a text pass that a rule holds. Its author never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Releaser {
    /// Người duyệt.
    Approver,
    /// Người phụ trách bảo mật.
    SecrecyOfficer,
}

impl Releaser {
    /// What people call them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Approver => "người duyệt",
            Self::SecrecyOfficer => "người phụ trách bảo mật",
        }
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its short name, such as `G3`.
    pub code: String,
    /// What it is about.
    pub name: String,
    /// What follows.
    pub action: Action,
    /// Why, for the person who wrote the text.
    pub reason: String,
    /// On which legal basis; kept by people, as data.
    pub legal_basis: String,
    /// Who may let it pass.
    pub release: Vec<Releaser>,
    /// Whether what was found can be masked and still be of use.
    pub masks: bool,
    pub(super) finders: Vec<Finder>,
}

/// How a rule finds.
#[derive(Debug)]
pub(super) enum Finder {
    /// A secrecy mark.
    Mark(Stands),
    /// A line, or a box on it, that is all of a pattern.
    Line(Regex),
    /// Some words, unless others stand right before them.
    Phrase {
        words: usize,
        unless_before: Vec<String>,
    },
    /// A pattern, with words near.
    Pattern { regex: Regex, near: Option<Near> },
    /// A number, with words near, unless a unit follows.
    Digits {
        form: Form,
        near: Option<Near>,
        unless_after: Vec<String>,
    },
}

/// Words that have to be near: a list of the set, and how many bytes away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub(super) words: usize,
    pub(super) within: usize,
}

/// A set of rules, ready to be used.
#[derive(Debug)]
pub struct RuleSet {
    /// Whose it is.
    pub id: String,
    /// Which of theirs.
    pub version: String,
    /// From when it holds.
    pub valid_from: NaiveDate,
    /// Until when, if that is known.
    pub valid_until: Option<NaiveDate>,
    /// The rules.
    pub rules: Vec<Rule>,
    pub(super) marks: Marks,
    pub(super) provinces: HashSet<String>,
    words: AhoCorasick,
    /// The list each pattern of `words` is of.
    lists: Vec<usize>,
    list_count: usize,
}

impl RuleSet {
    /// The set built in.
    pub fn built_in() -> Arc<Self> {
        static BUILT_IN: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
            let set = RuleSet::parse(BUILT_IN_TEXT);
            Arc::new(set.unwrap_or_else(|error| unreachable!("the built-in rules: {error:#}")))
        });
        Arc::clone(&BUILT_IN)
    }

    /// Reads a set of rules as people write it.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        ensure!(text.len() <= LARGEST, "bộ quy tắc lớn quá 1 MB");
        let told: Told = toml::from_str(text).context("bộ quy tắc chưa đúng dạng TOML")?;
        told.compile()
    }

    /// The rule called `code`.
    pub fn rule(&self, code: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.code == code)
    }

    /// Its name and version, for records and pages.
    pub fn label(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// Whether it holds on `day`.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|until| day <= until)
    }

    /// Where the words of each list stand in a text in small letters, as whole words.
    pub(super) fn words_in(&self, lower: &str) -> Vec<Vec<Range<usize>>> {
        let mut found = vec![Vec::new(); self.list_count];
        for hit in self.words.find_overlapping_iter(lower) {
            if is_whole_word(lower, hit.start(), hit.end()) {
                found[self.lists[hit.pattern().as_usize()]].push(hit.range());
            }
        }
        found
    }
}

/// Whether no letter or digit goes on before `start` or after `end`.
pub(super) fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !goes_on(text[..start].chars().next_back()) && !goes_on(text[end..].chars().next())
}

const BUILT_IN_TEXT: &str = include_str!("default.toml");

/// A set as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    id: String,
    version: String,
    valid_from: toml::value::Datetime,
    valid_until: Option<toml::value::Datetime>,
    #[serde(default)]
    provinces: HashSet<String>,
    marks: Marks,
    rule: Vec<ToldRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldRule {
    code: String,
    name: String,
    action: Action,
    reason: String,
    legal_basis: String,
    #[serde(default)]
    release: Vec<Releaser>,
    #[serde(default)]
    mask: bool,
    find: Vec<ToldFinder>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum ToldFinder {
    Mark {
        stands: Stands,
    },
    Line {
        pattern: String,
    },
    Phrase {
        words: Vec<String>,
        #[serde(default)]
        unless_before: Vec<String>,
    },
    Pattern {
        pattern: String,
        #[serde(default)]
        near: Vec<String>,
        #[serde(default)]
        within: usize,
    },
    Digits {
        form: ToldForm,
        #[serde(default)]
        least: usize,
        #[serde(default)]
        most: usize,
        #[serde(default)]
        near: Vec<String>,
        #[serde(default)]
        within: usize,
        #[serde(default)]
        unless_after: Vec<String>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToldForm {
    Citizen,
    Phone,
    Count,
}

/// The lists of words of a set while it is put together.
#[derive(Default)]
struct Lists {
    words: Vec<String>,
    lists: Vec<usize>,
    count: usize,
}

impl Lists {
    fn add(&mut self, words: Vec<String>) -> anyhow::Result<usize> {
        let list = self.count;
        self.count += 1;
        for word in words {
            let word = super::plain::Plain::of(word.trim()).lower;
            ensure!(!word.is_empty(), "có từ để trống");
            self.words.push(word);
            self.lists.push(list);
        }
        Ok(list)
    }

    fn near(&mut self, words: Vec<String>, within: usize) -> anyhow::Result<Option<Near>> {
        if words.is_empty() {
            return Ok(None);
        }
        ensure!((1..=4_000).contains(&within), "`within` phải từ 1 tới 4000");
        let words = self.add(words)?;
        Ok(Some(Near { words, within }))
    }
}

impl Told {
    fn compile(self) -> anyhow::Result<RuleSet> {
        for (name, value) in [("id", &self.id), ("version", &self.version)] {
            let is_name = (1..=64).contains(&value.len()) && !value.chars().any(char::is_control);
            ensure!(is_name, "`{name}` phải dài từ 1 tới 64 ký tự");
        }
        let mut lists = Lists::default();
        let mut rules = Vec::with_capacity(self.rule.len());
        let mut codes = HashSet::new();
        for told in self.rule {
            let code = told.code.clone();
            ensure!(codes.insert(code.clone()), "quy tắc {code} ghi hai lần");
            rules.push(
                told.compile(&mut lists)
                    .with_context(|| format!("quy tắc {code}"))?,
            );
        }
        // Without it nothing stands between a secret and the net.
        let blocks = rules.iter().any(|rule| {
            rule.action == Action::Block
                && rule
                    .finders
                    .iter()
                    .any(|finder| matches!(finder, Finder::Mark(Stands::Alone)))
        });
        ensure!(
            blocks,
            "bộ quy tắc phải có quy tắc không nhận dấu chỉ độ mật"
        );
        Ok(RuleSet {
            valid_from: day(self.valid_from)?,
            valid_until: self.valid_until.map(day).transpose()?,
            id: self.id,
            version: self.version,
            rules,
            marks: self.marks.prepared()?,
            provinces: self.provinces,
            words: AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(&lists.words)
                .context("danh sách từ")?,
            lists: lists.lists,
            list_count: lists.count,
        })
    }
}

impl ToldRule {
    fn compile(self, lists: &mut Lists) -> anyhow::Result<Rule> {
        if self.action != Action::Hold && !self.release.is_empty() {
            bail!("chỉ quy tắc giữ lại mới có người cho qua");
        }
        let finders = self
            .find
            .into_iter()
            .map(|told| told.compile(lists))
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Rule {
            code: self.code,
            name: self.name,
            action: self.action,
            reason: self.reason,
            legal_basis: self.legal_basis,
            release: self.release,
            masks: self.mask,
            finders,
        })
    }
}

impl ToldFinder {
    fn compile(self, lists: &mut Lists) -> anyhow::Result<Finder> {
        Ok(match self {
            Self::Mark { stands } => Finder::Mark(stands),
            Self::Line { pattern } => Finder::Line(regex(&pattern)?),
            Self::Phrase {
                words,
                unless_before,
            } => Finder::Phrase {
                words: lists.add(words)?,
                unless_before,
            },
            Self::Pattern {
                pattern,
                near,
                within,
            } => Finder::Pattern {
                regex: regex(&pattern)?,
                near: lists.near(near, within)?,
            },
            Self::Digits {
                form,
                least,
                most,
                near,
                within,
                unless_after,
            } => Finder::Digits {
                form: match form {
                    ToldForm::Citizen => Form::Citizen,
                    ToldForm::Phone => Form::Phone,
                    ToldForm::Count => {
                        ensure!(0 < least && least <= most && most <= 30, "số chữ số");
                        Form::Count(least, most)
                    }
                },
                near: lists.near(near, within)?,
                unless_after,
            },
        })
    }
}

fn regex(pattern: &str) -> anyhow::Result<Regex> {
    regex::RegexBuilder::new(pattern)
        .size_limit(LARGEST_PATTERN)
        .build()
        .with_context(|| format!("mẫu {pattern}"))
}

fn day(told: toml::value::Datetime) -> anyhow::Result<NaiveDate> {
    let date = told.date.context("cần một ngày")?;
    NaiveDate::from_ymd_opt(
        i32::from(date.year),
        u32::from(date.month),
        u32::from(date.day),
    )
    .context("ngày không có thật")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_built_in_can_be_read_and_every_one_says_why_and_on_what_basis() {
        let set = RuleSet::parse(BUILT_IN_TEXT).expect("reads");
        assert!(set.rules.len() >= 10);
        for rule in &set.rules {
            assert!(
                !rule.reason.is_empty() && !rule.legal_basis.is_empty(),
                "{}",
                rule.code
            );
            let can_pass = rule.action == Action::Hold;
            assert_eq!(!rule.release.is_empty(), can_pass, "{}", rule.code);
        }
    }

    #[test]
    fn a_set_that_is_not_in_order_is_refused_with_what_to_mend() {
        type Break = fn(&str) -> String;
        let cases: [(&str, Break); 5] = [
            ("TOML", |text| text.replace("[marks]", "[marks")),
            ("mẫu", |text| {
                text.replace("(?i)^dự thảo", "(?i)^((dự thảo")
                    .replace("^(?:dự thảo", "^((?:dự thảo")
            }),
            ("hai lần", |text| {
                text.replace("code = \"G4\"", "code = \"G3\"")
            }),
            ("dấu chỉ độ mật", |text| {
                text.replace("stands = \"alone\"", "stands = \"inline\"")
            }),
            ("TOML", |text| text.replace("valid_from", "valid_form")),
        ];
        for (words, break_it) in cases {
            let error = RuleSet::parse(&break_it(BUILT_IN_TEXT)).expect_err(words);
            assert!(format!("{error:#}").contains(words), "{words}: {error:#}");
        }
    }
}
