//! Hỏi – Đáp: what a citizen asked, published with its answer. The title is the question in one line, the
//! body is the answer.

use super::Facets;
use crate::entries::item::{ItemError, bound};
use crate::newsroom::form::{self, Check, DraftForm};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Longest question, in characters.
pub const LONGEST_ASKED: usize = 4_000;
/// Longest name of who asked, in characters: no room for an address.
pub const LONGEST_ASKER: usize = 100;
/// Longest name of who answered, in characters.
pub const LONGEST_ANSWERER: usize = 200;
/// Longest field in words, in characters.
const LONGEST_FIELD: usize = 300;

/// The fields of a question and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionFields {
    /// All that was asked, plain text in lines.
    pub asked: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_on: Option<NaiveDate>,
    /// Who asked, as they are named in public: "Ông N.V.A., xã Kon Braih".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asker: Option<String>,
    /// Who answers: an office, or a person and as what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answerer: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_on: Option<NaiveDate>,
    /// Lĩnh vực.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The province's code of the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_code: Option<String>,
}

impl QuestionFields {
    /// The paragraphs of the question.
    pub fn paragraphs(&self) -> Vec<&str> {
        let lines = self.asked.lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// How the question begins, in one line of at most `letters` letters that ends with a whole word.
    pub fn beginning(&self, letters: usize) -> String {
        beginning(&self.paragraphs().join(" "), letters)
    }

    /// The question in front of its answer, for readers that are shown one text: clean HTML, if `answer` is.
    pub fn before(&self, answer: &str) -> String {
        let paragraphs = self.paragraphs().into_iter();
        let paragraphs: String = paragraphs
            .map(|line| format!("<p>{}</p>", escaped(line)))
            .collect();
        format!("<blockquote>{paragraphs}</blockquote>{answer}")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// How `text` begins: at most `letters` letters, with whole words, in one line.
pub fn beginning(text: &str, letters: usize) -> String {
    let line = form::line(text);
    let Some((cut, _)) = line.char_indices().nth(letters) else {
        return line;
    };
    // Room for the sign that it goes on.
    let last = line[..cut].char_indices().next_back();
    let (kept, rest) = line.split_at(last.map_or(0, |(last, _)| last));
    let whole = match kept.rfind(' ') {
        Some(blank) if !rest.starts_with(' ') => &kept[..blank],
        _ => kept,
    };
    format!("{}…", whole.trim_end_matches([',', ';', ':', '.', ' ']))
}

pub(super) fn facets(question: &QuestionFields) -> Facets {
    Facets {
        field: question.field.clone(),
        dated_on: question.answered_on,
        ..Facets::default()
    }
}

/// Who asked is left out: nobody is to be found by what they asked.
pub(super) fn words(question: &QuestionFields) -> String {
    let answerer = question.answerer.as_deref().unwrap_or_default();
    let field = question.field.as_deref().unwrap_or_default();
    format!("{} {answerer} {field}", question.asked)
}

pub(super) fn check(question: &QuestionFields) -> Result<(), ItemError> {
    let is_within = |text: &Option<String>, longest: usize| {
        text.as_ref()
            .is_none_or(|text| text.chars().count() <= longest)
    };
    bound(
        !question.asked.trim().is_empty(),
        "_entry.question.asked",
        "không được để trống",
    )?;
    bound(
        question.asked.chars().count() <= LONGEST_ASKED,
        "_entry.question.asked",
        "dài tối đa 4.000 ký tự",
    )?;
    bound(
        is_text(&question.asked),
        "_entry.question.asked",
        "không được chứa ký tự điều khiển, ngoài xuống dòng",
    )?;
    bound(
        is_within(&question.asker, LONGEST_ASKER),
        "_entry.question.asker",
        "dài tối đa 100 ký tự",
    )?;
    bound(
        is_within(&question.answerer, LONGEST_ANSWERER),
        "_entry.question.answerer",
        "dài tối đa 200 ký tự",
    )?;
    bound(
        is_within(&question.field, LONGEST_FIELD) && is_within(&question.field_code, LONGEST_FIELD),
        "_entry.question.field",
        "dài tối đa 300 ký tự",
    )?;
    let dates = question.asked_on.zip(question.answered_on);
    bound(
        dates.is_none_or(|(asked, answered)| asked <= answered),
        "_entry.question.answered_on",
        "không thể trước ngày hỏi",
    )
}

fn is_text(text: &str) -> bool {
    text.chars()
        .all(|c| !c.is_control() || matches!(c, '\n' | '\t'))
}

/// A question being prepared with its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// What was asked.
    pub asked: String,
    /// When.
    pub asked_on: Option<NaiveDate>,
    /// Who asked, as they are named in public.
    pub asked_by: Option<String>,
    /// Who answers.
    pub answered_by: Option<String>,
    /// When.
    pub answered_on: Option<NaiveDate>,
    /// Lĩnh vực: its code in the site's list, or its name.
    pub field: Option<String>,
}

impl Draft {
    pub(super) fn of(question: &QuestionFields) -> Self {
        Self {
            asked: question.asked.clone(),
            asked_on: question.asked_on,
            asked_by: question.asker.clone(),
            answered_by: question.answerer.clone(),
            answered_on: question.answered_on,
            field: question.field.clone(),
        }
    }

    pub(super) fn read(form: &DraftForm, check: &mut Check) -> Self {
        let some = |line: String| Some(line).filter(|line| !line.is_empty());
        let draft = Self {
            asked: check.lines("asked", &form.asked, LONGEST_ASKED),
            asked_on: check.date("asked_on", &form.asked_on),
            asked_by: some(check.line("asked_by", &form.asked_by, LONGEST_ASKER)),
            answered_by: some(check.line("answered_by", &form.answered_by, LONGEST_ANSWERER)),
            answered_on: check.date("answered_on", &form.answered_on),
            field: check.optional("question_field", &form.question_field),
        };
        if let (Some(asked), Some(answered)) = (draft.asked_on, draft.answered_on)
            && answered < asked
        {
            check.say("answered_on", "Ngày trả lời không thể trước ngày hỏi.");
        }
        draft
    }

    pub(super) fn write(&self, form: &mut DraftForm) {
        let day = |day: Option<NaiveDate>| day.map(form::show_date).unwrap_or_default();
        form.asked.clone_from(&self.asked);
        form.asked_on = day(self.asked_on);
        form.asked_by = self.asked_by.clone().unwrap_or_default();
        form.answered_by = self.answered_by.clone().unwrap_or_default();
        form.answered_on = day(self.answered_on);
        form.question_field = self.field.clone().unwrap_or_default();
    }

    pub(super) fn lacking(&self, need: &mut dyn FnMut(bool, &str, &str)) {
        need(
            !self.asked.is_empty(),
            "asked",
            "Hãy ghi nội dung câu hỏi của người dân.",
        );
        need(
            self.answered_by.is_some(),
            "answered_by",
            "Hãy ghi cơ quan hoặc người trả lời.",
        );
    }

    /// As it travels; the code of the field is filled in by the site's list.
    pub(super) fn to_fields(&self) -> QuestionFields {
        QuestionFields {
            asked: self.asked.clone(),
            asked_on: self.asked_on,
            asker: self.asked_by.clone(),
            answerer: self.answered_by.clone(),
            answered_on: self.answered_on,
            field: self.field.clone(),
            field_code: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> QuestionFields {
        QuestionFields {
            asked: text.to_owned(),
            ..QuestionFields::default()
        }
    }

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a day"))
    }

    #[test]
    fn a_question_keeps_to_its_bounds_or_is_told_which_it_breaks() {
        assert!(check(&asked("Tôi hỏi:\n\tlàm sổ đỏ ở đâu?")).is_ok());
        assert!(check(&asked(&"ồ".repeat(LONGEST_ASKED))).is_ok());
        let with = |change: fn(&mut QuestionFields)| {
            let mut question = asked("Làm ở đâu?");
            change(&mut question);
            question
        };
        let cases = [
            (asked(" \n "), "asked: không được để trống"),
            (asked(&"ồ".repeat(LONGEST_ASKED + 1)), "4.000"),
            (asked("a\u{0}b"), "ký tự điều khiển"),
            (
                with(|one| one.asker = Some("ồ".repeat(101))),
                "asker: dài tối đa 100",
            ),
            (
                with(|one| one.answerer = Some("ồ".repeat(201))),
                "answerer: dài tối đa 200",
            ),
            (with(|one| one.field = Some("ồ".repeat(301))), "field"),
            (
                with(|one| {
                    one.asked_on = day("2026-11-20");
                    one.answered_on = day("2026-11-19");
                }),
                "answered_on: không thể trước ngày hỏi",
            ),
        ];
        for (question, expected) in cases {
            let error = check(&question).expect_err(expected).to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn a_question_is_told_by_its_beginning_and_quoted_before_its_answer() {
        let question = asked("Nhà tôi <ở> thôn 5.\n\nLàm sổ đỏ ở đâu?");
        assert_eq!(
            question.beginning(100),
            "Nhà tôi <ở> thôn 5. Làm sổ đỏ ở đâu?"
        );
        assert_eq!(question.beginning(24), "Nhà tôi <ở> thôn 5. Làm…");
        assert_eq!(
            beginning(&"ồ".repeat(50), 10),
            format!("{}…", "ồ".repeat(9))
        );
        assert_eq!(beginning("", 10), "");
        assert_eq!(
            question.before("<p>Ở xã.</p>"),
            "<blockquote><p>Nhà tôi &lt;ở&gt; thôn 5.</p><p>Làm sổ đỏ ở đâu?</p></blockquote><p>Ở xã.</p>"
        );
    }

    #[test]
    fn what_is_typed_comes_back_as_it_was_and_lines_stay_lines() {
        let typed = DraftForm {
            asked: "Kính gửi xã,\r\n\r\n  tôi hỏi\u{0} về sổ đỏ. \r\n".to_owned(),
            asked_on: "5/11/2026".to_owned(),
            asked_by: " Ông N.V.A.,  xã Kon Braih ".to_owned(),
            answered_by: "Phòng Kinh tế".to_owned(),
            answered_on: "12/11/2026".to_owned(),
            question_field: "dat-dai".to_owned(),
            ..DraftForm::default()
        };
        let mut told = Check::default();
        let draft = Draft::read(&typed, &mut told);
        assert!(told.done(()).is_ok());
        let fields = draft.to_fields();
        assert_eq!(
            fields.paragraphs(),
            ["Kính gửi xã,", "tôi hỏi về sổ đỏ."],
            "{fields:?}"
        );
        assert_eq!(fields.asker.as_deref(), Some("Ông N.V.A., xã Kon Braih"));
        assert_eq!(fields.asked_on, day("2026-11-05"));
        assert_eq!(Draft::of(&fields), draft);
        let mut again = DraftForm::default();
        draft.write(&mut again);
        assert_eq!(Draft::read(&again, &mut Check::default()), draft);
    }

    #[test]
    fn what_is_wrong_or_lacking_is_named_by_its_field() {
        let typed = DraftForm {
            asked: "ồ".repeat(LONGEST_ASKED + 1),
            asked_by: "ồ".repeat(101),
            asked_on: "20/11/2026".to_owned(),
            answered_on: "19/11/2026".to_owned(),
            ..DraftForm::default()
        };
        let mut told = Check::default();
        let _ = Draft::read(&typed, &mut told);
        let wrong = told.done(()).expect_err("much to mend");
        let fields: Vec<_> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["asked", "asked_by", "answered_on"]);

        let mut lacking = Vec::new();
        Draft::default().lacking(&mut |is_there, field, _| {
            if !is_there {
                lacking.push(field.to_owned());
            }
        });
        assert_eq!(lacking, ["asked", "answered_by"]);
    }
}
