//! Pages about units over time, with contents such as they have in use.

use super::samples::{at, desk, html};
use super::*;
use crate::pages::view::{Badge, Choice, FormErrors, Link, Pagination, Tone};

pub(super) fn rendered() -> Vec<(&'static str, String)> {
    let row = ReorganisationRow {
        url: "/quan-tri/sap-nhap/1".into(),
        title: "Sáp nhập: xã Tân Lập, xã Đăk Ruồng → xã Kon Braih".into(),
        effective: at("2025-07-01", "01/07/2025"),
        basis: "Nghị quyết 1677/NQ-UBTVQH15 ngày 16/06/2025".into(),
        state: Badge::new("Chờ đến ngày", Tone::Info),
        note: Some("Danh sách đơn vị đã thay đổi.".into()),
        by: "Nguyễn Văn Ví".into(),
        at: at("2025-06-20T08:00:00+07:00", "20/06/2025 08:00"),
    };
    let plan = PlanView {
        units: vec![PlannedUnit {
            name: "Xã Tân Lập".into(),
            fate: Badge::new("kết thúc", Tone::Warning),
            closed: vec!["Hết ngày 30/06/2025: tên xã Tân Lập; mã 23497".into()],
            opened: vec!["Từ 01/07/2025: nhập vào xã Kon Braih".into()],
        }],
        groups: vec![PlannedGroup {
            heading: "Trang thành lưu trữ".into(),
            lines: vec!["Trang xã Tân Lập, https://tanlap.kontum.example".into()],
        }],
        told: "Mô tả mới của 1 trang được gửi tới 45 đơn vị.".into(),
    };
    let choices = || vec![Choice::new("1", "xã Tân Lập", true)];
    let form = ReorganisationFormPage {
        desk: desk("Sáp nhập đơn vị", "/quan-tri/sap-nhap", true),
        action: "/quan-tri/sap-nhap/moi".into(),
        kind: "merge".into(),
        kind_label: "Sáp nhập".into(),
        ends_units: true,
        names_units: true,
        moves_hosts: true,
        effective_on: "2025-07-01".into(),
        basis: "Nghị quyết 1677/NQ-UBTVQH15".into(),
        targets: vec![TargetFields {
            number: 1,
            id: "1".into(),
            units: choices(),
            name: "xã Kon Braih".into(),
            kinds: choices(),
            code: "23497".into(),
            parents: choices(),
            host: String::new(),
        }],
        endings: vec![EndingFields {
            number: 1,
            units: choices(),
            into: vec![Choice::new("1:1", "xã Kon Braih", true)],
            archive: String::new(),
        }],
        errors: FormErrors::default(),
        preview: Some(plan.clone()),
        seen: "0".into(),
        is_other: true,
        when: "Có hiệu lực ngay khi ghi, tính từ 01/07/2025.".into(),
        cancel_url: "/quan-tri/sap-nhap".into(),
    };
    vec![
        (
            "quan-tri-sap-nhap",
            html(ReorganisationsPage {
                desk: desk("Sắp xếp đơn vị", "/quan-tri/sap-nhap", true),
                forms: vec![Link::new("Sáp nhập", "/quan-tri/sap-nhap/moi?loai=merge")],
                rows: vec![row.clone()],
                pagination: Pagination::new(1, 1, |_| String::new()),
            }),
        ),
        (
            "quan-tri-sap-nhap-mot",
            html(ReorganisationPage {
                desk: desk("Lần sắp xếp", "/quan-tri/sap-nhap", true),
                action: "/quan-tri/sap-nhap/1".into(),
                row,
                may_withdraw: true,
                plan,
                without_site: vec![Link::new("xã Kon Braih", "/quan-tri/don-vi/moi?don-vi=1")],
            }),
        ),
        ("quan-tri-sap-nhap-moi", html(form)),
    ]
}
