//! `/quan-tri`: what there is to do, and how the link to the other side is.

use super::around::AtDesk;
use super::drafts::lines_of;
use crate::accounts::Right;
use crate::entries::Placing;
use crate::error::Result;
use crate::newsroom::draft::{self, DraftState};
use crate::newsroom::inbox;
use crate::newsroom::sent::{self, Way};
use crate::pages::link_health;
use crate::pages::templates::DashboardPage;
use crate::pages::view::{LinkHealth, Task};
use crate::sync::peer;
use axum::response::Response;

/// Drafts shown of those worked on last.
const RECENT: u64 = 6;
/// How many of our entries are looked at for what came back.
const LOOKED_AT: u64 = 200;

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let mine = draft::Filter {
        written_by: Some(at.user.id()),
        ..draft::Filter::default()
    };
    let (recent, _) = draft::list(at.site.db.reader(), &mine, 0, RECENT).await?;
    let page = DashboardPage {
        desk: at.desk("Bàn làm việc", "/quan-tri").await?,
        tasks: tasks(&at).await?,
        link: link(&at).await?,
        recent: lines_of(&at, recent).await?,
    };
    at.answer(&page)
}

async fn tasks(at: &AtDesk) -> Result<Vec<Task>> {
    let db = at.site.db.reader();
    let mut tasks = Vec::new();
    let mut add = |label: &str, count: u64, url: &str| {
        tasks.push(Task {
            label: label.to_owned(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            url: url.to_owned(),
        });
    };
    let in_state = |state| draft::Filter {
        state: Some(state),
        ..at.drafts()
    };
    let returned = draft::count(db, &in_state(DraftState::Returned)).await?;
    add(
        "Bài cần sửa",
        returned,
        "/quan-tri/bai-viet?trang-thai=returned",
    );
    let submitted = draft::count(db, &in_state(DraftState::Submitted)).await?;
    add(
        "Bài chờ duyệt",
        submitted,
        "/quan-tri/bai-viet?trang-thai=submitted",
    );
    if at.user.may(Right::DecideInbox) {
        let waiting = inbox::count(db, Placing::Inbox).await?;
        add("Bài trong hộp đến", waiting, "/quan-tri/hop-den");
    }
    if at.user.may(Right::SeeSync) && peer::upstream(db).await?.is_some() {
        let sent = sent::list(&at.site, LOOKED_AT).await?;
        let came_back = sent
            .iter()
            .filter(|sent| matches!(sent.way, Way::Returned { .. }))
            .count();
        add(
            "Bài tỉnh trả lại",
            came_back as u64,
            "/quan-tri/da-gui?trang-thai=tra-lai",
        );
    }
    Ok(tasks)
}

async fn link(at: &AtDesk) -> Result<Option<LinkHealth>> {
    if !at.user.may(Right::SeeSync) {
        return Ok(None);
    }
    match peer::upstream(at.site.db.reader()).await? {
        Some(hub) => Ok(Some(link_health::of_peer(&at.site, &hub).await?)),
        None => Ok(None),
    }
}
