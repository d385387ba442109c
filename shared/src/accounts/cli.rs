//! Accounts from the command line.

use crate::site::Site;
use clap::Subcommand;

/// What can be done with accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum AccountCommand {
    /// Liệt kê tài khoản
    List,
}

impl AccountCommand {
    /// Does what was asked.
    pub async fn run(self, _site: &Site) -> anyhow::Result<()> {
        Ok(())
    }
}
