//! A site changes its key: the new one is on the disk before anyone is told, the hub is told with the
//! old one, and only when the hub has it does the site sign with it.
//!
//! ```text
//! key.next.pem is written ─▶ POST /v1/keys, signed with key.pem ─▶ the hub's answer is stored
//!                                                              ─▶ key.next.pem becomes key.pem
//! ```
//!
//! Killed between any two of these, the site goes on from where it was: each step done twice is done
//! once. The old key proves what it signed for ever, and may still ask for a while.

use super::message_signature::Content;
use super::peer;
use super::wire::{Answer, Correspondent, Exchange, JSON};
use crate::directory::SiteDescription;
use crate::error::{Error, Result};
use crate::log::canonical::to_canonical;
use crate::log::keys::{KeyId, PublicKey, SigningKey};
use crate::log::{event, ledger};
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// The path a member tells its hub about a new key at.
pub const PATH: &str = "/v1/keys";
/// How long a key that was replaced may still ask: for what is under way, and for whoever has not
/// heard of the new one.
pub const OVERLAP: TimeDelta = TimeDelta::days(7);
/// Put before what proves the possession of a new key, so that the proof serves nothing else.
const DOMAIN: &[u8] = b"lien-cong/key-change/v1\n";
const PATIENCE: Duration = Duration::from_secs(20);

/// What a site says that changes its key. The request is signed with the key it replaces.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// Version, 1.
    pub v: u32,
    /// The new key, as a JWK.
    #[schema(value_type = Object)]
    pub key: PublicKey,
    /// Signature of the new key over site, hub and its own name, in base64url: nobody introduces a
    /// key he does not have.
    pub proof: String,
}

/// What the hub answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeyChanged {
    /// Version, 1.
    pub v: u32,
    /// The site as the hub knows it now, with both keys.
    #[schema(value_type = Object)]
    pub site: SiteDescription,
}

impl KeyChange {
    /// That `site` goes over to `key`, told to `hub`.
    pub fn new(site: Uuid, hub: Uuid, key: &SigningKey) -> Result<Self> {
        let proof = key.sign(&proved(site, hub, &key.id())?);
        Ok(Self {
            v: 1,
            key: key.public_key(),
            proof: URL_SAFE_NO_PAD.encode(proof),
        })
    }

    /// Checks version and proof of what `site` told `hub`.
    pub fn check(&self, site: Uuid, hub: Uuid) -> Result<()> {
        super::require_version(self.v)?;
        let proof = URL_SAFE_NO_PAD.decode(&self.proof).unwrap_or_default();
        if self.key.verify(&proved(site, hub, &self.key.id())?, &proof) {
            return Ok(());
        }
        let detail = "Yêu cầu đổi khóa không chứng minh được đang giữ khóa mới.";
        Err(Problem::new(ProblemKind::SignatureInvalid)
            .detail(detail)
            .into())
    }
}

fn proved(site: Uuid, hub: Uuid, key: &KeyId) -> Result<Vec<u8>> {
    let what = json!({ "site": site, "hub": hub, "key": key.to_string() });
    let bytes = to_canonical(&what).map_err(anyhow::Error::new)?;
    Ok([DOMAIN, &bytes].concat())
}

/// How far a change of key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is nothing to change.
    Nothing,
    /// The site signs with this key now.
    Done(KeyId),
    /// The hub has not been told yet, or has not answered.
    Waiting {
        /// What kept it, in words.
        why: String,
    },
}

/// Goes on with a change of key that was begun in the site's folder, as far as it can go now.
pub async fn go_on(site: &Arc<Site>) -> Result<Progress> {
    let Some(folder) = site.key.folder() else {
        return Ok(Progress::Nothing);
    };
    let Some(next) = folder.next_key()? else {
        return Ok(Progress::Nothing);
    };
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        return Ok(Progress::Nothing);
    };
    let told = match tell(site, &hub, &next).await? {
        Ok(told) => told,
        Err(why) => return Ok(Progress::Waiting { why }),
    };
    if told.site != site.id || told.key(&next.id()).is_none() {
        let why = "cổng tỉnh trả lời về một trang hoặc một khóa khác".to_owned();
        return Ok(Progress::Waiting { why });
    }
    take_over(site, told).await?;
    let key = folder.adopt_next_key()?;
    folder.forget_previous_key()?;
    site.key.replace(key);
    tracing::info!(key = %site.key.id(), "the site signs with a new key");
    site.wake();
    site.links.try_again();
    Ok(Progress::Done(site.key.id()))
}

/// Tells the hub about `next`, with the key in use, or with the new one if the hub has it already.
async fn tell(
    site: &Site,
    hub: &peer::Model,
    next: &SigningKey,
) -> Result<std::result::Result<SiteDescription, String>> {
    let change = KeyChange::new(site.id, hub.site_id, next)?;
    let body = serde_json::to_vec(&change).map_err(anyhow::Error::new)?;
    let correspondent = Correspondent::load(site, hub.site_id).await?;
    let mut why = String::new();
    for key in [&site.key.current(), next] {
        let exchange = Exchange {
            method: Method::POST,
            path: PATH,
            content: Some(Content {
                content_type: JSON,
                body: &body,
            }),
            deadline: PATIENCE,
        };
        match correspondent.exchange_with(site, exchange, key).await? {
            Answer::Told(bytes) => {
                return Ok(serde_json::from_slice::<KeyChanged>(&bytes)
                    .map(|changed| changed.site)
                    .map_err(|error| {
                        format!("câu trả lời của cổng tỉnh không đọc được: {error}")
                    }));
            }
            Answer::Problem(problem) => {
                why = problem.detail.unwrap_or(problem.title);
                let is_about_the_key = matches!(
                    problem.kind,
                    ProblemKind::KeyRevoked | ProblemKind::UnknownSite
                );
                if !is_about_the_key {
                    break;
                }
            }
            Answer::Nothing { detail, .. } => {
                why = detail;
                break;
            }
        }
    }
    Ok(Err(why))
}

/// Takes over what the hub says of this very site. If one of our keys was stolen, somebody may have
/// written into our logs in our name: we go on in new ones.
pub async fn take_over(site: &Arc<Site>, told: SiteDescription) -> Result<()> {
    let own = site.id;
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                told.store(tx, now).await?;
                leave_spoilt_logs(tx, own, &told, now).await
            })
        })
        .await
}

/// Closes our open logs if a key that was revoked has written in one of them.
pub async fn leave_spoilt_logs(
    tx: &DatabaseTransaction,
    own: Uuid,
    told: &SiteDescription,
    now: i64,
) -> Result<()> {
    let stolen: Vec<String> = told
        .keys
        .iter()
        .filter(|key| key.revoked_at.is_some())
        .map(|key| key.key.id().to_string())
        .collect();
    if stolen.is_empty() {
        return Ok(());
    }
    let open: Vec<Uuid> = ledger::logs_of(tx, own)
        .await?
        .into_iter()
        .filter(|log| log.closed_at.is_none())
        .map(|log| log.id)
        .collect();
    let spoilt = event::Entity::find()
        .filter(event::Column::LogId.is_in(open))
        .filter(event::Column::KeyId.is_in(stolen))
        .one(tx)
        .await?;
    match spoilt {
        Some(_) => ledger::close_own(tx, own, now).await,
        None => Ok(()),
    }
}

/// Notices a key that was replaced on the disk by a command beside this process.
pub async fn notice(site: &Arc<Site>) -> Result<()> {
    if site.key.reload()? {
        tracing::info!(key = %site.key.id(), "the key was replaced; signing with the new one");
        site.wake();
        site.links.try_again();
    }
    Ok(())
}

/// Goes on with a change of key that was begun and interrupted.
pub async fn finish(site: &Arc<Site>) -> Result<()> {
    if let Progress::Waiting { why } = go_on(site).await? {
        tracing::warn!(why, "a change of key was begun and is not finished");
    }
    Ok(())
}

/// What a change of key that nobody may make is answered with.
pub fn refused(detail: &str) -> Error {
    Problem::new(ProblemKind::Conflict).detail(detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_for_one_site_one_hub_and_one_key() {
        let [site, hub, other] = [1, 2, 3].map(Uuid::from_u128);
        let key = SigningKey::generate().expect("a key");
        let change = KeyChange::new(site, hub, &key).expect("a change");
        change.check(site, hub).expect("fits");
        assert!(change.check(other, hub).is_err(), "another site's");
        assert!(change.check(site, other).is_err(), "told to another hub");
        let mut somebody_elses = change.clone();
        somebody_elses.key = SigningKey::generate().expect("a key").public_key();
        assert!(somebody_elses.check(site, hub).is_err());
        let mut later = change;
        later.v = 2;
        let error = later.check(site, hub).expect_err("refused");
        assert!(matches!(
            error,
            Error::Problem(problem) if problem.kind == ProblemKind::VersionUnsupported
        ));
    }
}
