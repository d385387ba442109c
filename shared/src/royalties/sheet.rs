//! A locked statement as files: CSV for programs, a workbook for offices. Nothing is counted here; every amount
//! stands beside all it was counted by, so that anybody can count it again.

use super::amount::Hundredths;
use super::month::Month;
use super::snapshot::{self, Kind, payment};
use crate::entries::kinds::day_of;
use crate::newsroom::form::show_date;
use crate::table::{Cell, Table};

/// Every line of the locked statement of `month`, whose works together might come to `ceiling`.
pub fn lines(month: Month, ceiling: Option<i64>, lines: &[snapshot::Model]) -> Table {
    Table {
        title: format!("Bảng kê nhuận bút tháng {month}"),
        heads: [
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
        ]
        .map(str::to_owned)
        .to_vec(),
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
        Cell::from(line.published_on.and_then(day_of).map(show_date)),
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
        heads: [
            "Mã người nhận",
            "Người nhận",
            "Tổng nhuận bút (đồng)",
            "Ngưỡng khấu trừ (đồng)",
            "Thuế suất (%)",
            "Bản cam kết",
            "Thuế khấu trừ (đồng)",
            "Thực nhận (đồng)",
        ]
        .map(str::to_owned)
        .to_vec(),
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
