//! How the link to a peer is, in the words every page uses.

use super::cards;
use super::view::{Lag, LinkHealth, LinkState};
use crate::directory::site_record;
use crate::error::Result;
use crate::log::Lane;
use crate::site::Site;
use crate::sync::cursor::{self, Direction};
use crate::sync::{outgoing, peer};
use crate::vietnamese;
use chrono::{DateTime, TimeDelta, Utc};

/// A link that was heard of within this time is on.
const ONLINE: TimeDelta = TimeDelta::minutes(3);
/// A link that was heard of within this time is late; after it, lost.
const LATE: TimeDelta = TimeDelta::minutes(30);

/// How the link to `peer` is.
pub async fn of_peer(site: &Site, peer: &peer::Model) -> Result<LinkHealth> {
    let db = site.db.reader();
    let now = site.clock.now();
    let known = site_record::find(db, peer.site_id).await?;
    Ok(LinkHealth {
        peer: known.map_or_else(|| peer.site_id.to_string(), |known| known.title),
        state: state_of(peer, now),
        last_contact: peer.last_contact_at.map(cards::moment),
        sending: sending(site, peer).await?,
        receiving: receiving(site, peer).await?,
        trouble: peer.last_error_detail.clone(),
    })
}

/// In a word.
pub fn state_of(peer: &peer::Model, now: DateTime<Utc>) -> LinkState {
    if !peer.is_active() {
        return LinkState::Paused;
    }
    let heard = peer
        .last_contact_at
        .and_then(DateTime::from_timestamp_millis);
    match heard.map(|heard| now - heard) {
        None => LinkState::New,
        Some(silence) if silence <= ONLINE => LinkState::Online,
        Some(silence) if silence <= LATE => LinkState::Late,
        Some(_) => LinkState::Lost,
    }
}

/// What of ours the peer does not have yet.
pub async fn sending(site: &Site, peer: &peer::Model) -> Result<Lag> {
    let db = site.db.reader();
    let share = outgoing::Share::of(site, peer.site_id, peer.is_upstream()).await?;
    let mut waiting = 0;
    let mut oldest: Option<i64> = None;
    for lane in Lane::ALL {
        let place = cursor::get(db, peer.site_id, Direction::Out, lane).await?;
        let is_this_stream = place.stream == Some(site.stream_id());
        let after = if is_this_stream { place.position } else { 0 };
        let lag = share.lag(db, lane, after).await?;
        waiting += lag.waiting;
        oldest = oldest.into_iter().chain(lag.oldest).min();
    }
    let since = oldest.and_then(DateTime::from_timestamp_millis);
    Ok(Lag {
        oldest: since.map(|since| {
            let age = vietnamese::ago(site.clock.now() - since);
            format!("mục cũ nhất chờ {age}")
        }),
        ..words_of(waiting)
    })
}

/// What of the peer's we do not have yet, as it last told.
pub async fn receiving(site: &Site, peer: &peer::Model) -> Result<Lag> {
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
    use crate::sync::peer::{LinkMode, PeerState, Role};

    #[test]
    fn silence_is_told_in_four_words_and_a_pause_in_a_fifth() {
        let now = crate::testing::noon();
        let heard = |minutes: Option<i64>, state: PeerState| peer::Model {
            site_id: crate::testing::HUB,
            role: Role::Upstream.as_str().to_owned(),
            link: LinkMode::Push.as_str().to_owned(),
            state: state.as_str().to_owned(),
            last_contact_at: minutes.map(|m| (now - TimeDelta::minutes(m)).timestamp_millis()),
            last_delivery_at: None,
            last_error: None,
            last_error_detail: None,
            failures: 0,
            clock_skew_ms: None,
            version: None,
            added_at: 0,
        };
        for (minutes, state, expected) in [
            (None, PeerState::Active, LinkState::New),
            (Some(3), PeerState::Active, LinkState::Online),
            (Some(4), PeerState::Active, LinkState::Late),
            (Some(31), PeerState::Active, LinkState::Lost),
            (Some(0), PeerState::Suspended, LinkState::Paused),
        ] {
            assert_eq!(state_of(&heard(minutes, state), now), expected);
        }
    }
}
