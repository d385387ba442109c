//! What the province says above every page; and `/tam-ngung`, the portals that are or will be out of service.

use super::cards;
use super::frame::Around;
use super::templates::OutagesPage;
use super::view::{BulletinLine, OutageNotice, OutageSpan, Stamp};
use super::visit::Visit;
use crate::bulletins::record::{self, Told};
use crate::bulletins::{Bulletin, Outage, above};
use crate::entries::listing;
use crate::error::Result;
use crate::site::Site;
use crate::{units, vietnamese};
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use uuid::Uuid;

/// The page of outages.
pub const OUTAGES: &str = "/tam-ngung";

/// What stands above every page of `site` now, but for what the reader has closed. A later version is said again.
pub async fn lines(site: &Site, visit: &Visit) -> Result<Vec<BulletinLine>> {
    let now = site.clock.now().timestamp_millis();
    let mut lines = Vec::new();
    for told in above::of_site(site).await? {
        if visit.closed_notices.contains(&told.row.token()) {
            continue;
        }
        let mut line = line(&told, now);
        line.more = more(site, &told).await?;
        lines.push(line);
    }
    Ok(lines)
}

/// A bulletin as a line, leading to what it names itself.
pub fn line(told: &Told, now: i64) -> BulletinLine {
    line_of(&told.bulletin, told.row.said_at, told.row.token(), now)
}

/// The same of one that may not have been said yet.
pub fn line_of(bulletin: &Bulletin, said_at: i64, token: String, now: i64) -> BulletinLine {
    BulletinLine {
        level: bulletin.level,
        text: bulletin.text.clone(),
        issuer: bulletin.issuer.clone(),
        at: cards::moment(said_at),
        until: cards::moment(bulletin.until),
        more: bulletin.more.as_ref().map(|more| more.url.clone()),
        token,
        outage: bulletin.outage.as_ref().map(|outage| span(outage, now)),
    }
}

fn span(outage: &Outage, now: i64) -> OutageSpan {
    OutageSpan {
        from: cards::moment(outage.from),
        until: cards::moment(outage.until),
        is_on: outage.is_on(now),
    }
}

/// Where more is to be read: in our own copy, where that is shown.
async fn more(site: &Site, told: &Told) -> Result<Option<String>> {
    if told.bulletin.outage.is_some() {
        return Ok(Some(OUTAGES.to_owned()));
    }
    let Some(more) = &told.bulletin.more else {
        return Ok(None);
    };
    let held = listing::find_many(site.db.reader(), &[more.entry]).await?;
    let shown = held.into_iter().find(listing::Listed::is_shown);
    Ok(Some(shown.map_or_else(
        || more.url.clone(),
        |shown| shown.entry.path(),
    )))
}

/// When the portal is expected back, if it is out of service now as was announced.
pub async fn back_at(site: &Site) -> Result<Option<Stamp>> {
    let now = site.clock.now().timestamp_millis();
    let told = record::to_come(site.db.reader(), now).await?;
    let outage = above::outage_of(&told, site.unit_id, now);
    Ok(outage.map(|outage| cards::moment(outage.until)))
}

/// The outages that were announced and are not over: of this portal, then of others that are known here.
pub async fn outages(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let now = site.clock.now();
    let told = record::to_come(site.db.reader(), now.timestamp_millis()).await?;
    let mut outages: Vec<(&Outage, &str)> = told
        .iter()
        .filter_map(|one| Some((one.bulletin.outage.as_ref()?, one.bulletin.text.as_str())))
        // Who stands in for another portal speaks of that one alone.
        .filter(|(outage, _)| site.profile.shown_by.is_none() || outage.unit == site.unit_id)
        .collect();
    outages.sort_by_key(|(outage, _)| (outage.unit != site.unit_id, outage.from, outage.unit));
    let units: Vec<Uuid> = outages.iter().map(|(outage, _)| outage.unit).collect();
    let today = vietnamese::local(now).date_naive();
    let tree = units::some_on(site.db.reader(), today, &units).await?;
    let notices = outages.into_iter().map(|(outage, text)| OutageNotice {
        unit: match outage.unit == site.unit_id {
            true => site.profile.title.clone(),
            false => cards::capitalised(&tree.name_of(outage.unit)),
        },
        span: span(outage, now.timestamp_millis()),
        text: text.to_owned(),
        reason: outage.reason.clone(),
        instead: outage.instead.clone(),
        announced: cards::moment(outage.announced),
        urgency: outage.urgency.clone(),
    });
    let notices = notices.collect();
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Tạm ngừng cung cấp", OUTAGES);
    visit.answer(&OutagesPage {
        frame: around.frame,
        notices,
    })
}
