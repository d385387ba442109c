//! The order to say something above every page, to say it otherwise, or to lift it.

use super::progress;
use crate::members::recipients;
use sea_orm::DatabaseTransaction;
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::bulletins::record;
use shared::bulletins::{Bulletin, Told};
use shared::citizens::deadline::KNOWN;
use shared::entries::Mode;
use shared::error::{Error, Result};
use shared::log::{self, EventKind, NewEvent};
use shared::screening;
use shared::site::Site;
use shared::sync::{Audience, Selector};
use std::sync::Arc;
use uuid::Uuid;

/// What is to be said.
#[derive(Clone, Debug)]
pub struct Order {
    /// The bulletin this is a later version of.
    pub of: Option<Uuid>,
    /// What it says.
    pub bulletin: Bulletin,
    /// The name of who orders it.
    pub by: String,
    /// Who that is.
    pub actor: Actor,
}

/// Says it to all it is for: the event, its effect here, and the list of those who are to follow, all in one
/// transaction. [`Error::Invalid`] says what the order lacks. The id of the bulletin.
pub async fn order(site: &Arc<Site>, order: Order) -> Result<Uuid> {
    let inner = Arc::clone(site);
    let id = site
        .db
        .write(move |tx| Box::pin(async move { carry_out(tx, &inner, order).await }))
        .await?;
    site.wake();
    tracing::info!(bulletin.id = %id, "bulletin said");
    Ok(id)
}

async fn carry_out(tx: &DatabaseTransaction, site: &Site, order: Order) -> Result<Uuid> {
    let bulletin = order.bulletin;
    let wrong = |field, words| Err(Error::invalid(field, words));
    if let Err(words) = bulletin.check() {
        return wrong("text", format!("Chưa phát được: {words}."));
    }
    if bulletin.outage.as_ref().is_some_and(|outage| {
        outage.urgency.is_none() && bulletin.lifted.is_none() && !outage.is_in_time(&KNOWN)
    }) {
        return wrong(
            "urgency",
            "Báo trước chưa đủ 7 ngày làm việc; hãy ghi vì sao gấp.".to_owned(),
        );
    }
    for (field, words) in said(&bulletin) {
        screening::allow_text(tx, field, words).await?;
    }
    let (id, rev) = match order.of {
        None => (Uuid::now_v7(), 1),
        Some(id) => {
            let before = record::find(tx, id).await?.ok_or(Error::NotFound)?;
            may_follow(site, &before, &bulletin)?;
            (id, before.row.rev + 1)
        }
    };
    let new = NewEvent {
        kind: EventKind::BulletinSaid,
        lane: EventKind::BulletinSaid.lane(),
        unit: site.unit_id,
        entry: Some(id),
        rev,
        content: Some(bulletin.to_content(id)?),
        to: None,
    };
    let event = log::append(tx, site, new).await?;
    record::store(tx, &event, &bulletin).await?;
    let followers = recipients::of_event(tx, site, &event).await?;
    progress::begin(tx, &event, &bulletin, &order.by, followers).await?;
    let action = match (rev, &bulletin.lifted) {
        (_, Some(_)) => Action::BulletinLifted,
        (1, None) => Action::BulletinSaid,
        (_, None) => Action::BulletinChanged,
    };
    let now = site.clock.now().timestamp_millis();
    let subject = Subject::of(Kind::Bulletin, id);
    audit::record(tx, &order.actor, action, subject, now).await?;
    Ok(id)
}

/// What people wrote, by the field of the form.
fn said(bulletin: &Bulletin) -> Vec<(&'static str, &str)> {
    let mut said = vec![
        ("text", bulletin.text.as_str()),
        ("issuer", bulletin.issuer.as_str()),
        ("reason", bulletin.lifted.as_deref().unwrap_or_default()),
    ];
    if let Some(outage) = &bulletin.outage {
        said.push(("reason", &outage.reason));
        said.push(("instead", &outage.instead));
        said.push(("urgency", outage.urgency.as_deref().unwrap_or_default()));
    }
    said
}

/// Whether `next` may take the place of what stands: whom it is for stays, so that whoever shows one version is told
/// of all.
fn may_follow(site: &Site, before: &Told, next: &Bulletin) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    if before.row.site_id != site.id {
        return Err(Error::NotFound);
    }
    if before.row.lifted {
        return Err(Error::Conflict("Thông báo này đã được gỡ.".to_owned()));
    }
    if before.row.until_at <= now {
        return Err(Error::Conflict(
            "Thông báo này đã hết hạn; hãy phát thông báo mới.".to_owned(),
        ));
    }
    let unit = |bulletin: &Bulletin| bulletin.outage.as_ref().map(|outage| outage.unit);
    if before.bulletin.receivers != next.receivers || unit(&before.bulletin) != unit(next) {
        return Err(Error::Conflict(
            "Nơi nhận của một thông báo không đổi được.".to_owned(),
        ));
    }
    Ok(())
}

/// Whom a bulletin goes to: those above whose pages it stands, and whose portal it is about.
pub fn audience(bulletin: &Bulletin) -> Audience {
    let mut audience = Audience::nobody();
    for set in &bulletin.receivers {
        audience.add(set.clone(), Mode::Mandatory);
    }
    if let Some(outage) = &bulletin.outage {
        audience.add(Selector::Unit(outage.unit), Mode::Mandatory);
    }
    audience
}
