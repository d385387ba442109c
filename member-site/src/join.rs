//! Joining a province: one command with one code, and both sides hold all they need.

use anyhow::{Context, bail, ensure};
use axum::http::Method;
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::clock::Clock;
use shared::entries::{catalogue, section};
use shared::folder::{Folder, NewSettings};
use shared::http_client::{Allow, Client, ClientOptions};
use shared::log::keys::SigningKey;
use shared::log::ledger;
use shared::portal::{self, Identity};
use shared::storage::Db;
use shared::sync::enrol::{self, Introduction, Welcome};
use shared::sync::greeting::SOFTWARE;
use shared::sync::message_signature::{self, Content, Nonce, ReceivedAnswer};
use shared::sync::peer::{self, LinkMode};
use shared::sync::wire::JSON;
use shared::units::attribute::Name;
use std::net::SocketAddr;
use url::Url;

/// What a unit needs to join.
#[derive(Clone, Debug)]
pub struct Join {
    /// Where the hub answers.
    pub hub: Url,
    /// The one-time code from the province.
    pub code: String,
    /// Where this site will answer.
    pub base_url: Url,
    /// How the hub's events are to reach it.
    pub link: LinkMode,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where metrics and health are told.
    pub private_listen: Option<SocketAddr>,
    /// Whether its content is made up for showing.
    pub demo: bool,
}

/// Introduces a new site to its hub and makes its folder from the answer. The folder appears only
/// when the hub has said yes, so a failed attempt leaves nothing behind.
pub async fn join(folder: &Folder, join: &Join) -> anyhow::Result<Welcome> {
    if folder.has_site() {
        bail!(
            "thư mục {} đã có một trang; hãy chọn thư mục khác",
            folder.root().display()
        );
    }
    let aside = Folder::at(folder.root().with_extension("joining"));
    if aside.root().exists() {
        std::fs::remove_dir_all(aside.root())
            .context("không dọn được lần kết nối dở dang trước")?;
    }
    let made = join_aside(&aside, join).await;
    match made {
        Ok(welcome) => {
            if folder.root().exists() {
                // An empty folder made beforehand is fine; anything in it is somebody's.
                std::fs::remove_dir(folder.root())
                    .with_context(|| format!("thư mục {} không trống", folder.root().display()))?;
            }
            std::fs::rename(aside.root(), folder.root())
                .with_context(|| format!("không đặt được trang vào {}", folder.root().display()))?;
            Ok(welcome)
        }
        Err(error) => {
            if aside.root().exists() {
                std::fs::remove_dir_all(aside.root()).ok();
            }
            Err(error)
        }
    }
}

async fn join_aside(folder: &Folder, join: &Join) -> anyhow::Result<Welcome> {
    let key = folder.create(&NewSettings {
        base_url: join.base_url.clone(),
        title: "Trang thông tin điện tử".to_owned(),
        unit_name: String::new(),
        tagline: None,
        listen: join.listen,
        private_listen: join.private_listen,
        link: join.link,
        database_url: None,
        allow: Vec::new(),
        demo: join.demo,
    })?;
    let clock = Clock::system();
    let said = Said {
        hub: &join.hub,
        code: &join.code,
        base_url: Some(&join.base_url),
        link: join.link,
    };
    let welcome = introduce(&key, &said, &clock).await?;
    found(folder, join, &welcome, clock.now().timestamp_millis()).await?;
    folder.keep_recovery_key_if_none()?;
    Ok(welcome)
}

/// What a site says when it introduces a key.
pub(crate) struct Said<'a> {
    pub(crate) hub: &'a Url,
    pub(crate) code: &'a str,
    /// None: where it answered before.
    pub(crate) base_url: Option<&'a Url>,
    pub(crate) link: LinkMode,
}

/// Introduces `key` to the hub, and believes the answer only from the hub that minted the code.
pub(crate) async fn introduce(
    key: &SigningKey,
    said: &Said<'_>,
    clock: &Clock,
) -> anyhow::Result<Welcome> {
    let introduction = Introduction {
        v: 1,
        code: said.code.to_owned(),
        key: key.public_key(),
        base_url: said
            .base_url
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default(),
        link: said.link,
        software: SOFTWARE.to_owned(),
    };
    let body = serde_json::to_vec(&introduction)?;
    let target = said.hub.join(enrol::PATH)?;
    let nonce = Nonce::generate()?;
    let content = Content {
        content_type: JSON,
        body: &body,
    };
    let headers = message_signature::sign_request(
        &Method::POST,
        &target,
        Some(content),
        key,
        clock.now(),
        &nonce,
    )?;
    let fetched = Client::new(ClientOptions::default())?
        .post(target.as_str(), JSON, body)
        .headers(headers)
        .allow(&Allow::origin(said.hub))
        .send()
        .await
        .map_err(|error| explain(&error))?;
    let welcome: Welcome = serde_json::from_slice(&fetched.body)
        .context("câu trả lời của cổng tỉnh không đọc được")?;
    let hub_key = welcome
        .hub
        .keys
        .iter()
        .map(|known| known.key)
        .find(|key| enrol::is_code_of(said.code, &key.id()))
        .context("khóa của cổng tỉnh không khớp với mã kết nối: có thể địa chỉ --hub bị sai hoặc đường truyền bị can thiệp")?;
    let answer = ReceivedAnswer {
        status: fetched.status,
        headers: &fetched.headers,
        body: &fetched.body,
    };
    message_signature::verify_response(
        &answer,
        &nonce,
        |id| (*id == hub_key.id()).then_some(hub_key),
        clock.now(),
    )
    .context("chữ ký của cổng tỉnh không hợp lệ")?;
    ensure!(
        welcome
            .member
            .keys
            .iter()
            .any(|known| known.key == key.public_key()),
        "cổng tỉnh ghi nhận một khóa khác với khóa của trang này"
    );
    Ok(welcome)
}

/// Gives a site that is a member already another key: its own was stolen or lost, and the province has
/// minted a new code for it. It says on in new logs what it says from now on.
pub async fn rekey(folder: &Folder, hub: &Url, code: &str) -> anyhow::Result<Welcome> {
    let settings = folder.settings()?;
    let db = Db::open::<migrations::SiteSchema>(&folder.database(&settings)?).await?;
    let known = portal::identity(&db)
        .await?
        .context("trang này chưa kết nối với tỉnh; hãy dùng lệnh join")?;
    let clock = Clock::system();
    let is_begun = folder.next_key()?.is_some();
    let key = folder.begin_next_key()?;
    let said = Said {
        hub,
        code,
        base_url: Some(&settings.site.base_url),
        link: settings.sync.link,
    };
    let welcome = match introduce(&key, &said, &clock).await {
        Ok(welcome) => welcome,
        Err(error) => {
            if !is_begun {
                folder.abandon_next_key()?;
            }
            return Err(error);
        }
    };
    ensure!(
        welcome.member.site == known.site,
        "mã này cấp cho trang {}, không phải trang trong thư mục này",
        welcome.member.title
    );
    // From here on nothing is signed with the key before, also not by a process that serves the site.
    folder.adopt_next_key()?;
    folder.forget_previous_key()?;
    let (told, link) = (welcome.clone(), settings.sync.link);
    let now = clock.now().timestamp_millis();
    db.write(move |tx| {
        Box::pin(async move {
            told.hub.store(tx, now).await?;
            told.member.store(tx, now).await?;
            ledger::close_own(tx, told.member.site, now).await?;
            let subject = Subject::of(Kind::Key, told.member.site);
            audit::record(tx, &Actor::CommandLine, Action::KeyChanged, subject, now).await?;
            peer::put(tx, told.hub.site, peer::Role::Upstream, link, now).await
        })
    })
    .await?;
    db.close().await?;
    Ok(welcome)
}

/// What to mend, by what the hub said.
fn explain(error: &shared::http_client::FetchError) -> anyhow::Error {
    match error.problem() {
        Some(problem) => {
            let detail = problem.detail.unwrap_or_default();
            anyhow::anyhow!("cổng tỉnh từ chối: {}. {detail}", problem.title)
        }
        None => anyhow::anyhow!("{error}")
            .context("không liên lạc được với cổng tỉnh; hãy kiểm tra --hub và mạng"),
    }
}

async fn found(folder: &Folder, join: &Join, welcome: &Welcome, now: i64) -> anyhow::Result<()> {
    folder.rewrite_settings(&settings_of(welcome, join))?;
    let db = Db::open::<migrations::SiteSchema>(&folder.database(&folder.settings()?)?).await?;
    store(&db, welcome, join.link, now).await?;
    let subject = Subject::of(Kind::Site, welcome.hub.site);
    db.write(move |tx| {
        Box::pin(async move {
            audit::record(tx, &Actor::CommandLine, Action::Joined, subject, now).await
        })
    })
    .await?;
    db.close().await?;
    Ok(())
}

/// The settings of the site that the hub describes.
pub(crate) fn settings_of(welcome: &Welcome, join: &Join) -> NewSettings {
    let value = |name: Name| {
        let attributes = welcome.member.unit.attributes.iter().rev();
        attributes
            .filter(|attribute| attribute.name == name && attribute.valid_to.is_none())
            .map(|attribute| attribute.value.clone())
            .next()
    };
    NewSettings {
        base_url: join.base_url.clone(),
        title: welcome.member.title.clone(),
        unit_name: value(Name::Name).unwrap_or_else(|| welcome.member.title.clone()),
        tagline: None,
        listen: join.listen,
        private_listen: join.private_listen,
        link: join.link,
        database_url: None,
        allow: Vec::new(),
        demo: join.demo,
    }
}

/// Stores what the hub says into the database of a new or rebuilt site.
pub(crate) async fn store(
    db: &Db,
    welcome: &Welcome,
    link: LinkMode,
    now: i64,
) -> anyhow::Result<()> {
    let welcome = welcome.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let identity = Identity {
                site: welcome.member.site,
                unit: welcome.member.unit.id,
            };
            portal::found(tx, identity).await?;
            welcome.hub.store(tx, now).await?;
            welcome.member.store(tx, now).await?;
            section::put_all(tx, &welcome.sections).await?;
            // A hub can always be called; `link` says how its events come to us.
            peer::put(tx, welcome.hub.site, peer::Role::Upstream, link, now).await?;
            match welcome.hub.lists {
                Some(lists) => catalogue::take_over(tx, lists).await,
                None => Ok(()),
            }
        })
    })
    .await?;
    Ok(())
}
