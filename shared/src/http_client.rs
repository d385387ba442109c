//! The only way out: an HTTP client with limits that never reaches private addresses unasked.
//!
//! Feeds, callbacks and peers' addresses are typed in by people and answered by strangers.
//! So every address is checked, the one asked for and each one redirected to: its scheme, its
//! port, its literal address, and what its name resolves to at the moment of connecting. An
//! operator who really has a peer on the inside names its host and port in an [`Allow`].

mod addresses;
mod allow;
mod door;

use std::error::Error as StdError;
use std::sync::{Arc, Once};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use thiserror::Error;
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

use crate::problem::{Problem, ProblemKind};

pub use allow::{Allow, AllowError};
pub use door::{Certificate, Distrust, Door, Shut};

pub(crate) use addresses::is_public;
use addresses::{NotPublic, PublicOnly};

/// How much of an error answer is kept to tell why.
const HEAD_OF_ERROR: usize = 64 * 1024;

/// What may follow a redirect to another site: nothing that identifies or authorises us.
const HARMLESS: [HeaderName; 5] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::RANGE,
];

/// Chooses ring for TLS. reqwest panics without a choice, so main calls this first; so does
/// [`Client::new`]. Calling it again does nothing.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Err: the process has chosen a provider already, which serves as well.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
    });
}

/// What holds for every call of a [`Client`] that does not say otherwise.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// How we name ourselves.
    pub user_agent: String,
    /// Ports reached on public hosts. Default 80 and 443.
    pub ports: Vec<u16>,
    /// For a call in all: redirects, answer and body. Default 20 s.
    pub deadline: Duration,
    /// For the first contact with a host. Default 10 s.
    pub connect_timeout: Duration,
    /// For a body after decompression, in bytes. Default 5 MiB.
    pub cap: usize,
    /// Redirects followed. Default 3.
    pub hops: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("LienCong/", env!("CARGO_PKG_VERSION")).to_owned(),
            ports: vec![80, 443],
            deadline: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            cap: 5 * 1024 * 1024,
            hops: 3,
        }
    }
}

/// Asks other servers. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    /// Resolves names to public addresses only.
    public: reqwest::Client,
    /// For hosts that a call's [`Allow`] names; a pool of its own, so that nobody else's call
    /// can ride on such a connection.
    allowed: reqwest::Client,
    options: Arc<ClientOptions>,
}

impl Client {
    /// A client with `options`.
    pub fn new(options: ClientOptions) -> Result<Self, FetchError> {
        install_crypto();
        let builder = || {
            reqwest::Client::builder()
                .user_agent(&options.user_agent)
                // A proxy would connect for us, past every check.
                .no_proxy()
                .redirect(Policy::none())
                .referer(false)
                .connect_timeout(options.connect_timeout)
                // Below the ten seconds after which our own servers close.
                .pool_idle_timeout(Duration::from_secs(8))
                .http1_max_headers(100)
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(FetchError::of);
        Ok(Self {
            public: build(builder().dns_resolver(Arc::new(PublicOnly)))?,
            allowed: build(builder())?,
            options: Arc::new(options),
        })
    }

    /// Asks for what is at `url`.
    pub fn get(&self, url: &str) -> Call {
        Call::new(self.clone(), Method::GET, url)
    }

    /// Asks to take away what is at `url`.
    pub fn delete(&self, url: &str) -> Call {
        Call::new(self.clone(), Method::DELETE, url)
    }

    /// Sends `body` to `url`. A redirect is not followed: what is sent, and signed, is for
    /// this address.
    pub fn post(&self, url: &str, content_type: &str, body: impl Into<Bytes>) -> Call {
        let mut call = Call::new(self.clone(), Method::POST, url);
        call.body = body.into();
        call.header(header::CONTENT_TYPE, content_type)
    }

    /// Which of the two pools may be used for `url`, if any.
    fn way_to(&self, url: &Url, call: &Call) -> Result<&reqwest::Client, FetchError> {
        let refused = |why| Err(FetchError::Refused(why));
        if !url.username().is_empty() || url.password().is_some() {
            return refused(Refusal::Credentials);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return refused(Refusal::Scheme);
        };
        let named = call.allow.names(&host, port);
        match url.scheme() {
            "https" => {}
            "http" if call.plain_http || named => {}
            _ => return refused(Refusal::Scheme),
        }
        if named {
            return Ok(&self.allowed);
        }
        if !self.options.ports.contains(&port) {
            return refused(Refusal::Port);
        }
        // Literal addresses never reach the resolver.
        let is_private = match host {
            Host::Ipv4(ip) => !is_public(ip.into()),
            Host::Ipv6(ip) => !is_public(ip.into()),
            Host::Domain(_) => false,
        };
        if is_private {
            return refused(Refusal::Address);
        }
        Ok(&self.public)
    }
}

/// One call in the making.
#[must_use = "a call is made by `send`"]
#[derive(Debug)]
pub struct Call {
    client: Client,
    method: Method,
    url: String,
    headers: HeaderMap,
    /// A header was given that is none.
    misheard: bool,
    body: Bytes,
    allow: Allow,
    plain_http: bool,
    deadline: Duration,
    cap: usize,
    hops: usize,
    unfollowed: bool,
}

impl Call {
    fn new(client: Client, method: Method, url: &str) -> Self {
        let ClientOptions {
            deadline,
            cap,
            hops,
            ..
        } = *client.options;
        Self {
            client,
            method,
            url: url.to_owned(),
            headers: HeaderMap::new(),
            misheard: false,
            body: Bytes::new(),
            allow: Allow::default(),
            plain_http: false,
            deadline,
            cap,
            hops,
            unfollowed: false,
        }
    }

    /// Sets a header; one that cannot be sent makes the call [`FetchError::Malformed`].
    pub fn header(
        mut self,
        name: impl TryInto<HeaderName>,
        value: impl TryInto<HeaderValue>,
    ) -> Self {
        match (name.try_into(), value.try_into()) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.misheard = true,
        }
        self
    }

    /// Sets all of `headers`, such as those of a signature.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Hosts that this call may reach although they are private or on unusual ports.
    pub fn allow(mut self, allow: &Allow) -> Self {
        self.allow = allow.clone();
        self
    }

    /// Whether `http:` will do, for feeds that have nothing better. Default no.
    pub fn plain_http(mut self, allowed: bool) -> Self {
        self.plain_http = allowed;
        self
    }

    /// How long the call may take in all.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How large the body may be, in bytes after decompression.
    pub fn cap(mut self, bytes: usize) -> Self {
        self.cap = bytes;
        self
    }

    /// How many redirects may be followed; none for a signed request.
    pub fn hops(mut self, hops: usize) -> Self {
        self.hops = hops;
        self
    }

    /// Follows no redirect but gives it back as [`FetchError::Status`], for callers to whom it matters
    /// how they got there. Each step is then a call of its own, checked like the first.
    pub fn unfollowed(mut self) -> Self {
        self.unfollowed = true;
        self
    }

    /// Makes the call. Answers 2xx and 304 are [`Fetched`], all others errors.
    pub async fn send(self) -> Result<Fetched, FetchError> {
        if self.misheard {
            return Err(FetchError::Malformed);
        }
        let answer = async {
            let (response, url) = self.reach().await?;
            self.hear(response, url).await
        };
        timeout(self.deadline, answer)
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }

    /// Makes the call and leaves the body to be taken in pieces, for what is too large for memory. The
    /// deadline holds for all of it, and no piece may take longer than `idle`.
    pub async fn open(self, idle: Duration) -> Result<Opened, FetchError> {
        if self.misheard {
            return Err(FetchError::Malformed);
        }
        let deadline = Instant::now() + self.deadline;
        let head = timeout_at(deadline.min(Instant::now() + idle), self.reach()).await;
        let (response, url) = head.unwrap_or(Err(FetchError::Timeout))?;
        if !response.status().is_success() {
            let heard = timeout_at(deadline, self.hear(response, url)).await;
            return match heard.unwrap_or(Err(FetchError::Timeout)) {
                Ok(_) => Err(FetchError::Malformed),
                Err(error) => Err(error),
            };
        }
        Ok(Opened {
            status: response.status(),
            headers: response.headers().clone(),
            response,
            deadline,
            idle,
        })
    }

    async fn reach(&self) -> Result<(reqwest::Response, Url), FetchError> {
        let mut url = Url::parse(&self.url).map_err(|_| FetchError::Malformed)?;
        let mut headers = self.headers.clone();
        for _ in 0..=self.hops {
            let way = self.client.way_to(&url, self)?;
            let response = way
                .request(self.method.clone(), url.clone())
                .headers(headers.clone())
                .body(self.body.clone())
                .send()
                .await
                .map_err(FetchError::of)?;
            if self.unfollowed || !is_redirect(response.status()) {
                return Ok((response, url));
            }
            if self.method != Method::GET {
                return Err(FetchError::BadRedirect);
            }
            let next = next_hop(&url, response.headers())?;
            if next.origin() != url.origin() {
                headers = harmless(&headers);
            }
            url = next;
        }
        Err(FetchError::BadRedirect)
    }

    async fn hear(&self, response: reqwest::Response, url: Url) -> Result<Fetched, FetchError> {
        let status = response.status();
        let headers = response.headers().clone();
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            let body = whole_body(response, self.cap).await?;
            return Ok(Fetched {
                status,
                headers,
                body,
                final_url: url,
            });
        }
        let head = head_of_body(response).await;
        Err(FetchError::Status(Box::new(ErrorAnswer {
            status: status.as_u16(),
            headers,
            head,
        })))
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads; whether we may go there is checked like the first address.
fn next_hop(from: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let next = headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| from.join(location).ok())
        .ok_or(FetchError::BadRedirect)?;
    // What was asked for in confidence must not be answered in the open.
    if from.scheme() == "https" && next.scheme() == "http" {
        return Err(FetchError::BadRedirect);
    }
    Ok(next)
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    let kept = HARMLESS
        .into_iter()
        .filter_map(|name| Some((headers.get(&name)?.clone(), name)))
        .map(|(value, name)| (name, value));
    kept.collect()
}

/// The body, or an error as soon as it proves larger than `cap`.
async fn whole_body(mut response: reqwest::Response, cap: usize) -> Result<Bytes, FetchError> {
    let too_large = FetchError::TooLarge { cap };
    if response
        .content_length()
        .is_some_and(|length| length > cap as u64)
    {
        return Err(too_large);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(FetchError::interrupted)? {
        if body.len() + chunk.len() > cap {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The beginning of an error answer, as far as it came: the status is what matters.
async fn head_of_body(mut response: reqwest::Response) -> Bytes {
    let mut head = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = HEAD_OF_ERROR - head.len();
        head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if head.len() == HEAD_OF_ERROR {
            break;
        }
    }
    head.freeze()
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// 2xx, or 304 to a conditional call.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Bytes,
    /// Where it was found in the end.
    pub final_url: Url,
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Opened {
    /// 2xx.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    response: reqwest::Response,
    deadline: Instant,
    idle: Duration,
}

impl Opened {
    /// The next piece of the body; none at its end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        let until = self.deadline.min(Instant::now() + self.idle);
        match timeout_at(until, self.response.chunk()).await {
            Ok(piece) => piece.map_err(FetchError::interrupted),
            Err(_) => Err(FetchError::Timeout),
        }
    }
}

/// An answer that is none: what the other server said instead.
#[derive(Clone, Debug)]
pub struct ErrorAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers, such as `Retry-After` and `Date`.
    pub headers: HeaderMap,
    /// The beginning of its body.
    pub head: Bytes,
}

/// Why a call was refused before it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither https nor, where allowed, http.
    Scheme,
    /// A name or password in the address.
    Credentials,
    /// A port not reached on public hosts.
    Port,
    /// A private or otherwise special address.
    Address,
}

/// Why there is no answer.
///
/// The text is for people and tells nothing of our network; the chain of sources is for the log.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The address, or a header, cannot be sent.
    #[error("địa chỉ không đúng dạng")]
    Malformed,
    /// We do not connect there.
    #[error("địa chỉ này không được phép kết nối")]
    Refused(Refusal),
    /// No such host, nobody listening, or the line broke before an answer.
    #[error("không kết nối được")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// Somebody answered, but without a certificate that we trust.
    #[error("không xác minh được chứng thư bảo mật của máy chủ")]
    Untrusted(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer broke off or could not be unpacked.
    #[error("phản hồi bị ngắt giữa chừng")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// Not done by the deadline.
    #[error("quá thời gian chờ")]
    Timeout,
    /// The body is larger than asked for.
    #[error("phản hồi vượt quá {cap} byte")]
    TooLarge {
        /// How large it might have been.
        cap: usize,
    },
    /// Too many redirects, one to nowhere, from https to http, or of something sent.
    #[error("chuyển hướng không được chấp nhận")]
    BadRedirect,
    /// Another status than 2xx or 304.
    #[error("máy chủ trả lời mã {}", .0.status)]
    Status(Box<ErrorAnswer>),
}

impl FetchError {
    /// What reqwest's error means to us.
    fn of(error: reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::Malformed;
        }
        if has_cause::<NotPublic>(&error) {
            return Self::Refused(Refusal::Address);
        }
        if error.is_timeout() {
            return Self::Timeout;
        }
        let is_tls = has_cause::<rustls::Error>(&error);
        let error = Box::new(error.without_url());
        if is_tls {
            Self::Untrusted(error)
        } else {
            Self::Unreachable(error)
        }
    }

    fn interrupted(error: reqwest::Error) -> Self {
        Self::Interrupted(Box::new(error.without_url()))
    }

    /// The status that was answered, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status(answer) => Some(answer.status),
            _ => None,
        }
    }

    /// The problem document that was answered, if it was one.
    pub fn problem(&self) -> Option<Problem> {
        let Self::Status(answer) = self else {
            return None;
        };
        let kind = answer.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        if !kind.starts_with(crate::problem::CONTENT_TYPE) {
            return None;
        }
        serde_json::from_slice(&answer.head).ok()
    }

    /// Whether the other side was not reached: nothing was decided there and the cursor waits.
    /// A gateway's error without a problem document of ours is distance as well.
    pub fn is_distance(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Untrusted(_) | Self::Interrupted(_) | Self::Timeout => {
                true
            }
            Self::Status(answer) => matches!(answer.status, 502..=504) && self.problem().is_none(),
            _ => false,
        }
    }

    /// Whether the same call may succeed later without a person acting.
    pub fn should_retry(&self) -> bool {
        self.is_distance()
            || match self.problem() {
                Some(problem) => problem.should_retry(),
                None => self
                    .status()
                    .is_some_and(|status| ProblemKind::for_status(status).is_retryable()),
            }
    }

    /// How long the other side asks us to wait, from `Retry-After` in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let Self::Status(answer) = self else {
            return None;
        };
        let seconds = answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        seconds.trim().parse().ok().map(Duration::from_secs)
    }
}

/// Whether a `T` is among the causes, also where an I/O error wraps it.
fn has_cause<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if cause.is::<T>() {
            return true;
        }
        next = match cause.downcast_ref::<std::io::Error>() {
            // An I/O error's `source` skips the error it wraps.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => cause.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests;
