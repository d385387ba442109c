use crate::Change;
use crate::change::{columns, index};
use sea_orm_migration::schema::uuid_null;

/// What becomes of what people asked at a site whose unit is no more, and the way from a host name or a successor
/// back to the units that had it.
pub(crate) fn change() -> Change {
    Change {
        name: "s0046_units_over_time",
        parts: vec![
            // To which unit everything about the case was handed, its receipt included.
            columns("cases", [uuid_null("handed_to")]),
            index("unit_attributes", ["name", "value"]),
        ],
    }
}
