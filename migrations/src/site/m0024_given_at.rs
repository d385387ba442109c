use crate::Change;
use crate::change::columns;
use sea_orm_migration::schema::big_integer_null;

/// When a peer gave away the place of its stream at which we stand, so that a peer whose database is an older
/// copy finds out that it gave the same position away twice.
pub(crate) fn change() -> Change {
    Change {
        name: "s0024_given_at",
        parts: vec![columns("cursors", [big_integer_null("given_at")])],
    }
}
