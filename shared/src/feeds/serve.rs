//! The feeds of a site: `/atom`, `/rss` and `/feed.json`, the same for each section, and the archive.
//!
//! All three say the same, in this site's own order of publication. An item of the JSON Feed is the
//! very document its origin signed, with the signature beside it, so that whoever reads it here
//! can check it against its origin; Atom and RSS are written anew, with absolute addresses.

use super::archive::{Archive, PageAddress, PageLookup};
use super::model::{
    ArchiveLinks, Enclosure, FeedDocument, FeedEntry, Section, Source, Tombstone, TombstoneKind,
};
use super::{atom, http, json_feed, rss};
use crate::directory::site_record;
use crate::entries::listing::{self, Listed};
use crate::entries::record::EntryState;
use crate::entries::{Attachment, Item, publication, section};
use crate::error::{Error, Result};
use crate::log::{content, event};
use crate::media;
use crate::pages;
use crate::site::Site;
use crate::sync::batch;
use crate::units::{self, Tree};
use crate::vietnamese;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// How many entries a feed without an archive holds.
const NEWEST: u64 = 100;
/// How many entries the feed of a section holds.
const IN_SECTION: u64 = 50;

/// What a feed is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Atom,
    Rss,
    Json,
}

impl Format {
    /// The last part of its addresses.
    fn path(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "feed.json",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Atom => atom::CONTENT_TYPE,
            Self::Rss => rss::CONTENT_TYPE,
            Self::Json => json_feed::CONTENT_TYPE,
        }
    }
}

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    [Format::Atom, Format::Rss, Format::Json]
        .into_iter()
        .fold(Router::new(), |router, format| {
            let path = format.path();
            router
                .route(
                    &format!("/{path}"),
                    get(
                        async move |State(site): State<Arc<Site>>, headers: HeaderMap| {
                            newest(&site, &headers, format).await
                        },
                    ),
                )
                .route(
                    &format!("/{path}/luu-tru/{{page}}"),
                    get(
                        async move |State(site): State<Arc<Site>>,
                                    Path(page): Path<String>,
                                    headers: HeaderMap| {
                            archived(&site, &headers, format, &page).await
                        },
                    ),
                )
                .route(
                    &format!("/chuyen-muc/{{section}}/{path}"),
                    get(
                        async move |State(site): State<Arc<Site>>,
                                    Path(code): Path<String>,
                                    headers: HeaderMap| {
                            of_section(&site, &headers, format, &code).await
                        },
                    ),
                )
        })
}

/// The subscription document: the newest, and the way to the rest.
async fn newest(site: &Site, headers: &HeaderMap, format: Format) -> Result<Response> {
    let path = format!("/{}", format.path());
    if site.profile.shown_by.is_some() {
        // The numbers of an archive are its own site's to give.
        let standing = publication::newest(site.db.reader(), NEWEST).await?;
        let issue = Issue::gather(site, standing).await?;
        let document = issue.document(site, &path, None);
        return issue.answer(document, headers, format);
    }
    let newest = archive(site).await?.newest();
    let standing = publication::standing_in(site.db.reader(), newest.range).await?;
    let issue = Issue::gather(site, standing).await?;
    let document = FeedDocument {
        archive: newest.prev.map(|prev| ArchiveLinks {
            prev: Some(page_address(site, format, prev)),
            ..ArchiveLinks::default()
        }),
        ..issue.document(site, &path, None)
    };
    issue.answer(document, headers, format)
}

/// A page of the archive.
async fn archived(
    site: &Site,
    headers: &HeaderMap,
    format: Format,
    page: &str,
) -> Result<Response> {
    let address: PageAddress = page.parse().map_err(|_| Error::NotFound)?;
    let page = match archive(site).await?.page(address) {
        PageLookup::Page(page) => page,
        PageLookup::Moved => return Err(moved(site)),
        PageLookup::Unknown => return Err(Error::NotFound),
    };
    let standing = publication::standing_in(site.db.reader(), page.range).await?;
    let issue = Issue::gather(site, standing).await?;
    let link = |address| page_address(site, format, address);
    let path = format!("/{}/luu-tru/{address}", format.path());
    let document = FeedDocument {
        archive: Some(ArchiveLinks {
            is_archive: true,
            current: Some(site.address(&format!("/{}", format.path()))),
            prev: page.prev.map(link),
            next: page.next.map(link),
        }),
        ..issue.document(site, &path, None)
    };
    issue.answer(document, headers, format)
}

/// The newest of one section and of those in it.
async fn of_section(
    site: &Site,
    headers: &HeaderMap,
    format: Format,
    code: &str,
) -> Result<Response> {
    let db = site.db.reader();
    let sections = section::Tree::load(db).await?;
    let section = sections.get(code).ok_or(Error::NotFound)?;
    let within = sections.with_below(code);
    let standing = publication::newest_in_sections(db, &within, IN_SECTION).await?;
    let path = format!("/chuyen-muc/{code}/{}", format.path());
    let issue = Issue::gather(site, standing).await?;
    let document = issue.document(site, &path, Some(section));
    issue.answer(document, headers, format)
}

async fn archive(site: &Site) -> Result<Archive> {
    let db = site.db.reader();
    // In this order: a publication between the two makes the archive look younger, never torn.
    let last = publication::last(db).await?;
    Ok(Archive::new(last, publication::recalled(db).await?))
}

fn page_address(site: &Site, format: Format, page: PageAddress) -> String {
    site.address(&format!("/{}/luu-tru/{page}", format.path()))
}

/// Something was taken out of this page; the page is at another address now.
fn moved(site: &Site) -> Error {
    Error::Gone(crate::error::Gone {
        title: "Trang lưu trữ của nguồn tin".to_owned(),
        reason:
            "Một nội dung trong trang lưu trữ này đã được gỡ. Hãy đọc lại từ nguồn tin hiện tại."
                .to_owned(),
        since: site.clock.now(),
    })
}

/// What is to be told, before it is written.
struct Issue {
    entries: Vec<Told>,
    tombstones: Vec<Tombstone>,
    updated: DateTime<Utc>,
}

/// An entry in both its forms.
struct Told {
    entry: FeedEntry,
    item: Value,
}

impl Issue {
    /// Loads what `standing` names: a handful of queries, however many there are.
    async fn gather(site: &Site, standing: Vec<publication::Model>) -> Result<Self> {
        let db = site.db.reader();
        let ids: Vec<Uuid> = standing.iter().map(|one| one.entry_id).collect();
        let listed: HashMap<Uuid, Listed> = listing::find_many(db, &ids)
            .await?
            .into_iter()
            .map(|one| (one.entry.entry_id, one))
            .collect();
        let shown = || listed.values().filter(|one| one.is_shown());
        let events = event::find_many(db, shown().map(|one| one.entry.event_id).collect()).await?;
        let hashes = shown().filter_map(|one| one.entry.content_hash.clone());
        let contents = content::read_many(db, hashes.collect()).await?;
        let mut events: HashMap<i64, event::Model> =
            events.into_iter().map(|event| (event.id, event)).collect();
        let mut signed = Vec::with_capacity(standing.len());
        for one in &standing {
            let Some(listed) = listed.get(&one.entry_id).filter(|one| one.is_shown()) else {
                continue;
            };
            let entry = &listed.entry;
            let content = entry.content_hash.as_ref();
            let content = content.and_then(|hash| contents.get(hash));
            // What was erased for good is no longer told of.
            if let (Some(event), Some(content)) = (events.remove(&entry.event_id), content) {
                signed.push(Signed::read(listed, event, content)?);
            }
        }
        let names = Names::load(site, listed.values(), &signed).await?;
        let updated = standing.first().map(|newest| time(newest.at));
        let tombstones = standing
            .iter()
            .filter_map(|one| names.tombstone(one, listed.get(&one.entry_id)?))
            .collect();
        Ok(Self {
            entries: signed
                .into_iter()
                .map(|signed| Told {
                    entry: names.entry(site, signed.listed, &signed.item),
                    item: signed.into_item(),
                })
                .collect(),
            tombstones,
            updated: updated.unwrap_or_default(),
        })
    }

    fn document(&self, site: &Site, path: &str, section: Option<&section::Model>) -> FeedDocument {
        let title = &site.profile.title;
        let (id, title, pages) = match section {
            None => (
                format!("urn:uuid:{}", site.id),
                title.clone(),
                "/".to_owned(),
            ),
            Some(section) => (
                format!("urn:uuid:{}#{}", site.id, section.code),
                format!("{} – {title}", section.name),
                format!("/chuyen-muc/{}", section.code),
            ),
        };
        FeedDocument {
            id,
            title,
            subtitle: site.profile.tagline.clone(),
            self_url: site.address(path),
            site_url: site.address(&pages),
            hub_url: None,
            language: "vi".to_owned(),
            updated: self.updated,
            author: pages::frame::face(site).owner,
            entries: self.entries.iter().map(|told| told.entry.clone()).collect(),
            tombstones: self.tombstones.clone(),
            archive: None,
        }
    }

    fn answer(
        self,
        document: FeedDocument,
        headers: &HeaderMap,
        format: Format,
    ) -> Result<Response> {
        let links = document.archive.as_ref().map(ArchiveLinks::link_header);
        let bytes = match format {
            Format::Atom => atom::write(&document),
            Format::Rss => rss::write(&document),
            Format::Json => {
                let items = self.entries.into_iter().map(|told| told.item).collect();
                json_feed::write(&document, items)
            }
        };
        let mut response = http::answer(headers, format.content_type(), bytes, self.updated);
        let headers = response.headers_mut();
        // Feeds are there to be read by other people's pages as well.
        let everyone = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everyone);
        let anywhere = HeaderValue::from_static("cross-origin");
        headers.insert("cross-origin-resource-policy", anywhere);
        if let (Format::Json, Some(links)) = (format, links) {
            let links = HeaderValue::try_from(links).map_err(anyhow::Error::new)?;
            headers.insert(header::LINK, links);
        }
        Ok(response)
    }
}

/// An entry with the event that made it what it is, and its content as it was signed.
struct Signed<'a> {
    listed: &'a Listed,
    header: Value,
    signature: Vec<u8>,
    content: Value,
    item: Item,
}

impl<'a> Signed<'a> {
    fn read(listed: &'a Listed, event: event::Model, content: &[u8]) -> anyhow::Result<Self> {
        let content: Value = serde_json::from_slice(content)?;
        Ok(Self {
            item: Item::read(&content, listed.entry.entry_id)?,
            header: serde_json::from_str(&event.header)?,
            signature: event.signature,
            listed,
            content,
        })
    }

    fn into_item(self) -> Value {
        let entry = Some(self.listed.entry.entry_id);
        let content = Some(self.content);
        batch::to_item(self.header, &self.signature, entry, content, None, false)
    }
}

/// Names and places that entries refer to.
struct Names {
    sections: section::Tree,
    units: Tree,
    sites: HashMap<Uuid, site_record::Model>,
    media: HashMap<Vec<u8>, media::record::Model>,
}

impl Names {
    async fn load(
        site: &Site,
        listed: impl Iterator<Item = &Listed> + Clone,
        signed: &[Signed<'_>],
    ) -> Result<Self> {
        let db = site.db.reader();
        let origins: Vec<Uuid> = distinct(listed.clone().map(|one| one.entry.site_id));
        let units: Vec<Uuid> = distinct(listed.map(|one| one.entry.unit_id));
        let hashes = signed
            .iter()
            .flat_map(|signed| &signed.item.attachments)
            .map(|attachment| attachment.sha256.as_bytes().to_vec());
        let today = vietnamese::local(site.clock.now()).date_naive();
        let sites = site_record::find_many(db, &origins).await?;
        Ok(Self {
            sections: section::Tree::load(db).await?,
            units: units::some_on(db, today, &units).await?,
            sites: sites.into_iter().map(|site| (site.id, site)).collect(),
            media: media::record::find_many(db, hashes.collect()).await?,
        })
    }

    fn entry(&self, site: &Site, listed: &Listed, item: &Item) -> FeedEntry {
        let entry = &listed.entry;
        let section = self.sections.get(listed.section());
        let authors = item.authors.iter().map(|author| author.name.clone());
        FeedEntry {
            id: item.id.clone(),
            // A copy leads to its origin, in every format alike.
            url: match listed.is_copy(site.id) {
                true => entry.url.clone(),
                false => site.address(&entry.path()),
            },
            title: item.title.clone(),
            summary: item.summary.clone(),
            content_html: item.reading(),
            published: time(entry.published_at),
            updated: time(entry.revised_at),
            authors: authors.collect(),
            language: item.language.clone(),
            section: section.map(|section| Section {
                code: section.code.clone(),
                label: section.name.clone(),
            }),
            source: listed.is_copy(site.id).then(|| self.source(listed)),
            enclosures: item
                .attachments
                .iter()
                .map(|attachment| self.enclosure(site, attachment))
                .collect(),
        }
    }

    /// The feed a copy comes from.
    fn source(&self, listed: &Listed) -> Source {
        let entry = &listed.entry;
        match self.sites.get(&entry.site_id) {
            Some(origin) => Source {
                id: format!("urn:uuid:{}", origin.id),
                title: origin.title.clone(),
                url: format!("{}/", origin.base_url),
                self_url: Some(format!("{}/atom", origin.base_url)),
            },
            None => Source {
                id: format!("urn:uuid:{}", entry.site_id),
                title: self.units.name_of(entry.unit_id),
                url: entry.url.clone(),
                self_url: None,
            },
        }
    }

    /// A file: our copy of it, or the origin's while ours is on its way.
    fn enclosure(&self, site: &Site, attachment: &Attachment) -> Enclosure {
        let digest = attachment.sha256;
        let medium = self.media.get(digest.as_bytes().as_slice());
        Enclosure {
            url: match medium.is_some_and(media::record::Model::is_here) {
                true => site.address(&format!("/media/sha256/{}", digest.hex())),
                false => attachment.url.clone(),
            },
            mime: attachment.mime_type.clone(),
            length: attachment.size_in_bytes,
            title: attachment.title.clone(),
            sha256: Some(digest),
        }
    }

    /// The notice that an entry was taken back. Only its origin or the province can do that: what this
    /// site merely stopped showing disappears from its feeds without a word about the entry itself.
    fn tombstone(&self, ended: &publication::Model, listed: &Listed) -> Option<Tombstone> {
        let entry = &listed.entry;
        (ended.is_end() && !entry.is_live()).then(|| Tombstone {
            entry: Item::id_of(entry.entry_id),
            when: time(ended.at),
            by: match entry.state() {
                EntryState::Recalled => None,
                _ => self.units.get(entry.unit_id).map(|unit| unit.name.clone()),
            },
            comment: entry.reason.clone(),
            kind: match entry.state() {
                EntryState::Recalled => TombstoneKind::Recall,
                _ => TombstoneKind::Withdraw,
            },
        })
    }
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn time(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
