//! Comparing with the hub on a clock of its own, and mending what differs.
//!
//! Push and pull move cursors, and a cursor says nothing about a row that was lost after it passed. So a
//! member compares with its hub every ten minutes or so, whatever was pushed meanwhile, both ways: all that
//! it has said, as both have it; and its share of what the hub has for it, as both have it. The member
//! asks, since it can always call; one comparison serves both sides.
//!
//! What differs is mended by the ordinary ways in: events go into the stream again for who lacks them, or
//! are asked for and judged like those of any batch. What pushing had missed is counted.

pub mod answer;
pub mod record;
pub mod sheets;

use self::answer::{
    AskedFor, DIGESTS, Digests, DigestsAnswer, EVENTS, MOST_ASKED, RETURNED, Standing, Taken, Tally,
};
use self::record::{Outcome, Why};
use self::sheets::EventSet;
use super::batch::{Batch, MEDIA_TYPE};
use super::cursor::Direction;
use super::digest::{Differences, MOST_RANGES, MOST_ROUNDS, Mark, Place, Search, Sheet};
use super::message_signature::Content;
use super::outgoing::{self, Share};
use super::receipt::Outcome as ItemOutcome;
use super::wire::{Answer, Correspondent, Exchange, JSON};
use super::{peer, receive, refusal};
use crate::error::Result;
use crate::log::ledger;
use crate::server::Shutdown;
use crate::site::Site;
use axum::http::Method;
use rand::RngExt;
use sea_orm::entity::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Differences looked for in one comparison; the next finds the rest.
const MOST_DIFFERENCES: usize = 2_000;
/// A peer that lacks what it was sent this often does not want it, even if its refusal could not say
/// of what.
const MOST_OFFERS: u64 = 3;
/// Events given back in one batch, with those before them at most as many again.
const GIVEN_AT_ONCE: usize = 100;
/// How soon a comparison that was cut short is followed by the next.
const SOON: Duration = Duration::from_secs(2);

/// Compares with the hub every `period`, more or less, until `shutdown`. Nothing resets this clock, least
/// of all a push; the first time comes early, since a machine that starts may have been away.
pub async fn keep_comparing(site: Arc<Site>, period: Duration, shutdown: Shutdown) {
    let mut pause = jittered(period / 10);
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = jittered(period);
        match once(&site).await {
            Ok(Some(true)) => pause = pause.min(SOON),
            Ok(_) => {}
            Err(error) => tracing::warn!(
                error = crate::error::chain(&error),
                "comparing with the hub failed; tried again later"
            ),
        }
    }
}

/// Anything from four fifths to six fifths, so that members do not come together.
fn jittered(period: Duration) -> Duration {
    period.mul_f64(rand::rng().random_range(0.8..=1.2))
}

/// Compares with the hub once, if there is one; whether there is more to find.
async fn once(site: &Arc<Site>) -> Result<Option<bool>> {
    let Some(hub) = peer::upstream(site.db.reader()).await? else {
        return Ok(None);
    };
    if !hub.is_active() {
        return Ok(None);
    }
    Ok(with_peer(site, &hub)
        .await?
        .map(|compared| compared.is_cut_short))
}

/// What comparing once came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    /// What is noted and counted.
    pub outcome: Outcome,
    /// Whether a bound ended it before its time.
    pub is_cut_short: bool,
    /// Bytes of questions and answers.
    pub bytes: usize,
}

/// Compares with `to` and mends what differs; `None` if it did not answer.
pub async fn with_peer(site: &Arc<Site>, to: &peer::Model) -> Result<Option<Compared>> {
    let mut talk = Talk {
        site,
        to,
        correspondent: Correspondent::load(site, to.site_id).await?,
        compared: Compared::default(),
    };
    let Some(found) = talk.search().await? else {
        return Ok(None);
    };
    let is_empty =
        |found: &Differences| found.lacking_here.is_empty() && found.lacking_there.is_empty();
    let agreed = is_empty(&found.mine) && is_empty(&found.yours) && !talk.compared.is_cut_short;
    if !agreed {
        talk.mend(found).await?;
    }
    talk.compared.outcome.agreed = agreed;
    talk.tell().await?;
    let (peer_id, outcome) = (to.site_id, talk.compared.outcome);
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { record::note(tx, peer_id, outcome, now).await }))
        .await?;
    count(peer_id, outcome);
    if outcome.missed_in + outcome.missed_out > 0 {
        tracing::warn!(
            peer = %peer_id,
            missed.to_us = outcome.missed_in,
            missed.to_peer = outcome.missed_out,
            rounds = outcome.rounds,
            "comparing found what pushing had missed"
        );
    } else {
        tracing::debug!(peer = %peer_id, rounds = outcome.rounds, agreed, "compared");
    }
    Ok(Some(talk.compared))
}

/// Asks `from` for single events and takes them in; what is held of them and damaged is mended.
pub async fn fetch_from(site: &Arc<Site>, from: &peer::Model, places: &[Place]) -> Result<()> {
    let mut talk = Talk {
        site,
        to: from,
        correspondent: Correspondent::load(site, from.site_id).await?,
        compared: Compared::default(),
    };
    talk.fetch(places.to_vec()).await
}

/// Counts what a comparison came to.
fn count(peer: Uuid, outcome: Outcome) {
    let peer = peer.to_string();
    metrics::counter!("sync_comparisons_total", "peer" => peer.clone()).increment(1);
    for (direction, missed) in [("in", outcome.missed_in), ("out", outcome.missed_out)] {
        metrics::counter!("sync_missed_by_push_total", "peer" => peer.clone(), "direction" => direction)
            .increment(missed);
    }
}

/// What two searches found.
struct Found {
    mine: Differences,
    yours: Differences,
}

struct Talk<'a> {
    site: &'a Arc<Site>,
    to: &'a peer::Model,
    correspondent: Correspondent,
    compared: Compared,
}

/// One direction of a comparison.
struct Side {
    set: EventSet,
    sheet: Sheet,
    search: Search,
}

impl Side {
    async fn questions(
        &mut self,
        site: &Site,
        most: usize,
    ) -> Result<Vec<super::digest::Question>> {
        loop {
            match self.search.questions(&self.sheet, most) {
                Ok(questions) => return Ok(questions),
                Err(closed) => {
                    self.set
                        .open(site.db.reader(), &mut self.sheet, closed)
                        .await?;
                }
            }
        }
    }

    async fn hear(&mut self, site: &Site, answers: &[super::digest::Answer]) -> Result<()> {
        for answer in answers {
            while let Err(closed) = self
                .search
                .hear(answer, &self.sheet)
                .map_err(anyhow::Error::new)?
            {
                self.set
                    .open(site.db.reader(), &mut self.sheet, closed)
                    .await?;
            }
        }
        Ok(())
    }
}

impl Talk<'_> {
    async fn ask<Q: Serialize, A: DeserializeOwned>(
        &mut self,
        path: &str,
        question: &Q,
    ) -> Result<Option<A>> {
        let body = serde_json::to_vec(question).map_err(anyhow::Error::new)?;
        let Some(bytes) = self.post(path, JSON, &body).await? else {
            return Ok(None);
        };
        Ok(Some(
            serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?,
        ))
    }

    async fn post(
        &mut self,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        let exchange = Exchange {
            method: Method::POST,
            path,
            content: Some(Content { content_type, body }),
            deadline: PATIENCE,
        };
        match self.correspondent.exchange(self.site, exchange).await? {
            Answer::Told(bytes) => {
                self.compared.bytes += body.len() + bytes.len();
                Ok(Some(bytes))
            }
            Answer::Problem(problem) => {
                tracing::info!(peer = %self.to.site_id, path, reason = problem.kind.slug(), "not compared");
                Ok(None)
            }
            Answer::Nothing { slug, detail } => {
                tracing::info!(peer = %self.to.site_id, path, reason = slug, detail, "not compared");
                Ok(None)
            }
        }
    }

    async fn sides(&self) -> Result<(Option<Side>, Side)> {
        let db = self.site.db.reader();
        let share = Share::of(self.site, self.to.site_id, self.to.is_upstream()).await?;
        let set = EventSet::said_by(db, self.site.id, share.unit()).await?;
        let mut mine =
            match sheets::pending(db, &share, self.to.site_id, self.site.stream_id()).await? {
                None => None,
                Some(pending) => {
                    let mut sheet = set.sheet(&self.site.db).await?;
                    for mark in pending {
                        if set.has_log(mark.at.log) {
                            sheet.leave_out(mark);
                        }
                    }
                    Some(Side {
                        set,
                        sheet,
                        search: Search::default(),
                    })
                }
            };
        let set = EventSet::of_others(db, self.site.id).await?;
        let mut yours = Side {
            sheet: set.sheet(&self.site.db).await?,
            set,
            search: Search::default(),
        };
        for (mark, why) in record::settled_with(db, self.to.site_id).await? {
            if why == Why::RefusedHere && answer::is_held(self.site, &mark).await? {
                self.unsettle(mark).await?;
                continue;
            }
            match (why, &mut mine) {
                (Why::RefusedThere, Some(mine)) => mine.sheet.leave_out(mark),
                (Why::RefusedThere, None) => {}
                (Why::Outside, _) => yours.sheet.leave_out(mark),
                (Why::RefusedHere, _) => yours.sheet.count_in(mark),
            }
        }
        Ok((mine, yours))
    }

    async fn search(&mut self) -> Result<Option<Found>> {
        let (mut mine, mut yours) = self.sides().await?;
        let mut is_yours_open = true;
        loop {
            let mut question = Digests {
                v: 1,
                ..Digests::default()
            };
            if let Some(mine) = &mut mine {
                question.mine = mine.questions(self.site, MOST_RANGES).await?;
            }
            if is_yours_open {
                question.yours = yours.questions(self.site, MOST_RANGES).await?;
            }
            if question.mine.is_empty() && question.yours.is_empty() {
                break;
            }
            let found = yours.search.differences()
                + mine.as_ref().map_or(0, |mine| mine.search.differences());
            if self.compared.outcome.rounds >= MOST_ROUNDS || found >= MOST_DIFFERENCES {
                self.compared.is_cut_short = true;
                break;
            }
            let Some(told) = self.ask::<_, DigestsAnswer>(DIGESTS, &question).await? else {
                return Ok(None);
            };
            self.compared.outcome.rounds += 1;
            let is_complete = told.mine.len() == question.mine.len()
                && told
                    .yours
                    .as_ref()
                    .is_none_or(|yours| yours.len() == question.yours.len());
            if !is_complete {
                return Err(anyhow::anyhow!("an answer about ranges is incomplete").into());
            }
            if let Some(mine) = &mut mine {
                mine.hear(self.site, &told.mine).await?;
            }
            match told.yours {
                Some(answers) => yours.hear(self.site, &answers).await?,
                // So much is on its way that comparing has to wait.
                None => is_yours_open = false,
            }
        }
        Ok(Some(Found {
            mine: mine
                .map(|mine| mine.search.into_found())
                .unwrap_or_default(),
            yours: yours.search.into_found(),
        }))
    }

    async fn mend(&mut self, found: Found) -> Result<()> {
        self.offer_again(&found.mine.lacking_there).await?;
        let own = self.still_lacking(&found.mine.lacking_here).await?;
        let from_others = self.still_lacking(&found.yours.lacking_here).await?;
        let wanted = own.into_iter().chain(from_others);
        self.fetch(wanted.map(|mark| mark.at).collect()).await?;
        self.give_back(&found.yours.lacking_there).await
    }

    /// Puts what the peer lacks of our words into the stream again, unless it has refused it.
    async fn offer_again(&mut self, lacking: &[Mark]) -> Result<()> {
        let share = Share::of(self.site, self.to.site_id, self.to.is_upstream()).await?;
        let db = self.site.db.reader();
        let Some(waiting) =
            sheets::waiting(db, &share, self.to.site_id, self.site.stream_id()).await?
        else {
            return Ok(());
        };
        let mut offered = 0;
        for mark in lacking {
            let event = ledger::event_at(db, mark.at.log, mark.at.seq).await?;
            if event.is_some_and(|event| waiting.events.contains(&event.id)) {
                continue;
            }
            let is_refused =
                is_refused(self.site, self.to.site_id, Direction::Out, mark.at).await?;
            if is_refused || self.offers_of(*mark).await? > MOST_OFFERS {
                self.settle(*mark, Why::RefusedThere).await?;
                continue;
            }
            let (site, mark) = (Arc::clone(self.site), *mark);
            offered += site
                .db
                .clone()
                .write(move |tx| {
                    Box::pin(async move {
                        let event = ledger::event_at(tx, mark.at.log, mark.at.seq).await?;
                        let Some(event) =
                            event.filter(|event| event.hash == mark.digest.as_bytes())
                        else {
                            return Ok(0);
                        };
                        let audience = site.role.recipients(tx, &site, &event).await?;
                        outgoing::enqueue(tx, &site, &event, event.lane()?, &audience).await?;
                        Ok(1)
                    })
                })
                .await?;
        }
        if offered > 0 {
            self.site.wake();
        }
        self.compared.outcome.missed_out += offered;
        Ok(())
    }

    /// How often an event went into the stream.
    async fn offers_of(&self, mark: Mark) -> Result<u64> {
        let db = self.site.db.reader();
        let Some(event) = ledger::event_at(db, mark.at.log, mark.at.seq).await? else {
            return Ok(0);
        };
        Ok(outgoing::Entity::find()
            .filter(outgoing::Column::EventId.eq(event.id))
            .count(db)
            .await?)
    }

    /// What is really lacking now: not what came meanwhile, and not what was refused.
    async fn still_lacking(&self, lacking: &[Mark]) -> Result<Vec<Mark>> {
        let mut still = Vec::new();
        for mark in lacking {
            if answer::is_held(self.site, mark).await? {
                self.unsettle(*mark).await?;
            } else if is_refused(self.site, self.to.site_id, Direction::In, mark.at).await? {
                self.settle(*mark, Why::RefusedHere).await?;
            } else {
                still.push(*mark);
            }
        }
        Ok(still)
    }

    /// Asks for what is lacking here and takes it in like anything else that comes from the peer.
    async fn fetch(&mut self, wanted: Vec<Place>) -> Result<()> {
        let mut places = wanted;
        places.sort_unstable();
        while !places.is_empty() {
            let some = places.len().min(outgoing::LARGEST_BATCH as usize);
            let question = AskedFor {
                v: 1,
                events: places[..some].to_vec(),
            };
            let body = serde_json::to_vec(&question).map_err(anyhow::Error::new)?;
            let Some(bytes) = self.post(EVENTS, JSON, &body).await? else {
                return Ok(());
            };
            let batch = Batch::parse(&bytes).map_err(anyhow::Error::new)?;
            let outcomes = receive::apart::take(self.site, self.to, batch).await?;
            let accepted = outcomes
                .iter()
                .filter(|item| item.outcome == ItemOutcome::Accepted);
            self.compared.outcome.missed_in += accepted.count() as u64;
            // The answer stops where it grows too large; what it passed over is not to be had.
            let last = outcomes
                .iter()
                .filter_map(|item| {
                    Some(Place {
                        log: item.log?,
                        seq: item.seq?,
                    })
                })
                .max();
            match last {
                Some(last) => places.retain(|place| *place > last),
                None => places.drain(..some).for_each(drop),
            }
        }
        Ok(())
    }

    /// What the peer does not list for us: it is no longer for us, or the peer has forgotten it and
    /// gets it back.
    async fn give_back(&mut self, doubtful: &[Mark]) -> Result<()> {
        let mut forgotten = Vec::new();
        for some in doubtful.chunks(MOST_ASKED) {
            let question = Digests {
                v: 1,
                doubtful: some.to_vec(),
                ..Digests::default()
            };
            let Some(told) = self.ask::<_, DigestsAnswer>(DIGESTS, &question).await? else {
                return Ok(());
            };
            self.compared.outcome.rounds += 1;
            for (mark, standing) in some.iter().zip(told.doubtful) {
                match standing {
                    Standing::Due => {}
                    Standing::Outside => self.settle(*mark, Why::Outside).await?,
                    Standing::Unknown | Standing::Other => forgotten.push(*mark),
                }
            }
        }
        let mut places: Vec<Place> = forgotten.iter().map(|mark| mark.at).collect();
        places.sort_unstable();
        let mut taken = 0;
        while !places.is_empty() {
            let some = places.len().min(GIVEN_AT_ONCE);
            let mut sent = Vec::new();
            for place in &places[..some] {
                // The one before shows where its log and ours part.
                if let Some(before) = self.anchor(*place, &forgotten).await? {
                    sent.push(before);
                }
                sent.push(*place);
            }
            sent.dedup();
            let items = answer::items_at(self.site, &sent).await?;
            if items.is_empty() {
                return Ok(());
            }
            let body = answer::apart(self.site, self.to.site_id, items)?;
            let Some(bytes) = self.post(RETURNED, MEDIA_TYPE, &body).await? else {
                return Ok(());
            };
            let told: Taken = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
            let accepted = told
                .outcomes
                .iter()
                .filter(|item| item.outcome == ItemOutcome::Accepted);
            taken += accepted.count() as u64;
            let last = told
                .outcomes
                .iter()
                .filter_map(|item| {
                    Some(Place {
                        log: item.log?,
                        seq: item.seq?,
                    })
                })
                .max();
            match last {
                Some(last) if last >= places[0] => places.retain(|place| *place > last),
                _ => places.drain(..some).for_each(drop),
            }
        }
        self.compared.outcome.missed_out += taken;
        Ok(())
    }

    async fn anchor(&self, place: Place, forgotten: &[Mark]) -> Result<Option<Place>> {
        use sea_orm::{QueryOrder, QuerySelect};
        let before: Option<i64> = crate::log::event::Entity::find()
            .select_only()
            .column(crate::log::event::Column::Seq)
            .filter(crate::log::event::Column::LogId.eq(place.log))
            .filter(crate::log::event::Column::Seq.lt(place.seq))
            .order_by_desc(crate::log::event::Column::Seq)
            .into_tuple()
            .one(self.site.db.reader())
            .await?;
        let before = before.map(|seq| Place {
            log: place.log,
            seq,
        });
        Ok(before.filter(|before| !forgotten.iter().any(|mark| mark.at == *before)))
    }

    /// Tells the peer what the comparison came to, so that its people know as well.
    async fn tell(&mut self) -> Result<()> {
        let outcome = self.compared.outcome;
        let question = Digests {
            v: 1,
            result: Some(Tally {
                rounds: outcome.rounds,
                agreed: outcome.agreed,
                to_asker: outcome.missed_in,
                to_asked: outcome.missed_out,
                condition: Some(crate::scrub::condition(self.site).await?),
            }),
            ..Digests::default()
        };
        let told = self.ask::<_, DigestsAnswer>(DIGESTS, &question).await?;
        for some in told.unwrap_or_default().wanted.chunks(GIVEN_AT_ONCE) {
            let items = answer::items_at(self.site, some).await?;
            if !items.is_empty() {
                let body = answer::apart(self.site, self.to.site_id, items)?;
                self.post(RETURNED, MEDIA_TYPE, &body).await?;
            }
        }
        Ok(())
    }

    async fn settle(&self, mark: Mark, why: Why) -> Result<()> {
        let (peer, now) = (self.to.site_id, self.site.clock.now().timestamp_millis());
        self.site
            .db
            .write(move |tx| {
                Box::pin(async move { record::settle(tx, peer, mark, why, now).await })
            })
            .await
    }

    async fn unsettle(&self, mark: Mark) -> Result<()> {
        let peer = self.to.site_id;
        self.site
            .db
            .write(move |tx| Box::pin(async move { record::unsettle(tx, peer, mark).await }))
            .await
    }
}

/// Whether one side refused what stands at `place`, and it is with its people now.
async fn is_refused(site: &Site, peer: Uuid, direction: Direction, place: Place) -> Result<bool> {
    let found = refusal::Entity::find()
        .filter(refusal::Column::SiteId.eq(peer))
        .filter(refusal::Column::Direction.eq(direction.as_str()))
        .filter(refusal::Column::LogId.eq(place.log))
        .filter(refusal::Column::Seq.eq(place.seq))
        .filter(refusal::Column::State.ne(refusal::State::Settled.as_str()))
        .count(site.db.reader())
        .await?;
    Ok(found > 0)
}

#[cfg(test)]
mod tests;
