//! Fetching what is missing, by hash: from our peers first, then from its origin.

use super::record::{self, NewMedium};
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

async fn fetch_one(site: &Site, peers: &[String], medium: &record::Model) -> Result<bool> {
    let digest = Digest::from_slice(&medium.hash).map_err(anyhow::Error::new)?;
    let path = format!("/media/sha256/{}", digest.hex());
    let addresses = peers
        .iter()
        .filter_map(|base| {
            Some((
                format!("{base}{path}"),
                Allow::origin(&Url::parse(base).ok()?),
            ))
        })
        // Its origin is somebody's word: reached only if it is public.
        .chain(
            medium
                .fetch_from
                .clone()
                .map(|address| (address, Allow::none())),
        );
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
