use crate::Change;
use crate::change::{index, table};
use sea_orm_migration::prelude::ColumnDef;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, pk_uuid, string, string_null, text,
    text_null, uuid,
};

/// Who exists: units with dated attributes, their sites, and the sites' keys.
pub(crate) fn change() -> Change {
    Change {
        name: "s0001_identity",
        parts: vec![
            // What this site knows of itself, by name; values are JSON.
            table("settings", [key("name"), text("value")]),
            // Counters taken inside the transaction they number, so that they never run ahead of a commit.
            table("counters", [key("name"), big_integer("value")]),
            table("units", [pk_uuid("id"), big_integer("created_at")]),
            // Names, kinds, parents, codes and hosts change by law and get reused: each value has its days.
            table(
                "unit_attributes",
                [
                    big_pk_auto("id"),
                    uuid("unit_id"),
                    string("name"),
                    text("value"),
                    string_null("valid_from"),
                    string_null("valid_to"),
                    text_null("basis"),
                ],
            ),
            index("unit_attributes", ["unit_id", "name"]),
            table(
                "sites",
                [
                    pk_uuid("id"),
                    uuid("unit_id"),
                    string("mode"),
                    string("state"),
                    text("base_url"),
                    text("title"),
                    big_integer("described_at"),
                ],
            ),
            index("sites", ["unit_id"]),
            table(
                "site_keys",
                [
                    key("key_id"),
                    uuid("site_id"),
                    blob("public_key"),
                    big_integer("valid_from"),
                    big_integer_null("valid_to"),
                    big_integer_null("revoked_at"),
                ],
            ),
            index("site_keys", ["site_id"]),
        ],
    }
}

fn key(name: &'static str) -> ColumnDef {
    string(name).primary_key().take()
}
