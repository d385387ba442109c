//! Parse, signature, authority: what an item must pass before anything is stored. Nothing here writes.
//!
//! The types hold the order: only [`verify`] makes a [`Verified`], only [`authorize`] makes an
//! [`Authorized`], and only an [`Authorized`] can be stored.

use super::batch::{self, ItemParts};
use super::receipt::Reason;
use crate::bulletins::{Acknowledged, Bulletin};
use crate::citizens::letter::{CaseLetter, LetterError};
use crate::directory::description::SiteDescription;
use crate::directory::{Directory, Purpose};
use crate::entries::item::ItemError;
use crate::entries::recall::{Applied, Recall, Withdrawal};
use crate::entries::{Item, Mode};
use crate::log::header::HeaderError;
use crate::log::{Digest, EventKind, Header, SignedHeader, canonical};
use crate::ranking;
use serde_json::Value;
use uuid::Uuid;

/// An item whose signature and content are what its header says.
#[derive(Clone, Debug)]
pub struct Verified {
    signed: SignedHeader,
    digest: Digest,
    content: Option<Content>,
    mode: Option<Mode>,
}

/// An item that may be stored: its signer may say this, here, of this entry.
#[derive(Clone, Debug)]
pub struct Authorized(Verified);

/// A content, checked against the header and read.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// What they say.
    pub meaning: Meaning,
}

/// What a content says, by the kind of its event.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// An entry.
    Entry(Box<Item>),
    /// A site.
    Site(Box<SiteDescription>),
    /// Why an entry was taken back by its origin.
    Withdrawal(Withdrawal),
    /// That an entry is taken back by the province, and why.
    Recall(Recall),
    /// A letter about an entry.
    Review(super::review::Review),
    /// That nothing of a recalled entry is left with who says so.
    Applied(Applied),
    /// What is said about a citizen's case.
    Case(Box<CaseLetter>),
    /// What the province says above every page.
    Bulletin(Box<Bulletin>),
    /// That people have taken note of a bulletin.
    Acknowledged(Acknowledged),
    /// The numbers a unit is ranked by, or what it says to them.
    Ranking(Box<ranking::Letter>),
}

/// Why an item is refused, and what could be read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// In words.
    pub detail: String,
    /// Its header, where it could be read.
    pub header: Option<Box<Header>>,
}

impl Refusal {
    fn unread(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            header: None,
        }
    }

    /// A refusal of the event `header`.
    pub fn of(header: &Header, reason: Reason) -> Self {
        Self {
            reason,
            detail: reason.in_words().to_owned(),
            header: Some(Box::new(header.clone())),
        }
    }
}

/// Reads an item; verifies nothing yet.
pub fn parse(item: Value) -> Result<ItemParts, Refusal> {
    batch::from_item(item).map_err(|error| {
        let reason = match error {
            HeaderError::Malformed(_) => Reason::Malformed,
            HeaderError::Version(_) => Reason::VersionUnsupported,
            HeaderError::Kind(_) => Reason::KindUnknown,
        };
        Refusal::unread(reason, error.to_string())
    })
}

/// Checks that the key's owner signed the header, and that the content is the one it names.
pub fn verify(parts: ItemParts, directory: &Directory) -> Result<Verified, Refusal> {
    let header = &parts.signed.header;
    let refuse = |reason| Err(Refusal::of(header, reason));
    let Some(key) = directory.key(&header.key) else {
        return refuse(Reason::UnknownSite);
    };
    if key.site_id != header.site {
        return refuse(Reason::UnknownSite);
    }
    if !parts.signed.is_signed_by(&key.public) {
        return refuse(Reason::SignatureInvalid);
    }
    if !key.proves(header.log, header.seq) {
        return refuse(Reason::KeyRevoked);
    }
    let content = match (&parts.content, header.content) {
        (Some(value), Some(expected)) => {
            let bytes = canonical::to_canonical(value).map_err(|error| Refusal {
                detail: error.to_string(),
                ..Refusal::of(header, Reason::Malformed)
            })?;
            if Digest::of(&bytes) != expected {
                return refuse(Reason::ContentMismatch);
            }
            let meaning = read(header, value)?;
            Some(Content { bytes, meaning })
        }
        // Without its words nobody could say what is recalled and why, or what stands; they are never erased.
        (None, _)
            if matches!(
                header.kind,
                EventKind::EntryRecalled | EventKind::BulletinSaid
            ) =>
        {
            return refuse(Reason::Malformed);
        }
        _ => None,
    };
    if key.purpose == Purpose::Emergency && !describes_itself(header, content.as_ref()) {
        return refuse(Reason::HubOnly);
    }
    Ok(Verified {
        digest: parts.signed.digest(),
        content,
        mode: parts.mode,
        signed: parts.signed,
    })
}

/// Whether a site says with this who it is itself: all that an emergency key is for.
fn describes_itself(header: &Header, content: Option<&Content>) -> bool {
    match content.map(|content| &content.meaning) {
        Some(Meaning::Site(told)) => told.site == header.site,
        _ => false,
    }
}

fn read(header: &Header, content: &Value) -> Result<Meaning, Refusal> {
    let malformed = |detail: String| Refusal {
        detail,
        ..Refusal::of(header, Reason::Malformed)
    };
    let entry = header.entry.unwrap_or_default();
    match header.kind {
        EventKind::EntryPublished | EventKind::EntryRevised => Item::read(content, entry)
            .map(|item| Meaning::Entry(Box::new(item)))
            .map_err(|error| match error {
                // Tried again once this side knows it, as with events.
                ItemError::Kind(_) => Refusal {
                    detail: error.to_string(),
                    ..Refusal::of(header, Reason::KindUnknown)
                },
                ItemError::Shape(_) | ItemError::Bound { .. } => malformed(error.to_string()),
            }),
        EventKind::SiteDescribed => SiteDescription::from_content(content)
            .map(|site| Meaning::Site(Box::new(site)))
            .map_err(|error| malformed(error.to_string())),
        EventKind::LetterReview => super::review::Review::from_content(content)
            .map(Meaning::Review)
            .map_err(|error| malformed(error.to_string())),
        EventKind::EntryWithdrawn => Withdrawal::from_content(content)
            .map(Meaning::Withdrawal)
            .map_err(malformed),
        EventKind::EntryRecalled => Recall::from_content(content)
            .map(Meaning::Recall)
            .map_err(malformed),
        EventKind::LetterRecall => Applied::from_content(content)
            .map(Meaning::Applied)
            .map_err(|error| malformed(error.to_string())),
        EventKind::LetterCase => CaseLetter::from_content(content, entry)
            .map(|letter| Meaning::Case(Box::new(letter)))
            .map_err(|error| match error {
                LetterError::Unknown(_) => Refusal {
                    detail: error.to_string(),
                    ..Refusal::of(header, Reason::KindUnknown)
                },
                LetterError::Malformed(detail) => malformed(detail),
            }),
        EventKind::BulletinSaid => Bulletin::from_content(content)
            .map(|bulletin| Meaning::Bulletin(Box::new(bulletin)))
            .map_err(malformed),
        EventKind::LetterBulletin => Acknowledged::from_content(content)
            .map(Meaning::Acknowledged)
            .map_err(malformed),
        EventKind::LetterRanking => ranking::Letter::from_content(content, entry)
            .map(|letter| Meaning::Ranking(Box::new(letter)))
            .map_err(malformed),
    }
}

/// From whom and to whom an item came, and what is known of its entry.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The unit of this site.
    pub our_unit: Uuid,
    /// The peer that brought it.
    pub peer: Uuid,
    /// Whether that peer is our hub.
    pub from_upstream: bool,
    /// The site the entry was born at, if the entry is known here.
    pub entry_origin: Option<Uuid>,
}

/// The one place where it is decided who may say what. A site speaks for its own unit; the hub also
/// for portals it reads by feed, and it alone describes sites, says bulletins and recalls what any of them published. A
/// member passes on nobody's words but its own; only an entry's origin touches it otherwise; a letter
/// is read by its addressee.
pub fn authorize(
    verified: Verified,
    directory: &Directory,
    circumstances: &Circumstances,
) -> Result<Authorized, Refusal> {
    let header = &verified.signed.header;
    let refuse = |reason| Err(Refusal::of(header, reason));
    let Some(site) = directory.site(header.site) else {
        return refuse(Reason::UnknownSite);
    };
    // What the hub relays it took in while the site could speak; suspending it takes nothing back.
    if !site.is_heard() && !circumstances.from_upstream {
        return refuse(Reason::SiteSuspended);
    }
    let speaks_directly = header.site == circumstances.peer;
    if !speaks_directly && !circumstances.from_upstream {
        return refuse(Reason::NotRelayed);
    }
    let is_hub = circumstances.from_upstream && speaks_directly;
    let is_own_unit = header.unit == site.unit_id;
    let is_attested = is_hub && directory.is_read_by_feed(header.unit);
    if !is_own_unit && !is_attested {
        return refuse(Reason::ForeignUnit);
    }
    let is_recall = header.kind == EventKind::EntryRecalled;
    let is_hubs = matches!(
        header.kind,
        EventKind::SiteDescribed | EventKind::BulletinSaid
    );
    let tells_numbers = matches!(
        verified.content().map(|content| &content.meaning),
        Some(Meaning::Ranking(letter)) if matches!(**letter, ranking::Letter::Told(_))
    );
    if (is_hubs || is_recall || tells_numbers) && !is_hub {
        return refuse(Reason::HubOnly);
    }
    if let Some(addressee) = header.to
        && addressee != circumstances.our_unit
    {
        return refuse(Reason::NotAddressee);
    }
    if !header.kind.is_letter()
        && !is_recall
        && let Some(origin) = circumstances.entry_origin
        && origin != header.site
    {
        return refuse(Reason::NotOrigin);
    }
    Ok(Authorized(verified))
}

/// An event that a member gives back to this site, which has forgotten it.
#[derive(Clone, Copy, Debug)]
pub struct Returned {
    /// The unit of this site.
    pub our_unit: Uuid,
    /// The site the entry was born at, if the entry is known here.
    pub entry_origin: Option<Uuid>,
}

/// Whether another site's words may come back by way of a member that once received them here. They
/// are checked like words that come from their author, but for the road: only what any site may say of
/// itself, to everybody or to us, and never what a hub alone says.
pub fn authorize_returned(
    verified: Verified,
    directory: &Directory,
    returned: &Returned,
) -> Result<Authorized, Refusal> {
    let speaker = verified.header().site;
    let as_if_direct = Circumstances {
        our_unit: returned.our_unit,
        peer: speaker,
        from_upstream: false,
        entry_origin: returned.entry_origin,
    };
    authorize(verified, directory, &as_if_direct)
}

impl Verified {
    /// The header and its signature.
    pub fn signed(&self) -> &SignedHeader {
        &self.signed
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.signed.header
    }

    /// The digest of the header.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The content, unless it was erased or never was.
    pub fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// How the hub sends it to us.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }
}

impl std::ops::Deref for Authorized {
    type Target = Verified;

    fn deref(&self) -> &Verified {
        &self.0
    }
}
