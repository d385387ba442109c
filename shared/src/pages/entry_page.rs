//! One entry: `/bai-viet/…`, `/thong-bao/…`, `/trang/…` and `/van-ban/…`.
//!
//! Only the id at the end of the address is looked at. The words before it are for people, and an
//! address with other words leads to the one with the right ones.

use super::body_pictures;
use super::cards::{self, Cards};
use super::citizens::comments_taken;
use super::documents;
use super::dublin_core;
use super::frame::Around;
use super::json_ld::{self, Told};
use super::kind_parts::{self, Part};
use super::polls;
use super::share_picture;
use super::templates::{ArticlePage, DocumentPage, RecalledPage};
use super::usefulness::{self, Thanked};
use super::verify;
use super::view::{
    Attachment, CleanHtml, Correction, Fact, JsonLd, Link, Picture, Proof, Recall, Stamp, Useful,
};
use super::visit::Visit;
use crate::directory::site_record;
use crate::entries::item::DocumentFields;
use crate::entries::kinds::links;
use crate::entries::listing::{self, Filter, Listed};
use crate::entries::record::EntryState;
use crate::entries::{self, Item, Kind, MediaRole, body, recall, record};
use crate::error::{Error, Result};
use crate::media;
use crate::readership::PublicPage;
use crate::site::Site;
use crate::units;
use crate::vietnamese;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// How many related entries are offered.
const RELATED: usize = 4;
/// A change so soon after publishing is part of it.
const SETTLING_MS: i64 = 60_000;
/// How much of a question describes its page, in letters.
const DESCRIPTION: usize = 200;
/// What the format of a file is called where its type says nothing.
const ANY_FORMAT: &str = "Tệp";

/// The page of the entry whose id ends the address.
pub async fn show(
    State(site): State<Arc<Site>>,
    Path(slug): Path<String>,
    Query(thanked): Query<Thanked>,
    uri: Uri,
    visit: Visit,
) -> Result<Response> {
    let id = record::id_from_slug(&slug).ok_or(Error::NotFound)?;
    let db = site.db.reader();
    let listed = match sight(&site, id).await? {
        Sight::Shown(listed) => *listed,
        Sight::TakenBack(entry) => return taken_back(&site, &visit, &entry).await,
    };
    let path = listed.entry.path();
    if uri.path() != path {
        return Ok(moved(path));
    }
    // Without its content there is nothing to read: erased for good, though its origin still stands by it.
    let Some(content) = record::content_of(db, &listed.entry).await? else {
        return taken_back(&site, &visit, &listed.entry).await;
    };
    let item = Item::read(&content, id).map_err(anyhow::Error::new)?;
    let mut reading = Reading::load(&site, &visit, listed, item, path).await?;
    reading.thanks = thanked.is_due();
    reading.has_voted = thanked.has_voted();
    let mut response = match reading.item.fields.document.clone() {
        Some(document) => visit.answer(&reading.into_document(&site, document).await?)?,
        None => visit.answer(&reading.into_article(&site).await?)?,
    };
    let page = PublicPage { entry: Some(id) };
    match thanked.is_due() || thanked.has_voted() {
        // It was opened before, and counted then.
        true => response.extensions_mut().remove::<PublicPage>(),
        false => response.extensions_mut().insert(page),
    };
    Ok(response)
}

/// What anybody may know of an entry held here.
pub(super) enum Sight {
    /// It stands on the public pages.
    Shown(Box<Listed>),
    /// It was taken back, and that is all there is to know.
    TakenBack(Box<record::Model>),
}

/// What anybody may know of the entry `id`; not found if that is nothing.
pub(super) async fn sight(site: &Site, id: Uuid) -> Result<Sight> {
    let db = site.db.reader();
    let entry = record::find(db, id).await?.ok_or(Error::NotFound)?;
    // Whether this site ever showed it or not: whoever has the address is told. A site that was rebuilt
    // has of what it took back itself no more than that.
    let is_own = entry.site_id == site.id;
    if entry.state() == EntryState::Recalled || (is_own && !entry.is_live()) {
        return Ok(Sight::TakenBack(Box::new(entry)));
    }
    let listed = listing::find(db, id).await?.ok_or(Error::NotFound)?;
    if listed.placement.state != entries::Placing::Shown.as_str() {
        return Err(Error::NotFound);
    }
    if !listed.entry.is_live() {
        return Ok(Sight::TakenBack(Box::new(listed.entry)));
    }
    Ok(Sight::Shown(Box::new(listed)))
}

/// The page that an entry not yet published would have, for staff alone.
pub(super) async fn preview(
    site: &Site,
    visit: &Visit,
    listed: Listed,
    item: Item,
) -> Result<Response> {
    let path = listed.entry.path();
    let mut reading = Reading::load(site, visit, listed, item, path).await?;
    let frame = &mut reading.around.frame;
    frame.is_preview = true;
    frame.head.noindex = true;
    frame.head.canonical = None;
    frame.head.json_ld = None;
    frame.head.dublin_core.clear();
    let status = StatusCode::OK;
    match reading.item.fields.document.clone() {
        Some(document) => {
            let page = reading.into_document(site, document).await?;
            visit.answer_uncached(status, &page)
        }
        None => visit.answer_uncached(status, &reading.into_article(site).await?),
    }
}

/// The same entry at its right address. Titles change, so nobody is to remember this for ever.
fn moved(path: String) -> Response {
    let headers: [(HeaderName, String); 2] = [
        (header::LOCATION, path),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (StatusCode::MOVED_PERMANENTLY, headers).into_response()
}

/// Says that an entry was taken back, and nothing of what it said: its title may be the very reason.
/// What a browser has of this site is cleared with it: pages and pictures it kept say what they said.
async fn taken_back(site: &Site, visit: &Visit, entry: &record::Model) -> Result<Response> {
    // Nor the words of its address, which a page would repeat in its links.
    let mut visit = visit.clone();
    visit.path = format!("/{}/{}", entry.kind().path(), entry.entry_id.simple());
    let mut around = Around::load(site, &visit).await?;
    around.is_page("Nội dung đã được gỡ", &visit.path);
    around.frame.head.canonical = None;
    around.frame.head.noindex = true;
    let db = site.db.reader();
    let recall = match entry.state() {
        EntryState::Recalled => recall::strongest(db, entry.entry_id).await?,
        _ => None,
    };
    let by = match &recall {
        Some(recall) => match site_record::find(db, recall.site_id).await? {
            Some(by) => by.unit_id,
            None => site.unit_id,
        },
        None => entry.unit_id,
    };
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree = units::some_on(db, today, &[by]).await?;
    let unit = match tree.get(by) {
        Some(unit) => cards::capitalised(&unit.name),
        None => "Đơn vị đăng tin".to_owned(),
    };
    let replacement = match recall.as_ref().and_then(|recall| recall.replacement) {
        Some(instead) => record::find(db, instead).await?,
        None => None,
    };
    let reason = recall.map(|recall| recall.reason);
    let page = RecalledPage {
        recall: Recall {
            title: None,
            at: cards::moment(entry.revised_at),
            unit,
            reason: reason.or_else(|| entry.reason.clone()),
            // What is right instead may have been taken back as well.
            replacement: replacement
                .filter(record::Model::is_live)
                .map(|instead| Link::new(instead.title, instead.url)),
        },
        frame: around.frame,
    };
    let mut response = visit.answer_uncached(StatusCode::GONE, &page)?;
    let clear = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert("clear-site-data", clear);
    Ok(response)
}

/// An entry about to be drawn, with what both kinds of page need.
struct Reading {
    around: Around,
    listed: Listed,
    item: Item,
    share_url: String,
    media: HashMap<Vec<u8>, media::record::Model>,
    /// What was said of the page is thanked for.
    thanks: bool,
    /// A vote is thanked for.
    has_voted: bool,
}

impl Reading {
    async fn load(
        site: &Site,
        visit: &Visit,
        listed: Listed,
        item: Item,
        path: String,
    ) -> Result<Self> {
        let mut around = Around::load(site, visit).await?;
        let named = item.attachments.iter();
        let mut hashes: Vec<_> = named
            .map(|attachment| attachment.sha256.as_bytes().to_vec())
            .collect();
        hashes.extend(body_pictures::named_in(&item.content_html));
        let media = media::record::find_many(site.db.reader(), hashes).await?;

        around.is_page(listed.title(), &path);
        around.lies_in(listed.section());
        let head = &mut around.frame.head;
        "article".clone_into(&mut head.kind);
        if let Some(section) = around.sections.get(listed.section()) {
            head.title = format!("{} – {}", listed.title(), section.name);
        }
        if let Some(lead) = listed.lead() {
            head.description = Some(lead.to_owned());
        } else if let Some(question) = &item.fields.question {
            head.description = Some(question.beginning(DESCRIPTION));
        }
        let share_url = site.address(&path);
        if listed.is_copy(site.id) {
            head.canonical = Some(listed.entry.url.clone());
        }
        let mut reading = Self {
            around,
            listed,
            item,
            share_url,
            media,
            thanks: false,
            has_voted: false,
        };
        reading.describe(site);
        Ok(reading)
    }

    /// Tells search engines and previews what the page is.
    fn describe(&mut self, site: &Site) {
        let image = self.lead_picture().map(|picture| Picture {
            src: site.address(&picture.src),
            ..picture
        });
        let drawn = image
            .is_none()
            .then(|| share_picture::of_entry(site, &self.listed));
        let told = Told {
            listed: &self.listed,
            item: &self.item,
            address: &self.share_url,
            image: image.as_ref().map(|image| image.src.as_str()),
            is_copy: self.listed.is_copy(site.id),
        };
        let json = json_ld::entry(site, &told, &self.around.frame.breadcrumb);
        let section = self.around.sections.get(self.listed.section());
        let metadata =
            dublin_core::entry(site, &told, section.map(|section| section.name.as_str()));
        self.around.frame.head.dublin_core = metadata;
        self.around.frame.head.json_ld = Some(JsonLd::new(&json));
        self.around.frame.head.image = image.or(drawn);
    }

    fn lead_picture(&self) -> Option<Picture> {
        let attachment = self.item.lead_picture()?;
        let medium = self.media.get(attachment.sha256.as_bytes().as_slice())?;
        let alt = attachment.alt.clone().unwrap_or_default();
        Some(Picture {
            caption: attachment.title.clone(),
            credit: attachment.credit.clone(),
            focus: attachment.focus,
            ..cards::picture(medium, alt)?
        })
    }

    fn body(&self) -> CleanHtml {
        let clean = body::sanitise(&self.item.content_html);
        CleanHtml::from_sanitised(body_pictures::measured(clean.as_str(), &self.media))
    }

    /// The files to download: our copy, or the origin's while ours is on its way.
    fn files(&self) -> Vec<Attachment> {
        let files = self.item.attachments.iter();
        files
            .filter(|file| file.role == MediaRole::File)
            .map(|file| {
                let is_here = self
                    .media
                    .get(file.sha256.as_bytes().as_slice())
                    .is_some_and(media::record::Model::is_here);
                let own = format!("/media/sha256/{}", file.sha256.hex());
                Attachment {
                    name: file.title.clone().unwrap_or_else(|| last_part(&file.url)),
                    url: if is_here { own } else { file.url.clone() },
                    format: format_name(&file.mime_type).to_owned(),
                    size: vietnamese::bytes(file.size_in_bytes),
                }
            })
            .collect()
    }

    fn correction(&self) -> Option<Correction> {
        let text = self.item.fields.correction.clone()?;
        Some(Correction {
            at: cards::moment(self.listed.entry.revised_at),
            text,
        })
    }

    fn updated(&self) -> Option<Stamp> {
        let entry = &self.listed.entry;
        let is_later = entry.revised_at > entry.published_at + SETTLING_MS;
        is_later.then(|| cards::moment(entry.revised_at))
    }

    /// How a reader says whether the page was useful. Nobody is asked of a page that is not published, or
    /// that another site shows in the name of this one: it takes in nothing.
    fn useful(&self) -> Option<Useful> {
        let frame = &self.around.frame;
        let entry = &self.listed.entry;
        let is_itself = !frame.is_preview && !frame.only_reads();
        let action = usefulness::asked_about(entry.kind(), entry.entry_id);
        Some(Useful {
            action: action.filter(|_| is_itself)?,
            thanks: self.thanks,
        })
    }

    /// How to verify it; what is not published yet is not signed either.
    async fn proof(&self, site: &Site) -> Result<Option<Proof>> {
        match self.around.frame.is_preview {
            true => Ok(None),
            false => verify::proof(site, &self.listed).await.map(Some),
        }
    }

    /// What people can say here of what the page is about.
    async fn fill_in(&self, site: &Site, own: &mut Part) -> Result<()> {
        let fields = &self.item.fields;
        match own {
            Part::Consultation(one) => {
                if let Some(fields) = &fields.consultation {
                    one.comment_url = comments_taken(site, &self.listed, fields).await?;
                }
            }
            Part::Poll(one) => {
                one.thanks = self.has_voted;
                if let Some(fields) = &fields.poll {
                    polls::fill_in(site, &self.listed, fields, one).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn into_article(self, site: &Site) -> Result<ArticlePage> {
        let db = site.db.reader();
        let today = vietnamese::local(site.clock.now()).date_naive();
        let mut own = kind_parts::part_of(&self.item, &self.media, today);
        if !self.around.frame.is_preview {
            self.fill_in(site, &mut own).await?;
        }
        let is_standing = self.listed.entry.kind() == Kind::Page;
        let (related, (previous, next)) = if is_standing {
            (Vec::new(), (None, None))
        } else {
            (
                related(site, &self.listed).await?,
                listing::neighbours(db, &self.listed).await?,
            )
        };
        let known = std::iter::once(&self.listed).chain(&related);
        let cards = Cards::of(site, &self.around.sections, known).await?;
        let link = |one: Listed| Link::new(one.title(), one.entry.path());
        let entry = &self.listed.entry;
        Ok(ArticlePage {
            title: self.listed.title().to_owned(),
            section: cards.section(&self.listed),
            lead: self.listed.lead().map(str::to_owned),
            picture: match &own {
                // They show it themselves.
                Part::Album(_) | Part::Video(_) => None,
                _ => self.lead_picture(),
            },
            body: self.body(),
            author: self.item.byline(),
            origin: cards.origin(&self.listed),
            language: entry.language.clone(),
            published: (!is_standing).then(|| cards::moment(entry.published_at)),
            updated: self.updated(),
            expires: entry.expires_at.map(cards::moment),
            reviewed: self.item.fields.reviewed_on.map(cards::day),
            own,
            correction: self.correction(),
            attachments: self.files(),
            proof: self.proof(site).await?,
            share_url: self.share_url.clone(),
            useful: self.useful(),
            related: related.iter().map(|one| cards.entry(one)).collect(),
            previous: previous.map(link),
            next: next.map(link),
            frame: self.around.frame.clone(),
        })
    }

    async fn into_document(self, site: &Site, document: DocumentFields) -> Result<DocumentPage> {
        let related = related(site, &self.listed).await?;
        let own = std::iter::once(&self.listed);
        let cards = Cards::of(site, &self.around.sections, own).await?;
        let today = vietnamese::local(site.clock.now()).date_naive();
        let entry = &self.listed.entry;
        let replaced = links::replaced_on(site.db.reader(), &[entry]).await?;
        let replaced = replaced.get(&entry.entry_id).copied();
        let body = self.body();
        Ok(DocumentPage {
            title: self.listed.title().to_owned(),
            kicker: format!("{} số {}", document.form, document.number),
            validity: kind_parts::validity_badge(&document, replaced, today),
            lead: self.listed.lead().map(str::to_owned),
            kin: kind_parts::kin(site, entry, &document).await?,
            attachments: self.files(),
            body: (!self.item.content_html.trim().is_empty()).then_some(body),
            origin: cards.origin(&self.listed),
            language: self.listed.entry.language.clone(),
            published: cards::moment(self.listed.entry.published_at),
            correction: self.correction(),
            proof: self.proof(site).await?,
            share_url: self.share_url.clone(),
            useful: self.useful(),
            related: documents::lines(site, &self.around, &related, today).await?,
            facts: facts(document),
            frame: self.around.frame.clone(),
        })
    }
}

/// The newest others of the same kind in the same section.
async fn related(site: &Site, listed: &Listed) -> Result<Vec<Listed>> {
    let alike = Filter {
        sections: vec![listed.section().to_owned()],
        ..Filter::of_kind(listed.entry.kind())
    };
    let mut found = listing::newest(site.db.reader(), &alike, 0, RELATED as u64 + 1).await?;
    found.retain(|one| one.entry.id != listed.entry.id);
    found.truncate(RELATED);
    Ok(found)
}

fn facts(document: DocumentFields) -> Vec<Fact> {
    let date = |day: NaiveDate| cards::day(day).text;
    vec![
        Fact::new("Số, ký hiệu", document.number),
        Fact::new("Loại văn bản", document.form),
        Fact::new("Cơ quan ban hành", document.issuer),
        Fact::new("Người ký", document.signer.unwrap_or_default()),
        Fact::new("Chức vụ", document.signer_position.unwrap_or_default()),
        Fact::new("Lĩnh vực", document.field.unwrap_or_default()),
        Fact::new("Ngày ban hành", date(document.issued_on)),
        Fact::new(
            "Ngày có hiệu lực",
            document.effective_on.map(date).unwrap_or_default(),
        ),
        Fact::new(
            "Ngày hết hiệu lực",
            document.expires_on.map(date).unwrap_or_default(),
        ),
    ]
}

fn last_part(url: &str) -> String {
    url.rsplit('/').next().unwrap_or(url).to_owned()
}

/// What people call the format of a file.
fn format_name(mime: &str) -> &'static str {
    match mime {
        "application/pdf" => "PDF",
        "application/msword" => "DOC",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "DOCX",
        "application/vnd.ms-excel" => "XLS",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "XLSX",
        "application/vnd.oasis.opendocument.text" => "ODT",
        "application/vnd.oasis.opendocument.spreadsheet" => "ODS",
        "application/zip" => "ZIP",
        "image/jpeg" => "JPEG",
        "image/png" => "PNG",
        _ => ANY_FORMAT,
    }
}
