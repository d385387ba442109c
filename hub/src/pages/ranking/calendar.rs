//! `/quan-tri/xep-hang/cong-khai`: mandatory sections and what is to be made public, with the day it is due and who is
//! late.

use super::asked::{Asked, kinds};
use super::periods;
use crate::pages::grid_file;
use crate::ranking::collect::calendar::{self as counted, Disclosed, Filled};
use crate::ranking::collect::{self, Bounds, Counted};
use crate::ranking::disclosure::Standing;
use crate::ranking::scheme::Scheme;
use crate::ranking::span::{Kind, Span};
use crate::ranking::version;
use crate::sections;
use axum::extract::Query;
use axum::response::Response;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk};
use shared::pages::templates::{Grid, GridCell, GridRow, RankingTablePage};
use shared::pages::view::{FilterLink, Leaf, Link};
use shared::site::Site;
use shared::vietnamese;

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang/cong-khai";
/// The same as a workbook.
pub(in crate::pages) const XLSX: &str = "/quan-tri/xep-hang/cong-khai/bang.xlsx";
/// Members on one page.
const ROWS: u64 = 100;

pub(in crate::pages) async fn show(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let made = Made::of(&at.site, &asked).await?;
    let members = made.of_group(&asked.nhom);
    let leaf = Leaf::nearest(asked.trang, members.len() as u64, ROWS);
    let shown = leaf.of_rows(members, ROWS);
    let year = made.span.year().to_string();
    let number = made.span.number().to_string();
    let address = |group: &str, page: &str| {
        let query = [
            ("kind", made.span.kind.as_str()),
            ("number", number.as_str()),
            ("year", year.as_str()),
            ("nhom", group),
            ("trang", page),
        ];
        around::address(
            PATH,
            query.into_iter().filter(|(_, value)| !value.is_empty()),
        )
    };
    let groups = made.groups(&asked.nhom, |code| address(code, ""));
    let xlsx = address(&asked.nhom, "").replacen(PATH, XLSX, 1);
    let pagination = leaf.pagination(|number| address(&asked.nhom, &number.to_string()));
    let grids = made.grids(&shown)?;
    let mut desk = at.desk("Lịch công khai", periods::PATH).await?;
    desk.breadcrumb = vec![Link::new("Xếp hạng", periods::PATH)];
    at.answer(&RankingTablePage {
        desk,
        intro: format!(
            "{}; bộ chỉ số {}; số liệu lúc {}",
            made.span.label(),
            made.scheme.version,
            vietnamese::date_time(at.site.clock.now())
        ),
        kinds: kinds(made.span.kind),
        year,
        number,
        groups,
        files: vec![Link::new("Excel", xlsx)],
        grids,
        empty: "Không có đơn vị nào trong nhóm này.".to_owned(),
        pagination,
        action: PATH.to_owned(),
    })
}

pub(in crate::pages) async fn xlsx(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let made = Made::of(&at.site, &asked).await?;
    let grids = made.grids(&made.of_group(&asked.nhom))?;
    let named = grids
        .into_iter()
        .zip(["Công khai", "Chuyên mục"])
        .map(|(grid, name)| (name.to_owned(), grid));
    grid_file::xlsx("lich-cong-khai", made.span.label(), named.collect()).await
}

/// Everything the page is made of.
struct Made {
    scheme: Scheme,
    span: Span,
    bounds: Bounds,
    members: Vec<Counted>,
    disclosed: Disclosed,
    filled: Filled,
}

impl Made {
    async fn of(site: &Site, asked: &Asked) -> Result<Self> {
        let db = site.db.reader();
        let today = vietnamese::local(site.clock.now()).date_naive();
        let (scheme, _) = version::current(db).await?;
        // The quarter that lasts: what is due is seen before it is late.
        let current = || {
            use chrono::Datelike;
            Span::of(Kind::Quarter, today.year(), (today.month() - 1) / 3 + 1)
        };
        let span = match asked.kind.is_empty() {
            true => current(),
            false => asked.span(Kind::Quarter, today),
        };
        let span = span.ok_or(Error::NotFound)?;
        let mut members = collect::members(site, &scheme, &span).await?.all;
        members.retain(|member| !member.is_feed);
        let bounds = Bounds::of(&span, site);
        Ok(Self {
            disclosed: Disclosed::read(site, &scheme, &span, None).await?,
            filled: counted::filled(db, &scheme, bounds.end).await?,
            scheme,
            span,
            bounds,
            members,
        })
    }

    fn of_group(&self, code: &str) -> Vec<&Counted> {
        let members = self.members.iter();
        members
            .filter(|member| code.is_empty() || member.group == code)
            .collect()
    }

    fn groups(&self, current: &str, address: impl Fn(&str) -> String) -> Vec<FilterLink> {
        let link = |label: &str, code: &str| FilterLink {
            label: label.to_owned(),
            url: address(code),
            count: self.of_group(code).len().to_string(),
            current: code == current,
        };
        let groups = self.scheme.groups.iter();
        std::iter::once(link("Toàn tỉnh", ""))
            .chain(groups.map(|group| link(&group.name, &group.code)))
            .filter(|link| link.count != "0")
            .collect()
    }

    fn grids(&self, members: &[&Counted]) -> Result<Vec<Grid>> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![self.disclosures(members), self.sections(members)?])
    }

    fn disclosures(&self, members: &[&Counted]) -> Grid {
        let mut grid = Grid::new(
            "Công khai theo lịch",
            &[
                "Đơn vị",
                "Mục đến hạn",
                "Đã công khai",
                "Chậm",
                "Chưa công khai",
                "Sắp đến hạn",
            ],
        );
        for member in members {
            let standings = self.disclosed.of(
                &self.scheme,
                &self.span,
                &member.group,
                member.unit,
                self.bounds.to,
            );
            let named = |of: fn(&Standing) -> bool| {
                let found = standings.iter().filter(|(_, standing)| of(standing));
                let lines: Vec<String> = found
                    .map(|(occasion, _)| {
                        format!(
                            "{} (hạn {})",
                            occasion.what.name,
                            cards::day(occasion.due).text
                        )
                    })
                    .collect();
                (lines.len(), lines.join("; "))
            };
            let cell = |(count, lines): (usize, String), is_bad: bool| {
                GridCell::new(count.to_string())
                    .with(lines)
                    .bad(is_bad && count > 0)
            };
            let (due, _) = named(|standing| *standing != Standing::Open);
            let (made, _) =
                named(|standing| matches!(standing, Standing::OnTime(_) | Standing::Late(_)));
            grid.add(GridRow {
                head: cards::capitalised(&member.name),
                cells: vec![
                    GridCell::new(due.to_string()),
                    GridCell::new(made.to_string()),
                    cell(
                        named(|standing| matches!(standing, Standing::Late(_))),
                        true,
                    ),
                    cell(named(|standing| *standing == Standing::Missing), true),
                    cell(named(|standing| *standing == Standing::Open), false),
                ],
                ..GridRow::default()
            });
        }
        grid
    }

    fn sections(&self, members: &[&Counted]) -> Result<Grid> {
        let tree = sections::default_tree()?;
        let mut grid = Grid::new(
            "Chuyên mục bắt buộc",
            &["Đơn vị", "Có nội dung", "Còn trống"],
        );
        for member in members {
            let due = self.scheme.sections.of_kind(&member.kind);
            let empty: Vec<&str> = due
                .iter()
                .filter(|code| !self.filled.has(member.unit, code))
                .map(|code| {
                    let known = tree.iter().find(|section| &section.slug == code);
                    known.map_or(code.as_str(), |section| section.name.as_str())
                })
                .collect();
            grid.add(GridRow {
                head: cards::capitalised(&member.name),
                cells: vec![
                    GridCell::new(format!("{}/{}", due.len() - empty.len(), due.len())),
                    GridCell::new(empty.len().to_string())
                        .with(empty.join("; "))
                        .bad(!empty.is_empty()),
                ],
                ..GridRow::default()
            });
        }
        Ok(grid)
    }
}
