//! The signal to stop, handed to everything that runs for long.

use std::io;

use tokio::sync::watch;

/// Tells all its clones to stop; once given, the signal stays.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A signal that only [`Shutdown::trigger`] gives.
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// A signal given by Ctrl-C or SIGTERM as well.
    pub fn on_signals() -> io::Result<Self> {
        let shutdown = Self::new();
        let asked = asked_to_stop()?;
        tokio::spawn({
            let shutdown = shutdown.clone();
            async move {
                tokio::select! {
                    () = asked => {
                        tracing::info!("asked to stop");
                        shutdown.trigger();
                    }
                    () = shutdown.wait() => {}
                }
            }
        });
        Ok(shutdown)
    }

    /// Gives the signal.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Whether the signal has been given.
    pub fn is_triggered(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the signal is given; returns at once if it has been.
    pub async fn wait(&self) {
        self.0
            .subscribe()
            .wait_for(|given| *given)
            .await
            .expect("we hold the sender ourselves");
    }
}

/// Resolves at the first Ctrl-C or SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at the first Ctrl-C.
#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot listen for Ctrl-C");
            std::future::pending::<()>().await;
        }
    })
}
