//! `/quan-tri/gop-y`: what people say of drafts that are open to comment, draft by draft.

use super::around::{self, AtDesk, PAGE};
use super::cases;
use crate::audit::export::csv_cell;
use crate::audit::{Action, Kind as AuditKind, Subject};
use crate::citizens::case::{self, Filter, Holder, Kind};
use crate::citizens::thread::{Act, Message, State};
use crate::entries::kinds::question::beginning;
use crate::entries::{listing, record};
use crate::error::{Error, Result};
use crate::pages::citizens::units;
use crate::pages::kind_parts;
use crate::pages::templates::{CommentItem, CommentedDraft, CommentedPage, CommentsPage};
use crate::pages::view::{Badge, FilterLink};
use crate::pages::{cards, view::Link};
use crate::vietnamese;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) const PATH: &str = "/quan-tri/gop-y";
pub(super) const DRAFT: &str = "/quan-tri/gop-y/{id}";
pub(super) const TABLE: &str = "/quan-tri/gop-y/{id}/bang.csv";
pub(super) const NAME: &str = "Góp ý dự thảo";

/// How much of a comment a list shows, in letters.
const BEGINNING: usize = 200;
/// Comments read at once for the table.
const SOME: u64 = 100;
/// The lists of comments on a draft, in addresses and in words.
const LISTS: [(&str, &str, &[State]); 4] = [
    ("", "Tất cả", &State::ALL),
    ("cho-xem", "Chờ xem", &State::OPEN),
    ("tiep-thu", "Đã tiếp thu", &[State::Answered]),
    ("khong-tiep-thu", "Không tiếp thu", &[State::Declined]),
];

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    trang: u32,
}

fn filter(at: &AtDesk, entry: Option<Uuid>, states: &[State]) -> Filter {
    Filter {
        kinds: &[Kind::Comment],
        states: states.to_vec(),
        holder: Holder::Is(at.site.unit_id),
        entry,
    }
}

/// How many wait to be looked at.
pub(super) async fn waiting(at: &AtDesk) -> Result<u64> {
    case::count(at.site.db.reader(), &filter(at, None, &State::OPEN)).await
}

pub(super) fn path_of(entry: Uuid) -> String {
    format!("{PATH}/{entry}")
}

/// The drafts, what waits most on top.
pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let db = at.site.db.reader();
    let counted = case::count_by_entry(db, &filter(&at, None, &State::ALL)).await?;
    let mut drafts: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for (entry, state, count) in counted {
        let (waiting, total) = drafts.entry(entry).or_default();
        *total += count;
        if state.is_open() {
            *waiting += count;
        }
    }
    let mut drafts: Vec<_> = drafts.into_iter().collect();
    // Ids are of their time: of those that wait alike, the newest first.
    drafts.sort_by_key(|(entry, (waiting, _))| std::cmp::Reverse((*waiting, *entry)));
    let mut lines = Vec::with_capacity(drafts.len());
    for (entry, (waiting, total)) in drafts {
        let (title, stage) = named(&at, entry).await?;
        lines.push(CommentedDraft {
            url: path_of(entry),
            title,
            stage,
            total: vietnamese::grouped(total),
            waiting: vietnamese::grouped(waiting),
        });
    }
    let page = CommentedPage {
        desk: at.desk(NAME, PATH).await?,
        drafts: lines,
    };
    at.answer(&page)
}

/// What the draft `entry` is called, and whether it is open.
pub(super) async fn named(at: &AtDesk, entry: Uuid) -> Result<(String, Option<Badge>)> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let draft = record::find(at.site.db.reader(), entry).await?;
    // A recall leaves the row without its words, and who took a case over may never have had the draft.
    if let Some(draft) = draft.filter(|draft| !draft.title.is_empty()) {
        let fields = draft.fields().and_then(|fields| fields.consultation);
        let stage = fields.map(|fields| kind_parts::stage(fields.stage(today)));
        return Ok((draft.title, stage));
    }
    Ok(("Một dự thảo không có ở đây".to_owned(), None))
}

/// The comments on one draft.
pub(super) async fn show(
    at: AtDesk,
    Path(entry): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let db = at.site.db.reader();
    let (code, _, states) = LISTS
        .into_iter()
        .find(|(code, _, _)| *code == asked.state)
        .unwrap_or(LISTS[0]);
    let mut links = Vec::new();
    for (other, label, states) in LISTS {
        let count = case::count(db, &filter(&at, Some(entry), states)).await?;
        if other.is_empty() && count == 0 {
            return Err(Error::NotFound);
        }
        let query = Some(("trang-thai", other)).filter(|_| !other.is_empty());
        links.push(FilterLink {
            label: label.to_owned(),
            url: around::address(&path_of(entry), query),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: other == code,
        });
    }
    let chosen = filter(&at, Some(entry), states);
    let total = case::count(db, &chosen).await?;
    let found = case::list(db, &chosen, around::offset(asked.trang), PAGE).await?;
    let mut items = Vec::with_capacity(found.len());
    for case in &found {
        items.push(item(&at, case).await?);
    }
    let (title, _) = named(&at, entry).await?;
    let shown = listing::find(db, entry).await?;
    let shown = shown.filter(listing::Listed::is_shown);
    let mut desk = at.desk(&title, PATH).await?;
    desk.breadcrumb = vec![Link::new(NAME, PATH)];
    let page = CommentsPage {
        desk,
        draft_url: shown.map(|one| one.entry.path()),
        csv_url: TABLE.replace("{id}", &entry.to_string()),
        states: links,
        items,
        pagination: around::pagination(
            &path_of(entry),
            &[("trang-thai", code)],
            asked.trang,
            total,
        ),
    };
    at.answer(&page)
}

async fn item(at: &AtDesk, case: &case::Model) -> Result<CommentItem> {
    let thread = case::of_case(at.site.db.reader(), case.id).await?;
    let names = units::names(&at.site, &[case.origin_unit]).await?;
    let is_from_elsewhere = case.origin_unit != at.site.unit_id;
    Ok(CommentItem {
        url: cases::path_of(case.id),
        who: who(case),
        at: cards::moment(case.asked_at),
        origin: is_from_elsewhere.then(|| units::name_in(&names, case.origin_unit, &at.site)),
        beginning: beginning(&said(&thread, true), BEGINNING),
        state: cases::state(case),
    })
}

fn who(case: &case::Model) -> String {
    let asker = case.asker.clone();
    asker.unwrap_or_else(|| "Người gửi không nêu tên".to_owned())
}

/// What who commented said, or what was answered.
fn said(thread: &[Message], by_asker: bool) -> String {
    let all = thread
        .iter()
        .filter(|message| message.act.is_of_asker() == by_asker && !message.words.is_empty());
    let words: Vec<&str> = all.map(|message| message.words.trim()).collect();
    words.join("\n\n")
}

const COLUMNS: [&str; 9] = [
    "Gửi lúc",
    "Gửi ở trang của",
    "Người gửi",
    "Liên hệ",
    "Ý kiến",
    "Trạng thái",
    "Tiếp thu, giải trình",
    "Trả lời lúc",
    "Người gửi đánh giá",
];

/// All comments on a draft as a table, for the report on what was taken over.
pub(super) async fn table(at: AtDesk, Path(entry): Path<Uuid>) -> Result<Response> {
    let db = at.site.db.reader();
    let all = filter(&at, Some(entry), &State::ALL);
    let total = case::count(db, &all).await?;
    if total == 0 {
        return Err(Error::NotFound);
    }
    // A spreadsheet takes it for UTF-8 by its first sign.
    let mut csv = format!("\u{feff}{}\r\n", COLUMNS.join(","));
    let mut offset = 0;
    while offset < total {
        for case in case::list(db, &all, offset, SOME).await? {
            csv.push_str(&line(&at, &case).await?);
        }
        offset += SOME;
    }
    at.note(
        Action::CommentsExported,
        Subject::of(AuditKind::Entry, entry),
    )
    .await?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"gop-y.csv\""),
        ),
    ];
    Ok((headers, csv).into_response())
}

async fn line(at: &AtDesk, case: &case::Model) -> Result<String> {
    let thread = case::of_case(at.site.db.reader(), case.id).await?;
    let names = units::names(&at.site, &[case.origin_unit]).await?;
    let answered = thread
        .iter()
        .rfind(|message| matches!(message.act, Act::Answered | Act::Declined));
    let rating = case.satisfaction();
    let cells = [
        cards::moment(case.asked_at).text,
        units::name_in(&names, case.origin_unit, &at.site),
        who(case),
        case.contact.clone().unwrap_or_default(),
        said(&thread, true),
        case.kind().state_label(case.state()).to_owned(),
        said(&thread, false),
        answered.map_or_else(String::new, |message| cards::moment(message.at).text),
        rating.map_or("", |rating| rating.label()).to_owned(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    Ok(format!("{}\r\n", cells.join(",")))
}
