//! `/quan-tri/nhuan-but/nguoi-nhan`: who is paid, and whose tax a commitment waives.

use super::{NAME, PATH as LIST};
use crate::accounts::account;
use crate::audit::{self, Action, Kind, Subject};
use crate::error::{Error, FieldError, Result};
use crate::newsroom::form::{parse_date, show_date};
use crate::pages::newsroom::around::{AtDesk, Done};
use crate::pages::templates::{PayeeRow, PayeesPage};
use crate::pages::view::{Choice, Link};
use crate::royalties::person::{self, Commitment};
use crate::screening;
use axum::extract::Form;
use axum::response::Response;
use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub(in crate::pages::newsroom) const PATH: &str = "/quan-tri/nhuan-but/nguoi-nhan";

/// A form of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages::newsroom) struct Answer {
    csrf: String,
    action: String,
    id: String,
    account: String,
    name: String,
    from: String,
    until: String,
}

pub(in crate::pages::newsroom) async fn list(at: AtDesk) -> Result<Response> {
    let page = page(&at, Answer::default(), Vec::new()).await?;
    at.answer(&page)
}

/// What is to be done.
#[derive(Clone)]
enum Change {
    AddAccount(Uuid),
    AddNamed(String),
    Rename(Uuid, String),
    Commit(Uuid, Option<Commitment>),
}

impl Change {
    fn read(answer: &Answer) -> Result<Self> {
        let id = || answer.id.parse().map_err(|_| Error::NotFound);
        match answer.action.as_str() {
            "add" => match (answer.account.parse().ok(), answer.name.trim()) {
                (Some(account), "") => Ok(Self::AddAccount(account)),
                (None, name) if !name.is_empty() => Ok(Self::AddNamed(name.to_owned())),
                _ => {
                    let words = "Chọn một tài khoản hoặc ghi tên một cộng tác viên, một trong hai.";
                    Err(Error::invalid("name", words))
                }
            },
            "rename" => Ok(Self::Rename(id()?, answer.name.clone())),
            "commit" => Ok(Self::Commit(id()?, commitment(answer)?)),
            _ => Err(Error::NotFound),
        }
    }

    async fn make(self, tx: &DatabaseTransaction, now: i64) -> Result<Uuid> {
        match self {
            Self::AddAccount(account) => {
                let person = person::for_account(tx, account, now).await?;
                Ok(person.ok_or(Error::NotFound)?.id)
            }
            Self::AddNamed(name) => {
                screening::allow_text(tx, "name", &name).await?;
                Ok(person::named(tx, &name, now).await?.id)
            }
            Self::Rename(id, name) => {
                screening::allow_text(tx, "name", &name).await?;
                person::rename(tx, id, &name).await.map(|()| id)
            }
            Self::Commit(id, commitment) => person::commit(tx, id, commitment).await.map(|()| id),
        }
    }
}

/// The days of a commitment; none where both are left empty.
fn commitment(answer: &Answer) -> Result<Option<Commitment>> {
    if answer.from.trim().is_empty() && answer.until.trim().is_empty() {
        return Ok(None);
    }
    let words =
        "Ghi cả hai ngày, ví dụ 1/1/2026 và 31/12/2026; để trống cả hai nếu không có bản cam kết.";
    let from = parse_date(&answer.from).ok_or_else(|| Error::invalid("from", words))?;
    let until = parse_date(&answer.until).ok_or_else(|| Error::invalid("until", words))?;
    Ok(Some(Commitment { from, until }))
}

pub(in crate::pages::newsroom) async fn change(
    at: AtDesk,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    at.user.check_form(&answer.csrf)?;
    let changed = match Change::read(&answer) {
        Ok(change) => {
            let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
            at.site
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let id = change.make(tx, now).await?;
                        let subject = Subject::of(Kind::Payee, id);
                        audit::record(tx, &by, Action::RoyaltyPersonChanged, subject, now).await
                    })
                })
                .await
        }
        Err(error) => Err(error),
    };
    match screening::told(&at.site, at.user.id(), changed).await {
        Ok(()) => Ok(Done::Saved.then(PATH)),
        Err(Error::Invalid(wrong)) => {
            let page = page(&at, answer, wrong).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn page(at: &AtDesk, answer: Answer, mut wrong: Vec<FieldError>) -> Result<PayeesPage> {
    let db = at.site.db.reader();
    let people = person::all(db).await?;
    let accounts = account::list(db).await?;
    let logins: HashMap<Uuid, String> = accounts
        .iter()
        .map(|account| (account.id, account.login.clone()))
        .collect();
    let known: HashSet<Uuid> = people.iter().filter_map(|one| one.account_id).collect();
    let is_adding = answer.action == "add";
    if !is_adding {
        // The fields of a row are named by whose it is.
        for one in &mut wrong {
            one.field = format!("{}-{}", one.field, answer.id);
        }
    }
    let others = accounts
        .into_iter()
        .filter(|account| account.active && !known.contains(&account.id))
        .map(|account| {
            let id = account.id.to_string();
            let chosen = is_adding && id == answer.account;
            Choice::new(id, format!("{} ({})", account.name, account.login), chosen)
        });
    let nobody = Choice::new("", "–", !is_adding || answer.account.is_empty());
    let accounts = std::iter::once(nobody).chain(others).collect();
    let rows = people.iter().map(|person| row(person, &logins, &answer));
    let rows = rows.collect();
    let mut desk = at.desk("Người nhận nhuận bút", LIST).await?;
    desk.breadcrumb = vec![Link::new(NAME, LIST)];
    Ok(PayeesPage {
        desk,
        action: PATH.to_owned(),
        rows,
        accounts,
        name: if is_adding {
            answer.name
        } else {
            String::new()
        },
        errors: wrong.into(),
    })
}

fn row(person: &person::Model, logins: &HashMap<Uuid, String>, answer: &Answer) -> PayeeRow {
    let commitment = person.commitment();
    let id = person.id.to_string();
    let is_typed = answer.id == id && answer.action == "commit";
    let day = |typed: &str, kept: Option<chrono::NaiveDate>| match is_typed {
        true => typed.to_owned(),
        false => kept.map(show_date).unwrap_or_default(),
    };
    let renamed = answer.id == id && answer.action == "rename";
    PayeeRow {
        from: day(&answer.from, commitment.map(|one| one.from)),
        until: day(&answer.until, commitment.map(|one| one.until)),
        commitment: commitment
            .map(|one| format!("{} – {}", show_date(one.from), show_date(one.until))),
        login: person.account_id.and_then(|id| logins.get(&id)).cloned(),
        typed: if renamed {
            answer.name.clone()
        } else {
            person.name.clone()
        },
        name: person.name.clone(),
        id,
    }
}
