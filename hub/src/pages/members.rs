//! `/quan-tri/don-vi`: every member and how it is; narrowed, sorted, and with the columns somebody chose.

use super::member::path_of;
use super::member_columns::Column;
use super::{enrol, keys, member_export, member_live};
use crate::members::overview::{Member, Overview};
use crate::members::watch::Watch;
use axum::extract::Extension;
use axum::http::header;
use axum::response::Response;
use chrono::{DateTime, Utc};
use shared::accounts::Right;
use shared::citizens::told;
use shared::directory::site_record;
use shared::error::Result;
use shared::pages::newsroom::around::{AtDesk, address};
use shared::pages::templates::MembersPage;
use shared::pages::view::{
    Choice, ColumnHead, Figure, FilterLink, Link, LinkState, MemberRow, Pagination, Stamp,
};
use shared::pages::visit::Visit;
use shared::pages::{cards, display};
use shared::units;
use shared::vietnamese::{self, fold, grouped};
use url::form_urlencoded;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/don-vi";
/// Rows on one page.
pub(super) const ROWS: usize = 200;
/// The cookie that remembers the columns somebody chose.
const COLUMNS_COOKIE: &str = "cot-don-vi";
const A_YEAR: u32 = 31_536_000;

const STATES: [(LinkState, &str); 5] = [
    (LinkState::Lost, "mat-ket-noi"),
    (LinkState::Late, "tre"),
    (LinkState::New, "moi"),
    (LinkState::Online, "truc-tuyen"),
    (LinkState::Paused, "tam-dung"),
];

/// Kinds of units to narrow to.
const KINDS: [(&str, &str); 5] = [
    ("xa", "Xã"),
    ("phuong", "Phường"),
    ("dac_khu", "Đặc khu"),
    ("so", "Sở, ban, ngành"),
    ("huyen", "Huyện"),
];

/// What to narrow the table to, and how to show it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    state: String,
    kind: String,
    words: String,
    /// The column to sort by; the troubled ones come first otherwise.
    sort: String,
    is_reversed: bool,
    page: u32,
    columns: Vec<Column>,
    /// Whether the columns were chosen just now.
    is_chosen: bool,
}

impl Asked {
    /// What an address asks for, and what the cookie remembers.
    pub(super) fn of(visit: &Visit) -> Self {
        let query = visit.path.split_once('?').map_or("", |(_, query)| query);
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let all = |wanted: &'static str| {
            let named = pairs.iter().filter(move |(name, _)| name == wanted);
            named.map(|(_, value)| value.as_str())
        };
        let value = |name| all(name).next().unwrap_or_default().to_owned();
        let parsed = |codes: &mut dyn Iterator<Item = &str>| -> Option<Vec<Column>> {
            let columns: Vec<Column> = codes.filter_map(Column::parse).collect();
            (!columns.is_empty()).then_some(columns)
        };
        let chosen = parsed(&mut all("cot"));
        let remembered = || parsed(&mut visit.cookie(COLUMNS_COOKIE)?.split('.'));
        Self {
            state: value("trang-thai"),
            kind: value("loai"),
            words: value("q"),
            sort: value("sap-xep"),
            is_reversed: !value("nguoc").is_empty(),
            page: value("trang").parse().unwrap_or(1).max(1),
            is_chosen: chosen.is_some(),
            columns: chosen
                .or_else(remembered)
                .unwrap_or_else(|| Column::USUAL.to_vec()),
        }
    }

    fn state(&self) -> Option<LinkState> {
        let found = STATES.iter().find(|(_, code)| *code == self.state);
        found.map(|(state, _)| *state)
    }

    /// The members asked for, in the order asked for.
    pub(super) fn select<'a>(&self, overview: &'a Overview) -> Vec<&'a Member> {
        let words = fold(self.words.trim());
        let state = self.state();
        let mut found: Vec<&Member> = overview
            .members
            .iter()
            .filter(|member| state.is_none_or(|state| member.state == state))
            .filter(|member| self.kind.is_empty() || member.kind == self.kind)
            .filter(|member| {
                words.is_empty()
                    || fold(&member.name).contains(&words)
                    || host(member).contains(&words)
            })
            .collect();
        if self.sort == NAME {
            found.sort_by_cached_key(|member| fold(&member.name));
        } else if let Some(column) = Column::parse(&self.sort) {
            found.sort_by(|one, other| column.order(one, other));
        }
        if self.is_reversed {
            found.reverse();
        }
        found
    }

    /// The members on the page asked for.
    pub(super) fn on_page<'a>(&self, overview: &'a Overview) -> Vec<&'a Member> {
        let first = (self.page as usize - 1).saturating_mul(ROWS);
        let found = self.select(overview).into_iter();
        found.skip(first).take(ROWS).collect()
    }

    /// The row of `member` at the time `now`.
    pub(super) fn row(&self, member: &Member, now: DateTime<Utc>) -> MemberRow {
        let columns = self.columns.iter();
        MemberRow {
            url: path_of(member.site),
            name: cards::capitalised(&member.name),
            host: host(member).to_owned(),
            state: member.state,
            since: member.since.map(cards::moment),
            doubled: member.doubled.clone(),
            back_at: member.back_at.map(cards::moment),
            cells: columns.map(|column| column.cell(member, now)).collect(),
        }
    }

    /// The columns asked for.
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The address of `path` with all that is asked for, but for what `change` changes.
    fn address(&self, path: &str, change: impl FnOnce(&mut Self)) -> String {
        let mut asked = self.clone();
        change(&mut asked);
        let page = match asked.page {
            1 => String::new(),
            page => page.to_string(),
        };
        let reversed = if asked.is_reversed { "1" } else { "" };
        let query = [
            ("trang-thai", asked.state.as_str()),
            ("loai", &asked.kind),
            ("q", &asked.words),
            ("sap-xep", &asked.sort),
            ("nguoc", reversed),
            ("trang", &page),
        ];
        let query = query.into_iter().filter(|(_, value)| !value.is_empty());
        address(path, query)
    }
}

/// What sorts by name.
const NAME: &str = "ten";

fn host(member: &Member) -> &str {
    member.base_url.split("://").last().unwrap_or_default()
}

pub(super) async fn list(at: AtDesk, Extension(watch): Extension<Watch>) -> Result<Response> {
    let asked = Asked::of(&at.visit);
    let overview = watch.seen(&at.site).await?;
    let mut response = at.answer(&page(&at, &asked, &overview).await?)?;
    if asked.is_chosen {
        let codes: Vec<&str> = asked.columns.iter().map(|column| column.code()).collect();
        let cookie = display::remembered(&at.site, COLUMNS_COOKIE, &codes.join("."), A_YEAR)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn page(at: &AtDesk, asked: &Asked, overview: &Overview) -> Result<MembersPage> {
    let total = asked.select(overview).len();
    let on_page = asked.on_page(overview).into_iter();
    let rows = on_page.map(|member| asked.row(member, overview.made_at));
    let last = u32::try_from(total.div_ceil(ROWS)).unwrap_or(u32::MAX);
    let pages = Pagination::new(asked.page, last, |number| {
        asked.address(PATH, |asked| asked.page = number)
    });
    let of_page = |path: &str| asked.address(path, |_| ());
    Ok(MembersPage {
        desk: at.desk("Đơn vị thành viên", PATH).await?,
        made_at: seen_at(overview),
        figures: figures(overview),
        states: states(overview, asked),
        kinds: kinds(&asked.kind),
        query: asked.words.clone(),
        kept: kept(asked),
        heads: heads(asked),
        columns: chosen_columns(asked),
        total: grouped(i64::try_from(total).unwrap_or(i64::MAX)),
        rows: rows.collect(),
        pagination: pages,
        live_url: of_page(member_live::PATH),
        closed: closed(at).await?,
        csv_url: of_page(member_export::CSV),
        xlsx_url: of_page(member_export::XLSX),
        enrol_url: enrol::PATH.to_owned(),
    })
}

/// Those that have left, with where they are invited again.
async fn closed(at: &AtDesk) -> Result<Vec<Link>> {
    if !at.user.may(Right::ManageKeys) {
        return Ok(Vec::new());
    }
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let left = site_record::closed(db).await?;
    let units: Vec<Uuid> = left.iter().map(|site| site.unit_id).collect();
    let tree = units::some_on(db, today, &units).await?;
    Ok(left
        .into_iter()
        .map(|site| {
            let host = site.base_url.split("://").last().unwrap_or_default();
            let label = format!("{} ({host})", tree.name_of(site.unit_id));
            Link::new(label, keys::path_of(site.id))
        })
        .collect())
}

/// When the members were looked at, to the second: a table that is live has to say how old it is.
pub(super) fn seen_at(overview: &Overview) -> Stamp {
    clock_time(overview.made_at)
}

/// A moment, to the second.
pub(super) fn clock_time(at: DateTime<Utc>) -> Stamp {
    let local = vietnamese::local(at);
    Stamp {
        iso: local.to_rfc3339(),
        text: local.format("%H:%M:%S").to_string(),
    }
}

/// What the whole province comes to.
pub(super) fn figures(overview: &Overview) -> Vec<Figure> {
    let members = &overview.members;
    let figure = |value: i64, label: &str| Figure {
        value: grouped(value),
        label: label.to_owned(),
    };
    let count = |of: &dyn Fn(&Member) -> bool| {
        let found = members.iter().filter(|member| of(member)).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    let sum = |of: &dyn Fn(&Member) -> i64| members.iter().map(of).sum::<i64>();
    let cases = |of: fn(&told::Model) -> i64| sum(&|member| member.cases.as_ref().map_or(0, of));
    vec![
        figure(count(&|_| true), "đơn vị"),
        figure(
            count(&|member| member.state == LinkState::Online),
            "đang trực tuyến",
        ),
        figure(
            sum(&|member| i64::try_from(member.waiting().items).unwrap_or(i64::MAX)),
            "mục đang chờ các đơn vị nhận",
        ),
        figure(
            sum(&|member| member.content.month),
            "tin, bài, văn bản trong tháng",
        ),
        figure(cases(|told| told.open), "câu hỏi, phản ánh chờ trả lời"),
        figure(cases(|told| told.late), "câu hỏi, phản ánh quá hạn"),
    ]
}

fn states(overview: &Overview, asked: &Asked) -> Vec<FilterLink> {
    let current = asked.state();
    let link = |label: &str, code: &str, count: usize, is_current| FilterLink {
        label: label.to_owned(),
        url: asked.address(PATH, |asked| {
            asked.state = code.to_owned();
            asked.page = 1;
        }),
        count: grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        current: is_current,
    };
    let all = link("Tất cả", "", overview.members.len(), current.is_none());
    let of_state = STATES.iter().map(|(state, code)| {
        let members = overview.members.iter();
        let count = members.filter(|member| member.state == *state).count();
        link(state.word(), code, count, current == Some(*state))
    });
    std::iter::once(all).chain(of_state).collect()
}

fn kinds(current: &str) -> Vec<Choice> {
    let all = Choice::new("", "Mọi loại đơn vị", current.is_empty());
    let of_kind = KINDS
        .iter()
        .map(|(code, label)| Choice::new(*code, *label, *code == current));
    std::iter::once(all).chain(of_kind).collect()
}

/// What a form has to carry on besides its own fields.
fn kept(asked: &Asked) -> Vec<(String, String)> {
    let reversed = if asked.is_reversed { "1" } else { "" };
    [
        ("trang-thai", asked.state.as_str()),
        ("sap-xep", &asked.sort),
        ("nguoc", reversed),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn heads(asked: &Asked) -> Vec<ColumnHead> {
    let head = |code: &str, label: &str| {
        let is_sorted = asked.sort == code;
        ColumnHead {
            label: label.to_owned(),
            url: asked.address(PATH, |asked| {
                asked.is_reversed = is_sorted && !asked.is_reversed;
                asked.sort = code.to_owned();
                asked.page = 1;
            }),
            sorted: is_sorted.then_some(if asked.is_reversed {
                "descending"
            } else {
                "ascending"
            }),
        }
    };
    let columns = asked.columns.iter();
    [head(NAME, "Đơn vị"), head("", "Trạng thái")]
        .into_iter()
        .chain(columns.map(|column| head(column.code(), column.label())))
        .collect()
}

fn chosen_columns(asked: &Asked) -> Vec<Choice> {
    Column::ALL
        .iter()
        .map(|column| {
            Choice::new(
                column.code(),
                column.label(),
                asked.columns.contains(column),
            )
        })
        .collect()
}
