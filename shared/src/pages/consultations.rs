//! `/du-thao` and `/binh-chon`: what is open until a day, and what was.

use super::cards::{self, Cards};
use super::frame::Around;
use super::kind_parts;
use super::templates::{ConsultationLine, ConsultationWords, ConsultationsPage};
use super::view::Leaf;
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::kinds::consultation::Stage;
use crate::entries::listing::{self, Filter, Listed};
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::Arc;

/// How many a page lists.
const PAGE: u64 = 20;

/// What one of the pages lists, and what it says.
struct List {
    kind: Kind,
    path: &'static str,
    words: ConsultationWords,
}

const DRAFTS: List = List {
    kind: Kind::Consultation,
    path: "/du-thao",
    words: ConsultationWords {
        name: "Dự thảo lấy ý kiến",
        open: "Đang lấy ý kiến",
        nothing: "Hiện không có dự thảo nào đang lấy ý kiến.",
        other: ("Bình chọn", "/binh-chon"),
    },
};

const POLLS: List = List {
    kind: Kind::Poll,
    path: "/binh-chon",
    words: ConsultationWords {
        name: "Bình chọn",
        open: "Đang nhận bình chọn",
        nothing: "Hiện không có cuộc bình chọn nào.",
        other: ("Dự thảo lấy ý kiến", "/du-thao"),
    },
};

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    trang: Option<u32>,
}

/// The drafts that are open to comment.
pub async fn list(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    answer(&site, &asked, &visit, &DRAFTS).await
}

/// The polls.
pub async fn polls(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    answer(&site, &asked, &visit, &POLLS).await
}

/// The page. By their last days, those that are open come before those that are over.
async fn answer(site: &Arc<Site>, asked: &Asked, visit: &Visit, list: &List) -> Result<Response> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let filter = Filter::of_kind(list.kind);
    let count = listing::count(db, &filter).await?;
    let leaf = Leaf::of(asked.trang, count, PAGE).ok_or(Error::NotFound)?;
    let listed = listing::latest_end(db, &filter, leaf.offset, PAGE).await?;
    let address = |number: u32| match number {
        1 => list.path.to_owned(),
        _ => format!("{}?trang={number}", list.path),
    };
    let mut around = Around::load(site, visit).await?;
    around.is_page(list.words.name, &address(leaf.number));
    let cards = Cards::of(site, &around.sections, &listed).await?;
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for one in &listed {
        let Some((stage, closes_on)) = stands(one, today) else {
            continue;
        };
        let line = ConsultationLine {
            entry: cards.entry(one),
            stage: kind_parts::stage(stage),
            closes: cards::day(closes_on),
        };
        match stage {
            Stage::Closed => closed.push(line),
            Stage::Open { .. } | Stage::Coming => open.push(line),
        }
    }
    // Whoever wants to say something looks for what closes first.
    open.reverse();
    let page = ConsultationsPage {
        words: list.words,
        open,
        closed,
        pagination: leaf.pagination(address),
        frame: around.frame,
    };
    visit.answer(&page)
}

/// Where an entry stands, and its last day.
fn stands(listed: &Listed, today: NaiveDate) -> Option<(Stage, NaiveDate)> {
    let fields = listed.entry.fields()?;
    if let Some(draft) = fields.consultation {
        return Some((draft.stage(today), draft.closes_on));
    }
    let poll = fields.poll?;
    Some((poll.stage(today), poll.closes_on))
}
