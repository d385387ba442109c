//! A Word file: whatever is in it, it is read or refused, its words and its body are of a size with it, and
//! the body comes through the allow-list.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::entries::body;
use shared::office::docx::{self, Placed};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = docx::read(bytes) else {
        return;
    };
    let url = format!("/media/sha256/{}", "ab".repeat(32));
    let html = document.html(&|number| {
        (number % 2 == 0).then(|| Placed {
            url: url.clone(),
            width: 3,
            height: 2,
        })
    });
    let clean = body::sanitise(&html);
    assert_eq!(body::sanitise(clean.as_str()), clean);
    assert!(!html.contains("<script"), "{html:?}");
    if let Some(title) = document.title() {
        assert!(!title.is_empty() && !title.contains('\n'));
    }
    let _ = document.text();
});
