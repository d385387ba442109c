//! The province's own pages: who its units are, and the desk from which it runs its members.

mod alert_recipients;
mod alerts;
mod audit_heads;
mod bulletin_form;
mod bulletins;
#[cfg(test)]
mod bulletins_tests;
mod bundle;
#[cfg(test)]
mod desk_testing;
mod enrol;
mod grid_file;
mod keys;
pub mod manual;
mod member;
mod member_columns;
mod member_export;
#[cfg(test)]
mod member_figures_tests;
mod member_live;
mod member_outside;
#[cfg(test)]
mod member_outside_tests;
mod members;
#[cfg(test)]
mod members_tests;
mod post_check;
mod quarantine;
mod ranking;
#[cfg(test)]
mod ranking_tests;
mod recall;
mod recall_form;
mod recall_search;
#[cfg(test)]
mod recall_search_tests;
#[cfg(test)]
mod recall_tests;
mod recalls;
mod receivers;
mod reorganisation_form;
#[cfg(test)]
mod reorganisation_tests;
mod reorganisation_words;
mod reorganisations;
mod reports;
mod route_form;
mod routes;
#[cfg(test)]
mod routes_tests;
#[cfg(test)]
mod tests;
mod tip_offices;
mod unit_feed;
pub mod units;

use crate::alerts::alert;
use crate::ranking::objection;
use crate::reorganisation::stored;
use axum::Router;
use axum::routing::get;
use shared::accounts::Right;
use shared::directory::{revocation, site_record};
use shared::error::Result;
use shared::newsroom::post_check as checks;
use shared::pages::newsroom::{DeskRoutes, Need};
use shared::pages::view::{DeskGroup, DeskItem, Link};
use shared::portal::Own;
use shared::site::Site;

/// The province's own pages.
pub fn own() -> Own {
    Own {
        public: Router::new()
            .route(units::PATH, get(units::show))
            .route("/don-vi/{unit}/atom", get(unit_feed::show))
            .route(ranking::public::PATH, get(ranking::public::show))
            .route(ranking::public::FILE, get(ranking::public::file)),
        desk: desk_routes(),
    }
}

/// The routes of the province's desk, each with what it needs.
pub fn desk_routes() -> DeskRoutes {
    let see = Need::Right(Right::SeeSync);
    let members = Need::Right(Right::ManageMembers);
    let routes = Need::Right(Right::ManageRoutes);
    let check = Need::Right(Right::DecideInbox);
    let keys = Need::ConfirmedRight(Right::ManageKeys);
    let recall = Need::Right(Right::Recall);
    let send = Need::Right(Right::SendBulletins);
    let routes = DeskRoutes::default()
        .get(manual::PATH, Need::Staff, manual::show)
        .get(members::PATH, see, members::list)
        .get(member_live::PATH, see, member_live::follow)
        .get(member_export::CSV, see, member_export::csv)
        .get(member_export::XLSX, see, member_export::xlsx)
        .get(member::PATH, see, member::show)
        .post(member::PATH, members, member::change)
        .get(alerts::PATH, see, alerts::list)
        .post(alerts::PATH, members, alerts::acknowledge)
        .get(alert_recipients::PATH, members, alert_recipients::list)
        .post(alert_recipients::PATH, members, alert_recipients::change)
        .get(alert_recipients::NEW, members, alert_recipients::begin)
        .post(alert_recipients::NEW, members, alert_recipients::add)
        .get(audit_heads::PATH, see, audit_heads::list)
        .post(audit_heads::PATH, members, audit_heads::settle)
        .get(bulletins::PATH, see, bulletins::list)
        .get(bulletin_form::NEW, send, bulletin_form::begin)
        .post(bulletin_form::NEW, send, bulletin_form::add)
        .get(bulletin_form::OUTAGE, send, bulletin_form::begin_outage)
        .post(bulletin_form::OUTAGE, send, bulletin_form::add_outage)
        .get(bulletins::ONE, see, bulletins::one)
        .get(bulletins::CSV, see, bulletins::csv)
        .get(bulletin_form::CHANGE, send, bulletin_form::open)
        .post(bulletin_form::CHANGE, send, bulletin_form::change)
        .get(bulletins::LIFT, send, bulletins::ask_to_lift)
        .post(bulletins::LIFT, send, bulletins::lift)
        .get(enrol::PATH, members, enrol::begin)
        .post(enrol::PATH, members, enrol::enrol)
        .get(bundle::PATH, members, bundle::download)
        .get(reorganisations::PATH, see, reorganisations::list)
        .get(
            reorganisation_form::NEW,
            members,
            reorganisation_form::begin,
        )
        .post(
            reorganisation_form::NEW,
            members,
            reorganisation_form::decide,
        )
        .get(reorganisations::ONE, see, reorganisations::one)
        .post(reorganisations::ONE, members, reorganisations::withdraw)
        .get(keys::PATH, keys, keys::show)
        .post(keys::PATH, keys, keys::change)
        .get(quarantine::PATH, see, quarantine::list)
        .post(quarantine::PATH, members, quarantine::decide)
        .get(post_check::PATH, check, post_check::list)
        .post(post_check::PATH, check, post_check::decide)
        .get(routes::PATH, routes, routes::list)
        .post(routes::PATH, routes, routes::switch)
        .get(route_form::NEW, routes, route_form::begin)
        .post(route_form::NEW, routes, route_form::add)
        .get(route_form::ONE, routes, route_form::open)
        .post(route_form::ONE, routes, route_form::change)
        .get(routes::REMOVAL, routes, routes::ask_removal)
        .post(routes::REMOVAL, routes, routes::remove)
        .get(tip_offices::PATH, members, tip_offices::list)
        .post(tip_offices::PATH, keys, tip_offices::change)
        .get(recalls::PATH, see, recalls::list)
        .post(recalls::PATH, recall, recalls::decide)
        .get(recall_form::PATH, recall, recall_form::begin)
        .post(recall_form::PATH, recall, recall_form::order)
        .get(recall_search::PATH, recall, recall_search::begin)
        .post(recall_search::PATH, recall, recall_search::decide)
        .get(recall::PATH, see, recall::show)
        .post(recall::PATH, recall, recall::lift)
        .get(recall::CSV, see, recall::csv)
        .get(recall::XLSX, see, recall::xlsx);
    with_rankings(routes)
}

/// The same with those of rankings and reports.
fn with_rankings(routes: DeskRoutes) -> DeskRoutes {
    use ranking::{calendar, evidence, files, people, period, periods, schemes, sheet};
    let see = Need::Right(Right::SeeRanking);
    let manage = Need::Right(Right::ManageRanking);
    routes
        .get(periods::PATH, see, periods::list)
        .post(periods::PATH, manage, periods::open)
        .get(schemes::PATH, see, schemes::show)
        .post_up_to(schemes::LARGEST_FORM, schemes::PATH, manage, schemes::add)
        .get(schemes::FILE, see, schemes::file)
        .get(calendar::PATH, see, calendar::show)
        .get(calendar::XLSX, see, calendar::xlsx)
        .get(people::PATH, see, people::show)
        .get(people::XLSX, see, people::xlsx)
        .get(period::PATH, see, period::show)
        .post(period::PATH, manage, period::step)
        .get(files::CSV, see, files::csv)
        .get(files::XLSX, see, files::xlsx)
        .get(files::JSON, see, files::json)
        .get(sheet::PATH, see, sheet::show)
        .post(sheet::PATH, manage, sheet::say)
        .get(evidence::PATH, see, evidence::show)
        .get(reports::PATH, see, reports::show)
        .get(reports::XLSX, see, reports::xlsx)
}

/// The way from an entry to the form that recalls it everywhere.
pub fn recall_link(entry: uuid::Uuid) -> Link {
    recall_form::link(entry)
}

/// What the hub's desk offers besides what every desk does.
pub async fn desk_items(site: &Site) -> Result<Vec<(Right, DeskItem)>> {
    use DeskGroup::{Citizens, Direction, Members, Ranking, Writing};
    let db = site.db.reader();
    let item = DeskItem::new;
    let now = site.clock.now().timestamp_millis();
    let alarms = alert::count_unknown(db, now).await?;
    let invited = site_record::count_invited(db).await?;
    let held = revocation::count_held(db).await?;
    let held_operations = stored::count_held(db).await?;
    let open = crate::recall::progress::count_open(db).await?;
    let proposed = crate::recall::proposal::count_open(db).await?;
    let rewritten = crate::audit_heads::record::count_open(db).await?;
    let objections = objection::count_open(db, None).await?;
    let unchecked = checks::count(db, checks::Verdict::Waiting).await?;
    Ok(vec![
        (
            Right::DecideInbox,
            item(
                Writing,
                "Hậu kiểm",
                post_check::PATH,
                "circle-check",
                unchecked,
            ),
        ),
        (
            Right::SeeSync,
            item(
                Members,
                "Đơn vị",
                members::PATH,
                "building-community",
                invited,
            ),
        ),
        (
            Right::SeeSync,
            item(
                Members,
                "Sắp xếp đơn vị",
                reorganisations::PATH,
                "route",
                held_operations,
            ),
        ),
        (
            Right::SeeSync,
            item(
                Direction,
                "Cảnh báo",
                alerts::PATH,
                "alert-triangle",
                alarms,
            ),
        ),
        (
            Right::SeeSync,
            item(
                Direction,
                "Thông báo khẩn",
                bulletins::PATH,
                "speakerphone",
                0,
            ),
        ),
        (
            Right::ManageRoutes,
            item(Members, "Tuyến tin", routes::PATH, "route", 0),
        ),
        (
            Right::ManageMembers,
            item(
                Citizens,
                "Nơi nhận tin báo",
                tip_offices::PATH,
                "shield-exclamation",
                0,
            ),
        ),
        (
            Right::SeeSync,
            item(Members, "Bị cách ly", quarantine::PATH, "circle-x", held),
        ),
        (
            Right::SeeSync,
            item(
                Direction,
                "Thu hồi",
                recalls::PATH,
                "arrow-back-up",
                open + proposed,
            ),
        ),
        (
            Right::SeeRanking,
            item(
                Ranking,
                "Xếp hạng",
                ranking::periods::PATH,
                "layout-list",
                objections,
            ),
        ),
        (
            Right::SeeRanking,
            item(Ranking, "Báo cáo", reports::PATH, "file-text", 0),
        ),
        (
            Right::SeeSync,
            item(
                Members,
                "Nhật ký đơn vị",
                audit_heads::PATH,
                "file-text",
                rewritten,
            ),
        ),
    ])
}
