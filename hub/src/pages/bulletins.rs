//! `/quan-tri/thong-bao-khan`: what the province says above every page, and how far each member has come with it.

use super::{bulletin_form, member, routes};
use crate::bulletins::progress::{self, Model, Sum, order};
use crate::bulletins::{self, Order};
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::bulletins::record::{self, Told};
use shared::directory::{contact_record, site_record};
use shared::error::{Error, Result};
use shared::pages::bulletins::line;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::newsroom::bulletins::{facts, label, state};
use shared::pages::templates::{BulletinLiftPage, BulletinPage, BulletinsPage};
use shared::pages::view::{
    Badge, BulletinMember, BulletinRow, BulletinVersion, Figure, FormErrors, Leaf, Link,
    RecallStep, Tone,
};
use shared::pages::{cards, frame, table_file};
use shared::screening;
use shared::table::{Cell, Table};
use shared::units::Tree;
use shared::vietnamese::{self, grouped};
use std::collections::HashMap;
use uuid::Uuid;

/// The list.
pub(super) const PATH: &str = "/quan-tri/thong-bao-khan";
/// One bulletin.
pub(super) const ONE: &str = "/quan-tri/thong-bao-khan/{bulletin}";
/// Its members as CSV.
pub(super) const CSV: &str = "/quan-tri/thong-bao-khan/{bulletin}/bang.csv";
/// Whether it is to be lifted.
pub(super) const LIFT: &str = "/quan-tri/thong-bao-khan/{bulletin}/go";
/// Rows on one page.
const PAGE: u64 = 20;
/// Sets of receivers named in words.
const MOST_NAMED: usize = 4;

/// The page of one bulletin.
pub(super) fn path_of(id: Uuid) -> String {
    ONE.replace("{bulletin}", &id.to_string())
}

/// How many pages on, and which version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
    ban: i64,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let total = record::count(db).await?;
    let leaf = Leaf::nearest(asked.trang, total, PAGE);
    let told = record::newest(db, leaf.offset, PAGE).await?;
    let events: Vec<i64> = told.iter().map(|one| one.row.event_id).collect();
    let sums = progress::sums(db, &events).await?;
    let tree = tree(&at).await?;
    let versions = progress::of_events(db, &events).await?;
    let rows = told.iter().map(|one| {
        let event = one.row.event_id;
        let sum = sums.get(&event).copied().unwrap_or_default();
        row(&at, &tree, one, versions.get(&event), sum)
    });
    let rows = rows.collect();
    at.answer(&BulletinsPage {
        desk: at.desk("Thông báo khẩn", PATH).await?,
        new_url: bulletin_form::NEW.to_owned(),
        outage_url: bulletin_form::OUTAGE.to_owned(),
        may_send: at.user.may(Right::SendBulletins),
        rows,
        pagination: leaf.pagination(|number| format!("{PATH}?trang={number}")),
    })
}

pub(super) async fn one(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let db = at.site.db.reader();
    let told = find(&at, id).await?;
    let versions = progress::versions(db, id).await?;
    let version = meant(&versions, &asked, &told);
    let members = match version {
        Some(version) => members(&at, version).await?,
        None => Vec::new(),
    };
    let events: Vec<i64> = version.iter().map(|order| order.event_id).collect();
    let sums = progress::sums(db, &events).await?;
    let sum = events.first().and_then(|event| sums.get(event));
    let sum = sum.copied().unwrap_or_default();
    let now = at.site.clock.now().timestamp_millis();
    let changes = at.user.may(Right::SendBulletins) && !told.row.lifted && told.row.until_at > now;
    let url = path_of(id);
    let of_version = |order: &order::Model| format!("{url}?ban={}", order.rev);
    let mut desk = at.desk("Tình trạng thông báo", PATH).await?;
    desk.breadcrumb = back();
    at.answer(&BulletinPage {
        desk,
        row: row(&at, &tree(&at).await?, &told, version, sum),
        line: line(&told, now),
        facts: facts(&told.bulletin),
        versions: versions
            .iter()
            .map(|order| BulletinVersion {
                label: match (order.lifts, order.rev) {
                    (true, _) => "lệnh gỡ".to_owned(),
                    (false, rev) => format!("bản {rev}"),
                },
                url: of_version(order),
                current: version.is_some_and(|version| version.rev == order.rev),
                at: cards::moment(order.ordered_at),
                by: order.ordered_by.clone(),
            })
            .collect(),
        figures: figures(&members, sum),
        csv_url: match version {
            Some(version) => format!("{url}/bang.csv?ban={}", version.rev),
            None => format!("{url}/bang.csv"),
        },
        members: members.into_iter().map(|member| member.shown).collect(),
        change_url: changes.then(|| format!("{url}/sua")),
        lift_url: changes.then(|| format!("{url}/go")),
    })
}

/// The version somebody asks for, or the one that counts.
fn meant<'a>(versions: &'a [order::Model], asked: &Asked, told: &Told) -> Option<&'a order::Model> {
    let of = |rev: i64| versions.iter().find(|order| order.rev == rev);
    of(asked.ban).or_else(|| of(told.row.rev))
}

pub(super) async fn csv(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let told = find(&at, id).await?;
    let versions = progress::versions(at.site.db.reader(), id).await?;
    let version = meant(&versions, &asked, &told).ok_or(Error::NotFound)?;
    let made = vietnamese::date_time(at.site.clock.now());
    let heads = [
        "Đơn vị",
        "Đã gửi",
        "Đã nhận",
        "Trên trang",
        "Đã xác nhận",
        "Người xác nhận",
        "Liên hệ",
        "Điện thoại",
    ];
    let mut table = Table {
        title: format!("Bản {} của thông báo, số liệu lúc {made}", version.rev),
        heads: heads.map(str::to_owned).to_vec(),
        rows: Vec::new(),
    };
    for member in members(&at, version).await? {
        let shown = member.shown;
        let steps = shown.steps.iter().map(|step| {
            let done = step.at.as_ref().map(|at| at.text.clone());
            done.unwrap_or_else(|| step.missing.clone())
        });
        let row = std::iter::once(shown.name.clone()).chain(steps).chain([
            shown.by.clone(),
            shown.contact.clone(),
            shown.phone.clone(),
        ]);
        table.rows.push(row.map(Cell::Text).collect());
    }
    Ok(table_file::csv("thong-bao", &table))
}

pub(super) async fn ask_to_lift(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let told = find(&at, id).await?;
    at.answer(&lift_page(&at, &told, String::new(), FormErrors::default()).await?)
}

/// What is filled in.
#[derive(Debug, Deserialize)]
pub(super) struct Lifting {
    csrf: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn lift(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(filled): Form<Lifting>,
) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let told = find(&at, id).await?;
    let reason = one_line(&filled.reason);
    if reason.is_empty() {
        let mut errors = FormErrors::default();
        errors.add(
            "reason",
            "Hãy ghi vì sao gỡ; cán bộ các đơn vị thấy lý do này.",
        );
        return at.answer_again(&lift_page(&at, &told, reason, errors).await?);
    }
    let mut bulletin = told.bulletin.clone();
    bulletin.lifted = Some(reason.clone());
    match send(&at, Some(id), bulletin).await {
        Ok(id) => Ok(Done::BulletinLifted.then(&path_of(id))),
        Err(Error::Invalid(lacking)) => {
            at.answer_again(&lift_page(&at, &told, reason, lacking.into()).await?)
        }
        Err(error) => Err(error),
    }
}

async fn lift_page(
    at: &AtDesk,
    told: &Told,
    reason: String,
    errors: FormErrors,
) -> Result<BulletinLiftPage> {
    let url = path_of(told.row.id);
    let mut desk = at.desk("Gỡ thông báo", PATH).await?;
    desk.breadcrumb = back();
    Ok(BulletinLiftPage {
        desk,
        action: format!("{url}/go"),
        line: line(told, at.site.clock.now().timestamp_millis()),
        reason,
        errors,
        cancel_url: url,
    })
}

/// Says `bulletin`, for whoever is signed in: [`Error::Invalid`] says what it lacks.
pub(super) async fn send(
    at: &AtDesk,
    of: Option<Uuid>,
    bulletin: shared::bulletins::Bulletin,
) -> Result<Uuid> {
    let order = Order {
        of,
        bulletin,
        by: at.user.account.name.clone(),
        actor: at.user.actor(),
    };
    let ordered = bulletins::order(&at.site, order).await;
    screening::told(&at.site, at.user.id(), ordered).await
}

/// What was typed, on one line.
pub(super) fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn back() -> Vec<Link> {
    vec![Link::new("Thông báo khẩn", PATH)]
}

/// The bulletin `id`, if it is the province's own.
pub(super) async fn find(at: &AtDesk, id: Uuid) -> Result<Told> {
    let found = record::find(at.site.db.reader(), id).await?;
    found
        .filter(|told| told.row.site_id == at.site.id)
        .ok_or(Error::NotFound)
}

async fn tree(at: &AtDesk) -> Result<Tree> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    shared::units::tree_on(at.site.db.reader(), today).await
}

fn row(
    at: &AtDesk,
    tree: &Tree,
    told: &Told,
    version: Option<&order::Model>,
    sum: Sum,
) -> BulletinRow {
    let (bulletin, now) = (&told.bulletin, at.site.clock.now().timestamp_millis());
    let named = bulletin.receivers.iter().take(MOST_NAMED);
    let mut receivers: Vec<String> = match &bulletin.outage {
        Some(outage) if outage.unit == at.site.unit_id => vec!["Cổng của tỉnh".to_owned()],
        Some(outage) => vec![cards::capitalised(&tree.name_of(outage.unit))],
        None => named
            .map(|set| routes::in_words(&at.site, set, tree))
            .collect(),
    };
    let more = bulletin.receivers.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        receivers.push(format!("và {more} nơi khác"));
    }
    let is_whole = sum.acknowledged == sum.members;
    BulletinRow {
        url: path_of(told.row.id),
        label: label(bulletin),
        text: bulletin.text.clone(),
        receivers: receivers.join(", "),
        state: state(told, now),
        from: cards::moment(bulletin.from),
        until: cards::moment(bulletin.until),
        at: cards::moment(told.row.said_at),
        by: version.map_or_else(String::new, |order| order.ordered_by.clone()),
        lifted: bulletin.lifted.clone(),
        progress: match told.row.lifted {
            true => Badge::new(
                format!("{}/{} đơn vị đã nhận lệnh gỡ", sum.received, sum.members),
                match sum.received == sum.members {
                    true => Tone::Good,
                    false => Tone::Warning,
                },
            ),
            false => Badge::new(
                format!(
                    "{}/{} đơn vị đã nhận, {} đã xác nhận",
                    sum.received, sum.members, sum.acknowledged
                ),
                match is_whole {
                    true => Tone::Good,
                    false => Tone::Warning,
                },
            ),
        },
    }
}

fn figures(members: &[Member], sum: Sum) -> Vec<Figure> {
    let figure = |value: i64, label: &str| Figure {
        value: grouped(value),
        label: label.to_owned(),
    };
    let count = |of: fn(&Model) -> bool| {
        let found = members.iter().filter(|member| of(&member.progress)).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    vec![
        figure(sum.members, "đơn vị phải nhận bản này"),
        figure(sum.received, "đã nhận"),
        figure(
            count(|one| one.seen_at.is_some()),
            "đã thấy đúng trên trang",
        ),
        figure(sum.acknowledged, "đã xác nhận"),
    ]
}

/// A member, as stored and as shown.
struct Member {
    progress: Model,
    shown: BulletinMember,
}

/// The members a version is for; those that lack most come first.
async fn members(at: &AtDesk, version: &order::Model) -> Result<Vec<Member>> {
    let db = at.site.db.reader();
    let tree = tree(at).await?;
    let sites: HashMap<Uuid, Uuid> = site_record::all(db)
        .await?
        .into_iter()
        .map(|site| (site.id, site.unit_id))
        .collect();
    let contacts = contact_record::all(db).await?;
    let now = at.site.clock.now();
    let since = now - shared::clock::from_millis(version.ordered_at);
    let missing = match since.num_minutes() {
        ..1 => "chưa".to_owned(),
        _ => format!("chưa, đã {}", vietnamese::ago(since)),
    };
    let mut members: Vec<Member> = progress::of_version(db, version.event_id)
        .await?
        .into_iter()
        .map(|one| {
            let unit = sites.get(&one.site_id);
            let name = unit.map_or_else(
                || one.site_id.to_string(),
                |unit| cards::capitalised(&tree.name_of(*unit)),
            );
            let contact = contacts.get(&one.site_id);
            let phone = contact.and_then(|told| told.phone.clone());
            let contact = contact.and_then(|told| told.responsible.clone());
            shown(one, version, name, &missing, (contact, phone))
        })
        .collect();
    members.sort_by_cached_key(|member| {
        let one = &member.progress;
        let done = [
            one.acknowledged_at,
            one.seen_at,
            one.received_at,
            one.sent_at,
        ];
        (
            done.map(|done| done.is_some()),
            vietnamese::fold(&member.shown.name),
        )
    });
    Ok(members)
}

fn shown(
    one: Model,
    version: &order::Model,
    name: String,
    missing: &str,
    (contact, phone): (Option<String>, Option<String>),
) -> Member {
    let step = |label: &str, done: Option<i64>, missing: &str| RecallStep {
        label: label.to_owned(),
        at: done.map(cards::moment),
        missing: missing.to_owned(),
    };
    let on_pages = match one.shows {
        true => missing,
        false => "chỉ báo cho cán bộ",
    };
    let by_people = match version.lifts {
        true => "không cần",
        false => missing,
    };
    let phone = phone.unwrap_or_default();
    let shown = BulletinMember {
        name,
        url: member::path_of(one.site_id),
        steps: vec![
            step("Đã gửi", one.sent_at, missing),
            step("Đã nhận", one.received_at, missing),
            step("Trên trang", one.seen_at, on_pages),
            step("Đã xác nhận", one.acknowledged_at, by_people),
        ],
        by: one.acknowledged_by.clone().unwrap_or_default(),
        trouble: one.trouble.clone(),
        contact: contact.unwrap_or_default(),
        phone_link: frame::phone_link(&phone),
        phone,
    };
    Member {
        progress: one,
        shown,
    }
}
