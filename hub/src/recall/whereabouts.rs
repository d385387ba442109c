//! Where an entry is: which members were to receive it, and which of them acknowledged what.

use crate::members::recipients;
use shared::directory::site_record;
use shared::error::Result;
use shared::log::Lane;
use shared::site::Site;
use shared::sync::cursor::{self, Direction};
use shared::sync::outgoing::{self, SentAs};
use shared::units::{self, Tree};
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// What a member has of an entry, by what it acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Has {
    /// Nothing yet: it waits for the member.
    Nothing,
    /// An earlier revision.
    Earlier,
    /// All that was sent.
    Current,
}

/// A member that was to receive an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The member.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// What it has.
    pub has: Has,
}

/// The members that were to receive the entry `entry`, and its origin if that is a member; those that have least first.
/// Four queries and one for the units, however many members there are.
pub async fn of(site: &Site, entry: Uuid, origin: Uuid) -> Result<Vec<Holder>> {
    let db = site.db.reader();
    let sent = outgoing::sent_of(db, entry).await?;
    let mut members = recipients::exchanged_with(db).await?;
    // Archives stand where the province shows them.
    let closed = site_record::closed(db).await?;
    members.retain(|(id, _)| closed.iter().all(|site| site.id != *id));
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = units::tree_on(db, today).await?;
    let reached = reached(site.stream_id(), &cursor::all(db, Direction::Out).await?);
    let mut holders: Vec<Holder> = members
        .into_iter()
        .filter_map(|(id, unit)| {
            let has = match id == origin {
                true => Has::Current,
                false => has(&sent, unit, &tree, |lane| {
                    reached.get(&(id, lane)).copied().unwrap_or_default()
                })?,
            };
            Some(Holder {
                site: id,
                unit,
                has,
            })
        })
        .collect();
    holders.sort_by_key(|holder| (holder.has, holder.site));
    Ok(holders)
}

/// How far each member has acknowledged each lane of our stream.
fn reached(stream: Uuid, cursors: &[cursor::Model]) -> HashMap<(Uuid, Lane), i64> {
    let of_ours = cursors.iter().filter(|cursor| cursor.stream_id == stream);
    of_ours
        .filter_map(|cursor| {
            let lane = Lane::parse(&cursor.lane)?;
            Some(((cursor.site_id, lane), cursor.position))
        })
        .collect()
}

/// What a member of `unit` has of what was `sent`, whose lanes it has acknowledged up to `reached`; none if nothing of it
/// was for it.
fn has(sent: &[SentAs], unit: Uuid, tree: &Tree, reached: impl Fn(Lane) -> i64) -> Option<Has> {
    let for_it: Vec<&SentAs> = sent
        .iter()
        .filter(|sent| recipients::is_delivered(&sent.audience, unit, tree))
        .collect();
    // The same revision may have been sent twice, to more and more.
    let last = for_it.iter().map(|sent| sent.rev).max()?;
    let arrived = for_it
        .iter()
        .filter(|sent| sent.position <= reached(sent.lane))
        .map(|sent| sent.rev)
        .max();
    Some(match arrived {
        None => Has::Nothing,
        Some(rev) if rev < last => Has::Earlier,
        Some(_) => Has::Current,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::entries::Mode;
    use shared::sync::{Audience, Selector};

    #[test]
    fn what_a_member_has_is_what_it_acknowledged_of_what_was_for_it() {
        let [ours, other] = [1, 2].map(Uuid::from_u128);
        let sent = |rev, position, lane, to: Uuid, mode| SentAs {
            rev,
            position,
            lane,
            audience: Audience::of(Selector::Unit(to), mode),
        };
        use Lane::{Regular, Urgent};
        use Mode::{FeedOnly, Suggested};
        let tree = Tree::default();
        for (sent, regular, urgent, expected) in [
            (vec![], 9, 9, None),
            (vec![sent(1, 5, Regular, other, Suggested)], 9, 9, None),
            // A feed of its own to look at is no delivery.
            (vec![sent(1, 5, Regular, ours, FeedOnly)], 9, 9, None),
            (
                vec![sent(1, 5, Regular, ours, Suggested)],
                4,
                9,
                Some(Has::Nothing),
            ),
            (
                vec![sent(1, 5, Regular, ours, Suggested)],
                5,
                0,
                Some(Has::Current),
            ),
            (
                vec![
                    sent(1, 5, Regular, ours, Suggested),
                    sent(2, 8, Regular, ours, Suggested),
                ],
                7,
                0,
                Some(Has::Earlier),
            ),
            // An urgent revision overtakes the one before it.
            (
                vec![
                    sent(1, 5, Regular, ours, Suggested),
                    sent(2, 8, Urgent, ours, Suggested),
                ],
                0,
                8,
                Some(Has::Current),
            ),
            // Accepted by the province, and sent once more for that.
            (
                vec![
                    sent(1, 5, Regular, ours, Suggested),
                    sent(1, 9, Regular, ours, Suggested),
                ],
                6,
                0,
                Some(Has::Current),
            ),
        ] {
            let reached = |lane| match lane {
                Regular => regular,
                Urgent => urgent,
            };
            assert_eq!(has(&sent, ours, &tree, reached), expected, "{sent:?}");
        }
    }
}
