//! From a foreign document to entries: the blocking, pure part behind [`super::guard::read`].

use std::panic::catch_unwind;
use std::time::Instant;

use feed_rs::model::{Entry, Feed, Link, Text};
use url::Url;

use super::decode::{decode, without_declarations};
use super::guard::{Document, Limits, check_html};
use super::identity::{Identity, identify};
use super::markup::{Kind, local_name, tokens};
use super::outline::{Outline, RawEntry, attribute, attributes, outline};
use super::text::{clean, language, line, plain, prefix, to_html};
use super::{
    ForeignEnclosure, ForeignEntry, Format, Quarantined, ReadError, ReadFeed, Warning, atom_03,
    extensions, json,
};
use crate::log::canonical::Digest;

/// Files we take from one entry.
pub(super) const MAX_ENCLOSURES: usize = 100;
/// Bytes of a quarantined entry that are kept.
const HEAD: usize = 200;

/// Reads `document`, giving up at `deadline`.
pub fn parse(
    document: &Document,
    limits: &Limits,
    deadline: Instant,
) -> Result<ReadFeed, ReadError> {
    if document.bytes.len() > limits.body {
        return Err(ReadError::TooLarge(limits.body));
    }
    let decoded = decode(&document.bytes, document.content_type.as_deref());
    let mut feed = if decoded.text.trim_start().starts_with('{') {
        json::read(&decoded.text, &document.url, limits, deadline)?
    } else {
        let xml = without_declarations(&decoded.text);
        read_xml(
            &outline(&xml, limits.depth)?,
            &document.url,
            limits,
            deadline,
        )?
    };
    feed.warnings.splice(0..0, decoded.warnings);
    identify(&mut feed.entries, &mut feed.warnings);
    Ok(feed)
}

fn read_xml(
    outline: &Outline<'_>,
    url: &Url,
    limits: &Limits,
    deadline: Instant,
) -> Result<ReadFeed, ReadError> {
    let mut warnings = outline.warnings.clone();
    let head_xml = modern(outline, &outline.head);
    let head = match parse_or_repair(&head_xml, url) {
        Ok((head, _)) => Some(head),
        Err(reason) if outline.entries.is_empty() => return Err(ReadError::Unreadable(reason)),
        Err(reason) => {
            warnings.push(Warning::UnreadableHead(reason));
            None
        }
    };
    let extensions = extensions::read(&head_xml, url);
    let context = Context {
        outline,
        url,
        limits,
        language: head
            .as_ref()
            .and_then(|head| language(head.language.as_deref()?)),
    };

    let mut feed = ReadFeed {
        format: outline.format,
        title: head.and_then(|head| title(&head.title?, outline.format)),
        entries: Vec::new(),
        quarantined: Vec::new(),
        tombstones: extensions.tombstones,
        archive: extensions.archive,
        warnings,
    };
    for (position, raw) in outline.entries.iter().enumerate() {
        if position == limits.entries {
            feed.warnings.push(Warning::TooManyEntries(limits.entries));
            break;
        }
        if Instant::now() > deadline {
            return Err(ReadError::TimedOut);
        }
        match context.read_entry(raw) {
            Ok((entry, repaired)) => {
                feed.entries.push(entry);
                feed.warnings
                    .extend(repaired.then_some(Warning::Repaired(position)));
            }
            Err(reason) => feed
                .quarantined
                .push(quarantined(position, reason, raw.xml)),
        }
    }
    Ok(feed)
}

/// An entry set aside.
pub(super) fn quarantined(position: usize, reason: String, raw: &str) -> Quarantined {
    Quarantined {
        position,
        reason,
        head: line(prefix(raw, HEAD)).unwrap_or_default(),
    }
}

fn modern(outline: &Outline<'_>, xml: &str) -> String {
    if outline.is_atom_03 {
        atom_03::modernise(xml)
    } else {
        xml.to_owned()
    }
}

/// What the parser makes of `xml`, as it is or, if need be, repaired; and whether it was.
fn parse_or_repair(xml: &str, url: &Url) -> Result<(Feed, bool), String> {
    match parse_document(xml, url) {
        Ok(feed) => Ok((feed, false)),
        // The reason that counts is the one for what the feed's owner wrote.
        Err(reason) => match parse_document(&repair(xml), url) {
            Ok(feed) => Ok((feed, true)),
            Err(_) => Err(reason),
        },
    }
}

fn parse_document(xml: &str, url: &Url) -> Result<Feed, String> {
    // The parser is not free of panics: it cuts author names in the middle of a letter and
    // overflows on durations. Caught here, they cost one entry.
    catch_unwind(|| {
        feed_rs::parser::Builder::new()
            .base_uri(Some(url))
            .sanitize_content(false)
            // Its own would make up a new id at every poll.
            .id_generator(|_, _, _| String::new())
            .build()
            .parse(xml.as_bytes())
    })
    .map_err(|_| "the parser failed".to_owned())?
    .map_err(|error| error.to_string())
}

/// `xml` with the two mistakes mended that are made by hand again and again: a bare `&`, and
/// HTML's way of not closing a line break or a picture.
fn repair(xml: &str) -> String {
    let mut repaired = String::with_capacity(xml.len() + 64);
    for token in tokens(xml) {
        match token.kind {
            Kind::Text => escape_bare(token.raw, &mut repaired),
            Kind::Start { name, empty: false } if is_void(name) => {
                repaired.push_str(token.raw.trim_end_matches('>'));
                repaired.push_str("/>");
            }
            Kind::End { name } if is_void(name) => {}
            _ => repaired.push_str(token.raw),
        }
    }
    repaired
}

fn is_void(name: &str) -> bool {
    ["br", "hr", "img"]
        .iter()
        .any(|void| name.eq_ignore_ascii_case(void))
}

fn escape_bare(text: &str, into: &mut String) {
    for (position, piece) in text.split('&').enumerate() {
        if position > 0 {
            let reference = piece
                .split(';')
                .next()
                .filter(|name| name.len() < piece.len());
            let name = |c: char| c.is_ascii_alphanumeric() || c == '#';
            let is_reference = reference.is_some_and(|r| !r.is_empty() && r.chars().all(name));
            into.push_str(if is_reference { "&" } else { "&amp;" });
        }
        into.push_str(&piece.replace('<', "&lt;"));
    }
}

/// What the entries of a document have in common.
struct Context<'a> {
    outline: &'a Outline<'a>,
    url: &'a Url,
    limits: &'a Limits,
    language: Option<String>,
}

impl Context<'_> {
    /// The entry, and whether it had to be repaired; or why it could not be read.
    fn read_entry(&self, raw: &RawEntry<'_>) -> Result<(ForeignEntry, bool), String> {
        if let Some(flaw) = raw.flaw {
            return Err(flaw.to_owned());
        }
        let xml = self.outline.document_around(&modern(self.outline, raw.xml));
        let (feed, repaired) = parse_or_repair(&xml, self.url)?;
        let parsed = feed
            .entries
            .into_iter()
            .next()
            .ok_or("nothing in it could be read")?;
        let mut entry = self.convert(parsed, raw)?;
        if raw.xml.contains("source") {
            entry.source = extensions::source(&xml);
        }
        Ok((entry, repaired))
    }

    fn convert(&self, parsed: Entry, raw: &RawEntry<'_>) -> Result<ForeignEntry, String> {
        let format = self.outline.format;
        let guid = clean(&parsed.id);
        let link = page(&parsed.links).or_else(|| {
            let guid = guid.as_deref().filter(|_| is_permalink(raw.xml, format))?;
            web_address(guid)
        });
        let content = parsed.content.as_ref().and_then(|content| {
            let body = content.body.as_deref()?;
            match content.content_type.as_str() {
                "text/plain" => Some(to_html(body)),
                // The parser's name for XHTML is not the registered one.
                "text/html" | "text/xml" | "application/xhtml" | "application/xhtml+xml" => {
                    Some(body.to_owned())
                }
                _ => None,
            }
        });
        let lead = parsed.summary.as_ref().map(|summary| html(summary, format));
        // A feed without full texts: its lead is the best it has.
        let (summary, content_html) = match content {
            Some(content) => (lead.as_deref().and_then(plain), Some(content)),
            None => (None, lead),
        };
        let content_html = content_html.filter(|html| !html.trim().is_empty());
        if let Some(html) = &content_html {
            check_html(html, self.limits)?;
        }
        let title = parsed.title.as_ref().and_then(|text| title(text, format));
        if guid.is_none() && link.is_none() && title.is_none() && content_html.is_none() {
            return Err("it is empty".into());
        }

        let tag = tokens(raw.xml).next().map_or("", |token| token.raw);
        let tag = attributes(tag);
        let own_base = [attribute(&tag, "xml:base"), parsed.base.as_deref()];
        Ok(ForeignEntry {
            // Provisional: it depends on the other entries of the document.
            identity: Identity::Content(Digest::of([])),
            base: self.base(own_base, link.as_deref()),
            guid,
            link,
            title,
            summary,
            content_html,
            published: parsed.published,
            updated: parsed.updated,
            authors: parsed
                .authors
                .iter()
                .filter_map(|person| person.name.as_deref().or(person.email.as_deref()))
                .filter_map(|name| line(name.trim_matches(['(', ')', ' '])))
                .collect(),
            tags: parsed
                .categories
                .iter()
                .filter_map(|category| line(category.label.as_deref().unwrap_or(&category.term)))
                .collect(),
            enclosures: enclosures(&parsed),
            language: attribute(&tag, "xml:lang")
                .or(parsed.language.as_deref())
                .and_then(language)
                .or_else(|| self.language.clone()),
            source: None,
            native: None,
        })
    }

    /// What links in the content are relative to: the innermost `xml:base`, else the entry's page.
    fn base(&self, own: [Option<&str>; 2], link: Option<&str>) -> String {
        let bases = [self.outline.base.as_deref()]
            .into_iter()
            .chain(own)
            .flatten();
        let base = bases.fold(None, |outer: Option<Url>, base| {
            outer
                .as_ref()
                .unwrap_or(self.url)
                .join(base.trim())
                .ok()
                .or(outer)
        });
        match (base, link) {
            (Some(base), _) => base.into(),
            (None, Some(link)) => link.to_owned(),
            (None, None) => self.url.to_string(),
        }
    }
}

/// A text as HTML. What RSS and RDF call text is HTML more often than not.
fn html(text: &Text, format: Format) -> String {
    if format == Format::Atom && text.content_type.as_str() == "text/plain" {
        to_html(&text.content)
    } else {
        text.content.clone()
    }
}

fn title(text: &Text, format: Format) -> Option<String> {
    if format == Format::Atom && text.content_type.as_str() == "text/plain" {
        line(&text.content)
    } else {
        plain(&text.content)
    }
}

/// The page of an entry, among its links.
fn page(links: &[Link]) -> Option<String> {
    links
        .iter()
        .filter(|link| link.target.is_none())
        .filter(|link| matches!(link.rel.as_deref(), None | Some("alternate")))
        .find_map(|link| web_address(&link.href))
}

/// `text` as an absolute address that a browser may follow.
pub(super) fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// Whether the guid of an RSS item claims to be its address; it does unless it says otherwise.
fn is_permalink(xml: &str, format: Format) -> bool {
    format == Format::Rss
        && tokens(xml)
            .filter(|token| matches!(token.kind, Kind::Start { name, .. } if local_name(name) == "guid"))
            .all(|token| attribute(&attributes(token.raw), "isPermaLink") != Some("false"))
}

fn enclosures(parsed: &Entry) -> Vec<ForeignEnclosure> {
    let linked = parsed
        .links
        .iter()
        .filter(|link| link.rel.as_deref() == Some("enclosure"))
        .filter_map(|link| {
            Some(ForeignEnclosure {
                url: web_address(&link.href)?,
                mime: link.media_type.as_deref().and_then(line),
                length: link.length,
                title: link.title.as_deref().and_then(line),
            })
        });
    let media = parsed.media.iter().flat_map(|object| {
        let title = object
            .title
            .as_ref()
            .and_then(|title| plain(&title.content));
        object.content.iter().filter_map(move |content| {
            Some(ForeignEnclosure {
                url: web_address(content.url.as_ref()?.as_str())?,
                mime: content.content_type.as_ref().map(|mime| mime.to_string()),
                length: content.size,
                title: title.clone(),
            })
        })
    });
    let mut enclosures: Vec<ForeignEnclosure> = Vec::new();
    for enclosure in linked.chain(media) {
        if enclosures.len() == MAX_ENCLOSURES {
            break;
        }
        if !enclosures.iter().any(|other| other.url == enclosure.url) {
            enclosures.push(enclosure);
        }
    }
    enclosures
}
