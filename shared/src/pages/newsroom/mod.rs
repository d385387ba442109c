//! The back office, `/quan-tri`: one file a page, each with its question to the database, its
//! handler and what its form does.
//!
//! Every page needs a [`CurrentUser`](crate::accounts::CurrentUser) but the two that make one. A form
//! that has to be mended is shown again with what was typed, and 422; a form that was done leads on
//! by 303, with a word about what was done in `xong`.

pub mod around;
mod desk;
mod drafts;
mod inbox;
mod refused;
mod release;
mod sent;
mod set_up;
mod sign_in;
#[cfg(test)]
mod tests;
mod write;

use crate::accounts::first_code::SET_UP_PATH;
use crate::error::{Result, SIGN_IN_PATH};
use crate::newsroom::upload::LARGEST_FORM;
use crate::room::Want;
use crate::site::Site;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

/// Where the back office begins.
pub const DESK_PATH: &str = "/quan-tri";
/// Where entries are written, and pictures and files sent with them.
pub const DRAFTS_PATH: &str = "/quan-tri/bai-viet";

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route(SIGN_IN_PATH, get(sign_in::show).post(sign_in::sign_in))
        .route("/quan-tri/dang-xuat", post(sign_in::sign_out))
        .route(SET_UP_PATH, get(set_up::show).post(set_up::open))
        .route(DESK_PATH, get(desk::show))
        .route("/quan-tri/bai-viet", get(drafts::list))
        .route(
            "/quan-tri/bai-viet/moi",
            get(write::begin)
                .post(write::keep_new)
                .layer(DefaultBodyLimit::max(LARGEST_FORM)),
        )
        .route(
            "/quan-tri/bai-viet/{id}",
            get(write::edit)
                .post(write::keep)
                .layer(DefaultBodyLimit::max(LARGEST_FORM)),
        )
        .route(
            "/quan-tri/bai-viet/{id}/dang",
            get(release::ask_to_publish).post(release::publish),
        )
        .route(
            "/quan-tri/bai-viet/{id}/tra-lai",
            get(release::ask_to_send_back).post(release::send_back),
        )
        .route(
            "/quan-tri/bai-viet/{id}/go",
            get(release::ask_to_withdraw).post(release::withdraw),
        )
        .route("/quan-tri/hop-den", get(inbox::list))
        .route(
            "/quan-tri/hop-den/{id}",
            get(inbox::show).post(inbox::decide),
        )
        .route("/quan-tri/da-gui", get(sent::list))
        .route(refused::PATH, get(refused::list).post(refused::decide))
        .layer(map_response(keep_nowhere))
}

/// Turns away what would fill a disk that has no room for it, before a form is read. Whoever signs in
/// or out, decides, or takes something down, goes on.
pub async fn room_first(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let path = request.uri().path();
    let writes = request.method() == Method::POST
        && path.starts_with(DRAFTS_PATH)
        && !path.ends_with("/go")
        && !path.ends_with("/tra-lai");
    if writes {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        site.room.admit(length.unwrap_or(0), Want::Growth)?;
    }
    Ok(next.run(request).await)
}

/// A page of the back office is one person's at one moment: no cache keeps it.
async fn keep_nowhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
