//! `/quan-tri/dong-ho`: somebody says that the server's clock is right, so that what waits for its time goes on.

use super::DESK_PATH;
use super::around::{AtDesk, Done};
use crate::audit::{Action, Subject};
use crate::error::Result;
use crate::newsroom::schedule;
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
}

pub(super) async fn confirm(at: AtDesk, Form(sent): Form<Sent>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    schedule::confirm_clock(&at.site).await?;
    at.note(Action::ClockConfirmed, Subject::none()).await?;
    tracing::info!(
        account.login = at.user.account.login,
        "the clock was confirmed"
    );
    Ok(Done::ClockConfirmed.then(DESK_PATH))
}
