//! JSON Feed, item by item, with the leniency its specification asks of readers.

use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

use super::guard::{Limits, check_html};
use super::identity::Identity;
use super::parse::{MAX_ENCLOSURES, quarantined, web_address};
use super::text::{clean, language, line, to_html};
use super::{
    ForeignEnclosure, ForeignEntry, ForeignTombstone, Format, ReadError, ReadFeed, Warning,
};
use crate::feeds::json_feed::EXTENSION;
use crate::feeds::model::ArchiveLinks;
use crate::log::canonical::Digest;

/// Reads a JSON Feed document fetched from `url`.
pub(super) fn read(
    text: &str,
    url: &Url,
    limits: &Limits,
    deadline: Instant,
) -> Result<ReadFeed, ReadError> {
    let document: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| ReadError::Unreadable(error.to_string()))?;
    let Some(items) = document.get("items").and_then(Value::as_array) else {
        return Err(ReadError::NotAFeed("it has no list of items".into()));
    };
    let mut feed = ReadFeed {
        format: Format::Json,
        title: text_of(&document, "title").and_then(line),
        entries: Vec::new(),
        quarantined: Vec::new(),
        tombstones: tombstones(&document),
        archive: ArchiveLinks::default(),
        warnings: Vec::new(),
    };
    let version = text_of(&document, "version").unwrap_or("none");
    if !version.starts_with("https://jsonfeed.org/version/1") {
        let version = line(version).unwrap_or_default();
        feed.warnings.push(Warning::UnusualVersion(version));
    }
    let feed_language = text_of(&document, "language").and_then(language);
    for (position, item) in items.iter().enumerate() {
        if position == limits.entries {
            feed.warnings.push(Warning::TooManyEntries(limits.entries));
            break;
        }
        if Instant::now() > deadline {
            return Err(ReadError::TimedOut);
        }
        match read_item(item, url, feed_language.as_deref(), limits) {
            Ok(entry) => feed.entries.push(entry),
            Err(reason) => {
                let raw = item.to_string();
                feed.quarantined
                    .push(quarantined(position, reason.into(), &raw));
            }
        }
    }
    Ok(feed)
}

fn read_item(
    item: &Value,
    url: &Url,
    feed_language: Option<&str>,
    limits: &Limits,
) -> Result<ForeignEntry, &'static str> {
    let members = item.as_object().ok_or("it is not an object")?;
    let guid = members.get("id").and_then(coerced);
    let native = members.get(EXTENSION).is_some_and(Value::is_object);
    if native && guid.is_none() {
        return Err("it has a signed header but no id");
    }
    let link = ["url", "external_url"]
        .iter()
        .find_map(|name| absolute(text_of(members, name)?, url));
    let html = text_of(members, "content_html").map(str::to_owned);
    let content = html.or_else(|| text_of(members, "content_text").map(to_html));
    let lead = text_of(members, "summary");
    let (summary, content_html) = match content {
        Some(content) => (lead.and_then(line), Some(content)),
        None => (None, lead.map(to_html)),
    };
    let content_html = content_html.filter(|html| !html.trim().is_empty());
    if let Some(html) = &content_html {
        check_html(html, limits)?;
    }
    let title = text_of(members, "title").and_then(line);
    if guid.is_none() && link.is_none() && title.is_none() && content_html.is_none() {
        return Err("it is empty");
    }
    Ok(ForeignEntry {
        // Provisional: it depends on the other items of the document.
        identity: Identity::Content(Digest::of([])),
        base: link.clone().unwrap_or_else(|| url.to_string()),
        guid,
        link,
        title,
        summary,
        content_html,
        published: time_of(members, "date_published"),
        updated: time_of(members, "date_modified"),
        authors: authors(members),
        tags: list(members, "tags")
            .filter_map(|tag| line(tag.as_str()?))
            .collect(),
        enclosures: list(members, "attachments")
            .filter_map(|attachment| enclosure(attachment, url))
            .take(MAX_ENCLOSURES)
            .collect(),
        language: text_of(members, "language")
            .and_then(language)
            .or_else(|| feed_language.map(str::to_owned)),
        source: None,
        native: native.then(|| item.clone()),
    })
}

/// An id. The specification has readers take a number, or whatever else it is, as text.
fn coerced(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => clean(text),
        Value::Number(_) | Value::Bool(_) => Some(id.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn text_of<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

fn time_of(members: &Map<String, Value>, name: &str) -> Option<DateTime<Utc>> {
    text_of(members, name)?.trim().parse().ok()
}

fn list<'a>(members: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    members
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn absolute(text: &str, base: &Url) -> Option<String> {
    web_address(base.join(text.trim()).ok()?.as_str())
}

/// Version 1.1 has a list, version 1 has one.
fn authors(members: &Map<String, Value>) -> Vec<String> {
    list(members, "authors")
        .chain(members.get("author"))
        .filter_map(|author| line(author.get("name")?.as_str()?))
        .fold(Vec::new(), |mut names, name| {
            if !names.contains(&name) {
                names.push(name);
            }
            names
        })
}

fn enclosure(attachment: &Value, base: &Url) -> Option<ForeignEnclosure> {
    let members = attachment.as_object()?;
    Some(ForeignEnclosure {
        url: absolute(text_of(members, "url")?, base)?,
        mime: text_of(members, "mime_type").and_then(line),
        length: members.get("size_in_bytes").and_then(Value::as_u64),
        title: text_of(members, "title").and_then(line),
    })
}

fn tombstones(document: &Map<String, Value>) -> Vec<ForeignTombstone> {
    let Some(extension) = document.get(EXTENSION).and_then(Value::as_object) else {
        return Vec::new();
    };
    list(extension, "tombstones")
        .filter_map(|tombstone| {
            let members = tombstone.as_object()?;
            Some(ForeignTombstone {
                entry: text_of(members, "ref").and_then(clean)?,
                when: time_of(members, "when"),
                by: text_of(members, "by").and_then(line),
                comment: text_of(members, "comment").and_then(line),
            })
        })
        .collect()
}
