//! `/du-thao`: what is open to comment, and what was.

use super::cards::{self, Cards};
use super::frame::Around;
use super::kind_parts;
use super::templates::{ConsultationLine, ConsultationsPage};
use super::view::Leaf;
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::kinds::consultation::Stage;
use crate::entries::listing::{self, Filter};
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// How many a page lists.
const PAGE: u64 = 20;
const PATH: &str = "/du-thao";

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    trang: Option<u32>,
}

/// The page. By their last days, those that are open come before those that are over.
pub async fn list(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let filter = Filter::of_kind(Kind::Consultation);
    let count = listing::count(db, &filter).await?;
    let leaf = Leaf::of(asked.trang, count, PAGE).ok_or(Error::NotFound)?;
    let listed = listing::latest_end(db, &filter, leaf.offset, PAGE).await?;
    let address = |number: u32| match number {
        1 => PATH.to_owned(),
        _ => format!("{PATH}?trang={number}"),
    };
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Dự thảo lấy ý kiến", &address(leaf.number));
    let cards = Cards::of(&site, &around.sections, &listed).await?;
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for one in &listed {
        let fields = one.entry.fields().and_then(|fields| fields.consultation);
        let fields = fields.unwrap_or_default();
        let stage = fields.stage(today);
        let line = ConsultationLine {
            entry: cards.entry(one),
            stage: kind_parts::stage(stage),
            closes: cards::day(fields.closes_on),
        };
        match stage {
            Stage::Closed => closed.push(line),
            Stage::Open { .. } | Stage::Coming => open.push(line),
        }
    }
    // Whoever wants to say something looks for what closes first.
    open.reverse();
    let page = ConsultationsPage {
        open,
        closed,
        pagination: leaf.pagination(address),
        frame: around.frame,
    };
    visit.answer(&page)
}
