//! Looking at a member from outside, as any reader would: its door, its front page, its feed, one of its entries.

use super::shown::{self, Reading, Shown};
use super::verdict::{Entry, Front, Seen};
use crate::stand_in::STAND_IN;
use rand::seq::IndexedRandom;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use shared::directory::{Directory, site_record};
use shared::entries::{Item, record};
use shared::error::Result;
use shared::http_client::{Allow, Call, FetchError};
use shared::log::{EventKind, content, event};
use shared::proof::judge::{Verdict, Words, judge};
use shared::proof::original::Original;
use shared::site::Site;
use shared::sync::peer;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// Most of a front page that is read.
const LARGEST_FRONT: u64 = 2 * 1024 * 1024;
/// Largest page of an entry, and largest feed, that is read.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;
const LARGEST_FEED: usize = 8 * 1024 * 1024;
/// Among so many of the newest entries one is chosen.
const NEWEST: u64 = 10;
/// So many of its revisions are known.
const REVISIONS: u64 = 20;

/// Whom to look at.
#[derive(Clone, Debug)]
pub struct Target {
    /// The member.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// Where it answers.
    pub base: Url,
    /// Whether it speaks the protocol.
    pub is_native: bool,
    /// Whether it said that nobody can call it.
    pub is_pull: bool,
}

impl Target {
    /// The members that can be looked at: those that take part.
    pub async fn all(site: &Site) -> Result<Vec<Self>> {
        let db = site.db.reader();
        let peers: HashMap<Uuid, peer::Model> = peer::all(db)
            .await?
            .into_iter()
            .map(|peer| (peer.site_id, peer))
            .collect();
        let members = site_record::all(db).await?.into_iter();
        Ok(members
            .filter(|member| member.id != site.id)
            .filter_map(|member| Self::of(&member, peers.get(&member.id)))
            .collect())
    }

    /// The member `id`, if it can be looked at.
    pub async fn find(site: &Site, id: Uuid) -> Result<Option<Self>> {
        let db = site.db.reader();
        let member = site_record::find(db, id).await?;
        let Some(member) = member.filter(|member| member.id != site.id) else {
            return Ok(None);
        };
        Ok(Self::of(&member, peer::find(db, id).await?.as_ref()))
    }

    fn of(member: &site_record::Model, peer: Option<&peer::Model>) -> Option<Self> {
        let base = Url::parse(&member.base_url).ok()?;
        member.is_active().then(|| Self {
            site: member.id,
            unit: member.unit_id,
            base,
            is_native: !member.is_feed(),
            is_pull: peer.is_some_and(peer::Model::is_pull),
        })
    }

    /// What may be reached to look at it: our members also on the province's own network, portals that are
    /// not ours where an operator said so.
    fn allow(&self, named: &Allow) -> Allow {
        match self.is_native {
            true => Allow::origin(&self.base),
            false => named.clone(),
        }
    }
}

/// Looks at `target`; `named` is what operators let be reached besides the public Internet.
pub async fn look(site: &Site, target: &Target, named: &Allow) -> Result<Seen> {
    let eye = Eye {
        site,
        origin: target.base.origin().ascii_serialization(),
        allow: target.allow(named),
    };
    let mut seen = Seen {
        is_https: target.base.scheme() == "https",
        is_native: target.is_native,
        is_pull: target.is_pull,
        door: site.http.knock(&target.base, &eye.allow, PATIENCE).await,
        ..Seen::default()
    };
    if seen.door.shut.is_some() {
        return Ok(seen);
    }
    seen.front = Some(eye.front().await);
    let is_itself = matches!(&seen.front, Some(Ok(front)) if !front.is_stood_in);
    if !is_itself || !target.is_native {
        return Ok(seen);
    }
    let items = eye.feed().await;
    seen.feed = Some(match &items {
        Ok(items) => Ok(items.len()),
        Err(why) => Err(why.clone()),
    });
    seen.entry = eye.entry(target, &items.unwrap_or_default()).await?;
    Ok(seen)
}

/// Whoever looks at one member.
struct Eye<'a> {
    site: &'a Site,
    origin: String,
    allow: Allow,
}

impl Eye<'_> {
    fn ask(&self, path: &str) -> Call {
        let address = format!("{}{path}", self.origin);
        let call = self.site.http.get(&address).allow(&self.allow);
        call.plain_http(true).deadline(PATIENCE)
    }

    async fn front(&self) -> std::result::Result<Front, String> {
        let began = Instant::now();
        let opened = self.ask("/").open(PATIENCE).await;
        let mut opened = opened.map_err(|error| error.to_string())?;
        let began_after = began.elapsed();
        let is_stood_in = opened.headers.contains_key(&STAND_IN);
        let mut bytes = 0;
        while bytes < LARGEST_FRONT
            && let Some(piece) = opened.piece().await.map_err(|error| error.to_string())?
        {
            bytes += piece.len() as u64;
        }
        Ok(Front {
            began_after,
            bytes,
            is_stood_in,
        })
    }

    /// The items of its feed.
    async fn feed(&self) -> std::result::Result<Vec<Value>, String> {
        let fetched = self.ask("/feed.json").cap(LARGEST_FEED).send().await;
        let fetched = fetched.map_err(|error| format!("không đọc được nguồn tin: {error}"))?;
        let broken = || "nguồn tin không đúng định dạng JSON Feed".to_owned();
        let mut feed: Value = serde_json::from_slice(&fetched.body).map_err(|_| broken())?;
        match feed.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(broken()),
        }
    }

    /// How one of its newest entries, chosen by chance, is shown on its page and among `items`.
    async fn entry(&self, target: &Target, items: &[Value]) -> Result<Option<Entry>> {
        let db = self.site.db.reader();
        let newest = newest(db, target).await?;
        let Some(entry) = newest.choose(&mut rand::rng()) else {
            return Ok(None);
        };
        let id = Item::id_of(entry.entry_id);
        let item = items
            .iter()
            .find(|item| item.get("id").and_then(Value::as_str) == Some(id.as_str()));
        let page = self.ask(&entry.path()).cap(LARGEST_PAGE).send().await;
        let page = match page {
            Ok(page) => Reading::on_page(&String::from_utf8_lossy(&page.body)).map(Some),
            Err(FetchError::Status(answer)) if matches!(answer.status, 404 | 410) => Some(None),
            Err(_) => None,
        };
        let mut signed = revisions(db, entry).await?;
        let judged =
            |signed: &[(i64, Reading)], reading| shown::compare(reading, signed, entry.rev);
        let found = |signed: &[(i64, Reading)]| Entry {
            title: entry.title.clone(),
            page: match page {
                None => Shown::Unknown,
                Some(None) => Shown::Missing,
                Some(Some(reading)) => judged(signed, reading),
            },
            item: item.map(|item| match Reading::in_feed(item) {
                Some(reading) => judged(signed, reading),
                None => Shown::Unknown,
            }),
        };
        let first = found(&signed);
        if first.page != Shown::Forged && first.item != Some(Shown::Forged) {
            return Ok(Some(first));
        }
        // It may be ahead of what came here, and can prove that.
        signed.extend(self.later(db, entry).await?);
        Ok(Some(found(&signed)))
    }

    /// What the member has signed beyond what came here.
    async fn later<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &record::Model,
    ) -> Result<Vec<(i64, Reading)>> {
        let path = format!("/xac-minh/{}/ban-ky.json", entry.entry_id.simple());
        let Ok(fetched) = self.ask(&path).cap(LARGEST_PAGE).send().await else {
            return Ok(Vec::new());
        };
        let Ok(original) = Original::read(&fetched.body) else {
            return Ok(Vec::new());
        };
        let mut proved = Vec::new();
        for paper in original.papers {
            let header = &paper.signed.header;
            let is_later = header.entry == Some(entry.entry_id)
                && header.site == entry.site_id
                && header.rev > entry.rev;
            if !is_later {
                continue;
            }
            let directory = Directory::load(db, &[header.key]).await?;
            let verdict = judge(&paper.signed, directory.key(&header.key), &paper.words).verdict();
            let Words::Held(bytes) = &paper.words else {
                continue;
            };
            if let (Verdict::Authentic, Some(reading)) = (verdict, reading_of(bytes, entry)) {
                proved.push((header.rev, reading));
            }
        }
        Ok(proved)
    }
}

/// Its newest entries that are to be seen.
async fn newest<C: ConnectionTrait>(db: &C, target: &Target) -> Result<Vec<record::Model>> {
    Ok(record::Entity::find()
        .filter(record::Column::UnitId.eq(target.unit))
        .filter(record::Column::SiteId.eq(target.site))
        .filter(record::Column::State.eq(record::EntryState::Live.as_str()))
        .order_by_desc(record::Column::PublishedAt)
        .limit(NEWEST)
        .all(db)
        .await?)
}

/// What is read of the revisions of `entry` that were signed and are held here.
async fn revisions<C: ConnectionTrait>(
    db: &C,
    entry: &record::Model,
) -> Result<Vec<(i64, Reading)>> {
    let kinds = [EventKind::EntryPublished, EventKind::EntryRevised].map(EventKind::as_str);
    let events: Vec<(i64, Option<Vec<u8>>)> = event::Entity::find()
        .select_only()
        .columns([event::Column::Rev, event::Column::ContentHash])
        .filter(event::Column::EntryId.eq(entry.entry_id))
        .filter(event::Column::SiteId.eq(entry.site_id))
        .filter(event::Column::Kind.is_in(kinds))
        .order_by_desc(event::Column::Rev)
        .limit(REVISIONS)
        .into_tuple()
        .all(db)
        .await?;
    let hashes = events.iter().filter_map(|(_, hash)| hash.clone()).collect();
    let contents = content::read_many(db, hashes).await?;
    let mut revisions = Vec::new();
    for (rev, hash) in events {
        let bytes = hash.and_then(|hash| contents.get(&hash));
        if let Some(reading) = bytes.and_then(|bytes| reading_of(bytes, entry)) {
            revisions.push((rev, reading));
        }
    }
    Ok(revisions)
}

fn reading_of(content: &[u8], entry: &record::Model) -> Option<Reading> {
    let value: Value = serde_json::from_slice(content).ok()?;
    let item = Item::read(&value, entry.entry_id).ok()?;
    Some(Reading::of_item(&item))
}
