//! Whether the chain is whole: the first record that is not as it was written is named.

use super::chain::{self, Mark, Model};
use super::{Action, Actor, Kind, Subject};
use crate::error::Result;
use crate::log::Digest;
use crate::settings;
use crate::site::Site;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

/// Records read at a time.
const SOME: u64 = 1000;
/// How old the last check may be.
const EVERY: TimeDelta = TimeDelta::hours(24);
/// The hour of the night, in Vietnam, from which a check is due.
const HOUR: u32 = 2;
/// The setting that keeps what the last check found.
const LAST: &str = "audit_check";

/// What is wrong with a chain, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Broken {
    /// The record is not there.
    Missing {
        /// Its place.
        seq: i64,
    },
    /// The record is not what its digest was made of.
    Altered {
        /// Its place.
        seq: i64,
    },
    /// The record does not follow the one before it.
    Unlinked {
        /// Its place.
        seq: i64,
    },
    /// There is a record behind the end.
    Beyond {
        /// Its place.
        seq: i64,
    },
    /// The last record is not the one that was noted as the last.
    End {
        /// Its place.
        seq: i64,
    },
}

impl Broken {
    /// The first place that is not right.
    pub fn seq(self) -> i64 {
        let (Self::Missing { seq }
        | Self::Altered { seq }
        | Self::Unlinked { seq }
        | Self::Beyond { seq }
        | Self::End { seq }) = self;
        seq
    }

    /// In words, for people.
    pub fn in_words(self) -> String {
        let seq = self.seq();
        match self {
            Self::Missing { .. } => format!("thiếu dòng số {seq}"),
            Self::Altered { .. } => format!("dòng số {seq} đã bị sửa"),
            Self::Unlinked { .. } => format!("dòng số {seq} không nối tiếp dòng trước nó"),
            Self::Beyond { .. } => format!("có dòng số {seq} nằm ngoài chuỗi"),
            Self::End { .. } => format!("dòng cuối (số {seq}) không phải dòng cuối đã ghi nhận"),
        }
    }
}

/// What looking through a chain came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Records looked at.
    pub checked: i64,
    /// What is wrong, if anything.
    pub broken: Option<Broken>,
}

/// Walks along a chain, record by record.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    last: Mark,
    checked: i64,
}

impl Walk {
    /// From behind `anchor`.
    pub fn from(anchor: Mark) -> Self {
        Self {
            last: anchor,
            checked: 0,
        }
    }

    /// The last record that was right.
    pub fn last(&self) -> Mark {
        self.last
    }

    /// How many were right.
    pub fn checked(&self) -> i64 {
        self.checked
    }

    /// Looks at the next record: it says to be `stated` and to follow `previous`, and is `made`.
    pub fn step(
        &mut self,
        stated: Mark,
        previous: Digest,
        made: Digest,
    ) -> std::result::Result<(), Broken> {
        let seq = self.last.seq + 1;
        if stated.seq != seq {
            return Err(Broken::Missing { seq });
        }
        if stated.digest != made {
            return Err(Broken::Altered { seq });
        }
        if previous != self.last.digest {
            return Err(Broken::Unlinked { seq });
        }
        self.last = stated;
        self.checked += 1;
        Ok(())
    }
}

/// Looks through the whole chain in the database.
pub async fn check<C: ConnectionTrait>(db: &C) -> Result<Verdict> {
    let ends = chain::ends(db).await?;
    let mut walk = Walk::from(ends.anchor);
    let verdict = |walk: &Walk, broken| Verdict {
        checked: walk.checked(),
        broken,
    };
    if let Some(stray) = at_or_below(db, ends.anchor.seq).await? {
        return Ok(verdict(&walk, Some(Broken::Beyond { seq: stray })));
    }
    while walk.last().seq < ends.head.seq {
        let some = after(db, walk.last().seq).await?;
        if some.is_empty() {
            let seq = walk.last().seq + 1;
            return Ok(verdict(&walk, Some(Broken::Missing { seq })));
        }
        for record in &some {
            // What was written since the ends were read is looked at next time.
            if walk.last().seq == ends.head.seq {
                break;
            }
            if let Err(broken) = step(&mut walk, record) {
                return Ok(verdict(&walk, Some(broken)));
            }
        }
    }
    if walk.last() != ends.head {
        let seq = ends.head.seq;
        return Ok(verdict(&walk, Some(Broken::End { seq })));
    }
    // Somebody may have written meanwhile; what is beyond the end as it is now belongs to nobody.
    let now = chain::ends(db).await?;
    let stray = after(db, now.head.seq).await?.first().map(|row| row.seq);
    let still = chain::ends(db).await?.head == now.head;
    let broken = stray.filter(|_| still).map(|seq| Broken::Beyond { seq });
    Ok(verdict(&walk, broken))
}

fn step(walk: &mut Walk, record: &Model) -> std::result::Result<(), Broken> {
    let altered = Broken::Altered {
        seq: walk.last().seq + 1,
    };
    let stated = Digest::from_slice(&record.digest).map_err(|_| altered)?;
    let stated = Mark {
        seq: record.seq,
        digest: stated,
    };
    let document = record.document().map_err(|_| altered)?;
    let made = document.digest().map_err(|_| altered)?;
    walk.step(stated, document.previous, made)?;
    if record.words != record.searchable() {
        return Err(altered);
    }
    Ok(())
}

async fn after<C: ConnectionTrait>(db: &C, seq: i64) -> Result<Vec<Model>> {
    Ok(chain::Entity::find()
        .filter(chain::Column::Seq.gt(seq))
        .order_by_asc(chain::Column::Seq)
        .limit(SOME)
        .all(db)
        .await?)
}

async fn at_or_below<C: ConnectionTrait>(db: &C, seq: i64) -> Result<Option<i64>> {
    let found = chain::Entity::find()
        .filter(chain::Column::Seq.lte(seq))
        .order_by_asc(chain::Column::Seq)
        .one(db)
        .await?;
    Ok(found.map(|record| record.seq))
}

/// What the last check found, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When.
    pub at: DateTime<Utc>,
    /// What it came to.
    pub verdict: Verdict,
}

/// The last check.
pub async fn last<C: ConnectionTrait>(db: &C) -> Result<Option<LastCheck>> {
    settings::get(db, LAST).await
}

/// Looks through the chain once a night, and says so where people look if it is not whole.
pub async fn nightly(site: &Site) -> Result<()> {
    use chrono::Timelike;
    let now = site.clock.now();
    let last = last(site.db.reader()).await?;
    let is_night = crate::vietnamese::local(now).hour() == HOUR;
    let age = last.map(|last| now - last.at);
    let is_due = match age {
        None => true,
        // A machine that is off at night is looked through when it is on.
        Some(age) => age >= EVERY || (is_night && age >= TimeDelta::hours(2)),
    };
    if is_due {
        now_and_note(site).await?;
    }
    Ok(())
}

/// Looks through the chain now, notes what was found, and raises the alarm if it is not whole.
pub async fn now_and_note(site: &Site) -> Result<Verdict> {
    let before = last(site.db.reader()).await?;
    let verdict = check(site.db.reader()).await?;
    let at = site.clock.now();
    metrics::gauge!("audit_chain_broken").set(f64::from(u8::from(verdict.broken.is_some())));
    if let Some(broken) = verdict.broken {
        tracing::error!(
            row = broken.seq(),
            ?broken,
            "the audit record was changed behind the application"
        );
    }
    let is_news =
        verdict.broken.is_some() && before.and_then(|it| it.verdict.broken) != verdict.broken;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                settings::set(tx, LAST, &LastCheck { at, verdict }).await?;
                if let Some(broken) = verdict.broken.filter(|_| is_news) {
                    let subject = Subject::of(Kind::Audit, broken.seq());
                    let now = at.timestamp_millis();
                    super::record(tx, &Actor::System, Action::AuditBroken, subject, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(verdict)
}
