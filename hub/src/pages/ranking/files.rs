//! A period as files: tables to read, and all that is needed to reckon it again.

use super::period::{self as one, find, ranked};
use crate::pages::grid_file;
use crate::ranking::input::Input;
use crate::ranking::period::State;
use crate::ranking::score::Table;
use crate::ranking::snapshot::{self, Board};
use axum::extract::Path;
use axum::response::Response;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::table_file;
use shared::pages::templates::{Grid, GridCell, GridRow};
use shared::pages::view::Link;
use shared::ranking::Points;
use uuid::Uuid;

/// As CSV.
pub(in crate::pages) const CSV: &str = "/quan-tri/xep-hang/ky/{period}/bang.csv";
/// As a workbook.
pub(in crate::pages) const XLSX: &str = "/quan-tri/xep-hang/ky/{period}/bang.xlsx";
/// With numbers, scheme and scores, for programs.
pub(in crate::pages) const JSON: &str = "/quan-tri/xep-hang/ky/{period}/so-lieu.json";

/// The files of a period.
pub(super) fn links(period: Uuid) -> Vec<Link> {
    let of = |path: &str| path.replace("{period}", &period.to_string());
    vec![
        Link::new("Excel", of(XLSX)),
        Link::new("CSV", of(CSV)),
        Link::new("JSON để tính lại", of(JSON)),
    ]
}

pub(in crate::pages) async fn csv(at: AtDesk, Path(id): Path<String>) -> Result<Response> {
    let period = find(&at, &id).await?;
    let board = snapshot::board(at.site.db.reader(), &at.site, &period).await?;
    Ok(grid_file::csv("xep-hang", &all(&board)))
}

pub(in crate::pages) async fn xlsx(at: AtDesk, Path(id): Path<String>) -> Result<Response> {
    let period = find(&at, &id).await?;
    let board = snapshot::board(at.site.db.reader(), &at.site, &period).await?;
    let tables = Table::ALL.into_iter().map(|table| {
        (
            table.label().to_owned(),
            one::grid(&board, table, None, |_| None),
        )
    });
    let mut grids: Vec<(String, Grid)> = tables.collect();
    grids.push(("Chi tiết".to_owned(), all(&board)));
    grids.push((
        "Bộ chỉ số".to_owned(),
        super::schemes::indicators(&board.scheme),
    ));
    let title = format!("{}, bộ chỉ số {}", board.label, board.scheme.version);
    grid_file::xlsx("xep-hang", title, grids).await
}

pub(in crate::pages) async fn json(at: AtDesk, Path(id): Path<String>) -> Result<Response> {
    let period = find(&at, &id).await?;
    let db = at.site.db.reader();
    let body = match period.state() >= State::Frozen {
        // Byte for byte as it was signed.
        true => snapshot::find(db, period.id).await?.map(|one| one.body),
        false => None,
    };
    let body = match body {
        Some(body) => body,
        None => {
            let board = snapshot::board(db, &at.site, &period).await?;
            serde_json::to_string(&board).map_err(anyhow::Error::new)?
        }
    };
    Ok(table_file::file(
        "application/json",
        "xep-hang.json",
        body.into_bytes(),
    ))
}

/// Every member with every number it was scored by, and every point.
fn all(board: &Board) -> Grid {
    let mut heads = vec!["Đơn vị", "Mã đơn vị", "Nhóm"];
    let names: Vec<String> = Input::ALL.iter().map(|(input, ..)| input.code()).collect();
    heads.extend(names.iter().map(String::as_str));
    heads.extend(board.scheme.indicators.iter().map(|one| one.code.as_str()));
    heads.extend(["Cộng", "Trừ", "Tổng", "Xếp loại", "Hạng", "Hạng trong nhóm"]);
    let mut grid = Grid::new(board.label.clone(), &heads);
    for (member, score, standing) in ranked(board, Table::Total, None) {
        let values = member.adjusted();
        let mut cells = vec![
            GridCell::new(member.unit.to_string()),
            GridCell::new(member.group.clone()),
        ];
        cells.extend(Input::ALL.iter().map(|(input, ..)| {
            GridCell::new(values.get(input).map(i64::to_string).unwrap_or_default())
        }));
        cells.extend(score.lines.iter().map(|line| {
            GridCell::new(
                line.fraction
                    .map(|_| line.points.shown())
                    .unwrap_or_default(),
            )
        }));
        let lost: Points = score.penalties.iter().map(|extra| extra.points).sum();
        cells.extend([
            GridCell::new(score.bonus.shown()),
            GridCell::new(lost.shown()),
            GridCell::new(score.total.shown()),
            GridCell::new(score.class.clone()),
            GridCell::new(one::place(standing.overall)),
            GridCell::new(one::place(standing.in_group)),
        ]);
        grid.add(GridRow {
            head: cards::capitalised(&member.name),
            cells,
            ..GridRow::default()
        });
    }
    grid
}
