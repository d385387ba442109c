use super::target::Target;
use serde::Deserialize;

/// `[backup]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// Where to. Unset: the hub's vault, for a site that has a hub.
    pub targets: Option<Vec<Target>>,
    /// How many minutes after a change a backup is due.
    pub every_minutes: u32,
    /// What is kept.
    pub keep: Keep,
    /// Whether every night a backup is checked and restored for practice.
    pub drill: bool,
    /// How many KiB a second a drill reads at most.
    pub drill_kib_per_second: u32,
}

/// `[backup.keep]`: how many of each are kept.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// The last of each hour.
    pub hourly: u16,
    /// The last of each day.
    pub daily: u16,
    /// The last of each week.
    pub weekly: u16,
    /// The last of each month.
    pub monthly: u16,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            targets: None,
            every_minutes: 15,
            keep: Keep::default(),
            drill: true,
            drill_kib_per_second: 4096,
        }
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            hourly: 48,
            daily: 30,
            weekly: 12,
            monthly: 24,
        }
    }
}

/// `[vault]`: what a hub keeps for its members.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VaultSettings {
    /// How many MiB each member may fill.
    pub quota_mib: u64,
    /// How many days what a member deleted is kept.
    pub trash_days: u16,
    /// How many files a member may delete in an hour.
    pub deletions_per_hour: u32,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self {
            quota_mib: 20 * 1024,
            trash_days: 30,
            deletions_per_hour: 1000,
        }
    }
}
