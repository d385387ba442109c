//! Atom 0.3, which never became a standard but is still written: the same tree as Atom 1.0 under
//! other names. The parser would find no entries in it, and call that a success.

use std::borrow::Cow;

use super::markup::{Kind, local_name, tokens};
use super::outline::{attribute, attributes};

/// An entry or the head of a feed, with the names of Atom 1.0.
pub(super) fn modernise(xml: &str) -> String {
    tokens(xml)
        .map(|token| match token.kind {
            Kind::Start { name, empty } => match local_name(name) {
                "title" | "summary" | "content" | "tagline" | "copyright" => {
                    Cow::Owned(text_tag(token.raw, name, empty))
                }
                _ => renamed(token.raw, name),
            },
            Kind::End { name } => renamed(token.raw, name),
            _ => Cow::Borrowed(token.raw),
        })
        .collect()
}

fn modern_name(name: &str) -> Option<&'static str> {
    match local_name(name) {
        "issued" => Some("published"),
        "modified" => Some("updated"),
        "tagline" => Some("subtitle"),
        "copyright" => Some("rights"),
        _ => None,
    }
}

fn renamed<'a>(tag: &'a str, name: &str) -> Cow<'a, str> {
    match modern_name(name) {
        Some(modern) => Cow::Owned(tag.replacen(local_name(name), modern, 1)),
        None => Cow::Borrowed(tag),
    }
}

/// Version 0.3 has two attributes where 1.0 has one: a media type, and how the text is packed.
fn text_tag(tag: &str, name: &str, empty: bool) -> String {
    let attributes = attributes(tag);
    let mode = attribute(&attributes, "mode").unwrap_or("xml");
    let mime = attribute(&attributes, "type").unwrap_or("text/plain");
    let kind = match (mode, mime) {
        // Base64: the parser will say no, and the entry is set aside.
        ("base64", _) => mime,
        (_, "text/plain") => "text",
        ("escaped", _) => "html",
        (_, "text/html") | (_, "application/xhtml+xml") => "xhtml",
        (_, other) => other,
    };
    let modern = match modern_name(name) {
        Some(modern) => name.replacen(local_name(name), modern, 1),
        None => name.to_owned(),
    };
    let kind = quick_xml::escape::escape(kind);
    let end = if empty { "/>" } else { ">" };
    format!("<{modern} type=\"{kind}\"{end}")
}
