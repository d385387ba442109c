//! Everything that is recorded, with the words people read.

/// What actions have in common, for narrowing a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Coming and going.
    Access,
    /// Accounts and rights.
    Accounts,
    /// What is written and published.
    Content,
    /// What comes from and goes to other sites.
    Exchange,
    /// Members, keys and routes of the province.
    Members,
    /// Backups, archives, settings and this record.
    Upkeep,
}

impl Group {
    /// All, in the order they are shown.
    pub const ALL: [Self; 6] = [
        Self::Access,
        Self::Accounts,
        Self::Content,
        Self::Exchange,
        Self::Members,
        Self::Upkeep,
    ];

    /// Its name in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Access => "ra-vao",
            Self::Accounts => "tai-khoan",
            Self::Content => "tin-bai",
            Self::Exchange => "trao-doi",
            Self::Members => "don-vi",
            Self::Upkeep => "van-hanh",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Access => "Ra vào",
            Self::Accounts => "Tài khoản, quyền",
            Self::Content => "Tin, bài",
            Self::Exchange => "Trao đổi với nơi khác",
            Self::Members => "Đơn vị, khóa, tuyến tin",
            Self::Upkeep => "Vận hành",
        }
    }

    /// The group of that name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.code() == code)
    }
}

macro_rules! actions {
    ($($name:ident, $code:literal, $group:ident, $words:literal;)*) => {
        /// Something that is recorded.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the words beside each say what it is")]
        pub enum Action {
            $($name,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in the database.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What people call it.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                }
            }

            /// What it belongs to.
            pub fn group(self) -> Group {
                match self {
                    $(Self::$name => Group::$group,)*
                }
            }
        }
    };
}

actions! {
    SignedIn, "sign_in", Access, "Đăng nhập";
    SecondFactor, "second_factor", Access, "Nhập mã xác thực hai bước";
    SignedInBySso, "sign_in_openid", Access, "Đăng nhập một lần của tỉnh";
    Reconfirmed, "reconfirm", Access, "Xác nhận lại bằng mật khẩu hoặc mã";
    SignedOut, "sign_out", Access, "Đăng xuất";
    SessionEnded, "session_end", Access, "Kết thúc một phiên đăng nhập";
    SessionsEnded, "sessions_end", Access, "Kết thúc mọi phiên đăng nhập khác";
    Trespassed, "trespass", Access, "Dùng chức năng không thuộc quyền";

    SetUp, "set_up", Accounts, "Mở tài khoản đầu tiên";
    AccountInvited, "account_invite", Accounts, "Mời mở tài khoản";
    InvitationCancelled, "invitation_cancel", Accounts, "Hủy lời mời";
    AccountOpened, "account_open", Accounts, "Mở tài khoản";
    AccountClosed, "account_close", Accounts, "Tắt tài khoản";
    AccountReopened, "account_reopen", Accounts, "Bật lại tài khoản";
    AccountIdle, "account_idle", Accounts, "Tự tắt tài khoản lâu không dùng";
    RoleChanged, "role_change", Accounts, "Đổi vai trò";
    PasswordChanged, "password_change", Accounts, "Đổi mật khẩu";
    SecondFactorOn, "second_factor_on", Accounts, "Bật xác thực hai bước";
    SecondFactorOff, "second_factor_off", Accounts, "Tắt xác thực hai bước";
    RecoveryCodesMade, "recovery_codes", Accounts, "Tạo mã khôi phục mới";
    RecoveryCodeUsed, "recovery_code_used", Accounts, "Dùng một mã khôi phục";
    SsoLinked, "openid_link", Accounts, "Gắn với tài khoản đăng nhập một lần";
    SsoUnlinked, "openid_unlink", Accounts, "Gỡ khỏi tài khoản đăng nhập một lần";

    DraftBegun, "draft_begin", Content, "Bắt đầu soạn bài";
    DraftEdited, "draft_edit", Content, "Sửa bài đang soạn";
    DraftSubmitted, "draft_submit", Content, "Gửi duyệt";
    DraftReturned, "draft_return", Content, "Trả lại người viết";
    DraftForwarded, "draft_forward", Content, "Trình duyệt";
    DraftApproved, "draft_approve", Content, "Duyệt";
    DraftScheduled, "draft_schedule", Content, "Hẹn giờ đăng";
    ScheduleCancelled, "schedule_cancel", Content, "Hủy hẹn giờ đăng";
    DraftRestored, "draft_restore", Content, "Khôi phục bản trước";
    DraftArchived, "draft_archive", Content, "Lưu kho";
    DraftReinstated, "draft_reinstate", Content, "Đăng lại vì tỉnh rút lệnh thu hồi";
    DraftUnarchived, "draft_unarchive", Content, "Lấy bài ra khỏi kho";
    LockTaken, "lock_take", Content, "Giành quyền sửa bài";
    Published, "publish", Content, "Đăng";
    Corrected, "correct", Content, "Đính chính";
    Withdrawn, "withdraw", Content, "Gỡ bài";
    PostChecked, "post_check", Content, "Hậu kiểm";
    CaseAnswered, "case_answer", Content, "Trả lời người dân";
    CasePassedOn, "case_pass_on", Content, "Chuyển câu hỏi, phản ánh tới đơn vị khác";
    CommentsExported, "comments_export", Content, "Tải bảng góp ý dự thảo";
    TipKeyMade, "tip_key", Content, "Làm khóa nhận tin báo";
    TipOfficeListed, "tip_office_list", Members, "Ghi cơ quan vào danh sách nhận tin báo";
    TipOfficeRemoved, "tip_office_remove", Members, "Bỏ cơ quan khỏi danh sách nhận tin báo";
    TipsOpened, "tips_open", Content, "Mở tin báo kín";
    MediumRemoved, "medium_remove", Content, "Xóa ảnh, tệp";
    MediumChanged, "medium_change", Content, "Sửa thông tin ảnh, tệp";
    ScreeningRefused, "screening_refuse", Content, "Chặn vì dấu hiệu bí mật nhà nước";
    ScreeningReleased, "screening_release", Content, "Cho qua sau rà soát";
    ScreeningRules, "screening_rules", Content, "Đổi bộ quy tắc rà soát";
    ListChanged, "list_change", Content, "Sửa danh mục";
    FaceChanged, "face_change", Content, "Đổi giao diện trang";
    RoyaltyGraded, "royalty_grade", Content, "Chấm nhuận bút";
    RoyaltyGradeTakenBack, "royalty_grade_take_back", Content, "Bỏ chấm nhuận bút";
    RoyaltiesApproved, "royalties_approve", Content, "Duyệt bảng kê nhuận bút";
    RoyaltiesReopened, "royalties_reopen", Content, "Bỏ duyệt bảng kê nhuận bút";
    RoyaltiesLocked, "royalties_lock", Content, "Khóa bảng kê nhuận bút";
    RoyaltiesExported, "royalties_export", Content, "Tải bảng kê nhuận bút";
    RoyaltyAdjusted, "royalty_adjust", Content, "Ghi điều chỉnh nhuận bút";
    RoyaltyAdjustmentRemoved, "royalty_adjust_remove", Content, "Bỏ dòng điều chỉnh nhuận bút";
    RoyaltyPersonChanged, "royalty_person_change", Content, "Sửa người nhận nhuận bút, bản cam kết thuế";
    RoyaltyRatesChanged, "royalty_rates_change", Content, "Sửa biểu nhuận bút";

    AutoTakeChanged, "auto_take_change", Exchange, "Đổi chuyên mục tự nhận";
    InboxAccepted, "inbox_accept", Exchange, "Nhận và đăng bài gửi đến";
    InboxReturned, "inbox_return", Exchange, "Trả lại bài gửi đến";
    InboxSkipped, "inbox_skip", Exchange, "Bỏ qua bài gửi đến";
    BulletinAcknowledged, "bulletin_acknowledge", Exchange, "Xác nhận thông báo của tỉnh";
    RankingObjected, "ranking_object", Exchange, "Gửi tự đánh giá, giải trình về điểm tỉnh chấm";
    RefusalRetried, "refusal_retry", Exchange, "Lấy lại mục bị từ chối";
    RefusalResent, "refusal_resend", Exchange, "Gửi lại mục bị từ chối";
    RefusalSetAside, "refusal_set_aside", Exchange, "Gác lại mục bị từ chối";

    Recalled, "recall", Members, "Thu hồi trên toàn tỉnh";
    RecallLifted, "recall_lift", Members, "Rút lệnh thu hồi";
    RecallProposed, "recall_propose", Members, "Đề nghị thu hồi, chờ người thứ hai";
    RecallDropped, "recall_drop", Members, "Bỏ đề nghị thu hồi";
    RecallPolicyChanged, "recall_policy", Members, "Đổi quy định ai được thu hồi";
    BulletinSaid, "bulletin_say", Members, "Phát thông báo trên các trang của tỉnh";
    BulletinChanged, "bulletin_change", Members, "Sửa thông báo trên các trang của tỉnh";
    BulletinLifted, "bulletin_lift", Members, "Gỡ thông báo trên các trang của tỉnh";
    MemberInvited, "member_invite", Members, "Mời đơn vị tham gia";
    MemberReinvited, "member_reinvite", Members, "Cấp lại mã kết nối";
    MemberJoined, "member_join", Members, "Đơn vị kết nối";
    MemberNoted, "member_note", Members, "Ghi chú, đặt mức cảnh báo cho đơn vị";
    MemberSuspended, "member_suspend", Members, "Tạm dừng đơn vị";
    MemberResumed, "member_resume", Members, "Cho đơn vị hoạt động lại";
    MemberClosed, "member_close", Members, "Đóng trang của đơn vị";
    MemberExamined, "member_examine", Members, "Khám đường nối tới đơn vị";
    MemberArchived, "member_archive", Members, "Đóng trang thành lưu trữ";
    ReorganisationEntered, "reorganisation_enter", Members, "Lập sắp xếp đơn vị";
    ReorganisationDone, "reorganisation_do", Members, "Sắp xếp đơn vị có hiệu lực";
    ReorganisationHeld, "reorganisation_hold", Members, "Sắp xếp đơn vị chờ xem lại";
    ReorganisationWithdrawn, "reorganisation_withdraw", Members, "Rút sắp xếp đơn vị";
    MemberHeadMismatch, "member_audit_mismatch", Members, "Phát hiện nhật ký của đơn vị bị sửa";
    MemberHeadSettled, "member_audit_settled", Members, "Xác nhận sai lệch nhật ký của đơn vị";
    KeyRevoked, "key_revoke", Members, "Thu hồi khóa";
    KeyReleased, "key_release", Members, "Tin lại nội dung bị cách ly";
    QuarantineLeft, "quarantine_leave", Members, "Gác lại nội dung bị cách ly";
    KeyChanged, "key_change", Members, "Đổi khóa";
    RouteAdded, "route_add", Members, "Thêm tuyến tin";
    RouteChanged, "route_change", Members, "Sửa tuyến tin";
    RouteRemoved, "route_remove", Members, "Bỏ tuyến tin";
    AlertsKnown, "alerts_known", Members, "Ghi đã biết cảnh báo";
    AlertRecipientAdded, "alert_recipient_add", Members, "Thêm nơi nhận cảnh báo";
    AlertRecipientChanged, "alert_recipient_change", Members, "Bật, tắt nơi nhận cảnh báo";
    AlertRecipientRemoved, "alert_recipient_remove", Members, "Bỏ nơi nhận cảnh báo";
    RankingSchemeAdded, "ranking_scheme_add", Members, "Nạp bộ chỉ số xếp hạng";
    RankingOpened, "ranking_open", Members, "Mở kỳ chấm điểm";
    RankingCollected, "ranking_collect", Members, "Thu thập số liệu chấm điểm";
    RankingWindowOpened, "ranking_window", Members, "Mở thời gian tự đánh giá, giải trình";
    RankingSaid, "ranking_say", Members, "Ghi điểm tự đánh giá hoặc giải trình của đơn vị";
    RankingAnswered, "ranking_answer", Members, "Trả lời giải trình về điểm";
    RankingAdjusted, "ranking_adjust", Members, "Ghi điều chỉnh số liệu chấm điểm";
    RankingFrozen, "ranking_freeze", Members, "Chốt điểm của kỳ";
    RankingPublished, "ranking_publish", Members, "Công bố kết quả xếp hạng";
    FeedAdded, "feed_add", Members, "Thêm nguồn tin";

    Founded, "found", Upkeep, "Khởi tạo cổng";
    Joined, "join", Upkeep, "Kết nối với tỉnh";
    Rebuilt, "rebuild", Upkeep, "Dựng lại trang từ sao lưu";
    RecoveryKeyShown, "recovery_key_show", Upkeep, "Xem khóa khôi phục";
    VaultChanged, "vault_change", Upkeep, "Thay đổi kho sao lưu của đơn vị";
    ArchiveExported, "archive_export", Upkeep, "Xuất gói lưu trữ";
    ArchiveImported, "archive_import", Upkeep, "Nhập gói lưu trữ";
    ClockConfirmed, "clock_confirm", Upkeep, "Xác nhận đồng hồ máy chủ đúng";
    SettingChanged, "setting_change", Upkeep, "Đổi cấu hình";
    AuditExported, "audit_export", Upkeep, "Xuất nhật ký thao tác";
    AuditTrimmed, "audit_trim", Upkeep, "Bỏ phần nhật ký quá 12 tháng";
    AuditBroken, "audit_broken", Upkeep, "Phát hiện nhật ký thao tác bị sửa";
}

impl Action {
    /// The action of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_has_a_name_and_words_of_its_own() {
        let names: HashSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        let words: HashSet<_> = Action::ALL.iter().map(|action| action.label()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        assert_eq!(words.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(*action));
        }
        for group in Group::ALL {
            assert_eq!(Group::parse(group.code()), Some(group));
            assert!(Action::ALL.iter().any(|action| action.group() == group));
        }
        assert_eq!(Action::parse("root"), None);
    }
}
