//! What an event about an entry changes in the current view. Ours and others' take the same way.

use super::body;
use super::item::Item;
use super::publication;
use super::record::{self, EntryState};
use super::search;
use crate::error::Result;
use crate::log::{EventKind, event};
use crate::media;
use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, Set};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is now the current revision.
    Current,
    /// A later revision is known already.
    Stale,
    /// It was stored before; nothing changed.
    Known,
    /// Another content claims the same revision. Both are kept in the log; the first stays current.
    Conflict,
}

/// Makes `event` the current state of its entry, unless a later revision is known. The order in
/// which revisions arrive does not matter: a withdrawal is valid before the entry it withdraws.
pub async fn apply(
    tx: &DatabaseTransaction,
    event: &event::Model,
    item: Option<&Item>,
) -> Result<Effect> {
    let Some(entry_id) = event.entry_id else {
        return Err(anyhow::anyhow!("event {} concerns no entry", event.id).into());
    };
    let known = record::find_locked(tx, entry_id).await?;
    if let Some(known) = &known {
        if event.rev < known.rev {
            return Ok(Effect::Stale);
        }
        if event.rev == known.rev {
            let same = event.content_hash == known.content_hash;
            return Ok(if same {
                Effect::Stale
            } else {
                Effect::Conflict
            });
        }
    }
    match (event.kind()?, item) {
        (EventKind::EntryWithdrawn, _) | (_, None) => withdraw(tx, event, known).await?,
        (_, Some(item)) => show(tx, event, known, item).await?,
    }
    publication::keep_up(tx, entry_id, event.received_at).await?;
    Ok(Effect::Current)
}

async fn withdraw(
    tx: &DatabaseTransaction,
    event: &event::Model,
    known: Option<record::Model>,
) -> Result<()> {
    match known {
        Some(known) => {
            search::remove(tx, known.id).await?;
            let mut change: record::ActiveModel = known.into();
            change.state = Set(EntryState::Withdrawn.as_str().to_owned());
            change.rev = Set(event.rev);
            change.event_id = Set(event.id);
            change.content_hash = Set(None);
            change.revised_at = Set(event.time);
            change.update(tx).await?;
        }
        // The tombstone stands before what it buries, so that the entry is never shown.
        None => {
            record::ActiveModel {
                id: NotSet,
                entry_id: Set(event.entry_id.unwrap_or_default()),
                site_id: Set(event.site_id),
                unit_id: Set(event.unit_id),
                kind: Set(String::new()),
                state: Set(EntryState::Withdrawn.as_str().to_owned()),
                rev: Set(event.rev),
                event_id: Set(event.id),
                published_at: Set(event.time),
                revised_at: Set(event.time),
                url: Set(String::new()),
                title: Set(String::new()),
                section: Set(String::new()),
                language: Set(String::new()),
                ..Default::default()
            }
            .insert(tx)
            .await?;
        }
    }
    Ok(())
}

async fn show(
    tx: &DatabaseTransaction,
    event: &event::Model,
    known: Option<record::Model>,
    item: &Item,
) -> Result<()> {
    let picture = item.lead_picture();
    let json = |value: serde_json::Result<String>| value.map_err(anyhow::Error::new);
    let source = item
        .fields
        .source
        .as_ref()
        .map(serde_json::to_string)
        .transpose();
    let mut row = record::ActiveModel {
        id: NotSet,
        entry_id: Set(event.entry_id.unwrap_or_default()),
        site_id: Set(event.site_id),
        unit_id: Set(event.unit_id),
        kind: Set(item.fields.kind.as_str().to_owned()),
        state: Set(EntryState::Live.as_str().to_owned()),
        rev: Set(event.rev),
        event_id: Set(event.id),
        content_hash: Set(event.content_hash.clone()),
        url: Set(item.url.clone()),
        title: Set(item.title.clone()),
        lead: Set(item.summary.clone()),
        section: Set(item.fields.section.clone()),
        language: Set(item.language.clone()),
        authors: Set(item.byline()),
        picture: Set(picture.map(|picture| picture.sha256.as_bytes().to_vec())),
        picture_alt: Set(picture.and_then(|picture| picture.alt.clone())),
        fields: Set(Some(json(serde_json::to_string(&item.fields))?)),
        source: Set(source.map_err(anyhow::Error::new)?),
        reason: Set(None),
        published_at: Set(item.date_published.timestamp_millis()),
        revised_at: Set(item
            .date_modified
            .unwrap_or(item.date_published)
            .timestamp_millis()),
        expires_at: Set(item.fields.expires.map(|time| time.timestamp_millis())),
    };
    let stored = match known {
        Some(known) => {
            row.id = Set(known.id);
            row.update(tx).await?
        }
        None => row.insert(tx).await?,
    };
    let lead = item.summary.as_deref().unwrap_or_default();
    let document = item.fields.document.as_ref();
    let number = document
        .map(|document| document.number.as_str())
        .unwrap_or_default();
    let words = format!("{number} {lead} {}", body::plain_text(&item.content_html));
    search::index(tx, stored.id, &stored.title, &words).await?;
    for attachment in &item.attachments {
        media::want(tx, stored.entry_id, attachment, event.received_at).await?;
    }
    Ok(())
}
