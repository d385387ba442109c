//! Signed requests and answers between peers: what every exchange of the protocol goes through.

use super::message_signature::{
    self, Content, Nonce, ReceivedAnswer, ReceivedRequest, SignatureError, Verified,
};
use super::peer;
use crate::directory::{Directory, KnownKey, Purpose, Standing};
use crate::error::{Error, Result};
use crate::http_client::{Allow, FetchError, Fetched};
use crate::log::keys::{KeyId, PublicKey, SigningKey};
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// The media type of everything that is not a batch.
pub const JSON: &str = "application/json";
/// What is noted of an answer that does not prove to come from the peer.
pub const UNPROVED: &str = "answer-unproved";
/// The largest answer taken from a peer, in bytes.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Who sent a request: a peer we exchange with, proved by its signature.
#[derive(Clone, Debug)]
pub struct SignedBy {
    /// The peer.
    pub peer: peer::Model,
    /// The signature, with the nonce to use up.
    pub verified: Verified,
}

/// Finds out who sent a request and checks that it may be heard at all. Writes nothing; the caller
/// uses the nonce up in the transaction of what the request does.
pub async fn authenticate(site: &Site, parts: &Parts, body: &[u8]) -> Result<SignedBy> {
    let signed = recognise(site, parts, body).await?;
    if signed.peer.is_doubled() {
        return Err(doubled().into());
    }
    Ok(signed)
}

/// Reads a request of at most `largest` bytes and finds out who sent it, as [`authenticate`] does.
pub async fn open(site: &Site, request: Request, largest: usize) -> Result<(SignedBy, Vec<u8>)> {
    let (parts, body) = request.into_parts();
    let body = read_body(body, largest).await?;
    let signed = authenticate(site, &parts, &body).await?;
    Ok((signed, body))
}

/// What both machines are told that run one site.
pub fn doubled() -> Problem {
    let what =
        "Hai máy đang cùng chạy trang này, nên tạm ngừng trao đổi với cả hai. Hãy tắt hẳn một máy.";
    Problem::new(ProblemKind::SiteDoubled)
        .detail(what)
        .retry_after(WHILE_DOUBLED)
}

/// [`authenticate`] for greetings, by which a site for which two machines spoke shows that one does.
pub async fn recognise(site: &Site, parts: &Parts, body: &[u8]) -> Result<SignedBy> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let target_uri = message_signature::target_uri(&site.profile.base_url, path);
    let request = ReceivedRequest {
        method: &parts.method,
        target_uri: &target_uri,
        headers: &parts.headers,
        body,
    };
    let now = site.clock.now();
    // Asked with no keys at all, the verifier names the one it needs.
    let key_id = match message_signature::verify_request(&request, |_| None, now) {
        Err(SignatureError::UnknownKey(key_id)) => key_id,
        Err(error) => return Err(refusal(&error)),
        Ok(_) => return Err(ProblemKind::SignatureInvalid.into()),
    };
    let directory = Directory::load(site.db.reader(), std::slice::from_ref(&key_id)).await?;
    let key = directory.key(&key_id);
    if let Some(known) = key
        && !known.speaks_at(now)
    {
        return Err(out_of_use(known, now).into());
    }
    if key.is_none() {
        site.links.note_unknown_key();
    }
    let public = key.map(|key| key.public);
    let verified =
        message_signature::verify_request(&request, |_| public, now).map_err(|e| refusal(&e))?;
    let site_id = key.map(|key| key.site_id).unwrap_or_default();
    let peer = peer::find(site.db.reader(), site_id)
        .await?
        .ok_or(ProblemKind::UnknownSite)?;
    if !peer.is_active() || !directory.site(site_id).is_some_and(|site| site.is_heard()) {
        // Who is resumed is to be back soon, also where it can only ask.
        return Err(Problem::new(ProblemKind::SiteSuspended)
            .retry_after(WHILE_SUSPENDED)
            .into());
    }
    Ok(SignedBy { peer, verified })
}

/// When a suspended site is to ask again.
const WHILE_SUSPENDED: Duration = Duration::from_secs(15);
/// When a site for which two machines speak is to try again.
pub const WHILE_DOUBLED: Duration = Duration::from_secs(60);

/// What the sender is told whose key is not in use.
fn out_of_use(key: &KnownKey, now: DateTime<Utc>) -> Problem {
    let what = match (key.purpose, key.standing(now)) {
        (Purpose::Site, Standing::Revoked) => {
            "Khóa của trang đã bị cổng tỉnh thu hồi. Xin mã kết nối mới của quản trị tỉnh (hub invite --again), rồi chạy: member-site rekey --hub … --code …"
        }
        (Purpose::Site, Standing::Retired) => {
            "Khóa của trang đã được thay bằng khóa khác và hết thời gian dùng chung. Nếu khóa mới không còn, xin mã kết nối mới của quản trị tỉnh, rồi chạy: member-site rekey --hub … --code …"
        }
        (Purpose::Site, Standing::Coming | Standing::Valid) => "Khóa này chưa đến ngày được dùng.",
        _ => "Khóa này không dùng để ký yêu cầu.",
    };
    Problem::new(ProblemKind::KeyRevoked).detail(what)
}

/// What a sender is told about a signature that was not accepted.
pub fn refusal(error: &SignatureError) -> Error {
    let kind = ProblemKind::ALL
        .iter()
        .copied()
        .find(|kind| kind.slug() == error.slug())
        .unwrap_or(ProblemKind::SignatureInvalid);
    Problem::new(kind).detail(error.to_string()).into()
}

/// A signed answer.
pub fn answer(
    site: &Site,
    nonce: &Nonce,
    content_type: &str,
    body: Vec<u8>,
) -> Result<Response<Body>> {
    answer_with(site, &site.key.current(), nonce, content_type, body)
}

/// An answer signed with a key of the site other than the one it signs with.
pub fn answer_with(
    site: &Site,
    key: &SigningKey,
    nonce: &Nonce,
    content_type: &str,
    body: Vec<u8>,
) -> Result<Response<Body>> {
    let content = Content {
        content_type,
        body: &body,
    };
    let headers =
        message_signature::sign_response(StatusCode::OK, content, nonce, key, site.clock.now())
            .map_err(anyhow::Error::new)?;
    let mut response = Response::new(Body::from(body));
    *response.headers_mut() = headers;
    Ok(response)
}

/// What a peer said to a request of ours.
#[derive(Debug)]
pub enum Answer {
    /// It answered, and the answer is its own.
    Told(Vec<u8>),
    /// It understood and declined.
    Problem(Problem),
    /// Nothing that proves to come from the peer.
    Nothing {
        /// What went wrong, by slug.
        slug: &'static str,
        /// In words.
        detail: String,
    },
}

/// One request to a peer.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// GET or POST.
    pub method: Method,
    /// Path and query, from the peer's base URL.
    pub path: &'a str,
    /// Media type and body of a POST.
    pub content: Option<Content<'a>>,
    /// How long to wait for the answer.
    pub deadline: Duration,
}

/// The keys and address of a peer.
#[derive(Clone, Debug)]
pub struct Correspondent {
    base: Url,
    keys: HashMap<KeyId, PublicKey>,
    // A peer may sit on the province's own network: its host is reached, not its network.
    allow: Allow,
}

impl Correspondent {
    /// Loads what is known of `site_id`.
    pub async fn load(site: &Site, site_id: Uuid) -> Result<Self> {
        let db = site.db.reader();
        let record = crate::directory::site_record::find(db, site_id)
            .await?
            .ok_or_else(|| anyhow::anyhow!("no site {site_id}"))?;
        let mut keys = HashMap::new();
        let now = site.clock.now();
        for key in crate::directory::keys_of(db, site_id).await? {
            if key.speaks_at(now) {
                keys.insert(key.public.id(), key.public);
            }
        }
        let base = Url::parse(&record.base_url).map_err(anyhow::Error::new)?;
        let allow = Allow::origin(&base);
        Ok(Self { base, keys, allow })
    }

    /// Where it answers.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// What may be reached to reach it.
    pub(super) fn allow(&self) -> &Allow {
        &self.allow
    }

    /// The keys it may answer with.
    pub fn keys(&self) -> &HashMap<KeyId, PublicKey> {
        &self.keys
    }

    /// Sends a signed request and returns the answer if it proves to be the peer's own. Anything
    /// else, whatever its status, says nothing about what was sent.
    pub async fn exchange(&self, site: &Site, exchange: Exchange<'_>) -> Result<Answer> {
        self.exchange_with(site, exchange, &site.key.current())
            .await
    }

    /// [`exchange`](Self::exchange) with a key of the site other than the one it signs with.
    pub async fn exchange_with(
        &self,
        site: &Site,
        exchange: Exchange<'_>,
        key: &SigningKey,
    ) -> Result<Answer> {
        let (nonce, sent) = self.send(site, exchange, key).await?;
        let fetched = match sent {
            Ok(fetched) => fetched,
            Err(error) if error.status().is_some() => return Ok(declined(&error)),
            Err(error) => {
                return Ok(Answer::Nothing {
                    slug: "unreachable",
                    detail: error.to_string(),
                });
            }
        };
        let proof = self.prove(site, &fetched, &nonce);
        match proof {
            Ok(_) => Ok(Answer::Told(fetched.body.to_vec())),
            Err(error) => Ok(Answer::Nothing {
                slug: UNPROVED,
                detail: format!("Câu trả lời không phải của bên nhận: {error}"),
            }),
        }
    }

    /// Sends a request signed with `key`; what comes back, before anybody asks whose it is.
    pub(super) async fn send(
        &self,
        site: &Site,
        exchange: Exchange<'_>,
        key: &SigningKey,
    ) -> Result<(Nonce, std::result::Result<Fetched, FetchError>)> {
        let target = self.base.join(exchange.path).map_err(anyhow::Error::new)?;
        let nonce = Nonce::generate().map_err(anyhow::Error::new)?;
        let headers = message_signature::sign_request(
            &exchange.method,
            &target,
            exchange.content,
            key,
            site.clock.now(),
            &nonce,
        )
        .map_err(anyhow::Error::new)?;
        let request = match exchange.content {
            Some(content) => {
                site.http
                    .post(target.as_str(), content.content_type, content.body.to_vec())
            }
            None => site.http.get(target.as_str()),
        };
        let sent = request
            .headers(headers)
            .cap(LARGEST_ANSWER)
            .allow(&self.allow)
            .hops(0)
            .deadline(exchange.deadline)
            .send()
            .await;
        Ok((nonce, sent))
    }

    /// Whether an answer is the peer's own, and to the request with `nonce`.
    pub(super) fn prove(
        &self,
        site: &Site,
        fetched: &Fetched,
        nonce: &Nonce,
    ) -> std::result::Result<Verified, SignatureError> {
        let received = ReceivedAnswer {
            status: fetched.status,
            headers: &fetched.headers,
            body: &fetched.body,
        };
        message_signature::verify_response(
            &received,
            nonce,
            |id| self.keys.get(id).cloned(),
            site.clock.now(),
        )
    }
}

fn declined(error: &FetchError) -> Answer {
    match error.problem() {
        Some(problem) => Answer::Problem(problem),
        None => Answer::Nothing {
            slug: "unexpected-status",
            detail: format!("Máy chủ trả lời không theo giao thức: {error}"),
        },
    }
}

/// Reads the body of a request to the protocol's addresses.
pub async fn read_body(body: Body, largest: usize) -> Result<Vec<u8>> {
    let bytes = axum::body::to_bytes(body, largest)
        .await
        .map_err(|_| Error::from(ProblemKind::TooLarge))?;
    Ok(bytes.to_vec())
}
