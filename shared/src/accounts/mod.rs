//! Who may act here: accounts, sessions, roles, and the guards around sign-in.

pub mod cli;
