//! What the road of an article costs: appending, taking in, handing out, finding.
//!
//! `cargo bench -p shared --features testing` — figures are recorded in `docs/benchmarks.md`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use serde_json::{Value, json};
use shared::directory::{Mode, State, key_record, site_record};
use shared::entries::{Item, apply, placement, search};
use shared::error::Result;
use shared::log::{EventKind, Lane, NewEvent, append, event};
use shared::screening::{Known, Piece, Place, RuleSet, screen};
use shared::site::Site;
use shared::sync::audience::{Audience, Membership, Selector};
use shared::sync::batch::Batch;
use shared::sync::outgoing::{self, Share};
use shared::sync::peer::{self, LinkMode};
use shared::sync::receive;
use shared::testing::{self, TestSite};
use shared::units::Tree;
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

fn main() {
    divan::main();
}

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

/// An article of some 1,500 bytes, as communes write them.
fn article(entry: Uuid, number: usize) -> Value {
    let paragraph = "Theo thống kê của Phòng Kinh tế, năng suất cà phê vụ này ước đạt 14,8 tạ nhân mỗi héc-ta, \
                     cao hơn vụ trước khoảng 0,6 tạ nhờ mưa rải đều và bón phân hữu cơ. ";
    json!({
        "id": Item::id_of(entry),
        "url": format!("https://konbraih.quangngai.example/bai-viet/mua-ca-phe-{}", entry.simple()),
        "title": format!("Kon Rẫy vào mùa hái cà phê, đợt {number}"),
        "summary": "Những ngày giữa tháng Mười Một, người dân thu hái cà phê trên các triền đồi.",
        "content_html": format!("<p>{}</p>", paragraph.repeat(6)),
        "date_published": "2026-11-20T01:00:00Z",
        "language": "vi",
        "_entry": {"kind": "article", "section": "tin-tuc"},
    })
}

fn published(unit: Uuid, number: usize) -> NewEvent {
    let entry = Uuid::now_v7();
    NewEvent {
        kind: EventKind::EntryPublished,
        lane: Lane::Regular,
        unit,
        entry: Some(entry),
        rev: 1,
        content: Some(article(entry, number)),
        to: None,
    }
}

async fn append_some(site: &Arc<Site>, count: usize) -> Result<Vec<event::Model>> {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let mut events = Vec::with_capacity(count);
                for number in 0..count {
                    events.push(append(tx, &inner, published(inner.unit_id, number)).await?);
                }
                Ok(events)
            })
        })
        .await
}

/// Events appended and durable, so many to a commit.
#[divan::bench(args = [1, 20, 200])]
fn append_to_the_log(bencher: Bencher<'_, '_>, per_commit: usize) {
    let runtime = runtime();
    let site = runtime.block_on(testing::site());
    bencher
        .counter(ItemsCount::new(per_commit))
        .bench_local(|| {
            runtime
                .block_on(append_some(&site, per_commit))
                .expect("appends")
        });
}

/// Makes `sender` a member known to `receiver`.
async fn introduce(sender: &Arc<Site>, receiver: &Arc<Site>) -> peer::Model {
    let record = site_record::Model {
        id: sender.id,
        unit_id: sender.unit_id,
        mode: Mode::Native.as_str().to_owned(),
        state: State::Active.as_str().to_owned(),
        base_url: "https://konbraih.quangngai.example".to_owned(),
        title: "xã Kon Braih".to_owned(),
        described_at: 0,
    };
    let key = sender.key.public_key();
    receiver
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = record.id;
                site_record::put(tx, record).await?;
                key_record::put(tx, id, &key, 0, None, None).await?;
                peer::put(tx, id, peer::Role::Member, LinkMode::Push, 0).await
            })
        })
        .await
        .expect("introduced");
    let found = peer::find(receiver.db.reader(), sender.id)
        .await
        .expect("reads");
    found.expect("is a peer")
}

/// Batches of `per_batch` signed events each, in the order they must arrive.
async fn batches(
    sender: &Arc<Site>,
    receiver: &Arc<Site>,
    count: usize,
    per_batch: usize,
) -> Vec<Vec<u8>> {
    let mut all = Vec::with_capacity(count);
    for number in 0..count {
        let events = append_some(sender, per_batch).await.expect("appends");
        let mut items = Vec::with_capacity(per_batch);
        for event in &events {
            let item = outgoing::item_of(sender.db.reader(), event, None)
                .await
                .expect("an item");
            items.push(item.0);
        }
        let (after, through) = (number * per_batch, (number + 1) * per_batch);
        let batch = Batch {
            stream: sender.stream_id(),
            lane: Lane::Regular,
            from: sender.id,
            to: receiver.id,
            after: i64::try_from(after).expect("small"),
            through: i64::try_from(through).expect("small"),
            given_at: None,
            head: i64::try_from(through).expect("small"),
            items,
        };
        all.push(
            batch
                .to_bytes("xã Kon Braih", "https://konbraih.quangngai.example")
                .expect("JSON"),
        );
    }
    all
}

/// Signed events taken in: parsed, verified, authorised, stored, indexed, durable.
#[divan::bench(args = [1, 20, 200], sample_count = 30, sample_size = 1)]
fn take_in_a_batch(bencher: Bencher<'_, '_>, per_batch: usize) {
    let runtime = runtime();
    let (sender, receiver): (TestSite, TestSite) =
        runtime.block_on(async { (testing::site().await, testing::site().await) });
    let from = runtime.block_on(introduce(&sender, &receiver));
    let mut prepared = runtime
        .block_on(batches(&sender, &receiver, 40, per_batch))
        .into_iter();
    bencher
        .counter(ItemsCount::new(per_batch))
        .with_inputs(|| prepared.next().expect("enough batches"))
        .bench_local_values(|bytes| {
            runtime
                .block_on(receive::receive(&receiver, &from, &bytes, None))
                .expect("taken in")
        });
}

/// One stretch of the stream handed out to so many members, each its own batch.
#[divan::bench(args = [1, 20, 200], sample_count = 10, sample_size = 1)]
fn fan_out(bencher: Bencher<'_, '_>, members: usize) {
    const EVENTS: usize = 100;
    let runtime = runtime();
    let site = runtime.block_on(testing::site());
    let sinks: Vec<(Uuid, Uuid)> = (0..members)
        .map(|_| (Uuid::now_v7(), Uuid::now_v7()))
        .collect();
    runtime.block_on(fill_stream(&site, EVENTS));
    bencher
        .counter(ItemsCount::new(members * EVENTS))
        .bench_local(|| {
            runtime.block_on(async {
                let tree = Tree::default();
                for (id, unit) in &sinks {
                    let membership = Membership {
                        unit: *unit,
                        is_upstream: false,
                    };
                    let share = Share::within(site.db.reader(), &tree, *id, membership)
                        .await
                        .expect("a share");
                    let batch = outgoing::next_batch(&site, &share, Lane::Regular, 0)
                        .await
                        .expect("reads");
                    black_box(batch.expect("something to send"));
                }
            });
        });
}

async fn fill_stream(site: &Arc<Site>, events: usize) {
    let appended = append_some(site, events).await.expect("appends");
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let everyone = Audience::of(Selector::Everyone, placement::Mode::Suggested);
                for event in &appended {
                    outgoing::enqueue(tx, &inner, event, Lane::Regular, &everyone).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("queued");
}

async fn publish_some(site: &Arc<Site>, count: usize) {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for number in 0..count {
                    let new = published(inner.unit_id, number);
                    let (entry, content) = (new.entry.unwrap_or_default(), new.content.clone());
                    let event = append(tx, &inner, new).await?;
                    let item = Item::read(&content.unwrap_or_default(), entry)
                        .map_err(anyhow::Error::new)?;
                    apply::apply(tx, &event, Some(&item)).await?;
                    placement::arrive(tx, entry, "tin-tuc", placement::Mode::Own, 0).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("published");
}

/// The newest twenty of all entries that hold two words, typed without marks, among so many.
#[divan::bench(args = [1_000, 10_000], sample_count = 20)]
fn search_without_marks(bencher: Bencher<'_, '_>, entries: usize) {
    let runtime = runtime();
    let site = runtime.block_on(testing::site());
    runtime.block_on(publish_some(&site, entries));
    let query = search::Query {
        words: "kon ray ca phe".to_owned(),
        limit: 20,
        ..search::Query::default()
    };
    bencher.bench_local(|| {
        let found = runtime
            .block_on(search::find(site.db.reader(), &query))
            .expect("finds");
        assert_eq!(found.entries.len(), 20);
        found
    });
}

/// A page or feed of a site with a thousand entries, from request to bytes.
#[divan::bench(args = ["/", "/tin-tuc", "/tim-kiem?q=ca+phe", "/atom", "/feed.json"], sample_count = 50)]
fn render(bencher: Bencher<'_, '_>, path: &str) {
    let runtime = runtime();
    let site = runtime.block_on(testing::site());
    runtime.block_on(publish_some(&site, 1_000));
    let routes = shared::pages::routes()
        .merge(shared::feeds::serve::routes())
        .with_state(Arc::clone(&site));
    bencher.bench_local(|| {
        let answer = runtime.block_on(testing::get(&routes, path, None));
        assert_eq!(answer.status.as_u16(), 200);
        answer
    });
}

/// What screening costs a long article: 200 kB, with numbers, names and words of many rules in it.
#[divan::bench(sample_count = 50)]
fn screen_a_long_article(bencher: Bencher<'_, '_>) {
    let paragraph = "Sáng 19/11, hơn 200 người dân thôn 9 cùng đoàn viên, dân quân ra quân đổ bê tông tuyến đường dài 820 m. \
                     Số: 184/QĐ-UBND ngày 9 tháng 9 năm 2021; tổng vốn 125.300.000.000 đồng. Nghề nuôi ong lấy mật.\n";
    let text = paragraph.repeat(200_000 / paragraph.len());
    let piece = Piece::new(Place::Body, text);
    let rules = RuleSet::built_in();
    bencher.bench_local(|| screen(&rules, &Known::default(), [black_box(&piece)]));
}
