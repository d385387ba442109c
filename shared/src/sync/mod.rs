//! How logs travel between sites: batches, cursors, receipts, push and pull.
//!
//! Out: [`log::append`](crate::log::append::append) puts an event into the [`outgoing`] stream; a
//! [`link`] per peer moves a [`cursor`] along it. In: [`receive`] takes what was pushed to us or what
//! we asked for. What to do when is decided in [`core`], which knows no sockets and no clock.

pub mod advice;
pub mod api;
pub mod audience;
pub mod backlog;
pub mod batch;
pub mod compare;
pub mod core;
pub mod cursor;
pub mod digest;
pub mod doctor;
pub mod enrol;
pub mod greeting;
pub mod key_change;
pub mod key_history;
pub mod link;
pub mod message_signature;
pub mod nonce;
pub mod outgoing;
pub mod peer;
pub mod quarantine;
pub mod receipt;
pub mod receive;
pub mod recover;
pub mod refusal;
pub mod review;
pub mod said_again;
pub mod verify;
pub mod wire;

pub use audience::{Audience, Selector};
pub use receipt::{Outcome, Reason, Receipt};

use crate::error::Result;
use crate::problem::{Problem, ProblemKind};
use serde::Deserialize;

/// The version of the documents this code writes and reads.
pub const VERSION: u32 = 1;

/// Refuses a document of another version than ours.
pub fn require_version(v: u32) -> Result<()> {
    if v == VERSION {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::VersionUnsupported)
        .detail(format!(
            "Tài liệu thuộc phiên bản {v} của giao thức; ở đây dùng phiên bản {VERSION}. Hãy nâng cấp phần mềm."
        ))
        .into())
}

#[derive(Deserialize)]
struct Versioned {
    v: Option<u32>,
}

/// Reads a document that a peer sent. Its version is looked at first: what a later version looks like
/// inside is not ours to judge.
pub fn read_document<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T> {
    if let Ok(Versioned { v: Some(v) }) = serde_json::from_slice(body) {
        require_version(v)?;
    }
    serde_json::from_slice(body).map_err(|error| {
        Problem::new(ProblemKind::Malformed)
            .detail(error.to_string())
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_version_of_a_document_is_looked_at_first() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Small {
            v: u32,
        }
        let kind = |body: &str| match read_document::<Small>(body.as_bytes()) {
            Ok(read) => {
                assert_eq!(read.v, VERSION);
                None
            }
            Err(Error::Problem(problem)) => Some(problem.kind),
            Err(other) => panic!("{other}"),
        };
        let cases = [
            (r#"{"v":1}"#, None),
            (r#"{"v":2}"#, Some(ProblemKind::VersionUnsupported)),
            (r#"{"v":2,"new":1}"#, Some(ProblemKind::VersionUnsupported)),
            (r#"{"v":1,"new":1}"#, Some(ProblemKind::Malformed)),
            (r#"{}"#, Some(ProblemKind::Malformed)),
            ("[]", Some(ProblemKind::Malformed)),
        ];
        for (body, expected) in cases {
            assert_eq!(kind(body), expected, "{body}");
        }
    }
}
