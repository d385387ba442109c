//! What a camera, a scanner or a program wrote into a picture: EXIF, XMP, IPTC, comments. The picture
//! itself is not read.

use super::{FileWords, markup, push_line, runs};
use flate2::read::ZlibDecoder;
use std::io::Read;

/// Most notes of a picture that are read.
const MOST_NOTES: usize = 2 * 1024 * 1024;

/// The words in the notes of a picture.
pub(super) fn words(bytes: &[u8]) -> FileWords {
    let mut notes = Vec::new();
    match bytes {
        [0xFF, 0xD8, ..] => of_jpeg(bytes, &mut notes),
        [0x89, b'P', ..] => of_png(bytes, &mut notes),
        [b'R', ..] => of_webp(bytes, &mut notes),
        _ => of_gif(bytes, &mut notes),
    }
    let mut text = String::new();
    for note in notes {
        let words = runs::words(&note);
        // XMP is markup; its words are looked at with it and without.
        if words.contains('<') {
            push_line(&mut text, &markup::words(&words));
        }
        push_line(&mut text, &words);
    }
    FileWords {
        text,
        ..FileWords::default()
    }
}

fn keep(notes: &mut Vec<Vec<u8>>, note: &[u8]) {
    let held: usize = notes.iter().map(Vec::len).sum();
    notes.push(note[..note.len().min(MOST_NOTES.saturating_sub(held))].to_vec());
}

/// Segments APP0 to APP15 and COM, up to the picture itself, and whatever follows its end.
fn of_jpeg(bytes: &[u8], notes: &mut Vec<Vec<u8>>) {
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        if *marker == 0xFF {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xDA || length < 2 {
            break;
        }
        if matches!(marker, 0xE0..=0xEF | 0xFE) {
            let end = (at + 2 + length).min(bytes.len());
            keep(notes, bytes.get(at + 4..end).unwrap_or_default());
        }
        at += 2 + length;
    }
    if let Some(end) = bytes.windows(2).rposition(|pair| pair == [0xFF, 0xD9]) {
        keep(notes, &bytes[end + 2..]);
    }
}

fn of_png(bytes: &[u8], notes: &mut Vec<Vec<u8>>) {
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = (at + 8).saturating_add(length).min(bytes.len());
        let data = &bytes[at + 8..end];
        match &head[4..] {
            b"tEXt" | b"eXIf" => keep(notes, data),
            b"iTXt" | b"zTXt" => {
                keep(notes, data);
                unpack(data, notes);
            }
            _ => {}
        }
        at = end.saturating_add(4);
    }
}

/// What is packed in a note: it begins somewhere after its name.
fn unpack(data: &[u8], notes: &mut Vec<Vec<u8>>) {
    let begins = data
        .windows(2)
        .position(|pair| pair[0] == 0x78 && matches!(pair[1], 0x01 | 0x5E | 0x9C | 0xDA));
    let Some(packed) = begins.and_then(|at| data.get(at..)) else {
        return;
    };
    let mut unpacked = Vec::new();
    let mut reader = ZlibDecoder::new(packed).take(MOST_NOTES as u64);
    // What is broken is read as far as it goes.
    if reader.read_to_end(&mut unpacked).is_ok() || !unpacked.is_empty() {
        keep(notes, &unpacked);
    }
}

fn of_webp(bytes: &[u8], notes: &mut Vec<Vec<u8>>) {
    let mut at = 12;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let end = (at + 8).saturating_add(length).min(bytes.len());
        if matches!(&head[..4], b"EXIF" | b"XMP ") {
            keep(notes, &bytes[at + 8..end]);
        }
        at = end.saturating_add(length & 1);
    }
}

/// Comments, and whatever else looks like words: what the pixels of a GIF look like is chance.
fn of_gif(bytes: &[u8], notes: &mut Vec<Vec<u8>>) {
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(2).position(|pair| pair == [0x21, 0xFE]) {
        at += found + 2;
        let mut comment = Vec::new();
        while let Some(length) = bytes
            .get(at)
            .map(|length| usize::from(*length))
            .filter(|length| *length > 0)
        {
            comment.extend_from_slice(bytes.get(at + 1..at + 1 + length).unwrap_or_default());
            at += 1 + length;
            if comment.len() > MOST_NOTES || at >= bytes.len() {
                break;
            }
        }
        keep(notes, &comment);
        at = at.min(bytes.len());
    }
}
