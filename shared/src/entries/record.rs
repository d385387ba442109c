//! The current view of every entry held here, ours and others'.

use super::item::{Fields, Kind, Source};
use super::order::Standing;
use crate::error::Result;
use crate::log::{Digest, content};
use crate::media::Focus;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect};
use std::collections::BTreeMap;

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entries")]
pub struct Model {
    /// Row number, shared with the search index.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Entry id.
    #[sea_orm(unique)]
    pub entry_id: Uuid,
    /// The site where it was born: the only one that may revise it.
    pub site_id: Uuid,
    /// The unit that speaks.
    pub unit_id: Uuid,
    /// [`Kind`] by name.
    pub kind: String,
    /// [`EntryState`] by name.
    pub state: String,
    /// Current revision.
    pub rev: i64,
    /// The event that made it so.
    pub event_id: i64,
    /// Digest of its content.
    pub content_hash: Option<Vec<u8>>,
    /// Its page at its origin.
    pub url: String,
    /// Title.
    pub title: String,
    /// Lead paragraph.
    pub lead: Option<String>,
    /// Section at its origin.
    pub section: String,
    /// BCP 47.
    pub language: String,
    /// Byline.
    pub authors: Option<String>,
    /// Digest of the lead picture.
    pub picture: Option<Vec<u8>>,
    /// What it shows.
    pub picture_alt: Option<String>,
    /// What lists must not cut off it; [`Focus`] by name, none for the middle.
    pub picture_focus: Option<String>,
    /// [`super::Fields`] as JSON.
    pub fields: Option<String>,
    /// [`Source`] as JSON.
    pub source: Option<String>,
    /// Why it was taken back.
    pub reason: Option<String>,
    /// First published; milliseconds.
    pub published_at: i64,
    /// Last revised; milliseconds.
    pub revised_at: i64,
    /// When a notice ends; milliseconds.
    pub expires_at: Option<i64>,
    /// The highest revision a recall took down; 0 without one.
    pub recalled_through: i64,
    /// A document's number, as numbers are compared.
    pub number: Option<String>,
    /// A document's form.
    pub form: Option<String>,
    /// A document's field.
    pub field: Option<String>,
    /// Who issued a document.
    pub issuer: Option<String>,
    /// The same, as offices are compared.
    pub issuer_key: Option<String>,
    /// The day its kind bears, as [`day_number`](super::kinds::day_number).
    pub dated_on: Option<i64>,
    /// The first day it holds.
    pub starts_on: Option<i64>,
    /// The last day it holds; of a document the first it does not.
    pub ends_on: Option<i64>,
    /// What its unit describes it by that stands for nothing of the province's, a line each.
    pub unmapped: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Whether an entry may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Yes.
    Live,
    /// No: its origin took it back.
    Withdrawn,
    /// No: the province took it back everywhere.
    Recalled,
}

impl EntryState {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Withdrawn => "withdrawn",
            Self::Recalled => "recalled",
        }
    }
}

impl Model {
    /// Whether it may be shown, or why not.
    pub fn state(&self) -> EntryState {
        [EntryState::Live, EntryState::Recalled]
            .into_iter()
            .find(|state| state.as_str() == self.state)
            .unwrap_or(EntryState::Withdrawn)
    }

    /// What is known of it, as far as the order of its revisions goes.
    pub fn standing(&self) -> Result<Standing> {
        let content = self.content_hash.as_deref().map(Digest::from_slice);
        Ok(Standing {
            rev: self.rev,
            content: content.transpose().map_err(anyhow::Error::new)?,
            recalled_through: self.recalled_through,
        })
    }

    /// Whether it may be shown.
    pub fn is_live(&self) -> bool {
        self.state == EntryState::Live.as_str()
    }

    /// Its kind; articles for what a later version wrote.
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Article)
    }

    /// Where it was taken from, when its unit is not the author.
    pub fn source(&self) -> Option<Source> {
        serde_json::from_str(self.source.as_deref()?).ok()
    }

    /// What its kind has of its own.
    pub fn fields(&self) -> Option<Fields> {
        serde_json::from_str(self.fields.as_deref()?).ok()
    }

    /// What lists must not cut off its picture.
    pub fn picture_focus(&self) -> Focus {
        Focus::parse(self.picture_focus.as_deref().unwrap_or_default())
    }

    /// The path of its page on any site that shows it.
    pub fn path(&self) -> String {
        path_of(self.kind(), &self.title, self.entry_id)
    }
}

/// The path of an entry's page: readable words first, its id last. Only the id is looked at.
pub fn path_of(kind: Kind, title: &str, entry_id: Uuid) -> String {
    let slug = crate::vietnamese::slug(title);
    format!("/{}/{slug}-{}", kind.path(), entry_id.simple())
}

/// The entry id at the end of the last part of a path.
pub fn id_from_slug(slug: &str) -> Option<Uuid> {
    let id = slug.rsplit('-').next()?;
    (id.len() == 32).then(|| Uuid::try_parse(id).ok()).flatten()
}

/// The entry `entry_id`, if held.
pub async fn find<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .one(db)
        .await?)
}

/// The entries in `ids`.
pub async fn find_many<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::EntryId.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The entry `entry_id`, locked until the transaction ends.
pub async fn find_locked(
    tx: &sea_orm::DatabaseTransaction,
    entry_id: Uuid,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .lock_exclusive()
        .one(tx)
        .await?)
}

/// Whether the entry `entry_id` is known here and was taken back by the province.
pub async fn is_recalled<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<bool> {
    let found = find(db, entry_id).await?;
    Ok(found.is_some_and(|entry| entry.state() == EntryState::Recalled))
}

/// What units describe shown or waiting entries by that stands for nothing of the province's: unit, what,
/// and how many entries.
pub async fn unmapped<C: ConnectionTrait>(db: &C) -> Result<Vec<(Uuid, String, i64)>> {
    let counted: Vec<(Uuid, String, i64)> = Entity::find()
        .select_only()
        .column(Column::UnitId)
        .column(Column::Unmapped)
        .column_as(Column::Id.count(), "entries")
        .filter(Column::State.eq(EntryState::Live.as_str()))
        .filter(Column::Unmapped.is_not_null())
        .group_by(Column::UnitId)
        .group_by(Column::Unmapped)
        .into_tuple()
        .all(db)
        .await?;
    let mut each: BTreeMap<(Uuid, String), i64> = BTreeMap::new();
    for (unit, lines, count) in counted {
        for line in lines.lines() {
            *each.entry((unit, line.to_owned())).or_default() += count;
        }
    }
    Ok(each
        .into_iter()
        .map(|((unit, line), count)| (unit, line, count))
        .collect())
}

/// The content of `entry` as JSON; none once erased or withdrawn.
pub async fn content_of<C: ConnectionTrait>(
    db: &C,
    entry: &Model,
) -> Result<Option<serde_json::Value>> {
    let Some(hash) = &entry.content_hash else {
        return Ok(None);
    };
    let Some(bytes) = content::read(db, hash).await? else {
        return Ok(None);
    };
    Ok(Some(
        serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_at_the_end_of_a_path_and_nowhere_else() {
        let id = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
        let path = path_of(Kind::Article, "Đường Nguyễn Huệ: mở rộng 2 làn", id);
        assert_eq!(
            path,
            "/bai-viet/duong-nguyen-hue-mo-rong-2-lan-01990000000070008000000000000001"
        );
        let slug = path.rsplit('/').next().expect("a last part");
        assert_eq!(id_from_slug(slug), Some(id));
        assert_eq!(id_from_slug("01990000000070008000000000000001"), Some(id));
        for wrong in [
            "",
            "-",
            "duong",
            "duong-0199",
            "duong-01990000-0000-7000-8000-000000000001",
        ] {
            assert_eq!(id_from_slug(wrong), None, "{wrong}");
        }
    }
}
