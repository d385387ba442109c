//! The package around a Word file: a ZIP, opened within bounds.

use super::story::PictureAt;
use super::{DocxError, Picture, relations};
use crate::archive::zip::Reader;
use bytes::Bytes;
use std::cell::Cell;

/// Most files in a package.
const MOST_FILES: usize = 4_096;
/// Largest part of text, unpacked.
const LARGEST_PART: u64 = 16 * 1024 * 1024;
/// Largest picture.
const LARGEST_PICTURE: u64 = 10 * 1024 * 1024;
/// Most that is unpacked of one package.
const MOST_UNPACKED: u64 = 64 * 1024 * 1024;
/// How far text that is no trap packs.
const STEEPEST_RATIO: u64 = 300;
/// Below this no ratio is looked at: a small part may be one word over and over.
const SMALL: u64 = 1024 * 1024;
/// How a file of before 2007, or a locked one, begins.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

pub(super) struct Package {
    zip: Reader,
    left: Cell<u64>,
}

impl Package {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, DocxError> {
        if bytes.starts_with(OLE) {
            return Err(DocxError::OldOrLocked);
        }
        if !bytes.starts_with(b"PK\x03\x04") {
            return Err(DocxError::NotWord);
        }
        let zip = Reader::of_bytes(Bytes::copy_from_slice(bytes)).map_err(|_| DocxError::Broken)?;
        if zip.names().len() > MOST_FILES {
            return Err(DocxError::TooLarge);
        }
        let package = Self {
            zip,
            left: Cell::new(MOST_UNPACKED),
        };
        package.refuse_programs()?;
        Ok(package)
    }

    /// A program is refused wherever it lies and whatever the file is called.
    fn refuse_programs(&self) -> Result<(), DocxError> {
        let carries = self.zip.names().iter().any(|name| {
            let name = name.to_ascii_lowercase();
            name.ends_with("vbaproject.bin") || name.ends_with("vbadata.xml")
        });
        let types = self
            .optional_xml("[Content_Types].xml")?
            .ok_or(DocxError::NotWord)?;
        let types = types.to_ascii_lowercase();
        if carries || types.contains("macroenabled") || types.contains("vbaproject") {
            return Err(DocxError::Macros);
        }
        if !types.contains("wordprocessingml") {
            return Err(DocxError::NotWord);
        }
        Ok(())
    }

    /// The names of all files.
    pub(super) fn names(&self) -> &[String] {
        self.zip.names()
    }

    /// The part with the body.
    pub(super) fn main_part(&self) -> Result<String, DocxError> {
        let usual = "word/document.xml";
        if self.zip.sizes(usual).is_some() {
            return Ok(usual.to_owned());
        }
        let told = relations::main_part(self)?;
        told.filter(|name| self.zip.sizes(name).is_some())
            .ok_or(DocxError::NotWord)
    }

    /// A part that must be there.
    pub(super) fn xml(&self, name: &str) -> Result<String, DocxError> {
        self.optional_xml(name)?.ok_or(DocxError::Broken)
    }

    /// A part that may be there.
    pub(super) fn optional_xml(&self, name: &str) -> Result<Option<String>, DocxError> {
        let Some((packed, size)) = self.zip.sizes(name) else {
            return Ok(None);
        };
        if size > SMALL && size / packed.max(1) > STEEPEST_RATIO {
            return Err(DocxError::TooLarge);
        }
        let bytes = self.bytes(name, size, LARGEST_PART)?;
        as_text(bytes).map(Some)
    }

    /// The pictures a body names. Those that are too large or not there are empty: the text goes on.
    pub(super) fn pictures(&self, named: &[PictureAt]) -> Result<Vec<Picture>, DocxError> {
        let mut pictures = Vec::new();
        for PictureAt(name) in named {
            let bytes = match self.zip.sizes(name) {
                Some((_, size)) if size <= LARGEST_PICTURE => {
                    self.bytes(name, size, LARGEST_PICTURE)?
                }
                _ => Vec::new(),
            };
            pictures.push(Picture {
                name: name.rsplit('/').next().unwrap_or_default().to_owned(),
                bytes,
            });
        }
        Ok(pictures)
    }

    fn bytes(&self, name: &str, size: u64, most: u64) -> Result<Vec<u8>, DocxError> {
        let left = self.left.get().checked_sub(size);
        let left = left.filter(|_| size <= most).ok_or(DocxError::TooLarge)?;
        self.left.set(left);
        self.zip.bytes(name, size).map_err(|_| DocxError::Broken)
    }
}

/// The text of a part: UTF-8, or UTF-16 as its first two bytes say.
fn as_text(bytes: Vec<u8>) -> Result<String, DocxError> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(&bytes)
        && encoding != encoding_rs::UTF_8
    {
        return Ok(encoding.decode(&bytes).0.into_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| DocxError::Broken)?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
