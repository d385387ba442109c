//! The province's own pages: who its units are, and the desk from which it runs its members.

mod enrol;
mod keys;
mod members;
mod quarantine;
mod recall;
mod routes;
mod unit_feed;
mod units;

use axum::Router;
use axum::routing::get;
use shared::accounts::Right;
use shared::directory::{revocation, site_record};
use shared::error::Result;
use shared::pages::view::{DeskItem, Link};
use shared::site::Site;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route(units::PATH, get(units::show))
        .route("/don-vi/{unit}/atom", get(unit_feed::show))
        .route(members::PATH, get(members::list))
        .route(enrol::PATH, get(enrol::begin).post(enrol::enrol))
        .route(keys::PATH, get(keys::show).post(keys::change))
        .route(
            quarantine::PATH,
            get(quarantine::list).post(quarantine::decide),
        )
        .route(routes::PATH, get(routes::list).post(routes::change))
        .route(routes::NEW, axum::routing::post(routes::add))
        .route(recall::PATH, get(recall::list))
        .route(recall::NEW, get(recall::begin).post(recall::order))
        .route("/quan-tri/thu-hoi/{recall}", get(recall::one))
}

/// The way from an entry to the form that recalls it everywhere.
pub fn recall_link(entry: uuid::Uuid) -> Link {
    recall::link(entry)
}

/// What the hub's desk offers besides what every desk does.
pub async fn desk_items(site: &Site) -> Result<Vec<(Right, DeskItem)>> {
    let db = site.db.reader();
    let item = |label: &str, url: &str, icon: &str, count: u64| DeskItem {
        label: label.to_owned(),
        url: url.to_owned(),
        icon: icon.to_owned(),
        current: false,
        count: u32::try_from(count).unwrap_or(u32::MAX),
    };
    let invited = site_record::count_invited(db).await?;
    let held = revocation::count_held(db).await?;
    let open = crate::recall::progress::count_open(db).await?;
    Ok(vec![
        (
            Right::SeeSync,
            item("Đơn vị", members::PATH, "building-community", invited),
        ),
        (
            Right::ManageRoutes,
            item("Tuyến tin", routes::PATH, "route", 0),
        ),
        (
            Right::SeeSync,
            item("Bị cách ly", quarantine::PATH, "alert-triangle", held),
        ),
        (
            Right::SeeSync,
            item("Thu hồi", recall::PATH, "arrow-back-up", open),
        ),
    ])
}
