//! Whole-system tests: real processes, real sockets, a real browser.
//!
//! A scenario in `scenarios/` founds a [`Province`], lets units join it, acts as the people and the
//! peers of the story would, and asserts what they see. Every province has a network of its own on
//! the loopback, a folder of its own, and on PostgreSQL a database of its own, so that any number of
//! stories can be told at once. Nothing waits for a fixed time: [`eventually`] looks until what it
//! looks for is there, or gives up with words.
//!
//! | file | what it is |
//! |---|---|
//! | `province` | a hub and the units that join it |
//! | `server` | one `hub` or `member-site` process and its folder |
//! | `postgres` | a PostgreSQL of our own |
//! | `visitor`, `forms` | somebody with a browser, without the browser |
//! | `newsroom` | what staff do: write, publish, accept, return, withdraw |
//! | `faulty_peer` | a peer that signs well and means ill |
//! | `foreign_portal` | a portal that has a feed and nothing else |
//! | `service` | a program brought by npm |
//! | `sign_on` | a real provider of single sign-on |
//! | `mail_server` | a real mail server |
//! | `records` | what a site has stored |
//! | `proxy` | a road that can be cut, and go bad in other ways |
//! | `demo` | the demo province, as the README starts it |
//! | `depth` | how many rounds, what chance, what was measured and what was left out |
//! | `ledger` | peers that write down what they were told is safe |
//! | `crowd` | many sites in one process, each at the end of a road of its own |
//! | `machine` | slow, failing and full disks, wrong clocks |
//! | `papers` | files as offices make them |
//! | `raw` | bytes on a connection, however wrong |
//! | `browser` | somebody with a browser |
//! | `hand` | how they use a page: by pointer or by keys, and how many actions it takes |
//! | `caretaker` | ends what we started, even if we are killed |

mod binaries;
pub mod browser;
mod caretaker;
mod crowd;
pub mod demo;
mod depth;
pub mod faulty_peer;
mod foreign_portal;
pub mod forms;
pub mod hand;
pub mod ledger;
pub mod machine;
pub mod mail_server;
mod network;
pub mod newsroom;
pub mod papers;
pub mod postgres;
mod province;
pub mod proxy;
pub mod raw;
pub mod records;
mod server;
mod service;
pub mod sign_on;
pub mod signing_in;
pub mod visitor;
mod waiting;

pub use crowd::{Crowd, Seat};
pub use depth::{Chance, is_deep, leave_out, measured, rounds};
pub use faulty_peer::FaultyPeer;
pub use foreign_portal::{Behaviour, ForeignPortal};
pub use newsroom::{Staff, Text, Written};
pub use province::{Backend, Front, Invitation, Member, NewMember, Province};
pub use proxy::{Fault, Proxy};
pub use records::Records;
pub use server::Server;
pub use visitor::{Page, Visitor};
pub use waiting::{PATIENCE, bounded, eventually, seldom, within};
