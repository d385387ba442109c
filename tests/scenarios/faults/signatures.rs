//! Requests altered by a bit, by a header, by an algorithm: none counts, none brings the server down.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use rand::RngExt;
use tests::faulty_peer::{ACCEPTED, Signed, outcomes};
use tests::{Backend, Chance, Province, bounded, measured, rounds};

/// What of a request can be altered.
const SIGNED: [&str; 4] = [
    "signature",
    "signature-input",
    "content-digest",
    "content-type",
];

#[tokio::test]
async fn an_altered_request_counts_for_nothing() {
    bounded(async {
        let mut chance = Chance::begin();
        let mut province = Province::found(Backend::Sqlite).await;
        let mut peer = province.faulty_peer("xã Kon Braih").await;
        let neighbour = province.faulty_peer("xã Đăk Kôi").await;
        let item = peer.says(peer.article("Tin"));
        let batch = peer.batch(vec![item.clone()]);
        let before = province.records().await;
        let rounds = rounds(3_000, 100_000);
        let (mut good, mut refused, mut unsendable) = (peer.request(&batch), 0, 0);
        for round in 0..rounds {
            if round % 500 == 499 {
                // Signed afresh: the times in it are checked before the signature.
                good = peer.request(&batch);
            }
            let altered = match round % 4 {
                0 => some_tricks(&good, &neighbour.request(&batch), &mut chance),
                _ => with_a_bit_turned(&good, &mut chance),
            };
            let Some(altered) = altered else {
                unsendable += 1;
                continue;
            };
            match peer.try_send(&altered).await {
                Ok(answer) => {
                    assert!(
                        (400..500).contains(&answer.status),
                        "{} {}
{:?}
is an alteration of
{:?}
body altered: {}",
                        answer.status,
                        answer.text(),
                        altered.headers,
                        good.headers,
                        altered.body != good.body,
                    );
                    refused += 1;
                }
                Err(error) if error.is_connect() => panic!("nobody is there: {error}"),
                Err(_) => unsendable += 1,
            }
        }
        let changes = province.records().await.changes_since(&before);
        assert_eq!(changes, Vec::<String>::new());
        assert!(province.hub.is_running());
        assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED], "the true one counts");
        measured(
            "G12",
            &format!("{rounds} alterations of a signed request: {refused} refused, 0 accepted, 0 crashes ({unsendable} that HTTP cannot carry)"),
        );
    })
    .await;
}

/// One bit of what was signed, or of the signature, turned over.
fn with_a_bit_turned(good: &Signed, chance: &mut Chance) -> Option<Signed> {
    let mut altered = good.clone();
    match chance.random_range(0..8) {
        0 => {
            let at = chance.random_range(0..altered.body.len());
            altered.body[at] ^= 1 << chance.random_range(0..8);
        }
        1 => {
            let mut path = altered.target.path().as_bytes().to_vec();
            let at = chance.random_range(1..path.len());
            path[at] ^= 1 << chance.random_range(0..7);
            let path = String::from_utf8(path).ok()?;
            altered.target.set_path(&path);
            // A '?' would begin a query, a '.' may vanish: both are other addresses.
            if altered.target.path() == good.target.path() {
                return None;
            }
        }
        _ => {
            let name = SIGNED[chance.random_range(0..SIGNED.len())];
            let mut value = altered.headers.get(name)?.as_bytes().to_vec();
            let at = chance.random_range(0..value.len());
            value[at] ^= 1 << chance.random_range(0..8);
            // RFC 9651 lets a reader overlook the spare bits of base64: that is the same signature.
            if name == "signature"
                && signature_in(&value) == signature_in(good.headers.get(name)?.as_bytes())
            {
                return None;
            }
            put(&mut altered.headers, name, &value)?;
        }
    }
    Some(altered)
}

/// The bytes of the signature in a header of ours, if it still has the form of one.
fn signature_in(header: &[u8]) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let coded = header.strip_prefix(b"sig=:")?.strip_suffix(b":")?;
    LENIENT.decode(coded).ok()
}

/// What those try who know how signatures are checked.
fn some_tricks(good: &Signed, neighbours: &Signed, chance: &mut Chance) -> Option<Signed> {
    let mut altered = good.clone();
    let text = |headers: &HeaderMap, name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let input = text(&good.headers, "signature-input")?;
    let signature = text(&good.headers, "signature")?;
    let headers = &mut altered.headers;
    match chance.random_range(0..16) {
        0 => put(
            headers,
            "signature-input",
            input.replace("ed25519", "hmac-sha256").as_bytes(),
        )?,
        1 => put(
            headers,
            "signature-input",
            input.replace("ed25519", "none").as_bytes(),
        )?,
        2 => put(
            headers,
            "signature-input",
            input.replace(";alg=\"ed25519\"", "").as_bytes(),
        )?,
        3 => put(headers, "signature", b"sig=::")?,
        4 => put(
            headers,
            "signature",
            format!("{signature}, {signature}").as_bytes(),
        )?,
        5 => put(
            headers,
            "signature-input",
            format!("{input}, {input}").as_bytes(),
        )?,
        // The neighbour's name on our signature, and the other way round.
        6 => put(
            headers,
            "signature-input",
            text(&neighbours.headers, "signature-input")?.as_bytes(),
        )?,
        7 => put(
            headers,
            "signature",
            text(&neighbours.headers, "signature")?.as_bytes(),
        )?,
        // A component less, one twice, one nobody sent.
        8 => put(
            headers,
            "signature-input",
            input.replace(" \"content-digest\"", "").as_bytes(),
        )?,
        9 => put(
            headers,
            "signature-input",
            input
                .replace("\"@method\"", "\"@method\" \"@method\"")
                .as_bytes(),
        )?,
        10 => put(
            headers,
            "signature-input",
            input
                .replace("\"@method\"", "\"@method\" \"x-there-is-none\"")
                .as_bytes(),
        )?,
        11 => put(
            headers,
            "signature-input",
            input
                .replace("lien-cong-v1", "lien-cong-v1-answer")
                .as_bytes(),
        )?,
        12 => {
            headers.append("content-digest", HeaderValue::from_static("sha-256=:AAAA:"));
        }
        13 => {
            headers.remove("content-digest");
        }
        14 => altered.method = Method::PUT,
        _ => put(headers, "content-digest", b"sha-512=:AAAA:")?,
    }
    Some(altered)
}

fn put(headers: &mut HeaderMap, name: &str, value: &[u8]) -> Option<()> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    headers.insert(name, HeaderValue::from_bytes(value).ok()?);
    Some(())
}
