use crate::Change;
use crate::change::columns;
use sea_orm_migration::schema::string;

/// A draft's body is Markdown or, from the editor, clean HTML.
pub(crate) fn change() -> Change {
    Change {
        name: "s0014_body",
        parts: vec![columns(
            "drafts",
            [string("body_format").default("markdown").take()],
        )],
    }
}
