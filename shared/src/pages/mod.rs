//! What citizens and staff see: page structs, templates and their handlers.
//!
//! A page is its query and its handler in one file; its struct and template are in [`templates`],
//! and what they are filled with in [`view`].

pub mod about;
pub mod assets;
pub mod body_pictures;
pub mod bulletins;
pub mod calendar;
pub mod calendar_feed;
pub mod cards;
pub mod citizens;
pub mod closed;
pub mod consultations;
pub mod display;
pub mod documents;
pub mod dublin_core;
pub mod entry_page;
pub mod error_page;
pub mod former_host;
pub mod frame;
pub mod front_page;
pub mod gallery;
pub mod highlight;
pub mod json_ld;
pub mod kind_parts;
pub mod language;
pub mod link_health;
pub mod newsroom;
pub mod offline;
pub mod page_cache;
pub mod polls;
pub mod qr;
pub mod questions;
pub mod ranking;
pub mod search;
pub mod section;
pub mod share_picture;
pub mod sitemap;
pub mod table_file;
pub mod templates;
pub mod usefulness;
pub mod verify;
pub mod view;
pub mod visit;

#[cfg(test)]
mod english_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verify_tests;

use crate::site::Site;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The public pages of a site, with what goes with them.
pub fn routes() -> Router<Arc<Site>> {
    drawn().merge(files())
}

/// The pages themselves: what [`page_cache`] may keep.
pub fn drawn() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(front_page::show))
        .route("/tin-tuc", get(section::news))
        .route("/van-ban", get(documents::list))
        .route("/thong-bao", get(section::notices))
        .route("/du-thao", get(consultations::list))
        .route("/binh-chon", get(consultations::polls))
        .route("/hoi-dap", get(questions::list))
        .route("/lich-cong-tac", get(calendar::week))
        .route("/thu-vien", get(gallery::both))
        .route("/thu-vien/anh", get(gallery::albums))
        .route("/thu-vien/video", get(gallery::videos))
        .route("/gioi-thieu", get(about::all))
        .route("/gioi-thieu/{section}", get(about::section))
        .route("/chuyen-muc/{section}", get(section::section))
        .route("/bai-viet/{slug}", get(entry_page::show))
        .route("/van-ban/{slug}", get(entry_page::show))
        .route("/thong-bao/{slug}", get(entry_page::show))
        .route("/trang/{slug}", get(entry_page::show))
        .route("/du-thao/{slug}", get(entry_page::show))
        .route("/hoi-dap/{slug}", get(entry_page::show))
        .route("/binh-chon/{slug}", get(entry_page::show))
        .route("/lich-cong-tac/{slug}", get(entry_page::show))
        .route("/thu-vien/anh/{slug}", get(entry_page::show))
        .route("/thu-vien/video/{slug}", get(entry_page::show))
        .route(bulletins::OUTAGES, get(bulletins::outages))
        .route("/tim-kiem", get(search::show))
        .route("/hien-thi", get(display::show))
        .route(usefulness::PATH, post(usefulness::say))
        .route(polls::VOTE, post(polls::vote))
        .route(verify::PATH, get(verify::ask))
        .route("/xac-minh/{id}", get(verify::show))
        .route("/xac-minh/{id}/ban-ky.json", get(verify::original))
}

/// What goes with the pages and is none: no cache of pages stands before it, and most of it needs no database.
pub fn files() -> Router<Arc<Site>> {
    Router::new()
        .route(calendar_feed::PATH, get(calendar_feed::show))
        .route("/sitemap.xml", get(sitemap::index))
        .route("/sitemap/{part}", get(sitemap::part))
        .route("/robots.txt", get(sitemap::robots))
        .merge(share_picture::routes())
        .merge(offline::routes())
        .merge(assets::routes())
}
