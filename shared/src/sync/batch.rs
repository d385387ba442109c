//! A batch on the wire: a JSON Feed 1.1 document whose items carry signed headers.
//!
//! Pushed or pulled, it is the same document. What an ordinary reader makes of it is a feed; what a
//! site makes of it is a stretch of a stream.

use super::core::StreamPlace;
use crate::entries::Mode;
use crate::log::{Lane, SignedHeader, header::HeaderError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The extension member of batches and items.
pub const EXTENSION: &str = "_lien_cong";
/// The media type of batches.
pub const MEDIA_TYPE: &str = "application/feed+json";
/// The version of the batch this code writes and understands.
pub const VERSION: u64 = 1;

/// What a document calls itself.
pub const JSON_FEED: &str = "https://jsonfeed.org/version/1.1";

/// A stretch of a stream: everything of one lane after `after`, up to and including `through`, that
/// is for `to`.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The stream; new whenever the sender's database is created or restored.
    pub stream: Uuid,
    /// The lane.
    pub lane: Lane,
    /// The sender.
    pub from: Uuid,
    /// The receiver.
    pub to: Uuid,
    /// The receiver's cursor before it.
    pub after: i64,
    /// The receiver's cursor after it.
    pub through: i64,
    /// When that place of the stream was given away, in milliseconds: the receiver says so with its cursor.
    /// None where the batch is no stretch of a stream, and of sites of an earlier version.
    pub given_at: Option<i64>,
    /// Where the lane ends for this receiver, as of now.
    pub head: i64,
    /// The events.
    pub items: Vec<Value>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    v: u64,
    stream: Uuid,
    lane: Lane,
    from: Uuid,
    to: Uuid,
    after: i64,
    through: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_at: Option<i64>,
    head: i64,
}

/// Why a document is not a batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Not JSON, or not of this shape.
    #[error("gói tin không đọc được: {0}")]
    Malformed(String),
    /// Written by a later version.
    #[error("phiên bản {0} của gói tin chưa được hỗ trợ; hãy nâng cấp phần mềm")]
    Version(u64),
}

impl Batch {
    /// The receiver's cursor after it, as it keeps it.
    pub fn end(&self) -> StreamPlace {
        StreamPlace {
            position: self.through,
            given_at: self.given_at,
        }
    }

    /// The document.
    pub fn to_bytes(&self, title: &str, home: &str) -> serde_json::Result<Vec<u8>> {
        let place = Place {
            v: VERSION,
            stream: self.stream,
            lane: self.lane,
            from: self.from,
            to: self.to,
            after: self.after,
            through: self.through,
            given_at: self.given_at,
            head: self.head,
        };
        serde_json::to_vec(&json!({
            "version": JSON_FEED,
            "title": title,
            "home_page_url": home,
            "items": self.items,
            EXTENSION: place,
        }))
    }

    /// Reads a document. Its items are looked at one by one later: a bad one spoils only itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let malformed = |reason: &dyn std::fmt::Display| BatchError::Malformed(reason.to_string());
        let mut document: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|e| malformed(&e))?;
        let place = document
            .remove(EXTENSION)
            .ok_or_else(|| malformed(&"thiếu _lien_cong"))?;
        match place.get("v").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(other) => return Err(BatchError::Version(other)),
            None => return Err(malformed(&"thiếu _lien_cong.v")),
        }
        let place: Place = serde_json::from_value(place).map_err(|e| malformed(&e))?;
        let Some(Value::Array(items)) = document.remove("items") else {
            return Err(malformed(&"thiếu items"));
        };
        if items.len() as u64 > super::outgoing::LARGEST_BATCH {
            return Err(malformed(&"quá 200 mục"));
        }
        if place.after < 0 || place.through < place.after {
            return Err(malformed(&"after và through không hợp lệ"));
        }
        Ok(Self {
            stream: place.stream,
            lane: place.lane,
            from: place.from,
            to: place.to,
            after: place.after,
            through: place.through,
            given_at: place.given_at,
            head: place.head,
            items,
        })
    }
}

/// An event as an item of a batch.
pub fn to_item(
    header: Value,
    signature: &[u8],
    entry: Option<Uuid>,
    content: Option<Value>,
    mode: Option<Mode>,
    is_erased: bool,
) -> Value {
    let mut item = match content {
        Some(Value::Object(members)) => members,
        // JSON Feed asks for an id and some content of every item.
        _ => Map::from_iter([
            (
                "id".to_owned(),
                json!(format!("urn:uuid:{}", entry.unwrap_or_default())),
            ),
            ("content_text".to_owned(), json!("")),
        ]),
    };
    let mut extension = Map::from_iter([
        ("header".to_owned(), header),
        (
            "signature".to_owned(),
            json!(URL_SAFE_NO_PAD.encode(signature)),
        ),
    ]);
    if let Some(mode) = mode {
        extension.insert("mode".to_owned(), json!(mode));
    }
    if is_erased {
        extension.insert("erased".to_owned(), json!(true));
    }
    item.insert(EXTENSION.to_owned(), Value::Object(extension));
    Value::Object(item)
}

/// An item taken apart; nothing verified yet.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemParts {
    /// The header and its signature.
    pub signed: SignedHeader,
    /// The content: the item without its extension; none if it was erased or never was.
    pub content: Option<Value>,
    /// How the hub sends it to us.
    pub mode: Option<Mode>,
}

/// Takes an item apart.
pub fn from_item(item: Value) -> Result<ItemParts, HeaderError> {
    let malformed = |reason: &str| HeaderError::Malformed(reason.to_owned());
    let Value::Object(mut members) = item else {
        return Err(malformed("mục không phải là đối tượng JSON"));
    };
    let extension = members
        .remove(EXTENSION)
        .ok_or_else(|| malformed("mục thiếu _lien_cong"))?;
    let header = extension
        .get("header")
        .ok_or_else(|| malformed("mục thiếu phần đầu"))?;
    let signature = extension
        .get("signature")
        .and_then(Value::as_str)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .filter(|bytes| bytes.len() == 64)
        .ok_or_else(|| malformed("mục thiếu chữ ký 64 byte"))?;
    let signed = SignedHeader::parse(header, signature)?;
    let mode = match extension.get("mode") {
        Some(mode) => Some(Mode::deserialize(mode).map_err(|_| malformed("mode không hợp lệ"))?),
        None => None,
    };
    let is_erased = extension.get("erased").and_then(Value::as_bool) == Some(true);
    let has_content = signed.header.content.is_some() && !is_erased;
    Ok(ItemParts {
        signed,
        content: has_content.then_some(Value::Object(members)),
        mode,
    })
}
