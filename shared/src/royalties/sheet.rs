//! A locked statement as files: CSV for programs, a workbook for offices. Nothing is counted here; every amount
//! stands beside all it was counted by, so that anybody can count it again.

use super::amount::Hundredths;
use super::day;
use super::month::Month;
use super::snapshot::{self, Kind, payment};
use crate::audit::export::csv_cell;
use crate::error::Result;
use crate::newsroom::form::show_date;
use anyhow::Context;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words, which no program calculates.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Nothing.
    Empty,
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// The head of each column.
    pub heads: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// Every line of the locked statement of `month`, whose works together might come to `ceiling`.
pub fn lines(month: Month, ceiling: Option<i64>, lines: &[snapshot::Model]) -> Table {
    Table {
        title: format!("Bảng kê nhuận bút tháng {month}"),
        heads: vec![
            "Số dòng",
            "Loại",
            "Mã bài",
            "Tên bài",
            "Ngày đăng",
            "Chế độ",
            "Thể loại",
            "Hệ số",
            "Lương cơ sở",
            "Giá trị đơn vị (% lương cơ sở)",
            "Giá trị đơn vị (đồng)",
            "Tăng: trẻ em, dân tộc thiểu số (%)",
            "Tăng: tiếng dân tộc, tiếng nước ngoài (%)",
            "Tăng: khó khăn, nguy hiểm (%)",
            "Dịch (% bản gốc)",
            "Mức của đơn vị (%)",
            "Nhuận bút trước mức trần (đồng)",
            "Mức trần của tháng (đồng)",
            "Nhuận bút của bài (đồng)",
            "Mã người nhận",
            "Người nhận",
            "Số phần",
            "Trên tổng số phần",
            "Người này nhận (đồng)",
            "Điều chỉnh cho tháng",
            "Lý do",
        ],
        rows: lines.iter().map(|one| line(ceiling, one)).collect(),
    }
}

fn line(ceiling: Option<i64>, line: &snapshot::Model) -> Vec<Cell> {
    let two_decimals = |raw: Option<i64>| {
        let number = raw.map(|raw| Hundredths::of_raw(raw).to_string());
        Cell::from(number)
    };
    let title = match (line.kind(), line.title.is_empty()) {
        (Kind::Adjustment, _) => Cell::Empty,
        (_, true) => Cell::Text(ERASED.to_owned()),
        (_, false) => Cell::Text(line.title.clone()),
    };
    vec![
        Cell::Number(line.number),
        Cell::Text(line.kind().label().to_owned()),
        Cell::from(line.entry_id.map(|id| id.to_string())),
        title,
        Cell::from(line.published_on.and_then(day::of_number).map(show_date)),
        Cell::from(line.regime.clone()),
        Cell::from(line.genre.clone()),
        two_decimals(line.coefficient),
        Cell::from(line.base_salary),
        two_decimals(line.unit_percent),
        Cell::from(line.unit_value),
        two_decimals(line.children),
        two_decimals(line.language),
        two_decimals(line.hardship),
        two_decimals(line.translation),
        two_decimals(line.factor),
        Cell::from(line.uncut),
        Cell::from(ceiling.filter(|_| line.kind() == Kind::Work)),
        Cell::from(line.amount),
        Cell::from(line.person_id.map(|id| id.to_string())),
        Cell::from(line.name.clone()),
        Cell::from(line.parts),
        Cell::from(line.of_parts),
        Cell::Number(line.share),
        Cell::from(
            line.about
                .and_then(Month::of_number)
                .map(|one| one.to_string()),
        ),
        Cell::from(line.reason.clone()),
    ]
}

/// What stands for the title of an entry that was erased everywhere.
pub const ERASED: &str = "(tiêu đề đã xóa theo lệnh thu hồi)";

/// What each person is paid.
pub fn payments(month: Month, payments: &[payment::Model]) -> Table {
    Table {
        title: format!("Chi trả nhuận bút tháng {month}"),
        heads: vec![
            "Mã người nhận",
            "Người nhận",
            "Tổng nhuận bút (đồng)",
            "Ngưỡng khấu trừ (đồng)",
            "Thuế suất (%)",
            "Bản cam kết",
            "Thuế khấu trừ (đồng)",
            "Thực nhận (đồng)",
        ],
        rows: payments
            .iter()
            .map(|one| {
                let commitment = if one.committed { "có" } else { "không" };
                vec![
                    Cell::Text(one.person_id.to_string()),
                    Cell::Text(one.name.clone()),
                    Cell::Number(one.gross),
                    Cell::Number(one.threshold),
                    Cell::Text(Hundredths::of_raw(one.rate).to_string()),
                    Cell::Text(commitment.to_owned()),
                    Cell::Number(one.tax),
                    Cell::Number(one.net),
                ]
            })
            .collect(),
    }
}

impl Table {
    /// As CSV.
    pub fn csv(&self) -> String {
        // With its mark, spreadsheets take it for UTF-8.
        let mut csv = String::from("\u{feff}");
        let heads: Vec<String> = self.heads.iter().map(|head| csv_cell(head)).collect();
        csv.push_str(&heads.join(","));
        csv.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Cell::Text(text) => csv_cell(text),
                    Cell::Number(number) => number.to_string(),
                    Cell::Empty => String::new(),
                })
                .collect();
            csv.push_str(&cells.join(","));
            csv.push_str("\r\n");
        }
        csv
    }
}

/// Widest column, in letters.
const WIDEST: usize = 60;

/// `tables` as a workbook, a sheet each.
pub fn workbook(tables: &[(&str, Table)]) -> Result<Vec<u8>> {
    Ok(written(tables)?)
}

fn written(tables: &[(&str, Table)]) -> anyhow::Result<Vec<u8>> {
    use rust_xlsxwriter::{Format, Workbook};
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let money = Format::new().set_num_format("#,##0");
    for (name, table) in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(*name)?;
        sheet.write_string(0, 0, &table.title)?;
        for (number, head) in table.heads.iter().enumerate() {
            let column = u16::try_from(number).context("too many columns")?;
            let mut width = head.chars().count().min(20);
            sheet.write_string_with_format(2, column, *head, &bold)?;
            for (line, row) in table.rows.iter().enumerate() {
                let line = u32::try_from(line).context("too many rows")? + 3;
                match row.get(number) {
                    // As text, so that nothing of it is calculated.
                    Some(Cell::Text(text)) => {
                        width = width.max(text.chars().count());
                        sheet.write_string(line, column, text)?;
                    }
                    Some(Cell::Number(amount)) => {
                        width = width.max(12);
                        // Exact: amounts stay far below what a spreadsheet's numbers hold.
                        sheet.write_number_with_format(line, column, *amount as f64, &money)?;
                    }
                    Some(Cell::Empty) | None => {}
                }
            }
            sheet.set_column_width(column, width.min(WIDEST) as f64 + 2.0)?;
        }
        sheet.set_freeze_panes(3, 1)?;
    }
    Ok(book.save_to_buffer()?)
}
