//! Pictures and files that come in with a form.

use super::draft::File;
use super::form::{self, DraftForm};
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use crate::media::picture::{self, PictureError};
use crate::media::record::{self, NewMedium};
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use bytes::Bytes;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Largest file, in bytes.
pub const LARGEST_FILE: usize = 20 * 1024 * 1024;
/// Largest form with all its files, in bytes: for the `DefaultBodyLimit` of routes that take one.
pub const LARGEST_FORM: usize = 48 * 1024 * 1024;
/// Most parts of a form.
const MOST_PARTS: usize = 80;
/// Pictures prepared at once: each may take a quarter of a gigabyte for a moment.
const AT_ONCE: usize = 1;

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// What came in with a form besides text.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// A picture, as it came.
    pub picture: Option<Bytes>,
    /// Files, as they came, by the names their authors gave them.
    pub files: Vec<(String, Bytes)>,
}

/// Reads a form that was sent in parts.
pub async fn read(mut parts: Multipart) -> Result<(DraftForm, Uploads)> {
    let mut form = DraftForm::default();
    let mut uploads = Uploads::default();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(refusal)? {
        count += 1;
        if count > MOST_PARTS {
            return Err(ProblemKind::TooLarge.into());
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        match (name.as_str(), file_name) {
            ("picture", Some(_)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                uploads.picture = Some(bytes).filter(|bytes| !bytes.is_empty());
            }
            ("file", Some(file_name)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                if !bytes.is_empty() {
                    uploads.files.push((file_name, bytes));
                }
            }
            (_, Some(_)) => {}
            (name, None) => {
                let value = part.text().await.map_err(refusal)?;
                form.put(name, value);
            }
        }
    }
    Ok((form, uploads))
}

fn refusal(error: MultipartError) -> Error {
    let kind = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        _ => ProblemKind::Malformed,
    };
    Problem::new(kind).into()
}

impl Uploads {
    /// Keeps what came in and notes it in `form`, so that a form that has to be mended does not lose
    /// it; what is not taken is told.
    pub async fn keep(self, site: &Site, form: &mut DraftForm) -> Result<Vec<FieldError>> {
        let mut refused = Vec::new();
        if let Some(bytes) = self.picture
            && let Some(digest) = told(keep_picture(site, bytes).await, &mut refused)?
        {
            form.picture_kept = digest.hex();
            form.drop_picture.clear();
        }
        for (name, bytes) in self.files {
            if let Some(file) = told(keep_file(site, &name, &bytes).await, &mut refused)? {
                form.file_kept.push(file.to_field());
            }
        }
        Ok(refused)
    }
}

/// Sorts what is to be mended by whoever uploaded from what failed here.
fn told<T>(kept: Result<T>, refused: &mut Vec<FieldError>) -> Result<Option<T>> {
    match kept {
        Ok(kept) => Ok(Some(kept)),
        Err(Error::Invalid(errors)) => {
            refused.extend(errors);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Makes `upload` fit to publish and keeps it.
pub async fn keep_picture(site: &Site, upload: Bytes) -> Result<Digest> {
    let turn = Arc::clone(&TURNS)
        .acquire_owned()
        .await
        .map_err(anyhow::Error::new)?;
    let prepared = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, not with whoever waits for it.
        let _turn = turn;
        picture::prepare(&upload)
    })
    .await
    .map_err(anyhow::Error::new)?;
    let picture =
        prepared.map_err(|refused: PictureError| Error::invalid("picture", refused.to_string()))?;
    let dimensions = Some((picture.width, picture.height));
    keep(site, &picture.bytes, picture::MIME, dimensions).await
}

/// Keeps a file to download. What it is is read from its bytes, not from what it is called.
pub async fn keep_file(site: &Site, name: &str, bytes: &[u8]) -> Result<File> {
    let name = file_name(name);
    let refuse = |message: String| Err(Error::Invalid(vec![FieldError::new("file", message)]));
    if bytes.len() > LARGEST_FILE {
        return refuse(format!("Tệp {name} lớn quá 20 MB."));
    }
    let Some(mime) = mime_of(&name, bytes) else {
        return refuse(format!(
            "Tệp {name} không phải PDF, Word, Excel, OpenDocument hoặc ZIP đọc được."
        ));
    };
    let digest = keep(site, bytes, mime, None).await?;
    Ok(File { digest, name })
}

/// Bytes first, then the row: a row whose bytes are not there would be a broken promise.
async fn keep(
    site: &Site,
    bytes: &[u8],
    mime: &str,
    dimensions: Option<(u32, u32)>,
) -> Result<Digest> {
    let digest = site.media.keep(bytes).await?;
    let medium = NewMedium {
        digest,
        mime: mime.to_owned(),
        size: bytes.len() as u64,
        dimensions,
    };
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { record::put_here(tx, &medium, now).await }))
        .await?;
    Ok(digest)
}

/// The last part of whatever path a browser tells.
pub fn file_name(told: &str) -> String {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = form::line(last).chars().take(150).collect();
    // What begins with a dot is hidden on some machines and a folder on all.
    let name = name.trim_start_matches(['.', ' ']).to_owned();
    if name.is_empty() {
        "tep-dinh-kem".to_owned()
    } else {
        name
    }
}

/// The kinds of files offered for download: their ending, what their bytes begin with, and what they are called.
const KINDS: [(&str, &[u8], &str); 8] = [
    ("pdf", b"%PDF-", "application/pdf"),
    (
        "doc",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "application/msword",
    ),
    (
        "xls",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "application/vnd.ms-excel",
    ),
    (
        "docx",
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "odt",
        b"PK\x03\x04",
        "application/vnd.oasis.opendocument.text",
    ),
    (
        "ods",
        b"PK\x03\x04",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    ("zip", b"PK\x03\x04", "application/zip"),
];

/// What a file is, if its name and its bytes agree.
pub fn mime_of(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    KINDS
        .iter()
        .find(|(known, begins, _)| *known == ending && bytes.starts_with(begins))
        .map(|(_, _, mime)| *mime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_file_is_what_its_name_and_its_bytes_agree_on() {
        let cases: [(&str, &[u8], bool); 6] = [
            ("Quyết định 184.pdf", b"%PDF-1.7", true),
            ("KE HOACH.DOCX", b"PK\x03\x04", true),
            ("vi-rut.pdf", b"MZ\x90", false),
            ("trang.html", b"<script>", false),
            ("trang.pdf", b"<script>", false),
            ("khong-duoi", b"%PDF-1.7", false),
        ];
        for (name, bytes, is_taken) in cases {
            assert_eq!(mime_of(name, bytes).is_some(), is_taken, "{name}");
        }
        assert_eq!(file_name("C:\\Users\\y\\Kế hoạch.pdf"), "Kế hoạch.pdf");
        assert_eq!(file_name("../../\u{0}"), "tep-dinh-kem");
        assert_eq!(file_name("../.. "), "tep-dinh-kem");
        assert_eq!(file_name(".htaccess.zip"), "htaccess.zip");
    }

    #[tokio::test]
    async fn what_is_no_picture_is_refused_by_name_and_leaves_nothing() {
        let site = testing::site().await;
        let svg = Bytes::from_static(b"<svg onload=alert(1)>");
        match keep_picture(&site, svg).await {
            Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, "picture"),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_file_is_kept_under_its_hash() {
        let site = testing::site().await;
        let file = keep_file(&site, "184.pdf", b"%PDF-1.7 ...")
            .await
            .expect("keeps");
        let kept = record::find(site.db.reader(), file.digest)
            .await
            .expect("reads");
        assert_eq!(kept.expect("is there").mime, "application/pdf");
        let bytes = site.media.read(file.digest).await.expect("reads");
        assert_eq!(bytes.as_deref(), Some(&b"%PDF-1.7 ..."[..]));
    }
}
