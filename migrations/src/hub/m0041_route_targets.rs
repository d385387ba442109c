use crate::Change;
use crate::change::Part;

/// A route leads to any number of sets of members: one is chosen by their kind, another by name.
pub(crate) fn change() -> Change {
    const SQL: &[&str] = &[
        "ALTER TABLE routes RENAME COLUMN target TO targets",
        "UPDATE routes SET targets = '[' || targets || ']'",
    ];
    Change {
        name: "h0041_route_targets",
        parts: vec![Part::Own {
            sqlite: SQL,
            postgres: SQL,
        }],
    }
}
