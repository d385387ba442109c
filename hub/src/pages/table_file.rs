//! Tables of pages as files: CSV for programs, XLSX for offices.

use anyhow::Context;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::audit::export::csv_line;
use shared::error::Result;
use shared::pages::templates::{Grid, GridRow};

/// Widest column, in letters.
const WIDEST: usize = 60;

/// The first table as CSV.
pub(super) fn csv(name: &str, grid: &Grid) -> Response {
    // With its mark, spreadsheets take it for UTF-8.
    let mut csv = String::from("\u{feff}");
    csv.push_str(&csv_line(&grid.heads));
    for row in &grid.rows {
        csv.push_str(&csv_line(&cells(row)));
    }
    file(
        "text/csv; charset=utf-8",
        &format!("{name}.csv"),
        csv.into_bytes(),
    )
}

/// Every table as a sheet of a workbook.
pub(super) async fn xlsx(
    name: &str,
    title: String,
    grids: Vec<(String, Grid)>,
) -> Result<Response> {
    let made = tokio::task::spawn_blocking(move || workbook(&title, &grids));
    let bytes = made.await.map_err(anyhow::Error::new)??;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(kind, &format!("{name}.xlsx"), bytes))
}

/// What stands in a row, the smaller lines behind the larger.
fn cells(row: &GridRow) -> Vec<String> {
    let with_sub = |text: &str, sub: &str| match sub.is_empty() {
        true => text.to_owned(),
        false => format!("{text}; {sub}"),
    };
    std::iter::once(row.head.clone())
        .chain(row.cells.iter().map(|cell| with_sub(&cell.text, &cell.sub)))
        .collect()
}

fn workbook(title: &str, grids: &[(String, Grid)]) -> anyhow::Result<Vec<u8>> {
    use rust_xlsxwriter::{Format, Workbook};
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for (name, grid) in grids {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        sheet.write_string(0, 0, title)?;
        let rows: Vec<Vec<String>> = grid.rows.iter().map(cells).collect();
        for (number, head) in grid.heads.iter().enumerate() {
            let column = u16::try_from(number).context("too many columns")?;
            let texts = rows.iter().filter_map(|row| row.get(number)).chain([head]);
            let width = texts.map(|text| text.chars().count()).max();
            sheet.set_column_width(column, width.unwrap_or_default().min(WIDEST) as f64 + 2.0)?;
            sheet.write_string_with_format(2, column, head, &bold)?;
            for (line, row) in rows.iter().enumerate() {
                let line = u32::try_from(line).context("too many rows")? + 3;
                let text = row.get(number).map_or("", String::as_str);
                match number_of(text).filter(|_| number > 0) {
                    Some(value) => sheet.write_number(line, column, value)?,
                    // As text, so that nothing of it is calculated.
                    None => sheet.write_string(line, column, text)?,
                };
            }
        }
        sheet.set_freeze_panes(3, 1)?;
    }
    Ok(book.save_to_buffer()?)
}

/// The number a text is, as it is written in Vietnam.
fn number_of(text: &str) -> Option<f64> {
    let is_number = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    is_number
        .then(|| text.replace('.', "").replace(',', ".").parse().ok())
        .flatten()
}

/// A file to keep.
pub(super) fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_and_places_are_not() {
        for (text, expected) in [
            ("1.250", Some(1250.0)),
            ("12,50", Some(12.5)),
            ("3/37", None),
            ("", None),
            ("–", None),
            ("12 %", None),
        ] {
            assert_eq!(number_of(text), expected, "{text}");
        }
    }
}
