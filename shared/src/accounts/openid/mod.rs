//! Signing in through the province's single sign-on, where there is one: OpenID Connect, authorization
//! code with PKCE. Off unless `[accounts.openid]` says otherwise.
//!
//! It only says who somebody is. Accounts, roles and rights stay ours: whoever has no account here, or one
//! that nobody linked with that identity, does not get in. The library checks tokens; this module
//! decides what it is asked to accept.

pub mod attempt;
pub mod link;
mod provider;
pub mod settings;
#[cfg(test)]
mod tests;

pub use provider::{Identity, Provider, ProviderError};
pub use settings::OpenIdSettings;
