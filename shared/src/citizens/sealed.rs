//! Words that one key alone opens: tips on their way to an office, and what is said to who sent them.
//!
//! RFC 9180 (HPKE), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. A sealed text is the
//! encapsulated key, 32 bytes, and what was made of the words, filled up so that its length says little.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Bytes of a public key, and of an encapsulated one.
const KEY: usize = 32;
/// Words are filled up to a multiple of so many bytes.
const BLOCK: usize = 1024;
/// What is sealed for this use cannot be taken for anything else.
const INFO: &[u8] = b"lien-cong/tip/v1";

/// To whom words are sealed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SealKey([u8; KEY]);

/// Why words could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a key, or one that no key pair has.
    #[error("khóa nhận tin không hợp lệ")]
    Key,
    /// Sealed to another key, or altered.
    #[error("không mở được bằng mã này")]
    Closed,
}

/// A key and what belongs to it, made from a code and never kept.
pub struct KeyPair {
    private: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: SealKey,
}

impl KeyPair {
    /// The keys that follow from `code`; for each `purpose` others.
    pub(super) fn from_code(purpose: &str, code: &str) -> Self {
        let material = Sha256::digest(format!("{purpose}\n{code}"));
        let (private, public) = X25519HkdfSha256::derive_keypair(&material);
        Self {
            private,
            public: SealKey(public.to_bytes().into()),
        }
    }

    /// To whom to seal.
    pub fn public(&self) -> SealKey {
        self.public
    }

    /// Opens what was sealed to these keys as message `message` of `case`.
    pub fn open(&self, case: Uuid, message: Uuid, sealed: &[u8]) -> Result<String, SealError> {
        let (encapped, text) = sealed.split_at_checked(KEY).ok_or(SealError::Closed)?;
        let encapped = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapped)
            .map_err(|_| SealError::Closed)?;
        let filled = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &encapped,
            INFO,
            text,
            &place(case, message),
        )
        .map_err(|_| SealError::Closed)?;
        let words = filled.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8(words.to_vec()).map_err(|_| SealError::Closed)
    }
}

impl SealKey {
    /// Seals `words`, which hold no U+0000, as message `message` of `case`.
    pub fn seal(&self, case: Uuid, message: Uuid, words: &str) -> Result<Vec<u8>, SealError> {
        let to = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.0)
            .map_err(|_| SealError::Key)?;
        let mut filled = words.as_bytes().to_vec();
        filled.resize(filled.len().next_multiple_of(BLOCK).max(BLOCK), 0);
        let (encapped, text) = hpke::single_shot_seal::<
            ChaCha20Poly1305,
            HkdfSha256,
            X25519HkdfSha256,
        >(&OpModeS::Base, &to, INFO, &filled, &place(case, message))
        .map_err(|_| SealError::Key)?;
        Ok([encapped.to_bytes().as_slice(), &text].concat())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; KEY] {
        &self.0
    }

    /// The key of these bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(Self).map_err(|_| SealError::Key)
    }

    /// Eight signs by which two people compare keys on the telephone.
    pub fn fingerprint(&self) -> String {
        let hex = crate::log::Digest::of(self.0).hex();
        format!("{} {}", &hex[..4], &hex[4..8]).to_uppercase()
    }
}

/// What binds a sealed text to its place: it opens nowhere else.
fn place(case: Uuid, message: Uuid) -> [u8; 32] {
    let mut place = [0; 32];
    place[..16].copy_from_slice(case.as_bytes());
    place[16..].copy_from_slice(message.as_bytes());
    place
}

impl fmt::Display for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({self})")
    }
}

impl FromStr for SealKey {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.trim())
            .map_err(|_| SealError::Key)?;
        Self::from_slice(&bytes)
    }
}

impl Serialize for SealKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SealKey {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_words_are_opened_by_their_key_at_their_place_and_by_nothing_else() {
        let [office, other] = ["A", "B"].map(|code| KeyPair::from_code("test", code));
        let [case, message] = [1, 2].map(Uuid::from_u128);
        let words = "Cán bộ xã đòi tiền khi xác nhận hồ sơ đất.";
        let sealed = office.public().seal(case, message, words).expect("seals");
        assert_eq!(office.open(case, message, &sealed).as_deref(), Ok(words));
        assert_eq!(other.open(case, message, &sealed), Err(SealError::Closed));
        assert_eq!(office.open(message, case, &sealed), Err(SealError::Closed));
        for at in [0, 31, 32, sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(office.open(case, message, &altered), Err(SealError::Closed));
        }
        assert_eq!(office.open(case, message, b""), Err(SealError::Closed));
        let again = office.public().seal(case, message, words).expect("seals");
        assert_ne!(again, sealed, "the same words twice look like others");
    }

    #[test]
    fn the_length_of_what_is_sealed_says_little() {
        let keys = KeyPair::from_code("test", "A");
        let length = |words: &str| {
            let sealed = keys.public().seal(Uuid::nil(), Uuid::nil(), words);
            sealed.expect("seals").len()
        };
        assert_eq!(length(""), length(&"a".repeat(1_024)));
        assert_eq!(length("") + 1_024, length(&"a".repeat(1_025)));
    }

    #[test]
    fn a_key_is_copied_as_text() {
        let key = KeyPair::from_code("test", "A").public();
        assert_eq!(format!(" {key}\n").parse(), Ok(key));
        assert_eq!("abc".parse::<SealKey>(), Err(SealError::Key));
        assert_eq!(key.fingerprint().len(), 9);
    }
}
