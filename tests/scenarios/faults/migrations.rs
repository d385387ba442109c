//! Upgrades that are cut off, and downgrades: a site is never stranded between two schemas.

use migrations::{HubSchema, MigratorTrait, SiteSchema};
use rand::RngExt;
use sea_orm::{ConnectionTrait, Database, DbBackend, FromQueryResult, JsonValue, Statement};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tests::ledger::a_moment;
use tests::{Backend, Chance, Province, Text, bounded, measured, rounds};

/// A member's database as an earlier version left it, and upgrades that are killed.
#[tokio::test]
async fn an_upgrade_that_is_cut_off_is_finished_by_the_next_start() {
    bounded(async {
        let mut chance = Chance::begin();
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        member.stop().await;
        let file = member.folder().join("site.db");
        let whole = schema_of(&file).await;
        let steps = SiteSchema::migrations().len();
        let rounds = rounds(12, 150);
        let mut cut_off = 0;
        for _ in 0..rounds {
            for beside in ["site.db", "site.db-wal", "site.db-shm"] {
                let file = member.folder().join(beside);
                if file.exists() {
                    fs::remove_file(file).expect("removes");
                }
            }
            let earlier = chance.random_range(0..steps);
            at_step(&file, earlier).await;
            for _ in 0..3 {
                member.launch();
                a_moment(120, &mut chance).await;
                if member.is_running() {
                    cut_off += 1;
                    member.kill_9();
                } else {
                    member.forget();
                }
                is_whole(&file).await;
            }
            // It is nobody's database yet, and says so after upgrading it.
            let said = member.fails_to_start().await;
            assert!(said.contains("chưa được kết nối với tỉnh"), "{said}");
            assert_eq!(schema_of(&file).await, whole, "from step {earlier}");
        }
        measured(
            "G18",
            &format!("{cut_off} upgrades killed, 0 starts that failed, 0 schemas torn"),
        );
    })
    .await;
}

/// A database that a later version has changed is refused with words and left as it is.
#[tokio::test]
async fn a_downgrade_is_refused_in_words() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let notice = Text::notice("Thông báo trước khi nâng cấp");
        province.hub.staff().await.publish(&notice).await;
        province.hub.stop().await;
        let file = province.hub.folder().join("site.db");
        say(
            &file,
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('s9999_later', 0)",
        )
        .await;
        let before = schema_of(&file).await;
        let said = province.hub.fails_to_start().await;
        assert!(
            said.contains("phiên bản mới hơn") && said.contains("s9999_later"),
            "{said}"
        );
        assert_eq!(schema_of(&file).await, before);

        // The version that did it, back in place.
        say(
            &file,
            "DELETE FROM seaql_migrations WHERE version = 's9999_later'",
        )
        .await;
        province.hub.start().await;
        province
            .hub
            .visitor()
            .get("/")
            .await
            .must_say(&notice.title);
        assert!(HubSchema::migrations().len() > SiteSchema::migrations().len());
    })
    .await;
}

on_both_databases! {
    accounts_of_an_earlier_version_keep_what_they_could_do
}

/// One role an account became roles by section; who administered could do everything else as well.
async fn accounts_of_an_earlier_version_keep_what_they_could_do(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let address = match backend {
        Backend::Sqlite => format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("site.db").display()
        ),
        Backend::Postgres => tests::postgres::database(),
    };
    let connection = Database::connect(address).await.expect("opens");
    let changes = SiteSchema::migrations();
    let before = changes
        .iter()
        .position(|change| change.name() == "s0013_accounts");
    let before = u32::try_from(before.expect("it is there")).expect("a few");
    SiteSchema::up(&connection, Some(before))
        .await
        .expect("migrates");
    for (number, role) in [(1, "admin"), (2, "editor"), (3, "contributor")] {
        let id = match backend {
            Backend::Sqlite => format!("x'0199000000007000800000000000000{number}'"),
            Backend::Postgres => format!("'01990000-0000-7000-8000-00000000000{number}'"),
        };
        let account = format!(
            "INSERT INTO accounts (id, login, name, role, password_hash, active, created_at) \
             VALUES ({id}, 'nguoi-{number}', 'Y Thử', '{role}', 'x', true, 1)"
        );
        let stored = connection.execute_unprepared(&account).await;
        stored.expect("an account of that time");
    }
    SiteSchema::up(&connection, None).await.expect("migrates");
    let grants = Statement::from_string(
        connection.get_database_backend(),
        "SELECT login, role, section FROM grants JOIN accounts ON accounts.id = account_id",
    );
    let rows = JsonValue::find_by_statement(grants).all(&connection).await;
    let rows = rows.expect("reads").into_iter().map(|row| {
        assert_eq!(row["section"], "", "for the whole site");
        format!("{} {}", row["login"], row["role"]).replace('"', "")
    });
    let granted: BTreeSet<String> = rows.collect();
    let expected = [
        "nguoi-1 admin",
        "nguoi-1 chief_editor",
        "nguoi-2 editor",
        "nguoi-3 contributor",
    ];
    assert_eq!(granted, expected.map(str::to_owned).into());
    connection.close().await.expect("closes");
}

/// A new database with the first `steps` changes of the schema.
async fn at_step(file: &Path, steps: usize) {
    let address = format!("sqlite://{}?mode=rwc", file.display());
    let connection = Database::connect(address).await.expect("opens");
    let steps = u32::try_from(steps).expect("a few");
    if steps > 0 {
        SiteSchema::up(&connection, Some(steps))
            .await
            .expect("migrates");
    }
    connection.close().await.expect("closes");
}

async fn is_whole(file: &Path) {
    let said = ask(file, "PRAGMA integrity_check").await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said.iter().all(|row| row.contains("ok")), "{said:?}");
}

/// Every table, index and step.
async fn schema_of(file: &Path) -> BTreeSet<String> {
    let mut schema = ask(file, "SELECT type, name, sql FROM sqlite_master").await;
    schema.extend(ask(file, "SELECT version FROM seaql_migrations").await);
    schema
}

async fn ask(file: &Path, question: &'static str) -> BTreeSet<String> {
    let address = format!("sqlite://{}?mode=rwc", file.display());
    let connection = Database::connect(address).await.expect("opens");
    let rows = JsonValue::find_by_statement(Statement::from_string(DbBackend::Sqlite, question))
        .all(&connection)
        .await
        .unwrap_or_else(|error| panic!("{question}: {error}"));
    connection.close().await.expect("closes");
    rows.iter().map(JsonValue::to_string).collect()
}

async fn say(file: &Path, statement: &str) {
    let address = format!("sqlite://{}?mode=rw", file.display());
    let connection = Database::connect(address).await.expect("opens");
    connection
        .execute_unprepared(statement)
        .await
        .expect("says");
    connection.close().await.expect("closes");
}
