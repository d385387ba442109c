//! Pages of rankings and reports.

use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// A table with a head for each row.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// What it shows.
    pub caption: String,
    /// The heads of its columns, that of the rows' heads first.
    pub heads: Vec<String>,
    /// Its rows.
    pub rows: Vec<GridRow>,
}

/// A row of it.
#[derive(Clone, Debug, Default)]
pub struct GridRow {
    /// What it is about.
    pub head: String,
    /// Where that leads.
    pub url: Option<String>,
    /// What stands below it, smaller.
    pub sub: String,
    /// Its cells.
    pub cells: Vec<GridCell>,
}

/// A cell of it.
#[derive(Clone, Debug, Default)]
pub struct GridCell {
    /// The head of its column.
    pub label: String,
    /// What it says.
    pub text: String,
    /// Where that leads.
    pub url: Option<String>,
    /// What stands below it, smaller.
    pub sub: String,
    /// Whether something is amiss.
    pub is_bad: bool,
}

impl Grid {
    /// An empty table with these heads.
    pub fn new(caption: impl Into<String>, heads: &[&str]) -> Self {
        Self {
            caption: caption.into(),
            heads: heads.iter().map(|head| (*head).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, whose cells belong to the columns in their order.
    pub fn add(&mut self, mut row: GridRow) {
        for (cell, head) in row.cells.iter_mut().zip(self.heads.iter().skip(1)) {
            cell.label.clone_from(head);
        }
        self.rows.push(row);
    }
}

impl GridCell {
    /// A cell that says `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same with `sub` below.
    #[must_use]
    pub fn with(mut self, sub: impl Into<String>) -> Self {
        self.sub = sub.into();
        self
    }

    /// The same, leading to `url`.
    #[must_use]
    pub fn to(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The same, amiss if `is_bad`.
    #[must_use]
    pub fn bad(mut self, is_bad: bool) -> Self {
        self.is_bad = is_bad;
        self
    }
}

/// `/quan-tri/xep-hang`: the periods. The form sends kind, year, number.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/rankings.html")]
pub struct RankingsPage {
    /// Around the page.
    pub desk: Desk,
    /// Other pages about rankings.
    pub links: Vec<Link>,
    /// The periods.
    pub periods: Vec<RankingLine>,
    /// Whether a period may be opened.
    pub may_open: bool,
    /// Kinds of periods.
    pub kinds: Vec<Choice>,
    /// The year.
    pub year: String,
    /// Which of its kind.
    pub number: String,
    /// The scheme it would be opened with.
    pub scheme: String,
    /// Where the form is sent.
    pub action: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A period in that list.
#[derive(Clone, Debug)]
pub struct RankingLine {
    /// Its page.
    pub url: String,
    /// What it is called.
    pub label: String,
    /// How far it has come.
    pub state: Badge,
    /// Its days, its scheme, its members.
    pub facts: Vec<String>,
}

/// `/quan-tri/xep-hang/{period}`: one period. The buttons send `action` = collect, window, freeze or publish; the last
/// two with `confirm`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/ranking.html")]
pub struct RankingPage {
    /// Around the page.
    pub desk: Desk,
    /// How far it has come.
    pub state: Badge,
    /// Its days, its scheme, when it was counted.
    pub facts: Vec<String>,
    /// Files.
    pub files: Vec<Link>,
    /// What was not measured, in words.
    pub unmeasured: Option<String>,
    /// The tables.
    pub tables: Vec<FilterLink>,
    /// The groups.
    pub groups: Vec<FilterLink>,
    /// The table that is chosen.
    pub grid: Grid,
    /// The way through it.
    pub pagination: Pagination,
    /// What may be done next; none if nothing may.
    pub steps: Vec<RankingStep>,
    /// What has to happen before the next step.
    pub waits: Option<String>,
    /// Objections that wait for an answer.
    pub objections: Vec<Link>,
    /// Where the forms are sent.
    pub action: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// Something that may be done with a period.
#[derive(Clone, Debug)]
pub struct RankingStep {
    /// What is sent as `action`.
    pub action: String,
    /// The button.
    pub label: String,
    /// What becomes of it.
    pub words: String,
    /// What has to be ticked before; empty if nothing.
    pub confirm: String,
}

/// What a member reached in a period.
#[derive(Clone, Debug)]
pub struct RankingReached {
    /// What it comes to in each table.
    pub figures: Vec<Figure>,
    /// The indicators.
    pub lines: Grid,
    /// What was lost and given besides.
    pub extras: Grid,
    /// The raw numbers.
    pub inputs: Grid,
    /// What was adjusted.
    pub adjustments: Vec<String>,
    /// What it objects to.
    pub objections: Vec<RankingObjection>,
    /// Indicators to choose from, when it says something.
    pub indicators: Vec<Choice>,
}

/// `/quan-tri/xep-hang/{period}/{unit}`: what a member reached, and why.
///
/// The forms send `action` = self (indicator, points, evidence), object (indicator, words), answer (objection, outcome,
/// answer) or adjust (input, delta, reason, objection).
#[derive(Clone, Debug, Template)]
#[template(path = "hub/ranking_sheet.html")]
pub struct RankingSheetPage {
    /// Around the page.
    pub desk: Desk,
    /// Which period, its group, its class.
    pub facts: Vec<String>,
    /// All its numbers.
    pub reached: RankingReached,
    /// Whether something may be said now.
    pub may_say: bool,
    /// Numbers to choose from.
    pub inputs: Vec<Choice>,
    /// What may become of an objection.
    pub outcomes: Vec<Choice>,
    /// What was typed.
    pub form: RankingForm,
    /// Where the forms are sent.
    pub action: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// What was typed there.
#[derive(Clone, Debug, Default)]
pub struct RankingForm {
    /// Points it gives itself.
    pub points: String,
    /// What shows them.
    pub evidence: String,
    /// What it objects to.
    pub words: String,
    /// By how much a number is adjusted.
    pub delta: String,
    /// Why.
    pub reason: String,
    /// What is answered.
    pub answer: String,
}

/// An objection.
#[derive(Clone, Debug)]
pub struct RankingObjection {
    /// Its id.
    pub id: String,
    /// The indicator.
    pub indicator: String,
    /// What it says.
    pub words: String,
    /// What became of it.
    pub outcome: Badge,
    /// Why.
    pub answer: Option<String>,
    /// Whether it waits for an answer.
    pub is_open: bool,
}

/// `/quan-tri/diem-so`: how the province ranks this unit, period by period.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/own_rankings.html")]
pub struct OwnRankingsPage {
    /// Around the page.
    pub desk: Desk,
    /// The periods, the newest first.
    pub rows: Vec<OwnRankingRow>,
}

/// A period there.
#[derive(Clone, Debug)]
pub struct OwnRankingRow {
    /// What it is called.
    pub label: String,
    /// Its page.
    pub url: String,
    /// How far it has come.
    pub state: Badge,
    /// The sum.
    pub points: String,
    /// `3/37`.
    pub place: String,
    /// What the sum is called.
    pub class: String,
    /// Until when people may say something; none if they may not.
    pub window: Option<String>,
}

/// `/quan-tri/diem-so/{period}`: one of them. The forms send `action` = self (indicator, points, evidence) or object
/// (indicator, words).
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/own_ranking.html")]
pub struct OwnRankingPage {
    /// Around the page.
    pub desk: Desk,
    /// How far it has come.
    pub state: Badge,
    /// When it was counted, its group, its class, its scheme.
    pub facts: Vec<String>,
    /// When the province told it.
    pub heard_at: Stamp,
    /// Where everybody sees it.
    pub published: Option<Link>,
    /// Until when people may say something; none if it is over.
    pub window: Option<String>,
    /// All its numbers.
    pub reached: RankingReached,
    /// What was said here that the numbers do not show yet.
    pub on_the_way: Vec<OwnRankingSaid>,
    /// Whether this person may say something now.
    pub may_say: bool,
    /// What was typed.
    pub form: RankingForm,
    /// Where the forms are sent.
    pub action: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// Something that was said there.
#[derive(Clone, Debug)]
pub struct OwnRankingSaid {
    /// About which indicator.
    pub indicator: String,
    /// What.
    pub words: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Stamp,
    /// Whether it is on its way.
    pub state: Badge,
    /// Why the province did not take it.
    pub why: Option<String>,
}

/// `/quan-tri/xep-hang/{period}/{unit}/{input}`, at a member `/quan-tri/diem-so/{period}/minh-chung`: the rows behind a number.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/ranking_evidence.html")]
pub struct RankingEvidencePage {
    /// Around the page.
    pub desk: Desk,
    /// What was counted, and when.
    pub summary: String,
    /// That what is held now comes to something else.
    pub notice: Option<String>,
    /// Why the rows are not to be had now.
    pub trouble: Option<String>,
    /// The rows.
    pub rows: Vec<RankingPiece>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct RankingPiece {
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: Option<String>,
    /// What matters about it.
    pub note: String,
    /// How much it counts.
    pub amount: Badge,
}

/// `/quan-tri/xep-hang/bo-chi-so`: the schemes. The form sends `file`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/ranking_schemes.html")]
pub struct RankingSchemesPage {
    /// Around the page.
    pub desk: Desk,
    /// The one that is shown: its version and name.
    pub title: String,
    /// What it rests on.
    pub basis: String,
    /// Its indicators.
    pub indicators: Grid,
    /// Its groups and quotas.
    pub groups: Grid,
    /// Penalties, bonuses, classes.
    pub extras: Vec<String>,
    /// All that were loaded.
    pub versions: Vec<FilterLink>,
    /// The file.
    pub file_url: String,
    /// Whether one may be loaded.
    pub may_add: bool,
    /// What was typed.
    pub typed: String,
    /// Where the form is sent.
    pub action: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A page of one table that is narrowed by a form: the calendar of disclosures, people. The form sends kind, year, number.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/ranking_table.html")]
pub struct RankingTablePage {
    /// Around the page.
    pub desk: Desk,
    /// What it shows.
    pub intro: String,
    /// Kinds of periods.
    pub kinds: Vec<Choice>,
    /// The year.
    pub year: String,
    /// Which of its kind.
    pub number: String,
    /// What to narrow to.
    pub groups: Vec<FilterLink>,
    /// Files.
    pub files: Vec<Link>,
    /// The tables.
    pub grids: Vec<Grid>,
    /// What is said where there is nothing.
    pub empty: String,
    /// The way through the list.
    pub pagination: Pagination,
    /// Where the form is sent.
    pub action: String,
}

/// `/quan-tri/bao-cao`: a report. The form sends kind, year, number.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/report.html")]
pub struct ReportPage {
    /// Around the page.
    pub desk: Desk,
    /// What it is called.
    pub title: String,
    /// From what, and when.
    pub made_of: String,
    /// Kinds of periods.
    pub kinds: Vec<Choice>,
    /// The year.
    pub year: String,
    /// Which of its kind.
    pub number: String,
    /// The report of the year, in one go.
    pub annual: Link,
    /// Files.
    pub files: Vec<Link>,
    /// What all comes to.
    pub figures: Vec<Figure>,
    /// The tables.
    pub grids: Vec<Grid>,
    /// Where the form is sent.
    pub action: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/xep-hang`: what the province published of its rankings.
#[derive(Clone, Debug, Template)]
#[template(path = "ranking.html")]
pub struct PublicRankingPage {
    /// Around the page.
    pub frame: Frame,
    /// The period; none if nothing was published.
    pub period: Option<String>,
    /// How to reckon it again.
    pub file: Option<Link>,
    /// The periods there are.
    pub periods: Vec<FilterLink>,
    /// The tables.
    pub tables: Vec<FilterLink>,
    /// The table that is chosen.
    pub grid: Grid,
}
