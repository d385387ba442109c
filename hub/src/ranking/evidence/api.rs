//! Where a member asks for the rows behind its own numbers.

use crate::ranking::input::Input;
use crate::ranking::period::{self, sheet};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use shared::error::{Error, Result};
use shared::problem::Problem;
use shared::ranking::rows::Rows;
use shared::site::Site;
use shared::sync::{nonce, wire};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The route.
pub fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(rows))
}

/// Answers with the rows behind a number of the asker, in a period it was told of.
#[utoipa::path(
    get, path = "/v1/rankings/{period}/{number}", tag = "sync",
    params(("period" = Uuid, Path, description = "Kỳ chấm điểm"), ("number" = String, Path, description = "Số liệu")),
    responses((status = 200, body = Rows), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn rows(
    State(site): State<Arc<Site>>,
    Path((period, number)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response<Body>> {
    let (signed, _) = wire::open(&site, request, 0).await?;
    let used = signed.verified.clone();
    site.db
        .write(move |tx| Box::pin(async move { nonce::use_up(tx, &used).await }))
        .await?;
    let input = Input::parse(&number).ok_or(Error::NotFound)?;
    let db = site.db.reader();
    let period = period::find(db, period).await?.ok_or(Error::NotFound)?;
    // Until its window opens, nobody outside knows of it.
    if period.state() == period::State::Open {
        return Err(Error::NotFound);
    }
    let sheet = sheet::of_site(db, period.id, signed.peer.site_id).await?;
    let sheet = sheet.ok_or(Error::NotFound)?;
    let rows = super::rows(&site, &period, sheet, input).await?;
    let answer = serde_json::to_vec(&rows).map_err(anyhow::Error::new)?;
    wire::answer(&site, &signed.verified.nonce, wire::JSON, answer)
}
