//! Who may work on a site: accounts, what they were granted, sessions and what guards signing in.
//!
//! A handler asks for a [`CurrentUser`] and says which [`Right`] it needs; the account, its grants and
//! the session are read anew for every request, so a change acts on the next one. There is no default
//! account: a site without any offers a one-time [`first_code`].

pub mod account;
pub mod browser;
pub mod cli;
pub mod csrf;
pub mod current_user;
pub mod first_code;
pub mod grant;
pub mod idle;
pub mod invitation;
mod one_time_code;
pub mod openid;
pub mod password;
pub mod recovery_code;
pub mod right;
pub mod role;
pub mod second_factor;
pub mod session;
pub mod throttle;
pub mod told;

pub use current_user::CurrentUser;
pub use grant::{Grant, Rights, Scope};
pub use right::Right;
pub use role::Role;
pub use throttle::Throttle;

#[cfg(test)]
mod tests;
