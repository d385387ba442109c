//! The table of members as a file.

use super::members::Asked;
use crate::members::watch::Watch;
use axum::extract::Extension;
use axum::response::Response;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::table_file;
use shared::table::{Cell, Table};
use shared::vietnamese;

/// As CSV.
pub(super) const CSV: &str = "/quan-tri/don-vi/bang.csv";
/// As a workbook.
pub(super) const XLSX: &str = "/quan-tri/don-vi/bang.xlsx";
const NAME: &str = "don-vi";

pub(super) async fn csv(at: AtDesk, Extension(watch): Extension<Watch>) -> Result<Response> {
    Ok(table_file::csv(NAME, &table(&at, &watch).await?))
}

pub(super) async fn xlsx(at: AtDesk, Extension(watch): Extension<Watch>) -> Result<Response> {
    let table = table(&at, &watch).await?;
    table_file::xlsx(NAME, vec![("Đơn vị thành viên".to_owned(), table)]).await
}

async fn table(at: &AtDesk, watch: &Watch) -> Result<Table> {
    let asked = Asked::of(&at.visit);
    let overview = watch.seen(&at.site).await?;
    let columns = asked.columns();
    let heads = ["Đơn vị", "Địa chỉ", "Trạng thái"]
        .into_iter()
        .chain(columns.iter().map(|column| column.label()))
        .map(str::to_owned)
        .collect();
    let rows = asked.select(&overview).into_iter().map(|member| {
        let own = [
            cards::capitalised(&member.name),
            member.base_url.clone(),
            member.state.word().to_owned(),
        ];
        let cells = columns.iter().map(|column| {
            let cell = column.cell(member, overview.made_at);
            match cell.sub.is_empty() {
                true => cell.text,
                false => format!("{}; {}", cell.text, cell.sub),
            }
        });
        own.into_iter().chain(cells).map(Cell::Text).collect()
    });
    Ok(Table {
        title: format!("Số liệu lúc {}", vietnamese::date_time(overview.made_at)),
        heads,
        rows: rows.collect(),
    })
}
