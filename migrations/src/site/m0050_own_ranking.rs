use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, pk_uuid, string, string_null, text, text_null, uuid,
};

/// How the province ranks this unit, as it told, and what people here said to that.
pub(crate) fn change() -> Change {
    Change {
        name: "s0050_own_ranking",
        parts: vec![
            table(
                "rankings_told",
                [
                    uuid("period_id").primary_key().take(),
                    big_integer("rev"),
                    big_integer("event_id"),
                    uuid("site_id"),
                    // All numbers, JSON.
                    text("sheet"),
                    // The last day people may say something, while they may.
                    string_null("window_until"),
                    big_integer("counted_at"),
                    big_integer("received_at"),
                ],
            ),
            table(
                "rankings_said",
                [
                    pk_uuid("id"),
                    uuid("period_id"),
                    string("indicator"),
                    // Hundredths of a point; none for an objection.
                    big_integer_null("points"),
                    text("words"),
                    string("said_by"),
                    big_integer("said_at"),
                    text_null("turned_away"),
                ],
            ),
            index("rankings_said", ["period_id"]),
        ],
    }
}
