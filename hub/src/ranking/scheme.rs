//! What is measured, for how many points and by which rule: a file with a version.

use super::input::Input;
use super::span::Every;
use crate::sections::{self, Tree};
use serde::{Deserialize, Serialize};
use shared::ranking::Points;
use std::collections::{BTreeMap, HashSet};

const DEFAULT: &str = include_str!("../../data/ranking.toml");
/// Largest file, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// One version of the scheme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Its version, once and for all.
    pub version: String,
    /// What people call it.
    pub name: String,
    /// The rule it rests on.
    pub basis: String,
    /// What all bonuses come to at most.
    pub bonus_cap: Points,
    /// The indicators that decide between as many points, in their order.
    #[serde(default)]
    pub ties: Vec<String>,
    /// What the grades are called.
    pub grades: Grades,
    /// How many days there are for what.
    pub deadlines: Deadlines,
    /// Who is compared with whom.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
    /// Which sections must not be empty.
    pub sections: Sections,
    /// What is to be made public over and over.
    #[serde(rename = "disclosure", default)]
    pub disclosures: Vec<Disclosure>,
    /// What is measured.
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
    /// What costs points.
    #[serde(rename = "penalty", default)]
    pub penalties: Vec<Penalty>,
    /// What gives points besides.
    #[serde(rename = "bonus", default)]
    pub bonuses: Vec<Bonus>,
    /// What points are called, the best first.
    #[serde(rename = "class")]
    pub classes: Vec<Class>,
}

/// What the province's newsroom calls its grades.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grades {
    /// The best.
    pub a: String,
    /// The second.
    pub b: String,
    /// The third.
    pub c: String,
}

/// How many days there are for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// The preset they come from.
    pub name: String,
    /// The rule they rest on.
    pub basis: String,
    /// Until a document that was issued is published.
    pub document_working_days: u32,
    /// Until a question is answered.
    pub question_working_days: u32,
    /// In which members may score themselves and object.
    pub window_working_days: u32,
}

/// Units that are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name in files and addresses.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Units by the code of the statistics office.
    #[serde(default)]
    pub gso_codes: Vec<String>,
    /// Units by the code of their kind.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Whether it takes all that no other takes.
    #[serde(default)]
    pub rest: bool,
    /// How much is expected of each in a month.
    pub quotas: Quotas,
}

/// How much is expected of a unit in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Articles it writes itself.
    pub originals: u32,
    /// Those that the province accepts.
    pub accepted: u32,
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// Articles it writes itself.
    Originals,
    /// Those that the province accepts.
    Accepted,
}

impl Quotas {
    /// The one that is meant.
    pub fn get(&self, which: Quota) -> u32 {
        match which {
            Quota::Originals => self.originals,
            Quota::Accepted => self.accepted,
        }
    }
}

/// Which sections must not be empty, by the portals they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// Of communes.
    pub commune: Vec<String>,
    /// Of departments.
    pub department: Vec<String>,
}

impl Sections {
    /// Those of a unit of `kind`.
    pub fn of_kind(&self, kind: &str) -> &[String] {
        match Tree::of_kind(kind) {
            Tree::Commune => &self.commune,
            Tree::Department | Tree::Province => &self.department,
        }
    }
}

/// Something to be made public after each span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Its name in files.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Where it is published: there, or in a section below.
    pub section: String,
    /// Its title has one of these words, with or without marks; none asks for nothing.
    #[serde(default)]
    pub words: Vec<String>,
    /// After which spans.
    pub every: Every,
    /// Within how many days.
    pub days: u32,
    /// Whether these are working days.
    #[serde(default)]
    pub working_days: bool,
    /// From how many days before the end of the span on it counts.
    #[serde(default)]
    pub opens_before: u32,
    /// The groups it is for; none for all.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The rule it rests on.
    pub basis: String,
}

/// One thing that is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its name in files and addresses.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The table it belongs to.
    pub category: Category,
    /// How many points it is worth.
    pub points: Points,
    /// How it is measured.
    pub measure: Measure,
    /// The rule it rests on.
    pub basis: String,
}

/// The tables there are besides the one of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Questions and answers.
    HoiDap,
    /// Articles.
    TinBai,
    /// Documents, and what is made public.
    VanBan,
    /// The machine and its use.
    KyThuat,
}

impl Category {
    /// All, as they are shown.
    pub const ALL: [Self; 4] = [Self::HoiDap, Self::TinBai, Self::VanBan, Self::KyThuat];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::HoiDap => "Hỏi đáp",
            Self::TinBai => "Tin bài",
            Self::VanBan => "Văn bản – Công khai",
            Self::KyThuat => "Kỹ thuật",
        }
    }

    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::HoiDap => "hoi-dap",
            Self::TinBai => "tin-bai",
            Self::VanBan => "van-ban",
            Self::KyThuat => "ky-thuat",
        }
    }

    /// The one of that name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How something is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// So many of so many.
    Share {
        /// Together.
        done: Vec<Input>,
        /// Together.
        of: Vec<Input>,
    },
    /// Up to the quota of the group for the months of the period.
    Quota {
        /// What is counted, and for how much of one in percent.
        count: BTreeMap<Input, u32>,
        /// Against which quota.
        quota: Quota,
    },
    /// All points less so many for each.
    Deduct {
        /// What costs how much.
        each: BTreeMap<Input, Points>,
        /// Without which nothing is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needs: Option<Input>,
    },
    /// The share of the group that is no better.
    Percentile {
        /// What is compared.
        value: Input,
        /// What it is divided by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<Input>,
        /// Which is better.
        better: Better,
    },
    /// Not measured.
    Declared,
}

/// Which of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The greater.
    More,
    /// The smaller.
    Less,
}

impl Measure {
    /// The numbers it looks at.
    pub fn inputs(&self) -> Vec<Input> {
        match self {
            Self::Share { done, of } => done.iter().chain(of).copied().collect(),
            Self::Quota { count, .. } => count.keys().copied().collect(),
            Self::Deduct { each, needs } => each.keys().copied().chain(*needs).collect(),
            Self::Percentile { value, per, .. } => std::iter::once(*value).chain(*per).collect(),
            Self::Declared => Vec::new(),
        }
    }
}

/// Something that costs points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    /// Its name in files.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What is counted.
    pub input: Input,
    /// What each costs.
    #[serde(default)]
    pub each: Points,
    /// What all of them cost at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Points>,
    /// Whether nothing is left of the score.
    #[serde(default)]
    pub zero: bool,
    /// The rule it rests on.
    pub basis: String,
}

/// Something that gives points besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// Its name in files.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What is counted.
    pub input: Input,
    /// What each gives.
    pub each: Points,
    /// The rule it rests on.
    pub basis: String,
}

/// What a score is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// What people call it.
    pub name: String,
    /// From how many points on.
    pub from: Points,
}

impl Scheme {
    /// Reads a file.
    ///
    /// # Errors
    /// What is to be mended, for people.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LARGEST {
            return Err("tệp bộ chỉ số lớn tối đa 256 kB".to_owned());
        }
        let scheme: Self =
            toml::from_str(text).map_err(|error| format!("tệp không đọc được: {error}"))?;
        scheme.check()?;
        Ok(scheme)
    }

    /// The one that comes with the program, and its text.
    ///
    /// # Errors
    /// If the file compiled in is wrong, which a test rules out.
    pub fn built_in() -> Result<(Self, &'static str), String> {
        Self::read(DEFAULT).map(|scheme| (scheme, DEFAULT))
    }

    /// The indicator of that name.
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|one| one.code == code)
    }

    /// The group of that name.
    pub fn group(&self, code: &str) -> Option<&Group> {
        self.groups.iter().find(|one| one.code == code)
    }

    fn check(&self) -> Result<(), String> {
        let wrong = |words: String| Err(words);
        let is_code = |code: &str| {
            (1..=40).contains(&code.len())
                && code
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if !is_code(&self.version) {
            return wrong(
                "version: dùng chữ không dấu, số, chấm, gạch; tối đa 40 ký tự".to_owned(),
            );
        }
        let codes = self
            .groups
            .iter()
            .map(|one| &one.code)
            .chain(self.indicators.iter().map(|one| &one.code))
            .chain(self.penalties.iter().map(|one| &one.code))
            .chain(self.bonuses.iter().map(|one| &one.code))
            .chain(self.disclosures.iter().map(|one| &one.code));
        let mut known = HashSet::new();
        for code in codes {
            if !is_code(code) {
                return wrong(format!("mã {code}: dùng chữ không dấu, số, gạch"));
            }
            if !known.insert(code) {
                return wrong(format!("mã {code} có hai lần"));
            }
        }
        let sum: Points = self.indicators.iter().map(|one| one.points).sum();
        if sum != Points::FULL {
            return wrong(format!(
                "tổng điểm các chỉ số là {}, phải là 100",
                sum.shown()
            ));
        }
        if self.groups.iter().filter(|group| group.rest).count() != 1 {
            return wrong("phải có đúng một nhóm ghi rest = true".to_owned());
        }
        let is_falling = self.classes.windows(2).all(|two| two[0].from > two[1].from);
        if !is_falling || self.classes.last().map(|last| last.from) != Some(Points(0)) {
            return wrong("class: xếp từ cao xuống thấp, mức cuối từ 0 điểm".to_owned());
        }
        if let Some(code) = self.ties.iter().find(|code| self.indicator(code).is_none()) {
            return wrong(format!("ties: không có chỉ số {code}"));
        }
        for one in &self.disclosures {
            for group in &one.groups {
                if self.group(group).is_none() {
                    return wrong(format!("{}: không có nhóm {group}", one.code));
                }
            }
        }
        let tree = sections::default_tree().map_err(|error| error.to_string())?;
        let named = self
            .sections
            .commune
            .iter()
            .chain(&self.sections.department);
        let named = named.chain(self.disclosures.iter().map(|one| &one.section));
        for code in named {
            if !tree.iter().any(|section| &section.slug == code) {
                return wrong(format!("không có chuyên mục {code}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_scheme_reads_and_says_what_every_line_rests_on() {
        let (scheme, _) = Scheme::built_in().expect("it reads");
        assert_eq!(scheme.indicators.len(), 15);
        assert!(scheme.indicators.iter().all(|one| !one.basis.is_empty()));
        assert_eq!(
            scheme.group("phuong").map(|group| group.quotas.originals),
            Some(20)
        );
        // What is written can be read again, as members do.
        let told = serde_json::to_value(&scheme).expect("JSON");
        let heard: Scheme = serde_json::from_value(told).expect("reads");
        assert_eq!(heard, scheme);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let (_, text) = Scheme::built_in().expect("it reads");
        for (from, to, said) in [
            (
                "points = 12\n",
                "points = 13\n",
                "tổng điểm các chỉ số là 101,00",
            ),
            ("rest = true", "rest = false", "rest = true"),
            ("code = \"C2\"", "code = \"C1\"", "mã C1 có hai lần"),
            (
                "section = \"cong-khai\"",
                "section = \"khong-co\"",
                "không có chuyên mục khong-co",
            ),
            ("from = 90", "from = 70", "class"),
            ("version = \"lien", "version = \"liên", "version"),
            (
                "input = \"data_leaks\"",
                "input = \"luck\"",
                "tệp không đọc được",
            ),
            (
                "each = 0.25\nbasis",
                "each = 0.255\nbasis",
                "hai chữ số thập phân",
            ),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let error = Scheme::read(&changed).expect_err(to);
            assert!(error.contains(said), "{to}: {error}");
        }
    }
}
