//! A real site for tests: a database, a store and a log in a folder that goes with it.
//!
//! ```ignore
//! let site = testing::site().await;
//! let editor = testing::sign_in(&site, Role::Editor).await;
//! let answer = testing::get(&routes, "/quan-tri", Some(&editor)).await;
//! ```

pub mod citizen;
pub mod matrix;
pub mod pair;
pub mod pdf;
pub mod press;
pub mod tls;

use crate::accounts::account::{self, Prepared};
use crate::accounts::{self, Grant, second_factor as factor, session};
use crate::clock::Clock;
use crate::directory::site_record;
use crate::entries::section::{self, Section};
use crate::entries::{self, Item, Mode, apply, placement, record};
use crate::error::Result;
use crate::http_client::{self, Client, ClientOptions};
use crate::log::keys::SigningKey;
use crate::log::{Digest, canonical, content, event};
use crate::media;
use crate::room::{Room, Size, StorageSettings};
use crate::site::{Parts, Profile, Role, Site};
use crate::storage::Db;
use crate::sync::peer::{self, LinkMode};
use crate::sync::{Audience, Selector};
use crate::units::{Attribute, Name, attribute};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use chrono::{DateTime, TimeZone, Utc};
use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Set};
use std::ops::Deref;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// The hub above a [`TestSite`], as an id.
pub const HUB: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_00a1);
/// The hub's unit.
pub const HUB_UNIT: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_00a2);
/// The password of every account made here.
pub const PASSWORD: &str = "trâu trắng ăn lá khoai";

/// A Monday in the seventh month of the time the tests live in: 12:00 in Vietnam.
pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0)
        .single()
        .expect("a time")
}

/// A site and the folder it lives in.
pub struct TestSite {
    site: Arc<Site>,
    _folder: TempDir,
}

impl Deref for TestSite {
    type Target = Arc<Site>;

    fn deref(&self) -> &Arc<Site> {
        &self.site
    }
}

/// The site of a commune under [`HUB`], its clock standing at [`noon`].
pub async fn site() -> TestSite {
    Setup::default().site().await
}

/// What a test wants otherwise than [`site`] has it.
pub struct Setup {
    base_url: String,
    role: Arc<dyn Role>,
    storage: StorageSettings,
    media: media::MediaSettings,
    is_demo: bool,
    is_on_top: bool,
    database: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            base_url: "https://konbraih.quangngai.example".to_owned(),
            role: Arc::new(ToUpstream),
            storage: StorageSettings {
                floor: Size(0),
                ballast: Size(0),
            },
            media: media::MediaSettings::default(),
            is_demo: true,
            is_on_top: false,
            database: None,
        }
    }
}

impl Setup {
    /// Where the site answers.
    #[must_use]
    pub fn base_url(mut self, base_url: &str) -> Self {
        base_url.clone_into(&mut self.base_url);
        self
    }

    /// What it does as a hub or as a member.
    #[must_use]
    pub fn role(mut self, role: impl Role + 'static) -> Self {
        self.role = Arc::new(role);
        self
    }

    /// How much of the disk it leaves alone; nothing otherwise.
    #[must_use]
    pub fn floor(mut self, bytes: u64) -> Self {
        self.storage.floor = Size(bytes);
        self
    }

    /// How many bytes of uploads it keeps.
    #[must_use]
    pub fn quota(mut self, bytes: u64) -> Self {
        self.media.quota = Size(bytes);
        self
    }

    /// A site in earnest: who publishes needs a second factor.
    #[must_use]
    pub fn in_earnest(mut self) -> Self {
        self.is_demo = false;
        self
    }

    /// A site without a hub above it: the province's own.
    #[must_use]
    pub fn on_top(mut self) -> Self {
        self.is_on_top = true;
        self
    }

    /// The empty PostgreSQL database it lives in; a file of its own otherwise.
    #[must_use]
    pub fn database(mut self, address: &str) -> Self {
        self.database = Some(address.to_owned());
        self
    }

    /// The site.
    pub async fn site(self) -> TestSite {
        self.site_of::<migrations::SiteSchema>().await
    }

    /// The site, with the tables of `Schema`.
    pub async fn site_of<Schema: migrations::MigratorTrait>(self) -> TestSite {
        http_client::install_crypto();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("site.db");
        let address = match &self.database {
            Some(address) => address,
            None => file.to_str().expect("UTF-8"),
        };
        let db = Db::open::<Schema>(address).await.expect("a database");
        let site = Site::assemble(Parts {
            id: Uuid::now_v7(),
            unit_id: Uuid::now_v7(),
            profile: Profile {
                is_demo: self.is_demo,
                ..profile(&self.base_url)
            },
            db,
            clock: Clock::fixed(noon()),
            http: Client::new(ClientOptions::default()).expect("a client"),
            key: SigningKey::generate().expect("a key"),
            media: media::Store::open(folder.path().join("media"))
                .expect("a store")
                .bounded(self.media),
            room: Room::of(folder.path(), self.storage),
            role: self.role,
        })
        .await
        .expect("a site");
        introduce(&site, self.is_on_top).await;
        TestSite {
            site,
            _folder: folder,
        }
    }
}

fn profile(base_url: &str) -> Profile {
    Profile {
        base_url: base_url.parse().expect("a URL"),
        title: "Trang thông tin điện tử xã Kon Braih".to_owned(),
        unit_name: "xã Kon Braih".to_owned(),
        tagline: None,
        responsible: None,
        address: None,
        phone: None,
        email: None,
        is_demo: true,
        shown_by: None,
    }
}

/// Makes the hub known as the site's upstream peer, unless it `is_on_top` itself, and gives the site two sections.
async fn introduce(site: &Arc<Site>, is_on_top: bool) {
    let now = site.clock.now().timestamp_millis();
    let section = |code: &str, name: &str| Section {
        code: code.to_owned(),
        parent: None,
        name: name.to_owned(),
        mandatory: false,
        in_menu: true,
        basis: None,
    };
    let sections = [section("tin-tuc", "Tin tức"), section("van-ban", "Văn bản")];
    let unit = site.unit_id;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let named = |name: &str| [Attribute::always(Name::Name, name)];
                attribute::replace(tx, unit, &named("xã Kon Braih")).await?;
                if !is_on_top {
                    let hub = known_site(HUB, HUB_UNIT, "https://quangngai.example", now);
                    site_record::put(tx, hub).await?;
                    attribute::replace(tx, HUB_UNIT, &named("tỉnh Quảng Ngãi")).await?;
                    peer::put(tx, HUB, peer::Role::Upstream, LinkMode::Push, now).await?;
                }
                section::put_all(tx, &sections).await
            })
        })
        .await
        .expect("introduced");
}

fn known_site(id: Uuid, unit_id: Uuid, base_url: &str, now: i64) -> site_record::Model {
    site_record::Model {
        id,
        unit_id,
        mode: site_record::Mode::Native.as_str().to_owned(),
        state: site_record::State::Active.as_str().to_owned(),
        base_url: base_url.to_owned(),
        title: "Cổng thông tin điện tử tỉnh Quảng Ngãi".to_owned(),
        described_at: now,
    }
}

/// Sends everything of its own to the hub, letters to whom they are for, and does nothing with what comes in.
pub struct ToUpstream;

#[async_trait::async_trait]
impl Role for ToUpstream {
    async fn recipients(
        &self,
        _tx: &DatabaseTransaction,
        _site: &Site,
        event: &event::Model,
    ) -> Result<Audience> {
        let to = event.signed_header()?.header.to;
        Ok(match to {
            Some(unit) => Audience::of(Selector::Unit(unit), Mode::Suggested),
            None => Audience::of(Selector::Upstream, Mode::Suggested),
        })
    }

    async fn take_in(
        &self,
        _tx: &DatabaseTransaction,
        _site: &Site,
        _event: &event::Model,
        _mode: Option<Mode>,
        _effect: entries::apply::Effect,
    ) -> Result<()> {
        Ok(())
    }

    async fn accepted(
        &self,
        _tx: &DatabaseTransaction,
        _site: &Site,
        _entry: &entries::record::Model,
    ) -> Result<()> {
        Ok(())
    }
}

/// Takes the latest revision of `entry_id` from one site to the inbox of another, past the wire.
pub async fn deliver(from: &Site, to: &Site, entry_id: Uuid) {
    let db = from.db.reader();
    let entry = record::find(db, entry_id)
        .await
        .expect("reads")
        .expect("is there");
    let event = event::Entity::find_by_id(entry.event_id).one(db).await;
    let event = event.expect("reads").expect("is there");
    let content = record::content_of(db, &entry).await.expect("reads");
    let item = content
        .as_ref()
        .map(|content| Item::read(content, entry_id).expect("an item"));
    let bytes = content.map(|content| canonical::to_canonical(&content).expect("JSON"));
    let now = to.clock.now().timestamp_millis();
    let from = from.id;
    to.db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(bytes) = bytes {
                    content::keep(tx, Digest::of(&bytes), bytes).await?;
                }
                let mut copy = event.into_active_model().reset_all();
                copy.id = NotSet;
                copy.received_at = Set(now);
                copy.received_from = Set(Some(from));
                let event = copy.insert(tx).await?;
                apply::apply(tx, &event, item.as_ref()).await?;
                placement::wait_again(tx, entry_id).await?;
                placement::arrive(tx, entry_id, &entry.section, Mode::Suggested, now).await
            })
        })
        .await
        .expect("delivered");
}

/// Opens an account called after its role, with [`PASSWORD`].
pub async fn account(site: &Site, role: accounts::Role) -> account::Model {
    account_of(site, role.as_str(), vec![role.into()]).await
}

/// Opens an account with `grants` and [`PASSWORD`].
pub async fn account_of(site: &Site, login: &str, grants: Vec<Grant>) -> account::Model {
    let prepared =
        Prepared::with_hash(login, "Nguyễn Văn Ví", grants, hash_of_the_password().await);
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { account::create(tx, prepared, now).await }))
        .await
        .expect("an account")
}

/// Gives an account a second factor; its secret.
pub async fn second_factor(site: &Site, id: Uuid) -> Vec<u8> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let begun = factor::begin(tx, id).await?;
                let code = factor::code_at(&begun.secret, now);
                factor::confirm(tx, id, &code, now).await?;
                Ok(begun.secret)
            })
        })
        .await
        .expect("a second factor")
}

/// Argon2 takes its time on purpose; once is enough for all tests.
async fn hash_of_the_password() -> String {
    static HASH: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    HASH.get_or_init(|| async { accounts::password::hash(PASSWORD).await.expect("hashes") })
        .await
        .clone()
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: account::Model,
    /// The cookie, as a browser sends it.
    pub cookie: String,
    /// The token of its forms.
    pub csrf: String,
}

/// Opens an account with `role` and signs it in, past the form.
pub async fn sign_in(site: &Site, role: accounts::Role) -> SignedIn {
    sign_in_as(site, role.as_str(), vec![role.into()]).await
}

/// The same as `login`, which is opened with `grants` if it is not there yet.
pub async fn sign_in_as(site: &Site, login: &str, grants: Vec<Grant>) -> SignedIn {
    let account = match account::find_by_login(site.db.reader(), login).await {
        Ok(Some(known)) => known,
        _ => account_of(site, login, grants).await,
    };
    let now = site.clock.now().timestamp_millis();
    let id = account.id;
    let (token, session) = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let token = session::begin(tx, session::Start::whole(id), now).await?;
                let found = session::find(tx, &token, now).await?;
                Ok((token, found.map(|(session, _)| session)))
            })
        })
        .await
        .expect("a session");
    SignedIn {
        account,
        cookie: token.cookie(site).stripped().to_string(),
        csrf: session.expect("just begun").csrf,
    }
}

/// What a router answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub body: String,
}

impl Answer {
    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Opens a page.
pub async fn get(routes: &Router, path: &str, who: Option<&SignedIn>) -> Answer {
    let request = Request::get(path);
    ask(
        routes,
        as_who(request, who).body(Body::empty()).expect("a request"),
    )
    .await
}

/// Sends a form, with its token.
pub async fn post(
    routes: &Router,
    path: &str,
    who: Option<&SignedIn>,
    fields: &[(&str, &str)],
) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    if let Some(who) = who
        && !fields.iter().any(|(name, _)| *name == "csrf")
    {
        form.append_pair("csrf", &who.csrf);
    }
    form.extend_pairs(fields);
    let request =
        Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = as_who(request, who).body(Body::from(form.finish()));
    ask(routes, request.expect("a request")).await
}

/// Sends a form with nothing but its token, by any method, as our own pages and their scripts do.
pub async fn send(routes: &Router, method: Method, path: &str, who: Option<&SignedIn>) -> Answer {
    let token = who.map_or("", |who| who.csrf.as_str());
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", token)
        .finish();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-csrf-token", token)
        .header("tus-resumable", "1.0.0")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = as_who(request, who).body(Body::from(form));
    ask(routes, request.expect("a request")).await
}

/// A form sent in parts, as those with files are, with its token.
pub fn send_in_parts(path: &str, who: Option<&SignedIn>, fields: &[(&str, &str)]) -> Request<Body> {
    const BORDER: &str = "----ranh-gioi";
    let token = ("csrf", who.map_or("", |who| who.csrf.as_str()));
    let parts = fields.iter().chain([&token]).map(|(name, value)| {
        format!("--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    let body = parts.collect::<String>() + &format!("--{BORDER}--\r\n");
    let kind = format!("multipart/form-data; boundary={BORDER}");
    let request = Request::post(path).header(header::CONTENT_TYPE, kind);
    let request = as_who(request, who).body(Body::from(body));
    request.expect("a request")
}

/// Posts as the script of a page does, which reads problems and no pages.
pub async fn post_by_script(
    routes: &Router,
    path: &str,
    who: &SignedIn,
    fields: &[(&str, &str)],
) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &who.csrf)
        .extend_pairs(fields)
        .finish();
    let request = Request::post(path)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = as_who(request, Some(who)).body(Body::from(form));
    ask(routes, request.expect("a request")).await
}

fn as_who(
    request: axum::http::request::Builder,
    who: Option<&SignedIn>,
) -> axum::http::request::Builder {
    let request = request.header(header::HOST, "konbraih.quangngai.example");
    match who {
        Some(who) => request.header(header::COOKIE, &who.cookie),
        None => request,
    }
}

/// Sends any request.
pub async fn ask(routes: &Router, request: Request<Body>) -> Answer {
    let response = routes.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
