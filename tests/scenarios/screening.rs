//! What bears a secrecy mark is refused, and no byte of it is left anywhere.

use std::fs;
use std::path::Path;
use tests::papers::pdf;
use tests::visitor::file;
use tests::{Backend, Page, Province, Staff, Text, bounded, measured};

const NEW: &str = "/quan-tri/bai-viet/moi";
/// Stands in everything that is refused, and in nothing else.
const CANARY: &str = "KANARI9F2C41";

#[tokio::test]
async fn what_bears_a_mark_leaves_no_byte_behind() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let desk = member.staff().await;
        let innocent = desk.publish(&Text::article("Tin thường ngày")).await;

        let refused = [
            upload(&desk, "file", "bao-cao.pdf", pdf("MẬT", CANARY)).await,
            upload(&desk, "file", "bao-cao.docx", docx("TỐI MẬT")).await,
            upload(&desk, "picture", &format!("KH_MẬT_{CANARY}.png"), picture()).await,
            upload(
                &desk,
                "file",
                &format!("[MẬT] {CANARY}.pdf"),
                pdf("Tin", CANARY),
            )
            .await,
            write(
                &desk,
                "Kế hoạch",
                &format!("ỦY BAN NHÂN DÂN XÃ\n\nMẬT\n\n{CANARY}"),
            )
            .await,
            write(&desk, &format!("TỐI MẬT: {CANARY}"), "Nội dung").await,
        ];
        for page in &refused {
            assert_eq!(page.status, 422, "{:.600}", page.body);
            assert!(page.says("không lưu"), "{:.600}", page.body);
        }
        // What was typed comes back to whoever typed it, so that the rest is not lost.
        assert!(refused[4].says(CANARY) && refused[4].says("data-screening=\"secret\""));
        let count = member.counts(
            "SELECT COUNT(*) FROM screening_refusals WHERE rule = $1",
            "G1",
        );
        assert_eq!(count.await, refused.len() as i64);

        member.command_says(&["backup"]).await;
        let seen_running = nowhere(member.server.folder()) + nowhere(province.hub.folder());
        assert!(!member.server.log().contains(CANARY), "in the log");
        assert!(!province.hub.log().contains(CANARY), "in the hub's log");
        member.server.stop().await;
        let seen = nowhere(member.server.folder());
        measured(
            "screening",
            &format!(
                "{} refused, {seen_running} and {seen} files searched, 0 bytes found",
                refused.len()
            ),
        );
        member.server.start().await;
        member
            .visitor()
            .get(&innocent.page)
            .await
            .must_say("Tin thường ngày");
    })
    .await;
}

async fn upload(desk: &Staff, field: &str, name: &str, bytes: Vec<u8>) -> Page {
    let blank = desk.visitor.get(NEW).await;
    let form = blank
        .form("entry-form")
        .with("kind", "article")
        .with("title", "Tin kèm tệp")
        .with("body", "Nội dung")
        .with("section", "kinh-te")
        .with_part(field, file(name, "application/octet-stream", bytes));
    desk.visitor.submit(form, "save").await
}

async fn write(desk: &Staff, title: &str, body: &str) -> Page {
    let blank = desk.visitor.get(NEW).await;
    let form = blank
        .form("entry-form")
        .with("kind", "article")
        .with("title", title)
        .with("body", body)
        .with("section", "kinh-te");
    desk.visitor.submit(form, "save").await
}

/// Asserts that the canary is in no file below `folder`, in any way texts are kept; how many files that were.
fn nowhere(folder: &Path) -> usize {
    let wide: Vec<u8> = CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut searched = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert!(
            !path.to_string_lossy().contains(CANARY),
            "{}",
            path.display()
        );
        if path.is_dir() {
            searched += nowhere(&path);
            continue;
        }
        // What goes away while it is looked at is not left behind.
        let Ok(bytes) = fs::read(&path) else { continue };
        for form in [CANARY.as_bytes(), &wide] {
            let found = bytes.windows(form.len()).any(|window| window == form);
            assert!(!found, "in {}", path.display());
        }
        searched += 1;
    }
    searched
}

/// A Word file with `mark` in its head and the canary in its text.
fn docx(mark: &str) -> Vec<u8> {
    let text = |words: &str| format!("<w:p><w:r><w:t>{words}</w:t></w:r></w:p>").into_bytes();
    stored(&[
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("word/document.xml", text(CANARY)),
        ("word/header1.xml", text(mark)),
    ])
}

/// A ZIP whose files are not compressed.
fn stored(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut sum = flate2::Crc::new();
        sum.update(content);
        let size = u32::try_from(content.len()).expect("small").to_le_bytes();
        let mut about = vec![20, 0, 0, 8, 0, 0, 0, 0, 0, 0];
        about.extend(sum.sum().to_le_bytes());
        about.extend(size);
        about.extend(size);
        about.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        about.extend([0, 0]);
        let at = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&about);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&about);
        list.extend([0; 10]);
        list.extend(at);
        list.extend(name.as_bytes());
    }
    let at = u32::try_from(bytes.len()).expect("small").to_le_bytes();
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let size = u32::try_from(list.len()).expect("small").to_le_bytes();
    bytes.extend(list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(size);
    bytes.extend(at);
    bytes.extend([0, 0]);
    bytes
}

/// A picture that says the canary in its notes too.
fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 20)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("a picture");
    bytes.into_inner()
}
