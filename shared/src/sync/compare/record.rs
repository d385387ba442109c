//! What comparing with a peer came to, and which differences have an explanation.

use crate::error::Result;
use crate::log::Digest;
use crate::sync::digest::{Mark, Place};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};

/// How comparing with one peer goes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comparisons")]
pub struct Model {
    /// The peer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// When nothing differed last; milliseconds.
    pub agreed_at: Option<i64>,
    /// When we compared last; milliseconds.
    pub compared_at: i64,
    /// Questions the last comparison took.
    pub rounds: i64,
    /// Events that pushing had not brought to us, since ever.
    pub missed_in: i64,
    /// Events that pushing had not brought to the peer, since ever.
    pub missed_out: i64,
    /// When something was missing last; milliseconds.
    pub missed_at: Option<i64>,
    /// When the peer last looked through all it holds, as it says; milliseconds.
    pub checked_at: Option<i64>,
    /// How much of it is damaged and not mended yet, as it says.
    pub damaged: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Events that pushing had missed, either way.
    pub fn missed(&self) -> i64 {
        self.missed_in + self.missed_out
    }
}

/// How comparing with `site_id` goes; `None` before the first time.
pub async fn find<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}

/// How comparing with everybody goes.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().all(db).await?)
}

/// What one comparison came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Questions it took.
    pub rounds: u32,
    /// Whether nothing differed, but for what is settled.
    pub agreed: bool,
    /// What pushing had not brought to us.
    pub missed_in: u64,
    /// What pushing had not brought to the peer.
    pub missed_out: u64,
    /// What the peer says of its own disk, if it says anything.
    pub condition: Option<Condition>,
}

/// What a site says of its own disk.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub struct Condition {
    /// When it last looked through all it holds; milliseconds.
    pub checked_at: Option<i64>,
    /// How much of it is damaged and not mended yet.
    pub damaged: i64,
}

/// Notes what comparing with `site_id` came to.
pub async fn note(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    outcome: Outcome,
    now: i64,
) -> Result<()> {
    let count = |events: u64| i64::try_from(events).unwrap_or(i64::MAX);
    let before = find(tx, site_id).await?;
    let (missed_in, missed_out) = (count(outcome.missed_in), count(outcome.missed_out));
    let row = ActiveModel {
        site_id: Set(site_id),
        agreed_at: Set(if outcome.agreed {
            Some(now)
        } else {
            before.as_ref().and_then(|before| before.agreed_at)
        }),
        compared_at: Set(now),
        rounds: Set(i64::from(outcome.rounds)),
        missed_in: Set(before.as_ref().map_or(0, |before| before.missed_in) + missed_in),
        missed_out: Set(before.as_ref().map_or(0, |before| before.missed_out) + missed_out),
        missed_at: Set(if missed_in + missed_out > 0 {
            Some(now)
        } else {
            before.as_ref().and_then(|before| before.missed_at)
        }),
        checked_at: Set(match outcome.condition {
            Some(condition) => condition.checked_at,
            None => before.as_ref().and_then(|before| before.checked_at),
        }),
        damaged: Set(match outcome.condition {
            Some(condition) => condition.damaged,
            None => before.as_ref().map_or(0, |before| before.damaged),
        }),
    };
    if before.is_some() {
        row.update(tx).await?;
    } else {
        row.insert(tx).await?;
    }
    Ok(())
}

/// Differences with a peer that have an explanation.
pub mod settled {
    use super::*;

    /// A stored difference.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "settled")]
    pub struct Model {
        /// The peer.
        #[sea_orm(primary_key, auto_increment = false)]
        pub site_id: Uuid,
        /// The log.
        #[sea_orm(primary_key, auto_increment = false)]
        pub log_id: Uuid,
        /// The place in it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        /// The event's digest.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        /// [`Why`] by name.
        pub why: String,
        /// Since when; milliseconds.
        pub at: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Why two sides differ in an event and may go on doing so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The peer refused it, and people of both sides were told.
    RefusedThere,
    /// We refused it, and people of both sides were told.
    RefusedHere,
    /// It was for us once, and is no longer: routes or units have changed.
    Outside,
}

impl Why {
    const ALL: [Self; 3] = [Self::RefusedThere, Self::RefusedHere, Self::Outside];

    fn as_str(self) -> &'static str {
        match self {
            Self::RefusedThere => "refused-there",
            Self::RefusedHere => "refused-here",
            Self::Outside => "outside",
        }
    }
}

/// The settled differences with `site_id`.
pub async fn settled_with<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<(Mark, Why)>> {
    let rows = settled::Entity::find()
        .filter(settled::Column::SiteId.eq(site_id))
        .all(db)
        .await?;
    rows.into_iter()
        .filter_map(|row| {
            let why = Why::ALL.into_iter().find(|why| why.as_str() == row.why)?;
            Some((row, why))
        })
        .map(|(row, why)| {
            let at = Place {
                log: row.log_id,
                seq: row.seq,
            };
            let digest = Digest::from_slice(&row.hash).map_err(anyhow::Error::new)?;
            Ok((Mark { at, digest }, why))
        })
        .collect()
}

/// Notes that a difference has an explanation.
pub async fn settle(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    mark: Mark,
    why: Why,
    now: i64,
) -> Result<()> {
    settled::Entity::insert(settled::ActiveModel {
        site_id: Set(site_id),
        log_id: Set(mark.at.log),
        seq: Set(mark.at.seq),
        hash: Set(mark.digest.as_bytes().to_vec()),
        why: Set(why.as_str().to_owned()),
        at: Set(now),
    })
    .on_conflict(
        OnConflict::columns([
            settled::Column::SiteId,
            settled::Column::LogId,
            settled::Column::Seq,
            settled::Column::Hash,
        ])
        .update_columns([settled::Column::Why, settled::Column::At])
        .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Takes an explanation back: the two sides agree on the event after all.
pub async fn unsettle(tx: &DatabaseTransaction, site_id: Uuid, mark: Mark) -> Result<()> {
    settled::Entity::delete_many()
        .filter(settled::Column::SiteId.eq(site_id))
        .filter(settled::Column::LogId.eq(mark.at.log))
        .filter(settled::Column::Seq.eq(mark.at.seq))
        .exec(tx)
        .await?;
    Ok(())
}
