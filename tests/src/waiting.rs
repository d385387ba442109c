//! Waiting for what must come, and never longer than it may take.

use crate::depth::is_deep;
use std::fmt::Display;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long [`eventually`] looks. Nearly everything takes well under a second; this is for what is tried again after a
/// few failures, or counts as lost after a minute, on a machine that tells other stories as well.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// How long a whole story may take: a bound for what hangs, beyond every patience within a story.
const LONGEST_STORY: Duration = Duration::from_secs(1_200);
/// The same in a run that digs deep.
const LONGEST_DEEP_STORY: Duration = Duration::from_secs(45 * 60);

const PAUSE: Duration = Duration::from_millis(100);

/// Looks again and again until `look` finds what it looks for. What it says when it does not is
/// shown if patience ends first.
///
/// # Panics
/// When [`PATIENCE`] ends.
pub async fn eventually<T, E: Display>(what: &str, look: impl AsyncFnMut() -> Result<T, E>) -> T {
    within(PATIENCE, what, look).await
}

/// [`eventually`] with a patience of its own.
///
/// # Panics
/// When `patience` ends.
pub async fn within<T, E: Display>(
    patience: Duration,
    what: &str,
    look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    seldom(patience, PAUSE, what, look).await
}

/// [`within`] with a pause of its own between two looks, where looking is work.
///
/// # Panics
/// When `patience` ends.
pub async fn seldom<T, E: Display>(
    patience: Duration,
    pause: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        let seen = match look().await {
            Ok(found) => return found,
            Err(seen) => seen,
        };
        assert!(
            Instant::now() < deadline,
            "waited {patience:?} in vain until {what}; last seen: {seen}"
        );
        sleep(pause).await;
    }
}

/// Tells a story within the time a story may take.
///
/// # Panics
/// When it takes longer.
pub async fn bounded(story: impl Future<Output = ()>) {
    let longest = if is_deep() {
        LONGEST_DEEP_STORY
    } else {
        LONGEST_STORY
    };
    timeout(longest, story)
        .await
        .unwrap_or_else(|_| panic!("the story took longer than {longest:?}"));
}
