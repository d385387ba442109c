//! The `demo` command. The same program is also the hub's and the members': it starts itself again
//! for each of them, so that every site of the demo is a process that can be stopped on its own.

use clap::Parser;
use std::ffi::OsString;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let as_other = |name: &str| arguments.get(1).is_some_and(|first| first == name);
    if as_other("hub") {
        let cli = hub::cli::Cli::parse_from(&arguments[1..]);
        return shared::cli::run(cli.run()).await;
    }
    if as_other("member-site") {
        let cli = member_site::cli::Cli::parse_from(&arguments[1..]);
        return shared::cli::run(cli.run()).await;
    }
    shared::cli::run(demo::cli::Cli::parse().run()).await
}
