//! Letting go of what is older than the law asks for, so that the rest still proves itself.

use super::chain::{self, Mark, ends};
use super::{Action, Actor, Kind, Subject};
use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, QueryOrder, Set};

/// How long records are kept: twelve months are asked for, and a month more is there to ask in.
const KEPT: TimeDelta = TimeDelta::days(396);
/// How long the oldest may lie over its time: letting go is itself recorded, and once a week is enough.
const SLACK: TimeDelta = TimeDelta::days(7);
/// Records let go in one round.
const MOST: i64 = 5000;

/// Lets go of records whose time is over, oldest first; how many. The last of them stays as the anchor
/// from which the chain is checked.
pub async fn trim(site: &Site) -> Result<u64> {
    let now = site.clock.now();
    let before = (now - KEPT).timestamp_millis();
    let overdue = (now - KEPT - SLACK).timestamp_millis();
    let oldest = chain::Entity::find()
        .order_by_asc(chain::Column::Seq)
        .one(site.db.reader())
        .await?;
    if oldest.is_none_or(|oldest| oldest.at >= overdue) {
        return Ok(0);
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let Some(anchor) = last_to_go(tx, before).await? else {
                    return Ok(0);
                };
                let gone = let_go(tx, anchor).await?;
                let subject = Subject::of(Kind::Audit, anchor.seq);
                let now = now.timestamp_millis();
                super::record(tx, &Actor::System, Action::AuditTrimmed, subject, now).await?;
                Ok(gone)
            })
        })
        .await
}

/// The last record of the oldest run that is older than `before`. A clock that was once ahead makes
/// some wait, and none go too early.
async fn last_to_go(tx: &DatabaseTransaction, before: i64) -> Result<Option<Mark>> {
    let ends = chain::ends_locked(tx).await?;
    let first_kept = chain::Entity::find()
        .filter(chain::Column::At.gte(before))
        .order_by_asc(chain::Column::Seq)
        .one(tx)
        .await?;
    let last = first_kept.map_or(ends.head.seq, |kept| kept.seq - 1);
    let last = last.min(ends.anchor.seq + MOST);
    if last <= ends.anchor.seq {
        return Ok(None);
    }
    let Some(record) = chain::Entity::find_by_id(last).one(tx).await? else {
        // A gap is for the check to find, not for housekeeping to hide.
        return Ok(None);
    };
    let digest = Digest::from_slice(&record.digest).map_err(anyhow::Error::new)?;
    Ok(Some(Mark { seq: last, digest }))
}

async fn let_go(tx: &DatabaseTransaction, anchor: Mark) -> Result<u64> {
    ends::Entity::update(ends::ActiveModel {
        id: Set(1),
        anchor_seq: Set(anchor.seq),
        anchor_digest: Set(Some(anchor.digest.as_bytes().to_vec())),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    let gone = chain::Entity::delete_many()
        .filter(chain::Column::Seq.lte(anchor.seq))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}
