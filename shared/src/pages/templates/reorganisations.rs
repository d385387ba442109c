//! Pages on which a province merges, splits, renames and moves its units.

use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/quan-tri/sap-nhap`: what was decided of units.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/reorganisations.html")]
pub struct ReorganisationsPage {
    /// Around the page.
    pub desk: Desk,
    /// The forms, one for each kind of operation; empty for who may not enter any.
    pub forms: Vec<Link>,
    /// Operations, the latest day first.
    pub rows: Vec<ReorganisationRow>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// One operation.
#[derive(Clone, Debug, Default)]
pub struct ReorganisationRow {
    /// Its page.
    pub url: String,
    /// What it does: `Sáp nhập: xã Đăk Pne → xã Đăk Rve`.
    pub title: String,
    /// The first day it holds.
    pub effective: Stamp,
    /// The legal act it rests on.
    pub basis: String,
    /// What came of it.
    pub state: Badge,
    /// Why it waits for somebody to look.
    pub note: Option<String>,
    /// Who entered it.
    pub by: String,
    /// When.
    pub at: Stamp,
}

/// What an operation changes.
#[derive(Clone, Debug, Default)]
pub struct PlanView {
    /// Unit by unit.
    pub units: Vec<PlannedUnit>,
    /// What happens to portals, old addresses, citizens' cases: under headings.
    pub groups: Vec<PlannedGroup>,
    /// How many are told: `Mô tả mới của 2 trang được gửi tới 45 đơn vị.`
    pub told: String,
}

/// What changes of one unit.
#[derive(Clone, Debug, Default)]
pub struct PlannedUnit {
    /// `Xã Tân Lập`.
    pub name: String,
    /// Whether it ends, begins or goes on.
    pub fate: Badge,
    /// What ends on the eve.
    pub closed: Vec<String>,
    /// What begins on the day.
    pub opened: Vec<String>,
}

/// Changes of one sort.
#[derive(Clone, Debug, Default)]
pub struct PlannedGroup {
    /// What they are.
    pub heading: String,
    /// Each.
    pub lines: Vec<String>,
}

/// `/quan-tri/sap-nhap/{id}`: one operation. Its button sends `action` = `withdraw`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/reorganisation.html")]
pub struct ReorganisationPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the button sends.
    pub action: String,
    /// The operation.
    pub row: ReorganisationRow,
    /// Whether whoever is signed in may still withdraw it.
    pub may_withdraw: bool,
    /// What it changes, or has changed.
    pub plan: PlanView,
    /// New units that have no portal yet, and where one is entered.
    pub without_site: Vec<Link>,
}

/// `/quan-tri/sap-nhap/moi`: an operation is written, and looked at before it is entered.
///
/// Sends `kind`, `effective_on`, `basis`; of each unit that begins or goes on `to_id`, `to_unit`, `to_name`, `to_kind`,
/// `to_code`, `to_parent`, `to_host`; of each that ends `end_unit`, `end_archive`, and `into` = `row:place`; `action` =
/// `preview`, `more`, or `enter` with `seen`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/reorganisation_form.html")]
pub struct ReorganisationFormPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The kind of operation, by name.
    pub kind: String,
    /// What it is called.
    pub kind_label: String,
    /// Whether units end by it.
    pub ends_units: bool,
    /// Whether units are named anew by it.
    pub names_units: bool,
    /// Whether portals get another address by it.
    pub moves_hosts: bool,
    /// The first day it holds, as typed.
    pub effective_on: String,
    /// The legal act, as typed.
    pub basis: String,
    /// Units that begin or go on.
    pub targets: Vec<TargetFields>,
    /// Units that end.
    pub endings: Vec<EndingFields>,
    /// What was wrong.
    pub errors: FormErrors,
    /// What it would do; none before that was asked.
    pub preview: Option<PlanView>,
    /// The mark of that.
    pub seen: String,
    /// It would do something else than was looked at before.
    pub is_other: bool,
    /// When it takes effect: at once, or on its day.
    pub when: String,
    /// The list.
    pub cancel_url: String,
}

/// A unit that begins or goes on, as the form shows it.
#[derive(Clone, Debug, Default)]
pub struct TargetFields {
    /// Which row: from 1.
    pub number: usize,
    /// The id a new unit gets.
    pub id: String,
    /// Units to choose from, a new one among them.
    pub units: Vec<Choice>,
    /// Name, as typed.
    pub name: String,
    /// Kinds of units.
    pub kinds: Vec<Choice>,
    /// Code, as typed.
    pub code: String,
    /// Units above it.
    pub parents: Vec<Choice>,
    /// Host name, as typed.
    pub host: String,
}

/// A unit that ends, as the form shows it.
#[derive(Clone, Debug, Default)]
pub struct EndingFields {
    /// Which row: from 1.
    pub number: usize,
    /// Units to choose from.
    pub units: Vec<Choice>,
    /// What it goes into: the rows above.
    pub into: Vec<Choice>,
    /// Where its archive is to answer, as typed.
    pub archive: String,
}
