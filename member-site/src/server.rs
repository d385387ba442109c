//! A member site being served: the routes of every site.

use crate::inbox::Member;
use shared::folder::Folder;
use shared::portal::{self, Portal};
use shared::sync;
use std::sync::Arc;

/// Opens the site in `folder` with all its routes.
pub async fn open(folder: &Folder) -> anyhow::Result<Portal> {
    let (site, settings) = portal::open::<migrations::SiteSchema>(folder, Arc::new(Member)).await?;
    let api = sync::api::routes()
        .merge(sync::key_history::routes())
        .with_state(Arc::clone(&site));
    let routes = portal::routes(&site, api, portal::Own::default());
    let renderer = portal::renderer(&site);
    Ok(Portal {
        site,
        folder: folder.clone(),
        settings,
        routes,
        renderer,
    })
}
