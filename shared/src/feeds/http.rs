//! Answering those who poll: mostly with "nothing new".

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::log::canonical::Digest;

/// Answers a GET with `body`, or with 304 when the asker has it already.
pub fn answer(
    request_headers: &HeaderMap,
    content_type: &'static str,
    body: Vec<u8>,
    last_modified: DateTime<Utc>,
) -> Response {
    let tag = Digest::of(&body).hex();
    let unchanged = is_unchanged(request_headers, &tag, last_modified);
    let mut response = if unchanged {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let mut response = Response::new(Body::from(body));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    };
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=30, must-revalidate"),
    );
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    for (name, value) in [
        (ETAG, format!("\"{tag}\"")),
        (LAST_MODIFIED, http_date(last_modified)),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// RFC 9110, section 13.2.2: a tag, where there is one, decides alone.
fn is_unchanged(headers: &HeaderMap, tag: &str, last_modified: DateTime<Utc>) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return is_known(headers, tag);
    }
    headers
        .get(IF_MODIFIED_SINCE)
        .and_then(|line| DateTime::parse_from_rfc2822(line.to_str().ok()?.trim()).ok())
        // The header has whole seconds.
        .is_some_and(|since| last_modified.timestamp() <= since.timestamp())
}

/// Whether the asker names `tag`, given without quotes, as one it has already.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || bare_tag(candidate) == tag)
}

/// An entity tag as we once sent it. Caches make it weak, and servers that compress on the way
/// append their coding to it (Apache `-gzip`, Jetty `--gzip`, others `;gzip`), inside or outside
/// the quotes; without this, nobody behind one would ever get a 304.
fn bare_tag(tag: &str) -> &str {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    without_coding(without_coding(tag).trim_matches('"'))
}

fn without_coding(tag: &str) -> &str {
    ["--gzip", "-gzip", ";gzip", "--br", "-br", ";br"]
        .iter()
        .find_map(|coding| tag.strip_suffix(coding))
        .unwrap_or(tag)
}

/// A date as HTTP wants it.
pub fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::http::HeaderName;
    use http_body_util::BodyExt as _;

    use super::*;

    fn last_modified() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_618_884_475_250).unwrap()
    }

    fn get(headers: &[(HeaderName, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect();
        answer(
            &headers,
            "application/rss+xml",
            b"<rss/>".to_vec(),
            last_modified(),
        )
    }

    fn header(response: &Response, name: HeaderName) -> String {
        response.headers()[name].to_str().unwrap().to_owned()
    }

    fn tag() -> String {
        header(&get(&[]), ETAG)
    }

    #[tokio::test]
    async fn a_first_visit_gets_the_document_and_what_to_ask_with_next_time() {
        let response = get(&[]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, CONTENT_TYPE), "application/rss+xml");
        assert_eq!(
            header(&response, CACHE_CONTROL),
            "public, max-age=30, must-revalidate"
        );
        assert_eq!(header(&response, VARY), "Accept-Encoding");
        assert_eq!(
            header(&response, LAST_MODIFIED),
            "Tue, 20 Apr 2021 02:07:55 GMT"
        );
        assert!(tag().starts_with('"'), "a strong tag");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&body[..], b"<rss/>");
    }

    #[tokio::test]
    async fn an_unchanged_document_is_not_sent_again() {
        let response = get(&[(IF_NONE_MATCH, &tag())]);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&response, ETAG), tag());
        assert!(!response.headers().contains_key(CONTENT_TYPE));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.is_empty());
    }

    #[test]
    fn tags_come_back_in_many_guises() {
        let hex = tag().trim_matches('"').to_owned();
        for guise in [
            format!("\"{hex}\""),
            format!("W/\"{hex}\""),
            format!("\"{hex}-gzip\""),
            format!("\"{hex}--gzip\""),
            format!("\"{hex}\"-gzip"),
            format!("W/\"{hex};gzip\""),
            format!("\"{hex}-br\""),
            format!("\"other\", \"{hex}\""),
            hex.clone(),
            "*".into(),
        ] {
            assert_eq!(
                get(&[(IF_NONE_MATCH, &guise)]).status(),
                StatusCode::NOT_MODIFIED,
                "{guise}"
            );
        }
        for other in ["\"other\"", "", "W/", "\"-gzip\"", &format!("\"{hex}x\"")] {
            assert_eq!(
                get(&[(IF_NONE_MATCH, other)]).status(),
                StatusCode::OK,
                "{other}"
            );
        }
    }

    #[test]
    fn a_date_decides_only_where_there_is_no_tag() {
        let same = "Tue, 20 Apr 2021 02:07:55 GMT";
        let before = "Tue, 20 Apr 2021 02:07:54 GMT";
        assert_eq!(
            get(&[(IF_MODIFIED_SINCE, same)]).status(),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(get(&[(IF_MODIFIED_SINCE, before)]).status(), StatusCode::OK);
        assert_eq!(
            get(&[(IF_MODIFIED_SINCE, "yesterday")]).status(),
            StatusCode::OK
        );
        assert_eq!(
            get(&[(IF_NONE_MATCH, "\"old\""), (IF_MODIFIED_SINCE, same)]).status(),
            StatusCode::OK
        );
    }
}
