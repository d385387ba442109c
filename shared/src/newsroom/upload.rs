//! Pictures and files that come in with a form.

use super::draft::{File, MOST_FILES};
use super::form::DraftForm;
use super::pictures::{MOST_PICTURES, Shown};
use crate::entries::kinds::calendar::MOST_ROWS;
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
pub use crate::media::intake::LARGEST_FILE;
use crate::media::intake::{self, Offer, Source, Taken};
use crate::media::kind::{self, Class};
use crate::media::library;
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use bytes::Bytes;
use uuid::Uuid;

/// Largest form with all its files, in bytes: for the `DefaultBodyLimit` of routes that take one.
pub const LARGEST_FORM: usize = 48 * 1024 * 1024;
/// Most parts of a form: its single fields, those of each picture of an album, of each appointment of
/// a week with the blank ones it is offered, and what stays and goes of each file.
const MOST_PARTS: usize = 120 + 6 * MOST_PICTURES + 5 * (MOST_ROWS + 10) + 3 * MOST_FILES;

/// What came in with a form besides text.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The lead picture, as it came, by the name its author gave it.
    pub picture: Option<(String, Bytes)>,
    /// Pictures of an album, as they came.
    pub album: Vec<(String, Bytes)>,
    /// Files, as they came.
    pub files: Vec<(String, Bytes)>,
    /// The file of a video, as it came.
    pub video: Option<(String, Bytes)>,
    /// Captions of a video, as they came.
    pub captions: Option<(String, Bytes)>,
}

/// Reads a form that brings one file in the part `file` and nothing to keep: its token, and the file by
/// the name its author gave it.
pub async fn read_one(mut parts: Multipart) -> Result<(String, Option<(String, Bytes)>)> {
    let (mut csrf, mut file) = (String::new(), None);
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(refusal)? {
        count += 1;
        if count > MOST_PARTS {
            return Err(ProblemKind::TooLarge.into());
        }
        match (part.name(), part.file_name().map(str::to_owned)) {
            (Some("file"), Some(name)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                file =
                    Some((intake::file_name(&name), bytes)).filter(|(_, bytes)| !bytes.is_empty());
            }
            (Some("csrf"), None) => csrf = part.text().await.map_err(refusal)?,
            _ => {}
        }
    }
    Ok((csrf, file))
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
            ("picture", Some(file_name)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                uploads.picture = Some((file_name, bytes)).filter(|(_, bytes)| !bytes.is_empty());
            }
            ("video", Some(file_name)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                uploads.video = Some((file_name, bytes)).filter(|(_, bytes)| !bytes.is_empty());
            }
            ("captions", Some(file_name)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                uploads.captions = Some((file_name, bytes)).filter(|(_, bytes)| !bytes.is_empty());
            }
            ("album", Some(file_name)) => {
                let bytes = part.bytes().await.map_err(refusal)?;
                if !bytes.is_empty() {
                    uploads.album.push((file_name, bytes));
                }
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

/// Why a form that is sent in parts was not read.
pub(crate) fn refusal(error: MultipartError) -> Error {
    let kind = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        _ => ProblemKind::Malformed,
    };
    Problem::new(kind).into()
}

impl Uploads {
    /// Keeps what came in and notes it in `form`, so that a form that has to be mended does not lose
    /// it; what is not taken is told.
    pub async fn keep(
        self,
        site: &Site,
        form: &mut DraftForm,
        by: Uuid,
    ) -> Result<Vec<FieldError>> {
        let mut refused = Vec::new();
        if let Some((name, bytes)) = self.picture
            && let Some(taken) = told(
                picture(site, "picture", name, bytes, Some(by)).await,
                &mut refused,
            )?
        {
            form.picture_kept = taken.digest.hex();
            form.drop_picture.clear();
        }
        for (name, bytes) in self.album {
            if let Some(taken) = told(
                picture(site, "album", name, bytes, Some(by)).await,
                &mut refused,
            )? {
                form.pictures.push(&described(site, taken.digest).await?);
            }
        }
        for (name, bytes) in self.files {
            if let Some(file) = told(keep_file(site, &name, &bytes, Some(by)).await, &mut refused)?
            {
                form.file_kept.push(file.to_field());
            }
        }
        if let Some((name, bytes)) = self.video
            && let Some(file) = told(keep_video(site, name, bytes, by).await, &mut refused)?
        {
            form.video_kept = file.to_field();
            form.video_drop.clear();
        }
        if let Some((name, bytes)) = self.captions
            && let Some(file) = told(keep_captions(site, name, bytes, by).await, &mut refused)?
        {
            form.captions_kept = file.to_field();
            form.captions_drop.clear();
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
        Err(Error::Secret(secret)) => {
            refused.extend(secret.field_errors());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn picture(
    site: &Site,
    field: &'static str,
    name: String,
    upload: Bytes,
    by: Option<Uuid>,
) -> Result<Taken> {
    let offer = Offer {
        name,
        source: Source::Bytes(upload),
        wants: &[Class::Picture],
        field,
        by,
        is_kept: false,
    };
    intake::take(site, offer).await
}

/// A picture with what the library knows of it: what was described once is not asked for again.
pub async fn described(site: &Site, digest: Digest) -> Result<Shown> {
    let known = library::find(site.db.reader(), digest).await?;
    Ok(match known {
        Some(known) => Shown {
            focus: known.focus(),
            alt: known.alt,
            decorates: known.decorates,
            caption: known.caption,
            credit: known.credit,
            digest,
        },
        None => Shown::new(digest),
    })
}

/// Makes a picture of a text fit to publish and keeps it.
pub async fn keep_picture(
    site: &Site,
    name: &str,
    upload: Bytes,
    by: Option<Uuid>,
) -> Result<Taken> {
    picture(site, "picture", name.to_owned(), upload, by).await
}

/// Keeps a file to download.
pub async fn keep_file(site: &Site, name: &str, bytes: &[u8], by: Option<Uuid>) -> Result<File> {
    let offer = Offer {
        name: name.to_owned(),
        source: Source::Bytes(Bytes::copy_from_slice(bytes)),
        wants: &[Class::Document],
        field: "file",
        by,
        is_kept: false,
    };
    intake::take(site, offer).await.map(File::from)
}

async fn keep_video(site: &Site, name: String, bytes: Bytes, by: Uuid) -> Result<File> {
    let offer = Offer {
        name,
        source: Source::Bytes(bytes),
        wants: &[Class::Video],
        field: "video",
        by: Some(by),
        is_kept: false,
    };
    intake::take(site, offer).await.map(File::from)
}

async fn keep_captions(site: &Site, name: String, bytes: Bytes, by: Uuid) -> Result<File> {
    if !kind::is_captions(&bytes) {
        let name = intake::file_name(&name);
        let words = format!("Tệp {name} không phải phụ đề WebVTT. Hãy xuất phụ đề ra tệp .vtt.");
        return Err(Error::invalid("captions", words));
    }
    let offer = Offer {
        name,
        source: Source::Bytes(bytes),
        wants: &[Class::Document],
        field: "captions",
        by: Some(by),
        is_kept: false,
    };
    intake::take(site, offer).await.map(File::from)
}

impl From<Taken> for File {
    fn from(taken: Taken) -> Self {
        Self {
            digest: taken.digest,
            name: taken.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::record;
    use crate::testing;

    #[tokio::test]
    async fn what_is_no_picture_is_refused_by_name_and_leaves_nothing() {
        let site = testing::site().await;
        let svg = Bytes::from_static(b"<svg onload=alert(1)>");
        match keep_picture(&site, "anh.jpg", svg, None).await {
            Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, "picture"),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_file_is_kept_under_its_hash() {
        let site = testing::site().await;
        let file = keep_file(&site, "184.pdf", b"%PDF-1.7 ...", None)
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
