use crate::Change;
use crate::change::columns;
use sea_orm_migration::schema::{big_integer_null, text_null};

/// Which processes spoke for a peer, so that two machines with one folder are noticed.
pub(crate) fn change() -> Change {
    Change {
        name: "s0019_runs",
        parts: vec![columns(
            "peers",
            [text_null("runs"), big_integer_null("doubled_since")],
        )],
    }
}
