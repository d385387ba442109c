//! A province in one thread: the decisions the servers take, in a world that breaks on purpose.
//!
//! One hub and its members live through an hour or two of virtual time. First **chaos**: the network delays,
//! loses, repeats and reorders, answers get lost, machines stop in the middle of a write, clocks jump, disks
//! fill up, databases are replaced by older copies, members are rebuilt, keys are revoked, and somebody sends
//! what it may not; meanwhile people publish, revise, withdraw, accept and return. After every unit of work the
//! [`checks`] look whether something happened that must never happen. Then the world **heals**, and within a
//! bound everybody must hold what the [`model`] says, which is two maps and no protocol.
//!
//! What is simulated is everything around the core: network, disks, processes, clocks, people. What runs is the
//! servers' own code: `sync::core` (links, batches, items, histories), `sync::verify` (with real signatures and
//! digests), audiences, routes, placements. A world is its seed: the same seed lives the same life again.
//!
//! | file | what it is |
//! |---|---|
//! | `world` | time, seeds, and who is in it |
//! | `network` | what becomes of messages |
//! | `node` | a server: what it does with requests, and the driver of its links |
//! | `store` | its disk |
//! | `chaos` | people, faults and forgers |
//! | `model` | what everybody should hold, by another way than the protocol |
//! | `checks` | what must never happen, and what must be at the end |

mod chaos;
pub mod checks;
pub mod model;
mod network;
mod node;
mod store;
pub mod world;

pub use world::{Config, World};

/// Something broken on purpose, so that a check can be seen to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A receipt goes out before what it is for is on the disk.
    AcknowledgedBeforeSync,
    /// The cursor is on the disk before what it counts.
    CursorBeforeEffect,
    /// What is held already is taken as new.
    NoDeduplication,
    /// Nobody asks who may say what.
    NoAuthority,
    /// A nonce counts more than once.
    NonceNotUsedUp,
    /// An answer is taken for a receipt whoever gave it.
    ReceiptNotVerified,
    /// What comes after its withdrawal is shown.
    WithdrawalForgotten,
    /// A restored database goes on as if nothing had happened.
    HistoryNotCompared,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::AcknowledgedBeforeSync,
        Self::CursorBeforeEffect,
        Self::NoDeduplication,
        Self::NoAuthority,
        Self::NonceNotUsedUp,
        Self::ReceiptNotVerified,
        Self::WithdrawalForgotten,
        Self::HistoryNotCompared,
    ];
}

/// What one life came to.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// What went wrong, if something did.
    pub violation: Option<String>,
    /// Units of work.
    pub commits: u64,
    /// Messages sent.
    pub messages: u64,
    /// Events said.
    pub said: u64,
    /// Crashes, restorations and the like.
    pub faults: u64,
    /// Milliseconds from healing until everybody agreed.
    pub converged_after: i64,
}

/// Lives the life of `seed` and tells how it ended.
pub fn live(config: Config) -> Life {
    let mut world = World::new(config);
    world.live()
}

#[cfg(test)]
mod tests;
