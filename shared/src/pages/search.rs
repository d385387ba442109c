//! `/tim-kiem`: what is shown here and holds the words, with marks or without.

use super::cards::{self, Cards};
use super::frame::Around;
use super::highlight;
use super::templates::SearchPage;
use super::view::{Choice, FilterLink, Fragment, Link, Pagination, SearchHit};
use super::visit::Visit;
use crate::directory::site_record;
use crate::entries::listing::{self, Listed};
use crate::entries::search::{self, Found};
use crate::entries::{Kind, body, section};
use crate::error::Result;
use crate::log::content;
use crate::site::Site;
use crate::sync::peer;
use crate::vietnamese;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use url::form_urlencoded;
use uuid::Uuid;

/// Where it is.
const PATH: &str = "/tim-kiem";
/// How many results a page lists.
const PAGE: u64 = 10;
/// How much of what is typed is looked at, in letters.
const LONGEST: usize = 200;
/// The last page that can be asked for: beyond it, other words help more.
const LAST_PAGE: u32 = 100;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The words.
    q: String,
    /// Only this kind, as in the addresses of its pages.
    loai: String,
    /// Only in this section.
    muc: String,
    /// Only by this unit.
    #[serde(rename = "don-vi")]
    don_vi: String,
    /// Only from this day on.
    tu: String,
    /// Only until this day.
    den: String,
    /// The page, from 1.
    trang: Option<u32>,
}

impl Asked {
    fn kind(&self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.path() == self.loai)
    }

    fn unit(&self) -> Option<Uuid> {
        self.don_vi.parse().ok()
    }

    /// Whether the form narrows the results; a kind is chosen beside them.
    fn is_narrowed(&self) -> bool {
        [&self.muc, &self.don_vi, &self.tu, &self.den]
            .into_iter()
            .any(|part| !part.is_empty())
    }

    /// The same words and nothing else.
    fn widened(&self) -> Self {
        Self {
            q: self.q.clone(),
            ..Self::default()
        }
    }

    fn of_kind(&self, kind: Option<Kind>) -> Self {
        Self {
            loai: kind.map(Kind::path).unwrap_or_default().to_owned(),
            ..self.clone()
        }
    }

    fn with_words(&self, words: &str) -> Self {
        Self {
            q: words.to_owned(),
            ..self.clone()
        }
    }

    fn query(&self, sections: &section::Tree) -> search::Query {
        let sections = match self.muc.as_str() {
            "" => Vec::new(),
            code => match sections.with_below(code) {
                // A section that is not here holds nothing.
                none if none.is_empty() => vec![code.to_owned()],
                some => some,
            },
        };
        search::Query {
            words: self.q.clone(),
            kind: self.kind().map(|kind| kind.as_str().to_owned()),
            sections,
            unit: self.unit(),
            from: day(&self.tu).and_then(begins),
            until: day(&self.den)
                .and_then(|day| day.succ_opt())
                .and_then(begins),
            offset: 0,
            limit: PAGE,
        }
    }

    /// The address of page `number` of the same question.
    fn page(&self, number: u32) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q);
        for (name, value) in [
            ("loai", &self.loai),
            ("muc", &self.muc),
            ("don-vi", &self.don_vi),
            ("tu", &self.tu),
            ("den", &self.den),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if number > 1 {
            query.append_pair("trang", &number.to_string());
        }
        format!("{PATH}?{}", query.finish())
    }
}

/// A day as a field for days sends it, or as people here write it where the browser has no such field.
fn day(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d/%m/%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text.trim(), form).ok())
}

fn begins(day: NaiveDate) -> Option<i64> {
    let midnight = vietnamese::from_local(day.and_hms_opt(0, 0, 0)?)?;
    Some(midnight.timestamp_millis())
}

/// The page.
pub async fn show(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let typed: String = asked.q.trim().chars().take(LONGEST).collect();
    let asked = asked.with_words(&typed);
    let current = asked.trang.unwrap_or(1).clamp(1, LAST_PAGE);
    let db = site.db.reader();
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Tìm kiếm", PATH);
    if !typed.is_empty() {
        around.frame.head.title = visit.display.language.say("Tìm “{}”", &[&typed]);
    }
    around.frame.head.noindex = true;
    around.frame.query.clone_from(&typed);

    let query = search::Query {
        offset: u64::from(current - 1) * PAGE,
        ..asked.query(&around.sections)
    };
    let mut found = search::find(db, &query).await?;
    let is_empty = found.total == 0;
    let meant = match found.total {
        0..=search::FEW => search::nearest(db, &query, found.total).await?,
        _ => None,
    };
    // What was meant is shown at once where nothing else is.
    let shown = match &meant {
        Some(words) if is_empty => {
            let shown = asked.with_words(words);
            found = search::find(db, &shown.query(&around.sections)).await?;
            shown
        }
        _ => asked.clone(),
    };
    let counts = search::count_by_kind(db, &shown.query(&around.sections)).await?;
    let suggestion = match found.total {
        0 => fewer_words(&site, &asked).await?,
        _ => None,
    };
    let last = u32::try_from(found.total.div_ceil(PAGE))
        .unwrap_or(LAST_PAGE)
        .min(LAST_PAGE);
    let page = SearchPage {
        is_empty,
        total: amount(&found),
        meant: meant.map(|words| Link::new(&words, asked.with_words(&words).page(1))),
        kind: asked.loai.clone(),
        scopes: scopes(&site, &asked).await?,
        sections: sections(&around.sections, &asked.muc),
        units: units(&site, asked.unit()).await?,
        from: asked.tu.clone(),
        until: asked.den.clone(),
        is_narrowed: asked.is_narrowed(),
        widened: asked.widened().page(1),
        hits: hits(&site, &around, found, &search::words(&shown.q)).await?,
        filters: filters(&shown, counts.as_ref()),
        suggestion,
        pagination: Pagination::new(current, last, |number| shown.page(number)),
        frame: around.frame,
    };
    visit.answer(&page)
}

/// This site, and the whole province where there is one above.
async fn scopes(site: &Site, asked: &Asked) -> Result<Vec<FilterLink>> {
    let db = site.db.reader();
    let Some(hub) = peer::upstream(db).await? else {
        return Ok(Vec::new());
    };
    let Some(hub) = site_record::find(db, hub.site_id).await? else {
        return Ok(Vec::new());
    };
    let scope = |label: &str, url: String, current: bool| FilterLink {
        label: label.to_owned(),
        url,
        count: String::new(),
        current,
    };
    // Sections and units have other codes there, or other entries under the same.
    let there = format!("{}{}", hub.base_url, asked.widened().page(1));
    Ok(vec![
        scope("Trang này", asked.page(1), true),
        scope("Toàn tỉnh", there, false),
    ])
}

fn sections(tree: &section::Tree, chosen: &str) -> Vec<Choice> {
    let all = std::iter::once(Choice::new("", "Mọi chuyên mục", chosen.is_empty()));
    let each = tree
        .iter()
        .filter(|section| !section.hidden)
        .map(|section| Choice::new(&section.code, &section.name, section.code == chosen));
    all.chain(each).collect()
}

/// Those units that wrote something shown here, by name; none where there is nothing to choose between.
async fn units(site: &Site, chosen: Option<Uuid>) -> Result<Vec<Choice>> {
    let db = site.db.reader();
    let mut ids = listing::units(db).await?;
    // A site need not have been told of itself.
    if !ids.contains(&site.unit_id) {
        ids.push(site.unit_id);
    }
    if ids.len() < 2 {
        return Ok(Vec::new());
    }
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = crate::units::some_on(db, today, &ids).await?;
    // A unit nobody described has no name to choose it by.
    let mut named: Vec<_> = ids.iter().filter_map(|id| tree.get(*id)).collect();
    named.sort_by_key(|unit| vietnamese::fold(&unit.name));
    let all = std::iter::once(Choice::new("", "Mọi đơn vị", chosen.is_none()));
    let each = named.into_iter().map(|unit| {
        let name = cards::capitalised(&unit.name);
        Choice::new(unit.id.to_string(), name, chosen == Some(unit.id))
    });
    Ok(all.chain(each).collect())
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
            language: one.entry.language.clone(),
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
fn filters(asked: &Asked, counts: Option<&HashMap<String, i64>>) -> Vec<FilterLink> {
    if asked.q.is_empty() || counts.is_some_and(HashMap::is_empty) {
        return Vec::new();
    }
    let current = asked.kind();
    let link = |label: &str, kind: Option<Kind>, count: Option<i64>| FilterLink {
        label: label.to_owned(),
        url: asked.of_kind(kind).page(1),
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
async fn fewer_words(site: &Site, asked: &Asked) -> Result<Option<Link>> {
    let words: Vec<&str> = asked.q.split_whitespace().collect();
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
        let count = search::count_up_to(site.db.reader(), &query, search::MOST).await?;
        if count > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((count, fewer));
        }
    }
    Ok(best.map(|(_, fewer)| {
        let url = asked.widened().with_words(&fewer).page(1);
        Link::new(fewer, url)
    }))
}
