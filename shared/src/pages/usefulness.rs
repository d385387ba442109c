//! `/huu-ich/{id}`: a reader says whether a page was useful.

use super::entry_page::{Sight, sight};
use crate::entries::Kind;
use crate::error::{Error, Result};
use crate::readership::person;
use crate::readership::usefulness::Verdict;
use crate::server::ClientIp;
use crate::site::Site;
use axum::extract::{Extension, Form, Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// Where it is said, with the id of the entry.
pub const PATH: &str = "/huu-ich/{id}";
/// Where the page answers that it was heard.
pub const PLACE: &str = "huu-ich";

/// What a button sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Said {
    #[serde(rename = "y-kien")]
    verdict: String,
}

/// What the address of a page has that thanks for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Thanked {
    #[serde(rename = "da-gop-y")]
    heard: String,
    #[serde(rename = "da-chon")]
    voted: String,
}

impl Thanked {
    /// Whether the page is to thank.
    pub fn is_due(&self) -> bool {
        !self.heard.is_empty()
    }

    /// Whether the page is to thank for a vote.
    pub fn has_voted(&self) -> bool {
        !self.voted.is_empty()
    }
}

/// Where the page of the entry `id` sends what readers say; none where nobody is asked.
pub fn asked_about(kind: Kind, id: Uuid) -> Option<String> {
    let is_read = match kind {
        Kind::Article | Kind::Notice | Kind::Document | Kind::Page | Kind::Question => true,
        Kind::Album | Kind::Video | Kind::Calendar | Kind::Consultation | Kind::Poll => false,
    };
    is_read.then(|| PATH.replace("{id}", &id.to_string()))
}

/// Counts it, and leads back to the page. Whoever says it again is thanked again, and not counted: programs
/// learn nothing.
pub async fn say(
    State(site): State<Arc<Site>>,
    Path(id): Path<Uuid>,
    peer: Option<Extension<ClientIp>>,
    headers: HeaderMap,
    Form(said): Form<Said>,
) -> Result<Response> {
    let Sight::Shown(listed) = sight(&site, id).await? else {
        return Err(Error::NotFound);
    };
    let entry = &listed.entry;
    if asked_about(entry.kind(), id).is_none() {
        return Err(Error::NotFound);
    }
    let verdict = Verdict::parse(&said.verdict)
        .ok_or_else(|| Error::invalid("y-kien", "Hãy bấm nút Có hoặc Không ở cuối trang."))?;
    let peer = peer.map(|Extension(ClientIp(address))| address);
    if let Some(browser) = person::says(&headers) {
        site.readership
            .hear(peer, browser, id, verdict, site.clock.now());
    }
    let back = format!("{}?da-gop-y=1#{PLACE}", entry.path());
    let headers: [(HeaderName, String); 2] = [
        (header::LOCATION, back),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
