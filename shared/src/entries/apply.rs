//! What an event about an entry changes in the current view. Ours and others' take the same way.
//!
//! Whether it changes anything is decided in [`order`](super::order), which is pure.

use super::body;
use super::item::Item;
use super::kinds::{self, Facets, day_number, links};
use super::order::{Arriving, Change, Outcome, Standing, judge_revision};
use super::publication;
use super::recall::{Recall, Withdrawal};
use super::record::{self, EntryState};
use super::search;
use crate::error::Result;
use crate::log::{Digest, content, event};
use crate::media;
use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, Set};

pub use super::order::Effect;

/// Makes `event` the current state of its entry, unless what is known says more. The order in which
/// events arrive does not matter: a withdrawal or a recall is valid before the entry it is about.
pub async fn apply(
    tx: &DatabaseTransaction,
    event: &event::Model,
    item: Option<&Item>,
) -> Result<Effect> {
    let Some(entry_id) = event.entry_id else {
        return Err(anyhow::anyhow!("event {} concerns no entry", event.id).into());
    };
    let content = event.content_hash.as_deref().map(Digest::from_slice);
    let content = content.transpose().map_err(anyhow::Error::new)?;
    let Some(arriving) = Arriving::of(event.kind()?, event.rev, content) else {
        return Err(anyhow::anyhow!("event {} changes no entry", event.id).into());
    };
    let known = record::find_locked(tx, entry_id).await?;
    let before = match &known {
        Some(known) => known.standing()?,
        None => Standing::default(),
    };
    let (effect, standing) = judge_revision(before, arriving);
    let words = Words::of(tx, event, arriving.change).await?;
    if let Words::Recall(recall) = &words {
        recall.store(tx, event).await?;
    }
    if standing == before {
        return Ok(effect);
    }
    match (arriving.change, standing.outcome(), item) {
        (Change::Said(_), Outcome::Live, Some(item)) => show(tx, event, known, item).await?,
        _ => note(tx, event, known, arriving.change, standing, words).await?,
    }
    publication::keep_up(tx, entry_id, event.received_at).await?;
    Ok(effect)
}

/// Notes what is known now where there is nothing to show. A tombstone stands before what it buries,
/// so that the entry is never shown.
async fn note(
    tx: &DatabaseTransaction,
    event: &event::Model,
    known: Option<record::Model>,
    change: Change,
    standing: Standing,
    words: Words,
) -> Result<()> {
    let state = match standing.outcome() {
        Outcome::Recalled => EntryState::Recalled,
        // A recall of earlier revisions leaves the current one where it is.
        _ if change == Change::Recalled => known
            .as_ref()
            .map_or(EntryState::Recalled, record::Model::state),
        // What a log still names may have been erased everywhere.
        _ => EntryState::Withdrawn,
    };
    // What only adds to a state is not what the entry came into it by.
    let is_turn = state != EntryState::Live
        && (change == Change::Withdrawn
            || known.as_ref().is_none_or(|known| known.state() != state));
    let mut row = match known {
        Some(known) => {
            if state != EntryState::Live {
                search::remove(tx, known.id).await?;
            }
            record::ActiveModel::from(known)
        }
        None => tombstone(event, &words),
    };
    let is_new = row.id == NotSet;
    row.state = Set(state.as_str().to_owned());
    row.rev = Set(standing.rev);
    row.content_hash = Set(standing.content.map(|digest| digest.as_bytes().to_vec()));
    row.recalled_through = Set(standing.recalled_through);
    if is_turn {
        row.event_id = Set(event.id);
        row.revised_at = Set(event.time);
        row.reason = Set(words.reason());
    }
    if is_new {
        row.insert(tx).await?;
    } else {
        row.update(tx).await?;
    }
    Ok(())
}

/// Why an entry is taken back, as its event says.
enum Words {
    None,
    Withdrawal(Withdrawal),
    Recall(Recall),
}

impl Words {
    async fn of(tx: &DatabaseTransaction, event: &event::Model, change: Change) -> Result<Self> {
        let (Some(hash), Change::Withdrawn | Change::Recalled) = (&event.content_hash, change)
        else {
            return Ok(Self::None);
        };
        let Some(bytes) = content::read(tx, hash).await? else {
            return Ok(Self::None);
        };
        let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
        Ok(match change {
            Change::Recalled => Recall::from_content(&value).map_or(Self::None, Self::Recall),
            _ => Withdrawal::from_content(&value).map_or(Self::None, Self::Withdrawal),
        })
    }

    fn reason(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Withdrawal(withdrawal) => Some(withdrawal.reason),
            Self::Recall(recall) => Some(recall.reason),
        }
    }
}

fn tombstone(event: &event::Model, words: &Words) -> record::ActiveModel {
    // A recall is said by the province, and names the origin.
    let (site, unit) = match words {
        Words::Recall(recall) => (recall.site, recall.unit),
        _ => (event.site_id, event.unit_id),
    };
    record::ActiveModel {
        id: NotSet,
        entry_id: Set(event.entry_id.unwrap_or_default()),
        site_id: Set(site),
        unit_id: Set(unit),
        kind: Set(String::new()),
        event_id: Set(event.id),
        published_at: Set(event.time),
        revised_at: Set(event.time),
        url: Set(String::new()),
        title: Set(String::new()),
        section: Set(String::new()),
        language: Set(String::new()),
        ..Default::default()
    }
}

/// The current view of an entry as `event` and what it published make it; without row number.
pub fn row_of(event: &event::Model, item: &Item) -> Result<record::ActiveModel> {
    let picture = item.lead_picture();
    let json = |value: serde_json::Result<String>| value.map_err(anyhow::Error::new);
    let source = item
        .fields
        .source
        .as_ref()
        .map(serde_json::to_string)
        .transpose();
    let facets = Facets::of(&item.fields);
    Ok(record::ActiveModel {
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
        picture_focus: Set(picture
            .filter(|picture| !picture.focus.is_centre())
            .map(|picture| picture.focus.as_str().to_owned())),
        fields: Set(Some(json(serde_json::to_string(&item.fields))?)),
        source: Set(source.map_err(anyhow::Error::new)?),
        reason: Set(None),
        published_at: Set(item.date_published.timestamp_millis()),
        revised_at: Set(item
            .date_modified
            .unwrap_or(item.date_published)
            .timestamp_millis()),
        expires_at: Set(item.fields.expires.map(|time| time.timestamp_millis())),
        recalled_through: NotSet,
        number: Set(facets.number),
        form: Set(facets.form),
        field: Set(facets.field),
        issuer: Set(facets.issuer),
        issuer_key: Set(facets.issuer_key),
        dated_on: Set(facets.dated_on.map(day_number)),
        starts_on: Set(facets.starts_on.map(day_number)),
        ends_on: Set(facets.ends_on.map(day_number)),
        unmapped: Set(facets.unmapped),
    })
}

/// What is searched of an item besides its title.
pub fn words_of(item: &Item) -> String {
    let lead = item.summary.as_deref().unwrap_or_default();
    let own = kinds::words_of(item);
    format!("{own} {lead} {}", body::plain_text(&item.content_html))
}

async fn show(
    tx: &DatabaseTransaction,
    event: &event::Model,
    known: Option<record::Model>,
    item: &Item,
) -> Result<()> {
    let mut row = row_of(event, item)?;
    let stored = match known {
        Some(known) => {
            row.id = Set(known.id);
            row.update(tx).await?
        }
        None => row.insert(tx).await?,
    };
    search::index(tx, stored.id, &stored.title, &words_of(item)).await?;
    links::keep(tx, &stored, item).await?;
    for attachment in &item.attachments {
        media::want(tx, stored.entry_id, attachment, event.received_at).await?;
    }
    Ok(())
}
