//! Whether the wall clock is to be believed. Pure but for a lock around what was seen last.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How far the wall may gain on the steady clock.
const JUMP_MS: i64 = 5 * 60 * 1000;
/// Over how long a gain is summed up: a clock that runs too fast gains little between two looks.
const WINDOW: Duration = Duration::from_secs(600);
/// How long a doubt lasts when nobody ends it.
const STEADY_ENOUGH: Duration = Duration::from_secs(3600);
/// How often the hub is asked while there is a doubt.
const ASK_EVERY: Duration = Duration::from_secs(60);

/// What another clock says of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// They show the same time.
    Agrees,
    /// They do not.
    Differs,
    /// It cannot be asked.
    Silent,
}

impl Word {
    /// What it means that another clock is `skew` milliseconds ahead of ours.
    pub fn of_skew(skew: i64) -> Self {
        if skew.abs() < JUMP_MS {
            Self::Agrees
        } else {
            Self::Differs
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Wall and steady clock when the present window began.
    base: Option<(i64, Duration)>,
    doubt: Option<Doubt>,
    asked: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Doubt {
    /// Since when, by the steady clock.
    since: Duration,
    /// How far the wall has gained.
    ahead_ms: i64,
}

/// What is known of the clocks while a site runs.
#[derive(Debug, Default)]
pub struct Timetable(Mutex<Seen>);

impl Timetable {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody has looked yet.
    pub fn is_new(&self) -> bool {
        self.seen().base.is_none()
    }

    /// The first look; a doubt from before a restart goes on.
    pub fn begin(&self, was_in_doubt: bool, wall: i64, steady: Duration) {
        let mut seen = self.seen();
        seen.base = Some((wall, steady));
        seen.doubt = was_in_doubt.then_some(Doubt {
            since: steady,
            ahead_ms: JUMP_MS,
        });
    }

    /// Looks at both clocks.
    pub fn look(&self, wall: i64, steady: Duration) {
        let mut seen = self.seen();
        let (wall_before, steady_before) = seen.base.unwrap_or((wall, steady));
        let passed = steady.saturating_sub(steady_before);
        let gained = wall
            .saturating_sub(wall_before)
            .saturating_sub(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX));
        if gained.abs() > JUMP_MS || passed >= WINDOW {
            seen.base = Some((wall, steady));
        }
        if gained > JUMP_MS {
            let ahead_ms = seen.doubt.map_or(0, |doubt| doubt.ahead_ms) + gained;
            seen.doubt = Some(Doubt {
                since: steady,
                ahead_ms,
            });
            seen.asked = None;
            return;
        }
        let Some(mut doubt) = seen.doubt else {
            return;
        };
        if gained < -JUMP_MS {
            doubt.ahead_ms += gained;
        }
        let is_over =
            doubt.ahead_ms < JUMP_MS || steady.saturating_sub(doubt.since) >= STEADY_ENOUGH;
        seen.doubt = (!is_over).then_some(doubt);
    }

    /// Whether the clock is not to be believed.
    pub fn is_in_doubt(&self) -> bool {
        self.seen().doubt.is_some()
    }

    /// Whether the hub is to be asked for the time: once after a start, and now and then while there is
    /// a doubt.
    pub fn wants_to_ask(&self, steady: Duration) -> bool {
        let seen = self.seen();
        match seen.asked {
            None => true,
            Some(asked) => seen.doubt.is_some() && steady.saturating_sub(asked) >= ASK_EVERY,
        }
    }

    /// What the hub said.
    pub fn hear(&self, word: Word, wall: i64, steady: Duration) {
        let mut seen = self.seen();
        seen.asked = Some(steady);
        match word {
            Word::Agrees => seen.doubt = None,
            Word::Differs if seen.doubt.is_none() => {
                seen.base = Some((wall, steady));
                seen.doubt = Some(Doubt {
                    since: steady,
                    ahead_ms: JUMP_MS,
                });
            }
            Word::Differs | Word::Silent => {}
        }
    }

    /// Ends a doubt.
    pub fn trust(&self) {
        self.seen().doubt = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A table that has looked once, at 0.
    fn table() -> Timetable {
        let table = Timetable::default();
        assert!(table.is_new());
        table.begin(false, 0, secs(0));
        table
    }

    #[test]
    fn a_clock_that_jumps_ahead_is_doubted_until_it_ran_steadily_for_an_hour() {
        let table = table();
        table.look(1_000, secs(1));
        assert!(!table.is_in_doubt());
        table.look(DAY, secs(2));
        assert!(table.is_in_doubt());
        table.look(DAY + 3_599_000, secs(3_601));
        assert!(table.is_in_doubt());
        table.look(DAY + 3_600_000, secs(3_602));
        assert!(!table.is_in_doubt());
    }

    #[test]
    fn a_jump_that_is_taken_back_is_forgotten_and_one_that_goes_on_is_not() {
        let table = table();
        table.look(DAY, secs(1));
        table.look(2_000, secs(2));
        assert!(!table.is_in_doubt(), "it shows the old time again");
        table.look(DAY, secs(3));
        table.look(DAY + 20 * MINUTE, secs(4));
        table.look(DAY, secs(5));
        assert!(table.is_in_doubt(), "it is still a day ahead");
    }

    #[test]
    fn a_clock_set_back_or_by_seconds_is_no_reason_to_wait() {
        let table = table();
        for (wall, steady) in [(-DAY, 1), (-DAY + 4 * MINUTE, 2), (-DAY + 5 * MINUTE, 3)] {
            table.look(wall, secs(steady));
            assert!(!table.is_in_doubt(), "{wall}");
        }
    }

    #[test]
    fn a_clock_that_runs_too_fast_is_never_trusted() {
        let table = table();
        for look in 1..9_000_i64 {
            // Sixty times as fast.
            table.look(look * MINUTE, secs(look.unsigned_abs()));
            assert_eq!(table.is_in_doubt(), look > 5, "{look}");
        }
    }

    #[test]
    fn the_hub_or_a_person_ends_a_doubt_and_the_hub_may_begin_one() {
        let table = table();
        assert!(table.wants_to_ask(secs(1)), "once after a start");
        table.hear(Word::Silent, 0, secs(1));
        assert!(!table.is_in_doubt(), "without a word it goes by itself");
        assert!(!table.wants_to_ask(secs(500)));
        table.look(DAY, secs(501));
        assert!(table.wants_to_ask(secs(501)));
        table.hear(Word::Differs, DAY, secs(501));
        assert!(table.is_in_doubt());
        assert!(!table.wants_to_ask(secs(510)) && table.wants_to_ask(secs(561)));
        table.hear(Word::of_skew(MINUTE), DAY, secs(561));
        assert!(!table.is_in_doubt());
        table.hear(Word::of_skew(-DAY), DAY, secs(562));
        assert!(
            table.is_in_doubt(),
            "a machine that started with a wrong time"
        );
        table.trust();
        assert!(!table.is_in_doubt());
    }

    #[test]
    fn a_restart_does_not_end_a_doubt() {
        let table = Timetable::default();
        table.begin(true, 0, secs(0));
        table.look(1_000, secs(1));
        assert!(table.is_in_doubt());
    }
}
