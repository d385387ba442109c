//! How deep a run digs, what its chance begins from, and what is told at its end.
//!
//! `LIEN_CONG_DEPTH=deep` multiplies the rounds of every story of faults; without it a run stays
//! within what continuous integration waits for. `LIEN_CONG_SEED=N` repeats a run's chance.

use rand::SeedableRng;
use rand::rngs::StdRng;
use std::fs::OpenOptions;
use std::io::Write;
use std::ops::{Deref, DerefMut};

/// Whether this run digs deep.
pub fn is_deep() -> bool {
    std::env::var("LIEN_CONG_DEPTH").is_ok_and(|depth| depth == "deep")
}

/// How many rounds to do: few in continuous integration, many before a release.
pub fn rounds(quick: usize, deep: usize) -> usize {
    if is_deep() { deep } else { quick }
}

/// Chance that can be repeated: its seed, and the command that repeats it, are shown if the story
/// fails.
#[derive(Debug)]
pub struct Chance {
    seed: u64,
    dice: StdRng,
}

impl Chance {
    /// Begins with the seed of `LIEN_CONG_SEED`, or with one of its own.
    ///
    /// # Panics
    /// When `LIEN_CONG_SEED` is no number.
    pub fn begin() -> Self {
        let seed = match std::env::var("LIEN_CONG_SEED") {
            Ok(seed) => seed.parse().expect("LIEN_CONG_SEED is a number"),
            Err(_) => rand::random(),
        };
        Self {
            seed,
            dice: StdRng::seed_from_u64(seed),
        }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl Deref for Chance {
    type Target = StdRng;

    fn deref(&self) -> &StdRng {
        &self.dice
    }
}

impl DerefMut for Chance {
    fn deref_mut(&mut self) -> &mut StdRng {
        &mut self.dice
    }
}

impl Drop for Chance {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let thread = std::thread::current();
            let depth = if is_deep() { "deep" } else { "quick" };
            println!(
                "seed {seed}; again: LIEN_CONG_DEPTH={depth} LIEN_CONG_SEED={seed} \
                 cargo test -p tests --test scenarios -- --exact {story}",
                seed = self.seed,
                story = thread.name().unwrap_or("STORY"),
            );
        }
    }
}

/// Says that a part of a story could not be told on this machine, and why. `tests/run` says it once
/// more at its end: what was not tried was not passed.
pub fn leave_out(what: &str) {
    tell("left out", what);
}

/// Tells a figure that was measured, for docs/reliability.md.
pub fn measured(guarantee: &str, figure: &str) {
    tell(guarantee, figure);
}

fn tell(kind: &str, what: &str) {
    let line = format!("{kind}: {what}");
    println!("{line}");
    // Cargo shows only what failed; `tests/run` and `tests/deep` show this file.
    let Some(file) = std::env::var_os("LIEN_CONG_TOLD") else {
        return;
    };
    let file = OpenOptions::new().create(true).append(true).open(file);
    let told = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    if let Err(error) = told {
        println!("not written down: {error}");
    }
}
