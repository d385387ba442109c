//! The programs under test, found beside the test itself.
//!
//! Cargo tells a test only where the programs of its own package are. Ours belong to other packages
//! and lie in the same target folder; nothing builds them on our behalf, so a program that is
//! missing or older than its sources is refused with the command that mends it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

const MEND: &str = "run `cargo build --workspace` first, or tests/run, which does";

/// The program `name`.
///
/// # Panics
/// When it was not built, or is older than what it is built from.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    // target/debug/deps/scenarios-0123456789abcdef
    let folder = test
        .ancestors()
        .nth(2)
        .expect("a test lies two folders deep");
    let program = folder.join(name);
    let built = modified(&program)
        .unwrap_or_else(|| panic!("there is no program {}; {MEND}", program.display()));
    if let Some(newer) = newer_source(&program.with_extension("d"), built) {
        panic!(
            "{} is newer than the program {name}; {MEND}",
            newer.display()
        );
    }
    program
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|about| about.modified()).ok()
}

/// A file named in Cargo's list of what a program is built from that changed since.
fn newer_source(list: &Path, built: SystemTime) -> Option<PathBuf> {
    let list = std::fs::read_to_string(list).ok()?;
    let (_, sources) = list.split_once(": ")?;
    sources
        .split_whitespace()
        .map(PathBuf::from)
        .find(|source| modified(source).is_some_and(|changed| changed > built))
}
