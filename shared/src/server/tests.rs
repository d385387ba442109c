//! Real sockets, hostile clients. Every wait is for an event, under a deadline that only a
//! failing test reaches.

use super::*;
use axum::routing::{get, post};
use axum::{Extension, http::HeaderMap};
use std::convert::Infallible;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

const HOST: &str = "cong.example";
const LONG: Duration = Duration::from_secs(30);

struct Running {
    addr: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    fn start(router: Router, limits: Limits) -> Self {
        let listener = listen(([127, 0, 0, 1], 0).into()).expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let shutdown = Shutdown::new();
        let task = tokio::spawn(serve(listener, router, limits, shutdown.clone()));
        Self {
            addr,
            shutdown,
            task,
        }
    }

    fn hardened(routes: Router) -> Self {
        Self::start(
            harden(routes, HardenOptions::new([HOST])),
            Limits::default(),
        )
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.expect("a connection")
    }

    /// Says `request` and hears the answer until the server closes.
    async fn say(&self, request: &str) -> Heard {
        let mut client = self.connect().await;
        client.write_all(request.as_bytes()).await.expect("written");
        hear(&mut client).await
    }

    async fn get(&self, path: &str) -> Heard {
        self.say(&format!(
            "GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        ))
        .await
    }

    async fn post(&self, path: &str, headers: &str, body: &str) -> Heard {
        self.say(&format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await
    }

    async fn stop(self) {
        self.shutdown.trigger();
        within(self.task).await.expect("no panic").expect("served");
    }
}

/// Fails the test instead of hanging it.
async fn within<T>(event: impl Future<Output = T>) -> T {
    timeout(LONG, event).await.expect("it never happened")
}

async fn hear(client: &mut TcpStream) -> Heard {
    let mut bytes = Vec::new();
    let _cut = within(client.read_to_end(&mut bytes)).await;
    Heard(String::from_utf8_lossy(&bytes).into_owned())
}

/// The server's answer as it came.
#[derive(Debug)]
struct Heard(String);

impl Heard {
    fn status(&self) -> u16 {
        let code = self.0.split(' ').nth(1).unwrap_or_default();
        code.parse()
            .unwrap_or_else(|_| panic!("no answer: {:?}", self.0))
    }

    fn header(&self, name: &str) -> &str {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    fn assert_secure(&self) {
        let policy = self.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{self:?}"
        );
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert_eq!(
            self.header("referrer-policy"),
            "strict-origin-when-cross-origin"
        );
        assert_eq!(self.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(self.header("cross-origin-resource-policy"), "same-origin");
        assert!(
            self.header("strict-transport-security")
                .contains("max-age=63072000")
        );
        assert_eq!(self.header("server"), "");
        assert_ne!(self.header("x-request-id"), "");
    }
}

fn hello() -> Router {
    Router::new().route("/", get(async || "xin chào"))
}

fn short(header_timeout: u64) -> Limits {
    Limits {
        header_timeout: Duration::from_millis(header_timeout),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_client_that_dribbles_its_headers_is_cut() {
    let server = Running::start(hello(), short(300));
    let (mut read, mut write) = server.connect().await.into_split();
    let started = Instant::now();
    let dribble = async {
        #[expect(clippy::disallowed_methods, reason = "a client that drips")]
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        write
            .write_all(b"GET / HTTP/1.1\r\nX: ")
            .await
            .expect("written");
        while write.write_all(b"a").await.is_ok() {
            tick.tick().await;
        }
    };
    let cut = async {
        let mut rest = Vec::new();
        let _reset = read.read_to_end(&mut rest).await;
    };
    within(async {
        tokio::select! { () = dribble => {}, () = cut => {} }
    })
    .await;
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut() {
    let server = Running::start(hello(), short(100));
    let mut client = server.connect().await;
    assert_eq!(hear(&mut client).await.0, "");
}

#[tokio::test]
async fn an_idle_connection_is_cut_after_its_answer() {
    let server = Running::start(hello(), short(100));
    let heard = server.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(heard.status(), 200);
}

#[tokio::test]
async fn an_old_connection_is_closed_however_busy() {
    let limits = Limits {
        connection_age: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Running::start(hello(), limits);
    let mut client = server.connect().await;
    let busy = async {
        let mut buffer = [0; 1024];
        loop {
            let asked = client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
            if asked.is_err() || matches!(client.read(&mut buffer).await, Ok(0) | Err(_)) {
                break;
            }
        }
    };
    within(busy).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut() {
    /// Tells when the answer's body is let go of.
    struct Told(Option<oneshot::Sender<()>>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _gone = self.0.take().map(|told| told.send(()));
        }
    }
    let (told, dropped) = oneshot::channel();
    let told = Arc::new(std::sync::Mutex::new(Some(told)));
    let endless = async move || {
        let told = Told(told.lock().expect("not poisoned").take());
        let chunk = bytes::Bytes::from(vec![b'a'; 64 * 1024]);
        Body::from_stream(futures_util::stream::repeat_with(move || {
            let _held = &told;
            Ok::<_, Infallible>(chunk.clone())
        }))
    };
    let limits = Limits {
        write_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Running::start(Router::new().route("/", get(endless)), limits);
    let mut client = server.connect().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .expect("written");
    within(dropped).await.expect("told");
}

#[tokio::test]
async fn one_address_cannot_take_all_places() {
    let limits = Limits {
        connections_per_address: 2,
        ..Limits::default()
    };
    let server = Running::start(hello(), limits);
    let ask = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    for client in [&mut first, &mut second] {
        client.write_all(ask.as_bytes()).await.expect("written");
        within(client.read_u8()).await.expect("an answer");
    }
    assert_eq!(hear(&mut server.connect().await).await.0, "");

    let other = tokio::net::TcpSocket::new_v4().expect("a socket");
    other
        .bind(([127, 9, 9, 9], 0).into())
        .expect("another source");
    let mut other = other.connect(server.addr).await.expect("a connection");
    other.write_all(ask.as_bytes()).await.expect("written");
    within(other.read_u8()).await.expect("an answer");
}

#[test]
fn an_address_may_hold_more_where_there_are_more_sites_but_never_all() {
    for (sites, most) in [
        (0, 256),
        (1, 256),
        (2, 264),
        (200, 1_848),
        (usize::MAX, 2_048),
    ] {
        let limits = Limits::for_sites(sites, &[]);
        assert_eq!(limits.connections_per_address, most, "{sites} sites");
    }
}

#[tokio::test]
async fn more_clients_than_places_wait_their_turn() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let server = Running::start(hello(), limits);
    let clients = (0..10).map(|_| server.say("GET / HTTP/1.0\r\n\r\n"));
    for heard in futures_util::future::join_all(clients).await {
        assert_eq!(heard.status(), 200);
    }
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_server_stops() {
    let (begun, mut begins) = mpsc::channel(1);
    let (finish, finished) = oneshot::channel::<()>();
    let finished = Arc::new(tokio::sync::Mutex::new(Some(finished)));
    let slow = async move || {
        begun.send(()).await.expect("the test listens");
        let finished = finished.lock().await.take().expect("asked once");
        finished.await.expect("told to finish");
        "xong"
    };
    let server = Running::start(Router::new().route("/", get(slow)), Limits::default());
    let silent = server.connect().await;
    let mut client = server.connect().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .expect("written");
    within(begins.recv())
        .await
        .expect("the request is under way");

    server.shutdown.trigger();
    finish.send(()).expect("the handler waits");
    let heard = hear(&mut client).await;
    assert!(heard.0.ends_with("xong"), "{heard:?}");
    // The silent client is still there and does not hold the server up.
    server.stop().await;
    drop(silent);
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_the_server_up() {
    let (begun, mut begins) = mpsc::channel(1);
    let endless = async move || {
        begun.send(()).await.expect("the test listens");
        std::future::pending::<()>().await;
    };
    let limits = Limits {
        drain: Duration::from_millis(100),
        ..Limits::default()
    };
    let server = Running::start(Router::new().route("/", get(endless)), limits);
    let mut client = server.connect().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .expect("written");
    within(begins.recv())
        .await
        .expect("the request is under way");
    server.stop().await;
    assert_eq!(hear(&mut client).await.0, "");
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_stops() {
    let shutdown = Shutdown::on_signals().expect("signal handlers");
    let ours = std::process::id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &ours])
        .status();
    assert!(sent.expect("kill runs").success());
    within(shutdown.wait()).await;
    assert!(shutdown.is_triggered());
}

#[tokio::test]
async fn handlers_know_the_peer_and_a_head_too_large_is_refused() {
    async fn who(ConnectInfo(peer): ConnectInfo<SocketAddr>) -> String {
        peer.ip().to_string()
    }
    let server = Running::start(Router::new().route("/", get(who)), Limits::default());
    let heard = server.say("GET / HTTP/1.0\r\n\r\n").await;
    assert!(heard.0.ends_with("127.0.0.1"));

    let large = format!("GET / HTTP/1.0\r\nX: {}\r\n\r\n", "a".repeat(40_000));
    assert_eq!(server.say(&large).await.status(), 431);
}

#[tokio::test]
async fn only_requests_for_one_host_of_ours_are_served() {
    let mut options = HardenOptions::new([HOST, "noi-bo.example:8443"]);
    options.hsts = true;
    let server = Running::start(harden(hello(), options), Limits::default());
    let cases = [
        ("GET / HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.0\r\n", 400),
        (
            "GET / HTTP/1.1\r\nHost: cong.example\r\nHost: cong.example\r\n",
            400,
        ),
        (
            "GET / HTTP/1.1\r\nHost: cong.example\r\nHost: xau.example\r\n",
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: xau.example\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: cong.example.xau.example\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: cong.example@xau.example\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: noi-bo.example\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: noi-bo.example:8444\r\n", 421),
        ("GET / HTTP/1.1\r\nHost:\r\n", 421),
        (
            "GET http://xau.example/ HTTP/1.1\r\nHost: cong.example\r\n",
            400,
        ),
        (
            "GET http://cong.example/ HTTP/1.1\r\nHost: cong.example\r\n",
            200,
        ),
        ("GET / HTTP/1.1\r\nHost: cong.example\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: CONG.example:8080\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: noi-bo.example:8443\r\n", 200),
    ];
    for (request, status) in cases {
        let heard = server
            .say(&format!("{request}Connection: close\r\n\r\n"))
            .await;
        assert_eq!(heard.status(), status, "{request}");
        heard.assert_secure();
    }
}

#[tokio::test]
async fn a_panic_is_an_error_page_and_the_server_goes_on() {
    async fn broken() -> &'static str {
        panic!("bí mật trong bộ nhớ")
    }
    let server = Running::hardened(
        hello()
            .route("/vo", get(broken))
            .route("/v1/vo", get(broken)),
    );
    let page = server.get("/vo").await;
    assert_eq!(page.status(), 500);
    page.assert_secure();
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(!page.0.contains("bí mật"));

    let document = server.get("/v1/vo").await;
    assert_eq!(document.header("content-type"), "application/problem+json");
    assert!(document.0.contains("/problems/internal"));
    assert_eq!(server.get("/").await.status(), 200);
}

#[tokio::test]
async fn errors_of_every_status_carry_the_security_headers() {
    let mut options = HardenOptions::new([HOST]);
    options.body_limit = 1024;
    let routes = Router::new()
        .route("/v1/nhan", post(async |body: String| body))
        .route(
            "/hong",
            get(async || crate::error::Error::Internal(anyhow::anyhow!("x"))),
        );
    let server = Running::start(harden(routes, options), Limits::default());

    let large = "a".repeat(2048);
    let chunked = format!(
        "POST /v1/nhan HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n800\r\n{large}\r\n0\r\n\r\n"
    );
    for (heard, status) in [
        (server.get("/khong-co").await, 404),
        (server.get("/v1/nhan").await, 405),
        (server.get("/hong").await, 500),
        (server.post("/v1/nhan", "", &large).await, 413),
        (server.say(&chunked).await, 413),
    ] {
        assert_eq!(heard.status(), status);
        heard.assert_secure();
    }
    assert_eq!(server.post("/v1/nhan", "", "vừa").await.status(), 200);
}

#[tokio::test]
async fn who_sends_far_too_much_still_hears_why() {
    let server =
        Running::hardened(Router::new().route("/v1/nhan", post(async |body: String| body)));
    let large = "a".repeat(8 << 20);
    assert_eq!(server.post("/v1/nhan", "", &large).await.status(), 413);
}

#[tokio::test]
async fn trace_and_connect_are_refused_on_every_route() {
    let server =
        Running::hardened(Router::new().route("/", axum::routing::any(async || "vọng lại")));
    for method in ["TRACE /", "TRACE /khong-co", "CONNECT cong.example"] {
        let heard = server
            .say(&format!(
                "{method} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert_eq!(heard.status(), 405, "{method}");
        assert_ne!(heard.header("allow"), "");
        heard.assert_secure();
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_problem_named_timeout() {
    let mut options = HardenOptions::new([HOST]);
    options.request_timeout = Duration::from_millis(50);
    options.long_poll_paths = vec!["/v1/log".into()];
    let later = async || {
        sleep(Duration::from_millis(150)).await;
        "tin mới"
    };
    let routes = Router::new()
        .route("/v1/slow", get(std::future::pending::<()>))
        .route("/v1/log/regular", get(later))
        .route("/v1/logs", get(std::future::pending::<()>));
    let server = Running::start(harden(routes, options), Limits::default());

    let slow = server.get("/v1/slow").await;
    assert_eq!(slow.status(), 503);
    assert!(slow.0.contains("/problems/timeout"));
    assert_eq!(slow.header("retry-after"), "5");
    slow.assert_secure();
    assert_eq!(server.get("/v1/log/regular").await.status(), 200);
    assert_eq!(server.get("/v1/logs").await.status(), 503);
}

/// A server with `places` at each door, at which nobody waits longer than `patience`.
fn with_places(places: usize, patience: Duration, routes: Router) -> Running {
    let mut options = HardenOptions::new([HOST]);
    options.places = places;
    options.place_patience = patience;
    options.open_paths = vec!["/tai-nguyen".into()];
    Running::start(harden(routes, options), Limits::default())
}

/// A handler that says when it begins, and ends when it is told to.
struct Held {
    begun: mpsc::Receiver<()>,
    finish: Arc<Notify>,
}

impl Held {
    fn handler() -> (Self, axum::routing::MethodRouter) {
        let (begins, begun) = mpsc::channel(1);
        let finish = Arc::new(Notify::new());
        let finished = Arc::clone(&finish);
        let handler = async move || {
            begins.send(()).await.expect("the test listens");
            finished.notified().await;
            "xong"
        };
        (Self { begun, finish }, get(handler))
    }

    async fn is_under_way(&mut self) {
        within(self.begun.recv()).await.expect("a request");
    }
}

/// A handler that waits for news as long polls do.
fn waiting_for(news: &Arc<Notify>, begun: mpsc::Sender<()>) -> axum::routing::MethodRouter {
    let news = Arc::clone(news);
    get(async move |request: axum::extract::Request| {
        let place = Place::of(&request);
        place.step_aside();
        begun.send(()).await.expect("the test listens");
        news.notified().await;
        place.come_back().await?;
        Ok::<_, crate::error::Error>("tin mới")
    })
}

const MOMENT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn who_finds_no_place_is_told_at_once_when_to_come_back() {
    let (mut held, slow) = Held::handler();
    let (mut read, slow_page) = Held::handler();
    let routes = Router::new()
        .route("/v1/viec", slow.post(async |body: String| body))
        .route("/bai", slow_page)
        .route("/", get(async || "trang chủ"))
        .route("/tai-nguyen/site.css", get(async || "body{}"));
    let server = with_places(1, MOMENT, routes);
    let under_way = server.get("/v1/viec");
    let others = async {
        held.is_under_way().await;
        let refused = server.get("/v1/viec").await;
        assert_eq!(refused.status(), 503);
        refused.assert_secure();
        assert!(refused.0.contains("/problems/unavailable"), "{refused:?}");
        let wait: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((5..10).contains(&wait), "{wait} s");

        // Nobody waits for what it would send.
        let mut client = server.connect().await;
        let head =
            format!("POST /v1/viec HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9000\r\n\r\n");
        client.write_all(head.as_bytes()).await.expect("written");
        let mut answer = [0; 12];
        within(client.read_exact(&mut answer))
            .await
            .expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 503");

        // A herd of programs holds up no reader, and neither holds up what costs nothing.
        assert_eq!(server.get("/").await.status(), 200);
        let reading = server.get("/bai");
        let beside = async {
            read.is_under_way().await;
            let page = server.get("/").await;
            assert_eq!(page.status(), 503);
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert!(page.0.contains("Xin thử lại sau"), "{page:?}");
            assert_eq!(server.get("/tai-nguyen/site.css").await.status(), 200);
            read.finish.notify_one();
        };
        let (page, ()) = tokio::join!(reading, beside);
        assert_eq!(page.status(), 200);
        held.finish.notify_one();
    };
    let (first, ()) = tokio::join!(under_way, others);
    assert_eq!(first.status(), 200);
    assert_eq!(server.post("/v1/viec", "", "sau").await.status(), 200);
}

#[tokio::test]
async fn no_more_are_worked_on_at_once_than_there_are_places() {
    let working = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, peak) = (Arc::clone(&working), Arc::clone(&most));
    let work = async move || {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        now.fetch_sub(1, Ordering::SeqCst);
    };
    let server = with_places(3, LONG, Router::new().route("/", get(work)));
    let clients = (0..100).map(|_| server.get("/"));
    for heard in futures_util::future::join_all(clients).await {
        assert_eq!(heard.status(), 200);
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn who_waits_for_news_holds_no_place() {
    let news = Arc::new(Notify::new());
    let (begins, mut begun) = mpsc::channel(1);
    let routes = Router::new()
        .route("/v1/tin", waiting_for(&news, begins))
        .route("/v1/viec", get(async || "xong"));
    let server = with_places(1, LONG, routes);
    let asking = server.get("/v1/tin");
    let beside = async {
        within(begun.recv()).await.expect("a question");
        assert_eq!(server.get("/v1/viec").await.status(), 200);
        news.notify_one();
    };
    let (told, ()) = tokio::join!(asking, beside);
    assert!(told.0.ends_with("tin mới"), "{told:?}");
}

#[tokio::test]
async fn who_has_news_and_finds_no_place_is_turned_away() {
    let news = Arc::new(Notify::new());
    let (begins, mut begun) = mpsc::channel(1);
    let (mut held, slow) = Held::handler();
    let finish = Arc::clone(&held.finish);
    let routes = Router::new()
        .route("/v1/tin", waiting_for(&news, begins))
        .route("/v1/viec", slow);
    let server = with_places(1, MOMENT, routes);
    let asking = async {
        let told = server.get("/v1/tin").await;
        finish.notify_one();
        told
    };
    let beside = async {
        within(begun.recv()).await.expect("a question");
        let working = server.get("/v1/viec");
        let tell = async {
            held.is_under_way().await;
            news.notify_one();
        };
        tokio::join!(working, tell).0
    };
    let (told, worked) = tokio::join!(asking, beside);
    assert_eq!(told.status(), 503);
    assert_ne!(told.header("retry-after"), "");
    assert_eq!(worked.status(), 200);
}

#[tokio::test]
async fn who_sends_slowly_holds_no_place() {
    let (begins, mut begun) = mpsc::channel(1);
    let take = async move |request: axum::extract::Request| {
        begins.send(()).await.expect("the test listens");
        axum::body::to_bytes(request.into_body(), 1024)
            .await
            .expect("all of it")
    };
    let routes = Router::new()
        .route("/v1/nhan", post(take))
        .route("/v1/viec", get(async || "xong"));
    let server = with_places(1, LONG, routes);
    let mut slow = server.connect().await;
    let head = format!(
        "POST /v1/nhan HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Length: 9\r\n\r\n"
    );
    for part in [head.as_str(), "từ"] {
        slow.write_all(part.as_bytes()).await.expect("written");
    }
    within(begun.recv()).await.expect("it is read");
    assert_eq!(server.get("/v1/viec").await.status(), 200);
    slow.write_all(" từ".as_bytes()).await.expect("written");
    let heard = hear(&mut slow).await;
    assert_eq!(heard.status(), 200);
    assert!(heard.0.ends_with("từ từ"), "{heard:?}");
}

#[tokio::test]
async fn another_site_s_page_cannot_make_a_visitor_send_something() {
    let routes = Router::new()
        .route(
            "/quan-tri/xoa",
            post(async || "đã xóa").get(async || "hỏi lại"),
        )
        .route("/v1/batches", post(async || "đã nhận"));
    let server = Running::hardened(routes);
    let cases = [
        ("Sec-Fetch-Site: same-origin\r\n", 200),
        ("Sec-Fetch-Site: none\r\n", 200),
        ("Sec-Fetch-Site: same-site\r\n", 403),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        (
            "Sec-Fetch-Site: cross-site\r\nOrigin: https://cong.example\r\n",
            403,
        ),
        ("Origin: https://cong.example\r\n", 200),
        ("Origin: https://CONG.example\r\n", 200),
        ("Origin: https://xau.example\r\n", 403),
        ("Origin: https://cong.example:8443\r\n", 403),
        ("Origin: null\r\n", 403),
        ("", 403),
    ];
    for (headers, status) in cases {
        let heard = server.post("/quan-tri/xoa", headers, "").await;
        assert_eq!(heard.status(), status, "{headers}");
    }
    assert_eq!(server.get("/quan-tri/xoa").await.status(), 200);
    assert_eq!(server.post("/v1/batches", "", "{}").await.status(), 200);
}

#[tokio::test]
async fn pages_are_compressed_but_nothing_that_carries_a_digest() {
    let text = "Ủy ban nhân dân ".repeat(100);
    let page = {
        let text = text.clone();
        async move || axum::response::Html(text)
    };
    let signed = async move || {
        (
            [
                ("content-digest", "sha-256=:AA==:"),
                ("content-type", "application/json"),
            ],
            text,
        )
    };
    let routes = Router::new()
        .route("/", get(page))
        .route("/v1/log", get(signed));
    let server = Running::hardened(routes);
    let ask = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        )
    };
    let page = server.say(&ask("/")).await;
    assert_eq!(page.header("content-encoding"), "gzip");
    assert_eq!(page.header("vary"), "accept-encoding");
    let signed = server.say(&ask("/v1/log")).await;
    assert_eq!(signed.header("content-encoding"), "");
    assert!(signed.0.contains("Ủy ban nhân dân"));
}

#[tokio::test]
async fn a_handler_may_set_its_own_policy_and_texts_name_their_charset() {
    let upload = async || {
        (
            [
                ("content-security-policy", "sandbox; default-src 'none'"),
                ("content-type", "text/plain"),
            ],
            "tệp",
        )
    };
    let feed = async || {
        (
            [
                ("content-type", "application/atom+xml"),
                ("cross-origin-resource-policy", "cross-origin"),
            ],
            "<feed/>",
        )
    };
    let server = Running::hardened(
        Router::new()
            .route("/tep", get(upload))
            .route("/atom", get(feed)),
    );
    let file = server.get("/tep").await;
    assert_eq!(
        file.header("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    let feed = server.get("/atom").await;
    assert_eq!(
        feed.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(feed.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(feed.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn forwarding_headers_are_believed_from_our_proxies_alone() {
    async fn who(Extension(ClientIp(ip)): Extension<ClientIp>, headers: HeaderMap) -> String {
        format!("{ip} {}", headers.contains_key("x-forwarded-for"))
    }
    let ask = format!(
        "GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\
         X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\nX-Forwarded-For: 127.0.0.9\r\n\r\n"
    );
    let routes = || Router::new().route("/", get(who));

    let open = Running::hardened(routes());
    assert!(open.say(&ask).await.0.ends_with("127.0.0.1 false"));

    let mut options = HardenOptions::new([HOST]);
    options.proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let behind = Running::start(harden(routes(), options), Limits::default());
    assert!(behind.say(&ask).await.0.ends_with("203.0.113.7 true"));
}

/// The machine's limit is the process's, so this runs itself again under a small one.
#[cfg(target_os = "linux")]
#[test]
fn running_out_of_descriptors_passes() {
    let ourselves = std::env::current_exe().expect("the test's own path");
    let output = std::process::Command::new("sh")
        .args([
            "-c",
            r#"ulimit -n 64; FEW_DESCRIPTORS=1 exec "$0" --exact server::tests::with_few_descriptors"#,
        ])
        .arg(ourselves)
        .output()
        .expect("sh runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn with_few_descriptors() {
    // Means something only in the process that the test above starts.
    if std::env::var_os("FEW_DESCRIPTORS").is_none() {
        return;
    }
    let mut processor = Processor::open();
    let server = Running::start(hello(), Limits::default());
    let mut taken = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        taken.push(file);
        assert!(taken.len() < 64, "this needs `ulimit -n 64`");
    }
    // The one descriptor given back is the client's own end: none is left for the server's.
    taken.pop();
    let mut client = server.connect().await;
    client
        .write_all(b"GET / HTTP/1.0\r\n\r\n")
        .await
        .expect("written");
    let before = processor.ticks();
    let waits = timeout(Duration::from_secs(1), client.readable()).await;
    assert!(waits.is_err(), "nobody could have accepted it");
    let spent = processor.ticks() - before;
    assert!(
        spent < 30,
        "the accept loop spins: {spent} ticks in a second"
    );

    drop(taken);
    assert_eq!(hear(&mut client).await.status(), 200);
}

/// Processor time of this process, read through a descriptor taken while there were some.
#[cfg(target_os = "linux")]
struct Processor(std::fs::File);

#[cfg(target_os = "linux")]
impl Processor {
    fn open() -> Self {
        Self(std::fs::File::open("/proc/self/stat").expect("Linux"))
    }

    /// Hundredths of a second, user and system.
    fn ticks(&mut self) -> u64 {
        use std::io::{Read, Seek};
        let mut stat = String::new();
        self.0.rewind().expect("seekable");
        self.0.read_to_string(&mut stat).expect("readable");
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let fields: Vec<&str> = after_name.split(' ').collect();
        let ticks = fields[11..13].iter();
        ticks
            .map(|field| field.parse::<u64>().expect("a number"))
            .sum()
    }
}
