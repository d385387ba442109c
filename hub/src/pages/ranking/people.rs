//! `/quan-tri/xep-hang/ca-nhan`: people by what they wrote, for the awards of a year.

use super::asked::{Asked, kinds};
use super::periods;
use crate::pages::grid_file;
use crate::ranking::people::{self, Author};
use crate::ranking::span::{Kind, Span};
use axum::extract::Query;
use axum::response::Response;
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk};
use shared::pages::templates::{Grid, GridCell, GridRow, RankingTablePage};
use shared::pages::view::{Leaf, Link};
use shared::units;
use shared::vietnamese::{self, grouped};
use uuid::Uuid;

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang/ca-nhan";
/// The same as a workbook.
pub(in crate::pages) const XLSX: &str = "/quan-tri/xep-hang/ca-nhan/bang.xlsx";
/// People on one page.
const ROWS: u64 = 100;

pub(in crate::pages) async fn show(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let (span, authors) = found(&at, &asked).await?;
    let leaf = Leaf::nearest(asked.trang, authors.len() as u64, ROWS);
    let (year, number) = (span.year().to_string(), span.number().to_string());
    let address = |path: &str, page: &str| {
        let query = [
            ("kind", span.kind.as_str()),
            ("number", number.as_str()),
            ("year", year.as_str()),
            ("trang", page),
        ];
        around::address(
            path,
            query.into_iter().filter(|(_, value)| !value.is_empty()),
        )
    };
    let files = vec![Link::new("Excel", address(XLSX, ""))];
    let pagination = leaf.pagination(|number| address(PATH, &number.to_string()));
    let shown = leaf.of_rows(authors, ROWS);
    let grids = match shown.is_empty() {
        true => Vec::new(),
        false => vec![grid(&at, &shown).await?],
    };
    let mut desk = at.desk("Xếp hạng cá nhân", periods::PATH).await?;
    desk.breadcrumb = vec![Link::new("Xếp hạng", periods::PATH)];
    at.answer(&RankingTablePage {
        desk,
        intro: format!(
            "{}: theo tên tác giả trên tin, bài tự viết. Loại A tính 3, B tính 2, C và không phân loại tính 1; bằng nhau thì xét số bài được nhận, rồi số bài đăng",
            span.label()
        ),
        kinds: kinds(span.kind),
        year,
        number,
        groups: Vec::new(),
        files,
        grids,
        empty: "Chưa có tin, bài nào ghi tên tác giả trong kỳ này.".to_owned(),
        pagination,
        action: PATH.to_owned(),
    })
}

pub(in crate::pages) async fn xlsx(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let (span, authors) = found(&at, &asked).await?;
    let grid = grid(&at, &authors).await?;
    grid_file::xlsx("ca-nhan", span.label(), vec![("Cá nhân".to_owned(), grid)]).await
}

async fn found(at: &AtDesk, asked: &Asked) -> Result<(Span, Vec<Author>)> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let span = asked.span(Kind::Year, today).ok_or(Error::NotFound)?;
    let units: Vec<Uuid> = site_record::all(db)
        .await?
        .into_iter()
        .filter(|member| member.id != at.site.id)
        .map(|member| member.unit_id)
        .collect();
    Ok((span, people::rank(db, &span, &units).await?))
}

async fn grid(at: &AtDesk, authors: &[Author]) -> Result<Grid> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let tree = units::tree_on(at.site.db.reader(), today).await?;
    let heads = [
        "Tác giả",
        "Hạng",
        "Đơn vị",
        "Tin, bài",
        "Tỉnh nhận",
        "A / B / C",
        "Điểm chất lượng",
    ];
    let mut grid = Grid::new("Cá nhân", &heads);
    for author in authors {
        let [a, b, c] = author.grades;
        grid.add(GridRow {
            head: author.name.clone(),
            cells: vec![
                GridCell::new(author.place.to_string()),
                GridCell::new(cards::capitalised(&tree.name_of(author.unit))),
                GridCell::new(grouped(author.items)),
                GridCell::new(grouped(author.accepted)),
                GridCell::new(format!("{a} / {b} / {c}")),
                GridCell::new(author.sum.shown()),
            ],
            ..GridRow::default()
        });
    }
    Ok(grid)
}
