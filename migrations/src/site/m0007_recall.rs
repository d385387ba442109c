use crate::Change;
use crate::change::{Part, index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, string, text, text_null, uuid,
};

/// What was taken back for good: how far an entry is recalled, and every recall this site was told of.
pub(crate) fn change() -> Change {
    const RECALLED_THROUGH: &[&str] =
        &["ALTER TABLE entries ADD COLUMN recalled_through bigint NOT NULL DEFAULT 0"];
    Change {
        name: "s0007_recall",
        parts: vec![
            Part::Own {
                sqlite: RECALLED_THROUGH,
                postgres: RECALLED_THROUGH,
            },
            table(
                "recalls",
                [
                    // The event that says so.
                    big_integer("event_id").primary_key().take(),
                    uuid("entry_id"),
                    // Every revision up to this one.
                    big_integer("through"),
                    // Who recalls, and in what words to the public.
                    uuid("site_id"),
                    text("reason"),
                    text_null("basis"),
                    boolean("erase"),
                    // What was left of it here: `to_purge` until its files are gone, then `purged`.
                    string("state"),
                    big_integer("received_at"),
                    big_integer_null("purged_at"),
                ],
            ),
            index("recalls", ["entry_id"]),
            index("recalls", ["state"]),
        ],
    }
}
