//! Every decision about what others sent, with the grade it was given. A placement only knows the last; what is
//! counted later has to know them all.

use crate::error::Result;
use crate::sync::review::ReviewDecision;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, Set};
use serde::{Deserialize, Deserializer, Serialize};

/// A stored decision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_verdicts")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// About which entry.
    pub entry_id: Uuid,
    /// Whose.
    pub unit_id: Uuid,
    /// Which revision was looked at.
    pub rev: i64,
    /// [`ReviewDecision`] by name.
    pub decision: String,
    /// [`Grade`] by name.
    pub grade: Option<String>,
    /// By whom.
    pub decided_by: Option<Uuid>,
    /// When; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How good an accepted entry is, by the newsroom that accepts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The best.
    A,
    /// The second.
    B,
    /// The third.
    C,
}

impl Grade {
    /// All, the best first.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// Its name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        }
    }

    /// The grade of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grade| grade.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::A => "Loại A",
            Self::B => "Loại B",
            Self::C => "Loại C",
        }
    }

    /// The same within a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::A => "loại A",
            Self::B => "loại B",
            Self::C => "loại C",
        }
    }
}

/// Reads a grade in a letter. One that a later version knows is none here: the decision counts all the same.
pub fn leniently<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Grade>, D::Error> {
    let told = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(told).ok())
}

/// A decision to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// About which entry.
    pub entry: Uuid,
    /// Whose.
    pub unit: Uuid,
    /// Which revision was looked at.
    pub rev: i64,
    /// What was decided.
    pub decision: ReviewDecision,
    /// With which grade.
    pub grade: Option<Grade>,
    /// By whom.
    pub by: Uuid,
}

/// Keeps `verdict`.
pub async fn keep<C: ConnectionTrait>(db: &C, verdict: Verdict, now: i64) -> Result<()> {
    Entity::insert(ActiveModel {
        entry_id: Set(verdict.entry),
        unit_id: Set(verdict.unit),
        rev: Set(verdict.rev),
        decision: Set(verdict.decision.as_str().to_owned()),
        grade: Set(verdict.grade.map(|grade| grade.as_str().to_owned())),
        decided_by: Set(Some(verdict.by)),
        at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// The decisions about an entry, the newest first.
pub async fn of_entry<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}
