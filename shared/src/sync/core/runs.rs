//! Whether one process speaks for a peer, or two: a folder that was copied, a machine that came back
//! after it had been given up. Each process takes an id at random when it starts and says it in every
//! greeting and every answer to one.
//!
//! What tells two machines from a restart is proved, and rests on nobody's clock: every answer to a greeting
//! carries a *ticket*, a number that grows, and the next greeting of the same process gives it back. A process
//! that gives back ticket 7 was alive when ticket 7 was given. Two that were each alive after the other had
//! been heard were alive at once. What a process said before it ended and only came late proves nothing of the
//! kind.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who was held is heard again once a single process has spoken for this long. Both sides of a held
/// link try once a minute.
pub const QUIET: TimeDelta = TimeDelta::minutes(5);
/// How many processes are remembered of a peer: more than ever run at once.
const REMEMBERED: usize = 8;

/// What shows that who gives it back was alive when it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// The process that gave it. Another one does not take it: its database may be an older copy, in which
    /// the number stands for something else.
    pub by: Uuid,
    /// Grows with every word heard from the peer.
    pub number: u64,
}

/// A process that spoke for a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    id: Uuid,
    /// The ticket that was given when it was first heard.
    first: u64,
    /// The latest ticket at which it is known to have been alive; 0 if none.
    alive: u64,
    /// When it was last heard, by our clock; milliseconds.
    heard_at: i64,
}

/// What is known of the processes that speak for a peer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// The one that was heard first last.
    known: Vec<Run>,
    /// The last ticket that was given.
    #[serde(default)]
    ticket: u64,
    /// Since when there are two; milliseconds.
    doubled_since: Option<i64>,
}

impl Runs {
    /// Since when two processes speak for the peer, by our clock, in milliseconds; none when all is well.
    pub fn doubled_since(&self) -> Option<i64> {
        self.doubled_since
    }

    /// The last ticket, given by our own process `by`: it goes into the answer to what was just heard. Who
    /// answers a question that was asked after it was alive after it, like one that gives it back.
    pub fn ticket(&self, by: Uuid) -> Ticket {
        Ticket {
            by,
            number: self.ticket,
        }
    }

    /// What is known once the process `id` spoke to our process `to` and gave back a ticket, if it had one.
    #[must_use]
    pub fn hear(
        mut self,
        id: Uuid,
        given_back: Option<Ticket>,
        to: Uuid,
        now: DateTime<Utc>,
    ) -> Self {
        let heard_at = now.timestamp_millis();
        let alive = given_back
            .filter(|ticket| ticket.by == to && ticket.number <= self.ticket)
            .map(|ticket| ticket.number);
        self.ticket += 1;
        let mut run = match self.known.iter().position(|run| run.id == id) {
            Some(place) => self.known.remove(place),
            None => Run {
                id,
                first: self.ticket,
                alive: 0,
                heard_at,
            },
        };
        run.heard_at = heard_at;
        run.alive = run.alive.max(alive.unwrap_or(0));
        let is_beside = |other: &Run| run.alive >= other.first && other.alive >= run.first;
        if self.known.iter().any(is_beside) {
            self.doubled_since.get_or_insert(heard_at);
        }
        self.known.push(run);
        self.known.sort_by_key(|run| std::cmp::Reverse(run.first));
        self.known.truncate(REMEMBERED);
        if self.doubled_since.is_some() {
            let mut others = self.known.iter().filter(|run| run.id != id);
            // A clock that was set back must not hold anybody for longer.
            let is_recent = |run: &Run| (heard_at - run.heard_at).abs() < QUIET.num_milliseconds();
            if !others.any(is_recent) {
                self.known.retain(|run| run.id == id);
                self.doubled_since = None;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_386_793 + minute * 60, 0).expect("a time")
    }

    const US: Uuid = Uuid::from_u128(9);

    /// A peer whose processes are heard a minute apart, and give back what they were last given.
    #[derive(Default)]
    struct Peer {
        runs: Runs,
        given: HashMap<u128, Ticket>,
        minute: i64,
    }

    impl Peer {
        fn speaks(&mut self, run: u128) -> bool {
            let given = self.given.get(&run).copied();
            let is_doubled = self.hears(run, given);
            self.given.insert(run, self.runs.ticket(US));
            is_doubled
        }

        /// What comes so late that nobody takes the answer.
        fn spoke(&mut self, run: u128, given: Option<Ticket>) -> bool {
            self.hears(run, given)
        }

        fn hears(&mut self, run: u128, given: Option<Ticket>) -> bool {
            self.minute += 1;
            let known = std::mem::take(&mut self.runs);
            self.runs = known.hear(Uuid::from_u128(run), given, US, at(self.minute));
            self.runs.doubled_since().is_some()
        }
    }

    #[test]
    fn two_that_were_alive_after_each_other_are_two() {
        let cases: [(&str, &[u128], bool); 8] = [
            ("one process", &[1, 1, 1, 1], false),
            ("a restart", &[1, 1, 2, 2, 2], false),
            ("many restarts", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], false),
            (
                "restarts of one that was heard for long",
                &[1, 1, 2, 2, 3, 3, 4, 4],
                false,
            ),
            ("two take turns", &[1, 2, 1, 2, 1], true),
            ("three take turns", &[1, 2, 3, 1, 2, 3, 1], true),
            ("once is not enough", &[1, 1, 2, 1], false),
            (
                "one lives on while another keeps starting",
                &[1, 2, 2, 1, 3, 3, 1],
                true,
            ),
        ];
        for (story, runs, expected) in cases {
            let mut peer = Peer::default();
            let heard: Vec<bool> = runs.iter().map(|run| peer.speaks(*run)).collect();
            assert_eq!(heard.last(), Some(&expected), "{story}");
        }
    }

    #[test]
    fn what_was_said_before_a_restart_and_came_late_is_no_second_process() {
        let mut peer = Peer::default();
        for _ in 0..3 {
            peer.speaks(1);
        }
        let given = peer.given.get(&1).copied();
        for _ in 0..5 {
            assert!(!peer.speaks(2));
            assert!(!peer.spoke(1, given), "a word of the old one, late");
        }
        assert!(!peer.spoke(3, None), "one that never had an answer, late");
        assert!(!peer.speaks(2));
    }

    #[test]
    fn a_ticket_that_was_never_given_proves_nothing() {
        let mut peer = Peer::default();
        peer.speaks(1);
        peer.speaks(2);
        peer.speaks(2);
        for (by, number) in [(US, 1_000), (Uuid::from_u128(8), 3)] {
            assert!(!peer.spoke(1, Some(Ticket { by, number })));
            assert!(!peer.speaks(2));
        }
    }

    #[test]
    fn who_is_alone_for_a_while_is_heard_again_and_may_be_held_again() {
        let mut peer = Peer::default();
        for run in [1, 2, 1, 2, 1] {
            peer.speaks(run);
        }
        assert!(peer.runs.doubled_since().is_some());
        for _ in 0..4 {
            assert!(peer.speaks(2), "after {} minutes", peer.minute);
        }
        assert!(!peer.speaks(2), "one has been silent for five minutes");
        let again: Vec<bool> = [1, 2, 1, 2, 1].map(|run| peer.speaks(run)).into();
        assert!(again.contains(&true), "the other is back: {again:?}");
    }

    #[test]
    fn a_third_that_starts_does_not_free_the_two() {
        let mut peer = Peer::default();
        for run in [1, 2, 1, 2, 1] {
            peer.speaks(run);
        }
        assert!(peer.speaks(3));
    }
}
