//! `/hoi-dap`: what citizens asked and what they were answered.

use super::cards::{self, Cards};
use super::citizens;
use super::frame::Around;
use super::highlight;
use super::templates::{QuestionLine, QuestionsPage};
use super::view::Leaf;
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::listing::{self, Filter, Listed};
use crate::entries::search;
use crate::error::{Error, Result};
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use url::form_urlencoded;

/// How many a page lists.
const PAGE: u64 = 20;
/// How much of what is typed is looked at, in letters.
const LONGEST: usize = 200;
/// How much of a question the list shows, in letters.
const BEGINNING: usize = 220;
const PATH: &str = "/hoi-dap";

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    trang: Option<u32>,
}

/// The page: the newest first, or what holds the words that were typed.
pub async fn list(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let typed: String = asked.q.trim().chars().take(LONGEST).collect();
    let (leaf, count, listed) = match typed.is_empty() {
        true => newest(&site, asked.trang).await?,
        false => found(&site, &typed, asked.trang).await?,
    };
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Hỏi – Đáp", &address("", leaf.number));
    around.frame.head.noindex = !typed.is_empty();
    let cards = Cards::of(&site, &around.sections, &listed).await?;
    let words = search::words(&typed);
    let line = |one: &Listed| line(&cards, one, &words);
    let page = QuestionsPage {
        // A portal that another shows takes nothing in.
        ask_url: (site.profile.shown_by.is_none()).then(|| citizens::ASK.to_owned()),
        total: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        questions: listed.iter().map(line).collect(),
        pagination: leaf.pagination(|number| address(&typed, number)),
        words: typed,
        frame: around.frame,
    };
    visit.answer(&page)
}

async fn newest(site: &Site, page: Option<u32>) -> Result<(Leaf, u64, Vec<Listed>)> {
    let db = site.db.reader();
    let filter = Filter::of_kind(Kind::Question);
    let count = listing::count(db, &filter).await?;
    let leaf = Leaf::of(page, count, PAGE).ok_or(Error::NotFound)?;
    let listed = listing::newest(db, &filter, leaf.offset, PAGE).await?;
    Ok((leaf, count, listed))
}

async fn found(site: &Site, typed: &str, page: Option<u32>) -> Result<(Leaf, u64, Vec<Listed>)> {
    let db = site.db.reader();
    let query = search::Query {
        words: typed.to_owned(),
        kind: Some(Kind::Question.as_str().to_owned()),
        offset: u64::from(page.unwrap_or(1).saturating_sub(1)) * PAGE,
        limit: PAGE,
        ..search::Query::default()
    };
    let found = search::find(db, &query).await?;
    let leaf = Leaf::of(page, found.total, PAGE).ok_or(Error::NotFound)?;
    let ids: Vec<_> = found.entries.iter().map(|entry| entry.entry_id).collect();
    let listed = listing::find_many(db, &ids).await?;
    let mut listed: HashMap<_, _> = listed
        .into_iter()
        .map(|one| (one.entry.entry_id, one))
        .collect();
    // Back into the order of the search.
    let listed = ids.iter().filter_map(|id| listed.remove(id)).collect();
    Ok((leaf, found.total, listed))
}

fn line(cards: &Cards<'_>, one: &Listed, words: &[String]) -> QuestionLine {
    let fields = one.entry.fields().and_then(|fields| fields.question);
    let fields = fields.unwrap_or_default();
    let whole = fields.paragraphs().join(" ");
    let asked = highlight::excerpt(&whole, words)
        .unwrap_or_else(|| highlight::marked(&fields.beginning(BEGINNING), &[]));
    QuestionLine {
        entry: cards.entry(one),
        asked,
        field: fields.field,
        answerer: fields.answerer,
        answered_on: fields.answered_on.map(cards::day),
    }
}

fn address(typed: &str, page: u32) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !typed.is_empty() {
        query.append_pair("q", typed);
    }
    if page > 1 {
        query.append_pair("trang", &page.to_string());
    }
    match query.finish() {
        query if query.is_empty() => PATH.to_owned(),
        query => format!("{PATH}?{query}"),
    }
}
