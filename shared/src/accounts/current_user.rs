//! The person behind a request.

use super::{Right, Role, account, csrf, session};
use crate::error::{Error, Result};
use crate::site::Site;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use std::sync::Arc;
use uuid::Uuid;

/// Who is signed in, read anew for every request. A handler that takes one is for staff only.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    /// The account.
    pub account: account::Model,
    /// What it may do.
    pub role: Role,
    /// The session it came with.
    pub session: session::Model,
}

impl CurrentUser {
    /// The account's id.
    pub fn id(&self) -> Uuid {
        self.account.id
    }

    /// Whether the person has `right`.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Refuses those who do not have `right`.
    pub fn require(&self, right: Right) -> Result<()> {
        if self.may(right) {
            return Ok(());
        }
        tracing::warn!(
            account.login = self.account.login,
            account.role = self.account.role,
            ?right,
            "refused for want of a right"
        );
        Err(Error::Forbidden)
    }

    /// Refuses a form that does not come from a page of this session.
    pub fn check_form(&self, sent: &str) -> Result<()> {
        csrf::check(&self.session, sent)
    }

    /// Who came with the cookie in `parts`.
    async fn of(site: &Arc<Site>, parts: &Parts) -> Result<Option<Self>> {
        let Some(token) = session::Token::of_request(site, &parts.headers) else {
            return Ok(None);
        };
        let now = site.clock.now().timestamp_millis();
        let Some((session, account)) = session::find(site.db.reader(), &token, now).await? else {
            return Ok(None);
        };
        if session.is_noted_long_ago(now) {
            let session = session.clone();
            site.db
                .write(move |tx| {
                    Box::pin(async move { session::note_seen(tx, &session, now).await })
                })
                .await?;
        }
        Ok(Some(Self {
            role: account.role(),
            account,
            session,
        }))
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let site = Arc::<Site>::from_ref(state);
        Self::of(&site, parts).await?.ok_or(Error::SignInNeeded)
    }
}

/// For pages that are for everybody and say more to staff.
impl<S> axum::extract::OptionalFromRequestParts<S> for CurrentUser
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>> {
        let site = Arc::<Site>::from_ref(state);
        Self::of(&site, parts).await
    }
}
