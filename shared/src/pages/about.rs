//! `/gioi-thieu`: the standing pages, by the sections a portal must have.

use super::cards;
use super::frame::Around;
use super::templates::{AboutGroup, AboutLine, AboutPage};
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::listing::{self, Filter, Listed};
use crate::error::{Error, Result};
use crate::site::Site;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The section they lie in.
const ABOUT: &str = "gioi-thieu";
/// Most pages of one section.
const MOST: u64 = 100;

/// `/gioi-thieu`: all of them.
pub async fn all(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Giới thiệu", "/gioi-thieu");
    around.lies_in(ABOUT);
    let mut groups = vec![AboutGroup {
        heading: String::new(),
        pages: lines(&pages(&site, vec![ABOUT.to_owned()]).await?),
        is_awaited: false,
    }];
    let sections: Vec<_> = around.sections.children(ABOUT).cloned().collect();
    for section in sections.into_iter().filter(|section| !section.hidden) {
        let below = around.sections.with_below(&section.code);
        groups.push(AboutGroup {
            pages: lines(&pages(&site, below).await?),
            heading: section.name,
            is_awaited: section.mandatory,
        });
    }
    groups.retain(|group| !group.pages.is_empty() || group.is_awaited);
    let page = AboutPage {
        heading: "Giới thiệu".to_owned(),
        groups,
        frame: around.frame,
    };
    visit.answer(&page)
}

/// `/gioi-thieu/{section}`: the page of a section, or those it has.
pub async fn section(
    State(site): State<Arc<Site>>,
    Path(code): Path<String>,
    visit: Visit,
) -> Result<Response> {
    let mut around = Around::load(&site, &visit).await?;
    let lies_here = around.sections.chain(&code).any(|one| one.code == ABOUT);
    let name = around.sections.get(&code).map(|one| one.name.clone());
    let Some(name) = name.filter(|_| lies_here && code != ABOUT) else {
        return Err(Error::NotFound);
    };
    let found = pages(&site, around.sections.with_below(&code)).await?;
    if let [only] = found.as_slice() {
        let headers = [
            (header::LOCATION, only.entry.path()),
            (header::CACHE_CONTROL, "no-cache".to_owned()),
        ];
        return Ok((StatusCode::FOUND, headers).into_response());
    }
    around.is_page(&name, &format!("/gioi-thieu/{code}"));
    around.lies_in(&code);
    let page = AboutPage {
        heading: name,
        groups: vec![AboutGroup {
            heading: String::new(),
            pages: lines(&found),
            is_awaited: true,
        }],
        frame: around.frame,
    };
    visit.answer(&page)
}

async fn pages(site: &Site, sections: Vec<String>) -> Result<Vec<Listed>> {
    let filter = Filter {
        sections,
        ..Filter::of_kind(Kind::Page)
    };
    listing::newest(site.db.reader(), &filter, 0, MOST).await
}

fn lines(listed: &[Listed]) -> Vec<AboutLine> {
    let line = |one: &Listed| AboutLine {
        url: one.entry.path(),
        title: one.title().to_owned(),
        lead: one.lead().map(str::to_owned),
        reviewed: one
            .entry
            .fields()
            .and_then(|fields| fields.reviewed_on)
            .map(cards::day),
    };
    listed.iter().map(line).collect()
}
