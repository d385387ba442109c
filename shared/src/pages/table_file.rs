//! Tables of pages as files to keep.

use crate::error::Result;
use crate::table::{self, Table};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// `table` as `name.csv`.
pub fn csv(name: &str, table: &Table) -> Response {
    let name = format!("{name}.csv");
    file("text/csv; charset=utf-8", &name, table.csv().into_bytes())
}

/// `tables` as `name.xlsx`, a sheet each.
pub async fn xlsx(name: &str, tables: Vec<(String, Table)>) -> Result<Response> {
    let made = tokio::task::spawn_blocking(move || table::workbook(&tables));
    let bytes = made.await.map_err(anyhow::Error::new)??;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(kind, &format!("{name}.xlsx"), bytes))
}

/// `bytes` of the type `kind` as a file called `name`, which nobody keeps on the way.
pub fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, bytes).into_response()
}
