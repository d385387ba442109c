//! `/quan-tri/hau-kiem`: what its own author approved, looked at within a day.

use axum::extract::{Form, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::audit::{self, Action, Kind, Subject};
use shared::entries::record;
use shared::error::{Error, FieldError, Result};
use shared::newsroom::post_check::{self, Decision, Verdict};
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk, Done, PAGE};
use shared::pages::templates::{PostCheckRow, PostChecksPage};
use shared::pages::view::{Badge, FilterLink, Tone};
use shared::{screening, units, vietnamese};
use std::sync::Arc;
use uuid::Uuid;

/// The list.
pub(super) const PATH: &str = "/quan-tri/hau-kiem";

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let page = page(&at, &asked, Vec::new()).await?;
    at.answer(&page)
}

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    entry: String,
    revision: i64,
    action: String,
    reason: String,
}

pub(super) async fn decide(at: AtDesk, Form(sent): Form<Sent>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let entry_id: Uuid = sent.entry.parse().map_err(|_| Error::NotFound)?;
    let decision = Decision {
        rev: sent.revision,
        passed: sent.action == "pass",
        reason: sent.reason,
        by: at.user.id(),
    };
    let site = Arc::clone(&at.site);
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    let decided = at.site.db.write(move |tx| {
        Box::pin(async move {
            let verdict = match decision.passed {
                true => Verdict::Passed,
                false => Verdict::Failed,
            };
            post_check::decide(tx, &site, entry_id, decision).await?;
            let subject = Subject::of(Kind::Entry, entry_id).now(verdict.label());
            audit::record(tx, &by, Action::PostChecked, subject, now).await
        })
    });
    match screening::told(&at.site, at.user.id(), decided.await).await {
        Ok(()) => {
            at.site.wake();
            Ok(Done::PostChecked.then(PATH))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &Asked::default(), errors).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn page(at: &AtDesk, asked: &Asked, errors: Vec<FieldError>) -> Result<PostChecksPage> {
    let db = at.site.db.reader();
    let verdict = Verdict::parse(&asked.state).unwrap_or(Verdict::Waiting);
    let mut states = Vec::new();
    let mut total = 0;
    for one in Verdict::ALL {
        let count = post_check::count(db, one).await?;
        if one == verdict {
            total = count;
        }
        states.push(FilterLink {
            label: one.label().to_owned(),
            url: around::address(PATH, [("trang-thai", one.as_str())]),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: one == verdict,
        });
    }
    let found = post_check::list(db, verdict, around::offset(asked.trang), PAGE).await?;
    let mut rows = Vec::new();
    for check in found {
        rows.extend(row(at, check).await?);
    }
    let query = [("trang-thai", verdict.as_str())];
    Ok(PostChecksPage {
        desk: at.desk("Hậu kiểm", PATH).await?,
        states,
        action: PATH.to_owned(),
        rows,
        pagination: around::pagination(PATH, &query, asked.trang, total),
        may_decide: at.user.may(Right::DecideInbox),
        // Which of the rows it was about only its words say.
        errors: errors
            .into_iter()
            .map(|error| FieldError::new("", error.message))
            .collect::<Vec<_>>()
            .into(),
    })
}

async fn row(at: &AtDesk, check: post_check::Model) -> Result<Option<PostCheckRow>> {
    let db = at.site.db.reader();
    let Some(entry) = record::find(db, check.entry_id).await? else {
        return Ok(None);
    };
    let now = at.site.clock.now();
    let today = vietnamese::local(now).date_naive();
    let tree = units::some_on(db, today, &[check.unit_id]).await?;
    let tone = match check.verdict() {
        Verdict::Waiting => Tone::Info,
        Verdict::Passed => Tone::Good,
        Verdict::Failed => Tone::Bad,
    };
    Ok(Some(PostCheckRow {
        entry: check.entry_id.to_string(),
        revision: check.rev,
        title: entry.title.clone(),
        url: entry.url.clone(),
        unit: tree.get(check.unit_id).map_or_else(
            || "Đơn vị".to_owned(),
            |unit| cards::capitalised(&unit.name),
        ),
        due: cards::moment(check.due_at),
        is_late: check.is_late(now.timestamp_millis()),
        is_waiting: check.verdict() == Verdict::Waiting,
        verdict: Badge::new(check.verdict().label(), tone),
        reason: check.reason,
    }))
}
