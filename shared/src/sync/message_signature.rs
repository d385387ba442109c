//! Who sent this request or answer, and is it unchanged: RFC 9421 and RFC 9530 with Ed25519.
//!
//! Pure functions: no network, no clock, no database. The caller looks up keys, hands in the
//! time, and refuses a [`Nonce`] it has seen before (see [`Verified::expires`]).
//!
//! A valid signature says nothing about *what* it covers. Here a request covers at least its
//! method and target, and when it carries content also the type and digest of that; an answer
//! covers its status, type and digest, and repeats the nonce of the request it answers.

mod fields;
#[cfg(test)]
mod tests;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sfv::{InnerList, Item, Key, ListEntry, Parameters, StringRef};
use url::Url;

use crate::log::keys::{KeyId, PublicKey, SigningKey};
use fields::{content_digest, dictionary, serialise, serialise_entry, verify_content_digest};

/// How long a signature stays valid, and how old it may be on arrival.
pub const MAX_AGE: TimeDelta = TimeDelta::seconds(300);
/// How far the sender's clock may run ahead of ours.
pub const MAX_CLOCK_LEAD: TimeDelta = TimeDelta::seconds(60);
/// Each signature header, its lines joined, may be this long.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;
/// A signature may cover this many components.
pub const MAX_COMPONENTS: usize = 16;

const LABEL: &str = "sig";
const ALGORITHM: &str = "ed25519";
const REQUEST_TAG: &str = "lien-cong-v1";
const ANSWER_TAG: &str = "lien-cong-v1-answer";
const CONTENT_COMPONENTS: [&str; 2] = ["content-type", "content-digest"];

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// Why a signature was not made or not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no `Signature-Input` or `Signature` header, or none of them with our tag.
    #[error("yêu cầu không có chữ ký của giao thức này")]
    Missing,
    /// A signature header is longer than [`MAX_HEADER_BYTES`], or covers too much.
    #[error("phần đầu {0} quá dài")]
    TooLarge(&'static str),
    /// A header or parameter is not what its specification says.
    #[error("{0} không đúng định dạng")]
    Malformed(&'static str),
    /// Two signatures carry our tag, or one label or component occurs twice.
    #[error("{0} xuất hiện nhiều lần")]
    Ambiguous(&'static str),
    /// The signature covers a derived component or a component parameter we do not compute.
    #[error("thành phần được ký {0} không được hỗ trợ")]
    UnsupportedComponent(String),
    /// The signature lacks a component or a parameter it must have, or covers an absent header.
    #[error("chữ ký không bao gồm {0}")]
    ComponentMissing(String),
    /// Nobody we know, or nobody who may speak now, owns this key.
    #[error("khóa {0} không thuộc trang nào đã biết")]
    UnknownKey(KeyId),
    /// The signature claims another algorithm than its key has.
    #[error("thuật toán của chữ ký không phải ed25519")]
    WrongAlgorithm,
    /// The signature was made too long ago, or in our future. The offset is sender minus us.
    #[error("giờ trong chữ ký lệch {offset_seconds} giây so với đồng hồ ở đây")]
    ClockSkew {
        /// Seconds by which the sender's `created` is ahead of our clock.
        offset_seconds: i64,
    },
    /// The signature's own `expires` has passed.
    #[error("chữ ký đã hết hạn")]
    Expired,
    /// The signature wants to be valid for longer than [`MAX_AGE`], or expires before it begins.
    #[error("thời hạn của chữ ký không nằm trong khoảng từ 0 đến 300 giây")]
    WrongValidity,
    /// The signature does not fit the message and the key.
    #[error("chữ ký không khớp với nội dung")]
    Invalid,
    /// `Content-Digest` has no `sha-256`.
    #[error("Content-Digest không có sha-256")]
    DigestMissing,
    /// The body is not the one the digest was made over.
    #[error("nội dung không khớp mã băm đi kèm")]
    DigestMismatch,
    /// The answer is to another request.
    #[error("câu trả lời thuộc về một yêu cầu khác")]
    WrongNonce,
}

impl SignatureError {
    /// The slug of the problem document that tells a peer about this failure.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Missing => "signature-missing",
            Self::ComponentMissing(_) => "component-missing",
            Self::UnknownKey(_) => "unknown-site",
            Self::ClockSkew { .. } | Self::Expired => "clock-skew",
            Self::DigestMissing | Self::DigestMismatch => "digest-mismatch",
            Self::TooLarge(_)
            | Self::Malformed(_)
            | Self::Ambiguous(_)
            | Self::UnsupportedComponent(_)
            | Self::WrongAlgorithm
            | Self::WrongValidity
            | Self::Invalid
            | Self::WrongNonce => "signature-invalid",
        }
    }
}

/// A number used once: what tells a repeated request from a new one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// 128 bits take this many characters in base64url.
    const MIN_LENGTH: usize = 22;
    const MAX_LENGTH: usize = 128;

    /// A new nonce from the operating system's randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 18];
        getrandom::fill(&mut bytes)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The nonce made of 144 random bits.
    pub fn from_bytes(bytes: [u8; 18]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn received(text: &str) -> Result<Self, SignatureError> {
        if (Self::MIN_LENGTH..=Self::MAX_LENGTH).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SignatureError::Malformed("nonce"))
        }
    }
}

/// The body of a message about to be sent, and its media type.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// The value of `Content-Type`.
    pub content_type: &'a str,
    /// The bytes as they go out. Nothing may compress or re-encode them afterwards.
    pub body: &'a [u8],
}

/// A request as received, before anything was decompressed or decoded.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// What [`target_uri`] makes of the configured base URL and the raw path and query.
    pub target_uri: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The raw body.
    pub body: &'a [u8],
}

/// An answer as received, before anything was decompressed or decoded.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedAnswer<'a> {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The raw body.
    pub body: &'a [u8],
}

/// What a valid signature proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The key that signed.
    pub key_id: KeyId,
    /// To be refused when seen again under the same key before `expires` and [`MAX_CLOCK_LEAD`].
    pub nonce: Nonce,
    /// When the sender signed, by the sender's clock.
    pub created: DateTime<Utc>,
    /// When the signature stops being valid.
    pub expires: DateTime<Utc>,
}

/// The target URI of a received request: the origin of our configured `base` and the path and
/// query exactly as they arrived.
///
/// `Host` and `X-Forwarded-*` are the client's words and take no part. Default ports vanish.
pub fn target_uri(base: &Url, raw_path_and_query: &str) -> String {
    format!(
        "{}{raw_path_and_query}",
        base.origin().ascii_serialization()
    )
}

/// The headers that sign a request to `target`, `Content-Type` among them.
///
/// Sign when sending, not when queueing: each attempt gets a new time and nonce.
pub fn sign_request(
    method: &Method,
    target: &Url,
    content: Option<Content<'_>>,
    key: &SigningKey,
    now: DateTime<Utc>,
    nonce: &Nonce,
) -> Result<HeaderMap, SignatureError> {
    let mut headers = HeaderMap::new();
    match content {
        Some(content) => insert_content(&mut headers, content)?,
        None if must_have_content(method) => {
            return Err(SignatureError::ComponentMissing("content-type".into()));
        }
        None => {}
    }
    let target = target_uri(
        target,
        &target[url::Position::BeforePath..url::Position::AfterQuery],
    );
    let message = Message {
        start: StartLine::Request {
            method,
            target_uri: &target,
        },
        headers: &headers,
        body: content.map_or(&[], |content| content.body),
    };
    let signed = message.sign(REQUEST_TAG, key, now, nonce)?;
    headers.extend(signed);
    Ok(headers)
}

/// Checks the signature of a request, in the order of the protocol: cheap refusals first, the
/// signature before the body's digest. Whether the nonce is new is left to the caller.
pub fn verify_request(
    request: &ReceivedRequest<'_>,
    key_of: impl Fn(&KeyId) -> Option<PublicKey>,
    now: DateTime<Utc>,
) -> Result<Verified, SignatureError> {
    Message {
        start: StartLine::Request {
            method: request.method,
            target_uri: request.target_uri,
        },
        headers: request.headers,
        body: request.body,
    }
    .verify(REQUEST_TAG, key_of, now)
}

/// The headers that sign an answer to the request with `request_nonce`, `Content-Type` among them.
pub fn sign_response(
    status: StatusCode,
    content: Content<'_>,
    request_nonce: &Nonce,
    key: &SigningKey,
    now: DateTime<Utc>,
) -> Result<HeaderMap, SignatureError> {
    let mut headers = HeaderMap::new();
    insert_content(&mut headers, content)?;
    let message = Message {
        start: StartLine::Answer { status },
        headers: &headers,
        body: content.body,
    };
    let signed = message.sign(ANSWER_TAG, key, now, request_nonce)?;
    headers.extend(signed);
    Ok(headers)
}

/// Checks that an answer is unchanged, from a known key, and to the request with `request_nonce`.
pub fn verify_response(
    answer: &ReceivedAnswer<'_>,
    request_nonce: &Nonce,
    key_of: impl Fn(&KeyId) -> Option<PublicKey>,
    now: DateTime<Utc>,
) -> Result<Verified, SignatureError> {
    let verified = Message {
        start: StartLine::Answer {
            status: answer.status,
        },
        headers: answer.headers,
        body: answer.body,
    }
    .verify(ANSWER_TAG, key_of, now)?;
    if verified.nonce == *request_nonce {
        Ok(verified)
    } else {
        Err(SignatureError::WrongNonce)
    }
}

fn insert_content(headers: &mut HeaderMap, content: Content<'_>) -> Result<(), SignatureError> {
    headers.insert(CONTENT_TYPE, header_value(content.content_type)?);
    headers.insert(CONTENT_DIGEST, header_value(&content_digest(content.body))?);
    Ok(())
}

fn header_value(text: &str) -> Result<HeaderValue, SignatureError> {
    HeaderValue::from_str(text).map_err(|_| SignatureError::Malformed("content-type"))
}

fn must_have_content(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::DELETE)
}

/// What stands before the headers.
#[derive(Clone, Copy)]
enum StartLine<'a> {
    Request {
        method: &'a Method,
        target_uri: &'a str,
    },
    Answer {
        status: StatusCode,
    },
}

/// A message to sign or to verify.
struct Message<'a> {
    start: StartLine<'a>,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Message<'_> {
    fn sign(
        &self,
        tag: &str,
        key: &SigningKey,
        now: DateTime<Utc>,
        nonce: &Nonce,
    ) -> Result<[(HeaderName, HeaderValue); 2], SignatureError> {
        let created = now.timestamp();
        let parameters = Parameters::from_iter([
            (name("created")?, integer(created)?.into()),
            (
                name("expires")?,
                integer(created + MAX_AGE.num_seconds())?.into(),
            ),
            (name("nonce")?, string(nonce.as_str())?.into()),
            (name("keyid")?, string(&key.id().to_string())?.into()),
            (name("alg")?, string(ALGORITHM)?.into()),
            (name("tag")?, string(tag)?.into()),
        ]);
        let components = self
            .required_components()
            .into_iter()
            .map(|component| Ok(Item::new(string(component)?)))
            .collect::<Result<_, SignatureError>>()?;
        let input = InnerList::with_params(components, parameters);
        let signature = key.sign(self.signature_base(&input)?.as_bytes());

        Ok([
            (SIGNATURE_INPUT, serialise_entry(LABEL, input.into())?),
            (
                SIGNATURE,
                serialise_entry(LABEL, Item::new(&signature[..]).into())?,
            ),
        ])
    }

    fn verify(
        &self,
        tag: &str,
        key_of: impl Fn(&KeyId) -> Option<PublicKey>,
        now: DateTime<Utc>,
    ) -> Result<Verified, SignatureError> {
        let (input, signature) = self.find_signature(tag)?;

        let key_id: KeyId = parameter_text(&input, "keyid")?
            .parse()
            .map_err(|_| SignatureError::Malformed("keyid"))?;
        let key = key_of(&key_id).ok_or(SignatureError::UnknownKey(key_id))?;
        self.check_coverage(&input)?;
        if parameter_text(&input, "alg")? != ALGORITHM {
            return Err(SignatureError::WrongAlgorithm);
        }
        let (created, expires) = check_window(&input, now)?;
        let nonce = Nonce::received(parameter_text(&input, "nonce")?)?;

        if !key.verify(self.signature_base(&input)?.as_bytes(), &signature) {
            return Err(SignatureError::Invalid);
        }
        if covers(&input, "content-digest") {
            let digests = self.header("content-digest")?;
            verify_content_digest(&digests, self.body)?;
        }
        Ok(Verified {
            key_id,
            nonce,
            created,
            expires,
        })
    }

    /// The one signature with our `tag`: what it covers, and its bytes.
    fn find_signature(&self, tag: &str) -> Result<(InnerList, Vec<u8>), SignatureError> {
        let inputs = dictionary(self.headers, &SIGNATURE_INPUT, "signature-input")?;
        let mut signatures = dictionary(self.headers, &SIGNATURE, "signature")?;

        let mut ours = inputs.into_iter().filter_map(|(label, entry)| match entry {
            ListEntry::InnerList(input) if parameter_text(&input, "tag") == Ok(tag) => {
                Some((label, input))
            }
            _ => None,
        });
        let (label, input) = ours.next().ok_or(SignatureError::Missing)?;
        if ours.next().is_some() {
            return Err(SignatureError::Ambiguous("the signature of this protocol"));
        }
        if input.items.len() > MAX_COMPONENTS {
            return Err(SignatureError::TooLarge("signature-input"));
        }
        match signatures.swap_remove(&label) {
            Some(ListEntry::Item(item)) => match item.bare_item {
                sfv::BareItem::ByteSequence(signature) => Ok((input, signature)),
                _ => Err(SignatureError::Malformed("signature")),
            },
            Some(ListEntry::InnerList(_)) => Err(SignatureError::Malformed("signature")),
            None => Err(SignatureError::Missing),
        }
    }

    /// Everything the protocol wants signed is covered, and nothing is covered twice.
    fn check_coverage(&self, input: &InnerList) -> Result<(), SignatureError> {
        for (position, item) in input.items.iter().enumerate() {
            let component = component_name(item)?;
            let earlier = &input.items[..position];
            if earlier
                .iter()
                .any(|item| component_name(item) == Ok(component))
            {
                return Err(SignatureError::Ambiguous("a covered component"));
            }
        }
        match self
            .required_components()
            .into_iter()
            .find(|component| !covers(input, component))
        {
            Some(missing) => Err(SignatureError::ComponentMissing(missing.to_owned())),
            None => Ok(()),
        }
    }

    fn required_components(&self) -> Vec<&'static str> {
        let mut components = match self.start {
            StartLine::Request { .. } => vec!["@method", "@target-uri"],
            StartLine::Answer { .. } => vec!["@status"],
        };
        let has_content = match self.start {
            StartLine::Request { method, .. } => {
                must_have_content(method)
                    || !self.body.is_empty()
                    || self.headers.contains_key(CONTENT_TYPE)
                    || self.headers.contains_key(CONTENT_DIGEST)
            }
            StartLine::Answer { .. } => true,
        };
        if has_content {
            components.extend(CONTENT_COMPONENTS);
        }
        components
    }

    /// RFC 9421, section 2.5. The parameters go in exactly in the order in which they came.
    fn signature_base(&self, input: &InnerList) -> Result<String, SignatureError> {
        let lines = input.items.iter().map(|item| {
            let component = component_name(item)?;
            Ok((component, self.component_value(component)?))
        });
        signature_base(lines.collect::<Result<Vec<_>, _>>()?, input)
    }

    fn component_value(&self, component: &str) -> Result<String, SignatureError> {
        match (component, self.start) {
            ("@method", StartLine::Request { method, .. }) => Ok(method.to_string()),
            ("@target-uri", StartLine::Request { target_uri, .. }) => Ok(target_uri.to_owned()),
            ("@status", StartLine::Answer { status }) => Ok(status.as_str().to_owned()),
            _ if component.starts_with('@') => {
                Err(SignatureError::UnsupportedComponent(component.to_owned()))
            }
            _ => self.header(component),
        }
    }

    fn header(&self, name: &str) -> Result<String, SignatureError> {
        fields::joined(self.headers, name)?
            .ok_or_else(|| SignatureError::ComponentMissing(name.to_owned()))
    }
}

fn signature_base(lines: Vec<(&str, String)>, input: &InnerList) -> Result<String, SignatureError> {
    let mut base = String::new();
    for (component, value) in lines {
        base.push_str(&serialise(Item::new(string(component)?).into())?);
        base.push_str(": ");
        base.push_str(&value);
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(&serialise(input.clone().into())?);
    Ok(base)
}

/// The window of the protocol: made at most [`MAX_AGE`] ago and at most [`MAX_CLOCK_LEAD`] in
/// our future, valid for at most [`MAX_AGE`].
fn check_window(
    input: &InnerList,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), SignatureError> {
    let created = parameter_time(input, "created")?;
    let expires = parameter_time(input, "expires")?;
    check_times(created, expires, now)?;
    Ok((created, expires))
}

/// Whether a message made at `created` and valid until `expires` by its sender's clock is fresh at `now`
/// by ours.
pub fn check_times(
    created: DateTime<Utc>,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    if !(TimeDelta::zero()..=MAX_AGE).contains(&(expires - created)) {
        return Err(SignatureError::WrongValidity);
    }
    // `created` has whole seconds; compare like with like, or 299.5 s would count as 300.
    let offset_seconds = created.timestamp() - now.timestamp();
    if !(-MAX_AGE.num_seconds()..=MAX_CLOCK_LEAD.num_seconds()).contains(&offset_seconds) {
        return Err(SignatureError::ClockSkew { offset_seconds });
    }
    if now.timestamp() > expires.timestamp() {
        return Err(SignatureError::Expired);
    }
    Ok(())
}

fn covers(input: &InnerList, component: &str) -> bool {
    input
        .items
        .iter()
        .any(|item| component_name(item) == Ok(component))
}

/// The name of a covered component. Parameters such as `;bs` or `;req` change what a component
/// means; none is part of the protocol.
fn component_name(item: &Item) -> Result<&str, SignatureError> {
    let name = item
        .bare_item
        .as_string()
        .ok_or(SignatureError::Malformed("signature-input"))?
        .as_str();
    if item.params.is_empty() {
        Ok(name)
    } else {
        Err(SignatureError::UnsupportedComponent(name.to_owned()))
    }
}

fn parameter_text<'a>(input: &'a InnerList, name: &'static str) -> Result<&'a str, SignatureError> {
    match input.params.get(name) {
        Some(value) => value
            .as_string()
            .map(StringRef::as_str)
            .ok_or(SignatureError::Malformed(name)),
        None => Err(SignatureError::ComponentMissing(name.to_owned())),
    }
}

fn parameter_time(input: &InnerList, name: &'static str) -> Result<DateTime<Utc>, SignatureError> {
    match input.params.get(name) {
        Some(value) => value
            .as_integer()
            .and_then(|seconds| DateTime::from_timestamp(i64::from(seconds), 0))
            .ok_or(SignatureError::Malformed(name)),
        None => Err(SignatureError::ComponentMissing(name.to_owned())),
    }
}

fn name(text: &'static str) -> Result<Key, SignatureError> {
    Key::try_from(text.to_owned()).map_err(|_| SignatureError::Malformed(text))
}

fn string(text: &str) -> Result<sfv::String, SignatureError> {
    sfv::String::try_from(text.to_owned()).map_err(|_| SignatureError::Malformed("signature-input"))
}

fn integer(seconds: i64) -> Result<sfv::Integer, SignatureError> {
    sfv::Integer::try_from(seconds).map_err(|_| SignatureError::Malformed("created"))
}
