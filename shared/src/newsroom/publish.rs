//! From a draft to an entry the public reads, and back.

use super::draft;
use super::moves::{self, Person};
use super::post_check;
use super::workflow::{self, Act};
use super::{form, pictures, technical};
use crate::entries::catalogue::{self, List};
use crate::entries::item::{Author, LARGEST_BODY};
use crate::entries::order::Standing;
use crate::entries::recall::{LONGEST_REASON, Withdrawal};
use crate::entries::{
    Attachment, Fields, Item, Kind, MediaRole, apply, placement, purge, record, section,
};
use crate::error::{Error, FieldError, Result};
use crate::log::{self, Digest, EventKind, Lane, NewEvent, event};
use crate::media;
use crate::media::record::MediaState;
use crate::pages::body_pictures;
use crate::pages::closed::may_publish;
use crate::screening;
use crate::site::Site;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};
use std::collections::BTreeSet;

/// Approves `draft` as it stands, and `correction`, which readers will be told. Exactly this is what can
/// be published; whatever is changed afterwards has to be approved anew. [`Error::Invalid`] says what
/// the draft still lacks.
pub async fn approve(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: draft::Model,
    by: &Person,
    correction: Option<String>,
) -> Result<draft::Model> {
    let now = site.clock.now();
    let lacking = before_approval(tx, &draft, now).await?;
    if !lacking.is_empty() {
        return Err(Error::Invalid(lacking));
    }
    let who = moves::who(tx, &draft, by).await?;
    let is_own = workflow::is_self_approval(draft.state(), &who);
    // Before the first revision there is nothing to mend.
    let correction = correction.filter(|_| draft.published_rev > 0);
    let mut as_approved = draft.clone();
    as_approved.self_approved = is_own;
    let digest = digest_of(tx, site, &as_approved, correction.as_deref()).await?;
    let now = now.timestamp_millis();
    let said = correction.clone();
    moves::change(
        tx,
        draft,
        Act::Approve,
        by,
        said.as_deref(),
        now,
        |change| {
            change.note = Set(None);
            change.approved_by = Set(by.id);
            change.approved_digest = Set(Some(digest.as_bytes().to_vec()));
            change.self_approved = Set(is_own);
            change.correction = Set(correction);
        },
    )
    .await
}

/// Makes what was approved of `draft` what the public reads: its first revision, or one more. Event,
/// current view, place and draft change in this transaction or not at all; [`Site::wake`] is for after
/// its commit.
pub async fn publish(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: draft::Model,
    by: &Person,
) -> Result<event::Model> {
    publish_in(tx, site, draft, by, Lane::Regular).await
}

/// The same in a lane of somebody's choice: what is urgent goes ahead of everything that waits, and
/// skips nothing else.
pub async fn publish_in(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: draft::Model,
    by: &Person,
    lane: Lane,
) -> Result<event::Model> {
    may_publish(tx, site).await?;
    let now = site.clock.now();
    let act = match draft.correction {
        Some(_) => Act::Correct,
        None => Act::Publish,
    };
    let who = moves::who(tx, &draft, by).await?;
    workflow::step(draft.state(), act, &who, &moves::rules(tx).await?)?;
    let lacking = obstacles(tx, &draft, now).await?;
    if !lacking.is_empty() {
        return Err(Error::Invalid(lacking));
    }
    if !is_as_approved(tx, site, &draft).await? {
        return Err(Error::Conflict(
            "Nội dung khác với bản đã duyệt nên chưa đăng. Hãy trả lại và duyệt lần nữa."
                .to_owned(),
        ));
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
    let correction = draft.correction.clone();
    let item = item_of(tx, site, &draft, first, correction.clone(), now).await?;
    let content = serde_json::to_value(&item).map_err(anyhow::Error::new)?;
    // What others would refuse must not leave: they read it the same way.
    Item::read(&content, draft.entry_id).map_err(anyhow::Error::new)?;

    let kind = match rev {
        1 => EventKind::EntryPublished,
        _ => EventKind::EntryRevised,
    };
    let new = NewEvent {
        kind,
        lane,
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
    if draft.self_approved
        && let Some(entry) = record::find(tx, draft.entry_id).await?
    {
        post_check::ask(tx, &entry, rev, now).await?;
    }
    moves::change(tx, draft, act, by, correction.as_deref(), now, |change| {
        change.note = Set(None);
        change.correction = Set(None);
        change.published_rev = Set(rev);
    })
    .await?;
    Ok(event)
}

/// Approves and publishes at once.
pub async fn put_out(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: draft::Model,
    by: &Person,
    correction: Option<String>,
) -> Result<event::Model> {
    let draft = approve(tx, site, draft, by, correction).await?;
    publish(tx, site, draft, by).await
}

/// Whether `draft` says what was approved.
pub async fn is_as_approved(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: &draft::Model,
) -> Result<bool> {
    let digest = digest_of(tx, site, draft, draft.correction.as_deref()).await?;
    Ok(draft.approved_digest.as_deref() == Some(digest.as_bytes().as_slice()))
}

/// The digest of all that is published of `draft`, but for the times that are given when it is, and of
/// whether it leads the front page.
pub(super) async fn digest_of(
    tx: &DatabaseTransaction,
    site: &Site,
    draft: &draft::Model,
    correction: Option<&str>,
) -> Result<Digest> {
    let no_time = DateTime::UNIX_EPOCH;
    let item = item_of(
        tx,
        site,
        draft,
        None,
        correction.map(str::to_owned),
        no_time,
    )
    .await?;
    let whole = (item, draft.extra().featured);
    Ok(Digest::of_canonical(&whole).map_err(anyhow::Error::new)?)
}

/// Takes an entry of ours back from everybody who shows it. Its place in history stays; its text is
/// no longer shown or found.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    site: &Site,
    entry: &record::Model,
    reason: &str,
    by: &Person,
) -> Result<event::Model> {
    let entry = record::find_locked(tx, entry.entry_id)
        .await?
        .ok_or(Error::NotFound)?;
    if entry.site_id != site.id || !by.powers.withdraws {
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
    screening::allow_text(tx, "reason", &reason).await?;
    // While it is still public: afterwards nothing could be taken back.
    if let Some(draft) = draft::of_entry(tx, entry.entry_id).await? {
        let now = site.clock.now().timestamp_millis();
        moves::go(tx, draft, Act::Unpublish, by, Some(&reason), now).await?;
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
    Ok(event)
}

/// What `draft` still lacks before somebody may approve it: what would keep it from being published, and
/// links that lead nowhere today. What dies between approval and the hour it is due holds nothing up.
pub async fn before_approval<C: ConnectionTrait>(
    db: &C,
    draft: &draft::Model,
    now: DateTime<Utc>,
) -> Result<Vec<FieldError>> {
    let mut lacking = obstacles(db, draft, now).await?;
    lacking.extend(technical::dead_links(db, draft).await?);
    Ok(lacking)
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
    let html = draft.body_html();
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
    let extra = draft.extra();
    for picture in &extra.pictures {
        let found = here(db, picture.digest).await?;
        if !found.is_some_and(|medium| medium.mime.starts_with("image/")) {
            lacking.push(FieldError::new(
                "album",
                "Có ảnh của album không còn trong kho. Hãy tải lại.",
            ));
            break;
        }
    }
    for (file, role) in files_of(extra) {
        let found = here(db, file.digest).await?;
        let mime = found.as_ref().map(|medium| medium.mime.as_str());
        if let Some(wrong) = unfit(&file.name, role, mime) {
            lacking.push(wrong);
        }
    }
    lacking.extend(screening::holds::obstacles(db, draft).await?);
    Ok(lacking)
}

/// Why a file of a draft cannot be published for what it is meant for, if it cannot.
fn unfit(name: &str, role: MediaRole, mime: Option<&str>) -> Option<FieldError> {
    let (field, fits, words) = match role {
        MediaRole::Video => ("video", "video/", "không phải video phát được"),
        MediaRole::Captions => ("captions", "text/vtt", "không phải phụ đề WebVTT (.vtt)"),
        _ => ("file", "", ""),
    };
    match mime {
        None => {
            let words = format!("Tệp {name} không còn trong kho. Hãy tải lại.");
            Some(FieldError::new(field, words))
        }
        Some(mime) if !mime.starts_with(fits) => {
            let words = format!("Tệp {name} {words}. Hãy bỏ tệp này và tải tệp khác lên.");
            Some(FieldError::new(field, words))
        }
        Some(_) => None,
    }
}

/// The pictures of a text that say nothing to those who cannot see them, each with a field of its own.
fn undescribed(html: &str) -> Vec<FieldError> {
    let bare = body_pictures::descriptions(html).enumerate();
    let bare = bare.filter(|(_, alt)| alt.trim().is_empty());
    bare.map(|(at, _)| {
        let number = at + 1;
        FieldError::new(
            format!("body-anh-{number}"),
            format!("Ảnh thứ {number} trong bài chưa có lời mô tả. Hãy ghi ảnh cho thấy gì, để người không nhìn thấy ảnh cũng hiểu."),
        )
    })
    .collect()
}

/// What can be said of a draft without looking anything up.
fn incomplete(draft: &draft::Model, now: DateTime<Utc>) -> Vec<FieldError> {
    let mut lacking = Vec::new();
    let mut need = |is_there: bool, field: &str, message: &str| {
        if !is_there {
            lacking.push(FieldError::new(field, message));
        }
    };
    // What was kept while somebody typed may lack both.
    need(!draft.title.is_empty(), "title", "Hãy nhập tiêu đề.");
    let extra = draft.extra();
    let kind = draft.kind();
    let may_be_blank = match kind {
        Kind::Document | Kind::Consultation => !extra.files.is_empty(),
        Kind::Album | Kind::Video | Kind::Calendar | Kind::Poll => true,
        Kind::Article | Kind::Notice | Kind::Page | Kind::Question => false,
    };
    need(
        !draft.body.trim().is_empty() || may_be_blank,
        "body",
        "Hãy viết nội dung trước khi đăng.",
    );
    need(
        draft.body_html().as_str().len() <= LARGEST_BODY,
        "body",
        "Nội dung quá dài. Hãy chia thành nhiều bài.",
    );
    need(
        draft
            .lead_picture()
            .is_none_or(|lead| lead.description().is_some()),
        "picture_alt",
        "Hãy mô tả ảnh cho người không nhìn thấy, hoặc đánh dấu ảnh chỉ để trang trí.",
    );
    need(
        extra.expires.is_none_or(|end| now < end),
        "expires",
        "Ngày hết hạn đã qua.",
    );
    extra.own.lacking(kind, &mut need);
    if kind == Kind::Album {
        need(
            !extra.pictures.is_empty(),
            "album",
            "Album chưa có ảnh. Hãy thêm ít nhất một ảnh.",
        );
    }
    lacking.extend(undescribed(draft.body_html().as_str()));
    lacking.extend(technical::unsourced(draft));
    if kind == Kind::Album {
        lacking.extend(pictures::lacking(&extra.pictures));
    }
    lacking
}

/// What would be published of `draft` now, whether or not it is complete or approved.
pub async fn preview<C: ConnectionTrait>(
    db: &C,
    site: &Site,
    draft: &draft::Model,
    first_published: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Item> {
    let correction = draft.correction.clone();
    item_of(db, site, draft, first_published, correction, now).await
}

async fn item_of<C: ConnectionTrait>(
    tx: &C,
    site: &Site,
    draft: &draft::Model,
    first_published: Option<DateTime<Utc>>,
    correction: Option<String>,
    now: DateTime<Utc>,
) -> Result<Item> {
    let kind = draft.kind();
    let extra = draft.extra();
    let mut own = extra.own.to_fields(kind);
    if let Some(document) = &mut own.document {
        (document.form, document.form_code) =
            catalogue::resolve(tx, List::Forms, &document.form).await?;
        if let Some(field) = document.field.take() {
            let (name, code) = catalogue::resolve(tx, List::Fields, &field).await?;
            (document.field, document.field_code) = (Some(name), code);
        }
    }
    if let Some(question) = &mut own.question
        && let Some(field) = question.field.take()
    {
        let (name, code) = catalogue::resolve(tx, List::Fields, &field).await?;
        (question.field, question.field_code) = (Some(name), code);
    }
    let (section, section_name) = section::as_province(tx, &draft.section).await?;
    let expires = extra.expires;
    let html = draft.body_html();
    let mut attachments = Vec::new();
    if let Some(lead) = draft.lead_picture() {
        let bare = attachment(tx, site, lead.digest, MediaRole::Lead).await?;
        attachments.push(lead.describe(bare));
    }
    for picture in extra.pictures.iter().filter(|_| kind == Kind::Album) {
        let bare = attachment(tx, site, picture.digest, MediaRole::Album).await?;
        attachments.push(picture.describe(bare));
    }
    for digest in pictures_in(html.as_str()) {
        attachments.push(attachment(tx, site, digest, MediaRole::Inline).await?);
    }
    for (file, role) in files_of(extra) {
        attachments.push(Attachment {
            title: Some(file.name),
            ..attachment(tx, site, file.digest, role).await?
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
            .find(|one| matches!(one.role, MediaRole::Lead | MediaRole::Album))
            .map(|lead| lead.url.clone()),
        tags: Vec::new(),
        attachments,
        fields: Fields {
            section,
            section_name,
            source: draft.source(),
            expires,
            correction,
            self_approved: draft.self_approved,
            ..own
        },
    })
}

/// All files of a draft, with what each is for.
fn files_of(extra: draft::Extra) -> Vec<(draft::File, MediaRole)> {
    let mut files = Vec::new();
    if let Some(video) = extra.own.video {
        files.extend(video.file.map(|file| (file, MediaRole::Video)));
        files.extend(video.captions.map(|file| (file, MediaRole::Captions)));
    }
    files.extend(extra.files.into_iter().map(|file| (file, MediaRole::File)));
    files
}

async fn attachment<C: ConnectionTrait>(
    tx: &C,
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
        credit: None,
        focus: media::Focus::default(),
    })
}

/// The medium `digest`, if its bytes are in the store.
pub(super) async fn here<C: ConnectionTrait>(
    db: &C,
    digest: Digest,
) -> Result<Option<media::record::Model>> {
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
    use crate::entries::body;

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
