//! `/quan-tri/bai-viet/nhap-tu-word`: an article begun with a Word file.

use super::around::AtDesk;
use super::write;
use crate::accounts::Right;
use crate::error::{Error, FieldError, Result};
use crate::newsroom::form::{self, DraftForm, LONGEST_BODY};
use crate::newsroom::upload::{self, LARGEST_FILE};
use crate::office::docx::{self, Document, DocxError, Placed};
use crate::pages::view::DeskNote;
use crate::screening::files;
use axum::extract::Multipart;
use axum::response::Response;
use bytes::Bytes;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

pub(super) const PATH: &str = "/quan-tri/bai-viet/nhap-tu-word";

/// Longest title a form takes, in characters.
const LONGEST_TITLE: usize = 300;

/// Files read at once: each may unfold to many times its size for a moment.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// Reads a Word file and shows the form filled in with it. Nothing is kept but its pictures, until
/// whoever looks at it keeps it.
pub(super) async fn read(at: AtDesk, parts: Multipart) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let (csrf, file) = upload::read_one(parts).await?;
    at.user.check_form(&csrf)?;
    let Some((name, bytes)) = file else {
        return unread(&at, "Hãy chọn một tệp Word (.docx).").await;
    };
    if bytes.len() > LARGEST_FILE {
        return unread(&at, &format!("Tệp {name} lớn quá 20 MB.")).await;
    }
    let by = Some(at.user.id());
    if let Err(error) = files::admit_bare(&at.site, by, &name, bytes.clone()).await {
        return match error {
            Error::Secret(secret) => write::show_unread(&at, secret.field_errors()).await,
            error => Err(error),
        };
    }
    let document = match unfold(bytes).await? {
        Ok(document) => document,
        Err(error) => return unread(&at, &error.to_string()).await,
    };
    if document.html(&|_| None).len() > LONGEST_BODY {
        return unread(&at, "Nội dung trong tệp quá dài. Hãy chia thành nhiều bài.").await;
    }
    let (placed, left_out) = keep_pictures(&at, &document).await?;
    let draft = DraftForm {
        title: title(&document, &name),
        body: document.html(&|number| placed.get(number).cloned().flatten()),
        body_format: "html".to_owned(),
        ..DraftForm::default()
    };
    write::show_read(&at, draft, note(left_out)).await
}

async fn unread(at: &AtDesk, words: &str) -> Result<Response> {
    write::show_unread(at, vec![FieldError::new("word_file", words)]).await
}

async fn unfold(bytes: Bytes) -> Result<Result<Document, DocxError>> {
    let turn = Arc::clone(&TURNS).acquire_owned().await;
    let turn = turn.map_err(anyhow::Error::new)?;
    let read = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, not with whoever waits for it.
        let _turn = turn;
        docx::read(&bytes)
    });
    Ok(read.await.map_err(anyhow::Error::new)?)
}

/// Keeps the pictures of a file like any upload: where each is now, and how many could not be taken.
async fn keep_pictures(at: &AtDesk, document: &Document) -> Result<(Vec<Option<Placed>>, usize)> {
    let mut placed = Vec::new();
    for picture in document.pictures() {
        let bytes = Bytes::from(picture.bytes.clone());
        let kept = upload::keep_picture(&at.site, &picture.name, bytes, Some(at.user.id())).await;
        placed.push(match kept {
            Ok(taken) => taken.dimensions.map(|(width, height)| Placed {
                url: format!("/media/sha256/{}", taken.digest.hex()),
                width,
                height,
            }),
            // Drawings of older programs, mostly.
            Err(Error::Invalid(_)) => None,
            Err(error) => return Err(error),
        });
    }
    let left_out = placed.iter().filter(|place| place.is_none()).count();
    Ok((placed, left_out))
}

/// What the file calls itself, or else what it is called.
fn title(document: &Document, file_name: &str) -> String {
    let name = file_name
        .rsplit_once('.')
        .map_or(file_name, |(name, _)| name);
    let title = document.title().unwrap_or_else(|| name.replace('_', " "));
    form::line(&title).chars().take(LONGEST_TITLE).collect()
}

fn note(left_out: usize) -> DeskNote {
    let look = "Hãy xem lại bài, chọn chuyên mục rồi lưu.";
    let words = match left_out {
        0 => format!("Bài chưa được lưu. {look}"),
        some => format!(
            "Bài chưa được lưu. {some} ảnh trong tệp không phải JPEG, PNG, WebP hoặc GIF nên bị bỏ lại. {look}"
        ),
    };
    DeskNote::new("Đã đọc tệp Word", words)
}
