//! Whether a SQLite file is still where it was opened.
//!
//! A file that is deleted or replaced goes on taking in what it is told, in a place nobody will ever
//! open again. So each commit looks once more where its file is, and what went nowhere is not
//! acknowledged.

use crate::error::Error;
use crate::problem::{Problem, ProblemKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How soon whoever is refused may ask again: a person has to act meanwhile.
const AGAIN: Duration = Duration::from_secs(60);

/// The file a database was opened from.
#[derive(Debug)]
pub(super) struct Place {
    file: PathBuf,
    identity: Identity,
    is_lost: AtomicBool,
}

/// Device and number: what a name may stop standing for.
type Identity = (u64, u64);

impl Place {
    /// Remembers which file stands at `file` now.
    pub(super) fn of(file: &Path) -> std::io::Result<Self> {
        Ok(Self {
            file: file.to_owned(),
            identity: identity(file)?,
            is_lost: AtomicBool::new(false),
        })
    }

    /// Refuses if another file, or none, stands there. Asking costs one system call.
    pub(super) fn check(&self) -> Result<(), Error> {
        // A file that cannot be looked at for another reason is not gone.
        let is_there = match identity(&self.file) {
            Ok(found) => found == self.identity,
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        };
        if is_there && !self.is_lost.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.is_lost.store(true, Ordering::Relaxed);
        let problem = Problem::new(ProblemKind::Unavailable)
            .detail(
                "Tệp cơ sở dữ liệu của trang đã bị xóa hoặc bị thay khi máy chủ đang chạy, nên không \
                 nhận thêm gì để khỏi mất. Xin báo người quản trị máy chủ.",
            )
            .retry_after(AGAIN);
        Err(problem.into())
    }

    /// Where a copy of what is still in memory and in the nameless file is to be put, the first time
    /// it is asked for. `None` when the file is in its place, or something stands there already.
    pub(super) fn rescue(&self) -> Option<PathBuf> {
        let rescued = self.file.with_extension("db.rescued");
        (self.check().is_err() && !rescued.exists()).then_some(rescued)
    }
}

fn identity(file: &Path) -> std::io::Result<Identity> {
    let about = std::fs::metadata(file)?;
    Ok((about.dev(), about.ino()))
}
