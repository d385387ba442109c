//! What lies where in an archive, and what its documents are.

use crate::directory::contact_record::Contact;
use crate::entries::section::Section;
use crate::log::Digest;
use crate::log::keys::PublicKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of the format, in the manifest.
pub const FORMAT: &str = "lien-cong-archive";
/// Its version.
pub const VERSION: u32 = 1;

/// What the archive holds.
pub const MANIFEST: &str = "manifest.json";
/// SHA-256 of every other file, as `sha256sum -c` reads it.
pub const SUMS: &str = "SHA256SUMS";
/// The layout in words.
pub const README: &str = "README.txt";
/// The first page for people.
pub const INDEX: &str = "index.html";
/// The keys of the site, present and past.
pub const KEYS: &str = "keys.json";
/// Its sections.
pub const SECTIONS: &str = "sections.json";
/// How the unit set its site up to look, if it did.
pub const FACE: &str = "face.json";
/// Old paths and the entries they lead to.
pub const REDIRECTS: &str = "redirects.json";
/// Media by hash.
pub const MEDIA: &str = "media.json";
/// Who worked on the site; without passwords.
pub const ACCOUNTS: &str = "accounts.json";
/// Drafts, only if they were asked for.
pub const DRAFTS: &str = "unpublished/drafts.ndjson";
/// Before the names of files about what authors were paid.
pub const ROYALTIES: &str = "unpublished/royalties/";
/// Bytes after which a new file of the log is begun.
pub const LOG_PART: usize = 8 << 20;

/// The entry `id` with all its revisions, a JSON Feed.
pub fn entry(id: Uuid) -> String {
    format!("entries/{}.json", id.simple())
}

/// The entry `id` to be read by people.
pub fn page(id: Uuid) -> String {
    format!("pages/{}.html", id.simple())
}

/// A stretch of a log, one event a line.
pub fn log(log: Uuid, part: usize) -> String {
    format!("log/{log}-{part:04}.ndjson")
}

/// A medium.
pub fn medium(digest: Digest, mime: &str) -> String {
    let hex = digest.hex();
    format!("media/{}/{hex}{}", &hex[..2], extension(mime))
}

/// What the names of files of a type end in, so that machines know how to open them.
fn extension(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "application/pdf" => ".pdf",
        "application/msword" => ".doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.ms-excel" => ".xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "application/vnd.oasis.opendocument.text" => ".odt",
        "application/vnd.oasis.opendocument.spreadsheet" => ".ods",
        "application/zip" => ".zip",
        "text/plain" => ".txt",
        _ => ".bin",
    }
}

/// `manifest.json`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The software that wrote it.
    pub software: String,
    /// The site.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// What it calls itself.
    pub title: String,
    /// The name of its unit.
    pub unit_name: String,
    /// Where it answered.
    pub base_url: String,
    /// Whom to ask there.
    pub contact: Contact,
    /// Who made the archive: the site itself, or another that holds it, by name.
    pub made_by: String,
    /// What is in it.
    pub counts: Counts,
    /// How far its logs reach.
    pub logs: Vec<LogHead>,
    /// Whether drafts are in it.
    pub has_unpublished: bool,
}

/// How much is in an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Entries that stand.
    pub entries: u64,
    /// Entries that were withdrawn; only their history is in it.
    pub withdrawn: u64,
    /// Events of the logs.
    pub events: u64,
    /// Pictures and files.
    pub media: u64,
    /// Pictures and files that entries name and whoever made the archive does not have.
    pub media_missing: u64,
    /// Their bytes.
    pub media_bytes: u64,
    /// Drafts.
    pub drafts: u64,
}

/// A log and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// The log.
    pub log: Uuid,
    /// Its last place.
    pub seq: i64,
    /// The digest there.
    pub digest: Option<Digest>,
}

/// A key in `keys.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyHistory {
    /// Its name: the RFC 7638 thumbprint.
    pub id: String,
    /// The key, a JWK.
    pub key: PublicKey,
    /// First moment; milliseconds since 1970.
    pub valid_from: i64,
    /// Last moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<i64>,
    /// When it was taken out of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
}

/// A medium in `media.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediumName {
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Where it lies in the archive; none if whoever made it does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// Where its origin served it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An old path in `redirects.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The path at the site that was left.
    pub path: String,
    /// The entry it led to.
    pub entry: Uuid,
}

/// Somebody in `accounts.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountName {
    /// Name at the sign-in.
    pub login: String,
    /// Name as shown.
    pub name: String,
    /// Its roles, as the command line writes them.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether it could be used.
    pub active: bool,
}

/// A draft, as it lies in `unpublished/drafts.ndjson`; as `_draft` in the file of an entry, the text
/// its current revision was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftText {
    /// The entry it is or would be.
    pub entry: Uuid,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: String,
    /// Body, in its format.
    pub body: String,
    /// `markdown` or `html`; archives of before there was an editor do not say.
    #[serde(default)]
    pub body_format: String,
    /// Code of its section.
    pub section: String,
    /// BCP 47.
    pub language: String,
    /// Authors, separated by commas.
    pub authors: String,
    /// Where it was taken from, JSON.
    pub source: Option<String>,
    /// Fields of its kind, JSON.
    pub fields: Option<String>,
    /// SHA-256 of the lead picture, hexadecimal.
    pub picture: Option<String>,
    /// What it shows.
    pub picture_alt: Option<String>,
    /// The line under it.
    pub picture_caption: Option<String>,
    /// When it was begun; milliseconds.
    pub created_at: i64,
    /// When it was last changed; milliseconds.
    pub updated_at: i64,
}

/// `sections.json`
pub type Sections = Vec<Section>;
