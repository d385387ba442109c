//! The schema of the hub and of the member sites, for SQLite and PostgreSQL.
//!
//! One change is one file under `site/` (every server) or `hub/` (the provincial server
//! only) and says the same on both databases. A change is a [`Change`]: what it creates is
//! data, and the one implementation below runs it in a transaction, because the library's
//! default on SQLite is to run statements one by one and a power cut between two of them
//! would strand the site.

mod change;
mod hub;
mod site;

pub use change::{Change, Part};
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// The schema every site has, member or hub.
#[derive(Debug)]
pub struct SiteSchema;

/// The schema of the hub: that of a site, and the province's own tables.
#[derive(Debug)]
pub struct HubSchema;

fn boxed(changes: Vec<Change>) -> Vec<Box<dyn MigrationTrait>> {
    changes
        .into_iter()
        .map(|change| Box::new(change) as Box<dyn MigrationTrait>)
        .collect()
}

impl MigratorTrait for SiteSchema {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(site::changes())
    }
}

impl MigratorTrait for HubSchema {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(site::changes().into_iter().chain(hub::changes()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_change_runs_in_a_transaction_and_has_a_name_of_its_own() {
        let changes = HubSchema::migrations();
        assert!(!changes.is_empty());
        let mut names = HashSet::new();
        for change in &changes {
            assert_eq!(change.use_transaction(), Some(true), "{}", change.name());
            assert!(
                names.insert(change.name().to_owned()),
                "{} twice",
                change.name()
            );
        }
        let ordered: Vec<_> = SiteSchema::migrations()
            .iter()
            .map(|change| change.name().to_owned())
            .collect();
        assert!(
            ordered.is_sorted(),
            "changes are listed in the order of their names"
        );
    }
}
