//! The one way in for bytes that people upload, whatever form, page or program brings them.
//!
//! Nothing is kept before it is known what it is, that it is harmless, that it has been screened, and
//! that there is room for it. What is refused leaves nothing behind.

use super::kind::{self, Class, FileKind, Refusal};
use super::library;
use super::picture::{self, LARGEST_UPLOAD, PictureError};
use super::record::{self, NewMedium};
use super::rendition;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::newsroom::form;
use crate::room::Want;
use crate::screening::files;
use crate::site::Site;
use crate::vietnamese;
use bytes::Bytes;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;
use uuid::Uuid;

/// Largest file to download, in bytes.
pub const LARGEST_FILE: usize = 20 * 1024 * 1024;

/// Something somebody wants to keep here.
#[derive(Debug)]
pub struct Offer {
    /// What it is called where it comes from.
    pub name: String,
    /// Its bytes.
    pub source: Source,
    /// What it may be.
    pub wants: &'static [Class],
    /// The field of the form that is told why it is refused.
    pub field: &'static str,
    /// Who brings it.
    pub by: Option<Uuid>,
    /// Whether it stays in the library when nothing shows it.
    pub is_kept: bool,
}

/// Where the bytes of an offer are.
#[derive(Debug)]
pub enum Source {
    /// In memory.
    Bytes(Bytes),
    /// In a file of [`incoming`](super::incoming), which is gone afterwards, whatever became of it.
    File(Temporary),
}

/// A file that is removed when nobody needs it any more.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl Temporary {
    /// The file at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(
                error = crate::error::chain(&error),
                "a temporary file stays; housekeeping removes it"
            );
        }
    }
}

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// SHA-256 of the bytes kept.
    pub digest: Digest,
    /// Its name, with the ending its kind has.
    pub name: String,
    /// Media type.
    pub mime: &'static str,
    /// What it is used as.
    pub class: Class,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    pub dimensions: Option<(u32, u32)>,
}

/// What is looked at before anything is kept.
#[derive(Clone, Copy, Debug)]
pub struct Screened<'a> {
    /// Its name, cleaned.
    pub name: &'a str,
    /// Media type; none while only its name is known.
    pub mime: Option<&'static str>,
    /// Its bytes as they came, with all their metadata; none of videos.
    pub bytes: Option<&'a Bytes>,
    /// Who brings it.
    pub by: Option<Uuid>,
}

/// Keeps what is offered, or says in words why not.
pub async fn take(site: &Site, offer: Offer) -> Result<Taken> {
    let name = file_name(&offer.name);
    let refuse = |why: String| Error::invalid(offer.field, format!("Tệp {name} {why}"));
    let (kind, source, size) = recognised(site, offer.source)
        .await?
        .map_err(|why| refuse(why.to_string()))?;
    if !offer.wants.contains(&kind.class()) {
        return Err(refuse(unwanted(offer.wants).to_owned()));
    }
    if size > limit(site, kind.class()) {
        return Err(refuse(too_large(site, kind.class())));
    }
    screen(
        site,
        Screened {
            name: &name,
            mime: Some(kind.mime()),
            bytes: match &source {
                Source::Bytes(bytes) => Some(bytes),
                Source::File(_) => None,
            },
            by: offer.by,
        },
    )
    .await?;
    let ready = match (kind.class(), source) {
        (Class::Picture, Source::Bytes(bytes)) => pictured(bytes)
            .await?
            .map_err(|why| refuse(why.to_string()))?,
        (_, source) => Ready::as_it_is(kind, source, size),
    };
    let name = named(&name, ready.kind);
    admit(site, ready.size, offer.field).await?;
    let digest = match &ready.source {
        Source::Bytes(bytes) => site.media.keep(bytes).await?,
        Source::File(file) => site.media.adopt(file.path()).await?,
    };
    let taken = Taken {
        digest,
        name,
        mime: ready.kind.mime(),
        class: ready.kind.class(),
        size: ready.size,
        dimensions: ready.dimensions,
    };
    note(site, &taken, offer.by, offer.is_kept).await?;
    rendition::keep(site, digest, &ready.renditions).await?;
    Ok(taken)
}

/// The place where what comes in is screened: its name and its bytes are in memory or in a temporary
/// file, nothing of it is in the store or the database, and an error leaves nothing of it anywhere.
pub async fn screen(site: &Site, screened: Screened<'_>) -> Result<()> {
    let bytes = screened.bytes.cloned().unwrap_or_default();
    // A picture is made anew from its pixels, and a video is not read: only a secret is of interest.
    match screened.mime {
        Some(mime) if !mime.starts_with("image/") && !mime.starts_with("video/") => {
            files::admit(site, screened.by, screened.name, bytes).await
        }
        _ => files::admit_bare(site, screened.by, screened.name, bytes).await,
    }
}

/// Refuses what would exceed what the people of this site may keep, or the room on the disk.
pub async fn admit(site: &Site, bytes: u64, field: &'static str) -> Result<()> {
    site.room.admit(bytes, Want::Growth)?;
    let quota = site.media.settings().quota.0;
    let used = library::used(site.db.reader()).await?;
    if used.saturating_add(bytes) > quota {
        let words = format!(
            "Thư viện đã dùng {} trên {}, không đủ chỗ cho tệp này. Hãy xóa ảnh, tệp không dùng nữa trong Thư viện hoặc đề nghị người quản trị tăng dung lượng.",
            vietnamese::bytes(used),
            vietnamese::bytes(quota)
        );
        return Err(Error::invalid(field, words));
    }
    Ok(())
}

/// Largest upload of a class, in bytes.
pub fn limit(site: &Site, class: Class) -> u64 {
    match class {
        Class::Picture => LARGEST_UPLOAD as u64,
        Class::Document => LARGEST_FILE as u64,
        Class::Video => site.media.settings().largest_video.0,
    }
}

/// The limit of a class, as forms and refusals say it.
pub fn limit_in_words(site: &Site, class: Class) -> String {
    match class {
        // As phones and people count.
        Class::Picture => "10 MB".to_owned(),
        Class::Document => "20 MB".to_owned(),
        Class::Video => vietnamese::bytes(site.media.settings().largest_video.0),
    }
}

fn too_large(site: &Site, class: Class) -> String {
    match class {
        Class::Picture => PictureError::TooLarge.to_string(),
        _ => format!(
            "lớn quá {}. Hãy chia nhỏ hoặc nén lại rồi tải lên.",
            limit_in_words(site, class)
        ),
    }
}

fn unwanted(wants: &[Class]) -> &'static str {
    match wants {
        [Class::Picture] => "không phải ảnh JPEG, PNG, WebP hoặc GIF đọc được.",
        [Class::Document] => {
            "không phải PDF, Word, Excel, PowerPoint, OpenDocument hoặc ZIP đọc được."
        }
        [Class::Video] => "không phải video MP4 hoặc WebM.",
        _ => "không dùng được ở đây.",
    }
}

/// What it is, where it then is, and its size. Whatever is not a video is read into memory, which its
/// size must allow.
async fn recognised(
    site: &Site,
    source: Source,
) -> Result<std::result::Result<(FileKind, Source, u64), Why>> {
    let file = match source {
        Source::Bytes(bytes) => {
            let size = bytes.len() as u64;
            if size > LARGEST_FILE as u64 && kind::video(&bytes).is_none() {
                return Ok(Err(Why::TooLarge(too_large(site, Class::Document))));
            }
            return Ok(kind::recognise(&bytes)
                .map(|kind| (kind, Source::Bytes(bytes), size))
                .map_err(Why::Refused));
        }
        Source::File(file) => file,
    };
    let mut open = tokio::fs::File::open(file.path()).await?;
    let size = open.metadata().await?.len();
    let mut head = Vec::new();
    (&mut open)
        .take(kind::HEAD as u64)
        .read_to_end(&mut head)
        .await?;
    if let Some(video) = kind::video(&head) {
        return Ok(video
            .map(|kind| (kind, Source::File(file), size))
            .map_err(Why::Refused));
    }
    if size > LARGEST_FILE as u64 {
        return Ok(Err(Why::TooLarge(too_large(site, Class::Document))));
    }
    open.read_to_end(&mut head).await?;
    drop(file);
    Ok(kind::recognise(&head)
        .map(|kind| (kind, Source::Bytes(head.into()), size))
        .map_err(Why::Refused))
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("{0}")]
    Refused(Refusal),
    #[error("{0}")]
    TooLarge(String),
}

/// What is to be kept of an offer.
struct Ready {
    kind: FileKind,
    source: Source,
    size: u64,
    dimensions: Option<(u32, u32)>,
    renditions: Vec<(rendition::Rendition, Vec<u8>)>,
}

impl Ready {
    fn as_it_is(kind: FileKind, source: Source, size: u64) -> Self {
        Self {
            kind,
            source,
            size,
            dimensions: None,
            renditions: Vec::new(),
        }
    }
}

/// A picture made anew from its pixels, with the sizes pages show it in.
async fn pictured(upload: Bytes) -> Result<std::result::Result<Ready, PictureError>> {
    let made = picture::in_turn(move || {
        let picture = picture::prepare(&upload)?;
        drop(upload);
        let renditions = rendition::all(&picture.bytes)?;
        Ok(Ready {
            kind: FileKind::Jpeg,
            size: picture.bytes.len() as u64,
            dimensions: Some((picture.width, picture.height)),
            source: Source::Bytes(picture.bytes.into()),
            renditions,
        })
    })
    .await?;
    Ok(made)
}

/// Bytes first, then the rows: a row whose bytes are not there would be a broken promise.
async fn note(site: &Site, taken: &Taken, by: Option<Uuid>, is_kept: bool) -> Result<()> {
    let medium = NewMedium {
        digest: taken.digest,
        mime: taken.mime.to_owned(),
        size: taken.size,
        dimensions: taken.dimensions,
    };
    let new = library::New {
        digest: taken.digest,
        class: taken.class,
        name: taken.name.clone(),
        is_kept,
        by,
    };
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                record::put_here(tx, &medium, now).await?;
                library::note(tx, new, now).await
            })
        })
        .await
}

/// The last part of whatever path a browser tells, without what hides, turns or reserves.
pub fn file_name(told: &str) -> String {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| !is_unseen(*c)).collect();
    let name: String = form::line(&seen)
        .chars()
        .map(|c| if r#"<>:"|?*"#.contains(c) { '-' } else { c })
        .take(150)
        .collect();
    // What begins with a dot is hidden on some machines and a folder on all.
    let name = name.trim_matches(['.', ' ']).to_owned();
    if name.is_empty() {
        "tep-dinh-kem".to_owned()
    } else {
        name
    }
}

/// Characters that show nothing, or turn the order of those around them.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// `name` with an ending of its kind.
fn named(name: &str, kind: FileKind) -> String {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase());
    let fits = ending.is_some_and(|ending| kind.endings().contains(&ending.as_str()));
    if fits {
        return name.to_owned();
    }
    // A picture that became a JPEG loses the ending it had; whatever else is told keeps what it says.
    let stem = match (kind, name.rsplit_once('.')) {
        (FileKind::Jpeg, Some((stem, "png" | "PNG" | "webp" | "WEBP" | "gif" | "GIF"))) => stem,
        _ => name,
    };
    format!("{stem}.{}", kind.endings()[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const ANY: &[Class] = &Class::ALL;

    fn offer(name: &str, bytes: &[u8], wants: &'static [Class]) -> Offer {
        Offer {
            name: name.to_owned(),
            source: Source::Bytes(Bytes::copy_from_slice(bytes)),
            wants,
            field: "file",
            by: None,
            is_kept: true,
        }
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(width, height)
            .write_to(&mut bytes, image::ImageFormat::Png)
            .expect("encodes");
        bytes.into_inner()
    }

    fn words(refused: Result<Taken>) -> String {
        match refused.expect_err("refused") {
            Error::Invalid(errors) => errors[0].message.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_what_people_see() {
        let cases = [
            ("C:\\Users\\y\\Kế hoạch.pdf", "Kế hoạch.pdf"),
            ("../../\u{0}", "tep-dinh-kem"),
            ("../.. ", "tep-dinh-kem"),
            (".htaccess.zip", "htaccess.zip"),
            ("anh\u{202E}gpj.exe", "anhgpj.exe"),
            ("ba\u{200B}o\u{FEFF} cao.docx", "bao cao.docx"),
            ("a\"b<c>.pdf", "a-b-c-.pdf"),
        ];
        for (told, name) in cases {
            assert_eq!(file_name(told), name, "{told:?}");
        }
        assert_eq!(named("x.exe", FileKind::Pdf), "x.exe.pdf");
        assert_eq!(named("ANH.PNG", FileKind::Jpeg), "ANH.jpg");
        assert_eq!(named("anh.jpeg", FileKind::Jpeg), "anh.jpeg");
        assert_eq!(named("Quyết định 184", FileKind::Pdf), "Quyết định 184.pdf");
    }

    #[tokio::test]
    async fn what_is_taken_is_kept_known_and_ready_for_pages() {
        let site = testing::site().await;
        let taken = take(&site, offer("Chợ.png", &png(700, 300), ANY)).await;
        let taken = taken.expect("taken");
        assert_eq!((taken.name.as_str(), taken.mime), ("Chợ.jpg", "image/jpeg"));
        assert_eq!(taken.dimensions, Some((700, 300)));
        let db = site.db.reader();
        let known = library::find(db, taken.digest).await.expect("reads");
        assert_eq!(known.expect("is there").name, "Chợ.jpg");
        let medium = record::find(db, taken.digest).await.expect("reads");
        assert!(medium.expect("is there").is_here());
        for (width, _) in rendition::widths(700) {
            let which = rendition::Rendition {
                width,
                format: rendition::Format::WebP,
            };
            let made = site.media.rendition(taken.digest, which).await;
            assert!(made.expect("reads").is_some(), "{width}");
        }
    }

    #[tokio::test]
    async fn what_is_refused_says_why_and_leaves_nothing() {
        let site = testing::site().await;
        let before = files_below(&site.media.incoming());
        let large = [b"%PDF-1.7\n".to_vec(), vec![0; LARGEST_FILE]].concat();
        let cases: [(&str, &[u8], &[Class], &str); 7] = [
            ("a.svg", b"<svg onload=alert(1)>", ANY, "SVG"),
            ("a.pdf", b"MZ\x90\0", ANY, "chương trình"),
            ("a.pdf", b"", ANY, "tệp rỗng"),
            ("a.pdf", &large, ANY, "20 MB"),
            ("a.pdf", b"%PDF-1.7", &[Class::Picture], "không phải ảnh"),
            ("a.png", &png(1, 1), &[Class::Document], "không phải PDF"),
            ("a.png", b"\x89PNG\r\n\x1a\n", ANY, "không phải ảnh"),
        ];
        for (name, bytes, wants, expected) in cases {
            let told = words(take(&site, offer(name, bytes, wants)).await);
            assert!(told.contains(expected), "{told}");
            assert!(told.starts_with(&format!("Tệp {name} ")), "{told}");
        }
        let filter = library::Filter::default();
        let known = library::count(site.db.reader(), &filter).await;
        assert_eq!(known.expect("counts"), 0);
        assert_eq!(files_below(&site.media.incoming()), before);
    }

    #[tokio::test]
    async fn a_file_on_the_disk_is_taken_or_wiped() {
        let site = testing::site().await;
        let file = |name: &str, bytes: &[u8]| {
            let path = site.media.incoming().join(name);
            std::fs::write(&path, bytes).expect("writes");
            path
        };
        let video = [b"\0\0\0\x18ftypisom\0\0\0\0isommp42".as_slice(), &[7; 4096]].concat();
        for (name, bytes, is_taken) in [
            ("a.mp4", video.as_slice(), true),
            ("b.mp4", b"\0\0\0\x18ftypqt  \0\0\0\0qt  qt  ", false),
            ("c.pdf", b"%PDF-1.7", true),
            ("d.html", b"<p>", false),
        ] {
            let path = file(name, bytes);
            let offer = Offer {
                source: Source::File(Temporary::new(path.clone())),
                ..offer(name, b"", ANY)
            };
            let taken = take(&site, offer).await;
            assert_eq!(taken.is_ok(), is_taken, "{name}: {taken:?}");
            assert!(!path.exists(), "{name}");
            if let Ok(taken) = taken {
                assert_eq!(taken.digest, Digest::of(bytes));
                let kept = site.media.read(taken.digest).await.expect("reads");
                assert_eq!(kept.as_deref(), Some(bytes));
            }
        }
    }

    #[tokio::test]
    async fn a_full_library_says_so() {
        let site = testing::Setup::default().quota(10).site().await;
        let told = words(take(&site, offer("a.pdf", b"%PDF-1.7 abc", ANY)).await);
        assert!(told.contains("Thư viện đã dùng"), "{told}");
    }

    fn files_below(folder: &Path) -> usize {
        std::fs::read_dir(folder).expect("a folder").count()
    }
}
