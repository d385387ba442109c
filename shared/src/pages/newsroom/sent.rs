//! `/quan-tri/da-gui`: what became of what we sent to the province.

use super::around::{self, AtDesk, PAGE};
use super::drafts;
use crate::error::Result;
use crate::newsroom::draft;
use crate::newsroom::sent::{self, Sent, Way};
use crate::pages::cards;
use crate::pages::templates::SentPage;
use crate::pages::view::{FilterLink, SentItem, StepState, WayStep};
use crate::vietnamese;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

const PATH: &str = "/quan-tri/da-gui";
/// How far back the list goes.
const MOST: u64 = 1_000;

/// The lists there are, in addresses and in words.
const STATES: [(Only, &str, &str); 4] = [
    (Only::All, "", "Tất cả"),
    (Only::UnderWay, "dang-gui", "Đang đi"),
    (Only::Accepted, "da-dang", "Đã đăng trên cổng tỉnh"),
    (Only::Returned, "tra-lai", "Trả lại"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    All,
    UnderWay,
    Accepted,
    Returned,
}

impl Only {
    fn holds(self, way: &Way) -> bool {
        match self {
            Self::All => true,
            Self::UnderWay => matches!(way, Way::Waiting | Way::Received),
            Self::Accepted => matches!(way, Way::Accepted { .. }),
            Self::Returned => matches!(way, Way::Returned { .. } | Way::Declined { .. }),
        }
    }
}

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let (only, code, _) = STATES
        .into_iter()
        .find(|(_, code, _)| *code == asked.state)
        .unwrap_or(STATES[0]);
    let all = sent::list(&at.site, MOST).await?;
    let states = states(&all, only);
    let chosen: Vec<Sent> = all
        .into_iter()
        .filter(|sent| only.holds(&sent.way))
        .collect();
    let total = chosen.len() as u64;
    let skip = usize::try_from(around::offset(asked.trang)).unwrap_or(usize::MAX);
    let take = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    for sent in chosen.into_iter().skip(skip).take(take) {
        items.push(item_of(&at, sent).await?);
    }
    let page = SentPage {
        desk: at.desk("Đã gửi lên tỉnh", PATH).await?,
        states,
        items,
        pagination: around::pagination(PATH, &[("trang-thai", code)], asked.trang, total),
    };
    at.answer(&page)
}

fn states(all: &[Sent], current: Only) -> Vec<FilterLink> {
    let link = |(only, code, label): (Only, &str, &str)| {
        let count = all.iter().filter(|sent| only.holds(&sent.way)).count();
        let query = Some(("trang-thai", code)).filter(|_| !code.is_empty());
        FilterLink {
            label: label.to_owned(),
            url: around::address(PATH, query),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: only == current,
        }
    };
    STATES.into_iter().map(link).collect()
}

async fn item_of(at: &AtDesk, sent: Sent) -> Result<SentItem> {
    let draft = draft::of_entry(at.site.db.reader(), sent.entry.entry_id).await?;
    let (reason, published_url) = match &sent.way {
        Way::Returned { reason, .. } => (reason.clone(), None),
        Way::Accepted { url, .. } => (None, url.clone()),
        Way::Waiting | Way::Received | Way::Declined { .. } => (None, None),
    };
    Ok(SentItem {
        // What was not written in this newsroom can still be read.
        url: draft.map_or_else(|| sent.entry.path(), |draft| drafts::path_of(draft.id)),
        title: sent.entry.title.clone(),
        revision: format!("bản {}", sent.entry.rev),
        steps: steps_of(&sent),
        reason,
        published_url,
    })
}

/// The way of an entry, step by step.
fn steps_of(sent: &Sent) -> Vec<WayStep> {
    use StepState::{Ahead, Done, Failed, Now};
    let step = |label: &str, state, at: Option<i64>| WayStep {
        label: label.to_owned(),
        state,
        at: at.map(cards::moment),
    };
    let published_here = step("Đã đăng ở đây", Done, Some(sent.entry.revised_at));
    let rest = match &sent.way {
        Way::Waiting => [
            step("Đang chờ gửi", Now, None),
            step("Tỉnh quyết định", Ahead, None),
        ],
        Way::Received => [
            step("Đã gửi, tỉnh đã nhận", Done, None),
            step("Tỉnh đang xem", Now, None),
        ],
        Way::Accepted {
            at,
            is_current,
            grade,
            ..
        } => [
            if *is_current {
                step("Tỉnh đã nhận", Done, None)
            } else {
                step("Bản sửa đang chờ gửi", Now, None)
            },
            step(
                &match grade {
                    Some(grade) => {
                        format!("Đã đăng trên cổng tỉnh, {}", grade.in_words())
                    }
                    None => "Đã đăng trên cổng tỉnh".to_owned(),
                },
                Done,
                Some(*at),
            ),
        ],
        Way::Returned { at, .. } => [
            step("Tỉnh đã nhận", Done, None),
            step("Tỉnh trả lại", Failed, Some(*at)),
        ],
        Way::Declined { at } => [
            step("Tỉnh đã nhận", Done, None),
            step("Tỉnh không dùng", Failed, Some(*at)),
        ],
    };
    std::iter::once(published_here).chain(rest).collect()
}
