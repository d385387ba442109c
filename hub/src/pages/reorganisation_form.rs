//! `/quan-tri/sap-nhap/moi`: an operation is written, looked at to the last change, and only then entered.

use super::enrol::{address, kind_choices};
use super::reorganisation_words::{self as words, Names};
use super::reorganisations;
use crate::reorganisation::{Beginning, Ending, Kind, Operation, Plan, carry_out};
use axum::extract::Query;
use axum::response::Response;
use axum_extra::extract::Form;
use chrono::NaiveDate;
use serde::Deserialize;
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::{EndingFields, ReorganisationFormPage, TargetFields};
use shared::pages::view::{Choice, FormErrors, Link};
use shared::site::Site;
use shared::units::{Tree, tree_on};
use shared::vietnamese::{self, fold, nfc};
use uuid::Uuid;

/// The form.
pub(super) const NEW: &str = "/quan-tri/sap-nhap/moi";
/// The choice of a unit that is not there yet.
const NEW_UNIT: &str = "new";
/// Rows a form begins with, of each sort.
const ROWS: usize = 2;
/// Most rows of each sort.
const MOST: usize = 40;
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;
/// Longest legal act, in characters.
const LONGEST_BASIS: usize = 300;

/// Which form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    loai: String,
}

/// What is filled in. The fields of one sort stand in the order of the rows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    /// `preview`, `more` or `enter`.
    action: String,
    kind: String,
    effective_on: String,
    basis: String,
    to_id: Vec<String>,
    to_unit: Vec<String>,
    to_name: Vec<String>,
    to_kind: Vec<String>,
    to_code: Vec<String>,
    to_parent: Vec<String>,
    to_host: Vec<String>,
    end_unit: Vec<String>,
    end_archive: Vec<String>,
    into: Vec<String>,
    /// The mark of what was looked at before.
    seen: String,
}

impl Filled {
    fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Merge)
    }

    /// How many rows there are of units that begin, and of units that end.
    fn rows(&self) -> (usize, usize) {
        let more = usize::from(self.action == "more");
        let least = if self.kind().ends_units() { ROWS } else { 1 };
        let (targets, endings) = (self.to_unit.len(), self.end_unit.len());
        (
            (targets.max(least) + more * least).min(MOST),
            (endings.max(ROWS) + more * ROWS).min(MOST),
        )
    }

    /// Whether the unit of row `row` goes into that of row `place`, both from 1.
    fn goes(&self, row: usize, place: usize) -> bool {
        self.into.contains(&format!("{row}:{place}"))
    }
}

/// The value of a field in one row, trimmed and composed.
fn at_row(fields: &[String], row: usize) -> String {
    let field = fields.get(row - 1).map(|field| nfc(field.trim()));
    field.unwrap_or_default()
}

pub(super) async fn begin(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let filled = Filled {
        kind: asked.loai,
        ..Filled::default()
    };
    let page = page(&at, &filled, FormErrors::default(), None).await?;
    at.answer(&page)
}

pub(super) async fn decide(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    if filled.action == "more" {
        let page = page(&at, &filled, FormErrors::default(), None).await?;
        return at.answer(&page);
    }
    let operation = match checked(&filled, at.site.unit_id) {
        Ok(operation) => operation,
        Err(errors) => {
            let page = page(&at, &filled, errors, None).await?;
            return at.answer_again(&page);
        }
    };
    let plan = match carry_out::look(at.site.db.reader(), &operation).await? {
        Ok(plan) => plan,
        Err(refusal) => {
            let names = Names::load(&at.site, &[&operation]).await?;
            let errors = one_error(refusal.said_of(&|unit| names.of(unit)));
            let page = page(&at, &filled, errors, None).await?;
            return at.answer_again(&page);
        }
    };
    let mark = plan.mark(&operation)?;
    if filled.action == "enter" && filled.seen == mark {
        let by = at.user.account.name.clone();
        let entered =
            carry_out::enter(&at.site, operation.clone(), &mark, &by, &at.user.actor()).await;
        match entered {
            Ok(id) => return Ok(Done::ReorganisationEntered.then(&reorganisations::path_of(id))),
            // Somebody entered something else meanwhile: it is looked at again.
            Err(Error::Conflict(why)) => {
                let page = page(&at, &filled, one_error(why), None).await?;
                return at.answer_again(&page);
            }
            Err(error) => return Err(error),
        }
    }
    let page = page(&at, &filled, FormErrors::default(), Some((operation, plan))).await?;
    at.answer(&page)
}

fn one_error(text: String) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add("", text);
    errors
}

/// The operation that is filled in, or what has to be mended before anything can be looked at.
fn checked(filled: &Filled, province: Uuid) -> std::result::Result<Operation, FormErrors> {
    let mut errors = FormErrors::default();
    let kind = filled.kind();
    let effective_on = filled.effective_on.trim().parse::<NaiveDate>();
    if effective_on.is_err() {
        errors.add("effective_on", "Hãy chọn ngày hiệu lực.");
    }
    let basis = nfc(filled.basis.trim());
    let is_line = |text: &str, longest: usize| {
        text.chars().count() <= longest && !text.chars().any(char::is_control)
    };
    if basis.is_empty() || !is_line(&basis, LONGEST_BASIS) {
        errors.add(
            "basis",
            "Hãy ghi số, ngày của nghị quyết hoặc quyết định, tối đa 300 ký tự.",
        );
    }
    let (targets, endings) = filled.rows();
    let mut begins = Vec::new();
    let mut at_place: Vec<Option<Uuid>> = Vec::new();
    for row in 1..=targets {
        let found = target(filled, row, province, &mut errors);
        at_place.push(found.as_ref().map(|found| found.unit));
        begins.extend(found);
    }
    // Who only takes others in goes on as it is.
    let says_something = |one: &Beginning| {
        *one != Beginning {
            unit: one.unit,
            ..Beginning::default()
        }
    };
    begins.retain(says_something);
    let mut ends = Vec::new();
    for row in (1..=endings).filter(|_| kind.ends_units()) {
        let Ok(unit) = at_row(&filled.end_unit, row).parse::<Uuid>() else {
            continue;
        };
        let into = (1..=targets).filter(|place| filled.goes(row, *place));
        let into: Vec<Uuid> = into.filter_map(|place| at_place[place - 1]).collect();
        let typed = at_row(&filled.end_archive, row);
        let archive = match typed.is_empty() {
            true => None,
            false => {
                let archive = origin(&typed);
                if archive.is_none() {
                    errors.add(
                        format!("ending-{row}"),
                        "Địa chỉ lưu trữ chưa đúng là một tên miền.",
                    );
                }
                archive
            }
        };
        ends.push(Ending {
            unit,
            into,
            archive,
        });
    }
    match (effective_on, errors.is_empty()) {
        (Ok(effective_on), true) => Ok(Operation {
            kind,
            effective_on,
            basis,
            ends,
            begins,
        }),
        _ => Err(errors),
    }
}

/// The unit of one row that begins or goes on; none where the row is empty.
fn target(
    filled: &Filled,
    row: usize,
    province: Uuid,
    errors: &mut FormErrors,
) -> Option<Beginning> {
    let chosen = at_row(&filled.to_unit, row);
    let unit: Uuid = match chosen.as_str() {
        "" => return None,
        NEW_UNIT => at_row(&filled.to_id, row).parse().ok()?,
        id => id.parse().ok()?,
    };
    let field = format!("target-{row}");
    let said = |text: String| (!text.is_empty()).then_some(text);
    let name = said(at_row(&filled.to_name, row));
    let is_name =
        |name: &String| name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if !name.as_ref().is_none_or(is_name) {
        errors.add(&field, "Tên đơn vị tối đa 120 ký tự.");
    }
    let gso_code = said(at_row(&filled.to_code, row));
    let is_code = |code: &String| code.len() <= 5 && code.chars().all(|c| c.is_ascii_digit());
    if !gso_code.as_ref().is_none_or(is_code) {
        errors.add(&field, "Mã đơn vị hành chính gồm tối đa 5 chữ số.");
    }
    let host = at_row(&filled.to_host, row);
    let base_url = match host.is_empty() {
        true => None,
        false => {
            let base_url = origin(&host);
            if base_url.is_none() {
                errors.add(
                    &field,
                    "Hãy nhập tên miền, ví dụ konbraih.quangngai.example.",
                );
            }
            base_url
        }
    };
    Some(Beginning {
        unit,
        name,
        kind: said(at_row(&filled.to_kind, row)),
        gso_code,
        parent: at_row(&filled.to_parent, row)
            .parse()
            .ok()
            .or((chosen == NEW_UNIT).then_some(province)),
        base_url,
    })
}

/// Scheme, host and port of what was typed.
fn origin(typed: &str) -> Option<String> {
    address(typed).map(|url| url.origin().ascii_serialization())
}

/// The units to choose from.
struct Ground {
    tree: Tree,
    /// By name.
    units: Vec<(Uuid, String)>,
}

impl Ground {
    async fn read(site: &Site) -> Result<Self> {
        let today = vietnamese::local(site.clock.now()).date_naive();
        let tree = tree_on(site.db.reader(), today).await?;
        let sites = site_record::all(site.db.reader()).await?;
        let mut units: Vec<(Uuid, String)> = tree
            .units()
            .filter(|unit| !unit.is_former && unit.name != unit.id.to_string())
            .map(|unit| {
                let has_site = sites.iter().find(|site| site.unit_id == unit.id);
                let at = has_site.map(|site| format!(" ({})", site.authority()));
                (unit.id, format!("{}{}", unit.name, at.unwrap_or_default()))
            })
            .collect();
        units.sort_by_cached_key(|(_, name)| fold(name));
        Ok(Self { tree, units })
    }

    fn choices(&self, first: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
        let first = first
            .iter()
            .map(|(value, label)| Choice::new(*value, *label, *value == chosen));
        let units = self
            .units
            .iter()
            .map(|(id, name)| Choice::new(id.to_string(), name, id.to_string() == chosen));
        first.chain(units).collect()
    }
}

async fn page(
    at: &AtDesk,
    filled: &Filled,
    errors: FormErrors,
    looked: Option<(Operation, Plan)>,
) -> Result<ReorganisationFormPage> {
    let ground = Ground::read(&at.site).await?;
    let kind = filled.kind();
    let (targets, endings) = filled.rows();
    let mut desk = at
        .desk(&format!("{} đơn vị", kind.label()), reorganisations::PATH)
        .await?;
    desk.breadcrumb = vec![Link::new("Sắp xếp đơn vị", reorganisations::PATH)];
    let (mut preview, mut seen, mut when) = (None, String::new(), String::new());
    if let Some((operation, plan)) = &looked {
        let names = Names::load(&at.site, &[operation]).await?;
        preview = Some(words::changes(&at.site, operation, plan, &names).await?);
        seen = plan.mark(operation)?;
        when = effect(at, operation.effective_on);
    }
    let targets: Vec<TargetFields> = (1..=targets)
        .map(|row| target_fields(filled, &ground, row))
        .collect();
    let endings = (1..=endings)
        .filter(|_| kind.ends_units())
        .map(|row| EndingFields {
            number: row,
            units: ground.choices(&[("", "— không —")], &at_row(&filled.end_unit, row)),
            into: targets
                .iter()
                .map(|target| place(filled, &ground, row, target))
                .collect(),
            archive: at_row(&filled.end_archive, row),
        })
        .collect();
    Ok(ReorganisationFormPage {
        desk,
        action: NEW.to_owned(),
        kind: kind.as_str().to_owned(),
        kind_label: kind.label().to_owned(),
        ends_units: kind.ends_units(),
        names_units: kind != Kind::Move,
        moves_hosts: kind != Kind::Rename,
        effective_on: filled.effective_on.clone(),
        basis: filled.basis.clone(),
        targets,
        endings,
        errors,
        is_other: preview.is_some() && filled.action == "enter",
        preview,
        seen,
        when,
        cancel_url: reorganisations::PATH.to_owned(),
    })
}

fn target_fields(filled: &Filled, ground: &Ground, row: usize) -> TargetFields {
    let kind = filled.kind();
    let minted = at_row(&filled.to_id, row);
    let id = minted.parse::<Uuid>().unwrap_or_else(|_| Uuid::now_v7());
    let chosen = at_row(&filled.to_unit, row);
    let first: &[(&str, &str)] = match kind.ends_units() {
        true => &[("", "— không —"), (NEW_UNIT, "Đơn vị mới")],
        false => &[("", "— chọn —")],
    };
    let unchanged = match kind.ends_units() {
        true => "— giữ như cũ; đơn vị mới: thuộc tỉnh —",
        false => "— giữ như cũ —",
    };
    TargetFields {
        number: row,
        id: id.to_string(),
        units: ground.choices(first, &chosen),
        name: at_row(&filled.to_name, row),
        kinds: kind_choices(("", "— giữ như cũ —"), &at_row(&filled.to_kind, row)),
        code: at_row(&filled.to_code, row),
        parents: ground.choices(&[("", unchanged)], &at_row(&filled.to_parent, row)),
        host: at_row(&filled.to_host, row),
    }
}

/// The tick that lets the unit of `row` go into `target`.
fn place(filled: &Filled, ground: &Ground, row: usize, target: &TargetFields) -> Choice {
    let chosen = target.units.iter().find(|choice| choice.chosen);
    let known = chosen.and_then(|choice| choice.value.parse().ok());
    let known = known.and_then(|id: Uuid| ground.tree.get(id));
    let named = match (&target.name, known) {
        (name, _) if !name.is_empty() => name.clone(),
        (_, Some(unit)) => unit.name.clone(),
        _ => "để trống".to_owned(),
    };
    let number = target.number;
    Choice::new(
        format!("{row}:{number}"),
        format!("đơn vị {number} ({named})"),
        filled.goes(row, number),
    )
}

/// When an operation takes effect that is entered now.
fn effect(at: &AtDesk, day: NaiveDate) -> String {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let shown = day.format("%d/%m/%Y");
    match day.cmp(&today) {
        std::cmp::Ordering::Greater => {
            format!("Sẽ tự có hiệu lực ngày {shown}; trước đó còn rút lại được.")
        }
        std::cmp::Ordering::Equal => "Có hiệu lực ngay khi ghi và không rút lại được.".to_owned(),
        std::cmp::Ordering::Less => {
            format!("Có hiệu lực ngay khi ghi, tính từ {shown}, và không rút lại được.")
        }
    }
}
