//! Entries as lists show them: records turned into words, dates and addresses.

use super::view::{DocumentLine, EntryCard, Link, NoticeLine, Origin, Picture, Sizes, Stamp};
use crate::entries::listing::Listed;
use crate::entries::section;
use crate::error::Result;
use crate::log::Digest;
use crate::media::rendition::{self, Format};
use crate::media::{self, record::MediaState};
use crate::site::Site;
use crate::units::{self, Tree};
use crate::vietnamese;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

/// What a picture measures where nobody said: the frame of every list has these proportions.
const USUAL_SIZE: (u32, u32) = (960, 600);

/// Turns entries into what lists show of them, with the names they need at hand.
#[derive(Debug)]
pub struct Cards<'a> {
    here: Uuid,
    sections: &'a section::Tree,
    units: Tree,
}

impl<'a> Cards<'a> {
    /// For the entries in `listed`: one query names all units they come from.
    pub async fn of(
        site: &Site,
        sections: &'a section::Tree,
        listed: impl IntoIterator<Item = &Listed>,
    ) -> Result<Self> {
        let mut origins: Vec<Uuid> = listed
            .into_iter()
            .filter(|one| one.is_copy(site.id))
            .map(|one| one.entry.unit_id)
            .collect();
        origins.sort_unstable();
        origins.dedup();
        let today = vietnamese::local(site.clock.now()).date_naive();
        Ok(Self {
            here: site.id,
            sections,
            units: units::some_on(site.db.reader(), today, &origins).await?,
        })
    }

    /// A card of a list.
    pub fn entry(&self, listed: &Listed) -> EntryCard {
        EntryCard {
            url: listed.entry.path(),
            title: listed.title().to_owned(),
            language: listed.entry.language.clone(),
            lead: listed.lead().map(str::to_owned),
            picture: listed.picture.as_ref().and_then(|medium| {
                let alt = listed.entry.picture_alt.clone();
                let shown = picture(medium, alt.unwrap_or_default())?;
                Some(Picture {
                    focus: listed.entry.picture_focus(),
                    ..shown
                })
            }),
            section: self.section(listed),
            published: moment(listed.entry.published_at),
            origin: self.origin(listed),
            badge: None,
        }
    }

    /// A line of a narrow list.
    pub fn notice(&self, listed: &Listed) -> NoticeLine {
        NoticeLine {
            url: listed.entry.path(),
            title: listed.title().to_owned(),
            language: listed.entry.language.clone(),
            published: moment(listed.entry.published_at),
            badge: None,
        }
    }

    /// A row of a table of documents.
    pub fn document(&self, listed: &Listed) -> DocumentLine {
        let fields = listed.entry.fields().and_then(|fields| fields.document);
        let fields = fields.unwrap_or_default();
        DocumentLine {
            url: listed.entry.path(),
            number: fields.number,
            title: listed.title().to_owned(),
            language: listed.entry.language.clone(),
            kind: fields.form,
            issuer: fields.issuer,
            issued: day(fields.issued_on),
            validity: None,
        }
    }

    /// The section it stands in here, if this site has it.
    pub fn section(&self, listed: &Listed) -> Option<Link> {
        section_link(self.sections, listed.section())
    }

    /// Where it comes from: another unit's portal, or a source its authors named.
    pub fn origin(&self, listed: &Listed) -> Option<Origin> {
        let entry = &listed.entry;
        if listed.is_copy(self.here) {
            return Some(Origin {
                unit: match self.units.get(entry.unit_id) {
                    Some(unit) => unit.name.clone(),
                    None => host_of(&entry.url),
                },
                url: Some(entry.url.clone()),
            });
        }
        entry.source().map(|source| Origin {
            unit: source.name,
            url: source.url,
        })
    }
}

/// The host of an address: what is left to say of a unit nobody described to us.
fn host_of(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(url::Url::host_str);
    host.unwrap_or(url).to_owned()
}

/// A picture, if its bytes are here.
pub fn picture(medium: &media::record::Model, alt: String) -> Option<Picture> {
    if !medium.is_here() {
        return None;
    }
    picture_for_staff(medium, alt)
}

/// A medium as those who work here see it: also what is kept for them alone.
pub fn picture_for_staff(medium: &media::record::Model, alt: String) -> Option<Picture> {
    let is_there = medium.is_here() || medium.state == MediaState::Withheld.as_str();
    if !is_there {
        return None;
    }
    let (width, height) = medium.dimensions().unwrap_or(USUAL_SIZE);
    let src = media_path(&medium.hash)?;
    Some(Picture {
        sizes: sizes(medium, &src),
        src,
        width,
        height,
        alt,
        ..Picture::default()
    })
}

/// The sizes a picture is offered in, as far as it can be made smaller.
pub fn sizes(medium: &media::record::Model, src: &str) -> Option<Sizes> {
    let is_made = ["image/jpeg", "image/png", "image/webp"].contains(&medium.mime.as_str());
    let (width, _) = medium.dimensions().filter(|_| is_made)?;
    Some(Sizes {
        webp: rendition::srcset(src, width, Format::WebP),
        jpeg: rendition::srcset(src, width, Format::Jpeg),
    })
}

/// The path of a medium on any site that has it.
pub fn media_path(hash: &[u8]) -> Option<String> {
    let digest = Digest::from_slice(hash).ok()?;
    Some(format!("/media/sha256/{}", digest.hex()))
}

/// The path of a section's page.
pub fn section_path(code: &str) -> String {
    format!("/chuyen-muc/{code}")
}

/// The section `code` by its name.
pub fn section_link(sections: &section::Tree, code: &str) -> Option<Link> {
    let section = sections.get(code)?;
    Some(Link::new(&section.name, section_path(code)))
}

/// A moment of the database.
pub fn moment(millis: i64) -> Stamp {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    Stamp {
        iso: iso(time),
        text: vietnamese::date_time(time),
    }
}

/// A day.
pub fn day(day: NaiveDate) -> Stamp {
    Stamp {
        iso: day.to_string(),
        text: day.format("%d/%m/%Y").to_string(),
    }
}

/// A moment for programs, on a clock in Vietnam.
pub fn iso(time: DateTime<Utc>) -> String {
    vietnamese::local(time).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `text` as a sentence begins.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
