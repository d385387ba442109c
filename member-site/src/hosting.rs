//! Many sites in one process, told apart by the host name that is asked for; and who asks under a name that one of them
//! had before is led on.

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::error::chain;
use shared::pages::former_host;
use shared::portal::Portal;
use shared::site::Site;
use std::collections::{HashMap, HashSet};
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

/// The same behind a look at whether a name that is none of `portals`' was somebody's in the province once, as far as
/// their hub has told them. `router` answers all else.
pub fn knowing_former_names(portals: &[Portal], router: Router) -> Router {
    let own: HashSet<String> = portals
        .iter()
        .flat_map(|portal| portal.settings.hosts())
        .map(|host| host.to_lowercase())
        .collect();
    let (own, site) = (
        Arc::new(own),
        portals.first().map(|portal| Arc::clone(&portal.site)),
    );
    Router::new().fallback_service(tower::service_fn(move |request: Request| {
        let (own, site, router) = (Arc::clone(&own), site.clone(), router.clone());
        let asked = asked(&request);
        async move {
            if let (Some((host, path)), Some(site)) = (asked, site)
                && !own.contains(&host)
                && !own.contains(without_port(&host))
                && let Some(response) = led_on(&site, &host, &path).await
            {
                return Ok(response);
            }
            match router.oneshot(request).await {
                Ok(response) => Ok::<Response, Infallible>(response),
                Err(never) => match never {},
            }
        }
    }))
}

/// The host and the path that are asked for, where that only reads.
fn asked(request: &Request) -> Option<(String, String)> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let path = request.uri().path_and_query()?;
    reads.then(|| (host.to_lowercase(), path.to_string()))
}

async fn led_on(site: &Site, host: &str, path: &str) -> Option<Response> {
    let found = former_host::find(site.db.reader(), host, path, None, site.clock.now()).await;
    match found {
        Ok(found) => former_host::redirect(&found?),
        Err(error) => {
            tracing::warn!(error = chain(&error), host, "cannot lead on");
            None
        }
    }
}

async fn answer(sites: &HashMap<String, Router>, request: Request) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .map(str::to_lowercase)
        .unwrap_or_default();
    match sites.get(&host).or_else(|| sites.get(without_port(&host))) {
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

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}
