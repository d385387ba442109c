//! `/quan-tri/bai-viet`: what is being written and what was published, by state.

use super::DRAFTS_PATH as PATH;
use super::around::{self, AtDesk, PAGE};
use crate::accounts::account;
use crate::entries::{record, section};
use crate::error::Result;
use crate::newsroom::draft::{self, DraftState};
use crate::pages::cards;
use crate::pages::templates::EntriesPage;
use crate::pages::view::{Badge, DeskEntry, DeskNote, FilterLink, Tone};
use crate::vietnamese;
use axum::extract::Query;
use axum::response::Response;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    q: String,
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let state = DraftState::parse(&asked.state);
    let words: String = asked.q.chars().take(200).collect();
    let filter = draft::Filter {
        state,
        words: words.clone(),
        ..at.drafts()
    };
    let db = at.site.db.reader();
    let (found, total) = draft::list(db, &filter, around::offset(asked.trang), PAGE).await?;
    let query = [
        ("trang-thai", state.map_or("", DraftState::as_str)),
        ("q", words.as_str()),
    ];
    let page = EntriesPage {
        desk: at.desk("Tin, bài", PATH).await?,
        states: states(&at, state).await?,
        entries: lines_of(&at, found).await?,
        pagination: around::pagination(PATH, &query, asked.trang, total),
        query: words.clone(),
    };
    at.answer(&page)
}

async fn states(at: &AtDesk, current: Option<DraftState>) -> Result<Vec<FilterLink>> {
    let mut links = Vec::new();
    for state in std::iter::once(None).chain(DraftState::ALL.map(Some)) {
        let filter = draft::Filter {
            state,
            ..at.drafts()
        };
        let count = draft::count(at.site.db.reader(), &filter).await?;
        links.push(FilterLink {
            label: state.map_or("Tất cả", DraftState::label).to_owned(),
            url: around::address(PATH, state.map(|state| ("trang-thai", state.as_str()))),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: state == current,
        });
    }
    Ok(links)
}

/// Drafts as lists show them.
pub(super) async fn lines_of(at: &AtDesk, drafts: Vec<draft::Model>) -> Result<Vec<DeskEntry>> {
    let db = at.site.db.reader();
    let ids = drafts.iter().map(|draft| draft.entry_id);
    let public: HashMap<Uuid, String> = record::Entity::find()
        .filter(record::Column::EntryId.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .filter(record::Model::is_live)
        .map(|entry| (entry.entry_id, entry.path()))
        .collect();
    let people: HashMap<Uuid, String> = account::list(db)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    let sections = section::Tree::load(db).await?;
    let lines = drafts.into_iter().map(|draft| DeskEntry {
        url: path_of(draft.id),
        state: badge(&draft),
        kind: draft.kind().label().to_owned(),
        section: sections
            .get(&draft.section)
            .map_or_else(|| draft.section.clone(), |section| section.name.clone()),
        author: draft
            .written_by
            .and_then(|id| people.get(&id).cloned())
            .unwrap_or_else(|| draft.authors.clone()),
        changed: cards::moment(draft.updated_at),
        public_url: public.get(&draft.entry_id).cloned(),
        note: note(&draft, "Cần sửa"),
        title: draft.title,
    });
    Ok(lines.collect())
}

/// Where a draft is worked on.
pub(super) fn path_of(id: Uuid) -> String {
    format!("{PATH}/{id}")
}

/// What its author is told: what to mend, under `to_mend`, or why the province took it back.
pub(super) fn note(draft: &draft::Model, to_mend: &str) -> Option<DeskNote> {
    let label = match draft.state() {
        DraftState::Returned => to_mend,
        DraftState::Recalled => "Thu hồi",
        _ => return None,
    };
    Some(DeskNote::new(label, draft.note.clone()?))
}

/// Where a draft is on its way, in a word.
pub(super) fn badge(draft: &draft::Model) -> Badge {
    let state = draft.state();
    let tone = match state {
        DraftState::Writing => Tone::Quiet,
        DraftState::Submitted => Tone::Info,
        DraftState::Returned => Tone::Warning,
        DraftState::Published => Tone::Good,
        DraftState::Withdrawn | DraftState::Recalled => Tone::Bad,
    };
    let is_newer = state == DraftState::Writing && draft.published_rev > 0;
    let word = if is_newer {
        "Nháp bản sửa"
    } else {
        state.label()
    };
    Badge::new(word, tone)
}
