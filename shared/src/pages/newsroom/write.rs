//! `/quan-tri/bai-viet/moi`, `/quan-tri/bai-viet/{id}`: writing.

use super::DRAFTS_PATH as LIST;
use super::around::{AtDesk, Done};
use super::drafts::{badge, note, path_of};
use super::{kind_fields, word_file};
use crate::accounts::{Right, Scope, account};
use crate::audit::{self, Action, Subject};
use crate::entries::body::Format;
use crate::entries::{Kind, record, section};
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use crate::media::picture::LARGEST_UPLOAD;
use crate::media::{self, Focus};
use crate::newsroom::draft::{self, Contents};
use crate::newsroom::form::{DraftForm, LANGUAGES};
use crate::newsroom::moves::{self, Saving};
use crate::newsroom::pictures::Shown;
use crate::newsroom::text::Text;
use crate::newsroom::workflow::{self, Act, Rules, State, Who};
use crate::newsroom::{lock, notes, publish, upload};
use crate::pages::cards;
use crate::pages::templates::{EntryBeside, EntryFormPage};
use crate::pages::view::{
    Attachment, Choice, DeskNote, EntryFields, FormAction, FormErrors, Link, Picture, PictureRow,
};
use crate::screening;
use crate::vietnamese;
use axum::extract::{Multipart, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

const NEW: &str = "/quan-tri/bai-viet/moi";

/// What is begun.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begun {
    /// [`Kind`] by name.
    loai: String,
}

pub(super) async fn begin(at: AtDesk, Query(begun): Query<Begun>) -> Result<Response> {
    let kind = Kind::parse(&begun.loai).unwrap_or_default();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let form = DraftForm {
        author: at.user.account.name.clone(),
        ..kind_fields::begun(kind, today)
    };
    let page = page(&at, None, form, FormErrors::default()).await?;
    at.answer(&page)
}

/// Shows what was read from a file, to be looked through and kept; `note` says what became of it.
pub(super) async fn show_read(at: &AtDesk, form: DraftForm, note: DeskNote) -> Result<Response> {
    let form = DraftForm {
        kind: Kind::Article.as_str().to_owned(),
        author: at.user.account.name.clone(),
        ..form
    };
    let mut page = page(at, None, form, FormErrors::default()).await?;
    page.note = Some(note);
    page.unsaved = true;
    at.answer(&page)
}

/// Shows the blank form again, with why a file was not read.
pub(super) async fn show_unread(at: &AtDesk, errors: Vec<FieldError>) -> Result<Response> {
    let form = DraftForm {
        kind: Kind::Article.as_str().to_owned(),
        author: at.user.account.name.clone(),
        ..DraftForm::default()
    };
    again(at, None, form, errors).await
}

pub(super) async fn edit(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft_to_change(id).await?;
    hold(&at, &draft).await;
    let form = draft.to_form();
    let page = page(&at, Some(&draft), form, FormErrors::default()).await?;
    at.answer(&page)
}

/// Tells others that this person has the text open. On a full disk it is still shown.
async fn hold(at: &AtDesk, draft: &draft::Model) {
    let (id, account) = (draft.id, at.user.id());
    let now = at.site.clock.now().timestamp_millis();
    let held = at
        .site
        .db
        .write(move |tx| Box::pin(async move { lock::take(tx, id, account, now).await }));
    if let Err(error) = held.await {
        tracing::debug!(
            error = crate::error::chain(&error),
            "the lock was not taken"
        );
    }
}

/// The draft that the page of a new one has begun already, by itself or when its answer was lost.
pub(super) async fn belongs_to_this_form(
    at: &AtDesk,
    form: &DraftForm,
) -> Result<Option<draft::Model>> {
    let Ok(id) = form.draft.parse::<Uuid>() else {
        return Ok(None);
    };
    let found = draft::find(at.site.db.reader(), id).await?;
    Ok(found.filter(|draft| {
        draft.written_by == Some(at.user.id())
            && draft.published_rev == 0
            && draft.state() == State::Draft
    }))
}

pub(super) async fn keep_new(at: AtDesk, parts: Multipart) -> Result<Response> {
    take(at, None, parts).await
}

pub(super) async fn keep(at: AtDesk, Path(id): Path<Uuid>, parts: Multipart) -> Result<Response> {
    let draft = at.draft_to_change(id).await?;
    take(at, Some(draft), parts).await
}

/// Keeps what was typed, then goes on as the button says.
async fn take(at: AtDesk, draft: Option<draft::Model>, parts: Multipart) -> Result<Response> {
    let (mut form, uploads) = upload::read(parts).await?;
    at.user.check_form(&form.csrf)?;
    if form.action == "mask" {
        mask(&at, &mut form).await?;
    }
    let draft = match draft {
        Some(draft) => Some(draft),
        None => {
            let begun = belongs_to_this_form(&at, &form).await?;
            if let Some(draft) = &begun {
                form.revision = draft.version().to_string();
            }
            begun
        }
    };
    let mut errors = uploads.keep(&at.site, &mut form, at.user.id()).await?;
    errors.extend(foreign_section(&at, &form.section));
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
        // Shown from the request alone, so that the innocent part is not lost; nothing of it is kept.
        Err(Error::Secret(secret)) => {
            note_refused(&at).await?;
            if at.visit.wants_json() {
                return Err(Error::Secret(secret));
            }
            let errors = secret.field_errors();
            let mut page = page(&at, draft.as_ref(), form, errors.into()).await?;
            page.is_secret = true;
            at.answer_again(&page)
        }
        Err(Error::Conflict(words)) => {
            let mut errors = FormErrors::default();
            errors.add("", words);
            let mut page = page(&at, draft.as_ref(), form, errors).await?;
            let button = FormAction::new(TAKE_OVER, "Lấy quyền sửa và lưu", false);
            page.actions.push(button);
            at.visit.answer_uncached(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error),
    }
}

/// Where somebody may not write, nothing of theirs is kept.
pub(super) fn foreign_section(at: &AtDesk, section: &str) -> Option<FieldError> {
    (!at.user.may_in(Right::WriteDraft, section))
        .then(|| FieldError::new("section", "Bạn chưa được giao viết ở chuyên mục này."))
}

async fn store(
    at: &AtDesk,
    draft: Option<&draft::Model>,
    form: &DraftForm,
    contents: Contents,
) -> Result<draft::Model> {
    let section = draft.map_or(&contents.input.section, |draft| &draft.section);
    let by = at.person(section);
    let author = at.user.id();
    let now = at.site.clock.now().timestamp_millis();
    let takes_over = form.action == TAKE_OVER;
    let known = draft.map(|draft| (draft.id, form.revision.parse().unwrap_or_default()));
    let begun = form.draft.parse::<Uuid>().ok();
    let kept = at.site.db.write(move |tx| {
        Box::pin(async move {
            let Some((id, version)) = known else {
                let id = match begun {
                    Some(id) if draft::find(tx, id).await?.is_none() => id,
                    _ => Uuid::now_v7(),
                };
                let draft = moves::begin_as(tx, id, contents, &by, false, now).await?;
                lock::take_over(tx, id, author, now).await?;
                return Ok(Stored::Kept(Box::new(draft)));
            };
            let text = Text::of_contents(contents)?;
            let saving = Saving::ByHand;
            if takes_over {
                lock::take_over(tx, id, author, now).await?;
                let draft = draft::find(tx, id).await?.ok_or(Error::NotFound)?;
                let draft = draft::find_locked(tx, id, draft.version()).await?;
                let subject = Subject::draft(&draft);
                moves::record(tx, Action::LockTaken, subject, &by, now).await?;
                let draft = moves::write(tx, draft, text, &by, saving, now).await?;
                return Ok(Stored::Kept(Box::new(draft)));
            }
            let draft = draft::find_locked(tx, id, version).await?;
            // Who changes nothing is in nobody's way.
            if Text::of(&draft) != text
                && let Some(held) = lock::take(tx, id, author, now).await?
            {
                return Ok(Stored::HeldBy(held.account_id));
            }
            let draft = moves::write(tx, draft, text, &by, saving, now).await?;
            Ok::<_, Error>(Stored::Kept(Box::new(draft)))
        })
    });
    match screening::noted(&at.site, author, kept.await).await? {
        Stored::Kept(draft) => Ok(*draft),
        Stored::HeldBy(other) => {
            let other = account::find(at.site.db.reader(), other).await?;
            let name = other.map_or_else(|| "Người khác".to_owned(), |account| account.name);
            Err(Error::Conflict(format!(
                "{name} đang sửa bài này nên chưa lưu. Chữ bạn gõ còn nguyên ở dưới: trao đổi với người đó, hoặc bấm “Lấy quyền sửa và lưu”."
            )))
        }
    }
}

/// The button that saves in spite of who else is editing. Their words stay among the versions.
const TAKE_OVER: &str = "take_over";

/// What became of a form.
enum Stored {
    Kept(Box<draft::Model>),
    HeldBy(Uuid),
}

/// Records that something with a secrecy mark was refused this person; what it was, nobody keeps.
async fn note_refused(at: &AtDesk) -> Result<()> {
    let actor = at.user.actor();
    let subject = Subject::none();
    audit::refused(&at.site, &actor, Action::ScreeningRefused, subject).await
}

/// Masks numbers and the like in what was typed, for a text that is about people.
async fn mask(at: &AtDesk, form: &mut DraftForm) -> Result<()> {
    let db = at.site.db.reader();
    let rules = screening::rule_sets::current(db).await?;
    let known = screening::rule_sets::known(db).await?;
    for text in form.texts() {
        *text = screening::masked(&rules, &known, text).0;
    }
    Ok(())
}

async fn go_on(at: &AtDesk, draft: draft::Model, action: &str) -> Result<Response> {
    let path = path_of(draft.id);
    if matches!(action, "submit" | "propose" | "publish" | "schedule") {
        let lacking =
            publish::before_approval(at.site.db.reader(), &draft, at.site.clock.now()).await?;
        if !lacking.is_empty() {
            // It is kept; only going on has to wait.
            let form = draft.to_form();
            return again(at, Some(&draft), form, lacking).await;
        }
    }
    let (act, done) = match action {
        "submit" => (Act::Submit, Done::Submitted),
        "propose" => (Act::Propose, Done::Proposed),
        "unschedule" => (Act::Unschedule, Done::Unscheduled),
        "archive" => (Act::Archive, Done::Archived),
        "unarchive" => (Act::Unarchive, Done::Unarchived),
        "schedule" => {
            at.user.require_in(Right::Schedule, &draft.section)?;
            return Ok(Redirect::to(&format!("{path}/hen-gio")).into_response());
        }
        "publish" => {
            at.user.require_in(Right::Publish, &draft.section)?;
            return Ok(Redirect::to(&format!("{path}/dang")).into_response());
        }
        "send_back" => {
            at.user.require_in(Right::Return, &draft.section)?;
            return Ok(Redirect::to(&format!("{path}/tra-lai")).into_response());
        }
        _ => return Ok(Done::Saved.then(&path)),
    };
    go(at, &draft, act).await?;
    Ok(done.then(LIST))
}

async fn go(at: &AtDesk, draft: &draft::Model, act: Act) -> Result<()> {
    let (id, version, by) = (draft.id, draft.version(), at.person(&draft.section));
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let draft = draft::find_locked(tx, id, version).await?;
                lock::release_all(tx, id).await?;
                moves::go(tx, draft, act, &by, None, now).await?;
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
    let section = draft.map_or("", |draft| draft.section.as_str());
    let may_withdraw = live.is_some() && at.user.may_in(Right::Withdraw, section);
    let title = draft.map_or("Viết bài mới", |_| "Sửa bài");
    let mut desk = at.desk(title, "/quan-tri/bai-viet").await?;
    desk.breadcrumb = vec![Link::new("Tin, bài", "/quan-tri/bai-viet")];
    let screened = match draft {
        Some(draft) => screening::holds::standing(db, draft).await?,
        None => Vec::new(),
    };
    let mut actions = actions(at, draft).await?;
    if screened.iter().any(|seen| seen.masks) {
        actions.push(FormAction::new("mask", "Che thông tin riêng", false));
    }
    Ok(EntryFormPage {
        is_secret: false,
        held: screening::holds::in_words(db, &screened).await?,
        desk,
        action: draft.map_or_else(|| NEW.to_owned(), |draft| path_of(draft.id)),
        beside: beside(at, draft, &form).await?,
        state: draft.map(badge),
        revision: form.revision.parse().unwrap_or_default(),
        unsaved: !errors.is_empty(),
        errors,
        note: draft.and_then(|draft| note(draft, "Người duyệt đề nghị sửa")),
        actions,
        others: live
            .as_ref()
            .map_or_else(Vec::new, |entry| at.others(entry.entry_id)),
        public_url: live.map(|entry| entry.path()),
        withdraw_url: draft
            .filter(|_| may_withdraw)
            .map(|draft| format!("{}/go", path_of(draft.id))),
        // As phones and people count, and as the refusal says it.
        upload_limit: (LARGEST_UPLOAD as u64, "10 MB".to_owned()),
        import_url: draft.is_none().then(|| word_file::PATH.to_owned()),
        local_key: at.user.id().to_string(),
        fields: fields(at, form).await?,
    })
}

/// What stands around the form of a draft: who else is at it, what is said beside it, and the way to
/// its versions.
async fn beside(
    at: &AtDesk,
    draft: Option<&draft::Model>,
    form: &DraftForm,
) -> Result<EntryBeside> {
    let Some(draft) = draft else {
        let sent = form.draft.parse::<Uuid>().ok();
        return Ok(EntryBeside {
            draft: sent.unwrap_or_else(Uuid::now_v7).to_string(),
            ..EntryBeside::default()
        });
    };
    let db = at.site.db.reader();
    let now = at.site.clock.now().timestamp_millis();
    let held = lock::find(db, draft.id).await?;
    let held = held.filter(|held| held.bars(at.user.id(), now));
    let locked_by = match held {
        Some(held) => account::find(db, held.account_id)
            .await?
            .map(|who| (who.name, cards::moment(held.since))),
        None => None,
    };
    let notes = notes::of_draft(db, draft.id).await?;
    let open = notes.iter().filter(|note| note.resolved_at.is_none());
    let path = path_of(draft.id);
    Ok(EntryBeside {
        draft: String::new(),
        locked_by,
        open_notes: open
            .map(|note| (note.quote.clone(), note.words.clone()))
            .collect(),
        publish_at: draft.publish_at.map(cards::moment),
        history_url: format!("{path}/lich-su"),
        notes_url: format!("{path}/ghi-chu"),
        preview_url: format!("{path}/xem-thu"),
    })
}

/// What this person may do with the draft now, the main one first.
async fn actions(at: &AtDesk, draft: Option<&draft::Model>) -> Result<Vec<FormAction>> {
    let db = at.site.db.reader();
    let rules = moves::rules(db).await?;
    let person = at.person(draft.map_or("", |draft| draft.section.as_str()));
    let (state, who) = match draft {
        Some(draft) => (draft.state(), moves::who(db, draft, &person).await?),
        None => (State::Draft, Who::writing(&person)),
    };
    let is_revision = draft.is_some_and(|draft| draft.published_rev > 0);
    Ok(buttons(state, &who, &rules, draft.is_some(), is_revision))
}

/// The buttons under the form.
fn buttons(
    state: State,
    who: &Who,
    rules: &Rules,
    is_kept: bool,
    is_revision: bool,
) -> Vec<FormAction> {
    let is_waiting = State::WAITING.contains(&state);
    let labelled = |act| match act {
        Act::Approve if is_waiting => Some(("publish", "Duyệt và đăng")),
        Act::Approve if is_revision => Some(("publish", "Đăng bản sửa")),
        Act::Approve => Some(("publish", "Đăng")),
        Act::Publish => Some(("publish", "Đăng ngay")),
        Act::Schedule if state == State::Scheduled => Some(("schedule", "Đổi giờ đăng")),
        Act::Schedule => Some(("schedule", "Hẹn giờ đăng")),
        Act::Unschedule => Some(("unschedule", "Bỏ hẹn giờ")),
        Act::Submit if is_revision => Some(("submit", "Gửi duyệt bản sửa")),
        Act::Submit => Some(("submit", "Gửi duyệt")),
        Act::Propose => Some(("propose", "Trình duyệt")),
        Act::Return => Some(("send_back", "Trả lại")),
        Act::Save if matches!(state, State::Approved | State::Scheduled) => {
            Some(("save", "Lưu, duyệt lại sau"))
        }
        Act::Save if is_waiting => Some(("save", "Lưu")),
        Act::Save => Some(("save", "Lưu nháp")),
        Act::Archive => is_kept.then_some(("archive", "Cất vào Lưu trữ")),
        Act::Unarchive => Some(("unarchive", "Lấy khỏi Lưu trữ")),
        Act::Correct | Act::Unpublish | Act::Recall | Act::Reinstate => None,
    };
    workflow::offers(state, who, rules)
        .into_iter()
        .filter_map(labelled)
        .enumerate()
        .map(|(at, (name, label))| FormAction::new(name, label, at == 0))
        .collect()
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
    let mut rows = Vec::new();
    for shown in form.pictures.read() {
        rows.push(row(at, shown).await?);
    }
    let sections = section::Tree::load(at.site.db.reader()).await?;
    let mine = at.user.scope(Right::WriteDraft);
    let body_format = Format::parse(&form.body_format);
    Ok(EntryFields {
        kinds: choices(
            Kind::ALL.map(|kind| (kind.as_str(), kind.label())),
            &form.kind,
        ),
        sections: section_choices(&sections, &mine, &form.section),
        languages: choices(LANGUAGES, &form.language),
        featured: !form.featured.is_empty(),
        own: kind_fields::of(&at.site, &form).await?,
        title: form.title,
        lead: form.lead,
        body_html: (body_format == Format::Markdown && !form.body.is_empty())
            .then(|| body_format.render(&form.body).to_string()),
        body_format: body_format.as_str().to_owned(),
        body: form.body,
        author: form.author,
        source: form.source,
        source_url: form.source_url,
        picture_kept: form.picture_kept,
        picture_alt: form.picture_alt,
        picture_caption: form.picture_caption,
        picture_credit: form.picture_credit,
        picture_decorates: !form.picture_decorates.is_empty(),
        picture_focus: focus_choices(Focus::parse(&form.picture_focus)),
        pictures: rows,
        picture,
        files,
    })
}

fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    all.into_iter()
        .map(|(value, label)| Choice::new(value, label, value == chosen))
        .collect()
}

/// The sections in `scope`, with nothing chosen before somebody chose.
pub(super) fn section_choices(
    sections: &section::Tree,
    scope: &Scope,
    chosen: &str,
) -> Vec<Choice> {
    let none = Choice::new("", "Chọn chuyên mục", chosen.is_empty());
    let all = sections
        .iter()
        .filter(|section| scope.covers(&section.code))
        .filter(|section| !section.hidden || section.code == chosen)
        .map(|section| Choice::new(&section.code, &section.name, section.code == chosen));
    std::iter::once(none).chain(all).collect()
}

/// A picture of an album being put together.
async fn row(at: &AtDesk, shown: Shown) -> Result<PictureRow> {
    let picture = picture_of(at, shown.digest).await?.unwrap_or_default();
    Ok(PictureRow {
        hex: shown.digest.hex(),
        src: picture.small(),
        width: picture.width,
        height: picture.height,
        alt: shown.alt.unwrap_or_default(),
        decorates: shown.decorates,
        caption: shown.caption.unwrap_or_default(),
        credit: shown.credit.unwrap_or_default(),
        focus: focus_choices(shown.focus),
    })
}

/// The nine places of a picture.
pub(super) fn focus_choices(chosen: Focus) -> Vec<Choice> {
    Focus::ALL
        .map(|focus| Choice::new(focus.as_str(), focus.label(), focus == chosen))
        .to_vec()
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
