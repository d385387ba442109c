//! `/quan-tri/nhuan-but/{month}`: one month, as it stands or as it was locked.

use super::{NAME, PATH, adjust, badge, files, grade, lock, money, month_of, path_of, works};
use crate::accounts::{Right, account};
use crate::audit::{self, Action, Kind, Subject};
use crate::entries::kinds::day_of;
use crate::error::{Error, FieldError, Result};
use crate::newsroom::draft;
use crate::newsroom::form::{parse_date, show_date};
use crate::pages::cards;
use crate::pages::newsroom::around::{AtDesk, Done};
use crate::pages::templates::{
    Adjusting, Approving, RoyaltyAdjustmentRow, RoyaltyDroppedRow, RoyaltyMonthPage,
    RoyaltyPaymentRow, RoyaltyWorkRow,
};
use crate::pages::view::{Choice, FormErrors, Link};
use crate::royalties::open;
use crate::royalties::snapshot::{self, Kind as LineKind, payment};
use crate::royalties::statement::{self, Draft, State};
use crate::royalties::{Month, person, versions};
use crate::vietnamese;
use axum::extract::{Form, Path};
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

pub(in crate::pages::newsroom) const ONE: &str = "/quan-tri/nhuan-but/{month}";

/// Entries nobody graded that are named.
const SOME: u64 = 20;

/// The form that approves, or takes an approval back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages::newsroom) struct Answer {
    csrf: String,
    action: String,
    seen: String,
    pay_on: String,
}

pub(in crate::pages::newsroom) async fn show(
    at: AtDesk,
    Path(name): Path<String>,
) -> Result<Response> {
    let page = page(&at, month_of(&name)?, Typed::default(), Vec::new()).await?;
    at.answer(&page)
}

/// What was typed into the forms of the page.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) pay_on: Option<String>,
    pub(super) adjusting: Option<adjust::Answer>,
}

pub(in crate::pages::newsroom) async fn decide(
    at: AtDesk,
    Path(name): Path<String>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    at.user.check_form(&answer.csrf)?;
    let month = month_of(&name)?;
    match answer.action.as_str() {
        "approve" => approve(&at, month, answer).await,
        "reopen" => reopen(&at, month).await,
        _ => Err(Error::NotFound),
    }
}

async fn approve(at: &AtDesk, month: Month, answer: Answer) -> Result<Response> {
    let typed = || Typed {
        pay_on: Some(answer.pay_on.clone()),
        ..Typed::default()
    };
    let Some(pay_on) = parse_date(&answer.pay_on) else {
        let words = "Hãy ghi ngày chi trả, ví dụ 5/12/2026.";
        let wrong = vec![FieldError::new("pay_on", words)];
        return again(at, month, typed(), wrong).await;
    };
    let (site, id, by) = (at.site.id, at.user.id(), at.user.actor());
    let (seen, now) = (answer.seen.clone(), at.site.clock.now().timestamp_millis());
    let approved = at.site.db.write(move |tx| {
        Box::pin(async move {
            statement::approve(tx, site, month, &seen, pay_on, id, now).await?;
            let subject = Subject::of(Kind::Royalties, month.number());
            audit::record(tx, &by, Action::RoyaltiesApproved, subject, now).await
        })
    });
    match approved.await {
        Ok(()) => Ok(Done::RoyaltiesApproved.then(&path_of(month))),
        Err(Error::Invalid(wrong)) => again(at, month, typed(), wrong).await,
        Err(error) => Err(error),
    }
}

async fn reopen(at: &AtDesk, month: Month) -> Result<Response> {
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                statement::reopen(tx, month).await?;
                let subject = Subject::of(Kind::Royalties, month.number());
                audit::record(tx, &by, Action::RoyaltiesReopened, subject, now).await
            })
        })
        .await?;
    Ok(Done::RoyaltiesReopened.then(&path_of(month)))
}

/// The page once more, with what there is to mend.
pub(super) async fn again(
    at: &AtDesk,
    month: Month,
    typed: Typed,
    wrong: Vec<FieldError>,
) -> Result<Response> {
    let page = page(at, month, typed, wrong).await?;
    at.answer_again(&page)
}

async fn page(
    at: &AtDesk,
    month: Month,
    typed: Typed,
    wrong: Vec<FieldError>,
) -> Result<RoyaltyMonthPage> {
    let statement = statement::find(at.site.db.reader(), month).await?;
    match statement.filter(statement::Model::is_locked) {
        Some(locked) => locked_page(at, month, &locked).await,
        None => open_page(at, month, typed, wrong).await,
    }
}

/// What `month` looks like from its rows, however far it is.
async fn framed(
    at: &AtDesk,
    month: Month,
    state: State,
    lines: &[snapshot::Model],
    payments: &[payment::Model],
) -> Result<RoyaltyMonthPage> {
    let total = |of: fn(&payment::Model) -> i64| money(payments.iter().map(of).sum());
    let mut desk = at.desk(&format!("Nhuận bút tháng {month}"), PATH).await?;
    desk.breadcrumb = vec![Link::new(NAME, PATH)];
    Ok(RoyaltyMonthPage {
        desk,
        state: badge(state),
        works: works::rows(lines),
        adjustments: lines
            .iter()
            .filter(|line| line.kind() == LineKind::Adjustment)
            .map(adjustment_row)
            .collect(),
        dropped: lines
            .iter()
            .filter(|line| line.kind() == LineKind::Dropped)
            .map(|line| RoyaltyDroppedRow {
                title: works::title(line),
                reason: line.reason.clone().unwrap_or_default(),
            })
            .collect(),
        payments: payments.iter().map(payment_row).collect(),
        gross: total(|one| one.gross),
        tax: total(|one| one.tax),
        net: total(|one| one.net),
        ..RoyaltyMonthPage::default()
    })
}

fn adjustment_row(line: &snapshot::Model) -> RoyaltyAdjustmentRow {
    let about = line.about.and_then(Month::of_number);
    let entered = line.published_on.and_then(day_of);
    RoyaltyAdjustmentRow {
        name: line.name.clone().unwrap_or_default(),
        about: about.map(|month| month.to_string()).unwrap_or_default(),
        entered: entered.map(cards::day).unwrap_or_default(),
        reason: line.reason.clone().unwrap_or_default(),
        amount: money(line.share),
        id: None,
    }
}

fn payment_row(payment: &payment::Model) -> RoyaltyPaymentRow {
    RoyaltyPaymentRow {
        name: payment.name.clone(),
        gross: money(payment.gross),
        tax: money(payment.tax),
        net: money(payment.net),
        committed: payment.committed,
    }
}

async fn locked_page(
    at: &AtDesk,
    month: Month,
    statement: &statement::Model,
) -> Result<RoyaltyMonthPage> {
    let db = at.site.db.reader();
    let lines = snapshot::lines(db, month).await?;
    let payments = snapshot::payments(db, month).await?;
    let page = framed(at, month, State::Locked, &lines, &payments).await?;
    let locked_at = statement.locked_at.map(cards::moment).unwrap_or_default();
    Ok(RoyaltyMonthPage {
        facts: vec![
            approved_by(at, statement).await?,
            format!(
                "Khóa lúc {}{}. Từ đó bảng kê không đổi nữa.",
                locked_at.text,
                by(at, statement.locked_by).await?
            ),
            counted_by(statement.rates, statement.pay_on()),
        ],
        files: files::links(month),
        ..page
    })
}

async fn open_page(
    at: &AtDesk,
    month: Month,
    typed: Typed,
    wrong: Vec<FieldError>,
) -> Result<RoyaltyMonthPage> {
    let db = at.site.db.reader();
    let now = at.site.clock.now();
    let today = vietnamese::local(now).date_naive();
    let draft = Draft::load(db, at.site.id, month, today).await?;
    let lines = snapshot::rows(month, &draft.sum);
    let payments = snapshot::payment_rows(month, &draft.sum);
    let approved = draft.approved.as_ref();
    let state = approved.map_or(State::Draft, statement::Model::state);
    let mut page = framed(at, month, state, &lines, &payments).await?;
    link_works(at, &mut page.works, &lines).await?;
    page.works
        .extend(draft.sum.unpriced.iter().map(|(work, why)| RoyaltyWorkRow {
            title: work.title.clone(),
            published: cards::day(work.published_on),
            problem: Some(why.in_words()),
            ..RoyaltyWorkRow::default()
        }));
    for (row, one) in page.adjustments.iter_mut().zip(&draft.sum.adjustments) {
        row.id = at
            .user
            .may(Right::ManageRoyalties)
            .then(|| one.id.to_string());
    }
    let (ungraded, first) = open::ungraded(db, at.site.id, month, SOME).await?;
    page.ungraded = ungraded.to_string();
    let ids: Vec<Uuid> = first.iter().map(|entry| entry.entry_id).collect();
    let urls = grading(at, &ids).await?;
    page.ungraded_first = first
        .into_iter()
        .map(|entry| (entry.title, urls.get(&entry.entry_id).cloned()))
        .collect();
    page.facts = match approved {
        Some(statement) => vec![
            approved_by(at, statement).await?,
            counted_by(draft.rates.number, Some(draft.pay_on)),
        ],
        None => vec![counted_by(draft.rates.number, Some(draft.pay_on))],
    };
    page.obstacle = draft.obstacle();
    if let (Some(ceiling), true) = (draft.sum.ceiling, draft.sum.uncut > 0) {
        page.facts.push(match draft.sum.uncut > ceiling {
            true => format!(
                "Các bài tính ra {}, vượt mức trần {} của tháng: mọi bài giảm cùng tỷ lệ.",
                money(draft.sum.uncut),
                money(ceiling)
            ),
            false => format!("Mức trần của tháng: {}.", money(ceiling)),
        });
    }
    let as_approved = draft.is_as_approved()?;
    page.changed = approved.is_some() && !as_approved;
    if at.user.may(Right::ApproveRoyalties) {
        page.may_reopen = approved.is_some();
        page.lock_url = (as_approved && page.obstacle.is_none()).then(|| lock::path_of(month));
        let may_approve = !as_approved && page.obstacle.is_none() && month <= Month::at(now);
        if may_approve {
            page.approving = Some(Approving {
                seen: statement::seen(&draft.sum)?,
                pay_on: typed.pay_on.unwrap_or_else(|| show_date(draft.pay_on)),
            });
        }
    }
    page.action = path_of(month);
    page.adjusting = adjusting(at, month, typed.adjusting).await?;
    page.errors = FormErrors::from(wrong);
    Ok(page)
}

/// Leads from each work to where it is graded, for whoever may grade it.
async fn link_works(
    at: &AtDesk,
    rows: &mut [RoyaltyWorkRow],
    lines: &[snapshot::Model],
) -> Result<()> {
    let mut entries: Vec<Uuid> = lines
        .iter()
        .filter(|line| line.kind() == LineKind::Work)
        .filter_map(|line| line.entry_id)
        .collect();
    entries.dedup();
    let urls = grading(at, &entries).await?;
    for (row, entry) in rows.iter_mut().zip(entries) {
        row.url = urls.get(&entry).cloned();
    }
    Ok(())
}

/// Where whoever is here may grade each of `entries`.
async fn grading(at: &AtDesk, entries: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    if !at.user.may(Right::Publish) {
        return Ok(HashMap::new());
    }
    let places = draft::places_of(at.site.db.reader(), entries).await?;
    let urls = places.into_iter().filter_map(|(entry, (draft, section))| {
        let may = at.user.may_in(Right::Publish, &section);
        may.then(|| (entry, grade::path_of(draft)))
    });
    Ok(urls.collect())
}

async fn approved_by(at: &AtDesk, statement: &statement::Model) -> Result<String> {
    Ok(format!(
        "Duyệt lúc {}{}.",
        cards::moment(statement.approved_at).text,
        by(at, Some(statement.approved_by)).await?
    ))
}

async fn by(at: &AtDesk, account: Option<Uuid>) -> Result<String> {
    let account = match account {
        Some(id) => account::find(at.site.db.reader(), id).await?,
        None => None,
    };
    Ok(account.map_or_else(String::new, |account| format!(" bởi {}", account.name)))
}

fn counted_by(rates: i64, pay_on: Option<NaiveDate>) -> String {
    let pay_on = pay_on.map(|day| cards::day(day).text).unwrap_or_default();
    format!(
        "Tính theo biểu nhuận bút {}; thuế tính cho ngày chi trả {pay_on}.",
        versions::label(rates)
    )
}

/// The form for another adjustment, once there is a locked month to mend.
async fn adjusting(
    at: &AtDesk,
    month: Month,
    typed: Option<adjust::Answer>,
) -> Result<Option<Adjusting>> {
    const MOST: u64 = 36;
    let db = at.site.db.reader();
    if !at.user.may(Right::ManageRoyalties) {
        return Ok(None);
    }
    let statements = statement::list(db, 0, MOST).await?;
    let last_locked = statement::last_locked(db).await?;
    if last_locked.is_some_and(|locked| month <= locked) {
        return Ok(None);
    }
    let typed = typed.unwrap_or_default();
    let months: Vec<Choice> = statements
        .iter()
        .filter(|statement| statement.is_locked())
        .filter_map(statement::Model::month)
        .filter(|locked| *locked < month)
        .map(|locked| {
            let name = locked.name();
            let chosen = name == typed.about;
            Choice::new(name, format!("Tháng {locked}"), chosen)
        })
        .collect();
    if months.is_empty() {
        return Ok(None);
    }
    let people = person::all(db).await?;
    let people = people.into_iter().map(|person| {
        let id = person.id.to_string();
        let chosen = id == typed.person;
        Choice::new(id, person.name, chosen)
    });
    Ok(Some(Adjusting {
        action: adjust::path_of(month),
        months,
        people: people.collect(),
        amount: typed.amount,
        reason: typed.reason,
    }))
}
