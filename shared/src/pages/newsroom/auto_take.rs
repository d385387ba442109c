//! `/quan-tri/hop-den/tu-nhan`: the sections whose arrivals are taken without asking.

use super::around::{AtDesk, Done};
use super::write::section_choices;
use crate::accounts::{Scope, account};
use crate::audit::{self, Action, Kind, Subject};
use crate::entries::section;
use crate::error::{Error, Result};
use crate::newsroom::auto_take;
use crate::pages::cards;
use crate::pages::templates::AutoTakePage;
use crate::pages::view::{AutoTakeRow, FormErrors, Link};
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;

/// The page.
pub(super) const PATH: &str = "/quan-tri/hop-den/tu-nhan";

/// What the forms send: `action` is `begin` or `end`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AutoTakeForm {
    csrf: String,
    action: String,
    section: String,
    placed_in: String,
}

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let page = page(&at, &AutoTakeForm::default(), FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn change(at: AtDesk, Form(form): Form<AutoTakeForm>) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    let (asked, by, actor) = (form.clone(), at.user.id(), at.user.actor());
    let now = at.site.clock.now().timestamp_millis();
    let done = at.site.db.write(move |tx| {
        Box::pin(async move {
            let is_on = asked.action != "end";
            match is_on {
                false => auto_take::end(tx, &asked.section).await?,
                true => auto_take::begin(tx, &asked.section, &asked.placed_in, by, now).await?,
            }
            let subject = Subject::of(Kind::Setting, "auto_take").now(is_on);
            audit::record(tx, &actor, Action::AutoTakeChanged, subject, now).await
        })
    });
    match done.await {
        Ok(()) => {
            tracing::info!(
                account.login = at.user.account.login,
                section = form.section,
                action = form.action,
                "changed which sections are taken"
            );
            Ok(Done::AutoTakeChanged.then(PATH))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &form, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn page(at: &AtDesk, form: &AutoTakeForm, errors: FormErrors) -> Result<AutoTakePage> {
    let db = at.site.db.reader();
    let tree = section::Tree::load(db).await?;
    let people: HashMap<_, _> = account::list(db)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    let name = |code: &str| {
        tree.get(code)
            .map_or_else(|| code.to_owned(), |section| section.name.clone())
    };
    let rows = auto_take::all(db).await?.into_iter().map(|rule| {
        let since = cards::moment(rule.since).text;
        AutoTakeRow {
            name: name(&rule.section),
            placed_in: name(&rule.placed_in),
            since: match people.get(&rule.decided_by) {
                Some(person) => format!("{person}, từ {since}"),
                None => format!("từ {since}"),
            },
            code: rule.section,
        }
    });
    let mut desk = at
        .desk("Tự nhận theo chuyên mục", "/quan-tri/hop-den")
        .await?;
    desk.breadcrumb = vec![Link::new("Hộp đến", "/quan-tri/hop-den")];
    Ok(AutoTakePage {
        desk,
        action: PATH.to_owned(),
        rows: rows.collect(),
        sections: section_choices(&tree, &Scope::Whole, &form.section),
        placed_in: section_choices(&tree, &Scope::Whole, &form.placed_in),
        errors,
    })
}
