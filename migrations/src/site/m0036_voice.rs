use crate::Change;
use crate::change::columns;
use sea_orm_migration::schema::string_null;

/// What people say of what they were answered.
pub(crate) fn change() -> Change {
    Change {
        name: "s0036_voice",
        parts: vec![
            // What who asked says of the latest answer; what follows from the messages.
            columns("cases", [string_null("satisfaction")]),
            columns("case_messages", [string_null("rating")]),
        ],
    }
}
