//! The server of a district, commune or department.
//!
//! A member site is a [`shared::site::Site`] plus these files. One process serves one site or many:
//! a site is a folder, and requests are told apart by host name in [`hosting`].

pub mod cli;
pub mod hosting;
pub mod inbox;
pub mod join;
pub mod rebuild;
pub mod server;
