use crate::Change;
use crate::change::{Part, columns, index, table, table_keyed, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, pk_uuid, string, text, text_null, uuid, uuid_null,
};

/// What an account may do is granted by role and section, in place of one role for everything; a
/// second factor, invitations, and accounts that switch themselves off.
pub(crate) fn change() -> Change {
    const MOVE: &[&str] = &[
        "INSERT INTO grants (account_id, role, section) SELECT id, role, '' FROM accounts",
        // Who administered a site could do everything else as well.
        "INSERT INTO grants (account_id, role, section) \
         SELECT id, 'chief_editor', '' FROM accounts WHERE role = 'admin'",
        "ALTER TABLE accounts DROP COLUMN role",
    ];
    Change {
        name: "s0013_accounts",
        parts: vec![
            table_keyed(
                "grants",
                [
                    uuid("account_id"),
                    string("role"),
                    // Empty for the whole site.
                    string("section"),
                ],
                ["account_id", "role", "section"],
            ),
            Part::Own {
                sqlite: MOVE,
                postgres: MOVE,
            },
            columns(
                "accounts",
                [
                    // Why it is off; empty if somebody switched it off.
                    text_null("off_reason"),
                    // Time that passed, while the site was up, since it last signed in.
                    big_integer("idle_ms").default(0).take(),
                ],
            ),
            columns(
                "sessions",
                [
                    // The password was right and the code is still to come.
                    boolean("halfway").default(false).take(),
                    // When the password or a code was last given.
                    big_integer("confirmed_at").default(0).take(),
                    text_null("browser"),
                    text_null("address"),
                ],
            ),
            table(
                "second_factors",
                [
                    uuid("account_id").primary_key().take(),
                    blob("secret"),
                    big_integer_null("confirmed_at"),
                    // The half minute of the code used last.
                    big_integer("last_step"),
                ],
            ),
            table_keyed(
                "recovery_codes",
                [
                    uuid("account_id"),
                    blob("code_hash"),
                    big_integer_null("used_at"),
                ],
                ["account_id", "code_hash"],
            ),
            table(
                "account_invitations",
                [
                    pk_uuid("id"),
                    blob("token_hash"),
                    string("login"),
                    text("name"),
                    // Roles and sections, as the command line writes them.
                    text("grants"),
                    uuid_null("invited_by"),
                    big_integer("expires_at"),
                ],
            ),
            unique("account_invitations", ["token_hash"]),
            index("account_invitations", ["expires_at"]),
        ],
    }
}
