//! One process: a hub or a member site, its folder and its log.

use crate::binaries;
use crate::caretaker;
use crate::network::{Network, Site};
use crate::visitor::Visitor;
use crate::waiting::{seldom, within};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// How long a server may take to answer for the first time, or to stop.
const PATIENCE: Duration = Duration::from_secs(90);
/// How many lines of a log are shown when a story fails.
const SHOWN: usize = 150;

/// What the servers of one province share: a folder and a network.
#[derive(Debug)]
pub(crate) struct Grounds {
    pub(crate) folder: TempDir,
    pub(crate) network: Network,
}

impl Grounds {
    pub(crate) fn take() -> Arc<Self> {
        let folder = tempfile::Builder::new()
            .prefix("lien-cong-")
            .tempdir()
            .expect("a temporary folder");
        caretaker::keeps(folder.path());
        Arc::new(Self {
            folder,
            network: Network::take(),
        })
    }
}

/// A hub or a member site. Killed when dropped; its log is shown if the story fails.
#[derive(Debug)]
pub struct Server {
    program: &'static str,
    name: String,
    folder: PathBuf,
    site: Site,
    listen: SocketAddr,
    process: Option<Child>,
    more: Vec<PathBuf>,
    environment: Vec<(String, String)>,
    under: Vec<String>,
    _grounds: Arc<Grounds>,
}

impl Server {
    pub(crate) fn new(
        program: &'static str,
        name: &str,
        site: Site,
        listen: SocketAddr,
        grounds: &Arc<Grounds>,
    ) -> Self {
        let folder = grounds.folder.path().join(name);
        Self {
            program,
            name: name.to_owned(),
            folder,
            site,
            listen,
            process: None,
            more: Vec::new(),
            environment: Vec::new(),
            under: Vec::new(),
            _grounds: Arc::clone(grounds),
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where citizens and peers find it.
    pub fn base_url(&self) -> Url {
        self.site.base_url()
    }

    /// The address of a path of it.
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.site.public())
    }

    /// Somebody who has not been here before and comes straight to where it listens.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.base_url(), self.listen)
    }

    /// Somebody who asks for `site` and is led here, as a proxy or the name service does when that one
    /// is down.
    pub fn visitor_for(&self, site: &Url) -> Visitor {
        Visitor::new(site.clone(), self.listen)
    }

    /// Lets its process serve the sites in these folders as well.
    pub(crate) fn serve_also(&mut self, folders: impl IntoIterator<Item = PathBuf>) {
        self.more.extend(folders);
    }

    /// Sets an environment variable for its processes from the next start on.
    pub fn give(&mut self, name: &str, value: String) {
        self.environment.push((name.to_owned(), value));
    }

    /// Whether it is the provincial server.
    pub fn is_hub(&self) -> bool {
        self.program == "hub"
    }

    /// Has another program start its process from the next start on, such as `setpriv`.
    pub fn runs_under(&mut self, words: &[&str]) {
        self.under = words.iter().map(|word| (*word).to_owned()).collect();
    }

    /// Where it listens for the public.
    pub fn listens_at(&self) -> String {
        self.listen.to_string()
    }

    /// Where it tells metrics and health.
    pub fn private_address(&self) -> String {
        self.site.private().to_string()
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    /// When it runs already, or ends, or is not ready in time.
    pub async fn start(&mut self) {
        self.launch();
        self.wait_until_ready().await;
    }

    /// Starts it and waits for nothing.
    ///
    /// # Panics
    /// When it runs already.
    pub fn launch(&mut self) {
        assert!(self.process.is_none(), "{} runs already", self.name);
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log_file())
            .expect("a log");
        let mut command = self.serving();
        command.args(["serve", "--dir"]).arg(&self.folder);
        for folder in &self.more {
            command.arg("--dir").arg(folder);
        }
        let process = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        caretaker::started(process.id());
        self.process = Some(process);
    }

    /// Lets go of a process that has ended by itself.
    ///
    /// # Panics
    /// When it has not.
    pub fn forget(&mut self) {
        let mut process = self.process.take().expect("it was launched");
        ended(&mut process).expect("it has ended");
    }

    /// Starts it and waits until it has given up; what it said.
    ///
    /// # Panics
    /// When it goes on running, or ends as if all were well.
    pub async fn fails_to_start(&mut self) -> String {
        let before = self.log().len();
        self.launch();
        let mut process = self.process.take().expect("it was launched");
        let name = self.name.clone();
        let status = within(PATIENCE, &format!("{name} gives up"), async || {
            ended(&mut process).ok_or("it still runs")
        })
        .await;
        assert!(!status.success(), "{name} ended as if all were well");
        self.log()[before..].to_owned()
    }

    /// Waits until it is ready after a launch.
    ///
    /// # Panics
    /// When it ends, or is not ready in time.
    pub async fn is_ready(&mut self) {
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&mut self) {
        let private = self.operator();
        within(
            PATIENCE,
            &format!("{} is ready", self.name),
            async || match private.try_get("/health/ready").await {
                Ok(page) if page.status == 200 => Ok(()),
                Ok(page) => Err(page.body),
                Err(error) => Err(error.to_string()),
            },
        )
        .await;
        assert!(
            self.process.as_mut().is_some_and(is_running),
            "{} ended; somebody else answers in its place",
            self.name
        );
    }

    /// Asks it to stop, as systemd does, and waits until it has.
    ///
    /// # Panics
    /// When it does not stop in time, or not in good order.
    pub async fn stop(&mut self) {
        let mut process = self.process.take().expect("it runs");
        kill_process(pid(&process), Signal::TERM).expect("it can be told to stop");
        let name = self.name.clone();
        let status = within(PATIENCE, &format!("{name} has stopped"), async || {
            ended(&mut process).ok_or("it still runs")
        })
        .await;
        assert!(
            status.success(),
            "{name} did not stop in good order: {status}"
        );
    }

    /// Kills it as a power cut would, without a chance to put anything in order.
    pub fn kill_9(&mut self) {
        let mut process = self.process.take().expect("it runs");
        end(&mut process);
    }

    /// Holds it still, as a machine that sleeps does.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on where it was held still.
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        kill_process(pid(process), signal).expect("a signal");
    }

    /// The number of its process.
    ///
    /// # Panics
    /// When it does not run.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// The most memory it ever held, in MiB.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process_id()));
        let status = status.expect("a process has a status");
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak.expect("its peak") / 1024
    }

    /// Somebody at the private address, where operators look.
    pub fn operator(&self) -> Visitor {
        Visitor::to(self.site.private())
    }

    /// Stops it and starts it again.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// Changes a setting that the settings file shows as a comment, and starts it again.
    ///
    /// # Panics
    /// When the settings file does not show it.
    pub async fn set(&mut self, name: &str, value: &str) {
        let file = self.folder().join("settings.toml");
        let settings = fs::read_to_string(&file).expect("settings");
        let shown = format!("\n# {name} = ");
        let (before, after) = settings
            .split_once(&shown)
            .unwrap_or_else(|| panic!("{name} is not in {settings}"));
        let rest = after.split_once('\n').map_or("", |(_, rest)| rest);
        let changed = format!("{before}\n{name} = {value}\n{rest}");
        fs::write(&file, changed).expect("settings");
        self.restart().await;
    }

    /// Whether it has not ended by itself.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(is_running)
    }

    /// Runs one of its commands and returns what it says.
    ///
    /// # Panics
    /// When the command fails.
    pub async fn command_says(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments).await;
        done.unwrap_or_else(|said| panic!("{} {}: {said}", self.program, arguments.join(" ")))
    }

    /// Begins one of its commands and kills it as soon as `moment` has come; whether it was still at
    /// work then.
    pub async fn killed_at(&self, arguments: &[&str], moment: impl Fn() -> bool) -> bool {
        let mut process = self
            .command()
            .args(arguments)
            .arg("--dir")
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // What it waits for may be over soon.
        let was_at_work = seldom(
            PATIENCE,
            Duration::from_millis(50),
            "the command is far enough",
            async || match is_running(&mut process) {
                true if moment() => Ok(true),
                true => Err("it is at work"),
                false => Ok(false),
            },
        )
        .await;
        // Err: it has ended already.
        let _ended_by_itself = process.kill();
        process.wait().expect("what was killed can be waited for");
        was_at_work
    }

    /// Runs one of its commands, which may take long; how long it took, and what it said.
    ///
    /// # Panics
    /// When the command fails.
    pub async fn takes(&self, arguments: &[&str], patience: Duration) -> (Duration, String) {
        let began = std::time::Instant::now();
        let said = self.run_within(arguments, patience).await;
        let said = said.unwrap_or_else(|said| panic!("{} {arguments:?}: {said}", self.program));
        (began.elapsed(), said)
    }

    /// Runs one of its commands; what it says, whether it succeeds or fails.
    pub async fn run(&self, arguments: &[&str]) -> Result<String, String> {
        self.run_within(arguments, PATIENCE).await
    }

    async fn run_within(&self, arguments: &[&str], patience: Duration) -> Result<String, String> {
        let mut command = tokio::process::Command::from(self.command());
        let done = command
            .args(arguments)
            .arg("--dir")
            .arg(&self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let done = tokio::time::timeout(patience, done)
            .await
            .unwrap_or_else(|_| panic!("{} {arguments:?} does not end", self.program))
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if done.status.success() {
            Ok(text(&done.stdout))
        } else {
            Err(text(&[done.stdout, done.stderr].concat()))
        }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    fn command(&self) -> Command {
        self.on_our_terms(Command::new(binaries::program(self.program)))
    }

    fn serving(&self) -> Command {
        let program = binaries::program(self.program);
        let command = match self.under.split_first() {
            None => Command::new(program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        self.on_our_terms(command)
    }

    fn on_our_terms(&self, mut command: Command) -> Command {
        // What the person at this machine has set is for their own site.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("LIEN_CONG_") {
                command.env_remove(name);
            }
        }
        command.env("LIEN_CONG_LOG__FILTER", "info");
        // A hundred sites on one machine need not each hold room.
        command.env("LIEN_CONG_STORAGE__BALLAST", "0");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The end of its log, without the requests that went well.
    fn end_of_log(&self) -> String {
        let log = self.log();
        let is_telling = |line: &&str| !line.contains("answered status=200");
        let lines: Vec<&str> = log.lines().filter(is_telling).collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut how = String::new();
        if let Some(mut process) = self.process.take() {
            if let Ok(Some(status)) = process.try_wait() {
                how = format!(", which had ended by itself: {status}");
            }
            end(&mut process);
        }
        if std::thread::panicking() {
            println!("---- log of {}{how} ----\n{}", self.name, self.end_of_log());
        }
    }
}

fn pid(process: &Child) -> Pid {
    Pid::from_child(process)
}

fn is_running(process: &mut Child) -> bool {
    process.try_wait().is_ok_and(|status| status.is_none())
}

fn ended(process: &mut Child) -> Option<ExitStatus> {
    let status = process.try_wait().ok().flatten()?;
    caretaker::ended(process.id());
    Some(status)
}

fn end(process: &mut Child) {
    // Err: it has ended already.
    let _ended_by_itself = process.kill();
    caretaker::ended(process.id());
    process.wait().expect("what was killed can be waited for");
}
