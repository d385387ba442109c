//! `/quan-tri/thu-hoi`: what the province recalled, and how far each site has come with it.

use crate::recall::progress::{self, case};
use crate::recall::{self, Order};
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use sea_orm::EntityTrait;
use serde::Deserialize;
use shared::accounts::Right;
use shared::directory::site_record;
use shared::entries::recall as told;
use shared::error::{Error, Result};
use shared::log::event;
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::{RecallFormPage, RecallPage, RecallsPage};
use shared::pages::view::{
    Badge, FormErrors, Link, Pagination, RecallFound, RecallRow, RecallSiteRow, RecallStep, Tone,
};
use shared::screening;
use shared::units::Tree;
use shared::vietnamese;
use uuid::Uuid;

/// The list.
pub(super) const PATH: &str = "/quan-tri/thu-hoi";
/// The form.
pub(super) const NEW: &str = "/quan-tri/thu-hoi/moi";
/// Rows on one page.
const PAGE: u64 = 30;

/// The way from an entry to the form that recalls it.
pub(super) fn link(entry: Uuid) -> Link {
    Link::new("Thu hồi khỏi mọi trang", format!("{NEW}?bai={entry}"))
}

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let total = progress::count_cases(db).await?;
    let last = u32::try_from(total.div_ceil(PAGE))
        .unwrap_or(u32::MAX)
        .max(1);
    let page = asked.trang.clamp(1, last);
    let tree = tree(&at).await?;
    let mut rows = Vec::new();
    for case in progress::cases(db, u64::from(page - 1) * PAGE, PAGE).await? {
        let sites = progress::of_case(db, case.event_id).await?;
        rows.push(row(&at, &tree, &case, &sites).await?);
    }
    at.answer(&RecallsPage {
        desk: at.desk("Thu hồi", PATH).await?,
        order_url: NEW.to_owned(),
        search_url: super::recall_search::PATH.to_owned(),
        may_order: at.user.may(Right::Recall),
        rows,
        pagination: Pagination::new(page, last, |number| format!("{PATH}?trang={number}")),
    })
}

pub(super) async fn one(at: AtDesk, Path(event): Path<String>) -> Result<Response> {
    let event: i64 = event.parse().map_err(|_| Error::NotFound)?;
    let db = at.site.db.reader();
    let case = case::Entity::find_by_id(event)
        .one(db)
        .await?
        .ok_or(Error::NotFound)?;
    let mut sites = progress::of_case(db, event).await?;
    // Those that lack most come first.
    sites.sort_by_key(|one| {
        [one.gone_at, one.applied_at, one.received_at, one.sent_at].map(|done| done.is_some())
    });
    let tree = tree(&at).await?;
    let row = row(&at, &tree, &case, &sites).await?;
    let mut rows = Vec::with_capacity(sites.len());
    for one in &sites {
        rows.push(site_row(&at, &tree, &case, one).await?);
    }
    let mut desk = at.desk("Tình trạng thu hồi", PATH).await?;
    desk.breadcrumb = vec![Link::new("Thu hồi", PATH)];
    at.answer(&RecallPage {
        desk,
        row,
        sites: rows,
    })
}

async fn tree(at: &AtDesk) -> Result<Tree> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    shared::units::tree_on(at.site.db.reader(), today).await
}

async fn row(
    at: &AtDesk,
    tree: &Tree,
    case: &case::Model,
    sites: &[progress::Model],
) -> Result<RecallRow> {
    let told = told::Entity::find_by_id(case.event_id)
        .one(at.site.db.reader())
        .await?;
    let gone = sites.iter().filter(|one| one.gone_at.is_some()).count();
    let tone = match gone == sites.len() {
        true => Tone::Good,
        false => Tone::Warning,
    };
    Ok(RecallRow {
        url: format!("{PATH}/{}", case.event_id),
        title: case.title.clone(),
        unit: tree.name_of(case.unit_id),
        reason: told
            .as_ref()
            .map(|told| told.reason.clone())
            .unwrap_or_default(),
        basis: told.as_ref().and_then(|told| told.basis.clone()),
        erase: told.is_some_and(|told| told.erase),
        at: cards::moment(case.ordered_at),
        by: case.ordered_by.clone(),
        progress: Badge::new(format!("Sạch ở {gone}/{} trang", sites.len()), tone),
    })
}

async fn site_row(
    at: &AtDesk,
    tree: &Tree,
    case: &case::Model,
    one: &progress::Model,
) -> Result<RecallSiteRow> {
    let site = site_record::find(at.site.db.reader(), one.site_id).await?;
    let is_foreign = site.as_ref().is_some_and(site_record::Model::is_feed);
    let since = at.site.clock.now() - shared::clock::from_millis(case.ordered_at);
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
    Ok(RecallSiteRow {
        name: site.as_ref().map_or_else(
            || one.site_id.to_string(),
            |site| cards::capitalised(&tree.name_of(site.unit_id)),
        ),
        url: site.map(|site| site.base_url).unwrap_or_default(),
        steps: vec![
            step("Đã gửi", one.sent_at, !is_foreign),
            step("Đã nhận", one.received_at, !is_foreign),
            step("Đã gỡ", one.applied_at, !is_foreign),
            step("Đã sạch", one.gone_at, true),
        ],
        seen: one.seen.clone(),
        looked: one.looked_at.map(cards::moment),
    })
}

/// What is to be recalled.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meant {
    bai: String,
}

pub(super) async fn begin(at: AtDesk, Query(meant): Query<Meant>) -> Result<Response> {
    let filled = Filled {
        entry: meant.bai,
        ..Filled::default()
    };
    let page = form(&at, filled, FormErrors::default()).await?;
    at.answer(&page)
}

/// What is filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    entry: String,
    reason: String,
    basis: String,
    erase: String,
    confirm: String,
}

pub(super) async fn order(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let mut errors = FormErrors::default();
    let found = recall::find_entry(&at.site, &filled.entry).await?;
    if found.is_none() {
        errors.add("entry", "Không tìm thấy bài này ở cổng tỉnh.");
    }
    if filled.confirm.is_empty() {
        errors.add("confirm", "Hãy đánh dấu để xác nhận.");
    }
    if filled.reason.trim().is_empty() {
        errors.add("reason", "Hãy ghi lý do; bạn đọc sẽ thấy lý do này.");
    }
    let (Some(found), true) = (found, errors.is_empty()) else {
        let page = form(&at, filled, errors).await?;
        return at.answer_again(&page);
    };
    let ordered = carry_out(
        &at,
        found.entry_id,
        &filled.reason,
        &filled.basis,
        !filled.erase.is_empty(),
    );
    match ordered.await {
        Ok(event) => {
            tracing::info!(
                account.login = at.user.account.login,
                entry.id = %found.entry_id,
                "recall ordered"
            );
            Ok(Done::Recalled.then(&format!("{PATH}/{}", event.id)))
        }
        Err(Error::Invalid(lacking)) => {
            let page = form(&at, filled, lacking.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

/// Takes `entry` back everywhere, for whoever is signed in: [`Error::Invalid`] says what the order lacks.
pub(super) async fn carry_out(
    at: &AtDesk,
    entry: Uuid,
    reason: &str,
    basis: &str,
    erase: bool,
) -> Result<event::Model> {
    let order = Order {
        entry,
        reason: reason.to_owned(),
        basis: Some(basis.to_owned()),
        erase,
        by: at.user.account.name.clone(),
        actor: at.user.actor(),
    };
    let ordered = recall::order(&at.site, order).await;
    screening::told(&at.site, at.user.id(), ordered).await
}

async fn form(at: &AtDesk, filled: Filled, errors: FormErrors) -> Result<RecallFormPage> {
    let found = match filled.entry.trim() {
        "" => None,
        meant => recall::find_entry(&at.site, meant).await?,
    };
    let tree = tree(at).await?;
    let mut desk = at.desk("Thu hồi một bài", PATH).await?;
    desk.breadcrumb = vec![Link::new("Thu hồi", PATH)];
    Ok(RecallFormPage {
        desk,
        action: NEW.to_owned(),
        found: found
            .filter(|found| found.is_live())
            .map(|found| RecallFound {
                unit: cards::capitalised(&tree.name_of(found.unit_id)),
                title: found.title,
                url: found.url,
            }),
        entry: filled.entry,
        reason: filled.reason,
        basis: filled.basis,
        erase: !filled.erase.is_empty(),
        errors,
    })
}
