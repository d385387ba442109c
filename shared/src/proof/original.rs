//! The signed original of an entry as a file: what somebody keeps to show later what was published, by
//! whom, and that no letter of it was changed.
//!
//! It is a JSON Feed like the file of an entry in an open archive, its items those of a batch; beside
//! them stands what is known here of whoever signed. So one reader reads both.

use super::judge::Words;
use crate::directory::{SiteDescription, site_record};
use crate::entries::{Item, record};
use crate::error::{Error, Result};
use crate::log::{SignedHeader, canonical, event};
use crate::sync::{batch, outgoing};
use sea_orm::ConnectionTrait;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::fmt;

/// The media type of the file.
pub const MEDIA_TYPE: &str = batch::MEDIA_TYPE;
/// The version this code writes and understands.
pub const VERSION: u64 = 1;
/// The largest file read, in bytes: an entry with many revisions.
pub const LARGEST: u64 = 32 << 20;
/// The members of the document that repeat what its first item says, for readers of feeds. The header
/// signs none of them, so they are held against it: with the names they have there.
const REPEATED: [(&str, &str); 3] = [
    ("title", "title"),
    ("home_page_url", "url"),
    ("language", "language"),
];

/// What stands in the document beside its items.
#[derive(Debug, Serialize, Deserialize)]
struct Beside {
    v: u64,
    sites: Vec<SiteDescription>,
}

/// The file: `events` of `entry`, the one that makes it what it is first, with what is known here of the
/// sites that signed them. What was taken back is in it as headers alone.
pub async fn write<C: ConnectionTrait>(
    db: &C,
    entry: &record::Model,
    events: &[event::Model],
    made_by: (&str, &str),
) -> Result<Vec<u8>> {
    let mut items = Vec::with_capacity(events.len());
    let mut sites: Vec<SiteDescription> = Vec::new();
    for event in events {
        let item = outgoing::sound_item_of(db, event, None).await?;
        items.push(item.ok_or(Error::NotFound)?.0);
        if sites.iter().all(|known| known.site != event.site_id)
            && let Some(record) = site_record::find(db, event.site_id).await?
        {
            sites.push(SiteDescription::load(db, &record).await?);
        }
    }
    let mut document = json!({
        "version": batch::JSON_FEED,
        "title": made_by.0,
        "home_page_url": made_by.1,
        "items": items,
        batch::EXTENSION: Beside { v: VERSION, sites },
    });
    if entry.is_live() {
        for (name, said) in REPEATED {
            if let Some(value) = document["items"][0].get(said).cloned() {
                document[name] = value;
            }
        }
    }
    Ok(serde_json::to_vec_pretty(&document).map_err(anyhow::Error::new)?)
}

/// A file that was read; nothing of it is proved yet.
#[derive(Debug)]
pub struct Original {
    /// What it holds, as it stands there: the newest first.
    pub papers: Vec<Paper>,
    /// What it says of the sites that signed. Its own word, and no more.
    pub sites: Vec<SiteDescription>,
    /// Members that no signature is over, by name.
    pub unsigned: Vec<String>,
}

/// An item of it.
#[derive(Debug)]
pub struct Paper {
    /// The header and its signature.
    pub signed: SignedHeader,
    /// The words beside it.
    pub words: Words,
    /// Its title, if it is an entry.
    pub title: Option<String>,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error("tệp không phải là JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is no document of ours.
    #[error("tệp không phải là bản gốc có chữ ký: {0}")]
    Shape(String),
    /// A later version wrote it.
    #[error("tệp thuộc phiên bản {0}, mới hơn phần mềm này; hãy nâng cấp phần mềm")]
    Version(u64),
}

impl Original {
    /// Reads the file of an entry: one that [`write()`] made, one of an open archive, or a single item.
    pub fn read(bytes: &[u8]) -> std::result::Result<Self, ReadError> {
        serde_json::from_slice::<SaidOnce>(bytes)?;
        let Value::Object(mut document) = serde_json::from_slice(bytes)? else {
            return Err(shape("không có mục nào"));
        };
        let items = match document.remove("items") {
            Some(Value::Array(items)) => items,
            Some(_) => return Err(shape("items không phải là danh sách")),
            None => {
                let paper = Paper::read(Value::Object(document))?;
                return Ok(Self {
                    papers: vec![paper],
                    sites: Vec::new(),
                    unsigned: Vec::new(),
                });
            }
        };
        let first = items
            .first()
            .cloned()
            .ok_or_else(|| shape("không có mục nào"))?;
        let mut papers = Vec::with_capacity(items.len());
        for item in items {
            papers.push(Paper::read(item)?);
        }
        let sites = match document.remove(batch::EXTENSION) {
            Some(beside) => sites_in(&beside)?,
            None => Vec::new(),
        };
        let is_repeated = |(name, said): (&str, &str)| match document.get(name) {
            Some(value) => first.get(said) == Some(value),
            None => true,
        };
        if first.get("_entry").is_some() && !REPEATED.into_iter().all(is_repeated) {
            papers[0].words = Words::Altered;
        }
        let known =
            |name: &str| name == "version" || REPEATED.iter().any(|(known, _)| *known == name);
        Ok(Self {
            papers,
            sites,
            unsigned: document
                .keys()
                .filter(|name| !known(name))
                .cloned()
                .collect(),
        })
    }
}

impl Paper {
    fn read(item: Value) -> std::result::Result<Self, ReadError> {
        let mut beside = match &item {
            Value::Object(members) => members.clone(),
            _ => Map::new(),
        };
        beside.remove(batch::EXTENSION);
        let parts = batch::from_item(item).map_err(|error| shape(&error.to_string()))?;
        let header = &parts.signed.header;
        let words = match parts.content {
            Some(content) => match canonical::to_canonical(&content) {
                Ok(bytes) => Words::Held(bytes),
                Err(_) => Words::Altered,
            },
            // Where there are to be no words, none may stand: a reader of the file would believe them.
            None if is_empty(&beside, header.entry.map(Item::id_of)) => Words::Absent,
            None => Words::Altered,
        };
        let title = beside.get("title").and_then(Value::as_str);
        Ok(Self {
            title: title.map(str::to_owned),
            words,
            signed: parts.signed,
        })
    }
}

/// Whether an item has no more beside its header than JSON Feed asks for.
fn is_empty(members: &Map<String, Value>, id: Option<String>) -> bool {
    members.iter().all(|(name, value)| match name.as_str() {
        "id" => value.as_str() == id.as_deref(),
        "content_text" => value.as_str() == Some(""),
        _ => false,
    })
}

/// JSON in which no object names a member twice: readers do not agree about which of the two counts, so a
/// false text could stand beside the signed one.
struct SaidOnce;

impl<'de> Deserialize<'de> for SaidOnce {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        from.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for SaidOnce {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, Self)) = map.next_entry::<String, Self>()? {
            if names.contains(&name) {
                return Err(A::Error::custom(format!("{name:?} được ghi hai lần")));
            }
            names.insert(name);
        }
        Ok(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self, A::Error> {
        while let Some(Self) = seq.next_element()? {}
        Ok(Self)
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<Self, E> {
        Ok(Self)
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<Self, E> {
        Ok(Self)
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<Self, E> {
        Ok(Self)
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Self, E> {
        Ok(Self)
    }

    fn visit_str<E>(self, _: &str) -> std::result::Result<Self, E> {
        Ok(Self)
    }

    fn visit_unit<E>(self) -> std::result::Result<Self, E> {
        Ok(Self)
    }
}

fn sites_in(beside: &Value) -> std::result::Result<Vec<SiteDescription>, ReadError> {
    match beside.get("v").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(later) => return Err(ReadError::Version(later)),
        None => return Err(shape("thiếu _lien_cong.v")),
    }
    // A batch has the same member and names no sites.
    let Some(sites) = beside.get("sites") else {
        return Ok(Vec::new());
    };
    Vec::deserialize(sites).map_err(|error| shape(&error.to_string()))
}

fn shape(reason: &str) -> ReadError {
    ReadError::Shape(reason.to_owned())
}
