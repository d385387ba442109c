//! Lists of entries: `/chuyen-muc/{section}`, and all of one kind at `/tin-tuc` and `/thong-bao`.

use super::cards::{self, Cards};
use super::frame::Around;
use super::templates::SectionPage;
use super::view::{FilterLink, Leaf, Link};
use super::visit::Visit;
use crate::entries::listing::{self, Filter};
use crate::entries::{Kind, section};
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// How many entries a page lists.
const PAGE: u64 = 20;

/// What other sites wrote and this one shows.
pub const FROM_OTHERS_HEADING: &str = "Tin từ các đơn vị khác";
/// Where all of that is listed.
pub const FROM_OTHERS_PATH: &str = "/tin-tuc?nguon=don-vi-khac";

/// Where notices are listed that are over.
const OVER_PATH: &str = "/thong-bao?het-han=1";

/// What the address of a list asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The page, from 1.
    trang: Option<u32>,
    /// `don-vi-khac`: only what other sites wrote.
    nguon: Option<String>,
    /// Anything: only notices that are over.
    #[serde(rename = "het-han")]
    het_han: Option<String>,
}

/// A list before it is drawn.
struct List {
    heading: String,
    /// Its path, and what of the query stays the same on all its pages.
    path: String,
    filter: Filter,
    section: Option<String>,
    subsections: Vec<FilterLink>,
    feeds: Vec<Link>,
}

impl List {
    fn of_kind(kind: Kind, heading: &str, path: &str) -> Self {
        Self {
            heading: heading.to_owned(),
            path: path.to_owned(),
            filter: Filter::of_kind(kind),
            section: None,
            subsections: Vec::new(),
            feeds: Vec::new(),
        }
    }

    /// The path of page `number`.
    fn page(&self, number: u32) -> String {
        match (number, self.path.contains('?')) {
            (1, _) => self.path.clone(),
            (_, true) => format!("{}&trang={number}", self.path),
            (_, false) => format!("{}?trang={number}", self.path),
        }
    }
}

/// `/tin-tuc`
pub async fn news(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let around = Around::load(&site, &visit).await?;
    let mut list = List::of_kind(Kind::Article, "Tin tức", "/tin-tuc");
    list.feeds = feeds("");
    if asked.nguon.as_deref() == Some("don-vi-khac") {
        list.heading = FROM_OTHERS_HEADING.to_owned();
        list.path = FROM_OTHERS_PATH.to_owned();
        list.filter.from_others_than = Some(site.id);
        list.feeds.clear();
    }
    draw(&site, &visit, around, list, asked.trang).await
}

/// `/thong-bao`
pub async fn notices(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let around = Around::load(&site, &visit).await?;
    let now = site.clock.now().timestamp_millis();
    let is_over = asked.het_han.is_some();
    let mut list = List::of_kind(Kind::Notice, "Thông báo", "/thong-bao");
    let link = |label: &str, url: &str, current| FilterLink {
        label: label.to_owned(),
        url: url.to_owned(),
        count: String::new(),
        current,
    };
    list.subsections = vec![
        link("Đang có hiệu lực", "/thong-bao", !is_over),
        link("Đã hết hạn", OVER_PATH, is_over),
    ];
    if is_over {
        list.heading = "Thông báo đã hết hạn".to_owned();
        list.path = OVER_PATH.to_owned();
        list.filter.ended_at = Some(now);
    } else {
        list.filter.in_force_at = Some(now);
    }
    draw(&site, &visit, around, list, asked.trang).await
}

/// `/chuyen-muc/{section}`
pub async fn section(
    State(site): State<Arc<Site>>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let around = Around::load(&site, &visit).await?;
    let heading = match around.sections.get(&code) {
        Some(section) => section.name.clone(),
        None => return Err(Error::NotFound),
    };
    let path = cards::section_path(&code);
    let list = List {
        heading,
        filter: Filter {
            sections: around.sections.with_below(&code),
            in_force_at: Some(site.clock.now().timestamp_millis()),
            ..Filter::default()
        },
        subsections: subsections(&site, &around.sections, &code).await?,
        feeds: feeds(&path),
        section: Some(code),
        path,
    };
    draw(&site, &visit, around, list, asked.trang).await
}

/// The sections within, those that hold anything.
async fn subsections(site: &Site, all: &section::Tree, code: &str) -> Result<Vec<FilterLink>> {
    if all.children(code).next().is_none() {
        return Ok(Vec::new());
    }
    let counts = listing::count_by_section(site.db.reader()).await?;
    let links = all.children(code).filter_map(|child| {
        let within = all.with_below(&child.code);
        let count: i64 = within.iter().filter_map(|code| counts.get(code)).sum();
        (count > 0).then(|| FilterLink {
            label: child.name.clone(),
            url: cards::section_path(&child.code),
            count: vietnamese::grouped(count),
            current: false,
        })
    });
    Ok(links.collect())
}

fn feeds(path: &str) -> Vec<Link> {
    vec![
        Link::new("RSS", format!("{path}/rss")),
        Link::new("Atom", format!("{path}/atom")),
    ]
}

async fn draw(
    site: &Site,
    visit: &Visit,
    mut around: Around,
    list: List,
    asked: Option<u32>,
) -> Result<Response> {
    let db = site.db.reader();
    let count = listing::count(db, &list.filter).await?;
    let leaf = Leaf::of(asked, count, PAGE).ok_or(Error::NotFound)?;
    let found = listing::newest(db, &list.filter, leaf.offset, PAGE).await?;

    around.is_page(&list.heading, &list.page(leaf.number));
    if let Some(code) = &list.section {
        around.lies_in(code);
    }
    if leaf.number > 1 {
        around.frame.head.title = visit.display.language.page_of(&list.heading, leaf.number);
    }
    let cards = Cards::of(site, &around.sections, &found).await?;
    let (documents, entries): (Vec<_>, Vec<_>) = found
        .iter()
        .partition(|one| one.entry.kind() == Kind::Document);
    let page = SectionPage {
        description: None,
        entries: entries.into_iter().map(|one| cards.entry(one)).collect(),
        documents: documents
            .into_iter()
            .map(|one| cards.document(one))
            .collect(),
        pagination: leaf.pagination(|number| list.page(number)),
        heading: list.heading,
        subsections: list.subsections,
        feeds: list.feeds,
        frame: around.frame,
    };
    visit.answer(&page)
}
