use crate::Change;
use crate::change::Part;

/// What reading a feed over months needs to remember besides the last answer.
pub(crate) fn change() -> Change {
    // When its server asked us to come back, which reader saw the last document, where permanent
    // redirects lead, and the sections of its entries as JSON.
    const STATEMENTS: &[&str] = &[
        "ALTER TABLE feed_sources ADD COLUMN not_before bigint",
        "ALTER TABLE feed_sources ADD COLUMN reader_version bigint NOT NULL DEFAULT 0",
        "ALTER TABLE feed_sources ADD COLUMN moved_to text",
        "ALTER TABLE feed_sources ADD COLUMN sections text",
    ];
    Change {
        name: "h0003_feed_reading",
        parts: vec![Part::Own {
            sqlite: STATEMENTS,
            postgres: STATEMENTS,
        }],
    }
}
