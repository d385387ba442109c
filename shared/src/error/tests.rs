use super::*;
use crate::server::{HardenOptions, harden};
use axum::Router;
use axum::routing::{get, post};
use chrono::TimeZone;
use std::io::Write;
use std::sync::Mutex;
use tower::ServiceExt;

const HOST: &str = "cong.example";

fn site(routes: Router) -> Router {
    harden(routes, HardenOptions::new([HOST]))
}

async fn ask(site: Router, method: Method, path: &str, accept: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", HOST)
        .header("accept", accept)
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        .expect("a request");
    let response = site.oneshot(request).await.expect("infallible");
    let (head, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a whole body");
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.into()).expect("UTF-8"),
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), problem::CONTENT_TYPE);
        serde_json::from_str(&self.body).expect("a problem")
    }
}

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

#[tokio::test]
async fn people_get_a_page_and_programs_a_document() {
    let routes = || {
        Router::new()
            .route("/bai-viet", get(async || Error::NotFound))
            .route("/v1/entries", get(async || Error::NotFound))
    };

    let page = ask(site(routes()), Method::GET, "/bai-viet", BROWSER).await;
    assert_eq!(page.status, 404);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.body.contains("<h1>Không tìm thấy</h1>"));
    assert!(page.body.contains(page.header("x-request-id")));

    let document = ask(site(routes()), Method::GET, "/v1/entries", BROWSER).await;
    let problem = document.problem();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    assert_eq!(
        problem.instance,
        Some(format!("urn:uuid:{}", document.header("x-request-id")))
    );

    let script = ask(site(routes()), Method::GET, "/bai-viet", "application/json").await;
    assert_eq!(script.problem().kind, ProblemKind::NotFound);
}

#[tokio::test]
async fn what_axum_itself_refuses_looks_the_same() {
    let routes = || Router::new().route("/v1/batches", post(async |_: axum::Json<u8>| "ok"));

    let missing = ask(site(routes()), Method::GET, "/khong-co", BROWSER).await;
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("Không tìm thấy"));

    let wrong_method = ask(site(routes()), Method::GET, "/v1/batches", "*/*").await;
    assert_eq!(wrong_method.status, 405);
    assert_eq!(wrong_method.header("allow"), "POST");
    assert_eq!(wrong_method.problem().kind, ProblemKind::MethodNotAllowed);

    let no_json = ask(site(routes()), Method::POST, "/v1/batches", "*/*").await;
    assert_eq!(no_json.status, 415);
    let problem = no_json.problem();
    assert_eq!(problem.kind, ProblemKind::UnsupportedMediaType);
    let hint = problem.extra["hint"].as_str().expect("the hint");
    assert!(hint.contains("application/json"), "{hint}");
}

#[tokio::test]
async fn a_handler_s_own_error_page_is_left_alone() {
    async fn form_again() -> Response {
        let page = axum::response::Html("<form>của trang</form>");
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    }
    let routes = Router::new().route("/quan-tri/bai-viet", get(form_again));
    let answer = ask(site(routes), Method::GET, "/quan-tri/bai-viet", BROWSER).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.body, "<form>của trang</form>");
}

#[tokio::test]
async fn something_recalled_says_what_it_was_and_why() {
    async fn recalled() -> Error {
        Error::Gone(Gone {
            title: "Lịch cắt điện <tháng 7>".into(),
            reason: "Đăng nhầm ngày".into(),
            since: Utc
                .timestamp_opt(1_782_864_000, 0)
                .single()
                .expect("a time"),
        })
    }
    let routes = || {
        Router::new()
            .route("/thong-bao", get(recalled))
            .route("/v1/thong-bao", get(recalled))
    };
    let page = ask(site(routes()), Method::GET, "/thong-bao", BROWSER).await;
    assert_eq!(page.status, 410);
    assert!(page.body.contains("Nội dung đã được thu hồi"));
    assert!(page.body.contains("Đăng nhầm ngày"));
    assert!(page.body.contains("Lịch cắt điện &#60;tháng 7&#62;"));

    let document = ask(site(routes()), Method::GET, "/v1/thong-bao", "*/*").await;
    assert_eq!(document.status, 410);
    assert_eq!(document.problem().extra["since"], "2026-07-01T00:00:00Z");
}

#[tokio::test]
async fn each_field_says_what_to_mend() {
    let routes = Router::new().route(
        "/v1/entries",
        post(async || Error::invalid("title", "Tiêu đề không được để trống")),
    );
    let answer = ask(site(routes), Method::POST, "/v1/entries", "*/*").await;
    assert_eq!(answer.status, 422);
    let errors: Vec<FieldError> =
        serde_json::from_value(answer.problem().extra["errors"].clone()).expect("field errors");
    assert_eq!(
        errors,
        [FieldError::new("title", "Tiêu đề không được để trống")]
    );
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let routes = || {
        Router::new()
            .route(
                "/quan-tri/bai-viet",
                get(async || Error::SignInNeeded).post(async || Error::SignInNeeded),
            )
            .route("/v1/me", get(async || Error::SignInNeeded))
    };
    let path = "/quan-tri/bai-viet?trang=2&loc=nháp";
    let path = path.replace("nháp", "nh%C3%A1p");
    let page = ask(site(routes()), Method::GET, &path, BROWSER).await;
    assert_eq!(page.status, 303);
    assert_eq!(
        page.header("location"),
        "/quan-tri/dang-nhap?tiep=%2Fquan-tri%2Fbai-viet%3Ftrang%3D2%26loc%3Dnh%25C3%25A1p"
    );

    let form = ask(site(routes()), Method::POST, "/quan-tri/bai-viet", BROWSER).await;
    assert_eq!(form.status, 401);

    let program = ask(site(routes()), Method::GET, "/v1/me", "*/*").await;
    assert_eq!(program.problem().kind, ProblemKind::Unauthenticated);
}

/// Collects what is logged while it is held.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let bytes = self.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes)
            .expect("UTF-8")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON lines"))
            .collect()
    }
}

#[tokio::test]
async fn the_cause_is_logged_once_and_never_shown() {
    async fn broken() -> Result<()> {
        let inner = std::io::Error::other("mật khẩu ở /etc/lien-cong");
        Err(anyhow::Error::new(inner).context("reading the key"))?;
        Ok(())
    }
    let log = Log::default();
    let _listening = log.listen();
    let routes = || {
        Router::new()
            .route("/trang", get(broken))
            .route("/v1/trang", get(broken))
    };

    for path in ["/trang", "/v1/trang"] {
        let answer = ask(site(routes()), Method::GET, path, "*/*").await;
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains("etc"), "{}", answer.body);
        assert!(!answer.body.contains("key"), "{}", answer.body);

        let id = answer.header("x-request-id");
        let told: Vec<_> = log
            .lines()
            .into_iter()
            .filter(|line| line["level"] == "ERROR" && line["fields"]["request.id"] == id)
            .collect();
        assert_eq!(told.len(), 1);
        let fields = &told[0]["fields"];
        assert_eq!(
            fields["cause"],
            "reading the key: mật khẩu ở /etc/lien-cong"
        );
        assert_eq!(fields["http.method"], "GET");
        assert_eq!(fields["http.path"], path);
    }
}

#[tokio::test]
async fn a_renderer_that_breaks_leaves_the_plain_page() {
    let mut options = HardenOptions::new([HOST]);
    options.renderer = Arc::new(|page| {
        Box::pin(async move {
            match page.path.as_str() {
                "/dep" => format!(
                    "<p>{} của {}",
                    page.title,
                    page.host.as_deref().unwrap_or("")
                ),
                _ => panic!("template bug"),
            }
        })
    });
    let site = harden(Router::new(), options);

    let fine = ask(site.clone(), Method::GET, "/dep", BROWSER).await;
    assert_eq!(fine.body, "<p>Không tìm thấy của cong.example");
    let broken = ask(site, Method::GET, "/vo", BROWSER).await;
    assert_eq!(broken.status, 404);
    assert!(broken.body.contains("<h1>Không tìm thấy</h1>"));
}

#[tokio::test]
async fn a_full_disk_and_a_busy_database_ask_to_come_back() {
    use sea_orm::{ConnectionTrait, Database};
    let db = Database::connect("sqlite::memory:").await.expect("SQLite");
    db.execute_unprepared("CREATE TABLE t (b BLOB); PRAGMA max_page_count = 10")
        .await
        .expect("a small database");
    let full = db
        .execute_unprepared("INSERT INTO t VALUES (zeroblob(1000000))")
        .await
        .expect_err("there is no room");
    assert_eq!(Error::from(full).problem().kind, ProblemKind::StorageFull);

    let ours = db
        .execute_unprepared("SELECT * FROM khong_co")
        .await
        .expect_err("no such table");
    assert_eq!(Error::from(ours).problem().kind, ProblemKind::Internal);

    let io = std::io::Error::from(std::io::ErrorKind::StorageFull);
    assert_eq!(Error::from(io).problem().kind, ProblemKind::StorageFull);
}
