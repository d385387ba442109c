//! `/quan-tri/xep-hang/ky/{period}`: one period, its tables, and its next step.

use super::asked::Asked;
use super::{files, periods, sheet};
use crate::ranking::letters;
use crate::ranking::period::{self, Act, Facts, State};
use crate::ranking::scheme::{Measure, Scheme};
use crate::ranking::score::{Score, Standing, Table};
use crate::ranking::snapshot::{self, Board, Entry};
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk, Done};
use shared::pages::ranking;
use shared::pages::templates::{Grid, GridCell, GridRow, RankingPage, RankingStep};
use shared::pages::view::{FilterLink, FormErrors, Leaf, Link};
use shared::vietnamese::grouped;
use uuid::Uuid;

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang/ky/{period}";

/// Members on one page.
const ROWS: u64 = 200;

/// The page of `period`.
pub(in crate::pages) fn path_of(period: Uuid) -> String {
    PATH.replace("{period}", &period.to_string())
}

/// The period an address names.
pub(super) async fn find(at: &AtDesk, id: &str) -> Result<period::Model> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let found = period::find(at.site.db.reader(), id).await?;
    found.ok_or(Error::NotFound)
}

pub(in crate::pages) async fn show(
    at: AtDesk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let period = find(&at, &id).await?;
    let page = page(&at, &period, &asked, FormErrors::default()).await?;
    at.answer(&page)
}

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Sent {
    csrf: String,
    action: String,
    confirm: String,
}

pub(in crate::pages) async fn step(
    at: AtDesk,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let period = find(&at, &id).await?;
    let by = at.user.actor();
    let lacking = |field: &str, words: &str| {
        let mut errors = FormErrors::default();
        errors.add(field, words);
        errors
    };
    let Some(act) = act_of(&sent.action) else {
        let errors = lacking("", "Hãy chọn việc cần làm với kỳ này.");
        let page = page(&at, &period, &Asked::default(), errors).await?;
        return at.answer_again(&page);
    };
    if act != Act::Collect && sent.confirm.is_empty() {
        let errors = lacking(
            "confirm",
            "Hãy đánh dấu để xác nhận; bước này không quay lại được.",
        );
        let page = page(&at, &period, &Asked::default(), errors).await?;
        return at.answer_again(&page);
    }
    match act {
        Act::Collect | Act::OpenWindow => period::count(&at.site, period.id, act, &by).await?,
        Act::Freeze => period::freeze(&at.site, period.id, &by).await?,
        Act::Publish => period::publish(&at.site, period.id, &by).await?,
        Act::Say => return Err(Error::NotFound),
    }
    tracing::info!(
        account.login = at.user.account.login,
        period.id = %period.id,
        ?act,
        "a ranking was moved on"
    );
    Ok(Done::RankingMoved.then(&path_of(period.id)))
}

fn act_of(name: &str) -> Option<Act> {
    [Act::Collect, Act::OpenWindow, Act::Freeze, Act::Publish]
        .into_iter()
        .find(|act| code_of(*act) == name)
}

fn code_of(act: Act) -> &'static str {
    match act {
        Act::Collect => "collect",
        Act::OpenWindow => "window",
        Act::Say => "say",
        Act::Freeze => "freeze",
        Act::Publish => "publish",
    }
}

async fn page(
    at: &AtDesk,
    period: &period::Model,
    asked: &Asked,
    errors: FormErrors,
) -> Result<RankingPage> {
    let db = at.site.db.reader();
    let board = snapshot::board(db, &at.site, period).await?;
    let table = Table::parse(&asked.bang).unwrap_or(Table::Total);
    let group = board
        .scheme
        .group(&asked.nhom)
        .map(|group| group.code.clone());
    let facts = period.facts(db, &at.site).await?;
    let may_manage = at.user.may(Right::ManageRanking);
    let path = path_of(period.id);
    let mut about = about(period, &board);
    about.extend(told(at, period).await?);
    let mut grid = grid(&board, table, group.as_deref(), |unit| {
        Some(sheet::path_of(period.id, unit))
    });
    let leaf = Leaf::nearest(asked.trang, grid.rows.len() as u64, ROWS);
    grid.rows = leaf.of_rows(grid.rows, ROWS);
    let mut desk = at.desk(&board.label, periods::PATH).await?;
    desk.breadcrumb = vec![Link::new("Xếp hạng", periods::PATH)];
    Ok(RankingPage {
        desk,
        state: ranking::badge(period.state()),
        facts: about,
        files: files::links(period.id),
        unmeasured: unmeasured(&board.scheme),
        tables: tables(&board, table, |code| {
            around::address(&path, [("bang", code), ("nhom", asked.nhom.as_str())])
        }),
        groups: groups(&board, group.as_deref(), |code| {
            around::address(&path, [("bang", table.code()), ("nhom", code)])
        }),
        grid,
        pagination: leaf.pagination(|number| {
            let number = number.to_string();
            let query = [
                ("bang", table.code()),
                ("nhom", asked.nhom.as_str()),
                ("trang", number.as_str()),
            ];
            around::address(&path, query)
        }),
        steps: match may_manage {
            true => steps(period.state(), &facts),
            false => Vec::new(),
        },
        waits: waits(period.state(), &facts),
        objections: open_objections(&board, period.id),
        action: path,
        errors,
    })
}

/// To how many members their numbers were sent.
async fn told(at: &AtDesk, period: &period::Model) -> Result<Option<String>> {
    let (told, all) = letters::progress(at.site.db.reader(), period.id).await?;
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let words = format!(
        "đã gửi điểm cho {} trong {} đơn vị",
        count(told),
        count(all)
    );
    Ok((all > 0).then_some(words))
}

fn about(period: &period::Model, board: &Board) -> Vec<String> {
    let mut facts = vec![
        periods::days(&board.span),
        format!("bộ chỉ số {}", board.scheme.version),
        format!(
            "{} đơn vị",
            grouped(board.members.len().try_into().unwrap_or(i64::MAX))
        ),
    ];
    if let Some(at) = period.collected_at {
        facts.push(format!("số liệu lúc {}", cards::moment(at).text));
    }
    if let Some(at) = period.frozen_at {
        facts.push(format!("chốt lúc {}", cards::moment(at).text));
    }
    facts
}

/// That nothing was made up for what is not measured.
fn unmeasured(scheme: &Scheme) -> Option<String> {
    let names: Vec<String> = scheme
        .indicators
        .iter()
        .filter(|one| one.measure == Measure::Declared)
        .map(|one| format!("{} {}", one.code, one.name))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "Chưa đo, điểm chia cho các chỉ số khác: {}.",
            names.join("; ")
        )
    })
}

/// The tables there are; how many are ranked in each.
pub(super) fn tables(
    board: &Board,
    current: Table,
    address: impl Fn(&str) -> String,
) -> Vec<FilterLink> {
    Table::ALL
        .into_iter()
        .map(|table| {
            let count = board
                .scores
                .iter()
                .filter(|one| one.standing(table).is_some());
            FilterLink {
                label: table.label().to_owned(),
                url: address(table.code()),
                count: count.count().to_string(),
                current: table == current,
            }
        })
        .collect()
}

fn groups(
    board: &Board,
    current: Option<&str>,
    address: impl Fn(&str) -> String,
) -> Vec<FilterLink> {
    let link = |label: &str, code: &str, count: usize| FilterLink {
        label: label.to_owned(),
        url: address(code),
        count: count.to_string(),
        current: current.unwrap_or_default() == code,
    };
    let all = link("Toàn tỉnh", "", board.members.len());
    let groups = board.scheme.groups.iter().map(|group| {
        let count = board
            .members
            .iter()
            .filter(|member| member.group == group.code);
        link(&group.name, &group.code, count.count())
    });
    std::iter::once(all)
        .chain(groups.filter(|group| group.count != "0"))
        .collect()
}

/// The members of a table in the order of their places: of one group, or of all.
pub(in crate::pages) fn ranked<'a>(
    board: &'a Board,
    table: Table,
    group: Option<&str>,
) -> Vec<(&'a Entry, &'a Score, &'a Standing)> {
    let members = board.members.iter().zip(&board.scores);
    let mut ranked: Vec<_> = members
        .filter(|(member, _)| group.is_none_or(|group| member.group == group))
        .filter_map(|(member, score)| Some((member, score, score.standing(table)?)))
        .collect();
    ranked.sort_by_key(|(_, _, standing)| standing.overall.place);
    ranked
}

/// `3/37`.
pub(in crate::pages) fn place(place: crate::ranking::score::Place) -> String {
    ranking::place((place.place, place.of))
}

/// A table, in which each member leads to where `url` says.
pub(super) fn grid(
    board: &Board,
    table: Table,
    group: Option<&str>,
    url: impl Fn(Uuid) -> Option<String>,
) -> Grid {
    let heads = match table {
        Table::Total => vec!["Đơn vị", "Hạng", "Hạng trong nhóm", "Điểm", "Xếp loại"],
        Table::Of(_) => vec!["Đơn vị", "Hạng", "Hạng trong nhóm", "Điểm"],
    };
    let mut grid = Grid::new(format!("{}, {}", table.label(), board.label), &heads);
    for (member, score, standing) in ranked(board, table, group) {
        let mut cells = vec![
            GridCell::new(place(standing.overall)),
            GridCell::new(place(standing.in_group)),
            GridCell::new(standing.points.shown()),
        ];
        if table == Table::Total {
            cells.push(GridCell::new(score.class.clone()).bad(score.is_void));
        }
        let group = board.scheme.group(&member.group);
        grid.add(GridRow {
            head: cards::capitalised(&member.name),
            url: url(member.unit),
            sub: group.map(|group| group.name.clone()).unwrap_or_default(),
            cells,
        });
    }
    grid
}

fn steps(state: State, facts: &Facts) -> Vec<RankingStep> {
    let all = [
        (
            Act::Collect,
            "Thu thập lại số liệu",
            "Đếm lại mọi số liệu từ những gì cổng tỉnh đang giữ.",
            "",
        ),
        (
            Act::OpenWindow,
            "Mở thời gian giải trình",
            "Số liệu được đếm lần cuối và cố định; đơn vị có số ngày làm việc ghi trong bộ chỉ số để tự đánh giá và giải trình.",
            "Tôi đã xem số liệu; từ nay không thu thập lại kỳ này nữa",
        ),
        (
            Act::Freeze,
            "Chốt kỳ",
            "Toàn bộ số liệu, điều chỉnh, bộ chỉ số và điểm được ghi lại, ký bằng khóa của cổng, và không bao giờ đổi nữa.",
            "Tôi hiểu rằng sau khi chốt không ai sửa được kỳ này",
        ),
        (
            Act::Publish,
            "Công bố",
            "Kết quả và số liệu gốc hiện ở trang công khai /xep-hang.",
            "Tôi đồng ý công bố cho mọi người xem",
        ),
    ];
    all.into_iter()
        .filter(|(act, ..)| period::may(state, *act, facts).is_ok())
        .map(|(act, label, words, confirm)| RankingStep {
            action: code_of(act).to_owned(),
            label: label.to_owned(),
            words: words.to_owned(),
            confirm: confirm.to_owned(),
        })
        .collect()
}

/// What has to happen before the next step.
fn waits(state: State, facts: &Facts) -> Option<String> {
    let next = match state {
        State::Open => Act::OpenWindow,
        State::Window => Act::Freeze,
        State::Frozen | State::Published => return None,
    };
    period::may(state, next, facts).err().map(str::to_owned)
}

fn open_objections(board: &Board, period: Uuid) -> Vec<Link> {
    board
        .members
        .iter()
        .filter_map(|member| {
            let open = member.objections.iter().filter(|one| one.outcome.is_none());
            let count = open.count();
            let name = cards::capitalised(&member.name);
            (count > 0).then(|| {
                Link::new(
                    format!("{name}: {count}"),
                    sheet::path_of(period, member.unit),
                )
            })
        })
        .collect()
}
