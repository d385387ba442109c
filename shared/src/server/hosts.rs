//! Which host names a server answers to, and which pages may send it something.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::problem::{Problem, ProblemKind};

/// The host names a server answers to, each with one port or, if none is given, with any.
#[derive(Clone)]
pub(super) struct Hosts(Arc<HashSet<String>>);

impl Hosts {
    pub(super) fn new(names: &[String]) -> Self {
        Self(Arc::new(
            names.iter().map(|name| name.to_lowercase()).collect(),
        ))
    }

    /// Checks that the request names exactly one host, and one of ours.
    fn check(&self, request: &Request) -> Result<(), Problem> {
        let mut named = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return Err(malformed("Yêu cầu phải có đúng một trường Host."));
        };
        let host = host
            .to_str()
            .map_err(|_| malformed("Trường Host có ký tự lạ."))?
            .to_ascii_lowercase();
        // `GET http://other/ HTTP/1.1`: the request line outranks the field, so they must agree.
        if let Some(authority) = request.uri().authority()
            && !authority.as_str().eq_ignore_ascii_case(&host)
        {
            return Err(malformed(
                "Dòng yêu cầu và trường Host nêu hai máy chủ khác nhau.",
            ));
        }
        if self.0.contains(&host) || self.0.contains(without_port(&host)) {
            Ok(())
        } else {
            Err(Problem::new(ProblemKind::HostUnknown))
        }
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemKind::Malformed).detail(detail)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Refuses requests that were meant for another server or leave open for which.
pub(super) async fn only_ours(
    State(hosts): State<Hosts>,
    request: Request,
    next: Next,
) -> Response {
    match hosts.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => Error::from(problem).into_response(),
    }
}

/// Refuses what another site's page makes a visitor's browser send.
///
/// `/v1/` is for programs, which sign their requests and have no cookies to abuse.
pub(super) async fn only_own_pages(request: Request, next: Next) -> Response {
    let is_safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if is_safe || request.uri().path().starts_with("/v1/") || comes_from_own_page(request.headers())
    {
        return next.run(request).await;
    }
    let problem = Problem::new(ProblemKind::Forbidden).detail(
        "Yêu cầu này được gửi từ một trang khác nên không được nhận. Xin mở lại trang và gửi lại.",
    );
    Error::from(problem).into_response()
}

/// All browsers of today say where a request comes from; older ones name the origin.
/// Who says neither is no page of ours.
fn comes_from_own_page(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(host) = headers.get(header::HOST).map(HeaderValue::as_bytes) else {
        return false;
    };
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    origin
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(scheme, authority)| {
            matches!(scheme, "https" | "http") && authority.as_bytes().eq_ignore_ascii_case(host)
        })
}
