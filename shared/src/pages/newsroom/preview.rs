//! `/quan-tri/bai-viet/{id}/xem-thu`: the public page of a draft, for staff alone.

use super::around::AtDesk;
use crate::entries::kinds::{Facets, day_number};
use crate::entries::listing::Listed;
use crate::entries::record::EntryState;
use crate::entries::{Item, Mode, Placing, placement, record};
use crate::error::Result;

use crate::media;
use crate::newsroom::{draft, publish};
use crate::pages::entry_page;
use axum::extract::Path;
use axum::response::Response;
use uuid::Uuid;

pub(super) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft(id).await?;
    let db = at.site.db.reader();
    let known = record::find(db, draft.entry_id).await?;
    let now = at.site.clock.now();
    let first = known
        .as_ref()
        .and_then(|known| chrono::DateTime::from_timestamp_millis(known.published_at));
    let item = publish::preview(db, &at.site, &draft, first, now).await?;
    let picture = match draft.picture_digest() {
        Some(digest) => media::record::find(db, digest).await?,
        None => None,
    };
    let listed = Listed {
        entry: as_if_published(&at, &draft, &item),
        placement: as_if_placed(&draft, now.timestamp_millis()),
        picture,
    };
    entry_page::preview(&at.site, &at.visit, listed, item).await
}

/// The row that publishing would make.
fn as_if_published(at: &AtDesk, draft: &draft::Model, item: &Item) -> record::Model {
    let modified = item.date_modified.unwrap_or(item.date_published);
    let lead = item.lead_picture();
    let facets = Facets::of(&item.fields);
    record::Model {
        id: 0,
        entry_id: draft.entry_id,
        site_id: at.site.id,
        unit_id: at.site.unit_id,
        kind: draft.kind.clone(),
        state: EntryState::Live.as_str().to_owned(),
        rev: draft.published_rev + 1,
        event_id: 0,
        content_hash: None,
        url: item.url.clone(),
        title: item.title.clone(),
        lead: item.summary.clone(),
        section: draft.section.clone(),
        language: draft.language.clone(),
        authors: item.byline(),
        picture: draft.picture.clone(),
        picture_alt: draft.picture_alt.clone(),
        fields: serde_json::to_string(&item.fields).ok(),
        source: draft.source.clone(),
        reason: None,
        published_at: item.date_published.timestamp_millis(),
        revised_at: modified.timestamp_millis(),
        expires_at: item.fields.expires.map(|end| end.timestamp_millis()),
        recalled_through: 0,
        picture_focus: lead
            .filter(|picture| !picture.focus.is_centre())
            .map(|picture| picture.focus.as_str().to_owned()),
        number: facets.number,
        form: facets.form,
        field: facets.field,
        issuer: facets.issuer,
        issuer_key: facets.issuer_key,
        dated_on: facets.dated_on.map(day_number),
        starts_on: facets.starts_on.map(day_number),
        ends_on: facets.ends_on.map(day_number),
        unmapped: facets.unmapped,
    }
}

/// The place it would have.
fn as_if_placed(draft: &draft::Model, now: i64) -> placement::Model {
    placement::Model {
        entry_id: draft.entry_id,
        state: Placing::Shown.as_str().to_owned(),
        mode: Mode::Mandatory.as_str().to_owned(),
        section: draft.section.clone(),
        title: None,
        lead: None,
        featured: draft.extra().featured,
        arrived_at: now,
        decided_at: None,
        decided_by: None,
        reason: None,
    }
}
