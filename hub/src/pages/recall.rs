//! `/quan-tri/thu-hoi/{event}`: how far each site has come with one recall, its report, and the way to take it back.

use super::recalls;
use crate::recall::lift::{self, Lift};
use crate::recall::progress::{self, case};
use crate::recall::report;
use axum::extract::{Form, Path};
use axum::response::Response;
use sea_orm::EntityTrait;
use serde::Deserialize;
use shared::accounts::Right;
use shared::directory::{contact_record, site_record};
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::table_file;
use shared::pages::templates::RecallPage;
use shared::pages::view::{FormErrors, Link, RecallRow, RecallSiteRow, RecallStep};
use shared::screening;
use shared::table::Table;
use shared::units::Tree;
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/thu-hoi/{event}";
/// Its report.
pub(super) const CSV: &str = "/quan-tri/thu-hoi/{event}/bao-cao.csv";
/// The same as a workbook.
pub(super) const XLSX: &str = "/quan-tri/thu-hoi/{event}/bao-cao.xlsx";

/// The name of the files.
const NAME: &str = "thu-hoi";

/// The page of the recall `event`.
pub(super) fn path_of(event: i64) -> String {
    PATH.replace("{event}", &event.to_string())
}

pub(super) async fn show(at: AtDesk, Path(event): Path<String>) -> Result<Response> {
    let case = Case::load(&at, &event).await?;
    let page = page(&at, case, String::new(), FormErrors::default()).await?;
    at.answer(&page)
}

/// Why it is taken back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    why: String,
}

pub(super) async fn lift(
    at: AtDesk,
    Path(event): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let case = Case::load(&at, &event).await?;
    let order = Lift {
        event: case.case.event_id,
        why: filled.why.clone(),
        by: at.user.account.name.clone(),
        actor: at.user.actor(),
    };
    let lifted = lift::lift(&at.site, order).await;
    match screening::told(&at.site, at.user.id(), lifted).await {
        Ok(()) => Ok(Done::RecallLifted.then(&path_of(case.case.event_id))),
        Err(Error::Invalid(lacking)) => {
            let page = page(&at, case, filled.why, lacking.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn csv(at: AtDesk, Path(event): Path<String>) -> Result<Response> {
    Ok(table_file::csv(NAME, &table(&at, &event).await?))
}

pub(super) async fn xlsx(at: AtDesk, Path(event): Path<String>) -> Result<Response> {
    let table = table(&at, &event).await?;
    table_file::xlsx(NAME, vec![("Thu hồi".to_owned(), table)]).await
}

async fn table(at: &AtDesk, event: &str) -> Result<Table> {
    let case = Case::load(at, event).await?;
    let units = case
        .members
        .iter()
        .map(|(id, site)| (*id, site.unit_id))
        .collect();
    Ok(report::table(
        &case.case,
        &case.row.reason,
        &case.sites,
        &units,
        &case.tree,
    ))
}

/// A recall with all that its page and its report tell.
struct Case {
    case: case::Model,
    row: RecallRow,
    /// Those that lack most first.
    sites: Vec<progress::Model>,
    members: HashMap<Uuid, site_record::Model>,
    tree: Tree,
}

impl Case {
    async fn load(at: &AtDesk, event: &str) -> Result<Self> {
        let event: i64 = event.parse().map_err(|_| Error::NotFound)?;
        let db = at.site.db.reader();
        let found = case::Entity::find_by_id(event).one(db).await?;
        let case = found.ok_or(Error::NotFound)?;
        let mut sites = progress::of_case(db, event).await?;
        sites.sort_by_key(|one| {
            [one.gone_at, one.applied_at, one.received_at, one.sent_at].map(|done| done.is_some())
        });
        let ids: Vec<Uuid> = sites.iter().map(|one| one.site_id).collect();
        let members = site_record::find_many(db, &ids).await?;
        let tree = recalls::tree(at).await?;
        let mut rows = recalls::rows(at, &tree, std::slice::from_ref(&case)).await?;
        Ok(Self {
            row: rows.pop().unwrap_or_default(),
            case,
            sites,
            members: members.into_iter().map(|site| (site.id, site)).collect(),
            tree,
        })
    }

    /// Whether this person may take it back, as far as is known without asking the entry.
    fn can_be_lifted(&self, at: &AtDesk) -> bool {
        at.user.may(Right::Recall) && !self.row.erase && self.row.lifted.is_none()
    }
}

async fn page(at: &AtDesk, case: Case, why: String, errors: FormErrors) -> Result<RecallPage> {
    let contacts = contact_record::all(at.site.db.reader()).await?;
    let rows = case
        .sites
        .iter()
        .map(|one| site_row(at, &case, one, contacts.get(&one.site_id)));
    let path = path_of(case.case.event_id);
    let mut desk = at.desk("Tình trạng thu hồi", recalls::PATH).await?;
    desk.breadcrumb = vec![Link::new("Thu hồi", recalls::PATH)];
    Ok(RecallPage {
        desk,
        sites: rows.collect(),
        csv_url: format!("{path}/bao-cao.csv"),
        xlsx_url: format!("{path}/bao-cao.xlsx"),
        lift_url: case.can_be_lifted(at).then_some(path),
        row: case.row,
        why,
        errors,
    })
}

fn site_row(
    at: &AtDesk,
    case: &Case,
    one: &progress::Model,
    contact: Option<&contact_record::Model>,
) -> RecallSiteRow {
    let site = case.members.get(&one.site_id);
    let is_foreign = site.is_some_and(site_record::Model::is_feed);
    let is_open = one.gone_at.is_none();
    let since = at.site.clock.now() - shared::clock::from_millis(case.case.ordered_at);
    let missing = match since.num_minutes() {
        ..1 => "chưa".to_owned(),
        _ => format!("chưa, đã {}", vietnamese::ago(since)),
    };
    let step = |label: &str, done: Option<i64>, can: bool| RecallStep {
        label: label.to_owned(),
        at: done.map(cards::moment),
        missing: match can {
            true => missing.clone(),
            false => "không nhận được lệnh".to_owned(),
        },
    };
    let contact = contact.filter(|_| is_open);
    RecallSiteRow {
        name: site.map_or_else(
            || one.site_id.to_string(),
            |site| cards::capitalised(&case.tree.name_of(site.unit_id)),
        ),
        url: site.map(|site| site.base_url.clone()).unwrap_or_default(),
        steps: vec![
            step("Đã gửi", one.sent_at, !is_foreign),
            step("Đã nhận", one.received_at, !is_foreign),
            step("Đã gỡ", one.applied_at, !is_foreign),
            step("Đã sạch", one.gone_at, true),
        ],
        seen: one.seen.clone(),
        looked: one.looked_at.map(cards::moment),
        is_open,
        responsible: contact.and_then(|contact| contact.responsible.clone()),
        phone: contact.and_then(|contact| contact.phone.clone()),
    }
}
