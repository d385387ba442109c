//! Fetching what is missing, by hash: from our peers first, then from its origin.

use super::record::{self, NewMedium};
use crate::directory::site_record;
use crate::error::Result;
use crate::http_client::Allow;
use crate::log::Digest;
use crate::site::Site;
use crate::sync::peer;
use std::time::Duration;
use url::Url;

/// How many are asked for in one round.
const ROUND: u64 = 8;
/// Largest medium that is fetched.
const LARGEST: usize = 25 * 1024 * 1024;
/// Longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Fetches what is due, up to one round, and returns how many arrived.
pub async fn round(site: &Site) -> Result<usize> {
    let now = site.clock.now().timestamp_millis();
    let due = record::due(site.db.reader(), now, ROUND).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let peers = peer::active_addresses(site.db.reader()).await?;
    let mut arrived = 0;
    for medium in due {
        if fetch_one(site, &peers, &medium).await? {
            arrived += 1;
        } else {
            let tries = medium.tries + 1;
            let wait = Duration::from_secs(1 << tries.clamp(0, 12)).min(LONGEST_WAIT);
            let next = now + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            let hash = medium.hash;
            site.db
                .write(move |tx| {
                    Box::pin(async move { record::put_off(tx, &hash, tries, next).await })
                })
                .await?;
        }
    }
    Ok(arrived)
}

/// Where an entry says its pictures are is its author's word. A site of the province is reached even
/// on a private network; any other host only if it is public.
async fn allow_for_origin(site: &Site, address: &str) -> Result<Allow> {
    let Ok(url) = Url::parse(address) else {
        return Ok(Allow::none());
    };
    let is_ours =
        site_record::is_known_origin(site.db.reader(), &url.origin().ascii_serialization()).await?;
    Ok(if is_ours {
        Allow::origin(&url)
    } else {
        Allow::none()
    })
}

async fn fetch_one(site: &Site, peers: &[String], medium: &record::Model) -> Result<bool> {
    let digest = Digest::from_slice(&medium.hash).map_err(anyhow::Error::new)?;
    let path = format!("/media/sha256/{}", digest.hex());
    let mut addresses = Vec::new();
    for base in peers {
        let base = Url::parse(base).map_err(anyhow::Error::new)?;
        addresses.push((
            format!("{}{path}", base.origin().ascii_serialization()),
            Allow::origin(&base),
        ));
    }
    if let Some(address) = &medium.fetch_from {
        addresses.push((address.clone(), allow_for_origin(site, address).await?));
    }
    for (address, allow) in addresses {
        let fetched = match site
            .http
            .get(&address)
            .allow(&allow)
            .cap(LARGEST)
            .send()
            .await
        {
            Ok(fetched) => fetched,
            Err(error) => {
                tracing::debug!(media = %digest, %error, "media not fetched");
                continue;
            }
        };
        if Digest::of(&fetched.body) != digest {
            tracing::warn!(media = %digest, "media of another hash was served");
            continue;
        }
        site.media
            .keep(&fetched.body)
            .await
            .map_err(anyhow::Error::new)?;
        let arrived = NewMedium {
            digest,
            mime: medium.mime.clone(),
            size: fetched.body.len() as u64,
            dimensions: None,
        };
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| Box::pin(async move { record::put_here(tx, &arrived, now).await }))
            .await?;
        return Ok(true);
    }
    Ok(false)
}
