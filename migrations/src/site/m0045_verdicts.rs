use crate::Change;
use crate::change::{Part, columns, index, table};
use sea_orm_migration::schema::{big_integer, big_pk_auto, string, string_null, uuid, uuid_null};

/// Every decision about what others sent, with the grade it was given: a placement only knows the last.
pub(crate) fn change() -> Change {
    const SQL: &[&str] = &[
        "INSERT INTO inbox_verdicts (entry_id, unit_id, rev, decision, decided_by, at) \
         SELECT p.entry_id, e.unit_id, e.rev, \
           CASE p.state WHEN 'shown' THEN 'accepted' WHEN 'returned' THEN 'returned' ELSE 'declined' END, \
           p.decided_by, p.decided_at \
         FROM placements p JOIN entries e ON e.entry_id = p.entry_id \
         WHERE p.decided_by IS NOT NULL AND p.decided_at IS NOT NULL AND p.mode <> 'own' \
           AND p.state IN ('shown', 'returned', 'skipped')",
    ];
    Change {
        name: "s0045_verdicts",
        parts: vec![
            table(
                "inbox_verdicts",
                [
                    big_pk_auto("id"),
                    uuid("entry_id"),
                    // Whose entry.
                    uuid("unit_id"),
                    big_integer("rev"),
                    string("decision"),
                    string_null("grade"),
                    uuid_null("decided_by"),
                    big_integer("at"),
                ],
            ),
            index("inbox_verdicts", ["at"]),
            index("inbox_verdicts", ["entry_id"]),
            index("inbox_verdicts", ["unit_id", "at"]),
            Part::Own {
                sqlite: SQL,
                postgres: SQL,
            },
            // What we were told of ours.
            columns("reviews", [string_null("grade")]),
        ],
    }
}
