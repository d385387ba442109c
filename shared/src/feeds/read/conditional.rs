//! Asking only for what is new, and understanding the answer.

use std::time::Duration;

use axum::http::header::{
    ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// Grows whenever this reader learns to see more in the same document, so that documents already
/// seen are fetched once more.
pub const READER_VERSION: u32 = 1;

/// The longest wait a server may ask of us.
pub const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What a server gave us to ask with next time, word for word: servers compare texts, not times.
///
/// To be saved in the transaction that stores the entries, or after it. Saved before, a crash in
/// between would lose the entries for good: the server would say "nothing new".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag` as received.
    pub etag: Option<String>,
    /// `Last-Modified` as received.
    pub last_modified: Option<String>,
    /// The [`READER_VERSION`] that read the document.
    pub reader_version: u32,
}

impl Validators {
    /// The headers that make the next request conditional.
    pub fn request_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.reader_version != READER_VERSION {
            return headers;
        }
        for (name, value) in [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.last_modified),
        ] {
            if let Some(value) = value.as_ref().and_then(|v| HeaderValue::try_from(v).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }

    fn from_answer(headers: &HeaderMap) -> Self {
        Self {
            etag: text(headers, ETAG),
            last_modified: text(headers, LAST_MODIFIED),
            reader_version: READER_VERSION,
        }
    }
}

/// What the answer to a poll means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollVerdict {
    /// There is a document. Save the validators once its entries are stored.
    Document {
        /// For the next poll.
        validators: Validators,
        /// It holds only what is new (RFC 3229): nothing follows from what it lacks.
        partial: bool,
    },
    /// Nothing new.
    NotModified,
    /// Ask there this time; the address we keep stays.
    Elsewhere(Url),
    /// Ask there this time, and, if this goes on, for ever.
    Moved(Url),
    /// The feed is gone for good: stop polling, tell the operator.
    Gone,
    /// Not now.
    Later {
        /// The wait the server asks for, if it does; at most [`MAX_WAIT`].
        wait: Option<Duration>,
    },
    /// This will not get better by itself soon; back off.
    Failed(StatusCode),
}

/// What an answer to a request for `url` means.
pub fn verdict(
    status: StatusCode,
    headers: &HeaderMap,
    url: &Url,
    now: DateTime<Utc>,
) -> PollVerdict {
    match status {
        StatusCode::OK | StatusCode::IM_USED => PollVerdict::Document {
            validators: Validators::from_answer(headers),
            partial: status == StatusCode::IM_USED,
        },
        StatusCode::NOT_MODIFIED => PollVerdict::NotModified,
        StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT => {
            location(headers, url).map_or(PollVerdict::Failed(status), PollVerdict::Moved)
        }
        StatusCode::FOUND | StatusCode::SEE_OTHER | StatusCode::TEMPORARY_REDIRECT => {
            location(headers, url).map_or(PollVerdict::Failed(status), PollVerdict::Elsewhere)
        }
        StatusCode::GONE => PollVerdict::Gone,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_EARLY
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => PollVerdict::Later {
            wait: retry_after(headers, now),
        },
        _ => PollVerdict::Failed(status),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Where to go instead. The caller checks the new address as it did the old one.
fn location(headers: &HeaderMap, url: &Url) -> Option<Url> {
    let target = url.join(text(headers, LOCATION)?.trim()).ok()?;
    (matches!(target.scheme(), "http" | "https") && target != *url).then_some(target)
}

/// Seconds or a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER)?;
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(value.trim()).ok()?;
            (until.to_utc() - now).to_std().unwrap_or_default()
        }
    };
    Some(wait.min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn url() -> Url {
        Url::parse("https://xa.example/rss").unwrap()
    }

    fn headers(headers: &[(HeaderName, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn answer(status: u16, given: &[(HeaderName, &str)]) -> PollVerdict {
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        verdict(status, &headers(given), &url(), now)
    }

    #[test]
    fn what_the_server_gave_is_sent_back_word_for_word() {
        // A header that is not ASCII cannot be sent back, and is left out.
        let given = [(ETAG, "W/\"odd--gzip\""), (LAST_MODIFIED, "Thứ sáu")];
        let PollVerdict::Document {
            validators,
            partial: false,
        } = answer(200, &given)
        else {
            panic!("a document");
        };
        assert_eq!(
            validators.request_headers(),
            headers(&[(IF_NONE_MATCH, "W/\"odd--gzip\"")])
        );
        let odd_date = [(LAST_MODIFIED, "Fri, 20 Nov 2026 08:00:00 +0700")];
        let PollVerdict::Document { validators, .. } = answer(200, &odd_date) else {
            panic!("a document");
        };
        assert_eq!(
            validators.request_headers(),
            headers(&[(IF_MODIFIED_SINCE, "Fri, 20 Nov 2026 08:00:00 +0700")])
        );
    }

    #[test]
    fn a_new_reader_asks_for_everything_once_more() {
        let old = Validators {
            etag: Some("\"x\"".into()),
            last_modified: None,
            reader_version: READER_VERSION - 1,
        };
        assert!(old.request_headers().is_empty());
        assert!(Validators::default().request_headers().is_empty());
    }

    #[test]
    fn a_partial_document_is_known_for_one() {
        assert!(matches!(
            answer(226, &[]),
            PollVerdict::Document { partial: true, .. }
        ));
    }

    #[test]
    fn every_other_answer_has_its_meaning() {
        let elsewhere = [(LOCATION, "/feed?x=1")];
        let target = Url::parse("https://xa.example/feed?x=1").unwrap();
        assert_eq!(answer(304, &[]), PollVerdict::NotModified);
        assert_eq!(answer(410, &[]), PollVerdict::Gone);
        for status in [301, 308] {
            assert_eq!(
                answer(status, &elsewhere),
                PollVerdict::Moved(target.clone())
            );
        }
        for status in [302, 303, 307] {
            assert_eq!(
                answer(status, &elsewhere),
                PollVerdict::Elsewhere(target.clone())
            );
        }
        for status in [400, 401, 403, 404, 500, 204] {
            assert!(
                matches!(answer(status, &[]), PollVerdict::Failed(_)),
                "{status}"
            );
        }
    }

    #[test]
    fn a_redirect_to_nowhere_is_a_failure() {
        for location in ["file:///etc/passwd", "javascript:1", "https://", "/rss"] {
            assert_eq!(
                answer(301, &[(LOCATION, location)]),
                PollVerdict::Failed(StatusCode::MOVED_PERMANENTLY),
                "{location}"
            );
        }
        assert!(matches!(answer(302, &[]), PollVerdict::Failed(_)));
    }

    #[test]
    fn a_server_may_ask_for_patience_within_reason() {
        let wait = |text: &str| match answer(429, &[(RETRY_AFTER, text)]) {
            PollVerdict::Later { wait } => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait("99999999999"), Some(MAX_WAIT));
        assert_eq!(
            wait("Sun, 22 Nov 2026 00:10:00 GMT"),
            Some(Duration::from_secs(600))
        );
        assert_eq!(wait("Sat, 21 Nov 2026 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
        assert_eq!(answer(503, &[]), PollVerdict::Later { wait: None });
    }
}
