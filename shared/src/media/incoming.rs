//! What people are sending: files that come in pieces over a weak line, kept until they are whole.
//!
//! An upload is two files in the site's folder: what is said of it, and the bytes that came so far. Its
//! length is its offset, so a restart of the server loses nothing, and nothing of it is in the database
//! before it was screened. Number, bytes and age are bounded; housekeeping removes what nobody finished.

use super::intake::{self, Offer, Screened, Source, Taken, Temporary};
use super::kind::Class;
use crate::error::{Error, Result};
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use axum::body::Body;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// Most uploads under way at a site.
const MOST: usize = 64;
/// Most of one person.
const MOST_OF_ONE: usize = 24;
/// Most bytes of all of them.
const LARGEST_ALL: u64 = 4_000_000_000;
/// How long an upload waits to be finished.
const PATIENCE: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// What is said of an upload before its first byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What the file is called.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Who sends it.
    pub by: Uuid,
    /// Whether it stays in the library when nothing shows it.
    pub is_kept: bool,
    /// When it began; milliseconds.
    pub began_at: i64,
    /// What became of it, once it is whole.
    pub done: Option<Done>,
}

/// What an upload became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Where it is served.
    pub url: String,
    /// SHA-256 of the bytes kept, in hexadecimal digits.
    pub sha256: String,
    /// Its name, with the ending its kind has.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// What is known to be on it.
    pub alt: Option<String>,
}

/// An upload under way.
#[derive(Clone, Debug)]
pub struct Upload {
    id: Uuid,
    /// What is said of it.
    pub about: About,
    /// How many bytes came.
    pub offset: u64,
}

impl Upload {
    /// Until when it waits to be finished.
    pub fn expires_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.about.began_at).unwrap_or_default() + PATIENCE
    }
}

/// Begins an upload, if it is within bounds; its id.
pub async fn begin(site: &Site, about: About) -> Result<Uuid> {
    let name = intake::file_name(&about.name);
    if about.size == 0 {
        let words = format!("Tệp {name} {}", super::kind::Refusal::Empty);
        return Err(Error::invalid("file", words));
    }
    let largest = Class::ALL.map(|class| intake::limit(site, class));
    if about.size > largest.into_iter().max().unwrap_or_default() {
        let limit = intake::limit_in_words(site, Class::Video);
        let words = format!("Tệp {name} lớn quá {limit}, mức lớn nhất được nhận.");
        return Err(Error::invalid("file", words));
    }
    let screened = Screened {
        name: &name,
        mime: None,
        bytes: None,
        by: Some(about.by),
    };
    intake::screen(site, screened).await?;
    intake::admit(site, about.size, "file").await?;
    let under_way = all(site).await?;
    let of_one = |one: &&Upload| one.about.by == about.by;
    let bytes: u64 = under_way.iter().map(|one| one.about.size).sum();
    if under_way.len() >= MOST
        || under_way.iter().filter(of_one).count() >= MOST_OF_ONE
        || bytes.saturating_add(about.size) > LARGEST_ALL
    {
        return Err(Problem::new(ProblemKind::StorageFull)
            .detail("Đang có quá nhiều tệp tải lên dở. Hãy chờ các tệp trước xong rồi tải tiếp.")
            .retry_after(std::time::Duration::from_secs(60))
            .into());
    }
    let id = Uuid::now_v7();
    tokio::fs::File::create(part_of(site, id)).await?;
    write(site, id, &About { name, ..about }).await?;
    Ok(id)
}

/// The upload `id` of the person `by`; other people's are not there.
pub async fn find(site: &Site, id: Uuid, by: Uuid) -> Result<Upload> {
    let found = read(site, id).await?;
    found
        .filter(|upload| upload.about.by == by && upload.expires_at() > site.clock.now())
        .ok_or(Error::NotFound)
}

/// Appends what comes in `body` to an upload that stands at `offset`, as far as it comes; where it then
/// stands. What is whole is taken in, or refused and wiped.
pub async fn append(site: &Site, upload: Upload, offset: u64, body: Body) -> Result<u64> {
    let _busy = Busy::with(upload.id)?;
    // It may have grown until we were alone with it.
    let upload = find(site, upload.id, upload.about.by).await?;
    if upload.offset != offset {
        return Err(Error::Conflict(
            "Vị trí tải lên không khớp; hãy hỏi lại vị trí hiện tại.".to_owned(),
        ));
    }
    if upload.about.done.is_some() {
        return Ok(upload.about.size);
    }
    let offset = pour(site, &upload, body).await?;
    if offset == upload.about.size {
        finish(site, upload).await?;
    }
    Ok(offset)
}

/// Writes what comes to the disk; a transfer that breaks off has still brought what it brought.
async fn pour(site: &Site, upload: &Upload, body: Body) -> Result<u64> {
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.append(true).open(part_of(site, upload.id)).await?;
    let mut offset = upload.offset;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else { break };
        offset += piece.len() as u64;
        if offset > upload.about.size {
            remove(site, upload.id).await?;
            return Err(Problem::new(ProblemKind::TooLarge)
                .detail("Tệp dài hơn kích thước đã báo trước.")
                .into());
        }
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    file.sync_data().await?;
    Ok(offset)
}

async fn finish(site: &Site, upload: Upload) -> Result<()> {
    let offer = Offer {
        name: upload.about.name.clone(),
        source: Source::File(Temporary::new(part_of(site, upload.id))),
        wants: &Class::ALL,
        field: "file",
        by: Some(upload.about.by),
        is_kept: upload.about.is_kept,
    };
    match intake::take(site, offer).await {
        Ok(taken) => {
            let done = Some(done(site, taken).await?);
            write(
                site,
                upload.id,
                &About {
                    done,
                    ..upload.about
                },
            )
            .await
        }
        Err(error) => {
            remove(site, upload.id).await?;
            Err(error)
        }
    }
}

/// What programs are told of what was taken in.
pub async fn done(site: &Site, taken: Taken) -> Result<Done> {
    let known = super::library::find(site.db.reader(), taken.digest).await?;
    let (width, height) = taken.dimensions.unzip();
    Ok(Done {
        url: format!("/media/sha256/{}", taken.digest.hex()),
        sha256: taken.digest.hex(),
        name: taken.name,
        mime: taken.mime.to_owned(),
        size: taken.size,
        width,
        height,
        alt: known.and_then(|known| known.alt),
    })
}

/// Removes an upload and all that came of it.
pub async fn remove(site: &Site, id: Uuid) -> Result<()> {
    for path in [part_of(site, id), about_of(site, id)] {
        match tokio::fs::remove_file(path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// A place for one more temporary file.
pub fn temporary(site: &Site) -> Temporary {
    Temporary::new(part_of(site, Uuid::now_v7()))
}

/// Removes what nobody finished in time, and files that belong to nothing; how many.
pub async fn sweep(site: &Site) -> Result<u64> {
    let now = site.clock.now();
    let mut removed = 0;
    let mut names = tokio::fs::read_dir(site.media.incoming()).await?;
    while let Some(entry) = names.next_entry().await? {
        let path = entry.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let id = stem.and_then(|stem| Uuid::parse_str(stem).ok());
        let is_waited_for = match id {
            Some(id)
                if read(site, id)
                    .await?
                    .is_some_and(|one| one.expires_at() > now) =>
            {
                true
            }
            // Somebody writes it at this moment, with a form that is sent at once.
            Some(id) => began_within(id, now),
            None => false,
        };
        if !is_waited_for {
            tokio::fs::remove_file(&path).await.ok();
            removed += 1;
        }
    }
    Ok(removed)
}

/// Whether an id was made within the time an upload may take.
fn began_within(id: Uuid, now: DateTime<Utc>) -> bool {
    let made = id.get_timestamp().map(|stamp| stamp.to_unix().0);
    let made = made.and_then(|seconds| DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0));
    made.is_some_and(|made| (now - made).abs() < PATIENCE)
}

async fn all(site: &Site) -> Result<Vec<Upload>> {
    let mut found = Vec::new();
    let mut names = tokio::fs::read_dir(site.media.incoming()).await?;
    while let Some(entry) = names.next_entry().await? {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "json")
            && let Some(id) = path.file_stem().and_then(|stem| stem.to_str())
            && let Ok(id) = Uuid::parse_str(id)
            && let Some(upload) = read(site, id).await?
            && upload.about.done.is_none()
        {
            found.push(upload);
        }
    }
    Ok(found)
}

async fn read(site: &Site, id: Uuid) -> Result<Option<Upload>> {
    let json = match tokio::fs::read(about_of(site, id)).await {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Cut off by a power cut: as good as not there.
    let Ok(about) = serde_json::from_slice::<About>(&json) else {
        return Ok(None);
    };
    let offset = match (&about.done, tokio::fs::metadata(part_of(site, id)).await) {
        (Some(_), _) => about.size,
        (None, Ok(part)) => part.len(),
        (None, Err(_)) => return Ok(None),
    };
    Ok(Some(Upload { id, about, offset }))
}

async fn write(site: &Site, id: Uuid, about: &About) -> Result<()> {
    let json = serde_json::to_vec(about).map_err(anyhow::Error::new)?;
    let aside = about_of(site, id).with_extension("new");
    tokio::fs::write(&aside, json).await?;
    tokio::fs::rename(&aside, about_of(site, id)).await?;
    Ok(())
}

fn about_of(site: &Site, id: Uuid) -> PathBuf {
    site.media.incoming().join(format!("{id}.json"))
}

fn part_of(site: &Site, id: Uuid) -> PathBuf {
    site.media.incoming().join(format!("{id}.part"))
}

/// The uploads somebody is writing to: a browser that lost its line comes back before the server has
/// noticed, and two writers would mix their bytes.
static BUSY: LazyLock<Mutex<HashSet<Uuid>>> = LazyLock::new(Mutex::default);

struct Busy(Uuid);

impl Busy {
    fn with(id: Uuid) -> Result<Self> {
        let is_free = BUSY
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id);
        match is_free {
            true => Ok(Self(id)),
            false => Err(Error::Conflict(
                "Tệp này đang được tải lên ở một kết nối khác. Xin thử lại sau ít giây.".to_owned(),
            )),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.0);
    }
}
