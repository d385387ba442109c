//! The room left on the disk: a floor below which nothing large is taken in, and a ballast that can be
//! thrown off.
//!
//! A full disk loses nothing that was committed, but then not even a deletion works. So a site stops
//! early: below the floor it answers 507 to what would grow it, and reads on. What takes something
//! down from the pages is let in far longer. When it comes to the worst, a file kept for that purpose
//! is removed, and deletions and checkpoints work again; it is made anew when there is room.

use crate::background;
use crate::error::{Result, chain};
use crate::problem::{Problem, ProblemKind};
use crate::server::Shutdown;
use crate::site::Site;
use crate::vietnamese;
use serde::{Deserialize, Deserializer, de};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the disk is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// When a sender that was turned away may come back.
const COME_BACK: Duration = Duration::from_secs(60);
/// Which part of the floor is kept for what takes things down.
const FOR_RELIEF: u64 = 4;
/// Below this part of the floor the ballast goes.
const WORST: u64 = 10;
/// The ballast is made where so many times its size is free above the floor.
const PLENTY: u64 = 2;

/// `[storage]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageSettings {
    /// Below so much free space nothing large is taken in.
    pub floor: Size,
    /// How large a file is kept to be removed when the disk is full; 0 for none.
    pub ballast: Size,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self {
            floor: Size(200_000_000),
            ballast: Size(64_000_000),
        }
    }
}

/// A number of bytes: `200 MB`, or the number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl Size {
    /// Reads `200 MB`, `1.5 GB` or a number of bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let factor = match unit.trim().to_ascii_uppercase().as_str() {
            "" | "B" => 1.0,
            "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            _ => return None,
        };
        // Of a size of disks, the last bytes do not matter.
        Some(Self((number * factor) as u64))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Bytes(u64),
            Words(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Bytes(bytes) => Ok(Self(bytes)),
            Written::Words(words) => Self::parse(&words)
                .ok_or_else(|| de::Error::custom("cần một dung lượng như \"200 MB\" hoặc số byte")),
        }
    }
}

/// How things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// There is room.
    Ample,
    /// Below the floor: nothing large is taken in.
    Low,
    /// As good as full: the ballast goes.
    Full,
}

impl Level {
    /// For people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Ample => "đủ chỗ",
            Self::Low => "dưới mức sàn: không nhận bài, tệp mới",
            Self::Full => "gần như đầy: phải dọn ngay",
        }
    }
}

/// What room is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Something new.
    Growth,
    /// What is urgent, most of all what takes something down.
    Relief,
}

/// The room of one site.
#[derive(Debug)]
pub struct Room {
    disk: Option<Disk>,
}

#[derive(Debug)]
struct Disk {
    folder: PathBuf,
    floor: u64,
    ballast: Ballast,
}

#[derive(Debug)]
struct Ballast {
    file: PathBuf,
    size: u64,
    /// Whether another site on this disk keeps one for all.
    is_elsewhere: AtomicBool,
}

impl Room {
    /// Nothing to watch over: of a site that writes nothing.
    pub fn unwatched() -> Self {
        Self { disk: None }
    }

    /// That of the disk `folder` is on.
    pub fn of(folder: &Path, settings: StorageSettings) -> Self {
        Self {
            disk: Some(Disk {
                folder: folder.to_owned(),
                floor: settings.floor.0,
                ballast: Ballast {
                    file: folder.join("ballast"),
                    size: settings.ballast.0,
                    is_elsewhere: AtomicBool::new(false),
                },
            }),
        }
    }

    /// Leaves the ballast to another site of the same disk.
    pub fn share_ballast(&self) {
        if let Some(disk) = &self.disk {
            disk.ballast.is_elsewhere.store(true, Ordering::Relaxed);
        }
    }

    /// Free bytes, as far as known.
    pub fn free(&self) -> Option<u64> {
        let disk = self.disk.as_ref()?;
        match disk.free() {
            Ok(free) => Some(free),
            Err(error) => {
                tracing::warn!(error = chain(&error), "the free space is not known");
                None
            }
        }
    }

    /// The floor in bytes.
    pub fn floor(&self) -> u64 {
        self.disk.as_ref().map_or(0, |disk| disk.floor)
    }

    /// How things stand now.
    pub fn level(&self) -> Level {
        match self.free() {
            Some(free) if free < self.floor() / WORST => Level::Full,
            Some(free) if free < self.floor() => Level::Low,
            _ => Level::Ample,
        }
    }

    /// Lets in what will take about `bytes`; 507 if the floor would be broken.
    pub fn admit(&self, bytes: u64, want: Want) -> Result<()> {
        let floor = match want {
            Want::Growth => self.floor(),
            Want::Relief => self.floor() / FOR_RELIEF,
        };
        match self.free() {
            Some(free) if free.saturating_sub(bytes) < floor => {
                metrics::counter!("storage_refused_total").increment(1);
                let problem = Problem::new(ProblemKind::StorageFull)
                    .detail("Ổ đĩa còn quá ít chỗ nên tạm thời không nhận nội dung mới.")
                    .retry_after(COME_BACK);
                Err(problem.into())
            }
            _ => Ok(()),
        }
    }

    /// One line for people.
    pub fn in_words(&self) -> Option<String> {
        let free = vietnamese::bytes(self.free()?);
        let floor = vietnamese::bytes(self.floor());
        Some(format!(
            "còn trống {free}, mức sàn {floor}: {}",
            self.level().in_words()
        ))
    }

    /// Throws the ballast off; whether there was any.
    pub fn release(&self) -> bool {
        let Some(disk) = &self.disk else {
            return false;
        };
        match std::fs::remove_file(&disk.ballast.file) {
            Ok(()) => {
                tracing::error!(
                    freed = disk.ballast.size,
                    "the disk is full; the ballast was thrown off"
                );
                true
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => {
                tracing::error!(error = chain(&error), "the ballast cannot be thrown off");
                false
            }
        }
    }

    /// Whether the ballast is on board.
    pub fn has_ballast(&self) -> bool {
        self.disk
            .as_ref()
            .is_some_and(|disk| disk.ballast.file.exists())
    }

    /// Looks at the disk: throws the ballast off or takes it on, and tells how things stand.
    pub fn look(&self) -> Level {
        let level = self.level();
        let Some(disk) = &self.disk else {
            return level;
        };
        if level == Level::Full {
            self.release();
        } else if let Err(error) = disk.take_ballast_on() {
            tracing::warn!(error = chain(&error), "no ballast could be made");
        }
        level
    }
}

impl Disk {
    fn free(&self) -> io::Result<u64> {
        let about = rustix::fs::statvfs(&self.folder)?;
        Ok(about.f_bavail.saturating_mul(about.f_frsize))
    }

    /// Makes the ballast where there is plenty of room and none yet.
    fn take_ballast_on(&self) -> io::Result<()> {
        let ballast = &self.ballast;
        if ballast.size == 0
            || ballast.is_elsewhere.load(Ordering::Relaxed)
            || ballast.file.exists()
            || self.free()?
                < self
                    .floor
                    .saturating_add(ballast.size.saturating_mul(PLENTY + 1))
        {
            return Ok(());
        }
        let aside = ballast.file.with_extension("unfinished");
        let filled = fill(&aside, ballast.size);
        if filled.is_err() {
            std::fs::remove_file(&aside).ok();
        }
        filled?;
        std::fs::rename(&aside, &ballast.file)
    }
}

/// A file of `size` bytes that are really taken from the disk.
fn fill(file: &Path, size: u64) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut opened = options.open(file)?;
    match rustix::fs::fallocate(&opened, rustix::fs::FallocateFlags::empty(), 0, size) {
        Ok(()) => {}
        // Not every file system can set blocks aside without writing them.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
            let block = vec![0_u8; 1 << 20];
            let mut left = size;
            while left > 0 {
                let now = left.min(block.len() as u64);
                opened.write_all(&block[..usize::try_from(now).unwrap_or(block.len())])?;
                left -= now;
            }
        }
        Err(error) => return Err(error.into()),
    }
    opened.sync_all()
}

/// Watches over the room of `site` until `shutdown`, and at once when its database finds the disk full.
pub async fn watch(site: Arc<Site>, shutdown: Shutdown) {
    look(&site).await;
    let on_full = Arc::clone(&site);
    let until = shutdown.clone();
    let full = async move {
        loop {
            tokio::select! {
                () = until.wait() => return,
                () = on_full.db.found_full() => {
                    let room = Arc::clone(&on_full.room);
                    tokio::task::spawn_blocking(move || room.release()).await.ok();
                }
            }
        }
    };
    let usual = background::every(LOOK, shutdown, move || {
        let site = Arc::clone(&site);
        async move {
            look(&site).await;
            Ok(())
        }
    });
    tokio::join!(full, usual);
}

async fn look(site: &Site) {
    let room = Arc::clone(&site.room);
    let looked =
        tokio::task::spawn_blocking(move || (room.look(), room.free(), room.has_ballast()));
    let Ok((level, free, has_ballast)) = looked.await else {
        return;
    };
    let host = site
        .profile
        .base_url
        .host_str()
        .unwrap_or_default()
        .to_owned();
    let labels = [("site", host)];
    metrics::gauge!("storage_free_bytes", &labels).set(free.unwrap_or(0) as f64);
    metrics::gauge!("storage_floor_bytes", &labels).set(site.room.floor() as f64);
    metrics::gauge!("storage_level", &labels).set(f64::from(level as u8));
    metrics::gauge!("storage_ballast", &labels).set(f64::from(u8::from(has_ballast)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(floor: u64, ballast: u64) -> StorageSettings {
        StorageSettings {
            floor: Size(floor),
            ballast: Size(ballast),
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let cases = [
            ("200 MB", Some(200_000_000)),
            ("1.5GB", Some(1_500_000_000)),
            ("64000", Some(64_000)),
            ("0", Some(0)),
            ("viel", None),
            ("5 PB", None),
            ("", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(Size::parse(text), bytes.map(Size), "{text:?}");
        }
    }

    #[test]
    fn below_the_floor_nothing_new_comes_in_and_what_takes_down_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let free = Room::of(folder.path(), settings(0, 0))
            .free()
            .expect("known");
        let ample = Room::of(folder.path(), settings(free / 4, 0));
        assert_eq!(ample.level(), Level::Ample);
        assert!(ample.admit(1_000, Want::Growth).is_ok());
        assert!(ample.admit(free, Want::Growth).is_err(), "it would not fit");

        let low = Room::of(folder.path(), settings(free * 2, 0));
        assert_eq!(low.level(), Level::Low);
        let refused = low.admit(1_000, Want::Growth).expect_err("refused");
        let problem = refused.problem();
        assert_eq!(problem.kind, ProblemKind::StorageFull);
        assert!(problem.should_retry() && problem.retry_after.is_some());
        assert!(low.admit(1_000, Want::Relief).is_ok());
    }

    #[test]
    fn the_ballast_is_thrown_off_at_the_worst_and_taken_on_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let free = Room::of(folder.path(), settings(0, 0))
            .free()
            .expect("known");
        let ample = Room::of(folder.path(), settings(0, 1 << 20));
        assert_eq!(ample.look(), Level::Ample);
        let size = std::fs::metadata(folder.path().join("ballast")).expect("is there");
        assert_eq!(size.len(), 1 << 20);

        let worst = Room::of(folder.path(), settings(free.saturating_mul(20), 1 << 20));
        assert_eq!(worst.look(), Level::Full);
        assert!(!worst.has_ballast());
        assert!(!ample.has_ballast());
        assert_eq!(ample.look(), Level::Ample);
        assert!(ample.has_ballast());
        ample.share_ballast();
        assert!(ample.release() && ample.look() == Level::Ample && !ample.has_ballast());
    }
}
