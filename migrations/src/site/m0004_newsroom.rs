use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, blob_null, boolean, pk_uuid, string, text, text_null,
    uuid, uuid_null,
};

/// Who works here and what they are writing.
pub(crate) fn change() -> Change {
    Change {
        name: "s0004_newsroom",
        parts: vec![
            table(
                "accounts",
                [
                    pk_uuid("id"),
                    string("login").unique_key().take(),
                    text("name"),
                    string("role"),
                    text("password_hash"),
                    boolean("active"),
                    big_integer("created_at"),
                    big_integer_null("last_seen_at"),
                ],
            ),
            table(
                "sessions",
                [
                    // Only the hash of the cookie's token is kept.
                    blob("token_hash").primary_key().take(),
                    uuid("account_id"),
                    string("csrf"),
                    big_integer("created_at"),
                    big_integer("seen_at"),
                ],
            ),
            index("sessions", ["account_id"]),
            table(
                "drafts",
                [
                    pk_uuid("id"),
                    uuid("entry_id"),
                    string("kind"),
                    string("state"),
                    text("title"),
                    text("lead"),
                    // Markdown as typed; what is published is the cleaned HTML made from it.
                    text("body"),
                    string("section"),
                    string("language"),
                    text("authors"),
                    text_null("source"),
                    text_null("fields"),
                    blob_null("picture"),
                    text_null("picture_alt"),
                    text_null("picture_caption"),
                    // What the approver asked for when it was sent back.
                    text_null("note"),
                    // The revision this draft was last published as; 0 before the first.
                    big_integer("published_rev"),
                    uuid_null("written_by"),
                    big_integer("created_at"),
                    big_integer("updated_at"),
                ],
            ),
            index("drafts", ["state", "updated_at"]),
            index("drafts", ["entry_id"]),
        ],
    }
}
