//! A tokenizer for markup of any quality.
//!
//! Total and linear: every text is cut into tokens, whatever it is, and no byte is looked at more
//! than a few times. It serves where a real parser would give up: to see how deep something
//! nests before it is parsed, to find where one entry ends and the next begins in a document
//! that is not well-formed, and to take declarations out.

/// A piece of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// What it is.
    pub(super) kind: Kind<'a>,
    /// Where it begins.
    pub(super) start: usize,
    /// The whole of it.
    pub(super) raw: &'a str,
}

/// What a piece of markup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Characters and entities; also any `<` that begins nothing.
    Text,
    /// `<![CDATA[…]]>`
    CData,
    /// `<!-- … -->`
    Comment,
    /// `<?…?>`
    Instruction,
    /// `<!DOCTYPE …>` with its internal subset, or any other `<!…>`
    Declaration,
    /// `<name …>` or `<name …/>`
    Start { name: &'a str, empty: bool },
    /// `</name>`
    End { name: &'a str },
}

impl Token<'_> {
    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.start + self.raw.len()
    }
}

/// The tokens of a text, in order, without gaps.
pub(super) struct Tokens<'a> {
    text: &'a str,
    position: usize,
    // Once one of these was not found, it is not there further on either: looking again and
    // again would make a hostile text cost the square of its length.
    no_comment_end: bool,
    no_cdata_end: bool,
    no_instruction_end: bool,
    no_declaration_end: bool,
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Tokens<'_> {
    Tokens {
        text,
        position: 0,
        no_comment_end: false,
        no_cdata_end: false,
        no_instruction_end: false,
        no_declaration_end: false,
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.position;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let (kind, length) = match self.markup(rest) {
            Some(found) => found,
            // From here to the next `<` that might begin something.
            None => (Kind::Text, text_length(rest)),
        };
        self.position = start + length;
        Some(Token {
            kind,
            start,
            raw: &rest[..length],
        })
    }
}

impl<'a> Tokens<'a> {
    /// The markup at the start of `rest` and its length, unless that is text.
    fn markup(&mut self, rest: &'a str) -> Option<(Kind<'a>, usize)> {
        let delimited = |opening: &str, closing: &str, missing: &mut bool| {
            if *missing {
                return None;
            }
            let end = find_behind(rest, opening.len(), closing);
            *missing = end.is_none();
            Some(end? + closing.len())
        };
        if rest.starts_with("<!--") {
            let end = delimited("<!--", "-->", &mut self.no_comment_end)?;
            Some((Kind::Comment, end))
        } else if rest.starts_with("<![CDATA[") {
            let end = delimited("<![CDATA[", "]]>", &mut self.no_cdata_end)?;
            Some((Kind::CData, end))
        } else if rest.starts_with("<?") {
            let end = delimited("<?", "?>", &mut self.no_instruction_end)?;
            Some((Kind::Instruction, end))
        } else if rest.starts_with("<!") {
            if self.no_declaration_end {
                return None;
            }
            let end = declaration_length(rest);
            self.no_declaration_end = end.is_none();
            Some((Kind::Declaration, end?))
        } else if rest.starts_with('<') {
            tag(rest)
        } else {
            None
        }
    }
}

/// A tag at the start of `rest`, which begins with `<`.
fn tag(rest: &str) -> Option<(Kind<'_>, usize)> {
    let length = tag_length(rest)?;
    let inner = &rest[1..length - 1];
    let (closing, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let name = inner
        .split(|c: char| c.is_ascii_whitespace() || c == '/')
        .next()
        .filter(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':'))?;
    let kind = if closing {
        Kind::End { name }
    } else {
        let empty = inner.ends_with('/');
        Kind::Start { name, empty }
    };
    Some((kind, length))
}

/// Length of the tag at the start of `rest`: to the first `>` outside quotes, or, when its quotes
/// do not pair up, to the first `>` at all. A tag cannot contain `<`, quoted or not, so nothing
/// beyond the next one is looked at.
fn tag_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    let mut first_end = None;
    for (position, byte) in rest.bytes().enumerate().skip(1) {
        match (byte, quote) {
            (b'<', _) => break,
            (b'>', None) => return Some(position + 1),
            (b'>', Some(_)) => first_end = first_end.or(Some(position + 1)),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    first_end
}

/// Length of the declaration at the start of `rest`: to its `>` outside quotes and brackets.
fn declaration_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    let mut brackets = 0_usize;
    for (position, byte) in rest.bytes().enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'[', None) => brackets += 1,
            (b']', None) => brackets = brackets.saturating_sub(1),
            (b'>', None) if brackets == 0 => return Some(position + 1),
            _ => {}
        }
    }
    None
}

/// The part of a name behind its prefix.
pub(super) fn local_name(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Length of the text at the start of `rest`: to the next `<` that might begin something.
fn text_length(rest: &str) -> usize {
    let behind = rest.bytes().skip(1);
    let next = behind.into_iter().position(|byte| byte == b'<');
    next.map_or(rest.len(), |position| position + 1)
}

/// Where `closing` begins in `text`, at or behind byte `from`.
fn find_behind(text: &str, from: usize, closing: &str) -> Option<usize> {
    let position = text.get(from..)?.find(closing)?;
    Some(from + position)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        tokens(text).map(|token| token.kind).collect()
    }

    fn start(name: &str) -> Kind<'_> {
        Kind::Start { name, empty: false }
    }

    #[test]
    fn every_kind_of_markup_is_told_apart() {
        assert_eq!(
            kinds(concat!(
                r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "<>]">]><a:b c="<" d='>'>"#,
                r#"x<!-- <i> --><![CDATA[<i>]]><br/></a:b >"#,
            )),
            [
                Kind::Instruction,
                Kind::Declaration,
                // An attribute with `<` in it is no attribute.
                Kind::Text,
                Kind::Text,
                Kind::Comment,
                Kind::CData,
                Kind::Start {
                    name: "br",
                    empty: true
                },
                Kind::End { name: "a:b" },
            ]
        );
    }

    #[test]
    fn a_tag_ends_outside_its_quotes() {
        assert_eq!(
            kinds(r#"<a title="5 > 4" b='"'>x</a>"#),
            [start("a"), Kind::Text, Kind::End { name: "a" }]
        );
        // Quotes that do not pair up end with the tag.
        assert_eq!(
            kinds(r#"<a title="5>x</a>"#),
            [start("a"), Kind::Text, Kind::End { name: "a" }]
        );
    }

    #[test]
    fn what_begins_nothing_is_text() {
        for text in [
            "a < b",
            "<",
            "<>",
            "< a>",
            "<3>",
            "</>",
            "<a",
            "<!-- x",
            "<![CDATA[",
            "<!x",
        ] {
            assert!(
                tokens(text).all(|token| token.kind == Kind::Text),
                "{text}: {:?}",
                kinds(text)
            );
        }
        assert_eq!(kinds("đ<đ>đ"), [Kind::Text, start("đ"), Kind::Text]);
    }

    #[test]
    fn hostile_texts_take_time_in_proportion_to_their_length() {
        for piece in [
            "<!--",
            "<![CDATA[",
            "<?",
            "<!DOCTYPE [",
            "<",
            "<a \"",
            "<a \">\"",
            "<a '\"",
            "</",
            "<!'",
        ] {
            let text = piece.repeat(2_000_000 / piece.len());
            let begin = Instant::now();
            let length: usize = tokens(&text).map(|token| token.raw.len()).sum();
            assert_eq!(length, text.len());
            assert!(begin.elapsed() < Duration::from_secs(5), "{piece}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(pieces in prop::collection::vec(prop_oneof![
            "[<>/!?\"'=\\[\\]a-c -]{0,6}", any::<String>(), Just("<![CDATA[".to_owned()),
            Just("<!--".to_owned()), Just("-->".to_owned()), Just("<!DOCTYPE".to_owned()),
        ], 0..20)) {
            let text = pieces.concat();
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert_eq!(token.start, end);
                prop_assert!(!token.raw.is_empty());
                end = token.end();
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
