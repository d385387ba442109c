//! The key a running site signs with, and the moment another takes its place.

use super::keys::{KeyId, PublicKey, SigningKey};
use crate::folder::Folder;
use std::fmt;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

/// The signing key of a site. Whoever signs asks for it anew: it may have been replaced meanwhile,
/// by this process or by a command beside it.
pub struct Keyring {
    current: RwLock<SigningKey>,
    folder: RwLock<Option<Folder>>,
    seen: RwLock<Option<Seen>>,
}

/// By what a replaced key file is noticed.
type Seen = (PathBuf, SystemTime, u64);

impl Keyring {
    /// A site that signs with `key`.
    pub fn new(key: SigningKey) -> Self {
        Self {
            current: RwLock::new(key),
            folder: RwLock::new(None),
            seen: RwLock::new(None),
        }
    }

    /// Says where the key is kept, so that [`reload`](Self::reload) notices when it is replaced.
    pub fn keep_in(&self, folder: &Folder) {
        *self.folder.write().unwrap_or_else(PoisonError::into_inner) = Some(folder.clone());
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = seen(folder);
    }

    /// The folder the key is kept in, unless it is nowhere but in memory.
    pub fn folder(&self) -> Option<Folder> {
        self.folder
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The key to sign with now.
    pub fn current(&self) -> SigningKey {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.current().id()
    }

    /// Its public half.
    pub fn public_key(&self) -> PublicKey {
        self.current().public_key()
    }

    /// Signs with `key` from now on.
    pub fn replace(&self, key: SigningKey) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Reads the key anew if its file is another than before. Whether it was.
    pub fn reload(&self) -> anyhow::Result<bool> {
        let Some(folder) = self.folder() else {
            return Ok(false);
        };
        let now = seen(&folder);
        let is_same = *self.seen.read().unwrap_or_else(PoisonError::into_inner) == now;
        if is_same {
            return Ok(false);
        }
        let key = folder.key()?;
        let is_other = key.id() != self.id();
        self.replace(key);
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(is_other)
    }
}

fn seen(folder: &Folder) -> Option<Seen> {
    let file = folder.key_file();
    let about = std::fs::metadata(&file).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&about);
    #[cfg(not(unix))]
    let number = about.len();
    Some((file, about.modified().ok()?, number))
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keyring").field(&self.id()).finish()
    }
}
