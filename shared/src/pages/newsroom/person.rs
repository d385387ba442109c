//! `/quan-tri/nguoi-dung/{account}`: what one account may do, and whether it may be used.

use super::around::{AtDesk, Done};
use super::grant_fields::{fields, granted};
use super::my_account::sessions;
use super::people;
use crate::accounts::account;
use crate::accounts::{Grant, grant, second_factor, session};
use crate::audit::{self, Subject};
use crate::entries::section::Tree;
use crate::error::{Error, Result};
use crate::pages::templates::PersonPage;
use crate::pages::view::{FormErrors, Link};
use axum::extract::Path;
use axum::response::Response;
use axum_extra::extract::Form;
use serde::Deserialize;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/nguoi-dung/{account}";

/// The page of `account`.
pub(super) fn path_of(account: Uuid) -> String {
    format!("{}/{account}", people::PATH)
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PersonForm {
    csrf: String,
    action: String,
    grant: Vec<String>,
}

pub(super) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let account = find(&at, id).await?;
    let grants = grant::of(at.site.db.reader(), id).await?;
    let page = page(&at, account, &grants, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn change(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(form): Form<PersonForm>,
) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    let account = find(&at, id).await?;
    match carry_out(&at, &account, &form).await {
        Ok(done) => {
            tracing::info!(
                by = at.user.account.login,
                account.login = account.login,
                ?done,
                "account changed"
            );
            Ok(done.then(&path_of(id)))
        }
        Err(Error::Invalid(errors)) => {
            let grants = granted(&form.grant).unwrap_or_default();
            let page = page(&at, account, &grants, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn carry_out(at: &AtDesk, account: &account::Model, form: &PersonForm) -> Result<Done> {
    let id = account.id;
    let action = Action::read(&form.action)?;
    let grants = match action {
        Action::Grants => {
            let grants = granted(&form.grant)?;
            grant::check(at.site.db.reader(), &at.site, &grants).await?;
            grants
        }
        _ => Vec::new(),
    };
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let done = match action {
                    Action::Grants => account::set_grants(tx, id, &grants).await.map(|_| ()),
                    Action::Off => account::set_active(tx, id, false).await.map(|_| ()),
                    Action::On => account::set_active(tx, id, true).await.map(|_| ()),
                    Action::EndSessions => session::end_all(tx, id).await,
                    Action::ResetFactor => second_factor::reset(tx, id).await,
                };
                done?;
                let account = account::find(tx, id).await?.ok_or(Error::NotFound)?;
                let recorded = match action {
                    Action::Grants => audit::Action::RoleChanged,
                    Action::Off => audit::Action::AccountClosed,
                    Action::On => audit::Action::AccountReopened,
                    Action::EndSessions => audit::Action::SessionsEnded,
                    Action::ResetFactor => audit::Action::SecondFactorOff,
                };
                let subject = Subject::account(&account);
                audit::record(tx, &by, recorded, subject, now).await
            })
        })
        .await?;
    Ok(action.done())
}

/// What a form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Grants,
    Off,
    On,
    EndSessions,
    ResetFactor,
}

impl Action {
    fn read(sent: &str) -> Result<Self> {
        match sent {
            "grants" => Ok(Self::Grants),
            "off" => Ok(Self::Off),
            "on" => Ok(Self::On),
            "end_sessions" => Ok(Self::EndSessions),
            "reset_factor" => Ok(Self::ResetFactor),
            _ => Err(Error::NotFound),
        }
    }

    fn done(self) -> Done {
        match self {
            Self::Grants => Done::Granted,
            Self::Off => Done::SwitchedOff,
            Self::On => Done::SwitchedOn,
            Self::EndSessions => Done::SessionsEnded,
            Self::ResetFactor => Done::FactorReset,
        }
    }
}

async fn find(at: &AtDesk, id: Uuid) -> Result<account::Model> {
    account::find(at.site.db.reader(), id)
        .await?
        .ok_or(Error::NotFound)
}

async fn page(
    at: &AtDesk,
    account: account::Model,
    grants: &[Grant],
    errors: FormErrors,
) -> Result<PersonPage> {
    let db = at.site.db.reader();
    let tree = Tree::load(db).await?;
    let has_factor = second_factor::find(db, account.id).await?.is_some();
    let mut desk = at.desk(&account.name, people::PATH).await?;
    desk.breadcrumb = vec![Link::new("Người dùng", people::PATH)];
    Ok(PersonPage {
        desk,
        action: path_of(account.id),
        grants: fields(&at.site, grants).await?,
        sessions: sessions(at, account.id).await?,
        is_on: account.active,
        has_factor,
        person: people::row(at, account, grants, has_factor, &tree),
        errors,
    })
}
