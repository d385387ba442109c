//! One byte form for a document, so that a hash or a signature over it means the same everywhere.
//!
//! The form is RFC 8785 (JSON Canonicalization Scheme), narrowed: our documents hold no
//! fractions, and no integers that another language would round.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

/// How deep a document may nest. Ours need six levels; a hostile one could exhaust the stack.
pub const MAX_DEPTH: usize = 64;

/// The largest integer that every JSON reader keeps exactly: 2^53 − 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why a document has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// A number is a fraction or too large to survive a reader that uses doubles.
    #[error("the number {0} is not an integer of at most 2^53 - 1 in size")]
    Number(Number),
    /// The document nests deeper than [`MAX_DEPTH`].
    #[error("the document nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A text holds U+0000, which PostgreSQL cannot keep: one such item would stop a whole stream there.
    #[error("a text holds the character U+0000")]
    Nul,
    /// The value could not be expressed as JSON at all.
    #[error("not expressible as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The canonical bytes of `document`: what is hashed, and what is signed.
pub fn to_canonical<T: Serialize + ?Sized>(document: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(document)?;
    check(&value, 0)?;
    Ok(serde_jcs::to_vec(&value)?)
}

fn check(value: &Value, depth: usize) -> Result<(), CanonicalError> {
    if depth > MAX_DEPTH {
        return Err(CanonicalError::TooDeep);
    }
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::String(text) => without_nul(text),
        Value::Number(number) if is_exact_integer(number) => Ok(()),
        Value::Number(number) => Err(CanonicalError::Number(number.clone())),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            without_nul(name)?;
            check(member, depth + 1)
        }),
    }
}

fn without_nul(text: &str) -> Result<(), CanonicalError> {
    if text.contains('\0') {
        return Err(CanonicalError::Nul);
    }
    Ok(())
}

fn is_exact_integer(number: &Number) -> bool {
    if let Some(integer) = number.as_i64() {
        integer.unsigned_abs() <= MAX_INTEGER
    } else if let Some(float) = number.as_f64() {
        // A document may spell an integer `1.0` or `1e3`; its canonical form is the integer's.
        float.fract() == 0.0 && float.abs() <= MAX_INTEGER as f64
    } else {
        false
    }
}

/// A SHA-256, written `sha-256:<lower-case hex>` in documents and plain hex in URLs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    const PREFIX: &str = "sha-256:";

    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the canonical form of `document`.
    pub fn of_canonical<T: Serialize + ?Sized>(document: &T) -> Result<Self, CanonicalError> {
        Ok(Self::of(to_canonical(document)?))
    }

    /// A digest read from storage.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A digest read from storage, where it is a run of bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, DigestSyntaxError> {
        bytes.try_into().map(Self).map_err(|_| DigestSyntaxError)
    }

    /// The 32 bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Sixty-four lower-case hexadecimal digits, as used in URLs and file names.
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut hex, b| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{b:02x}");
            hex
        })
    }

    /// Reads what [`Digest::hex`] writes. Upper case is refused: one digest, one spelling.
    pub fn from_hex(hex: &str) -> Result<Self, DigestSyntaxError> {
        let digits = hex.as_bytes();
        if digits.len() != 64 {
            return Err(DigestSyntaxError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Result<u8, DigestSyntaxError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DigestSyntaxError),
    }
}

/// A text that should have been a SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a digest of the form sha-256:<64 lower-case hexadecimal digits>")]
pub struct DigestSyntaxError;

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestSyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text.strip_prefix(Self::PREFIX).ok_or(DigestSyntaxError)?)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestSyntaxError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn canonical(json: &str) -> String {
        let value: Value = serde_json::from_str(json).unwrap();
        String::from_utf8(to_canonical(&value).unwrap()).unwrap()
    }

    #[test]
    fn members_are_sorted_by_utf_16_code_units() {
        // RFC 8785, section 3.2.3: the emoji (U+1F600, a surrogate pair) sorts before U+FB33.
        let input = r#"{
            "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
        }"#;
        let order: Vec<_> = [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ]
        .map(|name| canonical(input).find(name).unwrap())
        .to_vec();
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn strings_are_escaped_as_little_as_possible() {
        // RFC 8785, section 3.2.2, without its fractions.
        assert_eq!(
            canonical(
                r#"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#
            ),
            r#"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
    }

    #[test]
    fn the_french_and_structures_vectors_of_the_reference_implementation() {
        assert_eq!(
            canonical(
                r#"{"peach": "This sorting order", "péché": "is wrong according to French",
                    "pêche": "but canonicalization MUST", "sin": "ignore locale"}"#
            ),
            r#"{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}"#
        );
        assert_eq!(
            canonical(
                r#"{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty",
                    "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { }}"#
            ),
            r#"{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}"#
        );
    }

    #[test]
    fn integers_have_one_spelling() {
        for (spelt, written) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991"),
        ] {
            assert_eq!(canonical(spelt), written, "{spelt}");
        }
    }

    #[test]
    fn numbers_that_a_reader_may_round_are_refused() {
        for spelt in [
            "0.5",
            "1e-9",
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
            "1e300",
        ] {
            let value: Value = serde_json::from_str(spelt).unwrap();
            assert!(
                matches!(to_canonical(&value), Err(CanonicalError::Number(_))),
                "{spelt}"
            );
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(to_canonical(&nested(MAX_DEPTH)).is_ok());
        assert!(matches!(
            to_canonical(&nested(MAX_DEPTH + 1)),
            Err(CanonicalError::TooDeep)
        ));
    }

    #[test]
    fn vietnamese_text_is_neither_escaped_nor_normalised() {
        // Composed and decomposed spellings are different documents; the signer decides.
        assert_eq!(canonical(r#"{"t":"Kon Rẫy đ"}"#), r#"{"t":"Kon Rẫy đ"}"#);
        assert_ne!(
            canonical("\"\u{1eab}\""),
            canonical("\"a\u{0302}\u{0303}\"")
        );
    }

    #[test]
    fn a_text_no_database_may_be_asked_to_keep_is_refused() {
        for document in [
            json!("a\u{0}"),
            json!({"a": ["\u{0}"]}),
            json!({"\u{0}": 1}),
        ] {
            let refused = to_canonical(&document);
            assert!(matches!(refused, Err(CanonicalError::Nul)), "{document}");
        }
        // A backslash and digits are only that.
        assert!(to_canonical(&json!("\\u0000")).is_ok());
    }

    #[test]
    fn a_digest_has_one_text_form() {
        let digest = Digest::of("abc");
        assert_eq!(
            digest.to_string(),
            "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(
            serde_json::to_value(digest).unwrap(),
            json!(digest.to_string())
        );
        for wrong in [
            "",
            "sha-256:",
            "sha-512:00",
            &digest.hex(),
            &digest.to_string().to_uppercase(),
            &format!("sha-256:{}", digest.hex().to_uppercase()),
            &format!("{digest}0"),
            "sha-256:é816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ] {
            assert_eq!(wrong.parse::<Digest>(), Err(DigestSyntaxError), "{wrong}");
        }
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(MAX_INTEGER as i64)..=MAX_INTEGER as i64).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_says_the_same_and_is_its_own_canonical_form(value in document()) {
            let once = to_canonical(&value).unwrap();
            let read: Value = serde_json::from_slice(&once).unwrap();
            prop_assert_eq!(&read, &value);
            prop_assert_eq!(to_canonical(&read).unwrap(), once);
        }
    }
}
