use crate::Change;
use crate::change::{Part, index, table, table_keyed, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, string, string_null, text, text_null, uuid,
    uuid_null,
};

/// Ranking: versions of the scheme, periods and their raw numbers, what members say of them, and what was frozen.
pub(crate) fn change() -> Change {
    Change {
        name: "h0045_ranking",
        parts: vec![
            table(
                "ranking_schemes",
                [
                    string("version").primary_key().take(),
                    text("name"),
                    // The file as it was loaded.
                    text("body"),
                    string("added_by"),
                    big_integer("added_at"),
                ],
            ),
            table(
                "ranking_periods",
                [
                    uuid("id").primary_key().take(),
                    string("kind"),
                    // ISO days.
                    string("from_day"),
                    string("to_day"),
                    string("scheme"),
                    string("state"),
                    big_integer("opened_at"),
                    big_integer_null("collected_at"),
                    string_null("window_until"),
                    big_integer_null("frozen_at"),
                    big_integer_null("published_at"),
                ],
            ),
            unique("ranking_periods", ["kind", "from_day"]),
            table_keyed(
                "ranking_sheets",
                [
                    uuid("period_id"),
                    uuid("unit_id"),
                    uuid("site_id"),
                    text("name"),
                    string("unit_kind"),
                    string("group_code"),
                    // Raw numbers by name, JSON.
                    text("inputs"),
                ],
                ["period_id", "unit_id"],
            ),
            table_keyed(
                "ranking_self_scores",
                [
                    uuid("period_id"),
                    uuid("unit_id"),
                    string("indicator"),
                    // Hundredths of a point.
                    big_integer("points"),
                    text("evidence"),
                    string("said_by"),
                    big_integer("at"),
                ],
                ["period_id", "unit_id", "indicator"],
            ),
            table(
                "ranking_objections",
                [
                    uuid("id").primary_key().take(),
                    uuid("period_id"),
                    uuid("unit_id"),
                    string("indicator"),
                    text("words"),
                    string("filed_by"),
                    big_integer("filed_at"),
                    string_null("outcome"),
                    text_null("answer"),
                    string_null("decided_by"),
                    big_integer_null("decided_at"),
                ],
            ),
            index("ranking_objections", ["period_id", "unit_id"]),
            // Beside the raw number, never instead of it.
            table(
                "ranking_adjustments",
                [
                    big_pk_auto("id"),
                    uuid("period_id"),
                    uuid("unit_id"),
                    string("input"),
                    big_integer("delta"),
                    text("reason"),
                    string("made_by"),
                    big_integer("at"),
                    uuid_null("objection_id"),
                ],
            ),
            index("ranking_adjustments", ["period_id", "unit_id"]),
            table(
                "ranking_snapshots",
                [
                    uuid("period_id").primary_key().take(),
                    // All that was frozen, JSON, byte for byte as it was signed.
                    text("body"),
                    blob("digest"),
                    string("key_id"),
                    blob("signature"),
                    big_integer("at"),
                ],
            ),
            // Whether something is in a section of a unit, without looking at the others.
            index("entries", ["unit_id", "section", "published_at"]),
            Part::Each {
                tables: &["ranking_snapshots", "ranking_adjustments"],
                sqlite: &[
                    "CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'what was recorded of a ranking is never changed'); END",
                    "CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'what was recorded of a ranking is kept'); END",
                ],
                postgres: &[
                    "CREATE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ \
                     BEGIN RAISE EXCEPTION 'what was recorded of a ranking is never changed'; END $$",
                    "CREATE TRIGGER {table}_guarded BEFORE UPDATE OR DELETE ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION {table}_guard()",
                ],
            },
            // The public table shows what is published.
            Part::Own {
                sqlite: &[
                    "CREATE TRIGGER ranking_periods_updated_shows AFTER UPDATE ON ranking_periods \
                     BEGIN UPDATE counters SET value = value + 1 WHERE name = 'page'; END",
                ],
                postgres: &[
                    "CREATE CONSTRAINT TRIGGER ranking_periods_shows AFTER UPDATE ON ranking_periods \
                     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pages_changed()",
                ],
            },
        ],
    }
}
