use crate::Change;
use crate::change::table_keyed;
use sea_orm_migration::schema::{big_integer, uuid};

/// Whether readers found pages useful: how many said yes and how many no, by entry and day. Numbers, and
/// nothing of who said it.
pub(crate) fn change() -> Change {
    Change {
        name: "s0028_usefulness",
        parts: vec![table_keyed(
            "usefulness_days",
            [
                big_integer("day"),
                uuid("entry_id"),
                big_integer("useful"),
                big_integer("useless"),
            ],
            ["day", "entry_id"],
        )],
    }
}
