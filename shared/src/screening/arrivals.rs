//! What other sites send, screened again where it arrives.

use super::files::{self, FoundInFile};
use super::finding::{Known, Piece, Place, screen};
use super::refusals::{self, Secret, Way};
use super::rules::RuleSet;
use crate::entries::{Item, record};
use crate::error::Result;
use crate::log::Digest;
use crate::media::record::{self as media, MediaState};
use crate::site::Site;

/// Whether an entry of another site may be stored here.
pub fn allow(rules: &RuleSet, item: &Item) -> Result<(), Box<Secret>> {
    let pieces = pieces_of(item);
    let found = screen(rules, &Known::default(), &pieces);
    refusals::allow(rules, &found, &pieces)
}

/// A medium of another site that may be kept.
#[derive(Debug)]
pub struct Allowed {
    /// What was found in its words; none of what is not read, such as a video.
    pub words: Option<FoundInFile>,
}

/// Reads a medium that was fetched because an entry names it. None if it bears a secrecy mark: then its
/// bytes are gone, and that it came is noted, with whose entry named it.
pub async fn allow_medium(site: &Site, digest: Digest, mime: &str) -> Result<Option<Allowed>> {
    if mime.starts_with("video/") {
        return Ok(Some(Allowed { words: None }));
    }
    let Some(bytes) = site.media.read(digest).await? else {
        return Ok(Some(Allowed { words: None }));
    };
    // Its name came with the entry, and was read with it.
    let secret = match files::examine(site, "", bytes.into()).await? {
        Ok(found) => return Ok(Some(Allowed { words: Some(found) })),
        Err(secret) => secret,
    };
    site.media.remove(digest).await?;
    tracing::warn!(media = %digest, "a medium of another site bears a secrecy mark and is not kept");
    let hash = digest.as_bytes().to_vec();
    let named_by = media::entries_with(site.db.reader(), &hash).await?;
    let entry = match named_by.first() {
        Some(id) => record::find(site.db.reader(), *id).await?,
        None => None,
    };
    let row = secret.row_of_arrival(
        site,
        Way::Fetched,
        entry.as_ref().map(|entry| entry.site_id),
        entry.as_ref().map(|entry| entry.entry_id),
    );
    site.db
        .write(move |tx| {
            Box::pin(async move {
                refusals::keep(tx, row).await?;
                media::set_state(tx, &hash, MediaState::Refused).await
            })
        })
        .await?;
    Ok(None)
}

fn pieces_of(item: &Item) -> Vec<Piece> {
    let mut pieces = vec![
        Piece::new(Place::Title, &item.title),
        Piece::new(
            Place::Body,
            super::reading::words_of_markup(&item.content_html),
        ),
    ];
    let mut add = |place: Place, text: Option<&str>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            pieces.push(Piece::new(place, text));
        }
    };
    add(Place::Lead, item.summary.as_deref());
    for author in &item.authors {
        add(Place::Field("author"), Some(&author.name));
    }
    for tag in &item.tags {
        add(Place::Field("tags"), Some(tag));
    }
    for attachment in &item.attachments {
        let name = attachment.title.as_deref().unwrap_or_default();
        add(
            Place::FileName(name.to_owned()),
            attachment.title.as_deref(),
        );
        add(Place::PictureText, attachment.title.as_deref());
        add(Place::PictureText, attachment.alt.as_deref());
    }
    if let Ok(fields) = serde_json::to_value(&item.fields) {
        strings_of(&fields, &mut add);
    }
    pieces
}

/// All that the fields of a kind say, whatever fields there are.
fn strings_of(value: &serde_json::Value, add: &mut impl FnMut(Place, Option<&str>)) {
    match value {
        serde_json::Value::String(text) => add(Place::Field("body"), Some(text)),
        serde_json::Value::Array(all) => all.iter().for_each(|value| strings_of(value, add)),
        serde_json::Value::Object(all) => all.values().for_each(|value| strings_of(value, add)),
        _ => {}
    }
}
