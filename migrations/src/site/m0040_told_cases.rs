use crate::Change;
use crate::change::table;
use sea_orm_migration::schema::{big_integer, uuid};

/// How many cases wait for the answer of each member's unit, as the member last said.
pub(crate) fn change() -> Change {
    Change {
        name: "s0040_told_cases",
        parts: vec![table(
            "told_cases",
            [
                uuid("site_id").primary_key().take(),
                big_integer("open"),
                big_integer("late"),
                big_integer("told_at"),
            ],
        )],
    }
}
