//! What a machine does to a process: slow and failing disks, full ones, clocks that are wrong.
//!
//! Each needs something of the machine that not every machine grants. What cannot be had is said
//! with [`leave_out`], never passed over.

use crate::caretaker;
use crate::depth::leave_out;
use crate::server::Server;
use crate::waiting::eventually;
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

// ---- system calls, watched and changed -------------------------------------------------------

/// strace beside a running process: it writes down system calls, or makes them fail. The process goes
/// on without it when dropped.
#[derive(Debug)]
pub struct Tracer {
    strace: Child,
    folder: TempDir,
}

impl Tracer {
    /// Attaches strace with `arguments` to the process of `server`. `None`, and said aloud, where a
    /// process may not watch another.
    ///
    /// # Panics
    /// When strace is there and does not attach.
    pub async fn attach(server: &Server, arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let told = File::create(folder.path().join("told")).expect("a file");
        let process = server.process_id();
        let started = Command::new("strace")
            .args(["-f", "-y", "-s", "24"])
            .args(arguments)
            .arg("-o")
            .arg(folder.path().join("calls"))
            .args(["-p", &process.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(told)
            .spawn();
        let Ok(mut strace) = started else {
            leave_out("the order of writing and acknowledging, failing and slow syncs: no strace");
            return None;
        };
        caretaker::started(strace.id());
        let attached = eventually("strace is attached to every thread", async || {
            if let Ok(Some(status)) = strace.try_wait() {
                return Ok(Err(status));
            }
            if every_thread_is_traced(process) {
                Ok(Ok(()))
            } else {
                Err("not yet")
            }
        })
        .await;
        let tracer = Self { strace, folder };
        match attached {
            Ok(()) => Some(tracer),
            Err(status) => {
                let told = fs::read_to_string(tracer.folder.path().join("told"));
                leave_out(&format!(
                    "the order of writing and acknowledging, failing and slow syncs: strace may \
                     not watch here ({status}; {})",
                    told.unwrap_or_default().trim()
                ));
                None
            }
        }
    }

    /// Leaves the process alone again and returns the system calls written down.
    ///
    /// # Panics
    /// When nothing was written down.
    pub async fn end(mut self) -> String {
        self.detach();
        fs::read_to_string(self.folder.path().join("calls")).expect("calls")
    }

    fn detach(&mut self) {
        if let Ok(None) = self.strace.try_wait() {
            let pid = Pid::from_child(&self.strace);
            // Err: it ended this instant, which is what we want.
            let _ended = kill_process(pid, Signal::INT);
        }
        caretaker::ended(self.strace.id());
        self.strace.wait().expect("strace ends");
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        self.detach();
    }
}

fn every_thread_is_traced(process: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        return false;
    };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let tracer = status
            .lines()
            .find_map(|line| line.strip_prefix("TracerPid:"));
        tracer.is_some_and(|pid| pid.trim() != "0")
    })
}

/// What a list of system calls says of answers and syncs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Answers with the status that was looked for.
    pub answers: usize,
    /// Those before which nothing was written and synced since their request was read.
    pub unsynced: usize,
}

/// Reads from a list of system calls whether, between every answer that begins with `acknowledges` and
/// the last that was read from its connection before, something was written to the database in `folder`
/// and a sync begun after that had come to its end. What others write meanwhile says nothing.
pub fn order_of(calls: &str, folder: &Path, acknowledges: &str) -> Order {
    let database = format!("{}/site.db", folder.display());
    let mut order = Order::default();
    let mut written: Vec<usize> = Vec::new();
    // Where in the list what is on the disk was written, at the latest.
    let mut safe = 0;
    let mut syncing: HashMap<&str, usize> = HashMap::new();
    let mut reading: HashMap<&str, &str> = HashMap::new();
    let mut heard: HashMap<&str, usize> = HashMap::new();
    for (at, line) in (1..).zip(calls.lines()) {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        let concerns_us = call.contains(&database);
        let is_under_way = call.ends_with("<unfinished ...>");
        let mut synced = |begun: usize| {
            let before = written.iter().rev().find(|write| **write < begun);
            safe = safe.max(before.copied().unwrap_or(0));
        };
        if call.starts_with("fdatasync(") || call.starts_with("fsync(") {
            if concerns_us && is_under_way {
                syncing.insert(thread, at);
            } else if concerns_us && call.ends_with("= 0") {
                synced(at);
            }
        } else if call.starts_with("<... f") && call.contains("sync resumed") {
            if let Some(begun) = syncing.remove(thread)
                && call.ends_with("= 0")
            {
                synced(begun);
            }
        } else if call.starts_with("pwrite64(") && concerns_us {
            written.push(at);
        } else if is_reading(call) {
            let connection = connection_of(call);
            if is_under_way {
                reading.insert(thread, connection);
            } else if has_moved_bytes(call) {
                heard.insert(connection, at);
            }
        } else if call.starts_with("<... re") && call.contains(" resumed") {
            if let Some(connection) = reading.remove(thread)
                && has_moved_bytes(call)
            {
                heard.insert(connection, at);
            }
        } else if call.contains(acknowledges) && is_sending(call) {
            order.answers += 1;
            let connection = connection_of(call);
            let since = heard.get(connection).copied().unwrap_or(0);
            if safe <= since {
                order.unsynced += 1;
            }
            heard.insert(connection, at);
        }
    }
    order
}

/// The connection a call is about, as strace shows it: `12<socket:[5]>`.
fn connection_of(call: &str) -> &str {
    let arguments = call.split_once('(').map_or(call, |(_, rest)| rest);
    arguments.split(',').next().unwrap_or(arguments).trim()
}

fn has_moved_bytes(call: &str) -> bool {
    let result = call.rsplit_once("= ").map(|(_, result)| result.trim());
    result.is_some_and(|result| result.parse::<i64>().is_ok_and(|bytes| bytes > 0))
}

fn is_reading(call: &str) -> bool {
    ["read(", "readv(", "recvfrom(", "recvmsg("]
        .iter()
        .any(|name| call.starts_with(name))
}

fn is_sending(call: &str) -> bool {
    ["write(", "writev(", "sendto(", "sendmsg("]
        .iter()
        .any(|name| call.starts_with(name))
}

// ---- a small disk ----------------------------------------------------------------------------

/// A disk of its own for the folder of one site. Gone when dropped; so is all that was on it.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
}

/// Large enough for any reserve that a site keeps for itself.
const SIZE: &str = "size=400m";

impl SmallDisk {
    /// Moves the folder of a stopped site to a small disk mounted in its place. `None`, and said
    /// aloud, where nothing may be mounted.
    ///
    /// # Panics
    /// When the folder cannot be moved.
    pub fn under(folder: &Path) -> Option<Self> {
        if !geteuid().is_root() {
            leave_out("a full disk: only root may mount one");
            return None;
        }
        let before = folder.with_extension("before");
        fs::rename(folder, &before).expect("moves aside");
        fs::create_dir(folder).expect("a place for the disk");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "lien-cong"])
            .arg(folder)
            .output()
            .expect("mount starts");
        if !mounted.status.success() {
            fs::remove_dir(folder).expect("is empty");
            fs::rename(&before, folder).expect("moves back");
            let why = String::from_utf8_lossy(&mounted.stderr);
            leave_out(&format!(
                "a full disk: none may be mounted ({})",
                why.trim()
            ));
            return None;
        }
        caretaker::mounted(folder);
        println!("a full disk: a tmpfs of its own");
        let copied = Command::new("cp")
            .arg("-a")
            .arg(before.join("."))
            .arg(folder)
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "copies");
        Some(Self {
            at: folder.to_owned(),
        })
    }

    /// Fills it to the last byte.
    ///
    /// # Panics
    /// When it does not get full.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file");
        let mut size = 1 << 20;
        while size > 0 {
            match ballast.write_all(&vec![0xA5; size]) {
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{error}");
                    size /= 16;
                }
            }
        }
    }

    /// Takes away what filled it.
    ///
    /// # Panics
    /// When nothing filled it.
    pub fn empty(&self) {
        fs::remove_file(self.ballast()).expect("removes");
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("somebody-else-s-file")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let gone = Command::new("umount").arg("-l").arg(&self.at).status();
        if !gone.is_ok_and(|status| status.success()) {
            println!("{} stays mounted", self.at.display());
        }
    }
}

// ---- a clock that is wrong -------------------------------------------------------------------

/// A clock for one process, that can be set while it runs. Its sense of how long something takes
/// stays true, as a machine's does when somebody sets its clock.
#[derive(Debug)]
pub struct WrongClock {
    file: PathBuf,
}

impl WrongClock {
    /// Gives `server` a clock of its own from its next start on, showing the true time at first.
    /// `None`, and said aloud, without libfaketime.
    pub fn give_to(server: &mut Server) -> Option<Self> {
        let Some(library) = faketime() else {
            leave_out("clocks that are wrong: no libfaketime");
            return None;
        };
        let clock = Self {
            file: server.folder().with_extension("clock"),
        };
        clock.is_off_by(Duration::ZERO, false);
        let file = clock.file.display().to_string();
        for (name, value) in [
            ("LD_PRELOAD", library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ] {
            server.give(name, value);
        }
        Some(clock)
    }

    /// Sets it ahead, or back, by `off` against the true time.
    ///
    /// # Panics
    /// When its hands cannot be moved.
    pub fn is_off_by(&self, off: Duration, is_back: bool) {
        let sign = if is_back { '-' } else { '+' };
        // Whole or not at all: the process looks whenever it likes.
        let aside = self.file.with_extension("clock.new");
        fs::write(&aside, format!("{sign}{}s\n", off.as_secs())).expect("writes");
        fs::rename(aside, &self.file).expect("renames");
    }
}

fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .find(|library| library.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(calls: &[&str]) -> Order {
        order_of(&calls.join("\n"), Path::new("/p/hub"), "HTTP/1.1 200")
    }

    const WRITE: &str = "7 pwrite64(9</p/hub/site.db-wal>, \"\\0\\1\"..., 4096, 32) = 4096";
    const SYNC: &str = "7 fdatasync(9</p/hub/site.db-wal>) = 0";
    const FAILED: &str =
        "7 fdatasync(9</p/hub/site.db-wal>) = -1 EIO (Input/output error) (INJECTED)";
    const OTHERS: &str = "7 fdatasync(9</p/elsewhere/site.db-wal>) = 0";
    const BEGUN: &str = "7 fdatasync(9</p/hub/site.db-wal> <unfinished ...>";
    const ENDED: &str = "7 <... fdatasync resumed>) = 0";
    const ANSWER: &str =
        "8 sendto(12<socket:[5]>, \"HTTP/1.1 200 OK\\r\\nconte\"..., 300, 0, NULL, 0) = 300";

    const REQUEST: &str =
        "8 recvfrom(12<socket:[5]>, \"POST /v1/inbox\"..., 8192, 0, NULL, NULL) = 310";
    const NOTHING: &str =
        "8 recvfrom(12<socket:[5]>, 0x7f, 8192, 0, NULL, NULL) = -1 EAGAIN (Try again)";
    const ASKED: &str = "8 recvfrom(12<socket:[5]>,  <unfinished ...>";
    const TOLD: &str = "8 <... recvfrom resumed>\"POST /v1\"..., 8192, 0, NULL, NULL) = 310";

    #[test]
    fn an_answer_is_in_order_only_after_a_sync_of_what_was_written_for_it() {
        let cases: [(&[&str], usize, usize); 13] = [
            (&[WRITE, SYNC, ANSWER], 1, 0),
            (&[WRITE, BEGUN, ENDED, ANSWER], 1, 0),
            (&[WRITE, ANSWER, SYNC], 1, 1),
            (&[WRITE, BEGUN, ANSWER, ENDED], 1, 1),
            (&[WRITE, FAILED, ANSWER], 1, 1),
            (&[WRITE, OTHERS, ANSWER], 1, 1),
            (&[BEGUN, WRITE, ENDED, ANSWER], 1, 1),
            // Somebody else has begun to write meanwhile.
            (&[REQUEST, WRITE, SYNC, WRITE, ANSWER], 1, 0),
            (&[WRITE, SYNC, ANSWER, ANSWER], 2, 1),
            (&[REQUEST, WRITE, SYNC, NOTHING, ANSWER], 1, 0),
            // Answered first, and written for afterwards.
            (&[REQUEST, ANSWER, WRITE, SYNC, REQUEST, ANSWER], 2, 2),
            (&[WRITE, SYNC, ASKED, TOLD, ANSWER], 1, 1),
            (&[ASKED, TOLD, WRITE, SYNC, ANSWER], 1, 0),
        ];
        for (calls, answers, unsynced) in cases {
            assert_eq!(order(calls), Order { answers, unsynced }, "{calls:?}");
        }
    }
}
