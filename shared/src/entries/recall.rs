//! What takes an entry back: a withdrawal by its origin, a recall by the province.

use super::item::Item;
use super::order::LAST_REVISION;
use crate::error::Result;
use crate::log::event;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// A recall this site was told of.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recalls")]
pub struct Model {
    /// The event that says so.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: i64,
    /// Of which entry.
    pub entry_id: Uuid,
    /// Every revision up to this one.
    pub through: i64,
    /// Who recalls.
    pub site_id: Uuid,
    /// Why, in words to the public.
    pub reason: String,
    /// The legal act it rests on.
    pub basis: Option<String>,
    /// Whether its origin is to keep nothing of it either.
    pub erase: bool,
    /// The entry that says what is right instead.
    pub replacement: Option<Uuid>,
    /// [`State`] by name.
    pub state: String,
    /// When we heard of it; milliseconds.
    pub received_at: i64,
    /// When nothing of it was left here; milliseconds.
    pub purged_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How far a recall has been carried out here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing of it is shown; its files are still to be removed.
    ToPurge,
    /// Nothing of it is left.
    Purged,
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToPurge => "to_purge",
            Self::Purged => "purged",
        }
    }
}

/// The content of a recall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// The site where the entry was born: a recall may come before it.
    pub site: Uuid,
    /// The unit that spoke.
    pub unit: Uuid,
    /// Why, in words to the public.
    pub reason: String,
    /// Whether its origin is to keep nothing of it either.
    #[serde(default)]
    pub erase: bool,
    /// The legal act it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The entry that says what is right instead: readers of the recalled one are led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Uuid>,
}

impl Recall {
    /// The highest revision it takes down when `rev` is the one known: what is erased is never to be
    /// written again under this id.
    pub fn through(&self, rev: i64) -> i64 {
        if self.erase { LAST_REVISION } else { rev }
    }

    /// As the content of an event about `entry`.
    pub fn to_content(&self, entry: Uuid) -> Result<Value> {
        Ok(json!({
            "id": Item::id_of(entry),
            "content_text": self.reason,
            "_recall": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of an event.
    pub fn from_content(content: &Value) -> std::result::Result<Self, String> {
        let recall = Self::deserialize(content.get("_recall").unwrap_or(&Value::Null))
            .map_err(|error| error.to_string())?;
        check_words(&recall.reason)?;
        if let Some(basis) = &recall.basis {
            check_words(basis)?;
        }
        Ok(recall)
    }

    /// Keeps what `event` says.
    pub async fn store<C: ConnectionTrait>(&self, db: &C, event: &event::Model) -> Result<()> {
        Entity::insert(ActiveModel {
            event_id: Set(event.id),
            entry_id: Set(event.entry_id.unwrap_or_default()),
            through: Set(event.rev),
            site_id: Set(event.site_id),
            reason: Set(self.reason.clone()),
            basis: Set(self.basis.clone()),
            erase: Set(self.erase),
            replacement: Set(self.replacement),
            state: Set(State::ToPurge.as_str().to_owned()),
            received_at: Set(event.received_at),
            purged_at: Set(None),
        })
        .on_conflict(OnConflict::column(Column::EventId).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
        Ok(())
    }
}

/// The content of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Why, in words to the public.
    pub reason: String,
}

impl Withdrawal {
    /// As the content of an event about `entry`.
    pub fn to_content(&self, entry: Uuid) -> Value {
        json!({
            "id": Item::id_of(entry),
            "content_text": self.reason,
            "_withdrawal": { "reason": self.reason },
        })
    }

    /// Reads the content of an event.
    pub fn from_content(content: &Value) -> std::result::Result<Self, String> {
        let withdrawal = Self::deserialize(content.get("_withdrawal").unwrap_or(&Value::Null))
            .map_err(|error| error.to_string())?;
        check_words(&withdrawal.reason)?;
        Ok(withdrawal)
    }
}

fn check_words(words: &str) -> std::result::Result<(), String> {
    if words.trim().is_empty() {
        return Err("lý do không được để trống".to_owned());
    }
    if words.chars().count() > LONGEST_REASON || words.chars().any(char::is_control) {
        return Err("lý do dài tối đa 500 ký tự, không có ký tự điều khiển".to_owned());
    }
    Ok(())
}

/// What a member says once nothing of a recalled entry is left with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The entry.
    pub entry: Uuid,
    /// Every revision up to this one.
    pub through: i64,
    /// The log of the recall.
    pub log: Uuid,
    /// Its place there.
    pub seq: i64,
    /// Digests of media of the entry that stay, because something else here shows them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<crate::log::Digest>,
}

impl Applied {
    /// As the content of a letter.
    pub fn to_content(&self) -> Result<Value> {
        Ok(json!({
            "id": Item::id_of(self.entry),
            "content_text": "",
            "_letter": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of a letter.
    pub fn from_content(content: &Value) -> serde_json::Result<Self> {
        Self::deserialize(content.get("_letter").unwrap_or(&Value::Null))
    }
}

/// The recall that took down most of the entry `entry_id`; the first of those that took down as much.
pub async fn strongest<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .order_by_desc(Column::Through)
        .order_by_asc(Column::EventId)
        .one(db)
        .await?)
}

/// The recalls that the events `events` say.
pub async fn of_events<C: ConnectionTrait>(db: &C, events: &[i64]) -> Result<Vec<Model>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::EventId.is_in(events.iter().copied()))
        .all(db)
        .await?)
}

/// Whether the origin of the entry `entry_id` is to keep nothing of it either.
pub async fn erases<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .filter(Column::Erase.eq(true))
        .count(db)
        .await?;
    Ok(found > 0)
}

/// Up to `limit` recalls that are not carried out to the end, the oldest first.
pub async fn to_purge<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::ToPurge.as_str()))
        .order_by_asc(Column::EventId)
        .limit(limit)
        .all(db)
        .await?)
}

/// Notes that nothing of what `recall` is about is left here.
pub async fn set_purged<C: ConnectionTrait>(db: &C, recall: &Model, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Purged.as_str()))
        .col_expr(Column::PurgedAt, Expr::value(now))
        .filter(Column::EventId.eq(recall.event_id))
        .exec(db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recall_and_a_withdrawal_say_why_or_are_none() {
        let entry = Uuid::from_u128(7);
        let recall = |reason: &str| Recall {
            site: Uuid::from_u128(1),
            unit: Uuid::from_u128(2),
            reason: reason.to_owned(),
            erase: false,
            basis: None,
            replacement: None,
        };
        let good = recall("Lộ thông tin cá nhân.");
        let content = good.to_content(entry).expect("JSON");
        assert_eq!(content["content_text"], "Lộ thông tin cá nhân.");
        assert_eq!(Recall::from_content(&content), Ok(good));
        let long = "ồ".repeat(LONGEST_REASON + 1);
        for bad in ["", "  ", "a\u{0}b", long.as_str()] {
            let content = recall(bad).to_content(entry).expect("JSON");
            assert!(Recall::from_content(&content).is_err(), "{bad}");
            let withdrawal = Withdrawal {
                reason: bad.to_owned(),
            };
            assert!(Withdrawal::from_content(&withdrawal.to_content(entry)).is_err());
        }
        assert!(Recall::from_content(&json!({"id": "x"})).is_err());
    }
}
