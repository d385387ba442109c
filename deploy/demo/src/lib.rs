//! A demo province: a hub and its members as real processes, filled with a year of sample content.

pub mod archives;
pub mod citizens;
pub mod cli;
pub mod content;
pub mod directing;
pub mod faces;
pub mod foreign;
pub mod processes;
pub mod province;
pub mod seed;
pub mod slow;
pub mod summary;

/// The look of progress bars.
fn cli_style() -> anyhow::Result<indicatif::ProgressStyle> {
    Ok(indicatif::ProgressStyle::with_template(
        "{bar:30} {pos}/{len} {msg}",
    )?)
}
