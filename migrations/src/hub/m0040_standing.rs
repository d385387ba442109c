use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, string, string_null, text_null, uuid,
};

/// How members were from when to when, and what the province settled and noted about each.
pub(crate) fn change() -> Change {
    Change {
        name: "h0040_standing",
        parts: vec![
            // What happened to a member: another state, another version, a clock that went wrong.
            table(
                "member_events",
                [
                    big_pk_auto("id"),
                    uuid("site_id"),
                    big_integer("at"),
                    string("kind"),
                    // What holds from then on, by name; and what is to be read.
                    string("value"),
                    text_null("detail"),
                ],
            ),
            index("member_events", ["site_id", "kind", "at"]),
            index("member_events", ["at"]),
            // When somebody watched: outside these spans nothing is known.
            table(
                "watches",
                [
                    big_pk_auto("id"),
                    big_integer("began_at"),
                    big_integer("seen_at"),
                ],
            ),
            index("watches", ["seen_at"]),
            table(
                "member_notes",
                [
                    uuid("site_id").primary_key().take(),
                    // How long it may be silent before it counts as late, and how many days without an article.
                    big_integer_null("grace_seconds"),
                    big_integer_null("silent_days"),
                    text_null("note"),
                    string_null("changed_by"),
                    big_integer("changed_at"),
                ],
            ),
            // The newest entry of each unit, and how many there were since a day, without looking at the others.
            index("entries", ["unit_id", "published_at"]),
        ],
    }
}
