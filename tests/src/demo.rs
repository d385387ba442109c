//! The demo province, started as the README says.

use crate::binaries;
use crate::caretaker;
use crate::waiting::within;
use rand::RngExt;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// It makes a year of articles first.
const PATIENCE: Duration = Duration::from_secs(900);
/// More sites than the demo has.
const PORTS: u16 = 40;

/// The demo. Gone when dropped, and what it wrote with it.
#[derive(Debug)]
pub struct Demo {
    /// The provincial portal.
    pub hub: Url,
    /// The member sites.
    pub members: Vec<Url>,
    process: Child,
    _folder: TempDir,
}

impl Demo {
    /// Starts it and waits until it says that it runs.
    ///
    /// # Panics
    /// When it ends, or does not run in time.
    pub async fn stand() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lien-cong-demo-")
            .tempdir()
            .expect("a temporary folder");
        caretaker::keeps(folder.path());
        let said = folder.path().join("said");
        let log = File::create(&said).expect("a log");
        let mut process = Command::new(binaries::program("demo"))
            .arg("--dir")
            .arg(folder.path().join("data"))
            .args(["--port", &free_ports().to_string()])
            // What is weighed and photographed is the same however long it takes.
            .arg("--still")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the demo starts");
        caretaker::started(process.id());
        within(PATIENCE, "the demo runs", async || {
            let ended = process.try_wait().expect("a process of ours");
            let said = std::fs::read_to_string(&said).unwrap_or_default();
            assert!(ended.is_none(), "the demo ended:\n{said}");
            match said.contains("Ctrl-C") {
                true => Ok(()),
                false => Err(said),
            }
        })
        .await;
        let told = std::fs::read(folder.path().join("data/demo.json")).expect("a summary");
        let told: Value = serde_json::from_slice(&told).expect("JSON");
        let address = |site: &Value| -> Url {
            let base = site["base_url"].as_str().expect("an address");
            base.parse().expect("a URL")
        };
        let members = told["members"].as_array().expect("members");
        Self {
            hub: address(&told["hub"]),
            members: members.iter().map(address).collect(),
            process,
            _folder: folder,
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked to stop, it stops the sites it started; killed, it would leave them behind.
        // Err: it has ended already.
        let _asked = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let _reaped = self.process.wait();
        caretaker::ended(self.process.id());
    }
}

/// The first of [`PORTS`] ports at which nobody listens, below those that the system gives away by itself. If
/// somebody takes one of them before the demo does, it ends, which is said.
fn free_ports() -> u16 {
    let mut rng = rand::rng();
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    loop {
        let first = rng.random_range(600..810) * PORTS;
        if (first..first + PORTS).all(is_free) {
            return first;
        }
    }
}
