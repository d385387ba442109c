//! `/quan-tri/nguoi-doc`: which pages readers find least useful.

use super::around::AtDesk;
use super::drafts::path_of;
use crate::entries::listing;
use crate::error::Result;
use crate::newsroom::draft;
use crate::pages::cards;
use crate::pages::templates::{ReadersSayPage, ReadersSayRow};
use crate::readership::usefulness;
use crate::vietnamese;
use axum::response::Response;
use chrono::Days;
use std::collections::HashMap;

pub(super) const PATH: &str = "/quan-tri/nguoi-doc";
/// Over how many days it goes, today among them.
const DAYS: u64 = 90;
/// How many pages are listed.
const MOST: usize = 20;

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    let ranked = usefulness::least_useful(usefulness::since(db, first).await?, MOST);
    let ids: Vec<_> = ranked.iter().map(|(entry, _)| *entry).collect();
    let listed = listing::find_many(db, &ids).await?;
    let listed: HashMap<_, _> = listed
        .into_iter()
        .map(|one| (one.entry.entry_id, one))
        .collect();
    let mut rows = Vec::new();
    for (entry, verdicts) in ranked {
        let Some(one) = listed.get(&entry) else {
            continue;
        };
        // What came from elsewhere is not mended here.
        let own = draft::of_entry(db, entry).await?;
        let own = own.filter(|draft| at.sees(draft));
        rows.push(ReadersSayRow {
            title: one.title().to_owned(),
            url: one.entry.path(),
            kind: one.entry.kind().label(),
            published: cards::moment(one.entry.published_at),
            useful: vietnamese::grouped(verdicts.useful),
            useless: vietnamese::grouped(verdicts.useless),
            edit_url: own.map(|draft| path_of(draft.id)),
        });
    }
    at.answer(&ReadersSayPage {
        desk: at.desk("Người đọc nói gì", PATH).await?,
        days: DAYS,
        rows,
    })
}
