//! How the link to a peer is, in the words every page uses.

use super::cards;
use super::view::{Lag, LinkHealth, LinkState};
use crate::directory::site_record;
use crate::error::Result;
use crate::log::Lane;
use crate::site::Site;
use crate::sync::cursor::{self, Direction};
use crate::sync::{advice, outgoing, peer};
use crate::vietnamese;
use chrono::{DateTime, TimeDelta, Utc};

/// A peer is late once nothing was heard of it for this long: two greetings were due meanwhile.
const GRACE: TimeDelta = TimeDelta::seconds(150);
/// A peer is lost once nothing was heard of it for so many times its grace: usually a quarter of an hour.
const PATIENCE: i32 = 6;
/// A backlog older than this makes a peer late though it is heard of.
const OLDEST_BACKLOG: TimeDelta = TimeDelta::minutes(10);

/// How the link to `peer` is.
pub async fn of_peer(site: &Site, peer: &peer::Model) -> Result<LinkHealth> {
    let db = site.db.reader();
    let now = site.clock.now();
    let known = site_record::find(db, peer.site_id).await?;
    let (sending, oldest) = sending(site, peer).await?;
    Ok(LinkHealth {
        peer: known.map_or_else(|| peer.site_id.to_string(), |known| known.title),
        state: judge(&Observed::of(peer, oldest, None), now),
        last_contact: peer.last_contact_at.map(cards::moment),
        sending,
        receiving: receiving(site, peer).await?,
        trouble: trouble(peer, now),
    })
}

/// What keeps the link to `peer` from working: what, since when, when it is tried again, and what people
/// can do. Nothing is lost meanwhile.
pub fn trouble(peer: &peer::Model, now: DateTime<Utc>) -> Option<String> {
    if let Some(doubled) = doubled(peer) {
        return Some(format!(
            "{doubled}. {}",
            advice::what_to_do(advice::PEER_DOUBLED)
        ));
    }
    let slug = peer.last_error.as_deref()?;
    let what = peer.last_error_detail.as_deref().unwrap_or(slug);
    let mut words = vec![format!("{} ({slug}).", what.trim_end_matches('.'))];
    let moment = |at: i64| DateTime::from_timestamp_millis(at);
    if let Some(since) = peer.failing_since.and_then(moment) {
        words.push(format!("Từ {}.", vietnamese::date_time(since)));
    }
    if let Some(next) = peer.next_try_at.and_then(moment).filter(|next| *next > now) {
        let wait = (next - now).num_seconds().max(1);
        words.push(match wait {
            ..60 => format!("Tự thử lại sau {wait} giây."),
            _ => format!("Tự thử lại sau {}.", vietnamese::ago(next - now)),
        });
    }
    words.push(advice::what_to_do(slug).to_owned());
    Some(words.join(" "))
}

/// That two machines run `peer` at once, and since when.
pub fn doubled(peer: &peer::Model) -> Option<String> {
    let since = cards::moment(peer.doubled_since?).text;
    Some(format!("{} (từ {since})", advice::PEER_DOUBLED_WORDS))
}

/// What is known of a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Whether the link is paused on purpose.
    pub is_suspended: bool,
    /// When it was last heard of.
    pub last_contact: Option<DateTime<Utc>>,
    /// Since when the oldest item waits for it.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Vain attempts to reach it since the last success, or that it is two machines at once.
    pub failures: i64,
    /// How long nothing may be heard of it; none for the usual time.
    pub grace: Option<TimeDelta>,
}

/// How long nothing may be heard of a peer before it is late.
pub fn grace(own: Option<TimeDelta>) -> TimeDelta {
    own.unwrap_or(GRACE)
}

impl Observed {
    /// What is known of `peer`, for which something waits since `oldest_waiting`.
    pub fn of(
        peer: &peer::Model,
        oldest_waiting: Option<DateTime<Utc>>,
        grace: Option<TimeDelta>,
    ) -> Self {
        Self {
            is_suspended: !peer.is_active(),
            last_contact: peer
                .last_contact_at
                .and_then(DateTime::from_timestamp_millis),
            oldest_waiting,
            failures: peer.failures + i64::from(peer.is_doubled()),
            grace,
        }
    }
}

/// The state of a link in one word. A peer that is called and has nothing to receive may be silent
/// for a while: then only attempts that failed make it late before its time.
pub fn judge(observed: &Observed, now: DateTime<Utc>) -> LinkState {
    if observed.is_suspended {
        return LinkState::Paused;
    }
    let Some(last_contact) = observed.last_contact else {
        return LinkState::New;
    };
    let silence = now - last_contact;
    let grace = grace(observed.grace);
    let waits_long = observed
        .oldest_waiting
        .is_some_and(|since| now - since > OLDEST_BACKLOG.max(grace));
    match () {
        () if silence > grace * PATIENCE => LinkState::Lost,
        () if observed.failures > 0 || waits_long || silence > grace => LinkState::Late,
        () => LinkState::Online,
    }
}

/// What of ours the peer does not have yet, and since when the oldest of it waits.
async fn sending(site: &Site, peer: &peer::Model) -> Result<(Lag, Option<DateTime<Utc>>)> {
    let db = site.db.reader();
    let share = outgoing::Share::of(site, peer.site_id, peer.is_upstream()).await?;
    let mut waiting = 0;
    let mut oldest: Option<i64> = None;
    for lane in Lane::ALL {
        let after = cursor::get(db, peer.site_id, Direction::Out, lane)
            .await?
            .position_in(site.stream_id());
        let lag = share.lag(db, lane, after).await?;
        waiting += lag.waiting;
        oldest = oldest.into_iter().chain(lag.oldest).min();
    }
    let since = oldest.and_then(DateTime::from_timestamp_millis);
    let words = since.map(|since| {
        let age = vietnamese::ago(site.clock.now() - since);
        format!("mục cũ nhất chờ {age}")
    });
    let lag = Lag {
        oldest: words,
        ..words_of(waiting)
    };
    Ok((lag, since))
}

/// What of the peer's we do not have yet, as it last told.
async fn receiving(site: &Site, peer: &peer::Model) -> Result<Lag> {
    let cursors = cursor::of_peer(site.db.reader(), peer.site_id).await?;
    let behind: i64 = cursors
        .iter()
        .filter(|cursor| cursor.direction == Direction::In.as_str())
        .map(|cursor| (cursor.head - cursor.position).max(0))
        .sum();
    Ok(words_of(u64::try_from(behind).unwrap_or_default()))
}

fn words_of(items: u64) -> Lag {
    let shown = vietnamese::grouped(i64::try_from(items).unwrap_or(i64::MAX));
    Lag {
        items,
        text: match items {
            0 => "đã đủ".to_owned(),
            _ => format!("còn {shown} mục"),
        },
        oldest: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_new_online_late_lost_or_paused() {
        let now = DateTime::from_timestamp(1_795_386_793, 0).expect("a time");
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let heard = |seconds| Observed {
            last_contact: ago(seconds),
            ..Observed::default()
        };
        let cases = [
            ("never heard of", Observed::default(), LinkState::New),
            ("heard of just now", heard(5), LinkState::Online),
            ("silent beyond its grace", heard(151), LinkState::Late),
            (
                "silent for a quarter of an hour",
                heard(901),
                LinkState::Lost,
            ),
            (
                "heard of, but attempts fail",
                Observed {
                    failures: 1,
                    ..heard(5)
                },
                LinkState::Late,
            ),
            (
                "heard of, but does not take what waits",
                Observed {
                    oldest_waiting: ago(601),
                    ..heard(5)
                },
                LinkState::Late,
            ),
            (
                "silent, and allowed to be",
                Observed {
                    grace: Some(TimeDelta::hours(1)),
                    oldest_waiting: ago(901),
                    ..heard(901)
                },
                LinkState::Online,
            ),
            (
                "silent beyond what it is allowed",
                Observed {
                    grace: Some(TimeDelta::seconds(60)),
                    ..heard(361)
                },
                LinkState::Lost,
            ),
            (
                "paused, whatever else",
                Observed {
                    is_suspended: true,
                    ..heard(90_000)
                },
                LinkState::Paused,
            ),
        ];
        for (story, observed, expected) in cases {
            assert_eq!(judge(&observed, now), expected, "{story}");
        }
    }
}
