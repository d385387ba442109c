use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, string, string_null, text, text_null, uuid,
    uuid_null,
};

/// How this site stands with each of its peers.
pub(crate) fn change() -> Change {
    Change {
        name: "s0005_sync",
        parts: vec![
            table(
                "peers",
                [
                    uuid("site_id").primary_key().take(),
                    // `upstream` is our hub, `member` one of our members.
                    string("role"),
                    // How their events reach us and ours reach them when they cannot be called.
                    string("link"),
                    string("state"),
                    big_integer_null("last_contact_at"),
                    big_integer_null("last_delivery_at"),
                    string_null("last_error"),
                    text_null("last_error_detail"),
                    big_integer("failures"),
                    big_integer_null("clock_skew_ms"),
                    string_null("version"),
                    big_integer("added_at"),
                ],
            ),
            // `in`: how far we hold their stream. `out`: how far they have acknowledged ours.
            table_keyed(
                "cursors",
                [
                    uuid("site_id"),
                    string("direction"),
                    string("lane"),
                    uuid("stream_id"),
                    big_integer("position"),
                    // The end of the lane as last heard, so that lag is a subtraction.
                    big_integer("head"),
                    big_integer("updated_at"),
                ],
                ["site_id", "direction", "lane"],
            ),
            table_keyed(
                "nonces",
                [string("key_id"), string("nonce"), big_integer("expires_at")],
                ["key_id", "nonce"],
            ),
            index("nonces", ["expires_at"]),
            // Items one side would not take: never stops the stream, always visible to both.
            table(
                "refusals",
                [
                    big_pk_auto("id"),
                    uuid("site_id"),
                    string("direction"),
                    uuid_null("log_id"),
                    big_integer("seq"),
                    uuid_null("entry_id"),
                    string("reason"),
                    text("detail"),
                    text("head"),
                    big_integer("at"),
                ],
            ),
            index("refusals", ["site_id", "at"]),
            // What became of our entries at another site, as told by its letters.
            table_keyed(
                "reviews",
                [
                    uuid("entry_id"),
                    uuid("site_id"),
                    string("decision"),
                    text_null("reason"),
                    text_null("url"),
                    big_integer("at"),
                ],
                ["entry_id", "site_id"],
            ),
        ],
    }
}
