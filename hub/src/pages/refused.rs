//! `/quan-tri/tu-choi`: what was not taken, by us or by a member, and why.

use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::accounts::Right;
use shared::entries::record;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::RefusedPage;
use shared::pages::view::{Pagination, RefusedRow};
use shared::sync::cursor::Direction;
use shared::sync::refusal;
use shared::vietnamese::grouped;

/// The page.
pub(super) const PATH: &str = "/quan-tri/tu-choi";
/// Rows on one page.
const PAGE: u64 = 30;

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    at.user.require(Right::SeeSync)?;
    let db = at.site.db.reader();
    let total = refusal::count(db).await?;
    let last = u32::try_from(total.div_ceil(PAGE))
        .unwrap_or(u32::MAX)
        .max(1);
    let page = asked.trang.clamp(1, last);
    let today = shared::vietnamese::local(at.site.clock.now()).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let mut rows = Vec::new();
    for refused in refusal::page(db, u64::from(page - 1) * PAGE, PAGE).await? {
        let unit = shared::directory::site_record::find(db, refused.site_id).await?;
        let sender = unit.map_or_else(
            || refused.site_id.to_string(),
            |site| tree.name_of(site.unit_id),
        );
        let is_ours = refused.direction == Direction::Out.as_str();
        let title = match refused.entry_id {
            Some(entry) => record::find(db, entry).await?.map(|entry| entry.title),
            None => None,
        };
        rows.push(RefusedRow {
            id: refused.id.to_string(),
            sender: if is_ours {
                format!("{sender} từ chối mục của cổng này")
            } else {
                sender
            },
            place: format!("nhật ký, số {}", grouped(refused.seq)),
            title,
            reason: refused.detail,
            problem: refused.reason,
            at: cards::moment(refused.at),
            retryable: false,
        });
    }
    at.answer(&RefusedPage {
        desk: at.desk("Mục bị từ chối", PATH).await?,
        action: PATH.to_owned(),
        rows,
        pagination: Pagination::new(page, last, |number| format!("{PATH}?trang={number}")),
    })
}

/// What a row's button sends.
#[derive(Debug, Deserialize)]
pub(super) struct Dismissed {
    csrf: String,
    id: i64,
}

pub(super) async fn dismiss(at: AtDesk, Form(dismissed): Form<Dismissed>) -> Result<Response> {
    at.user.require(Right::ManageMembers)?;
    at.user.check_form(&dismissed.csrf)?;
    at.site
        .db
        .write(move |tx| Box::pin(async move { refusal::dismiss(tx, dismissed.id).await }))
        .await?;
    Ok(Redirect::to(PATH).into_response())
}
