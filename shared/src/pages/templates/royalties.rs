//! Pages about what authors are paid.

use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/quan-tri/nhuan-but`: all months.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/royalties.html")]
pub struct RoyaltiesPage {
    /// Around the page.
    pub desk: Desk,
    /// Whether no month has anything.
    pub is_empty: bool,
    /// The months, the newest first.
    pub rows: Vec<RoyaltyMonthRow>,
    /// The month it is now.
    pub this_month: Link,
    /// The rates.
    pub rates: Link,
    /// Who is paid, for whoever looks after that.
    pub payees: Option<Link>,
    /// The way through what is locked.
    pub pagination: Pagination,
}

/// A month in the list.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyMonthRow {
    /// `Tháng 11/2026`.
    pub label: String,
    /// Its page.
    pub url: String,
    /// How far its statement is.
    pub state: Badge,
    /// How many works, formatted.
    pub works: String,
    /// Đồng before tax, formatted.
    pub gross: String,
    /// Đồng withheld.
    pub tax: String,
    /// Đồng paid out.
    pub net: String,
    /// Of when the numbers are.
    pub note: String,
}

/// `/quan-tri/nhuan-but/{month}`: one month.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "newsroom/royalty_month.html")]
pub struct RoyaltyMonthPage {
    /// Around the page.
    pub desk: Desk,
    /// How far its statement is.
    pub state: Badge,
    /// Who approved and locked it, and what it is counted by.
    pub facts: Vec<String>,
    /// Why it cannot be approved yet.
    pub obstacle: Option<String>,
    /// Whether it changed since it was approved.
    pub changed: bool,
    /// Works, in the order they were published.
    pub works: Vec<RoyaltyWorkRow>,
    /// Adjustments.
    pub adjustments: Vec<RoyaltyAdjustmentRow>,
    /// What was taken back before it was paid.
    pub dropped: Vec<RoyaltyDroppedRow>,
    /// What each person is paid.
    pub payments: Vec<RoyaltyPaymentRow>,
    /// Đồng before tax, formatted.
    pub gross: String,
    /// Đồng withheld.
    pub tax: String,
    /// Đồng paid out.
    pub net: String,
    /// How many entries of the month nobody graded, formatted; empty once it is locked.
    pub ungraded: String,
    /// The first of them, with where they are graded.
    pub ungraded_first: Vec<(String, Option<String>)>,
    /// The files it can be taken along as.
    pub files: Vec<Link>,
    /// Where approving is sent.
    pub action: String,
    /// The form that approves.
    pub approving: Option<Approving>,
    /// Whether an approval can be taken back.
    pub may_reopen: bool,
    /// Where it is locked.
    pub lock_url: Option<String>,
    /// The form for another adjustment.
    pub adjusting: Option<Adjusting>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A work and what it comes to.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyWorkRow {
    /// Its title.
    pub title: String,
    /// Where it is graded, for whoever may.
    pub url: Option<String>,
    /// When it was published.
    pub published: Stamp,
    /// Its genre.
    pub genre: String,
    /// How the amount came about.
    pub how: String,
    /// The amount, formatted.
    pub amount: String,
    /// Who gets what of it.
    pub parts: Vec<RoyaltyPart>,
    /// Why it cannot be counted.
    pub problem: Option<String>,
}

/// Somebody's part of a work.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyPart {
    /// Who.
    pub name: String,
    /// `2/3 phần`; none for the whole.
    pub parts: Option<String>,
    /// The amount, formatted.
    pub amount: String,
}

/// A line that mends a locked month.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyAdjustmentRow {
    /// Whom it is about.
    pub name: String,
    /// The month it mends.
    pub about: String,
    /// When it was entered.
    pub entered: Stamp,
    /// Why.
    pub reason: String,
    /// The amount, formatted.
    pub amount: String,
    /// Id, for whoever may take it away.
    pub id: Option<String>,
}

/// A work that is not paid.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyDroppedRow {
    /// Its title.
    pub title: String,
    /// Why.
    pub reason: String,
}

/// What a person is paid.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyPaymentRow {
    /// Who.
    pub name: String,
    /// Before tax, formatted.
    pub gross: String,
    /// Withheld.
    pub tax: String,
    /// Paid out.
    pub net: String,
    /// Whether a commitment waives the tax.
    pub committed: bool,
}

/// The form that approves a statement.
#[derive(Clone, Debug, Default)]
pub struct Approving {
    /// What stands for what was looked at.
    pub seen: String,
    /// The day of payment.
    pub pay_on: String,
}

/// The form for an adjustment.
#[derive(Clone, Debug, Default)]
pub struct Adjusting {
    /// Where it is sent.
    pub action: String,
    /// Locked months.
    pub months: Vec<Choice>,
    /// Whom it may be about.
    pub people: Vec<Choice>,
    /// The amount typed before.
    pub amount: String,
    /// The reason typed before.
    pub reason: String,
}

/// The fields an entry is graded with.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyFields {
    /// Whether it was graded before.
    pub is_graded: bool,
    /// The table it is graded by.
    pub regime: String,
    /// Genres, and not to grade.
    pub genres: Vec<Choice>,
    /// Coefficient.
    pub coefficient: String,
    /// Bonus for children or minorities.
    pub children: String,
    /// What it may be.
    pub children_hint: String,
    /// Bonus for the language.
    pub language: String,
    /// What it may be.
    pub language_hint: String,
    /// Bonus for hardship.
    pub hardship: String,
    /// What it may be.
    pub hardship_hint: String,
    /// What a translation is worth.
    pub translation: String,
    /// What it may be.
    pub translation_hint: String,
    /// Authors.
    pub authors: Vec<RoyaltyAuthorRow>,
}

/// A row for an author.
#[derive(Clone, Debug, Default)]
pub struct RoyaltyAuthorRow {
    /// 0, 1, 2 …
    pub number: usize,
    /// 1, 2, 3 …
    pub label: String,
    /// Who can be chosen.
    pub people: Vec<Choice>,
    /// Somebody not known yet.
    pub name: String,
    /// Their parts.
    pub parts: String,
}

/// `/quan-tri/bai-viet/{id}/nhuan-but`: grading an entry.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/royalty_grade.html")]
pub struct RoyaltyGradePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The title of the entry.
    pub subject: String,
    /// The fields; none if there is nothing to grade any more.
    pub royalty: Option<RoyaltyFields>,
    /// The locked month it was paid by.
    pub settled_in: Option<String>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/nhuan-but-cua-toi`: what whoever is signed in was paid.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/own_royalties.html")]
pub struct OwnRoyaltiesPage {
    /// Around the page.
    pub desk: Desk,
    /// The months, the newest first.
    pub months: Vec<OwnRoyaltyMonth>,
}

/// A month of one person.
#[derive(Clone, Debug, Default)]
pub struct OwnRoyaltyMonth {
    /// `2026-11`.
    pub id: String,
    /// `Tháng 11/2026`.
    pub label: String,
    /// How far its statement is.
    pub state: Badge,
    /// Before tax, formatted.
    pub gross: String,
    /// Withheld.
    pub tax: String,
    /// Paid out.
    pub net: String,
    /// What for.
    pub lines: Vec<OwnRoyaltyLine>,
}

/// What somebody is paid for.
#[derive(Clone, Debug, Default)]
pub struct OwnRoyaltyLine {
    /// The work, or what else it is.
    pub title: String,
    /// How the amount came about.
    pub how: String,
    /// The amount, formatted.
    pub amount: String,
}

/// `/quan-tri/nhuan-but/nguoi-nhan`: who is paid.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/payees.html")]
pub struct PayeesPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent.
    pub action: String,
    /// Everybody, by name.
    pub rows: Vec<PayeeRow>,
    /// Accounts that can be added.
    pub accounts: Vec<Choice>,
    /// The name of a contributor, typed before.
    pub name: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// Somebody who is paid.
#[derive(Clone, Debug, Default)]
pub struct PayeeRow {
    /// Id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The name as it was typed to change it.
    pub typed: String,
    /// What they sign in as; none without an account.
    pub login: Option<String>,
    /// The days of their commitment, in words.
    pub commitment: Option<String>,
    /// The first day of it.
    pub from: String,
    /// The last.
    pub until: String,
}

/// `/quan-tri/nhuan-but/bieu`: the rates.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/royalty_rates.html")]
pub struct RatesPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The version the form was made of.
    pub after: i64,
    /// The same in words.
    pub version: String,
    /// Whether the table in force is an example nobody put into force.
    pub is_preset: bool,
    /// All tables, the newest first.
    pub regimes: Vec<RegimeTable>,
    /// Whether whoever looks may change them.
    pub may_change: bool,
    /// What the unit pays of what the table says, in percent.
    pub factor: String,
    /// What a month may come to, đồng.
    pub ceiling: String,
    /// What the newest table is called.
    pub name: String,
    /// Its legal basis.
    pub basis: String,
    /// Its first day.
    pub from: String,
    /// What a unit is of the base salary, in percent.
    pub unit: String,
    /// Bonuses and translation.
    pub ranges: Vec<RatesRange>,
    /// Its genres, and empty rows.
    pub genres: Vec<RatesGenreRow>,
    /// Base salaries, and an empty row.
    pub salaries: Vec<RatesRow>,
    /// Taxes, and an empty row.
    pub taxes: Vec<RatesRow>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// From how much to how much, in the form, in percent.
#[derive(Clone, Debug, Default)]
pub struct RatesRange {
    /// Of what.
    pub label: &'static str,
    /// What the least is sent as.
    pub least_field: &'static str,
    /// The least.
    pub least: String,
    /// What the most is sent as.
    pub most_field: &'static str,
    /// The most.
    pub most: String,
}

/// A table of rates, to be read.
#[derive(Clone, Debug, Default)]
pub struct RegimeTable {
    /// What it is called.
    pub name: String,
    /// Its legal basis.
    pub basis: String,
    /// Its first day.
    pub from: String,
    /// What a unit is of the base salary, in percent.
    pub unit: String,
    /// Bonuses and translation, in words.
    pub bonuses: Vec<String>,
    /// Genres with their coefficients.
    pub genres: Vec<(String, String)>,
}

/// A genre in the form.
#[derive(Clone, Debug, Default)]
pub struct RatesGenreRow {
    /// 0, 1, 2 …
    pub number: usize,
    /// Its code; empty for a new one.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The least coefficient.
    pub least: String,
    /// The most.
    pub most: String,
}

/// What holds since a day, in the form.
#[derive(Clone, Debug, Default)]
pub struct RatesRow {
    /// 0, 1, 2 …
    pub number: usize,
    /// The day.
    pub from: String,
    /// Đồng.
    pub amount: String,
    /// Percent, of taxes.
    pub rate: String,
    /// Its legal basis.
    pub basis: String,
}
