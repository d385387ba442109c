use super::cli::VerifyArgs;
use super::judge::judge;
use super::original::{Original, ReadError};
use super::*;
use crate::directory::cover::Through;
use crate::directory::{Cover, Cut, KnownKey, Purpose};
use crate::entries::record;
use crate::log::header::VERSION;
use crate::log::keys::SigningKey;
use crate::log::{Digest, EventKind, Header, Lane, SignedHeader};
use crate::testing::{self, TestSite, press};
use clap::Parser;
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

const LOG: Uuid = Uuid::from_u128(1);
const SITE: Uuid = Uuid::from_u128(2);
const WORDS: &[u8] = "Bà con ra đồng.".as_bytes();

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn signed(content: Option<&[u8]>) -> SignedHeader {
    Header {
        v: VERSION,
        log: LOG,
        seq: 3,
        prev: Some(Digest::of(b"before")),
        site: SITE,
        unit: Uuid::from_u128(3),
        key: key().id(),
        lane: Lane::Regular,
        kind: EventKind::EntryPublished,
        entry: Some(Uuid::from_u128(4)),
        rev: 1,
        content: content.map(Digest::of),
        time: testing::noon(),
        to: None,
    }
    .sign(&key())
    .expect("signs")
}

fn known() -> KnownKey {
    KnownKey {
        site_id: SITE,
        public: key().public_key(),
        purpose: Purpose::Site,
        valid_from: 0,
        valid_to: None,
        revoked_at: None,
        cover: Cover::default(),
    }
}

/// Revoked, and believed up to a place of the log.
fn revoked(through: i64) -> KnownKey {
    let cut = Cut {
        logs: vec![Through {
            log: LOG,
            seq: through,
        }],
        ..Cut::default()
    };
    KnownKey {
        revoked_at: Some(1),
        cover: Cover::from(&cut),
        ..known()
    }
}

#[test]
fn what_a_signature_proves() {
    use KeyFound as K;
    use SignatureFound as S;
    use Verdict as V;
    use WordsFound as W;
    let held = |text: &[u8]| Words::Held(text.to_vec());
    let other = KnownKey {
        public: SigningKey::from_seed(&[8; 32]).public_key(),
        ..known()
    };
    let retired = KnownKey {
        valid_to: Some(1),
        ..known()
    };
    let elsewhere = KnownKey {
        site_id: Uuid::from_u128(9),
        ..known()
    };
    let emergency = KnownKey {
        purpose: Purpose::Emergency,
        ..known()
    };
    let cases = [
        (
            "as it was signed",
            Some(known()),
            held(WORDS),
            (S::Fits, K::Counts, W::Same),
            V::Authentic,
        ),
        (
            "a key replaced since",
            Some(retired),
            held(WORDS),
            (S::Fits, K::Counts, W::Same),
            V::Authentic,
        ),
        (
            "one letter changed",
            Some(known()),
            held("Bà con ra đống.".as_bytes()),
            (S::Fits, K::Counts, W::Changed),
            V::Changed,
        ),
        (
            "a blank added",
            Some(known()),
            held("Bà con ra đồng. ".as_bytes()),
            (S::Fits, K::Counts, W::Changed),
            V::Changed,
        ),
        (
            "damaged words",
            Some(known()),
            Words::Altered,
            (S::Fits, K::Counts, W::Changed),
            V::Changed,
        ),
        (
            "erased words",
            Some(known()),
            Words::Absent,
            (S::Fits, K::Counts, W::Gone),
            V::WordsGone,
        ),
        (
            "another key under the name",
            Some(other),
            held(WORDS),
            (S::Broken, K::Counts, W::Same),
            V::Changed,
        ),
        (
            "the key of another site",
            Some(elsewhere),
            held(WORDS),
            (S::Fits, K::NotTheirs, W::Same),
            V::SignerUnknown,
        ),
        (
            "a key for emergencies",
            Some(emergency),
            held(WORDS),
            (S::Fits, K::NotTheirs, W::Same),
            V::SignerUnknown,
        ),
        (
            "no key that is known",
            None,
            held(WORDS),
            (S::Unchecked, K::Unknown, W::Same),
            V::SignerUnknown,
        ),
        (
            "no key, and changed",
            None,
            Words::Altered,
            (S::Unchecked, K::Unknown, W::Changed),
            V::Changed,
        ),
        (
            "revoked before it",
            Some(revoked(2)),
            held(WORDS),
            (S::Fits, K::Revoked, W::Same),
            V::KeyRevoked,
        ),
        (
            "revoked after it",
            Some(revoked(3)),
            held(WORDS),
            (S::Fits, K::StillBelieved, W::Same),
            V::Authentic,
        ),
        (
            "revoked, and changed",
            Some(revoked(2)),
            Words::Altered,
            (S::Fits, K::Revoked, W::Changed),
            V::Changed,
        ),
        (
            "revoked, and erased",
            Some(revoked(2)),
            Words::Absent,
            (S::Fits, K::Revoked, W::Gone),
            V::KeyRevoked,
        ),
    ];
    let signed_words = signed(Some(WORDS));
    for (name, key, words, (signature, of_key, of_words), verdict) in cases {
        let found = judge(&signed_words, key.as_ref(), &words);
        assert_eq!(found.signature, signature, "{name}");
        assert_eq!(found.key, of_key, "{name}");
        assert_eq!(found.words, of_words, "{name}");
        assert_eq!(found.verdict(), verdict, "{name}");
    }

    let silent = signed(None);
    let found = judge(&silent, Some(&known()), &Words::Absent);
    assert_eq!(
        (found.words, found.verdict()),
        (W::NoneSigned, V::Authentic)
    );
    let found = judge(&silent, Some(&known()), &held(WORDS));
    assert_eq!(found.verdict(), V::Changed, "words nobody signed");

    let mut moved = signed_words;
    moved.bytes = moved.bytes.replace("\"rev\":1", "\"rev\":2");
    let found = judge(&moved, Some(&known()), &held(WORDS));
    assert_eq!((found.signature, found.verdict()), (S::Broken, V::Changed));
    assert_eq!(Findings::UNREADABLE.verdict(), V::Changed);
}

/// A commune, known to itself, with an article of two revisions.
async fn commune() -> (TestSite, Uuid) {
    let site = testing::site().await;
    press::introduce(&site, &site).await;
    let id = press::article("Vụ cà phê mới").publish(&site).await;
    press::article("Vụ cà phê mới, đã sửa")
        .lead("Mọi việc thuận lợi.")
        .revise(&site, id, 2)
        .await;
    (site, id)
}

async fn original_of(site: &TestSite, id: Uuid) -> Value {
    let db = site.db.reader();
    let entry = record::find(db, id).await.expect("reads").expect("held");
    let mut events = vec![stored::current(db, &entry).await.expect("looks")];
    if !entry.is_live() {
        events.extend(stored::last_published(db, &entry).await.expect("looks"));
    }
    let events: Vec<_> = events.into_iter().filter_map(|one| one.event).collect();
    let bytes = original::write(db, &entry, &events, ("Trang", "https://x.example"))
        .await
        .expect("writes");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    verify: VerifyArgs,
}

/// What the command says of `file`, with the keys of `site` or the key that is named.
async fn verify(file: &Path, site: Option<&TestSite>, key: Option<&str>) -> Result<(), String> {
    let mut words = vec!["verify".to_owned(), file.display().to_string()];
    match key {
        Some(key) => words.extend(["--key".to_owned(), key.to_owned()]),
        None => words.extend(["--dir".to_owned(), "/nha".to_owned()]),
    }
    let args = Command::parse_from(words).verify;
    assert_eq!(args.dir().is_some(), key.is_none());
    let site = site.map(|site| &***site);
    args.run(site).await.map_err(|error| error.to_string())
}

fn put(folder: &Path, name: &str, document: &Value) -> std::path::PathBuf {
    let path = folder.join(name);
    let text = serde_json::to_string_pretty(document).expect("JSON");
    std::fs::write(&path, text).expect("writes");
    path
}

#[tokio::test]
async fn a_file_that_was_kept_is_proved_and_one_changed_letter_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let (site, id) = commune().await;
    let original = original_of(&site, id).await;
    assert_eq!(original["title"], "Vụ cà phê mới, đã sửa");
    assert_eq!(original["items"][0]["_lien_cong"]["header"]["rev"], 2);
    let whole = put(folder.path(), "ban-ky.json", &original);
    let key = site.key.id().to_string();
    let x = original["_lien_cong"]["sites"][0]["keys"][0]["key"]["x"].clone();
    let x = x.as_str().expect("a key");
    assert_eq!(verify(&whole, Some(&site), None).await, Ok(()));
    assert_eq!(verify(&whole, None, Some(&key)).await, Ok(()));
    assert_eq!(verify(&whole, None, Some(x)).await, Ok(()));
    let single = put(folder.path(), "muc.json", &original["items"][0]);
    assert_eq!(verify(&single, Some(&site), None).await, Ok(()));
    assert_eq!(verify(&single, None, Some(x)).await, Ok(()));
    assert!(
        verify(&single, None, Some(&key)).await.is_err(),
        "a name alone is no key"
    );

    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("a letter of the body", |file| {
            let body = &mut file["items"][0]["content_html"];
            *body = json!(body.as_str().expect("a text").replace("phê", "phe"));
        }),
        ("the title of the item", |file| {
            file["items"][0]["title"] = json!("Vụ cà phê cũ");
        }),
        ("the title above it", |file| {
            file["title"] = json!("Vụ cà phê cũ")
        }),
        ("a member added", |file| {
            file["items"][0]["content_text"] = json!("Lời khác")
        }),
        ("the unit", |file| {
            file["items"][0]["_lien_cong"]["header"]["unit"] = json!(Uuid::from_u128(7));
        }),
        ("the time", |file| {
            file["items"][0]["_lien_cong"]["header"]["time"] = json!("2020-01-01T00:00:00.000Z");
        }),
        ("the signature", |file| {
            file["items"][0]["_lien_cong"]["signature"] = json!("A".repeat(86));
        }),
        ("words said to be erased", |file| {
            file["items"][0]["_lien_cong"]["erased"] = json!(true);
        }),
        ("a number", |file| file["items"][0]["size"] = json!(0.5)),
    ];
    for (name, change) in changes {
        let mut file = original.clone();
        change(&mut file);
        let path = put(folder.path(), "sua.json", &file);
        for (site, key) in [(Some(&site), None), (None, Some(key.as_str()))] {
            let said = verify(&path, site, key).await.expect_err(name);
            assert!(said.starts_with("KHÔNG ĐÚNG"), "{name}: {said}");
        }
    }
    // What lies beside is the word of whoever made the file, and changes nothing.
    let mut beside = original.clone();
    beside["_lien_cong"]["sites"] = json!([]);
    beside["ghi-chu"] = json!("x");
    let path = put(folder.path(), "beside.json", &beside);
    assert_eq!(verify(&path, Some(&site), None).await, Ok(()));

    let stranger = SigningKey::from_seed(&[9; 32]).public_key();
    let said = verify(&whole, None, Some(&stranger.id().to_string())).await;
    assert!(
        said.expect_err("a key nobody used")
            .contains("không có khóa")
    );
    let elsewhere = testing::site().await;
    let said = verify(&whole, Some(&elsewhere), None).await;
    assert!(
        said.expect_err("unknown there")
            .starts_with("KHÔNG XÁC MINH ĐƯỢC")
    );
}

#[tokio::test]
async fn what_was_taken_back_is_kept_as_headers_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (site, id) = commune().await;
    press::recall(&site, id, 2, "Có số điện thoại của dân.").await;
    let original = original_of(&site, id).await;
    assert_eq!(original["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(original["items"][1]["_lien_cong"]["erased"], true);
    assert!(!original.to_string().contains("cà phê"));
    let path = put(folder.path(), "ban-ky.json", &original);
    assert_eq!(verify(&path, Some(&site), None).await, Ok(()));
    let header = put(folder.path(), "muc.json", &original["items"][1]);
    let said = verify(&header, Some(&site), None).await;
    assert!(said.expect_err("no words").starts_with("KHÔNG CÒN LỜI VĂN"));
    let mut filled = original["items"][1].clone();
    filled["content_text"] = json!("Lời bịa");
    let path = put(folder.path(), "bia.json", &filled);
    let said = verify(&path, Some(&site), None).await;
    assert!(said.expect_err("words put in").starts_with("KHÔNG ĐÚNG"));
}

#[tokio::test]
async fn the_file_of_an_entry_in_an_archive_is_read_the_same_way() {
    use crate::archive::export::{Subject, export};
    let folder = tempfile::tempdir().expect("a folder");
    let (site, id) = commune().await;
    let subject = Subject::itself(&site).await.expect("itself");
    let to = folder.path().join("xa.zip");
    let bar = indicatif::ProgressBar::hidden();
    export(&site, subject, &to, false, &bar)
        .await
        .expect("exports");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&to).expect("opens")).expect("a ZIP");
    zip.extract(folder.path()).expect("unpacks");
    let entry = folder.path().join(crate::archive::layout::entry(id));
    let key = site.key.id().to_string();
    assert_eq!(verify(&entry, Some(&site), None).await, Ok(()));
    assert_eq!(
        verify(&entry, None, Some(&key)).await,
        Ok(()),
        "the key lies in keys.json"
    );
    let text = std::fs::read_to_string(&entry).expect("reads");
    std::fs::write(&entry, text.replacen("Vụ cà phê mới.", "Vụ cà phê mới!", 1)).expect("writes");
    let said = verify(&entry, Some(&site), None).await;
    assert!(
        said.expect_err("an earlier revision")
            .starts_with("KHÔNG ĐÚNG")
    );
}

#[tokio::test]
async fn what_is_no_original_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = testing::site().await;
    let cases = [
        ("khong-json", "chào".to_owned(), "không phải là JSON"),
        ("danh-sach", "[]".to_owned(), "không có mục nào"),
        ("trong", "{\"items\":[]}".to_owned(), "không có mục nào"),
        ("la", "{\"items\":7}".to_owned(), "items"),
        (
            "feed",
            "{\"items\":[{\"id\":\"1\"}]}".to_owned(),
            "thiếu _lien_cong",
        ),
        (
            "hai-lan",
            "{\"items\":[{\"title\":\"a\",\"title\":\"b\"}]}".to_owned(),
            "được ghi hai lần",
        ),
        ("mot", "{\"id\":\"1\"}".to_owned(), "thiếu _lien_cong"),
    ];
    for (name, text, expected) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        let said = verify(&path, Some(&site), None).await.expect_err(name);
        assert!(said.contains(expected), "{name}: {said}");
    }
    let missing = folder.path().join("khong-co");
    let said = verify(&missing, Some(&site), None).await;
    assert!(said.expect_err("no file").contains("không mở được"));
    let large = folder.path().join("lon");
    let file = std::fs::File::create(&large).expect("creates");
    file.set_len(original::LARGEST + 1).expect("grows");
    let said = verify(&large, Some(&site), None).await;
    assert!(said.expect_err("too large").contains("tệp lớn hơn"));
    let said = verify(&large, None, Some("abc")).await;
    assert!(said.is_err());

    let (site, id) = commune().await;
    let mut later = original_of(&site, id).await;
    later["_lien_cong"]["v"] = json!(2);
    let bytes = serde_json::to_vec(&later).expect("JSON");
    assert!(matches!(Original::read(&bytes), Err(ReadError::Version(2))));
}
