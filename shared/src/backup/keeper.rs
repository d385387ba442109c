//! What is done for a site's backups: make one, list them, check them, restore one for practice.

use super::manifest::{self, Comparison, LEFT_OUT, Manifest, Media, Signed};
use super::progress::Bars;
use super::recovery_key::RecoveryKey;
use super::repository::{Opened, Repository, Restored, Snapshot};
use super::run::{self, NewRun, Report, Work};
use super::settings::BackupSettings;
use super::target::{Backend, HubVault, Target};
use crate::directory::key_record;
use crate::folder::Folder;
use crate::log::Digest;
use crate::log::keys::PublicKey;
use crate::room::Want;
use crate::site::Site;
use crate::storage;
use crate::sync::peer;
use anyhow::{Context, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The manifest's file in a snapshot.
pub const MANIFEST: &str = "manifest.json";
/// The database's file in a snapshot.
pub const DATABASE: &str = "site.db";
/// However little happens, one a day: so that the last is never old.
const AT_LEAST_EVERY: TimeDelta = TimeDelta::hours(24);

/// Who looks after the backups of one site.
#[derive(Clone, Debug)]
pub struct Keeper {
    site: Arc<Site>,
    folder: Folder,
    settings: BackupSettings,
    bars: Bars,
    /// What each recovery key led to at each target.
    opened: Arc<Mutex<HashMap<(String, Digest), Opened>>>,
}

/// One target and what became of the work there.
pub type Done<T> = (Target, anyhow::Result<T>);

/// What a drill found.
#[derive(Debug)]
pub struct Drilled {
    /// The snapshot that was restored.
    pub snapshot: Snapshot,
    /// How it compares with its manifest.
    pub comparison: Comparison,
    /// How many pictures and files were read back to the last byte.
    pub media_read: u64,
}

/// A copy of a site, taken at one instant, from which snapshots are made.
struct Staged {
    at: DateTime<Utc>,
    content: Digest,
    files: Vec<(PathBuf, PathBuf)>,
}

impl Keeper {
    /// For `site` in `folder`.
    pub fn new(site: Arc<Site>, folder: Folder, settings: BackupSettings, bars: Bars) -> Self {
        Self {
            site,
            folder,
            settings,
            bars,
            opened: Arc::default(),
        }
    }

    /// The site.
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// Whether there is a key to encrypt with.
    pub fn has_key(&self) -> bool {
        self.folder.has_recovery_key()
    }

    /// How often and where.
    pub fn settings(&self) -> &BackupSettings {
        &self.settings
    }

    /// Where the backups go: as the settings say, or into the hub's vault if there is a hub.
    pub async fn targets(&self) -> anyhow::Result<Vec<Target>> {
        if let Some(targets) = &self.settings.targets {
            return Ok(targets.clone());
        }
        let hub = peer::upstream(self.site.db.reader()).await?;
        Ok(hub.map(|_| Target::Hub).into_iter().collect())
    }

    /// Makes a backup at every target, unless `only_if_changed` and nothing is new there.
    pub async fn backup(
        &self,
        only_if_changed: bool,
    ) -> anyhow::Result<Vec<Done<Option<Snapshot>>>> {
        let key = self.key()?;
        let targets = self.targets().await?;
        ensure!(
            !targets.is_empty(),
            "chưa có nơi sao lưu nào: hãy ghi targets trong mục [backup] của settings.toml"
        );
        let _alone = self.alone()?;
        let mut due = Vec::new();
        let mut done = Vec::new();
        let now_kept = match only_if_changed {
            true => {
                let media = self.media().await?;
                Some(manifest::content_now(&self.site, &Media::of(&media)).await?)
            }
            false => None,
        };
        for target in targets {
            if self.is_kept(&target, now_kept).await? {
                done.push((target, Ok(None)));
            } else {
                due.push(target);
            }
        }
        if due.is_empty() {
            return Ok(done);
        }
        let began = self.site.clock.now();
        let staged = self.stage().await;
        for target in due {
            let kept = match &staged {
                Ok(staged) => self.keep(&target, &key, staged).await,
                Err(error) => Err(anyhow::anyhow!("{}", crate::error::chain(error.as_ref()))),
            };
            let run = NewRun {
                work: Work::Backup,
                target: target.to_string(),
                began,
                is_good: kept.is_ok(),
                snapshot: kept.as_ref().ok().cloned(),
                content: staged.as_ref().ok().map(|staged| staged.content),
                detail: kept.as_ref().err().map(in_words),
            };
            run::note(&self.site, run).await?;
            done.push((target, kept.map(Some)));
        }
        self.clear("staged")?;
        self.tell().await;
        Ok(done)
    }

    /// Whether the last backup at `target` holds `content` and is young enough.
    async fn is_kept(&self, target: &Target, content: Option<Digest>) -> anyhow::Result<bool> {
        let Some(content) = content else {
            return Ok(false);
        };
        let db = self.site.db.reader();
        let last = run::last_good(db, Work::Backup, Some(&target.to_string())).await?;
        let age_of = |run: &run::Model| self.site.clock.now().timestamp_millis() - run.ended_at;
        Ok(last.is_some_and(|last| {
            last.content.as_deref() == Some(content.as_bytes())
                && age_of(&last) < AT_LEAST_EVERY.num_milliseconds()
        }))
    }

    async fn keep(
        &self,
        target: &Target,
        key: &RecoveryKey,
        staged: &Staged,
    ) -> anyhow::Result<Snapshot> {
        let repository = self.repository(target, key).await?;
        let host = self
            .site
            .profile
            .base_url
            .host_str()
            .unwrap_or("lien-cong")
            .to_owned();
        repository.keep(host, staged.at, staged.files.clone()).await
    }

    /// Takes a copy of the site as of one instant, checks it, and writes down what is in it.
    async fn stage(&self) -> anyhow::Result<Staged> {
        self.assert_room()?;
        let folder = self.clear("staged")?;
        fs::create_dir_all(&folder)?;
        let at = self.site.clock.now();
        let copy = folder.join(DATABASE);
        self.site
            .db
            .copy_to(&copy)
            .await
            .context("không chép được cơ sở dữ liệu")?;
        let db = storage::open_copy(&copy).await?;
        if let Some(damage) = storage::damage(&db).await? {
            bail!("bản chép của cơ sở dữ liệu bị hỏng: {damage}");
        }
        for table in LEFT_OUT {
            db.execute_unprepared(&format!("DELETE FROM {table}"))
                .await?;
        }
        // After the copy: what came since stands in the next one, and nothing is missing from this.
        let media = self.media().await?;
        let ids = (self.site.id, self.site.unit_id);
        let manifest = Manifest::of(&db, ids, Media::of(&media), at).await?;
        db.close().await?;
        let content = manifest.content_digest()?;
        let signed = Signed::sign(manifest, &self.site.key.current())?;
        fs::write(folder.join(MANIFEST), serde_json::to_vec_pretty(&signed)?)?;
        let mut files = vec![
            (PathBuf::from(MANIFEST), folder.join(MANIFEST)),
            (PathBuf::from(DATABASE), copy),
        ];
        for own in ["settings.toml", "key.pem"] {
            files.push((PathBuf::from(own), self.folder.root().join(own)));
        }
        for (name, _) in media {
            let hex = name.hex();
            let inside = Path::new("media").join(&hex[..2]).join(&hex);
            files.push((inside, self.site.media.path(name)));
        }
        Ok(Staged { at, content, files })
    }

    async fn media(&self) -> anyhow::Result<Vec<(Digest, u64)>> {
        let root = self.folder.media();
        let listed = tokio::task::spawn_blocking(move || manifest::media_files(&root)).await?;
        listed.context("không đọc được kho ảnh và tệp")
    }

    /// All backups, by target, oldest first.
    pub async fn list(&self) -> anyhow::Result<Vec<Done<Vec<Snapshot>>>> {
        let key = self.key()?;
        let mut listed = Vec::new();
        for target in self.targets().await? {
            let found = match self.repository(&target, &key).await {
                Ok(repository) => repository.snapshots().await,
                Err(error) => Err(error),
            };
            listed.push((target, found));
        }
        Ok(listed)
    }

    /// Checks the repositories: that everything fits together, and that the packs of one part in
    /// `parts` can be read; all of them if no part is named.
    pub async fn check(&self, part: Option<(u32, u32)>) -> anyhow::Result<Vec<Done<()>>> {
        let key = self.key()?;
        let _alone = self.alone()?;
        let mut done = Vec::new();
        for target in self.targets().await? {
            let began = self.site.clock.now();
            let outcome = self.check_one(&target, &key, part).await;
            let run = NewRun {
                work: Work::Check,
                target: target.to_string(),
                began,
                is_good: outcome.is_ok(),
                snapshot: None,
                content: None,
                detail: outcome.as_ref().err().map(in_words),
            };
            run::note(&self.site, run).await?;
            done.push((target, outcome));
        }
        self.tell().await;
        Ok(done)
    }

    async fn check_one(
        &self,
        target: &Target,
        key: &RecoveryKey,
        part: Option<(u32, u32)>,
    ) -> anyhow::Result<()> {
        let found = self.paced(target, key).await?.check(part).await?;
        ensure!(
            found.is_empty(),
            "kho sao lưu có {} chỗ hỏng: {}",
            found.len(),
            found[..found.len().min(3)].join("; ")
        );
        Ok(())
    }

    /// Restores the last snapshot of each target into a scratch place, opens it and compares it with its
    /// manifest. Pictures and files are read back without being written: the sixteenth part of them
    /// that is named, or all. So a drill never needs more room than the database.
    pub async fn drill(&self, sixteenth: Option<u8>) -> anyhow::Result<Vec<Done<Drilled>>> {
        let key = self.key()?;
        let _alone = self.alone()?;
        let mut done = Vec::new();
        for target in self.targets().await? {
            let began = self.site.clock.now();
            let outcome = self.drill_one(&target, &key, sixteenth).await;
            self.clear("drill")?;
            let run = NewRun {
                work: Work::Drill,
                target: target.to_string(),
                began,
                is_good: outcome.is_ok(),
                snapshot: outcome
                    .as_ref()
                    .ok()
                    .map(|drilled| drilled.snapshot.clone()),
                content: None,
                detail: outcome.as_ref().err().map(in_words),
            };
            run::note(&self.site, run).await?;
            done.push((target, outcome));
        }
        self.tell().await;
        Ok(done)
    }

    async fn drill_one(
        &self,
        target: &Target,
        key: &RecoveryKey,
        sixteenth: Option<u8>,
    ) -> anyhow::Result<Drilled> {
        self.assert_room()?;
        let scratch = self.clear("drill")?;
        // With books of its own: what is restored must come from where the backups are.
        let repository = Repository::new(
            self.backend(target).await?,
            key.clone(),
            scratch.join("cache"),
            self.bars,
        );
        let snapshot = repository
            .snapshots()
            .await?
            .pop()
            .context("chưa có bản sao lưu nào để diễn tập")?;
        let root = scratch.join("site");
        repository
            .restore(snapshot.id.clone(), root.clone(), Restored::WithoutMedia)
            .await?;
        let (media_read, media) = repository
            .read_media(snapshot.id.clone(), sixteenth)
            .await?;
        let comparison = prove(&root, Media::of(&media)).await?.1;
        ensure!(
            comparison.is_equal(),
            "bản dựng lại khác bản kê: {}",
            comparison.differences()
        );
        Ok(Drilled {
            snapshot,
            comparison,
            media_read,
        })
    }

    /// Begins all repositories anew with a new recovery key: the old one was lost, or seen by somebody. The
    /// old repositories are set aside, and are forgotten in their time.
    pub async fn renew(&self) -> anyhow::Result<()> {
        let _alone = self.alone()?;
        for target in self.targets().await? {
            match &target {
                Target::Hub => {
                    let vault = HubVault::of(&self.site).await?;
                    vault.tell("renew", b"{}".to_vec()).await?;
                }
                Target::Folder(path) if path.exists() => {
                    let stamp = self.site.clock.now().format("%Y%m%d%H%M%S");
                    let mut name = path.file_name().unwrap_or_default().to_os_string();
                    name.push(format!(".{stamp}"));
                    fs::rename(path, path.with_file_name(name))
                        .with_context(|| format!("không dời được {}", path.display()))?;
                }
                Target::Folder(_) => {}
                Target::Rest(_) => bail!(
                    "{target}: hãy ghi một địa chỉ khác cho nơi này trong settings.toml rồi chạy lại"
                ),
            }
        }
        self.clear("cache")?;
        self.folder.replace_recovery_key(&RecoveryKey::generate()?)
    }

    /// Forgets what is no longer to be kept.
    pub async fn forget(&self) -> anyhow::Result<Vec<Done<usize>>> {
        let key = self.key()?;
        let _alone = self.alone()?;
        let mut done = Vec::new();
        for target in self.targets().await? {
            let began = self.site.clock.now();
            let outcome = match self.repository(&target, &key).await {
                Ok(repository) => repository.forget(self.settings.keep, began).await,
                Err(error) => Err(error),
            };
            let run = NewRun {
                work: Work::Forget,
                target: target.to_string(),
                began,
                is_good: outcome.is_ok(),
                snapshot: None,
                content: None,
                detail: outcome.as_ref().err().map(in_words),
            };
            run::note(&self.site, run).await?;
            done.push((target, outcome));
        }
        Ok(done)
    }

    /// How the backups stand.
    pub async fn report(&self) -> anyhow::Result<Report> {
        Ok(Report::of(&self.site, &self.targets().await?).await?)
    }

    /// Tells the metrics and the hub how the backups stand. A hub that does not hear is told next time.
    pub async fn tell(&self) {
        let told = async {
            let report = self.report().await?;
            measure(&self.site, &report);
            if peer::upstream(self.site.db.reader()).await?.is_none() {
                return Ok(());
            }
            let vault = HubVault::of(&self.site).await?;
            vault.tell("report", serde_json::to_vec(&report)?).await?;
            anyhow::Ok(())
        };
        if let Err(error) = told.await {
            tracing::info!(
                error = crate::error::chain(error.as_ref()),
                "the hub was not told how the backups stand"
            );
        }
    }

    /// There must be room for the database once more: neither a backup nor a drill is to fill the disk that
    /// the site writes to.
    fn assert_room(&self) -> anyhow::Result<()> {
        let database = self.folder.root().join(DATABASE);
        let size = fs::metadata(&database).map_or(0, |about| about.len());
        self.site.room.admit(size, Want::Growth).map_err(|_| {
            anyhow::anyhow!(
                "ổ đĩa không còn chỗ cho một bản chép tạm của cơ sở dữ liệu ({})",
                super::cli::size(size)
            )
        })
    }

    fn key(&self) -> anyhow::Result<RecoveryKey> {
        self.folder.recovery_key()
    }

    async fn backend(&self, target: &Target) -> anyhow::Result<Backend> {
        let backend = Backend::of(&self.site, target).await?;
        Ok(match self.bars {
            // A person waits: as fast as the road is.
            Bars::Shown => backend,
            Bars::Hidden => backend.paced(self.settings.drill_kib_per_second.saturating_mul(1024)),
        })
    }

    async fn repository(&self, target: &Target, key: &RecoveryKey) -> anyhow::Result<Repository> {
        let backend = Backend::of(&self.site, target).await?;
        Ok(self.over(target, backend, key))
    }

    async fn paced(&self, target: &Target, key: &RecoveryKey) -> anyhow::Result<Repository> {
        Ok(self.over(target, self.backend(target).await?, key))
    }

    fn over(&self, target: &Target, backend: Backend, key: &RecoveryKey) -> Repository {
        let cache = self.folder.backup().join("cache");
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (target.to_string(), Digest::of(key.as_str().as_bytes()));
        let known = opened.entry(at).or_default().clone();
        Repository::new(backend, key.clone(), cache, self.bars).remembering(known)
    }

    /// Nobody else works on the backups of this folder until what is returned is dropped.
    fn alone(&self) -> anyhow::Result<File> {
        let folder = self.folder.backup();
        fs::create_dir_all(&folder)
            .with_context(|| format!("không tạo được {}", folder.display()))?;
        let lock = File::create(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(fs::TryLockError::WouldBlock) => {
                bail!("một lần sao lưu hoặc kiểm tra khác của trang này đang chạy; hãy thử lại sau")
            }
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The folder `name` for passing things, empty: it is not there when this returns.
    fn clear(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.backup().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("không dọn được {}", folder.display()))?;
        }
        Ok(folder)
    }
}

/// Reads the manifest of the site in `root`, makes it anew from what is there, and compares.
pub async fn prove(root: &Path, media: Media) -> anyhow::Result<(Signed, Comparison)> {
    let file = root.join(MANIFEST);
    let bytes = fs::read(&file).with_context(|| format!("không đọc được {}", file.display()))?;
    let signed: Signed = serde_json::from_slice(&bytes).context("bản kê không đọc được")?;
    let db = storage::open_copy(&root.join(DATABASE)).await?;
    let compared = compare(&db, &signed, media).await;
    db.close().await?;
    Ok((signed, compared?))
}

async fn compare(
    db: &DatabaseConnection,
    signed: &Signed,
    media: Media,
) -> anyhow::Result<Comparison> {
    if let Some(damage) = storage::damage(db).await? {
        bail!("cơ sở dữ liệu dựng lại bị hỏng: {damage}");
    }
    let told = &signed.manifest;
    let keys = key_record::of_site(db, told.site).await?;
    let is_signed = keys
        .iter()
        .filter_map(|key| PublicKey::from_slice(&key.public_key).ok())
        .any(|key| key.id() == signed.key && signed.is_signed_by(&key));
    ensure!(is_signed, "chữ ký của bản kê không phải của trang này");
    let found = Manifest::of(db, (told.site, told.unit), media, told.time).await?;
    Ok(told.compare(&found))
}

/// An error and its causes in one line.
fn in_words(error: &anyhow::Error) -> String {
    let words: Vec<String> = error.chain().map(ToString::to_string).collect();
    words.join(": ")
}

fn measure(site: &Site, report: &Report) {
    let label = site
        .profile
        .base_url
        .host_str()
        .unwrap_or_default()
        .to_owned();
    let seconds = |at: Option<DateTime<Utc>>| at.map_or(0.0, |at| at.timestamp() as f64);
    for (name, standing) in [
        ("backup_last_good_timestamp_seconds", &report.backup),
        ("backup_check_last_good_timestamp_seconds", &report.check),
        ("backup_drill_last_good_timestamp_seconds", &report.drill),
    ] {
        metrics::gauge!(name, "site" => label.clone()).set(seconds(standing.good_at));
    }
    let is_red = report.is_red(site.clock.now());
    metrics::gauge!("backup_needs_attention", "site" => label.clone()).set(f64::from(is_red));
    metrics::gauge!("backup_bytes", "site" => label).set(report.bytes as f64);
}
