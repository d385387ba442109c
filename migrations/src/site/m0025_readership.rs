use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{big_integer, uuid};

/// How often public pages are opened: by site and day, by entry and day, and by entry in all. Numbers, and
/// nothing of who opened them.
pub(crate) fn change() -> Change {
    Change {
        name: "s0025_readership",
        parts: vec![
            table_keyed(
                "view_days",
                [uuid("site_id"), big_integer("day"), big_integer("views")],
                ["site_id", "day"],
            ),
            index("view_days", ["day"]),
            table_keyed(
                "entry_view_days",
                [big_integer("day"), uuid("entry_id"), big_integer("views")],
                ["day", "entry_id"],
            ),
            table(
                "entry_views",
                [uuid("entry_id").primary_key().take(), big_integer("views")],
            ),
        ],
    }
}
