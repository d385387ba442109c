//! The addresses peers exchange at. Each handler: who is it, what does it want, one transaction, a
//! signed answer.

use super::batch::{Batch, MEDIA_TYPE};
use super::cursor::{self, Direction};
use super::greeting::{self, Cursors, Greeting};
use super::link::{self, LONG_POLL};
use super::outgoing::{self, Share};
use super::peer::{self, Heard};
use super::receipt::Receipt;
use super::wire::{self, JSON, SignedBy};
use super::{nonce, receive, recover};
use crate::accounts::told as told_accounts;
use crate::citizens::told as told_cases;
use crate::directory::contact_record;
use crate::error::{Error, Result};
use crate::log::{Lane, event, ledger};
use crate::problem::{Problem, ProblemKind};
use crate::readership::{self, told::believed};
use crate::server::Place;
use crate::site::Site;
use crate::storage::{Counter, last_number};
use crate::vietnamese;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::Response;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where batches are pushed to.
pub const INBOX: &str = "/v1/inbox";
/// Where batches are asked for.
pub const OUTBOX: &str = "/v1/outbox";
/// Where receipts for batches that were asked for go.
pub const RECEIPTS: &str = "/v1/receipts";
/// Largest pushed batch, in bytes.
pub const LARGEST_PUSH: usize = 6 * 1024 * 1024;
/// Largest of the small documents.
const LARGEST_DOCUMENT: usize = 512 * 1024;

/// The description of the addresses all sites have.
#[derive(OpenApi, Debug)]
#[openapi(
    info(
        title = "Liên Cổng",
        description = "Giao thức đồng bộ giữa cổng của tỉnh và các trang thành viên. Mọi yêu cầu được ký theo RFC 9421; lỗi theo RFC 9457.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    tags((name = "sync", description = "Trao đổi nhật ký giữa các trang"))
)]
pub struct Description;

/// The routes, with their description.
pub fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(hello))
        .routes(routes!(inbox))
        .routes(routes!(outbox))
        .routes(routes!(receipts))
        .routes(routes!(log))
        .merge(super::compare::answer::routes())
}

/// Greets: compares clocks, cursors and logs, and wakes what waits for the greeter.
#[utoipa::path(
    post, path = "/v1/hello", tag = "sync",
    request_body = Greeting,
    responses((status = 200, body = greeting::GreetingAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn hello(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = wire::read_body(body, LARGEST_DOCUMENT).await?;
    let signed = wire::recognise(&site, &parts, &body).await?;
    let greeting: Greeting = super::read_document(&body)?;
    let SignedBy { peer, verified } = signed;
    let contact = peer::Contact {
        version: Some(greeting.software.chars().take(64).collect()),
        clock_skew_ms: Some((greeting.time - site.clock.now()).num_milliseconds()),
        delivered: false,
    };
    let time = site.clock.now();
    let now = time.timestamp_millis();
    let peer_id = peer.site_id;
    let nonce_used = verified.clone();
    let heard = Heard {
        run: greeting.run,
        ticket: greeting.ticket,
    };
    let ours_run = site.run;
    let told = greeting.contact.clone();
    let views = match peer.is_upstream() {
        true => Vec::new(),
        false => believed(&greeting.views, vietnamese::local(time).date_naive()),
    };
    let cases = greeting.cases.filter(|_| !peer.is_upstream());
    let accounts = greeting.accounts.filter(|_| !peer.is_upstream());
    if let Some(holds) = &greeting.holds
        && !peer.is_doubled()
    {
        stands_in_our_stream(&site, holds.stream, &holds.cursors).await?;
    }
    let (ours, holds) = (site.stream_id(), greeting.holds);
    let ticket = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                nonce::use_up(tx, &nonce_used).await?;
                let Some(ticket) = peer::note_run(tx, peer_id, heard, ours_run, time).await? else {
                    return Ok(None);
                };
                if let Some(holds) = &holds {
                    let last = last_number(tx, Counter::Stream)
                        .await
                        .map_err(anyhow::Error::new)?;
                    greeting::note_holding(tx, peer_id, ours, last, holds, now).await?;
                }
                if let Some(told) = &told {
                    contact_record::put(tx, peer_id, told, now).await?;
                }
                readership::record::raise(tx, peer_id, &views).await?;
                if let Some(cases) = cases {
                    told_cases::put(tx, peer_id, cases, now).await?;
                }
                if let Some(accounts) = accounts {
                    told_accounts::put(tx, peer_id, accounts, now).await?;
                }
                peer::note_contact(tx, peer_id, contact, now).await?;
                Ok(Some(ticket))
            })
        })
        .await?;
    let Some(ticket) = ticket else {
        return Err(wire::doubled().into());
    };
    site.links.peer_appeared(peer.site_id);
    let answer = greeting::answer(site.db.reader(), &site, &peer, &greeting, ticket).await?;
    let answer = serde_json::to_vec(&answer).map_err(anyhow::Error::new)?;
    wire::answer(&site, &verified.nonce, JSON, answer)
}

/// Takes a pushed batch and answers with a receipt once it is durable.
#[utoipa::path(
    post, path = "/v1/inbox", tag = "sync",
    request_body(content_type = "application/feed+json", description = "Gói tin: tài liệu JSON Feed 1.1 có phần mở rộng _lien_cong"),
    responses((status = 200, body = Receipt), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn inbox(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST_PUSH).await?;
    let nonce = signed.verified.nonce.clone();
    let receipt = receive::receive(&site, &signed.peer, &body, Some(signed.verified)).await?;
    let receipt = serde_json::to_vec(&receipt).map_err(anyhow::Error::new)?;
    wire::answer(&site, &nonce, JSON, receipt)
}

/// Where an asker stands.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Standing {
    /// The stream its cursors are places in.
    stream: Uuid,
    /// Its cursor in the urgent lane: everything up to there is durable at its side.
    urgent: i64,
    /// Its cursor in the regular lane.
    regular: i64,
    /// When we gave the place in the urgent lane away, in milliseconds, as we said with the batch.
    urgent_given_at: Option<i64>,
    /// The same of the regular lane.
    regular_given_at: Option<i64>,
    /// How many seconds to hold the question open when there is nothing.
    #[serde(default)]
    wait: u64,
}

/// Answers with the next batch after the asker's cursors, holding the question open if there is none.
#[utoipa::path(
    get, path = "/v1/outbox", tag = "sync", params(Standing),
    responses((status = 200, content_type = "application/feed+json", description = "Gói tin; rỗng nếu không có gì mới"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn outbox(
    State(site): State<Arc<Site>>,
    Query(standing): Query<Standing>,
    request: Request,
) -> Result<Response<Body>> {
    let place = Place::of(&request);
    let (signed, _) = wire::open(&site, request, 0).await?;
    let SignedBy { peer, verified } = signed;
    let Some(_held) = site.links.hold(peer.site_id) else {
        let busy = Problem::new(ProblemKind::RateLimited).retry_after(Duration::from_secs(5));
        return Err(busy.into());
    };
    let cursors = Cursors {
        urgent: standing.urgent,
        regular: standing.regular,
        urgent_given_at: standing.urgent_given_at,
        regular_given_at: standing.regular_given_at,
    };
    let is_current = stands_in_our_stream(&site, standing.stream, &cursors).await?;
    let places = Lane::ALL.map(|lane| {
        let position = cursors.of(lane).position.max(0);
        (lane, if is_current { position } else { 0 })
    });
    let share = Share::of(&site, peer.site_id, peer.is_upstream()).await?;
    let mut heads = Vec::new();
    for (lane, position) in places {
        heads.push((lane, position, share.head(site.db.reader(), lane).await?));
    }
    note_standing(&site, &peer, verified.clone(), heads).await?;
    let patience = Duration::from_secs(standing.wait).min(LONG_POLL);
    let batch = next_or_nothing(&site, &peer, places, patience, &place).await?;
    site.role.handed_over(&site, peer.site_id, &batch).await?;
    let bytes = batch
        .to_bytes(&site.profile.title, &site.origin())
        .map_err(anyhow::Error::new)?;
    wire::answer(&site, &verified.nonce, MEDIA_TYPE, bytes)
}

/// Whether a peer that says to stand at `cursors` of `stream` stands in our stream. If it stands where we
/// never sent it, our database is an older copy, and goes on in new logs and a new stream.
async fn stands_in_our_stream(site: &Arc<Site>, stream: Uuid, cursors: &Cursors) -> Result<bool> {
    if stream != site.stream_id() {
        return Ok(false);
    }
    if outgoing::has_given(site.db.reader(), cursors).await? || !site.doubts_its_stream() {
        return Ok(true);
    }
    let inner = Arc::clone(site);
    let stream = site
        .db
        .write(move |tx| Box::pin(async move { recover::go_on_elsewhere(tx, &inner).await }))
        .await?;
    site.goes_on_in(stream);
    site.wake();
    Ok(false)
}

async fn note_standing(
    site: &Site,
    peer: &peer::Model,
    verified: super::message_signature::Verified,
    places: Vec<(Lane, i64, i64)>,
) -> Result<()> {
    let peer_id = peer.site_id;
    let stream = site.stream_id();
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                nonce::use_up(tx, &verified).await?;
                for (lane, position, head) in places {
                    let cursor = cursor::Model {
                        site_id: peer_id,
                        direction: Direction::Out.as_str().to_owned(),
                        lane: lane.to_string(),
                        stream_id: stream,
                        // A cursor past our end is of a stream we no longer have.
                        position: position.min(head),
                        given_at: None,
                        head,
                        updated_at: now,
                    };
                    cursor::set(tx, cursor).await?;
                }
                peer::note_contact(tx, peer_id, peer::Contact::default(), now).await
            })
        })
        .await
}

async fn next_or_nothing(
    site: &Arc<Site>,
    peer: &peer::Model,
    places: [(Lane, i64); 2],
    patience: Duration,
    place: &Place,
) -> Result<Batch> {
    let deadline = tokio::time::Instant::now() + patience;
    let mut woken = site.watch();
    loop {
        woken.mark_unchanged();
        // Routes may have changed while the question was held open.
        let share = Share::of(site, peer.site_id, peer.is_upstream()).await?;
        let [(_, urgent), (_, regular)] = places;
        if let Some(batch) = outgoing::next_of_both(site, &share, urgent, regular).await? {
            return Ok(batch);
        }
        place.step_aside();
        tokio::select! {
            () = tokio::time::sleep_until(deadline) => {
                let [_, (lane, after)] = places;
                return Ok(Batch {
                    stream: site.stream_id(),
                    lane,
                    from: site.id,
                    to: peer.site_id,
                    after,
                    through: after,
                    given_at: None,
                    head: after,
                    items: Vec::new(),
                });
            }
            changed = woken.changed() => changed.map_err(|_| Error::from(ProblemKind::Unavailable))?,
        }
        // What was added wakes all who wait at once.
        place.come_back().await?;
    }
}

/// Takes the receipt for a batch that was asked for.
#[utoipa::path(
    post, path = "/v1/receipts", tag = "sync", request_body = Receipt,
    responses((status = 200, description = "Đã ghi nhận"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn receipts(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST_DOCUMENT).await?;
    let receipt: Receipt = super::read_document(&body)?;
    if receipt.stream != site.stream_id() {
        return Err(ProblemKind::StreamUnknown.into());
    }
    let SignedBy { peer, verified } = signed;
    let share = Share::of(&site, peer.site_id, peer.is_upstream()).await?;
    let head = share.head(site.db.reader(), receipt.lane).await?;
    if receipt.cursor < 0 || receipt.cursor > head {
        let detail = "Biên nhận ghi một vị trí chưa có trong luồng.";
        return Err(Problem::new(ProblemKind::Malformed).detail(detail).into());
    }
    let used = verified.clone();
    site.db
        .write(move |tx| Box::pin(async move { nonce::use_up(tx, &used).await }))
        .await?;
    link::acknowledge(&site, peer.site_id, &receipt, head).await?;
    wire::answer(&site, &verified.nonce, JSON, b"{\"v\":1}".to_vec())
}

/// From where a log is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct After {
    /// The place after which to go on.
    after: i64,
}

/// Gives a stretch of a log: of one of the asker's own, all that is held here; of any other, what is
/// for the asker anyway.
#[utoipa::path(
    get, path = "/v1/logs/{log}", tag = "sync", params(("log" = Uuid, Path, description = "Nhật ký"), After),
    responses((status = 200, content_type = "application/feed+json", description = "Một đoạn nhật ký"), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn log(
    State(site): State<Arc<Site>>,
    Path(log_id): Path<Uuid>,
    Query(After { after }): Query<After>,
    request: Request,
) -> Result<Response<Body>> {
    let (signed, _) = wire::open(&site, request, 0).await?;
    let SignedBy { peer, verified } = signed;
    let used = verified.clone();
    site.db
        .write(move |tx| Box::pin(async move { nonce::use_up(tx, &used).await }))
        .await?;
    let db = site.db.reader();
    let log = ledger::Entity::find_by_id(log_id).one(db).await?;
    let log = log.ok_or(Error::NotFound)?;
    let mut events = event::Entity::find()
        .filter(event::Column::LogId.eq(log.id))
        .filter(event::Column::Seq.gt(after))
        .order_by_asc(event::Column::Seq)
        .limit(outgoing::LARGEST_BATCH)
        .all(db)
        .await?;
    let mut modes = HashMap::new();
    if log.site_id != peer.site_id {
        let share = Share::of(&site, peer.site_id, peer.is_upstream()).await?;
        let ids: Vec<i64> = events.iter().map(|event| event.id).collect();
        modes = share.modes_of(db, &ids).await?;
        events.retain(|event| modes.contains_key(&event.id));
        // A log of which nothing is for the asker and no log look the same from outside.
        if events.is_empty() {
            return Err(Error::NotFound);
        }
    }
    let mut items = Vec::with_capacity(events.len());
    let mut through = after.max(0);
    let mut size = 0;
    for event in &events {
        let (item, bytes) = outgoing::item_of(db, event, modes.get(&event.id).copied()).await?;
        size += bytes;
        if size > outgoing::BATCH_BYTES && !items.is_empty() {
            break;
        }
        items.push(item);
        through = event.seq;
    }
    let batch = Batch {
        stream: log.id,
        lane: Lane::Regular,
        from: site.id,
        to: peer.site_id,
        after: after.max(0),
        through,
        given_at: None,
        head: log.head_seq,
        items,
    };
    let bytes = batch
        .to_bytes(&site.profile.title, &site.origin())
        .map_err(anyhow::Error::new)?;
    wire::answer(&site, &verified.nonce, MEDIA_TYPE, bytes)
}
