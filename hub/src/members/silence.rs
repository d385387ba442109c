//! How long a unit has published nothing, against what it usually does and against what the province allows.

use chrono::{DateTime, TimeDelta, Utc};

/// Days without an article from which on a unit is silent, where the province settled nothing of its own.
pub const USUAL_LIMIT: i64 = 7;
/// Days over which a unit's rhythm is learned.
pub const LEARNED_OVER: i64 = 90;
/// How many times its usual pause a unit may pause before that is unusual.
const PAUSES: i64 = 3;
/// Nobody's weekend is unusual.
const SHORTEST: i64 = 3;

/// How a unit's silence is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silence {
    /// As it usually is.
    #[default]
    Usual,
    /// Longer than it usually is.
    Unusual,
    /// Longer than the province allows.
    TooLong,
}

/// Whole days since the `newest` article.
pub fn days_since(newest: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - newest).max(TimeDelta::zero()).num_days()
}

/// A silence of `days`, for a unit that published `learned` articles in [`LEARNED_OVER`] days and may be silent for
/// `limit` days.
pub fn judge(days: i64, learned: i64, limit: i64) -> Silence {
    // Who published nothing has no rhythm.
    let usual = (learned > 0).then(|| (PAUSES * LEARNED_OVER / learned).max(SHORTEST));
    match () {
        () if days > limit => Silence::TooLong,
        () if usual.is_some_and(|usual| days > usual) => Silence::Unusual,
        () => Silence::Usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_taken_by_what_is_usual_and_by_what_is_allowed() {
        for (story, days, learned, limit, expected) in [
            ("an article today", 0, 90, 7, Silence::Usual),
            (
                "a weekend of one that publishes daily",
                3,
                90,
                7,
                Silence::Usual,
            ),
            (
                "four days of one that publishes daily",
                4,
                90,
                7,
                Silence::Unusual,
            ),
            (
                "four days of one that publishes weekly",
                4,
                13,
                7,
                Silence::Usual,
            ),
            ("beyond what is allowed", 8, 13, 7, Silence::TooLong),
            (
                "allowed longer, and not usual for it",
                8,
                90,
                30,
                Silence::Unusual,
            ),
            ("nothing in three months", 95, 0, 7, Silence::TooLong),
            (
                "nothing in three months, and it may",
                95,
                0,
                365,
                Silence::Usual,
            ),
        ] {
            assert_eq!(judge(days, learned, limit), expected, "{story}");
        }
        let now = DateTime::from_timestamp(1_795_386_793, 0).expect("a time");
        assert_eq!(days_since(now - TimeDelta::hours(47), now), 1);
        // A clock that was wrong dates an article into the future.
        assert_eq!(days_since(now + TimeDelta::hours(47), now), 0);
    }
}
