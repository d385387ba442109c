//! The address members tell about a new key at.

use crate::members::keys;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use shared::error::Result;
use shared::problem::Problem;
use shared::site::Site;
use shared::sync::key_change::{KeyChange, KeyChanged};
use shared::sync::{VERSION, nonce, read_document, wire};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest request, in bytes.
const LARGEST: usize = 16 * 1024;

/// The route.
pub fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(change))
}

/// Takes a new key of the asking site, and tells everybody.
#[utoipa::path(
    post, path = "/v1/keys", tag = "enrolment", request_body = KeyChange,
    responses((status = 200, body = KeyChanged), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn change(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST).await?;
    let change: KeyChange = read_document(&body)?;
    let asking = signed.peer.site_id;
    change.check(asking, site.id)?;
    let verified = signed.verified.clone();
    let inner = Arc::clone(&site);
    let told = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                nonce::use_up(tx, &verified).await?;
                keys::replace(tx, &inner, asking, &verified.key_id, &change.key).await
            })
        })
        .await?;
    tracing::info!(site.id = %asking, "a member changed its key");
    site.wake();
    let answer = KeyChanged {
        v: VERSION,
        site: told,
    };
    let answer = serde_json::to_vec(&answer).map_err(anyhow::Error::new)?;
    wire::answer(&site, &signed.verified.nonce, wire::JSON, answer)
}
