//! What only the hub forgets: invitations nobody will use any more, feed items set aside long ago, how members were in
//! earlier years, what was told of it, and how far they came with bulletins.

use crate::alerts::recipient::told;
use crate::alerts::{alert, message};
use crate::bulletins::progress;
use crate::feed_import::quarantine;
use crate::members::{history, invitation};
use crate::probes;
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
            let forgotten = round(&site).await?;
            tracing::debug!(?forgotten, "house kept");
            Ok(())
        }
    })
    .await;
}

/// How much was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Invitations.
    pub invitations: u64,
    /// Feed items that were set aside.
    pub set_aside: u64,
    /// Events of members.
    pub events: u64,
    /// Alerts that are over, and messages about them.
    pub alerts: u64,
    /// How far members came with bulletins that are over.
    pub bulletins: u64,
    /// Days on which members were looked at from outside.
    pub probes: u64,
}

/// One round.
pub async fn round(site: &Site) -> Result<Forgotten> {
    let time = site.clock.now();
    let now = time.timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let alerts = alert::forget_old(tx, now).await?;
                told::forget_old(tx).await?;
                Ok(Forgotten {
                    invitations: invitation::forget_old(tx, now).await?,
                    set_aside: quarantine::forget_old(tx, now).await?,
                    events: history::forget_old(tx, now).await?,
                    alerts: alerts + message::forget_old(tx, now).await?,
                    bulletins: progress::forget_old(tx, now).await?,
                    probes: probes::record::forget_old(tx, time).await?,
                })
            })
        })
        .await
}
