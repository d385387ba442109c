//! A repository of backups in restic's format, and the only place that speaks to the library behind it.
//!
//! The library runs on threads of its own and blocks them; so everything here is done on a thread where
//! that is allowed, and comes back as a future.

use super::progress::Bars;
use super::recovery_key::RecoveryKey;
use super::settings::Keep;
use super::source::Source;
use super::target::Backend;
use crate::log::Digest;
use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use rustic_core::jiff::tz::TimeZone;
use rustic_core::jiff::{Timestamp, Zoned};
use rustic_core::repofile::{MasterKey, Node, SnapshotFile};
use rustic_core::{
    BackupOptions, CheckOptions, ConfigOptions, Credentials, KeepOptions, KeyOptions,
    LocalDestination, LsOptions, OpenStatus, ParentOptions, PruneOptions, ReadSubsetOption,
    RepositoryBackends, RepositoryOptions, RestoreOptions, RusticError, SnapshotOptions,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::{fmt, io};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A repository and what opens it.
#[derive(Clone, Debug)]
pub struct Repository {
    backend: Backend,
    key: RecoveryKey,
    cache: PathBuf,
    bars: Bars,
    opened: Opened,
    turn: Turn,
}

/// What a recovery key led to when it last opened a repository: asked again, that costs nothing.
#[derive(Clone, Default)]
pub struct Opened(Arc<OnceLock<MasterKey>>);

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(…)")
    }
}

/// Trying a recovery key takes 128 MiB and most of a second of a processor, on purpose. A process of two hundred sites
/// does not do that two hundred times at once: they take turns, and each gives its turn up once its key is tried.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

type Turn = Arc<Mutex<Option<OwnedSemaphorePermit>>>;

/// What was there at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its name in the repository: 64 hexadecimal digits.
    pub id: String,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// How many files.
    pub files: u64,
    /// How large together.
    pub bytes: u64,
    /// How much had to be stored anew.
    pub added: u64,
}

impl Snapshot {
    fn of(file: &SnapshotFile) -> Self {
        let summary = file.summary.as_ref();
        Self {
            id: file.id.to_hex().as_str().to_owned(),
            at: crate::clock::from_millis(file.time.timestamp().as_millisecond()),
            files: summary.map_or(0, |summary| summary.total_files_processed),
            bytes: summary.map_or(0, |summary| summary.total_bytes_processed),
            added: summary.map_or(0, |summary| summary.data_added_packed),
        }
    }

    /// The beginning of its name, as restic prints it.
    pub fn short_id(&self) -> &str {
        &self.id[..8.min(self.id.len())]
    }
}

type Open = rustic_core::Repository<OpenStatus>;

impl Repository {
    /// The repository at `backend`, opened by `key`. What it knows of the repository's own books is kept
    /// in `cache`, encrypted as it came.
    pub fn new(backend: Backend, key: RecoveryKey, cache: PathBuf, bars: Bars) -> Self {
        Self {
            backend,
            key,
            cache,
            bars,
            opened: Opened::default(),
            turn: Turn::default(),
        }
    }

    /// The same, remembering with others what the key led to.
    #[must_use]
    pub fn remembering(self, opened: Opened) -> Self {
        Self { opened, ..self }
    }

    /// Does `work` where blocking is allowed.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let mut this = self.clone();
        if this.opened.0.get().is_none() {
            let turn = Arc::clone(&TURNS).acquire_owned();
            this.turn = Arc::new(Mutex::new(turn.await.ok()));
        }
        tokio::task::spawn_blocking(move || work(this))
            .await
            .context("việc sao lưu dừng giữa chừng")?
    }

    /// What went wrong, in words for people where the target said some.
    #[expect(clippy::boxed_local, reason = "as the library hands its errors out")]
    fn explain(&self, what: &'static str, error: Box<RusticError>) -> anyhow::Error {
        if error.is_incorrect_password() {
            return anyhow!(
                "khóa khôi phục không mở được kho sao lưu này: hãy kiểm tra xem giấy ghi khóa có đúng của trang này không"
            );
        }
        match self.backend.trouble() {
            Some(trouble) => anyhow::Error::new(trouble).context(what),
            None => anyhow!(error.display_log()).context(what),
        }
    }

    fn unopened(&self) -> anyhow::Result<rustic_core::Repository<()>> {
        let mut options = RepositoryOptions::default();
        options.cache_dir = Some(self.cache.clone());
        let backends = RepositoryBackends::new(Arc::new(self.backend.clone()), None);
        rustic_core::Repository::new_with_progress(&options, &backends, self.bars)
            .map_err(|error| self.explain("không mở được kho sao lưu", error))
    }

    fn open(&self) -> anyhow::Result<Open> {
        let repository = self.unopened()?;
        let is_there = repository
            .config_id()
            .map_err(|error| self.explain("không đọc được kho sao lưu", error))?
            .is_some();
        ensure!(is_there, "chưa có bản sao lưu nào ở {}", self.name());
        if let Some(known) = self.opened.0.get() {
            // Another repository may stand at the same place by now: then the recovery key decides.
            let known = Credentials::Masterkey(known.clone());
            if let Ok(open) = self.unopened()?.open(&known) {
                return Ok(open);
            }
        }
        let open = repository
            .open(&self.credentials())
            .map_err(|error| self.explain("không mở được kho sao lưu", error))?;
        self.note_opened(&open);
        Ok(open)
    }

    fn note_opened(&self, open: &Open) {
        // Known already where the key had to decide once more.
        let _ = self.opened.0.set(open.key());
        self.turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    fn open_or_begin(&self) -> anyhow::Result<Open> {
        let repository = self.unopened()?;
        let is_there = repository
            .config_id()
            .map_err(|error| self.explain("không đọc được kho sao lưu", error))?
            .is_some();
        if is_there {
            return self.open();
        }
        // Small pieces, because most of a database stays as it was; small packs, because they have to
        // go up a slow line before anybody loses patience.
        let mut options = ConfigOptions::default();
        options.set_chunk_size = "128KiB".parse().ok();
        options.set_chunk_min_size = "64KiB".parse().ok();
        options.set_chunk_max_size = "1MiB".parse().ok();
        options.set_datapack_size = "4MiB".parse().ok();
        options.set_datapack_size_limit = "4MiB".parse().ok();
        options.set_treepack_size = "1MiB".parse().ok();
        options.set_treepack_size_limit = "4MiB".parse().ok();
        let open = repository
            .init(&self.credentials(), &KeyOptions::default(), &options)
            .map_err(|error| self.explain("không tạo được kho sao lưu", error))?;
        self.note_opened(&open);
        Ok(open)
    }

    fn credentials(&self) -> Credentials {
        Credentials::password(self.key.as_str())
    }

    fn name(&self) -> String {
        rustic_core::ReadBackend::location(&self.backend)
    }

    /// Keeps the files (path in the snapshot, file on this machine) as they are now.
    pub async fn keep(
        &self,
        host: String,
        at: DateTime<Utc>,
        files: Vec<(PathBuf, PathBuf)>,
    ) -> anyhow::Result<Snapshot> {
        self.blocking(move |this| {
            let source = Source::new(files);
            let expected = source.len() as u64;
            let repository = this
                .open_or_begin()?
                .to_indexed_ids()
                .map_err(|error| this.explain("không đọc được mục lục của kho", error))?;
            let mut options = SnapshotOptions::default();
            options.host = Some(host);
            options.time = Some(zoned(at)?);
            let snapshot = options
                .to_snapshot()
                .map_err(|error| this.explain("không lập được bản sao", error))?;
            let mut options = BackupOptions::default();
            let mut parent = ParentOptions::default();
            // What was last changed when tells whether a file must be read again; names of media say
            // what is in them anyway.
            parent.ignore_ctime = true;
            parent.ignore_inode = true;
            options.parent_opts = parent;
            let saved = repository
                .archive(&options, &source, snapshot, &[PathBuf::from("/")])
                .map_err(|error| this.explain("không sao lưu được", error))?;
            let saved = Snapshot::of(&saved);
            // The library leaves out what it cannot read and goes on; a backup with holes is none.
            ensure!(
                saved.files == expected,
                "chỉ sao lưu được {} trong {expected} tệp; bản này không được tính",
                saved.files
            );
            Ok(saved)
        })
        .await
    }

    /// All snapshots, oldest first.
    pub async fn snapshots(&self) -> anyhow::Result<Vec<Snapshot>> {
        self.blocking(|this| {
            let found = this
                .open()?
                .get_all_snapshots()
                .map_err(|error| this.explain("không đọc được danh sách bản sao lưu", error))?;
            let mut found: Vec<Snapshot> = found.iter().map(Snapshot::of).collect();
            found.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            Ok(found)
        })
        .await
    }

    /// Brings the snapshot `id` back into the folder `into`: all of it, or only what is at the top.
    /// What is there already and is right stays; so what was interrupted can be begun again.
    pub async fn restore(&self, id: String, into: PathBuf, what: Restored) -> anyhow::Result<()> {
        self.blocking(move |this| {
            let explain = |error| this.explain("không lấy lại được bản sao lưu", error);
            let repository = this.open()?.to_indexed().map_err(explain)?;
            let root = repository
                .node_from_snapshot_path(&id, |_| true)
                .map_err(explain)?;
            let wanted = move |item: &rustic_core::RusticResult<(PathBuf, Node)>| match item {
                Ok((path, _)) => what == Restored::Everything || !path.starts_with("media"),
                Err(_) => true,
            };
            let list = repository
                .ls(&root, &LsOptions::default())
                .map_err(explain)?
                .filter(wanted);
            let path = into.to_str().context("đường dẫn không phải UTF-8")?;
            let destination = LocalDestination::new(path, true, false).map_err(explain)?;
            let mut options = RestoreOptions::default();
            options.no_ownership = true;
            let plan = repository
                .prepare_restore(&options, list.clone(), &destination, false)
                .map_err(explain)?;
            repository
                .restore(plan, &options, list, &destination)
                .map_err(explain)?;
            sync_all(&into).context("không ghi chắc được xuống đĩa")
        })
        .await
    }

    /// Reads media of the snapshot `id` back and compares each with its name, without writing any of
    /// them. Which part of them is read: those whose first hexadecimal digit is `sixteenth`, or all.
    pub async fn read_media(
        &self,
        id: String,
        sixteenth: Option<u8>,
    ) -> anyhow::Result<(u64, Vec<(Digest, u64)>)> {
        self.blocking(move |this| {
            let explain = |error| this.explain("không đọc lại được bản sao lưu", error);
            let repository = this.open()?.to_indexed().map_err(explain)?;
            let root = repository
                .node_from_snapshot_path(&id, |_| true)
                .map_err(explain)?;
            let list = repository
                .ls(&root, &LsOptions::default())
                .map_err(explain)?;
            let (mut read, mut all) = (0, Vec::new());
            for item in list {
                let (path, node) = item.map_err(explain)?;
                let Some(name) = media_name(&path) else {
                    continue;
                };
                all.push((name, node.meta.size));
                if sixteenth.is_some_and(|nibble| name.as_bytes()[0] >> 4 != nibble) {
                    continue;
                }
                let mut hasher = Hashing(Sha256::new());
                repository.dump(&node, &mut hasher).map_err(explain)?;
                if Digest::from_bytes(hasher.0.finalize().into()) != name {
                    bail!("tệp {} trong bản sao lưu không còn đúng mã băm", name.hex());
                }
                read += 1;
            }
            all.sort();
            Ok((read, all))
        })
        .await
    }

    /// Checks that everything fits together, and reads a part of the data: of all packs those whose
    /// name falls into `part` of so many parts; all if none is said. Returns what was found wrong.
    pub async fn check(&self, part: Option<(u32, u32)>) -> anyhow::Result<Vec<String>> {
        self.blocking(move |this| {
            let repository = this.open()?;
            let mut options = CheckOptions::default();
            options.trust_cache = true;
            options.read_data = true;
            options.read_data_subset = match part {
                Some(part) => ReadSubsetOption::IdSubSet(part),
                None => ReadSubsetOption::All,
            };
            let found = repository
                .check(options)
                .map_err(|error| this.explain("không kiểm tra được kho sao lưu", error))?;
            // A pack that no index names is what an interrupted run leaves; the next prune takes it.
            Ok(found
                .0
                .iter()
                .filter(|(level, _)| format!("{level:?}") == "Error")
                .map(|(_, error)| error.to_string())
                .collect())
        })
        .await
    }

    /// Forgets snapshots that are no longer to be kept, and marks or takes away what only they needed.
    /// Returns how many were forgotten.
    pub async fn forget(&self, keep: Keep, now: DateTime<Utc>) -> anyhow::Result<usize> {
        self.blocking(move |this| {
            let explain = |error| this.explain("không dọn được bản sao lưu cũ", error);
            let repository = this.open()?;
            let snapshots = repository.get_all_snapshots().map_err(explain)?;
            let mut options = KeepOptions::default();
            // Never nothing: whatever the settings say, the last one stays.
            options.keep_last = Some(3);
            options.keep_hourly = Some(keep.hourly.into());
            options.keep_daily = Some(keep.daily.into());
            options.keep_weekly = Some(keep.weekly.into());
            options.keep_monthly = Some(keep.monthly.into());
            let now = zoned(now)?;
            let forgotten: Vec<_> = options
                .apply(snapshots, &now)
                .map_err(explain)?
                .into_iter()
                .filter(|judged| !judged.keep)
                .map(|judged| judged.snapshot.id)
                .collect();
            if !forgotten.is_empty() {
                repository.delete_snapshots(&forgotten).map_err(explain)?;
            }
            let options = PruneOptions::default();
            let plan = repository.prune_plan(&options).map_err(explain)?;
            repository.prune(&options, plan).map_err(explain)?;
            Ok(forgotten.len())
        })
        .await
    }
}

/// How much of a snapshot is brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// All of it.
    Everything,
    /// All but pictures and files.
    WithoutMedia,
}

fn zoned(at: DateTime<Utc>) -> anyhow::Result<Zoned> {
    let at = Timestamp::from_millisecond(at.timestamp_millis())?;
    // As people here read it, in whatever tool prints it.
    Ok(at.to_zoned(TimeZone::fixed(rustic_core::jiff::tz::offset(7))))
}

/// The digest that names a path of media; none for other paths.
fn media_name(path: &Path) -> Option<Digest> {
    let name = path.strip_prefix("media").ok()?.file_name()?;
    Digest::from_hex(name.to_str()?).ok()
}

struct Hashing(Sha256);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has everything below `folder` on the disk before it is relied on.
pub fn sync_all(folder: &Path) -> io::Result<()> {
    let mut folders = BTreeSet::from([folder.to_path_buf()]);
    while let Some(folder) = folders.pop_first() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.insert(entry.path());
            } else {
                std::fs::File::open(entry.path())?.sync_all()?;
            }
        }
        super::layout::sync_folder(&folder)?;
    }
    Ok(())
}
