//! Where backups are kept: the hub's vault, a folder, or any server of restic's REST protocol.
//!
//! A target is asked from threads of the backup library, which knows no tasks; so each call blocks its
//! thread until the answer is there. The network is reached through [`http_client`](crate::http_client)
//! like everywhere else.

use super::layout::{Kind, Layout, Place, Written};
use crate::clock::Clock;
use crate::http_client::{Allow, Call, Client, FetchError};
use crate::log::Digest;
use crate::log::keys::{KeyId, PublicKey, SigningKey};
use crate::problem::{Problem, ProblemKind};
use crate::site::Site;
use crate::sync::message_signature::{self, Content, Nonce, ReceivedAnswer};
use crate::sync::wire::Correspondent;
use anyhow::{Context, bail};
use axum::http::{HeaderMap, Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rustic_core::{
    BytesList, ErrorKind, FileType, Id, ReadBackend, RusticError, RusticResult, WriteBackend,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use url::Url;
use uuid::Uuid;

/// The path of the vaults at a hub; the member's site id follows.
pub const PATH: &str = "/v1/vault";
/// The largest file of a repository that is sent or taken.
pub const LARGEST_FILE: usize = 16 * 1024 * 1024;
/// The media type of a file.
pub const BYTES: &str = "application/octet-stream";
/// The media type of a list with sizes, as restic names it.
pub const LIST: &str = "application/vnd.x.restic.rest.v2";
/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(100);
/// How often a road that is cut is tried before the run is given up until the next.
const ATTEMPTS: u32 = 5;

/// A target as it stands in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The vault of our hub.
    Hub,
    /// A folder, best of another machine.
    Folder(PathBuf),
    /// A server of restic's REST protocol.
    Rest(Url),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hub => f.write_str("hub"),
            Self::Folder(path) => write!(f, "{}", path.display()),
            // Without the password that may stand in it.
            Self::Rest(url) => write!(
                f,
                "rest:{}{}",
                url.origin().ascii_serialization(),
                url.path()
            ),
        }
    }
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "hub" {
            return Ok(Self::Hub);
        }
        if let Some(url) = text.strip_prefix("rest:") {
            return Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
                .map(Self::Rest)
                .ok_or_else(|| format!("\"{text}\" không phải địa chỉ dạng rest:https://…"));
        }
        if text.starts_with('/') {
            return Ok(Self::Folder(PathBuf::from(text)));
        }
        Err(format!(
            "\"{text}\" không phải nơi sao lưu: cần \"hub\", một đường dẫn bắt đầu bằng / hoặc rest:https://…"
        ))
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A file in a list with sizes.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What a target did not do, in words for people.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(String);

/// The hub's vault as one member reaches it.
#[derive(Clone, Debug)]
pub struct HubVault {
    http: Client,
    key: SigningKey,
    clock: Clock,
    base: Url,
    hub_keys: HashMap<KeyId, PublicKey>,
    allow: Allow,
    site: Uuid,
}

impl HubVault {
    /// The vault of `site` at its hub.
    pub async fn of(site: &Site) -> anyhow::Result<Self> {
        let hub = crate::sync::peer::upstream(site.db.reader())
            .await?
            .context("trang chưa kết nối với cổng của tỉnh nên chưa có kho sao lưu ở đó")?;
        let hub = Correspondent::load(site, hub.site_id)
            .await
            .map_err(anyhow::Error::new)?;
        Ok(Self {
            http: site.http.clone(),
            key: site.key.current(),
            clock: site.clock.clone(),
            allow: Allow::origin(hub.base()),
            base: hub.base().clone(),
            hub_keys: hub.keys().clone(),
            site: site.id,
        })
    }

    /// The vault of a site that is being rebuilt and has nothing yet but a key.
    pub fn before_there_is_a_site(
        http: Client,
        key: SigningKey,
        hub: &Url,
        hub_keys: impl IntoIterator<Item = PublicKey>,
        site: Uuid,
    ) -> Self {
        Self {
            http,
            key,
            clock: Clock::system(),
            allow: Allow::origin(hub),
            base: hub.clone(),
            hub_keys: hub_keys.into_iter().map(|key| (key.id(), key)).collect(),
            site,
        }
    }

    /// Says something to the vault beside its files, and returns the answer.
    pub async fn tell(&self, what: &str, body: Vec<u8>) -> Result<Vec<u8>, Trouble> {
        let content = Some((crate::sync::wire::JSON, Bytes::from(body)));
        match self.once(&Method::POST, what, content, None).await {
            Ok(Some(bytes)) => Ok(bytes.to_vec()),
            Ok(None) => Err(Trouble("cổng của tỉnh không có kho sao lưu".to_owned())),
            Err(setback) => Err(setback.trouble),
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        content: Option<(&str, Bytes)>,
        range: Option<(u32, u32)>,
    ) -> Result<Option<Bytes>, Setback> {
        let broken = |error: &dyn fmt::Display| Setback::lasting(error.to_string());
        let target = self
            .base
            .join(&format!("{PATH}/{}/{path}", self.site))
            .map_err(|error| broken(&error))?;
        let nonce = Nonce::generate().map_err(|error| broken(&error))?;
        let signed = content
            .as_ref()
            .map(|(content_type, body)| Content { content_type, body });
        let headers = message_signature::sign_request(
            method,
            &target,
            signed,
            &self.key,
            self.clock.now(),
            &nonce,
        )
        .map_err(|error| broken(&error))?;
        let call = call(&self.http, method, &target, content, range);
        let fetched = match call.headers(headers).allow(&self.allow).send().await {
            Ok(fetched) => fetched,
            Err(error) => return Setback::of(error).missing(),
        };
        let answer = ReceivedAnswer {
            status: fetched.status,
            headers: &fetched.headers,
            body: &fetched.body,
        };
        let known = |id: &KeyId| self.hub_keys.get(id).copied();
        match message_signature::verify_response(&answer, &nonce, known, self.clock.now()) {
            Ok(_) => Ok(Some(fetched.body)),
            Err(error) => Err(Setback::passing(format!(
                "câu trả lời không phải của cổng tỉnh: {error}"
            ))),
        }
    }
}

/// A server of restic's REST protocol; rclone makes one of nearly any storage.
#[derive(Clone, Debug)]
struct RestServer {
    http: Client,
    base: Url,
    authorization: Option<String>,
    allow: Allow,
}

impl RestServer {
    fn new(http: Client, url: &Url) -> Self {
        let mut base = url.clone();
        let authorization = (!url.username().is_empty()).then(|| {
            let pair = format!("{}:{}", url.username(), url.password().unwrap_or_default());
            format!("Basic {}", STANDARD.encode(pair))
        });
        // Err: only an address without a host has no room for a name.
        base.set_username("").ok();
        base.set_password(None).ok();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Self {
            http,
            allow: Allow::origin(&base),
            base,
            authorization,
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        content: Option<(&str, Bytes)>,
        range: Option<(u32, u32)>,
    ) -> Result<Option<Bytes>, Setback> {
        let target = self
            .base
            .join(path)
            .map_err(|error| Setback::lasting(error.to_string()))?;
        let mut call = call(&self.http, method, &target, content, range)
            .header(header::ACCEPT, LIST)
            .allow(&self.allow);
        if let Some(authorization) = &self.authorization {
            call = call.header(header::AUTHORIZATION, authorization);
        }
        match call.send().await {
            Ok(fetched) => Ok(Some(fetched.body)),
            Err(error) => Setback::of(error).missing(),
        }
    }
}

fn call(
    http: &Client,
    method: &Method,
    target: &Url,
    content: Option<(&str, Bytes)>,
    range: Option<(u32, u32)>,
) -> Call {
    let call = match content {
        Some((content_type, body)) => http.post(target.as_str(), content_type, body),
        None if *method == Method::DELETE => http.delete(target.as_str()),
        None if *method == Method::POST => http.post(target.as_str(), BYTES, Bytes::new()),
        None => http.get(target.as_str()),
    };
    let call = match range {
        Some((offset, length)) => {
            let last = u64::from(offset) + u64::from(length).saturating_sub(1);
            call.header(header::RANGE, format!("bytes={offset}-{last}"))
        }
        None => call,
    };
    call.cap(LARGEST_FILE).hops(0).deadline(PATIENCE)
}

/// A call that came to nothing.
struct Setback {
    trouble: Trouble,
    passes: bool,
    is_missing: bool,
}

impl Setback {
    fn lasting(words: String) -> Self {
        Self {
            trouble: Trouble(words),
            passes: false,
            is_missing: false,
        }
    }

    fn passing(words: String) -> Self {
        Self {
            passes: true,
            ..Self::lasting(words)
        }
    }

    fn of(error: FetchError) -> Self {
        let problem = error.problem();
        let is_full = problem
            .as_ref()
            .is_some_and(|problem| problem.kind == ProblemKind::StorageFull);
        Self {
            passes: error.should_retry() && !is_full,
            is_missing: error.status() == Some(StatusCode::NOT_FOUND.as_u16()),
            trouble: Trouble(match problem {
                Some(Problem { title, detail, .. }) => match detail {
                    Some(detail) => format!("{title}. {detail}"),
                    None => title,
                },
                None => error.to_string(),
            }),
        }
    }

    fn missing(self) -> Result<Option<Bytes>, Self> {
        if self.is_missing { Ok(None) } else { Err(self) }
    }
}

/// A target being used.
#[derive(Clone, Debug)]
pub struct Backend {
    keeper: Keeper,
    name: String,
    runtime: Handle,
    /// Bytes a second read at most, so that a drill leaves the road to people.
    pace: Option<u32>,
    told: Arc<Mutex<Option<Trouble>>>,
}

#[derive(Clone, Debug)]
enum Keeper {
    Hub(Box<HubVault>),
    Folder(Layout),
    Rest(Box<RestServer>),
}

impl Backend {
    /// `target` as `site` reaches it.
    pub async fn of(site: &Site, target: &Target) -> anyhow::Result<Self> {
        let keeper = match target {
            Target::Hub => Keeper::Hub(Box::new(HubVault::of(site).await?)),
            Target::Folder(path) => Keeper::Folder(Layout::at(path)),
            Target::Rest(url) => Keeper::Rest(Box::new(RestServer::new(site.http.clone(), url))),
        };
        Ok(Self::new(keeper, target.to_string()))
    }

    /// The vault of a site that is being rebuilt.
    pub fn of_hub(vault: HubVault) -> Self {
        Self::new(Keeper::Hub(Box::new(vault)), Target::Hub.to_string())
    }

    /// A target reached without a site.
    pub fn without_site(http: Client, target: &Target) -> anyhow::Result<Self> {
        let keeper = match target {
            Target::Hub => bail!("kho của tỉnh chỉ mở cho một trang thành viên"),
            Target::Folder(path) => Keeper::Folder(Layout::at(path)),
            Target::Rest(url) => Keeper::Rest(Box::new(RestServer::new(http, url))),
        };
        Ok(Self::new(keeper, target.to_string()))
    }

    fn new(keeper: Keeper, name: String) -> Self {
        Self {
            keeper,
            name,
            runtime: Handle::current(),
            pace: None,
            told: Arc::default(),
        }
    }

    /// Reads no faster than `bytes` a second.
    #[must_use]
    pub fn paced(mut self, bytes: u32) -> Self {
        self.pace = Some(bytes);
        self
    }

    /// What it said last when it did not do what it was asked to.
    pub fn trouble(&self) -> Option<Trouble> {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn fail(&self, trouble: Trouble) -> Box<RusticError> {
        let told = trouble.to_string();
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble.clone());
        RusticError::with_source(ErrorKind::Backend, told, trouble)
    }

    /// Asks a server, again and again while the road is cut.
    fn ask(
        &self,
        method: &Method,
        path: &str,
        content: Option<Bytes>,
        range: Option<(u32, u32)>,
    ) -> RusticResult<Option<Bytes>> {
        let asked = async {
            let mut attempt = 1;
            loop {
                let content = content.clone().map(|body| (BYTES, body));
                let answer = match &self.keeper {
                    Keeper::Hub(hub) => hub.once(method, path, content, range).await,
                    Keeper::Rest(rest) => rest.once(method, path, content, range).await,
                    Keeper::Folder(_) => return Ok(None),
                };
                match answer {
                    Err(setback) if setback.passes && attempt < ATTEMPTS => {
                        tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
                        attempt += 1;
                    }
                    Err(setback) => return Err(setback.trouble),
                    Ok(answer) => return Ok(answer),
                }
            }
        };
        self.runtime
            .block_on(asked)
            .map_err(|trouble| self.fail(trouble))
    }

    fn rest_a_while(&self, bytes: usize) {
        if let Some(pace) = self.pace {
            let pause = Duration::from_secs_f64(bytes as f64 / f64::from(pace.max(1)));
            // Made within the runtime: the library reads on threads of its own, where there is none, and a
            // panic on one of those ends the program.
            self.runtime
                .block_on(async { tokio::time::sleep(pause).await });
        }
    }

    fn read(&self, kind: FileType, id: &Id, range: Option<(u32, u32)>) -> RusticResult<Bytes> {
        let place = place(kind, id).map_err(|trouble| self.fail(trouble))?;
        let bytes = match &self.keeper {
            Keeper::Folder(layout) => {
                let range = range.map(|(offset, length)| {
                    u64::from(offset)..u64::from(offset) + u64::from(length)
                });
                layout
                    .read(place, range)
                    .map_err(|error| self.fail(Trouble(format!("{}: {error}", self.name))))?
                    .map(Bytes::from)
            }
            _ => self.ask(&Method::GET, &address(place), None, range)?,
        };
        let bytes = bytes.ok_or_else(|| {
            self.fail(Trouble(format!(
                "thiếu tệp {} trong kho sao lưu",
                address(place)
            )))
        })?;
        if range.is_some_and(|(_, length)| bytes.len() != length as usize) {
            let words = format!("tệp {} trong kho sao lưu bị cụt", address(place));
            return Err(self.fail(Trouble(words)));
        }
        self.rest_a_while(bytes.len());
        Ok(bytes)
    }
}

fn kind_of(kind: FileType) -> Option<Kind> {
    match kind {
        FileType::Config => None,
        FileType::Index => Some(Kind::Index),
        FileType::Key => Some(Kind::Keys),
        FileType::Snapshot => Some(Kind::Snapshots),
        FileType::Pack => Some(Kind::Data),
    }
}

fn place(kind: FileType, id: &Id) -> Result<Place, Trouble> {
    let Some(kind) = kind_of(kind) else {
        return Ok(Place::Config);
    };
    Digest::from_hex(id.to_hex().as_str())
        .map(|name| Place::Named(kind, name))
        .map_err(|error| Trouble(error.to_string()))
}

fn address(place: Place) -> String {
    match place {
        Place::Config => "config".to_owned(),
        Place::Named(kind, name) => format!("{}/{}", kind.as_str(), name.hex()),
    }
}

impl ReadBackend for Backend {
    fn location(&self) -> String {
        self.name.clone()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(Id, u32)>> {
        let Some(folder) = kind_of(kind) else {
            let size = match &self.keeper {
                Keeper::Folder(layout) => layout
                    .size(Place::Config)
                    .map_err(|error| self.fail(Trouble(error.to_string())))?,
                _ => self
                    .ask(&Method::GET, "config", None, None)?
                    .map(|config| config.len() as u64),
            };
            let size = size.and_then(|size| u32::try_from(size).ok());
            return Ok(size.map(|size| (Id::default(), size)).into_iter().collect());
        };
        let listed: Vec<(String, u64)> = match &self.keeper {
            Keeper::Folder(layout) => layout
                .list(folder)
                .map_err(|error| self.fail(Trouble(error.to_string())))?
                .into_iter()
                .map(|(name, size)| (name.hex(), size))
                .collect(),
            _ => {
                let path = format!("{}/", folder.as_str());
                let bytes = self.ask(&Method::GET, &path, None, None)?;
                let listed: Option<Vec<Listed>> = match bytes {
                    Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                        self.fail(Trouble(format!("danh sách tệp không đọc được: {error}")))
                    })?,
                    None => None,
                };
                let listed = listed.unwrap_or_default();
                listed
                    .into_iter()
                    .map(|file| (file.name, file.size))
                    .collect()
            }
        };
        let known = |(name, size): (String, u64)| {
            let id = Id::parse_some(&name, kind)?;
            Some((id, u32::try_from(size).ok()?))
        };
        Ok(listed.into_iter().filter_map(known).collect())
    }

    fn read_full(&self, kind: FileType, id: &Id) -> RusticResult<Bytes> {
        self.read(kind, id, None)
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<Bytes> {
        self.read(kind, id, Some((offset, length)))
    }

    fn warmup_path(&self, kind: FileType, id: &Id) -> String {
        place(kind, id).map(address).unwrap_or_default()
    }
}

impl WriteBackend for Backend {
    fn create(&self) -> RusticResult<()> {
        match &self.keeper {
            Keeper::Rest(_) => self
                .ask(&Method::POST, "?create=true", Some(Bytes::new()), None)
                .map(|_| ()),
            // A vault and a folder appear with their first file.
            Keeper::Hub(_) | Keeper::Folder(_) => Ok(()),
        }
    }

    fn write_bytes(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        content: BytesList,
    ) -> RusticResult<()> {
        let place = place(kind, id).map_err(|trouble| self.fail(trouble))?;
        let bytes = Bytes::from(content.into_vec().concat());
        match &self.keeper {
            Keeper::Folder(layout) => match layout.write(place, &bytes) {
                Ok(Written::New | Written::Known) => Ok(()),
                Ok(Written::Occupied) => Err(self.fail(Trouble(format!(
                    "{}: nơi này đã có một kho sao lưu khác",
                    self.name
                )))),
                Err(error) => Err(self.fail(Trouble(format!("{}: {error}", self.name)))),
            },
            _ => match self.ask(&Method::POST, &address(place), Some(bytes), None)? {
                Some(_) => Ok(()),
                None => Err(self.fail(Trouble("nơi sao lưu không nhận tệp".to_owned()))),
            },
        }
    }

    fn remove(&self, kind: FileType, id: &Id, _cacheable: bool) -> RusticResult<()> {
        let place = place(kind, id).map_err(|trouble| self.fail(trouble))?;
        match &self.keeper {
            Keeper::Folder(layout) => layout
                .remove(place)
                .map(|_| ())
                .map_err(|error| self.fail(Trouble(format!("{}: {error}", self.name)))),
            _ => self
                .ask(&Method::DELETE, &address(place), None, None)
                .map(|_| ()),
        }
    }
}

/// Headers for those who answer with a range.
pub fn range_of(headers: &HeaderMap, size: u64) -> Option<std::ops::Range<u64>> {
    let text = headers.get(header::RANGE)?.to_str().ok()?;
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let end = match last {
        "" => size,
        last => last.parse::<u64>().ok()?.checked_add(1)?.min(size),
    };
    (first < end).then_some(first..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_written_as_people_write_them() {
        assert_eq!("hub".parse(), Ok(Target::Hub));
        assert_eq!(
            "/srv/backup".parse(),
            Ok(Target::Folder(PathBuf::from("/srv/backup")))
        );
        let rest: Target = "rest:https://xa:bi-mat@luu.example/kon-braih"
            .parse()
            .expect("an address");
        assert_eq!(rest.to_string(), "rest:https://luu.example/kon-braih");
        for wrong in ["", "backup", "rest:file:///x", "s3:bucket"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ranges_are_read_as_restic_writes_them() {
        let ranged = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, text.parse().expect("a value"));
            range_of(&headers, 100)
        };
        assert_eq!(ranged("bytes=0-9"), Some(0..10));
        assert_eq!(ranged("bytes=90-"), Some(90..100));
        assert_eq!(ranged("bytes=90-400"), Some(90..100));
        assert_eq!(ranged("bytes=100-101"), None);
        assert_eq!(ranged("bytes=9-2"), None);
        assert_eq!(ranged("lines=1-2"), None);
    }
}
