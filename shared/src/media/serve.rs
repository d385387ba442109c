//! Serving media by hash: to readers, and to sites that lack them.

use super::kind::Class;
use super::record::{self, MediaState};
use super::rendition::{self, Rendition};
use crate::accounts::CurrentUser;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::site::Site;
use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::SeekFrom;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes sent at a time.
const PIECE: usize = 64 * 1024;

/// What runs nowhere, whatever a browser takes it for.
const POLICY: &str = "default-src 'none'; sandbox";

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/media/sha256/{hex}", get(serve))
        .route("/media/sha256/{hex}/{rendition}", get(serve_rendition))
}

/// The bytes under a name never change, but whether they are public may: caches keep them for a minute
/// and then ask again, which costs no bytes. A part of them can be asked for, so that a broken transfer
/// goes on where it broke, and a player leaps.
async fn serve(
    State(site): State<Arc<Site>>,
    Path(hex): Path<String>,
    mut parts: Parts,
) -> Result<Response<Body>> {
    let digest = Digest::from_hex(&hex).map_err(|_| Error::NotFound)?;
    let Some((medium, caching)) = shown(&site, digest, &mut parts).await? else {
        return Ok(gone());
    };
    let headers = parts.headers;
    let etag = format!("\"{hex}\"");
    let mut response = Response::new(Body::empty());
    let is_inline = Class::of_mime(&medium.mime) != Class::Document;
    let disposition = if is_inline { "inline" } else { "attachment" };
    let own = response.headers_mut();
    own.insert(header::ETAG, value(&etag)?);
    own.insert(header::CACHE_CONTROL, caching);
    own.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    own.insert(header::CONTENT_TYPE, value(&medium.mime)?);
    own.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static(disposition),
    );
    own.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    let repr = format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()));
    own.insert("repr-digest", value(&repr)?);
    if is_known(&headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .filter(|_| if_range_holds(&headers, &etag));
    let size = u64::try_from(medium.size).unwrap_or_default();
    let begin = match asked.map(|range| part_of(range, size)) {
        Some(Part::Range { first, .. }) => first,
        _ => 0,
    };
    let (file, total) = site
        .media
        .open_at(digest, begin)
        .await?
        .ok_or(Error::NotFound)?;
    let range = asked.map(|range| part_of(range, total));
    let (first, last) = match range {
        None | Some(Part::Whole) => (0, total.saturating_sub(1)),
        Some(Part::Range { first, last }) => {
            let content_range = format!("bytes {first}-{last}/{total}");
            response
                .headers_mut()
                .insert(header::CONTENT_RANGE, value(&content_range)?);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (first, last)
        }
        Some(Part::None) => {
            let content_range = format!("bytes */{total}");
            response
                .headers_mut()
                .insert(header::CONTENT_RANGE, value(&content_range)?);
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
    };
    let length = if total == 0 { 0 } else { last - first + 1 };
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = stretch(file, first, length).await?;
    Ok(response)
}

/// A picture in a size of pages, made now if it is not there. What cannot be made is the picture itself.
async fn serve_rendition(
    State(site): State<Arc<Site>>,
    Path((hex, name)): Path<(String, String)>,
    mut parts: Parts,
) -> Result<Response<Body>> {
    let digest = Digest::from_hex(&hex).map_err(|_| Error::NotFound)?;
    let which = Rendition::parse(&name).ok_or(Error::NotFound)?;
    let Some((medium, caching)) = shown(&site, digest, &mut parts).await? else {
        return Ok(gone());
    };
    if Class::of_mime(&medium.mime) != Class::Picture {
        return Err(Error::NotFound);
    }
    let etag = format!("\"{hex}-{name}\"");
    let mut response = Response::new(Body::empty());
    let own = response.headers_mut();
    own.insert(header::ETAG, value(&etag)?);
    own.insert(header::CACHE_CONTROL, caching);
    own.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(which.format.mime()),
    );
    own.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    if is_known(&parts.headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let Some(bytes) = rendition::bytes(&site, digest, which).await? else {
        let original = format!("/media/sha256/{hex}");
        return Ok(Redirect::temporary(&original).into_response());
    };
    *response.body_mut() = Body::from(bytes);
    Ok(response)
}

/// The medium `digest`, if whoever asks may have it, and how long caches may keep it; none if it was
/// taken back. What neither an entry nor the face of the site has shown yet is for those who write here.
async fn shown(
    site: &Arc<Site>,
    digest: Digest,
    parts: &mut Parts,
) -> Result<Option<(record::Model, HeaderValue)>> {
    let db = site.db.reader();
    let medium = record::find(db, digest).await?.ok_or(Error::NotFound)?;
    let is_taken_back = medium.is_taken_back();
    let is_public =
        site.face.get().shows(digest) || record::is_in_an_entry(db, &medium.hash).await?;
    if !is_taken_back && is_public {
        let caching = HeaderValue::from_static("public, max-age=60, must-revalidate");
        return Ok(Some((medium, caching)));
    }
    let is_kept = !is_taken_back || medium.state == MediaState::Withheld.as_str();
    if is_kept && CurrentUser::from_request_parts(parts, site).await.is_ok() {
        return Ok(Some((medium, HeaderValue::from_static("no-store"))));
    }
    match is_taken_back {
        true => Ok(None),
        false => Err(Error::NotFound),
    }
}

fn value(text: &str) -> Result<HeaderValue> {
    Ok(HeaderValue::from_str(text).map_err(anyhow::Error::new)?)
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes())
}

/// What was taken back: nothing of it, and nothing of what a browser still has.
fn gone() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::GONE;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

/// A stretch of a file, read while it is sent.
async fn stretch(mut file: File, first: u64, length: u64) -> Result<Body> {
    file.seek(SeekFrom::Start(first)).await?;
    let pieces = futures_util::stream::try_unfold(file.take(length), async |mut file| {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((piece, file)))
    });
    Ok(Body::from_stream(pieces))
}

fn if_range_holds(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get(header::IF_RANGE)
        .is_none_or(|condition| condition.as_bytes() == etag.as_bytes())
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Range { first: u64, last: u64 },
    None,
}

/// One range of bytes; several at once, or what is not understood, is answered with the whole.
fn part_of(range: &str, total: u64) -> Part {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let end = total.saturating_sub(1);
    let part = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => (first, end),
        (Err(_), Ok(0)) if first.is_empty() => return Part::None,
        (Err(_), Ok(length)) if first.is_empty() => (total.saturating_sub(length), end),
        _ => return Part::Whole,
    };
    if part.0 >= total {
        return Part::None;
    }
    Part::Range {
        first: part.0,
        last: part.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_says() {
        let range = |first, last| Part::Range { first, last };
        let cases = [
            ("bytes=0-3", range(0, 3)),
            ("bytes=4-", range(4, 9)),
            ("bytes=-3", range(7, 9)),
            ("bytes=-30", range(0, 9)),
            ("bytes=8-100", range(8, 9)),
            ("bytes=10-", Part::None),
            ("bytes=-0", Part::None),
            ("bytes=5-2", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("lines=1-2", Part::Whole),
        ];
        for (asked, expected) in cases {
            assert_eq!(part_of(asked, 10), expected, "{asked}");
        }
        assert_eq!(part_of("bytes=0-", 0), Part::None);
    }
}
