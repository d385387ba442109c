use crate::alerts::delivery::Delivery;
use crate::bulletins;
use crate::members::registry::{self, NewMember};
use crate::members::watch::Watch;
use crate::probes::Prober;
use crate::ranking;
use crate::ranking::period;
use crate::ranking::span::{self, Span};
use crate::recall::order::{self, Order};
use crate::relay::Relay;
use crate::reorganisation::{Beginning, Kind, Operation, carry_out};
use crate::routing::route::{self, defaults};
use crate::vault::Vaults;
use axum::extract::Extension;
use axum::middleware::from_fn_with_state;
use shared::audit::Actor;
use shared::backup::VaultSettings;
use shared::directory::site_record;
use shared::error::{plain_renderer, present};
use shared::folder::Folder;
use shared::http_client::Allow;
use shared::portal;
use shared::server::Shutdown;
use shared::site::Site;
use shared::testing::matrix::{self, Known, Whose};
use shared::testing::{self, press};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

#[tokio::test]
async fn every_route_of_the_province_answers_everybody_as_the_table_of_rights_says() {
    let site = testing::Setup::default()
        .role(Relay)
        .on_top()
        .site_of::<migrations::HubSchema>()
        .await;
    let declared = super::desk_routes().declared().to_vec();
    assert!(declared.len() > 10, "routes are declared");
    // Whoever follows the table is let go at once: each route is asked once.
    let vault = tempfile::tempdir().expect("a temporary folder");
    let stopped = Shutdown::new();
    stopped.trigger();
    let routes = portal::routes(&site, OpenApiRouter::new(), super::own())
        .layer(Extension(Watch::until(stopped)))
        .layer(Extension(Delivery::new(
            Arc::clone(&site),
            None,
            Allow::none(),
        )))
        .layer(Extension(Prober::new(Arc::clone(&site), Allow::none())))
        .layer(Extension(Vaults::of(
            &site,
            &Folder::at(vault.path()),
            VaultSettings::default(),
        )))
        .layer(from_fn_with_state(plain_renderer(), present));
    let new = NewMember::named(
        "xã Kon Braih",
        "xa",
        site.unit_id,
        "https://konbraih.example".parse().expect("a URL"),
        "Trang thông tin điện tử xã Kon Braih",
    );
    let added = registry::add(&site, new, &Actor::CommandLine).await;
    let (member, _) = added.expect("a member");
    let entry = press::article("Bài bị thu hồi").publish(&site).await;
    let order = Order {
        entry,
        reason: "Sai số liệu.".to_owned(),
        basis: None,
        erase: false,
        replacement: None,
        by: "A Mẫu".to_owned(),
        actor: Actor::CommandLine,
    };
    let recalled = order::order(&site, order).await.expect("recalled");
    let bulletin = bulletins::order(
        &site,
        bulletins::Order {
            of: None,
            bulletin: super::bulletins_tests::flood(&site),
            by: "A Mẫu".to_owned(),
            actor: Actor::CommandLine,
        },
    );
    let bulletin = bulletin.await.expect("said");
    let route = defaults(site.unit_id).remove(0);
    let way = route.id;
    let added = site
        .db
        .write(move |tx| Box::pin(async move { route::add(tx, &route).await }));
    added.await.expect("a route");
    let span = Span::of(span::Kind::Month, 2026, 10).expect("a span");
    let ranked = ranking::tests::fixture::member(&site, "xã Đăk Kôi", "xa", 9_000).await;
    let period = period::open(&site, span, &Actor::CommandLine).await;
    let period = period.expect("a period");
    let sheet = format!("{period}.{}", ranked.unit);
    let operation = reorganised(&site, member).await;
    let known = [
        Known::new("/quan-tri/xep-hang/ky/", period, Whose::TheSites),
        Known::new("/quan-tri/xep-hang/diem/", &sheet, Whose::TheSites),
        Known::new("/quan-tri/xep-hang/minh-chung/", &sheet, Whose::TheSites),
        Known::new("/quan-tri/sap-nhap/", operation, Whose::TheSites),
        Known::new("/quan-tri/tuyen-tin/", way, Whose::TheSites),
        Known::new("/quan-tri/don-vi/", member, Whose::TheSites),
        Known::new("/quan-tri/thong-bao-khan/", bulletin, Whose::TheSites),
        Known::new("/quan-tri/thu-hoi/", recalled.id, Whose::TheSites),
    ];
    let wrong = matrix::walk(&site, &routes, &declared, &known).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A unit that is to be called otherwise some day.
async fn reorganised(site: &Arc<Site>, member: Uuid) -> Uuid {
    let record = site_record::find(site.db.reader(), member).await;
    let unit = record.expect("reads").expect("a member").unit_id;
    let operation = Operation {
        kind: Kind::Rename,
        effective_on: "2099-01-01".parse().expect("a day"),
        basis: "Nghị quyết 1".to_owned(),
        ends: Vec::new(),
        begins: vec![Beginning {
            unit,
            name: Some("xã Kon Rẫy".to_owned()),
            ..Beginning::default()
        }],
    };
    let plan = carry_out::look(site.db.reader(), &operation).await;
    let plan = plan.expect("reads").expect("a plan");
    let mark = plan.mark(&operation).expect("a mark");
    let entered = carry_out::enter(site, operation, &mark, "A Mẫu", &Actor::CommandLine).await;
    entered.expect("is entered")
}
