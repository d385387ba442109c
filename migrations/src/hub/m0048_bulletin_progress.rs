use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, string, string_null, text_null, uuid, uuid_null,
};

/// The bulletins the province sent, version by version, and how far each member has come with them.
pub(crate) fn change() -> Change {
    Change {
        name: "h0048_bulletin_progress",
        parts: vec![
            table(
                "bulletin_orders",
                [
                    big_integer("event_id").primary_key().take(),
                    uuid("bulletin_id"),
                    big_integer("rev"),
                    boolean("lifts"),
                    // The unit that is out of service, where that is what it announces.
                    uuid_null("outage_unit"),
                    big_integer("from_at"),
                    big_integer("until_at"),
                    // Its place in the stream; 0 if it goes to nobody.
                    big_integer("position"),
                    string("ordered_by"),
                    big_integer("ordered_at"),
                ],
            ),
            index("bulletin_orders", ["bulletin_id", "rev"]),
            index("bulletin_orders", ["position"]),
            table_keyed(
                "bulletin_progress",
                [
                    big_integer("event_id"),
                    uuid("site_id"),
                    // Whether its pages are to say it; otherwise it is for its people alone.
                    boolean("shows"),
                    // Handed to it, acknowledged by it, seen on its pages, acknowledged by its people.
                    big_integer_null("sent_at"),
                    big_integer_null("received_at"),
                    big_integer_null("seen_at"),
                    big_integer_null("acknowledged_at"),
                    string_null("acknowledged_by"),
                    // What was wrong when it was last looked.
                    text_null("trouble"),
                    big_integer_null("looked_at"),
                    big_integer("looks"),
                    // None where there is nothing to look for, yet or any more.
                    big_integer_null("next_look_at"),
                ],
                ["event_id", "site_id"],
            ),
            index("bulletin_progress", ["next_look_at"]),
            index("bulletin_progress", ["received_at"]),
        ],
    }
}
