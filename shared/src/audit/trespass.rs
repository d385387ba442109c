//! Whoever asks the back office for what is not theirs to do is recorded, whichever page it was.

use super::{Action, Subject};
use crate::accounts::CurrentUser;
use crate::pages::newsroom::DESK_PATH;
use crate::site::Site;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Records that a page of the back office was refused, once it was.
pub async fn note(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(DESK_PATH) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() == StatusCode::FORBIDDEN
        && let Err(error) = refused(&site, asked).await
    {
        // It was refused all the same.
        tracing::error!(
            error = crate::error::chain(&error),
            "a refusal could not be recorded"
        );
    }
    response
}

async fn refused(site: &Arc<Site>, mut asked: Parts) -> crate::error::Result<()> {
    let Ok(user) = CurrentUser::from_request_parts(&mut asked, site).await else {
        return Ok(());
    };
    let subject = match asked.extensions.get::<MatchedPath>() {
        Some(path) => Subject::page(path),
        None => Subject::none(),
    };
    super::refused(site, &user.actor(), Action::Trespassed, subject).await
}
