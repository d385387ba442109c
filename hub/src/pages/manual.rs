//! `/quan-tri/huong-dan/tinh`: the manual for provincial administrators, carried inside the program.

use axum::response::Response;
use shared::error::Result;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::newsroom::manual;
use shared::pages::view::Link;

/// The page.
pub(super) const PATH: &str = "/quan-tri/huong-dan/tinh";
/// What it is called.
const NAME: &str = "Hướng dẫn cho quản trị cổng của tỉnh";
const TEXT: &str = include_str!("../../../docs/manuals/quan-tri-tinh.md");

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    manual::answer(&at, NAME, TEXT).await
}

/// Where it is.
pub fn link() -> Link {
    Link::new(NAME, PATH)
}
