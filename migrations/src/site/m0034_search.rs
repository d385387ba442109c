use crate::{Change, Part};

/// Which words of an entry bear which marks, so that what was typed with marks is found first. It begins
/// empty: what is published already is entered by the site itself, since a database cannot read a body.
pub(crate) fn change() -> Change {
    Change {
        name: "s0034_search",
        parts: vec![Part::Own {
            // Whether a word is there is all that is asked: without places the index is a seventh of the other.
            sqlite: &[
                "CREATE VIRTUAL TABLE entry_search_marked USING fts5(words, content='', contentless_delete=1, detail='none', tokenize='ascii')",
            ],
            postgres: &[
                "ALTER TABLE entry_search ADD COLUMN marked tsvector",
                "CREATE INDEX entry_search_by_marked ON entry_search USING gin (marked)",
            ],
        }],
    }
}
