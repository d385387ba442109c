//! How a site becomes a member: what it says to its hub, and what the hub answers.
//!
//! The member signs with the key it introduces, so it proves to have it; the hub signs with a key
//! whose fingerprint is part of the one-time code, so the member knows it is the hub that invited
//! it. Afterwards both sides hold all they need and nothing is typed twice.

use super::peer::LinkMode;
use crate::directory::SiteDescription;
use crate::entries::section::Section;
use crate::log::Digest;
use crate::log::keys::{KeyId, PublicKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The path members introduce themselves at.
pub const PATH: &str = "/v1/enrol";

/// What a new member says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// Version, 1.
    pub v: u32,
    /// The one-time code.
    pub code: String,
    /// The key it signs with, as a JWK.
    #[schema(value_type = Object)]
    pub key: PublicKey,
    /// Where it answers; empty from a site that is rebuilt and answers where it did.
    pub base_url: String,
    /// How the hub's events are to reach it.
    pub link: LinkMode,
    /// The software it runs.
    pub software: String,
}

/// What the hub answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Welcome {
    /// Version, 1.
    pub v: u32,
    /// The member as the hub knows it, with its ids.
    #[schema(value_type = Object)]
    pub member: SiteDescription,
    /// The hub itself, with its keys.
    #[schema(value_type = Object)]
    pub hub: SiteDescription,
    /// The sections of the member's portal.
    pub sections: Vec<Section>,
    /// How the hub's events reach it.
    #[serde(default = "pull")]
    pub link: LinkMode,
    /// What the hub holds of the member's own logs: all that a burnt site has said.
    #[serde(default)]
    pub logs: Vec<OwnLog>,
}

fn pull() -> LinkMode {
    LinkMode::Pull
}

/// One of the member's own logs, as its hub holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OwnLog {
    /// The log.
    pub log: Uuid,
    /// The unit whose letters are in it; none for what is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressee: Option<Uuid>,
    /// The highest place held.
    pub head: i64,
}

/// The short form of a key's name that stands at the end of a code: twenty hexadecimal signs, so that
/// nobody finds another key with the same one.
pub fn fingerprint(key: &KeyId) -> String {
    Digest::of(key.to_string()).hex()[..20].to_uppercase()
}

/// Whether `code` was made by the owner of `key`.
pub fn is_code_of(code: &str, key: &KeyId) -> bool {
    code.trim()
        .rsplit('-')
        .next()
        .is_some_and(|end| end.eq_ignore_ascii_case(&fingerprint(key)))
}
