//! `/quan-tri/nhuan-but/{month}/dieu-chinh`: a line that mends a locked month, and taking one away again.

use super::{month, month_of};
use crate::audit::{self, Action, Kind, Subject};
use crate::error::{Error, FieldError, Result};
use crate::pages::newsroom::around::{AtDesk, Done};
use crate::royalties::Month;
use crate::royalties::adjustment::{self, New};
use crate::royalties::rates::form::amount;
use crate::screening;
use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

pub(in crate::pages::newsroom) const ADJUST: &str = "/quan-tri/nhuan-but/{month}/dieu-chinh";

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages::newsroom) struct Answer {
    csrf: String,
    action: String,
    id: String,
    pub(super) person: String,
    pub(super) about: String,
    pub(super) amount: String,
    pub(super) reason: String,
}

/// Where adjustments of `month` are entered.
pub(super) fn path_of(month: Month) -> String {
    ADJUST.replace("{month}", &month.name())
}

pub(in crate::pages::newsroom) async fn change(
    at: AtDesk,
    Path(name): Path<String>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    at.user.check_form(&answer.csrf)?;
    let month = month_of(&name)?;
    match answer.action.as_str() {
        "remove" => remove(&at, month, &answer.id).await,
        _ => enter(&at, month, answer).await,
    }
}

async fn enter(at: &AtDesk, month: Month, answer: Answer) -> Result<Response> {
    let entered = match read(month, &answer) {
        Ok(new) => {
            let (id, by) = (at.user.id(), at.user.actor());
            let now = at.site.clock.now().timestamp_millis();
            at.site
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        adjustment::enter(tx, new, id, now).await?;
                        let subject = Subject::of(Kind::Royalties, month.number());
                        audit::record(tx, &by, Action::RoyaltyAdjusted, subject, now).await
                    })
                })
                .await
        }
        Err(wrong) => Err(Error::Invalid(wrong)),
    };
    match screening::told(&at.site, at.user.id(), entered).await {
        Ok(()) => Ok(Done::RoyaltyAdjusted.then(&super::path_of(month))),
        Err(Error::Invalid(wrong)) => {
            let typed = month::Typed {
                adjusting: Some(answer),
                ..month::Typed::default()
            };
            month::again(at, month, typed, wrong).await
        }
        Err(error) => Err(error),
    }
}

fn read(month: Month, answer: &Answer) -> Result<New, Vec<FieldError>> {
    let person = answer.person.parse().ok();
    let about = Month::parse(&answer.about);
    let money = amount(&answer.amount);
    let mut wrong = Vec::new();
    let mut need = |holds: bool, field: &str, words: &str| {
        if !holds {
            wrong.push(FieldError::new(field, words));
        }
    };
    need(person.is_some(), "person", "Hãy chọn người.");
    need(about.is_some(), "about", "Hãy chọn tháng đã khóa.");
    need(
        money.is_some(),
        "amount",
        "Hãy ghi số tiền đồng bằng chữ số; ghi dấu trừ nếu thu lại.",
    );
    match (person, about, money) {
        (Some(person), Some(about), Some(amount)) => Ok(New {
            month,
            about,
            person,
            amount,
            reason: answer.reason.clone(),
        }),
        _ => Err(wrong),
    }
}

async fn remove(at: &AtDesk, month: Month, id: &str) -> Result<Response> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                adjustment::remove(tx, month, id).await?;
                let subject = Subject::of(Kind::Royalties, month.number());
                audit::record(tx, &by, Action::RoyaltyAdjustmentRemoved, subject, now).await
            })
        })
        .await?;
    Ok(Done::RoyaltyAdjusted.then(&super::path_of(month)))
}
