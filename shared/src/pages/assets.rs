//! Style, script, fonts and pictures of the pages themselves, carried inside the program.

use super::visit::Visit;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::site::Site;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::sync::{Arc, LazyLock};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// `/tai-nguyen/` and a hash over all files: a new version of the program has new addresses, so
/// that a page never meets the style of another version.
static BASE: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_unstable();
    let hashes: Vec<u8> = names
        .iter()
        .filter_map(|name| Files::get(name))
        .flat_map(|file| file.metadata.sha256_hash())
        .collect();
    format!("/tai-nguyen/{}", &Digest::of(hashes).hex()[..12])
});

/// The base address of all assets, without a slash at the end.
pub fn base() -> &'static str {
    &BASE
}

/// The address of the asset `name`.
pub fn asset(name: &str) -> String {
    format!("{}/{name}", base())
}

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/tai-nguyen/{version}/{name}", get(serve))
        .route("/favicon.ico", get(favicon))
}

async fn serve(Path((version, name)): Path<(String, String)>) -> Result<Response> {
    let file = Files::get(&name).ok_or(Error::NotFound)?;
    // A page of another version, open while the program was replaced, still gets a style; only
    // under its own address is a file unchanging.
    let keep = if base().ends_with(&format!("/{version}")) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let content_type =
        HeaderValue::from_str(file.metadata.mimetype()).map_err(anyhow::Error::new)?;
    let mut response = Response::new(Body::from(file.data));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Ok(response)
}

/// Browsers that were not told of the icon ask here, one by one, on every page.
async fn favicon(visit: Visit) -> Result<Response> {
    let EmbeddedFile { data, .. } = Files::get("favicon.svg").ok_or(Error::NotFound)?;
    visit.answer_bytes("image/svg+xml", data.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_pages_ask_for_is_in_the_program() {
        for name in [
            "site.css",
            "site.js",
            "newsroom.css",
            "newsroom.js",
            "emblem.svg",
            "favicon.svg",
            "be-vietnam-pro-latin-400.woff2",
            "be-vietnam-pro-vietnamese-400.woff2",
        ] {
            assert!(Files::get(name).is_some(), "{name}");
        }
        assert!(Files::get("../Cargo.toml").is_none());
        assert!(asset("site.css").starts_with("/tai-nguyen/"));
    }
}
