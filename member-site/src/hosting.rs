//! Many sites in one process, told apart by the host name that is asked for.

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::portal::Portal;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use tower::ServiceExt;

/// One router for all of `portals`: each answers at its own host names, and nothing at any other.
pub fn by_host(portals: &[Portal]) -> Router {
    let mut sites: HashMap<String, Router> = HashMap::new();
    for portal in portals {
        let router = portal.hardened();
        for host in portal.settings.hosts() {
            sites.insert(host.to_lowercase(), router.clone());
        }
    }
    let sites = Arc::new(sites);
    Router::new().fallback_service(tower::service_fn(move |request: Request| {
        let sites = Arc::clone(&sites);
        async move { Ok::<Response, Infallible>(answer(&sites, request).await) }
    }))
}

async fn answer(sites: &HashMap<String, Router>, request: Request) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .map(str::to_lowercase)
        .unwrap_or_default();
    let without_port = host
        .rsplit_once(':')
        .map_or(host.as_str(), |(name, _)| name);
    match sites.get(&host).or_else(|| sites.get(without_port)) {
        Some(site) => match site.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None => (
            StatusCode::MISDIRECTED_REQUEST,
            "Tên miền không thuộc máy chủ này.\n",
        )
            .into_response(),
    }
}
