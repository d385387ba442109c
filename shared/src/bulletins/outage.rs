//! That a portal will be out of service: said to the public at least seven working days before, with the time it is
//! expected back (Decree 224, article 13).

use super::bulletin::{LONGEST_TEXT, check_line};
use crate::citizens::deadline::{DaysOff, day_of};
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Working days between the notice and what it announces.
pub const NOTICE: u32 = 7;
/// How long a portal may be announced to be out of service.
pub const LONGEST_OUTAGE: TimeDelta = TimeDelta::days(30);

/// A portal is out of service for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// The unit whose portal it is.
    pub unit: Uuid,
    /// From when on; milliseconds since 1970.
    pub from: i64,
    /// When it is expected back: the notice ends then.
    pub until: i64,
    /// When the public was first told that it would begin then.
    pub announced: i64,
    /// Why.
    pub reason: String,
    /// Where to turn meanwhile.
    pub instead: String,
    /// Why it could not be announced in time, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
}

impl Outage {
    /// Whether the portal is out of service at `now`.
    pub fn is_on(&self, now: i64) -> bool {
        (self.from..self.until).contains(&now)
    }

    /// Whether it is announced long enough before it begins.
    pub fn is_in_time(&self, days_off: &DaysOff) -> bool {
        earliest(day_of(self.announced), days_off) <= day_of(self.from)
    }

    pub(super) fn check(&self, ends: i64) -> Result<(), String> {
        check_line("lý do tạm ngừng", &self.reason, LONGEST_TEXT)?;
        check_line("nơi thay thế", &self.instead, LONGEST_TEXT)?;
        if let Some(urgency) = &self.urgency {
            check_line("lý do gấp", urgency, LONGEST_TEXT)?;
        }
        let lasts = self.until.checked_sub(self.from).filter(|lasts| *lasts > 0);
        if lasts.is_none_or(|lasts| lasts > LONGEST_OUTAGE.num_milliseconds()) {
            let days = LONGEST_OUTAGE.num_days();
            return Err(format!(
                "thời gian tạm ngừng phải có lúc trở lại, không quá {days} ngày"
            ));
        }
        if self.until != ends {
            return Err("thông báo phải hết cùng lúc với việc tạm ngừng".to_owned());
        }
        Ok(())
    }
}

/// The first day that may be announced on `day`.
pub fn earliest(day: NaiveDate, days_off: &DaysOff) -> NaiveDate {
    days_off.after(day, NOTICE)
}

/// Since when the public knows that a portal is out of service from `from` on: a later version that begins no earlier
/// than the one `before` goes on counting from that one's notice.
pub fn announced(before: Option<&Outage>, from: i64, now: i64) -> i64 {
    before
        .filter(|before| before.from <= from)
        .map_or(now, |before| before.announced)
}
