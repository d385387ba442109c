//! A province with members and an administrator, for the tests of its desk.

use crate::alerts::delivery::Delivery;
use crate::members::registry::{self, Introduction, NewMember};
use crate::members::watch::Watch;
use crate::probes::Prober;
use crate::relay::Relay;
use crate::vault::Vaults;
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use chrono::TimeDelta;
use shared::accounts::Role;
use shared::audit::Actor;
use shared::backup::VaultSettings;
use shared::error::{plain_renderer, present};
use shared::folder::Folder;
use shared::http_client::Allow;
use shared::log::Lane;
use shared::log::keys::SigningKey;
use shared::portal;
use shared::server::Shutdown;
use shared::sync::cursor::{self, Direction};
use shared::sync::peer::{self, LinkMode};
use shared::testing::{self, SignedIn, TestSite};
use tempfile::TempDir;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// A province with an administrator at its desk.
pub(super) struct Province {
    pub(super) site: TestSite,
    pub(super) shutdown: Shutdown,
    pub(super) watch: Watch,
    pub(super) routes: Router,
    pub(super) admin: SignedIn,
    _vault: TempDir,
}

impl Province {
    pub(super) async fn found() -> Self {
        let site = testing::Setup::default()
            .role(Relay)
            .on_top()
            .site_of::<migrations::HubSchema>()
            .await;
        let shutdown = Shutdown::new();
        let vault = tempfile::tempdir().expect("a temporary folder");
        let watch = Watch::until(shutdown.clone());
        let routes = portal::routes(&site, OpenApiRouter::new(), super::own())
            .layer(Extension(watch.clone()))
            .layer(Extension(Delivery::new(
                std::sync::Arc::clone(&site),
                None,
                Allow::none(),
            )))
            .layer(Extension(Prober::new(
                std::sync::Arc::clone(&site),
                Allow::none(),
            )))
            .layer(Extension(Vaults::of(
                &site,
                &Folder::at(vault.path()),
                VaultSettings::default(),
            )))
            .layer(from_fn_with_state(plain_renderer(), present));
        let admin = testing::sign_in(&site, Role::HubAdmin).await;
        Self {
            site,
            shutdown,
            watch,
            routes,
            admin,
            _vault: vault,
        }
    }

    /// A commune or a ward that has joined, and was heard of `seconds` ago.
    pub(super) async fn member(&self, name: &str, host: &str, seconds: i64) -> Uuid {
        let url: url::Url = format!("https://{host}.example").parse().expect("a URL");
        let kind = if name.starts_with("phường") {
            "phuong"
        } else {
            "xa"
        };
        let new = NewMember::named(name, kind, self.site.unit_id, url.clone(), name);
        let added = registry::add(&self.site, new, &Actor::CommandLine).await;
        let (member, code) = added.expect("a member");
        let introduction = Introduction {
            code: code.expect("a code").as_str().to_owned(),
            key: SigningKey::generate().expect("a key").public_key(),
            base_url: Some(url),
            link: LinkMode::Push,
        };
        let heard = (self.site.clock.now() - TimeDelta::seconds(seconds)).timestamp_millis();
        let site = std::sync::Arc::clone(&self.site);
        self.site
            .db
            .write(move |tx| {
                Box::pin(async move {
                    registry::take_in(tx, &site, &introduction).await?;
                    let contact = peer::Contact {
                        version: Some("lien-cong/0.1.0".to_owned()),
                        clock_skew_ms: Some(40),
                        delivered: true,
                    };
                    peer::note_contact(tx, member, contact, heard).await
                })
            })
            .await
            .expect("it joins");
        member
    }

    /// The member acknowledges all that stands in the stream.
    pub(super) async fn acknowledges(&self, member: Uuid) {
        let stream = self.site.stream_id();
        let now = self.site.clock.now().timestamp_millis();
        self.site
            .db
            .write(move |tx| {
                Box::pin(async move {
                    for lane in Lane::ALL {
                        let cursor = cursor::Model {
                            site_id: member,
                            direction: Direction::Out.as_str().to_owned(),
                            lane: lane.as_str().to_owned(),
                            stream_id: stream,
                            position: 1_000_000,
                            given_at: None,
                            head: 0,
                            updated_at: now,
                        };
                        cursor::set(tx, cursor).await?;
                    }
                    Ok(())
                })
            })
            .await
            .expect("it is noted");
    }

    pub(super) async fn page(&self, path: &str) -> String {
        let answer = testing::get(&self.routes, path, Some(&self.admin)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    /// Somebody looks at the table: what comes.
    pub(super) async fn follows(&self) -> axum::body::BodyDataStream {
        let request = Request::get(super::member_live::PATH)
            .header(header::COOKIE, self.admin.cookie.clone())
            .body(Body::empty())
            .expect("a request");
        let answer = self.routes.clone().oneshot(request).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
        answer.into_body().into_data_stream()
    }

    pub(super) async fn looks(&self) {
        self.watch.look(&self.site).await.expect("a look");
    }
}
