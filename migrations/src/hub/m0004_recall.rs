use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{big_integer, big_integer_null, string, text, text_null, uuid};

/// What the province recalled, and how far each site has come with it.
pub(crate) fn change() -> Change {
    Change {
        name: "h0004_recall",
        parts: vec![
            table(
                "recall_cases",
                [
                    big_integer("event_id").primary_key().take(),
                    uuid("entry_id"),
                    // Where it was born, and who spoke.
                    uuid("site_id"),
                    uuid("unit_id"),
                    // Not kept where everything is to be erased.
                    text_null("title"),
                    // Its page on any site of ours; of the title, nothing is in it.
                    text("path"),
                    // Its page on a portal that is not ours.
                    text_null("foreign_url"),
                    // Digests of its media, JSON.
                    text("media"),
                    // Its place in the stream; 0 if it goes to nobody.
                    big_integer("position"),
                    string("ordered_by"),
                    big_integer("ordered_at"),
                ],
            ),
            index("recall_cases", ["entry_id"]),
            table_keyed(
                "recall_progress",
                [
                    big_integer("event_id"),
                    uuid("site_id"),
                    // Handed to it, acknowledged by it, carried out by its own word, gone from its pages.
                    big_integer_null("sent_at"),
                    big_integer_null("received_at"),
                    big_integer_null("applied_at"),
                    big_integer_null("gone_at"),
                    // Digests of media that something else there shows, JSON.
                    text_null("kept"),
                    // What was seen when it was last looked.
                    text_null("seen"),
                    big_integer_null("looked_at"),
                    big_integer("looks"),
                    big_integer("next_look_at"),
                ],
                ["event_id", "site_id"],
            ),
            index("recall_progress", ["next_look_at"]),
            index("recall_progress", ["site_id"]),
        ],
    }
}
