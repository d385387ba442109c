//! Pictures and files, named by the SHA-256 of their bytes.
//!
//! A name says what the bytes are, so a copy can come from anywhere and is checked on arrival. A
//! site keeps what its entries show; what it lacks is fetched in the background, and until then
//! pages show the text without it.

pub mod fetch;
pub mod picture;
pub mod record;
pub mod serve;
pub mod store;

pub use record::want;
pub use store::Store;
