//! What the hub is told of the record, so that whoever may write here cannot write history anew unseen.
//!
//! A digest covers all that came before it. The hub keeps the newest it was told; at the next report it
//! asks what stands at that place now. Whoever rewrote anything before it, and all digests behind it so
//! that they fit, has another digest there.

use super::chain::{self, Ends, Mark};
use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use crate::sync::message_signature::Content;
use crate::sync::peer;
use crate::sync::wire::{Answer, Correspondent, Exchange, JSON};
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use utoipa::ToSchema;

/// Where a member tells it.
pub const PATH: &str = "/v1/audit";
/// How long to wait for the answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is told although nothing came in.
const AT_LEAST: TimeDelta = TimeDelta::hours(1);
/// Most places answered for at once.
const MOST_MARKS: usize = 16;

/// What a member says of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Version, 1.
    pub v: u32,
    /// The newest record.
    pub head: Mark,
    /// The last one that was let go when its time was over.
    pub anchor: Mark,
    /// What stands at the places the hub asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// What the hub answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heard {
    /// Version, 1.
    pub v: u32,
    /// Places of which it wants to know what stands there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<i64>,
    /// Whether the record goes on from what the hub was told before.
    pub agrees: bool,
}

/// What a report says about what is kept of earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Places of which has to be asked what stands there.
    pub asks: Vec<i64>,
    /// The first place where something else stands, or nothing any more, and what stands there.
    pub differs: Option<(Mark, Option<Digest>)>,
}

/// Compares a report with the marks `kept` of earlier ones.
pub fn judge(kept: &[Mark], report: &Report) -> Judged {
    let told = |seq| {
        let ends = [&report.head, &report.anchor];
        let mut all = report.marks.iter().chain(ends);
        all.find(|mark| mark.seq == seq).map(|mark| mark.digest)
    };
    let mut judged = Judged::default();
    for mark in kept {
        match told(mark.seq) {
            Some(digest) if digest == mark.digest => {}
            None if mark.seq < report.anchor.seq => {}
            None if mark.seq <= report.head.seq => judged.asks.push(mark.seq),
            other => {
                let is_first = judged.differs.is_none_or(|(first, _)| mark.seq < first.seq);
                if is_first {
                    judged.differs = Some((*mark, other));
                }
            }
        }
    }
    judged
}

/// What the hub was last told, and what it asked.
#[derive(Debug, Default)]
pub struct Told(Mutex<Last>);

#[derive(Clone, Debug, Default)]
struct Last {
    head: Option<Mark>,
    at: Option<DateTime<Utc>>,
    asks: Vec<i64>,
}

impl Told {
    fn get(&self) -> Last {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, last: Last) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }
}

/// Tells the hub how the record stands, if that is news; whether it goes on there from what the hub was
/// told before, if the hub said so.
pub async fn tell(site: &Site) -> Result<Option<bool>> {
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        return Ok(None);
    };
    let (last, now) = (site.told_head.get(), site.clock.now());
    let ends = chain::ends(site.db.reader()).await?;
    let is_old = last.at.is_none_or(|at| now - at >= AT_LEAST);
    if last.head == Some(ends.head) && !is_old {
        return Ok(None);
    }
    let correspondent = Correspondent::load(site, hub.site_id).await?;
    let mut asks = last.asks;
    let mut agrees = false;
    // What it asks depends on what it keeps; one more exchange answers that.
    for _ in 0..2 {
        let report = Report {
            v: 1,
            head: ends.head,
            anchor: ends.anchor,
            marks: marks(site, ends, &asks).await?,
        };
        let Some(heard) = report_to(site, &correspondent, &report).await? else {
            return Ok(None);
        };
        agrees = heard.agrees;
        if !heard.agrees {
            tracing::error!("the hub knows another history of the audit record of this site");
        }
        let is_answered = heard.asks.iter().all(|seq| asks.contains(seq));
        asks = heard.asks;
        if is_answered {
            break;
        }
    }
    site.told_head.set(Last {
        head: Some(ends.head),
        at: Some(now),
        asks: vec![ends.head.seq],
    });
    Ok(Some(agrees))
}

async fn report_to(
    site: &Site,
    correspondent: &Correspondent,
    report: &Report,
) -> Result<Option<Heard>> {
    let body = serde_json::to_vec(report).map_err(anyhow::Error::new)?;
    let exchange = Exchange {
        method: Method::POST,
        path: PATH,
        content: Some(Content {
            content_type: JSON,
            body: &body,
        }),
        deadline: PATIENCE,
    };
    match correspondent.exchange(site, exchange).await? {
        Answer::Told(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        // A hub of an earlier version, or none to be reached: told at the next round.
        Answer::Problem(problem) => {
            tracing::debug!(
                ?problem,
                "the hub did not take the head of the audit record"
            );
            Ok(None)
        }
        Answer::Nothing { slug, .. } => {
            tracing::debug!(slug, "the hub was not told of the audit record");
            Ok(None)
        }
    }
}

/// What stands at `places`.
async fn marks(site: &Site, ends: Ends, places: &[i64]) -> Result<Vec<Mark>> {
    let places = places.iter().copied().take(MOST_MARKS);
    let found = chain::Entity::find()
        .filter(chain::Column::Seq.is_in(places))
        .filter(chain::Column::Seq.lte(ends.head.seq))
        .all(site.db.reader())
        .await?;
    let mark = |record: &chain::Model| {
        let digest = Digest::from_slice(&record.digest).map_err(anyhow::Error::new)?;
        let seq = record.seq;
        Ok(Mark { seq, digest })
    };
    found.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(seq: i64, text: &str) -> Mark {
        let digest = Digest::of(text);
        Mark { seq, digest }
    }

    fn report(head: Mark, marks: &[Mark]) -> Report {
        Report {
            v: 1,
            head,
            anchor: mark(3, "c"),
            marks: marks.to_vec(),
        }
    }

    #[test]
    fn a_record_that_goes_on_agrees_once_it_has_said_what_stands_where_it_stood() {
        let kept = [mark(10, "j"), mark(2, "b")];
        let judged = judge(&kept, &report(mark(12, "l"), &[]));
        assert_eq!(judged.asks, [10], "the other was let go in its time");
        assert_eq!(judged.differs, None);
        let judged = judge(&kept, &report(mark(12, "l"), &[mark(10, "j")]));
        assert_eq!(judged, Judged::default());
    }

    #[test]
    fn a_history_written_anew_differs() {
        let kept = [mark(10, "j")];
        let judged = judge(&kept, &report(mark(12, "l"), &[mark(10, "x")]));
        assert_eq!(judged.differs, Some((mark(10, "j"), Some(Digest::of("x")))));
        let judged = judge(&kept, &report(mark(10, "x"), &[]));
        assert!(judged.differs.is_some(), "at its end too");
    }

    #[test]
    fn a_history_cut_short_differs() {
        let kept = [mark(10, "j")];
        let judged = judge(&kept, &report(mark(9, "i"), &[]));
        assert_eq!(judged.differs, Some((mark(10, "j"), None)));
    }
}
