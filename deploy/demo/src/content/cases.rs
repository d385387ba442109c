//! What people ask and report, as `cases.toml` says it.

use super::{Content, SiteRole};
use anyhow::{Result, ensure};
use serde::Deserialize;
use shared::citizens::case::Kind;
use shared::citizens::thread::Act;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// The office that tips go to.
    pub office: Office,
    /// What was asked.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// The office that tips go to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// The unit at whose site it reads.
    pub unit: String,
    /// What it is called.
    pub name: String,
    /// What it is to be told.
    pub about: String,
}

/// What somebody asked or reported.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The unit at whose site.
    pub unit: String,
    /// The unit that is to answer, if it is another.
    pub to: Option<String>,
    /// `question` or `feedback`.
    pub kind: String,
    /// How many days before the demo began.
    pub days_ago: u32,
    /// What it is about.
    pub subject: String,
    /// Where.
    pub place: Option<String>,
    /// Who asks.
    pub asker: String,
    /// How to reach them.
    pub contact: String,
    /// What is asked.
    pub words: String,
    /// What the unit said since.
    #[serde(default, rename = "reply")]
    pub replies: Vec<Reply>,
}

/// What the unit said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What it does, as messages name it.
    pub act: Act,
    /// How many days before the demo began.
    pub days_ago: u32,
    /// What it says.
    pub words: String,
}

impl Case {
    /// What it is.
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind).filter(|kind| *kind != Kind::Tip)
    }
}

/// That all of it is by and to units with a site, and in an order that can be.
pub(super) fn check(content: &Content, cases: &Cases) -> Result<()> {
    let has_site = |slug: &str| {
        let unit = content.unit(slug);
        unit.is_some_and(|unit| matches!(unit.role, SiteRole::Hub | SiteRole::Member))
    };
    ensure!(
        has_site(&cases.office.unit),
        "the office reads at a site of the demo"
    );
    for case in &cases.cases {
        let subject = &case.subject;
        ensure!(
            case.kind().is_some(),
            "{subject}: `kind` is question or feedback"
        );
        for unit in case.to.iter().chain([&case.unit]) {
            ensure!(has_site(unit), "{subject}: {unit} has no site of ours");
        }
        let mut before = case.days_ago;
        for reply in &case.replies {
            ensure!(
                !reply.act.is_of_asker(),
                "{subject}: replies are the unit's"
            );
            ensure!(
                reply.days_ago <= before,
                "{subject}: put its replies in order"
            );
            before = reply.days_ago;
        }
    }
    Ok(())
}
