//! Ends what this run started, even when the run itself is killed.
//!
//! A test that panics drops its servers, which kills them. A run that is interrupted drops nothing.
//! So a small shell waits at the end of a pipe that only we hold: when it closes, whatever the
//! reason, what is still on its list is ended and its folders are removed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

const SCRIPT: &str = r#"
trap '' INT TERM HUP
pids=' '; folders=''; mounts=''
while read -r what which; do
  case $what in
    started) pids="$pids$which " ;;
    ended) pids=$(printf %s "$pids" | sed "s/ $which / /") ;;
    folder) folders="$folders
$which" ;;
    mounted) mounts="$mounts
$which" ;;
  esac
done
# SIGINT first: PostgreSQL takes its own processes with it.
for pid in $pids; do kill -s INT -- "$pid" 2>/dev/null; done
tries=0
while [ $tries -lt 30 ]; do
  alive=''
  for pid in $pids; do kill -s 0 -- "$pid" 2>/dev/null && alive="$alive $pid"; done
  [ -z "$alive" ] && break
  tries=$((tries + 1)); sleep 0.1
done
for pid in $alive; do kill -s KILL -- "$pid" 2>/dev/null; done
printf '%s\n' "$mounts" | while read -r mount; do
  case $mount in /*/lien-cong-*) umount -l "$mount" 2>/dev/null ;; esac
done
printf '%s\n' "$folders" | while read -r folder; do
  case $folder in /*/lien-cong-*) rm -rf "$folder" ;; esac
done
"#;

struct Caretaker {
    pipe: ChildStdin,
    _shell: Child,
}

fn tell(line: &str) {
    static CARETAKER: OnceLock<Mutex<Caretaker>> = OnceLock::new();
    let caretaker = CARETAKER.get_or_init(|| {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to our group; the caretaker has to outlive it.
            .process_group(0)
            .spawn()
            .expect("sh starts");
        let pipe = shell.stdin.take().expect("its input is ours");
        Mutex::new(Caretaker {
            pipe,
            _shell: shell,
        })
    });
    let mut caretaker = caretaker.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(caretaker.pipe, "{line}").expect("the caretaker listens");
}

/// The process `pid` is ours to end.
pub(crate) fn started(pid: u32) {
    tell(&format!("started {pid}"));
}

/// The process `pid` is ours to end, with all that it starts in its group.
pub(crate) fn started_group(pid: u32) {
    tell(&format!("started -{pid}"));
}

/// The group of `pid` was killed. Told before it is waited for.
pub(crate) fn ended_group(pid: u32) {
    tell(&format!("ended -{pid}"));
}

/// The process `pid` was killed. Told before it is waited for, while the number is still its own.
pub(crate) fn ended(pid: u32) {
    tell(&format!("ended {pid}"));
}

/// `folder` is ours to remove.
pub(crate) fn keeps(folder: &Path) {
    tell(&format!("folder {}", folder.display()));
}

/// Something is mounted at `folder`, which is ours to take away.
pub(crate) fn mounted(folder: &Path) {
    tell(&format!("mounted {}", folder.display()));
}
