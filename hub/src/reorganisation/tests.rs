//! Operations entered, waited for, carried out and withdrawn, and what everybody is told.

use super::operation::{Beginning, Ending, Kind, Operation};
use super::stored::{self, State};
use super::{Plan, carry_out};
use crate::members::registry::{self, NewMember};
use crate::relay::Relay;
use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use shared::audit::Actor;
use shared::citizens::{OfficeCode, case, tip_office};
use shared::directory::{Mode, SiteDescription, State as SiteState, closing, site_record};
use shared::error::Error;
use shared::log::{EventKind, event};
use shared::sync::outgoing;
use shared::testing::{self, TestSite, citizen};
use shared::{units, vietnamese};
use std::sync::Arc;
use uuid::Uuid;

/// A hub that knows itself.
async fn hub() -> TestSite {
    let hub = testing::Setup::default()
        .role(Relay)
        .site_of::<migrations::HubSchema>()
        .await;
    let itself = site_record::Model {
        id: hub.id,
        unit_id: hub.unit_id,
        mode: Mode::Native.as_str().to_owned(),
        state: SiteState::Active.as_str().to_owned(),
        base_url: hub.origin(),
        title: hub.profile.title.clone(),
        described_at: 0,
    };
    let known = hub
        .db
        .write(move |tx| Box::pin(async move { site_record::put(tx, itself).await }));
    known.await.expect("is known");
    hub
}

/// A commune and its portal: the unit and the site.
async fn commune(hub: &TestSite, name: &str, host: &str) -> (Uuid, Uuid) {
    let url = format!("https://{host}.example").parse().expect("a URL");
    let new = NewMember::named(name, "xa", hub.unit_id, url, name);
    let added = registry::add(hub, new, &Actor::CommandLine).await;
    let (site, _) = added.expect("a member");
    let record = site_record::find(hub.db.reader(), site).await;
    (record.expect("reads").expect("a site").unit_id, site)
}

fn today(hub: &TestSite) -> NaiveDate {
    vietnamese::local(hub.clock.now()).date_naive()
}

fn merged(from: Uuid, to: Uuid, on: NaiveDate) -> Operation {
    Operation {
        kind: Kind::Merge,
        effective_on: on,
        basis: "Nghị quyết 1677/NQ-UBTVQH15".to_owned(),
        ends: vec![Ending {
            unit: from,
            into: vec![to],
            archive: None,
        }],
        begins: Vec::new(),
    }
}

async fn planned(hub: &TestSite, operation: &Operation) -> Plan {
    let plan = carry_out::look(hub.db.reader(), operation).await;
    plan.expect("reads").expect("a plan")
}

async fn enter(hub: &TestSite, operation: Operation) -> Uuid {
    let mark = planned(hub, &operation).await.mark(&operation);
    let mark = mark.expect("a mark");
    let entered = carry_out::enter(hub, operation, &mark, "A Mẫu", &Actor::CommandLine).await;
    entered.expect("is entered")
}

async fn state(hub: &TestSite, id: Uuid) -> State {
    let kept = stored::find(hub.db.reader(), id).await.expect("reads");
    kept.expect("is kept").state()
}

async fn is_closed(hub: &TestSite, site: Uuid) -> bool {
    let record = site_record::find(hub.db.reader(), site).await;
    record.expect("reads").expect("a site").is_closed()
}

async fn described(hub: &TestSite) -> u64 {
    let told = event::Entity::find()
        .filter(event::Column::Kind.eq(EventKind::SiteDescribed.as_str()))
        .count(hub.db.reader())
        .await;
    told.expect("reads")
}

#[tokio::test]
async fn what_is_entered_before_its_day_waits_for_it_and_is_done_once() {
    let hub = hub().await;
    let (tan_lap, site) = commune(&hub, "xã Tân Lập", "tanlap").await;
    let (kon_braih, _) = commune(&hub, "xã Kon Braih", "konbraih").await;
    let tomorrow = today(&hub).succ_opt().expect("a day");
    let id = enter(&hub, merged(tan_lap, kon_braih, tomorrow)).await;
    assert_eq!(carry_out::round(&hub).await.expect("a round"), 0);
    assert!(!is_closed(&hub, site).await);
    let before = described(&hub).await;

    hub.clock.set(hub.clock.now() + TimeDelta::days(1));
    assert_eq!(carry_out::round(&hub).await.expect("a round"), 1);
    assert_eq!(carry_out::round(&hub).await.expect("a round"), 0);
    assert_eq!(state(&hub, id).await, State::Done);
    assert!(is_closed(&hub, site).await);
    assert_eq!(described(&hub).await, before + 1, "everybody is told once");
    let sent = outgoing::Entity::find().count(hub.db.reader()).await;
    assert!(sent.expect("reads") > 0);
    let closing = closing::of_site(hub.db.reader(), site, hub.clock.now()).await;
    let closing = closing.expect("reads").expect("it is closed");
    assert_eq!(closing.unit, "xã Tân Lập");
    assert_eq!(closing.heirs[0].name, "xã Kon Braih");
    assert_eq!(closing.since, Some(tomorrow));
    let withdrawn = carry_out::withdraw(&hub, id, &Actor::CommandLine).await;
    assert!(matches!(withdrawn, Err(Error::Conflict(_))), "too late");
}

#[tokio::test]
async fn what_is_entered_afterwards_holds_as_of_its_day() {
    let hub = hub().await;
    let (tan_lap, site) = commune(&hub, "xã Tân Lập", "tanlap").await;
    let (kon_braih, _) = commune(&hub, "xã Kon Braih", "konbraih").await;
    let day: NaiveDate = "2025-07-01".parse().expect("a day");
    let id = enter(&hub, merged(tan_lap, kon_braih, day)).await;
    assert_eq!(state(&hub, id).await, State::Done);
    assert!(is_closed(&hub, site).await);
    let on = async |day: &str| {
        let day = day.parse().expect("a day");
        let tree = units::tree_on(hub.db.reader(), day).await.expect("reads");
        tree.get(tan_lap).expect("is known").is_former
    };
    assert!(!on("2025-06-30").await && on("2025-07-01").await);
    let owners = units::succession::former_owners(hub.db.reader(), day, "tanlap.example").await;
    assert_eq!(owners.expect("reads"), [tan_lap]);
    let resumed = registry::set_suspended(&hub, site, false, &Actor::CommandLine).await;
    assert!(
        matches!(resumed, Err(Error::Conflict(_))),
        "it stays closed"
    );
}

#[tokio::test]
async fn what_was_withdrawn_or_would_do_something_else_is_not_done() {
    let hub = hub().await;
    let (tan_lap, site) = commune(&hub, "xã Tân Lập", "tanlap").await;
    let (kon_braih, _) = commune(&hub, "xã Kon Braih", "konbraih").await;
    let tomorrow = today(&hub).succ_opt().expect("a day");
    let first = enter(&hub, merged(tan_lap, kon_braih, tomorrow)).await;
    let withdrawn = carry_out::withdraw(&hub, first, &Actor::CommandLine).await;
    withdrawn.expect("is withdrawn");
    let second = enter(&hub, merged(tan_lap, kon_braih, tomorrow)).await;
    // Somebody calls it otherwise meanwhile, as of today.
    let renamed = Operation {
        kind: Kind::Rename,
        effective_on: today(&hub),
        ends: Vec::new(),
        begins: vec![Beginning {
            unit: tan_lap,
            name: Some("xã Tân Lập Mới".to_owned()),
            ..Beginning::default()
        }],
        ..merged(tan_lap, kon_braih, tomorrow)
    };
    enter(&hub, renamed).await;
    hub.clock.set(hub.clock.now() + TimeDelta::days(1));
    assert_eq!(carry_out::round(&hub).await.expect("a round"), 0);
    assert_eq!(state(&hub, first).await, State::Withdrawn);
    assert_eq!(state(&hub, second).await, State::Held);
    assert!(!is_closed(&hub, site).await);
    let wrong = merged(tan_lap, kon_braih, tomorrow);
    let unseen = carry_out::enter(&hub, wrong, "0", "A Mẫu", &Actor::CommandLine).await;
    assert!(matches!(unseen, Err(Error::Conflict(_))), "nobody looked");
}

#[tokio::test]
async fn what_was_asked_of_a_unit_and_the_office_there_go_to_its_heir() {
    let hub = hub().await;
    let (tan_lap, _) = commune(&hub, "xã Tân Lập", "tanlap").await;
    let (kon_braih, _) = commune(&hub, "xã Kon Braih", "konbraih").await;
    let key = OfficeCode::generate().expect("randomness").keys().public();
    let office = tip_office::TipOffice {
        unit: tan_lap,
        name: "Công an xã Tân Lập".to_owned(),
        about: "an ninh trật tự".to_owned(),
        key,
    };
    let kept = office.clone();
    hub.db
        .write(move |tx| Box::pin(async move { tip_office::set(tx, &[kept]).await }))
        .await
        .expect("is listed");
    let inner: Arc<_> = Arc::clone(&hub);
    let asked = citizen::report(&inner, tan_lap, "Cầu treo hỏng ván.").await;
    enter(&hub, merged(tan_lap, kon_braih, today(&hub))).await;
    let case = case::find(hub.db.reader(), asked.id).await.expect("reads");
    assert_eq!(case.expect("is kept").holder, kon_braih);
    let thread = citizen::thread(&hub, asked.id).await;
    assert!(
        thread[1]
            .words
            .contains("xã Tân Lập nay thuộc xã Kon Braih"),
        "{thread:?}"
    );
    let offices = tip_office::all(hub.db.reader()).await.expect("reads");
    assert_eq!(
        offices,
        [tip_office::TipOffice {
            unit: kon_braih,
            ..office
        }]
    );
    let found = tip_office::of_unit(hub.db.reader(), tan_lap, today(&hub)).await;
    assert_eq!(found.expect("reads").map(|office| office.key), Some(key));
}

#[tokio::test]
async fn a_closed_site_tells_what_it_went_into_where_no_other_site_does() {
    let hub = hub().await;
    let (tan_lap, site) = commune(&hub, "xã Tân Lập", "tanlap").await;
    let new = Uuid::now_v7();
    let operation = Operation {
        begins: vec![Beginning {
            unit: new,
            name: Some("xã Kon Rẫy".to_owned()),
            kind: Some("xa".to_owned()),
            gso_code: Some("23497".to_owned()),
            parent: Some(hub.unit_id),
            base_url: None,
        }],
        ..merged(tan_lap, new, today(&hub))
    };
    enter(&hub, operation).await;
    let db = hub.db.reader();
    let record = site_record::find(db, site).await.expect("reads");
    let described = SiteDescription::load(db, &record.expect("a site")).await;
    let heirs = described.expect("a description").heirs;
    assert_eq!(heirs.len(), 1);
    assert_eq!(heirs[0].id, new);
    assert!(
        heirs[0]
            .attributes
            .iter()
            .any(|one| one.value == "xã Kon Rẫy")
    );
}
