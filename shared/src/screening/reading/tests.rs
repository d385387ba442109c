use super::*;
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .expect("begins");
        archive.write_all(bytes).expect("writes");
    }
    archive.finish().expect("ends").into_inner()
}

const WORD: &[u8] = "<w:document><w:body><w:p><w:r><w:t>ỦY BAN</w:t></w:r></w:p>\
    <w:p><w:r><w:t>M</w:t></w:r><w:r><w:t>Ậ</w:t></w:r><w:r><w:t>T</w:t></w:r></w:p>\
    <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Số: 5</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"
    .as_bytes();

/// A PDF of one page that draws `content`, with a font whose letters are their own codes.
fn pdf(content: &str, more: &str) -> Vec<u8> {
    let map = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange \
        1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> {more} >>"),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len() + 1),
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X >>] >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{map}\nendstream", map.len() + 1),
    ];
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let start = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    bytes.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    bytes
}

/// Letters as the codes of that font.
fn coded(text: &str) -> String {
    let codes: String = text
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    format!("<{codes}>")
}

fn lines(text: &str) -> Vec<&str> {
    text.split(['\n', '\t'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_words_of_an_office_file_are_read_wherever_they_stand() {
    let head = "<w:hdr><w:p><w:r><w:pict><v:shape><v:textpath style=\"x\" string=\"TỐI MẬT\"/></v:shape></w:pict></w:r></w:p></w:hdr>";
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", WORD),
        ("word/header1.xml", head.as_bytes()),
        (
            "docProps/core.xml",
            "<cp><dc:title>Tên của tệp</dc:title></cp>".as_bytes(),
        ),
    ]);
    let read = words(&bytes);
    let lines = lines(&read.text);
    for line in ["ỦY BAN", "MẬT", "Số: 5", "TỐI MẬT", "Tên của tệp"] {
        assert!(lines.contains(&line), "{line}: {lines:?}");
    }
    assert_eq!((read.unread, read.names.len()), (None, 0));
}

#[test]
fn a_packed_file_is_looked_into_and_its_names_are_told() {
    let inner = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", WORD),
    ]);
    let read = words(&zip(&[
        ("KH_MẬT.docx", &inner),
        ("ghi chu.txt", "Bản số: 03".as_bytes()),
    ]));
    assert!(lines(&read.text).contains(&"MẬT") && lines(&read.text).contains(&"Bản số: 03"));
    assert_eq!(read.names, ["KH_MẬT.docx", "ghi chu.txt"]);
}

#[test]
fn a_bomb_is_read_as_far_as_its_bounds_and_said_to_be_unread() {
    let large = vec![b' '; 70 << 20];
    let read = words(&zip(&[("a.xml", &large)]));
    assert_eq!(read.unread, Some(Unread::TooLarge));
    let mut nested = zip(&[("a.txt", b"MAT")]);
    for _ in 0..5 {
        nested = zip(&[("b.zip", &nested)]);
    }
    assert_eq!(words(&nested).unread, Some(Unread::TooLarge));
}

#[test]
fn a_pdf_is_read_line_by_line() {
    let content = format!(
        "BT /F1 13 Tf 1 0 0 1 70 800 Tm {} Tj 1 0 0 1 400 800 Tm {} Tj 1 0 0 1 70 780 Tm [{} 20 {}] TJ 0 -20 Td {} Tj ET",
        coded("UBND XÃ"),
        coded("CỘNG HÒA"),
        coded("M"),
        coded("ẬT"),
        coded("Số: 05")
    );
    let read = words(&pdf(&content, ""));
    assert_eq!(read.unread, None, "{read:?}");
    assert_eq!(lines(&read.text), ["UBND XÃ CỘNG HÒA", "MẬT", "Số: 05"]);
}

#[test]
fn stamps_on_a_pdf_are_read_and_pages_of_pictures_are_not() {
    let stamp = "/Annots [<< /Type /Annot /Subtype /FreeText /Rect [0 0 9 9] /Contents <FEFF004D1EAC0054> >>]";
    let read = words(&pdf("q BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q", stamp));
    assert!(lines(&read.text).contains(&"MẬT"), "{read:?}");
    assert_eq!(read.unread, Some(Unread::Scanned));
}

#[test]
fn what_is_broken_is_unread_and_breaks_nothing() {
    let whole = pdf(&format!("BT /F1 9 Tf {} Tj ET", coded("Tin")), "");
    assert_eq!(words(b"%PDF-1.7 nothing").unread, Some(Unread::Unknown));
    assert_eq!(words(b"PK\x03\x04 nothing").unread, Some(Unread::Unknown));
    for cut in (0..whole.len()).step_by(37) {
        words(&whole[..cut]);
    }
    for (at, _) in whole.iter().enumerate().step_by(11) {
        let mut bent = whole.clone();
        bent[at] ^= 0x55;
        words(&bent);
    }
}

#[test]
fn notes_in_pictures_are_read() {
    let note = "MẬT"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<u8>>();
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 2 + 8];
    jpeg.extend([b'E', b'x']);
    jpeg.extend(&note);
    jpeg.extend([0xFF, 0xFE, 0, 2 + 13]);
    jpeg.extend("TỐI MẬT\0\0".as_bytes());
    jpeg.extend([0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9]);
    let read = words(&jpeg);
    assert!(lines(&read.text).contains(&"MẬT"), "{read:?}");
    assert!(read.text.contains("TỐI MẬT"), "{read:?}");
    // Old Word: the same letters, among bytes that mean other things.
    let mut word = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00\x00".to_vec();
    word.extend("\rMẬT\rSố".encode_utf16().flat_map(u16::to_le_bytes));
    assert!(lines(&words(&word).text).contains(&"MẬT"));
}
