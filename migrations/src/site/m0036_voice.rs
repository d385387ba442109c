use crate::Change;
use crate::change::{columns, index};
use sea_orm_migration::schema::{string_null, uuid_null};

/// What people say of what they were answered, and of drafts that are open to comment.
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
        ],
    }
}
