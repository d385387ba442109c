//! What is kept of members' reports.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, PaginatorTrait};
use sea_orm::{QueryOrder, QuerySelect, Set};
use shared::audit::chain::Mark;
use shared::audit::heads::{Report, judge};
use shared::error::{Error, Result};
use shared::log::Digest;

/// Marks kept of a member: the newest covers all before it.
const KEPT: u64 = 4;

/// A mark a member told of.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_heads")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// The place.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// The digest there.
    pub digest: Vec<u8>,
    /// When it was last told of; milliseconds.
    pub told_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Reports that did not fit.
pub mod mismatch {
    use sea_orm::entity::prelude::*;

    /// One that did not fit what was said before.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_mismatches")]
    pub struct Model {
        /// Number.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The member.
        pub site_id: Uuid,
        /// The place.
        pub seq: i64,
        /// The digest told first.
        pub kept: Vec<u8>,
        /// The digest told then; none where the record ends before.
        pub told: Option<Vec<u8>>,
        /// When; milliseconds.
        pub noticed_at: i64,
        /// When people had looked into it; milliseconds.
        pub settled_at: Option<i64>,
        /// Who.
        pub settled_by: Option<String>,
    }

    /// None.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What noting a report came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Places of which has to be asked what stands there.
    pub asks: Vec<i64>,
    /// Whether the record goes on from what was told before.
    pub agrees: bool,
    /// Whether it does not, for the first time.
    pub is_news: bool,
}

/// Compares a report of `member` with what it told before. The head is kept once it is clear that it
/// goes on from there; a mismatch is kept until people settle it.
pub async fn note(
    tx: &DatabaseTransaction,
    member: Uuid,
    report: &Report,
    now: i64,
) -> Result<Noted> {
    let noted = |asks, agrees, is_news| Noted {
        asks,
        agrees,
        is_news,
    };
    if open_of(tx, member).await?.is_some() {
        return Ok(noted(Vec::new(), false, false));
    }
    let judged = judge(&kept_of(tx, member).await?, report);
    if let Some((kept, told)) = judged.differs {
        let bytes = |digest: Digest| digest.as_bytes().to_vec();
        mismatch::ActiveModel {
            id: NotSet,
            site_id: Set(member),
            seq: Set(kept.seq),
            kept: Set(bytes(kept.digest)),
            told: Set(told.map(bytes)),
            noticed_at: Set(now),
            settled_at: Set(None),
            settled_by: Set(None),
        }
        .insert(tx)
        .await?;
        return Ok(noted(Vec::new(), false, true));
    }
    if judged.asks.is_empty() {
        keep(tx, member, report.head, now).await?;
    }
    Ok(noted(judged.asks, true, false))
}

async fn kept_of(tx: &DatabaseTransaction, member: Uuid) -> Result<Vec<Mark>> {
    let kept = Entity::find()
        .filter(Column::SiteId.eq(member))
        .order_by_desc(Column::Seq)
        .limit(KEPT)
        .all(tx)
        .await?;
    let mark = |kept: Model| {
        let digest = Digest::from_slice(&kept.digest).map_err(anyhow::Error::new)?;
        Ok(Mark {
            seq: kept.seq,
            digest,
        })
    };
    kept.into_iter().map(mark).collect()
}

async fn keep(tx: &DatabaseTransaction, member: Uuid, head: Mark, now: i64) -> Result<()> {
    Entity::delete_by_id((member, head.seq)).exec(tx).await?;
    ActiveModel {
        site_id: Set(member),
        seq: Set(head.seq),
        digest: Set(head.digest.as_bytes().to_vec()),
        told_at: Set(now),
    }
    .insert(tx)
    .await?;
    let oldest: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Seq)
        .filter(Column::SiteId.eq(member))
        .order_by_desc(Column::Seq)
        .offset(KEPT - 1)
        .into_tuple()
        .one(tx)
        .await?;
    if let Some(oldest) = oldest {
        Entity::delete_many()
            .filter(Column::SiteId.eq(member))
            .filter(Column::Seq.lt(oldest))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The mismatch of `member` that nobody settled yet.
pub async fn open_of<C: ConnectionTrait>(db: &C, member: Uuid) -> Result<Option<mismatch::Model>> {
    Ok(mismatch::Entity::find()
        .filter(mismatch::Column::SiteId.eq(member))
        .filter(mismatch::Column::SettledAt.is_null())
        .one(db)
        .await?)
}

/// How many members have a mismatch that nobody settled.
pub async fn count_open<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(mismatch::Entity::find()
        .filter(mismatch::Column::SettledAt.is_null())
        .count(db)
        .await?)
}

/// The newest mark of `member`.
pub async fn newest_of<C: ConnectionTrait>(db: &C, member: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(member))
        .order_by_desc(Column::Seq)
        .one(db)
        .await?)
}

/// Settles the mismatch of `member`: what it tells next is where its record begins from now on.
pub async fn settle(tx: &DatabaseTransaction, member: Uuid, by: &str, now: i64) -> Result<()> {
    let open = open_of(tx, member).await?.ok_or(Error::NotFound)?;
    let mut settled: mismatch::ActiveModel = open.into();
    settled.settled_at = Set(Some(now));
    settled.settled_by = Set(Some(by.to_owned()));
    settled.update(tx).await?;
    Entity::delete_many()
        .filter(Column::SiteId.eq(member))
        .exec(tx)
        .await?;
    Ok(())
}
