//! One poll of one source: ask, understand the answer, take in what it brought.

use super::source::{self, Outcome, Purpose, Report, Seen};
use super::{check, items};
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use shared::error::{self, Result};
use shared::feeds::read::conditional::{self, PollVerdict, Validators};
use shared::feeds::read::guard::{self, Document, Limits};
use shared::feeds::read::{ReadFeed, Warning};
use shared::http_client::{Allow, FetchError};
use shared::site::Site;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Redirects that are followed.
const HOPS: usize = 3;
/// For one request.
const DEADLINE: Duration = Duration::from_secs(15);
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
                      application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1";

/// Reads feeds for a hub.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The hub.
    pub site: Arc<Site>,
    /// Hosts on private networks that foreign feeds may be read from.
    pub allow: Allow,
}

impl Reader {
    /// Asks for `source` once and takes in what is new. What goes wrong there is noted with the
    /// source; an error is ours.
    pub async fn poll(&self, source: &source::Model) -> Result<Outcome> {
        let purpose = source.purpose()?;
        match self.ask(source, purpose).await {
            Ok(Answer::Document(fetched)) => self.take_in(source, purpose, fetched).await,
            Ok(Answer::Other(report)) => self.note(source, report).await,
            Err(error) => {
                let outcome = match &error {
                    FetchError::Refused(_) | FetchError::Malformed | FetchError::BadRedirect => {
                        Outcome::Refused
                    }
                    FetchError::TooLarge { .. } => Outcome::Unreadable,
                    _ => Outcome::Unreachable,
                };
                let report = Report::because(outcome, error::chain(&error));
                self.note(source, report).await
            }
        }
    }

    /// Asks, and goes where redirects lead.
    async fn ask(&self, source: &source::Model, purpose: Purpose) -> Result<Answer, FetchError> {
        let mut url = Url::parse(&source.url).map_err(|_| FetchError::Malformed)?;
        let allow = match purpose {
            Purpose::Import => self.allow.clone(),
            // The operator took this very host in as a member.
            Purpose::Check => Allow::origin(&url),
        };
        let mut moved_to = None;
        let mut is_for_good = true;
        for _ in 0..=HOPS {
            let call = self
                .site
                .http
                .get(url.as_str())
                .allow(&allow)
                .plain_http(true)
                .unfollowed()
                .cap(Limits::STANDARD.body)
                .deadline(DEADLINE)
                .header(header::ACCEPT, ACCEPT)
                .headers(source.validators().request_headers());
            let (status, headers, body) = match call.send().await {
                Ok(fetched) => (fetched.status, fetched.headers, fetched.body),
                Err(FetchError::Status(answer)) => {
                    let status = StatusCode::from_u16(answer.status);
                    let status = status.unwrap_or(StatusCode::BAD_GATEWAY);
                    (status, answer.headers, Bytes::new())
                }
                Err(error) => return Err(error),
            };
            let now = self.site.clock.now();
            let mut report = match conditional::verdict(status, &headers, &url, now) {
                PollVerdict::Moved(next) => {
                    if is_for_good {
                        moved_to = Some(next.clone());
                    }
                    url = next;
                    continue;
                }
                PollVerdict::Elsewhere(next) => {
                    is_for_good = false;
                    url = next;
                    continue;
                }
                PollVerdict::Document {
                    validators,
                    partial,
                } => {
                    let content_type = headers.get(header::CONTENT_TYPE);
                    let document = Document {
                        bytes: body,
                        content_type: content_type
                            .and_then(|value| value.to_str().ok())
                            .map(str::to_owned),
                        url,
                    };
                    return Ok(Answer::Document(Fetched {
                        document,
                        partial,
                        validators,
                        moved_to,
                    }));
                }
                PollVerdict::NotModified => Report::of(Outcome::Unchanged),
                PollVerdict::Gone => Report::because(Outcome::Gone, "nguồn tin đã bị gỡ bỏ (410)"),
                PollVerdict::Later { wait } => Report {
                    wait: wait.and_then(|wait| TimeDelta::from_std(wait).ok()),
                    ..Report::because(Outcome::Deferred, format!("máy chủ trả lời mã {status}"))
                },
                PollVerdict::Failed(status) => {
                    Report::because(Outcome::Unreachable, format!("máy chủ trả lời mã {status}"))
                }
            };
            report.moved_to = moved_to;
            return Ok(Answer::Other(report));
        }
        Err(FetchError::BadRedirect)
    }

    async fn take_in(
        &self,
        source: &source::Model,
        purpose: Purpose,
        fetched: Fetched,
    ) -> Result<Outcome> {
        let mut report = Report::of(Outcome::Read);
        report.moved_to = fetched.moved_to;
        let feed = match guard::read(fetched.document, Limits::STANDARD).await {
            Ok(feed) => feed,
            Err(error) => {
                report.outcome = Outcome::Unreadable;
                report.detail = Some(error.to_string());
                return self.note(source, report).await;
            }
        };
        warn_of(source, &feed.warnings);
        if feed.entries.is_empty() && source.entries_seen > 0 && !fetched.partial {
            // Neither the count nor the validators change: it goes on to be an alarm.
            report.outcome = Outcome::Emptied;
            report.detail = Some(format!(
                "trước đây có {} mục, nay không còn mục nào",
                source.entries_seen
            ));
        } else {
            report.seen = Some(Seen {
                entries: entries_in(&feed, source, fetched.partial),
                missed: 0,
                validators: Some(fetched.validators),
            });
        }
        match purpose {
            Purpose::Import => report = items::import(&self.site, source, feed, report).await?,
            Purpose::Check => report = check::compare(&self.site, source, &feed, report).await?,
        }
        tell(source, &report);
        Ok(report.outcome)
    }

    /// Notes what came of a poll that stored nothing else.
    async fn note(&self, source: &source::Model, report: Report) -> Result<Outcome> {
        let (id, now) = (source.id, self.site.clock.now());
        let outcome = report.outcome;
        tell(source, &report);
        self.site
            .db
            .write(move |tx| Box::pin(async move { source::note(tx, id, &report, now).await }))
            .await?;
        Ok(outcome)
    }
}

/// What came back in the end.
enum Answer {
    Document(Fetched),
    Other(Report),
}

struct Fetched {
    document: Document,
    /// It holds only what is new.
    partial: bool,
    validators: Validators,
    /// Where permanent redirects led.
    moved_to: Option<Url>,
}

/// How many entries the source shows. What holds only the news says nothing about the rest.
fn entries_in(feed: &ReadFeed, source: &source::Model, partial: bool) -> usize {
    let now = feed.entries.len();
    match partial {
        true => now.max(usize::try_from(source.entries_seen).unwrap_or_default()),
        false => now,
    }
}

fn warn_of(source: &source::Model, warnings: &[Warning]) {
    for warning in warnings {
        tracing::debug!(source.id = %source.id, source.url, %warning, "odd feed");
    }
}

/// One line for the operator, whenever the state of a source becomes another one.
fn tell(source: &source::Model, report: &Report) {
    metrics::counter!("feed_polls_total", "outcome" => report.outcome.as_str()).increment(1);
    let moved_to = report.moved_to.as_ref().map(Url::as_str);
    if moved_to.is_some() && moved_to != source.moved_to.as_deref() {
        tracing::warn!(source.id = %source.id, source.url, moved_to, "a feed has moved");
    }
    let before = source.outcome();
    if before == Some(report.outcome) {
        return;
    }
    let detail = report.detail.as_deref().unwrap_or_default();
    let outcome = report.outcome.as_str();
    if !report.outcome.is_success() {
        tracing::warn!(source.id = %source.id, source.url, outcome, detail, "a feed is in trouble");
    } else if before.is_some_and(|before| !before.is_success()) {
        tracing::info!(source.id = %source.id, source.url, outcome, "a feed is in order again");
    }
}
