//! The content of `bulletin.said`: all that one version of a bulletin says.

use super::outage::Outage;
use crate::error::Result;
use crate::sync::Selector;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Longest text, in characters: it stands above every page of a telephone.
pub const LONGEST_TEXT: usize = 300;
/// Longest name of who issues it, in characters.
pub const LONGEST_ISSUER: usize = 120;
/// How long a bulletin may stand at most.
pub const LONGEST_STANDING: TimeDelta = TimeDelta::days(30);
/// How long a notice that a portal will be out of service may stand: it is said long before.
pub const LONGEST_NOTICE: TimeDelta = TimeDelta::days(120);
/// Most sets of members it names.
pub const MOST_RECEIVERS: usize = 1_000;
/// Longest address it leads to.
const LONGEST_ADDRESS: usize = 1_000;

/// How much it presses. The most pressing comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Lives are in danger.
    Emergency,
    /// Something is coming, or has to be seen to.
    Warning,
    /// Good to know.
    #[default]
    Information,
}

impl Level {
    /// All of them, the most pressing first.
    pub const ALL: [Self; 3] = [Self::Emergency, Self::Warning, Self::Information];

    /// Its name on the wire, in forms and in the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }

    /// The level of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Emergency => "Khẩn cấp",
            Self::Warning => "Cảnh báo",
            Self::Information => "Thông tin",
        }
    }

    /// The icon beside it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Emergency => "speakerphone",
            Self::Warning => "alert-triangle",
            Self::Information => "info-circle",
        }
    }

    /// How urgently a reader that reads the page aloud says it.
    pub fn live(self) -> &'static str {
        match self {
            Self::Emergency => "assertive",
            Self::Warning | Self::Information => "polite",
        }
    }
}

/// Where more is to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    /// The entry: who has it shows its own copy.
    pub entry: Uuid,
    /// Its page at the province.
    pub url: String,
}

/// One version of a bulletin, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    /// How much it presses.
    pub level: Level,
    /// What is the matter, in a sentence or two; of an outage, what is out of service.
    pub text: String,
    /// Who issues it, such as "Ban Chỉ huy Phòng thủ dân sự tỉnh".
    pub issuer: String,
    /// From when on it stands; milliseconds since 1970.
    pub from: i64,
    /// When it ends by itself.
    pub until: i64,
    /// Above whose pages it stands.
    #[serde(rename = "for")]
    pub receivers: Vec<Selector>,
    /// Where more is to be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<More>,
    /// That a portal is out of service, if that is what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Outage>,
    /// Why it was lifted, once it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<String>,
}

impl Bulletin {
    /// As the content of an event about the bulletin `id`.
    pub fn to_content(&self, id: Uuid) -> Result<Value> {
        Ok(json!({
            "id": format!("urn:uuid:{id}"),
            "content_text": self.text,
            "_bulletin": serde_json::to_value(self).map_err(anyhow::Error::new)?,
        }))
    }

    /// Reads the content of an event.
    pub fn from_content(content: &Value) -> std::result::Result<Self, String> {
        let bulletin = Self::deserialize(content.get("_bulletin").unwrap_or(&Value::Null))
            .map_err(|error| error.to_string())?;
        bulletin.check()?;
        Ok(bulletin)
    }

    /// Whether it stands at `now`: it began, has not ended, and nobody lifted it.
    pub fn stands(&self, now: i64) -> bool {
        self.lifted.is_none() && (self.from..self.until).contains(&now)
    }

    /// The moments at which time alone changes what pages say of it.
    pub fn turns(&self) -> impl Iterator<Item = i64> {
        let began = self.outage.as_ref().map(|outage| outage.from);
        [self.from, self.until].into_iter().chain(began)
    }

    /// What keeps it from being one, in words.
    pub fn check(&self) -> std::result::Result<(), String> {
        check_line("nội dung", &self.text, LONGEST_TEXT)?;
        check_line("nơi phát", &self.issuer, LONGEST_ISSUER)?;
        if let Some(reason) = &self.lifted {
            check_line("lý do gỡ", reason, LONGEST_TEXT)?;
        }
        let longest = match self.outage {
            Some(_) => LONGEST_NOTICE,
            None => LONGEST_STANDING,
        };
        // Numbers of somebody else's: they may be as large as numbers get.
        let lasts = self.until.checked_sub(self.from).filter(|lasts| *lasts > 0);
        if lasts.is_none_or(|lasts| lasts > longest.num_milliseconds()) {
            let days = longest.num_days();
            return Err(format!(
                "phải có lúc hết, sau lúc bắt đầu và không quá {days} ngày"
            ));
        }
        if self.receivers.is_empty() || self.receivers.len() > MOST_RECEIVERS {
            return Err(format!("nơi nhận phải có từ 1 đến {MOST_RECEIVERS} nhóm"));
        }
        if self.receivers.contains(&Selector::Upstream) {
            return Err("nơi nhận phải là các đơn vị của tỉnh".to_owned());
        }
        if let Some(more) = &self.more {
            check_line("đường dẫn", &more.url, LONGEST_ADDRESS)?;
            if !more.url.starts_with("https://") && !more.url.starts_with("http://") {
                return Err("đường dẫn phải bắt đầu bằng https://".to_owned());
            }
        }
        match &self.outage {
            Some(outage) => outage.check(self.until),
            None => Ok(()),
        }
    }
}

/// Refuses `words` that are no line of at most `longest` characters.
pub(super) fn check_line(
    name: &str,
    words: &str,
    longest: usize,
) -> std::result::Result<(), String> {
    if words.trim().is_empty() {
        return Err(format!("{name} không được để trống"));
    }
    if words.chars().count() > longest || words.chars().any(char::is_control) {
        return Err(format!(
            "{name} dài tối đa {longest} ký tự, không có ký tự điều khiển"
        ));
    }
    Ok(())
}
