//! `/xep-hang`: what the province published of its rankings, for everybody.

use super::period as one;
use crate::ranking::PUBLIC_PAGE;
use crate::ranking::period::{self, State};
use crate::ranking::score::Table;
use crate::ranking::snapshot;
use axum::extract::{Path, Query, State as Held};
use axum::response::Response;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::pages::frame::Around;
use shared::pages::newsroom::around;
use shared::pages::table_file;
use shared::pages::templates::{Grid, PublicRankingPage};
use shared::pages::view::{FilterLink, Link};
use shared::pages::visit::Visit;
use shared::site::Site;
use std::sync::Arc;
use uuid::Uuid;

/// The page.
pub(in crate::pages) const PATH: &str = PUBLIC_PAGE;
/// All that is needed to reckon it again.
pub(in crate::pages) const FILE: &str = "/xep-hang/{period}/so-lieu.json";

/// Which.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Asked {
    ky: String,
    bang: String,
}

async fn published(site: &Site) -> Result<Vec<period::Model>> {
    let all = period::all(site.db.reader()).await?.into_iter();
    Ok(all.filter(|one| one.state() == State::Published).collect())
}

/// Whether anything was published.
pub(in crate::pages) async fn is_there(site: &Site) -> Result<bool> {
    Ok(!published(site).await?.is_empty())
}

pub(in crate::pages) async fn show(
    Held(site): Held<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Xếp hạng", PATH);
    let periods = published(&site).await?;
    let table = Table::parse(&asked.bang).unwrap_or(Table::Total);
    let chosen = match asked.ky.is_empty() {
        true => periods.first(),
        false => {
            let named = periods.iter().find(|one| one.id.to_string() == asked.ky);
            Some(named.ok_or(Error::NotFound)?)
        }
    };
    let Some(chosen) = chosen else {
        return visit.answer(&PublicRankingPage {
            frame: around.frame,
            period: None,
            file: None,
            periods: Vec::new(),
            tables: Vec::new(),
            grid: Grid::default(),
        });
    };
    let board = snapshot::board(site.db.reader(), &site, chosen).await?;
    let id = chosen.id.to_string();
    let mut links = Vec::new();
    for one in &periods {
        let name = one.id.to_string();
        links.push(FilterLink {
            label: one.span()?.label(),
            url: around::address(PATH, [("ky", name.as_str())]),
            count: String::new(),
            current: one.id == chosen.id,
        });
    }
    let tables = one::tables(&board, table, |code| {
        around::address(PATH, [("ky", id.as_str()), ("bang", code)])
    });
    visit.answer(&PublicRankingPage {
        frame: around.frame,
        period: Some(format!(
            "{}, bộ chỉ số {}",
            board.label, board.scheme.version
        )),
        file: Some(Link::new("JSON", FILE.replace("{period}", &id))),
        periods: links,
        tables,
        grid: one::grid(&board, table, None, |_| None),
    })
}

pub(in crate::pages) async fn file(
    Held(site): Held<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Response> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let is_published = published(&site).await?.iter().any(|one| one.id == id);
    let found = snapshot::find(site.db.reader(), id).await?;
    let found = found.filter(|_| is_published).ok_or(Error::NotFound)?;
    Ok(table_file::file(
        "application/json",
        "xep-hang.json",
        found.body.into_bytes(),
    ))
}
