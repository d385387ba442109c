use crate::Change;
use crate::Part;
use crate::change::table_keyed;
use sea_orm_migration::schema::{big_integer, text_null, uuid};

/// What each member was told of its numbers in a period, and what it is owed.
pub(crate) fn change() -> Change {
    // Looked at twice a second: only those who are owed something are in it.
    const BEHIND: &str =
        "CREATE INDEX {table}_behind ON {table} (period_id, unit_id) WHERE told < owed";
    Change {
        name: "h0050_ranking_letters",
        parts: vec![
            table_keyed(
                "ranking_letters",
                [
                    uuid("period_id"),
                    uuid("unit_id"),
                    // Versions of its numbers: the one it is to have, and the one it was told.
                    big_integer("owed"),
                    big_integer("told"),
                    // What it said and was not taken, and why; JSON.
                    text_null("turned_away"),
                ],
                ["period_id", "unit_id"],
            ),
            Part::Each {
                tables: &["ranking_letters"],
                sqlite: &[BEHIND],
                postgres: &[BEHIND],
            },
        ],
    }
}
