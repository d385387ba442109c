//! `/quan-tri/tuyen-tin`: which entries travel to whom.

use super::route_form;
use crate::routing::{Moment, Route, route};
use axum::extract::{Form, Path};
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use shared::audit::{self, Action, Kind, Subject};
use shared::entries::{Mode, section};
use shared::error::Result;
use shared::log::Lane;
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::{ConfirmPage, RoutesPage};
use shared::pages::view::{FormErrors, Link, RouteRow};
use shared::site::Site;
use shared::sync::Selector;
use shared::units::Tree;
use shared::units::attribute::{self, Model as Attribute};
use shared::units::succession::heirs_among;
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/tuyen-tin";
/// Where it is asked whether a route is to be removed.
pub(super) const REMOVAL: &str = "/quan-tri/tuyen-tin/{route}/xoa";

/// The kinds of units routes lead to and from, as sets.
pub(super) const LEVELS: [(&str, &str); 6] = [
    ("xa", "Các xã"),
    ("phuong", "Các phường"),
    ("dac_khu", "Các đặc khu"),
    ("so", "Các sở, ban, ngành"),
    ("don_vi_su_nghiep", "Các đơn vị sự nghiệp"),
    ("huyen", "Các huyện"),
];
/// How what arrives is shown.
pub(super) const PLACEMENTS: [(Mode, &str); 3] = [
    (Mode::Suggested, "vào hộp đến"),
    (Mode::Mandatory, "đăng ngay"),
    (Mode::FeedOnly, "chỉ có trong nguồn tin"),
];

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let db = at.site.db.reader();
    let today = shared::vietnamese::local(at.site.clock.now()).date_naive();
    let attributes = attribute::all(db).await?;
    let tree = Tree::on(today, &attributes);
    let names: HashMap<String, String> = section::all(db)
        .await?
        .into_iter()
        .map(|section| (section.code, section.name))
        .collect();
    let routes = route::all(db).await?;
    at.answer(&RoutesPage {
        desk: at.desk("Tuyến tin", PATH).await?,
        action: PATH.to_owned(),
        routes: routes
            .iter()
            .map(|route| RouteRow {
                warnings: ended(route, today, &attributes, &tree),
                ..row(&at.site, route, &tree, &names)
            })
            .collect(),
        new_url: route_form::NEW.to_owned(),
    })
}

/// The units a route names that are no more, each with what it went into.
fn ended(route: &Route, today: NaiveDate, attributes: &[Attribute], tree: &Tree) -> Vec<String> {
    let named = route.source.from.iter().chain(&route.targets);
    let units = named.filter_map(|set| match set {
        Selector::Unit(unit) | Selector::Subtree(unit) => Some(*unit),
        Selector::Everyone | Selector::Upstream | Selector::Level(_) => None,
    });
    let mut words = Vec::new();
    for unit in units {
        let heirs = heirs_among(unit, today, attributes);
        let Some(since) = heirs.first().and_then(|heir| heir.since) else {
            continue;
        };
        let last_day = since.pred_opt().unwrap_or(since);
        let name = Tree::on(last_day, attributes).name_of(unit);
        let into: Vec<String> = heirs.iter().map(|heir| tree.name_of(heir.unit)).collect();
        words.push(format!(
            "{} không còn từ {}, nay thuộc {}. Hãy sửa tuyến.",
            cards::capitalised(&name),
            cards::day(since).text,
            into.join(", ")
        ));
    }
    words
}

fn row(site: &Site, route: &Route, tree: &Tree, sections: &HashMap<String, String>) -> RouteRow {
    let placement = PLACEMENTS.iter().find(|(mode, _)| *mode == route.mode);
    let moment = match route.moment {
        Moment::Arrival => "",
        Moment::Acceptance => ", sau khi tỉnh tiếp nhận",
    };
    let lane = match route.lane {
        Some(Lane::Urgent) => ", gửi khẩn",
        _ => "",
    };
    let carried: Vec<&str> = route
        .source
        .sections
        .iter()
        .map(|code| sections.get(code).map_or(code.as_str(), String::as_str))
        .collect();
    let what = match carried.as_slice() {
        [] => route.name.clone(),
        carried => format!("{} (chuyên mục {})", route.name, carried.join(", ")),
    };
    let to: Vec<String> = route
        .targets
        .iter()
        .map(|set| in_words(site, set, tree))
        .collect();
    RouteRow {
        id: route.id.to_string(),
        url: route_form::path_of(route.id),
        removal_url: removal_of(route.id),
        from: match &route.source.from {
            None => "Mọi đơn vị".to_owned(),
            Some(from) => in_words(site, from, tree),
        },
        what,
        to: some_of(&to),
        placement: format!("{}{moment}{lane}", placement.map_or("", |(_, label)| label)),
        active: route.active,
        warnings: Vec::new(),
    }
}

/// The first of many, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 4;
    match names.len() {
        ..=SHOWN => names.join(", "),
        all => format!(
            "{} và {} đơn vị nữa",
            names[..SHOWN - 1].join(", "),
            all - (SHOWN - 1)
        ),
    }
}

/// A set of members in words.
pub(super) fn in_words(site: &Site, selector: &Selector, tree: &Tree) -> String {
    match selector {
        Selector::Everyone => "Mọi đơn vị".to_owned(),
        Selector::Upstream => "Cổng cấp trên".to_owned(),
        Selector::Unit(unit) if *unit == site.unit_id => "Cổng của tỉnh".to_owned(),
        Selector::Unit(unit) => tree.name_of(*unit),
        Selector::Subtree(unit) => format!("{} và các đơn vị bên dưới", tree.name_of(*unit)),
        Selector::Level(kind) => LEVELS
            .iter()
            .find(|(code, _)| code == kind)
            .map_or_else(|| kind.clone(), |(_, label)| (*label).to_owned()),
    }
}

/// What a row's button sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    csrf: String,
    id: Uuid,
}

/// Puts a route in force, or out of it.
pub(super) async fn switch(at: AtDesk, Form(change): Form<Change>) -> Result<Response> {
    at.user.check_form(&change.csrf)?;
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                route::switch(tx, change.id).await?;
                let subject = Subject::of(Kind::Route, change.id);
                audit::record(tx, &by, Action::RouteChanged, subject, now).await
            })
        })
        .await?;
    Ok(Done::RouteSaved.then(PATH))
}

fn removal_of(route: Uuid) -> String {
    REMOVAL.replace("{route}", &route.to_string())
}

pub(super) async fn ask_removal(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let route = route::find(at.site.db.reader(), id).await?;
    at.answer(&ConfirmPage {
        desk: at.desk("Xóa tuyến", PATH).await?,
        action: removal_of(id),
        question: "Xóa tuyến này?".to_owned(),
        subject: route.name,
        consequences: vec![
            "Tin mới không đi theo tuyến này nữa.".to_owned(),
            "Tin đã gửi vẫn ở lại nơi nhận; bản sửa và lệnh gỡ vẫn tới đó.".to_owned(),
            "Nếu chỉ muốn ngừng một thời gian, hãy tạm dừng tuyến thay vì xóa.".to_owned(),
        ],
        warnings: Vec::new(),
        reason_label: None,
        reason: String::new(),
        revision: 0,
        button: "Xóa tuyến".to_owned(),
        dangerous: true,
        cancel_url: PATH.to_owned(),
        errors: FormErrors::default(),
    })
}

/// What the question sends.
#[derive(Debug, Deserialize)]
pub(super) struct Removal {
    csrf: String,
}

pub(super) async fn remove(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(removal): Form<Removal>,
) -> Result<Response> {
    at.user.check_form(&removal.csrf)?;
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                route::remove(tx, id).await?;
                let subject = Subject::of(Kind::Route, id);
                audit::record(tx, &by, Action::RouteRemoved, subject, now).await
            })
        })
        .await?;
    Ok(Done::RouteRemoved.then(PATH))
}

/// The way back to the list.
pub(super) fn back() -> Vec<Link> {
    vec![Link::new("Tuyến tin", PATH)]
}
