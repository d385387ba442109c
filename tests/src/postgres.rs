//! A PostgreSQL of our own: one cluster for the run, one database for each province.
//!
//! It listens at a socket in its temporary folder and nowhere else. Its settings for durability are
//! the default ones: what is tested is what is promised.

use crate::caretaker;
use rustix::process::geteuid;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

const OWNER: &str = "lien_cong";
const PORT: &str = "5432";
const START: Duration = Duration::from_secs(60);

/// A new, empty database; its address as the hub's `--database` takes it.
///
/// # Panics
/// When PostgreSQL cannot be had on this machine.
pub fn database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("tinh_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster.create(&name);
    format!(
        "postgres:///{name}?host={}&port={PORT}&user={OWNER}",
        cluster.folder.display()
    )
}

struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    creating: Mutex<()>,
    /// Ended by the caretaker, when the run ends.
    server: OnceLock<Child>,
}

impl Cluster {
    fn start() -> Self {
        let programs = programs().unwrap_or_else(|| {
            panic!(
                "PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql): \
                 run tests/run as root, which installs it, or say LIEN_CONG_WITHOUT=postgres there"
            )
        });
        let folder = tempfile::Builder::new()
            .prefix("lien-cong-pg-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        // PostgreSQL may run as another user than we do.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("chmod");
        caretaker::keeps(&folder);
        let cluster = Self {
            programs,
            folder,
            creating: Mutex::new(()),
            server: OnceLock::new(),
        };
        cluster.run(
            "initdb",
            &[
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--username",
                OWNER,
                "--pgdata",
                &cluster.data(),
            ],
        );
        cluster.serve();
        cluster
    }

    fn serve(&self) {
        let log = fs::File::create(self.folder.join("log")).expect("a log");
        let server = self
            .program("postgres")
            .args(["-D", &self.data(), "-k"])
            .arg(&self.folder)
            .args(["-h", "", "-p", PORT])
            // Every hub and every command of one opens a pool of its own.
            .args(["-c", "max_connections=300"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("postgres starts");
        caretaker::started(server.id());
        self.server.set(server).expect("it was not started before");
        let deadline = Instant::now() + START;
        while !self.is_ready() {
            assert!(
                Instant::now() < deadline,
                "PostgreSQL did not start:\n{}",
                fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_ready(&self) -> bool {
        let answer = self
            .program("pg_isready")
            .arg("-q")
            .args(["-p", PORT, "-h"])
            .arg(&self.folder)
            .status();
        answer.is_ok_and(|status| status.success())
    }

    fn create(&self, name: &str) {
        let _one_at_a_time = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder.display().to_string();
        self.run("createdb", &["-h", &folder, "-p", PORT, "-U", OWNER, name]);
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, name: &str, arguments: &[&str]) {
        let done = self
            .program(name)
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            done.status.success(),
            "{name} failed: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// PostgreSQL refuses to work for root, so for root it works as the user its package made.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg("--")
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        // Nobody may read root's home; the programs complain about it otherwise.
        command.current_dir("/");
        command
    }
}

/// The folder of PostgreSQL's programs. Debian puts only some of them in PATH, and there they are
/// links or wrappers.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path)
        .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
        .filter_map(|file| file.parent().map(Path::to_owned));
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .filter_map(|version| Some(version.ok()?.path().join("bin")))
                .collect()
        })
        .unwrap_or_default();
    packaged.sort();
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "createdb", "pg_isready"]
            .iter()
            .all(|name| folder.join(name).exists())
    };
    packaged.into_iter().rev().chain(in_path).find(complete)
}
