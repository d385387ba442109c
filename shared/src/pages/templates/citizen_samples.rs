//! Pages of the citizen desk, filled.

use super::samples::{at, desk, frame, html, member_site};
use super::*;
use crate::citizens::Kind;
use crate::pages::view::*;

/// Every page, with a name for each.
pub(super) fn rendered() -> Vec<(&'static str, String)> {
    vec![
        ("hoi-gui", html(ask(Kind::Question))),
        ("phan-anh-gui", html(ask(Kind::Feedback))),
        ("to-giac", html(ask(Kind::Tip))),
        ("gop-y", html(comment(None))),
        (
            "gop-y-dong",
            html(comment(Some(
                "Dự thảo đã đóng nhận ý kiến, hết ngày 10/11/2026. Ý kiến gửi sau ngày này không được nhận qua cổng.",
            ))),
        ),
        ("da-nhan", html(receipt())),
        ("tra-cuu", html(follow())),
        ("ho-so", html(case())),
        ("quan-tri-nguoi-dan", html(cases())),
        ("quan-tri-nguoi-dan-mot", html(case_at_desk())),
        ("quan-tri-gop-y", html(commented())),
        ("quan-tri-gop-y-mot", html(comments())),
        ("quan-tri-tin-bao", html(tips())),
        ("quan-tri-tin-bao-mo", html(opened_tips())),
        ("quan-tri-tin-bao-khoa", html(tip_key())),
        ("quan-tri-noi-nhan-tin", html(tip_offices())),
    ]
}

fn ask(kind: Kind) -> AskPage {
    let name = "Gửi câu hỏi";
    let unit = |name: &str, chosen| Choice::new(name, name, chosen);
    AskPage {
        frame: frame(member_site(), name, "/hoi-dap/gui"),
        kind,
        name,
        intro: "Không cần tài khoản. Bạn nhận một mã để xem câu trả lời. Cơ quan trả lời hoặc báo tiến độ trong 15 ngày làm việc.",
        action: "/hoi-dap/gui".into(),
        draft: None,
        closed: None,
        form: "bieu-mau".into(),
        choices: vec![unit("Xã Kon Braih", true), unit("Tỉnh Quảng Ngãi", false)],
        offices: vec![unit("Thanh tra tỉnh: tham nhũng, tiêu cực", false)],
        subject: "Hỗ trợ giống cà phê".into(),
        words: String::new(),
        place: String::new(),
        asker: String::new(),
        contact: String::new(),
        may_publish: true,
        errors: wrong("words", "Hãy viết nội dung."),
    }
}

fn comment(closed: Option<&str>) -> AskPage {
    AskPage {
        name: "Gửi ý kiến góp ý",
        action: "/gop-y/1".into(),
        draft: Some(Link::new("Dự thảo Quy chế sử dụng nhà rông", "/du-thao/1")),
        closed: closed.map(str::to_owned),
        words: "Nên để già làng giữ sổ.".into(),
        ..ask(Kind::Comment)
    }
}

fn commented() -> CommentedPage {
    CommentedPage {
        desk: desk("Góp ý dự thảo", "/quan-tri/gop-y", false),
        drafts: vec![CommentedDraft {
            url: "/quan-tri/gop-y/1".into(),
            title: "Dự thảo Quy chế sử dụng nhà rông".into(),
            stage: Some(Badge::new("Đang mở, còn 24 ngày", Tone::Good)),
            total: "12".into(),
            waiting: "3".into(),
        }],
    }
}

fn comments() -> CommentsPage {
    CommentsPage {
        desk: desk("Dự thảo Quy chế sử dụng nhà rông", "/quan-tri/gop-y", false),
        draft_url: Some("/du-thao/1".into()),
        csv_url: "/quan-tri/gop-y/1/bang.csv".into(),
        states: cases().states,
        items: vec![CommentItem {
            url: "/quan-tri/nguoi-dan/1".into(),
            who: "Y Thử".into(),
            at: at("2026-11-23T08:00:00+07:00", "23/11/2026 08:00"),
            origin: Some("Xã Đăk Kôi".into()),
            beginning: "Nên để già làng giữ sổ.".into(),
            state: Badge::new("Đã nhận, chờ xem", Tone::Warning),
        }],
        pagination: Pagination::default(),
    }
}

fn wrong(field: &str, text: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add(field, text);
    errors
}

fn receipt() -> ReceiptPage {
    ReceiptPage {
        frame: frame(member_site(), "Đã nhận", "/hoi-dap/gui"),
        code: Some("7K2M-Q0XD-9V3T-HW8R-51NB".into()),
        to: "Sở Y tế".into(),
        due: Some(at("2026-12-21", "21/12/2026")),
        is_tip: false,
        follow: "/tra-cuu",
    }
}

fn follow() -> FollowPage {
    FollowPage {
        frame: frame(member_site(), "Tra cứu", "/tra-cuu"),
        typed: "7K2M".into(),
        errors: wrong("ma", "Mã gồm 20 ký tự; vừa nhập 4 ký tự."),
    }
}

fn thread() -> Vec<ThreadLine> {
    let line = |who: &str, act: &str, words: &str, is_of_office| ThreadLine {
        who: who.into(),
        act: act.into(),
        at: at("2026-11-23T08:00:00+07:00", "23/11/2026 08:00"),
        words: words.into(),
        is_of_office,
        pictures: Vec::new(),
        picture_count: 0,
    };
    vec![
        ThreadLine {
            pictures: vec![ThreadPicture {
                src: "/quan-tri/nguoi-dan/anh/a.0".into(),
                width: 1280,
                height: 960,
                alt: "Ảnh 1 gửi kèm".into(),
            }],
            picture_count: 1,
            ..line(
                "Nguyễn Văn Ví",
                "Phản ánh tới xã Kon Braih",
                "Cầu treo thôn 5 mất ván.",
                false,
            )
        },
        line("Xã Kon Braih", "Trả lời", "Đã thay ván ngày 24/11.", true),
    ]
}

fn case() -> CasePage {
    CasePage {
        frame: frame(member_site(), "Hồ sơ của bạn", "/tra-cuu"),
        kind: "Phản ánh, kiến nghị",
        subject: "Cầu treo thôn 5 mất ván".into(),
        state: "Đã trả lời",
        due: Some("Kết thúc 24/11/2026".into()),
        lines: thread(),
        code: "7K2M-Q0XD-9V3T-HW8R-51NB".into(),
        words: String::new(),
        ratings: vec![
            Choice::new("satisfied", "Hài lòng", true),
            Choice::new("neutral", "Bình thường", false),
            Choice::new("dissatisfied", "Không hài lòng", false),
        ],
        done: Some("Đã gửi thêm."),
        errors: FormErrors::default(),
    }
}

fn cases() -> CasesPage {
    CasesPage {
        desk: desk("Hỏi – đáp, phản ánh", "/quan-tri/nguoi-dan", false),
        states: vec![FilterLink {
            label: "Chờ trả lời".into(),
            url: "/quan-tri/nguoi-dan".into(),
            count: "1".into(),
            current: true,
        }],
        satisfaction: vec![SatisfactionRow {
            period: "Tháng này",
            answered: "8".into(),
            satisfied: "2".into(),
            neutral: "0".into(),
            dissatisfied: "1".into(),
            percent: Some("67%".into()),
        }],
        items: vec![CaseItem {
            url: "/quan-tri/nguoi-dan/1".into(),
            subject: "Cầu treo thôn 5 mất ván".into(),
            kind: "Phản ánh, kiến nghị",
            state: Badge::new("Đã nhận, chờ xem", Tone::Warning),
            due: Some(Badge::new("Quá hạn 2 ngày (hạn 20/11/2026)", Tone::Bad)),
            unit: Some("gửi ở trang của xã Đăk Kôi".into()),
            asker: Some("Nguyễn Văn Ví".into()),
            asked: at("2026-10-30T08:00:00+07:00", "30/10/2026 08:00"),
            satisfaction: Some(Badge::new("Hài lòng", Tone::Good)),
        }],
        pagination: Pagination::default(),
    }
}

fn case_at_desk() -> CaseDeskPage {
    CaseDeskPage {
        desk: desk("Cầu treo thôn 5 mất ván", "/quan-tri/nguoi-dan", false),
        kind: "Phản ánh, kiến nghị",
        subject: "Cầu treo thôn 5 mất ván".into(),
        state: Badge::new("Đã nhận, chờ xem", Tone::Warning),
        due: Some(Badge::new("Hạn 21/12/2026, còn 28 ngày", Tone::Info)),
        is_comment: false,
        facts: vec![Fact::new("Ở đâu", "Cầu treo thôn 5")],
        lines: thread(),
        action: "/quan-tri/nguoi-dan/1".into(),
        may_write: true,
        may_send: true,
        is_open: true,
        words: String::new(),
        draft_by: Some("Y Thử".into()),
        units: vec![Choice::new("a", "Tỉnh Quảng Ngãi", false)],
        reason: String::new(),
        may_publish: true,
        published_url: None,
        errors: wrong("words", "Hãy viết lời trả lời."),
    }
}

fn tips() -> TipsPage {
    TipsPage {
        desk: desk("Tin báo kín", "/quan-tri/tin-bao", false),
        action: "/quan-tri/tin-bao",
        key: Some((
            "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg".into(),
            "1A2B 3C4D".into(),
        )),
        key_url: "/quan-tri/tin-bao/khoa",
        waiting: 1,
        opened: None,
        errors: wrong("code", "Chưa mở được: mã gồm 32 ký tự; vừa nhập 4 ký tự."),
    }
}

fn opened_tips() -> TipsPage {
    let tip = OpenedTip {
        id: "1".into(),
        origin: "Xã Kon Braih".into(),
        state: Badge::new("Đã nhận, chờ xem", Tone::Warning),
        lines: thread(),
    };
    TipsPage {
        opened: Some(vec![tip]),
        errors: FormErrors::default(),
        ..tips()
    }
}

fn tip_key() -> TipKeyPage {
    TipKeyPage {
        desk: desk("Khóa nhận tin báo kín", "/quan-tri/tin-bao", false),
        action: "/quan-tri/tin-bao/khoa",
        has_key: true,
    }
}

fn tip_offices() -> TipOfficesPage {
    TipOfficesPage {
        desk: desk("Nơi nhận tin báo kín", "/quan-tri/noi-nhan-tin", true),
        action: "/quan-tri/noi-nhan-tin",
        rows: vec![TipOfficeRow {
            unit: "a".into(),
            site: "Tỉnh Quảng Ngãi".into(),
            print: "1A2B 3C4D".into(),
            name: "Thanh tra tỉnh".into(),
            about: "tham nhũng, tiêu cực".into(),
        }],
        units: vec![Choice::new("a", "Tỉnh Quảng Ngãi", true)],
        name: String::new(),
        about: String::new(),
        key: String::new(),
        errors: wrong("key", "Khóa chưa đúng."),
    }
}
