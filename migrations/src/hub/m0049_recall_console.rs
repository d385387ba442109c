use crate::Change;
use crate::change::{columns, index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, pk_uuid, string, string_null, text, text_null, uuid,
    uuid_null,
};

/// Recalls that wait for a second person, and recalls that were taken back themselves.
pub(crate) fn change() -> Change {
    Change {
        name: "h0049_recall_console",
        parts: vec![
            table(
                "recall_proposals",
                [
                    pk_uuid("id"),
                    uuid("entry_id"),
                    text("reason"),
                    text_null("basis"),
                    boolean("erase"),
                    uuid_null("replacement"),
                    // Who proposes may not be who confirms.
                    uuid("proposed_by"),
                    string("proposer"),
                    big_integer("proposed_at"),
                    // `waiting`, `carried_out` or `dropped`.
                    string("state"),
                    string_null("decider"),
                    big_integer_null("decided_at"),
                ],
            ),
            index("recall_proposals", ["state", "proposed_at"]),
            columns(
                "recall_cases",
                [
                    big_integer_null("lifted_at"),
                    string_null("lifted_by"),
                    text_null("lifted_why"),
                ],
            ),
        ],
    }
}
