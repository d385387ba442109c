//! The routes of the back office, each with what it needs of whoever asks.
//!
//! A handler is added together with its [`Need`], which is looked at before the handler runs. What
//! lies below `/quan-tri` without having come through here is not answered at all ([`only_declared`]).

use super::DESK_PATH;
use crate::accounts::Right;
use crate::accounts::current_user::{CurrentUser, Newcomer};
use crate::error::{Error, Result};
use crate::site::Site;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, MatchedPath, Request};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on, post};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What a route needs of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: signing in and what leads there.
    Nobody,
    /// Somebody signed in, even if a second factor has still to be set up.
    Newcomer,
    /// Somebody signed in.
    Staff,
    /// Somebody signed in who gave the password or a code in the last minutes.
    Confirmed,
    /// A holder of the right.
    Right(Right),
    /// A holder of the right who gave the password or a code in the last minutes.
    ConfirmedRight(Right),
}

impl Need {
    /// The right it asks for.
    pub fn right(self) -> Option<Right> {
        match self {
            Self::Right(right) | Self::ConfirmedRight(right) => Some(right),
            Self::Nobody | Self::Newcomer | Self::Staff | Self::Confirmed => None,
        }
    }

    async fn look_at(self, parts: &mut Parts, site: &Arc<Site>) -> Result<()> {
        match self {
            Self::Nobody => return Ok(()),
            Self::Newcomer => {
                Newcomer::from_request_parts(parts, site).await?;
                return Ok(());
            }
            _ => {}
        }
        let user =
            <CurrentUser as FromRequestParts<Arc<Site>>>::from_request_parts(parts, site).await?;
        if let Some(right) = self.right() {
            user.require(right)?;
        }
        if matches!(self, Self::Confirmed | Self::ConfirmedRight(_)) {
            user.require_confirmed(site.clock.now())?;
        }
        // The handler need not ask the database again who this is.
        parts.extensions.insert(user);
        Ok(())
    }
}

/// A route and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The method.
    pub method: Method,
    /// The path, as routers write it.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
}

/// Routes of the back office.
#[derive(Clone, Debug, Default)]
pub struct DeskRoutes {
    router: Router<Arc<Site>>,
    declared: Vec<Declared>,
}

impl DeskRoutes {
    /// A page.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>> + Sync,
        T: Send + 'static,
    {
        self.with(Method::GET, path, need, get(Guarded { need, handler }))
    }

    /// What a form does.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>> + Sync,
        T: Send + 'static,
    {
        self.with(Method::POST, path, need, post(Guarded { need, handler }))
    }

    /// What a form with files does, which may be as large as `limit` bytes.
    #[must_use]
    pub fn post_up_to<H, T>(self, limit: usize, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>> + Sync,
        T: Send + 'static,
    {
        let guarded = post(Guarded { need, handler }).layer(DefaultBodyLimit::max(limit));
        self.with(Method::POST, path, need, guarded)
    }

    /// What is sent in pieces, or is bounded by its handler: a body of any length.
    #[must_use]
    pub fn pieces<H, T>(self, method: Method, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>> + Sync,
        T: Send + 'static,
    {
        let filter = match method {
            Method::OPTIONS => MethodFilter::OPTIONS,
            Method::HEAD => MethodFilter::HEAD,
            Method::PATCH => MethodFilter::PATCH,
            Method::DELETE => MethodFilter::DELETE,
            Method::POST => MethodFilter::POST,
            _ => MethodFilter::GET,
        };
        let guarded = on(filter, Guarded { need, handler }).layer(DefaultBodyLimit::disable());
        self.with(method, path, need, guarded)
    }

    fn with(
        mut self,
        method: Method,
        path: &'static str,
        need: Need,
        guarded: MethodRouter<Arc<Site>>,
    ) -> Self {
        self.router = self.router.route(path, guarded);
        self.declared.push(Declared { method, path, need });
        self
    }

    /// These and `others`.
    #[must_use]
    pub fn merge(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.declared.extend(others.declared);
        self
    }

    /// All of them, and what they need.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The router. A page of the back office is one person's at one moment: no cache keeps it.
    pub fn into_router(self) -> Router<Arc<Site>> {
        self.router.layer(map_response(keep_nowhere))
    }
}

/// Answers nothing below `/quan-tri` that is not among `declared`: a route that somebody forgot to
/// declare fails closed, whoever asks.
pub async fn only_declared(declared: Arc<[Declared]>, request: Request, next: Next) -> Response {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let is_declared = |path: &String| declared.iter().any(|route| route.path == path);
    if let Some(path) = path.filter(|path| is_desk(path) && !is_declared(path)) {
        tracing::error!(
            http.route = path,
            "a route of the back office is not declared"
        );
        return Error::NotFound.into_response();
    }
    next.run(request).await
}

/// Whether `path` is of the back office.
pub fn is_desk(path: &str) -> bool {
    path.strip_prefix(DESK_PATH)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A handler behind its need.
#[derive(Clone)]
struct Guarded<H> {
    need: Need,
    handler: H,
}

impl<H, T> Handler<(Need, T), Arc<Site>> for Guarded<H>
where
    H: Handler<T, Arc<Site>> + Sync,
    T: Send + 'static,
{
    type Future = BoxFuture<'static, Response>;

    fn call(self, request: Request, site: Arc<Site>) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match self.need.look_at(&mut parts, &site).await {
                Ok(()) => {
                    let request = Request::from_parts(parts, body);
                    self.handler.call(request, site).await
                }
                Err(error) => error.into_response(),
            }
        })
    }
}

async fn keep_nowhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
