//! A foreign feed: RSS, Atom or JSON Feed, in whatever encoding and however broken.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::entries::body;
use shared::feeds::read::guard::{Document, Limits};
use shared::feeds::read::parse::parse;
use std::time::{Duration, Instant};

const TYPES: [Option<&str>; 4] = [
    None,
    Some("application/rss+xml"),
    Some("text/xml; charset=windows-1258"),
    Some("application/feed+json; charset=utf-8"),
];

fuzz_target!(
    init: {
        // The reader catches what the crates under it panic about. What escapes it still ends the run.
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    },
    |bytes: &[u8]| {
        let Some((first, rest)) = bytes.split_first() else {
            return;
        };
        let url = url::Url::parse("https://cong.example/tin/rss").expect("an address");
        let document = Document {
            bytes: bytes::Bytes::copy_from_slice(rest),
            content_type: TYPES[usize::from(*first) % TYPES.len()].map(str::to_owned),
            url: url.clone(),
        };
        let limits = Limits {
            entries: 50,
            ..Limits::STANDARD
        };
        let Ok(feed) = parse(&document, &limits, Instant::now() + Duration::from_secs(5)) else {
            return;
        };
        assert!(feed.entries.len() <= 50);
        for entry in feed.entries {
            let html = entry.content_html.unwrap_or_default();
            assert!(html.len() <= limits.html, "an entry outgrew its bound");
            let _ = body::sanitise_from(&html, &url);
        }
    }
);
