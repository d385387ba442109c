//! What deserves a second look before the public reads it. Nothing here forbids anything.

use super::draft;
use crate::entries::Kind;

/// A title longer than this is cut off in lists.
const ADVISED_TITLE: usize = 100;
/// Marks of secrecy as documents bear them.
const MARKS_OF_SECRECY: [&str; 3] = ["TUYỆT MẬT", "TỐI MẬT", "MẬT"];

/// What a person should look at again in `draft`, one sentence each.
pub fn second_look(draft: &draft::Model) -> Vec<String> {
    let mut looks = Vec::new();
    let text = format!("{}\n{}\n{}", draft.title, draft.lead, draft.body);
    if let Some(mark) = mark_of_secrecy(&text) {
        looks.push(format!(
            "Bài có chữ “{mark}”. Không đăng nội dung thuộc danh mục bí mật nhà nước."
        ));
    }
    if numbers(&text).any(|number| is_citizen_number(&number)) {
        looks.push(
            "Bài có dãy 12 chữ số giống số căn cước. Hãy che bớt nếu đó là thông tin cá nhân."
                .to_owned(),
        );
    }
    if numbers(&text).any(|number| is_mobile_number(&number)) {
        looks.push(
            "Bài có số giống số điện thoại di động. Hãy chắc rằng người đó đồng ý công khai."
                .to_owned(),
        );
    }
    let is_told = matches!(draft.kind(), Kind::Article | Kind::Notice);
    if is_told && draft.lead.is_empty() {
        looks.push("Bài chưa có sapo: trang chủ và khi chia sẻ chỉ hiện tiêu đề.".to_owned());
    }
    if draft.kind() == Kind::Article && draft.picture.is_none() {
        looks.push("Bài chưa có ảnh đại diện.".to_owned());
    }
    if draft.title.chars().count() > ADVISED_TITLE {
        looks.push("Tiêu đề dài hơn 100 ký tự, dễ bị cắt khi hiện trong danh sách.".to_owned());
    }
    looks
}

/// A mark standing as words of its own: "BẢO MẬT" is none, and neither is "mật ong".
fn mark_of_secrecy(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    MARKS_OF_SECRECY.into_iter().find(|mark| {
        let parts: Vec<&str> = mark.split(' ').collect();
        let alone = parts.len() == 1;
        words.windows(parts.len()).enumerate().any(|(at, window)| {
            let before = at.checked_sub(1).and_then(|before| words.get(before));
            // In a line of capitals the word means what it means in any line.
            let is_shouted = before.is_some_and(|word| {
                word.chars().any(char::is_uppercase) && **word == word.to_uppercase()
            });
            window == parts && !(alone && is_shouted)
        })
    })
}

/// Runs of digits, as people write them: blanks, dots and hyphens between them do not end a run.
fn numbers(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_ascii_digit() || matches!(c, ' ' | '.' | '-')))
        .map(|run| run.chars().filter(char::is_ascii_digit).collect())
        .filter(|digits: &String| !digits.is_empty())
}

/// Twelve digits, the first three a province's code.
fn is_citizen_number(digits: &str) -> bool {
    digits.len() == 12 && digits.starts_with('0')
}

fn is_mobile_number(digits: &str) -> bool {
    let digits = digits
        .strip_prefix("84")
        .map_or_else(|| digits.to_owned(), |rest| format!("0{rest}"));
    digits.len() == 10
        && ["03", "05", "07", "08", "09"]
            .iter()
            .any(|prefix| digits.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_secrecy_are_seen_and_honey_is_not() {
        for (text, mark) in [
            ("Độ MẬT của văn bản", Some("MẬT")),
            ("(TỐI MẬT) Kế hoạch", Some("TỐI MẬT")),
            ("Nghề nuôi ong lấy mật", None),
            ("Luật BẢO VỆ BÍ MẬT nhà nước", None),
        ] {
            assert_eq!(mark_of_secrecy(text), mark, "{text}");
        }
    }

    #[test]
    fn numbers_of_persons_are_seen_however_they_are_written() {
        let citizen = |text: &str| numbers(text).any(|number| is_citizen_number(&number));
        let mobile = |text: &str| numbers(text).any(|number| is_mobile_number(&number));
        assert!(citizen("CCCD 051 203 004567"));
        assert!(!citizen("Tổng chi 1.250.000.000 đồng, 12 hộ"));
        assert!(mobile("gọi 0905.123.456") && mobile("(+84 905 123 456)"));
        assert!(!mobile("trực ban 0260 3824 000"));
    }
}
