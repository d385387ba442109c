//! The units somebody can turn to, and what they are called.

use crate::directory::site_record;
use crate::error::Result;
use crate::pages::cards;
use crate::pages::view::Choice;
use crate::site::Site;
use crate::sync::peer;
use crate::units::{self, Tree};
use crate::vietnamese::{self, fold};
use uuid::Uuid;

/// The units with a site that takes letters in, by name: this one first, the province next.
pub async fn choices(site: &Site, chosen: Uuid) -> Result<Vec<Choice>> {
    let db = site.db.reader();
    let sites: Vec<_> = site_record::all(db)
        .await?
        .into_iter()
        .filter(|record| record.is_active() && !record.is_feed())
        .collect();
    let mut ids: Vec<Uuid> = sites.iter().map(|record| record.unit_id).collect();
    ids.push(site.unit_id);
    let names = names(site, &ids).await?;
    let hub = peer::upstream(db).await?.map(|hub| hub.site_id);
    let mut all: Vec<(u8, String, Uuid, String)> = sites
        .iter()
        .filter(|record| record.id != site.id)
        .map(|record| {
            let name = name_in(&names, record.unit_id, site);
            let rank = if Some(record.id) == hub { 1 } else { 2 };
            (rank, fold(&name), record.unit_id, name)
        })
        .collect();
    let own = name_in(&names, site.unit_id, site);
    all.push((0, String::new(), site.unit_id, own));
    all.sort();
    let choice = |(_, _, unit, name): (u8, String, Uuid, String)| {
        Choice::new(unit.to_string(), name, unit == chosen)
    };
    Ok(all.into_iter().map(choice).collect())
}

/// Whether letters reach `unit`, or it is this one.
pub async fn is_reached(site: &Site, unit: Uuid) -> Result<bool> {
    if unit == site.unit_id {
        return Ok(true);
    }
    let record = site_record::of_unit(site.db.reader(), unit).await?;
    Ok(record.is_some_and(|record| record.is_active() && !record.is_feed()))
}

/// The units `ids` as they are today.
pub async fn names(site: &Site, ids: &[Uuid]) -> Result<Tree> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    units::some_on(site.db.reader(), today, ids).await
}

/// What `unit` is called.
pub fn name_in(tree: &Tree, unit: Uuid, site: &Site) -> String {
    match tree.get(unit) {
        Some(known) => cards::capitalised(&known.name),
        None if unit == site.unit_id => cards::capitalised(&site.profile.unit_name),
        None => "Một đơn vị khác".to_owned(),
    }
}
