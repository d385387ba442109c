use crate::Change;
use crate::change::Part;

/// Who approved or administered at the province could recall; who administered ran the members.
pub(crate) fn change() -> Change {
    const GIVE: &[&str] = &[
        "INSERT INTO grants (account_id, role, section) \
         SELECT account_id, 'hub_editor', '' FROM grants WHERE role IN ('approver', 'admin')",
        "INSERT INTO grants (account_id, role, section) \
         SELECT account_id, 'hub_admin', '' FROM grants WHERE role = 'admin'",
    ];
    Change {
        name: "h0013_accounts",
        parts: vec![Part::Own {
            sqlite: GIVE,
            postgres: GIVE,
        }],
    }
}
