//! The content of `letter.ranking`: the hub tells a member its numbers, or the member says something about them.

use super::said::Said;
use super::sheet::Sheet;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// The numbers of a member in a period, from the hub. The header's `entry` is the period.
    Told(Box<Sheet>),
    /// Something about them, from the member. The header's `entry` is its own id.
    Said(Said),
}

impl Letter {
    /// What the header of the event names: the period, or what is said.
    pub fn subject(&self) -> Uuid {
        match self {
            Self::Told(sheet) => sheet.period,
            Self::Said(said) => said.id,
        }
    }

    /// As the content of an event.
    pub fn to_content(&self) -> Result<Value> {
        Ok(json!({
            "id": format!("urn:uuid:{}", self.subject()),
            "content_text": "",
            "_letter": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of an event whose header names `subject`.
    pub fn from_content(content: &Value, subject: Uuid) -> std::result::Result<Self, String> {
        let read = Self::deserialize(content.get("_letter").unwrap_or(&Value::Null))
            .map_err(|error| error.to_string())?;
        if read.subject() != subject {
            return Err("thư nói về kỳ khác với phần đầu".to_owned());
        }
        match &read {
            Self::Told(sheet) => sheet.check()?,
            Self::Said(said) => said.check()?,
        }
        Ok(read)
    }
}
