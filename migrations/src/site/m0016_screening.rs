use crate::Change;
use crate::change::{index, table, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, string, string_null, text, text_null, uuid,
    uuid_null,
};

/// What screening knows: the sets of rules a site was given, what was refused without being kept, what
/// is held, and what was found in files.
pub(crate) fn change() -> Change {
    Change {
        name: "s0016_screening",
        parts: vec![
            table(
                "screening_rule_sets",
                [
                    big_pk_auto("id"),
                    text("label"),
                    text("body"),
                    text("given_by"),
                    big_integer("given_at"),
                ],
            ),
            table(
                "screening_refusals",
                [
                    big_pk_auto("id"),
                    // Keyed: a short secret cannot be guessed from it.
                    blob("hash"),
                    string("rule"),
                    text("rules"),
                    string("way"),
                    uuid_null("account_id"),
                    uuid_null("site_id"),
                    uuid_null("entry_id"),
                    big_integer("at"),
                ],
            ),
            table(
                "screening_holds",
                [
                    big_pk_auto("id"),
                    uuid("draft_id"),
                    string("rule"),
                    // Keyed, and not the number itself.
                    blob("subject"),
                    text("rules"),
                    text("place"),
                    text("excerpt"),
                    string("state"),
                    big_integer("found_at"),
                    uuid_null("decided_by"),
                    big_integer_null("decided_at"),
                    text_null("why"),
                ],
            ),
            unique("screening_holds", ["draft_id", "rule", "subject"]),
            index("screening_holds", ["state", "id"]),
            table(
                "screening_files",
                [
                    blob("digest").primary_key().take(),
                    text("rules"),
                    text("findings"),
                    string_null("unread"),
                    big_integer("screened_at"),
                ],
            ),
        ],
    }
}
