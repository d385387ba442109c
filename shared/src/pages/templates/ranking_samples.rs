//! Pages of rankings and reports, filled.

use super::samples::{at, desk, frame, html, member_site};
use super::*;
use crate::pages::view::*;

/// Every page, with a name for each.
pub(super) fn rendered() -> Vec<(&'static str, String)> {
    vec![
        ("quan-tri-xep-hang", html(periods())),
        ("quan-tri-xep-hang-ky", html(period())),
        ("quan-tri-xep-hang-diem", html(sheet())),
        ("quan-tri-diem-so", html(own_rankings(true))),
        ("quan-tri-diem-so-chua-co", html(own_rankings(false))),
        ("quan-tri-diem-so-ky", html(own_ranking())),
        ("quan-tri-xep-hang-minh-chung", html(evidence())),
        (
            "quan-tri-diem-so-minh-chung",
            html(RankingEvidencePage {
                notice: None,
                trouble: Some("không kết nối được".into()),
                rows: Vec::new(),
                ..evidence()
            }),
        ),
        ("quan-tri-xep-hang-bo-chi-so", html(schemes())),
        ("quan-tri-xep-hang-cong-khai", html(table())),
        ("quan-tri-bao-cao", html(report())),
        ("xep-hang", html(public(true))),
        ("xep-hang-chua-co", html(public(false))),
    ]
}

fn grid() -> Grid {
    let mut grid = Grid::new("Tổng, Quý III/2026", &["Đơn vị", "Hạng", "Điểm"]);
    grid.add(GridRow {
        head: "Xã Kon Braih".into(),
        url: Some("/quan-tri/xep-hang/diem/0192.0193".into()),
        sub: "Xã".into(),
        cells: vec![
            GridCell::new("1/63").with("1/12 trong nhóm"),
            GridCell::new("92,50").to("/quan-tri").bad(true),
        ],
    });
    grid
}

fn tabs() -> Vec<FilterLink> {
    ["Tổng", "Hỏi đáp"]
        .into_iter()
        .map(|label| FilterLink {
            label: label.into(),
            url: "/quan-tri/xep-hang/ky/0192".into(),
            count: "63".into(),
            current: label == "Tổng",
        })
        .collect()
}

fn kinds() -> Vec<Choice> {
    vec![
        Choice::new("thang", "Tháng", true),
        Choice::new("quy", "Quý", false),
    ]
}

fn wrong(field: &str, words: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add(field, words);
    errors
}

fn periods() -> RankingsPage {
    RankingsPage {
        desk: desk("Xếp hạng", "/quan-tri/xep-hang", true),
        links: vec![Link::new("Bộ chỉ số", "/quan-tri/xep-hang/bo-chi-so")],
        periods: vec![RankingLine {
            url: "/quan-tri/xep-hang/ky/0192".into(),
            label: "Quý III/2026".into(),
            state: Badge::new("Đã chốt", Tone::Good),
            facts: vec!["01/07/2026 – 30/09/2026".into()],
        }],
        may_open: true,
        kinds: kinds(),
        year: "2026".into(),
        number: "10".into(),
        scheme: "bộ chỉ số lien-cong-2026.1".into(),
        action: "/quan-tri/xep-hang".into(),
        errors: FormErrors::default(),
    }
}

fn period() -> RankingPage {
    RankingPage {
        desk: desk("Quý III/2026", "/quan-tri/xep-hang", true),
        state: Badge::new("Tự đánh giá, giải trình", Tone::Warning),
        facts: vec!["63 đơn vị".into()],
        files: vec![Link::new("Excel", "/quan-tri/xep-hang/ky/0192/bang.xlsx")],
        unmeasured: Some("Chưa đo, điểm chia cho các chỉ số khác: A2.".into()),
        tables: tabs(),
        groups: tabs(),
        grid: grid(),
        pagination: Pagination::new(1, 2, |page| format!("/quan-tri?trang={page}")),
        steps: vec![RankingStep {
            action: "freeze".into(),
            label: "Chốt kỳ".into(),
            words: "Không bao giờ đổi nữa.".into(),
            confirm: "Tôi hiểu".into(),
        }],
        waits: Some("Còn giải trình chưa trả lời.".into()),
        objections: vec![Link::new("Xã Kon Braih: 1", "/quan-tri")],
        action: "/quan-tri/xep-hang/ky/0192".into(),
        errors: wrong("confirm", "Hãy đánh dấu để xác nhận."),
    }
}

fn reached() -> RankingReached {
    RankingReached {
        figures: vec![Figure {
            value: "92,50".into(),
            label: "Tổng: hạng 1/63".into(),
        }],
        lines: grid(),
        extras: grid(),
        inputs: grid(),
        adjustments: vec!["Câu hỏi trả lời đúng hạn: +1. Có giấy hẹn.".into()],
        objections: vec![RankingObjection {
            id: "0194".into(),
            indicator: "I1 Câu hỏi trả lời đúng hạn".into(),
            words: "Câu hỏi ngày 3 đã trả lời trực tiếp.".into(),
            outcome: Badge::new("Chờ trả lời", Tone::Warning),
            answer: Some("Đã xem.".into()),
            is_open: true,
        }],
        indicators: vec![Choice::new("I1", "I1 Câu hỏi trả lời đúng hạn", true)],
    }
}

fn sheet() -> RankingSheetPage {
    RankingSheetPage {
        desk: desk("Xã Kon Braih", "/quan-tri/xep-hang", true),
        facts: vec!["Quý III/2026".into(), "Xã".into()],
        reached: reached(),
        may_say: true,
        inputs: vec![Choice::new("items", "Mục đã đăng", false)],
        outcomes: vec![Choice::new("granted", "Chấp nhận", false)],
        form: RankingForm::default(),
        action: "/quan-tri/xep-hang/diem/0192.0193".into(),
        errors: wrong("points", "Hãy ghi điểm."),
    }
}

fn own_rankings(has_any: bool) -> OwnRankingsPage {
    let row = OwnRankingRow {
        label: "Quý III/2026".into(),
        url: "/quan-tri/diem-so/0192".into(),
        state: Badge::new("Tự đánh giá, giải trình", Tone::Warning),
        points: "92,50".into(),
        place: "1/63".into(),
        class: "Tốt".into(),
        window: Some("Tự đánh giá, giải trình đến hết ngày 08/10/2026".into()),
    };
    OwnRankingsPage {
        desk: desk("Điểm tỉnh chấm", "/quan-tri/diem-so", true),
        rows: has_any.then_some(row).into_iter().collect(),
    }
}

fn own_ranking() -> OwnRankingPage {
    OwnRankingPage {
        desk: desk("Quý III/2026", "/quan-tri/diem-so", true),
        state: Badge::new("Tự đánh giá, giải trình", Tone::Warning),
        facts: vec!["Xã".into()],
        heard_at: at("2026-10-01T08:00:00+07:00", "01/10/2026 08:00"),
        published: Some(Link::new(
            "Bảng xếp hạng đã công bố và số liệu gốc",
            "https://quangngai.example/xep-hang",
        )),
        window: Some("Tự đánh giá, giải trình đến hết ngày 08/10/2026".into()),
        reached: reached(),
        on_the_way: vec![OwnRankingSaid {
            indicator: "C1 Chuyên mục bắt buộc có nội dung".into(),
            words: "8,00 điểm. Đã đủ chuyên mục từ ngày 12.".into(),
            by: "Y Thử (lãnh đạo duyệt bài)".into(),
            at: at("2026-10-02T09:00:00+07:00", "02/10/2026 09:00"),
            state: Badge::new("Tỉnh không nhận", Tone::Bad),
            why: Some("Đã hết thời gian giải trình của kỳ này.".into()),
        }],
        may_say: true,
        form: RankingForm::default(),
        action: "/quan-tri/diem-so/0192".into(),
        errors: wrong("words", "Hãy ghi rõ, để tỉnh hiểu vì sao."),
    }
}

fn evidence() -> RankingEvidencePage {
    RankingEvidencePage {
        desk: desk("Tin, bài tự viết", "/quan-tri/xep-hang", true),
        summary: "Xã Kon Braih: 12".into(),
        notice: Some("Khi đếm là 12; bây giờ là 11.".into()),
        trouble: None,
        rows: vec![RankingPiece {
            title: "Mùa cà phê".into(),
            url: Some("https://konbraih.quangngai.example/bai-viet/mua-ca-phe".into()),
            note: "đăng 03/09/2026".into(),
            amount: Badge::new("1", Tone::Good),
        }],
    }
}

fn schemes() -> RankingSchemesPage {
    RankingSchemesPage {
        desk: desk("Bộ chỉ số", "/quan-tri/xep-hang", true),
        title: "lien-cong-2026.1: Bộ chỉ số mặc định".into(),
        basis: "Nghị định 224/2026/NĐ-CP, Điều 12".into(),
        indicators: grid(),
        groups: grid(),
        extras: vec!["Xếp loại: Xuất sắc từ 90,00.".into()],
        versions: tabs(),
        file_url: "/quan-tri/xep-hang/bo-chi-so/tep".into(),
        may_add: true,
        typed: "version = 1".into(),
        action: "/quan-tri/xep-hang/bo-chi-so".into(),
        errors: wrong("file", "Tổng điểm phải là 100."),
    }
}

fn table() -> RankingTablePage {
    RankingTablePage {
        desk: desk("Lịch công khai", "/quan-tri/xep-hang", true),
        intro: "Quý IV/2026".into(),
        kinds: kinds(),
        year: "2026".into(),
        number: "4".into(),
        groups: tabs(),
        files: vec![Link::new("Excel", "/quan-tri")],
        grids: vec![grid()],
        empty: String::new(),
        pagination: Pagination::new(1, 2, |page| format!("/quan-tri?trang={page}")),
        action: "/quan-tri/xep-hang/cong-khai".into(),
    }
}

fn report() -> ReportPage {
    ReportPage {
        desk: desk("Báo cáo", "/quan-tri/bao-cao", true),
        title: "Báo cáo 9 tháng năm 2026".into(),
        made_of: "Theo kỳ đã chốt".into(),
        kinds: kinds(),
        year: "2026".into(),
        number: "1".into(),
        annual: Link::new("Lập báo cáo năm", "/quan-tri/bao-cao?kind=nam"),
        files: vec![Link::new("Excel", "/quan-tri/bao-cao/bang.xlsx")],
        figures: vec![Figure {
            value: "1.250".into(),
            label: "tin, bài đã đăng".into(),
        }],
        grids: vec![grid()],
        action: "/quan-tri/bao-cao".into(),
        errors: FormErrors::default(),
    }
}

fn public(has_one: bool) -> PublicRankingPage {
    PublicRankingPage {
        frame: frame(member_site(), "Xếp hạng", "/xep-hang"),
        period: has_one.then(|| "9 tháng năm 2026".into()),
        file: Some(Link::new("JSON", "/xep-hang/0192/so-lieu.json")),
        periods: tabs(),
        tables: tabs(),
        grid: grid(),
    }
}
