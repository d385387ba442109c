//! A locked statement as files: CSV for programs, a workbook for offices.

use super::month_of;
use crate::audit::{Action, Kind, Subject};
use crate::error::{Error, Result};
use crate::pages::newsroom::around::AtDesk;
use crate::pages::table_file;
use crate::pages::view::Link;
use crate::royalties::{Month, sheet, snapshot, statement};
use axum::extract::Path;
use axum::response::Response;

/// Every line, as CSV.
pub(in crate::pages::newsroom) const LINES: &str = "/quan-tri/nhuan-but/{month}/bang-ke.csv";
/// What each person is paid, as CSV.
pub(in crate::pages::newsroom) const PAYMENTS: &str = "/quan-tri/nhuan-but/{month}/chi-tra.csv";
/// Both as a workbook.
pub(in crate::pages::newsroom) const WORKBOOK: &str = "/quan-tri/nhuan-but/{month}/bang-ke.xlsx";

/// Where they are.
pub(super) fn links(month: Month) -> Vec<Link> {
    let link = |label: &str, path: &str| Link::new(label, path.replace("{month}", &month.name()));
    vec![
        link("Tải bảng kê (Excel)", WORKBOOK),
        link("Bảng kê (CSV)", LINES),
        link("Chi trả (CSV)", PAYMENTS),
    ]
}

/// The month and its ceiling, once it is locked; that somebody takes it along is recorded.
async fn locked(at: &AtDesk, name: &str) -> Result<(Month, Option<i64>)> {
    let month = month_of(name)?;
    let statement = statement::find(at.site.db.reader(), month).await?;
    let statement = statement
        .filter(statement::Model::is_locked)
        .ok_or_else(|| {
            let words = "Bảng kê chưa khóa nên chưa tải được: số liệu còn thay đổi.";
            Error::Conflict(words.to_owned())
        })?;
    let subject = Subject::of(Kind::Royalties, month.number());
    at.note(Action::RoyaltiesExported, subject).await?;
    Ok((month, statement.ceiling))
}

pub(in crate::pages::newsroom) async fn lines(
    at: AtDesk,
    Path(name): Path<String>,
) -> Result<Response> {
    let (month, ceiling) = locked(&at, &name).await?;
    let lines = snapshot::lines(at.site.db.reader(), month).await?;
    let table = sheet::lines(month, ceiling, &lines);
    Ok(table_file::csv(
        &format!("nhuan-but-{}", month.name()),
        &table,
    ))
}

pub(in crate::pages::newsroom) async fn payments(
    at: AtDesk,
    Path(name): Path<String>,
) -> Result<Response> {
    let (month, _) = locked(&at, &name).await?;
    let payments = snapshot::payments(at.site.db.reader(), month).await?;
    let table = sheet::payments(month, &payments);
    Ok(table_file::csv(
        &format!("chi-tra-{}", month.name()),
        &table,
    ))
}

pub(in crate::pages::newsroom) async fn workbook(
    at: AtDesk,
    Path(name): Path<String>,
) -> Result<Response> {
    let (month, ceiling) = locked(&at, &name).await?;
    let db = at.site.db.reader();
    let lines = sheet::lines(month, ceiling, &snapshot::lines(db, month).await?);
    let payments = sheet::payments(month, &snapshot::payments(db, month).await?);
    let tables = vec![
        ("Bảng kê".to_owned(), lines),
        ("Chi trả".to_owned(), payments),
    ];
    table_file::xlsx(&format!("nhuan-but-{}", month.name()), tables).await
}
