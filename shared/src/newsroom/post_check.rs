//! Looking afterwards at what its own author approved, because nobody else could: the province does so
//! within a day, and says whether it is in order.

use super::form;
use crate::entries::recall::LONGEST_REASON;
use crate::entries::record;
use crate::error::{Error, Result};
use crate::screening;
use crate::site::Site;
use crate::sync::review::{Review, ReviewDecision};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};

/// An entry that is looked at afterwards.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post_checks")]
pub struct Model {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Whose it is.
    pub site_id: Uuid,
    /// The unit that speaks in it.
    pub unit_id: Uuid,
    /// The revision that its author approved.
    pub rev: i64,
    /// Since when it waits; milliseconds.
    pub asked_at: i64,
    /// Until when it is to be looked at; milliseconds.
    pub due_at: i64,
    /// [`Verdict`] by name.
    pub verdict: String,
    /// What is to be mended.
    pub reason: Option<String>,
    /// Who decided, where it was decided.
    pub decided_by: Option<Uuid>,
    /// When; milliseconds.
    pub decided_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How long the province has.
const DUE_MS: i64 = 24 * 3600 * 1000;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing yet.
    Waiting,
    /// It is in order.
    Passed,
    /// It has to be mended.
    Failed,
}

impl Verdict {
    /// All verdicts, in the order lists offer them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Failed, Self::Passed];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    /// The verdict of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Chờ hậu kiểm",
            Self::Passed => "Đạt",
            Self::Failed => "Yêu cầu sửa",
        }
    }
}

impl Model {
    /// What was decided.
    pub fn verdict(&self) -> Verdict {
        Verdict::parse(&self.verdict).unwrap_or(Verdict::Waiting)
    }

    /// Whether it waits for longer than it may.
    pub fn is_late(&self, now: i64) -> bool {
        self.verdict() == Verdict::Waiting && now > self.due_at
    }
}

/// Notes that revision `rev` of an entry is to be looked at. A later revision is looked at anew.
pub async fn ask(
    tx: &DatabaseTransaction,
    entry: &record::Model,
    rev: i64,
    now: i64,
) -> Result<()> {
    let row = ActiveModel {
        entry_id: Set(entry.entry_id),
        site_id: Set(entry.site_id),
        unit_id: Set(entry.unit_id),
        rev: Set(rev),
        asked_at: Set(now),
        due_at: Set(now + DUE_MS),
        verdict: Set(Verdict::Waiting.as_str().to_owned()),
        reason: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::EntryId)
                .update_columns([
                    Column::Rev,
                    Column::AskedAt,
                    Column::DueAt,
                    Column::Verdict,
                    Column::Reason,
                    Column::DecidedBy,
                    Column::DecidedAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What somebody decides about an entry.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The revision they looked at.
    pub rev: i64,
    /// Whether it is in order.
    pub passed: bool,
    /// What is to be mended.
    pub reason: String,
    /// Who.
    pub by: Uuid,
}

/// Decides about an entry, and tells its unit, if it is another's.
pub async fn decide(
    tx: &DatabaseTransaction,
    site: &Site,
    entry_id: Uuid,
    decision: Decision,
) -> Result<()> {
    let row = Entity::find_by_id(entry_id)
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound)?;
    if row.rev != decision.rev || row.verdict() != Verdict::Waiting {
        return Err(Error::Conflict(
            "Bài này vừa được hậu kiểm hoặc vừa có bản mới. Hãy mở lại danh sách.".to_owned(),
        ));
    }
    let reason = form::line(&decision.reason);
    if !decision.passed && reason.is_empty() {
        return Err(Error::invalid("reason", "Hãy ghi điều cần sửa."));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("reason", "Dài tối đa 500 ký tự."));
    }
    screening::allow_text(tx, "reason", &reason).await?;
    let verdict = if decision.passed {
        Verdict::Passed
    } else {
        Verdict::Failed
    };
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let is_theirs = row.site_id != site.id;
    let mut change: ActiveModel = row.into();
    change.verdict = Set(verdict.as_str().to_owned());
    change.reason = Set(reason.clone());
    change.decided_by = Set(Some(decision.by));
    change.decided_at = Set(Some(site.clock.now().timestamp_millis()));
    change.update(tx).await?;
    if !is_theirs {
        return Ok(());
    }
    let entry = record::find(tx, entry_id).await?.ok_or(Error::NotFound)?;
    let letter = Review {
        entry: entry_id,
        rev: decision.rev,
        // For sites of an earlier version, which know no other words for it.
        decision: match verdict {
            Verdict::Failed => ReviewDecision::Returned,
            Verdict::Passed | Verdict::Waiting => ReviewDecision::Accepted,
        },
        reason,
        url: None,
        post_check: Some(verdict),
        grade: None,
    };
    super::inbox::send(tx, site, &entry, &letter).await
}

/// Keeps what the province decided about an entry of ours.
pub async fn hear<C: ConnectionTrait>(
    db: &C,
    entry_id: Uuid,
    rev: i64,
    verdict: Verdict,
    reason: Option<String>,
    at: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Verdict, Expr::value(verdict.as_str()))
        .col_expr(Column::Reason, Expr::value(reason))
        .col_expr(Column::DecidedAt, Expr::value(Some(at)))
        .filter(Column::EntryId.eq(entry_id))
        .filter(Column::Rev.lte(rev))
        .exec(db)
        .await?;
    Ok(())
}

/// Entries with `verdict`, those due first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    verdict: Verdict,
    offset: u64,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Verdict.eq(verdict.as_str()))
        .order_by_asc(Column::DueAt)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many have `verdict`.
pub async fn count<C: ConnectionTrait>(db: &C, verdict: Verdict) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::Verdict.eq(verdict.as_str()))
        .count(db)
        .await?)
}

/// What was decided about the entries in `ids`.
pub async fn of_entries<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::EntryId.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// Forgets what was said about an entry.
pub async fn erase(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<()> {
    Entity::delete_by_id(entry_id).exec(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
