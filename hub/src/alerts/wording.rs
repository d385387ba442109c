//! What a message says: to people in words, to programs in facts.

use super::alert;
use super::message::Words;
use super::recipient::Due;
use super::trouble::Kind;
use serde_json::{Value, json};
use shared::clock::from_millis;
use shared::error::Result;
use shared::vietnamese;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use uuid::Uuid;

/// Most alerts that are told one by one; of more, how many.
const MOST: usize = 40;

/// What has to be known of a member to speak of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    /// Its name.
    pub(super) name: String,
    /// Its page at the desk, as an address.
    pub(super) url: String,
    /// Whom to ask there.
    pub(super) contact: Option<String>,
}

/// What is to be said of `due`, by a province of this name whose alerts are at `url`.
pub(super) fn words(
    province: &str,
    url: &str,
    due: &Due,
    named: impl Fn(Uuid) -> Named,
    now: i64,
) -> Result<Words> {
    let mut text = String::new();
    let mut left = MOST;
    for (kind, alerts) in by_kind(&due.began) {
        line(
            &mut text,
            &format!("{} ({} đơn vị):", kind.label(), alerts.len()),
        );
        for alert in alerts.iter().take(left) {
            let member = named(alert.site_id);
            let since = vietnamese::date_time(from_millis(alert.seen_at));
            line(
                &mut text,
                &format!("- {}: {} (từ {since})", member.name, alert.detail),
            );
            if let Some(contact) = member.contact {
                line(&mut text, &format!("  Hỏi: {contact}"));
            }
            line(&mut text, &format!("  {}", member.url));
        }
        if alerts.len() > left {
            line(
                &mut text,
                &format!("- và {} đơn vị nữa", alerts.len() - left),
            );
        }
        left = left.saturating_sub(alerts.len());
        text.push('\n');
    }
    if !due.over.is_empty() {
        line(&mut text, "Đã hết:");
        for alert in due.over.iter().take(left.max(1)) {
            let lasted = alert.closed_at.unwrap_or(now) - alert.seen_at;
            line(
                &mut text,
                &format!(
                    "- {}: {}, kéo dài {}",
                    named(alert.site_id).name,
                    label_of(alert).to_lowercase(),
                    lasting(lasted)
                ),
            );
        }
        if due.over.len() > left.max(1) {
            line(
                &mut text,
                &format!("- và {} mục nữa", due.over.len() - left.max(1)),
            );
        }
        text.push('\n');
    }
    line(&mut text, &format!("Mọi cảnh báo: {url}"));
    line(
        &mut text,
        "Bấm “Đã biết” ở đó thì những người nhận sau không bị báo nữa.",
    );
    Ok(Words {
        is_trial: false,
        subject: format!("[{province}] {}", subject(due)),
        text,
        facts: facts(due, named, now)?,
    })
}

/// `2 đơn vị mất kết nối, 1 đơn vị đồng hồ sai; 3 mục đã hết`.
fn subject(due: &Due) -> String {
    let began: Vec<String> = by_kind(&due.began)
        .into_iter()
        .map(|(kind, alerts)| format!("{} đơn vị: {}", alerts.len(), kind.label().to_lowercase()))
        .collect();
    let over = match due.over.len() {
        0 => None,
        over => Some(format!("{over} mục đã hết")),
    };
    let mut parts = began;
    parts.extend(over);
    parts.join("; ")
}

fn by_kind(alerts: &[alert::Model]) -> BTreeMap<Kind, Vec<&alert::Model>> {
    let mut by_kind: BTreeMap<Kind, Vec<&alert::Model>> = BTreeMap::new();
    for alert in alerts {
        if let Some(kind) = alert.kind() {
            by_kind.entry(kind).or_default().push(alert);
        }
    }
    by_kind
}

fn label_of(alert: &alert::Model) -> &'static str {
    alert.kind().map_or("", Kind::label)
}

fn lasting(millis: i64) -> String {
    match millis / 60_000 {
        0 => "chưa đến 1 phút".to_owned(),
        minutes => vietnamese::ago(chrono::TimeDelta::minutes(minutes)),
    }
}

fn line(text: &mut String, words: &str) {
    // Err: writing to memory does not fail.
    let _written = writeln!(text, "{words}");
}

/// What programs are told: the alerts themselves, as many as fit.
fn facts(due: &Due, named: impl Fn(Uuid) -> Named, now: i64) -> Result<String> {
    let fact = |alert: &alert::Model| -> Value {
        let member = named(alert.site_id);
        json!({
            "id": alert.id,
            "kind": alert.kind,
            "urgent": alert.kind().is_some_and(Kind::is_urgent),
            "site": alert.site_id,
            "unit": member.name,
            "detail": alert.detail,
            "since": iso(alert.seen_at),
            "until": alert.closed_at.map(iso),
            "url": member.url,
        })
    };
    let some =
        |alerts: &[alert::Model]| -> Vec<Value> { alerts.iter().take(MOST).map(fact).collect() };
    envelope(
        "alerts.changed",
        json!({
            "began": some(&due.began),
            "over": some(&due.over),
            "began_count": due.began.len(),
            "over_count": due.over.len(),
        }),
        now,
    )
}

fn iso(at: i64) -> String {
    from_millis(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn envelope(kind: &str, data: Value, now: i64) -> Result<String> {
    let facts = json!({ "type": kind, "timestamp": iso(now), "data": data });
    Ok(serde_json::to_string(&facts).map_err(anyhow::Error::new)?)
}

/// A message that tries the way to somebody.
pub(super) fn trial(province: &str, url: &str, now: i64) -> Result<Words> {
    Ok(Words {
        is_trial: true,
        subject: format!("[{province}] Thử gửi cảnh báo"),
        text: format!(
            "Đây là thư thử. Nếu bạn đọc được thư này, cảnh báo về các đơn vị sẽ tới được đây.\n\n\
             Mọi cảnh báo: {url}\n"
        ),
        facts: envelope("alerts.test", json!({ "url": url }), now)?,
    })
}
