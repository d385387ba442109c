use crate::Change;
use crate::change::{columns, index, table_keyed};
use sea_orm_migration::schema::{big_integer, string_null, text, uuid, uuid_null};

/// What people say of what they were answered, of drafts that are open to comment, and in polls.
pub(crate) fn change() -> Change {
    Change {
        name: "s0036_voice",
        parts: vec![
            // What who asked says of the latest answer; what follows from the messages.
            columns("cases", [string_null("satisfaction")]),
            columns("case_messages", [string_null("rating")]),
            // Of a comment: the entry it is on.
            columns("cases", [uuid_null("entry_id")]),
            index("cases", ["entry_id", "state"]),
            // How many chose which answer of a poll, and nothing of who.
            table_keyed(
                "poll_votes",
                [uuid("entry_id"), text("choice"), big_integer("votes")],
                ["entry_id", "choice"],
            ),
        ],
    }
}
