use crate::change::{index, table, table_keyed};
use crate::{Change, Part};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, string, string_null, uuid, uuid_null,
};

/// How far each key counts, what was signed beyond that, and what people decided about it; since
/// when a peer fails, and what became of refusals.
pub(crate) fn change() -> Change {
    Change {
        name: "s0008_keys",
        parts: vec![
            Part::Own {
                sqlite: &[
                    // `site` signs everything; `emergency` only who the hub is.
                    "ALTER TABLE site_keys ADD COLUMN purpose text NOT NULL DEFAULT 'site'",
                    "ALTER TABLE site_keys ADD COLUMN revoked_since bigint",
                    "ALTER TABLE site_keys ADD COLUMN judged_at bigint NOT NULL DEFAULT 0",
                    "ALTER TABLE peers ADD COLUMN failing_since bigint",
                    "ALTER TABLE peers ADD COLUMN next_try_at bigint",
                    // `open`, `dismissed` or `settled`; who closed it and when, and with which
                    // software it was refused.
                    "ALTER TABLE refusals ADD COLUMN state text NOT NULL DEFAULT 'open'",
                    "ALTER TABLE refusals ADD COLUMN closed_at bigint",
                    "ALTER TABLE refusals ADD COLUMN closed_by text",
                    "ALTER TABLE refusals ADD COLUMN software text NOT NULL DEFAULT ''",
                    "ALTER TABLE refusals ADD COLUMN tries bigint NOT NULL DEFAULT 0",
                ],
                postgres: &[
                    "ALTER TABLE site_keys ADD COLUMN purpose varchar NOT NULL DEFAULT 'site'",
                    "ALTER TABLE site_keys ADD COLUMN revoked_since bigint",
                    "ALTER TABLE site_keys ADD COLUMN judged_at bigint NOT NULL DEFAULT 0",
                    "ALTER TABLE peers ADD COLUMN failing_since bigint",
                    "ALTER TABLE peers ADD COLUMN next_try_at bigint",
                    "ALTER TABLE refusals ADD COLUMN state varchar NOT NULL DEFAULT 'open'",
                    "ALTER TABLE refusals ADD COLUMN closed_at bigint",
                    "ALTER TABLE refusals ADD COLUMN closed_by varchar",
                    "ALTER TABLE refusals ADD COLUMN software varchar NOT NULL DEFAULT ''",
                    "ALTER TABLE refusals ADD COLUMN tries bigint NOT NULL DEFAULT 0",
                ],
            },
            // The last place of each log up to which a revoked key is believed.
            table_keyed(
                "key_cuts",
                [string("key_id"), uuid("log_id"), big_integer("through")],
                ["key_id", "log_id"],
            ),
            // Single places after the cut that people looked at and trust.
            table_keyed(
                "key_releases",
                [string("key_id"), uuid("log_id"), big_integer("seq")],
                ["key_id", "log_id", "seq"],
            ),
            // Events held here that have no effect, because of the key that signed them.
            table(
                "distrusted",
                [
                    big_integer("event_id").primary_key().take(),
                    string("key_id"),
                    uuid("site_id"),
                    uuid_null("entry_id"),
                    string("state"),
                    big_integer("since"),
                    big_integer_null("decided_at"),
                    string_null("decided_by"),
                ],
            ),
            index("distrusted", ["key_id"]),
            index("distrusted", ["entry_id"]),
            index("events", ["key_id"]),
            index("refusals", ["log_id", "seq"]),
        ],
    }
}
