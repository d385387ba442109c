use crate::Change;
use crate::change::columns;
use sea_orm_migration::schema::uuid_null;

/// The entry that says what is right instead of a recalled one.
pub(crate) fn change() -> Change {
    Change {
        name: "s0049_recall_replacement",
        parts: vec![columns("recalls", [uuid_null("replacement")])],
    }
}
