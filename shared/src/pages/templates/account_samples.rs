//! The pages about accounts with made-up contents.

use super::samples::desk;
use super::*;
use crate::entries::body::from_markdown;
use crate::pages::view::*;

pub(super) fn rendered() -> Vec<(&'static str, String)> {
    let pages = [
        ("quan-tri-ma", second_step().render()),
        ("quan-tri-xac-nhan", confirm_self().render()),
        ("quan-tri-hai-lop", second_factor().render()),
        ("quan-tri-hai-lop-co", second_factor_there().render()),
        ("quan-tri-mot-lan", shown_once().render()),
        ("quan-tri-tai-khoan", my_account().render()),
        ("quan-tri-nguoi-dung", people().render()),
        ("quan-tri-moi-nguoi", invite().render()),
        ("quan-tri-mot-nguoi", person().render()),
        ("quan-tri-loi-moi", invitation().render()),
        ("quan-tri-quyen", rights().render()),
        ("quan-tri-huong-dan", manual().render()),
    ];
    pages
        .into_iter()
        .map(|(name, html)| (name, html.expect("a page with these contents renders")))
        .collect()
}

use askama::Template;

fn when() -> Stamp {
    Stamp {
        iso: "2026-11-23T08:00:00+07:00".to_owned(),
        text: "23/11/2026 08:00".to_owned(),
    }
}

fn wrong(field: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add(field, "Chưa đúng. Xin nhập lại.");
    errors
}

fn second_step() -> SecondStepPage {
    SecondStepPage {
        desk: Desk {
            person: None,
            menu: Vec::new(),
            ..desk("Nhập mã xác thực", "", false)
        },
        return_to: "/quan-tri".to_owned(),
        errors: wrong("code"),
    }
}

fn confirm_self() -> ConfirmSelfPage {
    ConfirmSelfPage {
        desk: desk("Xác nhận là bạn", "", false),
        return_to: "/quan-tri".to_owned(),
        has_factor: true,
        errors: wrong("proof"),
    }
}

fn second_factor() -> SecondFactorPage {
    SecondFactorPage {
        desk: desk("Xác thực hai lớp", "", false),
        required: true,
        set_up: Some(FactorToSetUp {
            picture: "data:image/svg+xml;base64,".to_owned(),
            secret: "GEZD GNBV GY3T QOJQ".to_owned(),
        }),
        since: None,
        codes_left: 0,
        errors: FormErrors::default(),
    }
}

fn second_factor_there() -> SecondFactorPage {
    SecondFactorPage {
        set_up: None,
        since: Some(when()),
        codes_left: 9,
        ..second_factor()
    }
}

fn shown_once() -> ShownOncePage {
    ShownOncePage {
        desk: desk("Mã dự phòng", "", false),
        intro: "Hãy chép ra giấy.".to_owned(),
        lines: vec!["AAAAA-BBBBB-CCCCC".to_owned(); 10],
        warning: "Chỉ hiện lần này.".to_owned(),
        next: Link::new("Đi tiếp", "/quan-tri"),
    }
}

fn session(is_this: bool) -> SessionRow {
    SessionRow {
        id: "ab".repeat(32),
        browser: "Chrome trên Windows".to_owned(),
        address: "203.0.113.7".to_owned(),
        since: when(),
        seen: when(),
        is_this,
    }
}

fn my_account() -> MyAccountPage {
    MyAccountPage {
        desk: desk("Tài khoản của tôi", "", false),
        login: "ythu".to_owned(),
        name: "Y Thử".to_owned(),
        grants: vec!["Biên tập viên (Tin tức)".to_owned()],
        factor_since: Some(when()),
        sessions: vec![session(true), session(false)],
        single_sign_on: Some(Link::new(
            "Tài khoản của tỉnh",
            "/quan-tri/tai-khoan/mot-lan",
        )),
        errors: wrong("current"),
    }
}

fn row() -> PersonRow {
    PersonRow {
        url: "/quan-tri/nguoi-dung/1".to_owned(),
        login: "ythu".to_owned(),
        name: "Y Thử".to_owned(),
        grants: "Biên tập viên (Tin tức), Cộng tác viên".to_owned(),
        state: Badge::new("đang dùng", Tone::Good),
        last_seen: Some(when()),
        factor: Badge::new("chưa đặt hai lớp", Tone::Warning),
        note: Some("Sẽ tự tắt sau 3 ngày nữa nếu không đăng nhập.".to_owned()),
    }
}

fn people() -> PeoplePage {
    PeoplePage {
        desk: desk("Người dùng", "/quan-tri/nguoi-dung", false),
        people: vec![row(), row()],
        invitations: vec![InvitationRow {
            id: "1".to_owned(),
            login: "amau".to_owned(),
            name: "A Mẫu".to_owned(),
            grants: "Người duyệt".to_owned(),
            expires: when(),
        }],
        invite_url: "/quan-tri/nguoi-dung/moi".to_owned(),
        rights_url: "/quan-tri/quyen".to_owned(),
        idle_days: 45,
    }
}

fn grants() -> Vec<GrantField> {
    ["editor", "approver"]
        .map(|role| GrantField {
            id: format!("grant-{role}-0"),
            label: "Biên tập viên".to_owned(),
            purpose: "Biên tập bài của mọi người, chọn tin từ hộp đến.".to_owned(),
            choices: vec![
                Choice::new("", "Không giao", false),
                Choice::new(role, "Toàn trang", true),
            ],
        })
        .into()
}

fn invite() -> InvitePage {
    InvitePage {
        desk: desk("Mời người mới", "/quan-tri/nguoi-dung", false),
        action: "/quan-tri/nguoi-dung/moi".to_owned(),
        login: "amau".to_owned(),
        name: "A Mẫu".to_owned(),
        grants: grants(),
        errors: wrong("role"),
    }
}

fn person() -> PersonPage {
    PersonPage {
        desk: desk("Y Thử", "/quan-tri/nguoi-dung", false),
        action: "/quan-tri/nguoi-dung/1".to_owned(),
        person: row(),
        grants: grants(),
        sessions: vec![session(false)],
        is_on: true,
        has_factor: true,
        errors: FormErrors::default(),
    }
}

fn invitation() -> InvitationPage {
    InvitationPage {
        desk: Desk {
            person: None,
            menu: Vec::new(),
            ..desk("Mở tài khoản", "", false)
        },
        token: "x".repeat(43),
        login: "amau".to_owned(),
        name: "A Mẫu".to_owned(),
        grants: vec!["Người duyệt".to_owned()],
        errors: wrong("password"),
    }
}

fn manual() -> ManualPage {
    ManualPage {
        others: vec![Link::new(
            "Hướng dẫn cho quản trị cổng của tỉnh",
            "/quan-tri/huong-dan/tinh",
        )],
        desk: desk("Hướng dẫn", "/quan-tri/huong-dan", false),
        parts: vec![
            ManualPart::Heading {
                id: "viet-bai".to_owned(),
                text: "Viết bài".to_owned(),
            },
            ManualPart::Text(from_markdown("Bấm **Viết bài mới**.")),
            ManualPart::Picture {
                url: "/quan-tri/huong-dan/anh/viet-bai.webp".to_owned(),
                alt: "Trang viết bài".to_owned(),
                width: 1024,
                height: 640,
            },
        ],
    }
}

fn rights() -> RightsPage {
    RightsPage {
        desk: desk("Ai được làm gì", "", false),
        roles: vec![RoleRow {
            label: "Người duyệt".to_owned(),
            purpose: "Duyệt, đăng và gỡ bài.".to_owned(),
            holders: "Y Thử".to_owned(),
            is_powerful: true,
        }],
        rights: vec![RightRow {
            words: "Sửa bài của người khác".to_owned(),
            in_sections: true,
            roles: "Biên tập viên, Người duyệt".to_owned(),
            is_mine: true,
        }],
    }
}
