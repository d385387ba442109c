//! The hub being served: the routes of every site, and the province's own.

use crate::alerts::delivery::Delivery;
use crate::alerts::mail::Mailer;
use crate::alerts::rounds;
use crate::feed_import::{Reader, schedule};
use crate::members::watch::Watch;
use crate::probes::Prober;
use crate::ranking::{evidence, letters};
use crate::recall::watch;
use crate::relay::Relay;
use crate::reorganisation::carry_out;
use crate::vault::{self, Vaults};
use crate::{audit_heads, bulletins, enrolment, housekeeping, key_change, own_key, pages};
use axum::extract::Extension;
use shared::background;
use shared::folder::Folder;
use shared::portal::{self, Portal};
use shared::server::Shutdown;
use shared::sync;
use shared::sync::key_history;
use std::sync::Arc;
use std::time::Duration;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

/// Opens the hub in `folder` with all its routes, and reads feeds from then on until `shutdown`.
pub async fn open(folder: &Folder, shutdown: &Shutdown) -> anyhow::Result<Portal> {
    let (site, settings) = portal::open::<migrations::HubSchema>(folder, Arc::new(Relay)).await?;
    let vaults = Vaults::of(&site, folder, settings.vault);
    let api: OpenApiRouter = sync::api::routes()
        .with_state(Arc::clone(&site))
        .merge(key_change::routes().with_state(Arc::clone(&site)))
        .merge(key_history::routes().with_state(Arc::clone(&site)))
        .merge(audit_heads::routes().with_state(Arc::clone(&site)))
        .merge(evidence::api::routes().with_state(Arc::clone(&site)))
        .merge(enrolment::routes(&site, shutdown))
        .merge(vaults.clone().routes());
    let members = Watch::until(shutdown.clone());
    let mailer = settings.mail.as_ref();
    let mailer = mailer
        .map(|mail| Mailer::new(mail, folder.root()))
        .transpose()?;
    let allow = settings.sync.allow.clone();
    let delivery = Delivery::new(Arc::clone(&site), mailer, allow.clone());
    let prober = Prober::new(Arc::clone(&site), allow.clone());
    let routes = portal::routes(&site, api, pages::own())
        .layer(Extension(members.clone()))
        .layer(Extension(delivery.clone()))
        .layer(Extension(prober.clone()))
        .layer(Extension(vaults.clone()));
    let renderer = portal::renderer(&site);
    let reader = Reader {
        site: Arc::clone(&site),
        allow,
    };
    tokio::spawn(vaults.keep_tidy(shutdown.clone()));
    tokio::spawn(schedule::keep_reading(reader, shutdown.clone()));
    let changing = Arc::clone(&site);
    tokio::spawn(background::every(
        Duration::from_secs(2),
        shutdown.clone(),
        move || {
            let site = Arc::clone(&changing);
            async move { own_key::go_on(&site).await.map(|_| ()) }
        },
    ));
    tokio::spawn(members.clone().keep(Arc::clone(&site)));
    tokio::spawn(rounds::keep(Arc::clone(&site), members, shutdown.clone()));
    tokio::spawn(delivery.keep(shutdown.clone()));
    tokio::spawn(prober.keep(shutdown.clone()));
    tokio::spawn(housekeeping::keep(Arc::clone(&site), shutdown.clone()));
    tokio::spawn(watch::keep_watching(Arc::clone(&site), shutdown.clone()));
    tokio::spawn(bulletins::watch::keep_watching(
        Arc::clone(&site),
        shutdown.clone(),
    ));
    tokio::spawn(letters::keep_telling(Arc::clone(&site), shutdown.clone()));
    tokio::spawn(carry_out::keep(Arc::clone(&site), shutdown.clone()));
    Ok(Portal {
        site,
        folder: folder.clone(),
        settings,
        routes,
        renderer,
    })
}

/// The OpenAPI description of the protocol, as JSON.
pub fn openapi() -> anyhow::Result<String> {
    let mut description = sync::api::routes().into_openapi();
    description.merge(enrolment::description());
    description.merge(key_change::routes().into_openapi());
    description.merge(key_history::Description::openapi());
    description.merge(audit_heads::routes().into_openapi());
    description.merge(evidence::api::routes().into_openapi());
    description.merge(vault::description());
    Ok(description.to_pretty_json()?)
}
