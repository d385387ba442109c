//! The hub changes its own key: everybody is told first, with the old one, and the new one is used
//! once everybody has heard of it, or after the overlap. An emergency key, kept away from the machine,
//! says who the hub is when the key itself was stolen.

use crate::members::registry;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, EntityTrait, Set};
use serde::{Deserialize, Serialize};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::directory::{Purpose, key_record, revocation, site_record};
use shared::error::{Error, Result};
use shared::folder::Folder;
use shared::log::append::append_with;
use shared::log::keys::{PublicKey, SigningKey};
use shared::log::{Lane, ledger};
use shared::settings;
use shared::site::Site;
use shared::storage::{Counter, last_number};
use shared::sync::cursor::{self, Direction};
use shared::sync::key_change::OVERLAP;
use shared::sync::key_history;
use shared::sync::peer::{self, Role};
use std::sync::Arc;
use uuid::Uuid;

/// The setting that says what members have to have heard before the next key is used.
const TOLD: &str = "next_key_told";

/// That everybody was told of the next key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    key: String,
    stream: Uuid,
    position: i64,
    at: i64,
}

/// How far a change of the hub's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is nothing to change.
    Nothing,
    /// So many members have not heard of the next key yet.
    Waiting(usize),
    /// The hub signs with the next key.
    Done,
}

/// Makes the next key and tells everybody, or goes on with one that was begun.
pub async fn begin(site: &Arc<Site>, folder: &Folder) -> anyhow::Result<SigningKey> {
    let next = folder.begin_next_key()?;
    tell(site, &next).await.map_err(anyhow::Error::new)?;
    Ok(next)
}

async fn tell(site: &Arc<Site>, next: &SigningKey) -> Result<()> {
    let (inner, public) = (Arc::clone(site), next.public_key());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let key = public.id().to_string();
                let told: Option<Told> = settings::get(tx, TOLD).await?;
                if told.is_some_and(|told| told.key == key && told.stream == inner.stream_id()) {
                    return Ok(());
                }
                let now = inner.clock.now().timestamp_millis();
                key_record::put(tx, inner.id, &public, now, None, None).await?;
                describe_itself(tx, &inner, &inner.key.current()).await?;
                let subject = Subject::of(Kind::Key, inner.id).now("công bố khóa mới");
                audit::record(tx, &Actor::CommandLine, Action::KeyChanged, subject, now).await?;
                let told = Told {
                    key,
                    stream: inner.stream_id(),
                    position: last_number(tx, Counter::Stream).await?,
                    at: now,
                };
                settings::set(tx, TOLD, &told).await
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Goes on with a change of key as far as it can go now.
pub async fn go_on(site: &Arc<Site>) -> Result<Progress> {
    let Some(folder) = site.key.folder() else {
        return Ok(Progress::Nothing);
    };
    let now = site.clock.now();
    let Some(next) = folder.next_key()? else {
        if let Some(previous) = folder.previous_key()?
            && is_over(site, &previous.public_key(), now).await?
        {
            folder.forget_previous_key()?;
        }
        return Ok(Progress::Nothing);
    };
    let current = site.key.id().to_string();
    let own = key_record::Entity::find_by_id(&current);
    let own = own.one(site.db.reader()).await?;
    if own.is_some_and(|own| own.revoked_at.is_none()) {
        tell(site, &next).await?;
        let told: Option<Told> = settings::get(site.db.reader(), TOLD).await?;
        let told = told.ok_or_else(|| anyhow::anyhow!("nobody was told of the next key"))?;
        let deaf = not_reached(site, &told).await?;
        if deaf > 0 && now.timestamp_millis() < told.at + OVERLAP.num_milliseconds() {
            return Ok(Progress::Waiting(deaf));
        }
        retire_current(site, &next).await?;
    }
    let key = folder.adopt_next_key()?;
    site.key.replace(key);
    tracing::info!(key = %site.key.id(), "the hub signs with a new key");
    Ok(Progress::Done)
}

async fn is_over(site: &Site, key: &PublicKey, now: DateTime<Utc>) -> Result<bool> {
    let known = key_record::find(site.db.reader(), &[key.id()]).await?;
    Ok(known.first().is_none_or(|known| {
        known.revoked_at.is_some() || known.valid_to.is_some_and(|to| to < now.timestamp_millis())
    }))
}

/// How many active members have not acknowledged what says who the hub will be.
async fn not_reached(site: &Site, told: &Told) -> Result<usize> {
    let db = site.db.reader();
    let mut deaf = 0;
    for member in peer::all(db).await? {
        if member.role != Role::Member.as_str() || !member.is_active() {
            continue;
        }
        let acknowledged = cursor::get(db, member.site_id, Direction::Out, Lane::Urgent).await?;
        let is_there = acknowledged.stream == Some(told.stream)
            && acknowledged.position_in(told.stream) >= told.position;
        if !is_there {
            deaf += 1;
        }
    }
    Ok(deaf)
}

/// Says, still with the old key, until when it counts.
async fn retire_current(site: &Arc<Site>, next: &SigningKey) -> Result<()> {
    let (inner, next) = (Arc::clone(site), next.id());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let current = inner.key.current();
                let own = key_record::find(tx, &[current.id()]).await?;
                if own.first().is_some_and(|own| own.valid_to.is_some()) {
                    // Killed after this and before the next step.
                    return Ok(());
                }
                let until = (inner.clock.now() + OVERLAP).timestamp_millis();
                key_record::retire_others(tx, inner.id, &next, until).await?;
                describe_itself(tx, &inner, &current).await
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Says for the first time who the hub is, for the members to come.
pub async fn introduce(site: &Arc<Site>) -> anyhow::Result<()> {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move { describe_itself(tx, &inner, &inner.key.current()).await })
        })
        .await
        .map_err(anyhow::Error::new)
}

/// Says who the hub is, signed with `key`, and keeps it for whoever asks publicly.
pub async fn describe_itself(
    tx: &DatabaseTransaction,
    site: &Site,
    key: &SigningKey,
) -> Result<()> {
    let mut record = site_record::find(tx, site.id)
        .await?
        .ok_or_else(|| anyhow::anyhow!("the hub does not know itself"))?;
    record.described_at = site.clock.now().timestamp_millis();
    site_record::put(tx, record.clone()).await?;
    let new = registry::description_of(tx, site, &record).await?;
    let said = append_with(tx, site, new, key).await?;
    key_history::announce(tx, &said).await
}

/// Makes an emergency key of the hub in its folder and tells everybody of its public half.
pub async fn create_emergency_key(site: &Arc<Site>, folder: &Folder) -> anyhow::Result<SigningKey> {
    let key = folder.create_emergency_key()?;
    let (inner, public) = (Arc::clone(site), key.public_key());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                put_emergency(tx, inner.id, &public, inner.clock.now()).await?;
                describe_itself(tx, &inner, &inner.key.current()).await?;
                let subject = Subject::of(Kind::Key, inner.id).now("khóa khẩn cấp");
                let now = inner.clock.now().timestamp_millis();
                audit::record(tx, &Actor::CommandLine, Action::KeyChanged, subject, now).await
            })
        })
        .await
        .map_err(anyhow::Error::new)?;
    site.wake();
    Ok(key)
}

/// Stores the public half of an emergency key of the hub.
pub async fn put_emergency(
    tx: &DatabaseTransaction,
    own: Uuid,
    key: &PublicKey,
    now: DateTime<Utc>,
) -> Result<()> {
    key_record::put(tx, own, key, now.timestamp_millis(), None, None).await?;
    key_record::Entity::update(key_record::ActiveModel {
        key_id: Set(key.id().to_string()),
        purpose: Set(Purpose::Emergency.as_str().to_owned()),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    Ok(())
}

/// Revokes the hub's key and goes over to a new one, which the emergency key vouches for. What the
/// stolen key signed since `since` loses its effect at every member.
pub async fn revoke_own(
    site: &Arc<Site>,
    folder: &Folder,
    emergency: &SigningKey,
    since: DateTime<Utc>,
) -> anyhow::Result<SigningKey> {
    let next = folder.begin_next_key()?;
    let (inner, vouching, public) = (Arc::clone(site), emergency.clone(), next.public_key());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                revoke_in(tx, &inner, &vouching, &public, since).await?;
                let subject = Subject::of(Kind::Key, inner.id);
                let now = inner.clock.now().timestamp_millis();
                audit::record(tx, &Actor::CommandLine, Action::KeyRevoked, subject, now).await
            })
        })
        .await
        .map_err(anyhow::Error::new)?;
    let key = folder.adopt_next_key()?;
    folder.forget_previous_key()?;
    site.key.replace(key.clone());
    describe_everybody(site).await.map_err(anyhow::Error::new)?;
    site.wake();
    Ok(key)
}

async fn revoke_in(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    emergency: &SigningKey,
    next: &PublicKey,
    since: DateTime<Utc>,
) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let since = since.timestamp_millis();
    let keys = key_record::of_site(tx, site.id).await?;
    let vouches = keys.iter().any(|key| {
        key.key_id == emergency.id().to_string()
            && key.purpose() == Purpose::Emergency
            && key.revoked_at.is_none()
    });
    if !vouches {
        return Err(Error::Conflict(
            "Đây không phải khóa khẩn cấp của cổng này.".to_owned(),
        ));
    }
    key_record::put(tx, site.id, next, now, None, None).await?;
    for known in keys {
        let is_meant = known.purpose() == Purpose::Site
            && known.revoked_at.is_none()
            && known.key_id != next.id().to_string();
        if is_meant {
            let cut = revocation::cut_at(tx, site.id, &known.key_id, since, now).await?;
            key_record::revoke(tx, &known.key_id, &cut, now).await?;
            revocation::take_effect(tx, &known.key_id, now).await?;
        }
    }
    // Somebody may have sent members events of this log that this hub never said.
    ledger::close_own(tx, site.id, now).await?;
    describe_itself(tx, site, emergency).await
}

/// Says of every site again what holds, over whatever the stolen key said.
async fn describe_everybody(site: &Arc<Site>) -> Result<()> {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for record in site_record::all(tx).await? {
                    if record.id != inner.id && record.state != "invited" {
                        registry::describe(tx, &inner, &record).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}
