use chrono::{DateTime, TimeDelta, Utc};
use shared::pages::view::LinkState;

/// A member is late once nothing was heard of it for this long: three long polls.
const GRACE: TimeDelta = TimeDelta::seconds(90);
/// A member is lost once nothing was heard of it for this long.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);
/// A backlog older than this makes a member late though it is heard of.
const OLDEST_BACKLOG: TimeDelta = TimeDelta::minutes(10);

/// What is known of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Whether the province paused it.
    pub is_suspended: bool,
    /// When it was last heard of.
    pub last_contact: Option<DateTime<Utc>>,
    /// Since when the oldest item waits for it.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Vain attempts to reach it since the last success.
    pub failures: i64,
}

/// The state of a member in one word. A member that is called and has nothing to receive may be
/// silent for a while: only attempts that failed make it late before its time.
pub fn judge(observed: &Observed, now: DateTime<Utc>) -> LinkState {
    if observed.is_suspended {
        return LinkState::Paused;
    }
    let Some(last_contact) = observed.last_contact else {
        return LinkState::New;
    };
    let silence = now - last_contact;
    let waits_long = observed
        .oldest_waiting
        .is_some_and(|since| now - since > OLDEST_BACKLOG);
    let is_troubled = observed.failures > 0;
    match () {
        () if silence > PATIENCE => LinkState::Lost,
        () if is_troubled || waits_long || silence > GRACE => LinkState::Late,
        () => LinkState::Online,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_new_online_late_lost_or_paused() {
        let now = DateTime::from_timestamp(1_795_386_793, 0).expect("a time");
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let heard = |seconds| Observed {
            last_contact: ago(seconds),
            ..Observed::default()
        };
        let cases = [
            ("never heard of", Observed::default(), LinkState::New),
            ("heard of just now", heard(5), LinkState::Online),
            ("silent beyond its grace", heard(91), LinkState::Late),
            ("silent for a quarter of an hour", heard(901), LinkState::Lost),
            ("heard of, but attempts fail", Observed { failures: 1, ..heard(5) }, LinkState::Late),
            (
                "heard of, but does not take what waits",
                Observed { oldest_waiting: ago(601), ..heard(5) },
                LinkState::Late,
            ),
            (
                "paused, whatever else",
                Observed { is_suspended: true, ..heard(90_000) },
                LinkState::Paused,
            ),
        ];
        for (story, observed, expected) in cases {
            assert_eq!(judge(&observed, now), expected, "{story}");
        }
    }
}
