//! A header: what is signed, chained and kept for ever; and the canonical form under it.
#![no_main]

use fuzz::is_canonical_once_for_all;
use libfuzzer_sys::fuzz_target;
use shared::log::SignedHeader;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else {
        return;
    };
    is_canonical_once_for_all(&value);
    let Ok(signed) = SignedHeader::parse(&value, vec![0; 64]) else {
        return;
    };
    let stored: serde_json::Value = serde_json::from_str(&signed.bytes).expect("it is JSON");
    let again = SignedHeader::parse(&stored, vec![0; 64]).expect("what is stored is a header");
    assert_eq!(again, signed, "a header changes by being stored");
    assert_eq!(again.digest(), signed.digest());
});
