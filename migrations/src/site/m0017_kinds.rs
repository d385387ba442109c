use crate::Change;
use crate::change::{columns, index, table, table_keyed};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, string, string_null, text, text_null, uuid,
};

/// What the kinds of entries are listed by, which document ends which, the lists a unit adds to, and what
/// is taken from the inbox without asking.
pub(crate) fn change() -> Change {
    Change {
        name: "s0017_kinds",
        parts: vec![
            columns(
                "entries",
                [
                    text_null("number"),
                    text_null("form"),
                    text_null("field"),
                    text_null("issuer"),
                    text_null("issuer_key"),
                    // Days as numbers, 20261129: both databases order them alike.
                    big_integer_null("dated_on"),
                    big_integer_null("starts_on"),
                    big_integer_null("ends_on"),
                    text_null("unmapped"),
                ],
            ),
            index("entries", ["number"]),
            index("entries", ["kind", "dated_on"]),
            index("entries", ["kind", "ends_on"]),
            table(
                "document_links",
                [
                    big_pk_auto("id"),
                    uuid("entry_id"),
                    string("relation"),
                    text("number"),
                    text("issuer"),
                    uuid("unit_id"),
                    big_integer("from_day"),
                ],
            ),
            index("document_links", ["entry_id"]),
            index("document_links", ["number"]),
            // Fields and forms of documents: the province's, and the unit's own.
            table_keyed(
                "list_entries",
                [
                    string("list"),
                    string("code"),
                    text("name"),
                    big_integer("position"),
                    boolean("hidden"),
                    // Added by this unit; the others came from the province.
                    boolean("own"),
                    string_null("province_code"),
                ],
                ["list", "code"],
            ),
            columns(
                "sections",
                [
                    boolean("own").default(false).take(),
                    boolean("hidden").default(false).take(),
                    string_null("province_code"),
                ],
            ),
            // Sections whose arrivals are shown without anybody deciding.
            table(
                "auto_takes",
                [
                    string("section").primary_key().take(),
                    // Where they stand here.
                    string("placed_in"),
                    uuid("decided_by"),
                    big_integer("since"),
                ],
            ),
        ],
    }
}
