//! `/`: the newest of everything.

use super::cards::Cards;
use super::frame::Around;
use super::json_ld;
use super::section::{FROM_OTHERS_HEADING, FROM_OTHERS_PATH};
use super::templates::FrontPage;
use super::view::{JsonLd, SharedBlock};
use super::visit::Visit;
use crate::entries::Kind;
use crate::entries::listing::{self, Filter, Listed};
use crate::error::Result;
use crate::site::Site;
use axum::extract::State;
use axum::response::Response;
use std::collections::HashMap;
use std::sync::Arc;

/// How many articles stand under the one that leads.
const NEWEST: usize = 6;
/// How many lines a narrow list has.
const LINES: u64 = 6;
/// How many entries of other sites are shown; four fit a row.
const SHARED: usize = 4;
/// How many of the most read are named.
const MOST_READ: usize = 5;

/// The page.
pub async fn show(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let mut around = Around::load(&site, &visit).await?;
    around.frame.head.canonical = Some(site.address("/"));
    around.frame.head.json_ld = Some(JsonLd::new(&json_ld::organisation(&site)));

    let db = site.db.reader();
    let now = site.clock.now().timestamp_millis();
    let articles = Filter::of_kind(Kind::Article);
    let featured = Filter {
        featured: true,
        ..articles.clone()
    };
    let from_others = Filter {
        from_others_than: Some(site.id),
        ..articles.clone()
    };
    let notices = Filter {
        in_force_at: Some(now),
        ..Filter::of_kind(Kind::Notice)
    };
    let documents = Filter::of_kind(Kind::Document);
    let newest = listing::newest(db, &articles, 0, NEWEST as u64 + 1).await?;
    let featured = listing::newest(db, &featured, 0, 1).await?.pop();
    let notices = listing::newest(db, &notices, 0, LINES).await?;
    let documents = listing::newest(db, &documents, 0, LINES).await?;
    let from_others = listing::newest(db, &from_others, 0, (NEWEST + 1 + SHARED) as u64).await?;

    let (leading, newest) = leading(featured, newest);
    let above: Vec<_> = newest
        .iter()
        .chain(&leading)
        .map(|one| one.entry.id)
        .collect();
    let shared: Vec<_> = from_others
        .into_iter()
        .filter(|one| !above.contains(&one.entry.id))
        .take(SHARED)
        .collect();
    let named = leading.iter().chain(&newest).chain(&shared);
    let cards = Cards::of(&site, &around.sections, named).await?;
    let page = FrontPage {
        featured: leading.as_ref().map(|one| cards.entry(one)),
        newest: newest.iter().map(|one| cards.entry(one)).collect(),
        newest_url: "/tin-tuc".to_owned(),
        notices: notices.iter().map(|one| cards.notice(one)).collect(),
        notices_url: "/thong-bao".to_owned(),
        documents: documents.iter().map(|one| cards.document(one)).collect(),
        documents_url: "/van-ban".to_owned(),
        shared: Some(SharedBlock {
            heading: FROM_OTHERS_HEADING.to_owned(),
            url: FROM_OTHERS_PATH.to_owned(),
            entries: shared.iter().map(|one| cards.entry(one)).collect(),
        }),
        most_read: most_read(&site)
            .await?
            .iter()
            .map(|one| cards.notice(one))
            .collect(),
        links: Vec::new(),
        frame: around.frame,
    };
    visit.answer(&page)
}

/// What was read most in the last days, of what is still there to be read. Standing pages are asked for and
/// not chosen; what has ended is announced no longer.
async fn most_read(site: &Site) -> Result<Vec<Listed>> {
    let now = site.clock.now().timestamp_millis();
    let ranked = site.readership.most_read();
    let found = listing::find_many(site.db.reader(), &ranked).await?;
    let mut found: HashMap<_, _> = found
        .into_iter()
        .filter(|one| one.is_shown() && !one.entry.kind().is_standing())
        .filter(|one| one.entry.expires_at.is_none_or(|end| end > now))
        .map(|one| (one.entry.entry_id, one))
        .collect();
    let most = ranked.iter().filter_map(|id| found.remove(id));
    Ok(most.take(MOST_READ).collect())
}

/// The article at the head of the page and those under it: the one the editors chose, or else the
/// newest with a picture among the first few, or else the newest.
fn leading(chosen: Option<Listed>, mut newest: Vec<Listed>) -> (Option<Listed>, Vec<Listed>) {
    let place = match &chosen {
        Some(chosen) => newest
            .iter()
            .position(|one| one.entry.id == chosen.entry.id),
        None => newest
            .iter()
            .take(4)
            .position(|one| {
                one.picture
                    .as_ref()
                    .is_some_and(|picture| picture.is_here())
            })
            .or((!newest.is_empty()).then_some(0)),
    };
    let taken = place.map(|place| newest.remove(place));
    newest.truncate(NEWEST);
    (chosen.or(taken), newest)
}
