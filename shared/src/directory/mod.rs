//! Who exists and who may speak: the sites of the province, their units and their keys.
//!
//! The hub vouches for every site by a `site.described` event in its own log; a member knows of
//! its neighbours only by those. What a site's events are checked against is loaded once per batch
//! into a [`Directory`] and never fetched from an address an event names.

pub mod closing;
pub mod contact_record;
pub mod cover;
pub mod description;
pub mod key_record;
pub mod revocation;
pub mod site_record;

pub use cover::{Cover, Cut};
pub use description::SiteDescription;
pub use key_record::Purpose;
pub use site_record::{Mode, State};

use crate::error::Result;
use crate::log::keys::{KeyId, PublicKey};
use chrono::{DateTime, TimeDelta, Utc};
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

/// A key, whose it is and how far it counts.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// Whose it is.
    pub site_id: Uuid,
    /// The key.
    pub public: PublicKey,
    /// What it is for.
    pub purpose: Purpose,
    /// First moment.
    pub valid_from: i64,
    /// Last moment.
    pub valid_to: Option<i64>,
    /// When it was taken out of use.
    pub revoked_at: Option<i64>,
    /// What of what it signed still counts, once it was taken out of use.
    pub cover: Cover,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It will be used later.
    Coming,
    /// It is in use.
    Valid,
    /// Another took its place: it proves what it signed, and asks for nothing any more.
    Retired,
    /// It fell into other hands: what it signed counts up to a cut.
    Revoked,
}

/// Clocks of two sites may differ by this much without a new key being taken for one of tomorrow.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(5);

impl KnownKey {
    fn of(record: &key_record::Model, cover: Cover) -> anyhow::Result<Self> {
        Ok(Self {
            site_id: record.site_id,
            public: record.public()?,
            purpose: record.purpose(),
            valid_from: record.valid_from,
            valid_to: record.valid_to,
            revoked_at: record.revoked_at,
            cover,
        })
    }

    /// Where it is in its life at `now`.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        let soon = (now + CLOCKS_APART).timestamp_millis();
        let now = now.timestamp_millis();
        match () {
            () if self.revoked_at.is_some() => Standing::Revoked,
            () if self.valid_to.is_some_and(|to| to < now) => Standing::Retired,
            () if self.valid_from > soon => Standing::Coming,
            () => Standing::Valid,
        }
    }

    /// Whether a request or an answer signed with it at `now` is heard.
    pub fn speaks_at(&self, now: DateTime<Utc>) -> bool {
        self.purpose == Purpose::Site && self.standing(now) == Standing::Valid
    }

    /// Whether an event signed with it for this place of a log counts. A key that was merely replaced
    /// proves its events for ever: who sends them to us has to prove himself with a key in use anyway.
    pub fn proves(&self, log: Uuid, seq: i64) -> bool {
        self.purpose != Purpose::Unknown
            && (self.revoked_at.is_none() || self.cover.covers(log, seq))
    }
}

/// All keys of `site_id`.
pub async fn keys_of<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<KnownKey>> {
    let mut keys = Vec::new();
    for record in key_record::of_site(db, site_id).await? {
        keys.push(KnownKey::of(&record, Cover::default())?);
    }
    Ok(keys)
}

impl Directory {
    /// Loads the keys in `key_ids`, the sites they belong to, and the units whose portals are read by feed.
    pub async fn load<C: ConnectionTrait>(db: &C, key_ids: &[KeyId]) -> Result<Self> {
        let mut directory = Self::default();
        for record in key_record::find(db, key_ids).await? {
            let cover = match record.revoked_at {
                Some(_) => Cover::from(&cover::find(db, &record.key_id, 0, 0).await?),
                None => Cover::default(),
            };
            let known = KnownKey::of(&record, cover)?;
            directory.keys.insert(record.key_id, known);
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
            let id = described.key.id().to_string();
            let known = self.keys.get(&id);
            if known.is_some_and(|known| known.site_id != told.site) {
                continue;
            }
            // An older description does not bring a revoked key back.
            let revoked = known.filter(|known| known.revoked_at.is_some());
            let (revoked_at, cover) = match (revoked, &described.cut) {
                (_, Some(cut)) => (described.revoked_at, Cover::from(cut)),
                (Some(known), None) => (known.revoked_at, known.cover.clone()),
                (None, None) => (described.revoked_at, Cover::default()),
            };
            let learnt = KnownKey {
                site_id: told.site,
                public: described.key,
                purpose: described.purpose,
                valid_from: described.valid_from,
                valid_to: described.valid_to,
                revoked_at,
                cover,
            };
            self.keys.insert(id, learnt);
        }
        if told.mode == Mode::Feed && matches!(told.state, State::Active | State::Closed) {
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

#[cfg(test)]
mod tests;
