//! Examining the way to a peer, step by step: from its name to a signed answer.
//!
//! What is done is harmless and bounded: one connection, one greeting that names nothing, one large body that
//! nobody signed. What that comes to is said by [`findings`](mod@findings), which is pure.

pub mod findings;

pub use findings::{Finding, Health, Observed, Step, findings, in_words};

use super::api::{INBOX, LARGEST_PUSH};
use super::batch::MEDIA_TYPE;
use super::greeting::{self, Greeting, GreetingAnswer, SOFTWARE};
use super::message_signature::Content;
use super::peer;
use super::wire::{Correspondent, Exchange, JSON};
use crate::error::Result;
use crate::http_client::{ErrorAnswer, FetchError, Fetched};
use crate::problem::ProblemKind;
use crate::site::Site;
use axum::http::{HeaderMap, Method, header};
use chrono::{DateTime, Utc};
use findings::{Body, Hello};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// How long each step may take. All of them together stay below what a page may.
const DOOR: Duration = Duration::from_secs(6);
const HELLO: Duration = Duration::from_secs(10);
const BODY: Duration = Duration::from_secs(15);
/// How much less than the largest batch is tried.
const BELOW_LIMIT: usize = 1024;

/// Examines the way from `site` to its peer `to`.
pub async fn examine(site: &Site, to: Uuid) -> Result<Vec<Finding>> {
    let correspondent = Correspondent::load(site, to).await?;
    let base = correspondent.base();
    let peer = peer::find(site.db.reader(), to).await?;
    let mut observed = Observed {
        host: base.host_str().unwrap_or_default().to_owned(),
        is_https: base.scheme() == "https",
        is_pull: peer.is_some_and(|peer| peer.is_pull() && !peer.is_upstream()),
        door: site.http.knock(base, correspondent.allow(), DOOR).await,
        ..Observed::default()
    };
    let is_trusted = observed
        .door
        .certificate
        .as_ref()
        .is_none_or(|shown| shown.distrust.is_none());
    // Nothing is sent where nobody can tell who would read it.
    if observed.door.shut.is_none() && is_trusted {
        let (hello, body) = tokio::join!(hello(site, &correspondent), body(site, &correspondent));
        observed.hello = Some(hello?);
        observed.body = Some(body);
    }
    Ok(findings(&observed, site.clock.now()))
}

/// Greets without saying which run of this site it is: a command beside the server is no second machine.
async fn hello(site: &Site, to: &Correspondent) -> Result<Hello> {
    let greeting = Greeting {
        v: 1,
        stream: site.stream_id(),
        software: SOFTWARE.to_owned(),
        time: site.clock.now(),
        run: None,
        ticket: None,
        logs: Vec::new(),
        holds: None,
        contact: None,
        views: Vec::new(),
        cases: None,
        accounts: None,
    };
    let body = serde_json::to_vec(&greeting).map_err(anyhow::Error::new)?;
    let exchange = Exchange {
        method: Method::POST,
        path: greeting::PATH,
        content: Some(Content {
            content_type: JSON,
            body: &body,
        }),
        deadline: HELLO,
    };
    let asked = Instant::now();
    let (nonce, sent) = to.send(site, exchange, &site.key.current()).await?;
    let took = asked.elapsed();
    let fetched = match sent {
        Ok(fetched) => fetched,
        Err(error) => return Ok(declined(&error, site.clock.now())),
    };
    Ok(match to.prove(site, &fetched, &nonce) {
        Ok(_) => signed(&fetched, site.clock.now(), took),
        Err(error) => Hello::Unproved {
            why: error.to_string(),
            has_signature: ["signature", "signature-input"]
                .iter()
                .all(|name| fetched.headers.contains_key(*name)),
            has_digest: fetched.headers.contains_key("content-digest"),
        },
    })
}

fn signed(fetched: &Fetched, now: DateTime<Utc>, took: Duration) -> Hello {
    match serde_json::from_slice::<GreetingAnswer>(&fetched.body) {
        // It was said somewhere between asking and hearing.
        Ok(told) => {
            let half = i64::try_from(took.as_millis() / 2).unwrap_or_default();
            Hello::Signed {
                skew_ms: (told.time - now).num_milliseconds() + half,
                software: told.software,
            }
        }
        Err(error) => Hello::Nothing(format!("câu trả lời không đọc được: {error}")),
    }
}

fn declined(error: &FetchError, now: DateTime<Utc>) -> Hello {
    if let Some(problem) = error.problem() {
        return Hello::Declined {
            slug: problem.kind.slug().to_owned(),
            detail: problem.detail.unwrap_or(problem.title),
            skew_ms: match error {
                FetchError::Status(answer) => skew_by_date(&answer.headers, now),
                _ => None,
            },
        };
    }
    match error {
        FetchError::Status(answer) => Hello::Foreign {
            status: answer.status,
            server: server_of(answer),
        },
        error => Hello::Nothing(error.to_string()),
    }
}

/// What the server in between calls itself, if it does.
fn server_of(answer: &ErrorAnswer) -> Option<String> {
    let named = answer.headers.get(header::SERVER)?.to_str().ok()?;
    Some(named.chars().take(40).collect())
}

fn skew_by_date(headers: &HeaderMap, now: DateTime<Utc>) -> Option<i64> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let theirs = DateTime::parse_from_rfc2822(date).ok()?;
    Some((theirs.with_timezone(&Utc) - now).num_milliseconds())
}

/// Sends as much as a batch may hold. Whoever is meant reads all of it and misses a signature.
async fn body(site: &Site, to: &Correspondent) -> Body {
    let Ok(target) = to.base().join(INBOX) else {
        return Body::Broken("địa chỉ không đúng dạng".to_owned());
    };
    let call = site.http.post(
        target.as_str(),
        MEDIA_TYPE,
        vec![b' '; LARGEST_PUSH - BELOW_LIMIT],
    );
    let sent = call.allow(to.allow()).hops(0).deadline(BODY).send().await;
    match sent {
        Ok(fetched) => Body::CutOff {
            status: fetched.status.as_u16(),
        },
        Err(error) => match (error.problem().map(|problem| problem.kind), error.status()) {
            (Some(ProblemKind::TooLarge), _) => Body::TooLarge,
            (Some(_), _) => Body::Taken,
            (None, Some(status)) => Body::CutOff { status },
            (None, None) => Body::Broken(error.to_string()),
        },
    }
}
