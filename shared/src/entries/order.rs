//! Which revision of an entry counts, whatever order its events come in. Pure: no clock, no database.
//!
//! Three numbers say all: the highest revision heard of, what it says, and the highest revision that a
//! recall took down. Each of them only grows, and where two contents claim one revision the same one
//! wins everywhere. So all who heard the same events hold the same entry, in whatever order they heard
//! them and however often.

use crate::log::{Digest, EventKind};

/// The highest revision there can be: what recalls it recalls the entry for good. JSON has no larger
/// integer that all readers agree about.
pub const LAST_REVISION: i64 = (1 << 53) - 1;

/// What is known of an entry. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The highest revision heard of; 0 before the first.
    pub rev: i64,
    /// What that revision says; nothing if it is a withdrawal, or none was heard of.
    pub content: Option<Digest>,
    /// The highest revision a recall took down; 0 without one.
    pub recalled_through: i64,
}

/// What that comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing of it was heard yet.
    Unknown,
    /// It may be shown.
    Live,
    /// Its origin took it back.
    Withdrawn,
    /// The province took it back, and no later revision was heard of.
    Recalled,
}

impl Standing {
    /// What it comes to.
    pub fn outcome(self) -> Outcome {
        match (self.rev, self.content) {
            (0, _) if self.recalled_through == 0 => Outcome::Unknown,
            (rev, _) if rev <= self.recalled_through => Outcome::Recalled,
            (_, Some(_)) => Outcome::Live,
            (_, None) => Outcome::Withdrawn,
        }
    }

    /// The highest revision nothing of which may be shown any more: what recalls took down, and what
    /// came before a withdrawal.
    pub fn over_through(self) -> i64 {
        match self.outcome() {
            Outcome::Withdrawn => self.rev.max(self.recalled_through),
            _ => self.recalled_through,
        }
    }

    /// The revision its origin would write next; none once it was recalled for good.
    pub fn next_revision(self) -> Option<i64> {
        let next = self.rev.max(self.recalled_through) + 1;
        (next <= LAST_REVISION).then_some(next)
    }
}

/// An event about an entry, as far as the order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arriving {
    /// What happened.
    pub change: Change,
    /// The revision it happened to.
    pub rev: i64,
}

/// What happened to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A revision with this content was published.
    Said(Digest),
    /// Its origin took it back.
    Withdrawn,
    /// The province took back every revision up to this one.
    Recalled,
}

impl Arriving {
    /// An event of `kind` about revision `rev` with `content`; `None` for what changes no entry.
    pub fn of(kind: EventKind, rev: i64, content: Option<Digest>) -> Option<Self> {
        let change = match kind {
            EventKind::EntryPublished | EventKind::EntryRevised => Change::Said(content?),
            EventKind::EntryWithdrawn => Change::Withdrawn,
            EventKind::EntryRecalled => Change::Recalled,
            EventKind::SiteDescribed
            | EventKind::LetterReview
            | EventKind::LetterRecall
            | EventKind::LetterCase
            | EventKind::BulletinSaid
            | EventKind::LetterBulletin
            | EventKind::LetterRanking => return None,
        };
        Some(Self { change, rev })
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It decides what the entry is now.
    Current,
    /// A later event says more.
    Stale,
    /// It was stored before; nothing changed.
    Known,
    /// Another content claims the same revision and stays current. Both are kept in the log.
    Conflict,
    /// Its revision was recalled: its place in the log is kept, and nothing of what it says.
    Recalled,
}

/// What becomes of an event that arrives when `known` is known, and what is known then.
///
/// Where a content and a withdrawal claim one revision, the withdrawal wins; where two contents do,
/// the one with the smaller digest does. Neither ought to happen, and neither may end differently on
/// two sites.
pub fn judge_revision(known: Standing, arriving: Arriving) -> (Effect, Standing) {
    let Arriving { change, rev } = arriving;
    let content = match change {
        Change::Recalled if rev > known.recalled_through => {
            let recalled = Standing {
                recalled_through: rev,
                ..known
            };
            return (Effect::Current, recalled);
        }
        Change::Recalled => return (Effect::Stale, known),
        Change::Said(content) => Some(content),
        Change::Withdrawn => None,
    };
    let is_recalled = content.is_some() && rev <= known.recalled_through;
    let (effect, resulting) = if rev > known.rev || (rev == known.rev && content < known.content) {
        let newer = Standing {
            rev,
            content,
            ..known
        };
        (Effect::Current, newer)
    } else if rev == known.rev && content != known.content {
        (Effect::Conflict, known)
    } else {
        (Effect::Stale, known)
    };
    let effect = if is_recalled {
        Effect::Recalled
    } else {
        effect
    };
    (effect, resulting)
}

#[cfg(test)]
mod tests;
