//! `/quan-tri/xep-hang/bo-chi-so`: what is measured and for how many points; versions of it, and another one loaded.

use super::periods;
use crate::ranking::scheme::{Measure, Scheme};
use crate::ranking::version;
use axum::extract::{Form, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::error::{Error, Result};
use shared::pages::newsroom::around::{self, AtDesk, Done};
use shared::pages::table_file;
use shared::pages::templates::{Grid, GridCell, GridRow, RankingSchemesPage};
use shared::pages::view::{FilterLink, FormErrors, Link};

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang/bo-chi-so";
/// The file.
pub(in crate::pages) const FILE: &str = "/quan-tri/xep-hang/bo-chi-so/tep";

/// Largest form: letters with marks are three times as long in it.
pub(in crate::pages) const LARGEST_FORM: usize = 4 * crate::ranking::scheme::LARGEST;

/// Which version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Asked {
    #[serde(rename = "so-hieu")]
    version: String,
}

pub(in crate::pages) async fn show(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let page = page(&at, &asked.version, String::new(), FormErrors::default()).await?;
    at.answer(&page)
}

pub(in crate::pages) async fn file(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let (scheme, text) = chosen(&at, &asked.version).await?;
    let name = format!("{}.toml", scheme.version);
    Ok(table_file::file(
        "application/toml",
        &name,
        text.into_bytes(),
    ))
}

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Sent {
    csrf: String,
    file: String,
}

pub(in crate::pages) async fn add(at: AtDesk, Form(sent): Form<Sent>) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let (by, actor) = (at.user.account.name.clone(), at.user.actor());
    let now = at.site.clock.now().timestamp_millis();
    // Forms send lines the way the web does.
    let text = sent.file.replace("\r\n", "\n");
    let kept = text.clone();
    let added = at
        .site
        .db
        .write(move |tx| Box::pin(async move { version::add(tx, &kept, &by, &actor, now).await }));
    match added.await {
        Ok(scheme) => {
            tracing::info!(account.login = at.user.account.login, %scheme.version, "scheme loaded");
            Ok(Done::SchemeAdded.then(PATH))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, "", text, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

/// The version that is asked for, or the one that counts now.
async fn chosen(at: &AtDesk, asked: &str) -> Result<(Scheme, String)> {
    let db = at.site.db.reader();
    if asked.is_empty() {
        return version::current(db).await;
    }
    let found = version::find(db, asked).await?.ok_or(Error::NotFound)?;
    Ok((found.scheme()?, found.body))
}

async fn page(
    at: &AtDesk,
    asked: &str,
    typed: String,
    errors: FormErrors,
) -> Result<RankingSchemesPage> {
    let (scheme, _) = chosen(at, asked).await?;
    let versions = version::all(at.site.db.reader()).await?;
    let query = [("so-hieu", asked)];
    let mut desk = at.desk("Bộ chỉ số", periods::PATH).await?;
    desk.breadcrumb = vec![Link::new("Xếp hạng", periods::PATH)];
    Ok(RankingSchemesPage {
        desk,
        title: format!("{}: {}", scheme.version, scheme.name),
        basis: scheme.basis.clone(),
        indicators: indicators(&scheme),
        groups: groups(&scheme),
        extras: extras(&scheme),
        versions: versions
            .into_iter()
            .map(|one| FilterLink {
                url: around::address(PATH, [("so-hieu", one.version.as_str())]),
                current: one.version == scheme.version,
                label: one.version,
                count: String::new(),
            })
            .collect(),
        file_url: around::address(
            FILE,
            query.into_iter().filter(|(_, value)| !value.is_empty()),
        ),
        may_add: at.user.may(Right::ManageRanking),
        typed,
        action: PATH.to_owned(),
        errors,
    })
}

/// The indicators of a scheme.
pub(super) fn indicators(scheme: &Scheme) -> Grid {
    let heads = ["Chỉ số", "Bảng", "Điểm", "Cách đo", "Căn cứ"];
    let mut grid = Grid::new("Chỉ số", &heads);
    for one in &scheme.indicators {
        grid.add(GridRow {
            head: format!("{} {}", one.code, one.name),
            cells: vec![
                GridCell::new(one.category.label()),
                GridCell::new(one.points.shown()),
                GridCell::new(measured(&one.measure)),
                GridCell::new(one.basis.clone()),
            ],
            ..GridRow::default()
        });
    }
    grid
}

fn measured(measure: &Measure) -> String {
    let names = |inputs: &[crate::ranking::input::Input]| {
        let names: Vec<&str> = inputs.iter().map(|input| input.label()).collect();
        names.join(" + ")
    };
    match measure {
        Measure::Share { done, of } => format!("{} / {}", names(done), names(of)),
        Measure::Quota { count, .. } => {
            let inputs: Vec<_> = count.keys().copied().collect();
            format!("{} / chỉ tiêu của nhóm", names(&inputs))
        }
        Measure::Deduct { each, .. } => {
            let inputs: Vec<_> = each.keys().copied().collect();
            format!("trừ dần: {}", names(&inputs))
        }
        Measure::Percentile { value, per, .. } => match per {
            Some(per) => format!("{} / {}, so trong nhóm", value.label(), per.label()),
            None => format!("{}, so trong nhóm", value.label()),
        },
        Measure::Declared => "chưa đo".to_owned(),
    }
}

fn groups(scheme: &Scheme) -> Grid {
    let heads = ["Nhóm", "Tin, bài tự viết", "Bài tỉnh nhận"];
    let mut grid = Grid::new("Nhóm và chỉ tiêu mỗi tháng", &heads);
    for group in &scheme.groups {
        grid.add(GridRow {
            head: group.name.clone(),
            sub: match group.gso_codes.len() {
                0 => String::new(),
                count => format!("{count} đơn vị ghi tên"),
            },
            cells: vec![
                GridCell::new(group.quotas.originals.to_string()),
                GridCell::new(group.quotas.accepted.to_string()),
            ],
            ..GridRow::default()
        });
    }
    grid
}

fn extras(scheme: &Scheme) -> Vec<String> {
    let penalties = scheme.penalties.iter().map(|one| match one.zero {
        true => format!("{}: điểm của kỳ bằng 0. {}", one.name, one.basis),
        false => {
            let cap = one.cap.map(|cap| format!(", nhiều nhất {}", cap.shown()));
            let cap = cap.unwrap_or_default();
            format!(
                "{}: trừ {} mỗi lần{cap}. {}",
                one.name,
                one.each.shown(),
                one.basis
            )
        }
    });
    let bonuses = scheme.bonuses.iter().map(|one| {
        format!(
            "{}: cộng {} mỗi mục. {}",
            one.name,
            one.each.shown(),
            one.basis
        )
    });
    let cap = format!("Tổng điểm cộng nhiều nhất {}.", scheme.bonus_cap.shown());
    let classes: Vec<String> = scheme
        .classes
        .iter()
        .map(|one| format!("{} từ {}", one.name, one.from.shown()))
        .collect();
    penalties
        .chain(bonuses)
        .chain([cap, format!("Xếp loại: {}.", classes.join("; "))])
        .chain([format!(
            "Hạn ({}): văn bản {} ngày làm việc, câu hỏi {} ngày làm việc, giải trình {} ngày làm việc. {}",
            scheme.deadlines.name,
            scheme.deadlines.document_working_days,
            scheme.deadlines.question_working_days,
            scheme.deadlines.window_working_days,
            scheme.deadlines.basis
        )])
        .collect()
}
