use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, blob_null, boolean, pk_uuid, string,
    string_null, text, text_null, uuid,
};

/// Feeds the hub reads: portals that are not ours, and a second look at those that are.
pub(crate) fn change() -> Change {
    Change {
        name: "h0002_feed_import",
        parts: vec![
            table(
                "feed_sources",
                [
                    pk_uuid("id"),
                    uuid("site_id"),
                    // `import`: the way in of a foreign portal. `check`: compared with what push brought.
                    string("purpose"),
                    text("url"),
                    // Cron, seconds first, in the province's time.
                    string("schedule"),
                    boolean("active"),
                    text_null("etag"),
                    text_null("last_modified"),
                    big_integer_null("polled_at"),
                    big_integer_null("succeeded_at"),
                    string_null("outcome"),
                    text_null("detail"),
                    big_integer("failures"),
                    big_integer("entries_seen"),
                    big_integer("missed"),
                ],
            ),
            index("feed_sources", ["site_id"]),
            // Every identity ever seen, so that nothing is imported twice or again after its deletion.
            table_keyed(
                "feed_items",
                [
                    uuid("source_id"),
                    string("identity"),
                    uuid("entry_id"),
                    big_integer("rev"),
                    blob_null("content_hash"),
                    big_integer("hash_only_updates"),
                    big_integer("first_seen_at"),
                    big_integer("last_changed_at"),
                ],
                ["source_id", "identity"],
            ),
            table(
                "feed_quarantine",
                [
                    big_pk_auto("id"),
                    uuid("source_id"),
                    blob("digest"),
                    text("reason"),
                    text("head"),
                    big_integer("first_seen_at"),
                    big_integer("last_seen_at"),
                ],
            ),
            index("feed_quarantine", ["source_id", "digest"]),
        ],
    }
}
