//! Pages about royalties with plausible contents.

use super::samples::{at, desk, html};
use super::*;
use crate::pages::view::*;

pub(super) fn rendered() -> Vec<(&'static str, String)> {
    vec![
        ("quan-tri-nhuan-but", html(royalties(false))),
        ("quan-tri-nhuan-but-trong", html(royalties(true))),
        ("quan-tri-nhuan-but-thang", html(open_month())),
        ("quan-tri-nhuan-but-thang-khoa", html(locked_month())),
        ("quan-tri-nhuan-but-cham", html(grade(Some(fields()), None))),
        (
            "quan-tri-nhuan-but-cham-roi",
            html(grade(None, Some("10/2026".into()))),
        ),
        ("quan-tri-nhuan-but-cua-toi", html(own())),
        ("quan-tri-nhuan-but-nguoi-nhan", html(payees())),
        ("quan-tri-nhuan-but-bieu", html(rates())),
    ]
}

const PATH: &str = "/quan-tri/nhuan-but";

fn royalties(is_empty: bool) -> RoyaltiesPage {
    let row = |label: &str, name: &str, state: Badge, note: &str| RoyaltyMonthRow {
        label: label.into(),
        url: format!("{PATH}/{name}"),
        state,
        works: "14".into(),
        gross: "9.867.000".into(),
        tax: "506.000".into(),
        net: "9.361.000".into(),
        note: note.into(),
    };
    RoyaltiesPage {
        desk: desk("Nhuận bút", PATH, false),
        is_empty,
        rows: vec![
            row(
                "Tháng 11/2026",
                "2026-11",
                Badge::new("Đang tính", Tone::Quiet),
                "tính đến lúc này",
            ),
            row(
                "Tháng 10/2026",
                "2026-10",
                Badge::new("Đã khóa", Tone::Good),
                "chi trả ngày 05/11/2026",
            ),
        ],
        this_month: Link::new("Bảng kê tháng 11/2026", "/quan-tri/nhuan-but/2026-11"),
        rates: Link::new("Biểu nhuận bút", "/quan-tri/nhuan-but/bieu"),
        payees: Some(Link::new(
            "Người nhận, bản cam kết",
            "/quan-tri/nhuan-but/nguoi-nhan",
        )),
        pagination: Pagination::default(),
    }
}

fn month() -> RoyaltyMonthPage {
    let part = |name: &str, parts: Option<&str>, amount: &str| RoyaltyPart {
        name: name.into(),
        parts: parts.map(Into::into),
        amount: amount.into(),
    };
    let payment = |name: &str, committed| RoyaltyPaymentRow {
        name: name.into(),
        gross: "5.060.000 đ".into(),
        tax: "506.000 đ".into(),
        net: "4.554.000 đ".into(),
        committed,
    };
    RoyaltyMonthPage {
        desk: Desk {
            breadcrumb: vec![Link::new("Nhuận bút", PATH)],
            ..desk("Nhuận bút tháng 11/2026", PATH, false)
        },
        state: Badge::new("Đã duyệt", Tone::Info),
        facts: vec![
            "Duyệt lúc 28/11/2026 09:10 bởi Nguyễn Văn Ví.".into(),
            "Tính theo biểu nhuận bút bản số 1; thuế tính cho ngày chi trả 30/11/2026.".into(),
        ],
        works: vec![RoyaltyWorkRow {
            title: "Ra quân làm đường bê tông thôn 9".into(),
            url: Some("/quan-tri/bai-viet/0192/nhuan-but".into()),
            published: at("2026-11-12", "12/11/2026"),
            genre: "Phóng sự, ký, phỏng vấn".into(),
            how: "hệ số 2,5 × 253.000 đ × (100 % + 10 %)".into(),
            amount: "695.750 đ".into(),
            parts: vec![
                part("A Mẫu", Some("2/3 phần"), "463.833 đ"),
                part("Y Thử", Some("1/3 phần"), "231.917 đ"),
            ],
            problem: None,
        }],
        payments: vec![payment("A Mẫu", false), payment("Y Thử", true)],
        gross: "10.120.000 đ".into(),
        tax: "506.000 đ".into(),
        net: "9.614.000 đ".into(),
        adjustments: vec![RoyaltyAdjustmentRow {
            name: "Y Thử".into(),
            about: "10/2026".into(),
            entered: at("2026-11-20", "20/11/2026"),
            reason: "Tháng 10 tính thiếu một ảnh".into(),
            amount: "126.500 đ".into(),
            id: None,
        }],
        dropped: vec![RoyaltyDroppedRow {
            title: "Lịch cắt điện thôn 4".into(),
            reason: "Đã gỡ bài: sai ngày".into(),
        }],
        ..RoyaltyMonthPage::default()
    }
}

fn locked_month() -> RoyaltyMonthPage {
    RoyaltyMonthPage {
        state: Badge::new("Đã khóa", Tone::Good),
        files: vec![Link::new(
            "Tải bảng kê (Excel)",
            "/quan-tri/nhuan-but/2026-11/bang-ke.xlsx",
        )],
        ..month()
    }
}

fn open_month() -> RoyaltyMonthPage {
    let mut page = month();
    let mut errors = FormErrors::default();
    errors.add("amount", "Hãy ghi số tiền đồng bằng chữ số.");
    errors.add("pay_on", "Hãy ghi ngày chi trả, ví dụ 5/12/2026.");
    for row in &mut page.adjustments {
        row.id = Some("0192".into());
    }
    page.works.push(RoyaltyWorkRow {
        title: "Chuyện già làng".into(),
        problem: Some("Chưa ghi ai là tác giả.".into()),
        ..RoyaltyWorkRow::default()
    });
    RoyaltyMonthPage {
        obstacle: Some("Có bài chưa tính được tiền; lý do ghi ở từng bài.".into()),
        changed: true,
        ungraded: "2".into(),
        ungraded_first: vec![
            (
                "Vào mùa cà phê".into(),
                Some("/quan-tri/bai-viet/0193/nhuan-but".into()),
            ),
            ("Lịch tiêm chủng".into(), None),
        ],
        action: "/quan-tri/nhuan-but/2026-11".into(),
        approving: Some(Approving {
            seen: "ab".into(),
            pay_on: "hôm nào".into(),
        }),
        may_reopen: true,
        lock_url: Some("/quan-tri/nhuan-but/2026-11/khoa".into()),
        adjusting: Some(Adjusting {
            action: "/quan-tri/nhuan-but/2026-11/dieu-chinh".into(),
            months: vec![Choice::new("2026-10", "Tháng 10/2026", true)],
            people: vec![Choice::new("0192", "Y Thử", true)],
            amount: "nhiều".into(),
            reason: "Tính thiếu".into(),
        }),
        errors,
        ..page
    }
}

pub(super) fn fields() -> RoyaltyFields {
    let people = || {
        vec![
            Choice::new("", "–", false),
            Choice::new("account:0192", "A Mẫu", true),
            Choice::new("person:0193", "Y Thử", false),
        ]
    };
    RoyaltyFields {
        is_graded: true,
        regime: "Quy định của tỉnh".into(),
        genres: vec![
            Choice::new("", "Không chấm lúc này", false),
            Choice::new("tin", "Tin (hệ số 0,5 – 2)", true),
        ],
        coefficient: "1,5".into(),
        children: "10".into(),
        children_hint: "10 – 20 %, để trống nếu không".into(),
        language_hint: "30 – 50 %, để trống nếu không".into(),
        hardship_hint: "1 – 100 %, để trống nếu không".into(),
        translation_hint: "40 – 65 %, để trống nếu không".into(),
        authors: (0..2)
            .map(|number| RoyaltyAuthorRow {
                number,
                label: (number + 1).to_string(),
                people: people(),
                name: String::new(),
                parts: "2".into(),
            })
            .collect(),
        ..RoyaltyFields::default()
    }
}

fn grade(royalty: Option<RoyaltyFields>, settled_in: Option<String>) -> RoyaltyGradePage {
    let mut errors = FormErrors::default();
    if royalty.is_some() {
        errors.add("royalty_coefficient", "Hệ số của “Tin” từ 0,5 đến 2.");
        errors.add("royalty_who-1", "Người này đã có ở dòng trên.");
        errors.add("royalty_parts-0", "Ghi số phần từ 1 đến 1000.");
    }
    RoyaltyGradePage {
        desk: desk("Chấm nhuận bút", "/quan-tri/bai-viet", false),
        action: "/quan-tri/bai-viet/0192/nhuan-but".into(),
        subject: "Vào mùa cà phê".into(),
        royalty,
        settled_in,
        errors,
    }
}

fn own() -> OwnRoyaltiesPage {
    OwnRoyaltiesPage {
        desk: desk("Nhuận bút của tôi", "/quan-tri/tai-khoan", false),
        months: vec![OwnRoyaltyMonth {
            id: "2026-11".into(),
            label: "Tháng 11/2026".into(),
            state: Badge::new("Đang tính", Tone::Quiet),
            gross: "463.833 đ".into(),
            tax: "0 đ".into(),
            net: "463.833 đ".into(),
            lines: vec![OwnRoyaltyLine {
                title: "Ra quân làm đường bê tông thôn 9".into(),
                how: "hệ số 2,5 × 253.000 đ × (100 % + 10 %); phần 2/3".into(),
                amount: "463.833 đ".into(),
            }],
        }],
    }
}

fn payees() -> PayeesPage {
    let row = |id: &str, name: &str, login: Option<&str>, commitment: Option<&str>| PayeeRow {
        id: id.into(),
        name: name.into(),
        typed: name.into(),
        login: login.map(Into::into),
        commitment: commitment.map(Into::into),
        from: "01/01/2026".into(),
        until: "31/12/2026".into(),
    };
    let mut errors = FormErrors::default();
    errors.add("until-0193", "Ngày cuối không được trước ngày đầu.");
    PayeesPage {
        desk: desk("Người nhận nhuận bút", PATH, false),
        action: "/quan-tri/nhuan-but/nguoi-nhan".into(),
        rows: vec![
            row("0192", "A Mẫu", Some("a.mau"), None),
            row("0193", "Y Thử", None, Some("01/01/2026 – 31/12/2026")),
        ],
        accounts: vec![Choice::new("", "–", true)],
        name: String::new(),
        errors,
    }
}

fn rates() -> RatesPage {
    let row = |number, rate: &str| RatesRow {
        number,
        from: "01/07/2026".into(),
        amount: "2530000".into(),
        rate: rate.into(),
        basis: "Nghị định số 161/2026/NĐ-CP".into(),
    };
    let mut errors = FormErrors::default();
    errors.add(
        "genre_most-0",
        "Mức cao nhất không được nhỏ hơn mức thấp nhất.",
    );
    errors.add("children_most", "Cao nhất là 1000.");
    RatesPage {
        desk: desk("Biểu nhuận bút", PATH, false),
        action: "/quan-tri/nhuan-but/bieu".into(),
        after: 0,
        version: "bản kèm phần mềm".into(),
        is_preset: true,
        regimes: vec![RegimeTable {
            name: "Quy định của tỉnh".into(),
            basis: "Mẫu để sửa".into(),
            from: "01/09/2026".into(),
            unit: "10".into(),
            bonuses: vec!["trẻ em, dân tộc thiểu số: 10 – 20 %".into()],
            genres: vec![("Tin".into(), "0,5 – 2".into())],
        }],
        may_change: true,
        factor: "100".into(),
        ceiling: "20000000".into(),
        name: "Quy định của tỉnh".into(),
        basis: "Mẫu để sửa".into(),
        from: "01/09/2026".into(),
        unit: "10".into(),
        ranges: vec![RatesRange {
            label: "Tăng cho tin, bài về trẻ em",
            least_field: "children_least",
            least: "10".into(),
            most_field: "children_most",
            most: "2000".into(),
        }],
        genres: vec![
            RatesGenreRow {
                number: 0,
                code: "tin".into(),
                name: "Tin".into(),
                least: "0,5".into(),
                most: "0,1".into(),
            },
            RatesGenreRow {
                number: 1,
                ..RatesGenreRow::default()
            },
        ],
        salaries: vec![row(0, "")],
        taxes: vec![row(0, "10")],
        errors,
    }
}
