use crate::Change;
use crate::change::{Part, index, table, table_keyed, unique};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, string, string_null, text, text_null, uuid,
    uuid_null,
};

/// Royalties: rates by version, grades of entries with the shares of their authors, and monthly statements.
/// What a locked statement says the database itself refuses to change; only a title that had to be erased
/// everywhere may become empty.
pub(crate) fn change() -> Change {
    Change {
        name: "s0044_royalties",
        parts: vec![
            table(
                "royalty_rates",
                [
                    big_integer("number").primary_key().take(),
                    text("body"),
                    uuid("given_by"),
                    big_integer("given_at"),
                ],
            ),
            table(
                "royalty_people",
                [
                    uuid("id").primary_key().take(),
                    uuid_null("account_id"),
                    text("name"),
                    // The days a commitment not to be taxed holds; as 20261130.
                    big_integer_null("committed_from"),
                    big_integer_null("committed_until"),
                    big_integer("created_at"),
                ],
            ),
            unique("royalty_people", ["account_id"]),
            table(
                "royalty_grades",
                [
                    uuid("entry_id").primary_key().take(),
                    string("genre"),
                    // Numbers with two decimals, in hundredths.
                    big_integer("coefficient"),
                    big_integer("children"),
                    big_integer("language"),
                    big_integer("hardship"),
                    big_integer_null("translation"),
                    uuid_null("graded_by"),
                    big_integer("graded_at"),
                    // The locked statement it was paid by; as 202611.
                    big_integer_null("settled_in"),
                ],
            ),
            index("royalty_grades", ["settled_in"]),
            table_keyed(
                "royalty_shares",
                [
                    uuid("entry_id"),
                    uuid("person_id"),
                    big_integer("place"),
                    big_integer("parts"),
                ],
                ["entry_id", "person_id"],
            ),
            table(
                "royalty_adjustments",
                [
                    uuid("id").primary_key().take(),
                    big_integer("month"),
                    big_integer("about"),
                    uuid("person_id"),
                    big_integer("amount"),
                    text("reason"),
                    uuid("entered_by"),
                    big_integer("entered_at"),
                ],
            ),
            index("royalty_adjustments", ["month"]),
            statements(),
            lines(),
            index("royalty_lines", ["person_id", "month"]),
            index("royalty_lines", ["entry_id"]),
            table_keyed(
                "royalty_payments",
                [
                    big_integer("month"),
                    uuid("person_id"),
                    text("name"),
                    big_integer("gross"),
                    boolean("committed"),
                    big_integer("threshold"),
                    big_integer("rate"),
                    big_integer("tax"),
                    big_integer("net"),
                ],
                ["month", "person_id"],
            ),
            index("royalty_payments", ["person_id", "month"]),
            locked(),
        ],
    }
}

fn statements() -> Part {
    table(
        "royalty_statements",
        [
            big_integer("month").primary_key().take(),
            string("state"),
            big_integer("pay_on"),
            big_integer("rates"),
            blob("digest"),
            uuid("approved_by"),
            big_integer("approved_at"),
            uuid_null("locked_by"),
            big_integer_null("locked_at"),
            big_integer("works"),
            big_integer("uncut"),
            big_integer_null("ceiling"),
            big_integer("gross"),
            big_integer("tax"),
            big_integer("net"),
        ],
    )
}

fn lines() -> Part {
    table_keyed(
        "royalty_lines",
        [
            big_integer("month"),
            big_integer("number"),
            string("kind"),
            uuid_null("entry_id"),
            text("title"),
            big_integer_null("published_on"),
            string_null("regime"),
            text_null("genre"),
            big_integer_null("coefficient"),
            big_integer_null("base_salary"),
            big_integer_null("unit_percent"),
            big_integer_null("unit_value"),
            big_integer_null("children"),
            big_integer_null("language"),
            big_integer_null("hardship"),
            big_integer_null("translation"),
            big_integer_null("factor"),
            big_integer_null("uncut"),
            big_integer_null("amount"),
            uuid_null("person_id"),
            text_null("name"),
            big_integer_null("parts"),
            big_integer_null("of_parts"),
            big_integer("share"),
            big_integer_null("about"),
            text_null("reason"),
        ],
        ["month", "number"],
    )
}

/// What is locked stays as it is.
fn locked() -> Part {
    Part::Own {
        sqlite: &[
            "CREATE TRIGGER royalty_statements_unchanged BEFORE UPDATE ON royalty_statements \
             WHEN OLD.state = 'locked' \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_statements_kept BEFORE DELETE ON royalty_statements \
             WHEN OLD.state = 'locked' \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_lines_closed BEFORE INSERT ON royalty_lines \
             WHEN EXISTS (SELECT 1 FROM royalty_statements WHERE month = NEW.month AND state = 'locked') \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_lines_unchanged BEFORE UPDATE OF month, number, kind, entry_id, \
             published_on, regime, genre, coefficient, base_salary, unit_percent, unit_value, children, \
             language, hardship, translation, factor, uncut, amount, person_id, name, parts, of_parts, \
             share, about, reason ON royalty_lines \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_lines_titled BEFORE UPDATE OF title ON royalty_lines \
             WHEN NEW.title <> '' \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_lines_kept BEFORE DELETE ON royalty_lines \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_payments_closed BEFORE INSERT ON royalty_payments \
             WHEN EXISTS (SELECT 1 FROM royalty_statements WHERE month = NEW.month AND state = 'locked') \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_payments_unchanged BEFORE UPDATE ON royalty_payments \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
            "CREATE TRIGGER royalty_payments_kept BEFORE DELETE ON royalty_payments \
             BEGIN SELECT RAISE(ABORT, 'a locked statement of royalties never changes'); END",
        ],
        postgres: &[
            "CREATE FUNCTION royalty_statements_guard() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN \
               IF OLD.state = 'locked' THEN \
                 RAISE EXCEPTION 'a locked statement of royalties never changes'; \
               END IF; \
               IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; \
               RETURN NEW; \
             END $$",
            "CREATE TRIGGER royalty_statements_guarded BEFORE UPDATE OR DELETE ON royalty_statements \
             FOR EACH ROW EXECUTE FUNCTION royalty_statements_guard()",
            "CREATE FUNCTION royalty_rows_guard() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN \
               IF TG_OP = 'INSERT' THEN \
                 IF NOT EXISTS (SELECT 1 FROM royalty_statements \
                                WHERE month = NEW.month AND state = 'locked') THEN \
                   RETURN NEW; \
                 END IF; \
               ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'royalty_lines' THEN \
                 IF to_jsonb(NEW) ->> 'title' = '' \
                    AND to_jsonb(NEW) - 'title' = to_jsonb(OLD) - 'title' THEN \
                   RETURN NEW; \
                 END IF; \
               END IF; \
               RAISE EXCEPTION 'a locked statement of royalties never changes'; \
             END $$",
            "CREATE TRIGGER royalty_lines_guarded BEFORE INSERT OR UPDATE OR DELETE ON royalty_lines \
             FOR EACH ROW EXECUTE FUNCTION royalty_rows_guard()",
            "CREATE TRIGGER royalty_payments_guarded BEFORE INSERT OR UPDATE OR DELETE ON royalty_payments \
             FOR EACH ROW EXECUTE FUNCTION royalty_rows_guard()",
        ],
    }
}
