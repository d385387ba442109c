//! The words of HTML and of the XML in office files. Broken markup is read as far as it goes.

/// Attributes that hold words: watermarks (`string`), what a picture shows.
const WORDY: [&str; 6] = ["string", "alt", "descr", "title", "w:val", "o:title"];

/// The words of `markup`, one paragraph a line, boxes of a row parted by tabs. Letters that markup
/// stands between are one word, as they are when it is shown.
pub(in crate::screening) fn words(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len() / 2);
    let mut aside = String::new();
    let mut rest = markup;
    while let Some(open) = rest.find('<') {
        push_text(&mut text, &rest[..open]);
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->").unwrap_or(comment.len());
            push_aside(&mut aside, &comment[..end]);
            rest = comment.get(end + 3..).unwrap_or_default();
            continue;
        }
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").unwrap_or(data.len());
            push_text(&mut text, &data[..end]);
            rest = data.get(end + 3..).unwrap_or_default();
            continue;
        }
        let begins_tag = rest[1..]
            .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if !begins_tag {
            text.push('<');
            rest = &rest[1..];
            continue;
        }
        let end = end_of_tag(rest);
        let tag = &rest[1..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        match name_of(tag) {
            name if is_box(name) => text.push('\t'),
            name if is_block(name) => text.push('\n'),
            "w:tab" | "text:tab" | "a:tab" => text.push('\t'),
            "text:s" => text.push(' '),
            _ => {}
        }
        push_attributes(&mut aside, tag);
    }
    push_text(&mut text, rest);
    if !aside.is_empty() {
        text.push('\n');
        text.push_str(&aside);
    }
    text
}

/// A line end within a paragraph is a blank.
fn push_text(text: &mut String, raw: &str) {
    let raw = raw.replace(['\r', '\n'], " ");
    if raw.trim().is_empty() && (text.is_empty() || text.ends_with(['\n', '\t', ' '])) {
        return;
    }
    push_decoded(text, &raw);
}

fn push_aside(aside: &mut String, raw: &str) {
    if !raw.trim().is_empty() {
        push_decoded(aside, raw);
        aside.push('\n');
    }
}

fn push_attributes(aside: &mut String, tag: &str) {
    // Nearly all tags have none of them.
    if !tag.contains('=') {
        return;
    }
    for name in WORDY {
        let mut rest = tag;
        while let Some(at) = rest.find(name) {
            let is_whole = rest[..at].ends_with(|c: char| c.is_whitespace() || c == ':');
            let after = rest[at + name.len()..].trim_start();
            rest = &rest[at + name.len()..];
            let Some(value) = after.strip_prefix('=').filter(|_| is_whole) else {
                continue;
            };
            let value = value.trim_start();
            let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            let value = &value[1..];
            push_aside(aside, &value[..value.find(quote).unwrap_or(value.len())]);
        }
    }
}

/// Where a tag ends; a `>` within quotes is none.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return at,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    // A quote nobody closed: then the next bracket is meant.
    tag.find('>').unwrap_or(tag.len())
}

fn name_of(tag: &str) -> &str {
    let tag = tag.trim_start_matches('/');
    let end = tag
        .find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))
        .unwrap_or(tag.len());
    &tag[..end]
}

fn is_box(name: &str) -> bool {
    matches!(
        name,
        "td" | "th" | "TD" | "TH" | "w:tc" | "table:table-cell" | "a:tc" | "c" | "x:c"
    )
}

fn is_block(name: &str) -> bool {
    let local = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
    matches!(
        local.as_str(),
        "p" | "div"
            | "br"
            | "cr"
            | "h"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "li"
            | "ul"
            | "ol"
            | "tr"
            | "row"
            | "table"
            | "table-row"
            | "blockquote"
            | "figure"
            | "figcaption"
            | "caption"
            | "hr"
            | "pre"
            | "section"
            | "article"
            | "si"
            | "line-break"
            | "txbxcontent"
            | "textbox"
            | "dt"
            | "dd"
            | "title"
            | "subject"
            | "creator"
            | "keywords"
            | "description"
            | "lastmodifiedby"
            | "category"
            | "script"
    )
}

fn push_decoded(text: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        match end.and_then(|end| Some((entity(&rest[..end])?, end))) {
            Some((c, end)) => {
                text.push(c);
                rest = &rest[end + 1..];
            }
            None => text.push('&'),
        }
    }
    text.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        "nbsp" => ' ',
        "Acirc" => 'Â',
        "acirc" => 'â',
        "shy" | "zwnj" | "zwj" => '\u{ad}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
