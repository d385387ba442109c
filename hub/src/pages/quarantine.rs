//! `/quan-tri/cach-ly`: what a revocation left without effect, to be trusted again or left.

use crate::members::keys;
use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use sea_orm::EntityTrait;
use serde::Deserialize;
use shared::directory::{revocation, site_record};
use shared::error::{Error, Result};
use shared::log::{EventKind, event};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, PAGE, offset, pagination};
use shared::pages::templates::QuarantinePage;
use shared::pages::view::QuarantineRow;

/// The page.
pub(super) const PATH: &str = "/quan-tri/cach-ly";

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let total = revocation::count_held(db).await?;
    let today = shared::vietnamese::local(at.site.clock.now()).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let mut rows = Vec::new();
    for held in revocation::held(db, offset(asked.trang), PAGE).await? {
        let event = event::Entity::find_by_id(held.event_id).one(db).await?;
        let Some(event) = event else {
            continue;
        };
        let site = site_record::find(db, held.site_id).await?;
        rows.push(QuarantineRow {
            id: held.event_id.to_string(),
            unit: site.map_or_else(
                || held.site_id.to_string(),
                |site| tree.name_of(site.unit_id),
            ),
            title: revocation::title_of(db, &event)
                .await?
                .unwrap_or_else(|| "Không có tiêu đề".to_owned()),
            kind: in_words(EventKind::parse(&event.kind)).to_owned(),
            at: cards::moment(event.received_at),
        });
    }
    at.answer(&QuarantinePage {
        desk: at.desk("Mục bị cách ly", PATH).await?,
        action: PATH.to_owned(),
        rows,
        pagination: pagination(PATH, &[], asked.trang.max(1), total),
    })
}

fn in_words(kind: Option<EventKind>) -> &'static str {
    match kind {
        Some(EventKind::EntryPublished) => "đăng bài",
        Some(EventKind::EntryRevised) => "sửa bài",
        Some(EventKind::EntryWithdrawn) => "gỡ bài",
        Some(EventKind::LetterReview) => "thư về một bài",
        _ => "sự kiện khác",
    }
}

/// What a row's buttons send.
#[derive(Debug, Deserialize)]
pub(super) struct Decided {
    csrf: String,
    id: i64,
    action: String,
}

pub(super) async fn decide(at: AtDesk, Form(decided): Form<Decided>) -> Result<Response> {
    at.user.check_form(&decided.csrf)?;
    let by = &at.user.actor();
    match decided.action.as_str() {
        "release" => keys::release(&at.site, decided.id, by).await?,
        "leave" => keys::leave(&at.site, decided.id, by).await?,
        _ => return Err(Error::NotFound),
    }
    Ok(Redirect::to(PATH).into_response())
}
