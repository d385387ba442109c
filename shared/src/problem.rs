//! RFC 9457 problem documents: how a server tells a program what went wrong and whether to retry.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::clock::Clock;

/// The media type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What every problem's `type` begins with; the slug follows.
pub const TYPE_BASE: &str = "https://lien-cong.example/problems/";

macro_rules! problem_kinds {
    ($($(#[$doc:meta])* $kind:ident = $slug:literal, $status:ident, $retry:ident, $title:literal;)*) => {
        /// What went wrong, as a program tells kinds of trouble apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)*
        }

        impl ProblemKind {
            /// Every kind there is, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The last part of the problem's type URI.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug,)* }
            }

            /// The HTTP status it is sent with unless the problem says otherwise.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }

            /// Its short name in Vietnamese.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            const fn retry(self) -> Retry {
                match self { $(Self::$kind => Retry::$retry,)* }
            }
        }
    };
}

/// What a peer should do after a problem; a word reads better in the table below than a bool.
#[derive(PartialEq, Eq)]
enum Retry {
    Again,
    Never,
}

problem_kinds! {
    /// The request carries no signature where one is needed.
    SignatureMissing = "signature-missing", UNAUTHORIZED, Never, "Yêu cầu chưa được ký";
    /// The signature does not verify under the key it names.
    SignatureInvalid = "signature-invalid", UNAUTHORIZED, Never, "Chữ ký không hợp lệ";
    /// The signature leaves out a component that must be covered.
    ComponentMissing = "component-missing", UNAUTHORIZED, Never, "Chữ ký thiếu thành phần bắt buộc";
    /// The signature's times do not fit our clock; the answer's `Date` says what ours shows.
    ClockSkew = "clock-skew", UNAUTHORIZED, Again, "Đồng hồ hai máy lệch nhau quá mức cho phép";
    /// The same nonce was used before; the request has to be signed afresh.
    NonceReplayed = "nonce-replayed", UNAUTHORIZED, Again, "Yêu cầu này đã được gửi trước đó";
    /// The body is not the one whose digest was sent, most likely damaged on the way.
    DigestMismatch = "digest-mismatch", BAD_REQUEST, Again, "Nội dung không khớp mã băm đi kèm";
    /// No site is enrolled under this key or name.
    UnknownSite = "unknown-site", FORBIDDEN, Never, "Cổng này chưa được đăng ký";
    /// The key is known and out of use: revoked, or replaced by another.
    KeyRevoked = "key-revoked", FORBIDDEN, Never, "Khóa đã bị thu hồi hoặc đã thay";
    /// The site is enrolled, but its connection has been suspended by an operator.
    SiteSuspended = "site-suspended", FORBIDDEN, Never, "Kết nối của cổng đang bị tạm dừng";
    /// Two processes speak for the site at once, most likely on two machines.
    SiteDoubled = "site-doubled", FORBIDDEN, Never, "Hai máy cùng chạy một cổng";
    /// A site tried to speak for a unit that is not its own.
    ForeignUnit = "foreign-unit", FORBIDDEN, Never, "Nội dung thuộc về đơn vị khác";
    /// Only the site where an entry was born may revise it.
    NotOrigin = "not-origin", FORBIDDEN, Never, "Chỉ nơi phát hành mới được sửa nội dung này";
    /// Two different events claim the same place in one log.
    LogForked = "log-forked", CONFLICT, Never, "Nhật ký của cổng bị rẽ nhánh";
    /// Events are missing between what we have and what was sent.
    CursorGap = "cursor-gap", CONFLICT, Never, "Thiếu sự kiện trước phần vừa gửi";
    /// There is no stream of that name for this peer.
    StreamUnknown = "stream-unknown", NOT_FOUND, Never, "Không có luồng dữ liệu này";
    /// The body is larger than this address accepts.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, Never, "Dữ liệu gửi lên quá lớn";
    /// The request cannot be understood.
    Malformed = "malformed", BAD_REQUEST, Never, "Dữ liệu gửi lên không đúng định dạng";
    /// The message needs a version or extension that we do not speak.
    VersionUnsupported = "version-unsupported", UNPROCESSABLE_ENTITY, Never, "Phiên bản giao thức không được hỗ trợ";
    /// Too many requests; `Retry-After` says when to come back.
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, Again, "Quá nhiều yêu cầu trong thời gian ngắn";
    /// Nothing is at this address.
    NotFound = "not-found", NOT_FOUND, Never, "Không tìm thấy";
    /// The address exists, but not for this method.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, Never, "Phương thức không được phép";
    /// The body's media type is not accepted here.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, Never, "Loại dữ liệu không được hỗ trợ";
    /// The request was meant for a host name that this server does not serve.
    HostUnknown = "host-unknown", MISDIRECTED_REQUEST, Never, "Tên miền không thuộc máy chủ này";
    /// An enrolment or sign-in code is wrong, used or expired.
    CodeInvalid = "code-invalid", FORBIDDEN, Never, "Mã không đúng, đã dùng hoặc đã hết hạn";
    /// The disk is too full to promise that what is accepted will be kept.
    StorageFull = "storage-full", INSUFFICIENT_STORAGE, Again, "Máy chủ đã hết chỗ lưu trữ";
    /// The server is starting, stopping or overloaded.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, Again, "Máy chủ tạm thời chưa phục vụ được";
    /// Something broke on our side; the cause is in our log under the request id.
    Internal = "internal", INTERNAL_SERVER_ERROR, Again, "Máy chủ gặp lỗi";
    /// Signed in, but without the right to do this.
    Forbidden = "forbidden", FORBIDDEN, Never, "Không có quyền thực hiện";
    /// Nobody is signed in.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, Never, "Cần đăng nhập";
    /// The request contradicts what has happened meanwhile.
    Conflict = "conflict", CONFLICT, Never, "Dữ liệu đã thay đổi";
    /// It bears a secrecy mark: nothing of it was stored, and whoever holds a copy is to erase it.
    ScreeningSecret = "screening-secret", UNPROCESSABLE_ENTITY, Never, "Nội dung có dấu chỉ độ mật, không được lưu";
    /// The answer was not ready within the time a request is given.
    Timeout = "timeout", SERVICE_UNAVAILABLE, Again, "Xử lý quá thời gian cho phép";
}

impl ProblemKind {
    /// The full type URI.
    pub fn uri(self) -> String {
        format!("{TYPE_BASE}{}", self.slug())
    }

    /// Whether sending the same thing again later may succeed without a person acting.
    pub fn is_retryable(self) -> bool {
        self.retry() == Retry::Again
    }

    /// The kind a type URI names, if it is one of ours.
    pub fn from_uri(uri: &str) -> Option<Self> {
        let slug = uri.strip_prefix(TYPE_BASE)?;
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }

    /// The kind nearest to a bare status, for answers that carry no type of ours.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 | 504 => Self::Timeout,
            409 | 412 => Self::Conflict,
            413 => Self::TooLarge,
            415 => Self::UnsupportedMediaType,
            421 => Self::HostUnknown,
            429 => Self::RateLimited,
            502 | 503 => Self::Unavailable,
            507 => Self::StorageFull,
            400..=499 => Self::Malformed,
            _ => Self::Internal,
        }
    }
}

impl Serialize for ProblemKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{TYPE_BASE}{}", self.slug()))
    }
}

/// One problem, as it is answered and as a peer reads it back.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(title = "Problem")]
pub struct Problem {
    /// The kind of problem, by URI.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "https://lien-cong.example/problems/clock-skew")]
    pub kind: ProblemKind,
    /// The HTTP status, repeated for readers that only keep the body.
    pub status: u16,
    /// A short name for the kind of problem, in Vietnamese.
    pub title: String,
    /// What happened this time, in Vietnamese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request's id, by which the operator finds it in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Seconds to wait before trying again; also sent as `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Members of this kind of problem alone, such as the cursor expected.
    #[serde(flatten)]
    #[schema(value_type = Object, additional_properties)]
    pub extra: Map<String, Value>,
}

impl Problem {
    /// A problem with its kind's own status and title.
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            status: kind.status().as_u16(),
            title: kind.title().to_owned(),
            detail: None,
            instance: None,
            retry_after: None,
            extra: Map::new(),
        }
    }

    /// Sends it with another status than its kind's usual one.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self
    }

    /// Says what happened this time; never put an inner cause here.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Tells the caller when to come back, in whole seconds rounded up.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        self
    }

    /// Adds a member of this kind of problem alone.
    ///
    /// # Panics
    /// If `value` cannot be written as JSON: only a map with keys that are no strings cannot.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("problem members are plain data");
        self.extra.insert(name.to_owned(), value);
        self
    }

    /// Whether the sender of the refused request should send it again later.
    pub fn should_retry(&self) -> bool {
        self.kind.is_retryable()
    }

    /// The status as axum knows it; a number that is none becomes 500.
    pub fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The document's bytes.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a problem is plain data with string keys")
    }
}

/// A problem as it may arrive: everything optional (RFC 9457), unknown types allowed.
#[derive(Deserialize)]
struct Received {
    #[serde(rename = "type", default)]
    uri: String,
    #[serde(default)]
    status: u16,
    title: Option<String>,
    detail: Option<String>,
    instance: Option<String>,
    retry_after: Option<u64>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Problem {
    /// Reads a peer's problem; a type that is not ours becomes the kind nearest to its status.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let received = Received::deserialize(deserializer)?;
        let kind = ProblemKind::from_uri(&received.uri)
            .unwrap_or_else(|| ProblemKind::for_status(received.status));
        Ok(Self {
            kind,
            status: match received.status {
                0 => kind.status().as_u16(),
                status => status,
            },
            title: received.title.unwrap_or_else(|| kind.title().to_owned()),
            detail: received.detail,
            instance: received.instance,
            retry_after: received.retry_after,
            extra: received.extra,
        })
    }
}

impl IntoResponse for Problem {
    /// The document, with itself as an extension for [`crate::error::present`] to find.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() = self.status_code();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        // A member whose clock is off corrects itself by this one.
        headers.insert(header::DATE, http_date(Clock::system().now()));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A time as HTTP headers write it.
fn http_date(at: DateTime<Utc>) -> HeaderValue {
    HeaderValue::from_str(&at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .expect("a date is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_peer_reads_back_what_was_said() {
        let said = Problem::new(ProblemKind::CursorGap)
            .detail("Thiếu sự kiện 41 và 42")
            .with("expected", 41)
            .retry_after(Duration::from_millis(1500));

        let json: Value = serde_json::from_slice(&said.to_json()).expect("JSON");
        assert_eq!(
            json["type"],
            "https://lien-cong.example/problems/cursor-gap"
        );
        assert_eq!(json["status"], 409);
        assert_eq!(json["expected"], 41);
        assert_eq!(json["retry_after"], 2);

        let heard: Problem = serde_json::from_value(json).expect("a problem");
        assert_eq!(heard, said);
        assert!(!heard.should_retry());
    }

    #[test]
    fn every_kind_has_its_own_address_and_survives_the_wire() {
        let mut slugs = HashSet::new();
        for &kind in ProblemKind::ALL {
            assert!(slugs.insert(kind.slug()), "{} twice", kind.slug());
            assert_eq!(ProblemKind::from_uri(&kind.uri()), Some(kind));
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
            let there: Problem =
                serde_json::from_slice(&Problem::new(kind).to_json()).expect("a problem");
            assert_eq!(there.kind, kind);
        }
    }

    #[test]
    fn a_stranger_s_problem_is_understood_by_its_status() {
        let proxy: Problem =
            serde_json::from_str(r#"{"status":503,"title":"Busy"}"#).expect("a problem");
        assert_eq!(proxy.kind, ProblemKind::Unavailable);
        assert!(proxy.should_retry());

        let newer: Problem = serde_json::from_str(
            r#"{"type":"https://lien-cong.example/problems/not-yet-invented","status":403}"#,
        )
        .expect("a problem");
        assert_eq!(newer.kind, ProblemKind::Forbidden);
        assert_eq!(newer.title, ProblemKind::Forbidden.title());
    }

    #[test]
    fn the_answer_carries_type_date_and_when_to_come_back() {
        let response = Problem::new(ProblemKind::RateLimited)
            .retry_after(Duration::from_secs(20))
            .into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::CONTENT_TYPE], CONTENT_TYPE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "20");
        let date = response.headers()[header::DATE].to_str().expect("ASCII");
        DateTime::parse_from_rfc2822(date).expect("an HTTP date");
    }
}
