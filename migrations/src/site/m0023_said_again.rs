use crate::Change;
use crate::change::table_keyed;
use sea_orm_migration::schema::{big_integer, blob, uuid};

/// Which words of ours left their places in a log, or never found them, and were said again in another.
pub(crate) fn change() -> Change {
    Change {
        name: "s0023_said_again",
        parts: vec![table_keyed(
            "said_again",
            [uuid("log_id"), big_integer("seq"), blob("hash")],
            ["log_id", "seq", "hash"],
        )],
    }
}
