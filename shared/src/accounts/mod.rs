//! Who may work on a site: accounts, roles, sessions and what guards signing in.
//!
//! A handler asks for a [`CurrentUser`] and says which [`Right`] it needs; the account, its role and
//! the session are read anew for every request, so a change acts on the next one. There is no default
//! account: a site without any offers a one-time [`first_code`].

pub mod account;
pub mod cli;
pub mod csrf;
pub mod current_user;
pub mod first_code;
pub mod password;
pub mod role;
pub mod session;
pub mod throttle;

pub use current_user::CurrentUser;
pub use role::{Right, Role};
pub use throttle::Throttle;

#[cfg(test)]
mod tests;
