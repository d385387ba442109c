//! `/quan-tri/bao-cao`: the report of a period, as a page, on paper and as a workbook.

use super::grid_file;
use super::ranking::asked::{Asked, kinds};
use super::ranking::period::place;
use crate::ranking::score::Table;
use crate::ranking::span::{Kind, Span};
use crate::reports::{self, Figures, Report, Source};
use axum::extract::Query;
use axum::response::Response;
use chrono::{Datelike, NaiveDate};
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk};
use shared::pages::templates::{Grid, GridCell, GridRow, ReportPage};
use shared::pages::view::{Figure, FormErrors, Link};
use shared::vietnamese::{self, grouped};

/// The page.
pub(super) const PATH: &str = "/quan-tri/bao-cao";
/// The same as a workbook.
pub(super) const XLSX: &str = "/quan-tri/bao-cao/bang.xlsx";

pub(super) async fn show(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let mut errors = FormErrors::default();
    let span = asked.span(Kind::Month, today).or_else(|| {
        errors.add("number", "Không có kỳ này; đây là kỳ gần nhất.");
        Span::latest(Kind::Month, today)
    });
    let span = span.ok_or(shared::error::Error::NotFound)?;
    let report = reports::of(&at.site, span).await?;
    let page = ReportPage {
        desk: at.desk("Báo cáo", PATH).await?,
        title: title(&report),
        made_of: made_of(&report),
        kinds: kinds(span.kind),
        year: span.year().to_string(),
        number: span.number().to_string(),
        annual: Link::new(
            "Lập báo cáo năm",
            address(PATH, &this_year(today).unwrap_or(span)),
        ),
        files: vec![Link::new("Excel", address(XLSX, &span))],
        figures: figures(&report),
        grids: grids(&report),
        action: PATH.to_owned(),
        errors,
    };
    match page.errors.is_empty() {
        true => at.answer(&page),
        false => at.answer_again(&page),
    }
}

pub(super) async fn xlsx(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let span = asked.span(Kind::Month, today);
    let span = span.ok_or(shared::error::Error::NotFound)?;
    let report = reports::of(&at.site, span).await?;
    let mut named = vec![("Tổng hợp".to_owned(), summary(&report))];
    let names = ["Sản phẩm", "Xếp hạng"];
    named.extend(
        grids(&report)
            .into_iter()
            .zip(names)
            .map(|(grid, name)| (name.to_owned(), grid)),
    );
    let title = format!("{}. {}", title(&report), made_of(&report));
    grid_file::xlsx("bao-cao", title, named).await
}

/// The year of rankings that lasts on `today`, or ends.
fn this_year(today: NaiveDate) -> Option<Span> {
    let year = today.year() + i32::from(today.month() == 12);
    Span::of(Kind::Year, year, 1)
}

fn address(path: &str, span: &Span) -> String {
    let (number, year) = (span.number().to_string(), span.year().to_string());
    around::address(
        path,
        [
            ("kind", span.kind.as_str()),
            ("number", number.as_str()),
            ("year", year.as_str()),
        ],
    )
}

fn title(report: &Report) -> String {
    let board = &report.board;
    let span = &board.span;
    format!(
        "Báo cáo {}, {} – {}",
        board.label.to_lowercase(),
        cards::day(span.from).text,
        cards::day(span.to).text
    )
}

/// From what, and when.
fn made_of(report: &Report) -> String {
    let scheme = &report.board.scheme.version;
    match report.source {
        Source::Frozen(at) => format!(
            "Theo kỳ chấm điểm đã chốt lúc {}; bộ chỉ số {scheme}",
            vietnamese::date_time(at)
        ),
        Source::Now(at) => format!(
            "Theo số liệu cổng tỉnh đang giữ lúc {}, chưa chốt; bộ chỉ số {scheme}",
            vietnamese::date_time(at)
        ),
    }
}

/// What all comes to, with what each counts.
fn totals(report: &Report) -> Vec<(String, String)> {
    let all = report.totals();
    let members = i64::try_from(report.board.members.len()).unwrap_or(i64::MAX);
    let line = |value: String, label: &str| (value, label.to_owned());
    vec![
        line(grouped(members), "đơn vị tham gia"),
        line(grouped(all.news), "tin, bài đã đăng"),
        line(grouped(all.originals), "trong đó tự viết"),
        line(grouped(all.documents), "văn bản"),
        line(
            share(all.documents_on_time, all.documents),
            "văn bản đăng đúng hạn",
        ),
        line(grouped(all.questions), "câu hỏi trả lời công khai"),
        line(
            share(all.questions_on_time, all.questions_dated),
            "câu hỏi trả lời đúng hạn",
        ),
        line(all.views.map_or("–".to_owned(), grouped), "lượt xem"),
        line(grouped(all.accepted), "bài cổng tỉnh nhận"),
        line(grouped(all.secrets_published), "vụ đăng bí mật nhà nước"),
        line(grouped(all.data_leaks), "vụ lộ dữ liệu cá nhân"),
    ]
}

fn figures(report: &Report) -> Vec<Figure> {
    let totals = totals(report).into_iter();
    totals
        .map(|(value, label)| Figure { value, label })
        .collect()
}

fn summary(report: &Report) -> Grid {
    let mut grid = Grid::new("Tổng hợp", &["Nội dung", "Số liệu"]);
    for (value, label) in totals(report) {
        grid.add(GridRow {
            head: cards::capitalised(&label),
            cells: vec![GridCell::new(value)],
            ..GridRow::default()
        });
    }
    grid
}

/// `12/15`; a dash where there is nothing to be in time with.
fn share(on_time: i64, of: i64) -> String {
    match of {
        0 => "–".to_owned(),
        _ => format!("{}/{}", grouped(on_time), grouped(of)),
    }
}

fn grids(report: &Report) -> Vec<Grid> {
    let heads = [
        "Đơn vị",
        "Tin, bài",
        "Tự viết",
        "Văn bản",
        "Đúng hạn",
        "Hỏi đáp",
        "Trả lời đúng hạn",
        "Lượt xem",
        "Tỉnh nhận",
    ];
    let mut made = Grid::new("Sản phẩm của từng đơn vị", &heads);
    let tables: Vec<&str> = std::iter::once("Đơn vị")
        .chain(Table::ALL.into_iter().map(Table::label))
        .chain(["Xếp loại"])
        .collect();
    let mut ranks = Grid::new("Xếp hạng từng đơn vị", &tables);
    for (member, figures, score) in report.rows() {
        let head = cards::capitalised(&member.name);
        made.add(GridRow {
            head: head.clone(),
            cells: cells(&figures),
            ..GridRow::default()
        });
        let mut cells: Vec<GridCell> = Table::ALL
            .into_iter()
            .map(|table| match score.standing(table) {
                Some(standing) => {
                    GridCell::new(place(standing.overall)).with(standing.points.shown())
                }
                None => GridCell::new("–"),
            })
            .collect();
        cells.push(GridCell::new(score.class.clone()));
        ranks.add(GridRow {
            head,
            cells,
            ..GridRow::default()
        });
    }
    vec![made, ranks]
}

fn cells(figures: &Figures) -> Vec<GridCell> {
    [
        grouped(figures.news),
        grouped(figures.originals),
        grouped(figures.documents),
        share(figures.documents_on_time, figures.documents),
        grouped(figures.questions),
        share(figures.questions_on_time, figures.questions_dated),
        figures.views.map_or("–".to_owned(), grouped),
        grouped(figures.accepted),
    ]
    .into_iter()
    .map(GridCell::new)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_that_ends_is_reported_until_its_last_day() {
        for (today, label) in [
            ("2026-11-30", "Năm 2026 (đến 30/11)"),
            ("2026-12-01", "Năm 2027 (đến 30/11)"),
            ("2026-01-01", "Năm 2026 (đến 30/11)"),
        ] {
            let span = this_year(today.parse().expect("a day"));
            assert_eq!(span.map(|span| span.label()).as_deref(), Some(label));
        }
        assert_eq!(share(0, 0), "–");
        assert_eq!(share(1200, 1250), "1.200/1.250");
    }
}
