//! `/quan-tri/don-vi`: every member and how it is.

use super::{enrol, keys};
use crate::feed_import::source::{self, Purpose};
use crate::vault;
use axum::extract::Query;
use axum::response::Response;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use shared::clock::from_millis;
use shared::directory::site_record;
use shared::entries::record;
use shared::error::Result;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::MembersPage;
use shared::pages::view::{
    BackupState, DatedLink, Figure, FilterLink, Lag, LinkState, MemberRow, MemberViews, Stamp,
    Upkeep,
};
use shared::pages::{cards, link_health};
use shared::readership::counts::Figures;
use shared::readership::record as readership;
use shared::site::Site;
use shared::sync::{compare, peer};
use shared::units::Tree;
use shared::vietnamese::{self, fold, grouped};
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/don-vi";

const STATES: [(LinkState, &str); 5] = [
    (LinkState::Lost, "mat-ket-noi"),
    (LinkState::Late, "tre"),
    (LinkState::New, "moi"),
    (LinkState::Online, "truc-tuyen"),
    (LinkState::Paused, "tam-dung"),
];

/// What to narrow the table to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    q: String,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let all = rows(&at.site).await?;
    let words = fold(asked.q.trim());
    let state = STATES
        .iter()
        .find(|(_, code)| *code == asked.state)
        .map(|(state, _)| *state);
    let rows: Vec<MemberRow> = all
        .iter()
        .filter(|row| state.is_none_or(|state| row.state == state))
        .filter(|row| fold(&row.name).contains(&words) || row.host.contains(&words))
        .cloned()
        .collect();
    at.answer(&MembersPage {
        desk: at.desk("Đơn vị thành viên", PATH).await?,
        figures: figures(&all),
        states: states(&all, state),
        query: asked.q,
        rows,
        enrol_url: enrol::PATH.to_owned(),
    })
}

fn figures(rows: &[MemberRow]) -> Vec<Figure> {
    let figure = |value: u64, label: &str| Figure {
        value: grouped(i64::try_from(value).unwrap_or(i64::MAX)),
        label: label.to_owned(),
    };
    let online = rows
        .iter()
        .filter(|row| row.state == LinkState::Online)
        .count();
    let waiting: u64 = rows.iter().map(|row| row.to_member.items).sum();
    vec![
        figure(rows.len() as u64, "đơn vị"),
        figure(online as u64, "đang trực tuyến"),
        figure(waiting, "mục đang chờ các đơn vị nhận"),
    ]
}

fn states(rows: &[MemberRow], current: Option<LinkState>) -> Vec<FilterLink> {
    let all = FilterLink {
        label: "Tất cả".to_owned(),
        url: PATH.to_owned(),
        count: grouped(i64::try_from(rows.len()).unwrap_or(i64::MAX)),
        current: current.is_none(),
    };
    let of_state = STATES.iter().map(|(state, code)| {
        let count = rows.iter().filter(|row| row.state == *state).count();
        FilterLink {
            label: state.word().to_owned(),
            url: format!("{PATH}?trang-thai={code}"),
            count: grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: current == Some(*state),
        }
    });
    std::iter::once(all).chain(of_state).collect()
}

/// All members, the troubled ones first.
async fn rows(site: &Site) -> Result<Vec<MemberRow>> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let peers: HashMap<Uuid, peer::Model> = peer::all(db)
        .await?
        .into_iter()
        .map(|peer| (peer.site_id, peer))
        .collect();
    let views = readership::month_by_site(db, today).await?;
    let mut rows = Vec::new();
    for member in site_record::all(db).await? {
        if member.id == site.id {
            continue;
        }
        let mut row = row(site, &tree, &member, peers.get(&member.id)).await?;
        row.views = views.get(&member.id).map(views_of);
        rows.push(row);
    }
    let rank = |state: LinkState| STATES.iter().position(|(ranked, _)| *ranked == state);
    rows.sort_by(|a, b| {
        rank(a.state)
            .cmp(&rank(b.state))
            .then_with(|| a.name.cmp(&b.name))
    });
    Ok(rows)
}

async fn row(
    site: &Site,
    tree: &Tree,
    member: &site_record::Model,
    peer: Option<&peer::Model>,
) -> Result<MemberRow> {
    let now = site.clock.now();
    let mut row = MemberRow {
        url: member.base_url.clone(),
        keys_url: (!member.is_feed()).then(|| keys::path_of(member.id)),
        name: tree.name_of(member.unit_id),
        host: member
            .base_url
            .split("://")
            .last()
            .unwrap_or_default()
            .to_owned(),
        kind: "chờ kết nối".to_owned(),
        last_entry: last_entry(site, member).await?,
        figures_at: Some(Stamp {
            iso: vietnamese::local(now).to_rfc3339(),
            text: vietnamese::local(now).format("%H:%M:%S").to_string(),
        }),
        from_member: Lag {
            text: "đã đủ".to_owned(),
            ..Lag::default()
        },
        to_member: Lag {
            text: "đã đủ".to_owned(),
            ..Lag::default()
        },
        ..MemberRow::default()
    };
    if let Some(peer) = peer {
        let health = link_health::of_peer(site, peer).await?;
        row.kind = peer
            .version
            .clone()
            .unwrap_or_else(|| "Liên Cổng".to_owned());
        row.state = health.state;
        row.last_contact = health.last_contact;
        row.backup = Some(backup(site, member).await?);
        row.from_member = health.receiving;
        note_missed(site, member, &mut row).await?;
        row.to_member = health.sending;
        row.upkeep = upkeep(site, member.id).await?;
        row.upkeep.doubled = link_health::doubled(peer);
    } else if member.is_feed() {
        feed_row(site, member, &mut row).await?;
    }
    Ok(row)
}

fn views_of(figures: &Figures) -> MemberViews {
    MemberViews {
        today: grouped(figures.today),
        month: grouped(figures.month),
    }
}

/// What comparing with a member came to, and what it says of its disk.
async fn upkeep(site: &Site, member: Uuid) -> Result<Upkeep> {
    let Some(compared) = compare::record::find(site.db.reader(), member).await? else {
        return Ok(Upkeep::default());
    };
    let missed = compared.missed();
    Ok(Upkeep {
        agreed_at: compared.agreed_at.map(cards::moment),
        missed: (missed > 0).then(|| format!("đã bổ sung {} mục bị sót", grouped(missed))),
        damaged: (compared.damaged > 0)
            .then(|| format!("{} mục hỏng chưa khôi phục", grouped(compared.damaged))),
        checked: compared.checked_at.map(|at| {
            let at = vietnamese::date_time(from_millis(at));
            format!("kiểm tra đĩa {at}")
        }),
        doubled: None,
    })
}

/// How a member's backups stand: when a snapshot last came by our own clock, and the rest by its word.
async fn backup(site: &Site, member: &site_record::Model) -> Result<BackupState> {
    let known = vault::record::find(site.db.reader(), member.id).await?;
    let report = known.as_ref().and_then(vault::record::Model::report);
    let told = report
        .as_ref()
        .and_then(|report| report.backup.good_at)
        .map(|at| at.timestamp_millis());
    let came = known.and_then(|known| known.snapshot_at);
    let Some(report) = report else {
        return Ok(BackupState {
            at: came.map(cards::moment),
            is_red: true,
            text: "trang chưa báo tình trạng sao lưu".to_owned(),
        });
    };
    let drilled = report
        .drill
        .good_at
        .map(|at| format!("diễn tập dựng lại {}", vietnamese::date_time(at)));
    let wrong = [&report.backup, &report.check, &report.drill]
        .into_iter()
        .filter(|standing| standing.failed_at.is_some())
        .find_map(|standing| standing.detail.clone());
    Ok(BackupState {
        at: came.max(told).map(cards::moment),
        is_red: report.is_red(site.clock.now()),
        text: match (wrong, drilled) {
            (Some(wrong), Some(drilled)) => format!("{wrong}; {drilled}"),
            (Some(wrong), None) => wrong,
            (None, Some(drilled)) => drilled,
            (None, None) => "chưa diễn tập dựng lại".to_owned(),
        },
    })
}

/// What a member's own feed shows beyond what it sent stands above what the link believes.
async fn note_missed(site: &Site, member: &site_record::Model, row: &mut MemberRow) -> Result<()> {
    let checks = source::Entity::find()
        .filter(source::Column::SiteId.eq(member.id))
        .filter(source::Column::Purpose.eq(Purpose::Check.as_str()))
        .all(site.db.reader())
        .await?;
    let missed: i64 = checks.iter().map(|check| check.missed).sum();
    if let Ok(items @ 1..) = u64::try_from(missed) {
        row.from_member = Lag {
            items,
            text: format!("thiếu {} mục so với trang", grouped(missed)),
            oldest: None,
        };
    }
    Ok(())
}

/// A portal read by feed is as well as its last reading.
async fn feed_row(site: &Site, member: &site_record::Model, row: &mut MemberRow) -> Result<()> {
    row.kind = "nguồn tin RSS, Atom".to_owned();
    row.to_member.text = "đọc qua nguồn tin".to_owned();
    let sources = source::Entity::find()
        .filter(source::Column::SiteId.eq(member.id))
        .all(site.db.reader())
        .await?;
    let last = sources
        .iter()
        .filter_map(|source| source.succeeded_at)
        .max();
    row.last_contact = last.map(cards::moment);
    row.state = match (last, sources.iter().any(|source| source.failures > 0)) {
        (None, _) => LinkState::New,
        (Some(_), true) => LinkState::Late,
        (Some(_), false) => LinkState::Online,
    };
    Ok(())
}

async fn last_entry(site: &Site, member: &site_record::Model) -> Result<Option<DatedLink>> {
    let newest = record::Entity::find()
        .filter(record::Column::UnitId.eq(member.unit_id))
        .filter(record::Column::State.eq(record::EntryState::Live.as_str()))
        .order_by_desc(record::Column::PublishedAt)
        .limit(1)
        .one(site.db.reader())
        .await?;
    Ok(newest.map(|entry| DatedLink {
        label: entry.title,
        url: entry.url,
        at: cards::moment(from_millis(entry.published_at).timestamp_millis()),
    }))
}
