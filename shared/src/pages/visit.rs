//! A reader's request, and the one way pages are answered.

use super::language::Language;
use super::view::Display;
use crate::error::Result;
use crate::feeds::http::is_known;
use crate::log::Digest;
use crate::readership::PublicPage;
use askama::Template;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use std::convert::Infallible;

/// The cookie that holds the size of the text.
pub const SIZE_COOKIE: &str = "co";
/// The cookie that holds the contrast.
pub const CONTRAST_COOKIE: &str = "tuong-phan";
/// What [`CONTRAST_COOKIE`] and the address of `/hien-thi` say for white on black.
pub const HIGH_CONTRAST: &str = "cao";

/// Where the pages for staff are.
const BACK_OFFICE: &str = "/quan-tri";

/// The cookie that holds the language of the interface.
pub const LANGUAGE_COOKIE: &str = "ngon-ngu";

/// The cookie that names the urgent notices and bulletins the reader closed, one after another.
pub const CLOSED_NOTICE_COOKIE: &str = "khan-da-dong";

/// What stands between two of them.
const BETWEEN: &str = ".";
/// How many are remembered.
const MOST_CLOSED: usize = 8;

/// What pages need to know of a request: how the reader wants them shown, where the reader is, and
/// what the browser has already.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// How the reader wants pages shown.
    pub display: Display,
    /// The urgent notices and bulletins the reader closed, the last one at the end.
    pub closed_notices: Vec<String>,
    /// Path and query.
    pub path: String,
    headers: HeaderMap,
}

impl Visit {
    /// A visit to `path` that sent `cookies`; it knows nothing of what the browser has.
    pub fn new(path: String, cookies: Option<&HeaderValue>) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(cookies) = cookies {
            headers.insert(header::COOKIE, cookies.clone());
        }
        Self {
            display: display_of(&headers, &path),
            closed_notices: closed_notices(&headers),
            path,
            headers,
        }
    }

    /// The cookie called `name`.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = CookieJar::from_headers(&self.headers);
        Some(cookies.get(name)?.value().to_owned())
    }

    /// Whether a program asks, such as the script of a page, and not a person.
    pub fn wants_json(&self) -> bool {
        crate::error::asks_for_json(&self.headers)
    }

    /// Answers with a public page, or with 304 when the browser has it already. Caches may keep it
    /// and must ask each time: a withdrawn article is gone at the next look.
    pub fn answer(&self, page: &impl Template) -> Result<Response> {
        let mut response =
            self.answer_bytes("text/html; charset=utf-8", self.render(page)?.into_bytes())?;
        response.extensions_mut().insert(PublicPage::default());
        Ok(response)
    }

    /// The same for a document that is no page.
    pub fn answer_bytes(&self, content_type: &'static str, body: Vec<u8>) -> Result<Response> {
        let tag = Digest::of(&body).hex();
        let mut response = if is_known(&self.headers, &tag) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Body::from(body));
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            response
        };
        let etag = HeaderValue::try_from(format!("\"{tag}\"")).map_err(anyhow::Error::new)?;
        let headers = response.headers_mut();
        headers.insert(header::ETAG, etag);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0, must-revalidate"),
        );
        // Size, contrast, language and the notice that was closed are in cookies and on the page.
        headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
        Ok(response)
    }

    fn render(&self, page: &impl Template) -> Result<String> {
        let drawn = page.render_with_values(&self.display.language);
        Ok(drawn.map_err(anyhow::Error::new)?)
    }

    /// Answers with a page that is nobody else's and may be another the next moment.
    pub fn answer_uncached(&self, status: StatusCode, page: &impl Template) -> Result<Response> {
        let mut response = Response::new(Body::from(self.render(page)?));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.uri.path_and_query();
        let path = path.map_or_else(|| "/".to_owned(), ToString::to_string);
        Ok(Self {
            display: display_of(&parts.headers, &path),
            closed_notices: closed_notices(&parts.headers),
            path,
            headers: parts.headers.clone(),
        })
    }
}

/// How the reader wants the page at `path` shown; what no page of ours put into the cookies counts for nothing.
pub fn display_of(headers: &HeaderMap, path: &str) -> Display {
    let jar = CookieJar::from_headers(headers);
    let size = jar.get(SIZE_COOKIE).and_then(|cookie| size(cookie.value()));
    let contrast = jar.get(CONTRAST_COOKIE).map(|cookie| cookie.value());
    Display {
        size: size.unwrap_or(Display::USUAL_SIZE),
        high_contrast: contrast == Some(HIGH_CONTRAST),
        language: language_of(&jar, path),
    }
}

/// The language of the page at `path`. The back office shares forms and messages with public pages, and is in
/// Vietnamese whatever its staff read outside.
fn language_of(jar: &CookieJar, path: &str) -> Language {
    let chosen = jar.get(LANGUAGE_COOKIE);
    let chosen = chosen.and_then(|cookie| Language::from_code(cookie.value()));
    match path.strip_prefix(BACK_OFFICE) {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => Language::Vietnamese,
        _ => chosen.unwrap_or_default(),
    }
}

fn closed_notices(headers: &HeaderMap) -> Vec<String> {
    let jar = CookieJar::from_headers(headers);
    let closed = jar.get(CLOSED_NOTICE_COOKIE).map(|cookie| cookie.value());
    let tokens = closed.into_iter().flat_map(|closed| closed.split(BETWEEN));
    let tokens = tokens.filter_map(notice_token).take(MOST_CLOSED);
    tokens.map(str::to_owned).collect()
}

/// What the cookie says once `token` is closed besides those `closed` before: the last few are remembered.
pub fn closed_besides(closed: &[String], token: &str) -> String {
    let mut tokens: Vec<&str> = closed
        .iter()
        .map(String::as_str)
        .filter(|known| *known != token)
        .collect();
    tokens.push(token);
    let first = tokens.len().saturating_sub(MOST_CLOSED);
    tokens[first..].join(BETWEEN)
}

/// `text` if it may be the [`token`](super::view::UrgentLine::token) of a notice.
pub fn notice_token(text: &str) -> Option<&str> {
    let may_be = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (may_be && (1..=60).contains(&text.len())).then_some(text)
}

/// A size there is.
pub fn size(text: &str) -> Option<u8> {
    let size = text.parse().ok()?;
    (1..=Display::LARGEST_SIZE).contains(&size).then_some(size)
}
