//! Members looked at over real sockets: what they show, what somebody in between makes of it, what the hub says.

use super::record::{Found, Kind, Outcome};
use super::{look, verdict};
use crate::relay::Relay;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use shared::entries;
use shared::error::{plain_renderer, present};
use shared::http_client::Allow;
use shared::portal;
use shared::testing::tls::{EXPIRED, TlsServer};
use shared::testing::{self, TestSite, press};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use url::Url;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// What somebody in between writes instead of what.
type Swap = Arc<Mutex<Option<(&'static str, &'static str)>>>;

/// A hub, a member, and somebody between the member and its readers.
struct Scene {
    hub: TestSite,
    member: TestSite,
    swap: Swap,
}

impl Scene {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let member = testing::Setup::default()
            .base_url(&format!("http://{address}"))
            .site()
            .await;
        let swap = Swap::default();
        let routes = portal::routes(&member, OpenApiRouter::new(), portal::Own::default())
            .layer(from_fn_with_state(plain_renderer(), present))
            .layer(from_fn_with_state(Arc::clone(&swap), swapped));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let hub = testing::Setup::default()
            .role(Relay)
            .site_of::<migrations::HubSchema>()
            .await;
        press::introduce(&member, &hub).await;
        Self { hub, member, swap }
    }

    fn swaps(&self, swap: Option<(&'static str, &'static str)>) {
        *self.swap.lock().expect("not poisoned") = swap;
    }

    async fn looks(&self) -> Vec<Found> {
        let target = look::Target::find(&self.hub, self.member.id).await;
        let target = target.expect("reads").expect("a member");
        let seen = look::look(&self.hub, &target, &Allow::none()).await;
        verdict::of(&seen.expect("a look"), self.hub.clock.now())
    }

    async fn content(&self) -> (Outcome, String) {
        let mut found = self.looks().await.into_iter();
        let content = found.rfind(|one| one.kind == Kind::Content);
        let content = content.expect("it is looked at");
        (content.outcome, content.detail)
    }

    async fn carry(&self, entry: Uuid) {
        press::carry(&self.member, &self.hub, entry, entries::Mode::Suggested).await;
    }
}

async fn swapped(State(swap): State<Swap>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let swap = *swap.lock().expect("not poisoned");
    let Some((from, to)) = swap else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let text = String::from_utf8_lossy(&body).replace(from, to);
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(text))
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_told_apart_from_what_is_late() {
    let scene = Scene::open().await;
    let trees = |body: &str| press::article("Xã trồng cây").lead("Ra quân.").body(body);
    let entry = trees("<p>Bà con trồng 300 cây.</p>")
        .publish(&scene.member)
        .await;
    assert_eq!(
        scene.content().await.0,
        Outcome::Unknown,
        "nothing came yet"
    );
    scene.carry(entry).await;
    let (outcome, words) = scene.content().await;
    assert_eq!(outcome, Outcome::Good, "{words}");
    let found = scene.looks().await;
    let of = |kind| found.iter().find(|one| one.kind == kind).expect("a kind");
    assert_eq!(of(Kind::Feed).outcome, Outcome::Good);
    assert!(of(Kind::Speed).value.is_some());
    // Loopback without TLS.
    assert_eq!(of(Kind::Https).outcome, Outcome::Bad);
    assert!(of(Kind::Https).detail.contains("http"));

    for (from, to) in [
        ("300 cây", "900 cây"),
        ("Ra quân", "Nộp tiền"),
        ("Xã trồng cây", "Xã bán đất"),
    ] {
        scene.swaps(Some((from, to)));
        let (outcome, words) = scene.content().await;
        assert_eq!(outcome, Outcome::Forged, "{to}: {words}");
        assert!(words.contains("trang bài và nguồn tin"), "{words}");
    }
    scene.swaps(None);

    trees("<p>Bà con trồng 400 cây.</p>")
        .revise(&scene.member, entry, 2)
        .await;
    // The member is ahead of what came here, and proves it.
    let (outcome, words) = scene.content().await;
    assert_eq!(outcome, Outcome::Good, "{words}");
    scene.carry(entry).await;
    assert_eq!(scene.content().await.0, Outcome::Good);
    // What somebody in between kept of the revision before.
    scene.swaps(Some(("400 cây", "300 cây")));
    let (outcome, words) = scene.content().await;
    assert_eq!(outcome, Outcome::Bad, "{words}");
    assert!(words.contains("bản cũ (bản 1)"), "{words}");
    scene.swaps(None);

    press::withdraw(&scene.member, entry, 3).await;
    let (outcome, words) = scene.content().await;
    assert_eq!(outcome, Outcome::Bad);
    assert!(words.contains("không hiện"), "{words}");
}

#[tokio::test]
async fn behind_a_certificate_that_is_over_nothing_is_asked() {
    let scene = Scene::open().await;
    let asked = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&asked);
    let router = Router::new().fallback(move || {
        *counted.lock().expect("not poisoned") += 1;
        async { "" }
    });
    let server = TlsServer::start(EXPIRED, router);
    let target = look::Target {
        site: scene.member.id,
        unit: scene.member.unit_id,
        base: Url::parse(&server.url("/")).expect("a URL"),
        is_native: true,
        is_pull: false,
    };
    let seen = look::look(&scene.hub, &target, &Allow::none()).await;
    let found = verdict::of(&seen.expect("a look"), scene.hub.clock.now());
    let of = |kind| found.iter().find(|one| one.kind == kind).expect("a kind");
    assert_eq!(of(Kind::Certificate).outcome, Outcome::Bad);
    assert_eq!(
        of(Kind::Certificate).detail,
        "chứng thư đã hết hạn từ 01/04/2020"
    );
    assert!(of(Kind::Certificate).value < Some(0));
    assert_eq!(of(Kind::Https).detail, "chứng thư đã hết hạn");
    assert_eq!(of(Kind::Content).outcome, Outcome::Unknown);
    assert_eq!(*asked.lock().expect("not poisoned"), 0);
}
