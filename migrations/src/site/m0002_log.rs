use crate::Change;
use crate::change::{index, table, unique};
use sea_orm_migration::prelude::ColumnDef;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, blob_null, pk_uuid, string, text, uuid,
    uuid_null,
};

/// The signed logs: headers for ever, contents by hash, and the stream peers read from.
pub(crate) fn change() -> Change {
    Change {
        name: "s0002_log",
        parts: vec![
            table(
                "logs",
                [
                    pk_uuid("id"),
                    uuid("site_id"),
                    // A letter log is read by one unit alone; a public one by everybody.
                    uuid_null("addressee"),
                    big_integer("head_seq"),
                    blob_null("head_hash"),
                    // How far the chain is present without a gap and every link was checked.
                    big_integer("verified_seq"),
                    big_integer("opened_at"),
                    big_integer_null("closed_at"),
                ],
            ),
            index("logs", ["site_id"]),
            // Content apart from history: erasing it empties `bytes` and leaves the header whole.
            table(
                "contents",
                [
                    blob("hash").primary_key().take(),
                    blob_null("bytes"),
                    big_integer("size"),
                    big_integer_null("erased_at"),
                ],
            ),
            table(
                "events",
                [
                    big_pk_auto("id"),
                    uuid("log_id"),
                    big_integer("seq"),
                    blob("hash"),
                    uuid("site_id"),
                    uuid("unit_id"),
                    string("key_id"),
                    string("lane"),
                    string("kind"),
                    uuid_null("entry_id"),
                    big_integer("rev"),
                    blob_null("content_hash"),
                    big_integer("time"),
                    // The canonical bytes that were signed, as received.
                    text("header"),
                    blob("signature"),
                    big_integer("received_at"),
                    uuid_null("received_from"),
                ],
            ),
            unique("events", ["log_id", "seq"]),
            index("events", ["entry_id", "rev"]),
            // Who is to receive: few distinct sets, each stored once.
            table(
                "audiences",
                [big_pk_auto("id"), digest("digest"), text("rule")],
            ),
            // What goes out, in the order of commits; every peer's cursor is a position here.
            table(
                "stream",
                [
                    big_integer("position").primary_key().take(),
                    string("lane"),
                    big_integer("event_id"),
                    big_integer("audience_id"),
                    // The site whose words these are: it is never sent its own.
                    uuid("origin"),
                    big_integer("added_at"),
                ],
            ),
            index("stream", ["lane", "audience_id", "position"]),
            index("stream", ["event_id"]),
        ],
    }
}

fn digest(name: &'static str) -> ColumnDef {
    blob(name).unique_key().take()
}
