//! Who did what here, when, from where, and to what: a chained record for administrators and auditors.
//!
//! ```ignore
//! audit::record(tx, &user.actor(), Action::RoleChanged, Subject::account(&account).change(old, new), now).await?;
//! ```
//!
//! A record is written in the transaction of what it records, so that neither is there without the
//! other ([`record`]); what was refused is written by itself, and a flood of it is counted
//! ([`refused`]). Each record's digest covers the one before ([`chain`]); once a night
//! the chain is looked through ([`check`]).
//!
//! What can be in a record is bounded by type: an [`Actor`] comes from a session and a connection, a
//! [`Subject`] from a row and its name, a change from words in the program. There is no way to put in a
//! password, a code, a token or a text.

pub mod action;
pub mod actor;
pub mod chain;
pub mod check;
pub mod cli;
pub mod export;
mod flood;
pub mod heads;
pub mod search;
pub mod subject;
#[cfg(test)]
mod tests;
pub mod trespass;
mod trim;

pub use action::{Action, Group};
pub use actor::{Actor, Connection, SessionId};
pub use flood::Refusals;
pub use subject::{Kind, Subject};
pub use trim::trim;

use crate::error::Result;
use crate::server::Shutdown;
use crate::site::Site;
use chain::{Entry, Outcome};
use sea_orm::DatabaseTransaction;
use std::sync::Arc;
use std::time::Duration;

/// How often counted refusals are written down and the hub is told.
const EVERY: Duration = Duration::from_secs(60);

/// Records that `actor` did `action` to `subject`, in the transaction that does it.
pub async fn record(
    tx: &DatabaseTransaction,
    actor: &Actor,
    action: Action,
    subject: Subject,
    now: i64,
) -> Result<()> {
    let entry = Entry::new(actor, action, subject, Outcome::Done);
    chain::append(tx, entry, now).await?;
    Ok(())
}

/// Records what a command on the machine did, for what has no transaction of its own there.
pub async fn at_the_machine(site: &Site, action: Action, subject: Subject) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move { record(tx, &Actor::CommandLine, action, subject, now).await })
        })
        .await
}

/// Records that `action` was refused to `actor`. The first in a minute of one who tries, from one
/// address, is written at once; what follows is counted and written as one.
pub async fn refused(site: &Site, actor: &Actor, action: Action, subject: Subject) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let entry = Entry::new(actor, action, subject, Outcome::Refused);
    let due = site.refusals.admit(entry, now);
    write(site, due, now).await
}

/// Writes down what was counted in the minutes that are over.
pub async fn write_counted(site: &Site) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    write(site, site.refusals.take_over(now), now).await
}

async fn write(site: &Site, entries: Vec<Entry>, now: i64) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for entry in entries {
                    chain::append(tx, entry, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Looks after the record until `shutdown`: counted refusals, the hub, the nightly check.
pub async fn keep(site: Arc<Site>, shutdown: Shutdown) {
    crate::background::every(EVERY, shutdown, move || {
        let site = Arc::clone(&site);
        async move {
            write_counted(&site).await?;
            check::nightly(&site).await?;
            heads::tell(&site).await.map(|_| ())
        }
    })
    .await;
}
