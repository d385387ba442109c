//! A program brought by npm, in a process of its own: somebody real at the other end of a story. What one needs lies in a
//! folder of `tests`, brought by `tests/run`.

use crate::caretaker;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A program that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Service {
    process: Child,
}

/// What a service says, line by line. Has to be kept: a program ends when it has something to say and nobody is there to
/// hear it.
pub(crate) type Said = Lines<BufReader<ChildStdout>>;

impl Service {
    /// Whether `package` is in `folder`.
    pub(crate) fn is_there(folder: &str, package: &str) -> bool {
        path_of(folder).join("node_modules").join(package).is_dir()
    }

    /// Starts `script` of `folder`, and waits until it says that it is ready.
    ///
    /// # Panics
    /// When it does not start.
    pub(crate) fn start<'a>(
        folder: &str,
        script: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> (Self, Said) {
        let mut process = Command::new("node")
            .arg(path_of(folder).join(script))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        caretaker::started(process.id());
        let mut said = BufReader::new(process.stdout.take().expect("piped")).lines();
        let is_ready = said
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line == "ready");
        assert!(is_ready, "{folder}/{script} starts");
        (Self { process }, said)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _killed = self.process.kill();
        caretaker::ended(self.process.id());
        let _ended = self.process.wait();
    }
}

fn path_of(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}
