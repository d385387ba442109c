//! The demo province's content and pictures, apart from the servers that show them.

pub mod content;
pub mod pictures;
