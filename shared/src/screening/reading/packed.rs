//! ZIP files: the office files of today are such, and every other is looked into the same way.

use super::{FileWords, MOST_TEXT, Unread, markup, push_line, read};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Most files in one archive that are looked into.
const MOST_MEMBERS: usize = 4_000;
/// Largest file in an archive that is looked into.
const LARGEST_MEMBER: u64 = 64 * 1024 * 1024;

/// The words of all files of an archive. `left` is how many bytes may still be unpacked.
pub(super) fn words(bytes: &[u8], depth: usize, left: &mut u64) -> FileWords {
    let mut found = FileWords::default();
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        found.unread = Some(Unread::Unknown);
        return found;
    };
    if archive.len() > MOST_MEMBERS {
        found.unread = Some(Unread::TooLarge);
    }
    let is_office = archive
        .file_names()
        .flatten()
        .any(|name| matches!(&*name, "[Content_Types].xml" | "META-INF/manifest.xml"));
    for index in 0..archive.len().min(MOST_MEMBERS) {
        let Ok(name) = archive.by_index_raw(index).map(|member| {
            let is_locked = member.encrypted();
            if is_locked {
                found.unread = Some(Unread::Locked);
            }
            // Not every program writes names as UTF-8.
            String::from_utf8_lossy(member.name_raw()).into_owned()
        }) else {
            found.unread = Some(Unread::Unknown);
            continue;
        };
        if name.ends_with('/') {
            continue;
        }
        // The parts of an office file have names no person gave them.
        if !is_office {
            found.names.push(name.clone());
        }
        let member = match archive.by_index(index) {
            Ok(member) => unpack(member, left),
            Err(_) => Err(Unread::Unknown),
        };
        let unread =
            member.and_then(|bytes| add(&mut found, &name, &bytes, is_office, depth, left));
        if let Err(unread) = unread {
            found.unread.get_or_insert(unread);
        }
    }
    found
}

fn unpack(member: impl Read, left: &mut u64) -> Result<Vec<u8>, Unread> {
    let most = LARGEST_MEMBER.min(*left);
    let mut bytes = Vec::new();
    member
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| Unread::Unknown)?;
    *left = left.saturating_sub(bytes.len() as u64);
    if bytes.len() as u64 > most {
        return Err(Unread::TooLarge);
    }
    Ok(bytes)
}

fn add(
    found: &mut FileWords,
    name: &str,
    bytes: &[u8],
    is_office: bool,
    depth: usize,
    left: &mut u64,
) -> Result<(), Unread> {
    let is_markup = [".xml", ".html", ".htm", ".xhtml", ".rels", ".vml"]
        .iter()
        .any(|ending| name.to_ascii_lowercase().ends_with(ending));
    if is_markup {
        // Styles, themes and relations have no words of people.
        let is_dull = [
            "styles.xml",
            "theme",
            "settings.xml",
            "fontTable",
            ".rels",
            "[Content_Types]",
        ]
        .iter()
        .any(|dull| is_office && name.contains(dull));
        if is_dull {
            return Ok(());
        }
        let (text, _, _) = encoding_rs::UTF_8.decode(bytes);
        let fits = push_line(&mut found.text, &markup::words(&text));
        return if fits { Ok(()) } else { Err(Unread::TooLarge) };
    }
    if depth == 0 {
        return Err(Unread::TooLarge);
    }
    // Fonts and printers' settings of an office file are not read, and nobody misses them.
    let is_dull = is_office && !is_known(bytes);
    if is_dull {
        return Ok(());
    }
    let inner = read(bytes, depth - 1, left);
    found.names.extend(inner.names);
    if let Some(unread) = inner.unread {
        found.unread.get_or_insert(unread);
    }
    let fits = found.text.len() < MOST_TEXT && push_line(&mut found.text, &inner.text);
    if fits { Ok(()) } else { Err(Unread::TooLarge) }
}

fn is_known(bytes: &[u8]) -> bool {
    let begins: [&[u8]; 7] = [
        b"%PDF-",
        b"PK\x03\x04",
        b"\xD0\xCF\x11\xE0",
        b"\xFF\xD8\xFF",
        b"\x89PNG",
        b"GIF8",
        b"RIFF",
    ];
    begins.iter().any(|known| bytes.starts_with(known))
}
