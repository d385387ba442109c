use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, blob_null, text_null, uuid,
};

/// What members said of their audit records, and where that did not fit what they had said before.
pub(crate) fn change() -> Change {
    Change {
        name: "h0018_audit",
        parts: vec![
            table_keyed(
                "audit_heads",
                [
                    uuid("site_id"),
                    big_integer("seq"),
                    blob("digest"),
                    big_integer("told_at"),
                ],
                ["site_id", "seq"],
            ),
            table(
                "audit_mismatches",
                [
                    big_pk_auto("id"),
                    uuid("site_id"),
                    big_integer("seq"),
                    // What was said first, and what was said then; nothing where the record ends before.
                    blob("kept"),
                    blob_null("told"),
                    big_integer("noticed_at"),
                    big_integer_null("settled_at"),
                    text_null("settled_by"),
                ],
            ),
            index("audit_mismatches", ["site_id"]),
        ],
    }
}
