//! `/hien-thi`: size of the text, contrast and language, without script; and which urgent notice was closed.

use super::frame::Around;
use super::language::Language;
use super::templates::DisplayPage;
use super::visit::{
    self, CLOSED_NOTICE_COOKIE, CONTRAST_COOKIE, HIGH_CONTRAST, LANGUAGE_COOKIE, SIZE_COOKIE, Visit,
};
use crate::error::Result;
use crate::site::Site;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

/// How long a choice is remembered: a year.
const REMEMBERED_SECONDS: u32 = 365 * 24 * 3600;
/// How long it is remembered that a notice was closed: longer than any stands.
const CLOSED_SECONDS: u32 = 120 * 24 * 3600;

/// What the links of every page ask for.
#[derive(Debug, Deserialize)]
pub struct Choice {
    /// A size, 1 to 5.
    co: Option<String>,
    /// `cao` or `thuong`.
    #[serde(rename = "tuong-phan")]
    tuong_phan: Option<String>,
    /// `vi` or `en`.
    #[serde(rename = "ngon-ngu")]
    ngon_ngu: Option<String>,
    /// The urgent notice to close.
    #[serde(rename = "dong-khan")]
    dong_khan: Option<String>,
    /// Where to go on, as a path of this site.
    ve: Option<String>,
}

/// Remembers a choice and goes back to where it was made; without one, shows all there are.
pub async fn show(
    State(site): State<Arc<Site>>,
    Query(choice): Query<Choice>,
    visit: Visit,
) -> Result<Response> {
    let return_to = own_path(choice.ve.as_deref());
    let size = choice.co.as_deref().and_then(visit::size);
    let contrast = choice.tuong_phan.as_deref();
    let language = choice.ngon_ngu.as_deref().and_then(Language::from_code);
    let closed = choice.dong_khan.as_deref().and_then(visit::notice_token);
    if size.is_none() && contrast.is_none() && language.is_none() && closed.is_none() {
        let mut around = Around::load(&site, &visit).await?;
        around.is_page("Cỡ chữ và tương phản", "/hien-thi");
        around.frame.head.noindex = true;
        let page = DisplayPage {
            frame: around.frame,
            return_to,
        };
        return visit.answer_uncached(StatusCode::OK, &page);
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Some(size) = size {
        let cookie = remembered(&site, SIZE_COOKIE, &size.to_string(), REMEMBERED_SECONDS)?;
        headers.append(header::SET_COOKIE, cookie);
    }
    if let Some(language) = language {
        let code = language.code();
        let cookie = remembered(&site, LANGUAGE_COOKIE, code, REMEMBERED_SECONDS)?;
        headers.append(header::SET_COOKIE, cookie);
    }
    if let Some(notice) = closed {
        let closed = visit::closed_besides(&visit.closed_notices, notice);
        let cookie = remembered(&site, CLOSED_NOTICE_COOKIE, &closed, CLOSED_SECONDS)?;
        headers.append(header::SET_COOKIE, cookie);
    }
    if let Some(contrast) = contrast {
        let value = match contrast {
            HIGH_CONTRAST => HIGH_CONTRAST,
            _ => "thuong",
        };
        headers.append(
            header::SET_COOKIE,
            remembered(&site, CONTRAST_COOKIE, value, REMEMBERED_SECONDS)?,
        );
    }
    let location = HeaderValue::try_from(return_to).map_err(anyhow::Error::new)?;
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A cookie by which `site` remembers a choice of somebody's.
pub fn remembered(site: &Site, name: &str, value: &str, seconds: u32) -> Result<HeaderValue> {
    let secure = match site.profile.base_url.scheme() {
        "https" => "; Secure",
        _ => "",
    };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}");
    Ok(HeaderValue::try_from(cookie).map_err(anyhow::Error::new)?)
}

/// `wanted` if it is a path of this site; the front page otherwise. An address that begins with two
/// slashes, or with one and a backslash, would lead to another site.
fn own_path(wanted: Option<&str>) -> String {
    let is_own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    wanted.filter(is_own).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for own in ["/", "/tin-tuc?trang=2", "/tim-kiem?q=kon%20ray"] {
            assert_eq!(own_path(Some(own)), own);
        }
        for other in [
            "",
            "tin-tuc",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a\r\nSet-Cookie: x=y",
            "/\t/evil.example",
            "/đường",
        ] {
            assert_eq!(own_path(Some(other)), "/", "{other:?}");
        }
        assert_eq!(own_path(None), "/");
    }
}
