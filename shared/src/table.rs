//! Tables to take away: CSV for programs, a workbook for offices. Nothing in them is calculated by who opens them.

use crate::audit::export::csv_cell;
use anyhow::Context;

/// Widest column, in letters.
const WIDEST: usize = 60;
/// Wide enough for amounts.
const NUMBER: usize = 12;
/// A head longer than this does not make its column wider.
const HEAD: usize = 20;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, which no program calculates.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number as it is shown in Vietnam, and what it is worth.
    Figure(String, f64),
    /// Nothing.
    Empty,
}

impl Cell {
    /// `text`, as a number where it is one as it is shown in Vietnam: `1.250`, `12,50`.
    pub fn shown(text: String) -> Self {
        match number_of(&text) {
            Some(value) => Self::Figure(text, value),
            None => Self::Text(text),
        }
    }

    fn in_csv(&self) -> String {
        match self {
            Self::Text(text) | Self::Figure(text, _) => csv_cell(text),
            Self::Number(number) => number.to_string(),
            Self::Empty => String::new(),
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Number(_) | Self::Figure(..) => NUMBER,
            Self::Empty => 0,
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows, and of when.
    pub title: String,
    /// The head of each column.
    pub heads: Vec<String>,
    /// Its rows: as many cells as there are heads.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// As CSV: the heads, then the rows.
    pub fn csv(&self) -> String {
        // With its mark, spreadsheets take it for UTF-8.
        let mut csv = String::from("\u{feff}");
        let heads: Vec<String> = self.heads.iter().map(|head| csv_cell(head)).collect();
        csv.push_str(&heads.join(","));
        csv.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(Cell::in_csv).collect();
            csv.push_str(&cells.join(","));
            csv.push_str("\r\n");
        }
        csv
    }
}

/// `tables` as a workbook, a sheet each under the name beside it; names have at most 31 letters.
///
/// # Errors
/// When a name is none a sheet may have, or there are more rows than a sheet has.
pub fn workbook(tables: &[(String, Table)]) -> anyhow::Result<Vec<u8>> {
    use rust_xlsxwriter::{Format, Workbook};
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let grouped = Format::new().set_num_format("#,##0");
    for (name, table) in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        sheet.write_string(0, 0, &table.title)?;
        for (number, head) in table.heads.iter().enumerate() {
            let column = u16::try_from(number).context("too many columns")?;
            sheet.write_string_with_format(2, column, head, &bold)?;
            let cells = table.rows.iter().filter_map(|row| row.get(number));
            let widest = cells.map(Cell::width).max().unwrap_or_default();
            let width = widest.max(head.chars().count().min(HEAD)).min(WIDEST);
            sheet.set_column_width(column, width as f64 + 2.0)?;
            for (line, row) in table.rows.iter().enumerate() {
                let line = u32::try_from(line).context("too many rows")? + 3;
                match row.get(number) {
                    // As text, so that nothing of it is calculated.
                    Some(Cell::Text(text)) => sheet.write_string(line, column, text)?,
                    // Exact: amounts stay far below what a spreadsheet's numbers hold.
                    Some(Cell::Number(whole)) => {
                        sheet.write_number_with_format(line, column, *whole as f64, &grouped)?
                    }
                    Some(Cell::Figure(_, value)) => sheet.write_number(line, column, *value)?,
                    Some(Cell::Empty) | None => continue,
                };
            }
        }
        sheet.set_freeze_panes(3, 1)?;
    }
    Ok(book.save_to_buffer()?)
}

/// The number a text is, as it is written in Vietnam.
fn number_of(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    is_number
        .then(|| text.replace('.', "").replace(',', ".").parse().ok())
        .flatten()
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
            (".", None),
            ("–", None),
            ("12 %", None),
        ] {
            assert_eq!(number_of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_formula_is_words_in_both() {
        let table = Table {
            title: "Thử".to_owned(),
            heads: vec!["Tên".to_owned(), "Số".to_owned()],
            rows: vec![
                vec![Cell::from("=1+1"), Cell::Number(1_250)],
                vec![Cell::from("Tin, bài"), Cell::shown("12,50".to_owned())],
                vec![Cell::Empty, Cell::from(None::<i64>)],
            ],
        };
        assert_eq!(
            table.csv(),
            "\u{feff}Tên,Số\r\n'=1+1,1250\r\n\"Tin, bài\",\"12,50\"\r\n,\r\n"
        );
        let book = workbook(&[("Thử".to_owned(), table)]).expect("a workbook");
        assert!(book.starts_with(b"PK"));
    }
}
