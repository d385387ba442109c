//! Pictures, files and videos, named by the SHA-256 of their bytes.
//!
//! A name says what the bytes are, so a copy can come from anywhere and is checked on arrival. A
//! site keeps what its entries show; what it lacks is fetched in the background, and until then
//! pages show the text without it. What people here upload comes in through [`intake`] alone, and what
//! they say of it is in the [`library`].

pub mod fetch;
pub mod focus;
pub mod incoming;
pub mod intake;
pub mod kind;
pub mod library;
pub mod packed;
pub mod picture;
pub mod record;
pub mod rendition;
pub mod serve;
pub mod store;
pub mod youtube;

pub use focus::Focus;
pub use record::want;
pub use store::{MediaSettings, Store};
