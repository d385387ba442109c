//! The header fields of a signed message: joined, parsed as structured fields, and digested.

use std::convert::Infallible;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::visitor::{DictionaryVisitor, EntryVisitor, Ignored};
use sfv::{BareItem, Dictionary, FieldType as _, KeyRef, List, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use super::{MAX_HEADER_BYTES, SignatureError, name};

/// The value of a header that may come in several lines, as RFC 9421, section 2.1 wants it.
pub(super) fn joined(headers: &HeaderMap, name: &str) -> Result<Option<String>, SignatureError> {
    let mut lines = headers.get_all(name).iter().map(|line| {
        line.to_str()
            .map(str::trim)
            .map_err(|_| SignatureError::Malformed("a covered header"))
    });
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let mut value = first?.to_owned();
    for line in lines {
        value.push_str(", ");
        value.push_str(line?);
    }
    Ok(Some(value))
}

/// A signature header as a dictionary in which no name occurs twice.
pub(super) fn dictionary(
    headers: &HeaderMap,
    header: &HeaderName,
    shown: &'static str,
) -> Result<Dictionary, SignatureError> {
    // Before anything is copied: the sum of the lines is what a sender can make us handle.
    let size: usize = headers
        .get_all(header)
        .iter()
        .map(|line| line.len() + 2)
        .sum();
    if size > MAX_HEADER_BYTES + 2 {
        return Err(SignatureError::TooLarge(shown));
    }
    let text = joined(headers, header.as_str())
        .map_err(|_| SignatureError::Malformed(shown))?
        .ok_or(SignatureError::Missing)?;
    parse_dictionary(&text, shown)
}

fn parse_dictionary(text: &str, shown: &'static str) -> Result<Dictionary, SignatureError> {
    let dictionary: Dictionary = Parser::new(text)
        .parse()
        .map_err(|_| SignatureError::Malformed(shown))?;
    // A structured field lets the last of two equal names win. Which of two signatures or digests
    // was meant must not depend on the reader.
    let entries = Parser::new(text)
        .parse_dictionary_with_visitor(EntryCount(0))
        .map_err(|_| SignatureError::Malformed(shown))?;
    if entries == dictionary.len() {
        Ok(dictionary)
    } else {
        Err(SignatureError::Ambiguous(shown))
    }
}

struct EntryCount(usize);

impl<'de> DictionaryVisitor<'de> for EntryCount {
    type Out = usize;
    type Error = Infallible;

    fn entry(&mut self, _: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Self::Error> {
        self.0 += 1;
        Ok(Ignored)
    }

    fn finish(self) -> Result<Self::Out, Self::Error> {
        Ok(self.0)
    }
}

/// The text of one value, in the canonical form of structured fields.
pub(super) fn serialise(entry: ListEntry) -> Result<String, SignatureError> {
    let list: List = vec![entry];
    list.serialize()
        .ok_or(SignatureError::Malformed("signature-input"))
}

/// A header holding one labelled entry.
pub(super) fn serialise_entry(
    label: &'static str,
    entry: ListEntry,
) -> Result<HeaderValue, SignatureError> {
    Dictionary::from_iter([(name(label)?, entry)])
        .serialize()
        .and_then(|text| HeaderValue::try_from(text).ok())
        .ok_or(SignatureError::Malformed("signature-input"))
}

/// The `Content-Digest` we send.
pub(super) fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Every digest we can compute must fit, and `sha-256` must be among them.
pub(super) fn verify_content_digest(digests: &str, body: &[u8]) -> Result<(), SignatureError> {
    if digests.len() > MAX_HEADER_BYTES {
        return Err(SignatureError::TooLarge("content-digest"));
    }
    let digests = parse_dictionary(digests, "content-digest")?;
    if !digests.contains_key("sha-256") {
        return Err(SignatureError::DigestMissing);
    }
    for (algorithm, entry) in &digests {
        let expected = match algorithm.as_str() {
            "sha-256" => Sha256::digest(body).to_vec(),
            "sha-512" => Sha512::digest(body).to_vec(),
            // RFC 9530, section 2: a receiver passes over algorithms it does not know.
            _ => continue,
        };
        let fits = matches!(
            entry,
            ListEntry::Item(item) if matches!(
                &item.bare_item,
                BareItem::ByteSequence(received) if *received == expected
            )
        );
        if !fits {
            return Err(SignatureError::DigestMismatch);
        }
    }
    Ok(())
}
