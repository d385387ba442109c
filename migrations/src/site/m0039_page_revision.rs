use crate::{Change, Part};

/// What public pages are made of. How often they were opened is not among it: that is shown with its time.
const SHOWN: &[&str] = &[
    "distrusted",
    "document_links",
    "entries",
    "entry_media",
    "key_cuts",
    "list_entries",
    "placements",
    "publications",
    "sections",
    "settings",
    "site_keys",
    "sites",
    "unit_attributes",
    "units",
];

/// A counter that moves in the transaction that changes anything public pages show, whichever process does it: a
/// page that was drawn counts for as long as it stands.
pub(crate) fn change() -> Change {
    Change {
        name: "s0039_page_revision",
        parts: vec![
            Part::Own {
                sqlite: &["INSERT INTO counters (name, value) VALUES ('page', 1)"],
                // Once a transaction, and at its end: who held the counter from the middle on could wait for
                // somebody who waits for the counter.
                postgres: &[
                    "INSERT INTO counters (name, value) VALUES ('page', 1)",
                    "CREATE FUNCTION pages_changed() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF current_setting('lien_cong.pages_changed', true) IS DISTINCT FROM txid_current()::text THEN
                            PERFORM set_config('lien_cong.pages_changed', txid_current()::text, true);
                            UPDATE counters SET value = value + 1 WHERE name = 'page';
                        END IF;
                        RETURN NULL;
                    END $$",
                ],
            },
            Part::Each {
                tables: SHOWN,
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
            // Of a picture only whether it is here; how often it was asked for is nobody's concern.
            Part::Own {
                sqlite: &["CREATE TRIGGER media_updated_shows AFTER UPDATE OF state ON media \
                     BEGIN UPDATE counters SET value = value + 1 WHERE name = 'page'; END"],
                postgres: &[
                    "CREATE CONSTRAINT TRIGGER media_shows AFTER UPDATE OF state ON media \
                     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pages_changed()",
                ],
            },
        ],
    }
}
