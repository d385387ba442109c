//! The addresses at which a site is compared with: digests of ranges, single events, and events that come
//! back to one that has forgotten them.

use super::record::{self, Condition, Outcome};
use super::sheets::{self, EventSet};
use crate::error::Result;
use crate::log::{event, ledger};
use crate::problem::Problem;
use crate::scrub::heal;
use crate::site::Site;
use crate::sync::api::LARGEST_PUSH;
use crate::sync::batch::{Batch, MEDIA_TYPE};
use crate::sync::digest::{Answer, Mark, Place, Question, Sheet};
use crate::sync::outgoing::{self, Share};
use crate::sync::read_document;
use crate::sync::receipt::ItemOutcome;
use crate::sync::wire::{self, JSON, SignedBy};
use crate::sync::{nonce, peer, receive};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Where ranges are compared.
pub const DIGESTS: &str = "/v1/digests";
/// Where single events are asked for.
pub const EVENTS: &str = "/v1/events";
/// Where events come back to who has forgotten them.
pub const RETURNED: &str = "/v1/returned";
/// Ranges, or doubtful events, in one question.
pub const MOST_ASKED: usize = 256;
const LARGEST_QUESTION: usize = 256 * 1024;

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(digests))
        .routes(routes!(events))
        .routes(routes!(returned))
}

/// What the asker compares.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Digests {
    /// Version, 1.
    pub v: u32,
    /// Ranges of what the asker itself has said, as it has it.
    #[serde(default)]
    pub mine: Vec<Question>,
    /// Ranges of what the asked has for the asker, as the asker has it.
    #[serde(default)]
    pub yours: Vec<Question>,
    /// Events the asker has and the asked seems not to have for it.
    #[serde(default)]
    pub doubtful: Vec<Mark>,
    /// What the comparison came to, in its last question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Tally>,
}

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// Questions it took.
    pub rounds: u32,
    /// Whether nothing differed.
    pub agreed: bool,
    /// Events that pushing had not brought to the asker.
    pub to_asker: u64,
    /// Events that pushing had not brought to the asked.
    pub to_asked: u64,
    /// What the asker says of its own disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// What is said to it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct DigestsAnswer {
    /// Version, 1.
    pub v: u32,
    /// An answer to each range of `mine`.
    #[serde(default)]
    pub mine: Vec<Answer>,
    /// An answer to each range of `yours`; none of them if so much is on its way that comparing has to wait.
    #[serde(default)]
    pub yours: Option<Vec<Answer>>,
    /// How each doubtful event stands.
    #[serde(default)]
    pub doubtful: Vec<Standing>,
    /// After a result: events the asked would like to have again, since its copy is damaged, `<log>/<seq>`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub wanted: Vec<Place>,
}

/// How an event stands with the asked side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is for the asker, or on its way to it.
    Due,
    /// It is held, and is not, or no longer, for the asker.
    Outside,
    /// It is not held.
    Unknown,
    /// Another event has its place.
    Other,
}

/// Single events that are asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AskedFor {
    /// Version, 1.
    pub v: u32,
    /// Their places, `<log>/<seq>`; 200 at most.
    #[schema(value_type = Vec<String>)]
    pub events: Vec<Place>,
}

/// What became of events that came back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    /// Version, 1.
    pub v: u32,
    /// Of each, in order.
    pub outcomes: Vec<ItemOutcome>,
}

/// Compares what two sites hold, range by range.
#[utoipa::path(
    post, path = "/v1/digests", tag = "sync", request_body = Digests,
    responses((status = 200, body = DigestsAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn digests(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST_QUESTION).await?;
    let SignedBy { peer, verified } = signed;
    let asked: Digests = read_document(&body)?;
    if asked.mine.len() + asked.yours.len() > MOST_ASKED || asked.doubtful.len() > MOST_ASKED {
        let detail = format!("Mỗi lần đối chiếu được hỏi nhiều nhất {MOST_ASKED} đoạn.");
        return Err(Problem::new(crate::problem::ProblemKind::Malformed)
            .detail(detail)
            .into());
    }
    let (peer_id, used) = (peer.site_id, verified.clone());
    let outcome = asked.result.map(|tally| Outcome {
        rounds: tally.rounds,
        agreed: tally.agreed,
        missed_in: tally.to_asked,
        missed_out: tally.to_asker,
        condition: tally.condition,
    });
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                nonce::use_up(tx, &used).await?;
                match outcome {
                    Some(outcome) => record::note(tx, peer_id, outcome, now).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    if let Some(outcome) = outcome {
        super::count(peer_id, outcome);
    }
    let answer = answer(&site, &peer, &asked).await?;
    let bytes = serde_json::to_vec(&answer).map_err(anyhow::Error::new)?;
    wire::answer(&site, &verified.nonce, JSON, bytes)
}

async fn answer(site: &Site, peer: &peer::Model, asked: &Digests) -> Result<DigestsAnswer> {
    let db = site.db.reader();
    let mut told = DigestsAnswer {
        v: 1,
        ..DigestsAnswer::default()
    };
    if !asked.mine.is_empty() {
        let set = EventSet::said_by(db, peer.site_id, site.unit_id).await?;
        let mut sheet = set.sheet(&site.db).await?;
        told.mine = answers(site, &set, &mut sheet, &asked.mine).await?;
    }
    if asked.result.is_some() {
        told.wanted = heal::wanted_from(site, peer).await?;
    }
    if asked.yours.is_empty() && asked.doubtful.is_empty() {
        told.yours = Some(Vec::new());
        return Ok(told);
    }
    let share = Share::of(site, peer.site_id, peer.is_upstream()).await?;
    if !asked.yours.is_empty() {
        told.yours = match sheets::pending(db, &share, peer.site_id, site.stream_id()).await? {
            None => None,
            Some(pending) => {
                let unit = share.unit();
                let set = EventSet::share(db, &share, peer.site_id, unit).await?;
                let mut sheet = set.sheet(&site.db).await?;
                for mark in pending {
                    if set.has_log(mark.at.log) {
                        sheet.leave_out(mark);
                    }
                }
                Some(answers(site, &set, &mut sheet, &asked.yours).await?)
            }
        };
    }
    for mark in &asked.doubtful {
        told.doubtful
            .push(standing(site, peer, &share, mark).await?);
    }
    Ok(told)
}

async fn answers(
    site: &Site,
    set: &EventSet,
    sheet: &mut Sheet,
    questions: &[Question],
) -> Result<Vec<Answer>> {
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let answer = loop {
            match sheet.answer(question) {
                Ok(answer) => break answer,
                Err(closed) => set.open(site.db.reader(), sheet, closed).await?,
            }
        };
        answers.push(answer);
    }
    Ok(answers)
}

async fn standing(site: &Site, peer: &peer::Model, share: &Share, mark: &Mark) -> Result<Standing> {
    let db = site.db.reader();
    let Some(log) = ledger::Entity::find_by_id(mark.at.log).one(db).await? else {
        return Ok(Standing::Unknown);
    };
    // Of letters to others not even the places are told.
    if log.addressee.is_some_and(|unit| unit != share.unit()) {
        return Ok(Standing::Outside);
    }
    let Some(event) = ledger::event_at(db, mark.at.log, mark.at.seq).await? else {
        return Ok(Standing::Unknown);
    };
    if event.hash != mark.digest.as_bytes() {
        return Ok(Standing::Other);
    }
    let is_due =
        event.site_id != peer.site_id && sheets::in_share(db, share, event.id).await?.is_some();
    Ok(if is_due {
        Standing::Due
    } else {
        Standing::Outside
    })
}

/// Gives single events to a site that lacks them: its own words, and what is for it.
#[utoipa::path(
    post, path = "/v1/events", tag = "sync", request_body = AskedFor,
    responses((status = 200, content_type = "application/feed+json", description = "Các sự kiện được hỏi mà bên hỏi được nhận"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn events(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST_QUESTION).await?;
    let SignedBy { peer, verified } = signed;
    let wanted: AskedFor = read_document(&body)?;
    let used = verified.clone();
    site.db
        .write(move |tx| Box::pin(async move { nonce::use_up(tx, &used).await }))
        .await?;
    let db = site.db.reader();
    let share = Share::of(&site, peer.site_id, peer.is_upstream()).await?;
    let mut items = Vec::new();
    let mut size = 0;
    for place in wanted.events.iter().take(outgoing::LARGEST_BATCH as usize) {
        let Some(event) = ledger::event_at(db, place.log, place.seq).await? else {
            continue;
        };
        let mode = sheets::in_share(db, &share, event.id).await?;
        if event.site_id != peer.site_id && mode.is_none() {
            continue;
        }
        let Some((item, bytes)) = outgoing::sound_item_of(db, &event, mode).await? else {
            continue;
        };
        size += bytes;
        if size > outgoing::BATCH_BYTES && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    let bytes = apart(&site, peer.site_id, items)?;
    wire::answer(&site, &verified.nonce, MEDIA_TYPE, bytes)
}

/// Takes back events that this site has forgotten: its own words, and others' it once passed on.
#[utoipa::path(
    post, path = "/v1/returned", tag = "sync",
    request_body(content_type = "application/feed+json", description = "Các sự kiện bên nhận đã từng gửi đi và nay không còn giữ"),
    responses((status = 200, body = Taken), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn returned(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST_PUSH).await?;
    let nonce = signed.verified.nonce.clone();
    let outcomes =
        receive::apart::take_returned(&site, &signed.peer, &body, signed.verified).await?;
    let taken = Taken { v: 1, outcomes };
    let bytes = serde_json::to_vec(&taken).map_err(anyhow::Error::new)?;
    wire::answer(&site, &nonce, JSON, bytes)
}

/// A batch of events that is no stretch of a stream.
pub(super) fn apart(site: &Site, to: Uuid, items: Vec<serde_json::Value>) -> Result<Vec<u8>> {
    let batch = Batch {
        stream: Uuid::nil(),
        lane: crate::log::Lane::Regular,
        from: site.id,
        to,
        after: 0,
        through: 0,
        given_at: None,
        head: 0,
        items,
    };
    Ok(batch
        .to_bytes(&site.profile.title, &site.origin())
        .map_err(anyhow::Error::new)?)
}

/// The events at `places` that are held and whole, with whatever was sent of them.
pub(super) async fn items_at(site: &Site, places: &[Place]) -> Result<Vec<serde_json::Value>> {
    let db = site.db.reader();
    let mut items = Vec::with_capacity(places.len());
    let mut size = 0;
    for place in places {
        let Some(event) = ledger::event_at(db, place.log, place.seq).await? else {
            continue;
        };
        let Some((item, bytes)) = outgoing::sound_item_of(db, &event, None).await? else {
            continue;
        };
        size += bytes;
        if size > outgoing::BATCH_BYTES && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    Ok(items)
}

/// Whether the event `mark` is held.
pub(super) async fn is_held(site: &Site, mark: &Mark) -> Result<bool> {
    use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
    let found = event::Entity::find()
        .filter(event::Column::LogId.eq(mark.at.log))
        .filter(event::Column::Seq.eq(mark.at.seq))
        .filter(event::Column::Hash.eq(mark.digest.as_bytes().to_vec()))
        .count(site.db.reader())
        .await?;
    Ok(found > 0)
}
