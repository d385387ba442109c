//! The `member-site` command.

use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    shared::cli::run(member_site::cli::Cli::parse().run()).await
}
