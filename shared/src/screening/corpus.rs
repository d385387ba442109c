//! Cases people wrote, with what is to be found in each: how good the net is, in figures.

use super::{Known, Piece, Place, RuleSet, screen};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The cases shipped.
const FILES: [&str; 3] = [
    include_str!("corpus/secrecy.toml"),
    include_str!("corpus/internal.toml"),
    include_str!("corpus/people.toml"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

/// Texts in which the same is to be found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(default)]
    place: Where,
    expect: BTreeSet<String>,
    texts: Vec<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Where {
    #[default]
    Body,
    Title,
    FileName,
}

/// How one rule fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Found where it is.
    pub right: usize,
    /// Found where it is not.
    pub wrong: usize,
    /// Not found where it is.
    pub missed: usize,
}

impl Score {
    /// Of what it finds, the part that is there.
    pub fn precision(self) -> f64 {
        part(self.right, self.right + self.wrong)
    }

    /// Of what is there, the part it finds.
    pub fn recall(self) -> f64 {
        part(self.right, self.right + self.missed)
    }
}

fn part(some: usize, all: usize) -> f64 {
    if all == 0 {
        1.0
    } else {
        some as f64 / all as f64
    }
}

/// How a set of rules fares on the cases.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many cases there are.
    pub cases: usize,
    /// By the code of the rule.
    pub scores: BTreeMap<String, Score>,
    /// What went wrong: the case, what was expected, what was found.
    pub mistakes: Vec<String>,
}

/// Tries `rules` on the cases shipped.
pub fn report(rules: &RuleSet) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for rule in &rules.rules {
        report.scores.insert(rule.code.clone(), Score::default());
    }
    for text in FILES {
        let file: File = toml::from_str(text)?;
        for group in file.group {
            for text in &group.texts {
                report.try_case(rules, group.place, text, &group.expect);
            }
        }
    }
    Ok(report)
}

impl Report {
    fn try_case(&mut self, rules: &RuleSet, place: Where, text: &str, expected: &BTreeSet<String>) {
        self.cases += 1;
        let place = match place {
            Where::Body => Place::Body,
            Where::Title => Place::Title,
            Where::FileName => Place::FileName(text.to_owned()),
        };
        let piece = Piece::new(place, text);
        let found: BTreeSet<String> = screen(rules, &Known::default(), [&piece])
            .into_iter()
            .map(|finding| finding.rule)
            .collect();
        for code in expected.union(&found) {
            let score = self.scores.entry(code.clone()).or_default();
            match (expected.contains(code), found.contains(code)) {
                (true, true) => score.right += 1,
                (false, _) => score.wrong += 1,
                (true, false) => score.missed += 1,
            }
        }
        if *expected != found {
            let names =
                |codes: &BTreeSet<String>| codes.iter().cloned().collect::<Vec<_>>().join(", ");
            self.mistakes.push(format!(
                "{text:?}: chờ [{}], thấy [{}]",
                names(expected),
                names(&found)
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_net_catches_every_mark_of_the_cases_and_little_else() {
        let report = report(&RuleSet::built_in()).expect("the cases can be read");
        let mistakes = report.mistakes.join("\n");
        assert!(report.cases >= 300, "{} cases", report.cases);
        for (code, score) in &report.scores {
            assert!(score.right + score.missed >= 3, "{code} is hardly tried");
            let (recall, precision) = match code.as_str() {
                "G1" => (1.0, 0.98),
                _ => (0.95, 0.95),
            };
            assert!(
                score.recall() >= recall && score.precision() >= precision,
                "{code}: {score:?}\n{mistakes}"
            );
        }
    }
}
