//! Rounds: what is wrong by the latest look is remembered, and whoever is to be told is written to.

use super::alert::{self, Seen};
use super::recipient::{self, told};
use super::trouble::FromOutside;
use super::wording::{self, Named};
use super::{message, trouble};
use crate::members::overview::{Member, Overview};
use crate::members::page_of;
use crate::members::watch::Watch;
use crate::probes;
use crate::recall::progress;
use chrono::TimeDelta;
use shared::background;
use shared::error::Result;
use shared::server::Shutdown;
use shared::site::Site;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often a round is made.
const PAUSE: Duration = Duration::from_secs(10);
/// How long ago something may have ended and still be told: the longest quiet night and more.
const TOLD_AFTER: TimeDelta = TimeDelta::hours(48);

/// Makes rounds until `shutdown`.
pub async fn keep(site: Arc<Site>, watch: Watch, shutdown: Shutdown) {
    background::every(PAUSE, shutdown, move || {
        let (site, watch) = (Arc::clone(&site), watch.clone());
        async move {
            let seen = watch.seen(&site).await?;
            round(&site, &seen).await.map(drop)
        }
    })
    .await;
}

/// One round, by what was `seen`; how many messages were written.
pub async fn round(site: &Site, seen: &Overview) -> Result<usize> {
    let at = site.clock.now().timestamp_millis();
    let recalls = progress::open_by_site(site.db.reader()).await?;
    let probes = probes::record::troubled(site.db.reader()).await?;
    let wrong = wrong(seen, &recalls, &probes);
    let changes = site
        .db
        .write(move |tx| Box::pin(async move { alert::take(tx, &wrong, at).await }))
        .await?;
    if changes != alert::Changes::default() {
        tracing::info!(changes.began, changes.ended, "alerts changed");
    }
    tell(site, &seen.members).await
}

fn wrong(
    seen: &Overview,
    recalls: &HashMap<Uuid, u64>,
    probes: &HashMap<Uuid, Vec<probes::record::Model>>,
) -> Seen {
    let mut wrong = Seen::new();
    for member in &seen.members {
        let outside = FromOutside {
            recalls: recalls.get(&member.site).copied().unwrap_or_default(),
            probes: probes.get(&member.site).map_or(&[], Vec::as_slice),
        };
        for (kind, detail) in trouble::of(member, outside) {
            wrong.insert((member.site, kind), detail);
        }
    }
    wrong
}

/// Writes to every recipient that is to be told something; to how many.
async fn tell(site: &Site, members: &[Member]) -> Result<usize> {
    let db = site.db.reader();
    let now = site.clock.now();
    let recipients = recipient::all(db).await?;
    if recipients.is_empty() {
        return Ok(0);
    }
    let at = now.timestamp_millis();
    let mut alerts = alert::open(db, at).await?;
    alerts.extend(alert::over_since(db, (now - TOLD_AFTER).timestamp_millis()).await?);
    let last = message::last_by_recipient(db).await?;
    let members: HashMap<Uuid, &Member> =
        members.iter().map(|member| (member.site, member)).collect();
    let named = |id: Uuid| named(site, id, members.get(&id).copied());
    let mut written = 0;
    for recipient in recipients {
        let told = told::of(db, recipient.id, &alerts).await?;
        let told = |alert: i64| told.get(&alert).copied().unwrap_or_default();
        let due = recipient.due(&alerts, told, last.get(&recipient.id).copied(), now);
        if due.is_empty() {
            continue;
        }
        let url = site.address(super::PATH);
        let words = wording::words(&site.profile.title, &url, &due, named, at)?;
        let id = recipient.id;
        // What is noted as told has been written, whatever happens to the machine in between.
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    told::note(tx, id, &due).await?;
                    message::write(tx, id, words, at).await
                })
            })
            .await?;
        written += 1;
    }
    Ok(written)
}

fn named(site: &Site, id: Uuid, member: Option<&Member>) -> Named {
    let contact = member.and_then(|member| member.contact.as_ref());
    let words = contact.map(|contact| {
        let parts = [contact.responsible.as_deref(), contact.phone.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    Named {
        name: member.map_or_else(|| id.to_string(), |member| member.name.clone()),
        url: site.address(&page_of(id)),
        contact: words.filter(|words| !words.is_empty()),
    }
}

/// Writes a message to `recipient` that tries the way.
pub async fn try_out(site: &Site, recipient: Uuid) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let url = site.address(super::PATH);
    let words = wording::trial(&site.profile.title, &url, now)?;
    site.db
        .write(move |tx| Box::pin(async move { message::write(tx, recipient, words, now).await }))
        .await
}
