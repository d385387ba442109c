use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{big_integer, string, uuid};

/// What this site showed and took off again, in its own order: what the archives of its feeds
/// count by.
pub(crate) fn change() -> Change {
    Change {
        name: "s0006_publications",
        parts: vec![
            table(
                "publications",
                [
                    big_integer("number").primary_key().take(),
                    uuid("entry_id"),
                    big_integer("event_id"),
                    string("state"),
                    big_integer("at"),
                ],
            ),
            index("publications", ["entry_id", "number"]),
        ],
    }
}
