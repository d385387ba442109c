use crate::Change;
use crate::change::{Part, index, table};
use sea_orm_migration::schema::{
    big_integer, blob, blob_null, integer_null, string, string_null, text, text_null, uuid_null,
};

/// Who did what, when and from where: rows that are added and never changed, each with a digest that
/// covers the one before. The database itself refuses to change one, and to delete one that was not
/// let go by moving the anchor.
pub(crate) fn change() -> Change {
    Change {
        name: "s0018_audit",
        parts: vec![
            table(
                "audit_records",
                [
                    big_integer("seq").primary_key().take(),
                    big_integer("at"),
                    string("actor"),
                    uuid_null("account_id"),
                    string_null("login"),
                    string_null("session"),
                    string_null("address"),
                    integer_null("port"),
                    string("action"),
                    string_null("kind"),
                    string_null("subject"),
                    text_null("title"),
                    text_null("before"),
                    text_null("after"),
                    string("outcome"),
                    big_integer("times"),
                    // What a search looks through, folded.
                    text("words"),
                    blob("previous"),
                    blob("digest"),
                ],
            ),
            index("audit_records", ["at"]),
            index("audit_records", ["account_id", "seq"]),
            index("audit_records", ["action", "seq"]),
            // Where the chain ends, and where what is kept of it begins.
            table(
                "audit_chain",
                [
                    big_integer("id").primary_key().take(),
                    big_integer("head_seq"),
                    blob_null("head_digest"),
                    big_integer("anchor_seq"),
                    blob_null("anchor_digest"),
                ],
            ),
            Part::Own {
                sqlite: &[
                    "INSERT INTO audit_chain (id, head_seq, anchor_seq) VALUES (1, 0, 0)",
                    "CREATE TRIGGER audit_records_unchanged BEFORE UPDATE ON audit_records \
                     BEGIN SELECT RAISE(ABORT, 'an audit record is never changed'); END",
                    "CREATE TRIGGER audit_records_kept BEFORE DELETE ON audit_records \
                     WHEN OLD.seq > (SELECT anchor_seq FROM audit_chain WHERE id = 1) \
                     BEGIN SELECT RAISE(ABORT, 'an audit record is kept until its time is over'); END",
                ],
                postgres: &[
                    "INSERT INTO audit_chain (id, head_seq, anchor_seq) VALUES (1, 0, 0)",
                    "CREATE FUNCTION audit_records_guard() RETURNS trigger LANGUAGE plpgsql AS $$ \
                     BEGIN \
                       IF TG_OP = 'DELETE' THEN \
                         IF OLD.seq <= (SELECT anchor_seq FROM audit_chain WHERE id = 1) THEN \
                           RETURN OLD; \
                         END IF; \
                         RAISE EXCEPTION 'an audit record is kept until its time is over'; \
                       END IF; \
                       RAISE EXCEPTION 'an audit record is never changed'; \
                     END $$",
                    "CREATE TRIGGER audit_records_guarded BEFORE UPDATE OR DELETE ON audit_records \
                     FOR EACH ROW EXECUTE FUNCTION audit_records_guard()",
                ],
            },
        ],
    }
}
