//! The content of `site.described`: all the hub tells its members of one site.

use super::cover::{self, Cut};
use super::key_record::{self, Purpose};
use super::revocation;
use super::site_record::{self, Mode, State};
use crate::entries::catalogue::{self, Lists};
use crate::error::Result;
use crate::log::keys::PublicKey;
use crate::sync::peer;
use crate::units::{self, Attribute, attribute};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// A site, its unit and its keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteDescription {
    /// Site id.
    pub site: Uuid,
    /// How it takes part.
    pub mode: Mode,
    /// Where it is in its life.
    pub state: State,
    /// Where it answers.
    pub base_url: String,
    /// What it calls itself.
    pub title: String,
    /// Its unit.
    pub unit: UnitDescription,
    /// Its keys, present and past, so that what they signed stays verifiable.
    pub keys: Vec<KeyDescription>,
    /// Of a closed site: the units its own went into, as far as those have no site that tells of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heirs: Vec<UnitDescription>,
    /// The province's lists, in what a hub says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists: Option<Lists>,
}

/// A unit and all that holds and held of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitDescription {
    /// Unit id.
    pub id: Uuid,
    /// Its dated attributes.
    pub attributes: Vec<Attribute>,
}

/// A key and the time it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyDescription {
    /// The key.
    pub key: PublicKey,
    /// First moment; milliseconds since 1970.
    pub valid_from: i64,
    /// Last moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<i64>,
    /// When it was taken out of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Purpose::is_site")]
    pub purpose: Purpose,
    /// How far what it signed is still believed, once it was taken out of use. Without it nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
}

impl KeyDescription {
    /// A key in use since `valid_from`.
    pub fn in_use(key: PublicKey, valid_from: i64) -> Self {
        Self {
            key,
            valid_from,
            valid_to: None,
            revoked_at: None,
            purpose: Purpose::Site,
            cut: None,
        }
    }
}

impl SiteDescription {
    /// What is known of `site` here.
    pub async fn load<C: ConnectionTrait>(db: &C, site: &site_record::Model) -> Result<Self> {
        let mut keys = Vec::new();
        for record in key_record::of_site(db, site.id).await? {
            let cut = match (record.revoked_at, record.revoked_since) {
                (Some(_), Some(since)) => {
                    Some(cover::find(db, &record.key_id, since, record.judged_at).await?)
                }
                _ => None,
            };
            keys.push(KeyDescription {
                key: record.public()?,
                valid_from: record.valid_from,
                valid_to: record.valid_to,
                revoked_at: record.revoked_at,
                purpose: record.purpose(),
                cut,
            });
        }
        Ok(Self {
            site: site.id,
            mode: if site.is_feed() {
                Mode::Feed
            } else {
                Mode::Native
            },
            state: serde_json::from_value(Value::String(site.state.clone()))
                .map_err(anyhow::Error::new)?,
            base_url: site.base_url.clone(),
            title: site.title.clone(),
            unit: UnitDescription {
                id: site.unit_id,
                attributes: attribute::of_unit(db, site.unit_id).await?,
            },
            keys,
            heirs: heirs_without_site(db, site).await?,
            lists: None,
        })
    }

    /// As the content of an event: a feed item any reader can show.
    pub fn to_content(&self) -> Result<Value> {
        Ok(json!({
            "id": format!("urn:uuid:{}", self.site),
            "title": self.title,
            "url": self.base_url,
            "content_text": "",
            "_site": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of an event.
    pub fn from_content(content: &Value) -> serde_json::Result<Self> {
        Self::deserialize(content.get("_site").unwrap_or(&Value::Null))
    }

    /// As stored.
    pub fn to_record(&self, told_at: i64) -> site_record::Model {
        site_record::Model {
            id: self.site,
            unit_id: self.unit.id,
            mode: self.mode.as_str().to_owned(),
            state: self.state.as_str().to_owned(),
            base_url: self.base_url.clone(),
            title: self.title.clone(),
            described_at: told_at,
        }
    }

    /// Takes over everything it says: what a revoked key signed beyond its cut loses its effect here.
    pub async fn store(&self, tx: &DatabaseTransaction, told_at: i64) -> Result<()> {
        for unit in self.heirs.iter().chain([&self.unit]) {
            attribute::replace(tx, unit.id, &unit.attributes).await?;
        }
        site_record::put(tx, self.to_record(told_at)).await?;
        let upstream = peer::upstream(tx).await?;
        let is_our_hub = upstream.is_some_and(|hub| hub.site_id == self.site);
        if let Some(lists) = self.lists.clone().filter(|_| is_our_hub) {
            catalogue::take_over(tx, lists).await?;
        }
        self.store_keys(tx, told_at).await
    }

    /// Takes over what it says of keys, and nothing else.
    pub async fn store_keys(&self, tx: &DatabaseTransaction, told_at: i64) -> Result<()> {
        for key in &self.keys {
            key_record::put_described(tx, self.site, key).await?;
            if key.revoked_at.is_some() {
                revocation::take_effect(tx, &key.key.id().to_string(), told_at).await?;
            }
        }
        Ok(())
    }

    /// The key `id`, if it is one of the site's.
    pub fn key(&self, id: &crate::log::keys::KeyId) -> Option<&KeyDescription> {
        self.keys.iter().find(|known| known.key.id() == *id)
    }
}

/// The units that the unit of a closed site went into and that no site tells of.
async fn heirs_without_site<C: ConnectionTrait>(
    db: &C,
    site: &site_record::Model,
) -> Result<Vec<UnitDescription>> {
    if !site.is_closed() {
        return Ok(Vec::new());
    }
    let mut told = Vec::new();
    // Whatever will come of it: whoever is told keeps the dates. Days are compared as texts of four-digit years.
    let last_day = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default();
    for heir in units::heirs(db, last_day, site.unit_id).await? {
        let has_site = site_record::of_unit(db, heir.unit)
            .await?
            .is_some_and(|site| site.state != State::Invited.as_str());
        if !has_site {
            told.push(UnitDescription {
                id: heir.unit,
                attributes: attribute::of_unit(db, heir.unit).await?,
            });
        }
    }
    Ok(told)
}
