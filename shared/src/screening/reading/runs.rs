//! Runs of words among other bytes: notes in pictures, old office files.

use super::{FileWords, MOST_TEXT, Unread, push_line};

/// Shorter runs of letters are chance.
const SHORTEST: usize = 3;

/// The words found in `bytes` as UTF-8, and as UTF-16 of either order.
pub(super) fn words(bytes: &[u8]) -> String {
    let mut text = String::new();
    push_utf8(&mut text, bytes);
    for (first, order) in [(0, true), (0, false), (1, true), (1, false)] {
        push_utf16(&mut text, bytes.get(first..).unwrap_or_default(), order);
    }
    text
}

/// Word and Excel up to 2003 keep most Vietnamese as UTF-16, and the rest as single bytes.
pub(super) fn words_of_old_office(bytes: &[u8]) -> FileWords {
    let mut text = String::new();
    for (first, order) in [(0, true), (1, true)] {
        push_utf16(&mut text, bytes.get(first..).unwrap_or_default(), order);
    }
    push_utf8(&mut text, bytes);
    let is_locked = text.contains("EncryptedPackage");
    let unread = if is_locked {
        Some(Unread::Locked)
    } else if text.len() >= MOST_TEXT / 2 {
        Some(Unread::TooLarge)
    } else {
        None
    };
    FileWords {
        text,
        names: Vec::new(),
        unread,
    }
}

fn push_utf8(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        for run in chunk.valid().split(|c: char| c.is_control() && c != '\t') {
            if is_run(run) && !push_line(text, run) {
                return;
            }
        }
    }
}

fn push_utf16(text: &mut String, bytes: &[u8], is_little: bool) {
    let mut run = String::new();
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| match is_little {
        true => u16::from_le_bytes(*pair),
        false => u16::from_be_bytes(*pair),
    });
    for unit in units.chain([0]) {
        match char::from_u32(unit.into()).filter(|c| is_ours(*c)) {
            Some(c) => run.push(c),
            None => {
                if is_run(&run) && !push_line(text, &run) {
                    return;
                }
                run.clear();
            }
        }
    }
}

/// What Vietnamese is written with; other scripts in UTF-16 are mostly chance.
fn is_ours(c: char) -> bool {
    matches!(c, '\t' | ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' | '\u{2010}'..='\u{203a}' | '\u{20ab}')
}

fn is_run(run: &str) -> bool {
    run.chars()
        .filter(|c| c.is_alphanumeric())
        .nth(SHORTEST - 1)
        .is_some()
}
