//! What only the hub forgets: invitations nobody will use any more, feed items set aside long ago, and how members
//! were in earlier years.

use crate::feed_import::quarantine;
use crate::members::{history, invitation};
use shared::background;
use shared::error::Result;
use shared::server::Shutdown;
use shared::site::Site;
use std::sync::Arc;
use std::time::Duration;

/// How often a round is made.
const ROUND: Duration = Duration::from_secs(3600);

/// Keeps house until `shutdown`.
pub async fn keep(site: Arc<Site>, shutdown: Shutdown) {
    background::every(ROUND, shutdown, move || {
        let site = Arc::clone(&site);
        async move {
            let (invitations, set_aside, events) = round(&site).await?;
            tracing::debug!(invitations, set_aside, events, "house kept");
            Ok(())
        }
    })
    .await;
}

/// One round: how many invitations, set-aside items and events of members were forgotten.
pub async fn round(site: &Site) -> Result<(u64, u64, u64)> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                Ok((
                    invitation::forget_old(tx, now).await?,
                    quarantine::forget_old(tx, now).await?,
                    history::forget_old(tx, now).await?,
                ))
            })
        })
        .await
}
