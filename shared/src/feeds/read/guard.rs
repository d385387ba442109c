//! What stands between a foreign document and our memory, processor and patience.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use url::Url;

use super::markup::{Kind, tokens};
use super::{ReadError, ReadFeed, parse};

/// How much we take from one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole document, decompressed.
    pub body: usize,
    /// Entries; the rest is left unread.
    pub entries: usize,
    /// Bytes of one entry's HTML.
    pub html: usize,
    /// How deep elements may nest, in the document and in an entry's HTML.
    pub depth: usize,
    /// Time for the whole document.
    pub time: Duration,
}

impl Limits {
    /// What every source gets.
    pub const STANDARD: Self = Self {
        body: 5 * 1024 * 1024,
        entries: 1_000,
        html: 512 * 1024,
        depth: 256,
        time: Duration::from_secs(10),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// A document as fetched.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its bytes, after decompression.
    pub bytes: Bytes,
    /// The header `Content-Type` it came with.
    pub content_type: Option<String>,
    /// Where it was fetched from: what relative links are relative to.
    pub url: Url,
}

/// Reads a foreign document away from the threads that serve people. Whatever happens in there,
/// a panic or an endless loop, becomes an error of this one source.
pub async fn read(document: Document, limits: Limits) -> Result<ReadFeed, ReadError> {
    // A blocking task cannot be stopped from outside, so it is told when to stop by itself; the
    // timeout is for the case that it does not get to look.
    let deadline = Instant::now() + limits.time;
    let task = tokio::task::spawn_blocking(move || parse::parse(&document, &limits, deadline));
    match tokio::time::timeout(limits.time, task).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => {
            tracing::error!(error = %panic, "the reader of foreign feeds panicked");
            Err(ReadError::ReaderFailed)
        }
        Err(_) => Err(ReadError::TimedOut),
    }
}

/// Whether `html` is small and flat enough for a sanitiser, whose cost grows with the square of
/// the depth; if not, why.
pub fn check_html(html: &str, limits: &Limits) -> Result<(), &'static str> {
    if html.len() > limits.html {
        return Err("its HTML is too long");
    }
    let mut open: HashMap<String, usize> = HashMap::new();
    let mut depth = 0;
    for token in tokens(html) {
        match token.kind {
            // HTML knows no `<div/>`: that one stays open.
            Kind::Start { name, .. } if !closes_by_itself(name) => {
                *open.entry(name.to_ascii_lowercase()).or_default() += 1;
                depth += 1;
            }
            // An end tag closes something only if that is open; a stray one must not make room.
            Kind::End { name } => {
                if let Some(count) = open.get_mut(&name.to_ascii_lowercase())
                    && *count > 0
                {
                    *count -= 1;
                    depth -= 1;
                }
            }
            _ => {}
        }
        if depth > limits.depth {
            return Err("its HTML nests too deeply");
        }
    }
    Ok(())
}

/// Elements without content, and those that the next of their kind closes: however many of them
/// are never closed, they do not nest.
fn closes_by_itself(name: &str) -> bool {
    const NAMES: [&str; 32] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody",
        "tfoot", "option", "optgroup", "colgroup", "rt", "rp", "html", "head", "body",
    ];
    NAMES.iter().any(|other| name.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str) -> Result<(), &'static str> {
        check_html(html, &Limits::STANDARD)
    }

    #[test]
    fn ordinary_html_passes_however_sloppy() {
        let long_page = "<p>Đoạn văn<br><ul><li>một<li>hai</ul>".repeat(1_000);
        assert_eq!(check(&long_page), Ok(()));
        assert_eq!(check(&"<tr><td>ô".repeat(5_000)), Ok(()));
        assert_eq!(check(&"<B>đậm</b><IMG src=x>".repeat(5_000)), Ok(()));
        assert_eq!(check(&"</div>".repeat(5_000)), Ok(()));
    }

    #[test]
    fn deep_html_is_refused() {
        let deep = Err("its HTML nests too deeply");
        assert_eq!(check(&"<div>".repeat(16_000)), deep);
        assert_eq!(check(&"<div/>".repeat(16_000)), deep);
        // End tags of what is not open do not make room.
        assert_eq!(check(&"<div></x><b></p>".repeat(300)), deep);
        assert_eq!(check(&"<div>".repeat(256)), Ok(()));
    }

    #[test]
    fn long_html_is_refused() {
        assert_eq!(check(&"x".repeat(512 * 1024)), Ok(()));
        assert_eq!(
            check(&"x".repeat(512 * 1024 + 1)),
            Err("its HTML is too long")
        );
    }
}
