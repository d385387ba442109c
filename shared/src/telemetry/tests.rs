use super::*;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged by `events` under `config`.
fn logged(format: LogFormat, filter: &str, events: impl FnOnce()) -> String {
    let written = Written::default();
    let writer = written.clone();
    let config = LogConfig {
        format,
        filter: filter.to_owned(),
    };
    let log = subscriber(&config, move || writer.clone()).expect("a good filter");
    tracing::subscriber::with_default(log, events);
    let bytes = written.0.lock().expect("not poisoned").clone();
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_visitor_cannot_forge_a_log_line_or_command_a_terminal() {
    let path = "/a\r\n2026 ERROR giả\u{1b}[2J\u{9b}x\u{202e}\u{7f}";
    for format in [LogFormat::Text, LogFormat::Json] {
        let log = logged(format, "info", || {
            tracing::info!(path, "yêu cầu {path}");
        });
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(log.ends_with('\n'));
        assert!(!log.trim_end().chars().any(char::is_control), "{log:?}");
        assert!(!log.contains('\u{202e}'));
        assert!(log.contains("yêu cầu"));
    }
    let json = logged(LogFormat::Json, "info", || tracing::info!(path, "x"));
    let line: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(line["fields"]["path"], path);
}

#[test]
fn the_filter_decides_what_is_logged() {
    let events = || {
        tracing::debug!(target: "hub", "chi tiết của hub");
        tracing::debug!(target: "khac", "chi tiết khác");
        tracing::warn!(target: "khac", "cảnh báo");
    };
    let log = logged(LogFormat::Text, "warn,hub=debug", events);
    assert!(log.contains("chi tiết của hub") && log.contains("cảnh báo"));
    assert!(!log.contains("chi tiết khác"));

    let wrong = LogConfig {
        filter: "hub=rất-nhiều".to_owned(),
        ..LogConfig::default()
    };
    let error = subscriber(&wrong, io::sink).err().expect("no such level");
    assert!(error.to_string().contains("`hub=rất-nhiều`"));
}

async fn ask(router: &Router, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("infallible");
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20)
        .await
        .expect("a body");
    (status, String::from_utf8(body.into()).expect("UTF-8"))
}

#[tokio::test]
async fn the_operator_sees_health_and_metrics() {
    let recorder = recorder();
    let _ours = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::begin(recorder.handle(), "1.2.3");
    let full = Arc::new(Mutex::new(false));
    let disk = full.clone();
    let ready = move || {
        let full = *disk.lock().expect("not poisoned");
        async move {
            if full {
                Err("hết chỗ lưu".to_owned())
            } else {
                Ok(())
            }
        }
    };
    let router = private_router(metrics, ready);

    assert_eq!(ask(&router, "/health/live").await.0, 200);
    assert_eq!(ask(&router, "/health/ready").await.0, 200);
    *full.lock().expect("not poisoned") = true;
    let (status, why) = ask(&router, "/health/ready").await;
    assert_eq!(
        (status, why.as_str()),
        (503, "chưa sẵn sàng: hết chỗ lưu\n")
    );

    metrics::histogram!("http_request_seconds", "route" => "/").record(0.03);
    let (status, text) = ask(&router, "/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains(r#"build_info{version="1.2.3"} 1"#), "{text}");
    assert!(text.contains("process_uptime_seconds "), "{text}");
    assert!(
        text.contains(r#"http_request_seconds_bucket{route="/",le="0.05"} 1"#),
        "{text}"
    );
}

#[tokio::test]
async fn metrics_are_set_up_once() {
    let first = Metrics::install("1.2.3").expect("the first");
    metrics::counter!("http_requests_total", "route" => "/thu").increment(2);
    assert!(
        first
            .render()
            .contains(r#"http_requests_total{route="/thu"} 2"#)
    );
    assert!(matches!(
        Metrics::install("1.2.3"),
        Err(TelemetryError::MetricsTaken)
    ));
}
