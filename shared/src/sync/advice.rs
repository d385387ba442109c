//! What people can do about a link that does not work, by what went wrong.

/// What is noted of a peer for which two processes speak.
pub const PEER_DOUBLED: &str = "peer-doubled";
/// The same in words.
pub const PEER_DOUBLED_WORDS: &str = "Hai máy đang cùng chạy cổng bên kia";

/// What to do about a failure of this name. Nothing waits for it: what was written is kept and is sent
/// once the link works again.
pub fn what_to_do(slug: &str) -> &'static str {
    match slug {
        "key-revoked" => {
            "Xin quản trị tỉnh cấp mã kết nối mới (hub invite --again), rồi chạy: member-site rekey --dir … --hub … --code …"
        }
        "unknown-site" => {
            "Cổng bên kia không biết khóa của trang này. Xin quản trị tỉnh cấp mã kết nối mới, rồi chạy: member-site rekey --dir … --hub … --code …"
        }
        "site-suspended" => {
            "Kết nối đang bị quản trị tỉnh tạm dừng; hãy liên hệ quản trị tỉnh. Bài viết vẫn được giữ và sẽ được gửi sau."
        }
        "site-doubled" => {
            "Hai máy đang cùng chạy trang này: thư mục của trang đã được chép sang máy khác, hoặc máy cũ chưa tắt. Tắt hẳn một máy, để lại máy có đủ bài mới nhất; khoảng 5 phút sau trao đổi tự tiếp tục. Bài chỉ có trên máy bị tắt thì chép lại."
        }
        PEER_DOUBLED => {
            "Bên kia đang chạy trên hai máy cùng lúc; báo người phụ trách bên đó tắt hẳn một máy. Bài viết được giữ lại, khoảng 5 phút sau khi chỉ còn một máy sẽ tự trao đổi tiếp."
        }
        "clock-skew" => "Đặt lại giờ của máy chủ (nên bật đồng bộ giờ tự động).",
        "answer-unproved" | "signature-invalid" | "signature-missing" | "component-missing" => {
            "Kiểm tra địa chỉ và máy chủ trung gian giữa hai bên; nếu cổng tỉnh vừa đổi khóa mà không nối lại được, xin mã kết nối mới."
        }
        "version-unsupported" => "Nâng cấp phần mềm ở bên cũ hơn.",
        "storage-full" => "Máy bên kia hết chỗ; báo người phụ trách máy đó.",
        "unreachable" | "unexpected-status" | "timeout" | "unavailable" | "internal" => {
            "Không cần làm gì nếu chỉ là mất mạng: bài viết được giữ lại và tự gửi khi liên lạc được. Kéo dài thì kiểm tra mạng, tên miền và máy chủ bên kia."
        }
        "not-found" | "method-not-allowed" | "host-unknown" => {
            "Địa chỉ trả lời nhưng không phải cổng Liên Cổng; kiểm tra tên miền và máy chủ trung gian."
        }
        _ => "Báo người phụ trách kỹ thuật kèm mã lỗi này.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::ProblemKind;
    use crate::sync::wire::UNPROVED;

    #[test]
    fn every_way_to_be_turned_away_comes_with_advice() {
        let ours = what_to_do("something else");
        for kind in [
            ProblemKind::KeyRevoked,
            ProblemKind::UnknownSite,
            ProblemKind::SiteSuspended,
            ProblemKind::SiteDoubled,
            ProblemKind::ClockSkew,
            ProblemKind::SignatureInvalid,
            ProblemKind::VersionUnsupported,
            ProblemKind::NotFound,
            ProblemKind::StorageFull,
        ] {
            assert_ne!(what_to_do(kind.slug()), ours, "{}", kind.slug());
        }
        assert_ne!(what_to_do(UNPROVED), ours);
        assert_ne!(what_to_do("unreachable"), ours);
        assert_ne!(what_to_do(PEER_DOUBLED), ours);
    }
}
