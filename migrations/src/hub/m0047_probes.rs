use crate::Change;
use crate::change::{index, table, table_keyed};
use sea_orm_migration::schema::{big_integer, big_integer_null, string, text, uuid};

/// What the public sees of each member, as it was found when somebody looked from outside.
pub(crate) fn change() -> Change {
    Change {
        name: "h0047_probes",
        parts: vec![
            // The last of each kind.
            table_keyed(
                "probes",
                [
                    uuid("site_id"),
                    string("kind"),
                    big_integer("at"),
                    // How it went, by name; since when it is so; and how, in words.
                    string("outcome"),
                    big_integer("since"),
                    text("detail"),
                    // What was measured: days, milliseconds.
                    big_integer_null("value"),
                ],
                ["site_id", "kind"],
            ),
            // Those somebody has to know of, without reading all that are well.
            index("probes", ["outcome"]),
            table_keyed(
                "probe_days",
                [
                    big_integer("day"),
                    uuid("site_id"),
                    string("kind"),
                    big_integer("asked"),
                    big_integer("good"),
                ],
                ["day", "site_id", "kind"],
            ),
            index("probe_days", ["site_id", "day"]),
            // The last examination of each member, step by step.
            table(
                "examinations",
                [
                    uuid("site_id").primary_key().take(),
                    big_integer("at"),
                    string("by_whom"),
                    // What was found, JSON.
                    text("findings"),
                ],
            ),
        ],
    }
}
