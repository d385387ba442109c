//! `/thu-vien`: albums and videos.

use super::cards::Cards;
use super::frame::Around;
use super::templates::{GalleryPage, Shelf};
use super::view::{FilterLink, Leaf, Pagination};
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::listing::{self, Filter};
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// How many a page lists; two, three and four fit a row.
const PAGE: u64 = 24;
/// How many of each the page of both lists.
const FIRST: u64 = 8;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    trang: Option<u32>,
}

const SHELVES: [(Kind, &str, &str); 2] = [
    (Kind::Album, "Thư viện ảnh", "/thu-vien/anh"),
    (Kind::Video, "Thư viện video", "/thu-vien/video"),
];

/// `/thu-vien`: the newest of both.
pub async fn both(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let db = site.db.reader();
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Thư viện", "/thu-vien");
    let mut shelves = Vec::new();
    for (kind, heading, url) in SHELVES {
        let listed = listing::newest(db, &Filter::of_kind(kind), 0, FIRST).await?;
        let cards = Cards::of(&site, &around.sections, &listed).await?;
        shelves.push(Shelf {
            heading: heading.to_owned(),
            url: Some(url.to_owned()),
            entries: listed.iter().map(|one| cards.entry(one)).collect(),
        });
    }
    let page = GalleryPage {
        heading: "Thư viện".to_owned(),
        ways: ways(&site, "/thu-vien").await?,
        shelves,
        pagination: Pagination::default(),
        frame: around.frame,
    };
    visit.answer(&page)
}

/// `/thu-vien/anh`
pub async fn albums(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    shelf(&site, &visit, SHELVES[0], asked).await
}

/// `/thu-vien/video`
pub async fn videos(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    shelf(&site, &visit, SHELVES[1], asked).await
}

async fn shelf(
    site: &Site,
    visit: &Visit,
    (kind, heading, path): (Kind, &str, &str),
    asked: Asked,
) -> Result<Response> {
    let db = site.db.reader();
    let filter = Filter::of_kind(kind);
    let count = listing::count(db, &filter).await?;
    let leaf = Leaf::of(asked.trang, count, PAGE).ok_or(Error::NotFound)?;
    let address = |number: u32| match number {
        1 => path.to_owned(),
        _ => format!("{path}?trang={number}"),
    };
    let listed = listing::newest(db, &filter, leaf.offset, PAGE).await?;
    let mut around = Around::load(site, visit).await?;
    around.is_page(heading, &address(leaf.number));
    let cards = Cards::of(site, &around.sections, &listed).await?;
    let page = GalleryPage {
        heading: heading.to_owned(),
        ways: ways(site, path).await?,
        shelves: vec![Shelf {
            heading: String::new(),
            url: None,
            entries: listed.iter().map(|one| cards.entry(one)).collect(),
        }],
        pagination: leaf.pagination(address),
        frame: around.frame,
    };
    visit.answer(&page)
}

async fn ways(site: &Site, current: &str) -> Result<Vec<FilterLink>> {
    let mut links = vec![FilterLink {
        label: "Tất cả".to_owned(),
        url: "/thu-vien".to_owned(),
        count: String::new(),
        current: current == "/thu-vien",
    }];
    for (kind, _, url) in SHELVES {
        let count = listing::count(site.db.reader(), &Filter::of_kind(kind)).await?;
        links.push(FilterLink {
            label: kind.label().to_owned(),
            url: url.to_owned(),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: current == url,
        });
    }
    Ok(links)
}
