use crate::Change;
use crate::change::{index, table, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, string, string_null, text, text_null, uuid,
};

/// What is wrong at members, who is told of it, and what was told.
pub(crate) fn change() -> Change {
    Change {
        name: "h0042_alerts",
        parts: vec![
            table(
                "alerts",
                [
                    big_pk_auto("id"),
                    uuid("site_id"),
                    string("kind"),
                    text("detail"),
                    // Since when it is seen, from when on it is worth an alert, and until when it was seen.
                    big_integer("seen_at"),
                    big_integer("due_at"),
                    big_integer_null("closed_at"),
                    // Who knows, and since when.
                    string_null("acknowledged_by"),
                    big_integer_null("acknowledged_at"),
                ],
            ),
            index("alerts", ["closed_at"]),
            table(
                "alert_recipients",
                [
                    uuid("id").primary_key().take(),
                    string("name"),
                    string("channel"),
                    string("address"),
                    // What a webhook is signed with; nothing for e-mail.
                    string_null("secret"),
                    // Minutes of the day between which only what is urgent is told.
                    big_integer_null("quiet_from"),
                    big_integer_null("quiet_to"),
                    // Only what nobody acknowledged for so many minutes.
                    big_integer("after_minutes"),
                    boolean("active"),
                    big_integer("made_at"),
                    // How the last message went.
                    big_integer_null("reached_at"),
                    text_null("failure"),
                ],
            ),
            table(
                "alert_messages",
                [
                    uuid("id").primary_key().take(),
                    uuid("recipient_id"),
                    boolean("is_trial"),
                    big_integer("made_at"),
                    text("subject"),
                    text("words"),
                    text("facts"),
                    big_integer("tries"),
                    big_integer("next_at"),
                    big_integer_null("sent_at"),
                    big_integer_null("given_up_at"),
                ],
            ),
            index("alert_messages", ["sent_at", "given_up_at", "next_at"]),
            index("alert_messages", ["recipient_id", "made_at"]),
            // Who was told of what: that it began, and that it is over.
            table(
                "alerts_told",
                [
                    big_pk_auto("id"),
                    uuid("recipient_id"),
                    big_integer("alert_id"),
                    boolean("is_over"),
                ],
            ),
            unique("alerts_told", ["recipient_id", "alert_id", "is_over"]),
        ],
    }
}
