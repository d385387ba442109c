//! `/quan-tri/bai-viet/{id}/nhuan-but`: what an entry is given, until the statement that pays it is locked.

use super::fields;
use crate::accounts::Right;
use crate::audit::{Action, Subject};
use crate::error::{Error, FieldError, Result};
use crate::newsroom::{draft, moves};
use crate::pages::newsroom::DRAFTS_PATH as LIST;
use crate::pages::newsroom::around::{AtDesk, Done};
use crate::pages::newsroom::drafts::title_of;
use crate::pages::templates::RoyaltyGradePage;
use crate::pages::view::{FormErrors, Link};
use crate::royalties::Month;
use crate::royalties::grade::form::GENRE;
use crate::royalties::grade::{self, Given, Typed};
use crate::screening;
use axum::extract::{Form, Path};
use axum::response::Response;
use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use uuid::Uuid;

pub(in crate::pages::newsroom) const GRADE: &str = "/quan-tri/bai-viet/{id}/nhuan-but";

/// The form.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::newsroom) struct Answer {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    action: String,
    #[serde(flatten)]
    typed: Typed,
}

/// Where the draft `id` is graded.
pub(super) fn path_of(id: Uuid) -> String {
    GRADE.replace("{id}", &id.to_string())
}

pub(in crate::pages::newsroom) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft_for(id, Right::Publish).await?;
    let page = page(&at, &draft, None, FormErrors::default()).await?;
    at.answer(&page)
}

pub(in crate::pages::newsroom) async fn change(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    at.user.check_form(&answer.csrf)?;
    let draft = at.draft_for(id, Right::Publish).await?;
    if answer.action == "take_back" {
        return take_back(&at, draft).await;
    }
    let given = match fields::read(&at, &draft, &answer.typed).await {
        Ok(Some(given)) => Ok(given),
        Ok(None) => Err(Error::invalid(GENRE, "Hãy chọn thể loại.")),
        Err(error) => Err(error),
    };
    let noted = match given {
        Ok(given) => {
            let (subject, by) = (draft.clone(), at.person(&draft.section));
            let now = at.site.clock.now().timestamp_millis();
            at.site
                .db
                .write(move |tx| Box::pin(async move { note(tx, &subject, given, &by, now).await }))
                .await
        }
        Err(error) => Err(error),
    };
    match screening::told(&at.site, at.user.id(), noted).await {
        Ok(()) => Ok(Done::RoyaltyGraded.then(&path_of(id))),
        Err(Error::Invalid(wrong)) => again(&at, &draft, answer.typed, wrong).await,
        Err(error) => Err(error),
    }
}

/// Notes what `draft` is given, in the transaction of whoever gives it.
pub(in crate::pages::newsroom) async fn note(
    tx: &DatabaseTransaction,
    draft: &draft::Model,
    given: Given,
    by: &moves::Person,
    now: i64,
) -> Result<()> {
    grade::give(tx, draft.entry_id, given, by.id, now).await?;
    moves::record(tx, Action::RoyaltyGraded, Subject::draft(draft), by, now).await
}

async fn take_back(at: &AtDesk, draft: draft::Model) -> Result<Response> {
    let (id, by) = (draft.id, at.person(&draft.section));
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                grade::take_back(tx, draft.entry_id).await?;
                let subject = Subject::draft(&draft);
                moves::record(tx, Action::RoyaltyGradeTakenBack, subject, &by, now).await
            })
        })
        .await?;
    Ok(Done::RoyaltyGraded.then(&path_of(id)))
}

async fn again(
    at: &AtDesk,
    draft: &draft::Model,
    typed: Typed,
    wrong: Vec<FieldError>,
) -> Result<Response> {
    let page = page(at, draft, Some(typed), wrong.into()).await?;
    at.answer_again(&page)
}

async fn page(
    at: &AtDesk,
    draft: &draft::Model,
    typed: Option<Typed>,
    errors: FormErrors,
) -> Result<RoyaltyGradePage> {
    let mut desk = at.desk("Chấm nhuận bút", LIST).await?;
    desk.breadcrumb = vec![Link::new("Tin, bài", LIST)];
    let graded = grade::find(at.site.db.reader(), draft.entry_id).await?;
    let settled_in = graded.and_then(|grade| Month::of_number(grade.settled_in?));
    Ok(RoyaltyGradePage {
        desk,
        action: path_of(draft.id),
        subject: title_of(draft),
        royalty: fields::of(at, draft, typed).await?,
        settled_in: settled_in.map(|month| month.to_string()),
        errors,
    })
}
