//! Notes beside a text: what somebody asks about a passage, until it is settled.

use super::form;
use crate::error::{Error, Result};
use crate::screening;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set};

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_notes")]
pub struct Model {
    /// Note id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The draft.
    pub draft_id: Uuid,
    /// The version it was written beside.
    pub version: i64,
    /// The passage it is about.
    pub quote: Option<String>,
    /// What is asked.
    pub words: String,
    /// Who asks.
    pub account_id: Option<Uuid>,
    /// When; milliseconds.
    pub at: i64,
    /// Who settled it.
    pub resolved_by: Option<Uuid>,
    /// When; milliseconds.
    pub resolved_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Longest quote, in characters.
const LONGEST_QUOTE: usize = 500;
/// Longest note, in characters.
const LONGEST_WORDS: usize = 1_000;
/// Most notes beside one text.
pub const MOST: u64 = 200;

/// A note to be written.
#[derive(Clone, Debug)]
pub struct New {
    /// The version it is beside.
    pub version: i64,
    /// The passage, as it was chosen; empty for the whole.
    pub quote: String,
    /// What is asked.
    pub words: String,
    /// Who asks.
    pub by: Uuid,
}

/// Writes a note beside a draft.
pub async fn add(tx: &DatabaseTransaction, draft_id: Uuid, new: New, now: i64) -> Result<Model> {
    let words = form::paragraphs(&new.words);
    let quote = form::line(&new.quote);
    if words.trim().is_empty() {
        return Err(Error::invalid("words", "Hãy ghi điều cần nhắn."));
    }
    if words.chars().count() > LONGEST_WORDS {
        return Err(Error::invalid("words", "Dài tối đa 1.000 ký tự."));
    }
    if quote.chars().count() > LONGEST_QUOTE {
        return Err(Error::invalid("quote", "Trích tối đa 500 ký tự."));
    }
    if Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .count(tx)
        .await?
        >= MOST
    {
        return Err(Error::Conflict(
            "Bài đã có 200 ghi chú, không thêm được nữa.".to_owned(),
        ));
    }
    screening::allow_text(tx, "words", &words).await?;
    screening::allow_text(tx, "quote", &quote).await?;
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        draft_id: Set(draft_id),
        version: Set(new.version),
        quote: Set(Some(quote).filter(|quote| !quote.is_empty())),
        words: Set(words),
        account_id: Set(Some(new.by)),
        at: Set(now),
        resolved_by: Set(None),
        resolved_at: Set(None),
    };
    Ok(row.insert(tx).await?)
}

/// Settles a note, or opens it again.
pub async fn resolve(
    tx: &DatabaseTransaction,
    draft_id: Uuid,
    id: Uuid,
    by: Option<Uuid>,
    now: i64,
) -> Result<()> {
    let note = Entity::find_by_id(id)
        .filter(Column::DraftId.eq(draft_id))
        .one(tx)
        .await?
        .ok_or(Error::NotFound)?;
    let mut change: ActiveModel = note.into();
    change.resolved_by = Set(by);
    change.resolved_at = Set(by.map(|_| now));
    change.update(tx).await?;
    Ok(())
}

/// The notes beside a draft, in the order they were written.
pub async fn of_draft<C: ConnectionTrait>(db: &C, draft_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::DraftId.eq(draft_id))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .limit(MOST)
        .all(db)
        .await?)
}

/// Forgets what was said beside a draft.
pub async fn erase(tx: &DatabaseTransaction, draft_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::DraftId.eq(draft_id))
        .exec(tx)
        .await?;
    Ok(())
}
