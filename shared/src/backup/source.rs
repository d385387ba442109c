use rustic_core::jiff::Timestamp;
use rustic_core::repofile::{Metadata, Node, NodeType};
use rustic_core::{
    ErrorKind, ReadSource, ReadSourceEntry, ReadSourceOpen, RusticError, RusticResult,
};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What goes into a snapshot, by the paths it has there. The paths are relative, so that a snapshot is
/// a site's folder wherever that stood.
pub(super) struct Source {
    files: Vec<(PathBuf, PathBuf)>,
}

impl Source {
    /// The files (path in the snapshot, file on this machine).
    pub(super) fn new(mut files: Vec<(PathBuf, PathBuf)>) -> Self {
        // Path by path, not byte by byte: what is in a folder follows the folder.
        files.sort();
        Self { files }
    }

    /// How many files.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }
}

/// A file that is opened when its turn comes.
pub(super) struct Unopened(PathBuf);

impl ReadSourceOpen for Unopened {
    type Reader = File;

    fn open(self) -> RusticResult<File> {
        File::open(&self.0).map_err(|error| unreadable(&self.0, error))
    }
}

fn unreadable(file: &Path, error: std::io::Error) -> Box<RusticError> {
    RusticError::with_source(
        ErrorKind::InputOutput,
        format!("không đọc được {}", file.display()),
        error,
    )
}

fn node(name: &Path, from: &Path) -> RusticResult<Node> {
    let about = from.metadata().map_err(|error| unreadable(from, error))?;
    let changed = about.modified().map_err(|error| unreadable(from, error))?;
    let mtime = Timestamp::try_from(changed).ok();
    let metadata = Metadata {
        mode: Some(0o600),
        mtime,
        atime: mtime,
        ctime: mtime,
        size: about.len(),
        links: 1,
        ..Metadata::default()
    };
    let name = name.file_name().unwrap_or(OsStr::new("_"));
    Ok(Node::new_node(name, NodeType::File, metadata))
}

impl ReadSource for Source {
    type Open = Unopened;
    type Iter = std::vec::IntoIter<RusticResult<ReadSourceEntry<Unopened>>>;

    fn size(&self) -> RusticResult<Option<u64>> {
        let sizes = self.files.iter().map(|(_, from)| {
            let about = from.metadata().map_err(|error| unreadable(from, error))?;
            Ok(about.len())
        });
        sizes.sum::<RusticResult<u64>>().map(Some)
    }

    fn entries(&self) -> Self::Iter {
        let entries: Vec<_> = self
            .files
            .iter()
            .map(|(path, from)| {
                Ok(ReadSourceEntry {
                    path: path.clone(),
                    node: node(path, from)?,
                    open: Some(Unopened(from.clone())),
                })
            })
            .collect();
        entries.into_iter()
    }
}
