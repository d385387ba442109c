//! `/quan-tri/canh-bao`: what is wrong at members, since when, and who knows.

use super::{alert_recipients, member};
use crate::alerts::{alert, message, recipient};
use axum::extract::Form;
use axum::response::Response;
use chrono::TimeDelta;
use serde::Deserialize;
use shared::accounts::Right;
use shared::audit::{self, Action, Kind, Subject};
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::AlertsPage;
use shared::pages::view::{AlertRow, Badge, Link, SentRow, Tone};
use shared::units::Tree;
use shared::{directory::site_record, vietnamese};
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) use crate::alerts::PATH;
/// Alerts that are over, shown.
const MOST_OVER: u64 = 50;
/// Messages shown.
const MOST_MESSAGES: u64 = 20;

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let db = at.site.db.reader();
    let now = at.site.clock.now();
    let names = Names::read(&at).await?;
    let row = |alert: alert::Model| row(&names, alert, now.timestamp_millis());
    let open = alert::open(db, now.timestamp_millis()).await?;
    let unknown = open
        .iter()
        .filter(|alert| alert.acknowledged_at.is_none())
        .count();
    let recipients: HashMap<Uuid, String> = recipient::all(db)
        .await?
        .into_iter()
        .map(|recipient| (recipient.id, recipient.name))
        .collect();
    let may_change = at.user.may(Right::ManageMembers);
    let messages = message::newest(db, MOST_MESSAGES).await?;
    at.answer(&AlertsPage {
        desk: at.desk("Cảnh báo", PATH).await?,
        action: PATH.to_owned(),
        open: open.into_iter().map(row).collect(),
        over: alert::over(db, MOST_OVER)
            .await?
            .into_iter()
            .map(row)
            .collect(),
        messages: messages
            .into_iter()
            .map(|message| sent(message, &recipients))
            .collect(),
        has_recipients: !recipients.is_empty(),
        recipients: may_change.then(|| Link::new("Nơi nhận cảnh báo", alert_recipients::PATH)),
        may_know: may_change,
        unknown,
    })
}

/// What members are called.
struct Names {
    tree: Tree,
    units: HashMap<Uuid, Uuid>,
}

impl Names {
    async fn read(at: &AtDesk) -> Result<Self> {
        let db = at.site.db.reader();
        let today = vietnamese::local(at.site.clock.now()).date_naive();
        let sites = site_record::all(db).await?;
        Ok(Self {
            tree: shared::units::tree_on(db, today).await?,
            units: sites
                .into_iter()
                .map(|site| (site.id, site.unit_id))
                .collect(),
        })
    }

    fn of(&self, site: Uuid) -> String {
        let unit = self.units.get(&site);
        unit.map_or_else(
            || site.to_string(),
            |unit| cards::capitalised(&self.tree.name_of(*unit)),
        )
    }
}

fn row(names: &Names, alert: alert::Model, now: i64) -> AlertRow {
    let kind = alert.kind();
    let lasted = TimeDelta::milliseconds(alert.closed_at.unwrap_or(now) - alert.seen_at);
    AlertRow {
        id: alert.id.to_string(),
        unit: Link::new(names.of(alert.site_id), member::path_of(alert.site_id)),
        badge: Badge::new(
            kind.map_or(alert.kind.as_str(), |kind| kind.label()),
            match kind {
                Some(kind) if kind.is_urgent() => Tone::Bad,
                _ if alert.closed_at.is_some() => Tone::Quiet,
                _ => Tone::Warning,
            },
        ),
        detail: alert.detail,
        since: cards::moment(alert.seen_at),
        until: alert.closed_at.map(cards::moment),
        lasted: match lasted.num_minutes() {
            0 => "chưa đến 1 phút".to_owned(),
            _ => vietnamese::ago(lasted),
        },
        known_by: alert.acknowledged_by,
        known_at: alert.acknowledged_at.map(cards::moment),
    }
}

fn sent(message: message::Model, recipients: &HashMap<Uuid, String>) -> SentRow {
    let (state, tone) = match (message.sent_at, message.given_up_at, message.tries) {
        (Some(_), ..) => ("đã nhận".to_owned(), Tone::Good),
        (None, Some(_), tries) => (format!("thôi gửi sau {tries} lần"), Tone::Bad),
        (None, None, 0) => ("đang gửi".to_owned(), Tone::Quiet),
        (None, None, tries) => (format!("chưa được, đã thử {tries} lần"), Tone::Warning),
    };
    SentRow {
        to: recipients
            .get(&message.recipient_id)
            .cloned()
            .unwrap_or_default(),
        subject: message.subject,
        at: cards::moment(message.made_at),
        state: Badge::new(state, tone),
    }
}

/// What a button sends: one alert, or all.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    csrf: String,
    #[serde(default)]
    id: String,
}

/// Notes that whoever is signed in knows.
pub(super) async fn acknowledge(at: AtDesk, Form(known): Form<Known>) -> Result<Response> {
    at.user.check_form(&known.csrf)?;
    let id: Option<i64> = match known.id.as_str() {
        "all" => None,
        id => Some(id.parse().map_err(|_| shared::error::Error::NotFound)?),
    };
    let (by, who) = (at.user.actor(), at.user.account.name.clone());
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                if alert::acknowledge(tx, id, &who, now).await? > 0 {
                    let subject = match id {
                        Some(id) => Subject::of(Kind::Alert, id),
                        None => Subject::of(Kind::Alert, "all"),
                    };
                    audit::record(tx, &by, Action::AlertsKnown, subject, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(Done::AlertsKnown.then(PATH))
}
