//! What readers or colleagues will notice, asked once more: publishing, sending back, withdrawing.

use super::DRAFTS_PATH as LIST;
use super::around::{AtDesk, Done};
use super::drafts::path_of;
use super::write;
use crate::accounts::Right;
use crate::entries::record;
use crate::error::{Error, FieldError, Result};
use crate::newsroom::{draft, form, publish as desk, second_look};
use crate::pages::templates::ConfirmPage;
use crate::pages::view::FormErrors;
use crate::sync::peer;
use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// The answer to the question.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    csrf: String,
    revision: i64,
    reason: String,
}

impl Answer {
    fn reason(&self) -> String {
        form::line(&self.reason)
    }

    fn too_long(&self) -> Option<FieldError> {
        let is_too_long = self.reason().chars().count() > LONGEST_REASON;
        is_too_long.then(|| FieldError::new("reason", "Dài tối đa 500 ký tự."))
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Publish,
    SendBack,
    Withdraw,
}

impl Question {
    fn right(self) -> Right {
        match self {
            Self::Publish | Self::SendBack => Right::Publish,
            Self::Withdraw => Right::Withdraw,
        }
    }

    fn path(self, id: Uuid) -> String {
        let last = match self {
            Self::Publish => "dang",
            Self::SendBack => "tra-lai",
            Self::Withdraw => "go",
        };
        format!("{}/{last}", path_of(id))
    }
}

pub(super) async fn ask_to_publish(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    at.user.require(Right::Publish)?;
    let draft = at.draft(id).await?;
    let now = at.site.clock.now();
    let lacking = desk::obstacles(at.site.db.reader(), &draft, now).await?;
    if !lacking.is_empty() {
        return write::again(&at, Some(&draft), draft.to_form(), lacking).await;
    }
    ask(&at, Question::Publish, &draft).await
}

pub(super) async fn publish(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    let draft = at.heard(Question::Publish, id, &answer).await?;
    if let Some(error) = answer.too_long() {
        return ask_again(&at, Question::Publish, &draft, answer, vec![error]).await;
    }
    let correction = Some(answer.reason()).filter(|reason| !reason.is_empty());
    let version = answer.revision;
    let site = Arc::clone(&at.site);
    let published = at.site.db.write(move |tx| {
        Box::pin(async move {
            let draft = draft::find_locked(tx, id, version).await?;
            desk::publish(tx, &site, draft, correction).await
        })
    });
    match published.await {
        Ok(event) => {
            at.site.wake();
            tracing::info!(
                account.login = at.user.account.login,
                entry.id = event.entry_id.map(tracing::field::display),
                entry.rev = event.rev,
                "published"
            );
            Ok(Done::Published.then(LIST))
        }
        Err(Error::Invalid(lacking)) => {
            write::again(&at, Some(&draft), draft.to_form(), lacking).await
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn ask_to_send_back(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    at.user.require(Right::Publish)?;
    let draft = at.draft(id).await?;
    draft.state().send_back()?;
    ask(&at, Question::SendBack, &draft).await
}

pub(super) async fn send_back(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    let draft = at.heard(Question::SendBack, id, &answer).await?;
    let note = answer.reason();
    let missing = note
        .is_empty()
        .then(|| FieldError::new("reason", "Hãy ghi điều cần sửa để người viết biết."));
    if let Some(error) = missing.or_else(|| answer.too_long()) {
        return ask_again(&at, Question::SendBack, &draft, answer, vec![error]).await;
    }
    let version = answer.revision;
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let draft = draft::find_locked(tx, id, version).await?;
                let state = draft.state().send_back()?;
                draft::set_state(tx, draft, state, Some(note), now).await
            })
        })
        .await?;
    Ok(Done::SentBack.then(LIST))
}

pub(super) async fn ask_to_withdraw(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    at.user.require(Right::Withdraw)?;
    let draft = at.draft(id).await?;
    let entry = record::find(at.site.db.reader(), draft.entry_id).await?;
    if !entry.is_some_and(|entry| entry.is_live()) {
        return Err(Error::Conflict("Bài này không còn trên trang.".to_owned()));
    }
    ask(&at, Question::Withdraw, &draft).await
}

pub(super) async fn withdraw(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    let draft = at.heard(Question::Withdraw, id, &answer).await?;
    if let Some(error) = answer.too_long() {
        return ask_again(&at, Question::Withdraw, &draft, answer, vec![error]).await;
    }
    let reason = answer.reason();
    let entry_id = draft.entry_id;
    let site = Arc::clone(&at.site);
    let withdrawn = at.site.db.write(move |tx| {
        Box::pin(async move {
            let entry = record::find(tx, entry_id).await?.ok_or(Error::NotFound)?;
            desk::withdraw(tx, &site, &entry, &reason).await
        })
    });
    match withdrawn.await {
        Ok(_) => {
            at.site.wake();
            tracing::info!(
                account.login = at.user.account.login,
                entry.id = %entry_id,
                "withdrawn"
            );
            Ok(Done::Withdrawn.then(LIST))
        }
        Err(Error::Invalid(errors)) => {
            ask_again(&at, Question::Withdraw, &draft, answer, errors).await
        }
        Err(error) => Err(error),
    }
}

impl AtDesk {
    /// The draft an answer is about, once it is clear that it may be given and is ours.
    async fn heard(&self, question: Question, id: Uuid, answer: &Answer) -> Result<draft::Model> {
        self.user.require(question.right())?;
        self.user.check_form(&answer.csrf)?;
        self.draft(id).await
    }
}

async fn ask(at: &AtDesk, question: Question, draft: &draft::Model) -> Result<Response> {
    let answer = Answer {
        revision: draft.version(),
        ..Answer::default()
    };
    let page = page(at, question, draft, answer, FormErrors::default()).await?;
    at.answer(&page)
}

async fn ask_again(
    at: &AtDesk,
    question: Question,
    draft: &draft::Model,
    answer: Answer,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let page = page(at, question, draft, answer, errors.into()).await?;
    at.answer_again(&page)
}

async fn page(
    at: &AtDesk,
    question: Question,
    draft: &draft::Model,
    answer: Answer,
    errors: FormErrors,
) -> Result<ConfirmPage> {
    let words = words_of(at, question, draft).await?;
    Ok(ConfirmPage {
        desk: at.desk(words.question, LIST).await?,
        action: question.path(draft.id),
        question: words.question.to_owned(),
        subject: draft.title.clone(),
        consequences: words.consequences,
        warnings: match question {
            Question::Publish => second_look(draft),
            Question::SendBack | Question::Withdraw => Vec::new(),
        },
        reason_label: words.reason.map(str::to_owned),
        reason: answer.reason,
        revision: answer.revision,
        button: words.button.to_owned(),
        dangerous: question == Question::Withdraw,
        cancel_url: path_of(draft.id),
        errors,
    })
}

struct Words {
    question: &'static str,
    consequences: Vec<String>,
    reason: Option<&'static str>,
    button: &'static str,
}

async fn words_of(at: &AtDesk, question: Question, draft: &draft::Model) -> Result<Words> {
    let has_hub = peer::upstream(at.site.db.reader()).await?.is_some();
    let is_revision = draft.published_rev > 0;
    let mut consequences = Vec::new();
    let mut say = |holds: bool, sentence: &str| {
        if holds {
            consequences.push(sentence.to_owned());
        }
    };
    let words = |question, reason, button| (question, reason, button);
    let (question, reason, button) = match question {
        Question::Publish if is_revision => {
            say(
                true,
                "Bạn đọc thấy bản mới ngay, kèm dòng đính chính nếu có.",
            );
            say(has_hub, "Bản mới được gửi tới mọi trang đang đăng bài này.");
            words(
                "Đăng bản sửa?",
                Some("Đã sửa gì? Hiện cho bạn đọc; để trống nếu chỉ sửa lỗi gõ."),
                "Đăng bản sửa",
            )
        }
        Question::Publish => {
            say(true, "Bài hiện ngay trên trang của đơn vị.");
            say(has_hub, "Bài được ký và gửi lên tỉnh.");
            words("Đăng bài này?", None, "Đăng")
        }
        Question::SendBack => {
            say(true, "Người viết thấy lời nhắn này và sửa bài.");
            words("Trả lại bài này?", Some("Cần sửa gì?"), "Trả lại")
        }
        Question::Withdraw => {
            say(
                true,
                "Bài không còn hiện ở đâu trên trang và không tìm thấy nữa.",
            );
            say(has_hub, "Mọi trang đã nhận bài được yêu cầu gỡ ngay.");
            say(true, "Ai mở địa chỉ cũ sẽ thấy lý do gỡ.");
            words("Gỡ bài này?", Some("Lý do, hiện cho bạn đọc"), "Gỡ bài")
        }
    };
    Ok(Words {
        question,
        consequences,
        reason,
        button,
    })
}
