//! `/quan-tri/bai-viet`: what is being written and what was published, by state.

use super::DRAFTS_PATH as PATH;
use super::around::{self, AtDesk, PAGE};
use crate::accounts::{Right, account};
use crate::entries::{record, section};
use crate::error::Result;
use crate::newsroom::draft;
use crate::newsroom::workflow::State;
use crate::pages::cards;
use crate::pages::templates::EntriesPage;
use crate::pages::view::{Badge, DeskEntry, DeskNote, FilterLink, Tone};
use crate::readership;
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
    #[serde(rename = "cua-toi")]
    mine: String,
    q: String,
    trang: u32,
}

/// The lists there are, in addresses, in words, and by what they hold.
const LISTS: [(&str, &str, &[State]); 8] = [
    (
        "",
        "Tất cả",
        &[
            State::Draft,
            State::Submitted,
            State::InEdit,
            State::Returned,
            State::PendingApproval,
            State::Approved,
            State::Scheduled,
            State::Published,
            State::Corrected,
            State::Unpublished,
            State::Recalled,
        ],
    ),
    ("nhap", "Nháp", &[State::Draft]),
    ("can-sua", "Cần sửa", &[State::Returned]),
    ("cho-duyet", "Chờ duyệt", &State::WAITING),
    (
        "cho-dang",
        "Đã duyệt, hẹn giờ",
        &[State::Approved, State::Scheduled],
    ),
    ("da-dang", "Đã đăng", &[State::Published, State::Corrected]),
    (
        "da-go",
        "Đã gỡ, bị thu hồi",
        &[State::Unpublished, State::Recalled],
    ),
    ("luu-tru", "Lưu trữ", &[State::Archived]),
];

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let chosen = LISTS.iter().find(|(code, ..)| *code == asked.state);
    let (code, _, states_of) = chosen.unwrap_or(&LISTS[0]);
    let words: String = asked.q.chars().take(200).collect();
    let only_mine = !asked.mine.is_empty();
    let filter = draft::Filter {
        states: states_of.to_vec(),
        words: words.clone(),
        ..drafts_of(&at, only_mine)
    };
    let db = at.site.db.reader();
    let (found, total) = draft::list(db, &filter, around::offset(asked.trang), PAGE).await?;
    let mine = if only_mine { "1" } else { "" };
    let query = [
        ("trang-thai", *code),
        ("cua-toi", mine),
        ("q", words.as_str()),
    ];
    let page = EntriesPage {
        desk: at.desk("Tin, bài", PATH).await?,
        states: states(&at, code, only_mine).await?,
        entries: lines_of(&at, found).await?,
        pagination: around::pagination(PATH, &query, asked.trang, total),
        query: words.clone(),
        state: (*code).to_owned(),
        mine: at.user.may(Right::EditOthers).then_some(only_mine),
    };
    at.answer(&page)
}

fn drafts_of(at: &AtDesk, only_mine: bool) -> draft::Filter {
    let mut filter = at.drafts();
    if only_mine {
        filter.written_by = Some(at.user.id());
    }
    filter
}

async fn states(at: &AtDesk, current: &str, only_mine: bool) -> Result<Vec<FilterLink>> {
    let counts = draft::counts(at.site.db.reader(), &drafts_of(at, only_mine)).await?;
    let links = LISTS.iter().map(|(code, label, states)| {
        let count: i64 = states
            .iter()
            .map(|state| counts.get(state.as_str()).copied().unwrap_or(0))
            .sum();
        let mine = if only_mine { "1" } else { "" };
        let query = [("trang-thai", *code), ("cua-toi", mine)];
        FilterLink {
            label: (*label).to_owned(),
            url: around::address(
                PATH,
                query.into_iter().filter(|(_, value)| !value.is_empty()),
            ),
            count: vietnamese::grouped(count),
            current: *code == current,
        }
    });
    Ok(links.collect())
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
    let views = readership::record::totals_of(db, public.keys().copied()).await?;
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
        views: views
            .get(&draft.entry_id)
            .map(|views| format!("{} lượt xem", vietnamese::grouped(*views))),
        note: note(&draft, "Cần sửa"),
        title: title_of(&draft),
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
        State::Returned => to_mend,
        State::Recalled => "Thu hồi",
        _ => return None,
    };
    Some(DeskNote::new(label, draft.note.clone()?))
}

/// Where a draft is on its way, in a word.
pub(super) fn badge(draft: &draft::Model) -> Badge {
    let state = draft.state();
    let is_newer = state == State::Draft && draft.published_rev > 0;
    let word = if is_newer {
        "Nháp bản sửa"
    } else {
        state.label()
    };
    Badge::new(word, tone(state))
}

/// The colour of a state.
pub(super) fn tone(state: State) -> Tone {
    match state {
        State::Draft | State::Archived => Tone::Quiet,
        State::Submitted | State::InEdit | State::PendingApproval | State::Scheduled => Tone::Info,
        State::Returned => Tone::Warning,
        State::Approved | State::Published | State::Corrected => Tone::Good,
        State::Unpublished | State::Recalled => Tone::Bad,
    }
}

/// The title of a draft, or what stands for it before there is one.
pub(super) fn title_of(draft: &draft::Model) -> String {
    if draft.title.is_empty() {
        "(chưa có tiêu đề)".to_owned()
    } else {
        draft.title.clone()
    }
}
