//! A batch: the document, then each item as it comes to the verifier, then what its content says.
#![no_main]

use fuzz::is_canonical_once_for_all;
use libfuzzer_sys::fuzz_target;
use shared::directory::{Directory, SiteDescription};
use shared::entries::{Item, body};
use shared::sync::batch::Batch;
use shared::sync::review::Review;
use shared::sync::verify;

fuzz_target!(|bytes: &[u8]| {
    let Ok(batch) = Batch::parse(bytes) else {
        return;
    };
    assert!(batch.items.len() <= 200 && 0 <= batch.after && batch.after <= batch.through);
    let written = batch.to_bytes("", "").expect("a batch is written");
    let again = Batch::parse(&written).expect("what was written is read");
    assert_eq!(
        (again.stream, again.lane, again.after, again.end()),
        (batch.stream, batch.lane, batch.after, batch.end())
    );
    for item in batch.items {
        is_canonical_once_for_all(&item);
        let Ok(parts) = verify::parse(item) else {
            continue;
        };
        if let Some(content) = &parts.content {
            let entry = parts.signed.header.entry.unwrap_or_default();
            if let Ok(item) = Item::read(content, entry) {
                let _ = body::sanitise(&item.content_html);
                let _ = item.byline();
            }
            if let Ok(site) = SiteDescription::from_content(content) {
                Directory::default().learn(&site);
            }
            let _ = Review::from_content(content);
        }
        // Nobody is known here, so nobody is believed.
        assert!(verify::verify(parts, &Directory::default()).is_err());
    }
});
