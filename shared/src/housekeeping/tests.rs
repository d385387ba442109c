use super::*;
use crate::entries::MediaRole;
use crate::log::keys::SigningKey;
use crate::newsroom::draft as drafts;
use crate::room::Level;
use crate::testing::{self, TestSite, press};
use crate::{accounts, portal};
use axum::http::StatusCode;
use sea_orm::{ActiveModelTrait, PaginatorTrait, Set};
use utoipa_axum::router::OpenApiRouter;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A picture like no other.
fn picture(number: usize, size: usize) -> Vec<u8> {
    (0..size)
        .map(|place| (place * 31 + number * 7919 + place * place / 7) as u8)
        .chain(number.to_be_bytes())
        .collect()
}

async fn media_count(site: &TestSite) -> u64 {
    media::Entity::find()
        .count(site.db.reader())
        .await
        .expect("counts")
}

fn is_on_disk(site: &TestSite, bytes: &[u8]) -> bool {
    site.media.path(Digest::of(bytes)).exists()
}

#[tokio::test]
async fn what_nothing_shows_goes_after_a_week_and_what_a_draft_holds_stays() {
    let site = testing::site().await;
    let [shown, withdrawn, drafted, forgotten, late] =
        [1, 2, 3, 4, 5].map(|number| picture(number, 500));
    press::article("Có ảnh")
        .with(MediaRole::Lead, &shown, "image/jpeg", &site)
        .publish(&site)
        .await;
    let gone = press::article("Sẽ gỡ")
        .with(MediaRole::Lead, &withdrawn, "image/jpeg", &site)
        .publish(&site)
        .await;
    for bytes in [&shown, &withdrawn, &drafted, &forgotten] {
        press::deliver(&site, bytes, "image/jpeg", None).await;
    }
    let body = format!("![](/media/sha256/{})", Digest::of(&drafted).hex());
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                drafts::ActiveModel {
                    id: Set(Uuid::now_v7()),
                    entry_id: Set(Uuid::now_v7()),
                    kind: Set("article".to_owned()),
                    state: Set("draft".to_owned()),
                    title: Set("Đang viết".to_owned()),
                    lead: Set(String::new()),
                    body: Set(body),
                    section: Set("tin-tuc".to_owned()),
                    language: Set("vi".to_owned()),
                    authors: Set(String::new()),
                    published_rev: Set(0),
                    created_at: Set(now),
                    updated_at: Set(now),
                    ..Default::default()
                }
                .insert(tx)
                .await?;
                Ok(())
            })
        })
        .await
        .expect("a draft");
    press::withdraw(&site, gone, 2).await;

    site.clock.advance(6 * DAY);
    press::deliver(&site, &late, "image/jpeg", None).await;
    assert_eq!(round(&site, 0).await.expect("a round").media, 0);
    site.clock.advance(2 * DAY);
    assert_eq!(round(&site, 0).await.expect("a round").media, 2);
    for (bytes, stays) in [
        (&shown, true),
        (&withdrawn, false),
        (&drafted, true),
        (&forgotten, false),
        (&late, true),
    ] {
        assert_eq!(is_on_disk(&site, bytes), stays);
    }
    assert_eq!(media_count(&site).await, 3);
}

/// What a site holds, and how large it is.
#[derive(Debug)]
struct Stock {
    nonces: u64,
    sessions: u64,
    media: u64,
    database: u64,
}

async fn stock(site: &TestSite) -> Stock {
    let db = site.db.reader();
    let row = db
        .query_one_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        ))
        .await
        .expect("asks")
        .expect("a row");
    let database: i64 = row.try_get_by_index(0).expect("a number");
    Stock {
        nonces: nonce::Entity::find().count(db).await.expect("counts"),
        sessions: session::Entity::find().count(db).await.expect("counts"),
        media: media_count(site).await,
        database: database as u64,
    }
}

/// What a busy commune does in an hour, as far as it leaves anything behind.
async fn an_hour(site: &TestSite, account: Uuid, key: &str, hour: usize) {
    let now = site.clock.now().timestamp_millis();
    let key = key.to_owned();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                // A greeting a minute, from the hub and to it.
                for minute in 0..60 {
                    nonce::ActiveModel {
                        key_id: Set(key.clone()),
                        nonce: Set(format!("{hour}-{minute}")),
                        expires_at: Set(now + minute * 60_000 + 360_000),
                    }
                    .insert(tx)
                    .await?;
                }
                session::begin(tx, session::Start::whole(account), now).await?;
                Ok(())
            })
        })
        .await
        .expect("an hour");
}

#[tokio::test]
async fn a_month_of_work_leaves_its_history_and_nothing_else() {
    const ARTICLES: usize = 5;
    const UPLOADS: usize = 2;
    let site = testing::site().await;
    let account = testing::account(&site, accounts::Role::Editor).await.id;
    let key = SigningKey::generate().expect("a key").id().to_string();
    let mut sizes = vec![stock(&site).await.database];
    for day in 0..30 {
        for number in 0..ARTICLES + UPLOADS {
            let bytes = picture(day * 100 + number, 2_000);
            if number < ARTICLES {
                let text = "<p>Bà con ra đồng từ sáng sớm, mọi việc thuận lợi.</p>".repeat(40);
                press::article(&format!("Tin {number} của ngày {day}"))
                    .body(&text)
                    .with(MediaRole::Lead, &bytes, "image/jpeg", &site)
                    .publish(&site)
                    .await;
            }
            press::deliver(&site, &bytes, "image/jpeg", None).await;
        }
        for hour in 0..24 {
            an_hour(&site, account, &key, day * 24 + hour).await;
            site.clock.advance(Duration::from_secs(3600));
            round(&site, (hour % 256) as u8).await.expect("a round");
        }
        let stock = stock(&site).await;
        assert!(stock.nonces <= 60, "{stock:?} on day {day}");
        assert!(stock.sessions <= 24, "{stock:?} on day {day}");
        let kept = (day + 1) * ARTICLES + (day + 1).min(8) * UPLOADS;
        assert!(stock.media <= kept as u64, "{stock:?} on day {day}");
        sizes.push(stock.database);
    }
    let grown = |from: usize, to: usize| sizes[to].saturating_sub(sizes[from]);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "a member with {ARTICLES} articles a day: {:.3} MiB of database a day, {:.1} KiB an article",
        mib(grown(0, 30)) / 30.0,
        grown(0, 30) as f64 / 1024.0 / (30.0 * ARTICLES as f64),
    );
    assert!(
        grown(20, 30) <= grown(10, 20) * 13 / 10 + 65_536,
        "it grows faster and faster: {sizes:?}"
    );
}

#[tokio::test]
async fn below_the_floor_people_read_and_take_down_and_write_nothing_new() {
    let free = testing::site().await.room.free().expect("known");
    let site = testing::Setup::default()
        .floor(free.saturating_mul(2))
        .site()
        .await;
    assert_eq!(site.room.level(), Level::Low);
    let published = press::article("Đã đăng").publish(&site).await;
    let routes = portal::routes(&site, OpenApiRouter::new(), portal::Own::default());
    let editor = testing::sign_in(&site, accounts::Role::Approver).await;

    let front = testing::get(&routes, "/", None).await;
    assert!(front.status == StatusCode::OK && front.body.contains("Đã đăng"));
    let desk = testing::get(&routes, "/quan-tri", Some(&editor)).await;
    assert!(
        desk.body.contains("data-element=\"alarm\""),
        "the desk says so"
    );
    for path in ["/quan-tri/bai-viet/moi", "/quan-tri/bai-viet/x/dang"] {
        let refused = testing::post(&routes, path, Some(&editor), &[("title", "Mới")]).await;
        assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE, "{path}");
    }
    let taken_down = format!("/quan-tri/bai-viet/{published}/go");
    let answer = testing::post(&routes, &taken_down, Some(&editor), &[]).await;
    assert_ne!(answer.status, StatusCode::INSUFFICIENT_STORAGE);
}
