//! Style, script, fonts and pictures of the pages themselves, carried inside the program.

use super::visit::Visit;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::site::Site;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::sync::{Arc, LazyLock};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// What is behind the name of a file that is packed with Brotli.
const PACKED: &str = ".br";

/// What the addresses of all assets begin with, in this version and any other.
pub const PATH: &str = "/tai-nguyen";

/// [`PATH`] and a hash over all files: a new version of the program has new addresses, so
/// that a page never meets the style of another version.
static BASE: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_unstable();
    let hashes: Vec<u8> = names
        .iter()
        .filter_map(|name| Files::get(name))
        .flat_map(|file| file.metadata.sha256_hash())
        .collect();
    format!("{PATH}/{}", &Digest::of(hashes).hex()[..12])
});

/// The base address of all assets, without a slash at the end.
pub fn base() -> &'static str {
    &BASE
}

/// The address of the asset `name`.
pub fn asset(name: &str) -> String {
    format!("{}/{name}", base())
}

/// The bytes of the asset `name`, for what has to have an address of its own.
pub(crate) fn bytes(name: &str) -> Option<Vec<u8>> {
    Files::get(name).map(|file| file.data.into_owned())
}

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/tai-nguyen/{version}/{name}", get(serve))
        .route("/favicon.ico", get(favicon))
}

/// A file, packed with Brotli if the browser reads that: it was packed when the style was built.
async fn serve(
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let file = Files::get(&name).ok_or(Error::NotFound)?;
    let packed = Files::get(&format!("{name}{PACKED}")).filter(|_| reads_brotli(&headers));
    // A page of another version, open while the program was replaced, still gets a style; only
    // under its own address is a file unchanging.
    let keep = if base().ends_with(&format!("/{version}")) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let content_type =
        HeaderValue::from_str(file.metadata.mimetype()).map_err(anyhow::Error::new)?;
    let is_packed = packed.is_some();
    let data = packed.map_or(file.data, |packed| packed.data);
    let mut response = Response::new(Body::from(data));
    let headers = response.headers_mut();
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Ok(response)
}

/// Whether the browser says that it reads Brotli.
fn reads_brotli(headers: &HeaderMap) -> bool {
    let said = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    said.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            name.trim() == "br" && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
        })
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
            "worker.js",
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

    #[test]
    fn what_is_packed_is_what_was_built() {
        let packed: Vec<_> = Files::iter()
            .filter(|name| name.ends_with(PACKED))
            .collect();
        assert!(packed.len() >= 6, "{packed:?}");
        for name in packed {
            let file = Files::get(&name).expect("is there").data;
            let mut unpacked = Vec::new();
            brotli_decompressor::BrotliDecompress(&mut &*file, &mut unpacked).expect("unpacks");
            let built = Files::get(name.trim_end_matches(PACKED))
                .expect("is there")
                .data;
            assert!(unpacked == *built, "{name} is older: node build.mjs");
        }
    }

    #[test]
    fn only_who_reads_brotli_is_given_it() {
        for (said, reads) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=0.5", true),
            ("gzip", false),
            ("br;q=0, gzip", false),
            ("", false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(said))]);
            assert_eq!(reads_brotli(&headers), reads, "{said}");
        }
        assert!(!reads_brotli(&HeaderMap::new()));
    }
}
