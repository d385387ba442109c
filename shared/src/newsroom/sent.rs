//! The way of our own entries: sent to the hub, received there, published there or sent back.

use crate::entries::record;
use crate::error::Result;
use crate::log::{EventKind, Lane, event};
use crate::newsroom::verdict::Grade;
use crate::site::Site;
use crate::sync::cursor::{self, Direction};
use crate::sync::review::{self, ReviewDecision};
use crate::sync::{outgoing, peer};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use std::collections::HashMap;

/// One of our entries and how far it has come.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The entry.
    pub entry: record::Model,
    /// Its way.
    pub way: Way,
}

/// How far the current revision of an entry has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Waits to be sent.
    Waiting,
    /// The hub holds it and somebody there has to decide.
    Received,
    /// Published there.
    Accepted {
        /// Its page there.
        url: Option<String>,
        /// When, by the hub's clock; milliseconds.
        at: i64,
        /// Whether the hub holds the current revision yet.
        is_current: bool,
        /// How good the hub finds it, where it says so.
        grade: Option<Grade>,
    },
    /// Sent back.
    Returned {
        /// What is to be mended.
        reason: Option<String>,
        /// When, by the hub's clock; milliseconds.
        at: i64,
    },
    /// Not used there.
    Declined {
        /// When, by the hub's clock; milliseconds.
        at: i64,
    },
}

/// What a letter from the hub said about which revision.
#[derive(Clone, Debug)]
struct Letter {
    rev: i64,
    review: review::Model,
}

/// Our `limit` newest entries that are on their way to the hub; none on a site without one.
pub async fn list(site: &Site, limit: u64) -> Result<Vec<Sent>> {
    let db = site.db.reader();
    let Some(hub) = peer::upstream(db).await? else {
        return Ok(Vec::new());
    };
    let entries = record::Entity::find()
        .filter(record::Column::SiteId.eq(site.id))
        .filter(record::Column::State.eq(record::EntryState::Live.as_str()))
        .order_by_desc(record::Column::RevisedAt)
        .order_by_desc(record::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let places = places_of(site, &entries).await?;
    let mut letters = letters_of(site, hub.site_id, &entries).await?;
    let mut acknowledged = HashMap::new();
    for lane in Lane::ALL {
        acknowledged.insert(
            lane.as_str(),
            acknowledged_in(site, hub.site_id, lane).await?,
        );
    }
    let sent = entries.into_iter().filter_map(|entry| {
        // What no rule sends anywhere has no way to show.
        let place = places.get(&entry.event_id)?;
        let held = acknowledged.get(place.lane.as_str()).copied().unwrap_or(0);
        let letter = letters.remove(&entry.entry_id);
        let way = way_of(entry.rev, place.position <= held, letter);
        Some(Sent { entry, way })
    });
    Ok(sent.collect())
}

/// How far revision `rev` has come, whether or not the hub holds it, if `letter` is the last there was.
fn way_of(rev: i64, is_held: bool, letter: Option<Letter>) -> Way {
    let arrived = if is_held { Way::Received } else { Way::Waiting };
    let Some(Letter { rev: seen, review }) = letter else {
        return arrived;
    };
    let at = review.at;
    if review.decision == ReviewDecision::Accepted.as_str() {
        // What was accepted once is followed by its revisions.
        return Way::Accepted {
            url: review.url,
            at,
            is_current: is_held || seen >= rev,
            grade: review.grade.as_deref().and_then(Grade::parse),
        };
    }
    let is_again = review.decision == ReviewDecision::Reinstated.as_str();
    if seen < rev || is_again {
        return arrived;
    }
    if review.decision == ReviewDecision::Returned.as_str() {
        Way::Returned {
            reason: review.reason,
            at,
        }
    } else {
        Way::Declined { at }
    }
}

/// Where the current revisions stand in our stream, by event.
async fn places_of(
    site: &Site,
    entries: &[record::Model],
) -> Result<HashMap<i64, outgoing::Model>> {
    let events = entries.iter().map(|entry| entry.event_id);
    let places = outgoing::Entity::find()
        .filter(outgoing::Column::EventId.is_in(events))
        .order_by_desc(outgoing::Column::Position)
        .all(site.db.reader())
        .await?;
    // Put in again for others, it still arrived at the hub at its first place.
    Ok(places
        .into_iter()
        .map(|place| (place.event_id, place))
        .collect())
}

/// How far the hub has acknowledged `lane` of our stream; of an earlier stream, nothing counts.
async fn acknowledged_in(site: &Site, hub: Uuid, lane: Lane) -> Result<i64> {
    let acknowledged = cursor::get(site.db.reader(), hub, Direction::Out, lane).await?;
    Ok(acknowledged.position_in(site.stream_id()))
}

async fn letters_of(
    site: &Site,
    hub: Uuid,
    entries: &[record::Model],
) -> Result<HashMap<Uuid, Letter>> {
    let db = site.db.reader();
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.entry_id).collect();
    let revisions: HashMap<Uuid, i64> = event::Entity::find()
        .filter(event::Column::EntryId.is_in(ids.iter().copied()))
        .filter(event::Column::Kind.eq(EventKind::LetterReview.as_str()))
        .filter(event::Column::SiteId.eq(hub))
        .order_by_asc(event::Column::Seq)
        .all(db)
        .await?
        .into_iter()
        .filter_map(|letter| Some((letter.entry_id?, letter.rev)))
        .collect();
    Ok(review::of_entries(db, &ids)
        .await?
        .into_iter()
        .filter(|review| review.site_id == hub)
        .filter_map(|review| {
            let rev = *revisions.get(&review.entry_id)?;
            Some((review.entry_id, Letter { rev, review }))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(rev: i64, decision: ReviewDecision) -> Option<Letter> {
        Some(Letter {
            rev,
            review: review::Model {
                entry_id: Uuid::nil(),
                site_id: Uuid::nil(),
                decision: decision.as_str().to_owned(),
                reason: Some("Thiếu ảnh".to_owned()),
                url: None,
                at: 9,
                grade: Some("a".to_owned()),
            },
        })
    }

    #[test]
    fn the_way_is_told_of_the_revision_that_was_sent_last() {
        use ReviewDecision::{Accepted, Declined, Reinstated, Returned};
        let accepted = |is_current| Way::Accepted {
            url: None,
            at: 9,
            is_current,
            grade: Some(Grade::A),
        };
        let returned = Way::Returned {
            reason: Some("Thiếu ảnh".to_owned()),
            at: 9,
        };
        for (rev, is_held, letter, expected) in [
            (1, false, None, Way::Waiting),
            (1, true, None, Way::Received),
            (1, true, letter(1, Returned), returned),
            (2, false, letter(1, Returned), Way::Waiting),
            (2, true, letter(1, Returned), Way::Received),
            (1, true, letter(1, Declined), Way::Declined { at: 9 }),
            (1, true, letter(1, Reinstated), Way::Received),
            (1, true, letter(1, Accepted), accepted(true)),
            (2, false, letter(1, Accepted), accepted(false)),
            (2, true, letter(1, Accepted), accepted(true)),
        ] {
            assert_eq!(way_of(rev, is_held, letter), expected, "{rev} {is_held}");
        }
    }
}
