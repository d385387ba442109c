//! Against real servers on loopback, which the client may reach only where a test says so.

use super::*;
use crate::server::{Limits, Shutdown, listen, serve};
use axum::Router;
use axum::body::Body;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get, post};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_http::compression::CompressionLayer;

struct Server {
    addr: SocketAddr,
    shutdown: Shutdown,
}

impl Server {
    fn start(router: Router) -> Self {
        let listener = listen(([127, 0, 0, 1], 0).into()).expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let shutdown = Shutdown::new();
        tokio::spawn(serve(listener, router, Limits::default(), shutdown.clone()));
        Self { addr, shutdown }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    fn allow(&self) -> Allow {
        Allow::hosts([self.addr.to_string()]).expect("host and port")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

/// Remembers what was asked.
#[derive(Clone, Default)]
struct Visits(Arc<Mutex<Vec<(Uri, HeaderMap)>>>);

impl Visits {
    fn record(&self) -> Router {
        let visits = self.clone();
        Router::new().fallback(any(async move |uri: Uri, headers: HeaderMap| {
            visits.0.lock().expect("not poisoned").push((uri, headers));
            "đã đến"
        }))
    }

    fn count(&self) -> usize {
        self.0.lock().expect("not poisoned").len()
    }

    fn last_headers(&self) -> HeaderMap {
        let visits = self.0.lock().expect("not poisoned");
        visits.last().expect("a visit").1.clone()
    }
}

fn client() -> Client {
    Client::new(ClientOptions::default()).expect("a client")
}

/// A client that would use any port, so that only the address can be what is refused.
fn client_for_port(port: u16) -> Client {
    Client::new(ClientOptions {
        ports: vec![port],
        ..ClientOptions::default()
    })
    .expect("a client")
}

fn refusal(outcome: Result<Fetched, FetchError>) -> Option<Refusal> {
    match outcome {
        Err(FetchError::Refused(why)) => Some(why),
        _ => None,
    }
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_reached() {
    let visits = Visits::default();
    let server = Server::start(visits.record());
    let port = server.addr.port();
    let client = client_for_port(port);
    for host in [
        "127.0.0.1",
        "127.0.0.1.",
        "0x7f.1",
        "2130706433",
        "127.1",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "①②⑦.⓪.⓪.①",
        "%31%32%37.0.0.1",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fd00::1]",
        "[fe80::1]",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        let call = client
            .get(&format!("http://{host}:{port}/"))
            .plain_http(true);
        assert_eq!(refusal(call.send().await), Some(Refusal::Address), "{host}");
    }
    assert_eq!(visits.count(), 0);
}

#[tokio::test]
async fn only_https_on_its_ports_and_without_a_password() {
    let client = client();
    for (url, why) in [
        ("http://example.com/", Refusal::Scheme),
        ("file:///etc/passwd", Refusal::Scheme),
        ("gopher://example.com/_x", Refusal::Scheme),
        ("ftp://example.com/", Refusal::Scheme),
        ("data:text/plain,x", Refusal::Scheme),
        ("https://user@example.com/", Refusal::Credentials),
        ("https://example.com:x@127.0.0.1/", Refusal::Credentials),
        ("https://example.com:22/", Refusal::Port),
        ("https://example.com:6379/", Refusal::Port),
    ] {
        assert_eq!(refusal(client.get(url).send().await), Some(why), "{url}");
    }
    for url in [
        "",
        "//example.com/",
        "https://",
        "https://exa mple.com/",
        "https://[::1",
    ] {
        let outcome = client.get(url).send().await;
        assert!(matches!(outcome, Err(FetchError::Malformed)), "{url}");
    }
    let header = client.get("https://example.com/").header("x", "a\r\nb");
    assert!(matches!(header.send().await, Err(FetchError::Malformed)));
}

#[tokio::test]
async fn a_named_host_is_reached_by_those_calls_alone_that_name_it() {
    let visits = Visits::default();
    let server = Server::start(visits.record());
    let (client, allow) = (client_for_port(server.addr.port()), server.allow());

    let named = client.get(&server.url("/v1/log?after=1")).allow(&allow);
    let fetched = named.send().await.expect("an answer");
    assert_eq!(fetched.status, StatusCode::OK);
    assert_eq!(fetched.body, "đã đến");
    assert_eq!(fetched.final_url.as_str(), server.url("/v1/log?after=1"));

    // The connection just used is still open; a call without the name must not ride on it.
    let stranger = client.get(&server.url("/")).plain_http(true);
    assert_eq!(refusal(stranger.send().await), Some(Refusal::Address));
    assert_eq!(visits.count(), 1);
}

#[tokio::test]
async fn a_redirect_cannot_lead_inside() {
    let visits = Visits::default();
    let inside = Server::start(visits.record());
    let target = inside.url("/");
    let by_name = format!("http://localhost:{}/", inside.addr.port());
    let routes = Router::new()
        .route("/literal", get(async move || Redirect::to(&target)))
        .route("/name", get(async move || Redirect::temporary(&by_name)))
        .route("/file", get(async || Redirect::to("file:///etc/passwd")))
        .route(
            "/user",
            get(async || Redirect::to("https://a:b@example.com/")),
        )
        .route("/nowhere", get(async || StatusCode::FOUND));
    let open = Server::start(routes);
    let client = client_for_port(inside.addr.port());
    let ask = |path: &str| {
        let call = client.get(&open.url(path)).allow(&open.allow());
        call.plain_http(true).send()
    };
    assert_eq!(refusal(ask("/literal").await), Some(Refusal::Address));
    assert_eq!(refusal(ask("/name").await), Some(Refusal::Address));
    assert_eq!(refusal(ask("/file").await), Some(Refusal::Scheme));
    assert_eq!(refusal(ask("/user").await), Some(Refusal::Credentials));
    assert!(matches!(
        ask("/nowhere").await,
        Err(FetchError::BadRedirect)
    ));
    assert_eq!(visits.count(), 0);
}

#[tokio::test]
async fn redirects_are_followed_thrice_and_no_further() {
    let asked = Visits::default();
    let count = asked.clone();
    let step = async move |uri: Uri, headers: HeaderMap| {
        count
            .0
            .lock()
            .expect("not poisoned")
            .push((uri.clone(), headers));
        match uri.path() {
            "/1" => Redirect::permanent("/2").into_response(),
            "/2" => Redirect::to("3").into_response(),
            "/3" => Redirect::temporary("/4").into_response(),
            "/4" => "cuối đường".into_response(),
            _ => Redirect::to("/vong").into_response(),
        }
    };
    let server = Server::start(Router::new().fallback(any(step)));
    let ask = |path: &str| client().get(&server.url(path)).allow(&server.allow());

    let fetched = ask("/1").send().await.expect("the end");
    assert_eq!(fetched.body, "cuối đường");
    assert_eq!(fetched.final_url.path(), "/4");

    let before = asked.count();
    let around = ask("/vong").send().await;
    assert!(matches!(around, Err(FetchError::BadRedirect)));
    assert_eq!(asked.count() - before, 4);

    let signed = ask("/3").hops(0).send().await;
    assert!(matches!(signed, Err(FetchError::BadRedirect)));
    let sent = client().post(&server.url("/3"), "application/json", "{}");
    let sent = sent.allow(&server.allow()).send().await;
    assert!(matches!(sent, Err(FetchError::BadRedirect)));
}

#[tokio::test]
async fn what_identifies_us_does_not_follow_to_another_site() {
    let visits = Visits::default();
    let other = Server::start(visits.record());
    let target = other.url("/");
    let first = Server::start(Router::new().route("/", get(async move || Redirect::to(&target))));
    let both = [first.addr.to_string(), other.addr.to_string()];
    let call = client()
        .get(&first.url("/"))
        .allow(&Allow::hosts(both).expect("hosts and ports"))
        .header("authorization", "Bearer secret")
        .header("signature", "sig=:AA==:")
        .header("accept", "application/atom+xml");
    call.send().await.expect("an answer");
    let headers = visits.last_headers();
    assert!(!headers.contains_key("authorization"));
    assert!(!headers.contains_key("signature"));
    assert!(!headers.contains_key("referer"));
    assert_eq!(headers["accept"], "application/atom+xml");
}

#[test]
fn https_never_leads_to_http() {
    let from = Url::parse("https://a.example/feed").expect("a URL");
    let to = |location: &str| {
        let location = HeaderValue::from_str(location).expect("a header");
        next_hop(&from, &HeaderMap::from_iter([(header::LOCATION, location)]))
    };
    assert!(matches!(
        to("http://a.example/feed"),
        Err(FetchError::BadRedirect)
    ));
    assert_eq!(
        to("/atom").expect("fine").as_str(),
        "https://a.example/atom"
    );
    assert_eq!(
        to("//b.example/").expect("fine").as_str(),
        "https://b.example/"
    );
}

/// An answer that never ends, a chunk at a time.
fn endless() -> Body {
    let zeros = Bytes::from(vec![0; 64 * 1024]);
    Body::from_stream(stream::repeat_with(move || {
        Ok::<_, Infallible>(zeros.clone())
    }))
}

#[tokio::test]
async fn neither_a_bomb_nor_an_endless_body_is_taken_in() {
    // A mebibyte of zeros: a kibibyte on the wire, so that only unpacking shows its size.
    let bomb = async || ([(header::CONTENT_TYPE, "text/xml")], vec![0; 1 << 20]);
    let packed = Router::new()
        .route("/bom", get(bomb))
        .layer(CompressionLayer::new());
    let routes = Router::new()
        .route("/vo-tan", get(async || endless()))
        .route("/dai", get(async || "a".repeat(2000)))
        .merge(packed);
    let server = Server::start(routes);
    let ask = |path: &str| client().get(&server.url(path)).allow(&server.allow());
    for call in [
        ask("/bom").cap(64 * 1024),
        ask("/vo-tan"),
        ask("/dai").cap(1999),
    ] {
        let outcome = call.send().await;
        assert!(
            matches!(outcome, Err(FetchError::TooLarge { .. })),
            "{outcome:?}"
        );
    }
    let exact = ask("/dai").cap(2000).send().await.expect("it fits");
    assert_eq!(exact.body.len(), 2000);
}

#[tokio::test]
async fn a_trickle_does_not_outlast_the_deadline() {
    let drop_by_drop = async || {
        let ticks = stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>("a"), ()))
        });
        Body::from_stream(ticks.boxed())
    };
    let silent = std::future::pending::<()>;
    let server = Server::start(
        Router::new()
            .route("/", get(drop_by_drop))
            .route("/im", get(silent)),
    );
    for path in ["/", "/im"] {
        let started = Instant::now();
        let call = client().get(&server.url(path)).allow(&server.allow());
        let outcome = call.deadline(Duration::from_millis(300)).send().await;
        let error = outcome.expect_err("no answer");
        assert!(matches!(error, FetchError::Timeout), "{error:?}");
        assert!(error.is_distance() && error.should_retry());
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn nobody_there_is_distance_and_a_refusal_is_not() {
    // Bound, so that nobody else gets the port, but not listening.
    let closed = tokio::net::TcpSocket::new_v4().expect("a socket");
    closed
        .bind(([127, 0, 0, 1], 0).into())
        .expect("a free port");
    let gone = closed.local_addr().expect("an address").to_string();
    let allow = Allow::hosts([&gone]).expect("host and port");
    let nobody = client()
        .get(&format!("http://{gone}/"))
        .allow(&allow)
        .send()
        .await;
    let nobody = nobody.expect_err("nobody listens");
    assert!(matches!(nobody, FetchError::Unreachable(_)), "{nobody:?}");
    assert!(nobody.is_distance());
    assert!(!nobody.to_string().contains("127.0.0.1"));

    let problem = |kind| Problem::new(kind).retry_after(Duration::from_secs(7));
    let routes = Router::new()
        .route(
            "/sai",
            post(async move || problem(ProblemKind::ForeignUnit)),
        )
        .route(
            "/day",
            post(async move || problem(ProblemKind::StorageFull)),
        )
        .route("/proxy", post(async || StatusCode::BAD_GATEWAY))
        .route("/mat", post(async || StatusCode::NOT_FOUND));
    let server = Server::start(routes);
    let send = async |path: &str| {
        let call = client().post(&server.url(path), "application/json", "{}");
        let outcome = call.allow(&server.allow()).send().await;
        outcome.expect_err("an error")
    };
    let foreign = send("/sai").await;
    assert_eq!(foreign.status(), Some(403));
    assert_eq!(
        foreign.problem().map(|p| p.kind),
        Some(ProblemKind::ForeignUnit)
    );
    assert!(!foreign.is_distance() && !foreign.should_retry());

    let full = send("/day").await;
    assert!(!full.is_distance() && full.should_retry());
    assert_eq!(full.retry_after(), Some(Duration::from_secs(7)));

    let proxy = send("/proxy").await;
    assert!(proxy.is_distance() && proxy.should_retry());
    let missing = send("/mat").await;
    assert!(!missing.is_distance() && !missing.should_retry());
    assert_eq!(missing.problem(), None);
}

#[tokio::test]
async fn an_answer_without_a_certificate_is_not_trusted() {
    let server = Server::start(Router::new());
    let call = client()
        .get(&format!("https://{}/", server.addr))
        .allow(&server.allow());
    let outcome = call.send().await;
    let error = outcome.expect_err("it speaks no TLS");
    assert!(matches!(error, FetchError::Untrusted(_)), "{error:?}");
    assert!(error.is_distance());
}

#[tokio::test]
async fn unchanged_is_an_answer_and_a_body_that_breaks_off_is_none() {
    let conditional = async |headers: HeaderMap| match headers.get("if-none-match") {
        Some(_) => StatusCode::NOT_MODIFIED,
        None => StatusCode::OK,
    };
    let server = Server::start(Router::new().route("/", get(conditional)));
    let call = client().get(&server.url("/")).allow(&server.allow());
    let same = call.header("if-none-match", "\"1\"").send().await;
    assert_eq!(same.expect("an answer").status, StatusCode::NOT_MODIFIED);

    let listener = listen(([127, 0, 0, 1], 0).into()).expect("a free port");
    let addr = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("the client");
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
        let mut request = [0; 4096];
        let asked = stream.read(&mut request).await.expect("a request");
        assert_ne!(asked, 0);
        stream.write_all(half).await.expect("written");
    });
    let call = client().get(&format!("http://{addr}/"));
    let call = call.allow(&Allow::hosts([addr]).expect("host and port"));
    let torn = call.send().await.expect_err("half a body");
    assert!(matches!(torn, FetchError::Interrupted(_)), "{torn:?}");
}
