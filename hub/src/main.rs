//! The `hub` command.

use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    shared::cli::run(hub::cli::Cli::parse().run()).await
}
