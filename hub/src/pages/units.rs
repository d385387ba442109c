//! `/don-vi`: the units of the province and their portals, for citizens.

use super::ranking::public;
use axum::extract::State;
use axum::response::Response;
use shared::directory::site_record;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::frame::Around;
use shared::pages::templates::UnitsPage;
use shared::pages::view::{FormerUnit, Link, UnitCard, UnitGroup};
use shared::pages::visit::Visit;
use shared::site::Site;
use shared::units::{Tree, attribute, succession};
use shared::vietnamese::{self, fold, grouped};
use std::sync::Arc;

/// The page.
pub(super) const PATH: &str = "/don-vi";
/// Where it tells of the units that are no more.
pub const FORMER: &str = "/don-vi#truoc-sap-nhap";

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
        ranking: public::is_there(&site)
            .await?
            .then(|| public::PATH.to_owned()),
        groups,
        former: former(&site).await?,
    })
}

/// The units that are no more, by name.
async fn former(site: &Site) -> Result<Vec<FormerUnit>> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let attributes = attribute::all(db).await?;
    let tree = Tree::on(today, &attributes);
    let sites = site_record::all(db).await?;
    let active = |unit| {
        let mut active = sites.iter().filter(|site| site.is_active());
        active.find(|site| site.unit_id == unit)
    };
    let mut former = Vec::new();
    for unit in tree.units().filter(|unit| unit.is_former) {
        let heirs = succession::heirs_among(unit.id, today, &attributes);
        let Some(first) = heirs.first() else {
            continue;
        };
        let archive = sites
            .iter()
            .find(|site| site.unit_id == unit.id && site.is_closed());
        former.push(FormerUnit {
            name: cards::capitalised(&unit.name),
            heirs: heirs
                .iter()
                .map(|heir| {
                    let at = active(heir.unit).map(|site| format!("{}/", site.base_url));
                    Link::new(tree.name_of(heir.unit), at.unwrap_or_default())
                })
                .collect(),
            since: first.since.map(cards::day),
            basis: first.basis.clone(),
            archive: archive.map(|site| site.base_url.clone()),
        });
    }
    former.sort_by_cached_key(|unit| fold(&unit.name));
    Ok(former)
}
