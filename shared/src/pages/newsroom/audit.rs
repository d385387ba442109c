//! `/quan-tri/nhat-ky`: who did what, when and from where; and the same as a file for an auditor.

use super::around::{AtDesk, PAGE, address, offset, pagination};
use crate::audit::chain::{self, Outcome};
use crate::audit::cli::{begin_of, end_of};
use crate::audit::export::{self, Format, action_in_words};
use crate::audit::search::{self, Filter};
use crate::audit::{Action, Group, Kind, Subject, actor, check};
use crate::entries::record;
use crate::error::{Error, Result};
use crate::newsroom::draft;
use crate::pages::cards;
use crate::pages::templates::AuditPage;
use crate::pages::view::{AuditFilter, AuditRow, AuditVerdict, Choice, Link};
use crate::vietnamese::grouped;
use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/nhat-ky";
/// The same as a file.
pub(super) const EXPORT: &str = "/quan-tri/nhat-ky/xuat";

/// What to narrow the list to, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    nhom: String,
    #[serde(rename = "ket-qua")]
    outcome: String,
    tu: String,
    den: String,
    trang: u32,
}

impl Asked {
    fn filter(&self) -> Filter {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        Filter {
            words: self.q.chars().take(100).collect(),
            account: None,
            group: Group::parse(&self.nhom),
            outcome: match self.outcome.as_str() {
                "xong" => Some(Outcome::Done),
                "tu-choi" => Some(Outcome::Refused),
                _ => None,
            },
            from: day(&self.tu).map(begin_of),
            until: day(&self.den).map(end_of),
        }
    }

    fn query(&self) -> [(&str, &str); 5] {
        [
            ("q", self.q.as_str()),
            ("nhom", self.nhom.as_str()),
            ("ket-qua", self.outcome.as_str()),
            ("tu", self.tu.as_str()),
            ("den", self.den.as_str()),
        ]
    }
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let filter = asked.filter();
    let total = search::count(db, &filter).await?;
    let found = search::page(db, &filter, offset(asked.trang), PAGE).await?;
    let titles = titles(&at, &found).await?;
    at.answer(&AuditPage {
        desk: at.desk("Nhật ký thao tác", PATH).await?,
        action: PATH.to_owned(),
        rows: found.iter().map(|found| row(found, &titles)).collect(),
        verdict: verdict(&at).await?,
        exports: exports(&asked),
        pagination: pagination(PATH, &asked.query(), asked.trang.max(1), total),
        filter: form(asked),
    })
}

fn form(asked: Asked) -> AuditFilter {
    let chosen = |value: &str, wanted: &str| value == wanted;
    let groups = Group::ALL.iter().map(|group| {
        let is_chosen = chosen(group.code(), &asked.nhom);
        Choice::new(group.code(), group.label(), is_chosen)
    });
    let outcomes = [
        ("", "Tất cả"),
        ("xong", "Đã làm"),
        ("tu-choi", "Bị từ chối"),
    ];
    AuditFilter {
        groups: std::iter::once(Choice::new("", "Mọi việc", asked.nhom.is_empty()))
            .chain(groups)
            .collect(),
        outcomes: outcomes
            .iter()
            .map(|(value, label)| Choice::new(*value, *label, chosen(value, &asked.outcome)))
            .collect(),
        words: asked.q,
        from: asked.tu,
        to: asked.den,
    }
}

/// The ways to the files, over the same days.
fn exports(asked: &Asked) -> Vec<Link> {
    let days = [("tu", asked.tu.as_str()), ("den", asked.den.as_str())];
    let link = |label, format: Format| {
        let form = [("dang", format.extension())];
        let query = days.iter().filter(|(_, day)| !day.is_empty());
        Link::new(label, address(EXPORT, query.chain(&form).copied()))
    };
    vec![
        link("Xuất CSV", Format::Csv),
        link("Xuất JSONL", Format::Jsonl),
    ]
}

async fn verdict(at: &AtDesk) -> Result<AuditVerdict> {
    let last = check::last(at.site.db.reader()).await?;
    Ok(match last {
        None => AuditVerdict {
            at: None,
            text: "Chuỗi được kiểm tra mỗi đêm.".to_owned(),
            broken: None,
        },
        Some(last) => AuditVerdict {
            at: Some(cards::moment(last.at.timestamp_millis())),
            text: format!("{} dòng, nguyên vẹn.", grouped(last.verdict.checked)),
            broken: last
                .verdict
                .broken
                .map(|broken| format!("Kết quả kiểm tra: {}.", broken.in_words())),
        },
    })
}

/// The titles, as they are now, of the entries that records name, and of the drafts among them that this
/// person may see.
async fn titles(at: &AtDesk, found: &[chain::Model]) -> Result<HashMap<Uuid, String>> {
    let db = at.site.db.reader();
    let of_kind = |kind: Kind| {
        let named = found
            .iter()
            .filter(move |record| record.kind.as_deref() == Some(kind.as_str()));
        named.filter_map(|record| record.subject.as_deref()?.parse::<Uuid>().ok())
    };
    let mut titles = HashMap::new();
    let drafts = draft::Entity::find()
        .filter(draft::Column::Id.is_in(of_kind(Kind::Draft)))
        .all(db)
        .await?;
    let seen = drafts.into_iter().filter(|draft| at.sees(draft));
    titles.extend(seen.map(|draft| (draft.id, draft.title)));
    let entries = record::Entity::find()
        .filter(record::Column::EntryId.is_in(of_kind(Kind::Entry)))
        .all(db)
        .await?;
    titles.extend(
        entries
            .into_iter()
            .map(|entry| (entry.entry_id, entry.title)),
    );
    Ok(titles)
}

fn row(record: &chain::Model, titles: &HashMap<Uuid, String>) -> AuditRow {
    let id = record
        .subject
        .as_deref()
        .and_then(|id| id.parse::<Uuid>().ok());
    let kind = record.kind.as_deref();
    let known = id
        .and_then(|id| titles.get(&id))
        .filter(|title| !title.is_empty());
    let name = known.or(record.title.as_ref()).or(record.subject.as_ref());
    let is_draft = kind == Some(Kind::Draft.as_str());
    AuditRow {
        seq: grouped(record.seq),
        at: cards::moment(record.at),
        who: match &record.login {
            Some(login) => login.clone(),
            None => actor::in_words(&record.actor).to_owned(),
        },
        session: record.session.clone(),
        action: action_in_words(&record.action).to_owned(),
        subject: kind.map(|kind| {
            let kind = cards::capitalised(Kind::in_words(kind));
            match name {
                Some(name) => format!("{kind}: {name}"),
                None => kind,
            }
        }),
        url: id
            .filter(|_| is_draft && known.is_some())
            .map(|id| format!("{}/{id}", super::DRAFTS_PATH)),
        change: change(record),
        origin: origin(record),
        refused: record.outcome == Outcome::Refused.as_str(),
        times: (record.times > 1).then(|| grouped(record.times)),
    }
}

fn change(record: &chain::Model) -> Option<String> {
    match (&record.before, &record.after) {
        (Some(before), Some(after)) => Some(format!("{before} → {after}")),
        (None, Some(after)) => Some(after.clone()),
        (Some(before), None) => Some(before.clone()),
        (None, None) => None,
    }
}

/// `203.0.113.7, cổng 51234`.
fn origin(record: &chain::Model) -> Option<String> {
    let address = record.address.as_ref()?;
    Some(match record.port {
        Some(port) => format!("{address}, cổng {port}"),
        None => address.clone(),
    })
}

/// Over which days, and how it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    tu: String,
    den: String,
    dang: String,
}

pub(super) async fn export(at: AtDesk, Query(wanted): Query<Wanted>) -> Result<Response> {
    let format = match wanted.dang.as_str() {
        "csv" => Format::Csv,
        "jsonl" => Format::Jsonl,
        _ => return Err(Error::NotFound),
    };
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let (from, until) = (day(&wanted.tu).map(begin_of), day(&wanted.den).map(end_of));
    let run = export::run(&at.site, from, until).await?;
    at.note(Action::AuditExported, Subject::of(Kind::Audit, run.last))
        .await?;
    let name = format!("nhat-ky-thao-tac.{}", format.extension());
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(anyhow::Error::new)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    let pieces = export::pieces(Arc::clone(&at.site), run, format);
    Ok((StatusCode::OK, headers, Body::from_stream(pieces)).into_response())
}
