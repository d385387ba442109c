//! Lives of a province, by seed.
//!
//! ```text
//! cargo run --release -p simulator -- --seeds 100000
//! cargo run -p simulator -- --seed 4711 --trace
//! ```

use clap::Parser;
use simulator::{Config, Life, live};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Runs the core of the protocol through broken worlds.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// This one alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Tell what happens.
    #[arg(long)]
    trace: bool,
    /// How many members; otherwise the seed decides.
    #[arg(long)]
    members: Option<usize>,
    /// How many at a time.
    #[arg(long)]
    jobs: Option<usize>,
    /// Go on after a failure, and count.
    #[arg(long)]
    all: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let life = live(Config {
            members: arguments.members,
            is_told: arguments.trace,
            ..Config::of(seed)
        });
        println!("{life:?}");
        return match life.violation {
            Some(_) => ExitCode::FAILURE,
            None => ExitCode::SUCCESS,
        };
    }
    let began = Instant::now();
    let (total, failed) = many(&arguments);
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} seeds in {seconds:.1} s ({:.0} a second): {} events, {} messages, {} units of work, {} faults; \
         agreed after at most {} s; {} failed",
        arguments.seeds,
        arguments.seeds as f64 / seconds,
        total.said,
        total.messages,
        total.commits,
        total.faults,
        total.converged_after / 1_000,
        failed.len()
    );
    for (seed, violation) in &failed {
        println!(
            "seed {seed}: {violation}\n  cargo run --release -p simulator -- --seed {seed} --trace"
        );
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn many(arguments: &Arguments) -> (Life, Vec<(u64, String)>) {
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let result = Mutex::new((Life::default(), Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.unwrap_or(cores) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let life = live(Config {
                        members: arguments.members,
                        ..Config::of(seed)
                    });
                    let Ok(mut result) = result.lock() else {
                        return;
                    };
                    let (total, failed) = &mut *result;
                    total.commits += life.commits;
                    total.messages += life.messages;
                    total.said += life.said;
                    total.faults += life.faults;
                    total.converged_after = total.converged_after.max(life.converged_after);
                    if let Some(violation) = life.violation {
                        failed.push((seed, violation));
                        if !arguments.all {
                            next.store(end, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let (total, mut failed) = result.into_inner().unwrap_or_default();
    failed.sort();
    (total, failed)
}
