//! The greeting two peers exchange before anything is sent: who they are, how far each holds the
//! other, and what the time is.

use super::core::history::{self, Elsewhere};
use super::core::runs::Ticket;
use super::core::{Held, StreamPlace};
use super::cursor::{self, Direction};
use super::message_signature::Content;
use super::outgoing;
use super::peer::{self, Heard};
use super::refusal;
use super::wire::{Answer, Correspondent, Exchange, JSON};
use crate::accounts::told as told_accounts;
use crate::citizens::told::{self as told_cases, Owed};
use crate::directory::contact_record::Contact;
use crate::directory::site_record;
use crate::error::Result;
use crate::log::{Digest, Lane, event, ledger};
use crate::readership::told::{self, DayViews};
use crate::site::Site;
use axum::http::Method;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use utoipa::ToSchema;

/// The path of the greeting.
pub const PATH: &str = "/v1/hello";
/// The software and its version, as told to peers.
pub const SOFTWARE: &str = concat!("lien-cong/", env!("CARGO_PKG_VERSION"));

/// What a peer says when it appears.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Greeting {
    /// Version, 1.
    pub v: u32,
    /// Its outgoing stream.
    pub stream: Uuid,
    /// The software it runs.
    pub software: String,
    /// Its time.
    pub time: DateTime<Utc>,
    /// This run of it, an id taken at its start: who hears two of them in turn knows that two machines
    /// run one site. Sites of an earlier version do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Uuid>,
    /// The ticket this very run was last given by the site it greets: so long it was alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// Marks of its own logs, as far as they concern the peer, so that a database restored from an
    /// older copy is noticed by those who hold what it has lost.
    #[serde(default)]
    pub logs: Vec<LogMarks>,
    /// How far it holds the stream of the site it greets: whose database is new or an older copy is
    /// sent what it lacks from the first greeting on. Sites of an earlier version do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holding>,
    /// Whom to ask at its site, for when its pages are shown for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// How often its public pages were opened on the last days, for its hub. Sites of an earlier version do not
    /// say.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "told::leniently"
    )]
    pub views: Vec<DayViews>,
    /// How many cases wait for its unit's answer, for its hub. Sites of an earlier version do not say.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "told_cases::leniently"
    )]
    pub cases: Option<Owed>,
    /// How its accounts stand, for its hub. Sites of an earlier version do not say.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "told_cases::leniently"
    )]
    pub accounts: Option<told_accounts::Standing>,
}

/// How far a site holds the stream of another.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Holding {
    /// The stream; the nil id before anything was heard.
    pub stream: Uuid,
    /// The places in it.
    pub cursors: Cursors,
}

/// A log and some of its digests: the last ones densely, the older ones ever more sparsely.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogMarks {
    /// The log.
    pub log: Uuid,
    /// Places and digests, highest first.
    pub marks: Vec<Mark>,
}

/// A place in a log and the digest there.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Mark {
    /// The place.
    pub seq: i64,
    /// The digest of the header there.
    #[schema(value_type = String)]
    pub digest: Digest,
}

/// What the greeted peer answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GreetingAnswer {
    /// Version, 1.
    pub v: u32,
    /// The software it runs.
    pub software: String,
    /// Its time.
    pub time: DateTime<Utc>,
    /// This run of it, as in a greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Uuid>,
    /// What the greeter's run gives back in its next greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// How far it holds the greeter's stream.
    pub cursors: Cursors,
    /// How it holds the greeter's logs, those included that the greeter did not name.
    #[serde(default)]
    pub logs: Vec<HeldLog>,
    /// Events it refused and asks for once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<Wanted>,
}

/// An event that was refused, and that people there want to look at once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wanted {
    /// The log.
    pub log: Uuid,
    /// The place in it.
    pub seq: i64,
}

/// Places in the two lanes of a stream.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Cursors {
    /// In the urgent lane.
    pub urgent: i64,
    /// In the regular lane.
    pub regular: i64,
    /// When the sender gave the place in the urgent lane away, in milliseconds, as it said with the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent_given_at: Option<i64>,
    /// The same of the regular lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regular_given_at: Option<i64>,
}

/// How a peer holds one of our logs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeldLog {
    /// The log.
    pub log: Uuid,
    /// The highest place it holds.
    pub held: i64,
    /// The digest of the header there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub digest: Option<Digest>,
    /// The highest of our marks it agrees with; 0 if none.
    pub agrees: i64,
}

impl HeldLog {
    /// As the core judges it.
    pub fn elsewhere(&self) -> Elsewhere {
        Elsewhere {
            held: self.held,
            digest: self.digest,
            agrees: self.agrees,
        }
    }
}

impl Cursors {
    /// As the core knows them.
    pub fn new(urgent: StreamPlace, regular: StreamPlace) -> Self {
        Self {
            urgent: urgent.position,
            regular: regular.position,
            urgent_given_at: urgent.given_at,
            regular_given_at: regular.given_at,
        }
    }

    /// The place in `lane`.
    pub fn of(&self, lane: Lane) -> StreamPlace {
        let (position, given_at) = match lane {
            Lane::Urgent => (self.urgent, self.urgent_given_at),
            Lane::Regular => (self.regular, self.regular_given_at),
        };
        StreamPlace { position, given_at }
    }
}

/// What greeting a peer came to.
#[derive(Debug)]
pub enum Greeted {
    /// It answered; our cursors stand where it says.
    Welcome {
        /// What it refused of ours and asks for once more.
        wanted: Vec<Wanted>,
        /// What it holds of our logs.
        logs: Vec<HeldLog>,
        /// Whether it stands at a place of our stream that we ever gave away.
        is_our_stream: bool,
    },
    /// It answered, and two machines answer for it by turns.
    Doubled,
    /// It did not.
    Not(Answer),
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Greets `peer` and sets our cursors to what it holds.
pub async fn greet(site: &Site, to: &peer::Model) -> Result<Greeted> {
    let stream = site.stream_id();
    let greeting = Greeting {
        v: 1,
        stream,
        software: SOFTWARE.to_owned(),
        time: site.clock.now(),
        run: Some(site.run),
        ticket: site.ticket_of(to.site_id),
        logs: own_marks(site, to).await?,
        holds: Some(holding(site.db.reader(), to.site_id).await?),
        contact: Some(Contact::of(&site.profile)),
        views: match to.is_upstream() {
            true => told::own(site).await?,
            false => Vec::new(),
        },
        cases: match to.is_upstream() {
            true => Some(told_cases::own(site).await?),
            false => None,
        },
        accounts: match to.is_upstream() {
            true => Some(told_accounts::own(site).await?),
            false => None,
        },
    };
    let body = serde_json::to_vec(&greeting).map_err(anyhow::Error::new)?;
    let asked_after = peer::runs_of(site.db.reader(), to.site_id)
        .await?
        .ticket(site.run);
    let correspondent = Correspondent::load(site, to.site_id).await?;
    let exchange = Exchange {
        method: Method::POST,
        path: PATH,
        content: Some(Content {
            content_type: JSON,
            body: &body,
        }),
        deadline: PATIENCE,
    };
    let answer = correspondent.exchange(site, exchange).await?;
    let Answer::Told(bytes) = answer else {
        return Ok(Greeted::Not(answer));
    };
    let Ok(told) = serde_json::from_slice::<GreetingAnswer>(&bytes) else {
        let detail = "Câu trả lời lời chào không đọc được".to_owned();
        return Ok(Greeted::Not(Answer::Nothing {
            slug: "malformed",
            detail,
        }));
    };
    let site_id = to.site_id;
    let now = site.clock.now();
    site.is_given(site_id, told.ticket);
    // Who answers was alive after we asked.
    let heard = Heard {
        run: told.run,
        ticket: Some(asked_after),
    };
    let ours = site.run;
    let ticket = site
        .db
        .write(move |tx| {
            Box::pin(async move { peer::note_run(tx, site_id, heard, ours, now).await })
        })
        .await?;
    if ticket.is_none() {
        return Ok(Greeted::Doubled);
    }
    let skew = (told.time - now).num_milliseconds();
    let cursors = told.cursors;
    let is_our_stream = outgoing::has_given(site.db.reader(), &cursors).await?;
    let share = outgoing::Share::of(site, site_id, to.is_upstream()).await?;
    let mut heads = Vec::new();
    for lane in Lane::ALL {
        heads.push((lane, share.head(site.db.reader(), lane).await?));
    }
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (lane, head) in heads {
                    let cursor = cursor::Model {
                        site_id,
                        direction: Direction::Out.as_str().to_owned(),
                        lane: lane.to_string(),
                        stream_id: stream,
                        position: cursors.of(lane).position,
                        given_at: None,
                        head,
                        updated_at: now.timestamp_millis(),
                    };
                    cursor::set(tx, cursor).await?;
                }
                let contact = peer::Contact {
                    version: Some(told.software),
                    clock_skew_ms: Some(skew),
                    delivered: false,
                };
                peer::note_contact(tx, site_id, contact, now.timestamp_millis()).await
            })
        })
        .await?;
    Ok(Greeted::Welcome {
        wanted: told.wanted,
        logs: told.logs,
        is_our_stream,
    })
}

/// How far we hold the stream of `peer_id`.
pub async fn holding<C: ConnectionTrait>(db: &C, peer_id: Uuid) -> Result<Holding> {
    let urgent = cursor::get(db, peer_id, Direction::In, Lane::Urgent).await?;
    let regular = cursor::get(db, peer_id, Direction::In, Lane::Regular).await?;
    let stream = urgent.stream.or(regular.stream).unwrap_or_default();
    Ok(Holding {
        stream,
        cursors: Cursors::new(urgent.place_in(stream), regular.place_in(stream)),
    })
}

/// Notes where a greeter says it stands in our stream `ours`, whose last place is `last`. The receiver's
/// word counts, here as in a receipt.
pub async fn note_holding(
    tx: &DatabaseTransaction,
    peer_id: Uuid,
    ours: Uuid,
    last: i64,
    holding: &Holding,
    now: i64,
) -> Result<()> {
    for lane in Lane::ALL {
        let stands = Held {
            stream: Some(holding.stream),
            place: holding.cursors.of(lane),
        };
        let known = cursor::get(tx, peer_id, Direction::Out, lane).await?;
        let position = stands.position_in(ours);
        if position > last || known.position_in(ours) == position {
            continue;
        }
        let cursor = cursor::Model {
            site_id: peer_id,
            direction: Direction::Out.as_str().to_owned(),
            lane: lane.to_string(),
            stream_id: ours,
            position,
            given_at: None,
            head: last,
            updated_at: now,
        };
        cursor::set(tx, cursor).await?;
    }
    Ok(())
}

/// What this site answers to a greeting of `from`.
pub async fn answer<C: ConnectionTrait>(
    db: &C,
    site: &Site,
    from: &peer::Model,
    greeting: &Greeting,
    ticket: Ticket,
) -> Result<GreetingAnswer> {
    let urgent = cursor::get(db, from.site_id, Direction::In, Lane::Urgent).await?;
    let regular = cursor::get(db, from.site_id, Direction::In, Lane::Regular).await?;
    let cursors = Cursors::new(
        urgent.place_in(greeting.stream),
        regular.place_in(greeting.stream),
    );
    let mut logs = Vec::new();
    for theirs in greeting.logs.iter().take(MOST_LOGS) {
        if let Some(held) = held_log(db, from.site_id, theirs).await? {
            logs.push(held);
        }
    }
    logs.extend(unnamed(db, from.site_id, greeting).await?);
    let wanted = refusal::wanted_of(db, from.site_id)
        .await?
        .iter()
        .filter_map(|refused| {
            let seq = refused.seq;
            refused.log_id.map(|log| Wanted { log, seq })
        })
        .collect();
    Ok(GreetingAnswer {
        v: 1,
        wanted,
        software: SOFTWARE.to_owned(),
        time: site.clock.now(),
        run: Some(site.run),
        ticket: Some(ticket),
        cursors,
        logs,
    })
}

/// More logs than concern any two sites.
const MOST_LOGS: usize = 64;
/// More marks than a log of any length has.
const MOST_MARKS: usize = 64;

async fn held_log<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    theirs: &LogMarks,
) -> Result<Option<HeldLog>> {
    let log = ledger::Entity::find_by_id(theirs.log).one(db).await?;
    let Some(log) = log.filter(|log| log.site_id == site_id) else {
        return Ok(None);
    };
    let marks: Vec<(i64, Digest)> = theirs
        .marks
        .iter()
        .take(MOST_MARKS)
        .map(|mark| (mark.seq, mark.digest))
        .collect();
    let ours: HashMap<i64, Digest> = digests_at(db, log.id, marks.iter().map(|mark| mark.0))
        .await?
        .into_iter()
        .collect();
    let agrees = history::agreement(marks, |seq| ours.get(&seq).copied());
    Ok(Some(held(&log, agrees)?))
}

fn held(log: &ledger::Model, agrees: i64) -> Result<HeldLog> {
    let digest = log.head_hash.as_deref().map(Digest::from_slice).transpose();
    Ok(HeldLog {
        log: log.id,
        held: log.head_seq,
        digest: digest.map_err(anyhow::Error::new)?,
        agrees,
    })
}

/// The logs of the greeter that it did not name: it has lost them altogether.
async fn unnamed<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    greeting: &Greeting,
) -> Result<Vec<HeldLog>> {
    let named: HashSet<Uuid> = greeting.logs.iter().map(|log| log.log).collect();
    ledger::logs_of(db, site_id)
        .await?
        .iter()
        .filter(|log| !named.contains(&log.id))
        .take(MOST_LOGS)
        .map(|log| held(log, 0))
        .collect()
}

async fn digests_at<C: ConnectionTrait>(
    db: &C,
    log_id: Uuid,
    places: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, Digest)>> {
    let found: Vec<(i64, Vec<u8>)> = event::Entity::find()
        .select_only()
        .column(event::Column::Seq)
        .column(event::Column::Hash)
        .filter(event::Column::LogId.eq(log_id))
        .filter(event::Column::Seq.is_in(places))
        .into_tuple()
        .all(db)
        .await?;
    found
        .into_iter()
        .map(|(seq, hash)| Ok((seq, Digest::from_slice(&hash).map_err(anyhow::Error::new)?)))
        .collect()
}

/// Marks of our own logs, of those that `to` may hold. Of a log that is closed the end is enough.
async fn own_marks(site: &Site, to: &peer::Model) -> Result<Vec<LogMarks>> {
    let db = site.db.reader();
    let unit = site_record::find(db, to.site_id)
        .await?
        .map(|site| site.unit_id);
    let mut all = Vec::new();
    for log in ledger::logs_of(db, site.id).await? {
        if !to.is_upstream() && log.addressee.is_some() && log.addressee != unit {
            continue;
        }
        let places = match log.closed_at {
            Some(_) => vec![log.head_seq],
            None => history::marked_places(log.head_seq),
        };
        let mut marks: Vec<Mark> = digests_at(db, log.id, places)
            .await?
            .into_iter()
            .map(|(seq, digest)| Mark { seq, digest })
            .collect();
        marks.sort_by_key(|mark| std::cmp::Reverse(mark.seq));
        all.push(LogMarks { log: log.id, marks });
    }
    Ok(all)
}
