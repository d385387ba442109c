//! Which bulletins stand above the pages of a portal at a moment.

use super::bulletin::Bulletin;
use super::outage::Outage;
use super::record::{self, Told};
use crate::error::Result;
use crate::site::Site;
use crate::sync::audience::Membership;
use crate::units::{self, Tree};
use crate::vietnamese;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Most that stand above a page: beyond them nobody finds the page.
pub const MOST: usize = 5;

/// The pages of one portal.
#[derive(Clone, Debug)]
pub struct Pages {
    /// Whose they are.
    pub unit: Uuid,
    /// The unit and those above it, where it has to be looked whether a bulletin is for it. A member was sent what is
    /// for it, and need not know the province as the province does.
    pub tree: Option<Tree>,
}

impl Pages {
    /// Whether `bulletin` is for them. That a portal is out of service stands above its own pages alone.
    pub fn bear(&self, bulletin: &Bulletin) -> bool {
        if let Some(outage) = &bulletin.outage {
            return outage.unit == self.unit;
        }
        let membership = Membership {
            unit: self.unit,
            is_upstream: false,
        };
        self.tree.as_ref().is_none_or(|tree| {
            let mut sets = bulletin.receivers.iter();
            sets.any(|set| set.selects(&membership, tree))
        })
    }
}

/// Those of `told` that stand above `pages` at `now`, the most pressing first, of those the newest.
pub fn standing<'a>(told: &'a [Told], pages: &Pages, now: i64) -> Vec<&'a Told> {
    let mut standing: Vec<&Told> = told
        .iter()
        .filter(|one| one.bulletin.stands(now) && pages.bear(&one.bulletin))
        .collect();
    standing.sort_by_key(|one| (one.bulletin.level, -one.row.said_at, one.row.id));
    standing.truncate(MOST);
    standing
}

/// The first moment after `now` at which time alone changes what pages say.
pub fn next_turn(told: &[Told], now: i64) -> Option<i64> {
    let turns = told.iter().filter(|one| one.bulletin.lifted.is_none());
    turns
        .flat_map(|one| one.bulletin.turns())
        .filter(|turn| *turn > now)
        .min()
}

/// The same of all bulletins here.
pub async fn next_turn_of<C: ConnectionTrait>(db: &C, now: i64) -> Result<Option<i64>> {
    Ok(next_turn(&record::to_come(db, now).await?, now))
}

/// What stands above the pages of `site` now.
pub async fn of_site(site: &Site) -> Result<Vec<Told>> {
    let now = site.clock.now();
    let db = site.db.reader();
    let told = record::to_come(db, now.timestamp_millis()).await?;
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let is_ours = |one: &Told| one.row.site_id == site.id;
    let has_to_look = site.profile.shown_by.is_some() || told.iter().any(is_ours);
    let today = vietnamese::local(now).date_naive();
    let pages = Pages {
        unit: site.unit_id,
        tree: match has_to_look {
            true => Some(units::chain_on(db, today, site.unit_id).await?),
            false => None,
        },
    };
    let standing = standing(&told, &pages, now.timestamp_millis());
    Ok(standing.into_iter().cloned().collect())
}

/// The outage of the portal of `unit` that was announced and lasts at `now`.
pub fn outage_of(told: &[Told], unit: Uuid, now: i64) -> Option<&Outage> {
    told.iter()
        .filter(|one| one.bulletin.lifted.is_none())
        .filter_map(|one| one.bulletin.outage.as_ref())
        .find(|outage| outage.unit == unit && outage.is_on(now))
}
