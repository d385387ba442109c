//! JSON Feed 1.1: readable by any reader, and what native sites sync from.

use serde_json::{Map, Value, json};

use super::model::FeedDocument;

/// The media type of what [`write()`] returns.
pub const CONTENT_TYPE: &str = "application/feed+json";

/// What the document calls itself.
pub const VERSION: &str = "https://jsonfeed.org/version/1.1";

/// The member, in a document and in an item, that holds what JSON Feed has no word for.
pub const EXTENSION: &str = "_lien_cong";

/// The feed as a JSON Feed document around `items`.
///
/// The items are given as they are: a native item carries its signed header, and its hash is over
/// exactly its members. `feed.entries` takes no part.
pub fn write(feed: &FeedDocument, items: Vec<Value>) -> Vec<u8> {
    let mut document = Map::new();
    let mut member = |name: &str, value: Value| {
        document.insert(name.to_owned(), value);
    };
    member("version", VERSION.into());
    member("title", feed.title.as_str().into());
    if let Some(subtitle) = &feed.subtitle {
        member("description", subtitle.as_str().into());
    }
    member("home_page_url", feed.site_url.as_str().into());
    member("feed_url", feed.self_url.as_str().into());
    if let Some(older) = feed.archive.as_ref().and_then(|links| links.prev.as_ref()) {
        member("next_url", older.as_str().into());
    }
    member("language", feed.language.as_str().into());
    member("authors", json!([{ "name": feed.author }]));
    if let Some(hub) = &feed.hub_url {
        member("hubs", json!([{ "type": "WebSub", "url": hub }]));
    }
    if !feed.tombstones.is_empty() {
        member(EXTENSION, json!({ "tombstones": feed.tombstones }));
    }
    member("items", items.into());
    Value::from(document).to_string().into_bytes()
}
