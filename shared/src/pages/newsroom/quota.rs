//! `/quan-tri/chi-tieu`: how many entries of each kind the unit means to publish in a month.

use super::around::{AtDesk, Done};
use crate::entries::Kind;
use crate::error::{Error, Result};
use crate::newsroom::quota::{self, Quota};
use crate::pages::templates::{QuotaPage, QuotaRow};
use crate::pages::view::FormErrors;
use axum::extract::Form;
use axum::response::Response;
use std::collections::HashMap;

pub(super) const PATH: &str = "/quan-tri/chi-tieu";

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let set = quota::of_site(at.site.db.reader()).await?;
    let typed = |kind: Kind| {
        set.of(kind)
            .map(|number| number.to_string())
            .unwrap_or_default()
    };
    let page = page(&at, typed, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn change(
    at: AtDesk,
    Form(sent): Form<HashMap<String, String>>,
) -> Result<Response> {
    at.user
        .check_form(sent.get("csrf").map_or("", String::as_str))?;
    let typed = |kind: Kind| sent.get(kind.as_str()).cloned().unwrap_or_default();
    let quota = match Quota::read(typed) {
        Ok(quota) => quota,
        Err(Error::Invalid(errors)) => {
            let page = page(&at, typed, errors.into()).await?;
            return at.answer_again(&page);
        }
        Err(error) => return Err(error),
    };
    at.site
        .db
        .write(move |tx| Box::pin(async move { quota::set(tx, &quota).await }))
        .await?;
    Ok(Done::Saved.then(super::DESK_PATH))
}

async fn page(
    at: &AtDesk,
    typed: impl Fn(Kind) -> String,
    errors: FormErrors,
) -> Result<QuotaPage> {
    let rows = quota::counted().map(|kind| QuotaRow {
        field: kind.as_str(),
        label: kind.label(),
        value: typed(kind),
    });
    Ok(QuotaPage {
        desk: at.desk("Chỉ tiêu tin, bài mỗi tháng", PATH).await?,
        action: PATH.to_owned(),
        rows: rows.collect(),
        errors,
    })
}
