//! The rows behind a number: what the province counted, one by one. A member asks for them when somebody wants to see
//! them, since they are many and seldom looked at.

use super::told;
use crate::error::Result;
use crate::site::Site;
use crate::sync::wire::{Answer, Correspondent, Exchange};
use crate::sync::{peer, read_document};
use axum::http::Method;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::form_urlencoded;
use utoipa::ToSchema;
use uuid::Uuid;

/// The path a member asks its hub at.
pub const PATH: &str = "/v1/rankings/{period}/{number}";
/// Most rows of one number.
pub const MOST: u64 = 5_000;
/// How long somebody waits who wants to see them.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a number was counted from, looked up anew: the rows add up to the number as long as nothing was taken back
/// since it was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rows {
    /// Version, 1.
    pub v: u32,
    /// What people call the number.
    pub label: String,
    /// What was counted; none if nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<i64>,
    /// When; milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<i64>,
    /// What the rows come to now; none for a number that is no sum of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<i64>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Row {
    /// What it is.
    pub title: String,
    /// Where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What matters about it.
    pub note: String,
    /// How much of the number it is; 0 for what explains and does not count.
    pub amount: i64,
}

impl Rows {
    /// Whether they are within bounds; else why not.
    fn check(&self) -> std::result::Result<(), String> {
        if u64::try_from(self.rows.len()).is_ok_and(|count| count > MOST) {
            return Err(format!("nhiều hơn {MOST} dòng"));
        }
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let mut addresses = self.rows.iter().filter_map(|row| row.url.as_ref());
        match addresses.all(is_web) {
            true => Ok(()),
            false => Err("có địa chỉ không phải http hoặc https".to_owned()),
        }
    }
}

/// Asks the province for the rows behind `number` in the period it told of; else why they are not to be had now.
pub async fn ask(
    site: &Site,
    told: &told::Model,
    number: &str,
) -> Result<std::result::Result<Rows, String>> {
    let hub = peer::upstream(site.db.reader()).await?;
    if hub.is_none_or(|hub| hub.site_id != told.site_id) {
        return Ok(Err(
            "trang này không còn nối với cổng tỉnh đã chấm kỳ ấy".to_owned()
        ));
    }
    let correspondent = Correspondent::load(site, told.site_id).await?;
    let exchange = Exchange {
        method: Method::GET,
        path: &path_of(told.period_id, number),
        content: None,
        deadline: PATIENCE,
    };
    Ok(match correspondent.exchange(site, exchange).await? {
        Answer::Told(bytes) => read(&bytes),
        Answer::Problem(problem) => Err(problem.detail.unwrap_or(problem.title)),
        Answer::Nothing { detail, .. } => Err(detail),
    })
}

fn path_of(period: Uuid, number: &str) -> String {
    // The number is named by the province: one segment, whatever it says.
    let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    PATH.replace("{period}", &period.to_string())
        .replace("{number}", &number)
}

fn read(bytes: &[u8]) -> std::result::Result<Rows, String> {
    let rows: std::result::Result<Rows, String> = read_document(bytes).map_err(|error| {
        let problem = error.problem();
        problem.detail.unwrap_or(problem.title)
    });
    rows.and_then(|rows| rows.check().map(|()| rows))
        .map_err(|why| format!("câu trả lời của cổng tỉnh không đọc được: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_province_answers_is_read_within_bounds() {
        let row = |url: &str| json!({"title": "Mùa cà phê", "url": url, "note": "", "amount": 1});
        let rows = |rows: Vec<serde_json::Value>| {
            let all = json!({"v": 1, "label": "Mục đã đăng", "counted": 1, "rows": rows});
            read(all.to_string().as_bytes())
        };
        assert!(
            rows(vec![row(
                "https://konbraih.quangngai.example/bai-viet/mua-ca-phe"
            )])
            .is_ok()
        );
        assert!(rows(vec![row("javascript:alert(1)")]).is_err());
        assert!(rows(vec![row("https://a.example/"); 5_001]).is_err());
        assert!(read(b"{\"v\": 2, \"label\": \"\", \"rows\": []}").is_err());
        assert!(read(b"<html>").is_err());
    }
}
