//! `/tim-kiem`: what is shown here and holds the words, with marks or without.

use super::cards::{self, Cards};
use super::frame::Around;
use super::highlight;
use super::templates::SearchPage;
use super::view::{FilterLink, Fragment, Link, Pagination, SearchHit};
use super::visit::Visit;
use crate::entries::listing::{self, Listed};
use crate::entries::search::{self, Found};
use crate::entries::{Kind, body};
use crate::error::Result;
use crate::log::content;
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// How many results a page lists.
const PAGE: u64 = 10;
/// How much of what is typed is looked at, in letters.
const LONGEST: usize = 200;
/// The last page that can be asked for: beyond it, other words help more.
const LAST_PAGE: u32 = 100;

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The words.
    #[serde(default)]
    q: String,
    /// Only this kind, as in the addresses of its pages.
    loai: Option<String>,
    /// The page, from 1.
    trang: Option<u32>,
}

impl Asked {
    fn kind(&self) -> Option<Kind> {
        let path = self.loai.as_deref()?;
        Kind::ALL.into_iter().find(|kind| kind.path() == path)
    }
}

/// The page.
pub async fn show(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let typed: String = asked.q.trim().chars().take(LONGEST).collect();
    let kind = asked.kind();
    let current = asked.trang.unwrap_or(1).clamp(1, LAST_PAGE);
    let db = site.db.reader();
    let query = search::Query {
        words: typed.clone(),
        kind: kind.map(|kind| kind.as_str().to_owned()),
        offset: u64::from(current - 1) * PAGE,
        limit: PAGE,
        ..search::Query::default()
    };
    let found = search::find(db, &query).await?;
    let counts = search::count_by_kind(db, &query).await?;

    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Tìm kiếm", "/tim-kiem");
    if !typed.is_empty() {
        around.frame.head.title = format!("Tìm “{typed}”");
    }
    around.frame.head.noindex = true;
    around.frame.query.clone_from(&typed);
    let total = found.total;
    let last = u32::try_from(total.div_ceil(PAGE))
        .unwrap_or(LAST_PAGE)
        .min(LAST_PAGE);
    let suggestion = match total {
        0 => fewer_words(&site, &typed).await?,
        _ => None,
    };
    let page = SearchPage {
        total: amount(&found),
        hits: hits(&site, &around, found, &search::words(&typed)).await?,
        filters: filters(&typed, kind, counts.as_ref()),
        suggestion,
        pagination: Pagination::new(current, last, |number| address(&typed, kind, number)),
        frame: around.frame,
    };
    visit.answer(&page)
}

async fn hits(
    site: &Site,
    around: &Around,
    found: Found,
    words: &[String],
) -> Result<Vec<SearchHit>> {
    let db = site.db.reader();
    let ids: Vec<_> = found.entries.iter().map(|entry| entry.entry_id).collect();
    let listed = listing::find_many(db, &ids).await?;
    let mut listed: HashMap<_, _> = listed
        .into_iter()
        .map(|one| (one.entry.entry_id, one))
        .collect();
    // Back into the order of the search.
    let listed: Vec<_> = ids.iter().filter_map(|id| listed.remove(id)).collect();
    let hashes = listed
        .iter()
        .filter_map(|one| one.entry.content_hash.clone())
        .collect();
    let contents = content::read_many(db, hashes).await?;
    let cards = Cards::of(site, &around.sections, &listed).await?;
    let hit = |one: &Listed| {
        let content = one.entry.content_hash.as_ref();
        let content = content.and_then(|hash| contents.get(hash));
        SearchHit {
            url: one.entry.path(),
            title: highlight::marked(one.title(), words),
            excerpt: excerpt(one, content, words),
            kind: one.entry.kind().label().to_owned(),
            section: cards.section(one),
            published: cards::moment(one.entry.published_at),
            origin: cards.origin(one),
        }
    };
    Ok(listed.iter().map(hit).collect())
}

/// Where the words stand: in the lead, or else in what was asked or in the body; the lead as it is where they stand in
/// neither, as with the number of a document.
fn excerpt(listed: &Listed, content: Option<&Vec<u8>>, words: &[String]) -> Vec<Fragment> {
    let lead = listed.lead().unwrap_or_default();
    highlight::excerpt(lead, words)
        .or_else(|| {
            let content: serde_json::Value = serde_json::from_slice(content?).ok()?;
            let asked = content.pointer("/_entry/question/asked");
            let asked = asked.and_then(|asked| asked.as_str());
            let body = || {
                let html = content.get("content_html")?.as_str()?;
                highlight::excerpt(&body::plain_text(html), words)
            };
            asked
                .and_then(|asked| highlight::excerpt(asked, words))
                .or_else(body)
        })
        .unwrap_or_else(|| highlight::marked(lead, &[]))
}

/// `12`, or `hơn 1.000` where nobody counted further.
fn amount(found: &Found) -> String {
    let total = vietnamese::grouped(i64::try_from(found.total).unwrap_or(i64::MAX));
    match found.is_more {
        true => format!("hơn {total}"),
        false => total,
    }
}

/// All kinds, then those with any result; where there are too many to count, every kind and no numbers.
fn filters(
    typed: &str,
    current: Option<Kind>,
    counts: Option<&HashMap<String, i64>>,
) -> Vec<FilterLink> {
    if typed.is_empty() || counts.is_some_and(HashMap::is_empty) {
        return Vec::new();
    }
    let link = |label: &str, kind: Option<Kind>, count: Option<i64>| FilterLink {
        label: label.to_owned(),
        url: address(typed, kind, 1),
        count: count.map(vietnamese::grouped).unwrap_or_default(),
        current: kind == current,
    };
    let kinds = Kind::ALL.into_iter().filter_map(|kind| match counts {
        None => Some(link(kind.label(), Some(kind), None)),
        Some(counts) => {
            let count = *counts.get(kind.as_str())?;
            Some(link(kind.label(), Some(kind), Some(count)))
        }
    });
    let all = counts.map(|counts| counts.values().sum());
    std::iter::once(link("Tất cả", None, all))
        .chain(kinds)
        .collect()
}

/// The same without one of its words, whichever leaves the most to be found.
async fn fewer_words(site: &Site, typed: &str) -> Result<Option<Link>> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    if !(2..=6).contains(&words.len()) {
        return Ok(None);
    }
    let mut best: Option<(u64, String)> = None;
    for left_out in 0..words.len() {
        let mut fewer = words.clone();
        fewer.remove(left_out);
        let fewer = fewer.join(" ");
        let query = search::Query {
            words: fewer.clone(),
            ..search::Query::default()
        };
        let count = search::find(site.db.reader(), &query).await?.total;
        if count > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((count, fewer));
        }
    }
    Ok(best.map(|(_, fewer)| {
        let url = address(&fewer, None, 1);
        Link::new(fewer, url)
    }))
}

fn address(typed: &str, kind: Option<Kind>, page: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", typed);
    if let Some(kind) = kind {
        query.append_pair("loai", kind.path());
    }
    if page > 1 {
        query.append_pair("trang", &page.to_string());
    }
    format!("/tim-kiem?{}", query.finish())
}
