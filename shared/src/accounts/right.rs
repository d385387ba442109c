//! What each role may do, in one table: the checks, the page "Ai được làm gì" and docs/rights.md all
//! come from it.

use super::role::Role;
use std::fmt::Write as _;

/// Something a person may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Write drafts and hand them in.
    WriteDraft,
    /// Read what others are writing.
    ReadOthers,
    /// Work on drafts that others wrote.
    EditOthers,
    /// Send a draft back to who wrote it.
    Return,
    /// Hand an edited draft to who approves.
    ProposePublish,
    /// Approve and publish.
    Publish,
    /// Publish a revision of what is public.
    Correct,
    /// Take a published entry back.
    Withdraw,
    /// Decide when an approved entry appears.
    Schedule,
    /// Decide upon what other units sent. It was approved where it comes from.
    DecideInbox,
    /// See what screening holds.
    SeeHolds,
    /// Decide upon what screening holds. Never upon one's own.
    ReleaseHold,
    /// Look after the library of pictures and files.
    ManageMedia,
    /// Extend the unit's own lists: sections, fields, forms.
    ManageLists,
    /// Set up how the site looks: emblem, colours, menu, front page.
    ManageFace,
    /// Open and close accounts and change what they may do.
    ManageAccounts,
    /// Read the audit log.
    SeeAudit,
    /// See how the links to other sites are and what became of what was sent.
    SeeSync,
    /// Have refused items tried again, or set them aside.
    HandleRefusals,
    /// Take back what any unit of the province published.
    Recall,
    /// Invite, suspend and resume members.
    ManageMembers,
    /// Invite members' new keys, revoke stolen ones.
    ManageKeys,
    /// Decide which entries travel where.
    ManageRoutes,
    /// See how units are scored and ranked, with the evidence, and reports.
    SeeRanking,
    /// Score the unit itself and object to how the province ranks it.
    ObjectToRanking,
    /// Open, adjust, freeze and publish rankings; load schemes.
    ManageRanking,
    /// Read what people ask and report, and prepare answers.
    ReadCases,
    /// Answer them, or pass them on.
    AnswerCases,
    /// Open tips, with the code of the office.
    ReadTips,
    /// Say something above every page of the province.
    SendBulletins,
    /// Say that a bulletin of the province was taken note of and seen to.
    AcknowledgeBulletins,
    /// See what authors are paid, month by month.
    SeeRoyalties,
    /// Look after who is paid, commitments about tax, and adjustments.
    ManageRoyalties,
    /// Approve and lock what is paid, and set the rates.
    ApproveRoyalties,
}

/// What a right is about, and with it what a grant for one section is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Entries of a section: a grant for a section counts in it and below.
    Section,
    /// The whole site: only a grant for all of it counts.
    Site,
}

/// One line of the table.
#[derive(Debug)]
pub struct Row {
    /// The right.
    pub right: Right,
    /// What it is about.
    pub reach: Reach,
    /// Its holders.
    pub roles: &'static [Role],
    /// What it lets people do, as they would say it.
    pub words: &'static str,
}

use Reach::{Section, Site};
use Role::{
    Accountant, Admin, Approver, Auditor, ChiefEditor, Contributor, DeskSecretary, Editor,
    HubAdmin, HubEditor, HubMonitor, SecrecyOfficer,
};

const fn row(right: Right, reach: Reach, roles: &'static [Role], words: &'static str) -> Row {
    Row {
        right,
        reach,
        roles,
        words,
    }
}

const WRITERS: &[Role] = &[Contributor, Editor, DeskSecretary, Approver, ChiefEditor];
const EDITORS: &[Role] = &[Editor, DeskSecretary, Approver, ChiefEditor];
const APPROVERS: &[Role] = &[Approver, ChiefEditor];
const PLANNERS: &[Role] = &[DeskSecretary, Approver, ChiefEditor];
const READERS: &[Role] = &[
    Accountant,
    Auditor,
    SecrecyOfficer,
    Editor,
    DeskSecretary,
    Approver,
    ChiefEditor,
];

/// The whole of authorisation: who holds each right. What the table does not name nobody may do.
pub const TABLE: [Row; 34] = [
    row(
        Right::WriteDraft,
        Section,
        WRITERS,
        "Viết tin, bài và gửi duyệt bài của mình",
    ),
    row(
        Right::ReadOthers,
        Section,
        READERS,
        "Xem tin, bài người khác đang viết và đã đăng",
    ),
    row(
        Right::EditOthers,
        Section,
        EDITORS,
        "Sửa bài của người khác",
    ),
    row(
        Right::Return,
        Section,
        EDITORS,
        "Trả lại bài cho người viết, kèm lời nhắn",
    ),
    row(
        Right::ProposePublish,
        Section,
        EDITORS,
        "Chuyển bài đã biên tập tới người duyệt",
    ),
    row(Right::Publish, Section, APPROVERS, "Duyệt và đăng bài"),
    row(
        Right::Correct,
        Section,
        APPROVERS,
        "Đăng bản sửa, đính chính của bài đã đăng",
    ),
    row(Right::Withdraw, Section, APPROVERS, "Gỡ bài đã đăng"),
    row(
        Right::Schedule,
        Section,
        PLANNERS,
        "Hẹn giờ đăng bài đã duyệt",
    ),
    row(
        Right::DecideInbox,
        Site,
        &[Editor, DeskSecretary, Approver, ChiefEditor, HubEditor],
        "Nhận, trả lại hoặc bỏ qua bài trong hộp đến",
    ),
    row(
        Right::SeeHolds,
        Site,
        &[Approver, ChiefEditor, SecrecyOfficer],
        "Xem bài, tệp bị sàng lọc giữ lại",
    ),
    row(
        Right::ReleaseHold,
        Site,
        &[SecrecyOfficer],
        "Quyết định bài bị giữ vì có dấu hiệu bí mật; không quyết định bài của chính mình",
    ),
    row(
        Right::ManageMedia,
        Site,
        EDITORS,
        "Sắp xếp, sửa mô tả và bỏ ảnh, tệp trong thư viện",
    ),
    row(
        Right::ManageLists,
        Site,
        &[ChiefEditor, Admin],
        "Sửa chuyên mục và danh mục riêng của đơn vị",
    ),
    row(
        Right::ManageFace,
        Site,
        &[ChiefEditor, Admin],
        "Sửa giao diện trang: biểu trưng, màu, trình đơn, trang chủ",
    ),
    row(
        Right::ManageAccounts,
        Site,
        &[Admin],
        "Mời, tắt tài khoản và giao quyền",
    ),
    row(
        Right::SeeAudit,
        Site,
        &[Auditor, Admin],
        "Xem nhật ký hoạt động",
    ),
    row(
        Right::SeeSync,
        Site,
        &[
            Auditor,
            Editor,
            DeskSecretary,
            Approver,
            ChiefEditor,
            HubMonitor,
            HubEditor,
            HubAdmin,
            Admin,
        ],
        "Xem liên lạc với các trang khác và bài đã gửi đi",
    ),
    row(
        Right::HandleRefusals,
        Site,
        &[Approver, ChiefEditor, HubEditor, HubAdmin, Admin],
        "Cho thử lại hoặc gác lại những mục bị từ chối",
    ),
    row(
        Right::Recall,
        Site,
        &[HubEditor, HubAdmin],
        "Thu hồi bài của bất kỳ đơn vị nào trên mọi trang",
    ),
    row(
        Right::ManageMembers,
        Site,
        &[HubAdmin],
        "Thêm, tạm dừng và mở lại đơn vị thành viên",
    ),
    row(
        Right::ManageKeys,
        Site,
        &[HubAdmin],
        "Cấp mã cho khóa mới và thu hồi khóa của đơn vị",
    ),
    row(
        Right::ManageRoutes,
        Site,
        &[HubAdmin],
        "Đặt tuyến: tin nào tới trang nào",
    ),
    row(
        Right::SeeRanking,
        Site,
        &[Auditor, HubMonitor, HubEditor, HubAdmin],
        "Xem điểm, xếp hạng của các đơn vị, minh chứng và báo cáo",
    ),
    row(
        Right::ManageRanking,
        Site,
        &[HubAdmin],
        "Mở kỳ chấm điểm, trả lời giải trình, chốt và công bố xếp hạng",
    ),
    row(
        Right::ReadCases,
        Site,
        EDITORS,
        "Đọc câu hỏi, phản ánh của người dân và soạn trả lời",
    ),
    row(
        Right::AnswerCases,
        Site,
        APPROVERS,
        "Gửi trả lời cho người dân, chuyển câu hỏi tới đơn vị khác",
    ),
    row(
        Right::ReadTips,
        Site,
        &[ChiefEditor, SecrecyOfficer],
        "Mở tin báo kín bằng mã của cơ quan và nhắn lại người báo",
    ),
    row(
        Right::SendBulletins,
        Site,
        &[HubEditor, HubAdmin],
        "Phát, sửa và gỡ thông báo khẩn, thông báo tạm ngừng trên mọi trang của tỉnh",
    ),
    row(
        Right::AcknowledgeBulletins,
        Site,
        &[Editor, DeskSecretary, Approver, ChiefEditor, Admin],
        "Xác nhận đã nhận, đã triển khai thông báo của tỉnh",
    ),
    row(
        Right::ObjectToRanking,
        Site,
        APPROVERS,
        "Tự đánh giá và giải trình về điểm tỉnh chấm cho đơn vị",
    ),
    row(
        Right::SeeRoyalties,
        Site,
        &[Accountant, Auditor, ChiefEditor],
        "Xem bảng kê nhuận bút và tải về",
    ),
    row(
        Right::ManageRoyalties,
        Site,
        &[Accountant],
        "Ghi người nhận nhuận bút, bản cam kết thuế và dòng điều chỉnh",
    ),
    row(
        Right::ApproveRoyalties,
        Site,
        &[ChiefEditor],
        "Duyệt và khóa bảng kê nhuận bút, sửa biểu nhuận bút",
    ),
];

impl Right {
    /// Its line of the table.
    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.right == self)
    }

    /// What somebody without it is told.
    pub fn lacking(self) -> String {
        let words = self.row().map_or("làm việc này", |row| row.words);
        format!(
            "Việc này cần quyền: {words}. Tài khoản của bạn chưa có quyền ấy ở đây. Trang “Ai được làm gì” cho biết vai trò nào có; nếu cần, xin nhờ quản trị viên của đơn vị."
        )
    }

    /// What it is about.
    pub fn reach(self) -> Reach {
        self.row().map_or(Reach::Site, |row| row.reach)
    }
}

/// What becomes of asking for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// 403, and who may.
    Forbidden,
    /// 404, as if it had never been.
    NotThere,
    /// It is served.
    Granted,
}

/// The one rule of 403 and 404. Who has the right nowhere is told so before anything is looked for, which
/// says nothing of what is there. Who has it somewhere learns nothing of what they may not see: of another
/// section, another person or another site. What they see but may not do this to, they are told.
pub fn answered(holds_it: bool, sees: bool, reaches: bool) -> Answered {
    match (holds_it, sees, reaches) {
        (false, _, _) => Answered::Forbidden,
        (true, false, _) => Answered::NotThere,
        (true, true, false) => Answered::Forbidden,
        (true, true, true) => Answered::Granted,
    }
}

impl Role {
    /// Whether this role has `right`.
    pub fn may(self, right: Right) -> bool {
        right.row().is_some_and(|row| row.roles.contains(&self))
    }

    /// Whether it may change what the public sees or who may do so: its holders need a second factor.
    pub fn is_powerful(self) -> bool {
        const POWERS: [Right; 11] = [
            Right::Publish,
            Right::Correct,
            Right::Withdraw,
            Right::Schedule,
            Right::ReleaseHold,
            Right::ManageLists,
            Right::ManageFace,
            Right::ManageAccounts,
            Right::Recall,
            Right::ManageMembers,
            Right::SendBulletins,
        ];
        POWERS.into_iter().any(|right| self.may(right))
    }
}

/// How the table answers, as [`answered`] decides, in the document.
const ANSWERS: &str = "
## Câu trả lời

| Người hỏi | Trả lời |
|---|---|
| chưa đăng nhập, hoặc đăng nhập ở trang khác | trang đăng nhập (401 cho chương trình) |
| không giữ quyền ấy ở đâu cả | 403, dù thứ được hỏi có hay không |
| giữ quyền, nhưng thứ được hỏi ở chuyên mục khác, của người khác hoặc của trang khác | 404, như thể không có |
| xem được, nhưng quyền không tới chuyên mục ấy | 403 |

The rule is `answered` in the same file. A route asks for its right before it looks for anything, so that a
refusal tells nothing about what is there.
";

/// The table as a document.
pub fn as_markdown() -> String {
    let mut text = String::from(
        "# Ai được làm gì\n\n\
         This page is made from the table in `shared/src/accounts/right.rs`, from which the checks come as \
         well; a test compares them. A role is granted for the whole site, or for a section and all that \
         lies in it; what is marked \"toàn trang\" needs a grant for the whole site.\n\n\
         ## Vai trò\n\n| Tên trên dòng lệnh | Vai trò | Để làm gì |\n|---|---|---|\n",
    );
    for role in Role::ALL {
        let (name, label, purpose) = (role.as_str(), role.label(), role.purpose());
        let _ = writeln!(text, "| `{name}` | {label} | {purpose} |");
    }
    text.push_str("\n## Quyền\n\n| Quyền | Trong phạm vi | Vai trò được làm |\n|---|---|---|\n");
    for row in &TABLE {
        let reach = match row.reach {
            Section => "chuyên mục được giao",
            Site => "toàn trang",
        };
        let roles: Vec<&str> = row.roles.iter().map(|role| role.label()).collect();
        let _ = writeln!(text, "| {} | {reach} | {} |", row.words, roles.join(", "));
    }
    text.push_str(ANSWERS);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_right_stands_in_the_table_once_and_each_role_has_one() {
        let rights: HashSet<Right> = TABLE.iter().map(|row| row.right).collect();
        assert_eq!(rights.len(), TABLE.len());
        for role in Role::ALL {
            assert!(
                TABLE.iter().any(|row| row.roles.contains(&role)),
                "{role:?}"
            );
        }
    }

    #[test]
    fn duties_are_kept_apart() {
        for (role, right, may) in [
            (Role::Contributor, Right::WriteDraft, true),
            (Role::Contributor, Right::EditOthers, false),
            (Role::Editor, Right::Publish, false),
            (Role::DeskSecretary, Right::Publish, false),
            (Role::Approver, Right::Publish, true),
            (Role::Approver, Right::ReleaseHold, false),
            (Role::ChiefEditor, Right::ManageAccounts, false),
            (Role::SecrecyOfficer, Right::WriteDraft, false),
            (Role::Auditor, Right::EditOthers, false),
            (Role::Admin, Right::Publish, false),
            (Role::Admin, Right::ManageAccounts, true),
            (Role::HubAdmin, Right::ManageAccounts, false),
        ] {
            assert_eq!(role.may(right), may, "{role:?} {right:?}");
        }
    }

    #[test]
    fn a_refusal_tells_nothing_of_what_is_there() {
        for (holds, sees, reaches, answer) in [
            (false, false, false, Answered::Forbidden),
            (false, true, true, Answered::Forbidden),
            (true, false, false, Answered::NotThere),
            (true, false, true, Answered::NotThere),
            (true, true, false, Answered::Forbidden),
            (true, true, true, Answered::Granted),
        ] {
            assert_eq!(answered(holds, sees, reaches), answer);
        }
    }

    #[test]
    fn who_publishes_or_administers_needs_a_second_factor() {
        let powerful: Vec<Role> = Role::ALL.into_iter().filter(|r| r.is_powerful()).collect();
        assert_eq!(
            powerful,
            [
                SecrecyOfficer,
                DeskSecretary,
                Approver,
                ChiefEditor,
                HubEditor,
                HubAdmin,
                Admin
            ]
        );
    }

    #[test]
    fn the_document_says_what_the_table_says() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rights.md");
        let written = std::fs::read_to_string(file).unwrap_or_default();
        let made = as_markdown();
        if std::env::var_os("WRITE_RIGHTS").is_some() {
            std::fs::write(file, &made).expect("writes");
            return;
        }
        assert_eq!(
            written, made,
            "write docs/rights.md anew: WRITE_RIGHTS=1 cargo test -p shared --lib the_document_says"
        );
    }
}
