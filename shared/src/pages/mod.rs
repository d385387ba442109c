//! What citizens and staff see: page structs, templates and their handlers.
//!
//! A page is its query and its handler in one file; its struct and template are in [`templates`],
//! and what they are filled with in [`view`].

pub mod assets;
pub mod body_pictures;
pub mod cards;
pub mod display;
pub mod entry_page;
pub mod error_page;
pub mod frame;
pub mod front_page;
pub mod highlight;
pub mod json_ld;
pub mod link_health;
pub mod newsroom;
pub mod search;
pub mod section;
pub mod sitemap;
pub mod templates;
pub mod view;
pub mod visit;

#[cfg(test)]
mod tests;

use crate::site::Site;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The public pages of a site.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(front_page::show))
        .route("/tin-tuc", get(section::news))
        .route("/van-ban", get(section::documents))
        .route("/thong-bao", get(section::notices))
        .route("/chuyen-muc/{section}", get(section::section))
        .route("/bai-viet/{slug}", get(entry_page::show))
        .route("/van-ban/{slug}", get(entry_page::show))
        .route("/thong-bao/{slug}", get(entry_page::show))
        .route("/trang/{slug}", get(entry_page::show))
        .route("/tim-kiem", get(search::show))
        .route("/hien-thi", get(display::show))
        .route("/sitemap.xml", get(sitemap::index))
        .route("/sitemap/{part}", get(sitemap::part))
        .route("/robots.txt", get(sitemap::robots))
        .merge(assets::routes())
}
