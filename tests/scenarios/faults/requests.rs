//! HTTP as no browser speaks it, at the doors of a hub and of a member, public and private: each gets a
//! word or a closed door in time, nobody else notices, and nothing is told that is nobody's business.

use futures_util::future::join_all;
use std::net::SocketAddr;
use std::time::Duration;
use tests::raw::{Heard, say};
use tests::{Backend, Province, Server, bounded, measured, rounds};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn a_hub_answers_whatever_comes() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        whatever_comes(&mut province.hub).await;
    })
    .await;
}

#[tokio::test]
async fn a_member_answers_whatever_comes() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        whatever_comes(&mut member.server).await;
    })
    .await;
}

async fn whatever_comes(server: &mut Server) {
    let public = at(&server.address("/"));
    let host = server.base_url().authority().to_owned();
    let mut tried = 0;
    for (what, request) in requests(&host) {
        let heard = say(public, &request).await;
        assert_ne!(heard, Heard::Silence, "{what}: left hanging");
        if let Heard::Answer(status, text) = &heard {
            // What was announced and never came was waited for in vain.
            let is_told = *status < 500 || matches!(*status, 501 | 503);
            assert!(is_told, "{what}: {text:.400}");
            assert!(
                !(200..300).contains(status),
                "{what} was let through: {text:.400}"
            );
            says_nothing_of_itself(what, text);
        }
        tried += 1;
    }
    for path in paths() {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let heard = say(public, request.as_bytes()).await;
        assert_ne!(heard, Heard::Silence, "{path}: left hanging");
        if let Heard::Answer(status, text) = &heard {
            assert!(*status < 500, "{path}: {text:.400}");
            assert!(!text.contains("root:x:0"), "{path}");
            says_nothing_of_itself(&path, text);
        }
        tried += 1;
    }
    // Those who hold on to what they have: each is cut in time, and nobody waits behind them.
    let clients = rounds(40, 200);
    let slow = join_all((0..clients).map(|number| dawdle(public, &host, number)));
    let reader = async {
        for _ in 0..10 {
            let page = server.visitor().get("/").await;
            assert_eq!(page.status, 200);
            sleep(Duration::from_millis(200)).await;
        }
    };
    let (cut, ()) = tokio::join!(slow, reader);
    assert!(
        cut.iter().all(|is_cut| *is_cut),
        "somebody still holds a connection"
    );
    assert!(server.is_running());

    // The private door is for health and figures, and does no more than that.
    let private = server.operator();
    assert_eq!(private.get("/health/ready").await.status, 200);
    for path in ["/", "/v1/inbox", "/quan-tri", "/../etc/passwd"] {
        assert_eq!(private.get(path).await.status, 404, "{path}");
    }
    for path in ["/metrics", "/health/ready"] {
        let page = server.visitor().get(path).await;
        assert_eq!(page.status, 404, "{path} at the public door");
    }
    measured(
        "G22",
        &format!(
            "{tried} malformed requests answered or closed in time, {clients} slow clients cut, 0 crashes"
        ),
    );
}

fn at(address: &str) -> SocketAddr {
    let url = url::Url::parse(address).expect("a URL");
    url.socket_addrs(|| None).expect("an address")[0]
}

/// Requests that nobody should get through with.
fn requests(host: &str) -> Vec<(&'static str, Vec<u8>)> {
    let good = format!("Host: {host}\r\nConnection: close\r\n");
    let get = |rest: &str| format!("GET / HTTP/1.1\r\n{rest}\r\n").into_bytes();
    let post = |rest: &str, body: &str| {
        format!("POST /v1/inbox HTTP/1.1\r\n{good}{rest}\r\n{body}").into_bytes()
    };
    vec![
        ("no host", get("Connection: close\r\n")),
        ("two hosts", get(&format!("{good}Host: {host}\r\n"))),
        ("another's host", get("Host: evil.example\r\nConnection: close\r\n")),
        ("a host with a path", get("Host: a/b@c\r\nConnection: close\r\n")),
        ("an absolute target elsewhere", format!("GET http://evil.example/ HTTP/1.1\r\n{good}\r\n").into_bytes()),
        ("TRACE", format!("TRACE / HTTP/1.1\r\n{good}\r\n").into_bytes()),
        ("CONNECT", format!("CONNECT 127.0.0.1:22 HTTP/1.1\r\n{good}\r\n").into_bytes()),
        ("an unheard-of method", format!("BREW / HTTP/1.1\r\n{good}\r\n").into_bytes()),
        ("two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "12345")),
        ("length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        ("chunks of a strange coding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        ("a negative length", post("Content-Length: -1\r\n", "")),
        ("a length beyond all", post("Content-Length: 99999999999999999999\r\n", "")),
        ("a chunk beyond all", post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\nx")),
        ("a chunk with a minus", post("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n")),
        ("far too much", post("Content-Length: 60000000\r\n", "x")),
        ("a broken line in a header", get(&format!("{good}X-A: a\r\n b\nX-B: c\r\n"))),
        ("a NUL in a header", get(&format!("{good}X-A: a\u{0}b\r\n"))),
        ("a space before the colon", get(&format!("{good}X-A : b\r\n"))),
        ("a head of a megabyte", get(&format!("{good}X-A: {}\r\n", "a".repeat(1 << 20)))),
        ("ten thousand headers", get(&format!("{good}{}", "X-A: b\r\n".repeat(10_000)))),
        ("a target of a megabyte", format!("GET /{} HTTP/1.1\r\n{good}\r\n", "a".repeat(1 << 20)).into_bytes()),
        ("an unheard-of version", format!("GET / HTTP/9.9\r\n{good}\r\n").into_bytes()),
        ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("bytes that are nothing", vec![0xFF; 4_096]),
        ("another site's form", format!("POST /quan-tri/dang-nhap HTTP/1.1\r\n{good}Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b").into_bytes()),
        ("a protocol request without a signature", post("Content-Type: application/feed+json\r\nContent-Length: 2\r\n", "{}")),
        ("a bomb in gzip", post("Content-Encoding: gzip\r\nContent-Length: 4\r\n", "\x1f\u{8b}ab")),
        ("a back door by forwarding", get("Host: 127.0.0.1\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n")),
    ]
}

/// Paths that lead out of a careless server.
fn paths() -> Vec<String> {
    let mut paths: Vec<String> = [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%252e%252e/etc/passwd",
        "/media/sha256/../../key.pem",
        "/media/sha256/%2e%2e%2f%2e%2e%2fkey.pem",
        "/tai-nguyen/x/../../../../etc/passwd",
        "/tai-nguyen/x/..%2f..%2fsite.db",
        "/site.db",
        "/key.pem",
        "/settings.toml",
        "/.git/config",
        "/.env",
        "/%00",
        "/%ff%fe",
        "/bai-viet/%00-00000000000000000000000000000000",
        "//evil.example/%2f..",
        "/\\evil.example",
        "/tim-kiem?q=%00",
        "/tim-kiem?q=%27%20OR%201%3D1",
        "/hien-thi?co=99999999999999999999&tuong-phan=%00&tiep=//evil.example",
        "/quan-tri/dang-nhap?tiep=https://evil.example/",
        "/v1/outbox?stream=x&urgent=y",
        "/v1/logs/x?after=-1",
        "/atom/luu-tru/999999999999999999999",
        "/atom/luu-tru/-1",
        "/sitemap/-1.xml",
        "/sitemap/99999999999999999999",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/tim-kiem?q={}", "%C3%A0".repeat(4_000)));
    paths.push(format!("/{}", "a/".repeat(4_000)));
    paths
}

fn says_nothing_of_itself(what: &str, text: &str) {
    let head = text
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_lowercase();
    for word in [
        "server:",
        "x-powered-by",
        "location: http://evil",
        "location: //evil",
        "location: https://evil",
    ] {
        assert!(!head.contains(word), "{what}: {head}");
    }
    for word in [
        "panicked at",
        "sqlx",
        "SQLITE",
        "/src/",
        "stack backtrace",
        "thread '",
    ] {
        assert!(
            !text.contains(word),
            "{what} is told of our insides: {text:.600}"
        );
    }
}

/// Holds a connection in one of several ways; whether it was cut in time.
async fn dawdle(to: SocketAddr, host: &str, number: usize) -> bool {
    let held = async {
        let mut connection = TcpStream::connect(to).await?;
        match number % 4 {
            // Says nothing at all.
            0 => {}
            1 => connection.write_all(b"GET / HTTP/1.1\r\n").await?,
            2 => {
                for _ in 0..100 {
                    connection.write_all(b"X").await?;
                    sleep(Duration::from_millis(500)).await;
                }
            }
            // Announces a body and never brings it.
            _ => {
                let head = format!(
                    "POST /v1/inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nx"
                );
                connection.write_all(head.as_bytes()).await?;
            }
        }
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await?;
        std::io::Result::Ok(())
    };
    timeout(Duration::from_secs(60), held).await.is_ok()
}
