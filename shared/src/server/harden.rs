//! The layers around every router: what no handler should have to think of.

use std::any::Any;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header,
};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use ipnet::IpNet;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tracing::Instrument;
use uuid::Uuid;

use super::door::{Door, Doors, let_in};
use super::headers::{is_compressible, secure};
use super::hosts::{Hosts, only_ours, only_own_pages};
use super::unread::hear_out;
use crate::error::{self, Error, Renderer};
use crate::problem::{Problem, ProblemKind};

/// What [`harden`] needs to know of the server.
#[derive(Clone)]
pub struct HardenOptions {
    /// Host names answered to; an entry without a port stands for all ports.
    pub hosts: Vec<String>,
    /// For a request's body as axum's extractors read it, unless a route sets its own
    /// `DefaultBodyLimit`. Default 2 MiB.
    pub body_limit: usize,
    /// Requests worked on at once: so many of programs (below `/v1/`), and as many of people. Waiting,
    /// for a body or for news, is no work. Default 64.
    pub places: usize,
    /// For a place; then 503 with `Retry-After`, before anything was done. Default 2 s.
    pub place_patience: Duration,
    /// Paths (each with all below it) that need no place, because answering costs nothing. Default none.
    pub open_paths: Vec<String>,
    /// Until an answer begins, for a request that has a place. Default 30 s.
    pub request_timeout: Duration,
    /// Paths (each with all below it) whose answer waits for news. Default none.
    pub long_poll_paths: Vec<String>,
    /// Paths (each with all below it) whose visitors the log does not name: who tells something in confidence
    /// is not to be found by the hour. Default none.
    pub unnamed_paths: Vec<String>,
    /// Until an answer on such a path begins. Default 90 s.
    pub long_poll_timeout: Duration,
    /// Whether the server is reached by https alone, and browsers are told so. Default true.
    pub hsts: bool,
    /// Reverse proxies whose `X-Forwarded-For` is believed. Default none.
    pub proxies: Vec<IpNet>,
    /// The header in which such a proxy says the visitor's source port. Default none.
    pub port_header: Option<HeaderName>,
    /// Draws the error pages. Default a plain one.
    pub renderer: Renderer,
}

impl HardenOptions {
    /// The defaults, for a server that answers to `hosts`.
    pub fn new(hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            hosts: hosts.into_iter().map(Into::into).collect(),
            body_limit: 2 * 1024 * 1024,
            places: 64,
            place_patience: Duration::from_secs(2),
            open_paths: Vec::new(),
            request_timeout: Duration::from_secs(30),
            long_poll_paths: Vec::new(),
            unnamed_paths: Vec::new(),
            long_poll_timeout: Duration::from_secs(90),
            hsts: true,
            proxies: Vec::new(),
            port_header: None,
            renderer: error::plain_renderer(),
        }
    }
}

/// Puts the layers around `router` that every listener needs; call it last, once.
pub fn harden(router: Router, options: HardenOptions) -> Router {
    let compression = CompressionLayer::new().compress_when(SizeAbove::new(256).and(
        |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| is_compressible(headers),
    ));
    let patience = Arc::new(Patience {
        usual: options.request_timeout,
        long_poll: options.long_poll_timeout,
        long_poll_paths: options.long_poll_paths,
    });
    let door = || Door::new(options.places, options.place_patience);
    let doors = Arc::new(Doors {
        programs: door(),
        people: door(),
        open_paths: options.open_paths,
    });
    let observing = Observing {
        proxies: Proxies {
            networks: options.proxies,
            port_header: options.port_header,
        },
        unnamed_paths: options.unnamed_paths,
    };
    // From the inside out: the last sees the request first and the answer last.
    router
        .layer(DefaultBodyLimit::max(options.body_limit))
        .layer(from_fn(survive_panic))
        .layer(from_fn_with_state(patience, answer_in_time))
        .layer(from_fn(only_own_pages))
        .layer(from_fn_with_state(Hosts::new(&options.hosts), only_ours))
        .layer(from_fn(no_tracing_methods))
        .layer(from_fn_with_state(options.renderer, error::present))
        // Around the error pages, too: drawing them is work.
        .layer(from_fn_with_state(doors, let_in))
        .layer(from_fn(hear_out))
        .layer(compression)
        .layer(from_fn_with_state(options.hsts, secure))
        .layer(from_fn_with_state(Arc::new(observing), observe))
}

/// A request's id: in the log, in the answer's `X-Request-Id` and on error pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A new id, sortable by time.
    pub fn mint() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The client's address: the peer's, or what a proxy of ours says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// The client's source port, where it is known: authorities ask for it, because thousands of visitors
/// share one address of their mobile operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientPort(pub u16);

/// What [`observe`] needs to know.
struct Observing {
    proxies: Proxies,
    unnamed_paths: Vec<String>,
}

/// The reverse proxies in front of us.
struct Proxies {
    networks: Vec<IpNet>,
    port_header: Option<HeaderName>,
}

/// Gives the request its id and client, its span, its line in the log and its place in the metrics.
async fn observe(
    State(observing): State<Arc<Observing>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::mint();
    request.extensions_mut().insert(id);
    let port = client_port(&request, &observing.proxies);
    let client = client_ip(&mut request, &observing.proxies.networks);
    if let Some(ip) = client {
        request.extensions_mut().insert(ClientIp(ip));
    }
    if let Some(port) = port {
        request.extensions_mut().insert(ClientPort(port));
    }
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "request",
        %id,
        %method,
        path = request.uri().path(),
        client = client
            .filter(|_| !lies_at(request.uri().path(), &observing.unnamed_paths))
            .map(tracing::field::display),
    );

    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();

    let status = response.status().as_u16();
    tracing::info!(parent: &span, status, ms = took.as_millis() as u64, "answered");
    metrics::counter!(
        "http_requests_total",
        "method" => method_label(&method),
        "route" => route.clone(),
        "status" => status.to_string(),
    )
    .increment(1);
    metrics::histogram!("http_request_seconds", "route" => route).record(took.as_secs_f64());

    let id = HeaderValue::from_str(&id.to_string()).expect("a UUID is ASCII");
    response.headers_mut().insert("x-request-id", id);
    response
}

/// Known methods only: a client must not be able to invent metric labels.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The client's address. Forwarding headers are believed from our own proxies alone and
/// dropped otherwise, so that no handler can be fooled by them.
fn client_ip(request: &mut Request, proxies: &[IpNet]) -> Option<IpAddr> {
    let is_proxy = |ip: &IpAddr| proxies.iter().any(|net| net.contains(ip));
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_canonical());
    if peer.is_some_and(|peer| is_proxy(&peer)) {
        // Each hop appends the address it saw: the last that is none of ours is the client's.
        let hops: Vec<IpAddr> = request
            .headers()
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|hop| hop.trim().parse().ok())
            .collect();
        let client = hops.iter().rev().find(|hop| !is_proxy(hop)).copied();
        return client.or(peer);
    }
    for name in [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ] {
        request.headers_mut().remove(name);
    }
    peer
}

/// The client's source port: the peer's, or what a proxy of ours says in the header agreed on. Without
/// one, nothing: the proxy's own port is nobody's.
fn client_port(request: &Request, proxies: &Proxies) -> Option<u16> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let address = peer.ip().to_canonical();
    if !proxies.networks.iter().any(|net| net.contains(&address)) {
        return Some(peer.port());
    }
    let header = proxies.port_header.as_ref()?;
    let told = request.headers().get(header)?.to_str().ok()?;
    told.trim().parse().ok().filter(|port| *port != 0)
}

/// TRACE would echo cookies to scripts; CONNECT asks for a proxy, which we are not.
async fn no_tracing_methods(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::TRACE | Method::CONNECT) {
        return next.run(request).await;
    }
    let mut response = Error::from(ProblemKind::MethodNotAllowed).into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

/// How long a request may go without an answer.
struct Patience {
    usual: Duration,
    long_poll: Duration,
    long_poll_paths: Vec<String>,
}

impl Patience {
    fn with(&self, path: &str) -> Duration {
        match lies_at(path, &self.long_poll_paths) {
            true => self.long_poll,
            false => self.usual,
        }
    }
}

/// Whether `path` is one of `places`, or below one.
fn lies_at(path: &str, places: &[String]) -> bool {
    places.iter().any(|place| lies_below(path, place))
}

/// Whether `path` is `top`, or one below it.
pub(super) fn lies_below(path: &str, top: &str) -> bool {
    path.strip_prefix(top)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn answer_in_time(
    State(patience): State<Arc<Patience>>,
    request: Request,
    next: Next,
) -> Response {
    let limit = patience.with(request.uri().path());
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let problem = Problem::new(ProblemKind::Timeout).retry_after(Duration::from_secs(5));
            Error::from(problem).into_response()
        }
    }
}

/// A handler's panic becomes an error like any other, instead of a torn connection.
async fn survive_panic(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            Error::Internal(anyhow::anyhow!("panic: {}", words_of(&*panic))).into_response()
        }
    }
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("không rõ")
}
