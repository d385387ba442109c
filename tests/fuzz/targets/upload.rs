//! An upload: what a browser calls a file, and what calls itself a picture.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::media::intake::file_name;
use shared::media::{kind, picture};

fuzz_target!(|bytes: &[u8]| {
    let (told, content) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, bytes),
    };
    let name = file_name(&String::from_utf8_lossy(told));
    assert!(!name.trim().is_empty() && name.chars().count() <= 150);
    assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control));
    assert!(name.trim_matches('.') != "", "{name:?} is no name");
    let _ = kind::recognise(content);
    if let Ok(taken) = picture::prepare(content) {
        assert!(0 < taken.width && taken.width <= picture::WIDEST && taken.height <= 8_192);
        picture::prepare(&taken.bytes).expect("what was prepared is a picture");
    }
});
