//! The content of `letter.bulletin`: people at a member have taken note of a bulletin and seen to what it asks.

use super::record;
use crate::directory::site_record;
use crate::error::{Error, Result};
use crate::log::{self, EventKind, NewEvent};
use crate::site::Site;
use crate::sync::peer;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, IntoActiveModel, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Longest name of who acknowledges, in characters.
pub const LONGEST_NAME: usize = 200;

/// That somebody acknowledged a version of a bulletin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The bulletin.
    pub bulletin: Uuid,
    /// The version.
    pub rev: i64,
    /// Who, as name and role.
    pub by: String,
    /// When, by the member's clock; milliseconds.
    pub at: i64,
}

impl Acknowledged {
    /// As the content of a letter.
    pub fn to_content(&self) -> Result<Value> {
        Ok(json!({
            "id": format!("urn:uuid:{}", self.bulletin),
            "content_text": "",
            "_letter": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of a letter.
    pub fn from_content(content: &Value) -> std::result::Result<Self, String> {
        let read = Self::deserialize(content.get("_letter").unwrap_or(&Value::Null))
            .map_err(|error| error.to_string())?;
        super::bulletin::check_line("người xác nhận", &read.by, LONGEST_NAME)?;
        Ok(read)
    }
}

/// Notes that `by` acknowledges the bulletin `id` as it stands, and tells the province; whether that is news.
pub async fn acknowledge(
    tx: &DatabaseTransaction,
    site: &Site,
    id: Uuid,
    by: &str,
) -> Result<bool> {
    let told = record::find(tx, id).await?.ok_or(Error::NotFound)?;
    let hub = peer::upstream(tx).await?;
    let hub = hub.filter(|hub| hub.site_id == told.row.site_id);
    let Some(hub) = hub else {
        return Err(Error::NotFound);
    };
    if told.row.is_acknowledged() {
        return Ok(false);
    }
    let now = site.clock.now().timestamp_millis();
    if told.row.lifted || told.row.until_at <= now {
        return Err(Error::Conflict(
            "Thông báo này đã hết hiệu lực, không cần xác nhận nữa.".to_owned(),
        ));
    }
    let hub = site_record::find(tx, hub.site_id).await?;
    let hub = hub.ok_or_else(|| anyhow::anyhow!("the hub is not described"))?;
    let said = Acknowledged {
        bulletin: id,
        rev: told.row.rev,
        by: by.chars().take(LONGEST_NAME).collect(),
        at: now,
    };
    let letter = NewEvent {
        kind: EventKind::LetterBulletin,
        lane: EventKind::LetterBulletin.lane(),
        unit: site.unit_id,
        entry: Some(id),
        rev: said.rev,
        content: Some(said.to_content()?),
        to: Some(hub.unit_id),
    };
    let mut change = told.row.into_active_model();
    change.acknowledged_rev = Set(said.rev);
    change.acknowledged_by = Set(Some(said.by.clone()));
    change.acknowledged_at = Set(Some(now));
    change.update(tx).await?;
    log::append(tx, site, letter).await?;
    Ok(true)
}
