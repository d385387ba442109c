//! Feeds of portals that are broken or mean ill, read by a real hub: each hurts its own source and
//! nobody else.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;
use tests::{Backend, Behaviour, ForeignPortal, Province, bounded, eventually, measured, rounds};
use tokio::time::Instant;

/// What a hub may take for itself whatever it reads.
const MOST_MEMORY: u64 = 512;
const GOOD: &str = "Bảo tàng tỉnh";
const RSS: &str = "application/rss+xml";

#[tokio::test]
async fn a_hostile_feed_hurts_its_own_source_alone() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let good = ForeignPortal::open(&province).await;
        good.shows(1, "Kiểm kê cồng chiêng toàn tỉnh");
        // Somebody on the province's own network whom no feed may have asked.
        let secret = ForeignPortal::open(&province).await;
        secret.shows(1, "Trang nội bộ");
        let mut hostile = Vec::new();
        for (name, behaviour) in worst(&secret) {
            let portal = ForeignPortal::open(&province).await;
            portal.does(behaviour);
            hostile.push((name, portal));
        }
        let turning = ForeignPortal::open(&province).await;
        turning.does(Behaviour::Redirect(turning.feed().to_string()));
        hostile.push(("Chuyển hướng vòng tròn", turning));

        let mut all = vec![(GOOD, &good)];
        all.extend(hostile.iter().map(|(name, portal)| (*name, portal)));
        province.reads_feeds_of(&all).await;

        let editor = province.hub.staff().await;
        let mut longest = Duration::ZERO;
        let articles = rounds(5, 60);
        for number in 2..=articles + 1 {
            let title = format!("Tin của bảo tàng, số {number}");
            let begun = Instant::now();
            good.shows(u32::try_from(number).expect("a number"), &title);
            let waiting = format!("{title:?} is in the inbox");
            eventually(&waiting, async || editor.looks_in_inbox_of(GOOD, &title).await).await;
            longest = longest.max(begun.elapsed());
        }
        for (name, portal) in &hostile {
            eventually(&format!("{name} was read"), async || {
                match portal.asked() {
                    (0, _) => Err("not yet"),
                    _ => Ok(()),
                }
            })
            .await;
        }
        assert_eq!(secret.asked(), (0, 0), "nobody was sent into the network");
        assert!(province.hub.is_running());
        let memory = province.hub.peak_memory();
        assert!(memory <= MOST_MEMORY, "{memory} MiB");
        let entries = "SELECT COUNT(*) FROM entries WHERE title LIKE $1";
        let named_anew = province.counts(entries, "Tin đổi tên số %").await;
        assert!(named_anew <= 1_000, "{named_anew} articles under new names");
        let many = province.counts(entries, "Tin thứ %").await;
        assert!(many <= 1_000, "{many} articles of one document");
        // What was of another character set was read as what it says it is, or not at all.
        let wrong = province.counts(entries, "Trang sai bảng mã%").await;
        assert!(wrong <= 1, "{wrong}");
        measured(
            "G8",
            &format!(
                "{} hostile feeds beside a good one, each read every second: {articles} articles of \
                 the good one, the last {:.1} s after it was shown at most; 0 requests into the \
                 network; peak {memory} MiB; articles taken from the feed that renames them {named_anew}, \
                 from the one with 20,000 {many}",
                hostile.len(),
                longest.as_secs_f64(),
            ),
        );
    })
    .await;
}

/// What each of them does.
fn worst(secret: &ForeignPortal) -> Vec<(&'static str, Behaviour)> {
    let rss = |bytes: Vec<u8>| Behaviour::Bytes(bytes, RSS);
    let to = |target: &str| Behaviour::Redirect(target.to_owned());
    vec![
        ("Tỷ tiếng cười", rss(billion_laughs())),
        ("Nhiều thuộc tính", rss(attributes(100_000))),
        (
            "Lồng nhau",
            rss([b"<rss><channel>".to_vec(), b"<a>".repeat(200_000)].concat()),
        ),
        (
            "Không có hồi kết",
            Behaviour::Endless(b"<item><title>nua</title></item>"),
        ),
        ("Nhỏ giọt", Behaviour::Dribble),
        ("Bom nén", Behaviour::Compressed(zeros(512))),
        (
            "Nén hỏng",
            Behaviour::Compressed(b"khong phai gzip".to_vec()),
        ),
        ("Chuyển vào mạng riêng", to(secret.feed().as_str())),
        (
            "Chuyển tới máy chủ đám mây",
            to("http://169.254.169.254/latest/meta-data/"),
        ),
        ("Chuyển tới tệp", to("file:///etc/passwd")),
        (
            "Chuyển tới chính máy này",
            to("http://[::ffff:127.0.0.1]:9090/metrics"),
        ),
        (
            "Sai bảng mã",
            Behaviour::Bytes(wrong_charset(), "application/rss+xml; charset=utf-16"),
        ),
        ("Hai vạn mục", rss(many(20_000))),
        ("Đổi tên mỗi lần", Behaviour::Renamed(50)),
        ("Không phải XML", rss(vec![0; 100_000])),
        ("Rỗng", rss(Vec::new())),
    ]
}

fn billion_laughs() -> Vec<u8> {
    let mut document = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY l0 \"ha\">".to_owned();
    for level in 1..10 {
        let below = format!("&l{};", level - 1).repeat(10);
        write!(document, "<!ENTITY l{level} \"{below}\">").expect("writes to memory");
    }
    document.push_str(
        "<!ENTITY file SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel>\
         <item><guid>1</guid><title>&l9;</title><description>&file;</description></item>\
         </channel></rss>",
    );
    document.into_bytes()
}

fn attributes(count: usize) -> Vec<u8> {
    let mut document = "<rss version=\"2.0\"><channel><item".to_owned();
    for number in 0..count {
        write!(document, " a{number}=\"1\" xmlns:n{number}=\"u:{number}\"")
            .expect("writes to memory");
    }
    document.push_str("><title>Nhiều thuộc tính</title></item></channel></rss>");
    document.into_bytes()
}

fn many(count: usize) -> Vec<u8> {
    let mut document = "<rss version=\"2.0\"><channel>".to_owned();
    for number in 0..count {
        write!(
            document,
            "<item><guid isPermaLink=\"false\">n{number}</guid><title>Tin thứ {number}</title></item>"
        )
        .expect("writes to memory");
    }
    document.push_str("</channel></rss>");
    document.into_bytes()
}

/// Windows-1258, under the name of UTF-16.
fn wrong_charset() -> Vec<u8> {
    b"<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><item><guid>1</guid>\
      <title>Trang sai b\xE4ng m\xE3</title></item></channel></rss>"
        .to_vec()
}

/// So many MiB of nothing, compressed.
fn zeros(mebibytes: usize) -> Vec<u8> {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let mebibyte = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        bomb.write_all(&mebibyte).expect("writes to memory");
    }
    bomb.finish().expect("writes to memory")
}
