use super::*;
use crate::directory::{Mode, State};
use crate::entries::Attachment;
use crate::entries::item::MediaRole;
use crate::screening::refusals;
use crate::testing::{self, HUB, TestSite};
use sea_orm::EntityTrait;
use std::net::SocketAddr;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A source that answers each request as it is told, and tells what it was asked.
struct Source {
    address: String,
    asked: mpsc::UnboundedReceiver<String>,
}

async fn source(answers: Vec<Vec<u8>>) -> Source {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = TcpListener::bind(any).await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut client, _) = listener.accept().await.expect("a client");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.expect("a request"));
            }
            tell.send(String::from_utf8_lossy(&head).to_lowercase())
                .ok();
            client.write_all(&answer).await.expect("answers");
            client.shutdown().await.ok();
        }
    });
    Source { address, asked }
}

fn whole(bytes: &[u8], sent: usize) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len()).into_bytes();
    answer.extend(&bytes[..sent]);
    answer
}

fn rest(bytes: &[u8], from: usize) -> Vec<u8> {
    let (last, total) = (bytes.len() - 1, bytes.len());
    let mut answer = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{last}/{total}\r\nContent-Length: {}\r\n\r\n",
        total - from
    )
    .into_bytes();
    answer.extend(&bytes[from..]);
    answer
}

/// A site that lacks `bytes`, which an entry says are at `source`.
async fn lacking(bytes: &[u8], source: &Source) -> TestSite {
    let site = testing::site().await;
    let attachment = Attachment {
        url: format!(
            "{}/media/sha256/{}",
            source.address,
            Digest::of(bytes).hex()
        ),
        mime_type: "application/pdf".to_owned(),
        title: None,
        size_in_bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
        role: MediaRole::File,
        alt: None,
        width: None,
        height: None,
        credit: None,
        focus: crate::media::Focus::default(),
    };
    let known = site_record::Model {
        id: Uuid::now_v7(),
        unit_id: Uuid::now_v7(),
        mode: Mode::Native.as_str().to_owned(),
        state: State::Active.as_str().to_owned(),
        base_url: source.address.clone(),
        title: "xã Kon Plông".to_owned(),
        described_at: 0,
    };
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                peer::Entity::delete_by_id(HUB).exec(tx).await?;
                site_record::put(tx, known).await?;
                record::want(tx, Uuid::now_v7(), &attachment, now).await
            })
        })
        .await
        .expect("wanted");
    site
}

async fn try_again(site: &TestSite) -> usize {
    site.clock.advance(Duration::from_secs(700));
    round(site, &Bounds::unbounded()).await.expect("tries")
}

#[test]
fn all_who_share_a_rate_wait_for_one_another() {
    let rate = Rate::new(1_000);
    let now = Instant::now();
    assert_eq!(rate.book(500, now), Duration::from_millis(500));
    assert_eq!(rate.book(500, now), Duration::from_secs(1));
    let later = now + Duration::from_secs(5);
    assert_eq!(rate.book(100, later), Duration::from_millis(100));
    assert!(Rate::new(u64::MAX).book(1 << 30, now) < Duration::from_millis(1));
}

#[tokio::test]
async fn a_transfer_that_was_cut_goes_on_where_it_was() {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 241) as u8).collect();
    let mut source = source(vec![whole(&bytes, 100_000), rest(&bytes, 100_000)]).await;
    let site = lacking(&bytes, &source).await;
    let digest = Digest::of(&bytes);

    assert_eq!(try_again(&site).await, 0, "cut");
    let first = source.asked.recv().await.expect("asked");
    assert!(!first.contains("range:"), "{first}");
    assert!(
        !site.media.path(digest).exists(),
        "not under its name before it is whole"
    );
    assert_eq!(
        site.media.partials().await.expect("reads")[0].1,
        100_000,
        "what came is kept"
    );
    // A restart keeps it as well.
    let root = site.media.path(digest);
    let root = root.ancestors().nth(2).expect("the folder of media");
    crate::media::Store::open(root.to_path_buf()).expect("opens again");

    assert_eq!(try_again(&site).await, 1);
    let second = source.asked.recv().await.expect("asked");
    assert!(second.contains("range: bytes=100000-"), "{second}");
    assert!(
        second.contains(&format!("if-range: \"{}\"", digest.hex())),
        "{second}"
    );
    assert_eq!(site.media.read(digest).await.expect("reads"), Some(bytes));
    assert!(site.media.partials().await.expect("reads").is_empty());
}

#[tokio::test]
async fn a_source_that_begins_anew_or_lies_does_no_harm() {
    let bytes = vec![5; 50_000];
    let other = vec![6; 50_000];
    let source = source(vec![
        whole(&other, 20_000),
        // Asked for the rest, it sends all of it: the part that came before is dropped.
        whole(&other, 50_000),
        rest(&bytes, 49_999),
        whole(&bytes, 50_000),
    ])
    .await;
    let site = lacking(&bytes, &source).await;
    for attempt in ["cut", "another hash", "not what was asked for"] {
        assert_eq!(try_again(&site).await, 0, "{attempt}");
        assert!(!site.media.path(Digest::of(&bytes)).exists());
    }
    assert_eq!(try_again(&site).await, 1);
}

#[tokio::test]
async fn what_claims_no_end_is_given_up_at_the_largest_size() {
    let endless = vec![1; 26 * 1024 * 1024];
    let source = source(vec![whole(&endless, endless.len())]).await;
    let site = lacking(b"small", &source).await;
    assert_eq!(try_again(&site).await, 0);
    assert!(site.media.partials().await.expect("reads").is_empty());
}

#[tokio::test]
async fn parts_nobody_waits_for_are_removed() {
    let source = source(Vec::new()).await;
    let site = lacking(b"wanted", &source).await;
    let (wanted, forgotten) = (Digest::of(b"wanted"), Digest::of(b"forgotten"));
    for digest in [wanted, forgotten] {
        std::fs::write(site.media.partial(digest), b"part").expect("writes");
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the age of a file is the machine's"
    )]
    let now = std::time::SystemTime::now();
    site.clock.set(DateTime::<Utc>::from(now));
    assert_eq!(clean(&site).await.expect("cleans"), 1);
    assert!(site.media.partial(wanted).exists());
    site.clock.advance(Duration::from_secs(8 * 24 * 3_600));
    assert_eq!(clean(&site).await.expect("cleans"), 1);
    assert!(!site.media.partial(wanted).exists());
}

#[tokio::test]
async fn what_bears_a_mark_is_not_kept_and_not_asked_for_again() {
    let marked =
        "<w:p><w:r><w:t>ỦY BAN NHÂN DÂN XÃ</w:t></w:r></w:p><w:p><w:r><w:t>MẬT</w:t></w:r></w:p>";
    let bytes = crate::office::docx::tests::word_file(marked, "", &[]);
    let source = source(vec![whole(&bytes, bytes.len())]).await;
    let site = lacking(&bytes, &source).await;
    assert_eq!(try_again(&site).await, 1);
    let digest = Digest::of(&bytes);
    assert!(!site.media.path(digest).exists() && !site.media.partial(digest).exists());
    let medium = record::find(site.db.reader(), digest).await.expect("reads");
    assert_eq!(medium.expect("known").state, MediaState::Refused.as_str());
    assert_eq!(try_again(&site).await, 0, "it is known now");
    let noted = refusals::page(site.db.reader(), 0, 10)
        .await
        .expect("reads");
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (noted[0].way.as_str(), noted[0].rule.as_str()),
        ("fetched", "G1")
    );
}
