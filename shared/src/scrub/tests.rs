use super::*;
use crate::entries::item::MediaRole;
use crate::entries::{record as entry_record, search};
use crate::log::{Digest, content, event};
use crate::media::fetch::{self, Bounds};
use crate::media::record as media_record;
use crate::sync::compare;
use crate::testing::pair::{self, Pair, peer_of, push};
use crate::testing::press;
use chrono::DateTime;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, Statement};

#[test]
fn a_walk_begins_at_night_or_when_it_is_overdue_and_goes_on_after_a_stop() {
    let at = |text: &str| {
        DateTime::parse_from_rfc3339(text)
            .expect("a time")
            .with_timezone(&Utc)
    };
    let finished = |text: &str| State {
        running: None,
        last: Some(Finished {
            started_at: 0,
            finished_at: at(text).timestamp_millis(),
            checked: 0,
            bytes: 0,
            found: 0,
        }),
    };
    let running = State {
        running: Some(Progress::new(0)),
        ..finished("2026-11-23T02:00:00+07:00")
    };
    let cases = [
        ("never", State::default(), "2026-11-23T12:00:00+07:00", true),
        (
            "by day",
            finished("2026-11-23T02:00:00+07:00"),
            "2026-11-23T20:00:00+07:00",
            false,
        ),
        (
            "at night",
            finished("2026-11-23T02:00:00+07:00"),
            "2026-11-24T02:00:00+07:00",
            true,
        ),
        (
            "twice a night",
            finished("2026-11-23T01:30:00+07:00"),
            "2026-11-23T03:00:00+07:00",
            false,
        ),
        (
            "a night missed",
            finished("2026-11-22T02:00:00+07:00"),
            "2026-11-23T06:00:00+07:00",
            true,
        ),
        ("interrupted", running, "2026-11-23T12:00:00+07:00", true),
    ];
    for (story, state, now, expected) in cases {
        assert_eq!(is_due(&state, at(now)), expected, "{story}");
    }
}

async fn run(site: &Site, sql: &str) -> u64 {
    let sql = sql.to_owned();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let done = tx
                    .execute_raw(Statement::from_string(tx.get_database_backend(), sql))
                    .await?;
                Ok(done.rows_affected())
            })
        })
        .await
        .expect("done")
}

/// A hub and a member that hold each other's articles.
async fn acquainted(each: usize) -> Pair {
    let pair = pair::pair().await;
    for number in 1..=each {
        for site in [&pair.hub, &pair.member] {
            press::article(&format!("Tin số {number}"))
                .lead("Bà con vào vụ mới.")
                .body(&format!("<p>{}</p>", "Mưa thuận gió hòa. ".repeat(number)))
                .publish(site)
                .await;
        }
    }
    push(&pair.member, &pair.hub).await;
    push(&pair.hub, &pair.member).await;
    pair
}

#[tokio::test]
async fn rows_changed_behind_the_application_are_noticed_and_made_anew() {
    let pair = acquainted(3).await;
    let site = &pair.member;
    let clean = check_now(site, |_| {}).await.expect("checks");
    assert_eq!((clean.found, clean.left.len()), (0, 0));

    assert_eq!(
        run(site, "UPDATE entries SET title = 'Tin giả' WHERE id = 1").await,
        1
    );
    assert_eq!(
        run(site, "UPDATE entries SET event_id = 4711 WHERE id = 2").await,
        1
    );
    assert_eq!(
        run(site, "DELETE FROM entry_search WHERE rowid = 3").await,
        1
    );
    assert_eq!(
        run(
            site,
            "UPDATE events SET rev = 7, kind = 'entry.withdrawn' WHERE id = 4"
        )
        .await,
        1
    );
    assert_eq!(run(site, "DELETE FROM entries WHERE id = 5").await, 1);

    let report = check_now(site, |_| {}).await.expect("checks");
    assert!(report.found >= 5, "{report:?}");
    assert_eq!(report.left, Vec::new());
    assert_eq!(check_now(site, |_| {}).await.expect("checks").found, 0);
    let title: Vec<String> = entry_record::Entity::find()
        .filter(entry_record::Column::Title.eq("Tin giả"))
        .all(site.db.reader())
        .await
        .expect("reads")
        .into_iter()
        .map(|entry| entry.title)
        .collect();
    assert_eq!(title, Vec::<String>::new());
    let found = search::find(
        site.db.reader(),
        &search::Query {
            words: "tin so 2".to_owned(),
            limit: 10,
            ..search::Query::default()
        },
    )
    .await;
    found.expect("searches");
}

#[tokio::test]
async fn rows_that_changed_places_are_found_and_put_back() {
    for columns in ["header, signature", "header, signature, hash"] {
        let pair = acquainted(3).await;
        let site = &pair.member;
        let values: Vec<String> = columns
            .split(", ")
            .map(|column| format!("{column} = other.{column}"))
            .collect();
        let own = format!(
            "SELECT * FROM events WHERE site_id = x'{}' ORDER BY id LIMIT 2",
            site.id.simple()
        );
        let swap = format!(
            "UPDATE events SET {} FROM ({own}) AS other \
             WHERE other.id <> events.id AND events.id IN (SELECT id FROM ({own}))",
            values.join(", "),
        );
        assert_eq!(run(site, &swap).await, 2, "{columns}");
        let report = check_now(site, |_| {}).await.expect("checks");
        assert!(report.found >= 2, "{report:?}");
        assert_eq!(report.left, Vec::new());
        assert_eq!(check_now(site, |_| {}).await.expect("checks").found, 0);
        let told = compare::with_peer(site, &peer_of(site, &pair.hub).await).await;
        assert!(told.expect("compares").expect("answers").outcome.agreed);
    }
}

#[tokio::test]
async fn headers_signatures_and_contents_come_back_from_the_peer() {
    let pair = acquainted(3).await;
    let site = &pair.member;
    run(
        site,
        "UPDATE events SET header = replace(header, 'regular', 'rEgular') WHERE id = 1",
    )
    .await;
    run(
        site,
        "UPDATE events SET signature = zeroblob(64) WHERE id = 2",
    )
    .await;
    run(site, "UPDATE events SET hash = zeroblob(32) WHERE id = 3").await;
    run(
        site,
        "DELETE FROM events WHERE id = 4 AND site_id = received_from",
    )
    .await;
    let contents = content::Entity::find().count(site.db.reader()).await;
    run(
        site,
        "UPDATE contents SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Bà', 'Ba') AS BLOB)",
    )
    .await;
    // What is damaged is not sent meanwhile.
    let held: Vec<event::Model> = event::Entity::find()
        .filter(event::Column::SiteId.eq(site.id))
        .all(site.db.reader())
        .await
        .expect("reads");
    for event in &held {
        let item = crate::sync::outgoing::sound_item_of(site.db.reader(), event, None).await;
        assert_eq!(item.expect("reads"), None, "nothing damaged is sent");
    }

    let report = check_now(site, |_| {}).await.expect("checks");
    assert!(report.found >= contents.expect("counts") + 3, "{report:?}");
    assert_eq!(report.left, Vec::new());
    assert_eq!(check_now(site, |_| {}).await.expect("checks").found, 0);
    let told = compare::with_peer(site, &peer_of(site, &pair.hub).await).await;
    assert!(told.expect("compares").expect("answers").outcome.agreed);
}

#[tokio::test]
async fn a_hub_gets_what_is_damaged_back_when_the_member_compares() {
    let pair = acquainted(2).await;
    run(&pair.hub, "UPDATE contents SET bytes = zeroblob(10)").await;
    // A member that nobody can call: the hub cannot ask, only say what it would like to have.
    run(&pair.hub, "UPDATE peers SET link = 'pull'").await;
    let report = check_now(&pair.hub, |_| {}).await.expect("checks");
    // Two articles of each, and what the hub said of the member.
    assert_eq!(report.left.len(), 5, "{report:?}");

    let hub = peer_of(&pair.member, &pair.hub).await;
    compare::with_peer(&pair.member, &hub)
        .await
        .expect("compares");
    heal::all_now(&pair.hub).await.expect("looks again");
    assert_eq!(
        record::count_open(pair.hub.db.reader())
            .await
            .expect("counts"),
        0
    );
    // The member's table at the hub says how the member's own disk is.
    check_now(&pair.member, |_| {}).await.expect("checks");
    compare::with_peer(&pair.member, &hub)
        .await
        .expect("compares");
    let noted = compare::record::find(pair.hub.db.reader(), pair.member.id).await;
    let noted = noted.expect("reads").expect("compared");
    assert!(noted.checked_at.is_some());
    assert_eq!(noted.damaged, 0);
}

#[tokio::test]
async fn a_damaged_file_is_not_served_and_comes_back() {
    let pair = pair::pair().await;
    let bytes = vec![7; 300_000];
    press::article("Có ảnh")
        .with(MediaRole::Lead, &bytes, "image/jpeg", &pair.hub)
        .publish(&pair.hub)
        .await;
    press::deliver(&pair.hub, &bytes, "image/jpeg", Some((960, 640))).await;
    push(&pair.hub, &pair.member).await;
    assert_eq!(
        fetch::round(&pair.member, &Bounds::unbounded())
            .await
            .expect("fetches"),
        1
    );
    let digest = Digest::of(&bytes);
    let file = pair.member.media.path(digest);
    let mut altered = bytes.clone();
    altered[123_456] ^= 4;
    std::fs::write(&file, &altered).expect("a flipped bit");

    let mut seen = notice::since(0).1;
    assert!(
        pair.member
            .media
            .open_whole(digest)
            .await
            .expect("reads")
            .is_none()
    );
    heal::take_notices(&pair.member, &mut seen)
        .await
        .expect("looks closer");
    heal::all_now(&pair.member).await.expect("mends");
    assert_eq!(std::fs::read(&file).expect("reads"), bytes);
    assert_eq!(
        record::count_open(pair.member.db.reader())
            .await
            .expect("counts"),
        0
    );
}

/// Where a cell of the database lies in its file, if its bytes are there once.
fn find_once(file: &[u8], cell: &[u8]) -> Option<usize> {
    let mut found = None;
    let first = *cell.first()?;
    let mut from = 0;
    while let Some(next) = file[from..].iter().position(|byte| *byte == first) {
        let at = from + next;
        if file[at..].starts_with(cell) {
            if found.is_some() {
                return None;
            }
            found = Some(at);
        }
        from = at + 1;
    }
    found
}

/// Three hundred bits are flipped in the file of the member's database and in its media: in headers,
/// signatures, contents, the current view of entries, pictures. SQLite sees none of it.
#[tokio::test]
async fn of_three_hundred_flipped_bits_none_is_served_none_is_spread_and_all_are_healed() {
    const FLIPS: usize = 300;
    let mut rng = StdRng::seed_from_u64(0x11e9_c049);
    let pair = pair::pair().await;
    let mut pictures = Vec::new();
    for number in 0..25_u8 {
        let bytes: Vec<u8> = (0..20_000)
            .map(|place: u32| (place % 251) as u8 ^ number)
            .collect();
        for site in [&pair.hub, &pair.member] {
            press::article(&format!("Bài viết số {number} của {}", site.id))
                .lead(&format!("Tóm tắt {number} của {}", site.id))
                .body(&format!(
                    "<p>Nội dung {number} {}</p>",
                    Uuid::now_v7().to_string().repeat(20)
                ))
                .with(MediaRole::Lead, &bytes, "image/jpeg", &pair.hub)
                .publish(site)
                .await;
        }
        press::deliver(&pair.hub, &bytes, "image/jpeg", Some((960, 640))).await;
        pictures.push(bytes);
    }
    push(&pair.member, &pair.hub).await;
    push(&pair.hub, &pair.member).await;
    while fetch::round(&pair.member, &Bounds::unbounded())
        .await
        .expect("fetches")
        > 0
    {}
    let site = &pair.member;
    let before = picture_of(site).await;
    assert_eq!(check_now(site, |_| {}).await.expect("checks").found, 0);

    let events = event::Entity::find()
        .all(site.db.reader())
        .await
        .expect("reads");
    let entries = entry_record::Entity::find()
        .all(site.db.reader())
        .await
        .expect("reads");
    let contents = content::Entity::find()
        .all(site.db.reader())
        .await
        .expect("reads");
    let mut cells: Vec<Vec<u8>> = Vec::new();
    for event in &events {
        // A window in a cell, since long ones lie in several pages.
        cells.push(event.header.as_bytes()[20..60].to_vec());
        cells.push(event.header.as_bytes()[60..100].to_vec());
        cells.push(event.signature[8..40].to_vec());
    }
    for entry in &entries {
        // Title and lead lie side by side in the row, and nowhere else.
        let lead = entry.lead.as_deref().unwrap_or_default();
        cells.push(format!("{}{lead}", entry.title).into_bytes());
    }
    for content in &contents {
        let bytes = content.bytes.as_ref().expect("there");
        let middle = bytes.len() / 2;
        for half in [0..middle - 48, middle..bytes.len() - 48] {
            let at = rng.random_range(half);
            cells.push(bytes[at..at + 48].to_vec());
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("site.db");
    site.db.copy_to(&copy).await.expect("copies");
    let mut database = std::fs::read(&copy).expect("reads");
    let mut flipped = 0;
    let mut in_media = 0;
    while flipped < FLIPS {
        let bit = 1 << rng.random_range(0..8);
        if rng.random_range(0..12) == 0 {
            let picture = Digest::of(&pictures[rng.random_range(0..pictures.len())]);
            let path = site.media.path(picture);
            let mut bytes = std::fs::read(&path).expect("reads");
            let at = rng.random_range(0..bytes.len());
            bytes[at] ^= bit;
            std::fs::write(&path, bytes).expect("writes");
            (flipped, in_media) = (flipped + 1, in_media + 1);
            continue;
        }
        let cell = &cells[rng.random_range(0..cells.len())];
        if let Some(at) = find_once(&database, cell) {
            database[at + rng.random_range(0..cell.len())] ^= bit;
            flipped += 1;
        }
    }
    std::fs::write(&copy, &database).expect("writes");
    let damaged = reopened(site, &copy).await;
    let quick_check: String = damaged
        .db
        .reader()
        .query_one_raw(Statement::from_string(
            sea_orm::DbBackend::Sqlite,
            "PRAGMA quick_check",
        ))
        .await
        .expect("checks")
        .expect("says something")
        .try_get_by_index(0)
        .expect("a text");
    println!(
        "{flipped} bits flipped, {in_media} of them in files; PRAGMA quick_check says {quick_check:?}"
    );

    // Nothing flipped is sent or served, before anything is mended.
    let mut withheld = 0;
    let ids = events.iter().map(|event| event.id).collect();
    let (rows, unreadable) = event::find_readable(damaged.db.reader(), ids)
        .await
        .expect("reads");
    withheld += unreadable.len();
    for row in rows {
        let sent = crate::sync::outgoing::sound_item_of(damaged.db.reader(), &row, None).await;
        match sent.expect("reads") {
            None => withheld += 1,
            Some((item, _)) => {
                let parts = crate::sync::verify::parse(item).expect("whole");
                let sent = parts.signed.digest();
                assert!(events.iter().any(|event| event.hash == sent.as_bytes()));
            }
        }
    }
    for picture in &pictures {
        let served = damaged
            .media
            .read(Digest::of(picture))
            .await
            .expect("reads");
        assert!(served.is_none_or(|served| served == *picture));
    }

    let report = check_now(&damaged, |_| {}).await.expect("checks");
    println!(
        "{withheld} events withheld, {} rows and files found damaged, {} left",
        report.found,
        report.left.len()
    );
    assert!(report.found > 50);
    assert_eq!(report.left, Vec::new());
    assert_eq!(check_now(&damaged, |_| {}).await.expect("checks").found, 0);
    assert_eq!(
        picture_of(&damaged).await,
        before,
        "everything is as it was"
    );
    let told = compare::with_peer(&damaged, &peer_of(&damaged, &pair.hub).await).await;
    assert!(told.expect("compares").expect("answers").outcome.agreed);
    // Nothing of it reached the hub.
    assert_eq!(check_now(&pair.hub, |_| {}).await.expect("checks").found, 0);
}

/// All that is signed, or follows from it.
async fn picture_of(
    site: &Site,
) -> (
    Vec<event::Model>,
    Vec<entry_record::Model>,
    Vec<content::Model>,
    u64,
) {
    let db = site.db.reader();
    let events = event::Entity::find()
        .order_by_asc(event::Column::Id)
        .all(db)
        .await;
    let entries = entry_record::Entity::find()
        .order_by_asc(entry_record::Column::Id)
        .all(db)
        .await;
    let contents = content::Entity::find()
        .order_by_asc(content::Column::Hash)
        .all(db)
        .await;
    let here = media_record::Entity::find()
        .filter(media_record::Column::State.eq("here"))
        .count(db)
        .await;
    (
        events.expect("reads"),
        entries.expect("reads"),
        contents.expect("reads"),
        here.expect("counts"),
    )
}

/// The site with another database under it.
async fn reopened(site: &Site, file: &std::path::Path) -> Arc<Site> {
    let db =
        crate::storage::Db::open::<migrations::SiteSchema>(file.to_str().expect("UTF-8")).await;
    Site::assemble(crate::site::Parts {
        id: site.id,
        unit_id: site.unit_id,
        profile: site.profile.clone(),
        db: db.expect("opens"),
        clock: site.clock.clone(),
        http: site.http.clone(),
        key: site.key.current(),
        room: crate::room::Room::of(
            file.parent().expect("a folder"),
            crate::room::StorageSettings {
                floor: crate::room::Size(0),
                ballast: crate::room::Size(0),
            },
        ),
        media: site.media.clone(),
        role: Arc::clone(&site.role),
    })
    .await
    .expect("a site")
}
