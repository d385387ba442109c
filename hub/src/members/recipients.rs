//! The members something is delivered to.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use shared::directory::site_record;
use shared::entries::Mode;
use shared::error::Result;
use shared::log::event;
use shared::site::Site;
use shared::sync::audience::Membership;
use shared::sync::{Audience, peer};
use shared::units::{self, Tree};
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// The members that `event` is delivered to, each with its unit.
pub async fn of_event(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
) -> Result<Vec<(Uuid, Uuid)>> {
    let audience = site.role.recipients(tx, site, event).await?;
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = units::tree_on(tx, today).await?;
    let mut members = exchanged_with(tx).await?;
    members.retain(|(_, unit)| is_delivered(&audience, *unit, &tree));
    Ok(members)
}

/// The members exchanged with, each with its unit: in two questions, however many they are.
pub async fn exchanged_with<C: ConnectionTrait>(db: &C) -> Result<Vec<(Uuid, Uuid)>> {
    let units: HashMap<Uuid, Uuid> = site_record::all(db)
        .await?
        .into_iter()
        .map(|site| (site.id, site.unit_id))
        .collect();
    let peers = peer::all(db).await?.into_iter();
    let members = peers.filter(|peer| !peer.is_upstream());
    Ok(members
        .filter_map(|peer| Some((peer.site_id, *units.get(&peer.site_id)?)))
        .collect())
}

/// Whether what is for `audience` is delivered to the member of `unit`: a feed of its own to look at is no delivery.
pub fn is_delivered(audience: &Audience, unit: Uuid, tree: &Tree) -> bool {
    let membership = Membership {
        unit,
        is_upstream: false,
    };
    let mode = audience.mode_for(&membership, tree);
    mode.and_then(Mode::first_placing).is_some()
}
