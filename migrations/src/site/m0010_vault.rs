use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob_null, boolean, string, string_null, text,
    text_null,
};

/// What was done for the backups of this site, and when.
pub(crate) fn change() -> Change {
    Change {
        name: "s0010_vault",
        parts: vec![
            table(
                "backup_runs",
                [
                    big_pk_auto("id"),
                    string("work"),
                    text("target"),
                    big_integer("began_at"),
                    big_integer("ended_at"),
                    boolean("is_good"),
                    string_null("snapshot"),
                    big_integer_null("bytes"),
                    big_integer_null("added"),
                    blob_null("content"),
                    text_null("detail"),
                ],
            ),
            index("backup_runs", ["work", "is_good", "id"]),
        ],
    }
}
