use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{big_integer, big_integer_null, string, string_null, text, uuid};

/// Mergers, splits, renamings and changes of host: what was decided, what was shown of it, and what came of it.
pub(crate) fn change() -> Change {
    Change {
        name: "h0046_reorganisations",
        parts: vec![
            table(
                "reorganisations",
                [
                    uuid("id").primary_key().take(),
                    string("kind"),
                    // The first day it holds, ISO 8601.
                    string("effective_on"),
                    text("basis"),
                    // As JSON: what was entered, and what it was shown to change.
                    text("operation"),
                    text("plan"),
                    string("state"),
                    // Why it waits for somebody to look.
                    string_null("note"),
                    string("entered_by"),
                    big_integer("entered_at"),
                    big_integer_null("settled_at"),
                ],
            ),
            index("reorganisations", ["state", "effective_on"]),
        ],
    }
}
