//! `/quan-tri/don-vi/{site}/bo-cai-dat.zip`: what is needed on a member's machine, as one file.

use crate::members::bundle::Bundle;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::pages::newsroom::around::AtDesk;
use shared::units;
use shared::vietnamese;
use uuid::Uuid;

/// The file.
pub(super) const PATH: &str = "/quan-tri/don-vi/{site}/bo-cai-dat.zip";

/// The file of `site`.
pub(super) fn path_of(site: Uuid) -> String {
    PATH.replace("{site}", &site.to_string())
}

pub(super) async fn download(at: AtDesk, Path(site): Path<Uuid>) -> Result<Response> {
    let db = at.site.db.reader();
    let record = site_record::find(db, site).await?;
    let record = record
        .filter(|record| record.id != at.site.id && !record.is_feed())
        .filter(|record| !record.is_closed())
        .ok_or(Error::NotFound)?;
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let tree = units::some_on(db, today, &[record.unit_id]).await?;
    let bundle = Bundle {
        name: tree.name_of(record.unit_id),
        base_url: record.base_url,
        hub: at.site.origin(),
    };
    let bytes = bundle.to_zip()?;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/zip"),
    );
    let disposition = format!("attachment; filename=\"{}\"", bundle.file_name());
    let disposition = HeaderValue::try_from(disposition).map_err(anyhow::Error::new)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, bytes).into_response())
}
