//! Texts of foreign feeds: trimmed, plain where they should be, and free of control characters.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

use super::markup::{Kind, tokens};

/// A plain text may have this many bytes; it is cut behind.
const MAX_PLAIN: usize = 16 * 1024;
/// The longest language tag one may have to handle (RFC 5646, section 4.4.1).
const MAX_LANGUAGE: usize = 35;

/// `text` without control characters and outer blanks, unless nothing is left.
pub(super) fn clean(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// `text` on one line.
pub(super) fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clean(&line)
}

/// A language tag. Every entry gets a copy of the feed's, so it must not be a novel.
pub(super) fn language(text: &str) -> Option<String> {
    clean(text).filter(|tag| tag.len() <= MAX_LANGUAGE)
}

/// What a person reads in `html`, on one line.
pub(super) fn plain(html: &str) -> Option<String> {
    static ENTITIES_ONLY: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut builder = Builder::empty();
        builder.tags(HashSet::new());
        builder
    });
    let mut text = String::new();
    for token in tokens(prefix(html, MAX_PLAIN)) {
        match token.kind {
            Kind::Text => text.push_str(token.raw),
            Kind::CData => text.push_str(&token.raw["<![CDATA[".len()..token.raw.len() - 3]),
            // Words in two cells or paragraphs stay two words.
            Kind::Start { .. } | Kind::End { .. } => text.push(' '),
            Kind::Comment | Kind::Instruction | Kind::Declaration => {}
        }
    }
    // Without tags, sanitising does only what we want: it resolves HTML's two thousand entities,
    // which old portals use for every Vietnamese letter.
    let escaped = ENTITIES_ONLY.clean(&text.replace('<', "&lt;")).to_string();
    let resolved = escaped
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    line(&resolved)
}

/// Plain text as HTML: a paragraph where there was a blank line.
pub(super) fn to_html(text: &str) -> String {
    text.replace("\r\n", "\n")
        .split("\n\n")
        .filter_map(clean)
        .map(|paragraph| {
            let escaped = quick_xml::escape::minimal_escape(paragraph.as_str());
            format!("<p>{}</p>", escaped.replace('\n', "<br>"))
        })
        .collect()
}

/// The first `length` bytes of `text` or a little less, cut between characters.
pub(super) fn prefix(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn html_becomes_what_a_person_reads() {
        assert_eq!(
            plain("<b>Tin</b>&nbsp;&nbsp;t&#7913;c &amp; b&agrave;i<br/>5 &lt; 6 < 7 <!-- x -->")
                .as_deref(),
            Some("Tin tức & bài 5 < 6 < 7")
        );
        assert_eq!(plain("<p> </p>&nbsp;"), None);
        assert_eq!(plain("AT&T R&D").as_deref(), Some("AT&T R&D"));
        assert_eq!(plain("&amp;lt;").as_deref(), Some("&lt;"));
    }

    #[test]
    fn text_becomes_paragraphs() {
        assert_eq!(
            to_html("a < b & c\nd\r\n\r\n\r\ne"),
            "<p>a &lt; b &amp; c<br>d</p><p>e</p>"
        );
        assert_eq!(to_html(" \n\n "), "");
    }

    #[test]
    fn control_characters_go() {
        assert_eq!(clean(" a\0b\u{7}\u{85}\n").as_deref(), Some("ab"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String, length in 0..20_usize) {
            let _ = (plain(&text), to_html(&text), prefix(&text, length));
        }
    }
}
