//! The words of a file, wherever in it they stand: pages, heads and feet, watermarks, remarks, the notes
//! a camera leaves in a picture, the names of packed files. By what the bytes are, not by their name.
//!
//! Nothing here trusts its input: unpacking has bounds, and what cannot be read is said to be unread.

mod letters;
mod markup;
mod packed;
mod pdf;
mod picture;
mod runs;

pub(super) use markup::words as words_of_markup;

/// What could be read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileWords {
    /// Its words, one paragraph or box a line.
    pub text: String,
    /// Names of files packed in it.
    pub names: Vec<String>,
    /// Why there may be words that were not read.
    pub unread: Option<Unread>,
}

/// Why a file could not be read, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// A password is needed.
    Locked,
    /// Broken, or of a form nobody here knows.
    Unknown,
    /// Pages that are pictures.
    Scanned,
    /// More than is ever read.
    TooLarge,
}

impl Unread {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Unknown => "unknown",
            Self::Scanned => "scanned",
            Self::TooLarge => "too-large",
        }
    }

    /// Why, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Locked => "tệp có mật khẩu",
            Self::Unknown => "tệp hỏng hoặc không đúng dạng",
            Self::Scanned => "có trang là ảnh chụp, không có chữ",
            Self::TooLarge => "tệp quá dài",
        }
    }
}

/// Most words of one file that are read, in bytes.
const MOST_TEXT: usize = 8 * 1024 * 1024;
/// Most bytes one file may become when it is unpacked.
const MOST_UNPACKED: u64 = 160 * 1024 * 1024;
/// How deep files lie in files.
const DEEPEST: usize = 2;

/// Reads the words of `bytes`. It takes time and memory in proportion to the file, up to bounds: call it
/// where blocking is fine.
pub fn words(bytes: &[u8]) -> FileWords {
    let mut left = MOST_UNPACKED;
    read(bytes, DEEPEST, &mut left)
}

fn read(bytes: &[u8], depth: usize, left: &mut u64) -> FileWords {
    match bytes {
        _ if bytes
            .get(..1024.min(bytes.len()))
            .is_some_and(|head| contains(head, b"%PDF-")) =>
        {
            pdf::words(bytes)
        }
        [b'P', b'K', 3, 4, ..] => packed::words(bytes, depth, left),
        // Old Word and Excel; today's, with a password, look the same.
        [0xD0, 0xCF, 0x11, 0xE0, ..] => runs::words_of_old_office(bytes),
        [0xFF, 0xD8, 0xFF, ..] | [0x89, b'P', b'N', b'G', ..] | [b'G', b'I', b'F', b'8', ..] => {
            picture::words(bytes)
        }
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => picture::words(bytes),
        _ => FileWords {
            text: runs::words(bytes),
            names: Vec::new(),
            unread: std::str::from_utf8(bytes)
                .is_err()
                .then_some(Unread::Unknown),
        },
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Adds a line, as long as there is room.
fn push_line(text: &mut String, line: &str) -> bool {
    if text.len() + line.len() > MOST_TEXT {
        return false;
    }
    text.push_str(line);
    text.push('\n');
    true
}

#[cfg(test)]
mod tests;
