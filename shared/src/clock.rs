//! Time is handed in: every part that needs "now" is given a [`Clock`].
//!
//! All times in the project are UTC rounded down to the millisecond, so that a time read
//! back from the database or from a peer equals the one that was written.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Where a server gets the time from: the machine, or a test's hand.
///
/// Clones of a fixed clock share its hands.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `at` until it is moved.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(to_millis(at)))))
    }

    /// The time now, in whole milliseconds.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place where time comes in"
            )]
            Source::System => truncate(Utc::now()),
            Source::Fixed(hands) => from_millis(hands.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward; sub-millisecond parts are dropped.
    ///
    /// # Panics
    /// On the system clock: a program that tries to move real time is wrong.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.hands().fetch_add(by, Ordering::SeqCst);
    }

    /// Sets a fixed clock, also backwards: peers' clocks do jump.
    ///
    /// # Panics
    /// On the system clock, as [`Clock::advance`] does.
    pub fn set(&self, at: DateTime<Utc>) {
        self.hands().store(to_millis(at), Ordering::SeqCst);
    }

    fn hands(&self) -> &AtomicI64 {
        match &self.0 {
            Source::Fixed(hands) => hands,
            Source::System => panic!("only a fixed clock can be moved"),
        }
    }
}

/// Milliseconds since 1970 in UTC, as the database keeps times.
pub fn to_millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The time `millis` after 1970 in UTC; a number outside the calendar becomes its nearest end.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(if millis < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

/// `at` without what is finer than a millisecond.
pub fn truncate(at: DateTime<Utc>) -> DateTime<Utc> {
    from_millis(to_millis(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 7, 1, 5, 0, 0)
            .single()
            .expect("a real date")
    }

    #[test]
    fn the_system_clock_keeps_whole_milliseconds() {
        let now = Clock::system().now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000_000, 0);
        assert_eq!(from_millis(to_millis(now)), now);
    }

    #[test]
    fn a_fixed_clock_stands_until_moved_and_its_clones_move_with_it() {
        let clock = Clock::fixed(noon() + chrono::TimeDelta::nanoseconds(999_999));
        let same = clock.clone();
        assert_eq!(clock.now(), noon());

        clock.advance(Duration::from_secs(60));
        assert_eq!(same.now(), noon() + chrono::TimeDelta::minutes(1));

        same.set(noon() - chrono::TimeDelta::days(1));
        assert_eq!(clock.now(), noon() - chrono::TimeDelta::days(1));
    }

    #[test]
    fn numbers_outside_the_calendar_do_not_panic() {
        assert_eq!(from_millis(i64::MAX), DateTime::<Utc>::MAX_UTC);
        assert_eq!(from_millis(i64::MIN), DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    #[should_panic(expected = "only a fixed clock can be moved")]
    fn real_time_cannot_be_moved() {
        Clock::system().advance(Duration::from_secs(1));
    }
}
