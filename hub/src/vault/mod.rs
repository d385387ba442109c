//! The vaults: where members keep backups that nobody here can read.
//!
//! `/v1/vault/{site}/` speaks restic's REST protocol, version 2, inside the signed exchange all peers
//! use. Only the member itself reaches its vault. It adds files and never changes one; what it deletes
//! goes into a trash first ([`store`]).

pub mod cli;
pub mod record;
pub mod store;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use serde::Serialize;
use shared::background;
use shared::backup::VaultSettings;
use shared::backup::layout::{Kind, Place};
use shared::backup::run::Report;
use shared::backup::target::{BYTES, LARGEST_FILE, LIST, Listed, range_of};
use shared::error::{Error, Result};
use shared::folder::Folder;
use shared::log::Digest;
use shared::problem::{Problem, ProblemKind};
use shared::room::Want;
use shared::server::Shutdown;
use shared::site::Site;
use shared::sync::message_signature::{self, Content, Nonce};
use shared::sync::{nonce, wire};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Files in memory at once: each is verified whole before it is kept.
const AT_ONCE: usize = 16;
/// Largest report, in bytes.
const LARGEST_REPORT: usize = 64 * 1024;

/// What the vault's addresses need besides the site.
#[derive(Clone, Debug)]
pub struct Vaults {
    site: Arc<Site>,
    store: Store,
    turns: Arc<Semaphore>,
}

/// What the hub answers to a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Room {
    /// Version, 1.
    pub v: u32,
    /// Bytes in the member's vault.
    pub used: u64,
    /// Bytes it may fill.
    pub quota: u64,
}

impl Vaults {
    /// The vaults of `site` in its folder.
    pub fn of(site: &Arc<Site>, folder: &Folder, settings: VaultSettings) -> Self {
        Self {
            site: Arc::clone(site),
            store: Store::at(folder.vault(), settings),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Their routes.
    pub fn routes(self) -> OpenApiRouter {
        described().with_state(self)
    }

    /// Empties the trash of what has lain there long enough, every hour until `shutdown`.
    pub async fn keep_tidy(self, shutdown: Shutdown) {
        background::every(Duration::from_secs(3600), shutdown, move || {
            let (store, now) = (self.store.clone(), self.site.clock.now());
            async move {
                let emptied = tokio::task::spawn_blocking(move || store.empty_trash(now))
                    .await
                    .map_err(anyhow::Error::new)?
                    .map_err(anyhow::Error::new)?;
                if emptied > 0 {
                    tracing::info!(days = emptied, "old trash of vaults removed");
                }
                Ok(())
            }
        })
        .await;
    }

    /// Who asks, and whether it is the vault's own member; its nonce is used up.
    async fn open(&self, site: Uuid, request: Request, largest: usize) -> Result<Opened> {
        let (parts, body) = request.into_parts();
        let body = wire::read_body(body, largest).await?;
        let signed = wire::authenticate(&self.site, &parts, &body).await?;
        // Another's vault and no vault look the same from outside.
        if signed.peer.site_id != site || signed.peer.is_upstream() {
            return Err(Error::NotFound);
        }
        let used = signed.verified.clone();
        self.site
            .db
            .write(move |tx| Box::pin(async move { nonce::use_up(tx, &used).await }))
            .await?;
        Ok(Opened {
            nonce: signed.verified.nonce,
            headers: parts.headers,
            body,
        })
    }

    /// Does `work` on the disk.
    async fn on_disk<T: Send + 'static, E: Into<Error> + Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> std::result::Result<T, E> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(anyhow::Error::new)?
            .map_err(Into::into)
    }

    async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| ProblemKind::Unavailable.into())
    }

    /// How much of its vault `site` fills.
    pub async fn room_of(&self, site: Uuid) -> Result<Room> {
        let used = self
            .on_disk(move |store| store.used(site).map_err(disk))
            .await?;
        Ok(Room {
            v: 1,
            used: used.kept,
            quota: self.quota(site).await?,
        })
    }

    /// How many bytes a member may fill that has no quota of its own.
    pub fn usual_quota(&self) -> u64 {
        self.store.usual_quota()
    }

    async fn quota(&self, site: Uuid) -> Result<u64> {
        let known = record::find(self.site.db.reader(), site).await?;
        let own = known.and_then(|vault| u64::try_from(vault.quota?).ok());
        Ok(own.unwrap_or_else(|| self.store.usual_quota()))
    }

    fn answer(
        &self,
        status: StatusCode,
        nonce: &Nonce,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Response<Body>> {
        let content = Content {
            content_type: kind,
            body: &body,
        };
        let now = self.site.clock.now();
        let headers =
            message_signature::sign_response(status, content, nonce, &self.site.key.current(), now)
                .map_err(anyhow::Error::new)?;
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    async fn give(&self, opened: Opened, site: Uuid, place: Place) -> Result<Response<Body>> {
        let size = self
            .on_disk(move |store| store.of(site).size(place).map_err(disk))
            .await?
            .ok_or(Error::NotFound)?;
        let range = match opened.headers.contains_key(header::RANGE) {
            true => Some(range_of(&opened.headers, size).ok_or_else(|| {
                Problem::new(ProblemKind::Malformed).status(StatusCode::RANGE_NOT_SATISFIABLE)
            })?),
            false => None,
        };
        let status = match range {
            Some(_) => StatusCode::PARTIAL_CONTENT,
            None => StatusCode::OK,
        };
        let bytes = self
            .on_disk(move |store| store.read(site, place, range).map_err(disk))
            .await?
            .ok_or(Error::NotFound)?;
        self.answer(status, &opened.nonce, BYTES, bytes)
    }

    async fn take(&self, opened: Opened, site: Uuid, place: Place) -> Result<Response<Body>> {
        let quota = self.quota(site).await?;
        self.site
            .room
            .admit(opened.body.len() as u64, Want::Growth)?;
        if let Place::Named(_, name) = place
            && Digest::of(&opened.body) != name
        {
            let detail = "Tên tệp không phải mã băm SHA-256 của nội dung.";
            return Err(Problem::new(ProblemKind::Malformed).detail(detail).into());
        }
        let body = opened.body;
        self.on_disk(move |store| store.write(site, place, &body, quota))
            .await?;
        if matches!(place, Place::Named(Kind::Snapshots, _)) {
            let now = self.site.clock.now().timestamp_millis();
            self.site
                .db
                .write(move |tx| {
                    Box::pin(async move { record::note_snapshot(tx, site, now).await })
                })
                .await?;
        }
        self.answer(StatusCode::OK, &opened.nonce, BYTES, Vec::new())
    }
}

fn disk(error: std::io::Error) -> store::Refused {
    store::Refused::Disk(error)
}

/// A request whose sender is known.
struct Opened {
    nonce: Nonce,
    headers: HeaderMap,
    body: Vec<u8>,
}

fn described() -> OpenApiRouter<Vaults> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(config, put_config))
        .routes(routes!(report))
        .routes(routes!(renew))
        .routes(routes!(list))
        .routes(routes!(file, put_file, delete_file))
}

/// The description of the routes alone.
pub fn description() -> utoipa::openapi::OpenApi {
    described().into_openapi()
}

fn place(kind: &str, name: &str) -> Result<Place> {
    let kind = Kind::from_name(kind).ok_or(Error::NotFound)?;
    // A name that is no digest cannot be a path to somewhere else either.
    let name = Digest::from_hex(name).map_err(|_| Error::NotFound)?;
    Ok(Place::Named(kind, name))
}

/// Makes a vault. It appears with its first file, so nothing happens here.
#[utoipa::path(
    post, path = "/v1/vault/{site}/", tag = "vault", params(("site" = Uuid, Path, description = "Trang thành viên")),
    responses((status = 200, description = "Sẵn sàng"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn create(
    State(vaults): State<Vaults>,
    Path(site): Path<Uuid>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, 0).await?;
    vaults.answer(StatusCode::OK, &opened.nonce, BYTES, Vec::new())
}

/// The configuration of a repository.
#[utoipa::path(
    get, path = "/v1/vault/{site}/config", tag = "vault", params(("site" = Uuid, Path, description = "Trang thành viên")),
    responses((status = 200, content_type = "application/octet-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn config(
    State(vaults): State<Vaults>,
    Path(site): Path<Uuid>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, 0).await?;
    vaults.give(opened, site, Place::Config).await
}

/// Keeps the configuration of a repository; once.
#[utoipa::path(
    post, path = "/v1/vault/{site}/config", tag = "vault", params(("site" = Uuid, Path, description = "Trang thành viên")),
    request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "Đã ghi chắc xuống đĩa"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn put_config(
    State(vaults): State<Vaults>,
    Path(site): Path<Uuid>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, LARGEST_REPORT).await?;
    vaults.take(opened, site, Place::Config).await
}

/// Takes a member's word on how its backups stand, and answers how much room it has.
#[utoipa::path(
    post, path = "/v1/vault/{site}/report", tag = "vault", params(("site" = Uuid, Path, description = "Trang thành viên")),
    request_body = Report,
    responses((status = 200, body = Room), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn report(
    State(vaults): State<Vaults>,
    Path(site): Path<Uuid>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, LARGEST_REPORT).await?;
    let report: Report = serde_json::from_slice(&opened.body)
        .map_err(|error| Problem::new(ProblemKind::Malformed).detail(error.to_string()))?;
    let now = vaults.site.clock.now().timestamp_millis();
    vaults
        .site
        .db
        .write(move |tx| Box::pin(async move { record::note_report(tx, site, &report, now).await }))
        .await?;
    let room = vaults.room_of(site).await?;
    let body = serde_json::to_vec(&room).map_err(anyhow::Error::new)?;
    vaults.answer(StatusCode::OK, &opened.nonce, wire::JSON, body)
}

/// Sets the repository aside, so that its member can begin another with a new recovery key. Nothing of it
/// is lost before its time.
#[utoipa::path(
    post, path = "/v1/vault/{site}/renew", tag = "vault", params(("site" = Uuid, Path, description = "Trang thành viên")),
    responses((status = 200, description = "Có thể bắt đầu kho mới"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn renew(
    State(vaults): State<Vaults>,
    Path(site): Path<Uuid>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, LARGEST_REPORT).await?;
    let now = vaults.site.clock.now();
    let is_set_aside = vaults
        .on_disk(move |store| store.set_aside(site, now))
        .await?;
    if is_set_aside {
        tracing::warn!(site.id = %site, "a member begins its backups anew; the old ones are set aside");
    }
    vaults.answer(
        StatusCode::OK,
        &opened.nonce,
        wire::JSON,
        b"{\"v\":1}".to_vec(),
    )
}

/// The files of one kind, with their sizes.
#[utoipa::path(
    get, path = "/v1/vault/{site}/{kind}/", tag = "vault",
    params(("site" = Uuid, Path, description = "Trang thành viên"), ("kind" = String, Path, description = "keys, data, index, locks hoặc snapshots")),
    responses((status = 200, body = [Listed], content_type = "application/vnd.x.restic.rest.v2"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn list(
    State(vaults): State<Vaults>,
    Path((site, kind)): Path<(Uuid, String)>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, 0).await?;
    let kind = Kind::from_name(&kind).ok_or(Error::NotFound)?;
    let listed = vaults
        .on_disk(move |store| store.of(site).list(kind).map_err(disk))
        .await?;
    let listed: Vec<Listed> = listed
        .into_iter()
        .map(|(name, size)| Listed {
            name: name.hex(),
            size,
        })
        .collect();
    let body = serde_json::to_vec(&listed).map_err(anyhow::Error::new)?;
    vaults.answer(StatusCode::OK, &opened.nonce, LIST, body)
}

/// A file, or with `Range` a part of it; HEAD tells its size.
#[utoipa::path(
    get, path = "/v1/vault/{site}/{kind}/{name}", tag = "vault",
    params(("site" = Uuid, Path, description = "Trang thành viên"), ("kind" = String, Path, description = "keys, data, index, locks hoặc snapshots"), ("name" = String, Path, description = "SHA-256 của nội dung")),
    responses((status = 200, content_type = "application/octet-stream"), (status = 206, content_type = "application/octet-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn file(
    State(vaults): State<Vaults>,
    Path((site, kind, name)): Path<(Uuid, String, String)>,
    request: Request,
) -> Result<Response<Body>> {
    let _turn = vaults.turn().await?;
    let opened = vaults.open(site, request, 0).await?;
    vaults.give(opened, site, place(&kind, &name)?).await
}

/// Keeps a file. It is on the disk when this is answered.
#[utoipa::path(
    post, path = "/v1/vault/{site}/{kind}/{name}", tag = "vault",
    params(("site" = Uuid, Path, description = "Trang thành viên"), ("kind" = String, Path, description = "keys, data, index, locks hoặc snapshots"), ("name" = String, Path, description = "SHA-256 của nội dung")),
    request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "Đã ghi chắc xuống đĩa"), (status = 507, body = Problem, content_type = "application/problem+json"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn put_file(
    State(vaults): State<Vaults>,
    Path((site, kind, name)): Path<(Uuid, String, String)>,
    request: Request,
) -> Result<Response<Body>> {
    let _turn = vaults.turn().await?;
    let opened = vaults.open(site, request, LARGEST_FILE).await?;
    vaults.take(opened, site, place(&kind, &name)?).await
}

/// Takes a file out of the repository: a lock for good, anything else into the trash.
#[utoipa::path(
    delete, path = "/v1/vault/{site}/{kind}/{name}", tag = "vault",
    params(("site" = Uuid, Path, description = "Trang thành viên"), ("kind" = String, Path, description = "data, index, locks hoặc snapshots"), ("name" = String, Path, description = "SHA-256 của nội dung")),
    responses((status = 200, description = "Đã bỏ ra khỏi kho"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn delete_file(
    State(vaults): State<Vaults>,
    Path((site, kind, name)): Path<(Uuid, String, String)>,
    request: Request,
) -> Result<Response<Body>> {
    let opened = vaults.open(site, request, 0).await?;
    let place = place(&kind, &name)?;
    let now = vaults.site.clock.now();
    vaults
        .on_disk(move |store| store.delete(site, place, now))
        .await?;
    vaults.answer(StatusCode::OK, &opened.nonce, BYTES, Vec::new())
}
