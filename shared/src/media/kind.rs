//! What an uploaded file is: read from its bytes, whatever it is called.

use super::packed::{self, Packed};

/// The kinds of files that are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// PDF.
    Pdf,
    /// Word before 2007.
    Doc,
    /// Excel before 2007.
    Xls,
    /// PowerPoint before 2007.
    Ppt,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// PowerPoint.
    Pptx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument table.
    Ods,
    /// OpenDocument slides.
    Odp,
    /// ZIP of anything that does not run.
    Zip,
    /// MP4.
    Mp4,
    /// WebM.
    WebM,
    /// Captions of a video, WebVTT.
    Vtt,
}

/// What a file is used as; each has its own limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Shown.
    Picture,
    /// Downloaded.
    Document,
    /// Played.
    Video,
}

impl Class {
    /// All classes, in the order filters offer them.
    pub const ALL: [Self; 3] = [Self::Picture, Self::Document, Self::Video];

    /// Its name in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Document => "document",
            Self::Video => "video",
        }
    }

    /// The class of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// The class of a media type.
    pub fn of_mime(mime: &str) -> Self {
        match mime.split('/').next() {
            Some("image") => Self::Picture,
            Some("video") => Self::Video,
            _ => Self::Document,
        }
    }

    /// What staff call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Picture => "Ảnh",
            Self::Document => "Tệp",
            Self::Video => "Video",
        }
    }
}

impl FileKind {
    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Pdf => "application/pdf",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => {
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            }
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Zip => "application/zip",
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
            Self::Vtt => "text/vtt",
        }
    }

    /// The endings its name may have; the first is given to a name that has none of them.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::WebP => &["webp"],
            Self::Gif => &["gif"],
            Self::Pdf => &["pdf"],
            Self::Doc => &["doc"],
            Self::Xls => &["xls"],
            Self::Ppt => &["ppt"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Odt => &["odt"],
            Self::Ods => &["ods"],
            Self::Odp => &["odp"],
            Self::Zip => &["zip"],
            Self::Mp4 => &["mp4", "m4v"],
            Self::WebM => &["webm"],
            Self::Vtt => &["vtt"],
        }
    }

    /// What it is used as.
    pub fn class(self) -> Class {
        Class::of_mime(self.mime())
    }
}

/// Why a file is not taken, in words for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No bytes.
    #[error("là tệp rỗng. Hãy kiểm tra lại tệp trên máy rồi tải lên lần nữa.")]
    Empty,
    /// SVG can run scripts.
    #[error("là ảnh SVG, có thể chứa mã lệnh nên không được nhận. Hãy xuất ảnh ra PNG hoặc JPEG.")]
    Svg,
    /// A page, or something that browsers could take for one.
    #[error("chứa mã HTML hoặc XML nên không được nhận. Hãy dùng tệp PDF, Word hoặc ảnh.")]
    Markup,
    /// Something that runs.
    #[error("là chương trình hoặc chứa chương trình nên không được nhận.")]
    Program,
    /// An office file with code in it.
    #[error("có macro (mã lệnh) nên không được nhận. Hãy lưu lại ở dạng .docx, .xlsx hoặc PDF.")]
    Macro,
    /// Nobody can look inside.
    #[error("được đặt mật khẩu nên không kiểm tra được. Hãy gỡ mật khẩu rồi tải lên lại.")]
    Locked,
    /// Grows beyond measure when it is unpacked.
    #[error("là tệp nén bung ra quá lớn nên không được nhận. Hãy chia nhỏ nội dung.")]
    Bomb,
    /// Begins like something we take and is not.
    #[error("bị hỏng, không đọc được. Hãy lưu lại tệp rồi tải lên lần nữa.")]
    Broken,
    /// A picture of a newer telephone.
    #[error(
        "là ảnh HEIC hoặc AVIF, chưa dùng được trên trang. Hãy chuyển sang JPEG (trên iPhone: Cài đặt, Camera, Định dạng, Tương thích nhất)."
    )]
    Heic,
    /// A video browsers do not play.
    #[error("là video không phát được trên mọi trình duyệt. Hãy xuất ra MP4 (H.264) hoặc WebM.")]
    OtherVideo,
    /// None of these.
    #[error(
        "không thuộc loại được nhận. Trang nhận ảnh JPEG, PNG, WebP, GIF; tệp PDF, Word, Excel, PowerPoint, OpenDocument, ZIP; video MP4, WebM."
    )]
    Unknown,
}

/// How much of a file is looked at for what it is.
pub const HEAD: usize = 64 * 1024;
/// How far into a file browsers and people's programs look for markup.
const SNIFFED: usize = 1_024;

/// What the file that begins with `head` is, if it can be played.
pub fn video(head: &[u8]) -> Option<Result<FileKind, Refusal>> {
    if head.get(4..8) == Some(b"ftyp") {
        return Some(of_brands(head));
    }
    if head.starts_with(b"\x1A\x45\xDF\xA3") {
        let says_webm = sniffed(head).windows(4).any(|word| word == b"webm");
        return Some(match says_webm {
            _ if has_markup(head) => Err(Refusal::Markup),
            true => Ok(FileKind::WebM),
            false => Err(Refusal::OtherVideo),
        });
    }
    None
}

/// What the whole file `bytes` is.
pub fn recognise(bytes: &[u8]) -> Result<FileKind, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if let Some(video) = video(bytes) {
        return video;
    }
    let kind = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => FileKind::Jpeg,
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => FileKind::Png,
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
        ] => FileKind::WebP,
        _ if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") => FileKind::Gif,
        // Pictures are encoded anew, which leaves nothing of what else they are. Files are kept as
        // they are, so what browsers could take for a page is not kept.
        _ if has_markup(bytes) => return Err(markup(bytes)),
        _ if bytes.starts_with(b"%PDF-") => FileKind::Pdf,
        _ if bytes.starts_with(b"PK\x03\x04") => packed(bytes)?,
        _ if bytes.starts_with(OLE) => ole(bytes)?,
        _ if is_captions(bytes) => FileKind::Vtt,
        _ => return Err(unknown(bytes)),
    };
    Ok(kind)
}

/// Whether these are captions browsers show beside a video: UTF-8 that begins as WebVTT does.
pub fn is_captions(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let rest = text.strip_prefix("WEBVTT");
    rest.is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
        && !text.contains('\0')
}

fn sniffed(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(SNIFFED)]
}

/// Whether the beginning holds what makes a browser see a page.
fn has_markup(bytes: &[u8]) -> bool {
    let lower = sniffed(bytes).to_ascii_lowercase();
    let begins = lower
        .iter()
        .position(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xEF | 0xBB | 0xBF));
    let is_first = begins.is_some_and(|at| lower[at] == b'<');
    // UTF-16, with which every second byte is nothing.
    let wide = lower.starts_with(b"\xFF\xFE<\0") || lower.starts_with(b"\xFE\xFF\0<");
    let words: [&[u8]; 5] = [b"<script", b"<html", b"<!doctype", b"<svg", b"<iframe"];
    is_first || wide || words.iter().any(|word| holds(&lower, word))
}

fn markup(bytes: &[u8]) -> Refusal {
    match holds(&sniffed(bytes).to_ascii_lowercase(), b"<svg") {
        true => Refusal::Svg,
        false => Refusal::Markup,
    }
}

fn unknown(bytes: &[u8]) -> Refusal {
    let programs: [&[u8]; 9] = [
        b"MZ",
        b"\x7FELF",
        b"#!",
        b"\xCA\xFE\xBA\xBE",
        b"\xCF\xFA\xED\xFE",
        b"\xCE\xFA\xED\xFE",
        b"\xFE\xED\xFA",
        b"@echo",
        b"L\0\0\0\x01\x14\x02\0",
    ];
    match programs.iter().any(|begin| bytes.starts_with(begin)) {
        true => Refusal::Program,
        false => Refusal::Unknown,
    }
}

/// The brands of MP4 files that browsers play.
const PLAYED: [&[u8]; 9] = [
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ",
];

fn of_brands(head: &[u8]) -> Result<FileKind, Refusal> {
    let length = head
        .get(..4)
        .and_then(|bytes| <[u8; 4]>::try_from(bytes).ok())
        .map_or(0, u32::from_be_bytes) as usize;
    if !(16..=4_096).contains(&length) || has_markup(head) {
        return Err(Refusal::Broken);
    }
    let box_end = length.min(head.len());
    let brands: Vec<&[u8]> = head.get(8..box_end).unwrap_or_default().chunks(4).collect();
    let is = |known: &[&[u8]]| brands.iter().any(|brand| known.contains(brand));
    let first = brands.first().copied().unwrap_or_default();
    let pictures: [&[u8]; 6] = [b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"];
    if pictures.contains(&first) {
        return Err(Refusal::Heic);
    }
    if first == b"qt  " || !is(&PLAYED) {
        return Err(Refusal::OtherVideo);
    }
    Ok(FileKind::Mp4)
}

/// Endings that run, or are shown as pages, where an archive is unpacked.
const RUNS: [&str; 27] = [
    "app", "bat", "cmd", "com", "cpl", "dll", "docm", "dotm", "exe", "hta", "htm", "html", "jar",
    "js", "jse", "lnk", "msi", "ppsm", "pptm", "ps1", "scr", "sh", "svg", "vbe", "vbs", "wsf",
    "xlsm",
];

fn packed(bytes: &[u8]) -> Result<FileKind, Refusal> {
    let archive = Packed::open(bytes)?;
    let has = |begin: &str| archive.names().any(|name| name.starts_with(begin));
    if has("[Content_Types].xml") {
        let types = archive.read("[Content_Types].xml", packed::SMALL)?;
        let types = String::from_utf8_lossy(&types).to_ascii_lowercase();
        let has_code = archive.names().any(|name| {
            let name = name.to_ascii_lowercase();
            name.contains("vbaproject")
                || name.contains("activex/")
                || name.contains("macrosheets/")
        });
        if has_code || types.contains("macroenabled") || types.contains("vbaproject") {
            return Err(Refusal::Macro);
        }
        return match () {
            () if has("word/document") => Ok(FileKind::Docx),
            () if has("xl/workbook") => Ok(FileKind::Xlsx),
            () if has("ppt/presentation") => Ok(FileKind::Pptx),
            () => Err(Refusal::Unknown),
        };
    }
    if has("mimetype") {
        return open_document(&archive);
    }
    if has("META-INF/MANIFEST.MF") || has("AndroidManifest.xml") {
        return Err(Refusal::Program);
    }
    let runs = archive.names().any(|name| {
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| RUNS.contains(&ending.trim_end()))
    });
    match runs {
        true => Err(Refusal::Program),
        false => Ok(FileKind::Zip),
    }
}

fn open_document(archive: &Packed<'_>) -> Result<FileKind, Refusal> {
    let said = archive.read("mimetype", packed::SMALL)?;
    let kinds = [FileKind::Odt, FileKind::Ods, FileKind::Odp];
    let kind = kinds
        .into_iter()
        .find(|kind| kind.mime().as_bytes() == said.trim_ascii())
        .ok_or(Refusal::Unknown)?;
    if archive
        .names()
        .any(|name| name.starts_with("Basic/") || name.starts_with("Scripts/"))
    {
        return Err(Refusal::Macro);
    }
    let manifest = archive.read("META-INF/manifest.xml", packed::SMALL)?;
    match holds(&manifest, b"encryption-data") {
        true => Err(Refusal::Locked),
        false => Ok(kind),
    }
}

/// How files of Office before 2007 begin.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// What an old Office file is: the names in its directory say it.
fn ole(bytes: &[u8]) -> Result<FileKind, Refusal> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        holds(bytes, &wide)
    };
    if has("_VBA_PROJECT") || has("Macros") {
        return Err(Refusal::Macro);
    }
    if has("EncryptedPackage") {
        return Err(Refusal::Locked);
    }
    match () {
        () if has("WordDocument") => Ok(FileKind::Doc),
        () if has("Workbook") || has("Book") => Ok(FileKind::Xls),
        () if has("PowerPoint Document") => Ok(FileKind::Ppt),
        () => Err(Refusal::Unknown),
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|here| here == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packed::tests::{Member, zip};

    fn office(inside: &'static str, types: &str) -> Vec<u8> {
        zip(&[
            Member::of("[Content_Types].xml", types.as_bytes()),
            Member::of(inside, b"<x/>"),
        ])
    }

    fn open_document(more: &[Member]) -> Vec<u8> {
        let mut members = vec![
            Member::of("mimetype", FileKind::Odt.mime().as_bytes()),
            Member::of("META-INF/manifest.xml", b"<manifest/>"),
        ];
        members.extend_from_slice(more);
        zip(&members)
    }

    fn old_office(names: &[&str]) -> Vec<u8> {
        let mut bytes = OLE.to_vec();
        bytes.resize(512, 0);
        for name in names {
            bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
            bytes.extend([0; 32]);
        }
        bytes
    }

    fn mp4(brand: &[u8; 4]) -> Vec<u8> {
        [b"\0\0\0\x18ftyp", brand.as_slice(), b"\0\0\0\0isommp42"].concat()
    }

    #[test]
    fn what_is_taken_is_known_by_its_bytes() {
        let cases: Vec<(Vec<u8>, FileKind)> = vec![
            (b"\xFF\xD8\xFF\xE0rest".to_vec(), FileKind::Jpeg),
            (b"\x89PNG\r\n\x1a\nrest".to_vec(), FileKind::Png),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), FileKind::WebP),
            (b"GIF89a".to_vec(), FileKind::Gif),
            (b"%PDF-1.7\n%\xE2\xE3".to_vec(), FileKind::Pdf),
            (b"WEBVTT".to_vec(), FileKind::Vtt),
            (
                b"\xEF\xBB\xBFWEBVTT - l\xE1\xBB\x9Di\n\n00:01.000 --> 00:02.000\n<v A>Ch\xC3\xA0o\n".to_vec(),
                FileKind::Vtt,
            ),
            (old_office(&["WordDocument"]), FileKind::Doc),
            (old_office(&["Workbook"]), FileKind::Xls),
            (old_office(&["PowerPoint Document"]), FileKind::Ppt),
            (office("word/document.xml", "<Types/>"), FileKind::Docx),
            (office("xl/workbook.xml", "<Types/>"), FileKind::Xlsx),
            (office("ppt/presentation.xml", "<Types/>"), FileKind::Pptx),
            (open_document(&[]), FileKind::Odt),
            (zip(&[Member::of("Kế hoạch.pdf", b"x")]), FileKind::Zip),
            (mp4(b"isom"), FileKind::Mp4),
            (mp4(b"M4V "), FileKind::Mp4),
            (
                b"\x1A\x45\xDF\xA3\x9f\x42\x82\x84webm".to_vec(),
                FileKind::WebM,
            ),
        ];
        for (bytes, kind) in cases {
            assert_eq!(recognise(&bytes), Ok(kind), "{kind:?}");
            assert!(kind.endings()[0].len() >= 3);
        }
    }

    #[test]
    fn what_could_do_harm_is_refused_whatever_it_is_called() {
        let cases: Vec<(&str, Vec<u8>, Refusal)> = vec![
            ("nothing", Vec::new(), Refusal::Empty),
            ("SVG", b"<svg onload=alert(1)>".to_vec(), Refusal::Svg),
            (
                "SVG after XML",
                b"<?xml version='1.0'?><!-- x --><svg/>".to_vec(),
                Refusal::Svg,
            ),
            ("HTML", b"\n <!DOCTYPE html><p>".to_vec(), Refusal::Markup),
            ("XML", b"\xEF\xBB\xBF<?xml ?><x/>".to_vec(), Refusal::Markup),
            ("wide", b"\xFF\xFE<\0h\0".to_vec(), Refusal::Markup),
            (
                "a PDF that is a page",
                b"%PDF-1.7\n<HTML><script>".to_vec(),
                Refusal::Markup,
            ),
            ("a program", b"MZ\x90\0".to_vec(), Refusal::Program),
            ("another", b"\x7FELF\x02".to_vec(), Refusal::Program),
            ("a script", b"#!/bin/sh\n".to_vec(), Refusal::Program),
            (
                "macros by name",
                zip(&[
                    Member::of("[Content_Types].xml", b"<Types/>"),
                    Member::of("word/document.xml", b"<x/>"),
                    Member::of("word/vbaProject.bin", b"x"),
                ]),
                Refusal::Macro,
            ),
            (
                "macros by type",
                office(
                    "xl/workbook.xml",
                    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                ),
                Refusal::Macro,
            ),
            (
                "old macros",
                old_office(&["WordDocument", "_VBA_PROJECT"]),
                Refusal::Macro,
            ),
            (
                "macros of LibreOffice",
                open_document(&[Member::of("Basic/Standard/x.xml", b"x")]),
                Refusal::Macro,
            ),
            (
                "a locked new file",
                old_office(&["EncryptedPackage"]),
                Refusal::Locked,
            ),
            (
                "a program in an archive",
                zip(&[Member::of("a/b.EXE", b"MZ")]),
                Refusal::Program,
            ),
            (
                "a page in an archive",
                zip(&[Member::of("index.html", b"<p>")]),
                Refusal::Program,
            ),
            (
                "a Java archive",
                zip(&[Member::of("META-INF/MANIFEST.MF", b"x")]),
                Refusal::Program,
            ),
            ("half an archive", b"PK\x03\x04".to_vec(), Refusal::Broken),
            ("HEIC", mp4(b"heic"), Refusal::Heic),
            ("a film of an iPhone", mp4(b"qt  "), Refusal::OtherVideo),
            (
                "Matroska",
                b"\x1A\x45\xDF\xA3matroska".to_vec(),
                Refusal::OtherVideo,
            ),
            ("text", b"Kinh gui".to_vec(), Refusal::Unknown),
        ];
        for (what, bytes, refusal) in cases {
            assert_eq!(recognise(&bytes), Err(refusal), "{what}");
        }
    }
}
