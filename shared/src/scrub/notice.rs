//! Damage met in passing: whoever reads something and finds it altered says so here, and the site that
//! holds it looks closer. What is noticed names content and events by hash and log, which belong to one
//! site or to copies of the same, so one board serves all sites of a process.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// What was met.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A content that does not match its hash.
    Content(Vec<u8>),
    /// An event that does not match its digest.
    Event(Uuid, i64),
    /// A file that does not match its hash.
    Medium(crate::log::Digest),
    /// Some row that could not be read.
    Row,
}

/// Notices kept; the scrub finds what is forgotten.
const KEPT: usize = 1_000;

struct Board {
    first: u64,
    notices: VecDeque<Notice>,
}

static BOARD: Mutex<Board> = Mutex::new(Board {
    first: 0,
    notices: VecDeque::new(),
});

/// Notes that the content `hash` is damaged.
pub fn content(hash: &[u8]) {
    put(Notice::Content(hash.to_vec()));
}

/// Notes that the event at a place of a log is damaged.
pub fn event(log: Uuid, seq: i64) {
    put(Notice::Event(log, seq));
}

/// Notes that a file of the store is damaged.
pub fn medium(digest: crate::log::Digest) {
    put(Notice::Medium(digest));
}

/// Notes that a row could not be read, if that is what `error` says.
pub fn row(error: &crate::error::Error) {
    if crate::storage::is_unreadable(error) {
        put(Notice::Row);
    }
}

fn put(notice: Notice) {
    let mut board = BOARD.lock().unwrap_or_else(PoisonError::into_inner);
    board.notices.push_back(notice);
    if board.notices.len() > KEPT {
        board.notices.pop_front();
        board.first += 1;
    }
}

/// The notices from number `from` on, and the number to go on from.
pub fn since(from: u64) -> (Vec<Notice>, u64) {
    let board = BOARD.lock().unwrap_or_else(PoisonError::into_inner);
    let skip = usize::try_from(from.saturating_sub(board.first)).unwrap_or(usize::MAX);
    let notices = board.notices.iter().skip(skip).cloned().collect();
    (notices, board.first + board.notices.len() as u64)
}
