use crate::Change;
use crate::Part;
use crate::change::{index, table};
use sea_orm_migration::schema::{big_integer, big_integer_null, boolean, string_null, text, uuid};

/// The bulletins of the province, as they stand, and who acknowledged them here.
pub(crate) fn change() -> Change {
    Change {
        name: "s0048_bulletins",
        parts: vec![
            table(
                "bulletins",
                [
                    uuid("id").primary_key().take(),
                    big_integer("rev"),
                    big_integer("event_id"),
                    uuid("site_id"),
                    // What it says, JSON.
                    text("words"),
                    big_integer("from_at"),
                    big_integer("until_at"),
                    boolean("lifted"),
                    // When it was said, by the clock of who said it, and when we heard of it.
                    big_integer("said_at"),
                    big_integer("received_at"),
                    // The latest end any version of it had: before that, an older one may still come.
                    big_integer("longest_at"),
                    big_integer("acknowledged_rev"),
                    string_null("acknowledged_by"),
                    big_integer_null("acknowledged_at"),
                ],
            ),
            index("bulletins", ["until_at"]),
            // Every page shows what stands.
            Part::Each {
                tables: &["bulletins"],
                sqlite: &[
                    "CREATE TRIGGER {table}_inserted_shows AFTER INSERT ON {table} \
                     BEGIN UPDATE counters SET value = value + 1 WHERE name = 'page'; END",
                    "CREATE TRIGGER {table}_updated_shows AFTER UPDATE ON {table} \
                     BEGIN UPDATE counters SET value = value + 1 WHERE name = 'page'; END",
                    "CREATE TRIGGER {table}_deleted_shows AFTER DELETE ON {table} \
                     BEGIN UPDATE counters SET value = value + 1 WHERE name = 'page'; END",
                ],
                postgres: &[
                    "CREATE CONSTRAINT TRIGGER {table}_shows AFTER INSERT OR UPDATE OR DELETE ON {table} \
                     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pages_changed()",
                ],
            },
        ],
    }
}
