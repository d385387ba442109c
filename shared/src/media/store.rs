//! The bytes of media on the local disk.

use crate::log::Digest;
use std::io;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

/// A folder of files named by hash.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store in `root`, which is made if it is not there; half-written files of an earlier run are removed.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        let unfinished = root.join("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        std::fs::create_dir_all(&unfinished)?;
        Ok(Self { root })
    }

    /// Where the bytes of `digest` are or would be.
    pub fn path(&self, digest: Digest) -> PathBuf {
        let hex = digest.hex();
        self.root.join(&hex[..2]).join(hex)
    }

    /// Keeps `bytes` and returns their digest. They are on the disk when this returns, and a file
    /// under a hash is always whole: it is written aside, synced, and only then given its name.
    pub async fn keep(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        let path = self.path(digest);
        if tokio::fs::try_exists(&path).await? {
            return Ok(digest);
        }
        let folder = path.parent().unwrap_or(&self.root).to_path_buf();
        tokio::fs::create_dir_all(&folder).await?;
        let aside = self
            .root
            .join("unfinished")
            .join(uuid::Uuid::now_v7().to_string());
        let mut file = tokio::fs::File::create(&aside).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        tokio::fs::rename(&aside, &path).await?;
        sync_folder(&folder).await?;
        Ok(digest)
    }

    /// The bytes of `digest`, checked against it; `None` if they are not here or no longer what they were.
    pub async fn read(&self, digest: Digest) -> io::Result<Option<Vec<u8>>> {
        match tokio::fs::read(self.path(digest)).await {
            Ok(bytes) if Digest::of(&bytes) == digest => Ok(Some(bytes)),
            Ok(_) => {
                tracing::error!(media = %digest, "stored file does not match its hash");
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the bytes of `digest`, if they are here.
    pub async fn remove(&self, digest: Digest) -> io::Result<()> {
        let path = self.path(digest);
        match tokio::fs::remove_file(&path).await {
            Ok(()) => sync_folder(path.parent().unwrap_or(&self.root)).await,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
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
