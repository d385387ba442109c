use crate::change::{index, table, table_keyed};
use crate::{Change, Part};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, string, text, text_null, uuid,
};

/// Comparing what two sites hold, and looking after what this one has on its disk.
pub(crate) fn change() -> Change {
    Change {
        name: "s0009_convergence",
        parts: vec![
            // The events of 1,024 places of a log in one sum. `selection` is empty for all that is held,
            // or the digest of the audiences that were selected.
            table_keyed(
                "digest_blocks",
                [
                    uuid("log_id"),
                    big_integer("block"),
                    blob("selection"),
                    big_integer("events"),
                    blob("sum"),
                ],
                ["log_id", "block", "selection"],
            ),
            // Which audiences occur in the stream for a log at all.
            table_keyed(
                "log_audiences",
                [uuid("log_id"), big_integer("audience_id")],
                ["log_id", "audience_id"],
            ),
            // Differences with a peer that have an explanation, so that they are not found again.
            table_keyed(
                "settled",
                [
                    uuid("site_id"),
                    uuid("log_id"),
                    big_integer("seq"),
                    blob("hash"),
                    string("why"),
                    big_integer("at"),
                ],
                ["site_id", "log_id", "seq", "hash"],
            ),
            // When this site and a peer last compared, and what pushing had missed until then.
            table(
                "comparisons",
                [
                    uuid("site_id").primary_key().take(),
                    big_integer_null("agreed_at"),
                    big_integer("compared_at"),
                    big_integer("rounds"),
                    big_integer("missed_in"),
                    big_integer("missed_out"),
                    big_integer_null("missed_at"),
                    // What the peer says of its own disk.
                    big_integer_null("checked_at"),
                    big_integer("damaged"),
                ],
            ),
            // What was found to be other than it should be, until it is whole again.
            table(
                "damages",
                [
                    big_pk_auto("id"),
                    string("what"),
                    text("name"),
                    text("detail"),
                    big_integer("found_at"),
                    big_integer("tries"),
                    big_integer("next_try_at"),
                    big_integer_null("healed_at"),
                    text_null("healed_from"),
                ],
            ),
            index("damages", ["what", "name"]),
            index("damages", ["healed_at", "next_try_at"]),
            // Whoever changes a row of the log, the application or a hand behind it: the sums it was
            // part of are made anew.
            Part::Own {
                sqlite: &[
                    "CREATE TRIGGER events_added AFTER INSERT ON events BEGIN
                        DELETE FROM digest_blocks WHERE log_id = NEW.log_id AND block = NEW.seq / 1024;
                     END",
                    "CREATE TRIGGER events_removed AFTER DELETE ON events BEGIN
                        DELETE FROM digest_blocks WHERE log_id = OLD.log_id AND block = OLD.seq / 1024;
                     END",
                    "CREATE TRIGGER events_altered AFTER UPDATE ON events BEGIN
                        DELETE FROM digest_blocks WHERE log_id = OLD.log_id AND block = OLD.seq / 1024;
                        DELETE FROM digest_blocks WHERE log_id = NEW.log_id AND block = NEW.seq / 1024;
                     END",
                    "CREATE TRIGGER stream_added AFTER INSERT ON stream BEGIN
                        DELETE FROM digest_blocks WHERE (log_id, block) IN
                            (SELECT log_id, seq / 1024 FROM events WHERE id = NEW.event_id);
                        INSERT OR IGNORE INTO log_audiences (log_id, audience_id)
                            SELECT log_id, NEW.audience_id FROM events WHERE id = NEW.event_id;
                     END",
                    "CREATE TRIGGER stream_removed AFTER DELETE ON stream BEGIN
                        DELETE FROM digest_blocks WHERE (log_id, block) IN
                            (SELECT log_id, seq / 1024 FROM events WHERE id = OLD.event_id);
                     END",
                    "CREATE TRIGGER stream_altered AFTER UPDATE ON stream BEGIN
                        DELETE FROM digest_blocks WHERE (log_id, block) IN
                            (SELECT log_id, seq / 1024 FROM events WHERE id IN (OLD.event_id, NEW.event_id));
                        INSERT OR IGNORE INTO log_audiences (log_id, audience_id)
                            SELECT log_id, NEW.audience_id FROM events WHERE id = NEW.event_id;
                     END",
                    "INSERT INTO log_audiences (log_id, audience_id)
                        SELECT DISTINCT e.log_id, s.audience_id FROM stream s JOIN events e ON e.id = s.event_id",
                ],
                postgres: &[
                    "CREATE FUNCTION forget_digests_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
                     BEGIN
                        IF TG_OP <> 'INSERT' THEN
                            DELETE FROM digest_blocks WHERE log_id = OLD.log_id AND block = OLD.seq / 1024;
                        END IF;
                        IF TG_OP <> 'DELETE' THEN
                            DELETE FROM digest_blocks WHERE log_id = NEW.log_id AND block = NEW.seq / 1024;
                        END IF;
                        RETURN NULL;
                     END $$",
                    "CREATE FUNCTION forget_digests_of_stream() RETURNS trigger LANGUAGE plpgsql AS $$
                     BEGIN
                        IF TG_OP <> 'INSERT' THEN
                            DELETE FROM digest_blocks d USING events e
                                WHERE e.id = OLD.event_id AND d.log_id = e.log_id AND d.block = e.seq / 1024;
                        END IF;
                        IF TG_OP <> 'DELETE' THEN
                            DELETE FROM digest_blocks d USING events e
                                WHERE e.id = NEW.event_id AND d.log_id = e.log_id AND d.block = e.seq / 1024;
                            INSERT INTO log_audiences (log_id, audience_id)
                                SELECT log_id, NEW.audience_id FROM events WHERE id = NEW.event_id
                                ON CONFLICT DO NOTHING;
                        END IF;
                        RETURN NULL;
                     END $$",
                    "CREATE TRIGGER events_changed AFTER INSERT OR UPDATE OR DELETE ON events
                        FOR EACH ROW EXECUTE FUNCTION forget_digests_of_events()",
                    "CREATE TRIGGER stream_changed AFTER INSERT OR UPDATE OR DELETE ON stream
                        FOR EACH ROW EXECUTE FUNCTION forget_digests_of_stream()",
                    "INSERT INTO log_audiences (log_id, audience_id)
                        SELECT DISTINCT e.log_id, s.audience_id FROM stream s JOIN events e ON e.id = s.event_id",
                ],
            },
        ],
    }
}
