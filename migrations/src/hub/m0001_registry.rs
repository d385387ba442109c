use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, pk_uuid, string, string_null, text, uuid,
};

/// Invitations to members, and the routes their articles take.
pub(crate) fn change() -> Change {
    Change {
        name: "h0001_registry",
        parts: vec![
            table(
                "invitations",
                [
                    pk_uuid("id"),
                    // Only the hash of the one-time code is kept.
                    blob("code_hash").unique_key().take(),
                    uuid("site_id"),
                    big_integer("created_at"),
                    big_integer("expires_at"),
                    big_integer_null("used_at"),
                ],
            ),
            index("invitations", ["site_id"]),
            table(
                "routes",
                [
                    pk_uuid("id"),
                    text("name"),
                    // Selectors as JSON: see `hub::routing`.
                    text("source"),
                    text("target"),
                    string("mode"),
                    string("moment"),
                    string_null("lane"),
                    boolean("active"),
                    big_integer("position"),
                ],
            ),
        ],
    }
}
