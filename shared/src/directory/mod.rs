//! Who exists and who may speak: the sites of the province, their units and their keys.
//!
//! The hub vouches for every site by a `site.described` event in its own log; a member knows of
//! its neighbours only by those. What a site's events are checked against is loaded once per batch
//! into a [`Directory`] and never fetched from an address an event names.

pub mod contact_record;
pub mod description;
pub mod key_record;
pub mod site_record;

pub use description::SiteDescription;
pub use site_record::{Mode, State};

use crate::error::Result;
use crate::log::keys::{KeyId, PublicKey};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What this site knows of those who may speak, as far as one batch needs it.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    sites: HashMap<Uuid, site_record::Model>,
    keys: HashMap<String, KnownKey>,
    feed_units: HashSet<Uuid>,
}

/// A key, whose it is and when it counts.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// Whose it is.
    pub site_id: Uuid,
    /// The key.
    pub public: PublicKey,
    /// First moment.
    pub valid_from: i64,
    /// Last moment.
    pub valid_to: Option<i64>,
    /// When it was taken out of use; nothing it signed is accepted any more.
    pub revoked_at: Option<i64>,
}

impl KnownKey {
    /// Whether the key may be used at `now`.
    pub fn counts_at(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp_millis();
        self.revoked_at.is_none()
            && self.valid_from <= now
            && self.valid_to.is_none_or(|to| now <= to)
    }
}

impl Directory {
    /// Loads the keys in `key_ids`, the sites they belong to, and the units whose portals are read by feed.
    pub async fn load<C: ConnectionTrait>(db: &C, key_ids: &[KeyId]) -> Result<Self> {
        let mut directory = Self::default();
        for record in key_record::find(db, key_ids).await? {
            let public = PublicKey::from_slice(&record.public_key).map_err(anyhow::Error::new)?;
            directory.keys.insert(
                record.key_id,
                KnownKey {
                    site_id: record.site_id,
                    public,
                    valid_from: record.valid_from,
                    valid_to: record.valid_to,
                    revoked_at: record.revoked_at,
                },
            );
        }
        let owners: Vec<Uuid> = directory.keys.values().map(|key| key.site_id).collect();
        for site in site_record::find_many(db, &owners).await? {
            directory.sites.insert(site.id, site);
        }
        directory.feed_units = site_record::units_of_feed_sites(db)
            .await?
            .into_iter()
            .collect();
        Ok(directory)
    }

    /// Takes in what the hub just said of a site, before it is stored: the events after it in the
    /// same batch may be that site's.
    pub fn learn(&mut self, told: &SiteDescription) {
        self.sites.insert(told.site, told.to_record(0));
        for described in &told.keys {
            self.keys.insert(
                described.key.id().to_string(),
                KnownKey {
                    site_id: told.site,
                    public: described.key,
                    valid_from: described.valid_from,
                    valid_to: described.valid_to,
                    revoked_at: described.revoked_at,
                },
            );
        }
        if told.mode == Mode::Feed && told.state == State::Active {
            self.feed_units.insert(told.unit.id);
        }
    }

    /// The key `id`.
    pub fn key(&self, id: &KeyId) -> Option<&KnownKey> {
        self.keys.get(&id.to_string())
    }

    /// The site `id`.
    pub fn site(&self, id: Uuid) -> Option<&site_record::Model> {
        self.sites.get(&id)
    }

    /// Whether the portal of `unit` is read by feed, so that the hub speaks for it.
    pub fn is_read_by_feed(&self, unit: Uuid) -> bool {
        self.feed_units.contains(&unit)
    }
}
