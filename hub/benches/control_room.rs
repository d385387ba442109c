//! What it costs to watch all units of a country: 3,355 members of one hub that holds a million events.
//!
//! ```sh
//! cargo bench -p hub --bench control_room
//! LIEN_CONG_BENCH_POSTGRES='postgres://lien_cong@localhost/' cargo bench …      # PostgreSQL as well
//! ```
//!
//! Figures are recorded in `docs/benchmarks.md`.

#[path = "../../shared/benches/backend/mod.rs"]
mod backend;

use axum::extract::Extension;
use backend::{Backend, backends};
use chrono::Datelike;
use divan::Bencher;
use hub::alerts::delivery::Delivery;
use hub::alerts::rounds;
use hub::members::registry::{self, Introduction, NewMember};
use hub::members::watch::Watch;
use hub::ranking::scheme::Scheme;
use hub::ranking::snapshot;
use hub::ranking::span::{Kind, Span};
use hub::relay::Relay;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use shared::accounts::Role;
use shared::audit::Actor;
use shared::entries::record;
use shared::http_client::Allow;
use shared::log::keys::SigningKey;
use shared::log::{Lane, event};
use shared::portal;
use shared::server::Shutdown;
use shared::sync::cursor::{self, Direction};
use shared::sync::peer::{self, LinkMode};
use shared::sync::{Audience, Selector, audience, outgoing};
use shared::testing::{self, SignedIn, TestSite};
use std::sync::{Arc, LazyLock, Mutex};
use tokio::runtime::Runtime;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// The communes, wards and departments of a country with one level below the province.
const MEMBERS: usize = 3_355;
/// Events held, each in the stream.
const EVENTS: usize = 1_000_000;
/// Entries they are about.
const ENTRIES: usize = 250_000;
/// Rows of a statement.
const ROWS: usize = 1_000;
/// Statements of a transaction.
const STATEMENTS: usize = 25;

fn main() {
    backend::say_what_is_left_out();
    divan::main();
}

/// The look at all members that everybody shares, every five seconds.
#[divan::bench(args = backends(), sample_count = 100, sample_size = 1)]
fn look(bencher: Bencher<'_, '_>, backend: &Backend) {
    let room = room(backend);
    bencher.bench_local(|| {
        let seen = room
            .runtime
            .block_on(room.watch.look(&room.site))
            .expect("a look");
        assert!(seen.members.len() >= MEMBERS);
    });
}

/// A page of the table, as an administrator gets it.
#[divan::bench(args = backends(), sample_count = 100, sample_size = 1)]
fn table(bencher: Bencher<'_, '_>, backend: &Backend) {
    page(bencher, backend, "/quan-tri/don-vi");
}

/// The same narrowed by words and sorted by a column.
#[divan::bench(args = backends(), sample_count = 100, sample_size = 1)]
fn table_searched(bencher: Bencher<'_, '_>, backend: &Backend) {
    page(bencher, backend, "/quan-tri/don-vi?tim=xa+33&theo=thang");
}

/// What is wrong, held against what was: every ten seconds.
#[divan::bench(args = backends(), sample_count = 100, sample_size = 1)]
fn alerts(bencher: Bencher<'_, '_>, backend: &Backend) {
    let room = room(backend);
    let seen = room
        .runtime
        .block_on(room.watch.seen(&room.site))
        .expect("a look");
    bencher.bench_local(|| {
        room.runtime
            .block_on(rounds::round(&room.site, &seen))
            .expect("a round")
    });
}

/// All members counted and scored for a month.
#[divan::bench(args = backends(), sample_count = 10, sample_size = 1)]
fn ranking(bencher: Bencher<'_, '_>, backend: &Backend) {
    let room = room(backend);
    let today = shared::vietnamese::local(room.site.clock.now()).date_naive();
    let span = Span::of(Kind::Month, today.year(), today.month()).expect("a month");
    bencher.bench_local(|| {
        let (scheme, _) = Scheme::built_in().expect("it reads");
        let board = room
            .runtime
            .block_on(snapshot::now(&room.site, scheme, span))
            .expect("a board");
        assert!(board.scores.len() >= MEMBERS);
    });
}

fn page(bencher: Bencher<'_, '_>, backend: &Backend, path: &str) {
    let room = room(backend);
    bencher.bench_local(|| {
        let answer = room
            .runtime
            .block_on(testing::get(&room.routes, path, Some(&room.admin)));
        assert_eq!(answer.status.as_u16(), 200);
        assert!(
            answer.body.contains("Xã 33") || answer.body.contains("xã 33"),
            "it shows members"
        );
    });
}

/// A hub and its members.
struct Room {
    runtime: Runtime,
    site: TestSite,
    watch: Watch,
    routes: axum::Router,
    admin: SignedIn,
}

/// Each by the name of its database.
type Rooms = Vec<(String, Arc<Room>)>;

/// Made once for each database: filling one takes minutes.
fn room(backend: &Backend) -> Arc<Room> {
    static MADE: LazyLock<Mutex<Rooms>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("nothing failed before");
    let name = backend.to_string();
    if let Some((_, room)) = made.iter().find(|(known, _)| *known == name) {
        return Arc::clone(room);
    }
    let runtime = Runtime::new().expect("a runtime");
    let room = runtime.block_on(async {
        let setup = backend.setup().await.role(Relay);
        let site = setup.site_of::<migrations::HubSchema>().await;
        let members = join(&site).await;
        fill(&site, &members).await;
        let watch = Watch::until(Shutdown::new());
        let delivery = Delivery::new(Arc::clone(&site), None, Allow::none());
        let routes = portal::routes(&site, OpenApiRouter::new(), hub::pages::own())
            .layer(Extension(watch.clone()))
            .layer(Extension(delivery));
        let admin = testing::sign_in(&site, Role::HubAdmin).await;
        (site, watch, routes, admin)
    });
    let (site, watch, routes, admin) = room;
    let room = Arc::new(Room {
        runtime,
        site,
        watch,
        routes,
        admin,
    });
    made.push((name, Arc::clone(&room)));
    room
}

/// The members, heard of just now; site and unit of each.
async fn join(site: &Arc<shared::site::Site>) -> Vec<(Uuid, Uuid)> {
    let stream = site.stream_id();
    let now = site.clock.now().timestamp_millis();
    let mut members = Vec::with_capacity(MEMBERS);
    for number in 1..=MEMBERS {
        let url: url::Url = format!("https://xa-{number}.example")
            .parse()
            .expect("a URL");
        let name = format!("xã {number}");
        let new = NewMember::named(&name, "xa", site.unit_id, url.clone(), &name);
        let added = registry::add(site, new, &Actor::CommandLine).await;
        let (id, code) = added.expect("a member");
        let introduction = Introduction {
            code: code.expect("a code").as_str().to_owned(),
            key: SigningKey::generate().expect("a key").public_key(),
            base_url: Some(url),
            link: LinkMode::Push,
        };
        let inner = Arc::clone(site);
        // Most have all; each hundredth is far behind, each thirtieth a little.
        let behind = match number {
            number if number % 100 == 0 => 30_000,
            number if number % 30 == 0 => 40,
            _ => 0,
        };
        let joined = site.db.write(move |tx| {
            Box::pin(async move {
                let record = registry::take_in(tx, &inner, &introduction).await?;
                let contact = peer::Contact {
                    version: Some("lien-cong/0.1.0".to_owned()),
                    clock_skew_ms: Some(40),
                    delivered: true,
                };
                peer::note_contact(tx, id, contact, now).await?;
                for lane in Lane::ALL {
                    let end = place(EVENTS);
                    let cursor = cursor::Model {
                        site_id: id,
                        direction: Direction::Out.as_str().to_owned(),
                        lane: lane.as_str().to_owned(),
                        stream_id: stream,
                        position: end - behind,
                        given_at: None,
                        head: 0,
                        updated_at: now,
                    };
                    cursor::set(tx, cursor).await?;
                }
                Ok(record)
            })
        });
        let record = joined.await.expect("it joins");
        members.push((id, record.unit_id));
    }
    members
}

/// A year of what they published, as rows: nothing of it is read but what is counted.
async fn fill(site: &Arc<shared::site::Site>, members: &[(Uuid, Uuid)]) {
    let now = site.clock.now().timestamp_millis();
    let year = 365 * 86_400_000_i64;
    let members: Arc<[(Uuid, Uuid)]> = members.into();
    let audiences = {
        let write = site.db.write(move |tx| {
            Box::pin(async move {
                let everyone = Audience::of(Selector::Everyone, shared::entries::Mode::Suggested);
                let level = Audience::of(
                    Selector::Level("xa".to_owned()),
                    shared::entries::Mode::Mandatory,
                );
                let mut ids = [0; 2];
                for (id, audience) in ids.iter_mut().zip([everyone, level]) {
                    let (digest, rule) = audience.to_rule()?;
                    let row = audience::ActiveModel {
                        digest: Set(digest.as_bytes().to_vec()),
                        rule: Set(rule),
                        ..Default::default()
                    };
                    *id = row.insert(tx).await?.id;
                }
                Ok(ids)
            })
        });
        write.await.expect("audiences")
    };
    for begin in (0..EVENTS).step_by(ROWS * STATEMENTS) {
        let members = Arc::clone(&members);
        let write = site.db.write(move |tx| {
            Box::pin(async move {
                for begin in (begin..begin + ROWS * STATEMENTS).step_by(ROWS) {
                    let numbers = begin..begin + ROWS;
                    let time = |number: usize| now - year + year / 1_000_000 * number as i64;
                    let events = numbers.clone().map(|number| {
                        let (site, unit) = members[number % members.len()];
                        event::ActiveModel {
                            log_id: Set(site),
                            seq: Set((number / members.len()) as i64 + 1),
                            hash: Set(digest(number)),
                            site_id: Set(site),
                            unit_id: Set(unit),
                            key_id: Set("k".to_owned()),
                            lane: Set("regular".to_owned()),
                            kind: Set("entry.published".to_owned()),
                            entry_id: Set(Some(Uuid::from_u128((number % ENTRIES) as u128 + 1))),
                            rev: Set((number / ENTRIES) as i64 + 1),
                            content_hash: Set(None),
                            time: Set(time(number)),
                            header: Set(String::new()),
                            signature: Set(Vec::new()),
                            received_at: Set(time(number)),
                            received_from: Set(Some(site)),
                            ..Default::default()
                        }
                    });
                    let first = event::Entity::insert_many(events).exec(tx).await?;
                    let first = first.last_insert_id.expect("a row") - ROWS as i64 + 1;
                    let stream = numbers.clone().map(|number| outgoing::ActiveModel {
                        position: Set(place(number + 1)),
                        lane: Set("regular".to_owned()),
                        event_id: Set(first + (number - begin) as i64),
                        audience_id: Set(audiences[number % 2]),
                        origin: Set(members[number % members.len()].0),
                        added_at: Set(time(number)),
                    });
                    outgoing::Entity::insert_many(stream)
                        .exec_without_returning(tx)
                        .await?;
                    if begin < ENTRIES {
                        let entries = numbers.map(|number| {
                            let (site, unit) = members[number % members.len()];
                            record::ActiveModel {
                                entry_id: Set(Uuid::from_u128(number as u128 + 1)),
                                site_id: Set(site),
                                unit_id: Set(unit),
                                kind: Set("article".to_owned()),
                                state: Set("live".to_owned()),
                                rev: Set(1),
                                event_id: Set(first),
                                url: Set(format!("https://xa.example/bai-viet/{number}")),
                                title: Set(format!("Tin số {number} của xã")),
                                section: Set("kinh-te".to_owned()),
                                language: Set("vi".to_owned()),
                                published_at: Set(
                                    now - year + year / ENTRIES as i64 * number as i64
                                ),
                                revised_at: Set(now),
                                recalled_through: Set(0),
                                ..Default::default()
                            }
                        });
                        record::Entity::insert_many(entries)
                            .exec_without_returning(tx)
                            .await?;
                    }
                }
                Ok(())
            })
        });
        write.await.expect("rows");
    }
}

/// The place of an event: joining has filled the first ones.
fn place(number: usize) -> i64 {
    const FIRST: usize = 1_000_000;
    i64::try_from(FIRST + number).expect("a place")
}

fn digest(number: usize) -> Vec<u8> {
    let mut digest = vec![0; 32];
    digest[..8].copy_from_slice(&(number as u64).to_be_bytes());
    digest
}
