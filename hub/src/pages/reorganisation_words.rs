//! Operations and what they change, in words.

use crate::reorganisation::plan::{Leads, Plan, UnitChange};
use crate::reorganisation::stored::{self, State};
use crate::reorganisation::{Kind, Operation};
use chrono::NaiveDate;
use shared::citizens::case;
use shared::directory::site_record;
use shared::error::Result;
use shared::pages::cards;
use shared::pages::templates::{PlanView, PlannedGroup, PlannedUnit, ReorganisationRow};
use shared::pages::view::{Badge, Tone};
use shared::site::Site;
use shared::units::{Attribute, Name, Tree};
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// What units are called, those included that an operation is only about to name.
pub(super) struct Names {
    new: HashMap<Uuid, String>,
    tree: Tree,
}

impl Names {
    /// As of today, with the names that `operations` give to units nobody knows yet.
    pub(super) async fn load(site: &Site, operations: &[&Operation]) -> Result<Self> {
        let today = vietnamese::local(site.clock.now()).date_naive();
        let tree = shared::units::tree_on(site.db.reader(), today).await?;
        let begins = operations.iter().flat_map(|one| &one.begins);
        let new = begins
            .filter(|begins| tree.get(begins.unit).is_none())
            .filter_map(|begins| Some((begins.unit, begins.name.clone()?)))
            .collect();
        Ok(Self { new, tree })
    }

    /// What `unit` is called.
    pub(super) fn of(&self, unit: Uuid) -> String {
        let new = self.new.get(&unit).cloned();
        new.unwrap_or_else(|| self.tree.name_of(unit))
    }
}

/// An operation as it stands in the list.
pub(super) fn row(kept: &stored::Model, names: &Names) -> Result<ReorganisationRow> {
    let operation = kept.operation()?;
    Ok(ReorganisationRow {
        url: super::reorganisations::path_of(kept.id),
        title: title(&operation, names),
        effective: cards::day(operation.effective_on),
        basis: kept.basis.clone(),
        state: match kept.state() {
            State::Planned => Badge::new("Chờ đến ngày", Tone::Info),
            State::Done => Badge::new("Đã có hiệu lực", Tone::Good),
            State::Withdrawn => Badge::new("Đã rút", Tone::Quiet),
            State::Held => Badge::new("Cần xem lại", Tone::Bad),
        },
        note: kept.note.clone(),
        by: kept.entered_by.clone(),
        at: cards::moment(kept.entered_at),
    })
}

fn title(operation: &Operation, names: &Names) -> String {
    let list = |units: Vec<Uuid>| -> String {
        let named: Vec<String> = units.iter().map(|unit| names.of(*unit)).collect();
        named.join(", ")
    };
    let label = operation.kind.label();
    let changed = || list(operation.begins.iter().map(|one| one.unit).collect());
    match operation.kind {
        Kind::Rename => {
            let new = operation.begins.iter().find_map(|one| one.name.clone());
            format!("{label}: {}", new.unwrap_or_else(changed))
        }
        Kind::Move => format!("{label}: {}", changed()),
        Kind::Merge | Kind::Split => {
            let mut into: Vec<Uuid> = Vec::new();
            for unit in operation.ends.iter().flat_map(|one| &one.into) {
                if !into.contains(unit) {
                    into.push(*unit);
                }
            }
            let from = operation.ends.iter().map(|one| one.unit).collect();
            format!("{label}: {} → {}", list(from), list(into))
        }
    }
}

/// All that a plan changes.
pub(super) async fn changes(
    site: &Site,
    operation: &Operation,
    plan: &Plan,
    names: &Names,
) -> Result<PlanView> {
    let eve = operation.effective_on.pred_opt().unwrap_or_default();
    let units = plan
        .units
        .iter()
        .map(|change| unit(change, eve, operation.effective_on, names))
        .collect();
    let mut groups = Vec::new();
    let mut group = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            groups.push(PlannedGroup {
                heading: heading.to_owned(),
                lines,
            });
        }
    };
    let archives = plan.archives.iter().map(|one| match one.was_at == one.at {
        true => format!("{}, {}", one.title, one.at),
        false => format!("{}, từ {} chuyển sang {}", one.title, one.was_at, one.at),
    });
    group("Trang thành lưu trữ, chỉ để đọc", archives.collect());
    let moves = plan.moves.iter().map(|one| {
        let address = match one.was_at == one.at {
            true => one.at.clone(),
            false => format!("từ {} sang {}", one.was_at, one.at),
        };
        format!(
            "{}, {address}. Đơn vị sửa base_url, title, unit_name trong cấu hình trang đúng ngày này.",
            one.title
        )
    });
    group("Trang đổi tên hoặc địa chỉ", moves.collect());
    let redirects = plan.redirects.iter().map(|one| match &one.to {
        Leads::SamePaths(base) => format!("{} → {base}, giữ nguyên đường dẫn", one.host),
        Leads::FrontPage(unit) => format!(
            "{}: trang đầu → trang của {}; bài, văn bản, ảnh, nguồn tin vẫn mở ở trang lưu trữ",
            one.host,
            names.of(*unit)
        ),
        Leads::Everything(unit) => format!("{} → trang của {}", one.host, names.of(*unit)),
        Leads::List => format!("{} → danh sách đơn vị trước sắp xếp", one.host),
    });
    group("Địa chỉ cũ dẫn về", redirects.collect());
    let mut handed_over = Vec::new();
    for one in &plan.handed_over {
        let known = case::open_from_elsewhere(site.db.reader(), one.from).await?;
        let cases = match known.len() {
            0 => String::new(),
            count => format!("; tỉnh chuyển ngay {count} hồ sơ đang chờ"),
        };
        handed_over.push(format!(
            "{} → {}{cases}",
            names.of(one.from),
            names.of(one.to)
        ));
    }
    group(
        "Câu hỏi, phản ánh, nơi nhận tin báo chuyển cho",
        handed_over,
    );
    let told = site_record::all(site.db.reader()).await?;
    let told = told
        .iter()
        .filter(|one| one.is_heard() && one.id != site.id);
    Ok(PlanView {
        units,
        groups,
        told: format!(
            "Mô tả mới của {} trang được gửi tới {} đơn vị.",
            plan.described().len(),
            told.filter(|one| !one.is_feed()).count()
        ),
    })
}

fn unit(change: &UnitChange, eve: NaiveDate, day: NaiveDate, names: &Names) -> PlannedUnit {
    let fate = match (&change.before, &change.after) {
        (_, None) => Badge::new("kết thúc", Tone::Warning),
        (None, Some(_)) => Badge::new("đơn vị mới", Tone::Good),
        (Some(_), Some(_)) => Badge::new("tiếp tục", Tone::Info),
    };
    let name = change.before.as_ref().or(change.after.as_ref());
    let told = |attributes: &[Attribute]| -> String {
        let each: Vec<String> = attributes.iter().map(|one| said(one, names)).collect();
        each.join("; ")
    };
    let date = |day: NaiveDate| day.format("%d/%m/%Y");
    let line = |begin: String, attributes: &[Attribute]| match attributes.is_empty() {
        true => Vec::new(),
        false => vec![format!("{begin}: {}", told(attributes))],
    };
    PlannedUnit {
        name: name.map_or_else(|| names.of(change.unit), |name| cards::capitalised(name)),
        fate,
        closed: line(format!("Đến hết {}", date(eve)), &change.closed),
        opened: line(format!("Từ {}", date(day)), &change.opened),
    }
}

fn said(attribute: &Attribute, names: &Names) -> String {
    let value = match attribute.name {
        Name::Parent | Name::MergedInto | Name::SplitInto => attribute
            .value
            .parse()
            .map_or_else(|_| attribute.value.clone(), |unit| names.of(unit)),
        _ => attribute.value.clone(),
    };
    let label = match attribute.name {
        Name::Name => "tên",
        Name::ShortName => "tên gọn",
        Name::Kind => "loại",
        Name::Parent => "thuộc",
        Name::GsoCode => "mã",
        Name::AgencyEid => "mã định danh",
        Name::Host => "tên miền",
        Name::Population => "dân số",
        Name::MergedInto => "nhập vào",
        Name::SplitInto => "tách thành",
    };
    format!("{label} {value}")
}
