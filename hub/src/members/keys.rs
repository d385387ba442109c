//! The keys of members: introduced, replaced, revoked. Everybody is told by the same description.

use super::registry;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, EntityTrait};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::directory::revocation::{self, Changed, State};
use shared::directory::{Mode, SiteDescription, key_record, site_record};
use shared::error::{Error, Result};
use shared::log::event;
use shared::log::keys::{KeyId, PublicKey};
use shared::problem::{Problem, ProblemKind};
use shared::site::Site;
use shared::sync::key_change::{self, OVERLAP};
use std::sync::Arc;
use uuid::Uuid;

/// Stores a key that `site_id` introduces. A key belongs to one site for ever, and one that was taken
/// out of use never comes back.
pub async fn introduce(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    key: &PublicKey,
    now: i64,
) -> Result<()> {
    match key_record::find(tx, &[key.id()]).await?.first() {
        None => key_record::put(tx, site_id, key, now, None, None).await,
        Some(known) if known.site_id != site_id => {
            Err(key_change::refused("Khóa này đã thuộc về một trang khác."))
        }
        Some(known) if known.is_current() => Ok(()),
        Some(_) => {
            let detail = "Khóa này đã bị thu hồi hoặc đã thay; hãy tạo khóa khác.";
            Err(Problem::new(ProblemKind::KeyRevoked).detail(detail).into())
        }
    }
}

/// Lets `site_id` go over from the key `from`, with which it asks, to `to`. Asked again, it says the
/// same again.
pub async fn replace(
    tx: &DatabaseTransaction,
    site: &Site,
    site_id: Uuid,
    from: &KeyId,
    to: &PublicKey,
) -> Result<SiteDescription> {
    let now = site.clock.now();
    let mut record = site_record::find(tx, site_id)
        .await?
        .ok_or(Error::NotFound)?;
    let known = key_record::find(tx, &[to.id(), *from]).await?;
    let is_known = known.iter().any(|key| key.key_id == to.id().to_string());
    if !is_known {
        let asks = known.iter().find(|key| key.key_id == from.to_string());
        if !asks.is_some_and(key_record::Model::is_current) {
            return Err(key_change::refused(
                "Khóa dùng để yêu cầu đã được thay bằng một khóa khác.",
            ));
        }
    }
    introduce(tx, site_id, to, now.timestamp_millis()).await?;
    if !is_known {
        let until = (now + OVERLAP).timestamp_millis();
        key_record::retire_others(tx, site_id, &to.id(), until).await?;
        record.described_at = now.timestamp_millis();
        site_record::put(tx, record.clone()).await?;
        registry::describe(tx, site, &record).await?;
    }
    SiteDescription::load(tx, &record).await
}

/// What a revocation did.
#[derive(Clone, Debug, Default)]
pub struct Revoked {
    /// The keys.
    pub keys: Vec<String>,
    /// Events that lost their effect here.
    pub distrusted: usize,
    /// Entries that are something else now.
    pub entries: usize,
}

/// Revokes the key `key` of `site_id`, or all it has: what was signed with it and received here since
/// `since` loses its effect everywhere. One transaction: keys, cuts, effects here, and the word to all.
pub async fn revoke(
    site: &Arc<Site>,
    site_id: Uuid,
    key: Option<String>,
    since: DateTime<Utc>,
    by: &Actor,
) -> Result<Revoked> {
    let by = by.clone();
    if site_id == site.id {
        return Err(Error::Conflict(
            "Khóa của chính cổng này được thu hồi bằng lệnh: hub revoke-key --own".to_owned(),
        ));
    }
    let inner = Arc::clone(site);
    let revoked = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut record = site_record::find(tx, site_id)
                    .await?
                    .ok_or(Error::NotFound)?;
                if record.mode == Mode::Feed.as_str() {
                    return Err(Error::Conflict(
                        "Trang đọc qua nguồn tin không có khóa.".to_owned(),
                    ));
                }
                let now = inner.clock.now().timestamp_millis();
                let mut revoked = Revoked::default();
                for known in key_record::of_site(tx, site_id).await? {
                    let is_meant = match &key {
                        Some(key) => known.key_id == *key,
                        // What was cut before stays cut where it was, unless it is named.
                        None => known.revoked_at.is_none(),
                    };
                    if !is_meant {
                        continue;
                    }
                    let since = since.timestamp_millis();
                    let cut = revocation::cut_at(tx, site_id, &known.key_id, since, now).await?;
                    key_record::revoke(tx, &known.key_id, &cut, now).await?;
                    let changed = revocation::take_effect(tx, &known.key_id, now).await?;
                    revoked.distrusted += changed.distrusted;
                    revoked.entries += changed.entries;
                    relay_again(tx, &inner, &changed).await?;
                    revoked.keys.push(known.key_id);
                }
                if revoked.keys.is_empty() {
                    return Err(Error::Conflict(
                        "Trang này không có khóa nào như vậy còn hiệu lực.".to_owned(),
                    ));
                }
                record.described_at = now;
                site_record::put(tx, record.clone()).await?;
                registry::describe(tx, &inner, &record).await?;
                let subject = Subject::site(&record);
                audit::record(tx, &by, Action::KeyRevoked, subject, now).await?;
                Ok(revoked)
            })
        })
        .await?;
    site.wake();
    Ok(revoked)
}

/// Trusts one event that a revocation left without effect: it gets its effect back, here and wherever
/// it was received, and goes to those who never got it.
pub async fn release(site: &Arc<Site>, event_id: i64, by: &Actor) -> Result<()> {
    let (inner, by) = (Arc::clone(site), by.clone());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now().timestamp_millis();
                let (key_id, cut) = revocation::cut_with(tx, event_id, now).await?;
                key_record::revoke(tx, &key_id, &cut, now).await?;
                let changed = revocation::take_effect(tx, &key_id, now).await?;
                revocation::decide(tx, event_id, State::Released, by.name(), now).await?;
                let known = key_record::Entity::find_by_id(&key_id).one(tx).await?;
                let site_id = known.ok_or(Error::NotFound)?.site_id;
                let mut record = site_record::find(tx, site_id)
                    .await?
                    .ok_or(Error::NotFound)?;
                record.described_at = now;
                site_record::put(tx, record.clone()).await?;
                // First who may be believed, then what he said.
                registry::describe(tx, &inner, &record).await?;
                relay_again(tx, &inner, &changed).await?;
                let subject = Subject::site(&record).change("bị cách ly", "được tin lại");
                audit::record(tx, &by, Action::KeyReleased, subject, now).await
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Leaves an event without effect for good, and takes it off the list.
pub async fn leave(site: &Site, event_id: i64, by: &Actor) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let by = by.clone();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                revocation::decide(tx, event_id, State::Left, by.name(), now).await?;
                let subject = Subject::of(Kind::Refusal, event_id);
                audit::record(tx, &by, Action::QuarantineLeft, subject, now).await
            })
        })
        .await
}

/// What is trusted again goes once more where the routes send it.
async fn relay_again(tx: &DatabaseTransaction, site: &Arc<Site>, changed: &Changed) -> Result<()> {
    use shared::entries::apply::Effect;
    for id in &changed.trusted {
        if let Some(event) = event::Entity::find_by_id(*id).one(tx).await? {
            site.role
                .take_in(tx, site, &event, None, Effect::Current)
                .await?;
        }
    }
    Ok(())
}
