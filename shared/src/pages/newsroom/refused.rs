//! `/quan-tri/tu-choi`: what was not taken, by us or by a peer, why, and what can be done about it.

use super::around::{AtDesk, Done, PAGE, offset, pagination};
use crate::audit::{self, Action, Kind, Subject};
use crate::directory::site_record;
use crate::entries::record;
use crate::error::{Error, Result};
use crate::log::ledger;
use crate::pages::cards;
use crate::pages::templates::RefusedPage;
use crate::pages::view::RefusedRow;
use crate::sync::quarantine::{self, Retried};
use crate::sync::refusal;
use crate::units::Tree;
use crate::vietnamese::grouped;
use axum::extract::{Form, Query};
use axum::response::Response;
use sea_orm::ConnectionTrait;
use serde::Deserialize;

/// The page.
pub const PATH: &str = "/quan-tri/tu-choi";

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let total = refusal::count(db).await?;
    let today = crate::vietnamese::local(at.site.clock.now()).date_naive();
    let tree = crate::units::tree_on(db, today).await?;
    let mut rows = Vec::new();
    for refused in refusal::page(db, offset(asked.trang), PAGE).await? {
        rows.push(row(db, &tree, refused).await?);
    }
    at.answer(&RefusedPage {
        desk: at.desk("Mục bị từ chối", PATH).await?,
        action: PATH.to_owned(),
        rows,
        pagination: pagination(PATH, &[], asked.trang.max(1), total),
    })
}

async fn row<C: ConnectionTrait>(
    db: &C,
    tree: &Tree,
    refused: refusal::Model,
) -> Result<RefusedRow> {
    let peer = site_record::find(db, refused.site_id).await?;
    let peer = peer.map_or_else(
        || refused.site_id.to_string(),
        |site| tree.name_of(site.unit_id),
    );
    let is_ours = refused.is_ours();
    let entry = match (refused.entry_id, refused.log_id) {
        (Some(entry), _) => Some(entry),
        (None, Some(log)) => ledger::event_at(db, log, refused.seq)
            .await?
            .and_then(|event| event.entry_id),
        (None, None) => None,
    };
    let title = match entry {
        Some(entry) => record::find(db, entry).await?.map(|entry| entry.title),
        None => None,
    };
    let mut reason = refused.detail.clone();
    if refused.tries > 0 {
        reason.push_str(&format!(" Đã thử lại {} lần.", grouped(refused.tries)));
    }
    if refused.state == refusal::State::Wanted.as_str() {
        reason.push_str(" Đã yêu cầu bên gửi gửi lại.");
    }
    Ok(RefusedRow {
        id: refused.id.to_string(),
        sender: match is_ours {
            true => format!("{peer} từ chối mục của trang này"),
            false => peer,
        },
        place: match refused.seq {
            0 => "không rõ vị trí".to_owned(),
            seq => format!("nhật ký, số {}", grouped(seq)),
        },
        title: title.filter(|title| !title.is_empty()),
        reason,
        retryable: !is_ours && refused.is_placed(),
        resendable: is_ours && refused.is_placed(),
        problem: refused.reason,
        at: cards::moment(refused.at),
    })
}

/// What a row's buttons send.
#[derive(Debug, Deserialize)]
pub(super) struct Decided {
    csrf: String,
    id: i64,
    action: String,
}

pub(super) async fn decide(at: AtDesk, Form(decided): Form<Decided>) -> Result<Response> {
    at.user.check_form(&decided.csrf)?;
    let subject = Subject::of(Kind::Refusal, decided.id);
    let done = match decided.action.as_str() {
        "retry" => {
            at.note(Action::RefusalRetried, subject).await?;
            match quarantine::retry(&at.site, decided.id).await? {
                Retried::Taken => Done::Taken,
                Retried::RefusedStill => Done::RefusedStill,
                Retried::Asked => Done::AskedAgain,
                Retried::NotReached { why } => {
                    tracing::info!(why, "an item could not be fetched again");
                    Done::NotReached
                }
                Retried::Unplaced => return Err(Error::NotFound),
            }
        }
        "resend" => {
            quarantine::send_again(&at.site, decided.id).await?;
            at.note(Action::RefusalResent, subject).await?;
            Done::SentAgain
        }
        "dismiss" => {
            let now = at.site.clock.now().timestamp_millis();
            let by = at.user.actor();
            at.site
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        refusal::dismiss(tx, decided.id, by.name(), now).await?;
                        audit::record(tx, &by, Action::RefusalSetAside, subject, now).await
                    })
                })
                .await?;
            Done::SetAside
        }
        _ => return Err(Error::NotFound),
    };
    Ok(done.then(PATH))
}
