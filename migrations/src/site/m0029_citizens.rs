use crate::Change;
use crate::change::{index, table, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob_null, boolean, pk_uuid, string, text, text_null, uuid,
    uuid_null,
};

/// What people ask, report and tell in confidence, and what is said to them.
pub(crate) fn change() -> Change {
    Change {
        name: "s0029_citizens",
        parts: vec![
            table(
                "cases",
                [
                    pk_uuid("id"),
                    string("kind"),
                    // The unit at whose site somebody asked.
                    uuid("origin_unit"),
                    // The unit that is to answer now; what follows from the messages.
                    uuid("holder"),
                    string("state"),
                    // Nothing of a tip.
                    text("subject"),
                    text_null("place"),
                    // Who asks and how to reach them, for the unit that answers alone.
                    text_null("asker"),
                    text_null("contact"),
                    // Whether question and answer may be published.
                    boolean("may_publish"),
                    // What the receipt code is known by, where somebody asked.
                    blob_null("code_digest"),
                    // Of a tip: the office it is sealed to, and what answers to it are sealed to.
                    uuid_null("office"),
                    blob_null("reply_key"),
                    big_integer("asked_at"),
                    big_integer("changed_at"),
                    big_integer_null("closed_at"),
                    // The last day to answer, as 2026-12-18.
                    string("due_on"),
                    // What is being written as an answer, and by whom.
                    text_null("draft"),
                    uuid_null("draft_by"),
                    // The draft of an entry that publishes it.
                    uuid_null("published_as"),
                ],
            ),
            index("cases", ["holder", "state", "due_on"]),
            unique("cases", ["code_digest"]),
            table(
                "case_messages",
                [
                    pk_uuid("id"),
                    uuid("case_id"),
                    // One more than the highest its writer had seen.
                    big_integer("number"),
                    // At whose site it was written.
                    uuid("unit"),
                    string("act"),
                    text("words"),
                    // Of a tip: the words, readable by one key alone.
                    blob_null("sealed"),
                    // To which unit it was passed on.
                    uuid_null("to_unit"),
                    big_integer("at"),
                    // Who wrote it here.
                    uuid_null("account_id"),
                    // The letter it came with: its effect ends with that of the letter.
                    big_integer_null("event_id"),
                ],
            ),
            index("case_messages", ["case_id", "number"]),
            table(
                "case_pictures",
                [
                    pk_uuid("id"),
                    uuid("message_id"),
                    big_integer("position"),
                    sea_orm_migration::schema::blob("bytes"),
                    big_integer("width"),
                    big_integer("height"),
                ],
            ),
            index("case_pictures", ["message_id", "position"]),
        ],
    }
}
