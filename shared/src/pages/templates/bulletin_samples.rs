//! Pages about what the province says above every page, filled.

use super::samples::{at, desk, frame, html, member_site};
use super::*;
use crate::bulletins::Level;
use crate::pages::view::*;

/// Every page, with a name for each.
pub(super) fn rendered() -> Vec<(&'static str, String)> {
    vec![
        ("tam-ngung", html(outages())),
        ("quan-tri-thong-bao-tinh", html(here())),
        ("quan-tri-thong-bao-khan", html(list())),
        ("quan-tri-thong-bao-khan-mot", html(one())),
        ("quan-tri-thong-bao-khan-moi", html(form(false))),
        ("quan-tri-thong-bao-khan-tam-ngung", html(form(true))),
        ("quan-tri-thong-bao-khan-go", html(lift())),
    ]
}

/// What stands above pages on a day of floods.
pub(super) fn lines() -> Vec<BulletinLine> {
    vec![
        line(
            Level::Emergency,
            "Bão số 12 đổ bộ đêm nay. Bà con ven sông Trà Khúc, sông Vệ sơ tán trước 18 giờ theo hướng dẫn của thôn.",
        ),
        BulletinLine {
            outage: Some(span()),
            more: Some("/tam-ngung".into()),
            token: "01990000000070008000000000000003-1".into(),
            ..line(
                Level::Information,
                "Cổng ngừng để nâng cấp máy chủ; hỏi đáp và phản ánh chưa gửi được.",
            )
        },
    ]
}

fn line(level: Level, text: &str) -> BulletinLine {
    BulletinLine {
        level,
        text: text.into(),
        issuer: "Ban Chỉ huy Phòng thủ dân sự tỉnh".into(),
        at: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        until: at("2026-11-24T11:00:00+07:00", "24/11/2026 11:00"),
        more: Some("/thong-bao/bao-so-12".into()),
        token: "01990000000070008000000000000002-1".into(),
        outage: None,
    }
}

fn span() -> OutageSpan {
    OutageSpan {
        from: at("2026-12-05T20:00:00+07:00", "05/12/2026 20:00"),
        until: at("2026-12-06T05:00:00+07:00", "06/12/2026 05:00"),
        is_on: false,
    }
}

fn outages() -> OutagesPage {
    let notice = |unit: &str, is_on| OutageNotice {
        unit: unit.into(),
        span: OutageSpan { is_on, ..span() },
        text: "Cổng ngừng để nâng cấp máy chủ; hỏi đáp và phản ánh chưa gửi được.".into(),
        reason: "Nâng cấp máy chủ theo kế hoạch năm.".into(),
        instead: "Bộ phận một cửa, điện thoại 0260 3824 000.".into(),
        announced: at("2026-11-23T09:00:00+07:00", "23/11/2026 09:00"),
        urgency: is_on.then(|| "Ổ đĩa sắp hỏng, không chờ được.".into()),
    };
    OutagesPage {
        frame: Frame {
            bulletins: lines(),
            ..frame(member_site(), "Tạm ngừng cung cấp", "/tam-ngung")
        },
        notices: vec![
            notice("Xã Kon Braih", false),
            notice("Tỉnh Quảng Ngãi", true),
        ],
    }
}

fn facts() -> Vec<Fact> {
    vec![
        Fact::new("Từ", "05/12/2026 20:00"),
        Fact::new("Dự kiến hoạt động lại", "06/12/2026 05:00"),
    ]
}

fn received() -> BulletinHere {
    BulletinHere {
        id: "0199".into(),
        label: Badge::new("Khẩn cấp", Tone::Bad),
        text: "Bão số 12 đổ bộ đêm nay.".into(),
        issuer: "Ban Chỉ huy Phòng thủ dân sự tỉnh".into(),
        at: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        from: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        until: at("2026-11-24T11:00:00+07:00", "24/11/2026 11:00"),
        state: Badge::new("đang hiện", Tone::Good),
        waits: true,
        ..BulletinHere::default()
    }
}

/// What waits for somebody at a member.
pub(super) fn waiting() -> Vec<BulletinHere> {
    vec![received()]
}

fn here() -> BulletinsHerePage {
    BulletinsHerePage {
        desk: desk("Thông báo của tỉnh", "/quan-tri/thong-bao-tinh", false),
        action: "/quan-tri/thong-bao-tinh".into(),
        may_acknowledge: true,
        rows: vec![
            received(),
            BulletinHere {
                waits: false,
                lifted: Some("Bão đã tan.".into()),
                facts: facts(),
                more: Some("https://quangngai.example/thong-bao/bao".into()),
                acknowledged: Some((
                    "A Mẫu (biên tập viên)".into(),
                    at("2026-11-23T11:05:00+07:00", "23/11/2026 11:05"),
                )),
                state: Badge::new("đã gỡ", Tone::Quiet),
                ..received()
            },
        ],
        pagination: Pagination::default(),
    }
}

fn row() -> BulletinRow {
    BulletinRow {
        url: "/quan-tri/thong-bao-khan/0199".into(),
        label: Badge::new("Khẩn cấp", Tone::Bad),
        text: "Bão số 12 đổ bộ đêm nay.".into(),
        receivers: "Mọi đơn vị".into(),
        state: Badge::new("đang hiện", Tone::Good),
        from: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        until: at("2026-11-24T11:00:00+07:00", "24/11/2026 11:00"),
        at: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        by: "Y Thử".into(),
        lifted: None,
        progress: Badge::new("40/42 đơn vị đã nhận, 38 đã xác nhận", Tone::Warning),
    }
}

fn list() -> BulletinsPage {
    BulletinsPage {
        desk: desk("Thông báo khẩn", "/quan-tri/thong-bao-khan", true),
        new_url: "/quan-tri/thong-bao-khan/moi".into(),
        outage_url: "/quan-tri/thong-bao-khan/tam-ngung".into(),
        may_send: true,
        rows: vec![
            row(),
            BulletinRow {
                lifted: Some("Bão đã tan.".into()),
                ..row()
            },
        ],
        pagination: Pagination::default(),
    }
}

fn one() -> BulletinPage {
    let step = |label: &str, done: bool| RecallStep {
        label: label.into(),
        at: done.then(|| at("2026-11-23T11:00:05+07:00", "23/11/2026 11:00")),
        missing: "chưa, đã 12 phút".into(),
    };
    let member = |name: &str, done: usize| BulletinMember {
        name: name.into(),
        url: "/quan-tri/don-vi/0199".into(),
        steps: ["Đã gửi", "Đã nhận", "Trên trang", "Đã xác nhận"]
            .into_iter()
            .enumerate()
            .map(|(number, label)| step(label, number < done))
            .collect(),
        by: match done {
            4 => "A Mẫu (biên tập viên)".into(),
            _ => String::new(),
        },
        trouble: (done == 2).then(|| "trang chủ chưa hiện".into()),
        contact: "Ông A Mẫu".into(),
        phone: "0260 3824 000".into(),
        phone_link: "+842603824000".into(),
    };
    let version = |label: &str, current| BulletinVersion {
        label: label.into(),
        url: "/quan-tri/thong-bao-khan/0199?ban=1".into(),
        current,
        at: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        by: "Y Thử".into(),
    };
    BulletinPage {
        desk: desk("Tình trạng thông báo", "/quan-tri/thong-bao-khan", true),
        row: row(),
        line: line(Level::Emergency, "Bão số 12 đổ bộ đêm nay."),
        facts: facts(),
        versions: vec![version("bản 2", true), version("bản 1", false)],
        figures: vec![Figure {
            value: "42".into(),
            label: "đơn vị phải nhận bản này".into(),
        }],
        members: vec![
            member("Xã Đăk Kôi", 0),
            member("Xã Đăk Rve", 2),
            member("Xã Kon Braih", 4),
        ],
        change_url: Some("/quan-tri/thong-bao-khan/0199/sua".into()),
        lift_url: Some("/quan-tri/thong-bao-khan/0199/go".into()),
        csv_url: "/quan-tri/thong-bao-khan/0199/bang.csv".into(),
    }
}

fn form(is_outage: bool) -> BulletinFormPage {
    let choice = |value: &str, label: &str, chosen| Choice::new(value, label, chosen);
    let mut errors = FormErrors::default();
    errors.add("until", "Lúc hết phải ở phía trước.");
    let preview = BulletinPreview {
        title: "Sẽ hiện trên cổng của tỉnh và 42 đơn vị".into(),
        line: line(Level::Emergency, "Bão số 12 đổ bộ đêm nay."),
        warnings: vec!["1 đơn vị dùng phần mềm khác: thông báo không tới được.".into()],
        receivers: vec![RouteReceiver {
            name: "xã Kon Braih".into(),
            badge: None,
        }],
        is_other: true,
        mark: "sha256:00".into(),
    };
    BulletinFormPage {
        desk: desk("Phát thông báo khẩn", "/quan-tri/thong-bao-khan", true),
        action: "/quan-tri/thong-bao-khan/moi".into(),
        is_outage,
        is_change: false,
        levels: Level::ALL
            .map(|level| choice(level.as_str(), level.label(), level == Level::Warning))
            .into(),
        text: "Bão số 12 đổ bộ đêm nay.".into(),
        issuer: "Ban Chỉ huy Phòng thủ dân sự tỉnh".into(),
        entry: String::new(),
        from: String::new(),
        until: "2026-11-24T11:00".into(),
        to: vec![
            choice("everyone", "Mọi đơn vị và cổng của tỉnh", true),
            choice("levels", "Theo loại đơn vị", false),
            choice("below", "Một đơn vị và các đơn vị bên dưới", false),
            choice("units", "Những đơn vị được chọn", false),
        ],
        kinds: vec![choice("xa", "Các xã", false)],
        below: vec![choice("01", "tỉnh Quảng Ngãi", false)],
        units: vec![choice("02", "xã Kon Braih", false)],
        portals: vec![choice("01", "Cổng của tỉnh", true)],
        reason: "Nâng cấp máy chủ.".into(),
        instead: "Bộ phận một cửa.".into(),
        urgency: String::new(),
        earliest: "02/12/2026".into(),
        preview: (!is_outage).then_some(preview),
        errors,
        cancel_url: "/quan-tri/thong-bao-khan".into(),
    }
}

fn lift() -> BulletinLiftPage {
    BulletinLiftPage {
        desk: desk("Gỡ thông báo", "/quan-tri/thong-bao-khan", true),
        action: "/quan-tri/thong-bao-khan/0199/go".into(),
        line: line(Level::Warning, "Mưa to đến hết ngày."),
        reason: String::new(),
        errors: FormErrors::default(),
        cancel_url: "/quan-tri/thong-bao-khan/0199".into(),
    }
}
