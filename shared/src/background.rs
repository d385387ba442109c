//! Work that repeats while a server runs, and stops with it.

use crate::server::Shutdown;
use std::future::Future;
use std::time::Duration;

/// Does `work` again and again with `pause` in between, until `shutdown`. The pause begins when the
/// work is done, so that a machine that slept does not make up for what it missed.
pub async fn every<W, F>(pause: Duration, shutdown: Shutdown, mut work: W)
where
    W: FnMut() -> F,
    F: Future<Output = crate::error::Result<()>>,
{
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = work().await {
            tracing::warn!(
                error = crate::error::chain(&error),
                "background work failed; tried again later"
            );
        }
    }
}
