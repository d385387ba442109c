//! Serving media by hash: to readers, and to sites that lack them.

use super::record::{self, MediaState};
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
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::SeekFrom;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes sent at a time.
const PIECE: usize = 64 * 1024;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/media/sha256/{hex}", get(serve))
}

/// The bytes under a name never change, but whether they are public may: caches keep them for a minute
/// and then ask again, which costs no bytes. A part of them can be asked for, so that a broken transfer
/// goes on where it broke.
async fn serve(
    State(site): State<Arc<Site>>,
    Path(hex): Path<String>,
    mut parts: Parts,
) -> Result<Response<Body>> {
    let digest = Digest::from_hex(&hex).map_err(|_| Error::NotFound)?;
    let medium = record::find(site.db.reader(), digest)
        .await?
        .ok_or(Error::NotFound)?;
    let mut caching = HeaderValue::from_static("public, max-age=60, must-revalidate");
    if medium.is_taken_back() {
        let is_kept = medium.state == MediaState::Withheld.as_str();
        if !is_kept
            || CurrentUser::from_request_parts(&mut parts, &site)
                .await
                .is_err()
        {
            return Ok(gone());
        }
        caching = HeaderValue::from_static("no-store");
    }
    let headers = parts.headers;
    let etag = format!("\"{hex}\"");
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = Response::new(Body::empty());
    let is_picture = medium.mime.starts_with("image/");
    let disposition = if is_picture { "inline" } else { "attachment" };
    let own = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(anyhow::Error::new);
    own.insert(header::ETAG, value(&etag)?);
    own.insert(header::CACHE_CONTROL, caching);
    own.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    own.insert(header::CONTENT_TYPE, value(&medium.mime)?);
    own.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static(disposition),
    );
    let repr = format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()));
    own.insert("repr-digest", value(&repr)?);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let (file, total) = site
        .media
        .open_whole(digest)
        .await?
        .ok_or(Error::NotFound)?;
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .filter(|_| if_range_holds(&headers, &etag))
        .map(|range| part_of(range, total));
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
