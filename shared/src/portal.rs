//! A portal being served: a site opened from its folder, its routes, its links and its background work.

use crate::accounts::first_code;
use crate::accounts::openid::Provider;
use crate::audit;
use crate::background;
use crate::backup::{self, progress::Bars};
use crate::citizens::handover;
use crate::clock::Clock;
use crate::entries::{purge, search};
use crate::error::Renderer;
use crate::folder::{Folder, Settings};
use crate::http_client::{Client, ClientOptions};
use crate::newsroom::schedule;
use crate::pages::newsroom::routes::only_declared;
use crate::pages::newsroom::{Declared, DeskRoutes};
use crate::pages::page_cache;
use crate::room::{self, Room};
use crate::server::{self, HardenOptions, Limits, Shutdown};
use crate::site::{Parts, Role, Site};
use crate::storage::{self, Counter, Db};
use crate::sync::link::{self, Links};
use crate::sync::{compare, key_change, key_history, quarantine};
use crate::telemetry::{self, Metrics};
use crate::{face, feeds, housekeeping, media, pages, readership, scrub, settings};
use anyhow::Context;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// How long a site that starts waits for its hub's urgent events before it serves.
const URGENT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a page may show a face that another process has changed.
const FACE_RENEWED: Duration = Duration::from_secs(5);
/// The setting that says who a site is.
const IDENTITY: &str = "identity";

/// Who a site is, as its database says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Site id.
    pub site: Uuid,
    /// The unit whose portal it is.
    pub unit: Uuid,
}

/// Who the site in `db` is; `None` before it was founded or joined.
pub async fn identity(db: &Db) -> crate::error::Result<Option<Identity>> {
    settings::get(db.reader(), IDENTITY).await
}

/// Says who the site is; once.
pub async fn found<C: sea_orm::ConnectionTrait>(
    db: &C,
    identity: Identity,
) -> crate::error::Result<()> {
    if let Some(known) = settings::get::<Identity, _>(db, IDENTITY).await?
        && known != identity
    {
        return Err(anyhow::anyhow!("cơ sở dữ liệu này đã thuộc về trang {}", known.site).into());
    }
    settings::set(db, IDENTITY, &identity).await
}

/// Opens the site in `folder`.
pub async fn open<Schema: migrations::MigratorTrait>(
    folder: &Folder,
    role: Arc<dyn Role>,
) -> anyhow::Result<(Arc<Site>, Settings)> {
    open_at::<Schema>(folder, role, Clock::system()).await
}

/// Opens the site in `folder` with a time of the caller's choosing.
pub async fn open_at<Schema: migrations::MigratorTrait>(
    folder: &Folder,
    role: Arc<dyn Role>,
    clock: Clock,
) -> anyhow::Result<(Arc<Site>, Settings)> {
    let settings = folder.settings()?;
    let key = folder.key()?;
    let db = Db::open::<Schema>(&folder.database(&settings)?).await?;
    let Some(identity) = identity(&db).await? else {
        anyhow::bail!(
            "trang trong {} chưa được kết nối với tỉnh; hãy chạy lệnh join với mã do quản trị tỉnh cấp",
            folder.root().display()
        );
    };
    let site = Site::assemble(Parts {
        id: identity.site,
        unit_id: identity.unit,
        profile: settings.profile(),
        db,
        clock,
        http: Client::new(ClientOptions::default())?,
        key,
        media: media::Store::open(folder.media())
            .context("không mở được kho ảnh và tệp")?
            .bounded(settings.media),
        room: Room::of(folder.root(), settings.storage),
        role,
    })
    .await
    .map_err(anyhow::Error::new)?;
    site.key.keep_in(folder);
    if let Some(openid) = settings.accounts.openid.clone() {
        let ways = (
            site.address(pages::newsroom::SINGLE_SIGN_ON_BACK),
            site.address(crate::error::SIGN_IN_PATH),
        );
        let secret = openid.secret(folder.root())?;
        let (http, clock) = (site.http.clone(), site.clock.clone());
        let provider = Provider::new(openid, secret, ways, http, clock)?;
        site.openid.get_or_init(|| provider);
    }
    Ok((site, settings))
}

/// A site with the routes it answers at.
pub struct Portal {
    /// The site.
    pub site: Arc<Site>,
    /// Its folder.
    pub folder: Folder,
    /// Its settings.
    pub settings: Settings,
    /// All its routes.
    pub routes: Router,
    /// Draws its error pages.
    pub renderer: Renderer,
}

impl Portal {
    /// The routes inside all that every request passes.
    pub fn hardened(&self) -> Router {
        let mut options = HardenOptions::new(self.settings.hosts());
        options.hsts = self.settings.site.base_url.scheme() == "https";
        options.proxies.clone_from(&self.settings.server.proxies);
        options.port_header = self
            .settings
            .server
            .proxy_port_header
            .clone()
            .map(|header| header.0);
        options.open_paths = vec![pages::assets::PATH.to_owned()];
        options.long_poll_paths = vec![
            crate::sync::api::OUTBOX.to_owned(),
            // A picture from a phone on a slow line takes its time.
            pages::newsroom::DRAFTS_PATH.to_owned(),
            pages::newsroom::UPLOADS_PATH.to_owned(),
            pages::newsroom::LIBRARY_PATH.to_owned(),
            pages::newsroom::FACE_PATH.to_owned(),
            // So does a pack of a backup.
            backup::target::PATH.to_owned(),
        ];
        options.unnamed_paths = vec![
            pages::citizens::TELL.to_owned(),
            pages::citizens::FOLLOW.to_owned(),
        ];
        options.renderer = Arc::clone(&self.renderer);
        let routes = self.routes.clone().layer(from_fn_with_state(
            Arc::clone(&self.site),
            audit::trespass::note,
        ));
        server::harden(routes, options)
    }

    /// Who looks after its backups.
    pub fn keeper(&self, bars: Bars) -> backup::Keeper {
        backup::Keeper::new(
            Arc::clone(&self.site),
            self.folder.clone(),
            self.settings.backup.clone(),
            bars,
        )
    }

    /// Starts the site's links and background work; they end with `shutdown`.
    pub async fn start_work(&self, shutdown: &Shutdown) -> anyhow::Result<()> {
        Links::start(&self.site, shutdown)
            .await
            .map_err(anyhow::Error::new)?;
        tokio::spawn(backup::schedule::keep_watch(
            self.keeper(Bars::Hidden),
            shutdown.clone(),
        ));
        first_code::announce(&self.site)
            .await
            .map_err(anyhow::Error::new)?;
        tokio::spawn(search::keep_whole(Arc::clone(&self.site), shutdown.clone()));
        tokio::spawn(housekeeping::keep(Arc::clone(&self.site), shutdown.clone()));
        tokio::spawn(audit::keep(Arc::clone(&self.site), shutdown.clone()));
        tokio::spawn(readership::keep(Arc::clone(&self.site), shutdown.clone()));
        tokio::spawn(schedule::keep(Arc::clone(&self.site), shutdown.clone()));
        tokio::spawn(room::watch(Arc::clone(&self.site), shutdown.clone()));
        tokio::spawn(background::every(
            Duration::from_secs(1),
            shutdown.clone(),
            notice_others(&self.site),
        ));
        tokio::spawn(compare::keep_comparing(
            Arc::clone(&self.site),
            Duration::from_secs(self.settings.sync.compare_seconds.max(1)),
            shutdown.clone(),
        ));
        tokio::spawn(scrub::keep_scrubbing(
            Arc::clone(&self.site),
            self.settings.upkeep.check_rate,
            shutdown.clone(),
        ));
        tokio::spawn(media::fetch::keep_fetching(
            Arc::clone(&self.site),
            media::fetch::Bounds::of(&self.settings.upkeep),
            shutdown.clone(),
        ));
        let site = Arc::clone(&self.site);
        tokio::spawn(background::every(
            FACE_RENEWED,
            shutdown.clone(),
            move || {
                let site = Arc::clone(&site);
                async move { face::shown::renew(&site).await }
            },
        ));
        let site = Arc::clone(&self.site);
        tokio::spawn(background::every(
            Duration::from_secs(2),
            shutdown.clone(),
            move || {
                let site = Arc::clone(&site);
                async move { site.db.check_place().await }
            },
        ));
        let site = Arc::clone(&self.site);
        tokio::spawn(background::every(
            Duration::from_millis(500),
            shutdown.clone(),
            move || {
                let site = Arc::clone(&site);
                async move { purge::round(&site).await.map(|_| ()) }
            },
        ));
        let site = Arc::clone(&self.site);
        tokio::spawn(background::every(
            Duration::from_secs(1),
            shutdown.clone(),
            move || {
                let site = Arc::clone(&site);
                async move { key_change::notice(&site).await }
            },
        ));
        let site = Arc::clone(&self.site);
        tokio::spawn(background::every(
            Duration::from_secs(5),
            shutdown.clone(),
            move || {
                let site = Arc::clone(&site);
                async move {
                    handover::round(&site).await?;
                    key_change::finish(&site).await?;
                    key_history::look_after(&site).await?;
                    quarantine::after_upgrade(&site).await?;
                    quarantine::tell_late(&site).await
                }
            },
        ));
        Ok(())
    }

    /// Serves until `shutdown`, then lets requests under way finish.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<()> {
        let router = self.hardened();
        self.serve_behind(router, listener, shutdown).await
    }

    /// The same with `router` before it, which passes on what is for this site.
    pub async fn serve_behind(
        self,
        router: Router,
        listener: TcpListener,
        shutdown: Shutdown,
    ) -> anyhow::Result<()> {
        let limits = Limits::for_sites(1, &self.settings.server.proxies);
        catch_up(Arc::clone(&self.site)).await?;
        self.start_work(&shutdown).await?;
        tracing::info!(
            site = self.site.profile.title,
            address = %self.site.profile.base_url,
            listen = %listener.local_addr()?,
            "serving"
        );
        let served = server::serve(listener, router, limits, shutdown).await;
        readership::finish(&self.site).await;
        served?;
        Ok(())
    }
}

/// Takes in what is urgent before `site` shows anything.
pub async fn catch_up(site: Arc<Site>) -> anyhow::Result<()> {
    link::catch_up(&site, URGENT_PATIENCE)
        .await
        .map_err(anyhow::Error::new)
}

/// The command line and other replicas append to the same stream: what they add wakes this
/// process's links as well.
fn notice_others(
    site: &Arc<Site>,
) -> impl FnMut() -> BoxFuture<'static, crate::error::Result<()>> + use<> {
    let site = Arc::clone(site);
    let seen = Arc::new(AtomicI64::new(0));
    move || {
        let (site, seen) = (Arc::clone(&site), Arc::clone(&seen));
        Box::pin(async move {
            let last = storage::last_number(site.db.reader(), Counter::Stream).await?;
            if seen.swap(last, Ordering::Relaxed) != last {
                site.wake();
            }
            Ok(())
        })
    }
}

/// Serves metrics and health on their own listener until `shutdown`.
pub async fn serve_private(
    listener: TcpListener,
    metrics: Metrics,
    sites: Vec<Arc<Site>>,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let ready = move || {
        let sites = sites.clone();
        async move {
            for site in &sites {
                let told =
                    |error| format!("{}: {}", site.profile.title, crate::error::chain(&error));
                identity(&site.db).await.map_err(told)?;
                site.db.check_place().await.map_err(told)?;
            }
            Ok(())
        }
    };
    let router = telemetry::private_router(metrics, ready);
    server::serve(listener, router, Limits::default(), shutdown).await?;
    Ok(())
}

/// What one kind of site answers besides what every site does.
#[derive(Default)]
pub struct Own {
    /// Pages for everybody.
    pub public: Router<Arc<Site>>,
    /// Pages of the back office.
    pub desk: DeskRoutes,
}

/// The routes of every site: protocol, media, public pages, feeds and newsroom, with the
/// description of the protocol beside them.
pub fn routes(site: &Arc<Site>, api: OpenApiRouter, own: Own) -> Router {
    let (api, description) = api.split_for_parts();
    let description = Arc::new(description);
    let desk = pages::newsroom::routes().merge(own.desk);
    let declared: Arc<[Declared]> = desk.declared().into();
    let public = pages::drawn()
        .merge(pages::citizens::routes())
        .merge(own.public)
        .layer(from_fn_with_state(
            Arc::clone(site),
            pages::closed::only_reading,
        ))
        .layer(from_fn_with_state(Arc::clone(site), page_cache::drawn_once))
        .merge(pages::files())
        .layer(from_fn_with_state(Arc::clone(site), readership::count));
    Router::new()
        .merge(media::serve::routes())
        .merge(public)
        .merge(
            desk.into_router()
                .layer(from_fn_with_state(
                    Arc::clone(site),
                    pages::newsroom::room_first,
                ))
                .layer(from_fn_with_state(
                    Arc::clone(site),
                    pages::closed::only_reading,
                )),
        )
        .merge(feeds::serve::routes())
        .layer(from_fn_with_state(
            Arc::clone(site),
            pages::former_host::ask_the_one_before,
        ))
        .with_state(Arc::clone(site))
        .route(
            "/v1/openapi.json",
            axum::routing::get(async move || axum::Json(description.as_ref().clone())),
        )
        .merge(api)
        .layer(from_fn(move |request, next| {
            only_declared(Arc::clone(&declared), request, next)
        }))
}

/// Draws error pages with the look of the site.
pub fn renderer(site: &Arc<Site>) -> Renderer {
    pages::error_page::renderer(site)
}
