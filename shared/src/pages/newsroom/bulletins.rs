//! `/quan-tri/thong-bao-tinh`: what the province says above every page, for the people here to see to and to say that
//! they did.

use super::around::{self, AtDesk, Done};
use crate::accounts::Right;
use crate::audit::{self, Action, Kind, Subject};
use crate::bulletins::record::{self, Told};
use crate::bulletins::{acknowledgement, bulletin};
use crate::error::Result;
use crate::pages::cards;
use crate::pages::templates::BulletinsHerePage;
use crate::pages::view::{Badge, BulletinHere, Fact, Tone};
use axum::extract::{Form, Query};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/thong-bao-tinh";

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let page = asked.trang.max(1);
    let total = record::count(db).await?;
    let told = record::newest(db, around::offset(page), around::PAGE).await?;
    at.answer(&BulletinsHerePage {
        desk: at.desk("Thông báo của tỉnh", PATH).await?,
        action: PATH.to_owned(),
        may_acknowledge: at.user.may(Right::AcknowledgeBulletins),
        rows: told.iter().map(|told| here(&at, told)).collect(),
        pagination: around::pagination(PATH, &[], page, total),
    })
}

/// What is filled in.
#[derive(Debug, Deserialize)]
pub(super) struct Filled {
    csrf: String,
    bulletin: Uuid,
}

pub(super) async fn acknowledge(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let by = format!("{} ({})", at.user.account.name, at.roles());
    let (site, actor, id) = (Arc::clone(&at.site), at.user.actor(), filled.bulletin);
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                if acknowledgement::acknowledge(tx, &site, id, &by).await? {
                    let now = site.clock.now().timestamp_millis();
                    let subject = Subject::of(Kind::Bulletin, id);
                    audit::record(tx, &actor, Action::BulletinAcknowledged, subject, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    at.site.wake();
    Ok(Done::BulletinAcknowledged.then(PATH))
}

/// How many wait for somebody here to acknowledge them.
pub(super) async fn waiting(at: &AtDesk) -> Result<u64> {
    let now = at.site.clock.now().timestamp_millis();
    record::count_unacknowledged(at.site.db.reader(), at.site.id, now).await
}

/// Those that wait, the most pressing first.
pub(super) async fn waiting_here(at: &AtDesk) -> Result<Vec<BulletinHere>> {
    let now = at.site.clock.now().timestamp_millis();
    let mut told = record::to_come(at.site.db.reader(), now).await?;
    told.retain(|one| one.row.site_id != at.site.id && !one.row.is_acknowledged());
    told.sort_by_key(|one| (one.bulletin.level, -one.row.said_at));
    Ok(told.iter().map(|told| here(at, told)).collect())
}

fn here(at: &AtDesk, told: &Told) -> BulletinHere {
    let (row, bulletin) = (&told.row, &told.bulletin);
    let now = at.site.clock.now().timestamp_millis();
    let is_over = row.lifted || row.until_at <= now;
    let acknowledged = row.acknowledged_at.filter(|_| row.is_acknowledged());
    BulletinHere {
        id: row.id.to_string(),
        label: label(bulletin),
        text: bulletin.text.clone(),
        issuer: bulletin.issuer.clone(),
        at: cards::moment(row.said_at),
        from: cards::moment(bulletin.from),
        until: cards::moment(bulletin.until),
        state: state(told, now),
        lifted: bulletin.lifted.clone(),
        more: bulletin.more.as_ref().map(|more| more.url.clone()),
        facts: facts(bulletin),
        acknowledged: acknowledged.map(|at| {
            let by = row.acknowledged_by.clone().unwrap_or_default();
            (by, cards::moment(at))
        }),
        waits: !is_over && row.site_id != at.site.id && !row.is_acknowledged(),
    }
}

/// What kind of bulletin it is, and how much it presses.
pub fn label(bulletin: &bulletin::Bulletin) -> Badge {
    use bulletin::Level;
    let tone = match bulletin.level {
        Level::Emergency => Tone::Bad,
        Level::Warning => Tone::Warning,
        Level::Information => Tone::Info,
    };
    match bulletin.outage {
        Some(_) => Badge::new("Tạm ngừng cung cấp", tone),
        None => Badge::new(bulletin.level.label(), tone),
    }
}

/// Whether it stands at `now`.
pub fn state(told: &Told, now: i64) -> Badge {
    let bulletin = &told.bulletin;
    match () {
        () if bulletin.lifted.is_some() => Badge::new("đã gỡ", Tone::Quiet),
        () if bulletin.until <= now => Badge::new("đã hết hạn", Tone::Quiet),
        () if bulletin.from > now => Badge::new("chưa đến giờ hiện", Tone::Info),
        () => Badge::new("đang hiện", Tone::Good),
    }
}

/// More about an outage.
pub fn facts(bulletin: &bulletin::Bulletin) -> Vec<Fact> {
    let Some(outage) = &bulletin.outage else {
        return Vec::new();
    };
    let mut facts = vec![
        Fact::new("Từ", cards::moment(outage.from).text),
        Fact::new("Dự kiến hoạt động lại", cards::moment(outage.until).text),
        Fact::new("Lý do", outage.reason.clone()),
        Fact::new("Nơi liên hệ", outage.instead.clone()),
        Fact::new("Thông báo lần đầu", cards::moment(outage.announced).text),
    ];
    if let Some(urgency) = &outage.urgency {
        facts.push(Fact::new("Vì sao báo gấp", urgency.clone()));
    }
    facts
}
