//! Word files made here, from the parts Word writes.

use super::*;
use crate::archive::zip::Writer;
use crate::entries::body;

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const NAMESPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;
const STYLES: &str = r#"<w:style w:styleId="u1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="con"><w:name w:val="Của tôi"/><w:basedOn w:val="u2"/></w:style><w:style w:styleId="u2"><w:name w:val="heading 2"/></w:style><w:style w:styleId="chu-thich"><w:name w:val="caption"/></w:style>"#;
const NUMBERING: &str = r#"<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>"#;

/// A Word file of these parts.
pub(crate) fn package(parts: &[(&str, &str)], pictures: &[(&str, &[u8])]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.docx");
    let mut writer = Writer::create(&path).expect("creates");
    for (name, text) in parts {
        writer.text(name, text).expect("adds");
    }
    for (name, bytes) in pictures {
        writer.medium(name, *bytes).expect("adds");
    }
    writer.finish().expect("finishes");
    std::fs::read(path).expect("reads")
}

/// A Word file whose body is `body`, with our styles, lists, and the relations `rels`.
pub(crate) fn word_file(body: &str, rels: &str, pictures: &[(&str, &[u8])]) -> Vec<u8> {
    let within = |root: &str, inner: &str| format!("<w:{root} {NAMESPACES}>{inner}</w:{root}>");
    let parts = [
        ("[Content_Types].xml", TYPES.to_owned()),
        (
            "word/document.xml",
            within("document", &format!("<w:body>{body}</w:body>")),
        ),
        ("word/styles.xml", within("styles", STYLES)),
        ("word/numbering.xml", within("numbering", NUMBERING)),
        (
            "word/_rels/document.xml.rels",
            format!("<Relationships>{rels}</Relationships>"),
        ),
        (
            "word/header1.xml",
            within(
                "hdr",
                r#"<w:p><w:r><w:pict><v:shape><v:textpath string="UBND XÃ"/></v:shape></w:pict></w:r></w:p>"#,
            ),
        ),
        (
            "word/comments.xml",
            within(
                "comments",
                "<w:comment><w:p><w:r><w:t>Xem lại số liệu</w:t></w:r></w:p></w:comment>",
            ),
        ),
        (
            "docProps/core.xml",
            "<cp><title>Tên trong thuộc tính</title></cp>".to_owned(),
        ),
    ];
    let parts: Vec<(&str, &str)> = parts
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    package(&parts, pictures)
}

fn paragraph(properties: &str, text: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn html_of(body: &str) -> String {
    let document = read(&word_file(body, "", &[])).expect("a Word file");
    document.html(&|_| None)
}

#[test]
fn headings_lists_and_looks_come_over() {
    let item = |level: u8, text: &str| {
        let list = format!(r#"<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr>"#);
        paragraph(&list, text)
    };
    let body = paragraph(r#"<w:pStyle w:val="u1"/>"#, "Kế hoạch &amp; chỉ tiêu")
        + &paragraph(r#"<w:pStyle w:val="con"/>"#, "Mục")
        + r#"<w:p><w:r><w:rPr><w:b/><w:rFonts w:ascii="x"/></w:rPr><w:t>Đậm</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve"> nữa</w:t></w:r><w:r><w:rPr><w:b w:val="0"/><w:i/><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r><w:del><w:r><w:delText>bỏ</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p>"#
        + &item(0, "một")
        + &item(1, "một chấm")
        + &item(1, "hai chấm")
        + &item(0, "hai")
        + &paragraph(r#"<w:jc w:val="center"/>"#, "giữa");
    let document = read(&word_file(&body, "", &[])).expect("a Word file");
    assert_eq!(document.title().as_deref(), Some("Kế hoạch & chỉ tiêu"));
    assert_eq!(
        document.html(&|_| None),
        "<h3>Mục</h3><p><strong>Đậm nữa</strong><em><sup>2</sup></em></p>\
         <ol><li>một<ul><li>một chấm</li><li>hai chấm</li></ul></li><li>hai</li></ol>\
         <p class=\"can-giua\">giữa</p>"
    );
    for words in [
        "bỏ",
        "ẩn",
        "UBND XÃ",
        "Xem lại số liệu",
        "Tên trong thuộc tính",
        "một chấm",
    ] {
        assert!(
            document.text().contains(words),
            "{words}: {}",
            document.text()
        );
    }
}

#[test]
fn tables_keep_what_spans_and_what_heads() {
    let cell = |properties: &str, text: &str| {
        format!(
            "<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>",
            paragraph("", text)
        )
    };
    let body = format!(
        "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>{}{}</w:tr><w:tr>{}{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl>",
        cell("", "Làng"),
        cell(r#"<w:gridSpan w:val="2"/>"#, "Hộ"),
        cell(r#"<w:vMerge w:val="restart"/>"#, "Kon Skôi"),
        cell("", "10"),
        cell("", "20"),
        cell("<w:vMerge/>", ""),
        cell("", "30"),
        cell("", "40"),
    );
    assert_eq!(
        html_of(&body),
        "<table><tbody><tr><th scope=\"col\">Làng</th><th scope=\"col\" colspan=\"2\">Hộ</th></tr>\
         <tr><td rowspan=\"2\">Kon Skôi</td><td>10</td><td>20</td></tr><tr><td>30</td><td>40</td></tr></tbody></table>"
    );
}

#[test]
fn links_and_pictures_come_over_and_what_lies_elsewhere_does_not() {
    let rels = r#"<Relationship Id="r1" Type="x/hyperlink" Target="https://bao.example/?a=1&amp;b=2" TargetMode="External"/><Relationship Id="r2" Type="x/image" Target="media/image1.png"/><Relationship Id="r3" Type="x/image" Target="https://evil.example/x.png" TargetMode="External"/><Relationship Id="r4" Type="x/image" Target="../../../etc/passwd"/>"#;
    let picture = |id: &str| {
        format!(
            r#"<w:p><w:r><w:drawing><wp:docPr id="1" descr="Nhà &quot;rông&quot;"/><a:blip r:embed="{id}"/></w:drawing></w:r></w:p>"#
        )
    };
    let body = r#"<w:p><w:hyperlink r:id="r1"><w:r><w:t>báo</w:t></w:r></w:hyperlink><w:r><w:fldChar w:fldCharType="begin"/><w:instrText> HYPERLINK "mailto:xa@xa.example" </w:instrText><w:fldChar w:fldCharType="separate"/><w:t>thư</w:t><w:fldChar w:fldCharType="end"/></w:r></w:p>"#.to_owned()
        + &picture("r2")
        + &paragraph(r#"<w:pStyle w:val="chu-thich"/>"#, "Ảnh: A Mẫu")
        + &picture("r3")
        + &picture("r4");
    let document = read(&word_file(
        &body,
        rels,
        &[("word/media/image1.png", b"anh")],
    ))
    .expect("a Word file");
    assert_eq!(document.pictures()[0].bytes, b"anh");
    assert!(document.pictures()[1].bytes.is_empty(), "it leads nowhere");
    let html = document.html(&|number| {
        (number == 0).then(|| Placed {
            url: format!("/media/sha256/{}", "ab".repeat(32)),
            width: 3,
            height: 2,
        })
    });
    assert_eq!(
        html,
        format!(
            "<p><a href=\"https://bao.example/?a=1&amp;b=2\">báo</a><a href=\"mailto:xa@xa.example\">thư</a></p>\
             <figure><img src=\"/media/sha256/{}\" alt=\"Nhà &quot;rông&quot;\" width=\"3\" height=\"2\">\
             <figcaption>Ảnh: A Mẫu</figcaption></figure>",
            "ab".repeat(32)
        )
    );
    assert_eq!(
        body::sanitise(&html).to_string().matches("<a href").count(),
        2
    );
}

#[test]
fn a_title_is_the_first_heading_or_what_the_properties_say() {
    let without = read(&word_file(&paragraph("", "Chữ"), "", &[])).expect("a Word file");
    assert_eq!(without.title().as_deref(), Some("Tên trong thuộc tính"));
    assert_eq!(without.html(&|_| None), "<p>Chữ</p>");
}

#[test]
fn what_is_many_costs_no_more_than_its_length() {
    let cell = r#"<w:tc><w:tcPr><w:gridSpan w:val="63"/><w:vMerge/></w:tcPr></w:tc>"#;
    let field = r#"<w:r><w:fldChar w:fldCharType="begin"/><w:t>a</w:t></w:r>"#;
    let body = format!(
        "<w:tbl><w:tr>{}</w:tr></w:tbl><w:p>{}</w:p>",
        cell.repeat(5_000),
        field.repeat(5_000)
    );
    let document = read(&word_file(&body, "", &[])).expect("a Word file");
    assert!(document.text().matches('a').count() >= 5_000);
}

#[test]
fn traps_and_strangers_are_refused_by_name() {
    let bomb = " ".repeat(2_400_000);
    let deep = "<w:sdt>".repeat(300) + &"</w:sdt>".repeat(300);
    let unfolding = r#"<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document>&a;</w:document>"#;
    let types_with_macros = TYPES.replace("document.main+xml", "document.macroEnabled.main+xml");
    let cases: [(Vec<u8>, DocxError); 9] = [
        (b"Xin chao".to_vec(), DocxError::NotWord),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....".to_vec(),
            DocxError::OldOrLocked,
        ),
        (b"PK\x03\x04 hong".to_vec(), DocxError::Broken),
        (package(&[("a.txt", "x")], &[]), DocxError::NotWord),
        (
            package(
                &[("[Content_Types].xml", TYPES), ("word/vbaProject.bin", "x")],
                &[],
            ),
            DocxError::Macros,
        ),
        (
            package(&[("[Content_Types].xml", &types_with_macros)], &[]),
            DocxError::Macros,
        ),
        (word_file(&bomb, "", &[]), DocxError::TooLarge),
        (word_file(&deep, "", &[]), DocxError::TooLarge),
        (
            package(
                &[
                    ("[Content_Types].xml", TYPES),
                    ("word/document.xml", unfolding),
                ],
                &[],
            ),
            DocxError::Broken,
        ),
    ];
    for (number, (bytes, expected)) in cases.into_iter().enumerate() {
        assert_eq!(read(&bytes).err(), Some(expected), "case {number}");
    }
}
