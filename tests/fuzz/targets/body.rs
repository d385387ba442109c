//! A body: whatever markup comes in, what goes out is of the allow-list, and cleaning it again
//! changes nothing. What a page shows is read here by a reader of our own, not by the cleaner's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::entries::body;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let base = url::Url::parse("https://cong.example/tin/").expect("an address");
    for clean in [
        body::sanitise(&text),
        body::sanitise_from(&text, &base),
        body::from_markdown(&text),
    ] {
        check(clean.as_str());
        assert_eq!(
            body::sanitise(clean.as_str()),
            clean,
            "cleaning is not idempotent"
        );
    }
    let _ = body::plain_text(&text);
});

const ELEMENTS: [&str; 29] = [
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th",
    "td", "caption", "a", "strong", "em", "b", "i", "u", "s", "sub", "sup", "br", "hr", "figure",
    "figcaption", "img",
];
const ATTRIBUTES: [&str; 14] = [
    "href", "rel", "src", "alt", "lang", "colspan", "rowspan", "scope", "width", "height", "start",
    "title", "loading", "class",
];

/// Every `<` begins an allowed element with allowed attributes in double quotes; nothing else does.
fn check(html: &str) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let name_ends = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '/')
            .unwrap_or(rest.len());
        let name = rest[..name_ends].trim_start_matches('/');
        assert!(ELEMENTS.contains(&name), "<{name}> in {html:?}");
        rest = &rest[name_ends..];
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let (attribute, after) = rest
                .split_once("=\"")
                .unwrap_or_else(|| panic!("a broken tag in {html:?}"));
            assert!(ATTRIBUTES.contains(&attribute), "{attribute}= in {html:?}");
            let (value, after) = after
                .split_once('"')
                .unwrap_or_else(|| panic!("an open attribute in {html:?}"));
            if matches!(attribute, "href" | "src") {
                let leads = ["https:", "http:", "mailto:", "tel:", "/", "#"];
                assert!(
                    leads
                        .iter()
                        .any(|lead| value.to_ascii_lowercase().starts_with(lead)),
                    "{attribute}={value:?} in {html:?}"
                );
            }
            rest = after;
        }
    }
}
