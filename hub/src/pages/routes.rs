//! `/quan-tri/tuyen-tin`: which entries travel to whom.

use crate::routing::{Moment, Route, Source, route};
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::audit::{self, Action, Kind, Subject};
use shared::entries::{Mode, section};
use shared::error::Result;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::RoutesPage;
use shared::pages::view::{Choice, FormErrors, RouteRow};
use shared::site::Site;
use shared::sync::Selector;
use shared::units::Tree;
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/tuyen-tin";
/// Where a new route is sent.
pub(super) const NEW: &str = "/quan-tri/tuyen-tin/moi";

const AUDIENCES: [(&str, &str); 5] = [
    ("everyone", "Mọi đơn vị"),
    ("xa", "Các xã"),
    ("phuong", "Các phường"),
    ("dac_khu", "Các đặc khu"),
    ("so", "Các sở, ban, ngành"),
];
const PLACEMENTS: [(Mode, &str); 3] = [
    (Mode::Suggested, "vào hộp đến"),
    (Mode::Mandatory, "đăng ngay"),
    (Mode::FeedOnly, "chỉ có trong nguồn tin"),
];
/// Carries the province's own entries of every section.
const OWN: &str = "tinh";

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let page = page(&at, FormErrors::default()).await?;
    at.answer(&page)
}

async fn page(at: &AtDesk, errors: FormErrors) -> Result<RoutesPage> {
    let db = at.site.db.reader();
    let today = shared::vietnamese::local(at.site.clock.now()).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let names: HashMap<String, String> = section::all(db)
        .await?
        .into_iter()
        .map(|section| (section.code, section.name))
        .collect();
    let rows = route::all(db)
        .await?
        .iter()
        .map(|route| row(&at.site, route, &tree, &names))
        .collect();
    let mut sections = vec![Choice::new(OWN, "Mọi tin, bài, thông báo của tỉnh", true)];
    let mut codes: Vec<(&String, &String)> = names.iter().collect();
    codes.sort_by_key(|(_, name)| shared::vietnamese::fold(name));
    sections.extend(codes.into_iter().map(|(code, name)| {
        Choice::new(code, format!("Tin các đơn vị, chuyên mục {name}"), false)
    }));
    Ok(RoutesPage {
        desk: at.desk("Tuyến tin", PATH).await?,
        action: PATH.to_owned(),
        routes: rows,
        create_action: NEW.to_owned(),
        sections,
        audiences: AUDIENCES
            .iter()
            .map(|(code, label)| Choice::new(*code, *label, *code == AUDIENCES[0].0))
            .collect(),
        placements: PLACEMENTS
            .iter()
            .map(|(mode, label)| Choice::new(mode.as_str(), *label, *mode == PLACEMENTS[0].0))
            .collect(),
        errors,
    })
}

fn row(site: &Site, route: &Route, tree: &Tree, sections: &HashMap<String, String>) -> RouteRow {
    let placement = PLACEMENTS.iter().find(|(mode, _)| *mode == route.mode);
    let moment = match route.moment {
        Moment::Arrival => "",
        Moment::Acceptance => ", sau khi tỉnh tiếp nhận",
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
    RouteRow {
        id: route.id.to_string(),
        from: match &route.source.from {
            None => "Mọi đơn vị".to_owned(),
            Some(from) => in_words(site, from, tree),
        },
        what,
        to: in_words(site, &route.target, tree),
        placement: format!("{}{moment}", placement.map_or("", |(_, label)| label)),
        active: route.active,
    }
}

fn in_words(site: &Site, selector: &Selector, tree: &Tree) -> String {
    match selector {
        Selector::Everyone => "Mọi đơn vị".to_owned(),
        Selector::Upstream => "Cổng cấp trên".to_owned(),
        Selector::Unit(unit) if *unit == site.unit_id => "Cổng của tỉnh".to_owned(),
        Selector::Unit(unit) => tree.name_of(*unit),
        Selector::Subtree(unit) => format!("{} và các đơn vị bên dưới", tree.name_of(*unit)),
        Selector::Level(kind) => AUDIENCES
            .iter()
            .find(|(code, _)| code == kind)
            .map_or_else(|| kind.clone(), |(_, label)| (*label).to_owned()),
    }
}

/// What a row's buttons send.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    csrf: String,
    id: Uuid,
    action: String,
}

pub(super) async fn change(at: AtDesk, Form(change): Form<Change>) -> Result<Response> {
    at.user.check_form(&change.csrf)?;
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let action = match change.action.as_str() {
                    "remove" => {
                        route::remove(tx, change.id).await?;
                        Action::RouteRemoved
                    }
                    _ => {
                        route::switch(tx, change.id).await?;
                        Action::RouteChanged
                    }
                };
                let subject = Subject::of(Kind::Route, change.id);
                audit::record(tx, &by, action, subject, now).await
            })
        })
        .await?;
    Ok(Redirect::to(PATH).into_response())
}

/// What the form of a new route sends.
#[derive(Debug, Deserialize)]
pub(super) struct New {
    csrf: String,
    section: String,
    audience: String,
    placement: String,
}

pub(super) async fn add(at: AtDesk, Form(new): Form<New>) -> Result<Response> {
    at.user.check_form(&new.csrf)?;
    let route = match checked(&at.site, &new).await? {
        Ok(route) => route,
        Err(errors) => {
            let page = page(&at, errors).await?;
            return at.answer_again(&page);
        }
    };
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                route::add(tx, &route).await?;
                let subject = Subject::of(Kind::Route, route.id);
                audit::record(tx, &by, Action::RouteAdded, subject, now).await
            })
        })
        .await?;
    Ok(Redirect::to(PATH).into_response())
}

async fn checked(site: &Site, new: &New) -> Result<std::result::Result<Route, FormErrors>> {
    let mut errors = FormErrors::default();
    let mode = Mode::parse(&new.placement)
        .filter(|mode| PLACEMENTS.iter().any(|(known, _)| known == mode));
    if mode.is_none() {
        errors.add("placement", "Hãy chọn cách đăng.");
    }
    let audience = AUDIENCES.iter().find(|(code, _)| *code == new.audience);
    if audience.is_none() {
        errors.add("audience", "Hãy chọn nơi nhận.");
    }
    let section = section::find(site.db.reader(), &new.section).await?;
    if section.is_none() && new.section != OWN {
        errors.add("section", "Hãy chọn nội dung.");
    }
    let (Some(mode), Some((code, label))) = (mode, audience) else {
        return Ok(Err(errors));
    };
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let target = match *code {
        "everyone" => Selector::Everyone,
        kind => Selector::Level(kind.to_owned()),
    };
    let to = label.to_lowercase();
    let (name, source) = match section {
        Some(section) => (
            format!("{} của các đơn vị đến {to}", section.name),
            Source {
                sections: vec![section.code],
                ..Source::default()
            },
        ),
        None => (
            format!("Tin của tỉnh đến {to}"),
            Source {
                from: Some(Selector::Unit(site.unit_id)),
                ..Source::default()
            },
        ),
    };
    Ok(Ok(Route::new(&name, source, target, mode, Moment::Arrival)))
}
