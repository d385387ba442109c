//! A PostgreSQL of our own: one cluster for the run, one database for each province; and clusters of
//! their own for stories that do it harm.
//!
//! It listens at a socket in its temporary folder and nowhere else. Its settings for durability are
//! the default ones: what is tested is what is promised.

use crate::caretaker;
use rustix::process::{Pid, Signal, geteuid, kill_process};
use sea_orm::{ConnectionTrait, Database};
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
    CLUSTER.get_or_init(Cluster::start).database()
}

/// A PostgreSQL server and its files.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    creating: Mutex<()>,
    /// Ended by the caretaker, when the run ends.
    server: Mutex<Option<Child>>,
}

impl Cluster {
    /// Makes one and starts it: for stories that are about what happens to PostgreSQL.
    ///
    /// # Panics
    /// When PostgreSQL cannot be had on this machine.
    pub fn start() -> Self {
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
            server: Mutex::new(None),
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

    /// A new, empty database in it.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("tinh_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.create(&name);
        format!(
            "postgres:///{name}?host={}&port={PORT}&user={OWNER}",
            self.folder.display()
        )
    }

    /// Kills the server as a power cut would. Its own processes notice and end.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill_9(&self) {
        let mut server = self.take().expect("it runs");
        server.kill().expect("it can be killed");
        caretaker::ended(server.id());
        server.wait().expect("what was killed can be waited for");
    }

    /// Stops the server as an administrator in a hurry does: connections are cut, nothing is lost.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self) {
        let mut server = self.take().expect("it runs");
        kill_process(Pid::from_child(&server), Signal::INT).expect("it can be told to stop");
        server.wait().expect("it stops");
        caretaker::ended(server.id());
    }

    /// Starts the server on the files it left.
    ///
    /// # Panics
    /// When it does not start.
    pub fn serve(&self) {
        let log = fs::File::create(self.folder.join("log")).expect("a log");
        let deadline = Instant::now() + START;
        let mut server = self.launch(&log);
        while !self.is_ready() {
            assert!(
                Instant::now() < deadline,
                "PostgreSQL did not start:\n{}",
                fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            // After a kill the processes of the one before may hold its memory for a moment longer.
            if server.try_wait().is_ok_and(|status| status.is_some()) {
                caretaker::ended(server.id());
                server = self.launch(&log);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
    }

    fn take(&self) -> Option<Child> {
        self.server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn launch(&self, log: &fs::File) -> Child {
        let server = self
            .program("postgres")
            .args(["-D", &self.data(), "-k"])
            .arg(&self.folder)
            .args(["-h", "", "-p", PORT])
            // Every hub and every command of one opens a pool of its own.
            .args(["-c", "max_connections=300"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.try_clone().expect("a log"))
            .process_group(0)
            .spawn()
            .expect("postgres starts");
        caretaker::started(server.id());
        server
    }

    /// Runs a statement on the database of `address` and ends.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run_statement(&self, address: &str, statement: &str) {
        let connection = Database::connect(address).await.expect("connects");
        let done = connection.execute_unprepared(statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        connection.close().await.expect("closes");
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

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.take() {
            // Err: it has ended already.
            let _ended = kill_process(Pid::from_child(&server), Signal::INT);
            server.wait().expect("it stops");
            caretaker::ended(server.id());
        }
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
