use crate::Change;
use crate::change::{index, table, unique};
use sea_orm_migration::schema::{big_integer, blob, string, string_null, text, uuid, uuid_null};

/// Signing in through a single sign-on: which identity is whose account, and who is on the way.
pub(crate) fn change() -> Change {
    Change {
        name: "s0021_openid",
        parts: vec![
            table(
                "openid_links",
                [
                    uuid("account_id").primary_key().take(),
                    string("issuer"),
                    string_null("subject"),
                    string_null("expected"),
                    big_integer("linked_at"),
                ],
            ),
            // Both databases let many rows have no subject, or no expected name.
            unique("openid_links", ["issuer", "subject"]),
            unique("openid_links", ["issuer", "expected"]),
            table(
                "openid_attempts",
                [
                    blob("hash").primary_key().take(),
                    text("nonce"),
                    text("verifier"),
                    text("return_to"),
                    uuid_null("links"),
                    big_integer("began_at"),
                ],
            ),
            index("openid_attempts", ["began_at"]),
        ],
    }
}
