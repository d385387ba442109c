//! The sites of the demo as processes: this program, started again for each.

use crate::province::{Layout, Place};
use anyhow::{Context, bail};
use shared::server::Shutdown;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a site may take to answer after it was started.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a site may take to stop before it is made to.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Running sites. What is left when this is dropped is killed.
#[derive(Debug)]
pub struct Processes {
    running: Vec<(String, Child)>,
}

impl Processes {
    /// Starts the hub and all members and waits until each answers.
    pub async fn start(layout: &Layout, shutdown: &Shutdown) -> anyhow::Result<Self> {
        let mut started = Self::start_hub(layout).await?;
        for place in &layout.members {
            started
                .running
                .push(spawn("member-site", place, layout.dir())?);
        }
        for place in &layout.members {
            tokio::select! {
                answers = answers(place) => answers?,
                () = shutdown.wait() => break,
            }
        }
        Ok(started)
    }

    /// Starts the hub alone.
    pub async fn start_hub(layout: &Layout) -> anyhow::Result<Self> {
        let running = vec![spawn("hub", &layout.hub, layout.dir())?];
        answers(&layout.hub).await?;
        Ok(Self { running })
    }

    /// Waits until any site ends by itself and says which.
    pub async fn any_ended(&mut self) -> anyhow::Result<String> {
        let waits = self.running.iter_mut().map(|(name, child)| {
            Box::pin(async move {
                child.wait().await?;
                Ok(name.clone())
            })
        });
        let (ended, ..) = futures_util::future::select_all(waits).await;
        ended
    }

    /// Asks all to stop, members first, and waits.
    pub async fn stop(mut self) {
        for (_, child) in self.running.iter().rev() {
            ask_to_stop(child);
        }
        for (name, child) in self.running.iter_mut().rev() {
            if tokio::time::timeout(LAST_WORDS, child.wait())
                .await
                .is_err()
            {
                eprintln!("{name} không dừng kịp, buộc dừng.");
                child.kill().await.ok();
            }
        }
    }
}

fn spawn(kind: &str, place: &Place, dir: &Path) -> anyhow::Result<(String, Child)> {
    let ourselves = std::env::current_exe().context("không tìm thấy chính chương trình này")?;
    let log = std::fs::File::create(dir.join(format!("{}.log", place.unit)))?;
    let child = Command::new(ourselves)
        // A dozen sites on one machine need not each hold room.
        .env("LIEN_CONG_STORAGE__BALLAST", "0")
        .arg(kind)
        .arg("serve")
        .arg("--dir")
        .arg(place.folder.root())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C is for us: we stop them in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("không khởi động được {}", place.unit))?;
    Ok((place.unit.clone(), child))
}

fn ask_to_stop(child: &Child) {
    let Some(id) = child.id() else { return };
    // std knows only SIGKILL; the system's own command sends the polite one.
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id.to_string()])
        .status();
    if let Err(error) = sent {
        eprintln!("Không gửi được tín hiệu dừng: {error}");
    }
}

async fn answers(place: &Place) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match tokio::net::TcpStream::connect(place.address()).await {
            Ok(_) => return Ok(()),
            Err(error) if tokio::time::Instant::now() > deadline => {
                bail!(
                    "{} không trả lời ở {}: {error}; xem {}.log",
                    place.unit,
                    place.address(),
                    place.unit
                )
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
