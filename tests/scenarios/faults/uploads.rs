//! Files that are not what they say: refused in words, or made harmless, and never shown as what they
//! could do harm as.

use flate2::Crc;
use std::io::Cursor;
use tests::visitor::file;
use tests::{Backend, Page, Province, Staff, bounded, measured};

const NEW: &str = "/quan-tri/bai-viet/moi";
/// What marks a place in a photograph: Kon Rẫy, to the degree.
const PLACE: &[u8] = b"14.5333N 108.2333E CANARY";

#[tokio::test]
async fn an_upload_is_harmless_or_refused() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let desk = province.hub.staff().await;
        let mut tried = 0;
        for (what, name, media_type, bytes) in no_pictures() {
            let page = upload(&desk, "picture", name, media_type, bytes).await;
            assert!(page.status < 500, "{what}: {:.400}", page.body);
            assert!(pictures_of(&page).is_empty(), "{what} was taken as a picture");
            tried += 1;
        }
        for (what, name, bytes) in no_files() {
            let bytes_sent = bytes.clone();
            let page = upload(&desk, "file", name, "application/octet-stream", bytes).await;
            assert!(page.status < 500, "{what}: {:.400}", page.body);
            assert!(files_of(&page).is_empty(), "{what} was taken as a file");
            if !bytes_sent.is_empty() {
                assert_eq!(page.status, 422, "{what}");
                assert!(page.says("Tệp "), "{what} is refused in words");
            }
            tried += 1;
        }
        // A picture that is one, with more in it than pixels.
        for (what, bytes) in loaded_pictures() {
            let page = upload(&desk, "picture", "anh.jpg", "image/jpeg", bytes).await;
            let kept = pictures_of(&page);
            assert_eq!(kept.len(), 1, "{what}: {:.400}", page.body);
            let shown = desk.visitor.get(&format!("/media/sha256/{}", kept[0])).await;
            assert_eq!(shown.headers["content-type"], "image/jpeg", "{what}");
            assert_eq!(shown.headers["x-content-type-options"], "nosniff", "{what}");
            for trace in ["CANARY", "<script", "Exif", "GPS"] {
                assert!(!shown.says(trace), "{what}: {trace} goes on");
            }
            tried += 1;
        }
        // A file that is one, whatever it is called.
        for name in ["../../../etc/cron.d/x.pdf", "..\\..\\x.pdf", "\u{202E}fdp.exe.pdf", "a\u{0}b.pdf", "x\".pdf"] {
            let page = upload(&desk, "file", name, "text/html", b"%PDF-1.7 <script>alert(1)</script>".to_vec()).await;
            assert!(page.status < 500, "{name:?}");
            for hash in files_of(&page) {
                let shown = desk.visitor.get(&format!("/media/sha256/{hash}")).await;
                assert_eq!(shown.headers["content-type"], "application/pdf", "{name:?}");
                let disposition = shown.headers["content-disposition"].to_str().expect("text");
                assert!(disposition.starts_with("attachment"), "{name:?}: {disposition}");
                assert_eq!(shown.headers["x-content-type-options"], "nosniff", "{name:?}");
                let policy = shown.headers["content-security-policy"].to_str().expect("text");
                assert!(policy.contains("default-src 'none'"), "{policy}");
            }
            assert!(!page.says("<script>alert(1)"), "{name:?}");
            tried += 1;
        }
        assert!(province.hub.is_running());
        let memory = province.hub.peak_memory();
        assert!(memory <= 512, "{memory} MiB");
        measured("G22", &format!("{tried} hostile uploads: 0 shown as what they could do harm as, 0 crashes, peak {memory} MiB"));
    })
    .await;
}

async fn upload(desk: &Staff, field: &str, name: &str, media_type: &str, bytes: Vec<u8>) -> Page {
    let blank = desk.visitor.get(NEW).await;
    let form = blank
        .form("entry-form")
        .with("kind", "article")
        .with("title", "Tin có tệp lạ")
        .with("lead", "Lời dẫn")
        .with("body", "Nội dung")
        .with("section", "kinh-te")
        .with_part(field, file(name, media_type, bytes));
    desk.visitor.submit(form, "save").await
}

/// The hashes of the pictures a form says it keeps.
fn pictures_of(page: &Page) -> Vec<String> {
    kept(page, "name=\"picture_kept\" value=\"")
}

fn files_of(page: &Page) -> Vec<String> {
    kept(page, "name=\"file_kept\" value=\"/media/sha256/")
}

fn kept(page: &Page, before: &str) -> Vec<String> {
    let found = page.body.split(before).skip(1);
    let hashes = found.map(|rest| {
        rest.chars()
            .take_while(char::is_ascii_hexdigit)
            .collect::<String>()
    });
    hashes.filter(|hash| hash.len() == 64).collect()
}

type Upload = (&'static str, &'static str, &'static str, Vec<u8>);

fn no_pictures() -> Vec<Upload> {
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    vec![
        ("SVG", "a.svg", "image/svg+xml", svg.clone()),
        ("SVG called PNG", "a.png", "image/png", svg),
        ("HTML called PNG", "a.png", "image/png", html.clone()),
        ("HTML called JPEG", "a.jpg", "image/jpeg", html),
        (
            "GIF that is a script",
            "a.gif",
            "image/gif",
            b"GIF89a/*\x01\x00\x01*/=1;alert(1)//".to_vec(),
        ),
        (
            "60,000 by 60,000 pixels",
            "a.png",
            "image/png",
            png_head(60_000, 60_000, &[]),
        ),
        ("no pixels", "a.png", "image/png", png_head(0, 0, &[])),
        (
            "a bomb in a text chunk",
            "a.png",
            "image/png",
            png_head(64, 64, &text_bomb()),
        ),
        ("half a picture", "a.png", "image/png", png()[..60].to_vec()),
        (
            "eleven megabytes",
            "a.png",
            "image/png",
            vec![0x89; 11 << 20],
        ),
        (
            "a program",
            "a.png",
            "image/png",
            b"MZ\x90\x00\x03".to_vec(),
        ),
        ("an archive", "a.png", "image/png", b"PK\x03\x04".to_vec()),
    ]
}

fn no_files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        (
            "HTML called PDF",
            "a.pdf",
            b"<script>alert(1)</script>".to_vec(),
        ),
        ("HTML", "a.html", b"<script>alert(1)</script>".to_vec()),
        ("SVG", "a.svg", b"<svg onload=alert(1)>".to_vec()),
        ("a program called Word", "a.docx", b"MZ\x90\x00".to_vec()),
        ("a program", "a.exe", b"MZ\x90\x00".to_vec()),
        ("a macro sheet", "a.xlsm", b"PK\x03\x04".to_vec()),
        (
            "a page behind a PDF's head",
            "b.pdf",
            b"%PDF-1.7\n<html><script>".to_vec(),
        ),
        ("half a document", "a.docx", b"PK\x03\x04".to_vec()),
        ("a macro document called plain", "b.docx", macros()),
        ("an archive that grows to a gigabyte", "bomb.docx", bomb()),
        ("a locked document", "khoa.docx", locked()),
        ("nothing", "rong.pdf", Vec::new()),
        (
            "21 megabytes",
            "a.pdf",
            [b"%PDF-1.7".to_vec(), vec![0; 21 << 20]].concat(),
        ),
    ]
}

/// A ZIP of one stored member that says it has so many bytes, with so many flags.
fn archive(name: &str, size: u32, flags: u16) -> Vec<u8> {
    let length = u16::try_from(name.len()).expect("short").to_le_bytes();
    let mut fields = [
        20_u16.to_le_bytes(),
        flags.to_le_bytes(),
        8_u16.to_le_bytes(),
    ]
    .concat();
    fields.extend([0; 8]);
    fields.extend(4_u32.to_le_bytes());
    fields.extend(size.to_le_bytes());
    fields.extend(length);
    fields.extend([0; 2]);
    let mut zip = [b"PK\x03\x04".as_slice(), &fields, name.as_bytes(), b"tiny"].concat();
    let at = u32::try_from(zip.len()).expect("short");
    let central = [
        b"PK\x01\x02\x14\0".as_slice(),
        &fields,
        &[0; 14],
        name.as_bytes(),
    ]
    .concat();
    zip.extend(&central);
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(u32::try_from(central.len()).expect("short").to_le_bytes());
    zip.extend(at.to_le_bytes());
    zip.extend([0; 2]);
    zip
}

fn bomb() -> Vec<u8> {
    archive("word/document.xml", 1 << 30, 0)
}

fn locked() -> Vec<u8> {
    archive("word/document.xml", 4, 1)
}

/// A Word file of before 2007 that has code in it, whatever its name says.
fn macros() -> Vec<u8> {
    let wide = |name: &str| {
        name.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let mut file = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    file.resize(512, 0);
    file.extend(wide("WordDocument"));
    file.extend(wide("_VBA_PROJECT"));
    file
}

/// Pictures with a place, a script and a comment in them.
fn loaded_pictures() -> Vec<(&'static str, Vec<u8>)> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08GPS ".to_vec();
    exif.extend(PLACE);
    let jpeg = jpeg();
    let with = |marker: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).expect("short").to_be_bytes();
        [&jpeg[..2], &[0xFF, marker], &length, data, &jpeg[2..]].concat()
    };
    let script = b"<script>alert('CANARY')</script>";
    let tail = [jpeg.clone(), script.to_vec()].concat();
    let text = chunk(b"tEXt", &[b"Comment\0".as_slice(), PLACE].concat());
    vec![
        ("a place in EXIF", with(0xE1, &exif)),
        ("a comment", with(0xFE, script)),
        ("a script behind the end", tail),
        ("a text in a PNG", png_with(&text)),
    ]
}

fn picture() -> image::RgbImage {
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 90]))
}

fn jpeg() -> Vec<u8> {
    written(image::ImageFormat::Jpeg)
}

fn png() -> Vec<u8> {
    written(image::ImageFormat::Png)
}

fn written(format: image::ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture()
        .write_to(&mut file, format)
        .expect("writes to memory");
    file.into_inner()
}

/// A PNG with another chunk after its head.
fn png_with(chunk: &[u8]) -> Vec<u8> {
    const HEAD: usize = 8 + 25;
    let png = png();
    [&png[..HEAD], chunk, &png[HEAD..]].concat()
}

/// A PNG that says it is so large, and has no pixels.
fn png_head(width: u32, height: u32, more: &[u8]) -> Vec<u8> {
    let mut size = width.to_be_bytes().to_vec();
    size.extend(height.to_be_bytes());
    size.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &size));
    png.extend(more);
    png.extend(chunk(b"IDAT", b"\x78\x9c\x03\x00\x00\x00\x00\x01"));
    png.extend(chunk(b"IEND", b""));
    png
}

/// Text that becomes a hundred megabytes when somebody unpacks it.
fn text_bomb() -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..100 {
        packed.write_all(&spaces).expect("packs");
    }
    let packed = packed.finish().expect("packs");
    chunk(b"zTXt", &[b"Comment\0\0".to_vec(), packed].concat())
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut check = Crc::new();
    check.update(kind);
    check.update(data);
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length, kind.as_slice(), data, &check.sum().to_be_bytes()].concat()
}
