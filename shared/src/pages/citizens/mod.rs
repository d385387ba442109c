//! What people ask, report and tell, and how they follow it: forms that need no account and no script.

mod ask;
mod follow;
pub mod thread;
mod topic;
pub mod units;

#[cfg(test)]
mod tests;

pub use topic::comments_taken;

use crate::site::Site;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use std::sync::Arc;

/// Where somebody asks.
pub const ASK: &str = "/hoi-dap/gui";
/// Where somebody reports or proposes something.
pub const REPORT: &str = "/phan-anh/gui";
/// Where somebody tells in confidence.
pub const TELL: &str = "/to-giac";
/// Where somebody comments on a draft, with the id of the entry.
pub const COMMENT: &str = "/gop-y/{id}";
/// Where somebody follows what was sent.
pub const FOLLOW: &str = "/tra-cuu";

/// The largest form with its pictures, in bytes: three of a telephone.
const LARGEST_FORM: usize = 24 * 1024 * 1024;

/// The pages. Not those of a portal that is shown by another: it takes nothing in.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route(ASK, get(ask::question).post(ask::send_question))
        .route(
            REPORT,
            get(ask::feedback)
                .post(ask::send_feedback)
                .layer(DefaultBodyLimit::max(LARGEST_FORM)),
        )
        .route(TELL, get(ask::tip).post(ask::send_tip))
        .route(COMMENT, get(ask::comment).post(ask::send_comment))
        .route(FOLLOW, get(follow::ask).post(follow::look))
}
