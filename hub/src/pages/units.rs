//! `/don-vi`: the units of the province and their portals, for citizens.

use axum::extract::State;
use axum::response::Response;
use shared::directory::site_record;
use shared::error::Result;
use shared::pages::frame::Around;
use shared::pages::templates::UnitsPage;
use shared::pages::view::{UnitCard, UnitGroup};
use shared::pages::visit::Visit;
use shared::site::Site;
use shared::vietnamese::{self, fold, grouped};
use std::sync::Arc;

/// The page.
pub(super) const PATH: &str = "/don-vi";

const GROUPS: [(&[&str], &str); 4] = [
    (&["phuong"], "Phường"),
    (&["xa"], "Xã"),
    (&["dac_khu"], "Đặc khu"),
    (&[], "Sở, ban, ngành và đơn vị sự nghiệp"),
];

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let mut around = Around::load(&site, &visit).await?;
    around.is_page("Các đơn vị", PATH);
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let mut groups: Vec<UnitGroup> = GROUPS
        .iter()
        .map(|(_, heading)| UnitGroup {
            heading: (*heading).to_owned(),
            units: Vec::new(),
        })
        .collect();
    let mut count = 0;
    for member in site_record::all(db).await? {
        if member.id == site.id || !member.is_active() {
            continue;
        }
        let unit = tree.get(member.unit_id);
        let kind = unit.map_or("", |unit| unit.kind.as_str());
        let group = GROUPS.iter().position(|(kinds, _)| kinds.contains(&kind));
        let card = UnitCard {
            name: tree.name_of(member.unit_id),
            host: member
                .base_url
                .split("://")
                .last()
                .unwrap_or_default()
                .to_owned(),
            url: Some(member.base_url),
            ..UnitCard::default()
        };
        groups[group.unwrap_or(GROUPS.len() - 1)].units.push(card);
        count += 1;
    }
    for group in &mut groups {
        group.units.sort_by_key(|unit| fold(&unit.name));
    }
    groups.retain(|group| !group.units.is_empty());
    visit.answer(&UnitsPage {
        frame: around.frame,
        summary: format!("{} đơn vị", grouped(count)),
        groups,
    })
}
