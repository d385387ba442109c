//! The provincial server: member registry, relay, routes, and a portal of its own.
//!
//! The hub is a [`shared::site::Site`] plus these files. An event that comes in is verified in
//! `shared::sync::receive` and handed to [`relay`], which asks [`routing`] where it goes.

pub mod alerts;
pub mod audit_heads;
pub mod bulletins;
pub mod cli;
pub mod enrolment;
pub mod feed_import;
pub mod founding;
pub mod housekeeping;
pub mod key_change;
pub mod members;
pub mod own_key;
pub mod pages;
pub mod probes;
pub mod ranking;
pub mod recall;
pub mod relay;
pub mod reorganisation;
pub mod reports;
pub mod routing;
pub mod sections;
pub mod server;
pub mod stand_in;
pub mod switchboard;
pub mod vault;
