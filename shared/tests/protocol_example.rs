//! The worked example of docs/protocol.md, read by the code it describes.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use chrono::DateTime;
use serde_json::Value;
use shared::entries::Item;
use shared::log::keys::SigningKey;
use shared::log::{Digest, canonical};
use shared::sync::batch::{Batch, from_item};
use shared::sync::message_signature::{
    ReceivedAnswer, ReceivedRequest, verify_request, verify_response,
};
use shared::sync::{Receipt, enrol};

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// The first line of the document that begins with `start`.
fn line(start: &str) -> &'static str {
    DOCUMENT
        .lines()
        .find(|line| line.starts_with(start))
        .unwrap_or_else(|| panic!("no line begins with {start}"))
}

fn key(first: u8) -> SigningKey {
    SigningKey::from_seed(&std::array::from_fn(|i| first + i as u8))
}

fn headers(content_type: &'static str, body: &str, tag: &str) -> HeaderMap {
    use base64::Engine;
    let digest = base64::engine::general_purpose::STANDARD.encode(Digest::of(body).as_bytes());
    let input = DOCUMENT
        .lines()
        .find(|line| line.starts_with("sig=(") && line.ends_with(&format!("tag=\"{tag}\"")))
        .expect("an input");
    let after = DOCUMENT.split_once(input).expect("found").1;
    let signature = after
        .lines()
        .find(|line| line.starts_with("sig=:"))
        .expect("a signature");
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    headers.insert(
        "content-digest",
        HeaderValue::try_from(format!("sha-256=:{digest}:")).expect("ASCII"),
    );
    headers.insert("signature-input", HeaderValue::from_static(input));
    headers.insert("signature", HeaderValue::from_static(signature));
    headers
}

#[test]
fn the_example_of_the_protocol_is_what_the_code_takes_and_makes() {
    let (commune, hub) = (key(0), key(32));
    assert!(line("commune key id").ends_with(&commune.id().to_string()));
    assert!(line("hub key id").ends_with(&hub.id().to_string()));
    assert!(enrol::is_code_of(
        "XXXX-XXXX-XXXX-XXXX-EABA487FEF066811C4FB",
        &hub.id()
    ));

    let body = line(r#"{"_lien_cong":{"after":0"#);
    let batch = Batch::parse(body.as_bytes()).expect("a batch");
    let parts = from_item(batch.items[0].clone()).expect("an item");
    assert!(parts.signed.is_signed_by(&commune.public_key()));
    assert_eq!(parts.signed.bytes, line(r#"{"content":"sha-256:"#));
    let content = parts.content.expect("a content");
    let bytes = canonical::to_canonical(&content).expect("canonical");
    assert_eq!(bytes, line(r#"{"_entry":"#).as_bytes());
    assert_eq!(Some(Digest::of(&bytes)), parts.signed.header.content);
    let entry = parts.signed.header.entry.expect("an entry");
    Item::read(&content, entry).expect("within bounds");

    let second: Value = serde_json::from_str(line(r#"{"entry":"#)).expect("JSON");
    use base64::Engine;
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(line("E2AD"))
        .expect("base64url");
    let second = shared::log::SignedHeader::parse(&second, signature).expect("a header");
    assert!(second.is_signed_by(&commune.public_key()));
    assert_eq!(second.header.prev, Some(parts.signed.digest()));
    assert!(DOCUMENT.contains(&second.digest().to_string()));
    let again = parts.signed.header.clone().sign(&commune).expect("signs");
    assert_eq!(again.signature, parts.signed.signature);

    let now = DateTime::from_timestamp(1_795_395_600, 0).expect("a time");
    let request = headers("application/feed+json", body, "lien-cong-v1");
    let verified = verify_request(
        &ReceivedRequest {
            method: &Method::POST,
            target_uri: "https://quangngai.example/v1/inbox",
            headers: &request,
            body: body.as_bytes(),
        },
        |id| (*id == commune.id()).then(|| commune.public_key()),
        now,
    )
    .expect("a valid request");

    let receipt = line(r#"{"cursor":1"#);
    let read: Receipt = serde_json::from_str(receipt).expect("a receipt");
    assert_eq!(read.outcomes[0].digest, Some(parts.signed.digest()));
    let answer = headers("application/json", receipt, "lien-cong-v1-answer");
    verify_response(
        &ReceivedAnswer {
            status: StatusCode::OK,
            headers: &answer,
            body: receipt.as_bytes(),
        },
        &verified.nonce,
        |id| (*id == hub.id()).then(|| hub.public_key()),
        now,
    )
    .expect("a valid answer");
}
