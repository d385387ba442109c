//! A table to take away: CSV for programs, XLSX for offices.

use crate::audit::export::csv_line;
use crate::error::Result;
use anyhow::Context;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Widest column, in letters.
const WIDEST: usize = 60;

/// A table of texts: heads, then rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Of the file, without its ending.
    pub name: &'static str,
    /// Of the sheet; at most 31 letters.
    pub sheet: &'static str,
    /// What stands above the table: what it is, and of when.
    pub title: String,
    /// What each column is.
    pub heads: Vec<String>,
    /// As many cells a row as there are heads.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// As CSV: the heads, then the rows.
    pub fn csv(&self) -> Response {
        // With its mark, spreadsheets take it for UTF-8.
        let mut csv = String::from("\u{feff}");
        for row in std::iter::once(&self.heads).chain(&self.rows) {
            csv.push_str(&csv_line(row));
        }
        file(
            "text/csv; charset=utf-8",
            self.name,
            "csv",
            csv.into_bytes(),
        )
    }

    /// As a workbook of one sheet.
    pub async fn xlsx(self) -> Result<Response> {
        let name = self.name;
        let made = tokio::task::spawn_blocking(move || self.workbook());
        let bytes = made.await.map_err(anyhow::Error::new)??;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(file(kind, name, "xlsx", bytes))
    }

    fn workbook(&self) -> anyhow::Result<Vec<u8>> {
        use rust_xlsxwriter::{Format, Workbook};
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(self.sheet)?;
        let bold = Format::new().set_bold();
        sheet.write_string(0, 0, &self.title)?;
        for (number, head) in self.heads.iter().enumerate() {
            let column = u16::try_from(number).context("too many columns")?;
            let cells = self.rows.iter().filter_map(|row| row.get(number));
            let width = cells.chain([head]).map(|cell| cell.chars().count()).max();
            sheet.set_column_width(column, width.unwrap_or_default().min(WIDEST) as f64 + 2.0)?;
            sheet.write_string_with_format(2, column, head, &bold)?;
            for (line, row) in self.rows.iter().enumerate() {
                let line = u32::try_from(line).context("too many rows")?;
                let cell = row.get(number).map_or("", String::as_str);
                // As text, so that nothing of it is calculated.
                sheet.write_string(line + 3, column, cell)?;
            }
        }
        sheet.set_freeze_panes(3, 1)?;
        Ok(book.save_to_buffer()?)
    }
}

fn file(kind: &'static str, name: &str, ending: &str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, bytes).into_response()
}
