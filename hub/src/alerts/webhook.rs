//! Messages to programs, after the Standard Webhooks specification: an id that stays the same at every try, the time,
//! and a signature over both and the body with a secret of the recipient's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shared::error::Result;
use zeroize::Zeroizing;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a new secret; the specification allows 24 to 64.
const LENGTH: usize = 32;

/// A new secret, as it is shown to whoever sets the receiving program up.
pub fn new_secret() -> Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    getrandom::fill(bytes.as_mut()).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    Ok(Zeroizing::new(format!(
        "{PREFIX}{}",
        STANDARD.encode(bytes)
    )))
}

/// The `webhook-signature` of a body sent at `at` (seconds) with this id; none if the secret is none.
pub fn signature(secret: &str, id: &str, at: i64, body: &str) -> Option<String> {
    let encoded = secret.strip_prefix(PREFIX)?;
    let key = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body.as_bytes());
    let signed = mac.finalize().into_bytes();
    Some(format!("v1,{}", STANDARD.encode(signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(
            signed.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
        assert_eq!(signature("secret", "id", 0, ""), None);
    }

    #[test]
    fn secrets_differ_and_sign() {
        let secrets = [0, 1].map(|_| new_secret().expect("a secret"));
        assert_ne!(secrets[0], secrets[1]);
        let signed = secrets.map(|secret| signature(&secret, "id", 0, "{}"));
        assert!(signed[0].is_some() && signed[0] != signed[1]);
    }
}
