use crate::Change;
use crate::change::table;
use sea_orm_migration::schema::{big_integer_null, text_null, uuid};

/// What each member keeps in the hub's vault, and what it says of its backups.
pub(crate) fn change() -> Change {
    Change {
        name: "h0007_vault",
        parts: vec![table(
            "vaults",
            [
                uuid("site_id").primary_key().take(),
                // How much it may fill, if it is not what all may.
                big_integer_null("quota"),
                // When its last snapshot came, by our own clock.
                big_integer_null("snapshot_at"),
                big_integer_null("told_at"),
                // Its last report, JSON.
                text_null("report"),
            ],
        )],
    }
}
