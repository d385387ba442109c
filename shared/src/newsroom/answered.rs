//! From a question that was answered to a draft: what the desk of citizens hands to those who publish.

use super::draft::Contents;
use super::form::{DraftForm, show_date};
use crate::entries::Kind;
use crate::entries::kinds::question::beginning;
use crate::error::FieldError;
use chrono::NaiveDate;

/// The section of the province's tree that questions go into unless somebody chooses another.
pub const SECTION: &str = "hoi-dap";
/// Longest title that is made of a question, in letters: a title is read in one look.
const TITLE: usize = 120;

/// A question and what is answered to it, before either is public.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The question in one line; empty: how it begins.
    pub title: String,
    /// All that was asked, without what finds a person.
    pub asked: String,
    /// When.
    pub asked_on: Option<NaiveDate>,
    /// Who asked, as they may be named in public: "Ông N.V.A., xã Kon Braih". Empty: not at all.
    pub asked_by: String,
    /// The answer, Markdown.
    pub answer: String,
    /// Who answers.
    pub answered_by: String,
    /// When.
    pub answered_on: Option<NaiveDate>,
    /// Lĩnh vực: its code in the site's list, or its name. Empty: none.
    pub field: String,
    /// The section; empty: [`SECTION`].
    pub section: String,
}

/// What a draft of the kind [`Kind::Question`] says of `answered`, for
/// [`moves::begin`](super::moves::begin); or all there is to mend, by the fields of the form. It is held to the
/// same bounds as what is typed, and screened when it is kept.
pub fn contents(answered: &Answered) -> Result<Contents, Vec<FieldError>> {
    let day = |day: Option<NaiveDate>| day.map(show_date).unwrap_or_default();
    let or = |text: &str, other: &str| match text.trim() {
        "" => other.to_owned(),
        text => text.to_owned(),
    };
    let form = DraftForm {
        kind: Kind::Question.as_str().to_owned(),
        title: or(&answered.title, &beginning(&answered.asked, TITLE)),
        body: answered.answer.clone(),
        section: or(&answered.section, SECTION),
        asked: answered.asked.clone(),
        asked_on: day(answered.asked_on),
        asked_by: answered.asked_by.clone(),
        answered_by: answered.answered_by.clone(),
        answered_on: day(answered.answered_on),
        question_field: answered.field.clone(),
        ..DraftForm::default()
    };
    Contents::of(&form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered() -> Answered {
        Answered {
            asked: "Kính gửi xã.\r\n\r\nNhà tôi khai hoang từ năm 1992, làm sổ đỏ ở đâu?"
                .to_owned(),
            asked_on: NaiveDate::from_ymd_opt(2026, 11, 16),
            asked_by: "Ông A.T., xã Kon Braih".to_owned(),
            answer: "Nộp tại **Trung tâm Phục vụ hành chính công** xã.".to_owned(),
            answered_by: "Phòng Kinh tế".to_owned(),
            answered_on: NaiveDate::from_ymd_opt(2026, 11, 20),
            ..Answered::default()
        }
    }

    #[test]
    fn a_question_with_its_answer_becomes_what_the_form_would_have_made_of_it() {
        let contents = contents(&answered()).expect("in order");
        let input = contents.input;
        assert_eq!(
            (input.kind, input.section.as_str()),
            (Kind::Question, SECTION)
        );
        assert_eq!(
            input.title,
            "Kính gửi xã. Nhà tôi khai hoang từ năm 1992, làm sổ đỏ ở đâu?"
        );
        let own = input.extra.own.question.expect("a question");
        assert!(own.asked.starts_with("Kính gửi xã.\n\nNhà tôi"));
        assert_eq!(own.asked_by.as_deref(), Some("Ông A.T., xã Kon Braih"));
        assert_eq!(own.answered_on, answered().answered_on);
    }

    #[test]
    fn what_is_too_long_is_told_by_its_field() {
        let long = Answered {
            asked: "ồ".repeat(4_001),
            asked_by: "ồ".repeat(101),
            ..answered()
        };
        let wrong = contents(&long).expect_err("too long");
        let fields: Vec<_> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["asked", "asked_by"]);
    }
}
