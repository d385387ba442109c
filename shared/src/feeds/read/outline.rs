//! The outline of an XML feed: what it is, its head, and each entry by itself.
//!
//! Foreign feeds are read entry by entry, each in a small document of its own. So one entry with
//! a bare `&`, an odd type or a missing end tag is one entry less, not a feed less.

use super::markup::{Kind, Token, local_name, tokens};
use super::{Format, ReadError, Warning};

/// Attributes in one tag. A parser compares each with each.
const MAX_ATTRIBUTES: usize = 256;
/// Namespace declarations in an entry, or in the head: each element is resolved against all.
const MAX_NAMESPACES: usize = 64;
/// Bases set in an entry, or in the head: each is joined to the one around it.
const MAX_BASES: usize = 64;
/// Bytes of a tag that sets a base: every element below it carries a copy.
const MAX_BASE_TAG: usize = 2_048;
/// Bytes of the root's tag and the channel's: every entry is parsed within a copy.
const MAX_ROOT_TAG: usize = 8_192;

/// An XML feed, taken apart.
pub(super) struct Outline<'a> {
    pub(super) format: Format,
    /// Whether its elements have the names of Atom 0.3.
    pub(super) is_atom_03: bool,
    /// The base that the root declares for all links.
    pub(super) base: Option<String>,
    /// The document without its entries.
    pub(super) head: String,
    pub(super) entries: Vec<RawEntry<'a>>,
    pub(super) warnings: Vec<Warning>,
    /// What goes before and behind an entry to make it a document.
    opening: String,
    closing: String,
}

/// An entry as it stands in the document.
pub(super) struct RawEntry<'a> {
    pub(super) xml: &'a str,
    /// Why it is not even worth parsing.
    pub(super) flaw: Option<&'static str>,
}

impl Outline<'_> {
    /// A feed with just `entry` in it.
    pub(super) fn document_around(&self, entry: &str) -> String {
        [&self.opening, entry, &self.closing].concat()
    }
}

/// Takes apart `xml`, which holds no declarations any more.
pub(super) fn outline<'a>(xml: &'a str, max_depth: usize) -> Result<Outline<'a>, ReadError> {
    let mut tokens = tokens(xml);
    let root = tokens.find_map(|token| match token.kind {
        Kind::Start { name, .. } => Some((token, name)),
        _ => None,
    });
    let Some((root, name)) = root else {
        return Err(ReadError::NotAFeed("there is no markup in it".into()));
    };
    let mut outline = Outline::around(root, name)?;
    let entry_name = match outline.format {
        Format::Atom => "entry",
        _ => "item",
    };
    let mut plausibility = Plausibility::new(max_depth);
    let mut current: Option<OpenEntry> = None;
    for token in tokens {
        let is_entry = |name: &str| local_name(name) == entry_name;
        match (token.kind, &mut current) {
            (Kind::Start { name, empty }, None) if is_entry(name) => {
                let entry = OpenEntry::begin(token, max_depth);
                if empty {
                    outline.push(xml, entry, token.end(), None);
                } else {
                    current = Some(entry);
                }
            }
            // Entries do not nest: the one before was never closed.
            (Kind::Start { name, empty: false }, Some(_)) if is_entry(name) => {
                let broken = current.replace(OpenEntry::begin(token, max_depth));
                if let Some(broken) = broken {
                    outline.push(xml, broken, token.start, Some("it has no end"));
                }
            }
            (Kind::End { name }, Some(_)) if is_entry(name) => {
                if let Some(whole) = current.take() {
                    outline.push(xml, whole, token.end(), None);
                }
            }
            (_, Some(entry)) => entry.plausibility.add(token),
            (kind, None) => {
                plausibility.add(token);
                if let Some(flaw) = plausibility.flaw {
                    return Err(ReadError::Implausible(flaw));
                }
                if matches!(kind, Kind::Start { name, .. } if name == "channel") {
                    outline.enter_channel(token)?;
                }
                outline.head.push_str(token.raw);
            }
        }
    }
    if let Some(broken) = current {
        outline.push(xml, broken, xml.len(), Some("it has no end"));
    }
    Ok(outline)
}

impl<'a> Outline<'a> {
    fn around(root: Token<'_>, name: &str) -> Result<Self, ReadError> {
        check_root(root)?;
        let format = match local_name(name).to_ascii_lowercase().as_str() {
            "feed" => Format::Atom,
            "rss" => Format::Rss,
            "rdf" => Format::Rdf,
            other => return Err(ReadError::NotAFeed(format!("its root is <{other}>"))),
        };
        let attributes = attributes(root.raw);
        let version = attribute(&attributes, "version");
        let is_atom_03 = format == Format::Atom
            && (version == Some("0.3") || attributes.iter().any(|(_, value)| value == ATOM_03));

        let mut warnings = Vec::new();
        let usual: &[&str] = match format {
            Format::Rss => &["2.0", "0.91", "0.92", "0.93", "0.94"],
            _ => &[],
        };
        if is_atom_03 || (format == Format::Rss && !version.is_some_and(|v| usual.contains(&v))) {
            warnings.push(Warning::UnusualVersion(version.unwrap_or("none").into()));
        }

        let start = root_tag(format, name, &attributes);
        Ok(Self {
            format,
            is_atom_03,
            base: attribute(&attributes, "xml:base").map(str::to_owned),
            head: start.clone(),
            entries: Vec::new(),
            warnings,
            opening: match format {
                Format::Rss => format!("{start}<channel>"),
                _ => start,
            },
            closing: match format {
                Format::Rss => "</channel></rss>".to_owned(),
                _ => format!("</{name}>"),
            },
        })
    }

    /// The channel of an RSS document may declare namespaces for its items, too.
    fn enter_channel(&mut self, channel: Token<'_>) -> Result<(), ReadError> {
        check_root(channel)?;
        if self.format == Format::Rss
            && let Some(before) = self.opening.strip_suffix("<channel>")
        {
            let tag = start_tag("channel", &[], &attributes(channel.raw));
            self.opening = [before, &tag].concat();
        }
        Ok(())
    }

    fn push(&mut self, xml: &'a str, entry: OpenEntry, end: usize, flaw: Option<&'static str>) {
        self.entries.push(RawEntry {
            xml: &xml[entry.start..end],
            flaw: flaw.or(entry.plausibility.flaw),
        });
    }
}

/// Whether the tag around all entries is one that may be copied around each.
fn check_root(tag: Token<'_>) -> Result<(), ReadError> {
    let mut plausibility = Plausibility::new(1);
    plausibility.add(tag);
    match plausibility.flaw {
        Some(flaw) => Err(ReadError::Implausible(flaw)),
        None if tag.raw.len() > MAX_ROOT_TAG => {
            Err(ReadError::Implausible("its root tag is too long"))
        }
        None => Ok(()),
    }
}

const ATOM_03: &str = "http://purl.org/atom/ns#";
const ATOM_10: &str = "http://www.w3.org/2005/Atom";
const RSS_10: &str = "http://purl.org/rss/1.0/";

/// The root's start tag in the words that the parser knows: formats of the past have other
/// versions and namespaces for the same elements.
fn root_tag(format: Format, name: &str, attributes: &[(String, String)]) -> String {
    match format {
        Format::Rss => start_tag("rss", &[("version", "2.0")], attributes),
        Format::Rdf => start_tag(name, &[("xmlns", RSS_10)], attributes),
        // With a prefix, the default namespace is for something else.
        _ if name.contains(':') => start_tag(name, &[], attributes),
        _ => start_tag(name, &[("xmlns", ATOM_10)], attributes),
    }
}

/// A start tag with `given` attributes, and those of `attributes` that matter to its children.
fn start_tag(name: &str, given: &[(&str, &str)], attributes: &[(String, String)]) -> String {
    let inherited = attributes
        .iter()
        .filter(|(name, _)| name.starts_with("xmlns:") || name == "xml:base" || name == "xml:lang")
        .map(|(name, value)| match value.as_str() {
            ATOM_03 => (name.as_str(), ATOM_10),
            value => (name.as_str(), value),
        });
    let mut tag = format!("<{name}");
    for (name, value) in given.iter().copied().chain(inherited) {
        let value = quick_xml::escape::escape(value);
        tag.push_str(&format!(" {name}=\"{value}\""));
    }
    tag.push('>');
    tag
}

/// An entry whose end has not come yet.
struct OpenEntry {
    start: usize,
    plausibility: Plausibility,
}

impl OpenEntry {
    fn begin(token: Token<'_>, max_depth: usize) -> Self {
        let mut plausibility = Plausibility::new(max_depth);
        plausibility.add(token);
        Self {
            start: token.start,
            plausibility,
        }
    }
}

/// Looks at markup before a parser does, whose cost can grow faster than its input.
struct Plausibility {
    max_depth: usize,
    depth: usize,
    namespaces: usize,
    bases: usize,
    /// What was seen first of all that is wrong.
    flaw: Option<&'static str>,
}

impl Plausibility {
    fn new(max_depth: usize) -> Self {
        Self {
            max_depth,
            depth: 0,
            namespaces: 0,
            bases: 0,
            flaw: None,
        }
    }

    fn add(&mut self, token: Token<'_>) {
        match token.kind {
            Kind::Start { empty, .. } => {
                self.depth += usize::from(!empty);
                self.flaw = self.flaw.or_else(|| self.flaw_of(token.raw));
            }
            Kind::End { .. } => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn flaw_of(&mut self, tag: &str) -> Option<&'static str> {
        let sets_base = tag.contains("xml:base");
        self.bases += usize::from(sets_base);
        self.namespaces += tag.matches("xmlns").count();
        if self.depth > self.max_depth {
            Some("it nests too deeply")
        } else if tag.matches('=').count() > MAX_ATTRIBUTES {
            Some("it has a tag with too many attributes")
        } else if self.namespaces > MAX_NAMESPACES {
            Some("it declares too many namespaces")
        } else if self.bases > MAX_BASES {
            Some("it sets too many bases")
        } else if sets_base && tag.len() > MAX_BASE_TAG {
            Some("its base is too long")
        } else {
            None
        }
    }
}

/// The attributes of a start tag, with their entities resolved where possible.
pub(super) fn attributes(tag: &str) -> Vec<(String, String)> {
    let inner = tag
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim_end_matches('/');
    let name = inner
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(inner.len());
    quick_xml::events::BytesStart::from_content(inner, name)
        .attributes()
        .with_checks(false)
        .take(MAX_ATTRIBUTES)
        .filter_map(Result::ok)
        .map(|attribute| {
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_or_else(|_| attribute.value.to_string(), |value| value.into_owned());
            (attribute.key.as_ref().to_owned(), value)
        })
        .collect()
}

/// The value of the attribute `name`.
pub(super) fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
}
