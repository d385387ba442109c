//! The tables of ranking and reports as files.

use axum::response::Response;
use shared::error::Result;
use shared::pages::table_file;
use shared::pages::templates::{Grid, GridRow};
use shared::table::{Cell, Table};

/// A table as CSV.
pub(super) fn csv(name: &str, grid: &Grid) -> Response {
    table_file::csv(name, &table(String::new(), grid))
}

/// Every table as a sheet of a workbook, each below `title`.
pub(super) async fn xlsx(
    name: &str,
    title: String,
    grids: Vec<(String, Grid)>,
) -> Result<Response> {
    let tables = grids
        .into_iter()
        .map(|(sheet, grid)| (sheet, table(title.clone(), &grid)));
    table_file::xlsx(name, tables.collect()).await
}

fn table(title: String, grid: &Grid) -> Table {
    Table {
        title,
        heads: grid.heads.clone(),
        rows: grid.rows.iter().map(cells).collect(),
    }
}

/// What stands in a row, the smaller lines behind the larger.
fn cells(row: &GridRow) -> Vec<Cell> {
    let with_sub = |text: &str, sub: &str| match sub.is_empty() {
        true => Cell::shown(text.to_owned()),
        false => Cell::Text(format!("{text}; {sub}")),
    };
    std::iter::once(Cell::Text(row.head.clone()))
        .chain(row.cells.iter().map(|cell| with_sub(&cell.text, &cell.sub)))
        .collect()
}
