//! Refusals are counted: who tries passwords all night fills a few rows, not the disk.

use super::action::Action;
use super::chain::Entry;
use crate::server::one_client;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Different ones written by themselves in a minute; the rest are counted together.
const MOST_IN_A_MINUTE: usize = 60;
const MINUTE_MS: i64 = 60_000;

/// What was refused in this minute.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    minute: i64,
    kept: HashMap<Key, Counted>,
}

/// Who tries what, from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    action: Action,
    account: Option<Uuid>,
    address: Option<IpAddr>,
    /// Together with all others for whom there was no room.
    is_rest: bool,
}

#[derive(Debug)]
struct Counted {
    entry: Entry,
    more: i64,
}

impl Refusals {
    /// Counts `entry`. What is to be written now: the entry itself if it is the first of its kind in
    /// this minute, and what was counted in minutes before.
    pub(super) fn admit(&self, entry: Entry, now: i64) -> Vec<Entry> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = window.turn(now);
        let mut key = Key::of(&entry);
        if !window.kept.contains_key(&key) && window.kept.len() >= MOST_IN_A_MINUTE {
            key = key.among_the_rest();
        }
        match window.kept.get_mut(&key) {
            Some(counted) => counted.add(entry, key.is_rest),
            None => {
                due.push(entry.clone());
                window.kept.insert(key, Counted { entry, more: 0 });
            }
        }
        due
    }

    /// What was counted in the minutes that are over.
    pub(super) fn take_over(&self, now: i64) -> Vec<Entry> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        window.turn(now)
    }
}

impl Window {
    /// Begins a new minute, if it is one, with what the one before counted.
    fn turn(&mut self, now: i64) -> Vec<Entry> {
        let minute = now.div_euclid(MINUTE_MS);
        if minute == self.minute {
            return Vec::new();
        }
        self.minute = minute;
        let mut counted: Vec<Entry> = self
            .kept
            .drain()
            .filter(|(_, counted)| counted.more > 0)
            .map(|(_, counted)| Entry {
                times: counted.more,
                ..counted.entry
            })
            .collect();
        counted.sort_by_key(|entry| std::cmp::Reverse(entry.times));
        counted
    }
}

impl Counted {
    fn add(&mut self, entry: Entry, is_rest: bool) {
        self.more = self.more.saturating_add(1);
        if self.entry.subject != entry.subject {
            self.entry.subject = super::Subject::none();
        }
        if is_rest {
            self.entry.actor = super::Actor::Visitor(super::Connection::default());
        }
    }
}

impl Key {
    fn of(entry: &Entry) -> Self {
        let account = match &entry.actor {
            super::Actor::Person { account, .. } => Some(*account),
            _ => None,
        };
        Self {
            action: entry.action,
            account,
            address: entry.actor.connection().address.map(one_client),
            is_rest: false,
        }
    }

    fn among_the_rest(self) -> Self {
        Self {
            account: None,
            address: None,
            is_rest: true,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::Outcome;
    use super::super::{Actor, Connection, Subject};
    use super::*;

    fn failed(last: u8) -> Entry {
        let connection = Connection {
            address: Some(IpAddr::from([203, 0, 113, last])),
            port: Some(40_000),
        };
        let actor = Actor::Visitor(connection);
        Entry::new(&actor, Action::SignedIn, Subject::none(), Outcome::Refused)
    }

    #[test]
    fn a_flood_from_one_address_is_two_rows_a_minute() {
        let refusals = Refusals::default();
        let mut written = Vec::new();
        for attempt in 0..10_000 {
            written.extend(refusals.admit(failed(7), 60_000 + attempt));
        }
        assert_eq!(written.len(), 1, "the first");
        let counted = refusals.take_over(120_000);
        assert_eq!(counted.len(), 1);
        assert_eq!(counted[0].times, 9_999, "none is lost");
        assert!(
            refusals.take_over(120_000).is_empty(),
            "and none is told twice"
        );
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded_too() {
        let refusals = Refusals::default();
        let mut rows = 0;
        let mut times = 0;
        for last in 0..=255 {
            for entry in refusals.admit(failed(last), 60_000) {
                rows += 1;
                times += entry.times;
            }
        }
        for entry in refusals.take_over(120_000) {
            rows += 1;
            times += entry.times;
        }
        assert!(rows <= MOST_IN_A_MINUTE + 2, "{rows}");
        assert_eq!(times, 256, "none is lost");
    }

    #[test]
    fn the_next_minute_begins_with_what_the_last_one_counted() {
        let refusals = Refusals::default();
        assert_eq!(refusals.admit(failed(7), 60_000).len(), 1);
        assert!(refusals.admit(failed(7), 60_001).is_empty());
        let due = refusals.admit(failed(7), 120_000);
        let times: Vec<i64> = due.iter().map(|entry| entry.times).collect();
        assert_eq!(times, [1, 1], "one counted, and the first of this minute");
    }
}
