//! What citizens and staff see: page structs, templates and their handlers.

pub mod templates;
pub mod view;
