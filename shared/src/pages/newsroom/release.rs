//! What readers or colleagues will notice, asked once more: publishing, now or at a time, sending back,
//! withdrawing.

use super::DRAFTS_PATH as LIST;
use super::around::{AtDesk, Done};
use super::drafts::{path_of, title_of};
use super::{royalties, write};
use crate::accounts::Right;
use crate::entries::record;
use crate::error::{Error, FieldError, Result};
use crate::log::Lane;
use crate::newsroom::moves;
use crate::newsroom::schedule::moment;
use crate::newsroom::workflow::{self, Act, State};
use crate::newsroom::{draft, form, lock, publish as desk, second_look};
use crate::pages::templates::{ConfirmPage, ReleasePage, Timing};
use crate::pages::view::FormErrors;
use crate::royalties::grade::Typed;
use crate::screening;
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
    action: String,
    publish_on: String,
    publish_time: String,
    urgent: String,
    #[serde(flatten)]
    royalty: Typed,
}

impl Answer {
    fn reason(&self) -> String {
        form::line(&self.reason)
    }

    /// Which lane what is published travels in.
    fn lane(&self) -> Lane {
        match self.urgent.is_empty() {
            true => Lane::Regular,
            false => Lane::Urgent,
        }
    }

    /// What is urgent is published now, or it is not urgent.
    fn waits_urgently(&self, is_scheduled: bool) -> Option<FieldError> {
        let waits = is_scheduled || self.action == "approve";
        (self.lane() == Lane::Urgent && waits).then(|| {
            let words =
                "Tin khẩn thì đăng ngay: hãy bỏ giờ hẹn và bấm nút đăng, hoặc bỏ chọn “Tin khẩn”.";
            FieldError::new("urgent", words)
        })
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
    Schedule,
    SendBack,
    Withdraw,
}

impl Question {
    fn right(self) -> Right {
        match self {
            Self::Publish => Right::Publish,
            Self::Schedule => Right::Schedule,
            Self::SendBack => Right::Return,
            Self::Withdraw => Right::Withdraw,
        }
    }

    fn path(self, id: Uuid) -> String {
        let last = match self {
            Self::Publish => "dang",
            Self::Schedule => "hen-gio",
            Self::SendBack => "tra-lai",
            Self::Withdraw => "go",
        };
        format!("{}/{last}", path_of(id))
    }
}

pub(super) async fn ask_to_publish(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft_for(id, Right::Publish).await?;
    let act = if is_approved(draft.state()) {
        Act::Publish
    } else {
        Act::Approve
    };
    judge(&at, &draft, act).await?;
    let now = at.site.clock.now();
    let lacking = desk::before_approval(at.site.db.reader(), &draft, now).await?;
    if !lacking.is_empty() {
        return write::again(&at, Some(&draft), draft.to_form(), lacking).await;
    }
    ask(&at, Question::Publish, &draft).await
}

/// What came of an answer.
enum Decided {
    Published(Box<crate::log::event::Model>),
    Approved,
    Scheduled,
}

pub(super) async fn publish(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    let draft = at.heard(Question::Publish, id, &answer).await?;
    let when = match moment::parse(&answer.publish_on, &answer.publish_time) {
        Ok(when) => when,
        Err(wrong) => return ask_again(&at, Question::Publish, &draft, answer, wrong).await,
    };
    let wrong = answer
        .too_long()
        .or_else(|| answer.waits_urgently(when.is_some()));
    if let Some(error) = wrong {
        return ask_again(&at, Question::Publish, &draft, answer, vec![error]).await;
    }
    let given = match royalties::fields::read(&at, &draft, &answer.royalty).await {
        Ok(given) => given,
        Err(Error::Invalid(wrong)) => {
            return ask_again(&at, Question::Publish, &draft, answer, wrong).await;
        }
        Err(error) => return Err(error),
    };
    let correction = Some(answer.reason()).filter(|reason| !reason.is_empty());
    let only_approves = answer.action == "approve";
    let (version, by, lane) = (answer.revision, at.person(&draft.section), answer.lane());
    let site = Arc::clone(&at.site);
    let decided = at.site.db.write(move |tx| {
        Box::pin(async move {
            let mut draft = draft::find_locked(tx, id, version).await?;
            if !is_approved(draft.state()) {
                draft = desk::approve(tx, &site, draft, &by, correction).await?;
            }
            lock::release_all(tx, id).await?;
            if let Some(given) = given {
                let now = site.clock.now().timestamp_millis();
                royalties::grade::note(tx, &draft, given, &by, now).await?;
            }
            if only_approves {
                return Ok(Decided::Approved);
            }
            if let Some(when) = when {
                let now = site.clock.now().timestamp_millis();
                moves::schedule(tx, draft, when, &by, now).await?;
                return Ok(Decided::Scheduled);
            }
            let event = desk::publish_in(tx, &site, draft, &by, lane).await?;
            Ok::<_, Error>(Decided::Published(Box::new(event)))
        })
    });
    match screening::told(&at.site, at.user.id(), decided.await).await {
        Ok(Decided::Published(event)) => {
            at.site.wake();
            tracing::info!(
                account.login = at.user.account.login,
                entry.id = event.entry_id.map(tracing::field::display),
                entry.rev = event.rev,
                lane = event.lane,
                "published"
            );
            Ok(Done::Published.then(LIST))
        }
        Ok(Decided::Approved) => Ok(Done::Approved.then(LIST)),
        Ok(Decided::Scheduled) => Ok(Done::Scheduled.then(LIST)),
        Err(Error::Invalid(wrong)) if is_asked_here(&wrong) => {
            ask_again(&at, Question::Publish, &draft, answer, wrong).await
        }
        Err(Error::Invalid(lacking)) => {
            write::again(&at, Some(&draft), draft.to_form(), lacking).await
        }
        Err(error) => Err(error),
    }
}

/// Whether what is wrong is mended on this page and not in the text.
fn is_asked_here(wrong: &[FieldError]) -> bool {
    wrong.iter().any(|one| {
        let field = one.field.as_str();
        matches!(field, "publish_on" | "reason") || field.starts_with("royalty_")
    })
}

pub(super) async fn ask_to_schedule(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft_for(id, Right::Schedule).await?;
    judge(&at, &draft, Act::Schedule).await?;
    ask(&at, Question::Schedule, &draft).await
}

pub(super) async fn schedule(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    let draft = at.heard(Question::Schedule, id, &answer).await?;
    let when = moment::parse(&answer.publish_on, &answer.publish_time);
    let when = when.and_then(|when| {
        let missing = || vec![FieldError::new("publish_on", "Hãy chọn ngày và giờ đăng.")];
        when.ok_or_else(missing)
    });
    let when = match when {
        Ok(when) => when,
        Err(wrong) => return ask_again(&at, Question::Schedule, &draft, answer, wrong).await,
    };
    let (version, by) = (answer.revision, at.person(&draft.section));
    let now = at.site.clock.now().timestamp_millis();
    let scheduled = at.site.db.write(move |tx| {
        Box::pin(async move {
            let draft = draft::find_locked(tx, id, version).await?;
            moves::schedule(tx, draft, when, &by, now).await
        })
    });
    match scheduled.await {
        Ok(_) => Ok(Done::Scheduled.then(LIST)),
        Err(Error::Invalid(wrong)) => {
            ask_again(&at, Question::Schedule, &draft, answer, wrong).await
        }
        Err(error) => Err(error),
    }
}

fn is_approved(state: State) -> bool {
    matches!(state, State::Approved | State::Scheduled)
}

/// Whether this person may do `act` to `draft` now, before they are asked whether they want to.
async fn judge(at: &AtDesk, draft: &draft::Model, act: Act) -> Result<()> {
    let db = at.site.db.reader();
    let who = moves::who(db, draft, &at.person(&draft.section)).await?;
    workflow::step(draft.state(), act, &who, &moves::rules(db).await?)?;
    Ok(())
}

pub(super) async fn ask_to_send_back(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft_for(id, Right::Return).await?;
    judge(&at, &draft, Act::Return).await?;
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
    let (version, by) = (answer.revision, at.person(&draft.section));
    let now = at.site.clock.now().timestamp_millis();
    let returned = at.site.db.write(move |tx| {
        Box::pin(async move {
            let draft = draft::find_locked(tx, id, version).await?;
            lock::release_all(tx, id).await?;
            moves::go(tx, draft, Act::Return, &by, Some(&note), now).await
        })
    });
    match screening::told(&at.site, at.user.id(), returned.await).await {
        Ok(_) => Ok(Done::SentBack.then(LIST)),
        Err(Error::Invalid(errors)) => {
            ask_again(&at, Question::SendBack, &draft, answer, errors).await
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn ask_to_withdraw(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft_for(id, Right::Withdraw).await?;
    let entry = record::find(at.site.db.reader(), draft.entry_id).await?;
    if !entry.is_some_and(|entry| entry.is_live()) {
        return Err(not_public());
    }
    ask(&at, Question::Withdraw, &draft).await
}

fn not_public() -> Error {
    Error::Conflict("Bài này không còn trên trang.".to_owned())
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
    let (reason, by) = (answer.reason(), at.person(&draft.section));
    let entry_id = draft.entry_id;
    let site = Arc::clone(&at.site);
    let withdrawn = at.site.db.write(move |tx| {
        Box::pin(async move {
            let entry = record::find(tx, entry_id).await?.ok_or_else(not_public)?;
            desk::withdraw(tx, &site, &entry, &reason, &by).await
        })
    });
    match screening::told(&at.site, at.user.id(), withdrawn.await).await {
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
        self.user.check_form(&answer.csrf)?;
        self.draft_for(id, question.right()).await
    }
}

async fn ask(at: &AtDesk, question: Question, draft: &draft::Model) -> Result<Response> {
    let (publish_on, publish_time) = draft.publish_at.map(moment::show).unwrap_or_default();
    let answer = Answer {
        revision: draft.version(),
        reason: draft.correction.clone().unwrap_or_default(),
        publish_on,
        publish_time,
        ..Answer::default()
    };
    show(at, question, draft, answer, FormErrors::default()).await
}

async fn ask_again(
    at: &AtDesk,
    question: Question,
    draft: &draft::Model,
    answer: Answer,
    errors: Vec<FieldError>,
) -> Result<Response> {
    show(at, question, draft, answer, errors.into()).await
}

async fn show(
    at: &AtDesk,
    question: Question,
    draft: &draft::Model,
    answer: Answer,
    errors: FormErrors,
) -> Result<Response> {
    let is_again = !errors.is_empty();
    match question {
        Question::Publish | Question::Schedule => {
            let page = release_page(at, question, draft, answer, errors).await?;
            if is_again {
                at.answer_again(&page)
            } else {
                at.answer(&page)
            }
        }
        Question::SendBack | Question::Withdraw => {
            let page = confirm_page(at, question, draft, answer, errors).await?;
            if is_again {
                at.answer_again(&page)
            } else {
                at.answer(&page)
            }
        }
    }
}

async fn release_page(
    at: &AtDesk,
    question: Question,
    draft: &draft::Model,
    answer: Answer,
    errors: FormErrors,
) -> Result<ReleasePage> {
    let words = words_of(at, question, draft).await?;
    let is_urgent = answer.lane() == Lane::Urgent;
    let is_new = !is_approved(draft.state());
    let may_schedule = at.user.may_in(Right::Schedule, &draft.section);
    let royalty = match question {
        Question::Publish => {
            let typed = (!errors.is_empty()).then_some(answer.royalty);
            royalties::fields::of(at, draft, typed).await?
        }
        _ => None,
    };
    Ok(ReleasePage {
        desk: at.desk(words.question, LIST).await?,
        action: question.path(draft.id),
        question: words.question.to_owned(),
        subject: title_of(draft),
        consequences: words.consequences,
        warnings: if is_new {
            let mut looks = second_look(draft);
            looks.extend(screening::holds::warnings(at.site.db.reader(), draft).await?);
            looks
        } else {
            Vec::new()
        },
        // What readers are told was approved with the rest.
        reason_label: words.reason.filter(|_| is_new).map(str::to_owned),
        reason: answer.reason,
        revision: answer.revision,
        timing: match question {
            Question::Schedule => Timing::MustSet,
            _ if may_schedule && is_new => Timing::MaySet,
            _ => Timing::None,
        },
        publish_on: answer.publish_on,
        publish_time: answer.publish_time,
        urgent: (question == Question::Publish).then_some(is_urgent),
        royalty,
        button: words.button.to_owned(),
        may_only_approve: question == Question::Publish && is_new,
        cancel_url: path_of(draft.id),
        errors,
    })
}

async fn confirm_page(
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
        subject: title_of(draft),
        consequences: words.consequences,
        warnings: Vec::new(),
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
    let db = at.site.db.reader();
    let has_hub = peer::upstream(db).await?.is_some();
    let who = moves::who(db, draft, &at.person(&draft.section)).await?;
    let is_self = question == Question::Publish
        && !is_approved(draft.state())
        && workflow::is_self_approval(draft.state(), &who);
    let is_waiting = State::WAITING.contains(&draft.state());
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
            let button = if is_waiting {
                "Duyệt và đăng"
            } else {
                "Đăng"
            };
            words("Đăng bài này?", None, button)
        }
        Question::Schedule => {
            say(
                true,
                "Đến giờ, bài tự hiện trên trang của đơn vị, đúng như bản đã duyệt.",
            );
            say(
                true,
                "Trước giờ đó vẫn đổi giờ, bỏ hẹn hoặc trả lại bài được.",
            );
            words("Hẹn giờ đăng bài này?", None, "Hẹn giờ đăng")
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
    say(
        is_self && has_hub,
        "Bài do chính bạn viết và duyệt: tỉnh hậu kiểm trong vòng 24 giờ.",
    );
    Ok(Words {
        question,
        consequences,
        reason,
        button,
    })
}
