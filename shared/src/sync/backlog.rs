//! What of the stream waits for each of many peers, in one look at its end: what a page about all members can
//! afford, whose cost must not be members times what is held.
//!
//! For one peer, exactly and however far it is behind, [`Share::lag`] says the same.

use super::audience::{self, Audience, Membership};
use super::cursor::{self, Direction};
use super::outgoing::{self, Share};
use crate::error::Result;
use crate::log::Lane;
use crate::units::Tree;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// Places of each lane that are looked at, from its end. Who is further behind is told so.
pub const WINDOW: u64 = 20_000;

/// A peer whose share is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its site.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
}

impl Receiver {
    fn membership(&self) -> Membership {
        Membership {
            unit: self.unit,
            is_upstream: false,
        }
    }
}

/// What waits for a peer in one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many events.
    pub items: u64,
    /// Since when the oldest of them waits; milliseconds.
    pub oldest: Option<i64>,
    /// Whether it is more than that, and the oldest older: it begins before the window.
    pub or_more: bool,
}

/// What waits for each of `receivers`, by site: in the urgent and in the regular lane of `stream`, which is ours.
pub async fn of_all<C: ConnectionTrait>(
    db: &C,
    stream: Uuid,
    receivers: &[Receiver],
    tree: &Tree,
) -> Result<HashMap<Uuid, [Waiting; 2]>> {
    let mut acknowledged: HashMap<(Uuid, String), i64> = HashMap::new();
    let cursors = cursor::Entity::find()
        .filter(cursor::Column::Direction.eq(Direction::Out.as_str()))
        .filter(cursor::Column::StreamId.eq(stream))
        .all(db)
        .await?;
    for cursor in cursors {
        acknowledged.insert((cursor.site_id, cursor.lane), cursor.position);
    }
    let mut waiting: HashMap<Uuid, [Waiting; 2]> = receivers
        .iter()
        .map(|receiver| (receiver.site, Default::default()))
        .collect();
    for (at, lane) in Lane::ALL.into_iter().enumerate() {
        let behind = |receiver: &Receiver| {
            let key = (receiver.site, lane.as_str().to_owned());
            acknowledged.get(&key).copied().unwrap_or_default()
        };
        let end = End::read(db, lane).await?;
        for (receiver, mut lag) in end.waiting(receivers, tree, behind) {
            if lag.or_more && lag.items == 0 {
                // Nothing in the window is for it, which says nothing of what stands before. Such are few: most of
                // what a hub says is for everybody.
                lag = exactly(db, receiver, tree, lane, behind(receiver)).await?;
            }
            if let Some(lanes) = waiting.get_mut(&receiver.site) {
                lanes[at] = lag;
            }
        }
    }
    Ok(waiting)
}

async fn exactly<C: ConnectionTrait>(
    db: &C,
    receiver: &Receiver,
    tree: &Tree,
    lane: Lane,
    after: i64,
) -> Result<Waiting> {
    let share = Share::within(db, tree, receiver.site, receiver.membership()).await?;
    let lag = share.lag(db, lane, after).await?;
    Ok(Waiting {
        items: lag.waiting,
        oldest: lag.oldest,
        or_more: false,
    })
}

/// The end of one lane.
#[derive(Clone, Debug, Default)]
struct End {
    /// The last places, in their order, with the audience of each.
    places: Vec<Place>,
    /// Whether something stands before them.
    is_cut: bool,
    /// The audiences of these places.
    audiences: HashMap<i64, Audience>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sea_orm::FromQueryResult)]
struct Place {
    position: i64,
    audience_id: i64,
    origin: Uuid,
    added_at: i64,
}

impl End {
    async fn read<C: ConnectionTrait>(db: &C, lane: Lane) -> Result<Self> {
        let mut places: Vec<Place> = outgoing::Entity::find()
            .select_only()
            .columns([
                outgoing::Column::Position,
                outgoing::Column::AudienceId,
                outgoing::Column::Origin,
                outgoing::Column::AddedAt,
            ])
            .filter(outgoing::Column::Lane.eq(lane.as_str()))
            .order_by_desc(outgoing::Column::Position)
            .limit(WINDOW + 1)
            .into_model()
            .all(db)
            .await?;
        let is_cut = places.len() as u64 > WINDOW;
        places.truncate(usize::try_from(WINDOW).unwrap_or(usize::MAX));
        places.reverse();
        let mut audiences = HashMap::new();
        let ids: std::collections::BTreeSet<i64> =
            places.iter().map(|place| place.audience_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        // Fewer than what a statement of SQLite takes.
        for some in ids.chunks(10_000) {
            let stored = audience::Entity::find()
                .filter(audience::Column::Id.is_in(some.iter().copied()))
                .all(db)
                .await?;
            for stored in stored {
                let rule = serde_json::from_str(&stored.rule).map_err(anyhow::Error::new)?;
                audiences.insert(stored.id, rule);
            }
        }
        Ok(Self {
            places,
            is_cut,
            audiences,
        })
    }

    /// What stands after the place each receiver has acknowledged, of what is for it.
    fn waiting<'a>(
        &self,
        receivers: &'a [Receiver],
        tree: &Tree,
        acknowledged: impl Fn(&Receiver) -> i64,
    ) -> Vec<(&'a Receiver, Waiting)> {
        let last = self.places.last().map_or(0, |place| place.position);
        let first = self.places.first().map_or(0, |place| place.position);
        let late: Vec<(&Receiver, i64)> = receivers
            .iter()
            .map(|receiver| (receiver, acknowledged(receiver)))
            .filter(|(_, after)| *after < last)
            .collect();
        let mut of_audience: HashMap<i64, Vec<Place>> = HashMap::new();
        for place in &self.places {
            of_audience
                .entry(place.audience_id)
                .or_default()
                .push(*place);
        }
        let mut by_unit: HashMap<Uuid, Vec<usize>> = HashMap::new();
        for (number, (receiver, _)) in late.iter().enumerate() {
            by_unit.entry(receiver.unit).or_default().push(number);
        }
        let mut found = vec![Waiting::default(); late.len()];
        for (id, places) in &of_audience {
            let Some(audience) = self.audiences.get(id) else {
                continue;
            };
            // Letters are for one unit each: whoever else there is need not be asked.
            let asked: Vec<usize> = match audience.units_alone() {
                Some(units) => units
                    .iter()
                    .flat_map(|unit| by_unit.get(unit).into_iter().flatten().copied())
                    .collect(),
                None => (0..late.len()).collect(),
            };
            for number in asked {
                let (receiver, after) = late[number];
                let mode = audience.mode_for(&receiver.membership(), tree);
                if mode.and_then(|mode| mode.first_placing()).is_none() {
                    continue;
                }
                let from = places.partition_point(|place| place.position <= after);
                let own = |place: &&Place| place.origin == receiver.site;
                let waits = &places[from..];
                let items = (waits.len() - waits.iter().filter(own).count()) as u64;
                let oldest = waits.iter().find(|place| !own(place));
                let lag = &mut found[number];
                lag.items += items;
                lag.oldest = lag
                    .oldest
                    .into_iter()
                    .chain(oldest.map(|place| place.added_at))
                    .min();
            }
        }
        late.into_iter()
            .zip(found)
            .map(|((receiver, after), lag)| {
                let or_more = self.is_cut && after < first - 1;
                (receiver, Waiting { or_more, ..lag })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::audience::Selector;
    use super::*;
    use crate::entries::Mode;

    #[test]
    fn each_waits_for_what_is_for_it_and_not_its_own() {
        let [one, two] = [1, 2].map(|number| Receiver {
            site: Uuid::from_u128(number),
            unit: Uuid::from_u128(10 + number),
        });
        let everyone = Audience::of(Selector::Everyone, Mode::Mandatory);
        let first_alone = Audience::of(Selector::Unit(one.unit), Mode::Own);
        let feed_only = Audience::of(Selector::Everyone, Mode::FeedOnly);
        let place = |position, audience_id, origin: u128| Place {
            position,
            audience_id,
            origin: Uuid::from_u128(origin),
            added_at: 1_000 * position,
        };
        let end = End {
            places: vec![
                place(11, 1, 9),
                place(12, 2, 9),
                place(14, 1, 1),
                place(15, 3, 9),
                place(17, 1, 9),
            ],
            is_cut: true,
            audiences: HashMap::from([(1, everyone), (2, first_alone), (3, feed_only)]),
        };
        let waiting = |items, oldest, or_more| Waiting {
            items,
            oldest,
            or_more,
        };
        let none = waiting(0, None, false);
        for (story, after, expected) in [
            ("both have all", [17, 17], [none, none]),
            (
                "its own words and those of feeds are not waited for",
                [12, 12],
                [
                    waiting(1, Some(17_000), false),
                    waiting(2, Some(14_000), false),
                ],
            ),
            (
                "a letter to one",
                [11, 11],
                [
                    waiting(2, Some(12_000), false),
                    waiting(2, Some(14_000), false),
                ],
            ),
            (
                "just at the window, and before it",
                [10, 3],
                [
                    waiting(3, Some(11_000), false),
                    waiting(3, Some(11_000), true),
                ],
            ),
        ] {
            let told: HashMap<Uuid, Waiting> = end
                .waiting(&[one, two], &Tree::default(), |receiver| match *receiver {
                    receiver if receiver == one => after[0],
                    _ => after[1],
                })
                .into_iter()
                .map(|(receiver, waiting)| (receiver.site, waiting))
                .collect();
            let of = |receiver: Receiver| told.get(&receiver.site).copied().unwrap_or_default();
            assert_eq!([of(one), of(two)], expected, "{story}");
        }
    }
}
