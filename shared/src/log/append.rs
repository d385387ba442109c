//! The one way our own events enter our log.

use super::canonical::{self, Digest};
use super::header::{EventKind, Header, Lane, VERSION};
use super::keys::SigningKey;
use super::{content, event, ledger};
use crate::error::Result;
use crate::site::Site;
use crate::sync::outgoing;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

/// An event about to happen.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// What happens.
    pub kind: EventKind,
    /// The lane; [`EventKind::lane`] unless it is an emergency.
    pub lane: Lane,
    /// The unit spoken for; ours, but for what the hub attests for portals that are not ours.
    pub unit: Uuid,
    /// The entry concerned.
    pub entry: Option<Uuid>,
    /// Its new revision.
    pub rev: i64,
    /// What it is about, as JSON.
    pub content: Option<serde_json::Value>,
    /// The one unit that may read it, for letters.
    pub to: Option<Uuid>,
}

/// Signs `new` into our log and puts it into the stream for those it is for, inside the
/// transaction that makes it true.
pub async fn append(tx: &DatabaseTransaction, site: &Site, new: NewEvent) -> Result<event::Model> {
    // A command beside this process may have replaced the key: the one before may be revoked.
    site.key.reload()?;
    append_with(tx, site, new, &site.key.current()).await
}

/// [`append`] with another key of the site than the one it signs with: the emergency key, whose whole
/// use is to say who the site is when the usual key is lost.
pub async fn append_with(
    tx: &DatabaseTransaction,
    site: &Site,
    new: NewEvent,
    key: &SigningKey,
) -> Result<event::Model> {
    let now = site.clock.now();
    let log = ledger::open_own(tx, site.id, new.to, now.timestamp_millis()).await?;
    let content = match &new.content {
        Some(value) => {
            let bytes = canonical::to_canonical(value).map_err(anyhow::Error::new)?;
            let digest = Digest::of(&bytes);
            content::keep(tx, digest, bytes).await?;
            Some(digest)
        }
        None => None,
    };
    let prev = log.head_hash.as_deref().map(Digest::from_slice).transpose();
    let signed = Header {
        v: VERSION,
        log: log.id,
        seq: log.head_seq + 1,
        prev: prev.map_err(anyhow::Error::new)?,
        site: site.id,
        unit: new.unit,
        key: key.id(),
        lane: new.lane,
        kind: new.kind,
        entry: new.entry,
        rev: new.rev,
        content,
        time: now,
        to: new.to,
    }
    .sign(key)
    .map_err(anyhow::Error::new)?;
    let digest = signed.digest();
    let stored = event::insert(tx, &signed, now.timestamp_millis(), None).await?;
    ledger::note_held(tx, &log, stored.seq, digest).await?;
    let audience = site.role.recipients(tx, site, &stored).await?;
    outgoing::enqueue(tx, site, &stored, new.lane, &audience).await?;
    Ok(stored)
}
