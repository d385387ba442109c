//! Mending what was found damaged: from what is here if it follows from that, else from those who hold a
//! copy.

use super::mend;
use super::notice::{self, Notice};
use super::record::{self, What};
use super::walk;
use crate::entries::kinds::links;
use crate::entries::record::EntryState;
use crate::entries::{apply, record as entry_record, search};
use crate::error::{Error, Result};
use crate::log::{Digest, EventKind, event, ledger};
use crate::media::{self, record as media_record};
use crate::site::Site;
use crate::storage;
use crate::sync::compare::{self, answer};
use crate::sync::digest::Place;
use crate::sync::peer;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, DatabaseTransaction, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Mended in one round.
const ROUND: u64 = 50;
/// Longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Looks closer at what others met in passing since the last time. Whether rows were met that could not
/// be read, so that all have to be looked at.
pub async fn take_notices(site: &Arc<Site>, seen: &mut u64) -> Result<bool> {
    let (notices, next) = notice::since(*seen);
    *seen = next;
    let db = site.db.reader();
    let mut findings = Vec::new();
    let mut has_unreadable = false;
    let notices: HashSet<Notice> = notices.into_iter().collect();
    for notice in notices {
        match notice {
            Notice::Row => has_unreadable = true,
            Notice::Content(hash) => {
                let is_held = crate::log::content::Entity::find_by_id(hash.clone())
                    .one(db)
                    .await?
                    .is_some();
                if is_held && !mend::is_whole(db, &hash).await? {
                    findings.push((What::Content, walk::hex(&hash)));
                }
            }
            Notice::Event(log, seq) => {
                let is_held = ledger::Entity::find_by_id(log).one(db).await?.is_some();
                if is_held && !is_event_whole(site, log, seq).await? {
                    findings.push((What::Event, format!("{log}/{seq}")));
                }
            }
            Notice::Medium(digest) => {
                let is_here = media_record::find(db, digest)
                    .await?
                    .is_some_and(|medium| medium.is_here());
                if is_here && !site.media.is_whole(digest).await? {
                    findings.push((What::Medium, digest.hex()));
                }
            }
        }
    }
    if findings.is_empty() {
        return Ok(has_unreadable);
    }
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (what, name) in findings {
                    record::note(tx, what, &name, "gặp phải khi đọc", now).await?;
                }
                Ok(has_unreadable)
            })
        })
        .await
}

/// Tries to mend what is due.
pub async fn round(site: &Arc<Site>) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let due = record::due(site.db.reader(), now, ROUND).await?;
    mend_all(site, due).await
}

/// Tries to mend everything, due or not.
pub async fn all_now(site: &Arc<Site>) -> Result<()> {
    // What is gone without a trace shows when it is compared.
    if let Some(hub) = peer::upstream(site.db.reader()).await? {
        compare::with_peer(site, &hub).await?;
    }
    let open = record::open(site.db.reader(), 10_000).await?;
    for some in open.chunks(ROUND as usize) {
        mend_all(site, some.to_vec()).await?;
    }
    // Files come by their own way, whoever asks.
    while media::fetch::round(site, &media::fetch::Bounds::unbounded()).await? > 0 {}
    let open = record::open(site.db.reader(), 10_000).await?;
    mend_all(site, open).await
}

async fn mend_all(site: &Arc<Site>, damages: Vec<record::Model>) -> Result<()> {
    if damages.is_empty() {
        return Ok(());
    }
    ask_for(site, &damages).await?;
    for damage in damages {
        let from = mended(site, &damage).await?;
        let now = site.clock.now().timestamp_millis();
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    match from {
                        Some(from) => record::heal(tx, damage.id, from, now).await,
                        None => {
                            let tries = damage.tries + 1;
                            let wait = Duration::from_secs(5 << tries.clamp(0, 10));
                            let wait = wait.min(LONGEST_WAIT).as_millis();
                            let next = now + i64::try_from(wait).unwrap_or(i64::MAX);
                            record::put_off(tx, damage.id, tries, next).await
                        }
                    }
                })
            })
            .await?;
    }
    Ok(())
}

/// Asks those who hold a copy for the events that are damaged, or whose contents are.
async fn ask_for(site: &Arc<Site>, damages: &[record::Model]) -> Result<()> {
    let mut wanted: BTreeMap<Uuid, Vec<Place>> = BTreeMap::new();
    for (origin, place) in places(site, damages).await? {
        wanted.entry(origin).or_default().push(place);
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let peers = peer::all(site.db.reader()).await?;
    for (origin, places) in wanted {
        let asked = peers.iter().filter(|peer| {
            let may_have = peer.is_upstream() || origin == site.id || peer.site_id == origin;
            let can_be_called = peer.is_upstream() || !peer.is_pull();
            peer.is_active() && may_have && can_be_called
        });
        for peer in asked.take(MOST_ASKED) {
            if let Err(error) = compare::fetch_from(site, peer, &places).await {
                tracing::info!(peer = %peer.site_id, error = crate::error::chain(&error), "nothing to mend with");
            }
        }
    }
    Ok(())
}

/// Peers asked for the same.
const MOST_ASKED: usize = 8;

/// The events that are damaged, or whose contents are, and who said them.
async fn places(site: &Site, damages: &[record::Model]) -> Result<Vec<(Uuid, Place)>> {
    let db = site.db.reader();
    let mut places = Vec::new();
    for damage in damages {
        match What::parse(&damage.what) {
            Some(What::Event) => {
                let Ok(place) = damage.name.parse::<Place>() else {
                    continue;
                };
                if let Some(log) = ledger::Entity::find_by_id(place.log).one(db).await? {
                    places.push((log.site_id, place));
                }
            }
            Some(What::Content) => {
                let Ok(digest) = Digest::from_hex(&damage.name) else {
                    continue;
                };
                places.extend(mend::places_of(db, digest.as_bytes()).await?);
            }
            _ => {}
        }
    }
    Ok(places)
}

/// What this site would like to have again from `peer`, which said it or was once sent it.
pub async fn wanted_from(site: &Site, peer: &peer::Model) -> Result<Vec<Place>> {
    let open = record::open(site.db.reader(), 200).await?;
    let mut wanted: Vec<Place> = places(site, &open)
        .await?
        .into_iter()
        .filter(|(origin, _)| *origin == peer.site_id || *origin == site.id)
        .map(|(_, place)| place)
        .take(answer::MOST_ASKED)
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted)
}

/// Whether it is whole, or could be made so from what is here; and by whom.
async fn mended(site: &Arc<Site>, damage: &record::Model) -> Result<Option<&'static str>> {
    const PEER: Option<&str> = Some("peer");
    let db = site.db.reader();
    Ok(match What::parse(&damage.what) {
        Some(What::Event) => {
            let Ok(place) = damage.name.parse::<Place>() else {
                return Ok(PEER);
            };
            if is_event_whole(site, place.log, place.seq).await? {
                look_at_entry_of(site, place).await?;
                PEER
            } else {
                sign_again(site, place).await?
            }
        }
        Some(What::Content) => match Digest::from_hex(&damage.name) {
            Ok(digest) if !mend::is_whole(db, digest.as_bytes()).await? => None,
            _ => PEER,
        },
        Some(What::Medium) => {
            let Ok(digest) = Digest::from_hex(&damage.name) else {
                return Ok(PEER);
            };
            if site.media.is_whole(digest).await? {
                put_here(site, digest).await?;
                return Ok(PEER);
            }
            let now = site.clock.now().timestamp_millis();
            site.db
                .write(move |tx| {
                    Box::pin(
                        async move { media_record::put_missing(tx, digest.as_bytes(), now).await },
                    )
                })
                .await?;
            None
        }
        Some(What::Entry) => match damage.name.parse() {
            Ok(entry) if !rebuild(site, entry).await? => None,
            _ => Some("here"),
        },
        None => PEER,
    })
}

async fn put_here(site: &Site, digest: Digest) -> Result<()> {
    let Some(known) = media_record::find(site.db.reader(), digest).await? else {
        return Ok(());
    };
    let now = site.clock.now().timestamp_millis();
    let medium = media_record::NewMedium {
        digest,
        mime: known.mime,
        size: u64::try_from(known.size).unwrap_or(0),
        dimensions: None,
    };
    site.db
        .write(move |tx| Box::pin(async move { media_record::put_here(tx, &medium, now).await }))
        .await
}

async fn is_event_whole(site: &Site, log: Uuid, seq: i64) -> Result<bool> {
    let db = site.db.reader();
    let Some(row) = mend::readable_at(db, log, seq).await? else {
        return Ok(false);
    };
    let keys: HashMap<_, _> = walk::keys_of(db, std::slice::from_ref(&row)).await?;
    Ok(matches!(walk::judge(&row, &keys), walk::Judged::Whole))
}

/// A header of our own that is whole, under a signature that is not: Ed25519 signs the same the same way.
async fn sign_again(site: &Site, place: Place) -> Result<Option<&'static str>> {
    let Some(row) = mend::readable_at(site.db.reader(), place.log, place.seq).await? else {
        return Ok(None);
    };
    let Ok(signed) = row.signed_header() else {
        return Ok(None);
    };
    if !row.is_sound() || signed.header.site != site.id || signed.header.key != site.key.id() {
        return Ok(None);
    }
    let again = signed
        .header
        .sign(&site.key.current())
        .map_err(anyhow::Error::new)?;
    if again.bytes != row.header {
        return Ok(None);
    }
    let id = row.id;
    site.db
        .write(move |tx| {
            Box::pin(async move {
                event::Entity::update_many()
                    .col_expr(event::Column::Signature, Expr::value(again.signature))
                    .filter(event::Column::Id.eq(id))
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok(Some("here"))
}

/// While an event was damaged, nobody could say whether its entry follows from it.
async fn look_at_entry_of(site: &Arc<Site>, place: Place) -> Result<()> {
    let db = site.db.reader();
    let event = mend::readable_at(db, place.log, place.seq).await?;
    let Some((event, entry)) = event.and_then(|event| Some((event.id, event.entry_id?))) else {
        return Ok(());
    };
    let follows = entry_record::Entity::find()
        .filter(entry_record::Column::EntryId.eq(entry))
        .filter(entry_record::Column::EventId.eq(event))
        .count(db)
        .await?;
    if follows == 0 {
        return Ok(());
    }
    let is_right = match entry_record::find(db, entry).await {
        Ok(Some(row)) => walk::judge_entry(db, &row).await?.is_none(),
        Ok(None) => true,
        Err(error) if storage::is_unreadable(&error) => false,
        Err(error) => return Err(error),
    };
    if !is_right {
        rebuild(site, entry).await?;
    }
    Ok(())
}

/// Makes the current view of an entry anew from its events; whether it is right then.
async fn rebuild(site: &Arc<Site>, entry: Uuid) -> Result<bool> {
    site.db
        .write(move |tx| Box::pin(async move { rebuild_in(tx, entry).await }))
        .await?;
    let Some(row) = entry_record::find(site.db.reader(), entry).await? else {
        return Ok(false);
    };
    Ok(walk::judge_entry(site.db.reader(), &row).await?.is_none())
}

/// Nothing is shown of an entry that was taken down, so that its words need not be made anew; they only
/// have to be readable.
async fn forget_words(tx: &DatabaseTransaction, row: i64) -> Result<()> {
    let mut blank = entry_record::Entity::update_many();
    for column in [
        entry_record::Column::Url,
        entry_record::Column::Title,
        entry_record::Column::Section,
        entry_record::Column::Language,
    ] {
        blank = blank.col_expr(column, Expr::value(""));
    }
    for column in [
        entry_record::Column::Lead,
        entry_record::Column::Authors,
        entry_record::Column::PictureAlt,
        entry_record::Column::Fields,
        entry_record::Column::Source,
    ] {
        blank = blank.col_expr(column, Expr::value(None::<String>));
    }
    blank
        .filter(entry_record::Column::Id.eq(row))
        .exec(tx)
        .await?;
    Ok(())
}

/// A damage of a row that follows from others: the row itself is not asked, but for its number.
async fn rebuild_in(tx: &DatabaseTransaction, entry: Uuid) -> Result<()> {
    let known: Option<(i64, i64, Uuid)> = entry_record::Entity::find()
        .select_only()
        .column(entry_record::Column::Id)
        .column(entry_record::Column::EventId)
        .column(entry_record::Column::SiteId)
        .filter(entry_record::Column::EntryId.eq(entry))
        .into_tuple()
        .one(tx)
        .await?;
    let about = event::Entity::find()
        .filter(event::Column::EntryId.eq(entry))
        .filter(event::Column::Kind.ne(EventKind::LetterReview.as_str()))
        .order_by_asc(event::Column::Rev);
    let state: Result<Option<String>> = entry_record::Entity::find()
        .select_only()
        .column(entry_record::Column::State)
        .filter(entry_record::Column::EntryId.eq(entry))
        .into_tuple()
        .one(tx)
        .await
        .map_err(Error::from);
    let state = match state {
        Ok(state) => state,
        Err(error) if storage::is_unreadable(&error) => None,
        Err(error) => return Err(error),
    };
    if let (Some((row, _, _)), Some(state)) = (known, &state)
        && [EntryState::Withdrawn, EntryState::Recalled]
            .map(EntryState::as_str)
            .contains(&state.as_str())
    {
        return forget_words(tx, row).await;
    }
    let Some((row, event_id, origin)) = known else {
        // The row is gone: what happened to the entry happens again.
        for event in about.all(tx).await? {
            if event.is_sound() {
                let item = walk::item_of(tx, &event).await?;
                apply::apply(tx, &event, item.as_ref()).await?;
            }
        }
        return Ok(());
    };
    let said = about
        .filter(event::Column::SiteId.eq(origin))
        .all(tx)
        .await?;
    let by_number = said.iter().find(|event| event.id == event_id);
    let Some(event) = by_number.or(said.last()) else {
        return Ok(());
    };
    match walk::item_of(tx, event).await? {
        Some(item) => {
            let mut whole = apply::row_of(event, &item)?;
            whole.id = ActiveValue::Set(row);
            let stored = whole.update(tx).await?;
            search::index(tx, stored.id, &stored.title, &apply::words_of(&item)).await?;
            links::keep(tx, &stored, &item).await
        }
        None => {
            search::remove(tx, row).await?;
            let withdrawn = EntryState::Withdrawn.as_str();
            entry_record::Entity::update_many()
                .col_expr(entry_record::Column::State, Expr::value(withdrawn))
                .col_expr(entry_record::Column::Rev, Expr::value(event.rev))
                .col_expr(entry_record::Column::EventId, Expr::value(event.id))
                .col_expr(
                    entry_record::Column::ContentHash,
                    Expr::value(None::<Vec<u8>>),
                )
                .filter(entry_record::Column::Id.eq(row))
                .exec(tx)
                .await?;
            Ok(())
        }
    }
}
