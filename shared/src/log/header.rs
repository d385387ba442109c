//! The header of an event: what is signed, chained and kept for ever.

use super::canonical::{self, CanonicalError, Digest};
use super::keys::{KeyId, PublicKey, SigningKey};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// The version of the header this code writes and understands.
pub const VERSION: u32 = 1;

/// Put before the header's bytes when signing and hashing, so that a signature made for a log can
/// never be taken for one made for anything else.
const DOMAIN: &[u8] = b"lien-cong/event/v1\n";

/// The two roads of the stream. What is urgent never waits behind a backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Withdrawals, recalls, keys and sites, emergencies.
    Urgent,
    /// Everything else.
    Regular,
}

impl Lane {
    /// Both lanes, in the order they are served.
    pub const ALL: [Self; 2] = [Self::Urgent, Self::Regular];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Regular => "regular",
        }
    }

    /// The lane of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == name)
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an event says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// An entry's first revision.
    #[serde(rename = "entry.published")]
    EntryPublished,
    /// A later revision of an entry.
    #[serde(rename = "entry.revised")]
    EntryRevised,
    /// The origin took its entry back.
    #[serde(rename = "entry.withdrawn")]
    EntryWithdrawn,
    /// The province took back what a site of it, or it itself, had published.
    #[serde(rename = "entry.recalled")]
    EntryRecalled,
    /// A site of the province as the hub knows it: unit, address, keys, state.
    #[serde(rename = "site.described")]
    SiteDescribed,
    /// A letter: what another unit decided about an entry of ours.
    #[serde(rename = "letter.review")]
    LetterReview,
    /// A letter: nothing of a recalled entry is left with us.
    #[serde(rename = "letter.recall")]
    LetterRecall,
    /// A letter: what is said about a question, a report or a tip of a citizen.
    #[serde(rename = "letter.case")]
    LetterCase,
    /// The province says something above every page, changes it or lifts it.
    #[serde(rename = "bulletin.said")]
    BulletinSaid,
    /// A letter: people have taken note of a bulletin and seen to it.
    #[serde(rename = "letter.bulletin")]
    LetterBulletin,
    /// A letter: the numbers a unit is ranked by, or what it says to them.
    #[serde(rename = "letter.ranking")]
    LetterRanking,
}

impl EventKind {
    const ALL: [Self; 11] = [
        Self::EntryPublished,
        Self::EntryRevised,
        Self::EntryWithdrawn,
        Self::EntryRecalled,
        Self::SiteDescribed,
        Self::LetterReview,
        Self::LetterRecall,
        Self::LetterCase,
        Self::BulletinSaid,
        Self::LetterBulletin,
        Self::LetterRanking,
    ];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EntryPublished => "entry.published",
            Self::EntryRevised => "entry.revised",
            Self::EntryWithdrawn => "entry.withdrawn",
            Self::EntryRecalled => "entry.recalled",
            Self::SiteDescribed => "site.described",
            Self::LetterReview => "letter.review",
            Self::LetterRecall => "letter.recall",
            Self::LetterCase => "letter.case",
            Self::BulletinSaid => "bulletin.said",
            Self::LetterBulletin => "letter.bulletin",
            Self::LetterRanking => "letter.ranking",
        }
    }

    /// The kind of that name; `None` for kinds of a later version.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The lane this kind travels in unless its sender says it is an emergency.
    pub fn lane(self) -> Lane {
        match self {
            Self::EntryWithdrawn
            | Self::EntryRecalled
            | Self::SiteDescribed
            | Self::LetterRecall
            | Self::BulletinSaid
            | Self::LetterBulletin => Lane::Urgent,
            Self::EntryPublished
            | Self::EntryRevised
            | Self::LetterReview
            | Self::LetterCase
            | Self::LetterRanking => Lane::Regular,
        }
    }

    /// Whether the event is about an entry.
    pub fn concerns_entry(self) -> bool {
        !matches!(self, Self::SiteDescribed | Self::BulletinSaid)
    }

    /// Whether the event must name what it is about, and its revision: an entry, or what has an id like one.
    pub fn names_subject(self) -> bool {
        self != Self::SiteDescribed
    }

    /// Whether it is for one unit alone.
    pub fn is_letter(self) -> bool {
        matches!(
            self,
            Self::LetterReview
                | Self::LetterRecall
                | Self::LetterCase
                | Self::LetterBulletin
                | Self::LetterRanking
        )
    }

    /// Whether the event must name content. A withdrawal may: why, in words to the public.
    pub fn needs_content(self) -> bool {
        !matches!(self, Self::EntryWithdrawn)
    }
}

/// The signed part of an event. Its canonical form (RFC 8785) is what is hashed and signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub v: u32,
    /// The log this is part of; new whenever a database is created or restored.
    pub log: Uuid,
    /// Its place in the log, from 1 without gaps.
    pub seq: i64,
    /// The digest of the header before it; none for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<Digest>,
    /// The site that speaks.
    pub site: Uuid,
    /// The unit it speaks for.
    pub unit: Uuid,
    /// The key that signed.
    pub key: KeyId,
    /// The lane it travels in.
    pub lane: Lane,
    /// What happened.
    pub kind: EventKind,
    /// The entry concerned, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Uuid>,
    /// The revision of the entry this makes current; only grows.
    #[serde(default)]
    pub rev: i64,
    /// The digest of the content's canonical form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// When, by the clock of the site that speaks. For show: nothing is decided by it.
    #[serde(with = "rfc3339_millis")]
    pub time: DateTime<Utc>,
    /// The one unit that may read it, for letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Uuid>,
}

/// A header as it travels and is stored: the canonical bytes and the signature over them.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedHeader {
    /// What the bytes say.
    pub header: Header,
    /// The canonical form, kept byte for byte, with members of later versions in it.
    pub bytes: String,
    /// Ed25519, 64 bytes.
    pub signature: Vec<u8>,
}

/// Why a header could not be read.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum HeaderError {
    /// Not of the shape this page describes.
    #[error("phần đầu của sự kiện không đọc được: {0}")]
    Malformed(String),
    /// Written by a later version.
    #[error("phiên bản {0} của sự kiện chưa được hỗ trợ; hãy nâng cấp phần mềm")]
    Version(u64),
    /// Of a kind this version does not know.
    #[error("loại sự kiện {0:?} chưa được hỗ trợ; hãy nâng cấp phần mềm")]
    Kind(String),
}

impl Header {
    /// Signs the header.
    pub fn sign(self, key: &SigningKey) -> Result<SignedHeader, CanonicalError> {
        let bytes = canonical::to_canonical(&self)?;
        let signature = key.sign(&with_domain(&bytes)).to_vec();
        // Canonical JSON is UTF-8 by definition.
        let bytes = String::from_utf8_lossy(&bytes).into_owned();
        Ok(SignedHeader {
            header: self,
            bytes,
            signature,
        })
    }
}

impl SignedHeader {
    /// Reads a header from its JSON and the signature beside it. Verifies nothing yet.
    pub fn parse(value: &serde_json::Value, signature: Vec<u8>) -> Result<Self, HeaderError> {
        let malformed = |reason: &dyn fmt::Display| HeaderError::Malformed(reason.to_string());
        let version = value.get("v").and_then(serde_json::Value::as_u64);
        match version {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(HeaderError::Version(version)),
            None => return Err(malformed(&"thiếu v")),
        }
        if let Some(kind) = value.get("kind").and_then(serde_json::Value::as_str)
            && EventKind::parse(kind).is_none()
        {
            return Err(HeaderError::Kind(kind.chars().take(64).collect()));
        }
        let header: Header = serde_json::from_value(value.clone()).map_err(|e| malformed(&e))?;
        if header.seq < 1 || header.rev < 0 {
            return Err(malformed(&"seq và rev phải là số dương"));
        }
        if (header.seq == 1) != header.prev.is_none() {
            return Err(malformed(&"chỉ sự kiện đầu tiên của nhật ký không có prev"));
        }
        if header.kind.names_subject() && (header.entry.is_none() || header.rev < 1) {
            return Err(malformed(&"thiếu entry hoặc rev"));
        }
        if header.kind.needs_content() && header.content.is_none() {
            return Err(malformed(&"content không hợp với kind"));
        }
        if header.kind.is_letter() != header.to.is_some() {
            return Err(malformed(&"chỉ thư mới có to, và phải có"));
        }
        let bytes = canonical::to_canonical(value).map_err(|e| malformed(&e))?;
        let bytes = String::from_utf8(bytes).map_err(|e| malformed(&e))?;
        Ok(Self {
            header,
            bytes,
            signature,
        })
    }

    /// The digest the next header names as `prev`.
    pub fn digest(&self) -> Digest {
        Self::digest_of(&self.bytes)
    }

    /// The digest of a header in its canonical form.
    pub fn digest_of(bytes: &str) -> Digest {
        Digest::of(with_domain(bytes.as_bytes()))
    }

    /// Whether `key` made the signature.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verify(&with_domain(self.bytes.as_bytes()), &self.signature)
    }
}

fn with_domain(bytes: &[u8]) -> Vec<u8> {
    [DOMAIN, bytes].concat()
}

/// Times on the wire: RFC 3339, UTC, milliseconds.
mod rfc3339_millis {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(time: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(from)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.with_timezone(&Utc))
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn header(key: &SigningKey) -> Header {
        Header {
            v: VERSION,
            log: Uuid::from_u128(1),
            seq: 2,
            prev: Some(Digest::of(b"before")),
            site: Uuid::from_u128(2),
            unit: Uuid::from_u128(3),
            key: key.id(),
            lane: Lane::Regular,
            kind: EventKind::EntryPublished,
            entry: Some(Uuid::from_u128(4)),
            rev: 1,
            content: Some(Digest::of(b"content")),
            time: DateTime::from_timestamp_millis(1_795_386_793_123).expect("a time"),
            to: None,
        }
    }

    #[test]
    fn a_header_survives_the_wire_with_members_of_later_versions() {
        let key = SigningKey::generate().expect("a key");
        let signed = header(&key).sign(&key).expect("signs");
        let value: serde_json::Value = serde_json::from_str(&signed.bytes).expect("JSON");
        let read = SignedHeader::parse(&value, signed.signature.clone()).expect("reads");
        assert_eq!(read, signed);
        assert!(read.is_signed_by(&key.public_key()));

        let mut later = value;
        later["mood"] = json!("vui");
        let read = SignedHeader::parse(&later, signed.signature).expect("reads");
        assert!(
            read.bytes.contains("vui"),
            "unknown members stay part of what is signed"
        );
        assert!(!read.is_signed_by(&key.public_key()));
    }

    #[test]
    fn what_is_not_a_header_is_named() {
        let key = SigningKey::generate().expect("a key");
        let good: serde_json::Value =
            serde_json::from_str(&header(&key).sign(&key).expect("signs").bytes).expect("JSON");
        let cases: [(&str, serde_json::Value, &str); 10] = [
            ("v", json!(2), "phiên bản 2"),
            ("v", json!(null), "thiếu v"),
            ("kind", json!("entry.exploded"), "entry.exploded"),
            ("seq", json!(0), "số dương"),
            (
                "seq",
                json!(9_223_372_036_854_775_808_u64),
                "không đọc được",
            ),
            ("rev", json!(-1), "số dương"),
            ("prev", json!(null), "prev"),
            ("entry", json!(null), "thiếu entry"),
            ("content", json!(null), "content"),
            ("to", json!("00000000-0000-0000-0000-000000000009"), "thư"),
        ];
        for (member, value, expected) in cases {
            let mut bad = good.clone();
            if value.is_null() {
                bad.as_object_mut().expect("object").remove(member);
            } else {
                bad[member] = value;
            }
            let error = SignedHeader::parse(&bad, vec![0; 64])
                .expect_err(member)
                .to_string();
            assert!(error.contains(expected), "{member}: {error}");
        }
    }
}
