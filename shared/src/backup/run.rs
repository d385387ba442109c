//! What was done for the backups, and when: the site's own record, and what is told to the hub.

use crate::error::Result;
use crate::site::Site;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup_runs")]
pub struct Model {
    /// Run number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// [`Work`] by name.
    pub work: String,
    /// Where.
    pub target: String,
    /// When it began; milliseconds.
    pub began_at: i64,
    /// When it ended; milliseconds.
    pub ended_at: i64,
    /// Whether it came to a good end.
    pub is_good: bool,
    /// The snapshot made or looked at.
    pub snapshot: Option<String>,
    /// How large that is.
    pub bytes: Option<i64>,
    /// How much of it was new.
    pub added: Option<i64>,
    /// The digest of what was kept, by which the next run knows whether anything changed.
    pub content: Option<Vec<u8>>,
    /// What there is to say, in words.
    pub detail: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How many runs are kept.
const KEPT: u64 = 500;
/// How old the last good backup, check or drill may be. A night that was missed, and two hours.
pub const TOLERATED: TimeDelta = TimeDelta::hours(26);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// A snapshot is made.
    Backup,
    /// The repository is checked.
    Check,
    /// A snapshot is restored for practice.
    Drill,
    /// Old snapshots are forgotten.
    Forget,
}

impl Work {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Check => "check",
            Self::Drill => "drill",
            Self::Forget => "forget",
        }
    }
}

/// A run about to be noted.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// What was done.
    pub work: Work,
    /// Where.
    pub target: String,
    /// When it began.
    pub began: DateTime<Utc>,
    /// Whether it came to a good end.
    pub is_good: bool,
    /// The snapshot made or looked at.
    pub snapshot: Option<super::Snapshot>,
    /// The digest of what was kept.
    pub content: Option<crate::log::Digest>,
    /// In words.
    pub detail: Option<String>,
}

/// Notes a run, and forgets the oldest.
pub async fn note(site: &Site, run: NewRun) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
                let made = ActiveModel {
                    id: NotSet,
                    work: Set(run.work.as_str().to_owned()),
                    target: Set(run.target),
                    began_at: Set(run.began.timestamp_millis()),
                    ended_at: Set(now),
                    is_good: Set(run.is_good),
                    bytes: Set(run.snapshot.as_ref().map(|made| size(made.bytes))),
                    added: Set(run.snapshot.as_ref().map(|made| size(made.added))),
                    snapshot: Set(run.snapshot.map(|made| made.id)),
                    content: Set(run.content.map(|digest| digest.as_bytes().to_vec())),
                    detail: Set(run.detail),
                }
                .insert(tx)
                .await?;
                let oldest = made.id - i64::try_from(KEPT).unwrap_or(i64::MAX);
                Entity::delete_many()
                    .filter(Column::Id.lt(oldest))
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// The last run of `work`, good or not.
pub async fn last<C: ConnectionTrait>(db: &C, work: Work) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Work.eq(work.as_str()))
        .order_by_desc(Column::Id)
        .one(db)
        .await?)
}

/// The last good run of `work`; at `target`, if one is named.
pub async fn last_good<C: ConnectionTrait>(
    db: &C,
    work: Work,
    target: Option<&str>,
) -> Result<Option<Model>> {
    let mut query = Entity::find()
        .filter(Column::Work.eq(work.as_str()))
        .filter(Column::IsGood.eq(true));
    if let Some(target) = target {
        query = query.filter(Column::Target.eq(target));
    }
    Ok(query.order_by_desc(Column::Id).one(db).await?)
}

/// The last runs, newest first.
pub async fn latest<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How a site's backups stand, as it tells its hub and its own people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Version, 1.
    pub v: u32,
    /// Where they go.
    #[serde(default)]
    pub targets: Vec<String>,
    /// The last backup.
    #[serde(default)]
    pub backup: Standing,
    /// The last check.
    #[serde(default)]
    pub check: Standing,
    /// The last drill.
    #[serde(default)]
    pub drill: Standing,
    /// How large the last snapshot is.
    #[serde(default)]
    pub bytes: u64,
    /// Since when there are backups, as far as is remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

/// How one kind of work stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    /// When it last came to a good end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_at: Option<DateTime<Utc>>,
    /// When it last failed, if that was after it last came to a good end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<DateTime<Utc>>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Standing {
    /// Whether somebody has to look: it failed last, or its last good end is too long ago.
    pub fn is_red(&self, now: DateTime<Utc>) -> bool {
        self.failed_at.is_some() || self.good_at.is_none_or(|at| now - at > TOLERATED)
    }
}

impl Report {
    /// How the backups of `site` stand.
    pub async fn of(site: &Site, targets: &[super::Target]) -> Result<Self> {
        let db = site.db.reader();
        let good = last_good(db, Work::Backup, None).await?;
        let bytes = good.as_ref().and_then(|run| run.bytes).unwrap_or(0);
        Ok(Self {
            v: 1,
            targets: targets.iter().map(ToString::to_string).collect(),
            backup: standing(db, Work::Backup).await?,
            check: standing(db, Work::Check).await?,
            drill: standing(db, Work::Drill).await?,
            bytes: u64::try_from(bytes).unwrap_or(0),
            since: first_good(db).await?,
        })
    }

    /// Whether somebody has to look.
    pub fn is_red(&self, now: DateTime<Utc>) -> bool {
        // Who has backups since this morning had no night yet to try one.
        let had_a_night = self.since.is_some_and(|since| now - since > TOLERATED);
        let is_undrilled = had_a_night && self.drill.is_red(now);
        self.backup.is_red(now)
            || is_undrilled
            || self.drill.failed_at.is_some()
            || self.check.failed_at.is_some()
    }
}

async fn first_good<C: ConnectionTrait>(db: &C) -> Result<Option<DateTime<Utc>>> {
    let first = Entity::find()
        .filter(Column::Work.eq(Work::Backup.as_str()))
        .filter(Column::IsGood.eq(true))
        .order_by_asc(Column::Id)
        .one(db)
        .await?;
    Ok(first.map(|run| crate::clock::from_millis(run.ended_at)))
}

async fn standing<C: ConnectionTrait>(db: &C, work: Work) -> Result<Standing> {
    let good = last_good(db, work, None).await?;
    let last = last(db, work).await?.filter(|run| !run.is_good);
    Ok(Standing {
        good_at: good.map(|run| crate::clock::from_millis(run.ended_at)),
        failed_at: last
            .as_ref()
            .map(|run| crate::clock::from_millis(run.ended_at)),
        detail: last.and_then(|run| run.detail),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_a_backup_is_red_and_so_is_a_failure() {
        let now = crate::testing::noon();
        let standing = |good: Option<i64>, failed: Option<i64>| Standing {
            good_at: good.map(|hours| now - TimeDelta::hours(hours)),
            failed_at: failed.map(|hours| now - TimeDelta::hours(hours)),
            detail: None,
        };
        assert!(standing(None, None).is_red(now), "never");
        assert!(!standing(Some(1), None).is_red(now));
        assert!(!standing(Some(26), None).is_red(now));
        assert!(standing(Some(27), None).is_red(now));
        assert!(standing(Some(1), Some(0)).is_red(now), "it failed since");

        let report = |since: i64, drill: Standing| Report {
            backup: standing(Some(1), None),
            drill,
            since: Some(now - TimeDelta::hours(since)),
            ..Report::default()
        };
        assert!(!report(5, standing(None, None)).is_red(now), "no night yet");
        assert!(report(50, standing(None, None)).is_red(now), "never tried");
        assert!(!report(50, standing(Some(9), None)).is_red(now));
        assert!(report(5, standing(None, Some(1))).is_red(now), "it failed");
    }
}
