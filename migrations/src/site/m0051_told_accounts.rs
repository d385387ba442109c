use crate::Change;
use crate::change::table;
use sea_orm_migration::schema::{big_integer, big_integer_null, uuid};

/// How the accounts of each member stand, as it told last.
pub(crate) fn change() -> Change {
    Change {
        name: "s0051_told_accounts",
        parts: vec![table(
            "told_accounts",
            [
                uuid("site_id").primary_key().take(),
                big_integer("active"),
                big_integer("approvers"),
                big_integer("admins"),
                big_integer_null("last_sign_in"),
                big_integer("told_at"),
            ],
        )],
    }
}
