//! What every answer says to browsers, whatever its status.

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, CSP),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Two years, as preload lists ask for.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Adds the security headers that a handler has not set itself (an uploaded file is stricter,
/// a public feed laxer), and names the charset of every text.
pub(super) async fn secure(State(hsts): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    name_charset(headers);
    response
}

fn name_charset(headers: &mut HeaderMap) {
    let Some(kind) = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return;
    };
    let lower = kind.to_ascii_lowercase();
    if is_text(&lower)
        && !lower.contains("charset=")
        && let Ok(named) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, named);
    }
}

/// Types whose charset a reader would otherwise guess; JSON is UTF-8 by definition.
fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/") || is_xml(kind) || kind == "application/javascript"
}

fn is_xml(kind: &str) -> bool {
    kind == "application/xml" || kind.ends_with("+xml")
}

/// Whether gzip is worth it: texts only, and never what carries a digest, because that and
/// the signature over it were made of the bytes as they are.
pub(super) fn is_compressible(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_json = kind == "application/json" || kind.ends_with("+json");
    // Events are read as they come: a compressor would hold them back.
    let is_events = kind == "text/event-stream";
    (is_text(kind) || is_json) && !is_events && !headers.contains_key("content-digest")
}
