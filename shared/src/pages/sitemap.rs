//! `/sitemap.xml` and `/robots.txt`: what search engines are to look at.
//!
//! Only what was born here is listed: copies name their origin's address, and that is in its own
//! sitemap.

use super::cards;
use super::visit::Visit;
use crate::entries::listing;
use crate::entries::section;
use crate::error::{Error, Result};
use crate::site::Site;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::DateTime;
use std::fmt::Write;
use std::sync::Arc;

/// How many row numbers one sitemap covers; the protocol allows 50,000 addresses.
const SPAN: i64 = 10_000;
/// How many entries it takes at once.
const ALL: u64 = SPAN as u64;

const XML: &str = "application/xml; charset=utf-8";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// `/sitemap.xml`: the sitemaps there are. Each covers the same row numbers for ever.
pub async fn index(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let last = listing::last_row(site.db.reader()).await?;
    let mut xml = format!("{DECLARATION}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    let parts = (last + SPAN - 1) / SPAN;
    for name in std::iter::once("0".to_owned()).chain((1..=parts).map(|part| part.to_string())) {
        let address = site.address(&format!("/sitemap/{name}.xml"));
        let _ = writeln!(xml, "<sitemap><loc>{address}</loc></sitemap>");
    }
    xml.push_str("</sitemapindex>\n");
    visit.answer_bytes(XML, xml.into_bytes())
}

/// `/sitemap/{part}.xml`: lists at 0, entries from 1.
pub async fn part(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response> {
    let part: i64 = name
        .strip_suffix(".xml")
        .and_then(|number| number.parse().ok())
        .filter(|number| (0..=i64::MAX / SPAN).contains(number))
        .ok_or(Error::NotFound)?;
    let db = site.db.reader();
    let mut xml = format!("{DECLARATION}<urlset xmlns=\"{NAMESPACE}\">\n");
    if part == 0 {
        for path in [
            "/",
            "/tin-tuc",
            "/van-ban",
            "/thong-bao",
            "/du-thao",
            "/binh-chon",
            "/hoi-dap",
            "/lich-cong-tac",
            "/thu-vien",
            "/thu-vien/anh",
            "/thu-vien/video",
            "/gioi-thieu",
        ] {
            push(&mut xml, &site.address(path), None);
        }
        let counts = listing::count_by_section(db).await?;
        for section in section::Tree::load(db).await?.iter() {
            if counts.contains_key(&section.code) {
                push(
                    &mut xml,
                    &site.address(&cards::section_path(&section.code)),
                    None,
                );
            }
        }
    } else {
        let after = (part - 1) * SPAN;
        let entries = listing::addresses(db, site.id, after, ALL).await?;
        for entry in entries.iter().take_while(|entry| entry.id <= after + SPAN) {
            push(
                &mut xml,
                &site.address(&entry.path()),
                Some(entry.revised_at),
            );
        }
    }
    xml.push_str("</urlset>\n");
    visit.answer_bytes(XML, xml.into_bytes())
}

/// Paths of ours are ASCII without `&`, so nothing needs to be escaped.
fn push(xml: &mut String, address: &str, modified: Option<i64>) {
    let _ = write!(xml, "<url><loc>{address}</loc>");
    if let Some(modified) = modified.and_then(DateTime::from_timestamp_millis) {
        let _ = write!(xml, "<lastmod>{}</lastmod>", cards::iso(modified));
    }
    xml.push_str("</url>\n");
}

/// `/robots.txt`
pub async fn robots(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    let text = format!(
        "User-agent: *\nDisallow: /quan-tri\nDisallow: /hien-thi\nDisallow: /tim-kiem\nDisallow: /xac-minh/\nDisallow: /v1/\n\nSitemap: {}\n",
        site.address("/sitemap.xml")
    );
    visit.answer_bytes("text/plain; charset=utf-8", text.into_bytes())
}
