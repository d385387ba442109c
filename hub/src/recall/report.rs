//! What is left on paper of a recall: what, why, by whom, and when each site had come how far.

use super::progress::{Model, case};
use shared::clock;
use shared::table::{Cell, Table};
use shared::units::Tree;
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// The table of `case`; `units` names the unit of each site.
pub fn table(
    case: &case::Model,
    reason: &str,
    sites: &[Model],
    units: &HashMap<Uuid, Uuid>,
    tree: &Tree,
) -> Table {
    let when = |at: Option<i64>| {
        at.map_or_else(
            || "chưa".to_owned(),
            |at| vietnamese::date_time(clock::from_millis(at)),
        )
    };
    let seconds = |at: Option<i64>| {
        at.map_or_else(String::new, |at| {
            ((at - case.ordered_at).max(0) / 1000).to_string()
        })
    };
    let heads = [
        "Trang",
        "Đã gửi",
        "Đã nhận",
        "Đã gỡ",
        "Đã sạch",
        "Giây từ lệnh đến sạch",
        "Ghi chú",
    ];
    let rows = sites.iter().map(|one| {
        [
            units
                .get(&one.site_id)
                .map_or_else(|| one.site_id.to_string(), |unit| tree.name_of(*unit)),
            when(one.sent_at),
            when(one.received_at),
            when(one.applied_at),
            when(one.gone_at),
            seconds(one.gone_at),
            one.seen.clone().unwrap_or_default(),
        ]
        .map(Cell::Text)
        .to_vec()
    });
    Table {
        title: format!(
            "{}; {} thu hồi lúc {}. Lý do: {reason}",
            case.title.as_deref().unwrap_or("Nội dung đã xóa hẳn"),
            case.ordered_by,
            vietnamese::date_time(clock::from_millis(case.ordered_at)),
        ),
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
