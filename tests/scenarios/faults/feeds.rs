//! Foreign feeds that mean ill: each hurts nobody but itself, and nothing is called that nobody named.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tests::{Backend, Behaviour, ForeignPortal, Province, bounded, eventually, measured, rounds};
use tokio::net::TcpListener;

const RSS: &str = "application/rss+xml";
/// A feed of 5 MiB is read whole; whatever it says, it takes not much more than that.
const MOST_MEMORY: u64 = 512;

#[tokio::test]
async fn a_feed_that_means_ill_hurts_only_itself() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let bad = ForeignPortal::open(&province).await;
        let good = ForeignPortal::open(&province).await;
        bad.shows(1, "Tin của nguồn sẽ hỏng");
        good.shows(1, "Tin của nguồn lành số 0");
        province.reads_feed_of("Trang sẽ hỏng", &bad).await;
        province.reads_feed_of("Trang lành", &good).await;
        let editor = province.hub.staff().await;
        editor.finds_in_inbox("Tin của nguồn sẽ hỏng").await;
        editor.finds_in_inbox("Tin của nguồn lành số 0").await;

        // Something inside that must never be called, and counts who calls.
        let inside = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let secret = inside.local_addr().expect("an address");
        let called = Arc::new(AtomicU32::new(0));
        let counting = Arc::clone(&called);
        let guard = tokio::spawn(async move {
            while inside.accept().await.is_ok() {
                counting.fetch_add(1, Ordering::Relaxed);
            }
        });

        let tricks = tricks(&secret.to_string(), bad.feed().as_str());
        let tried = tricks.len();
        for (number, (what, trick)) in tricks.into_iter().enumerate() {
            let (asked, spared) = bad.asked();
            bad.does(trick);
            eventually(&format!("the hub asks for {what}"), async || {
                let (again, unchanged) = bad.asked();
                if again + unchanged > asked + spared { Ok(()) } else { Err(again) }
            })
            .await;
            // Meanwhile the other source is read as if nothing had happened.
            let title = format!("Tin của nguồn lành số {}", number + 1);
            good.shows(1, &title);
            editor.finds_in_inbox(&title).await;
            assert!(province.hub.is_running(), "{what} brought the hub down");
        }
        assert_eq!(called.load(Ordering::Relaxed), 0, "something inside was called");
        guard.abort();
        let memory = province.hub.peak_memory();
        assert!(memory <= MOST_MEMORY, "{memory} MiB");
        let log = province.hub.log();
        assert!(!log.contains("panicked"), "something panicked");

        // Who has mended its feed is read again.
        bad.shows(2, "Tin của nguồn đã sửa xong");
        editor.finds_in_inbox("Tin của nguồn đã sửa xong").await;
        measured(
            "G8",
            &format!("{tried} hostile feeds: 0 calls inside, 0 crashes, the other source read on; peak {memory} MiB"),
        );
    })
    .await;
}

fn tricks(secret: &str, own: &str) -> Vec<(&'static str, Behaviour)> {
    let bytes = |text: String| Behaviour::Bytes(text.into_bytes(), RSS);
    let to = |target: String| Behaviour::Redirect(target);
    let items = |count: usize, id: &dyn Fn(usize) -> String| {
        let mut feed = String::from("<rss version=\"2.0\"><channel><title>t</title>");
        for number in 0..count {
            let guid = id(number);
            write!(feed, "<item><title>i{number}</title><guid>{guid}</guid><link>http://x.example/{number}</link></item>")
                .expect("writes to memory");
        }
        feed + "</channel></rss>"
    };
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                  <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>\
                  <rss><channel><title>&d;&d;&d;</title></channel></rss>";
    let outside = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY x SYSTEM \"http://{secret}/\"><!ENTITY f SYSTEM \
         \"file:///etc/passwd\">]><rss><channel><title>&x;&f;</title></channel></rss>"
    );
    let mut attributes = String::from("<rss><channel><title ");
    for number in 0..100_000 {
        write!(attributes, "a{number}=\"\" ").expect("writes to memory");
    }
    attributes.push_str(">t</title></channel></rss>");
    let once = AtomicU32::new(0);
    let few = rounds(20_000, 60_000);
    vec![
        ("a billion laughs", bytes(laughs.to_owned())),
        ("an entity from inside", bytes(outside)),
        ("a hundred thousand attributes", bytes(attributes)),
        ("depth", bytes("<a>".repeat(200_000))),
        (
            "a body without end",
            Behaviour::Endless(b"<item><title>x</title></item>"),
        ),
        ("a byte a second", Behaviour::Dribble),
        ("a bomb in gzip", Behaviour::Compressed(bomb())),
        (
            "broken gzip",
            Behaviour::Compressed(b"\x1f\x8b\x08broken".to_vec()),
        ),
        ("a way inside", to(format!("http://{secret}/"))),
        (
            "a way to the cloud's secrets",
            to("http://169.254.169.254/latest/meta-data/".to_owned()),
        ),
        ("a file", to("file:///etc/passwd".to_owned())),
        (
            "a way inside in other figures",
            to(format!(
                "http://[::ffff:127.0.0.1]:{}/",
                secret.rsplit(':').next().unwrap_or("80")
            )),
        ),
        ("a circle", to(own.to_owned())),
        (
            "many entries",
            bytes(items(few, &|number| number.to_string())),
        ),
        (
            "new names each time",
            bytes(items(200, &|_| {
                once.fetch_add(1, Ordering::Relaxed).to_string()
            })),
        ),
        (
            "another charset",
            Behaviour::Bytes(
                [
                    b"<?xml version=\"1.0\" encoding=\"utf-16\"?>".as_slice(),
                    &[0xFF, 0xFE, 0x00, 0xD8],
                ]
                .concat(),
                "text/xml; charset=windows-1258",
            ),
        ),
        (
            "an HTML page",
            Behaviour::Bytes(b"<html><body>404</body></html>".to_vec(), "text/html"),
        ),
        (
            "JSON that is deep",
            Behaviour::Bytes("[".repeat(200_000).into_bytes(), "application/feed+json"),
        ),
        ("nothing", Behaviour::Bytes(Vec::new(), RSS)),
    ]
}

/// A gigabyte of nothing.
fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..1_024 {
        packed.write_all(&zeros).expect("packs");
    }
    packed.finish().expect("packs")
}
