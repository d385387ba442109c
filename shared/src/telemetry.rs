//! Logs and metrics, set up once at start, and the private page where both are asked for.

mod escaped;

use std::io;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::{Duration, MissedTickBehavior};
use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

use escaped::Escaped;

/// Upper bounds of the histograms in seconds: from a cached page to a long poll.
const BUCKETS: [f64; 13] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// Why logs or metrics could not be set up.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter is not of the form `info,hub=debug`.
    #[error("bộ lọc nhật ký `{filter}` không đúng dạng, ví dụ đúng: info,hub=debug")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Somebody set up logs in this process before.
    #[error("nhật ký đã được khởi tạo trước đó")]
    LogTaken(#[source] tracing_subscriber::util::TryInitError),
    /// Somebody set up metrics in this process before.
    #[error("số liệu đã được khởi tạo trước đó")]
    MetricsTaken,
}

/// How logs are written: the `[log]` section of the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// The form of a line.
    pub format: LogFormat,
    /// What is logged, as tracing's filters say it.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people and journald.
    #[default]
    Text,
    /// For log collectors.
    Json,
}

/// Starts the process's log on standard error.
pub fn init_log(config: &LogConfig) -> Result<(), TelemetryError> {
    subscriber(config, io::stderr)?
        .try_init()
        .map_err(TelemetryError::LogTaken)
}

/// A log in the form of `config` that goes to `writer`, one line for each event.
fn subscriber<W>(
    config: &LogConfig,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .parse(&config.filter)
        .map_err(|source| TelemetryError::Filter {
            filter: config.filter.clone(),
            source,
        })?;
    let log = fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Escaped(writer));
    Ok(match config.format {
        LogFormat::Text => Box::new(log.finish()),
        LogFormat::Json => Box::new(log.json().finish()),
    })
}

/// The process's metrics.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    started: Instant,
}

impl Metrics {
    /// Starts collecting what the `metrics` macros say, and keeps it small between visits of
    /// the collector. `version` is the program's own.
    pub fn install(version: &'static str) -> Result<Self, TelemetryError> {
        let recorder = recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| TelemetryError::MetricsTaken)?;
        tokio::spawn(keep_small(handle.clone()));
        Ok(Self::begin(handle, version))
    }

    /// Says what the process is and since when it runs.
    fn begin(handle: PrometheusHandle, version: &'static str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a metric of the process itself")]
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        metrics::describe_gauge!("build_info", "The program's version, always 1");
        metrics::gauge!("build_info", "version" => version).set(1.0);
        metrics::describe_gauge!(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970"
        );
        metrics::gauge!("process_start_time_seconds")
            .set(since_1970.map_or(0.0, |since| since.as_secs_f64()));
        metrics::describe_gauge!(
            "process_uptime_seconds",
            "For how long the process has been running"
        );
        metrics::describe_counter!("http_requests_total", "Requests answered");
        metrics::describe_histogram!("http_request_seconds", "Time until an answer began");
        Self {
            handle,
            started: Instant::now(),
        }
    }

    /// All metrics in Prometheus's text form.
    pub fn render(&self) -> String {
        metrics::gauge!("process_uptime_seconds").set(self.started.elapsed().as_secs_f64());
        self.handle.render()
    }
}

fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .expect("there are buckets")
        .build_recorder()
}

/// Histograms keep every sample until somebody asks; nobody may.
async fn keep_small(handle: PrometheusHandle) {
    #[expect(clippy::disallowed_methods, reason = "skips what it missed, see below")]
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        handle.run_upkeep();
    }
}

/// What a monitoring system asks: `/metrics`, `/health/live` and `/health/ready`.
///
/// It tells too much for the public: serve it on a listener of its own that only the operator
/// reaches. `ready` says in a sentence why the server should not be sent visitors now.
pub fn private_router<F, Fut>(metrics: Metrics, ready: F) -> Router
where
    F: Fn() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<(), String>> + Send + 'static,
{
    const TEXT: [(header::HeaderName, &str); 2] = [
        (
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let is_ready = async move || match ready().await {
        Ok(()) => (StatusCode::OK, TEXT, "sẵn sàng\n".to_owned()).into_response(),
        Err(why) => {
            let why = format!("chưa sẵn sàng: {why}\n");
            (StatusCode::SERVICE_UNAVAILABLE, TEXT, why).into_response()
        }
    };
    Router::new()
        .route("/metrics", get(async move || (TEXT, metrics.render())))
        .route("/health/live", get(async || (TEXT, "đang chạy\n")))
        .route("/health/ready", get(is_ready))
}

#[cfg(test)]
mod tests;
