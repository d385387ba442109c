use crate::Change;
use crate::change::{Part, columns, index, table, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob_null, boolean, pk_uuid, string, text, text_null, uuid,
    uuid_null,
};

/// States under their present names; who handed in and approved what; what was when; what people say
/// beside a text; and what another unit looks at afterwards.
pub(crate) fn change() -> Change {
    const RENAMED: &[&str] = &[
        "UPDATE drafts SET state = 'draft' WHERE state = 'writing'",
        "UPDATE drafts SET state = 'unpublished' WHERE state = 'withdrawn'",
    ];
    Change {
        name: "s0012_workflow",
        parts: vec![
            columns(
                "drafts",
                [
                    uuid_null("handed_in_by"),
                    uuid_null("approved_by"),
                    // Of what was approved: exactly this is published.
                    blob_null("approved_digest"),
                    // Whether its own author approved it.
                    boolean("self_approved").default(false).take(),
                    // What readers are told was mended.
                    text_null("correction"),
                    // When it is to be published by itself.
                    big_integer_null("publish_at"),
                ],
            ),
            Part::Own {
                sqlite: RENAMED,
                postgres: RENAMED,
            },
            index("drafts", ["state", "publish_at"]),
            table(
                "draft_history",
                [
                    pk_uuid("id"),
                    uuid("draft_id"),
                    string("act"),
                    string("from_state"),
                    string("to_state"),
                    // The version it was done to.
                    big_integer("version"),
                    uuid_null("account_id"),
                    text_null("comment"),
                    big_integer("at"),
                ],
            ),
            index("draft_history", ["draft_id", "at"]),
            table(
                "draft_versions",
                [
                    pk_uuid("id"),
                    uuid("draft_id"),
                    big_integer("number"),
                    // All that people typed, as JSON.
                    text("content"),
                    boolean("autosaved"),
                    uuid_null("account_id"),
                    big_integer("begun_at"),
                    big_integer("at"),
                ],
            ),
            unique("draft_versions", ["draft_id", "number"]),
            table(
                "draft_notes",
                [
                    pk_uuid("id"),
                    uuid("draft_id"),
                    big_integer("version"),
                    // The passage it is about.
                    text_null("quote"),
                    text("words"),
                    uuid_null("account_id"),
                    big_integer("at"),
                    uuid_null("resolved_by"),
                    big_integer_null("resolved_at"),
                ],
            ),
            index("draft_notes", ["draft_id", "at"]),
            table(
                "draft_locks",
                [
                    uuid("draft_id").primary_key().take(),
                    uuid("account_id"),
                    big_integer("since"),
                    big_integer("seen_at"),
                ],
            ),
            table(
                "post_checks",
                [
                    uuid("entry_id").primary_key().take(),
                    // Whose entry.
                    uuid("site_id"),
                    uuid("unit_id"),
                    // The revision that its author approved.
                    big_integer("rev"),
                    big_integer("asked_at"),
                    big_integer("due_at"),
                    string("verdict"),
                    text_null("reason"),
                    uuid_null("decided_by"),
                    big_integer_null("decided_at"),
                ],
            ),
            index("post_checks", ["verdict", "due_at"]),
        ],
    }
}
