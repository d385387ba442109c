use crate::Change;
use crate::change::{columns, index, table};
use sea_orm_migration::schema::{
    big_integer, blob, boolean, string, string_null, text, text_null, uuid_null,
};

/// What people said of the pictures, files and videos they uploaded, and what lists do not cut off.
pub(crate) fn change() -> Change {
    Change {
        name: "s0015_media",
        parts: vec![
            table(
                "library",
                [
                    blob("hash").primary_key().take(),
                    string("class"),
                    text("name"),
                    text("folded"),
                    text_null("alt"),
                    boolean("decorates"),
                    text_null("caption"),
                    text_null("credit"),
                    string_null("focus"),
                    boolean("is_kept"),
                    uuid_null("added_by"),
                    big_integer("added_at"),
                ],
            ),
            index("library", ["class", "added_at"]),
            columns("entries", [string_null("picture_focus")]),
        ],
    }
}
