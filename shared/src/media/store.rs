//! The bytes of media on the local disk.

use super::rendition::Rendition;
use crate::log::Digest;
use crate::room::Size;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// The folder of what has not come whole yet.
const PARTIAL: &str = "partial";
/// The folder of pictures in the sizes of pages.
const RENDITIONS: &str = "renditions";
/// The folder of what people are sending.
const INCOMING: &str = "incoming";
/// Above this a file is not hashed again for every later part of it that is asked for.
const LARGE: u64 = 8 * 1024 * 1024;
/// Most large files that are known to be whole.
const MOST_KNOWN: usize = 1_000;
/// Bytes of a digest.
const SUM: usize = 32;
/// Bytes of a file read at a time.
const PART: usize = 64 * 1024;

/// A folder of files named by hash.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    settings: MediaSettings,
    /// Large files that were read from their beginning, and were whole, since the program started.
    known: Arc<Mutex<HashSet<Digest>>>,
}

/// `[media]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaSettings {
    /// How many bytes of pictures, files and videos the people of a site may keep.
    pub quota: Size,
    /// The largest video.
    pub largest_video: Size,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self {
            quota: Size(5_000_000_000),
            largest_video: Size(200_000_000),
        }
    }
}

impl Store {
    /// The store in `root`, which is made if it is not there; half-written files of an earlier run are removed.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        let unfinished = root.join("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        std::fs::create_dir_all(&unfinished)?;
        std::fs::create_dir_all(root.join(PARTIAL))?;
        std::fs::create_dir_all(root.join(INCOMING))?;
        Ok(Self {
            root,
            settings: MediaSettings::default(),
            known: Arc::default(),
        })
    }

    /// The same store within other bounds.
    #[must_use]
    pub fn bounded(self, settings: MediaSettings) -> Self {
        Self { settings, ..self }
    }

    /// How much people may keep here.
    pub fn settings(&self) -> MediaSettings {
        self.settings
    }

    /// The folder of what people are sending; nothing in it is kept for long.
    pub fn incoming(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    /// Where a rendition is or would be.
    pub fn rendition_path(&self, digest: Digest, which: Rendition) -> PathBuf {
        self.renditions(digest).join(which.name())
    }

    fn renditions(&self, digest: Digest) -> PathBuf {
        let hex = digest.hex();
        self.root.join(RENDITIONS).join(&hex[..2]).join(hex)
    }

    /// The originals of the renditions on one of 256 shelves.
    pub async fn rendered(&self, shelf: u8) -> io::Result<Vec<Digest>> {
        let shelf = self.root.join(RENDITIONS).join(format!("{shelf:02x}"));
        let Ok(mut folders) = tokio::fs::read_dir(shelf).await else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        while let Some(folder) = folders.next_entry().await? {
            let name = folder.file_name();
            found.extend(name.to_str().and_then(|name| Digest::from_hex(name).ok()));
        }
        Ok(found)
    }

    /// A rendition, if it is here and is what it was. Its file begins with its digest.
    pub async fn rendition(&self, digest: Digest, which: Rendition) -> io::Result<Option<Vec<u8>>> {
        let mut file = match tokio::fs::read(self.rendition_path(digest, which)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if file.len() < SUM {
            return Ok(None);
        }
        let bytes = file.split_off(SUM);
        let is_whole = Digest::of(&bytes).as_bytes().as_slice() == file.as_slice();
        Ok(is_whole.then_some(bytes))
    }

    /// Keeps a rendition. It can be made again, so it need not be on the disk when this returns.
    pub async fn keep_rendition(
        &self,
        digest: Digest,
        which: Rendition,
        bytes: &[u8],
    ) -> io::Result<()> {
        let path = self.rendition_path(digest, which);
        tokio::fs::create_dir_all(self.renditions(digest)).await?;
        let aside = self.aside();
        let file = [Digest::of(bytes).as_bytes().as_slice(), bytes].concat();
        tokio::fs::write(&aside, file).await?;
        tokio::fs::rename(&aside, &path).await
    }

    /// Removes all renditions of `digest`.
    pub async fn remove_renditions(&self, digest: Digest) -> io::Result<()> {
        match tokio::fs::remove_dir_all(self.renditions(digest)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn aside(&self) -> PathBuf {
        let name = uuid::Uuid::now_v7().to_string();
        self.root.join("unfinished").join(name)
    }

    /// Takes the file at `path`, which is on the same disk, into the store; its digest.
    pub async fn adopt(&self, path: &Path) -> io::Result<Digest> {
        let file = tokio::fs::File::open(path).await?;
        file.sync_all().await?;
        let (digest, ..) = hash_of(file).await?;
        if self.is_whole(digest).await? {
            tokio::fs::remove_file(path).await?;
            return Ok(digest);
        }
        let kept = self.path(digest);
        let folder = kept.parent().unwrap_or(&self.root).to_path_buf();
        tokio::fs::create_dir_all(&folder).await?;
        tokio::fs::rename(path, &kept).await?;
        sync_folder(&folder).await?;
        Ok(digest)
    }

    /// The file of `digest` for a part that begins at `first`. A file is hashed before its beginning is
    /// handed out; players then ask for later parts of it, over and over.
    pub async fn open_at(
        &self,
        digest: Digest,
        first: u64,
    ) -> io::Result<Option<(tokio::fs::File, u64)>> {
        if first > 0 && self.known().contains(&digest) {
            let Ok(file) = tokio::fs::File::open(self.path(digest)).await else {
                return Ok(None);
            };
            let size = file.metadata().await?.len();
            return Ok(Some((file, size)));
        }
        let opened = self.open_whole(digest).await?;
        if opened.as_ref().is_some_and(|(_, size)| *size > LARGE) {
            let mut known = self.known();
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(digest);
        } else {
            self.known().remove(&digest);
        }
        Ok(opened)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<Digest>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the bytes of `digest` are or would be.
    pub fn path(&self, digest: Digest) -> PathBuf {
        let hex = digest.hex();
        self.root.join(&hex[..2]).join(hex)
    }

    /// Where the part of `digest` that has come so far is, or would be. It outlives a restart.
    pub fn partial(&self, digest: Digest) -> PathBuf {
        self.root.join(PARTIAL).join(digest.hex())
    }

    /// Gives what has come of `digest` its name, if it is all of it. What is not is removed. Whether it was.
    pub async fn finish(&self, digest: Digest) -> io::Result<bool> {
        let partial = self.partial(digest);
        let file = tokio::fs::File::open(&partial).await?;
        file.sync_all().await?;
        if hash_of(file).await?.0 != digest {
            tokio::fs::remove_file(&partial).await?;
            return Ok(false);
        }
        let path = self.path(digest);
        let folder = path.parent().unwrap_or(&self.root).to_path_buf();
        tokio::fs::create_dir_all(&folder).await?;
        tokio::fs::rename(&partial, &path).await?;
        sync_folder(&folder).await?;
        Ok(true)
    }

    /// The parts that are here: of what, how many bytes, and when the last of them came.
    pub async fn partials(&self) -> io::Result<Vec<(Digest, u64, std::time::SystemTime)>> {
        let mut entries = tokio::fs::read_dir(self.root.join(PARTIAL)).await?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let about = entry.metadata().await?;
            let name = entry.file_name();
            match name.to_str().map(Digest::from_hex) {
                Some(Ok(digest)) => found.push((digest, about.len(), about.modified()?)),
                _ => tracing::warn!(?name, "what is this file among the parts of media?"),
            }
        }
        Ok(found)
    }

    /// The file of `digest`, at its beginning, and how long it is; `None` if it is not here or no longer
    /// what it was.
    pub async fn open_whole(&self, digest: Digest) -> io::Result<Option<(tokio::fs::File, u64)>> {
        let file = match tokio::fs::File::open(self.path(digest)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let (found, mut file, size) = hash_of(file).await?;
        if found != digest {
            tracing::error!(media = %digest, "stored file does not match its hash");
            crate::scrub::notice::medium(digest);
            return Ok(None);
        }
        file.rewind().await?;
        Ok(Some((file, size)))
    }

    /// Keeps `bytes` and returns their digest. They are on the disk when this returns, and a file
    /// under a hash is always whole: it is written aside, synced, and only then given its name.
    pub async fn keep(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        let path = self.path(digest);
        if self.is_whole(digest).await? {
            return Ok(digest);
        }
        let folder = path.parent().unwrap_or(&self.root).to_path_buf();
        tokio::fs::create_dir_all(&folder).await?;
        let aside = self.aside();
        let mut file = tokio::fs::File::create(&aside).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        tokio::fs::rename(&aside, &path).await?;
        sync_folder(&folder).await?;
        Ok(digest)
    }

    /// Whether the bytes of `digest` are here and are what they were; reads them in small parts.
    pub async fn is_whole(&self, digest: Digest) -> io::Result<bool> {
        let file = match tokio::fs::File::open(self.path(digest)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        Ok(hash_of(file).await?.0 == digest)
    }

    /// The bytes of `digest`, checked against it; `None` if they are not here or no longer what they were.
    pub async fn read(&self, digest: Digest) -> io::Result<Option<Vec<u8>>> {
        match tokio::fs::read(self.path(digest)).await {
            Ok(bytes) if Digest::of(&bytes) == digest => Ok(Some(bytes)),
            Ok(_) => {
                tracing::error!(media = %digest, "stored file does not match its hash");
                crate::scrub::notice::medium(digest);
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the bytes of `digest`, if they are here, and what was made of them.
    pub async fn remove(&self, digest: Digest) -> io::Result<()> {
        self.known().remove(&digest);
        self.remove_renditions(digest).await?;
        let path = self.path(digest);
        match tokio::fs::remove_file(&path).await {
            Ok(()) => sync_folder(path.parent().unwrap_or(&self.root)).await,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The digest of a file, read in small parts from its beginning; the file itself, at its end; its length.
async fn hash_of(mut file: tokio::fs::File) -> io::Result<(Digest, tokio::fs::File, u64)> {
    let mut hash = Sha256::new();
    let mut part = vec![0; PART];
    let mut size = 0;
    loop {
        let read = file.read(&mut part).await?;
        if read == 0 {
            break;
        }
        hash.update(&part[..read]);
        size += read as u64;
    }
    Ok((Digest::from_bytes(hash.finalize().into()), file, size))
}

/// A rename is durable once its folder is synced.
async fn sync_folder(folder: &Path) -> io::Result<()> {
    tokio::fs::File::open(folder).await?.sync_all().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_back_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(folder.path().join("media")).expect("opens");
        let digest = store.keep(b"mot tam anh").await.expect("keeps");
        assert_eq!(store.keep(b"mot tam anh").await.expect("keeps"), digest);
        assert_eq!(
            store.read(digest).await.expect("reads").as_deref(),
            Some(&b"mot tam anh"[..])
        );
        assert_eq!(store.read(Digest::of(b"khac")).await.expect("reads"), None);
        std::fs::write(store.path(digest), b"mot tam anx").expect("a flipped bit");
        assert_eq!(
            store.read(digest).await.expect("reads"),
            None,
            "a flipped bit is not served"
        );
        store.remove(digest).await.expect("removes");
        store.remove(digest).await.expect("has nothing to remove");
        assert!(!store.path(digest).exists());
    }
}
