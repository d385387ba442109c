use crate::Change;
use crate::change::table;
use sea_orm_migration::schema::{big_integer, text_null, uuid};

/// Whom to ask at a site, in its own words, so that another can show it in its name.
pub(crate) fn change() -> Change {
    Change {
        name: "s0011_bounds",
        parts: vec![table(
            "site_contacts",
            [
                uuid("site_id").primary_key().take(),
                text_null("tagline"),
                text_null("responsible"),
                text_null("address"),
                text_null("phone"),
                text_null("email"),
                big_integer("told_at"),
            ],
        )],
    }
}
