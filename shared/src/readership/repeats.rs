//! Who says the same again, or too much: held off by what is kept in memory for a day, and by nothing else.
//!
//! Many people here share one address, a whole town hall or all telephones of a mast. So an address may say
//! much, but the same browser at it says something about a page once a day. What is kept are numbers made with
//! a key of this run: neither the address nor the browser can be read from them, and a restart forgets them.

use crate::server::one_client;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// How long a browser is known to have said something of a page.
const DAY: TimeDelta = TimeDelta::hours(24);
/// Over which time the words of an address are counted.
const HOUR: TimeDelta = TimeDelta::hours(1);
/// How much an address may say in that time.
const MOST_OF_ADDRESS: u32 = 60;
/// Most browsers and addresses kept in mind.
const MOST_KEPT: usize = 20_000;

/// Who said what lately.
#[derive(Debug, Default)]
pub struct Repeats {
    key: RandomState,
    kept: Mutex<HashMap<u64, Said>>,
}

#[derive(Clone, Copy, Debug)]
struct Said {
    times: u32,
    since: DateTime<Utc>,
}

impl Repeats {
    /// Whether what `browser` at the address `peer` says of `entry` counts; if so, it is noted.
    pub fn admits(
        &self,
        peer: Option<IpAddr>,
        browser: &str,
        entry: Uuid,
        now: DateTime<Utc>,
    ) -> bool {
        let peer = peer.map(one_client);
        let of_address = self.key.hash_one(peer);
        let of_browser = self.key.hash_one((peer, browser, entry));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut kept, now);
        let is_new = !is_full(&kept, of_browser, 1, DAY, now)
            && !is_full(&kept, of_address, MOST_OF_ADDRESS, HOUR, now);
        if is_new {
            note(&mut kept, of_browser, DAY, now);
            note(&mut kept, of_address, HOUR, now);
        }
        is_new
    }
}

impl Said {
    /// Whether it lies within `time` before `now`. What lies ahead is of a clock that was set back.
    fn is_within(self, time: TimeDelta, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..time).contains(&(now - self.since))
    }
}

fn is_full(
    kept: &HashMap<u64, Said>,
    who: u64,
    most: u32,
    time: TimeDelta,
    now: DateTime<Utc>,
) -> bool {
    let said = kept.get(&who);
    said.is_some_and(|said| said.is_within(time, now) && said.times >= most)
}

fn note(kept: &mut HashMap<u64, Said>, who: u64, time: TimeDelta, now: DateTime<Utc>) {
    let nothing = Said {
        times: 0,
        since: now,
    };
    let said = kept.entry(who).or_insert(nothing);
    if !said.is_within(time, now) {
        *said = nothing;
    }
    said.times = said.times.saturating_add(1);
}

/// The oldest go first.
fn make_room(kept: &mut HashMap<u64, Said>, now: DateTime<Utc>) {
    if kept.len() + 2 < MOST_KEPT {
        return;
    }
    kept.retain(|_, said| said.is_within(DAY, now));
    if kept.len() + 2 < MOST_KEPT {
        return;
    }
    let mut times: Vec<_> = kept.values().map(|said| said.since).collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    kept.retain(|_, said| said.since > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 Chrome/142";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn peer(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn a_browser_says_something_of_a_page_once_a_day_and_others_go_on() {
        let repeats = Repeats::default();
        let page = Uuid::from_u128(1);
        assert!(repeats.admits(peer(7), CHROME, page, at(0)));
        assert!(!repeats.admits(peer(7), CHROME, page, at(1)), "again");
        assert!(repeats.admits(peer(7), "Mozilla/5.0 Firefox/140", page, at(2)));
        assert!(repeats.admits(peer(8), CHROME, page, at(3)));
        assert!(repeats.admits(peer(7), CHROME, Uuid::from_u128(2), at(4)));
        assert!(!repeats.admits(peer(7), CHROME, page, at(86_399)));
        assert!(
            repeats.admits(peer(7), CHROME, page, at(86_400)),
            "a day on"
        );
        assert!(repeats.admits(peer(7), CHROME, page, at(0)), "set back");
    }

    #[test]
    fn an_address_has_its_fill_and_gets_another_hour() {
        let repeats = Repeats::default();
        let many = |from: u128, second: i64| {
            (from..from + 100)
                .filter(|page| repeats.admits(peer(7), CHROME, Uuid::from_u128(*page), at(second)))
                .count()
        };
        assert_eq!(many(0, 0), MOST_OF_ADDRESS as usize);
        assert_eq!(many(1_000, 3_599), 0);
        assert_eq!(many(2_000, 3_600), MOST_OF_ADDRESS as usize);
    }

    #[test]
    fn a_flood_takes_no_more_than_its_room() {
        let repeats = Repeats::default();
        for number in 0..2 * MOST_KEPT as u32 {
            let peer = Some(IpAddr::from((0x0a00_0000 + number).to_be_bytes()));
            repeats.admits(
                peer,
                CHROME,
                Uuid::from_u128(1),
                at(i64::from(number / 100)),
            );
        }
        assert!(repeats.kept.lock().expect("not poisoned").len() <= MOST_KEPT);
    }
}
