//! The Ed25519 keys a site speaks with: its own signing key, and the public keys of others.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::spki::der::zeroize::Zeroizing;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::canonical::Digest;

/// Length of an Ed25519 signature.
pub const SIGNATURE_LENGTH: usize = 64;

/// Why a key could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The text is not a PKCS#8 PEM holding an Ed25519 private key.
    #[error("not an Ed25519 private key in PKCS#8 PEM")]
    Pem,
    /// The bytes are no point of the curve, or one of the few that fit every message.
    #[error("not a usable Ed25519 public key")]
    Point,
    /// The JWK is of another kind than `OKP` with curve `Ed25519`.
    #[error("the JWK is not an Ed25519 key (kty OKP, crv Ed25519)")]
    Kind,
    /// The text is not base64url of 32 bytes without padding.
    #[error("not 32 bytes in base64url without padding")]
    Encoding,
}

/// A private key of this site. Wiped from memory when dropped, and never shown.
#[derive(Clone)]
pub struct SigningKey {
    secret: ed25519_dalek::SigningKey,
    id: KeyId,
}

impl SigningKey {
    /// A new key from the operating system's randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())?;
        Ok(Self::from_seed(&seed))
    }

    /// The key with this RFC 8032 private seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        ed25519_dalek::SigningKey::from_bytes(seed).into()
    }

    /// Reads a private key file as written by [`SigningKey::to_pem`] or by `openssl genpkey`.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        ed25519_dalek::SigningKey::from_pkcs8_pem(pem)
            .map(Self::from)
            .map_err(|_| KeyError::Pem)
    }

    /// The private key file: PKCS#8 in PEM.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        // Without the public half: with it (PKCS#8 version 2) OpenSSL 1.1 and 3.0 refuse the file.
        let pair = KeypairBytes {
            secret_key: self.secret.to_bytes(),
            public_key: None,
        };
        pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Pem)
    }

    /// The public half, for others.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.secret.verifying_key())
    }

    /// The name of this key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Signs `message`. Callers put a domain separation string in front, so that a signature
    /// made for one purpose cannot serve another.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.secret.sign(message).to_bytes()
    }
}

impl From<ed25519_dalek::SigningKey> for SigningKey {
    fn from(secret: ed25519_dalek::SigningKey) -> Self {
        let id = PublicKey(secret.verifying_key()).id();
        Self { secret, id }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey")
            .field(&self.id.to_string())
            .finish()
    }
}

/// A public key of some site. Travels as a [`Jwk`].
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Jwk", try_from = "Jwk")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key with these bytes, if they name a point that can belong to somebody.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        match VerifyingKey::from_bytes(bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(key)),
            _ => Err(KeyError::Point),
        }
    }

    /// The key with these bytes, as read from storage.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Encoding)?;
        Self::from_bytes(bytes)
    }

    /// The 32 bytes, as stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The name of this key: its RFC 7638 thumbprint.
    pub fn id(&self) -> KeyId {
        // RFC 7638 wants exactly this: required members, sorted, without blanks.
        let jwk = format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
            URL_SAFE_NO_PAD.encode(self.as_bytes())
        );
        KeyId(*Digest::of(jwk).as_bytes())
    }

    /// Whether `signature` over `message` was made by the owner of this key.
    ///
    /// Strict: no second signature can be derived from a valid one, so that every verifier
    /// agrees on every message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey")
            .field(&self.id().to_string())
            .finish()
    }
}

/// The name of a key: the RFC 7638 thumbprint of its JWK, in base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// A key id read from storage.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the thumbprint.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decode_32(text).map(Self)
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for KeyId {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn decode_32(text: &str) -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(32) => Ok(bytes),
        _ => Err(KeyError::Encoding),
    }
}

/// A public key as JSON (RFC 7517, RFC 8037). Kinds other than Ed25519 are read, not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Key type; `OKP` for ours.
    pub kty: String,
    /// Curve; `Ed25519` for ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The public key in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The name the publisher gave the key. Ours is the thumbprint; of others it is not believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// What the key is for; `sig` for ours.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// First second (Unix time) in which the key is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Second (Unix time) from which the key is no longer valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

impl Jwk {
    /// The Ed25519 key this JWK holds.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        if self.kty != "OKP" || self.crv.as_deref() != Some("Ed25519") {
            return Err(KeyError::Kind);
        }
        let x = self.x.as_deref().ok_or(KeyError::Encoding)?;
        PublicKey::from_bytes(&decode_32(x)?)
    }
}

impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        Self {
            kty: "OKP".into(),
            crv: Some("Ed25519".into()),
            x: Some(URL_SAFE_NO_PAD.encode(key.as_bytes())),
            kid: Some(key.id().to_string()),
            purpose: Some("sig".into()),
            nbf: None,
            exp: None,
        }
    }
}

impl TryFrom<Jwk> for PublicKey {
    type Error = KeyError;

    fn try_from(jwk: Jwk) -> Result<Self, Self::Error> {
        jwk.public_key()
    }
}

/// A JSON Web Key Set: what a site publishes about its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys, in the publisher's order.
    pub keys: Vec<Jwk>,
}

impl Jwks {
    /// The Ed25519 keys of the set; keys of other kinds are passed over.
    pub fn public_keys(&self) -> impl Iterator<Item = PublicKey> + '_ {
        self.keys.iter().filter_map(|jwk| jwk.public_key().ok())
    }
}

impl FromIterator<PublicKey> for Jwks {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        Self {
            keys: keys.into_iter().map(Jwk::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// RFC 8037, appendix A.1; the same key as the first test of RFC 8032.
    const RFC_8037_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const RFC_8037_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const RFC_8037_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    fn rfc_8037_key() -> SigningKey {
        SigningKey::from_seed(&decode_32(RFC_8037_D).unwrap())
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn the_key_and_thumbprint_of_rfc_8037() {
        let key = rfc_8037_key();
        assert_eq!(key.id().to_string(), RFC_8037_THUMBPRINT);
        assert_eq!(RFC_8037_THUMBPRINT.parse::<KeyId>().unwrap(), key.id());

        let jwk: Jwk = serde_json::from_value(
            json!({"kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X, "d": RFC_8037_D}),
        )
        .unwrap();
        assert_eq!(jwk.public_key().unwrap(), key.public_key());
    }

    #[test]
    fn the_signature_of_rfc_8037() {
        // Appendix A.4: a JWS, whose signature is over header.payload.
        let signature =
            rfc_8037_key().sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(signature),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn the_signatures_of_rfc_8032() {
        // Section 7.1, tests 1 to 3: seed, public key, message, signature.
        for [seed, public, message, signature] in [
            [
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ],
            [
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ],
            [
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ],
        ] {
            let key = SigningKey::from_seed(&hex(seed).try_into().unwrap());
            assert_eq!(key.public_key().as_bytes()[..], hex(public));
            assert_eq!(key.sign(&hex(message))[..], hex(signature));
            assert!(key.public_key().verify(&hex(message), &hex(signature)));
        }
    }

    #[test]
    fn a_key_file_is_read_back_and_openssl_files_are_read() {
        let key = SigningKey::generate().unwrap();
        let pem = key.to_pem().unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert_eq!(SigningKey::from_pem(&pem).unwrap().id(), key.id());

        // RFC 9421, appendix B.1.4, as `openssl genpkey -algorithm ed25519` writes it.
        let openssl = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n\
            -----END PRIVATE KEY-----\n";
        let key = SigningKey::from_pem(openssl).unwrap();
        assert_eq!(&*key.to_pem().unwrap(), openssl);
        assert!(matches!(
            SigningKey::from_pem("-----BEGIN"),
            Err(KeyError::Pem)
        ));
    }

    #[test]
    fn printing_a_key_shows_only_its_name() {
        let key = rfc_8037_key();
        assert_eq!(
            format!("{key:?}"),
            format!("SigningKey({RFC_8037_THUMBPRINT:?})")
        );
        assert!(!format!("{key:#?}").contains(RFC_8037_D));
    }

    #[test]
    fn a_changed_message_or_signature_is_refused() {
        let key = rfc_8037_key();
        let signature = key.sign(b"Kon Ray");
        assert!(key.public_key().verify(b"Kon Ray", &signature));
        assert!(!key.public_key().verify(b"Kon Rai", &signature));
        assert!(!key.public_key().verify(b"Kon Ray", &signature[..63]));
        assert!(!key.public_key().verify(b"Kon Ray", &[]));
        let other = SigningKey::generate().unwrap();
        assert!(!other.public_key().verify(b"Kon Ray", &signature));
    }

    #[test]
    fn points_that_fit_every_message_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        for bytes in [[0; 32], identity] {
            assert!(matches!(
                PublicKey::from_bytes(&bytes),
                Err(KeyError::Point)
            ));
        }
    }

    #[test]
    fn a_key_set_may_hold_keys_we_do_not_use() {
        let ours = rfc_8037_key().public_key();
        let jwks: Jwks = serde_json::from_value(json!({"keys": [
            {"kty": "RSA", "n": "0vx7", "e": "AQAB"},
            {"kty": "OKP", "crv": "X25519", "x": RFC_8037_X},
            {"kty": "OKP", "crv": "Ed25519"},
            {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
            Jwk::from(ours),
        ]}))
        .unwrap();
        assert_eq!(jwks.public_keys().collect::<Vec<_>>(), [ours]);
        assert_eq!(
            serde_json::to_value(Jwks::from_iter([ours])).unwrap(),
            json!({"keys": [{
                "kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X,
                "kid": RFC_8037_THUMBPRINT, "use": "sig",
            }]})
        );
    }

    #[test]
    fn a_key_id_has_one_spelling() {
        for wrong in [
            "",
            "kPrK",
            &format!("{RFC_8037_THUMBPRINT}="),
            &format!("{RFC_8037_THUMBPRINT}A"),
            // Same 32 bytes, with stray bits in the last character.
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4l",
            "kPrK/qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        ] {
            assert!(wrong.parse::<KeyId>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_seed_survives_the_key_file_and_the_jwk(seed: [u8; 32]) {
            let key = SigningKey::from_seed(&seed);
            prop_assert_eq!(SigningKey::from_pem(&key.to_pem().unwrap()).unwrap().id(), key.id());
            let jwk = serde_json::to_string(&key.public_key()).unwrap();
            prop_assert_eq!(serde_json::from_str::<PublicKey>(&jwk).unwrap(), key.public_key());
        }
    }
}
