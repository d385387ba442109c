//! `/quan-tri/bai-viet/moi`, `/quan-tri/bai-viet/{id}`: writing.

use super::around::{AtDesk, Done};
use super::drafts::{badge, note, path_of};
use crate::accounts::Right;
use crate::entries::{Kind, record, section};
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use crate::media;
use crate::media::picture::LARGEST_UPLOAD;
use crate::newsroom::draft::{self, Contents, DraftState};
use crate::newsroom::form::{DraftForm, LANGUAGES};
use crate::newsroom::{publish, upload};
use crate::pages::cards;
use crate::pages::templates::EntryFormPage;
use crate::pages::view::{
    Attachment, Choice, DocumentFields, EntryFields, FormAction, FormErrors, Link, Picture,
};
use crate::vietnamese;
use axum::extract::{Multipart, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;

const NEW: &str = "/quan-tri/bai-viet/moi";

/// The kinds of documents, as they are written on them.
const DOCUMENT_TYPES: [&str; 12] = [
    "Quyết định",
    "Kế hoạch",
    "Nghị quyết",
    "Chỉ thị",
    "Công văn",
    "Thông báo",
    "Báo cáo",
    "Hướng dẫn",
    "Quy chế",
    "Quy định",
    "Tờ trình",
    "Giấy mời",
];

pub(super) async fn begin(at: AtDesk) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let form = DraftForm {
        kind: Kind::Article.as_str().to_owned(),
        author: at.user.account.name.clone(),
        ..DraftForm::default()
    };
    let page = page(&at, None, form, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn edit(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let draft = at.draft(id).await?;
    let form = draft.to_form();
    let page = page(&at, Some(&draft), form, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn keep_new(at: AtDesk, parts: Multipart) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    take(at, None, parts).await
}

pub(super) async fn keep(at: AtDesk, Path(id): Path<Uuid>, parts: Multipart) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let draft = at.draft(id).await?;
    take(at, Some(draft), parts).await
}

/// Keeps what was typed, then goes on as the button says.
async fn take(at: AtDesk, draft: Option<draft::Model>, parts: Multipart) -> Result<Response> {
    let (mut form, uploads) = upload::read(parts).await?;
    at.user.check_form(&form.csrf)?;
    let mut errors = uploads.keep(&at.site, &mut form).await?;
    let contents = match Contents::of(&form) {
        Ok(contents) if errors.is_empty() => contents,
        Ok(_) => return again(&at, draft.as_ref(), form, errors).await,
        Err(more) => {
            errors.extend(more);
            return again(&at, draft.as_ref(), form, errors).await;
        }
    };
    match store(&at, draft.as_ref(), &form, contents).await {
        Ok(kept) => go_on(&at, kept, &form.action).await,
        Err(Error::Conflict(words)) => {
            let mut errors = FormErrors::default();
            errors.add("", words);
            let page = page(&at, draft.as_ref(), form, errors).await?;
            at.visit.answer_uncached(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error),
    }
}

async fn store(
    at: &AtDesk,
    draft: Option<&draft::Model>,
    form: &DraftForm,
    contents: Contents,
) -> Result<draft::Model> {
    let by = at.user.id();
    let now = at.site.clock.now().timestamp_millis();
    let known = draft.map(|draft| (draft.id, form.revision.parse().unwrap_or_default()));
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                match known {
                    Some((id, version)) => draft::save(tx, id, version, contents, now).await,
                    None => draft::create(tx, contents, by, now).await,
                }
            })
        })
        .await
}

async fn go_on(at: &AtDesk, draft: draft::Model, action: &str) -> Result<Response> {
    let path = path_of(draft.id);
    match action {
        "submit" | "publish" => {
            let lacking = publish::obstacles(at.site.db.reader(), &draft, at.site.clock.now());
            let lacking = lacking.await?;
            if !lacking.is_empty() {
                // It is kept; only going on has to wait.
                let form = draft.to_form();
                return again(at, Some(&draft), form, lacking).await;
            }
            if action == "publish" {
                at.user.require(Right::Publish)?;
                return Ok(Redirect::to(&format!("{path}/dang")).into_response());
            }
            submit(at, &draft).await?;
            Ok(Done::Submitted.then("/quan-tri/bai-viet"))
        }
        "send_back" => {
            at.user.require(Right::Publish)?;
            Ok(Redirect::to(&format!("{path}/tra-lai")).into_response())
        }
        _ => Ok(Done::Saved.then(&path)),
    }
}

async fn submit(at: &AtDesk, draft: &draft::Model) -> Result<()> {
    let (id, version) = (draft.id, draft.version());
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let draft = draft::find_locked(tx, id, version).await?;
                let state = draft.state().submit()?;
                draft::set_state(tx, draft, state, None, now).await?;
                Ok(())
            })
        })
        .await
}

/// Shows the form again with what was typed and what there is to mend.
pub(super) async fn again(
    at: &AtDesk,
    draft: Option<&draft::Model>,
    form: DraftForm,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let page = page(at, draft, form, errors.into()).await?;
    at.answer_again(&page)
}

async fn page(
    at: &AtDesk,
    draft: Option<&draft::Model>,
    form: DraftForm,
    errors: FormErrors,
) -> Result<EntryFormPage> {
    let db = at.site.db.reader();
    let entry = match draft {
        Some(draft) => record::find(db, draft.entry_id).await?,
        None => None,
    };
    let live = entry.filter(record::Model::is_live);
    let may_withdraw = live.is_some() && at.user.may(Right::Withdraw);
    let title = draft.map_or("Viết bài mới", |_| "Sửa bài");
    let mut desk = at.desk(title, "/quan-tri/bai-viet").await?;
    desk.breadcrumb = vec![Link::new("Tin, bài", "/quan-tri/bai-viet")];
    Ok(EntryFormPage {
        desk,
        action: draft.map_or_else(|| NEW.to_owned(), |draft| path_of(draft.id)),
        state: draft.map(badge),
        revision: form.revision.parse().unwrap_or_default(),
        unsaved: !errors.is_empty(),
        errors,
        note: draft.and_then(|draft| note(draft, "Người duyệt đề nghị sửa")),
        actions: actions(at, draft),
        public_url: live.map(|entry| entry.path()),
        withdraw_url: draft
            .filter(|_| may_withdraw)
            .map(|draft| format!("{}/go", path_of(draft.id))),
        // As phones and people count, and as the refusal says it.
        upload_limit: (LARGEST_UPLOAD as u64, "10 MB".to_owned()),
        fields: fields(at, form).await?,
    })
}

/// What this person may do with the draft now, the main one first.
fn actions(at: &AtDesk, draft: Option<&draft::Model>) -> Vec<FormAction> {
    let state = draft.map_or(DraftState::Writing, draft::Model::state);
    let is_public = draft.is_some_and(|draft| draft.published_rev > 0);
    if at.user.may(Right::Publish) {
        let publish = match state {
            DraftState::Submitted => "Duyệt và đăng",
            _ if is_public => "Đăng bản sửa",
            _ => "Đăng",
        };
        let mut actions = vec![
            FormAction::new("publish", publish, true),
            FormAction::new("save", "Lưu nháp", false),
        ];
        if state == DraftState::Submitted {
            actions.push(FormAction::new("send_back", "Trả lại người viết", false));
        }
        return actions;
    }
    match state {
        DraftState::Submitted => vec![FormAction::new("save", "Lưu", true)],
        _ => vec![
            FormAction::new("submit", "Gửi duyệt", true),
            FormAction::new("save", "Lưu nháp", false),
        ],
    }
}

async fn fields(at: &AtDesk, form: DraftForm) -> Result<EntryFields> {
    let picture = match form.picture() {
        Some(digest) => picture_of(at, digest).await?,
        None => None,
    };
    let mut files = Vec::new();
    for file in form.files() {
        files.push(attachment_of(at, &file).await?);
    }
    let sections = section::Tree::load(at.site.db.reader()).await?;
    Ok(EntryFields {
        kinds: choices(
            Kind::ALL.map(|kind| (kind.as_str(), kind.label())),
            &form.kind,
        ),
        sections: section_choices(&sections, &form.section),
        languages: choices(LANGUAGES, &form.language),
        expires: form.expires,
        featured: !form.featured.is_empty(),
        document: DocumentFields {
            number: form.document_number,
            types: choices(DOCUMENT_TYPES.map(|name| (name, name)), &form.document_type),
            issuer: form.issuer,
            signer: form.signer,
            field: form.field,
            issued_on: form.issued_on,
            effective_on: form.effective_on,
        },
        title: form.title,
        lead: form.lead,
        body: form.body,
        author: form.author,
        source: form.source,
        source_url: form.source_url,
        picture_kept: form.picture_kept,
        picture_alt: form.picture_alt,
        picture_caption: form.picture_caption,
        picture,
        files,
    })
}

fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    all.into_iter()
        .map(|(value, label)| Choice::new(value, label, value == chosen))
        .collect()
}

/// The sections, with nothing chosen before somebody chose.
pub(super) fn section_choices(sections: &section::Tree, chosen: &str) -> Vec<Choice> {
    let none = Choice::new("", "Chọn chuyên mục", chosen.is_empty());
    let all = sections
        .iter()
        .map(|section| Choice::new(&section.code, &section.name, section.code == chosen));
    std::iter::once(none).chain(all).collect()
}

async fn picture_of(at: &AtDesk, digest: Digest) -> Result<Option<Picture>> {
    let medium = media::record::find(at.site.db.reader(), digest).await?;
    Ok(medium.and_then(|medium| cards::picture_for_staff(&medium, String::new())))
}

async fn attachment_of(at: &AtDesk, file: &draft::File) -> Result<Attachment> {
    let medium = media::record::find(at.site.db.reader(), file.digest).await?;
    let size = medium.map_or(0, |medium| u64::try_from(medium.size).unwrap_or_default());
    Ok(attachment(&file.name, file.address(), size))
}

/// A file as pages offer it.
pub(super) fn attachment(name: &str, url: String, size: u64) -> Attachment {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    Attachment {
        name: name.to_owned(),
        url,
        format: ending.to_uppercase(),
        size: vietnamese::bytes(size),
    }
}
