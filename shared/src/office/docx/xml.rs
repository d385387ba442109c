//! One walk through a part, element by element, bounded in depth. No declarations, no entities but the
//! five and numbers.

use super::DocxError;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Deeper than tables within tables within text boxes ever are.
const DEEPEST: usize = 256;
/// More than any element of a text has.
const MOST_ATTRIBUTES: usize = 64;

/// A step through a part. Names are without their prefixes: what Word writes has no two that matter.
pub(super) enum Step<'a> {
    /// An element begins.
    Start(Tag<'a>),
    /// Text.
    Text(&'a str),
    /// An element ends.
    End(&'a str),
}

/// An element's name and attributes.
pub(super) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute's value.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0
            .attributes()
            .with_checks(false)
            .take(MOST_ATTRIBUTES)
            .filter_map(Result::ok)
            .find(|attribute| attribute.key.local_name().into_inner() == name)
            .map(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                value.map_or_else(|_| attribute.value.to_string(), |value| value.into_owned())
            })
    }

    /// What `w:val` says.
    pub(super) fn value(&self) -> Option<String> {
        self.get("val")
    }

    /// Whether a property that can be on or off is on.
    pub(super) fn is_on(&self) -> bool {
        !matches!(
            self.value().as_deref(),
            Some("0" | "false" | "off" | "none")
        )
    }
}

/// Walks through a part.
pub(super) fn walk(
    part: &str,
    mut step: impl FnMut(Step<'_>) -> Result<(), DocxError>,
) -> Result<(), DocxError> {
    let mut reader = Reader::from_str(part);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| DocxError::Broken)? {
            Event::Start(tag) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(DocxError::TooLarge);
                }
                step(Step::Start(Tag(&tag)))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                step(Step::End(tag.local_name().into_inner()))?;
            }
            Event::Text(text) => step(Step::Text(&text))?,
            Event::CData(text) => step(Step::Text(&text))?,
            Event::GeneralRef(name) => {
                let resolved = match name.resolve_char_ref() {
                    Ok(Some(character)) => character.to_string(),
                    _ => quick_xml::escape::resolve_predefined_entity(&name)
                        .unwrap_or_default()
                        .to_owned(),
                };
                step(Step::Text(&resolved))?;
            }
            // Office programs write none; it could only be there to unfold.
            Event::DocType(_) => return Err(DocxError::Broken),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}
