//! A signed request: headers of strangers, and a good request with something changed.
#![no_main]

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use shared::log::keys::SigningKey;
use shared::sync::message_signature::{
    Content, Nonce, ReceivedRequest, sign_request, verify_request,
};

const BODY: &[u8] = br#"{"v":1}"#;
const TARGET: &str = "https://quangngai.example/v1/inbox";

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((first, rest)) if first % 2 == 0 => strangers_headers(rest),
        Some((_, rest)) => a_good_request_changed(rest),
        None => {}
    }
});

fn now() -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(1_795_395_600, 0).expect("a time")
}

/// Headers of a stranger's making, a line each. The key exists, but the stranger does not have it.
fn strangers_headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(16) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name),
            HeaderValue::from_bytes(value),
        ) {
            headers.append(name, value);
        }
    }
    let ours = SigningKey::from_seed(&[7; 32]).public_key();
    let request = ReceivedRequest {
        method: &Method::POST,
        target_uri: TARGET,
        headers: &headers,
        body: BODY,
    };
    assert!(verify_request(&request, |_| Some(ours), now()).is_err());
}

/// A good request after changes: three bytes each say where, and what is put there. If it still counts,
/// then what it means must not have changed.
fn a_good_request_changed(changes: &[u8]) {
    let key = SigningKey::from_seed(&[7; 32]);
    let target = url::Url::parse(TARGET).expect("an address");
    let content = Content {
        content_type: "application/json",
        body: BODY,
    };
    let nonce = Nonce::from_bytes([5; 18]);
    let signed = sign_request(&Method::POST, &target, Some(content), &key, now(), &nonce)
        .expect("signs");
    let mut parts: Vec<(HeaderName, Vec<u8>)> = signed
        .iter()
        .map(|(name, value)| (name.clone(), value.as_bytes().to_vec()))
        .collect();
    parts.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
    let mut body = BODY.to_vec();
    let mut uri = TARGET.as_bytes().to_vec();
    for change in changes.chunks_exact(3).take(8) {
        let count = parts.len() + 2;
        let part = match usize::from(change[0]) % count {
            0 => &mut body,
            1 => &mut uri,
            other => &mut parts[other - 2].1,
        };
        let place = usize::from(change[1]) % part.len().max(1);
        match change[0] >> 6 {
            0 => {
                part.remove(place);
            }
            1 => part.insert(place, change[2]),
            _ => part[place] = change[2],
        }
        if part.is_empty() {
            return;
        }
    }
    let Ok(uri) = String::from_utf8(uri) else {
        return;
    };
    let mut headers = HeaderMap::new();
    for (name, value) in parts {
        let Ok(value) = HeaderValue::from_bytes(&value) else {
            return;
        };
        headers.append(name, value);
    }
    let request = ReceivedRequest {
        method: &Method::POST,
        target_uri: &uri,
        headers: &headers,
        body: &body,
    };
    if let Ok(verified) = verify_request(&request, |id| (*id == key.id()).then(|| key.public_key()), now()) {
        assert_eq!(body, BODY, "another body counts");
        assert_eq!(uri, TARGET, "another address counts");
        assert_eq!(verified.nonce.as_str(), nonce.as_str(), "another nonce counts");
        assert_eq!(verified.created, now());
        let told = headers.get("content-type").map(|value| value.as_bytes().trim_ascii().to_vec());
        assert_eq!(told.as_deref(), Some(&b"application/json"[..]), "another media type counts");
    }
}
