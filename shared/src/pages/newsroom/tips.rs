//! `/quan-tri/tin-bao`: tips for the office at this site. What opens them comes with each request and is kept
//! nowhere; so is what was opened.

use super::around::{AtDesk, Done};
use super::cases;
use crate::accounts::Right;
use crate::audit::{self, Action, Kind as AuditKind, Subject};
use crate::citizens::case::{self, Filter, Holder, Kind, Said, Words};
use crate::citizens::code::OfficeCode;
use crate::citizens::thread::{Act, LONGEST_WORDS, State};
use crate::citizens::tip_office;
use crate::error::{Error, Result};
use crate::newsroom::form;
use crate::pages::citizens::thread::{self, Reader};
use crate::pages::citizens::units;
use crate::pages::templates::{OpenedTip, ShownOncePage, TipKeyPage, TipsPage};
use crate::pages::view::{FormErrors, Link};
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

pub(super) const PATH: &str = "/quan-tri/tin-bao";
pub(super) const KEY: &str = "/quan-tri/tin-bao/khoa";

/// Tips opened at once: those that wait first.
const MOST: u64 = 100;

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    action: String,
    code: String,
    tip: String,
    words: String,
}

fn tips(at: &AtDesk, states: Vec<State>) -> Filter {
    Filter {
        kinds: &[Kind::Tip],
        states,
        holder: Holder::Is(at.site.unit_id),
        entry: None,
    }
}

/// How many wait for the office at this site; none where nobody reads any.
pub(super) async fn waiting(at: &AtDesk) -> Result<Option<u64>> {
    if !at.user.may(Right::ReadTips) {
        return Ok(None);
    }
    let open = tips(at, State::OPEN.to_vec());
    Ok(Some(case::count(at.site.db.reader(), &open).await?))
}

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let page = page(&at, None, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn act(at: AtDesk, Form(sent): Form<Sent>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let done = match sent.action.as_str() {
        "open" => open(&at, &sent.code).await,
        _ => match reply(&at, &sent).await {
            Ok(()) => {
                at.site.wake();
                return Ok(Done::Answered.then(PATH));
            }
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(page) => at.answer(&page),
        Err(Error::Invalid(errors)) => {
            let page = page(&at, None, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn open(at: &AtDesk, typed: &str) -> Result<TipsPage> {
    let code = OfficeCode::read(typed)
        .map_err(|error| Error::invalid("code", format!("Chưa mở được: {error}.")))?;
    let keys = code.keys();
    let db = at.site.db.reader();
    let mut opened = Vec::new();
    let mut is_any_ours = false;
    let all = tips(at, State::ALL.to_vec());
    for case in case::list(db, &all, 0, MOST).await? {
        let messages = case::of_case(db, case.id).await?;
        let opens = messages
            .iter()
            .any(|message| message.opened(case.id, &keys).is_some());
        if !opens {
            continue;
        }
        is_any_ours = true;
        let names = units::names(&at.site, &[case.origin_unit]).await?;
        opened.push(OpenedTip {
            id: case.id.to_string(),
            origin: units::name_in(&names, case.origin_unit, &at.site),
            state: cases::state(&case),
            lines: thread::lines(&at.site, &case, &messages, Reader::Office(&keys)).await?,
        });
    }
    let own = tip_office::own_key(db).await?;
    if !is_any_ours && own != Some(keys.public()) {
        return Err(Error::invalid(
            "code",
            "Mã này không phải mã của khóa đang dùng và không mở được tin nào ở đây.",
        ));
    }
    at.note(Action::TipsOpened, Subject::none()).await?;
    page(at, Some(opened), FormErrors::default()).await
}

/// Says something to who told, sealed to the receipt.
async fn reply(at: &AtDesk, sent: &Sent) -> Result<()> {
    let act = match sent.action.as_str() {
        "progress" => Act::Progress,
        "asked_back" => Act::AskedBack,
        "answered" => Act::Answered,
        _ => return Err(Error::invalid("", "Hãy chọn một việc để làm.")),
    };
    let id: Uuid = sent.tip.parse().map_err(|_| Error::NotFound)?;
    let case = case::find(at.site.db.reader(), id).await?;
    let case = case
        .filter(|case| case.kind() == Kind::Tip && case.holder == at.site.unit_id)
        .ok_or(Error::NotFound)?;
    let words = form::paragraphs(&sent.words);
    if words.trim().is_empty() || words.chars().count() > LONGEST_WORDS {
        return Err(Error::invalid(
            "",
            "Lời nhắn lại không được để trống và dài tối đa 4.000 ký tự.",
        ));
    }
    let message = Uuid::now_v7();
    let key = case.reply_key().ok_or(Error::NotFound)?;
    let sealed = key.seal(case.id, message, &words);
    let said = Said {
        act,
        words: Words::Sealed(message, sealed.map_err(anyhow::Error::new)?),
        to: None,
        rating: None,
        by: Some(at.user.id()),
    };
    let (site, by) = (Arc::clone(&at.site), at.user.actor());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let now = site.clock.now().timestamp_millis();
                case::say(tx, &site, id, said).await?;
                let subject = Subject::of(AuditKind::Case, id);
                audit::record(tx, &by, Action::CaseAnswered, subject, now).await
            })
        })
        .await
}

async fn page(at: &AtDesk, opened: Option<Vec<OpenedTip>>, errors: FormErrors) -> Result<TipsPage> {
    let key = tip_office::own_key(at.site.db.reader()).await?;
    Ok(TipsPage {
        desk: at.desk("Tin báo kín", PATH).await?,
        action: PATH,
        key: key.map(|key| (key.to_string(), key.fingerprint())),
        key_url: KEY,
        waiting: waiting(at).await?.unwrap_or(0),
        opened,
        errors,
    })
}

pub(super) async fn ask_for_key(at: AtDesk) -> Result<Response> {
    let has_key = tip_office::own_key(at.site.db.reader()).await?.is_some();
    let page = TipKeyPage {
        desk: at.desk("Khóa nhận tin báo kín", PATH).await?,
        action: KEY,
        has_key,
    };
    at.answer(&page)
}

/// What a form with nothing but its token sends.
#[derive(Deserialize)]
pub(super) struct Bare {
    csrf: String,
}

pub(super) async fn make_key(at: AtDesk, Form(sent): Form<Bare>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let (site, by) = (Arc::clone(&at.site), at.user.actor());
    let code = at
        .site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let now = site.clock.now().timestamp_millis();
                let code = tip_office::renew(tx).await?;
                audit::record(tx, &by, Action::TipKeyMade, Subject::none(), now).await?;
                Ok(code)
            })
        })
        .await?;
    let page = ShownOncePage {
        desk: at.desk("Mã mở tin báo", PATH).await?,
        intro: "Đây là mã mở tin báo của cơ quan. Hãy chép ra giấy, niêm phong, giao cho người có trách nhiệm đọc tin.".to_owned(),
        lines: vec![code.as_str().to_owned()],
        warning: "Mã chỉ hiện một lần và không được lưu ở đâu. Mất mã thì không ai mở được các tin đã gửi tới khóa này.".to_owned(),
        next: Link::new("Đã chép xong, xem khóa để đưa cho tỉnh", PATH),
    };
    at.answer(&page)
}
