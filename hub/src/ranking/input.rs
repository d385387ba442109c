//! What is counted of a member: the raw numbers every score follows from.

use serde::{Deserialize, Serialize};
use shared::ranking::Points;
use shared::vietnamese::grouped;
use std::collections::BTreeMap;

/// A number that is counted of every member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// All it published in the period, but for standing pages.
    Items,
    /// Articles and notices it wrote itself.
    Originals,
    /// Articles and notices it took from others.
    Reposts,
    /// Weeks of the period in which it published something it wrote itself.
    WeeksWithOriginals,
    /// Weeks of the period.
    Weeks,
    /// Videos it made.
    Videos,
    /// What it published in a language that is neither Vietnamese nor English.
    EthnicItems,
    /// What of that it had to correct.
    Corrections,
    /// Documents it published.
    Documents,
    /// Those with all members filled in and a file.
    DocumentsComplete,
    /// Those published within the days there are.
    DocumentsOnTime,
    /// Sections that must not be empty.
    SectionsDue,
    /// Those of them that are not.
    SectionsFilled,
    /// Ways to reach it that must be told.
    ContactsDue,
    /// Those of them that are.
    ContactsGiven,
    /// Disclosures that fell due in the period.
    DisclosuresDue,
    /// Those of them that were made.
    DisclosuresMade,
    /// Those that were made in time.
    DisclosuresOnTime,
    /// What the province accepted of it with the best grade.
    AcceptedA,
    /// With the second.
    AcceptedB,
    /// With the third.
    AcceptedC,
    /// Without a grade.
    AcceptedUngraded,
    /// What the province sent back.
    Returned,
    /// What screening stopped at the hub.
    ScreeningHits,
    /// Questions it published with their answers.
    Questions,
    /// Those that say when they were asked.
    QuestionsDated,
    /// Those of them that were answered in time.
    QuestionsOnTime,
    /// Working days until an answer: half of the answers took no longer. In hundredths.
    AnswerDaysMedian,
    /// Cases that are overdue, as it says.
    CasesLate,
    /// Minutes in which it could be reached.
    MinutesReached,
    /// Minutes in which it was expected to be.
    MinutesExpected,
    /// Times it was looked at from outside, kind by kind.
    ProbesAsked,
    /// Those in which it was as it should be.
    ProbesGood,
    /// 1 if no backup of it was restored and compared in the period.
    DrillsMissed,
    /// How often its pages were opened.
    Views,
    /// People living there.
    Population,
    /// That a state secret was published: only found by people.
    SecretsPublished,
    /// That personal data leaked: only found by people.
    DataLeaks,
}

/// The numbers of one member; what is not known of it is not there.
pub type Values = BTreeMap<Input, i64>;

/// What evidence of an input there is to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Entries.
    Entries,
    /// Decisions of the province about entries.
    Verdicts,
    /// Sections and disclosures.
    Calendar,
    /// Days.
    Days,
    /// One fact.
    Fact,
}

impl Input {
    /// All, with what people call each.
    pub const ALL: [(Self, &str, Evidence); 38] = [
        (Self::Items, "Mục đã đăng", Evidence::Entries),
        (Self::Originals, "Tin, bài tự viết", Evidence::Entries),
        (Self::Reposts, "Tin, bài đăng lại", Evidence::Entries),
        (
            Self::WeeksWithOriginals,
            "Tuần có tin, bài tự viết",
            Evidence::Entries,
        ),
        (Self::Weeks, "Số tuần của kỳ", Evidence::Fact),
        (Self::Videos, "Video tự làm", Evidence::Entries),
        (
            Self::EthnicItems,
            "Bài bằng tiếng dân tộc",
            Evidence::Entries,
        ),
        (Self::Corrections, "Bài phải đính chính", Evidence::Entries),
        (Self::Documents, "Văn bản", Evidence::Entries),
        (
            Self::DocumentsComplete,
            "Văn bản đủ thuộc tính và có tệp",
            Evidence::Entries,
        ),
        (
            Self::DocumentsOnTime,
            "Văn bản đăng đúng hạn",
            Evidence::Entries,
        ),
        (Self::SectionsDue, "Chuyên mục bắt buộc", Evidence::Calendar),
        (
            Self::SectionsFilled,
            "Chuyên mục bắt buộc có nội dung",
            Evidence::Calendar,
        ),
        (Self::ContactsDue, "Đầu mối liên hệ phải có", Evidence::Fact),
        (Self::ContactsGiven, "Đầu mối liên hệ đã có", Evidence::Fact),
        (
            Self::DisclosuresDue,
            "Mục công khai đến hạn trong kỳ",
            Evidence::Calendar,
        ),
        (
            Self::DisclosuresMade,
            "Mục đã công khai",
            Evidence::Calendar,
        ),
        (
            Self::DisclosuresOnTime,
            "Mục công khai đúng hạn",
            Evidence::Calendar,
        ),
        (Self::AcceptedA, "Bài tỉnh nhận, loại A", Evidence::Verdicts),
        (Self::AcceptedB, "Bài tỉnh nhận, loại B", Evidence::Verdicts),
        (Self::AcceptedC, "Bài tỉnh nhận, loại C", Evidence::Verdicts),
        (
            Self::AcceptedUngraded,
            "Bài tỉnh nhận, không phân loại",
            Evidence::Verdicts,
        ),
        (Self::Returned, "Lần tỉnh trả lại bài", Evidence::Verdicts),
        (
            Self::ScreeningHits,
            "Lần bị chặn khi sàng lọc",
            Evidence::Fact,
        ),
        (
            Self::Questions,
            "Câu hỏi đã trả lời công khai",
            Evidence::Entries,
        ),
        (
            Self::QuestionsDated,
            "Câu hỏi có ngày hỏi",
            Evidence::Entries,
        ),
        (
            Self::QuestionsOnTime,
            "Câu hỏi trả lời đúng hạn",
            Evidence::Entries,
        ),
        (
            Self::AnswerDaysMedian,
            "Trung vị số ngày làm việc để trả lời, phần trăm ngày",
            Evidence::Entries,
        ),
        (
            Self::CasesLate,
            "Câu hỏi, phản ánh quá hạn chưa trả lời",
            Evidence::Fact,
        ),
        (Self::MinutesReached, "Phút liên lạc được", Evidence::Days),
        (Self::MinutesExpected, "Phút được theo dõi", Evidence::Days),
        (
            Self::ProbesAsked,
            "Lần xem từ bên ngoài, từng mặt",
            Evidence::Fact,
        ),
        (
            Self::ProbesGood,
            "Lần xem từ bên ngoài thấy tốt",
            Evidence::Fact,
        ),
        (
            Self::DrillsMissed,
            "Thiếu bản sao lưu được dựng thử",
            Evidence::Fact,
        ),
        (Self::Views, "Lượt xem", Evidence::Days),
        (Self::Population, "Dân số", Evidence::Fact),
        (
            Self::SecretsPublished,
            "Vụ đăng bí mật nhà nước",
            Evidence::Fact,
        ),
        (Self::DataLeaks, "Vụ lộ dữ liệu cá nhân", Evidence::Fact),
    ];

    /// Its name in files and addresses.
    pub fn code(self) -> String {
        // The derived names of a variant without fields are text.
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(code)) => code,
            _ => String::new(),
        }
    }

    /// The input of that name.
    pub fn parse(code: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
    }

    /// `value` of it, as people read it.
    pub fn shown(self, value: i64) -> String {
        match self {
            Self::AnswerDaysMedian => format!("{} ngày", Points(value).shown()),
            _ => grouped(value),
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.1)
    }

    /// What there is to open of it.
    pub fn evidence(self) -> Evidence {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or(Evidence::Fact, |row| row.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_input_has_a_name_and_words_of_its_own() {
        let names: HashSet<String> = Input::ALL.iter().map(|row| row.0.code()).collect();
        let words: HashSet<&str> = Input::ALL.iter().map(|row| row.1).collect();
        assert_eq!(
            (names.len(), words.len()),
            (Input::ALL.len(), Input::ALL.len())
        );
        for (input, ..) in Input::ALL {
            assert_eq!(Input::parse(&input.code()), Some(input));
        }
        assert_eq!(Input::parse("made_up"), None);
    }
}
