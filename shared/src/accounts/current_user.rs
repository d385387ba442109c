//! The person behind a request.

use super::{Right, Rights, Scope, account, csrf, second_factor, session};
use crate::audit::{Actor, Connection};
use crate::error::{Error, Result};
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use uuid::Uuid;

/// Who is signed in, read anew for every request. A handler that takes one is for staff only.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    /// The account.
    pub account: account::Model,
    /// What it may do.
    pub rights: Rights,
    /// The session it came with.
    pub session: session::Model,
    /// Where the request came from.
    pub connection: Connection,
    /// Whether a second factor has to be set up before anything else.
    pub lacks_factor: bool,
}

impl CurrentUser {
    /// The account's id.
    pub fn id(&self) -> Uuid {
        self.account.id
    }

    /// The person as the audit record names it.
    pub fn actor(&self) -> Actor {
        Actor::person(&self.account, Some(&self.session), self.connection)
    }

    /// Whether the person has `right` anywhere.
    pub fn may(&self, right: Right) -> bool {
        self.rights.may(right)
    }

    /// Whether the person has `right` in `section`.
    pub fn may_in(&self, right: Right, section: &str) -> bool {
        self.rights.may_in(right, section)
    }

    /// Where the person has `right`.
    pub fn scope(&self, right: Right) -> Scope {
        self.rights.scope(right)
    }

    /// Refuses those who have `right` nowhere.
    pub fn require(&self, right: Right) -> Result<()> {
        self.pass(right, self.may(right))
    }

    /// Refuses those who do not have `right` in `section`.
    pub fn require_in(&self, right: Right, section: &str) -> Result<()> {
        self.pass(right, self.may_in(right, section))
    }

    fn pass(&self, right: Right, may: bool) -> Result<()> {
        if may {
            return Ok(());
        }
        tracing::warn!(
            account.login = self.account.login,
            ?right,
            "refused for want of a right"
        );
        Err(Error::Problem(
            Problem::new(ProblemKind::Forbidden).detail(right.lacking()),
        ))
    }

    /// Refuses a form that does not come from a page of this session.
    pub fn check_form(&self, sent: &str) -> Result<()> {
        csrf::check(&self.session, sent)
    }

    /// Refuses what needs the password or a code given not long ago.
    pub fn require_confirmed(&self, now: DateTime<Utc>) -> Result<()> {
        if self.session.is_confirmed(now.timestamp_millis()) {
            return Ok(());
        }
        Err(Error::ConfirmationNeeded)
    }

    /// Who came with the cookie in `parts`.
    async fn of(site: &Arc<Site>, parts: &Parts) -> Result<Option<Self>> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(Some(known.clone()));
        }
        let Some(token) = session::Token::of_request(site, &parts.headers) else {
            return Ok(None);
        };
        let now = site.clock.now().timestamp_millis();
        let db = site.db.reader();
        let Some((session, account)) = session::find(db, &token, now).await? else {
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
        let rights = Rights::load(db, site, account.id).await?;
        let lacks_factor = second_factor::is_required(site, &rights)
            && second_factor::find(db, account.id).await?.is_none();
        Ok(Some(Self {
            account,
            rights,
            session,
            connection: Connection::of(parts),
            lacks_factor,
        }))
    }
}

/// Somebody signed in who may still have a second factor to set up: for the pages that lead there.
#[derive(Clone, Debug)]
pub struct Newcomer(pub CurrentUser);

impl<S> FromRequestParts<S> for Newcomer
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let site = Arc::<Site>::from_ref(state);
        let user = CurrentUser::of(&site, parts).await?;
        user.map(Self).ok_or(Error::SignInNeeded)
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Newcomer(user) = Newcomer::from_request_parts(parts, state).await?;
        if user.lacks_factor {
            return Err(Error::SecondFactorNeeded);
        }
        Ok(user)
    }
}

/// For pages that are for everybody and say more to staff. Who has still a second factor to set up is
/// nobody yet.
impl<S> axum::extract::OptionalFromRequestParts<S> for CurrentUser
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>> {
        let site = Arc::<Site>::from_ref(state);
        let user = Self::of(&site, parts).await?;
        Ok(user.filter(|user| !user.lacks_factor))
    }
}
