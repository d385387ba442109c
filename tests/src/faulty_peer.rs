//! A peer with a real key and a real invitation that says what it should not.
//!
//! It speaks the wire with `shared`'s own signing and nothing else of a site: no database, no log but
//! the one in its memory. So it can say exactly one wrong thing and leave all the rest in order.

use crate::visitor::client;
use anyhow::Context;
use axum::http::{HeaderMap, Method};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::log::keys::{KeyId, PublicKey, SigningKey};
use shared::log::{Digest, EventKind, Header, Lane, SignedHeader};
use shared::problem::{Problem, ProblemKind};
use shared::sync::batch::{self, Batch};
use shared::sync::core::runs::Ticket;
use shared::sync::enrol::{self, Introduction, Welcome};
use shared::sync::greeting::{self, Greeting, GreetingAnswer};
use shared::sync::message_signature::{self, Content, Nonce, ReceivedAnswer};
use shared::sync::peer::LinkMode;
use shared::sync::wire::JSON;
use shared::sync::{Outcome, Reason, Receipt, api};
use std::collections::HashMap;
use std::sync::Mutex;
use url::Url;
use uuid::Uuid;

/// A peer that means ill.
#[derive(Debug)]
pub struct FaultyPeer {
    /// Its key.
    pub key: SigningKey,
    /// Its site.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// The hub's site.
    pub hub: Uuid,
    /// The hub's unit.
    pub hub_unit: Uuid,
    /// Its outgoing stream.
    pub stream: Uuid,
    /// Its log.
    pub log: Uuid,
    /// How far the hub has acknowledged its stream.
    pub cursor: i64,
    /// What it says is this run of it, if it says so.
    pub run: Option<Uuid>,
    tickets: Mutex<HashMap<Uuid, Ticket>>,
    hub_url: Url,
    hub_keys: Vec<PublicKey>,
    base_url: Url,
    seq: i64,
    head: Option<Digest>,
    client: reqwest::Client,
}

/// An event before it is signed; all of it can be changed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What is signed.
    pub header: Header,
    /// What the header names by its digest.
    pub content: Option<Value>,
}

/// A signed request, ready to be sent, altered or sent twice.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Method.
    pub method: Method,
    /// Where it goes, and what was signed as its target.
    pub target: Url,
    /// Headers, the signature among them.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
    nonce: Nonce,
}

/// What the hub answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
    /// Whether it is signed by the hub and belongs to the request.
    pub is_proved: bool,
}

impl FaultyPeer {
    /// Joins by the invitation `code`, as any site does.
    pub(crate) async fn enrol(hub_url: Url, code: &str, base_url: &Url) -> Self {
        let key = SigningKey::generate().expect("a key");
        let introduction = Introduction {
            v: 1,
            code: code.to_owned(),
            key: key.public_key(),
            base_url: base_url.origin().ascii_serialization(),
            link: LinkMode::Pull,
            software: "faulty/1".to_owned(),
        };
        let body = serde_json::to_vec(&introduction).expect("JSON");
        let target = hub_url.join(enrol::PATH).expect("a URL");
        let request = sign(&key, Method::POST, target, Some((JSON, body)), now());
        let client = client();
        let answer = send(&client, &request, &[]).await.expect("the hub answers");
        let welcome: Welcome = answer.read().expect("the hub welcomes it");
        Self {
            site: welcome.member.site,
            unit: welcome.member.unit.id,
            hub: welcome.hub.site,
            hub_unit: welcome.hub.unit.id,
            stream: Uuid::now_v7(),
            log: Uuid::now_v7(),
            cursor: 0,
            run: None,
            tickets: Mutex::default(),
            hub_url,
            hub_keys: welcome.hub.keys.iter().map(|known| known.key).collect(),
            base_url: base_url.clone(),
            seq: 0,
            head: None,
            client,
            key,
        }
    }

    // ---- what it says ------------------------------------------------------------------------

    /// An article in good order, next in its log; not signed yet.
    pub fn article(&self, title: &str) -> Draft {
        let entry = Uuid::now_v7();
        self.event(
            EventKind::EntryPublished,
            entry,
            1,
            Some(self.content(entry, title)),
        )
    }

    /// Any event, next in its log; not signed yet.
    pub fn event(&self, kind: EventKind, entry: Uuid, rev: i64, content: Option<Value>) -> Draft {
        Draft {
            header: Header {
                v: 1,
                log: self.log,
                seq: self.seq + 1,
                prev: self.head,
                site: self.site,
                unit: self.unit,
                key: self.key.id(),
                lane: kind.lane(),
                kind,
                entry: Some(entry),
                rev,
                content: content.as_ref().map(digest),
                time: now(),
                to: None,
            },
            content,
        }
    }

    /// The content of an article.
    pub fn content(&self, entry: Uuid, title: &str) -> Value {
        json!({
            "id": format!("urn:uuid:{entry}"),
            "url": self.base_url.join("/bai-viet/x").expect("a URL"),
            "title": title,
            "summary": "Lời dẫn",
            "content_html": "<p>Nội dung</p>",
            "date_published": "2026-11-23T05:00:00Z",
            "language": "vi",
            "_entry": {"kind": "article", "section": "kinh-te"},
        })
    }

    /// Goes on in a new log, as a site does whose database was restored.
    pub fn begins_a_log(&mut self) {
        self.log = Uuid::now_v7();
        self.seq = 0;
        self.head = None;
        self.cursor = 0;
    }

    /// Signs a draft with its own key and goes on from there in its log.
    pub fn says(&mut self, draft: Draft) -> Value {
        self.seq = draft.header.seq;
        let (item, digest) = draft.signed_by(&self.key);
        self.head = Some(digest);
        item
    }

    // ---- how it says it ----------------------------------------------------------------------

    /// A batch of `items` that continues what the hub has of its stream.
    pub fn batch(&self, items: Vec<Value>) -> Batch {
        let through = self.cursor + i64::try_from(items.len()).expect("a count");
        Batch {
            stream: self.stream,
            lane: Lane::Regular,
            from: self.site,
            to: self.hub,
            after: self.cursor,
            through,
            given_at: None,
            head: through,
            items,
        }
    }

    /// Sends `items` and takes the receipt.
    ///
    /// # Panics
    /// When the hub gives none.
    pub async fn push(&mut self, items: Vec<Value>) -> Receipt {
        self.try_push(items).await.expect("a receipt")
    }

    /// The signed request that brings `batch`.
    pub fn request(&self, batch: &Batch) -> Signed {
        let body = batch
            .to_bytes("Trang xấu", self.base_url.as_str())
            .expect("JSON");
        self.signed(api::INBOX, batch::MEDIA_TYPE, body, now())
    }

    /// A signed POST of `body`, signed at `at`.
    pub fn signed(&self, path: &str, media_type: &str, body: Vec<u8>, at: DateTime<Utc>) -> Signed {
        let target = self.hub_url.join(path).expect("a URL");
        sign(
            &self.key,
            Method::POST,
            target,
            Some((media_type, body)),
            at,
        )
    }

    /// A signed GET.
    pub fn question(&self, path: &str) -> Signed {
        let target = self.hub_url.join(path).expect("a URL");
        sign(&self.key, Method::GET, target, None, now())
    }

    /// Sends a request as it is.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, request: &Signed) -> Answer {
        let answer = self.try_send(request).await;
        answer.unwrap_or_else(|error| panic!("{} {}: {error}", request.method, request.target))
    }

    /// Sends a request as it is, or says why nobody answers.
    pub async fn try_send(&self, request: &Signed) -> reqwest::Result<Answer> {
        send(&self.client, request, &self.hub_keys).await
    }

    /// Sends `items` and takes the receipt, if one comes.
    pub async fn try_push(&mut self, items: Vec<Value>) -> anyhow::Result<Receipt> {
        let answer = self.try_send(&self.request(&self.batch(items))).await?;
        let receipt: Receipt = answer.read()?;
        anyhow::ensure!(answer.is_proved, "a receipt nobody signed is no receipt");
        self.cursor = receipt.cursor;
        Ok(receipt)
    }

    /// Greets the hub.
    ///
    /// # Panics
    /// When it does not greet back.
    pub async fn greet(&self) -> GreetingAnswer {
        self.try_greet().await.expect("the hub greets back")
    }

    /// Greets the hub, if it is there.
    pub async fn try_greet(&self) -> anyhow::Result<GreetingAnswer> {
        let greeting = Greeting {
            v: 1,
            stream: self.stream,
            software: "faulty/1".to_owned(),
            time: now(),
            logs: Vec::new(),
            run: self.run,
            ticket: self.given(),
            contact: None,
            views: Vec::new(),
            cases: None,
            accounts: None,
            holds: None,
        };
        let body = serde_json::to_vec(&greeting)?;
        let request = self.signed(greeting::PATH, JSON, body, now());
        let answer: GreetingAnswer = self.try_send(&request).await?.read()?;
        if let (Some(run), Some(ticket)) = (self.run, answer.ticket) {
            self.tickets
                .lock()
                .expect("nobody panicked")
                .insert(run, ticket);
        }
        Ok(answer)
    }

    /// What the run it speaks as was given last.
    fn given(&self) -> Option<Ticket> {
        let tickets = self.tickets.lock().expect("nobody panicked");
        self.run.and_then(|run| tickets.get(&run).copied())
    }

    /// Asks for everything the hub has for it, from the beginning of both lanes.
    pub async fn ask(&self) -> Vec<Batch> {
        let (mut batches, mut places) = (Vec::new(), (Uuid::nil(), 0, 0));
        loop {
            let (stream, urgent, regular) = places;
            let path = format!(
                "{}?stream={stream}&urgent={urgent}&regular={regular}&wait=0",
                api::OUTBOX
            );
            let answer = self.send(&self.question(&path)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let batch = Batch::parse(&answer.body).expect("a batch");
            if batch.items.is_empty() {
                return batches;
            }
            places.0 = batch.stream;
            match batch.lane {
                Lane::Urgent => places.1 = batch.through,
                Lane::Regular => places.2 = batch.through,
            }
            batches.push(batch);
        }
    }

    /// What the hub holds of its log: places and digests of the headers.
    pub async fn held(&self) -> Vec<(i64, Digest)> {
        let mut held: Vec<(i64, Digest)> = Vec::new();
        loop {
            let after = held.last().map_or(0, |(seq, _)| *seq);
            let path = format!("/v1/logs/{}?after={after}", self.log);
            let answer = self.send(&self.question(&path)).await;
            let is_unknown = |problem: Problem| problem.kind == ProblemKind::NotFound;
            if answer.problem().is_some_and(is_unknown) {
                return held;
            }
            let batch = Batch::parse(&answer.body).expect("a batch");
            if batch.items.is_empty() {
                return held;
            }
            let headers = batch.items.into_iter().map(header_of);
            held.extend(headers.map(|signed| (signed.header.seq, signed.digest())));
        }
    }
}

/// The signed header of an item.
///
/// # Panics
/// When it has none.
pub fn header_of(item: Value) -> SignedHeader {
    batch::from_item(item).expect("an item").signed
}

/// The time by which everything here is signed.
pub fn now() -> DateTime<Utc> {
    Clock::system().now()
}

fn digest(content: &Value) -> Digest {
    Digest::of_canonical(content).expect("canonical JSON")
}

impl Draft {
    /// The item signed with `key`, and the digest of its header.
    pub fn signed_by(self, key: &SigningKey) -> (Value, Digest) {
        let entry = self.header.entry;
        let signed = self.header.sign(key).expect("signs");
        let header = serde_json::from_str(&signed.bytes).expect("JSON");
        let item = batch::to_item(header, &signed.signature, entry, self.content, None, false);
        (item, signed.digest())
    }

    /// With another content, named by the header as it should be.
    #[must_use]
    pub fn about(mut self, content: Value) -> Self {
        self.header.content = Some(digest(&content));
        self.content = Some(content);
        self
    }
}

fn sign(
    key: &SigningKey,
    method: Method,
    target: Url,
    content: Option<(&str, Vec<u8>)>,
    at: DateTime<Utc>,
) -> Signed {
    let nonce = Nonce::generate().expect("randomness");
    let signed = content
        .as_ref()
        .map(|(content_type, body)| Content { content_type, body });
    let headers =
        message_signature::sign_request(&method, &target, signed, key, at, &nonce).expect("signs");
    Signed {
        method,
        target,
        headers,
        body: content.map(|(_, body)| body).unwrap_or_default(),
        nonce,
    }
}

async fn send(
    client: &reqwest::Client,
    request: &Signed,
    keys: &[PublicKey],
) -> reqwest::Result<Answer> {
    let response = client
        .request(request.method.clone(), request.target.clone())
        .headers(request.headers.clone())
        .body(request.body.clone())
        .send()
        .await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await?.to_vec();
    let key_of = |id: &KeyId| keys.iter().find(|key| key.id() == *id).copied();
    let received = ReceivedAnswer {
        status,
        headers: &headers,
        body: &body,
    };
    let proof = message_signature::verify_response(&received, &request.nonce, key_of, now());
    Ok(Answer {
        status: status.as_u16(),
        is_proved: proof.is_ok(),
        body,
    })
}

impl Answer {
    /// Reads it, if it is a success.
    pub fn read<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        anyhow::ensure!(self.status == 200, "{} {}", self.status, self.text());
        serde_json::from_slice(&self.body).with_context(|| self.text())
    }

    /// Reads it as a problem, if it is one.
    pub fn problem(&self) -> Option<Problem> {
        (self.status >= 400)
            .then(|| serde_json::from_slice(&self.body).ok())
            .flatten()
    }

    /// Asserts that it is this problem, with this status.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn must_be(&self, kind: ProblemKind) {
        let problem = self.problem();
        let told = problem.as_ref().map(|problem| (problem.kind, self.status));
        assert_eq!(
            told,
            Some((kind, kind.status().as_u16())),
            "{}",
            self.text()
        );
        let said = problem.map(|problem| problem.title).unwrap_or_default();
        assert_eq!(said, kind.title(), "it says in Vietnamese what is wrong");
    }

    /// Its body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What became of the items of a batch, in short: the outcome and the reason.
pub fn outcomes(receipt: &Receipt) -> Vec<(Outcome, Option<Reason>)> {
    receipt
        .outcomes
        .iter()
        .map(|item| (item.outcome, item.reason))
        .collect()
}

/// The outcome of an item that was taken.
pub const ACCEPTED: (Outcome, Option<Reason>) = (Outcome::Accepted, None);
/// The outcome of an item that was there before.
pub const DUPLICATE: (Outcome, Option<Reason>) = (Outcome::Duplicate, None);

/// The outcome of an item that was refused.
pub fn refused(reason: Reason) -> (Outcome, Option<Reason>) {
    (Outcome::Refused, Some(reason))
}
