//! What was found out, as readers are told.

use super::judge::{KeyFound, SignatureFound, WordsFound};
use crate::clock;
use crate::directory::KnownKey;
use crate::log::EventKind;
use crate::vietnamese;

/// What the signed event says happened.
pub fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::EntryPublished => "Đăng lần đầu",
        EventKind::EntryRevised => "Sửa bài đã đăng",
        EventKind::EntryWithdrawn => "Đơn vị gỡ bài của mình",
        EventKind::EntryRecalled => "Tỉnh thu hồi bài",
        EventKind::SiteDescribed => "Giới thiệu một trang",
        EventKind::BulletinSaid => "Thông báo của tỉnh trên mọi trang",
        EventKind::LetterReview
        | EventKind::LetterRecall
        | EventKind::LetterCase
        | EventKind::LetterBulletin
        | EventKind::LetterRanking => "Thư giữa các đơn vị",
    }
}

/// Of the signature.
pub fn signature(found: SignatureFound) -> &'static str {
    match found {
        SignatureFound::Fits => "Khớp",
        SignatureFound::Broken => "Không khớp: phần được ký hoặc chữ ký đã bị thay đổi",
        SignatureFound::Unchecked => "Không kiểm tra được",
    }
}

/// Of the words.
pub fn words(found: WordsFound) -> &'static str {
    match found {
        WordsFound::Same => "Đúng từng chữ như khi ký",
        WordsFound::Changed => "Khác với khi ký",
        WordsFound::Gone => "Đã xóa, chỉ còn phần đầu có chữ ký",
        WordsFound::NoneSigned => "Không kèm lời văn",
    }
}

/// Of the key, with the days on which it counted.
pub fn key(found: KeyFound, known: Option<&KnownKey>) -> String {
    let day = |millis: i64| vietnamese::date(clock::from_millis(millis));
    let (from, to, revoked) = match known {
        Some(known) => (
            day(known.valid_from),
            known.valid_to.map(day),
            known.revoked_at.map(day).unwrap_or_default(),
        ),
        None => Default::default(),
    };
    match (found, to) {
        (KeyFound::Counts, None) => format!("Khóa của trang ký, dùng từ {from}"),
        (KeyFound::Counts, Some(to)) => format!(
            "Khóa của trang ký, dùng từ {from} đến {to}; bài ký bằng khóa này vẫn có giá trị"
        ),
        (KeyFound::StillBelieved, _) => format!(
            "Khóa của trang ký, đã bị thu hồi ngày {revoked}; bài này được ký trước khi khóa bị lộ và vẫn có giá trị"
        ),
        (KeyFound::Revoked, _) => {
            format!("Khóa của trang ký, đã bị thu hồi ngày {revoked}; bài này không còn được tin")
        }
        (KeyFound::NotTheirs, _) => "Không phải khóa ký bài của trang đó".to_owned(),
        (KeyFound::Unknown, _) => "Không có trong danh sách khóa mà trang này biết".to_owned(),
    }
}
