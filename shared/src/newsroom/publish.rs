//! From a draft to an entry the public reads, and back.

use super::draft::{self, Document, DraftState};
use super::form;
use crate::entries::item::{Author, DocumentFields, LARGEST_BODY};
use crate::entries::order::Standing;
use crate::entries::recall::{LONGEST_REASON, Withdrawal};
use crate::entries::{
    Attachment, Fields, Item, Kind, MediaRole, apply, body, placement, purge, record, section,
};
use crate::error::{Error, FieldError, Result};
use crate::log::{self, Digest, EventKind, NewEvent, event};
use crate::media;
use crate::media::record::MediaState;
use crate::site::Site;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::collections::BTreeSet;

/// Makes the text of `draft` what the public reads: its first revision, or one more, with what was
/// corrected said to readers. Event, current view, place and draft change in this transaction or not
/// at all; [`Site::wake`] is for after its commit. [`Error::Invalid`] says what the draft still lacks.
pub async fn publish(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: draft::Model,
    correction: Option<String>,
) -> Result<event::Model> {
    let now = site.clock.now();
    let lacking = obstacles(tx, &draft, now).await?;
    if !lacking.is_empty() {
        return Err(Error::Invalid(lacking));
    }
    let known = record::find_locked(tx, draft.entry_id).await?;
    if known.as_ref().is_some_and(|known| known.site_id != site.id) {
        return Err(Error::Forbidden);
    }
    let standing = match &known {
        Some(known) => known.standing()?,
        None => Standing::default(),
    };
    let rev = standing.next_revision().ok_or_else(|| {
        Error::Conflict("Tỉnh đã xóa hẳn bài này. Hãy viết một bài mới.".to_owned())
    })?;
    let first = known
        .as_ref()
        .and_then(|known| DateTime::from_timestamp_millis(known.published_at));
    let item = item_of(tx, site, &draft, first, correction.filter(|_| rev > 1), now).await?;
    let content = serde_json::to_value(&item).map_err(anyhow::Error::new)?;
    // What others would refuse must not leave: they read it the same way.
    Item::read(&content, draft.entry_id).map_err(anyhow::Error::new)?;

    let kind = match rev {
        1 => EventKind::EntryPublished,
        _ => EventKind::EntryRevised,
    };
    let new = NewEvent {
        kind,
        lane: kind.lane(),
        unit: site.unit_id,
        entry: Some(draft.entry_id),
        rev,
        content: Some(content),
        to: None,
    };
    let event = log::append(tx, site, new).await?;
    apply::apply(tx, &event, Some(&item)).await?;
    let now = now.timestamp_millis();
    placement::place_own(
        tx,
        draft.entry_id,
        &draft.section,
        draft.extra().featured,
        now,
    )
    .await?;
    draft::set_published(tx, draft, rev, now).await?;
    Ok(event)
}

/// Takes an entry of ours back from everybody who shows it. Its place in history stays; its text is
/// no longer shown or found.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    site: &Site,
    entry: &record::Model,
    reason: &str,
) -> Result<event::Model> {
    let entry = record::find_locked(tx, entry.entry_id)
        .await?
        .ok_or(Error::NotFound)?;
    if entry.site_id != site.id {
        return Err(Error::Forbidden);
    }
    if !entry.is_live() {
        return Err(Error::Conflict("Bài này đã được gỡ rồi.".to_owned()));
    }
    let reason = form::line(reason);
    if reason.is_empty() {
        return Err(Error::invalid("reason", "Hãy ghi lý do gỡ bài."));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("reason", "Dài tối đa 500 ký tự."));
    }
    let new = NewEvent {
        kind: EventKind::EntryWithdrawn,
        lane: EventKind::EntryWithdrawn.lane(),
        unit: site.unit_id,
        entry: Some(entry.entry_id),
        rev: entry.rev + 1,
        content: Some(Withdrawal { reason }.to_content(entry.entry_id)),
        to: None,
    };
    let event = log::append(tx, site, new).await?;
    apply::apply(tx, &event, None).await?;
    purge::purge(tx, site, entry.entry_id).await?;
    if let Some(draft) = draft::of_entry(tx, entry.entry_id).await? {
        let now = site.clock.now().timestamp_millis();
        draft::set_state(tx, draft, DraftState::Withdrawn, None, now).await?;
    }
    Ok(event)
}

/// What `draft` still lacks before it can be published, field by field.
pub async fn obstacles<C: ConnectionTrait>(
    db: &C,
    draft: &draft::Model,
    now: DateTime<Utc>,
) -> Result<Vec<FieldError>> {
    let mut lacking = incomplete(draft, now);
    if section::find(db, &draft.section).await?.is_none() {
        lacking.push(FieldError::new(
            "section",
            "Chuyên mục này không còn nữa. Hãy chọn chuyên mục khác.",
        ));
    }
    let html = body::from_markdown(&draft.body);
    for digest in pictures_in(html.as_str()) {
        if here(db, digest).await?.is_none() {
            lacking.push(FieldError::new(
                "body",
                "Trong bài có ảnh chưa được tải lên trang này.",
            ));
            break;
        }
    }
    if let Some(digest) = draft.picture_digest() {
        let found = here(db, digest).await?;
        if !found.is_some_and(|medium| medium.mime.starts_with("image/")) {
            lacking.push(FieldError::new(
                "picture",
                "Ảnh không còn trong kho. Hãy tải lại.",
            ));
        }
    }
    for file in draft.extra().files {
        if here(db, file.digest).await?.is_none() {
            lacking.push(FieldError::new(
                "file",
                format!("Tệp {} không còn trong kho. Hãy tải lại.", file.name),
            ));
        }
    }
    Ok(lacking)
}

/// What can be said of a draft without looking anything up.
fn incomplete(draft: &draft::Model, now: DateTime<Utc>) -> Vec<FieldError> {
    let mut lacking = Vec::new();
    let mut need = |is_there: bool, field: &str, message: &str| {
        if !is_there {
            lacking.push(FieldError::new(field, message));
        }
    };
    let extra = draft.extra();
    let is_document = draft.kind() == Kind::Document;
    let has_files = !extra.files.is_empty();
    need(
        !draft.body.trim().is_empty() || (is_document && has_files),
        "body",
        "Hãy viết nội dung trước khi đăng.",
    );
    need(
        body::from_markdown(&draft.body).as_str().len() <= LARGEST_BODY,
        "body",
        "Nội dung quá dài. Hãy chia thành nhiều bài.",
    );
    need(
        draft.picture.is_none() || draft.picture_alt.is_some(),
        "picture_alt",
        "Hãy mô tả ảnh cho người không nhìn thấy.",
    );
    need(
        extra.expires.is_none_or(|end| now < end),
        "expires",
        "Ngày hết hạn đã qua.",
    );
    if is_document {
        let document = extra.document.unwrap_or_default();
        need(
            !document.number.is_empty(),
            "document_number",
            "Hãy nhập số, ký hiệu văn bản.",
        );
        need(
            !document.form.is_empty(),
            "document_type",
            "Hãy chọn loại văn bản.",
        );
        need(
            !document.issuer.is_empty(),
            "issuer",
            "Hãy nhập cơ quan ban hành.",
        );
        need(
            document.issued_on.is_some(),
            "issued_on",
            "Hãy nhập ngày ban hành.",
        );
    }
    lacking
}

async fn item_of(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: &draft::Model,
    first_published: Option<DateTime<Utc>>,
    correction: Option<String>,
    now: DateTime<Utc>,
) -> Result<Item> {
    let kind = draft.kind();
    let extra = draft.extra();
    let html = body::from_markdown(&draft.body);
    let mut attachments = Vec::new();
    if let Some(digest) = draft.picture_digest() {
        attachments.push(Attachment {
            title: draft.picture_caption.clone(),
            alt: draft.picture_alt.clone(),
            ..attachment(tx, site, digest, MediaRole::Lead).await?
        });
    }
    for digest in pictures_in(html.as_str()) {
        attachments.push(attachment(tx, site, digest, MediaRole::Inline).await?);
    }
    for file in extra.files {
        attachments.push(Attachment {
            title: Some(file.name),
            ..attachment(tx, site, file.digest, MediaRole::File).await?
        });
    }
    Ok(Item {
        id: Item::id_of(draft.entry_id),
        url: site.address(&record::path_of(kind, &draft.title, draft.entry_id)),
        title: draft.title.clone(),
        summary: Some(draft.lead.clone()).filter(|lead| !lead.is_empty()),
        content_html: absolute(html.as_str(), &site.origin()),
        date_published: first_published.unwrap_or(now),
        date_modified: first_published.map(|_| now),
        authors: draft
            .author_names()
            .into_iter()
            .map(|name| Author { name })
            .collect(),
        language: draft.language.clone(),
        image: attachments
            .iter()
            .find(|attachment| attachment.role == MediaRole::Lead)
            .map(|lead| lead.url.clone()),
        tags: Vec::new(),
        attachments,
        fields: Fields {
            kind,
            section: draft.section.clone(),
            source: draft.source(),
            document: match kind {
                Kind::Document => extra.document.and_then(document_fields),
                _ => None,
            },
            expires: extra.expires,
            correction,
        },
    })
}

fn document_fields(document: Document) -> Option<DocumentFields> {
    Some(DocumentFields {
        number: document.number,
        form: document.form,
        issuer: document.issuer,
        signer: document.signer,
        field: document.field,
        issued_on: document.issued_on?,
        effective_on: document.effective_on,
    })
}

async fn attachment(
    tx: &DatabaseTransaction,
    site: &Site,
    digest: Digest,
    role: MediaRole,
) -> Result<Attachment> {
    let medium = here(tx, digest)
        .await?
        .ok_or_else(|| anyhow::anyhow!("medium {digest} is not here"))?;
    let pixels = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
    Ok(Attachment {
        url: site.address(&format!("/media/sha256/{}", digest.hex())),
        mime_type: medium.mime,
        title: None,
        size_in_bytes: u64::try_from(medium.size).unwrap_or_default(),
        sha256: digest,
        role,
        alt: None,
        width: pixels(medium.width),
        height: pixels(medium.height),
    })
}

async fn here<C: ConnectionTrait>(db: &C, digest: Digest) -> Result<Option<media::record::Model>> {
    let found = media::record::find(db, digest).await?;
    let own = [MediaState::Here, MediaState::Withheld].map(MediaState::as_str);
    Ok(found.filter(|medium| own.contains(&medium.state.as_str())))
}

const PICTURES: &str = "/media/sha256/";

/// The pictures that clean HTML shows.
fn pictures_in(html: &str) -> BTreeSet<Digest> {
    html.split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.strip_prefix(PICTURES)?.get(..64))
        .filter_map(|hex| Digest::from_hex(hex).ok())
        .collect()
}

/// Clean HTML for readers elsewhere: addresses on this site are written out. Other sites show their
/// own copies of pictures all the same, by hash.
fn absolute(html: &str, origin: &str) -> String {
    html.replace("src=\"/", &format!("src=\"{origin}/"))
        .replace("href=\"/", &format!("href=\"{origin}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_and_addresses_written_out_for_readers_elsewhere() {
        let hex = "ab".repeat(32);
        let html = body::from_markdown(&format!(
            "![Nhà rông](/media/sha256/{hex}) và [văn bản](/van-ban), [báo](https://bao.example/1)"
        ));
        let found: Vec<String> = pictures_in(html.as_str()).iter().map(Digest::hex).collect();
        assert_eq!(found, std::slice::from_ref(&hex));
        let html = absolute(html.as_str(), "https://xa.example");
        assert!(
            html.contains(&format!("src=\"https://xa.example/media/sha256/{hex}\"")),
            "{html}"
        );
        assert!(
            html.contains("href=\"https://xa.example/van-ban\""),
            "{html}"
        );
        assert!(html.contains("href=\"https://bao.example/1\""), "{html}");
    }
}
