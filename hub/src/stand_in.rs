//! Standing in for a member: while it is down, its public pages, in its name, read-only.
//!
//! Whoever asks this server under the host name of an active native member is shown that member's
//! own entries at the addresses they have there, by the same code that shows the member's. What
//! differs is a [`Lens`] over the hub's database: under the names the pages read from stand the
//! member's entries, its sections and their pictures, and nothing else. The member comes back by
//! being reachable: no page is kept by anybody without asking again.
//!
//! The archive of a unit that is no more is shown in the same way, for as long as anybody asks for it. Whoever asks
//! under a host name that was somebody's once is led to where that is now.

use crate::pages::units as units_page;
use crate::sections;
use anyhow::Context;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use sea_orm::DatabaseTransaction;
use shared::archive::export::Subject;
use shared::directory::contact_record::{self, Contact};
use shared::directory::site_record;
use shared::entries::{self, record};
use shared::error::{Error, Result, chain};
use shared::folder::Folder;
use shared::log::event;
use shared::log::keys::SigningKey;
use shared::pages::{closed, former_host};
use shared::portal::{self, Portal};
use shared::problem::{Problem, ProblemKind};
use shared::room::Room;
use shared::server::{HardenOptions, harden};
use shared::site::{Parts, Profile, Role, ShownBy, Site};
use shared::storage::{Db, Lens};
use shared::sync::{Audience, key_history};
use shared::{feeds, media, pages, units};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tower::ServiceExt;
use uuid::Uuid;

/// A member as the hub holds it, to be written down as an archive.
pub async fn subject(hub: &Site, member: Uuid) -> anyhow::Result<Subject> {
    let db = hub.db.reader();
    let record = site_record::find(db, member)
        .await?
        .with_context(|| format!("không có trang {member}"))?;
    let today = shared::vietnamese::local(hub.clock.now()).date_naive();
    let tree = units::some_on(db, today, &[record.unit_id]).await?;
    let unit = tree.get(record.unit_id);
    let told = contact_record::find(db, member).await?;
    Ok(Subject {
        site: record.id,
        unit: record.unit_id,
        unit_name: tree.name_of(record.unit_id),
        title: record.title,
        base_url: record.base_url,
        contact: told.map_or_else(Contact::default, |told| Contact {
            tagline: told.tagline,
            responsible: told.responsible,
            address: told.address,
            phone: told.phone,
            email: told.email,
        }),
        sections: sections::for_kind(unit.map_or("", |unit| unit.kind.as_str()))?,
    })
}

/// Says in the head of every answer who gave it in the member's stead.
pub const STAND_IN: HeaderName = HeaderName::from_static("lien-cong-stand-in");

/// How many members are shown at once; who was asked for longest ago makes room.
const MOST: usize = 32;
/// When to come back for what only the member itself can do.
const COME_BACK: Duration = Duration::from_secs(60);

/// The members that can be shown, and those that are being shown.
pub struct StandIns {
    hub: Arc<Site>,
    database: String,
    media: media::Store,
    options: HardenOptions,
    shown: Mutex<Shown>,
}

/// The members being shown.
#[derive(Default)]
struct Shown {
    asked: u64,
    sites: HashMap<Uuid, Standing>,
}

/// A member being shown.
struct Standing {
    made_from: Facts,
    router: Router,
    last_asked: u64,
}

/// What of a member decides how it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    member: site_record::Model,
    unit_name: String,
    kind: String,
    contact: Option<contact_record::Model>,
}

impl StandIns {
    /// Those of the hub `portal` in `folder`.
    pub fn of(portal: &Portal, folder: &Folder) -> anyhow::Result<Arc<Self>> {
        let mut options = HardenOptions::new(Vec::<String>::new());
        options.proxies.clone_from(&portal.settings.server.proxies);
        Ok(Arc::new(Self {
            hub: Arc::clone(&portal.site),
            database: folder.database(&portal.settings)?,
            media: portal.site.media.clone(),
            options,
            shown: Mutex::default(),
        }))
    }

    /// The hub, and under the host names of its members those it stands in for.
    pub fn beside(self: Arc<Self>, portal: &Portal) -> Router {
        let hub = portal.hardened();
        let own: Arc<[String]> = portal
            .settings
            .hosts()
            .iter()
            .map(|host| host.to_lowercase())
            .collect();
        Router::new().fallback_service(tower::service_fn(move |request: Request| {
            let (hub, own, stand_ins) = (hub.clone(), Arc::clone(&own), Arc::clone(&self));
            // What only reads may be led on.
            let path = matches!(*request.method(), Method::GET | Method::HEAD)
                .then(|| request.uri().path_and_query().map(ToString::to_string));
            async move {
                let path = path.flatten();
                let router = match host_of(&request).filter(|host| !is_one_of(host, &own)) {
                    Some(host) => match stand_ins.at(&host).await {
                        Some(router) => router,
                        None => match stand_ins.led_on(&host, path).await {
                            Some(response) => return Ok(response),
                            None => hub,
                        },
                    },
                    None => hub,
                };
                match router.oneshot(request).await {
                    Ok(response) => Ok::<Response, Infallible>(response),
                    Err(never) => match never {},
                }
            }
        }))
    }

    /// The member that answers at `host`; `None` if there is none, or none that can be shown.
    async fn at(&self, host: &str) -> Option<Router> {
        match self.find(host).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(error = chain(&error), host, "cannot stand in");
                None
            }
        }
    }

    /// Where what was asked under a host name that was somebody's once is found now.
    async fn led_on(&self, host: &str, path: Option<String>) -> Option<Response> {
        let path = path?;
        let list = self.hub.address(units_page::FORMER);
        let now = self.hub.clock.now();
        let found = former_host::find(self.hub.db.reader(), host, &path, Some(&list), now).await;
        match found {
            Ok(found) => former_host::redirect(&found?),
            Err(error) => {
                tracing::warn!(error = chain(&error), host, "cannot lead on");
                None
            }
        }
    }

    async fn find(&self, host: &str) -> Result<Option<Router>> {
        let db = self.hub.db.reader();
        let origins = [format!("https://{host}"), format!("http://{host}")];
        let Some(member) = site_record::native_at(db, &origins).await? else {
            return Ok(None);
        };
        if member.id == self.hub.id {
            return Ok(None);
        }
        let facts = self.facts(member).await?;
        let mut shown = self.shown.lock().await;
        shown.asked += 1;
        let asked = shown.asked;
        if let Some(standing) = shown.sites.get_mut(&facts.member.id)
            && standing.made_from == facts
        {
            standing.last_asked = asked;
            return Ok(Some(standing.router.clone()));
        }
        let router = self.router(&facts).await?;
        tracing::info!(site = facts.member.title, host, "standing in");
        if shown.sites.len() >= MOST {
            let oldest = shown.sites.iter().min_by_key(|(_, one)| one.last_asked);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                shown.sites.remove(&oldest);
            }
        }
        let standing = Standing {
            made_from: facts.clone(),
            router: router.clone(),
            last_asked: asked,
        };
        shown.sites.insert(facts.member.id, standing);
        Ok(Some(router))
    }

    async fn facts(&self, member: site_record::Model) -> Result<Facts> {
        let db = self.hub.db.reader();
        let today = shared::vietnamese::local(self.hub.clock.now()).date_naive();
        let tree = units::some_on(db, today, &[member.unit_id]).await?;
        let unit = tree.get(member.unit_id);
        Ok(Facts {
            unit_name: unit.map_or_else(|| member.title.clone(), |unit| unit.name.clone()),
            kind: unit.map(|unit| unit.kind.clone()).unwrap_or_default(),
            contact: contact_record::find(db, member.id)
                .await?
                // When it was last said changes nothing.
                .map(|contact| contact_record::Model {
                    told_at: 0,
                    ..contact
                }),
            member,
        })
    }

    /// All that is shown of a member.
    async fn router(&self, facts: &Facts) -> Result<Router> {
        let site = self.site(facts).await?;
        let mut options = self.options.clone();
        options.hosts = vec![authority(&site)];
        options.hsts = site.profile.base_url.scheme() == "https";
        options.renderer = portal::renderer(&site);
        let by = HeaderValue::try_from(self.hub.origin()).map_err(anyhow::Error::new)?;
        let public = Router::new()
            .merge(media::serve::routes())
            .merge(pages::routes())
            .merge(feeds::serve::routes())
            .layer(from_fn_with_state(
                Arc::clone(&site),
                former_host::ask_the_one_before,
            ))
            .with_state(Arc::clone(&site));
        let public = match facts.member.is_closed() {
            true => public
                .layer(from_fn_with_state(site, closed::only_shown))
                .layer(from_fn_with_state(by, of_an_archive)),
            false => public.layer(from_fn_with_state(by, only_reading)),
        };
        Ok(harden(public, options))
    }

    async fn site(&self, facts: &Facts) -> Result<Arc<Site>> {
        let backend = self.hub.db.backend();
        let lens = lens(Lens::clear(backend), facts)?;
        let contact = facts.contact.clone();
        let contact =
            |pick: fn(contact_record::Model) -> Option<String>| contact.clone().and_then(pick);
        Site::assemble(Parts {
            id: facts.member.id,
            unit_id: facts.member.unit_id,
            profile: Profile {
                base_url: facts
                    .member
                    .base_url
                    .parse()
                    .context("the address of a member is none")?,
                title: facts.member.title.clone(),
                unit_name: facts.unit_name.clone(),
                tagline: contact(|contact| contact.tagline),
                responsible: contact(|contact| contact.responsible),
                address: contact(|contact| contact.address),
                phone: contact(|contact| contact.phone),
                email: contact(|contact| contact.email),
                is_demo: self.hub.profile.is_demo,
                // An archive says itself what it is.
                shown_by: (!facts.member.is_closed()).then(|| ShownBy {
                    title: self.hub.profile.title.clone(),
                    origin: self.hub.origin(),
                }),
            },
            db: Db::open_through(&self.database, &lens).await?,
            clock: self.hub.clock.clone(),
            http: self.hub.http.clone(),
            // Nobody's: whoever stands in for a member cannot speak for it.
            key: SigningKey::generate().map_err(anyhow::Error::new)?,
            media: self.media.clone(),
            room: Room::unwatched(),
            role: Arc::new(Silent),
        })
        .await
    }
}

/// What the pages of a member read: its own entries, its sections, and the media its entries show.
fn lens(clear: Lens, facts: &Facts) -> Result<Lens> {
    let site = clear.id(facts.member.id);
    let sections: Vec<Vec<String>> = (0..)
        .zip(sections::for_kind(&facts.kind)?)
        .map(|(position, section): (i64, _)| {
            let or_null = |text: &Option<String>| match text {
                Some(text) => Lens::text(text),
                None => "NULL".to_owned(),
            };
            vec![
                Lens::text(&section.code),
                or_null(&section.parent),
                Lens::text(&section.name),
                section.mandatory.to_string(),
                section.in_menu.to_string(),
                position.to_string(),
                or_null(&section.basis),
                false.to_string(),
                false.to_string(),
            ]
        })
        .collect();
    Ok(clear
        .view(
            "entries",
            &format!("SELECT * FROM real.entries WHERE site_id = {site}"),
        )
        // What it published stands where it put it.
        .view(
            "placements",
            "SELECT entry_id, 'shown' AS state, 'own' AS mode, section, NULL AS title, NULL AS lead, \
             FALSE AS featured, published_at AS arrived_at, NULL AS decided_at, NULL AS decided_by, \
             NULL AS reason FROM entries",
        )
        // In the order in which the hub heard of them; there is no other here.
        .view(
            "publications",
            "SELECT id AS number, entry_id, event_id, \
             CASE WHEN state = 'live' THEN 'shown' ELSE 'ended' END AS state, revised_at AS at FROM entries",
        )
        // So the feeds end where these do, and not where the province's own order has come to.
        .view(
            "counters",
            "SELECT name, value FROM real.counters WHERE name <> 'publication' UNION ALL \
             SELECT 'publication' AS name, COALESCE((SELECT MAX(number) FROM publications), 0) AS value",
        )
        .view(
            "media",
            "SELECT * FROM real.media AS one WHERE EXISTS (SELECT 1 FROM real.entry_media AS shown \
             JOIN entries ON entries.entry_id = shown.entry_id \
             WHERE shown.hash = one.hash AND entries.state = 'live')",
        )
        .table(
            "sections",
            "code, parent, name, mandatory, in_menu, position, basis, own, hidden",
            &sections,
        ))
}

/// Host and port of a site, as browsers name it.
fn authority(site: &Site) -> String {
    let origin = site.origin();
    let (_, authority) = origin.split_once("://").unwrap_or(("", &origin));
    authority.to_owned()
}

fn host_of(request: &Request) -> Option<String> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else {
        return None;
    };
    Some(host.to_str().ok()?.to_ascii_lowercase())
}

fn is_one_of(host: &str, own: &[String]) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    own.iter().any(|one| one == host || one == name)
}

/// Passes on what only reads; the rest waits for the member itself.
async fn only_reading(State(by): State<HeaderValue>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_its_own = ["/quan-tri", "/v1/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        || path.contains("/luu-tru/");
    let mut response = if reads && !is_its_own {
        next.run(request).await
    } else {
        let problem = Problem::new(ProblemKind::Unavailable)
            .detail("Trang đang gián đoạn và chỉ được hiển thị tạm để đọc; xin gửi lại sau.")
            .retry_after(COME_BACK);
        Error::from(problem).into_response()
    };
    response.headers_mut().insert(STAND_IN, by);
    response
}

/// An archive has no desk and speaks with no peer; the keys of everybody are at the province.
async fn of_an_archive(State(by): State<HeaderValue>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_gone = path.starts_with("/quan-tri") || path.starts_with("/v1/");
    let keys = (path == key_history::PATH)
        .then(|| by.to_str().ok())
        .flatten()
        .and_then(|hub| former_host::redirect(&format!("{hub}{path}")));
    let feed = path.split_once("/luu-tru/").map(|(feed, _)| feed);
    let mut response = match (keys, feed) {
        (Some(keys), _) => keys,
        // Which pages an archive of a feed has, only the site itself knew; the feed has all that is newest.
        (None, Some(feed)) => {
            former_host::redirect(feed).unwrap_or_else(|| Error::NotFound.into_response())
        }
        (None, None) if is_gone => Error::NotFound.into_response(),
        (None, None) => next.run(request).await,
    };
    response.headers_mut().insert(STAND_IN, by);
    response
}

/// A site that is only looked at.
struct Silent;

#[async_trait::async_trait]
impl Role for Silent {
    async fn recipients(
        &self,
        _: &DatabaseTransaction,
        _: &Site,
        _: &event::Model,
    ) -> Result<Audience> {
        Ok(Audience::nobody())
    }

    async fn take_in(
        &self,
        _: &DatabaseTransaction,
        _: &Site,
        _: &event::Model,
        _: Option<entries::Mode>,
        _: entries::apply::Effect,
    ) -> Result<()> {
        Ok(())
    }

    async fn accepted(&self, _: &DatabaseTransaction, _: &Site, _: &record::Model) -> Result<()> {
        Ok(())
    }
}
