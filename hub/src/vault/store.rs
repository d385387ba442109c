//! The vaults on the hub's disk: one repository a member, and what members deleted, kept for a while.
//!
//! ```text
//! vault/<site>/                      restic's plain layout
//! vault/trash/<site>/<yyyy-mm-dd>/   the same, of what was deleted on that day
//! vault/set-aside/<site>/<yyyy-mm-dd>T<hhmmss>/   a repository whose key was lost, or is no longer trusted
//! ```

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use shared::backup::VaultSettings;
use shared::backup::layout::{Kind, Layout, Place, Written};
use shared::problem::{Problem, ProblemKind};
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Repositories of one member that wait for their end at once.
const SET_ASIDE: usize = 2;

/// All vaults of a hub.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    settings: VaultSettings,
    // Counted once, then kept up: walking a large vault at every file would be most of the work.
    used: Arc<Mutex<HashMap<Uuid, Used>>>,
    deleted: Arc<Mutex<HashMap<Uuid, Hour>>>,
}

/// How much a member fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Bytes in its repository.
    pub kept: u64,
    /// Bytes it deleted that are still there.
    pub trashed: u64,
}

/// How many files were deleted in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    hour: i64,
    files: u32,
}

/// Why something was not done.
#[derive(Debug)]
pub enum Refused {
    /// The member is told.
    Problem(Box<Problem>),
    /// Our disk.
    Disk(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Refused> for shared::error::Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Problem(problem) => (*problem).into(),
            Refused::Disk(error) if error.kind() == io::ErrorKind::StorageFull => {
                Problem::new(ProblemKind::StorageFull)
                    .retry_after(Duration::from_secs(600))
                    .into()
            }
            Refused::Disk(error) => anyhow::Error::new(error).into(),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// The vaults in `root`.
    pub fn at(root: PathBuf, settings: VaultSettings) -> Self {
        Self {
            root,
            settings,
            used: Arc::default(),
            deleted: Arc::default(),
        }
    }

    /// The repository of `site`.
    pub fn of(&self, site: Uuid) -> Layout {
        Layout::at(self.root.join(site.to_string()))
    }

    fn trash_of(&self, site: Uuid) -> PathBuf {
        self.root.join("trash").join(site.to_string())
    }

    /// How many bytes a member may fill that has no quota of its own.
    pub fn usual_quota(&self) -> u64 {
        self.settings.quota_mib.saturating_mul(1024 * 1024)
    }

    /// How much `site` fills.
    pub fn used(&self, site: Uuid) -> io::Result<Used> {
        if let Some(known) = held(&self.used).get(&site) {
            return Ok(*known);
        }
        let mut counted = Used {
            kept: self.of(site).usage()?,
            trashed: 0,
        };
        for (_, day) in self.trashed_days(site)? {
            counted.trashed += day.usage()?;
        }
        held(&self.used).insert(site, counted);
        Ok(counted)
    }

    fn count(&self, site: Uuid, change: impl FnOnce(&mut Used)) {
        if let Some(used) = held(&self.used).get_mut(&site) {
            change(used);
        }
    }

    /// Puts `bytes` at `place` in the vault of `site`; whether they are new.
    pub fn write(
        &self,
        site: Uuid,
        place: Place,
        bytes: &[u8],
        quota: u64,
    ) -> Result<bool, Refused> {
        let used = self.used(site)?;
        let size = bytes.len() as u64;
        if used.kept.saturating_add(size) > quota {
            let problem = Problem::new(ProblemKind::StorageFull)
                .detail(format!(
                    "Kho sao lưu của đơn vị đã dùng {} trong {} MiB; hãy nhờ quản trị tỉnh tăng hạn mức.",
                    used.kept / 1024 / 1024,
                    quota / 1024 / 1024
                ))
                .with("used", used.kept)
                .with("quota", quota);
            return Err(problem.into());
        }
        match self.of(site).write(place, bytes)? {
            Written::New => {
                self.count(site, |used| used.kept += size);
                Ok(true)
            }
            Written::Known => Ok(false),
            Written::Occupied => Err(Problem::new(ProblemKind::Conflict)
                .detail("Kho đã có một tệp khác ở chỗ này; tệp trong kho không bị ghi đè.")
                .into()),
        }
    }

    /// The bytes at `place` in the vault of `site`.
    pub fn read(
        &self,
        site: Uuid,
        place: Place,
        range: Option<Range<u64>>,
    ) -> io::Result<Option<Vec<u8>>> {
        self.of(site).read(place, range)
    }

    /// Takes `place` out of the vault of `site`. Locks go; anything else is kept in the trash, so that
    /// who has stolen a member's key cannot destroy its backups. Keys and configuration stay for ever.
    pub fn delete(&self, site: Uuid, place: Place, now: DateTime<Utc>) -> Result<(), Refused> {
        let vault = self.of(site);
        let kind = match place {
            Place::Config | Place::Named(Kind::Keys, _) => {
                return Err(Problem::new(ProblemKind::Forbidden)
                    .detail("Khóa và cấu hình của kho sao lưu không xóa được.")
                    .into());
            }
            Place::Named(kind, _) => kind,
        };
        if kind == Kind::Locks {
            vault.remove(place)?;
            return Ok(());
        }
        let Some(size) = vault.size(place)? else {
            return Ok(());
        };
        self.allow_deletion(site, now)?;
        if self.used(site)?.trashed.saturating_add(size) > self.usual_quota() {
            return Err(Problem::new(ProblemKind::RateLimited)
                .detail("Thùng rác của kho đã đầy; những gì xóa trước được giữ đủ hạn rồi mới bỏ.")
                .retry_after(Duration::from_secs(24 * 3600))
                .into());
        }
        let day = now.date_naive().to_string();
        let trash = Layout::at(self.trash_of(site).join(day));
        if vault.put_away(place, &trash)? {
            self.count(site, |used| {
                used.kept = used.kept.saturating_sub(size);
                used.trashed += size;
            });
        }
        Ok(())
    }

    fn allow_deletion(&self, site: Uuid, now: DateTime<Utc>) -> Result<(), Refused> {
        let hour = now.timestamp() / 3600;
        let mut deleted = held(&self.deleted);
        let counted = deleted.entry(site).or_default();
        if counted.hour != hour {
            *counted = Hour { hour, files: 0 };
        }
        if counted.files >= self.settings.deletions_per_hour {
            tracing::warn!(site.id = %site, "a member deletes more from its vault than is usual");
            return Err(Problem::new(ProblemKind::RateLimited)
                .detail("Xóa quá nhiều tệp của kho sao lưu trong một giờ.")
                .retry_after(Duration::from_secs(3600))
                .into());
        }
        counted.files += 1;
        Ok(())
    }

    /// Sets the repository of `site` aside, so that it can begin another with a new key. It stays as long
    /// as what was deleted; whether there was one.
    pub fn set_aside(&self, site: Uuid, now: DateTime<Utc>) -> Result<bool, Refused> {
        let vault = self.of(site);
        if vault.size(Place::Config)?.is_none() {
            return Ok(false);
        }
        let folder = self.root.join("set-aside").join(site.to_string());
        let into = folder.join(now.format("%Y-%m-%dT%H%M%S").to_string());
        if days_in(&folder)?.len() >= SET_ASIDE || into.exists() {
            return Err(Problem::new(ProblemKind::RateLimited)
                .detail(
                    "Kho vừa được đổi khóa; những kho cũ được giữ đủ hạn rồi mới đổi tiếp được.",
                )
                .retry_after(Duration::from_secs(24 * 3600))
                .into());
        }
        std::fs::create_dir_all(&folder)?;
        std::fs::rename(vault.root(), into)?;
        held(&self.used).remove(&site);
        Ok(true)
    }

    fn trashed_days(&self, site: Uuid) -> io::Result<Vec<(NaiveDate, Layout)>> {
        days_in(&self.trash_of(site))
    }

    /// Empties the trash of what has lain there long enough; how many days went.
    pub fn empty_trash(&self, now: DateTime<Utc>) -> io::Result<usize> {
        let oldest = (now - TimeDelta::days(self.settings.trash_days.into())).date_naive();
        let mut emptied = 0;
        for place in ["trash", "set-aside"] {
            let place = self.root.join(place);
            if !place.exists() {
                continue;
            }
            for entry in std::fs::read_dir(place)? {
                let entry = entry?;
                for (day, layout) in days_in(&entry.path())? {
                    if day < oldest {
                        std::fs::remove_dir_all(layout.root())?;
                        emptied += 1;
                    }
                }
                if let Some(site) = entry
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse().ok())
                {
                    held(&self.used).remove(&site);
                }
            }
        }
        Ok(emptied)
    }

    /// Puts everything that `site` deleted and that is still there back into its vault; how many files.
    pub fn undelete(&self, site: Uuid) -> io::Result<usize> {
        let vault = self.of(site);
        let mut back = 0;
        for (_, day) in self.trashed_days(site)? {
            for kind in Kind::ALL {
                for (name, _) in day.list(kind)? {
                    if day.put_away(Place::Named(kind, name), &vault)? {
                        back += 1;
                    }
                }
            }
        }
        held(&self.used).remove(&site);
        Ok(back)
    }
}

/// The folders in `folder` whose names begin with a day, oldest first.
fn days_in(folder: &std::path::Path) -> io::Result<Vec<(NaiveDate, Layout)>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut days = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let day = name.to_str().and_then(|name| name.get(..10)?.parse().ok());
        if let Some(day) = day {
            days.push((day, Layout::at(entry.path())));
        }
    }
    days.sort_by_key(|(day, _)| *day);
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use shared::log::Digest;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0)
            .single()
            .expect("a time")
    }

    fn kind_of(refused: Refused) -> ProblemKind {
        match refused {
            Refused::Problem(problem) => problem.kind,
            Refused::Disk(error) => panic!("{error}"),
        }
    }

    #[test]
    fn who_deletes_everything_has_destroyed_nothing_for_thirty_days() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let settings = VaultSettings {
            deletions_per_hour: 3,
            ..VaultSettings::default()
        };
        let store = Store::at(root.path().to_owned(), settings);
        let site = Uuid::now_v7();
        let packs: Vec<Place> = (0..5_u8)
            .map(|number| {
                let place = Place::Named(Kind::Data, Digest::of([number]));
                assert!(store.write(site, place, &[number], 100).expect("writes"));
                place
            })
            .collect();
        store
            .write(site, Place::Config, b"config", 100)
            .expect("writes");
        assert_eq!(store.used(site).expect("counts").kept, 11);

        for pack in &packs[..3] {
            store.delete(site, *pack, noon()).expect("deletes");
        }
        let refused = store.delete(site, packs[3], noon()).expect_err("too many");
        assert_eq!(kind_of(refused), ProblemKind::RateLimited);
        store
            .delete(site, packs[3], noon() + TimeDelta::hours(1))
            .expect("an hour later");
        let refused = store
            .delete(site, Place::Config, noon())
            .expect_err("never");
        assert_eq!(kind_of(refused), ProblemKind::Forbidden);
        let used = store.used(site).expect("counts");
        assert_eq!((used.kept, used.trashed), (7, 4));

        let later = noon() + TimeDelta::days(29);
        assert_eq!(store.empty_trash(later).expect("looks"), 0);
        assert_eq!(store.undelete(site).expect("puts back"), 4);
        assert_eq!(
            store.read(site, packs[0], None).expect("reads"),
            Some(vec![0])
        );

        store.delete(site, packs[0], later).expect("deletes");
        let much_later = later + TimeDelta::days(31);
        // Two days: the folder of the first stayed when its files were put back.
        assert_eq!(store.empty_trash(much_later).expect("empties"), 2);
        assert_eq!(store.used(site).expect("counts").trashed, 0);
    }

    #[test]
    fn a_repository_whose_key_was_lost_makes_room_for_another_and_stays_for_a_while() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path().to_owned(), VaultSettings::default());
        let site = Uuid::now_v7();
        assert!(!store.set_aside(site, noon()).expect("nothing there"));
        for day in 0..2 {
            store
                .write(site, Place::Config, b"config", 100)
                .expect("writes");
            let at = noon() + TimeDelta::days(day);
            assert!(store.set_aside(site, at).expect("sets aside"));
        }
        store
            .write(site, Place::Config, b"config", 100)
            .expect("writes");
        let third = store.set_aside(site, noon() + TimeDelta::days(2));
        assert_eq!(
            kind_of(third.expect_err("too many")),
            ProblemKind::RateLimited
        );
        let later = noon() + TimeDelta::days(40);
        assert_eq!(store.empty_trash(later).expect("empties"), 2);
        assert!(store.set_aside(site, later).expect("sets aside"));
    }

    #[test]
    fn a_full_vault_says_so_and_keeps_what_it_has() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path().to_owned(), VaultSettings::default());
        let site = Uuid::now_v7();
        let place = |bytes: &[u8]| Place::Named(Kind::Data, Digest::of(bytes));
        store
            .write(site, place(b"12345"), b"12345", 8)
            .expect("writes");
        let refused = store
            .write(site, place(b"6789"), b"6789", 8)
            .expect_err("full");
        assert_eq!(kind_of(refused), ProblemKind::StorageFull);
        assert_eq!(
            store.read(site, place(b"12345"), None).expect("reads"),
            Some(b"12345".to_vec())
        );
    }
}
