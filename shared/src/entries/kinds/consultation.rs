//! Dự thảo lấy ý kiến: what is open to everybody's comment until a day.

use super::Facets;
use crate::entries::item::{ItemError, bound};
use crate::newsroom::form::{self, Check, DraftForm};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The fields of a draft that is open to comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsultationFields {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_on: Option<NaiveDate>,
    /// The last day.
    pub closes_on: NaiveDate,
    /// Who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asker: Option<String>,
    /// Where comments go besides the portal: an office, a telephone, an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_to: Option<String>,
}

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Comments are taken from a later day on.
    Coming,
    /// Comments are taken.
    Open {
        /// Days left after today.
        days_left: i64,
    },
    /// It is over.
    Closed,
}

impl ConsultationFields {
    /// Where it stands today.
    pub fn stage(&self, today: NaiveDate) -> Stage {
        if self.opens_on.is_some_and(|opens| today < opens) {
            Stage::Coming
        } else if today <= self.closes_on {
            Stage::Open {
                days_left: (self.closes_on - today).num_days(),
            }
        } else {
            Stage::Closed
        }
    }
}

impl Stage {
    /// In words.
    pub fn in_words(self) -> String {
        match self {
            Self::Coming => "Sắp lấy ý kiến".to_owned(),
            Self::Open { days_left: 0 } => "Đang mở, hôm nay là ngày cuối".to_owned(),
            Self::Open { days_left } => format!("Đang mở, còn {days_left} ngày"),
            Self::Closed => "Đã đóng".to_owned(),
        }
    }
}

pub(super) fn facets(consultation: &ConsultationFields) -> Facets {
    Facets {
        starts_on: consultation.opens_on,
        ends_on: Some(consultation.closes_on),
        ..Facets::default()
    }
}

pub(super) fn check(consultation: &ConsultationFields) -> Result<(), ItemError> {
    let texts = [&consultation.asker, &consultation.send_to];
    bound(
        texts
            .into_iter()
            .flatten()
            .all(|text| text.chars().count() <= 300),
        "_entry.consultation",
        "mỗi trường dài tối đa 300 ký tự",
    )?;
    bound(
        consultation
            .opens_on
            .is_none_or(|opens| opens <= consultation.closes_on),
        "_entry.consultation.closes_on",
        "không thể trước ngày mở",
    )
}

/// A draft being prepared for comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// The first day.
    pub opens_on: Option<NaiveDate>,
    /// The last day.
    pub closes_on: Option<NaiveDate>,
    /// Who asks.
    pub asker: Option<String>,
    /// Where comments go.
    pub send_to: Option<String>,
}

impl Draft {
    pub(super) fn of(consultation: &ConsultationFields) -> Self {
        Self {
            opens_on: consultation.opens_on,
            closes_on: Some(consultation.closes_on),
            asker: consultation.asker.clone(),
            send_to: consultation.send_to.clone(),
        }
    }

    pub(super) fn read(form: &DraftForm, check: &mut Check) -> Self {
        let draft = Self {
            opens_on: check.date("opens_on", &form.opens_on),
            closes_on: check.date("closes_on", &form.closes_on),
            asker: check.optional("asker", &form.asker),
            send_to: check.optional("send_to", &form.send_to),
        };
        if let (Some(opens), Some(closes)) = (draft.opens_on, draft.closes_on)
            && closes < opens
        {
            check.say("closes_on", "Ngày đóng không thể trước ngày mở.");
        }
        draft
    }

    pub(super) fn write(&self, form: &mut DraftForm) {
        let day = |day: Option<NaiveDate>| day.map(form::show_date).unwrap_or_default();
        form.opens_on = day(self.opens_on);
        form.closes_on = day(self.closes_on);
        form.asker = self.asker.clone().unwrap_or_default();
        form.send_to = self.send_to.clone().unwrap_or_default();
    }

    pub(super) fn lacking(&self, need: &mut dyn FnMut(bool, &str, &str)) {
        // A day that is over is no mistake: a correction may come after the end.
        need(
            self.closes_on.is_some(),
            "closes_on",
            "Hãy nhập ngày cuối nhận ý kiến.",
        );
    }

    pub(super) fn to_fields(&self) -> Option<ConsultationFields> {
        Some(ConsultationFields {
            opens_on: self.opens_on,
            closes_on: self.closes_on?,
            asker: self.asker.clone(),
            send_to: self.send_to.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_open_from_its_first_day_through_its_last() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let draft = ConsultationFields {
            opens_on: Some(day("2026-11-10")),
            closes_on: day("2026-12-10"),
            ..ConsultationFields::default()
        };
        for (today, expected) in [
            ("2026-11-09", Stage::Coming),
            ("2026-11-10", Stage::Open { days_left: 30 }),
            ("2026-12-10", Stage::Open { days_left: 0 }),
            ("2026-12-11", Stage::Closed),
        ] {
            assert_eq!(draft.stage(day(today)), expected, "{today}");
        }
    }
}
