//! `/quan-tri`: what there is to do, and how the link to the other side is.

use super::around::AtDesk;
use super::drafts::{lines_of, path_of, title_of};
use super::{bulletins, cases, comments};
use crate::accounts::Right;
use crate::entries::Placing;
use crate::entries::record::{self, EntryState};
use crate::error::Result;
use crate::newsroom::draft;
use crate::newsroom::inbox;
use crate::newsroom::post_check::{self, Verdict};
use crate::newsroom::quota::{self, Progress};
use crate::newsroom::sent::{self, Way};
use crate::newsroom::workflow::State;
use crate::pages::cards;
use crate::pages::link_health;
use crate::pages::templates::{DashboardPage, PostCheckNote, ScheduledLine};
use crate::pages::view::{Badge, Figure, Goal, LinkHealth, Stamp, Task, Tone};
use crate::sync::peer;
use crate::vietnamese;
use axum::response::Response;
use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

/// Drafts shown of those worked on last.
const RECENT: u64 = 6;
/// Most lines of a short list.
const SOON: usize = 5;
/// How many of our entries are looked at for what came back.
const LOOKED_AT: u64 = 200;

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let mine = draft::Filter {
        written_by: Some(at.user.id()),
        ..at.drafts()
    };
    let (recent, _) = draft::list(at.site.db.reader(), &mine, 0, RECENT).await?;
    let page = DashboardPage {
        desk: at.desk("Bàn làm việc", "/quan-tri").await?,
        tasks: tasks(&at).await?,
        clock_doubt: clock_doubt(&at),
        bulletins: bulletins::waiting_here(&at).await?,
        may_acknowledge: at.user.may(Right::AcknowledgeBulletins),
        scheduled: scheduled(&at).await?,
        post_checks: post_checks(&at).await?,
        figures: figures(&at).await?,
        goals: goals(&at).await?,
        may_set_goals: at.user.may(Right::ManageLists),
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
    let in_states = |states: &[State]| draft::Filter {
        states: states.to_vec(),
        ..at.drafts()
    };
    let returned = draft::count(db, &in_states(&[State::Returned])).await?;
    add(
        "Bài cần sửa",
        returned,
        "/quan-tri/bai-viet?trang-thai=can-sua",
    );
    let submitted = draft::count(db, &in_states(&State::WAITING)).await?;
    add(
        "Bài chờ duyệt",
        submitted,
        "/quan-tri/bai-viet?trang-thai=cho-duyet",
    );
    let ready = draft::count(db, &in_states(&[State::Approved])).await?;
    if at.user.may(Right::Schedule) && ready > 0 {
        add(
            "Bài đã duyệt, chưa đăng",
            ready,
            "/quan-tri/bai-viet?trang-thai=cho-dang",
        );
    }
    if at.user.may(Right::DecideInbox) {
        let waiting = inbox::count(db, Placing::Inbox).await?;
        add("Bài trong hộp đến", waiting, "/quan-tri/hop-den");
    }
    if at.user.may(Right::ReadCases) {
        let (waiting, late) = cases::waiting(at).await?;
        match late {
            0 => add("Câu hỏi, phản ánh chờ trả lời", waiting, cases::PATH),
            late => add("Câu hỏi, phản ánh quá hạn", late, cases::PATH),
        }
        let waiting = comments::waiting(at).await?;
        add("Góp ý dự thảo chờ xem", waiting, comments::PATH);
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

/// Why what is due has to wait.
fn clock_doubt(at: &AtDesk) -> Option<(Stamp, bool)> {
    let now = cards::moment(at.site.clock.now().timestamp_millis());
    let is_in_doubt = at.site.timetable.is_in_doubt();
    is_in_doubt.then(|| (now, at.user.may(Right::Schedule)))
}

/// What is published by itself next.
async fn scheduled(at: &AtDesk) -> Result<Vec<ScheduledLine>> {
    let filter = draft::Filter {
        states: vec![State::Scheduled],
        ..at.drafts()
    };
    let (mut found, _) = draft::list(at.site.db.reader(), &filter, 0, LOOKED_AT).await?;
    found.sort_by_key(|draft| draft.publish_at);
    let now = at.site.clock.now().timestamp_millis();
    let is_in_doubt = at.site.timetable.is_in_doubt();
    let lines = found.into_iter().take(SOON).filter_map(|draft| {
        let due = draft.publish_at?;
        Some(ScheduledLine {
            title: title_of(&draft),
            url: path_of(draft.id),
            at: cards::moment(due),
            is_held: is_in_doubt && due <= now,
        })
    });
    Ok(lines.collect())
}

/// What the province asks to be mended, and what it has not looked at yet.
async fn post_checks(at: &AtDesk) -> Result<Vec<PostCheckNote>> {
    let db = at.site.db.reader();
    if peer::upstream(db).await?.is_none() {
        return Ok(Vec::new());
    }
    let mut notes = Vec::new();
    for (verdict, tone) in [(Verdict::Failed, Tone::Bad), (Verdict::Waiting, Tone::Info)] {
        for check in post_check::list(db, verdict, 0, SOON as u64).await? {
            let Some(draft) = draft::of_entry(db, check.entry_id).await? else {
                continue;
            };
            if at.draft(draft.id).await.is_err() {
                continue;
            }
            notes.push(PostCheckNote {
                title: title_of(&draft),
                url: path_of(draft.id),
                verdict: Badge::new(verdict.label(), tone),
                reason: check.reason,
            });
        }
    }
    Ok(notes)
}

/// What was published since the month began.
async fn figures(at: &AtDesk) -> Result<Vec<Figure>> {
    let db = at.site.db.reader();
    let since = month_begins(at.site.clock.now()).timestamp_millis();
    let published = record::Entity::find()
        .filter(record::Column::SiteId.eq(at.site.id))
        .filter(record::Column::State.eq(EntryState::Live.as_str()))
        .filter(record::Column::PublishedAt.gte(since));
    let own = draft::Entity::find()
        .select_only()
        .column(draft::Column::EntryId)
        .filter(draft::Column::WrittenBy.eq(at.user.id()))
        .into_query();
    let mine = published
        .clone()
        .filter(record::Column::EntryId.in_subquery(own))
        .count(db)
        .await?;
    let ours = published.count(db).await?;
    let figure = |count: u64, label: &str| Figure {
        value: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        label: label.to_owned(),
    };
    Ok(vec![
        figure(mine, "bài bạn viết đã đăng"),
        figure(ours, "bài đơn vị đã đăng"),
    ])
}

/// How far the unit has come with what it means to publish this month. What was taken from elsewhere is
/// not counted.
async fn goals(at: &AtDesk) -> Result<Vec<Goal>> {
    let db = at.site.db.reader();
    let now = at.site.clock.now();
    let (since, today) = (month_begins(now), vietnamese::local(now).date_naive());
    let quota = quota::of_site(db).await?;
    let mut goals = Vec::new();
    for kind in quota::counted() {
        let Some(meant) = quota.of(kind) else {
            continue;
        };
        let published = record::Entity::find()
            .filter(record::Column::SiteId.eq(at.site.id))
            .filter(record::Column::State.eq(EntryState::Live.as_str()))
            .filter(record::Column::PublishedAt.gte(since.timestamp_millis()))
            .filter(record::Column::Kind.eq(kind.as_str()))
            .filter(record::Column::Source.is_null())
            .count(db)
            .await?;
        let state = match quota::progress(published, meant, today) {
            Progress::Reached => Badge::new("đủ chỉ tiêu", Tone::Good),
            Progress::OnTrack => Badge::new("đúng tiến độ", Tone::Info),
            Progress::Behind(missing) => Badge::new(format!("còn thiếu {missing}"), Tone::Warning),
        };
        goals.push(Goal {
            value: format!("{published} / {meant}"),
            label: format!("{} đã đăng tháng này", kind.label().to_lowercase()),
            state,
        });
    }
    Ok(goals)
}

/// The first moment of the month that `now` is in, in Vietnam.
fn month_begins(now: DateTime<Utc>) -> DateTime<Utc> {
    let local = vietnamese::local(now);
    let days = i64::from(local.day0());
    let midnight = local.date_naive().and_time(NaiveTime::MIN);
    let first = midnight - TimeDelta::days(days);
    let offset = *local.offset();
    offset
        .from_local_datetime(&first)
        .single()
        .map_or(now, |first| first.to_utc())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_vietnam() {
        for (now, expected) in [
            ("2026-11-23T05:00:00Z", "2026-10-31T17:00:00Z"),
            ("2026-10-31T17:00:00Z", "2026-10-31T17:00:00Z"),
            ("2026-10-31T16:59:59Z", "2026-09-30T17:00:00Z"),
        ] {
            let now: DateTime<Utc> = now.parse().expect("a time");
            let expected: DateTime<Utc> = expected.parse().expect("a time");
            assert_eq!(month_begins(now), expected);
        }
    }
}
