//! The address invited sites introduce themselves at.

use crate::members::registry;
use crate::sections;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use shared::directory::SiteDescription;
use shared::directory::site_record;
use shared::entries::catalogue;
use shared::error::{Error, Result};
use shared::log::ledger;
use shared::problem::{Problem, ProblemKind};
use shared::server::Shutdown;
use shared::site::Site;
use shared::sync::enrol::{Introduction, OwnLog, PATH, Welcome};
use shared::sync::link::Links;
use shared::sync::message_signature::{ReceivedRequest, target_uri, verify_request};
use shared::sync::peer::{self, LinkMode};
use shared::sync::{enrol, nonce, read_document, wire};
use shared::units::attribute::Name;
use std::sync::Arc;
use url::Url;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest introduction, in bytes.
const LARGEST: usize = 16 * 1024;

/// What the enrolment needs besides the site.
#[derive(Clone)]
struct Desk {
    site: Arc<Site>,
    shutdown: Shutdown,
}

/// The route. New links end with `shutdown`.
pub fn routes(site: &Arc<Site>, shutdown: &Shutdown) -> OpenApiRouter {
    let desk = Desk {
        site: Arc::clone(site),
        shutdown: shutdown.clone(),
    };
    OpenApiRouter::new().routes(routes!(enrol)).with_state(desk)
}

/// The description of the route alone.
pub fn description() -> utoipa::openapi::OpenApi {
    OpenApiRouter::new().routes(routes!(enrol)).into_openapi()
}

/// Takes an invited site in and answers with all it needs.
#[utoipa::path(
    post, path = "/v1/enrol", tag = "enrolment", request_body = Introduction,
    responses((status = 200, body = Welcome), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn enrol(State(desk): State<Desk>, request: Request) -> Result<Response<Body>> {
    let site = &desk.site;
    let (parts, body) = request.into_parts();
    let body = wire::read_body(body, LARGEST).await?;
    let introduction: Introduction = read_document(&body)?;
    let target = target_uri(&site.profile.base_url, PATH);
    let received = ReceivedRequest {
        method: &parts.method,
        target_uri: &target,
        headers: &parts.headers,
        body: &body,
    };
    let (key, code) = (introduction.key, introduction.code.clone());
    let verified = verify_request(
        &received,
        |id| (*id == key.id()).then_some(key),
        site.clock.now(),
    )
    .map_err(|error| wire::refusal(&error))?;
    let base_url = match introduction.base_url.as_str() {
        "" => None,
        url => Some(address(url)?),
    };
    let inner = Arc::clone(site);
    let nonce_used = verified.clone();
    let welcome = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                nonce::use_up(tx, &nonce_used).await?;
                let introduced = registry::Introduction {
                    code: introduction.code,
                    key,
                    base_url,
                    link: introduction.link,
                };
                let record = registry::take_in(tx, &inner, &introduced).await?;
                let member = SiteDescription::load(tx, &record).await?;
                let hub = site_record::find(tx, inner.id)
                    .await?
                    .ok_or(Error::NotFound)?;
                let mut hub = SiteDescription::load(tx, &hub).await?;
                hub.lists = Some(catalogue::as_province(tx).await?);
                let kind = member
                    .unit
                    .attributes
                    .iter()
                    .find(|attribute| attribute.name == Name::Kind)
                    .map(|attribute| attribute.value.clone())
                    .unwrap_or_default();
                let peer = peer::find(tx, record.id).await?;
                let is_pull = peer.is_none_or(|peer| peer.is_pull());
                let logs = ledger::logs_of(tx, record.id).await?;
                Ok(Welcome {
                    v: 1,
                    member,
                    hub,
                    sections: sections::for_kind(&kind)?,
                    link: if is_pull {
                        LinkMode::Pull
                    } else {
                        LinkMode::Push
                    },
                    logs: logs
                        .into_iter()
                        .map(|log| OwnLog {
                            log: log.id,
                            addressee: log.addressee,
                            head: log.head_seq,
                        })
                        .collect(),
                })
            })
        })
        .await?;
    tracing::info!(site.id = %welcome.member.site, site.host = welcome.member.base_url, "a member joined");
    site.wake();
    Links::start(site, &desk.shutdown).await?;
    let answer = serde_json::to_vec(&welcome).map_err(anyhow::Error::new)?;
    // A code names the key the hub had when it was minted; that may be the one before.
    let named = site.key.folder().map(|folder| folder.previous_key());
    let named = named.transpose()?.flatten();
    let named = named.filter(|key| enrol::is_code_of(&code, &key.id()));
    let key = named.unwrap_or_else(|| site.key.current());
    wire::answer_with(site, &key, &verified.nonce, wire::JSON, answer)
}

fn address(text: &str) -> Result<Url> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        .ok_or_else(|| {
            Problem::new(ProblemKind::Malformed)
                .detail("base_url phải là địa chỉ http hoặc https của trang")
                .into()
        })
}
