//! Bình chọn: a question with a few answers to choose from, until a day. The title is the question. Votes are
//! counted where it was born (`readership/votes.rs`) and are no part of it.

use super::Facets;
use super::consultation::Stage;
use crate::entries::item::{ItemError, bound};
use crate::newsroom::form::{self, Check, DraftForm};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Fewest answers to choose from.
pub const FEWEST: usize = 2;
/// Most answers to choose from.
pub const MOST: usize = 10;
/// Longest answer, in characters.
pub const LONGEST_OPTION: usize = 200;

/// The fields of a poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollFields {
    /// What can be chosen, no two alike. A vote is for the words: whoever changes them begins anew.
    pub options: Vec<String>,
    /// The last day.
    pub closes_on: NaiveDate,
    /// Whether results are shown before it is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub results_before_end: bool,
}

impl PollFields {
    /// Where it stands today.
    pub fn stage(&self, today: NaiveDate) -> Stage {
        match (self.closes_on - today).num_days() {
            days_left @ 0.. => Stage::Open { days_left },
            _ => Stage::Closed,
        }
    }

    /// Whether anybody sees results today.
    pub fn shows_results(&self, today: NaiveDate) -> bool {
        self.results_before_end || self.stage(today) == Stage::Closed
    }
}

pub(super) fn facets(poll: &PollFields) -> Facets {
    Facets {
        ends_on: Some(poll.closes_on),
        ..Facets::default()
    }
}

pub(super) fn words(poll: &PollFields) -> String {
    poll.options.join(" ")
}

pub(super) fn check(poll: &PollFields) -> Result<(), ItemError> {
    bound(
        (FEWEST..=MOST).contains(&poll.options.len()),
        "_entry.poll.options",
        "phải có từ 2 đến 10 lựa chọn",
    )?;
    let is_line = |option: &String| {
        option.trim() == option
            && (1..=LONGEST_OPTION).contains(&option.chars().count())
            && !option.chars().any(char::is_control)
    };
    bound(
        poll.options.iter().all(is_line),
        "_entry.poll.options",
        "mỗi lựa chọn là một dòng dài tối đa 200 ký tự",
    )?;
    bound(
        are_different(&poll.options),
        "_entry.poll.options",
        "không được trùng nhau",
    )
}

fn are_different(options: &[String]) -> bool {
    let different: HashSet<&String> = options.iter().collect();
    different.len() == options.len()
}

/// A poll being prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// What can be chosen.
    pub options: Vec<String>,
    /// The last day.
    pub closes_on: Option<NaiveDate>,
    /// Whether results are shown before it is over.
    pub results_before_end: bool,
}

impl Draft {
    pub(super) fn of(poll: &PollFields) -> Self {
        Self {
            options: poll.options.clone(),
            closes_on: Some(poll.closes_on),
            results_before_end: poll.results_before_end,
        }
    }

    pub(super) fn read(typed: &DraftForm, check: &mut Check) -> Self {
        let lines = typed.poll_options.lines().map(form::line);
        let options: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        if options.len() > MOST {
            check.say("poll_options", "Nhiều nhất 10 lựa chọn.");
        }
        if options
            .iter()
            .any(|option| option.chars().count() > LONGEST_OPTION)
        {
            check.say("poll_options", "Mỗi lựa chọn dài tối đa 200 ký tự.");
        }
        if !are_different(&options) {
            check.say("poll_options", "Có hai lựa chọn giống nhau.");
        }
        Self {
            options,
            closes_on: check.date("poll_closes_on", &typed.poll_closes_on),
            results_before_end: !typed.poll_results.is_empty(),
        }
    }

    pub(super) fn write(&self, form: &mut DraftForm) {
        form.poll_options = self.options.join("\n");
        form.poll_closes_on = self.closes_on.map(form::show_date).unwrap_or_default();
        form.poll_results = match self.results_before_end {
            true => "1".to_owned(),
            false => String::new(),
        };
    }

    pub(super) fn lacking(&self, need: &mut dyn FnMut(bool, &str, &str)) {
        need(
            self.options.len() >= FEWEST,
            "poll_options",
            "Hãy ghi ít nhất hai lựa chọn, mỗi dòng một.",
        );
        need(
            self.closes_on.is_some(),
            "poll_closes_on",
            "Hãy nhập ngày cuối nhận bình chọn.",
        );
    }

    pub(super) fn to_fields(&self) -> Option<PollFields> {
        Some(PollFields {
            options: self.options.clone(),
            closes_on: self.closes_on?,
            results_before_end: self.results_before_end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_open_through_its_last_day_and_tells_then_at_the_latest() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (today, early, stage, shows) in [
            ("2026-12-09", false, Stage::Open { days_left: 1 }, false),
            ("2026-12-09", true, Stage::Open { days_left: 1 }, true),
            ("2026-12-10", false, Stage::Open { days_left: 0 }, false),
            ("2026-12-11", false, Stage::Closed, true),
        ] {
            let poll = PollFields {
                closes_on: day("2026-12-10"),
                results_before_end: early,
                ..PollFields::default()
            };
            assert_eq!(poll.stage(day(today)), stage, "{today}");
            assert_eq!(poll.shows_results(day(today)), shows, "{today} {early}");
        }
    }

    #[test]
    fn there_are_two_to_ten_answers_and_no_two_alike() {
        let long = "ồ".repeat(LONGEST_OPTION + 1);
        let many: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (options, is_right) in [
            (vec!["Sáng", "Chiều"], true),
            (vec!["Sáng"], false),
            (vec!["Sáng", "Sáng"], false),
            (vec!["Sáng", ""], false),
            (vec!["Sáng", " Chiều"], false),
            (vec!["Sáng", "Chi\nều"], false),
            (vec!["Sáng", &long], false),
            (many[..MOST].to_vec(), true),
            (many.clone(), false),
        ] {
            let poll = PollFields {
                options: options.iter().map(|&option| option.to_owned()).collect(),
                ..PollFields::default()
            };
            assert_eq!(check(&poll).is_ok(), is_right, "{options:?}");
        }
    }
}
