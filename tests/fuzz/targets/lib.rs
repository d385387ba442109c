//! What the fuzz targets have in common. Each target is one parser of what comes from outside, and what
//! must hold of whatever it makes of it; that it must not crash goes without saying.

use shared::log::canonical;

/// A document has one canonical form, and that form is its own.
pub fn is_canonical_once_for_all(document: &serde_json::Value) {
    let Ok(once) = canonical::to_canonical(document) else {
        return;
    };
    let read: serde_json::Value = serde_json::from_slice(&once).expect("canonical JSON is JSON");
    let twice = canonical::to_canonical(&read).expect("what has a canonical form keeps it");
    assert_eq!(once, twice, "the canonical form is not its own");
}
