//! Whether what is shown of an entry is what was signed. Pure: pages and items in, words out.
//!
//! Compared is what is read: the words, and where links lead. Two versions of the software may write the same
//! text with other markup, and nobody who reads it is deceived by that.

use serde_json::Value;
use shared::entries::{Item, body};
use shared::log::Digest;
use shared::vietnamese::nfc;

/// What stands in an element of a page that shows an entry.
const TITLE: &str = "data-element=\"article-title\"";
const LEAD: &str = "data-element=\"article-lead\"";
const BODY: &str = "data-element=\"article-body\"";
/// What stands in the place of a picture that is still on its way.
const ON_ITS_WAY: &str = "<em>(Ảnh đang được tải về";
/// What no text of ours holds, and what does something by itself wherever it stands.
const ACTIVE: [&str; 8] = [
    "script", "iframe", "object", "embed", "form", "input", "meta", "style",
];

/// What is read of an entry, by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading(Digest);

impl Reading {
    /// Of a title, a lead and a body, all of them markup.
    pub fn of(title: &str, lead: &str, body: &str) -> Self {
        let body = without_placeholders(body);
        Self(Digest::of([title, lead, &body].map(words).join("\n")))
    }

    /// Of an entry as it was signed.
    pub fn of_item(item: &Item) -> Self {
        let lead = item.summary.as_deref().unwrap_or_default();
        let body = body::sanitise(&item.content_html);
        Self::of(&escaped(&item.title), &escaped(lead), body.as_str())
    }

    /// Of an item of a feed; none if it has no such members.
    pub fn in_feed(item: &Value) -> Option<Self> {
        let member = |name: &str| item.get(name).and_then(Value::as_str);
        let lead = member("summary").unwrap_or_default();
        let (title, body) = (member("title")?, member("content_html")?);
        Some(Self::of(&escaped(title), &escaped(lead), body))
    }

    /// Of a page; none if it is no page that shows an entry.
    pub fn on_page(page: &str) -> Option<Self> {
        let title = inside(page, TITLE, "h1")?;
        let lead = inside(page, LEAD, "p").unwrap_or_default();
        // A document may be nothing but its files.
        let body = inside(page, BODY, "div").unwrap_or_default();
        Some(Self::of(title, lead, body))
    }
}

/// What is shown of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What counts.
    Current,
    /// An earlier revision.
    Older(i64),
    /// A later revision, signed, that has not come here yet.
    Newer(i64),
    /// Something nobody signed.
    Forged,
    /// Nothing.
    Missing,
    /// It cannot be told.
    Unknown,
}

/// What `shown` is, of an entry whose revision `current` counts and of which these revisions were signed. Where
/// the one that counts is not at hand, nobody is accused.
pub fn compare(shown: Reading, signed: &[(i64, Reading)], current: i64) -> Shown {
    if signed.iter().all(|(rev, _)| *rev != current) {
        return Shown::Unknown;
    }
    let alike = signed.iter().filter(|(_, reading)| *reading == shown);
    let mut revisions: Vec<i64> = alike.map(|(rev, _)| *rev).collect();
    revisions.sort_unstable();
    match revisions.last() {
        None => Shown::Forged,
        Some(_) if revisions.contains(&current) => Shown::Current,
        Some(rev) if *rev > current => Shown::Newer(*rev),
        Some(rev) => Shown::Older(*rev),
    }
}

/// What lies inside the first element that bears `mark`, whose name is `name`.
fn inside<'a>(page: &'a str, mark: &str, name: &str) -> Option<&'a str> {
    let from_mark = &page[page.find(mark)?..];
    let inner = &from_mark[tag_end(from_mark)?..];
    let (opens, closes) = (format!("<{name}"), format!("</{name}>"));
    let mut depth = 1_usize;
    let mut at = 0;
    loop {
        let rest = &inner[at..];
        let close = rest.find(&closes)?;
        match rest.find(&opens).filter(|open| *open < close) {
            Some(open) => {
                depth += 1;
                at += open + opens.len();
            }
            None if depth == 1 => return Some(&inner[..at + close]),
            None => {
                depth -= 1;
                at += close + closes.len();
            }
        }
    }
}

/// Where a tag ends: behind the first `>` outside quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quoted = None;
    for (place, byte) in tag.bytes().enumerate() {
        match (byte, quoted) {
            (b'"' | b'\'', None) => quoted = Some(byte),
            (_, Some(quote)) if byte == quote => quoted = None,
            (b'>', None) => return Some(place + 1),
            _ => {}
        }
    }
    None
}

fn without_placeholders(html: &str) -> String {
    let mut left = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(ON_ITS_WAY) {
        left.push_str(&rest[..start]);
        let end = rest[start..].find("</em>").map(|end| start + end + 5);
        rest = end.map_or("", |end| &rest[end..]);
    }
    left.push_str(rest);
    left
}

/// The words of `html`, where its links lead, and what does something by itself.
fn words(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        let tag = &rest[open..];
        let end = tag_end(tag).unwrap_or(tag.len());
        mark(&tag[..end], &mut text);
        rest = &tag[end..];
    }
    text.push_str(rest);
    let plain = nfc(&unescaped(&text));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes what a tag means to a reader, if that is anything.
fn mark(tag: &str, text: &mut String) {
    let name: String = tag[1..]
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    if name == "a"
        && let Some((_, rest)) = tag.split_once("href=\"")
    {
        let to = rest.split('"').next().unwrap_or_default();
        text.push_str(&format!("[{to}] "));
    } else if ACTIVE.contains(&name.as_str()) {
        text.push_str(&format!("[{name}] "));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// `text` with its entities, by name or number, as the letters they stand for.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        let from = &rest[start..];
        let entity = from.find(';').filter(|end| *end <= 10);
        match entity.and_then(|end| Some((letter(&from[1..end])?, end))) {
            Some((letter, end)) => {
                plain.push(letter);
                rest = &from[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &from[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn letter(entity: &str) -> Option<char> {
    let number = |digits: &str, base| char::from_u32(u32::from_str_radix(digits, base).ok()?);
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => match entity.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(hex) => number(hex, 16),
            None => number(&entity[1..], 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(title: &str, body: &str) -> String {
        format!(
            "<html><h1 data-element=\"article-title\" lang=\"vi\">{title}</h1><p>Đăng lúc 10:00</p>\
             <div class=\"prose\" data-element=\"article-body\">{body}</div><div>Tin liên quan</div></html>"
        )
    }

    #[test]
    fn what_is_read_is_the_same_however_it_is_written() {
        let signed = Reading::of(
            "Xã \"vào vụ\" &amp; thu",
            "",
            "<p>Bà con <a href=\"https://a.example/?x=1&amp;y=2\">trồng</a> 400&nbsp;cây.</p>\
             <table><tr><td>1</td></tr></table><img src=\"/media/sha256/ab\" alt=\"Ảnh\">",
        );
        let shown = page(
            "Xã &#34;vào vụ&#34; &#38; thu",
            "<p>Bà con\n <a rel=\"nofollow\" href=\"https://a.example/?x=1&amp;y=2\">trồng</a> 400 cây.</p>\
             <div class=\"scroll-box\" role=\"region\"><table><tr><td>1</td></tr></table></div>\
             <em>(Ảnh đang được tải về: Ảnh)</em>",
        );
        assert_eq!(Reading::on_page(&shown), Some(signed));
        let item = json!({
            "title": "Xã \"vào vụ\" & thu",
            "content_html": "<p>Bà con <a href=\"https://a.example/?x=1&amp;y=2\">trồng</a> 400 cây.</p><table><tr><td>1</td></tr></table>",
        });
        assert_eq!(Reading::in_feed(&item), Some(signed));
        assert_eq!(Reading::on_page("<h1>Không tìm thấy trang</h1>"), None);
        assert_eq!(Reading::in_feed(&json!({ "title": "x" })), None);
    }

    #[test]
    fn what_was_changed_is_seen() {
        let as_signed = Reading::on_page(&page("Tin", "<p>Nộp cho <a href=\"/a\">xã</a></p>"));
        for (what, changed) in [
            (
                "a word",
                page("Tin", "<p>Nộp cho <a href=\"/a\">tôi</a></p>"),
            ),
            (
                "a link",
                page("Tin", "<p>Nộp cho <a href=\"/b\">xã</a></p>"),
            ),
            (
                "the title",
                page("Tin giả", "<p>Nộp cho <a href=\"/a\">xã</a></p>"),
            ),
            (
                "a program",
                page(
                    "Tin",
                    "<p>Nộp cho <a href=\"/a\">xã</a></p><script src=\"/x.js\"></script>",
                ),
            ),
            (
                "a box for more",
                page(
                    "Tin",
                    "<p>Nộp cho <a href=\"/a\">xã</a></p><div>Gọi số này</div>",
                ),
            ),
        ] {
            assert_ne!(Reading::on_page(&changed), as_signed, "{what}");
        }
    }

    #[test]
    fn an_earlier_revision_is_late_and_what_nobody_signed_is_forged() {
        let reading = |text: &str| Reading::of("Tin", "", text);
        let signed = [
            (1, reading("300 cây")),
            (2, reading("400 cây")),
            // Only a file was added.
            (3, reading("400 cây")),
            (4, reading("500 cây")),
        ];
        for (shown, current, expected) in [
            ("400 cây", 3, Shown::Current),
            ("400 cây", 2, Shown::Current),
            ("300 cây", 3, Shown::Older(1)),
            ("400 cây", 4, Shown::Older(3)),
            ("500 cây", 3, Shown::Newer(4)),
            ("900 cây", 3, Shown::Forged),
            ("900 cây", 9, Shown::Unknown),
        ] {
            assert_eq!(
                compare(reading(shown), &signed, current),
                expected,
                "{shown} where {current} counts"
            );
        }
    }
}
