//! A table being read: cells that Word marks as going on from above become one cell of several rows.

use super::{Block, Cell};

/// Most columns of a table; Word allows no more.
const WIDEST: usize = 63;

/// A cell as it stands in the file.
#[derive(Default)]
pub(super) struct Raw {
    columns: usize,
    merge: Option<Merge>,
    heads: bool,
    pub(super) blocks: Vec<Block>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Merge {
    Begins,
    GoesOn,
}

impl Raw {
    pub(super) fn note(&mut self, property: &str, value: Option<&str>) {
        if property == "gridSpan" {
            let columns = value.and_then(|value| value.parse().ok());
            self.columns = columns.unwrap_or(1).clamp(1, WIDEST);
        } else {
            self.merge = Some(match value {
                Some("restart") => Merge::Begins,
                _ => Merge::GoesOn,
            });
        }
    }
}

#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<Raw>>,
    heads: bool,
}

impl Table {
    pub(super) fn row(&mut self) {
        self.rows.push(Vec::new());
        self.heads = false;
    }

    /// The row heads the table.
    pub(super) fn heads(&mut self) {
        self.heads = true;
    }

    pub(super) fn add(&mut self, mut cell: Raw) {
        cell.heads = self.heads;
        cell.columns = cell.columns.max(1);
        match self.rows.last_mut() {
            Some(row) => row.push(cell),
            None => self.rows.push(vec![cell]),
        }
    }

    /// The table, unless there is nothing in it.
    pub(super) fn settle(self) -> Option<Block> {
        let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(self.rows.len());
        // For each column, where the cell stands that may go on downwards.
        let mut above: Vec<Option<(usize, usize)>> = Vec::new();
        for (number, raw_row) in self.rows.into_iter().enumerate() {
            let mut row = Vec::new();
            let mut column = 0;
            for raw in raw_row {
                // What lies further to the right than a table reaches spans no rows.
                let end = (column + raw.columns).min(WIDEST);
                if above.len() < end {
                    above.resize(end, None);
                }
                let goes_on = raw.merge == Some(Merge::GoesOn);
                let upper = above.get(column).copied().flatten();
                if let Some((its_row, place)) = upper.filter(|_| goes_on) {
                    if let Some(cell) = rows.get_mut(its_row).and_then(|row| row.get_mut(place)) {
                        cell.rows += 1;
                    }
                } else {
                    let place = (number, row.len());
                    above[column.min(end)..end].fill(raw.merge.map(|_| place));
                    row.push(Cell {
                        heads: raw.heads,
                        columns: raw.columns,
                        rows: 1,
                        blocks: raw.blocks,
                    });
                }
                column += raw.columns;
            }
            rows.push(row);
        }
        let is_empty = rows.iter().flatten().all(|cell| cell.blocks.is_empty());
        (!is_empty).then_some(Block::Table(rows))
    }
}
