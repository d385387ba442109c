//! `/don-vi/{unit}/atom`: what the routes send to one unit, as a feed.
//!
//! For portals that are not ours, which cannot be sent anything, and for routes that only list
//! (`feed_only`): the unit's own system reads here what native members are sent.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::clock::from_millis;
use shared::entries::{Item, record};
use shared::error::{Error, Result};
use shared::feeds::model::{Enclosure, FeedDocument, FeedEntry};
use shared::feeds::{atom, http};
use shared::log::{EventKind, event};
use shared::site::Site;
use shared::sync::audience::{self, Audience, Membership};
use shared::sync::outgoing;
use shared::units::{self, Tree};
use shared::vietnamese;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Entries in the feed.
const NEWEST: u64 = 50;

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Path(unit): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = units::tree_on(site.db.reader(), today).await?;
    let known = tree.get(unit).ok_or(Error::NotFound)?;
    let entries = routed_to(&site, unit, &tree).await?;
    let updated = entries
        .iter()
        .map(|entry| entry.updated)
        .max()
        .unwrap_or_default();
    let document = FeedDocument {
        id: format!("urn:uuid:{}#{unit}", site.id),
        title: format!("{}: tin gửi {}", site.profile.title, known.name),
        subtitle: None,
        self_url: site.address(&format!("/don-vi/{unit}/atom")),
        site_url: site.address("/"),
        hub_url: None,
        language: "vi".to_owned(),
        updated,
        author: site.profile.unit_name.clone(),
        entries,
        tombstones: Vec::new(),
        archive: None,
    };
    Ok(http::answer(
        &headers,
        atom::CONTENT_TYPE,
        atom::write(&document),
        updated,
    ))
}

/// The newest live entries that any route sends to `unit`, in whatever mode.
async fn routed_to(site: &Site, unit: Uuid, tree: &Tree) -> Result<Vec<FeedEntry>> {
    let db = site.db.reader();
    let member = Membership {
        unit,
        is_upstream: false,
    };
    let mut audiences = Vec::new();
    for stored in audience::Entity::find().all(db).await? {
        let audience: Audience = serde_json::from_str(&stored.rule).map_err(anyhow::Error::new)?;
        if audience.mode_for(&member, tree).is_some() {
            audiences.push(stored.id);
        }
    }
    let events: Vec<i64> = outgoing::Entity::find()
        .select_only()
        .column(outgoing::Column::EventId)
        .filter(outgoing::Column::AudienceId.is_in(audiences))
        .order_by_desc(outgoing::Column::Position)
        .limit(NEWEST)
        .into_tuple()
        .all(db)
        .await?;
    let events = event::Entity::find()
        .filter(event::Column::Id.is_in(events))
        .filter(event::Column::UnitId.ne(unit))
        // A letter to the unit is nobody else's business.
        .filter(event::Column::Kind.ne(EventKind::LetterReview.as_str()))
        .all(db)
        .await?;
    let ids: HashSet<Uuid> = events
        .into_iter()
        .filter_map(|event| event.entry_id)
        .collect();
    let entries = record::Entity::find()
        .filter(record::Column::EntryId.is_in(ids))
        .filter(record::Column::State.eq(record::EntryState::Live.as_str()))
        .order_by_desc(record::Column::RevisedAt)
        .all(db)
        .await?;
    let mut told = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(content) = record::content_of(db, &entry).await? else {
            continue;
        };
        let item = Item::read(&content, entry.entry_id).map_err(anyhow::Error::new)?;
        told.push(feed_entry(&entry, item));
    }
    Ok(told)
}

fn feed_entry(entry: &record::Model, item: Item) -> FeedEntry {
    let content_html = item.reading();
    FeedEntry {
        id: item.id,
        url: item.url,
        title: item.title,
        summary: item.summary,
        content_html,
        published: from_millis(entry.published_at),
        updated: from_millis(entry.revised_at),
        authors: item.authors.into_iter().map(|author| author.name).collect(),
        language: item.language,
        section: None,
        source: None,
        enclosures: item
            .attachments
            .into_iter()
            .map(|attachment| Enclosure {
                url: attachment.url,
                mime: attachment.mime_type,
                length: attachment.size_in_bytes,
                title: attachment.title,
                sha256: Some(attachment.sha256),
            })
            .collect(),
    }
}
