//! `letter.case`: what is said about a case, on its way to another unit.
//!
//! A member writes to its hub and names the unit that is meant; the hub takes it in and writes on. So nobody but
//! the hub speaks to a member about somebody else's words, as with everything else.

use super::case::{self, Kind};
use super::sealed::SealKey;
use super::thread::{Act, Message, Rating};
use crate::directory::site_record;
use crate::error::Result;
use crate::log::append::NewEvent;
use crate::log::{Digest, EventKind, append};
use crate::site::Site;
use crate::sync::peer;
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What every site that has to do with a case knows of it besides its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What it is.
    pub kind: Kind,
    /// The unit at whose site somebody asked.
    pub origin: Uuid,
    /// Of a comment: the entry it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Uuid>,
    /// What it is about, in a line; empty for a tip.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Where it is, as people say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asker: Option<String>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Whether question and answer may be published.
    #[serde(default)]
    pub may_publish: bool,
    /// Of a tip: the office it is sealed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<Uuid>,
    /// Of a tip: what answers to it are sealed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_key: Option<SealKey>,
}

/// The letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLetter {
    /// The case.
    pub case: Uuid,
    /// The unit that is meant; the hub writes on to it.
    #[serde(rename = "for")]
    pub addressee: Uuid,
    /// What is known of the case.
    pub head: Head,
    /// What is said, in order: all of it where the addressee hears of the case for the first time.
    pub messages: Vec<Message>,
    /// What the receipt is known by, where the case is handed to the unit that took over from the one at whose site
    /// somebody asked: the receipt finds it there from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Digest>,
}

/// Why a letter is not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// It says something that a later version says: to be sent once more when this one knows it.
    #[error("{0} chưa được hỗ trợ")]
    Unknown(String),
    /// Not of the shape, or out of bounds.
    #[error("{0}")]
    Malformed(String),
}

/// Most messages in a letter.
const MOST_MESSAGES: usize = 200;
/// Longest lines of a head, in characters.
const LONGEST_LINE: usize = 300;

impl CaseLetter {
    /// As the content of an event.
    pub fn to_content(&self) -> Result<Value> {
        Ok(json!({
            "id": format!("urn:uuid:{}", self.case),
            "content_text": "",
            "_letter": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of an event about `case`; what is out of bounds is named.
    pub fn from_content(content: &Value, case: Uuid) -> Result<Self, LetterError> {
        let letter = content.get("_letter").unwrap_or(&Value::Null);
        if let Some(word) = unknown_word(letter) {
            return Err(LetterError::Unknown(word.to_owned()));
        }
        let letter =
            Self::deserialize(letter).map_err(|error| LetterError::Malformed(error.to_string()))?;
        match letter.flaw(case) {
            Some(part) => Err(LetterError::Malformed(format!("{part} không hợp lệ"))),
            None => Ok(letter),
        }
    }

    fn flaw(&self, case: Uuid) -> Option<&'static str> {
        if self.case != case {
            return Some("case");
        }
        if !(1..=MOST_MESSAGES).contains(&self.messages.len()) {
            return Some("messages");
        }
        let head = &self.head;
        let texts = [&head.place, &head.asker, &head.contact];
        let lines = texts.into_iter().flatten().chain([&head.subject]);
        let is_line = |text: &String| {
            text.chars().count() <= LONGEST_LINE && !text.chars().any(char::is_control)
        };
        if !lines.into_iter().all(is_line) {
            return Some("head");
        }
        if (head.kind == Kind::Comment) != head.entry.is_some() {
            return Some("entry");
        }
        let is_tip = head.kind == Kind::Tip;
        if is_tip != head.reply_key.is_some() || is_tip != head.office.is_some() {
            return Some("reply_key");
        }
        let tells = |message: &Message| is_tip && !message.words.is_empty();
        if self.messages.iter().any(tells) {
            return Some("words");
        }
        self.messages.iter().find_map(Message::flaw)
    }
}

/// The kind, act or rating in a letter that this version does not know, if there is one.
fn unknown_word(letter: &Value) -> Option<&str> {
    let kind = letter.pointer("/head/kind").and_then(Value::as_str);
    let strange = kind.filter(|kind| Kind::parse(kind).is_none());
    let messages = letter.get("messages").and_then(Value::as_array);
    strange.or_else(|| {
        messages?.iter().find_map(|message| {
            let word = |member: &str| message.get(member).and_then(Value::as_str);
            let act = word("act").filter(|act| Act::parse(act).is_none());
            act.or_else(|| word("rating").filter(|rating| Rating::parse(rating).is_none()))
        })
    })
}

/// Says `messages` of `case` to the unit `addressee`, if that has a site of its own; its own words a site keeps.
pub async fn send(
    tx: &DatabaseTransaction,
    site: &Site,
    case: &case::Model,
    messages: Vec<Message>,
    addressee: Uuid,
) -> Result<()> {
    let Some(last) = messages.last() else {
        return Ok(());
    };
    if addressee == site.unit_id {
        return Ok(());
    }
    let rev = last.number;
    let letter = CaseLetter {
        case: case.id,
        addressee,
        head: case.head()?,
        messages,
        receipt: case.receipt_for(addressee)?,
    };
    append::append(
        tx,
        site,
        NewEvent {
            kind: EventKind::LetterCase,
            lane: EventKind::LetterCase.lane(),
            unit: site.unit_id,
            entry: Some(case.id),
            rev,
            content: Some(letter.to_content()?),
            to: Some(road(tx, addressee).await?),
        },
    )
    .await?;
    Ok(())
}

/// To whom a letter for `addressee` goes first: the hub above us, or the unit itself where there is none.
async fn road(tx: &DatabaseTransaction, addressee: Uuid) -> Result<Uuid> {
    let Some(upstream) = peer::upstream(tx).await? else {
        return Ok(addressee);
    };
    let hub = site_record::find(tx, upstream.site_id).await?;
    Ok(hub.map_or(addressee, |hub| hub.unit_id))
}

/// What `addressee` has to hear of `said`, the newest of `thread`: all of it if the case comes to it only now.
pub fn share_of(thread: &[Message], said: &Message, addressee: Uuid) -> Vec<Message> {
    let comes_now = matches!(said.act, Act::Asked | Act::PassedOn) && said.to == Some(addressee);
    match comes_now {
        true => thread.to_vec(),
        false => vec![said.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_version_says_is_not_taken_for_nonsense() {
        let case = Uuid::from_u128(1);
        let letter = |kind: &str, message: Value| {
            json!({"_letter": {"case": case, "for": case, "head": {"kind": kind, "origin": case},
                "messages": [message]}})
        };
        let said = |act: &str| json!({"id": case, "number": 2, "unit": case, "act": act, "at": 0});
        let mut rated = said("rated");
        rated["rating"] = json!("satisfied");
        let mut delighted = rated.clone();
        delighted["rating"] = json!("delighted");
        let mut wordy = said("added");
        wordy["rating"] = json!("neutral");
        let read = |content: Value| CaseLetter::from_content(&content, case);
        assert!(read(letter("question", rated)).is_ok());
        for (kind, message, word) in [
            ("petition", said("added"), "petition"),
            ("question", said("thanked"), "thanked"),
            ("question", delighted, "delighted"),
        ] {
            let told = read(letter(kind, message));
            assert_eq!(told, Err(LetterError::Unknown(word.to_owned())));
        }
        for message in [said("rated"), wordy, json!({})] {
            let told = read(letter("question", message));
            assert!(matches!(told, Err(LetterError::Malformed(_))), "{told:?}");
        }
    }
}
