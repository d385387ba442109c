//! `/quan-tri/nguoi-dan`: what people ask and report, and what they are answered.

use super::around::{self, AtDesk, Done, PAGE};
use super::{comments, drafts, satisfaction};
use crate::accounts::{Right, account};
use crate::audit::{self, Action, Kind as AuditKind, Subject};
use crate::citizens::case::{self, Filter, Holder, Kind, Said, Words};
use crate::citizens::deadline;
use crate::citizens::thread::{Act, LONGEST_WORDS, Rating, State};
use crate::citizens::told;
use crate::error::{Error, Result};
use crate::newsroom::answered::{self, Answered};
use crate::newsroom::{form, moves};
use crate::pages::cards;
use crate::pages::citizens::thread::{self, Reader};
use crate::pages::citizens::units;
use crate::pages::templates::{CaseDeskPage, CaseItem, CasesPage};
use crate::pages::view::{Badge, Choice, Fact, FilterLink, FormErrors, Link, Tone};
use crate::screening;
use crate::vietnamese;
use axum::extract::{Form, Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

pub(super) const PATH: &str = "/quan-tri/nguoi-dan";
pub(super) const CASE: &str = "/quan-tri/nguoi-dan/{id}";
pub(super) const PICTURE: &str = "/quan-tri/nguoi-dan/anh/{picture}";

/// What is listed here: tips are for their office alone, comments have a list by draft.
const KINDS: &[Kind] = &[Kind::Question, Kind::Feedback];
/// Longest reason for passing a case on, in characters.
const LONGEST_REASON: usize = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Open,
    Closed,
    Elsewhere,
}

/// The lists there are, in addresses and in words.
const LISTS: [(List, &str, &str); 3] = [
    (List::Open, "", "Chờ trả lời"),
    (List::Closed, "da-tra-loi", "Đã kết thúc"),
    (List::Elsewhere, "noi-khac", "Gửi ở đây, nơi khác trả lời"),
];

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    trang: u32,
}

fn filter(at: &AtDesk, list: List) -> Filter {
    let unit = at.site.unit_id;
    let (states, holder) = match list {
        List::Open => (State::OPEN.to_vec(), Holder::Is(unit)),
        List::Closed => (vec![State::Answered, State::Declined], Holder::Is(unit)),
        List::Elsewhere => (State::ALL.to_vec(), Holder::AskedHere(unit)),
    };
    Filter {
        kinds: KINDS,
        states,
        holder,
        entry: None,
    }
}

/// How many wait for an answer here, and how many of them are late.
pub(super) async fn waiting(at: &AtDesk) -> Result<(u64, u64)> {
    let owed = told::own(&at.site).await?;
    Ok((owed.open, owed.late))
}

fn today(at: &AtDesk) -> NaiveDate {
    vietnamese::local(at.site.clock.now()).date_naive()
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let (list, code, _) = LISTS
        .into_iter()
        .find(|(_, code, _)| *code == asked.state)
        .unwrap_or(LISTS[0]);
    let db = at.site.db.reader();
    let chosen = filter(&at, list);
    let total = case::count(db, &chosen).await?;
    let cases = case::list(db, &chosen, around::offset(asked.trang), PAGE).await?;
    let ids: Vec<Uuid> = cases
        .iter()
        .flat_map(|case| [case.origin_unit, case.holder])
        .collect();
    let names = units::names(&at.site, &ids).await?;
    let here = at.site.unit_id;
    let items = cases.iter().map(|case| CaseItem {
        url: path_of(case.id),
        subject: case.subject.clone(),
        kind: case.kind().label(),
        state: state(case),
        due: Some(due(case, today(&at))),
        unit: match (case.origin_unit == here, case.holder == here) {
            (true, true) => None,
            (false, _) => Some(format!(
                "gửi ở trang của {}",
                units::name_in(&names, case.origin_unit, &at.site)
            )),
            (true, false) => Some(format!(
                "ở {}",
                units::name_in(&names, case.holder, &at.site)
            )),
        },
        asker: case.asker.clone(),
        asked: cards::moment(case.asked_at),
        satisfaction: satisfaction_badge(case),
    });
    let answered = Filter {
        states: vec![State::Answered],
        ..filter(&at, List::Closed)
    };
    let page = CasesPage {
        desk: at.desk("Hỏi – đáp, phản ánh", PATH).await?,
        states: states(&at, list).await?,
        satisfaction: satisfaction::rows(&at, &answered).await?,
        items: items.collect(),
        pagination: around::pagination(PATH, &[("trang-thai", code)], asked.trang, total),
    };
    at.answer(&page)
}

async fn states(at: &AtDesk, current: List) -> Result<Vec<FilterLink>> {
    let mut links = Vec::new();
    for (list, code, label) in LISTS {
        let count = case::count(at.site.db.reader(), &filter(at, list)).await?;
        let query = Some(("trang-thai", code)).filter(|_| !code.is_empty());
        links.push(FilterLink {
            label: label.to_owned(),
            url: around::address(PATH, query),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: list == current,
        });
    }
    Ok(links)
}

pub(super) fn state(case: &case::Model) -> Badge {
    let tone = match case.state() {
        State::Waiting => Tone::Warning,
        State::InHand | State::NeedsMore => Tone::Info,
        State::Answered => Tone::Good,
        State::Declined => Tone::Quiet,
    };
    Badge::new(case.kind().state_label(case.state()), tone)
}

/// What who asked says of the answer.
pub(super) fn satisfaction_badge(case: &case::Model) -> Option<Badge> {
    let rating = case.satisfaction()?;
    let tone = match rating {
        Rating::Satisfied => Tone::Good,
        Rating::Neutral => Tone::Quiet,
        Rating::Dissatisfied => Tone::Warning,
    };
    Some(Badge::new(rating.label(), tone))
}

fn due(case: &case::Model, today: NaiveDate) -> Badge {
    let left = (case.due_on() - today).num_days();
    let tone = match (case.closed_at, left) {
        (Some(_), _) => Tone::Quiet,
        (None, left) if left < 0 => Tone::Bad,
        (None, 0..=3) => Tone::Warning,
        (None, _) => Tone::Info,
    };
    Badge::new(thread::due_in_words(case, today), tone)
}

/// The list a case is in.
fn list_of(case: &case::Model) -> &'static str {
    match case.kind() {
        Kind::Comment => comments::PATH,
        _ => PATH,
    }
}

pub(super) fn path_of(id: Uuid) -> String {
    format!("{PATH}/{id}")
}

/// What is sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    action: String,
    words: String,
    to: String,
    reason: String,
}

/// The case `id`, if it is one of a citizen with this unit: asked here, or to be answered here.
async fn found(at: &AtDesk, id: Uuid) -> Result<case::Model> {
    let here = at.site.unit_id;
    let case = case::find(at.site.db.reader(), id).await?;
    case.filter(|case| case.kind() != Kind::Tip)
        .filter(|case| case.holder == here || case.origin_unit == here)
        .ok_or(Error::NotFound)
}

pub(super) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let case = found(&at, id).await?;
    let sent = Sent {
        words: case.draft.clone().unwrap_or_default(),
        ..Sent::default()
    };
    let page = page(&at, &case, sent, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn act(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let case = found(&at, id).await?;
    let done = carry_out(&at, &case, &sent).await;
    match screening::told(&at.site, at.user.id(), done).await {
        Ok((done, path)) => {
            at.site.wake();
            Ok(done.then(&path))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &case, sent, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn carry_out(at: &AtDesk, case: &case::Model, sent: &Sent) -> Result<(Done, String)> {
    if sent.action == "publish" {
        let draft = begin_entry(at, case).await?;
        return Ok((Done::Saved, drafts::path_of(draft)));
    }
    // Who passed a case on reads what becomes of it and has no more to say.
    if case.holder != at.site.unit_id {
        return Err(Error::Conflict(
            "Việc này đang do đơn vị khác giải quyết.".to_owned(),
        ));
    }
    let act = match sent.action.as_str() {
        "draft" => {
            keep_draft(at, case, &sent.words).await?;
            return Ok((Done::Saved, path_of(case.id)));
        }
        "answered" => Act::Answered,
        "progress" => Act::Progress,
        "asked_back" => Act::AskedBack,
        "declined" => Act::Declined,
        "passed_on" => Act::PassedOn,
        _ => return Err(Error::invalid("", "Hãy chọn một việc để làm.")),
    };
    at.user.require(Right::AnswerCases)?;
    let (words, to) = match act {
        Act::PassedOn => (reason(&sent.reason)?, Some(addressee(at, &sent.to).await?)),
        _ => (answer(&sent.words)?, None),
    };
    let field = if to.is_some() { "reason" } else { "words" };
    screening::allow_text(at.site.db.reader(), field, &words).await?;
    let said = Said {
        act,
        words: Words::Plain(words),
        to,
        rating: None,
        by: Some(at.user.id()),
    };
    let (site, id, by) = (Arc::clone(&at.site), case.id, at.user.actor());
    let account = at.user.id();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let now = site.clock.now().timestamp_millis();
                case::say(tx, &site, id, said).await?;
                case::keep_draft(tx, id, None, account).await?;
                let action = match to {
                    Some(_) => Action::CasePassedOn,
                    None => Action::CaseAnswered,
                };
                audit::record(tx, &by, action, Subject::of(AuditKind::Case, id), now).await
            })
        })
        .await?;
    match act {
        Act::PassedOn => Ok((Done::PassedOn, list_of(case).to_owned())),
        _ => Ok((Done::Answered, path_of(case.id))),
    }
}

/// A draft of the question with its answer, to go the way of every draft to the public.
async fn begin_entry(at: &AtDesk, case: &case::Model) -> Result<Uuid> {
    at.user.require(Right::WriteDraft)?;
    if !is_publishable(at, case) {
        return Err(Error::Conflict(
            "Chỉ câu hỏi đã trả lời, mà người gửi đồng ý cho đăng, mới soạn thành bài được."
                .to_owned(),
        ));
    }
    let db = at.site.db.reader();
    let messages = case::of_case(db, case.id).await?;
    let said = |act: Act| messages.iter().rev().find(|message| message.act == act);
    let answer = said(Act::Answered).ok_or(Error::NotFound)?;
    let asked = said(Act::Asked).ok_or(Error::NotFound)?;
    let names = units::names(&at.site, &[at.site.unit_id]).await?;
    let contents = answered::contents(&Answered {
        title: case.subject.clone(),
        asked: asked.words.clone(),
        asked_on: Some(deadline::day_of(asked.at)),
        asked_by: case.asker.as_deref().map(initials).unwrap_or_default(),
        answer: answer.words.clone(),
        answered_by: units::name_in(&names, at.site.unit_id, &at.site),
        answered_on: Some(deadline::day_of(answer.at)),
        ..Answered::default()
    })
    .map_err(Error::Invalid)?;
    let (id, by, now) = (
        case.id,
        at.user.id(),
        at.site.clock.now().timestamp_millis(),
    );
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let draft = moves::begin(tx, contents, by, now).await?;
                case::note_published(tx, id, draft.id).await?;
                Ok(draft.id)
            })
        })
        .await
}

fn is_publishable(at: &AtDesk, case: &case::Model) -> bool {
    case.kind() == Kind::Question
        && case.may_publish
        && case.state() == State::Answered
        && case.holder == at.site.unit_id
}

/// A name of which the public sees the first letters alone: N.V.V.
fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|sign| format!("{sign}."));
    name.split_whitespace()
        .filter_map(first)
        .collect::<String>()
        .to_uppercase()
}

async fn keep_draft(at: &AtDesk, case: &case::Model, typed: &str) -> Result<()> {
    let words = answer(typed)?;
    screening::allow_text(at.site.db.reader(), "words", &words).await?;
    let (id, by) = (case.id, at.user.id());
    at.site
        .db
        .write(move |tx| Box::pin(async move { case::keep_draft(tx, id, Some(words), by).await }))
        .await
}

fn answer(typed: &str) -> Result<String> {
    let words = form::paragraphs(typed);
    if words.trim().is_empty() {
        return Err(Error::invalid("words", "Hãy viết lời trả lời."));
    }
    if words.chars().count() > LONGEST_WORDS {
        return Err(Error::invalid("words", "Dài tối đa 4.000 ký tự."));
    }
    Ok(words)
}

fn reason(typed: &str) -> Result<String> {
    let reason = form::line(typed);
    if reason.is_empty() {
        return Err(Error::invalid("reason", "Hãy ghi vì sao chuyển."));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("reason", "Dài tối đa 300 ký tự."));
    }
    Ok(reason)
}

async fn addressee(at: &AtDesk, typed: &str) -> Result<Uuid> {
    let unit = typed.parse().unwrap_or(at.site.unit_id);
    if unit == at.site.unit_id || !units::is_reached(&at.site, unit).await? {
        return Err(Error::invalid("to", "Hãy chọn đơn vị sẽ trả lời."));
    }
    Ok(unit)
}

async fn page(
    at: &AtDesk,
    case: &case::Model,
    sent: Sent,
    errors: FormErrors,
) -> Result<CaseDeskPage> {
    let db = at.site.db.reader();
    let messages = case::of_case(db, case.id).await?;
    let here = at.site.unit_id;
    let is_ours = case.holder == here;
    let may_send = is_ours && at.user.may(Right::AnswerCases);
    let chosen = sent.to.parse().unwrap_or(here);
    let others: Vec<Choice> = match may_send {
        true => units::choices(&at.site, chosen)
            .await?
            .into_iter()
            .filter(|choice| choice.value != here.to_string())
            .collect(),
        false => Vec::new(),
    };
    let draft_by = match case.draft_by {
        Some(id) => account::find(db, id).await?.map(|account| account.name),
        None => None,
    };
    let subject = match case.entry_id {
        Some(entry) => comments::named(at, entry).await?.0,
        None => case.subject.clone(),
    };
    let mut desk = at.desk(&subject, list_of(case)).await?;
    desk.breadcrumb = match case.entry_id {
        Some(entry) => vec![
            Link::new(comments::NAME, comments::PATH),
            Link::new(&subject, comments::path_of(entry)),
        ],
        None => vec![Link::new("Hỏi – đáp, phản ánh", PATH)],
    };
    Ok(CaseDeskPage {
        desk,
        kind: case.kind().label(),
        is_comment: case.kind() == Kind::Comment,
        subject,
        state: state(case),
        due: case.kind().has_term().then(|| due(case, today(at))),
        facts: facts(at, case).await?,
        lines: thread::lines(&at.site, case, &messages, Reader::Staff).await?,
        action: path_of(case.id),
        may_write: is_ours,
        may_send,
        is_open: case.state().is_open(),
        words: sent.words,
        draft_by,
        units: others,
        reason: sent.reason,
        may_publish: is_publishable(at, case) && at.user.may(Right::WriteDraft),
        published_url: case.published_as.map(drafts::path_of),
        errors,
    })
}

async fn facts(at: &AtDesk, case: &case::Model) -> Result<Vec<Fact>> {
    let names = units::names(&at.site, &[case.origin_unit, case.holder]).await?;
    let unit = |unit: Uuid| Some(units::name_in(&names, unit, &at.site));
    let may_publish = match case.kind() {
        Kind::Question if case.may_publish => Some("Đồng ý, tên viết tắt".to_owned()),
        Kind::Question => Some("Không đồng ý".to_owned()),
        Kind::Feedback | Kind::Tip | Kind::Comment => None,
    };
    let rating = case.satisfaction().map(Rating::label);
    let facts = [
        ("Người gửi", case.asker.clone()),
        ("Liên hệ", case.contact.clone()),
        ("Ở đâu", case.place.clone()),
        ("Gửi ở trang của", unit(case.origin_unit)),
        ("Đơn vị trả lời", unit(case.holder)),
        ("Đăng công khai", may_publish),
        ("Người gửi đánh giá", rating.map(str::to_owned)),
    ];
    Ok(facts
        .into_iter()
        .filter_map(|(name, value)| Some(Fact::new(name, value?)))
        .collect())
}

pub(super) async fn picture(at: AtDesk, Path(picture): Path<String>) -> Result<Response> {
    let (message, position) = picture.split_once('.').ok_or(Error::NotFound)?;
    let message = message.parse().map_err(|_| Error::NotFound)?;
    let position = position.parse().map_err(|_| Error::NotFound)?;
    let picture = case::picture(at.site.db.reader(), message, position).await?;
    let (case, bytes) = picture.ok_or(Error::NotFound)?;
    found(&at, case).await?;
    let jpeg = HeaderValue::from_static("image/jpeg");
    Ok(([(header::CONTENT_TYPE, jpeg)], bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_the_public_sees_the_first_letters() {
        for (name, shown) in [
            ("Nguyễn Văn Ví", "N.V.V."),
            ("y thử", "Y.T."),
            ("Đinh  Ớt", "Đ.Ớ."),
            ("", ""),
        ] {
            assert_eq!(initials(name), shown);
        }
    }
}
