//! What grows and may be forgotten, and who forgets it: once an hour, a little at a time.
//!
//! What a site says and what it holds of others is history and is kept: events, contents, entries,
//! publications, the stream. Everything else has a bound, here or where it is written. The table of
//! both is in docs/operations/storage.md.

use crate::accounts::openid::attempt;
use crate::accounts::{idle, invitation, session};
use crate::audit;
use crate::background;
use crate::bulletins;
use crate::citizens::case;
use crate::entries::record::EntryState;
use crate::error::Result;
use crate::face;
use crate::log::Digest;
use crate::media::{incoming, library, record as media};
use crate::newsroom::{draft, lock, versions};
use crate::pages::body_pictures;
use crate::readership;
use crate::server::Shutdown;
use crate::site::Site;
use crate::sync::nonce;
use crate::vietnamese;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DbBackend, QueryOrder, QuerySelect, Statement};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

/// How often a round is made.
const ROUND: Duration = Duration::from_secs(3600);
/// How long the first round waits, so that a start is not slowed down.
const AT_FIRST: Duration = Duration::from_secs(120);
/// How often nonces are forgotten; they come with every request.
const NONCES: Duration = Duration::from_secs(300);
/// How long a medium that nothing shows stays: a draft may still be on its way.
const GRACE: chrono::TimeDelta = chrono::TimeDelta::days(7);
/// How long a case is kept once it is answered: personal data have no longer use.
const CASES: chrono::TimeDelta = chrono::TimeDelta::days(730);
/// Cases forgotten in one round.
const MOST_CASES: u64 = 100;
/// Media removed in one round.
const MOST_MEDIA: u64 = 500;
/// Drafts read at a time.
const DRAFTS: u64 = 200;
/// Pages of the database given back to the disk in one round.
const MOST_PAGES: u32 = 4000;

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Nonces whose time is over.
    pub nonces: u64,
    /// Sessions whose time is over.
    pub sessions: u64,
    /// Attempts to sign in elsewhere that came to nothing.
    pub sign_ins: u64,
    /// Audit records whose time is over.
    pub audit: u64,
    /// Media that nothing shows any more.
    pub media: u64,
    /// Files of the store that no record names.
    pub files: u64,
    /// Files of uploads that nobody finished.
    pub uploads: u64,
    /// Versions that were saved by themselves, long ago.
    pub versions: u64,
    /// Days of views whose time is over.
    pub views: u64,
    /// What people asked, long answered.
    pub cases: u64,
    /// Bulletins that were over long ago.
    pub bulletins: u64,
}

/// Keeps house until `shutdown`.
pub async fn keep(site: Arc<Site>, shutdown: Shutdown) {
    let shelf = Arc::new(AtomicU8::new(0));
    let often = {
        let site = Arc::clone(&site);
        background::every(NONCES, shutdown.clone(), move || {
            let site = Arc::clone(&site);
            async move { nonces(&site).await.map(|_| ()) }
        })
    };
    let hourly = async {
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(AT_FIRST) => {}
        }
        note(round(&site, shelf.fetch_add(1, Ordering::Relaxed)).await);
        let site = Arc::clone(&site);
        background::every(ROUND, shutdown.clone(), move || {
            let (site, shelf) = (Arc::clone(&site), Arc::clone(&shelf));
            async move {
                note(round(&site, shelf.fetch_add(1, Ordering::Relaxed)).await);
                Ok(())
            }
        })
        .await;
    };
    tokio::join!(often, hourly);
}

fn note(done: Result<Done>) {
    match done {
        Ok(done) if done == Done::default() => {}
        Ok(done) => {
            tracing::info!(
                done.nonces,
                done.sessions,
                done.audit,
                done.media,
                done.files,
                done.uploads,
                done.versions,
                done.views,
                done.cases,
                done.bulletins,
                "house kept"
            );
        }
        Err(error) => tracing::warn!(
            error = crate::error::chain(&error),
            "the house was not kept; tried again later"
        ),
    }
}

/// One round. Of the 256 shelves of the store, `shelf` is looked through for files that nobody knows.
pub async fn round(site: &Site, shelf: u8) -> Result<Done> {
    let done = Done {
        nonces: nonces(site).await?,
        sessions: sessions(site).await?,
        audit: audit::trim(site).await?,
        sign_ins: sign_ins(site).await?,
        media: unused_media(site).await?,
        files: strays(site, shelf).await?,
        uploads: incoming::sweep(site).await?,
        versions: versions_of_drafts(site).await?,
        views: views(site).await?,
        cases: cases(site).await?,
        bulletins: bulletins_over(site).await?,
    };
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { invitation::forget_ended(tx, now).await }))
        .await?;
    for login in idle::look(site).await? {
        tracing::warn!(
            account.login = login,
            "switched off: nobody signed in for long"
        );
    }
    give_back(site).await?;
    Ok(done)
}

async fn nonces(site: &Site) -> Result<u64> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { nonce::forget_expired(tx, now).await }))
        .await
}

async fn sign_ins(site: &Site) -> Result<u64> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { attempt::forget_old(tx, now).await }))
        .await
}

async fn sessions(site: &Site) -> Result<u64> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { session::forget_ended(tx, now).await }))
        .await
}

async fn versions_of_drafts(site: &Site) -> Result<u64> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                lock::forget_old(tx, now).await?;
                versions::thin(tx, now).await
            })
        })
        .await
}

async fn bulletins_over(site: &Site) -> Result<u64> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { bulletins::record::forget_old(tx, now).await }))
        .await
}

/// What people asked and was answered long ago: who asked, what was said, the letters about it.
async fn cases(site: &Site) -> Result<u64> {
    let now = site.clock.now();
    let (before, now) = ((now - CASES).timestamp_millis(), now.timestamp_millis());
    site.db
        .write(move |tx| Box::pin(async move { case::forget(tx, before, MOST_CASES, now).await }))
        .await
}

async fn views(site: &Site) -> Result<u64> {
    let (here, today) = (site.id, vietnamese::local(site.clock.now()).date_naive());
    site.db
        .write(move |tx| {
            Box::pin(async move { readership::record::forget_old(tx, here, today).await })
        })
        .await
}

/// Removes what neither a live entry nor a draft nor the face of the site shows, once it has been here for
/// a while.
async fn unused_media(site: &Site) -> Result<u64> {
    let before = (site.clock.now() - GRACE).timestamp_millis();
    let mut unused = unlinked(site.db.reader(), before).await?;
    if unused.is_empty() {
        return Ok(0);
    }
    let drafted = in_drafts(site.db.reader()).await?;
    unused.retain(|hash| !drafted.contains(hash));
    let kept = library::kept_of(site.db.reader(), &unused).await?;
    unused.retain(|hash| !kept.contains(hash));
    if unused.is_empty() {
        return Ok(0);
    }
    let earlier = in_versions(site.db.reader()).await?;
    unused.retain(|hash| !earlier.contains(hash));
    let mut removed = 0;
    for hash in unused {
        removed += u64::from(remove_medium(site, hash, before).await?);
    }
    Ok(removed)
}

/// Removes a medium known since `before` and all that was made and said of it, unless a live entry
/// shows it; whether it did.
pub(crate) async fn remove_medium(site: &Site, hash: Vec<u8>, before: i64) -> Result<bool> {
    let digest = Digest::from_slice(&hash).map_err(anyhow::Error::new)?;
    let file = site.media.path(digest);
    let aside = file.with_extension("unused");
    let is_gone = site
        .db
        .write(move |tx| Box::pin(async move { forget(tx, &hash, before).await }))
        .await?;
    if !is_gone {
        return Ok(false);
    }
    // Who uploads the same bytes at this very moment finds the file there and keeps none; so it is
    // put aside first, and back if its record is there again.
    if tokio::fs::rename(&file, &aside).await.is_ok() {
        match media::find(site.db.reader(), digest).await? {
            Some(_) => tokio::fs::rename(&aside, &file).await?,
            None => {
                tokio::fs::remove_file(&aside).await?;
                site.media.remove_renditions(digest).await?;
            }
        }
    }
    Ok(true)
}

/// Up to [`MOST_MEDIA`] media known since `before` that no live entry shows, oldest first.
async fn unlinked<C: ConnectionTrait>(db: &C, before: i64) -> Result<Vec<Vec<u8>>> {
    Ok(media::Entity::find()
        .select_only()
        .column(media::Column::Hash)
        .filter(media::Column::AddedAt.lt(before))
        .filter(media::Column::Hash.not_in_subquery(shown()))
        .order_by_asc(media::Column::AddedAt)
        .limit(MOST_MEDIA)
        .into_tuple()
        .all(db)
        .await?)
}

/// The hashes of the media that live entries show.
pub(crate) async fn shown_hashes<C: ConnectionTrait>(db: &C) -> Result<Vec<Vec<u8>>> {
    Ok(media::Entity::find()
        .select_only()
        .column(media::Column::Hash)
        .filter(media::Column::Hash.in_subquery(shown()))
        .into_tuple()
        .all(db)
        .await?)
}

/// The media that live entries show.
fn shown() -> sea_orm::sea_query::SelectStatement {
    use crate::entries::record;
    use sea_orm::QueryTrait;
    let live = record::Entity::find()
        .select_only()
        .column(record::Column::EntryId)
        .filter(record::Column::State.eq(EntryState::Live.as_str()))
        .into_query();
    media::of_entry::Entity::find()
        .select_only()
        .column(media::of_entry::Column::Hash)
        .filter(media::of_entry::Column::EntryId.in_subquery(live))
        .into_query()
}

/// Forgets the medium `hash`, unless something shows it by now; whether it did.
async fn forget<C: ConnectionTrait>(db: &C, hash: &[u8], before: i64) -> Result<bool> {
    let of_face = face::stored::pictures(db).await?;
    if of_face.iter().any(|digest| digest.as_bytes() == hash) {
        return Ok(false);
    }
    let forgotten = media::Entity::delete_many()
        .filter(media::Column::Hash.eq(hash.to_vec()))
        .filter(media::Column::AddedAt.lt(before))
        .filter(media::Column::Hash.not_in_subquery(shown()))
        .exec(db)
        .await?;
    if forgotten.rows_affected == 0 {
        return Ok(false);
    }
    media::of_entry::Entity::delete_many()
        .filter(media::of_entry::Column::Hash.eq(hash.to_vec()))
        .exec(db)
        .await?;
    library::forget(db, hash).await?;
    Ok(true)
}

/// The media that drafts show: their lead pictures, their files, and those in their texts.
pub(crate) async fn in_drafts<C: ConnectionTrait>(db: &C) -> Result<HashSet<Vec<u8>>> {
    let mut named = HashSet::new();
    let mut offset = 0;
    loop {
        let some = draft::Entity::find()
            .order_by_asc(draft::Column::CreatedAt)
            .order_by_asc(draft::Column::Id)
            .offset(offset)
            .limit(DRAFTS)
            .all(db)
            .await?;
        for draft in &some {
            named.extend(draft.picture.clone());
            named.extend(hashes_in(&draft.body));
            named.extend(draft.fields.as_deref().into_iter().flat_map(hashes_in));
        }
        if (some.len() as u64) < DRAFTS {
            return Ok(named);
        }
        offset += DRAFTS;
    }
}

/// The media that earlier versions of drafts show: restored, they are to be whole.
async fn in_versions<C: ConnectionTrait>(db: &C) -> Result<HashSet<Vec<u8>>> {
    let mut named = HashSet::new();
    let mut offset = 0;
    loop {
        let some = versions::page(db, offset, DRAFTS).await?;
        named.extend(some.iter().flat_map(|version| hashes_in(&version.content)));
        if (some.len() as u64) < DRAFTS {
            return Ok(named);
        }
        offset += DRAFTS;
    }
}

/// Everything in `text` that may be a digest: 64 hexadecimal digits in a row. One too many costs a
/// file that stays; one too few would cost a picture.
fn hashes_in(text: &str) -> Vec<Vec<u8>> {
    text.split(|c: char| !c.is_ascii_hexdigit())
        .filter(|word| word.len() == 64)
        .filter_map(|word| Digest::from_hex(&word.to_ascii_lowercase()).ok())
        .map(|digest| digest.as_bytes().to_vec())
        .chain(body_pictures::named_in(text))
        .collect()
}

/// Removes files of one shelf of the store that no record names and nobody has touched for a while:
/// what a power cut left between the file and its record.
async fn strays(site: &Site, shelf: u8) -> Result<u64> {
    let nothing = Digest::of(b"");
    let store = site.media.path(nothing);
    let Some(store) = store.parent().and_then(Path::parent) else {
        return Ok(0);
    };
    let mut removed = 0;
    for digest in site.media.rendered(shelf).await? {
        if !site.media.path(digest).exists() {
            site.media.remove_renditions(digest).await?;
            removed += 1;
        }
    }
    let Ok(mut files) = tokio::fs::read_dir(store.join(format!("{shelf:02x}"))).await else {
        return Ok(removed);
    };
    while let Some(file) = files.next_entry().await? {
        let path = file.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let Some(digest) = name.and_then(|name| Digest::from_hex(name).ok()) else {
            continue;
        };
        if is_fresh(&file.metadata().await?)
            || media::find(site.db.reader(), digest).await?.is_some()
        {
            continue;
        }
        tokio::fs::remove_file(&path).await?;
        removed += 1;
    }
    Ok(removed)
}

/// Whether a file was written within the time of grace. The machine wrote its date, so the machine's
/// clock is asked.
fn is_fresh(about: &std::fs::Metadata) -> bool {
    #[expect(clippy::disallowed_methods, reason = "compared with a file's own date")]
    let now = SystemTime::now();
    let age = about
        .modified()
        .ok()
        .and_then(|written| now.duration_since(written).ok());
    age.is_none_or(|age| age < GRACE.to_std().unwrap_or_default())
}

/// Gives pages the database no longer needs back to the disk. PostgreSQL does so by itself.
async fn give_back(site: &Site) -> Result<()> {
    if site.db.backend() != DbBackend::Sqlite {
        return Ok(());
    }
    site.db
        .write(|tx| {
            Box::pin(async move {
                let pragma = format!("PRAGMA incremental_vacuum({MOST_PAGES})");
                tx.query_all_raw(Statement::from_string(DbBackend::Sqlite, pragma))
                    .await?;
                Ok(())
            })
        })
        .await
}

#[cfg(test)]
mod tests;
