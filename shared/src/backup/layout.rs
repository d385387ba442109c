//! A repository on a disk, in restic's plain layout: `restic -r <folder>` reads it.
//!
//! ```text
//! config              what the repository is
//! keys/<sha-256>      its keys, each encrypted with a recovery key
//! data/<ab>/<sha-256> packs of encrypted pieces
//! index/<sha-256>     which piece is in which pack
//! snapshots/<sha-256> what was there at one instant
//! locks/<sha-256>     who is at work
//! ```
//!
//! Every file but `config` is named by the SHA-256 of its bytes. None is ever changed under its name.

use crate::log::Digest;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The kinds of named files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Keys.
    Keys,
    /// Packs.
    Data,
    /// Indexes.
    Index,
    /// Locks.
    Locks,
    /// Snapshots.
    Snapshots,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Keys,
        Self::Data,
        Self::Index,
        Self::Locks,
        Self::Snapshots,
    ];

    /// Its folder, and its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Data => "data",
            Self::Index => "index",
            Self::Locks => "locks",
            Self::Snapshots => "snapshots",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One file of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The one without a name of its own.
    Config,
    /// A named one.
    Named(Kind, Digest),
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is on the disk now.
    New,
    /// The same bytes were there before.
    Known,
    /// Something else is there under that name, and stays.
    Occupied,
}

/// A repository's folder.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The repository in `root`, which appears with its first file.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, place: Place) -> PathBuf {
        match place {
            Place::Config => self.root.join("config"),
            Place::Named(Kind::Data, name) => {
                let hex = name.hex();
                self.root.join("data").join(&hex[..2]).join(hex)
            }
            Place::Named(kind, name) => self.root.join(kind.as_str()).join(name.hex()),
        }
    }

    /// How many bytes the file at `place` has; `None` if it is not there.
    pub fn size(&self, place: Place) -> io::Result<Option<u64>> {
        absent_is_none(fs::metadata(self.path(place)).map(|about| about.len()))
    }

    /// The files of `kind` with their sizes.
    pub fn list(&self, kind: Kind) -> io::Result<Vec<(Digest, u64)>> {
        let mut found = Vec::new();
        let folder = self.root.join(kind.as_str());
        if kind == Kind::Data {
            for below in entries(&folder)? {
                if below.file_type()?.is_dir() {
                    named_files(&below.path(), &mut found)?;
                }
            }
        } else {
            named_files(&folder, &mut found)?;
        }
        found.sort();
        Ok(found)
    }

    /// The bytes at `place`, or a range of them; `None` if it is not there. A range that goes past the
    /// end is an error.
    pub fn read(&self, place: Place, range: Option<Range<u64>>) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = absent_is_none(File::open(self.path(place)))? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        match range {
            None => {
                file.read_to_end(&mut bytes)?;
            }
            Some(range) => {
                let length = range.end.saturating_sub(range.start);
                if range.end > file.metadata()?.len() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                file.seek(SeekFrom::Start(range.start))?;
                bytes.reserve_exact(usize::try_from(length).unwrap_or(0));
                file.take(length).read_to_end(&mut bytes)?;
            }
        }
        Ok(Some(bytes))
    }

    /// Puts `bytes` at `place`. When this returns they are on the disk, under a name that shows only
    /// whole files. What is there already is never replaced.
    pub fn write(&self, place: Place, bytes: &[u8]) -> io::Result<Written> {
        if let Place::Named(_, name) = place
            && Digest::of(bytes) != name
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the bytes are not those of the name",
            ));
        }
        let path = self.path(place);
        if let Some(known) = self.read(place, None)? {
            // Bytes that were damaged on the disk may be mended by the same that were written once.
            let is_mended = matches!(place, Place::Named(_, name) if Digest::of(&known) != name);
            if known == bytes {
                return Ok(Written::Known);
            }
            if !is_mended {
                return Ok(Written::Occupied);
            }
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let unfinished = self.root.join("unfinished");
        fs::create_dir_all(&unfinished)?;
        let aside = unfinished.join(Uuid::now_v7().to_string());
        let written = write_synced(&aside, bytes).and_then(|()| fs::rename(&aside, &path));
        if let Err(error) = written {
            // Err: it was not even made.
            fs::remove_file(&aside).ok();
            return Err(error);
        }
        sync_folder(folder)?;
        Ok(Written::New)
    }

    /// Takes the file at `place` away for good; whether it was there.
    pub fn remove(&self, place: Place) -> io::Result<bool> {
        let removed = absent_is_none(fs::remove_file(self.path(place)))?;
        Ok(removed.is_some())
    }

    /// Moves the file at `place` to the same place below `trash`; whether it was there.
    pub fn put_away(&self, place: Place, trash: &Self) -> io::Result<bool> {
        let from = self.path(place);
        let into = trash.path(place);
        let folder = into.parent().unwrap_or(&trash.root);
        fs::create_dir_all(folder)?;
        let moved = absent_is_none(fs::rename(&from, &into))?;
        if moved.is_some() {
            sync_folder(folder)?;
            if let Some(left) = from.parent() {
                sync_folder(left)?;
            }
        }
        Ok(moved.is_some())
    }

    /// How many bytes all its files have.
    pub fn usage(&self) -> io::Result<u64> {
        let mut bytes = self.size(Place::Config)?.unwrap_or(0);
        for kind in Kind::ALL {
            bytes += self.list(kind)?.iter().map(|(_, size)| size).sum::<u64>();
        }
        Ok(bytes)
    }

    /// Removes what an earlier run left half-written.
    pub fn tidy(&self) -> io::Result<()> {
        absent_is_none(fs::remove_dir_all(self.root.join("unfinished"))).map(|_| ())
    }
}

fn write_synced(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut opened = options.open(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

/// A new name is durable once its folder is synced.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match absent_is_none(fs::read_dir(folder))? {
        Some(entries) => entries.collect(),
        None => Ok(Vec::new()),
    }
}

/// Files whose name is a digest; anything else in the folder is somebody else's.
fn named_files(folder: &Path, found: &mut Vec<(Digest, u64)>) -> io::Result<()> {
    for entry in entries(folder)? {
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(|name| Digest::from_hex(name).ok()) else {
            continue;
        };
        // It may go while we look.
        if let Some(about) = absent_is_none(entry.metadata())?
            && about.is_file()
        {
            found.push((name, about.len()));
        }
    }
    Ok(())
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_says_and_never_changes() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let layout = Layout::at(root.path().join("kho"));
        let pack = b"mot goi du lieu".to_vec();
        let name = Digest::of(&pack);
        let place = Place::Named(Kind::Data, name);
        assert!(layout.list(Kind::Data).expect("lists").is_empty());
        assert_eq!(layout.write(place, &pack).expect("writes"), Written::New);
        assert_eq!(layout.write(place, &pack).expect("writes"), Written::Known);
        assert!(
            layout.write(place, b"khac").is_err(),
            "not what it is named"
        );
        assert_eq!(
            layout.list(Kind::Data).expect("lists"),
            [(name, pack.len() as u64)]
        );
        assert_eq!(
            layout.read(place, Some(4..7)).expect("reads"),
            Some(b"goi".to_vec())
        );
        assert!(layout.read(place, Some(4..70)).is_err(), "past the end");

        layout.write(Place::Config, b"mot").expect("writes");
        assert_eq!(
            layout.write(Place::Config, b"hai").expect("writes"),
            Written::Occupied,
            "a repository is not replaced by another"
        );
        assert_eq!(layout.usage().expect("counts"), pack.len() as u64 + 3);

        let trash = Layout::at(root.path().join("rac"));
        assert!(layout.put_away(place, &trash).expect("moves"));
        assert_eq!(layout.size(place).expect("looks"), None);
        assert!(trash.put_away(place, &layout).expect("moves back"));
        assert_eq!(layout.read(place, None).expect("reads"), Some(pack));
    }

    #[test]
    fn what_was_damaged_on_the_disk_may_be_written_again() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let layout = Layout::at(root.path());
        let pack = b"mot goi du lieu".to_vec();
        let place = Place::Named(Kind::Data, Digest::of(&pack));
        layout.write(place, &pack).expect("writes");
        fs::write(layout.path(place), b"mot goi dx lieu").expect("a flipped bit");
        assert_eq!(layout.write(place, &pack).expect("writes"), Written::New);
        assert_eq!(layout.read(place, None).expect("reads"), Some(pack));
    }
}
