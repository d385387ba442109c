//! The table of members as a file: CSV for programs, XLSX for offices.

use super::members::Asked;
use crate::members::watch::Watch;
use anyhow::Context;
use axum::extract::Extension;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::audit::export::csv_line;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::vietnamese;

/// As CSV.
pub(super) const CSV: &str = "/quan-tri/don-vi/bang.csv";
/// As a workbook.
pub(super) const XLSX: &str = "/quan-tri/don-vi/bang.xlsx";

/// Widest column, in letters.
const WIDEST: usize = 60;

/// A table of texts: heads, then rows.
struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
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
        own.into_iter().chain(cells).collect()
    });
    Ok(Table {
        title: format!("Số liệu lúc {}", vietnamese::date_time(overview.made_at)),
        heads,
        rows: rows.collect(),
    })
}

pub(super) async fn csv(at: AtDesk, Extension(watch): Extension<Watch>) -> Result<Response> {
    let table = table(&at, &watch).await?;
    // With its mark, spreadsheets take it for UTF-8.
    let mut csv = String::from("\u{feff}");
    for row in std::iter::once(&table.heads).chain(&table.rows) {
        csv.push_str(&csv_line(row));
    }
    Ok(file(
        "text/csv; charset=utf-8",
        "don-vi.csv",
        csv.into_bytes(),
    ))
}

pub(super) async fn xlsx(at: AtDesk, Extension(watch): Extension<Watch>) -> Result<Response> {
    let table = table(&at, &watch).await?;
    let made = tokio::task::spawn_blocking(move || workbook(&table));
    let bytes = made.await.map_err(anyhow::Error::new)??;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(kind, "don-vi.xlsx", bytes))
}

fn workbook(table: &Table) -> anyhow::Result<Vec<u8>> {
    use rust_xlsxwriter::{Format, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Đơn vị thành viên")?;
    let bold = Format::new().set_bold();
    sheet.write_string(0, 0, &table.title)?;
    for (number, head) in table.heads.iter().enumerate() {
        let column = u16::try_from(number).context("too many columns")?;
        let cells = table.rows.iter().filter_map(|row| row.get(number));
        let width = cells.chain([head]).map(|cell| cell.chars().count()).max();
        sheet.set_column_width(column, width.unwrap_or_default().min(WIDEST) as f64 + 2.0)?;
        sheet.write_string_with_format(2, column, head, &bold)?;
        for (line, row) in table.rows.iter().enumerate() {
            let line = u32::try_from(line).context("too many rows")?;
            let cell = row.get(number).map_or("", String::as_str);
            // As text, so that nothing of it is calculated.
            sheet.write_string(line + 3, column, cell)?;
        }
    }
    sheet.set_freeze_panes(3, 1)?;
    Ok(book.save_to_buffer()?)
}

fn file(kind: &'static str, name: &'static str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, bytes).into_response()
}
