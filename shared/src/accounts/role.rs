//! The roles people may be given. What each may do stands in [`super::right`].

use serde::{Deserialize, Serialize};

/// A role. Ordered as lists show them, the one people call upon for everything last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Cộng tác viên: writes, and hands in for approval.
    Contributor,
    /// Kế toán: reads what was written by whom, for the fees.
    Accountant,
    /// Kiểm tra: reads everything, changes nothing.
    Auditor,
    /// Cán bộ bảo mật: decides upon what was held because it may be secret.
    SecrecyOfficer,
    /// Biên tập viên: works on everybody's drafts and on what others send.
    Editor,
    /// Thư ký biên tập: plans, schedules and sends up.
    DeskSecretary,
    /// Người duyệt: decides what the public sees.
    Approver,
    /// Trưởng ban biên tập: all of the newsroom.
    ChiefEditor,
    /// Theo dõi các đơn vị.
    HubMonitor,
    /// Biên tập viên của cổng tỉnh: what comes from the units, and what is taken back everywhere.
    HubEditor,
    /// Quản trị các đơn vị: members, keys and routes.
    HubAdmin,
    /// Quản trị viên: accounts, sections and settings of this site.
    Admin,
}

/// A role as it is written, called and explained.
struct Words {
    role: Role,
    name: &'static str,
    label: &'static str,
    purpose: &'static str,
}

const WORDS: [Words; 12] = [
    Words {
        role: Role::Contributor,
        name: "contributor",
        label: "Cộng tác viên",
        purpose: "Viết tin, bài và gửi duyệt.",
    },
    Words {
        role: Role::Accountant,
        name: "accountant",
        label: "Kế toán",
        purpose: "Xem ai đã viết bài nào, để tính nhuận bút.",
    },
    Words {
        role: Role::Auditor,
        name: "auditor",
        label: "Kiểm tra viên",
        purpose: "Xem mọi thứ, không sửa gì.",
    },
    Words {
        role: Role::SecrecyOfficer,
        name: "secrecy_officer",
        label: "Cán bộ bảo mật",
        purpose: "Quyết định bài bị giữ lại vì có dấu hiệu bí mật nhà nước.",
    },
    Words {
        role: Role::Editor,
        name: "editor",
        label: "Biên tập viên",
        purpose: "Biên tập bài của mọi người, chọn tin từ hộp đến.",
    },
    Words {
        role: Role::DeskSecretary,
        name: "desk_secretary",
        label: "Thư ký biên tập",
        purpose: "Sắp lịch đăng, gửi bài lên tỉnh.",
    },
    Words {
        role: Role::Approver,
        name: "approver",
        label: "Người duyệt",
        purpose: "Duyệt, đăng và gỡ bài; thường là lãnh đạo hoặc phó ban biên tập.",
    },
    Words {
        role: Role::ChiefEditor,
        name: "chief_editor",
        label: "Trưởng ban biên tập",
        purpose: "Làm được mọi việc biên tập của trang.",
    },
    Words {
        role: Role::HubMonitor,
        name: "hub_monitor",
        label: "Theo dõi đơn vị",
        purpose: "Xem tình trạng của các đơn vị.",
    },
    Words {
        role: Role::HubEditor,
        name: "hub_editor",
        label: "Biên tập viên cổng tỉnh",
        purpose: "Chọn tin các đơn vị gửi lên; thu hồi bài trên mọi trang.",
    },
    Words {
        role: Role::HubAdmin,
        name: "hub_admin",
        label: "Quản trị đơn vị",
        purpose: "Thêm đơn vị, cấp và thu hồi khóa, đặt tuyến tin.",
    },
    Words {
        role: Role::Admin,
        name: "admin",
        label: "Quản trị viên",
        purpose: "Quản lý tài khoản, chuyên mục và cài đặt của trang; không tự duyệt bài.",
    },
];

impl Role {
    /// All roles, as lists show them.
    pub const ALL: [Self; 12] = [
        Self::Contributor,
        Self::Accountant,
        Self::Auditor,
        Self::SecrecyOfficer,
        Self::Editor,
        Self::DeskSecretary,
        Self::Approver,
        Self::ChiefEditor,
        Self::HubMonitor,
        Self::HubEditor,
        Self::HubAdmin,
        Self::Admin,
    ];

    /// The roles any site has use for.
    pub const OF_EVERY_SITE: &'static [Self] = &[
        Self::Contributor,
        Self::Accountant,
        Self::Auditor,
        Self::SecrecyOfficer,
        Self::Editor,
        Self::DeskSecretary,
        Self::Approver,
        Self::ChiefEditor,
        Self::Admin,
    ];

    fn words(self) -> &'static Words {
        WORDS
            .iter()
            .find(|words| words.role == self)
            .unwrap_or(&WORDS[0])
    }

    /// Its name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        self.words().name
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let words = WORDS.iter().find(|words| words.name == name)?;
        Some(words.role)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        self.words().label
    }

    /// What it is for, in a sentence.
    pub fn purpose(self) -> &'static str {
        self.words().purpose
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_others_mean_nothing() {
        for role in Role::ALL {
            assert_eq!(role.words().role, role);
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
        assert!(Role::ALL.is_sorted());
    }
}
