//! Backups that their keeper cannot read, and that are proved every night.
//!
//! A snapshot is a whole site: a copy of the database as of one instant, settings, key, media, and a
//! signed [`manifest`] of what all that must come back as. It is cut into pieces, encrypted with a key
//! that only the unit has ([`recovery_key`]), and stored in restic's repository format, so that nothing
//! of ours is needed to read it. Where it is kept is a [`target`]: the hub's vault, a folder, a server.
//!
//! The library that cuts and encrypts knows no tasks; it runs on threads of its own, and only
//! [`repository`] speaks to it. [`keeper`] says what is done and notes it in [`run`]; [`schedule`] says
//! when.

pub mod cli;
pub mod keeper;
pub mod layout;
pub mod manifest;
pub mod progress;
pub mod recovery_key;
pub mod repository;
pub mod run;
pub mod schedule;
mod settings;
mod source;
pub mod target;

pub use keeper::Keeper;
pub use manifest::{Manifest, Signed};
pub use recovery_key::RecoveryKey;
pub use repository::{Repository, Snapshot};
pub use settings::{BackupSettings, Keep, VaultSettings};
pub use target::Target;
