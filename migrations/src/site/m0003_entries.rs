use crate::change::{index, table, table_keyed};
use crate::{Change, Part};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, blob_null, boolean, string, string_null,
    text, text_null, uuid, uuid_null,
};

/// What is published: the current view of every entry, this site's own decision about it, its media and its words.
pub(crate) fn change() -> Change {
    Change {
        name: "s0003_entries",
        parts: vec![
            table(
                "entries",
                [
                    big_pk_auto("id"),
                    uuid("entry_id").unique_key().take(),
                    uuid("site_id"),
                    uuid("unit_id"),
                    string("kind"),
                    string("state"),
                    big_integer("rev"),
                    big_integer("event_id"),
                    blob_null("content_hash"),
                    text("url"),
                    text("title"),
                    text_null("lead"),
                    string("section"),
                    string("language"),
                    text_null("authors"),
                    blob_null("picture"),
                    text_null("picture_alt"),
                    // Fields of the kind (a document's number and dates, a notice's expiry), JSON.
                    text_null("fields"),
                    // Where a reposted or read-in item comes from, JSON.
                    text_null("source"),
                    text_null("reason"),
                    big_integer("published_at"),
                    big_integer("revised_at"),
                    big_integer_null("expires_at"),
                ],
            ),
            index("entries", ["site_id", "published_at"]),
            index("entries", ["published_at"]),
            index("entries", ["section", "published_at"]),
            index("entries", ["kind", "published_at"]),
            // One site's own decision about an entry; never part of the copy.
            table(
                "placements",
                [
                    uuid("entry_id").primary_key().take(),
                    string("state"),
                    string("mode"),
                    string("section"),
                    text_null("title"),
                    text_null("lead"),
                    boolean("featured"),
                    big_integer("arrived_at"),
                    big_integer_null("decided_at"),
                    uuid_null("decided_by"),
                    text_null("reason"),
                ],
            ),
            index("placements", ["state", "arrived_at"]),
            table(
                "media",
                [
                    blob("hash").primary_key().take(),
                    string("mime"),
                    big_integer("size"),
                    big_integer_null("width"),
                    big_integer_null("height"),
                    string("state"),
                    big_integer("tries"),
                    big_integer("next_try_at"),
                    text_null("fetch_from"),
                    big_integer("added_at"),
                ],
            ),
            index("media", ["state", "next_try_at"]),
            table_keyed(
                "entry_media",
                [uuid("entry_id"), blob("hash")],
                ["entry_id", "hash"],
            ),
            index("entry_media", ["hash"]),
            table(
                "sections",
                [
                    string("code").primary_key().take(),
                    string_null("parent"),
                    text("name"),
                    boolean("mandatory"),
                    boolean("in_menu"),
                    big_integer("position"),
                    text_null("basis"),
                ],
            ),
            // Folded text in, row number out. SQLite's FTS5 and PostgreSQL's tsvector say it differently.
            Part::Own {
                sqlite: &[
                    "CREATE VIRTUAL TABLE entry_search USING fts5(title, body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0')",
                ],
                postgres: &[
                    "CREATE TABLE entry_search (
                        row_id bigint PRIMARY KEY,
                        title text NOT NULL,
                        body text NOT NULL,
                        words tsvector GENERATED ALWAYS AS (
                            setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')
                        ) STORED)",
                    "CREATE INDEX entry_search_by_words ON entry_search USING gin (words)",
                ],
            },
        ],
    }
}
